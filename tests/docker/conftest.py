"""The containers' settings are read without those of whoever runs the tests."""

import os

import pytest


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("CURBSIDE_"):
            monkeypatch.delenv(name)
