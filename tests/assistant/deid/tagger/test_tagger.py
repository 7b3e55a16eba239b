"""The tagger that comes with Curbside. Every person here is invented."""

from pathlib import Path

import pytest

import assistant.deid.tagger.tagger as tagger_module
from assistant.deid.engine import Deidentifier
from assistant.deid.lexicon import english
from assistant.deid.tagger.labels import LABELS
from assistant.deid.tagger.tagger import Tagger, shipped
from assistant.errors import TaggerNotFound
from assistant.settings import DeidSettings


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger(shipped("en"), english())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("pt oluwaseyi brackenridge called about her inr", "oluwaseyi", id="a name in lower case that no list knows"),
        pytest.param("Seen with Zwelithini, who drives her.", "Zwelithini", id="a given name alone"),
        pytest.param("He lives out past Kilmacrennan with a dog.", "Kilmacrennan", id="a village without a cue word"),
    ],
)  # fmt: skip
def test_finds_what_only_its_surroundings_give_away(text: str, name: str, tagger: Tagger) -> None:
    tokens, chances = tagger.read(text)
    assert 1 - chances[tokens.texts.index(name), LABELS.index("O")] > 0.5


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Foley draining clear urine, Babinski downgoing.", id="devices and signs"),
        pytest.param("Wells score 4.5, Glasgow 15, Child-Pugh B.", id="scores named after people and towns"),
        pytest.param("Mirtazapine 15 mg nocte, Humulin R per scale.", id="drugs that begin a line"),
    ],
)
def test_leaves_medicine_alone(text: str, tagger: Tagger) -> None:
    _, chances = tagger.read(text)
    assert (1 - chances[:, 0]).max() < 0.5


def test_a_long_text_is_read_whole(tagger: Tagger) -> None:
    filler = "The abdomen is soft and not tender. " * 300
    tokens, chances = tagger.read(f"{filler}Seen with Zwelithini Oyelaran. {filler}")
    assert 1 - chances[tokens.texts.index("Oyelaran"), 0] > 0.5
    assert (chances.sum(axis=1) > 0.999).all()


def test_nothing_is_read_from_nothing(tagger: Tagger) -> None:
    tokens, chances = tagger.read(" \n")
    assert len(tokens) == len(chances) == 0


@pytest.mark.parametrize("content", [None, b"", b"not a safetensors file at all"], ids=["missing", "empty", "broken"])
def test_without_its_weights_nothing_is_masked_rather_than_less(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "en.safetensors"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(tagger_module, "shipped", lambda language: path)
    with pytest.raises(TaggerNotFound, match="install Curbside again"):
        Deidentifier(DeidSettings()).find("Seen by Dr. Okafor.")
