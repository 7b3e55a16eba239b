"""Fixtures of the Spanish de-identification tests. All people, places of work and numbers in these tests are invented."""

from collections.abc import Callable

import pytest

from assistant.deid.engine import Deidentifier
from assistant.settings import DeidSettings


@pytest.fixture(scope="session")
def spanish_deidentifier() -> Deidentifier:
    return Deidentifier(DeidSettings(language="es"), key=b"a key for tests")


@pytest.fixture(scope="session")
def marked(spanish_deidentifier: Deidentifier) -> Callable[[str], str]:
    """Takes a text with or without ⟦marks⟧ and gives it back with what was found marked: a case is its own answer."""

    def mark(case: str) -> str:
        text = case.replace("⟦", "").replace("⟧", "")
        for span in reversed(spanish_deidentifier.find(text)):
            text = f"{text[: span.start]}⟦{text[span.start : span.end]}⟧{text[span.end :]}"
        return text

    return mark
