"""Feedback in a real database, for the tests of this folder. Every text is invented."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.database import open_database
from assistant.deid.engine import Deidentifier
from assistant.keys import load_key
from assistant.settings import DeidSettings, StorageSettings
from feedback.store import FeedbackStore
from ui.migrations import upgrade


@pytest.fixture
def make_store(tmp_path: Path) -> Callable[[], FeedbackStore]:
    """Opens the store of one installation, each time as another process would."""

    def make() -> FeedbackStore:
        database = open_database(StorageSettings(data_dir=tmp_path / "data"), load_key(tmp_path / "data"))
        upgrade(database)
        return FeedbackStore(database)

    return make


@pytest.fixture
def said(make_store: Callable[[], FeedbackStore]) -> FeedbackStore:
    """An empty store."""
    return make_store()


@pytest.fixture(scope="session")
def deidentifier() -> Deidentifier:
    return Deidentifier(DeidSettings(), key=bytes(32))
