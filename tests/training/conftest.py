"""A tiny model and invented feedback, made once."""

from pathlib import Path

import pytest

from tests.training.tiny import make_tiny_decoder, write_feedback
from training.job import ExampleFiles


@pytest.fixture(scope="session")
def tiny_decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random decoder of the starter's kind and its tokenizer."""
    return make_tiny_decoder(tmp_path_factory.mktemp("models") / "tiny-decoder")


@pytest.fixture(scope="session")
def feedback_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ExampleFiles]:
    """Eight examples of each kind to learn from and three to judge by."""
    return write_feedback(tmp_path_factory.mktemp("feedback"))
