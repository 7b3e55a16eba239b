"""Every name here is invented."""

import pytest

from assistant.deid.lexicon import english
from assistant.deid.tagger.tokens import GAPS, SHAPES, split


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        pytest.param(
            "Mr. O'Hara-Lind, 4", ["Mr", ".", "O", "'", "Hara", "-", "Lind", ",", "4"], id="signs stand alone"
        ),
        pytest.param("pt12345678seen", ["pt", "12345678", "seen"], id="digits glued to words come apart"),
        pytest.param("id_7 Zoë", ["id", "_", "7", "Zoë"], id="an underscore is a sign, an accent a letter"),
        pytest.param("  \n ", [], id="white space is nothing"),
    ],
)
def test_splits(text: str, tokens: list[str]) -> None:
    found = split(text, english())
    assert found.texts == tokens
    assert [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)] == tokens


@pytest.mark.parametrize(
    ("word", "shape"),
    [
        ("word", "lower"), ("Word", "Capital"), ("WORD", "UPPER"), ("W", "X"), ("McKay", "miXed"), ("7", "1"), ("12", "2"),
        ("12345", "5"), ("123456", "6-8"), ("12345678", "6-8"), ("123456789", "9+"), ("#", "sign"), ("北京", "foreign"),
    ],
)  # fmt: skip
def test_shapes(word: str, shape: str) -> None:
    assert SHAPES[split(word, english()).shapes[0]] == shape


def test_what_stands_before_a_token() -> None:
    found = split("a b\nc,d", english())
    assert [GAPS[gap] for gap in found.gaps] == ["start", "space", "line", "none", "none"]
