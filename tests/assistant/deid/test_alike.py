"""Which places hold the same words. All people and numbers are invented."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.deid.alike import alike, bare
from tests.stopwatch import processor_seconds


def places(text: str, piece: str) -> list[str]:
    start = text.index(piece)
    return [text[a:b] for a, b in alike(text, start, start + len(piece))]


@pytest.mark.parametrize(
    ("text", "piece", "expected"),
    [
        pytest.param("Quill came. QUILL left; quill slept.", "Quill", ["Quill", "QUILL", "quill"], id="in any case"),
        pytest.param("Quill's son. Quill’s home.", "Quill", ["Quill", "Quill"], id="a possessive is the same word"),
        pytest.param("Quill's son. Quill left.", "Quill's", ["Quill's", "Quill"], id="a possessive finds its name"),
        pytest.param("James' son. James left.", "James'", ["James'", "James"], id="a possessive without s as well"),
        pytest.param("Quill, Quillon, McQuill.", "Quill", ["Quill"], id="a part of a word is another word"),
        pytest.param("MRN 4471, 44710, 14471.", "4471", ["4471"], id="a part of a number is another number"),
        pytest.param("Ada Quill. Ada\nQuill.", "Ada Quill", ["Ada Quill", "Ada\nQuill"], id="a line break is a space"),
        pytest.param("O'Brian, O’Brian.", "O'Brian", ["O'Brian", "O’Brian"], id="an apostrophe is an apostrophe"),
        pytest.param("Quill, then Quill.", "Quill,", ["Quill,", "Quill"], id="a comma at the end is none of it"),
        pytest.param("(555) 017 or (555) 017", "(555) 017", ["(555) 017", "555) 017"], id="brackets are characters"),
        pytest.param("a.b axb a.b", "a.b", ["a.b", "a.b"], id="a dot is a dot"),
        pytest.param("-- and --", "--", ["--", "--"], id="signs are found as they are"),
        pytest.param("... and ...", "...", ["..."], id="nothing but punctuation is only itself"),
        pytest.param("x" * 201 + " " + "x" * 201, "x" * 201, ["x" * 201], id="what is very long is only itself"),
        pytest.param("Élodie, ÉLODIE", "Élodie", ["Élodie", "ÉLODIE"], id="accents have a case, too"),
    ],
)
def test_the_same_words(text: str, piece: str, expected: list[str]) -> None:
    assert places(text, piece) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("Quill", "QUILL’s", True, id="case and possessive make no difference"),
        pytest.param("Ada\nQuill", "Ada  Quill,", True, id="nor do space and punctuation"),
        pytest.param("Ada Quill", "Quill", False, id="a part is not the whole"),
    ],
)
def test_bare_words_are_compared(one: str, other: str, same: bool) -> None:
    assert (bare(one) == bare(other)) is same


@given(st.text(alphabet="aAb '’.s\n(", max_size=40), st.integers(0, 40), st.integers(1, 10))
def test_places_are_sorted_do_not_overlap_and_hold_the_given_one(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))
    found = alike(text, start, end)
    assert (start, end) in found
    assert found == sorted(found)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(found))


@pytest.mark.parametrize(
    ("text", "length"),
    [
        pytest.param("a " * 250_000, 199, id="one letter again and again"),
        pytest.param("a" + " " * 500_000, 1, id="a very long gap"),
        pytest.param(("a" + " " * 50) * 10_000 + "a b", 1, id="many gaps"),
        pytest.param("a b" + ("a" + " " * 50) * 10_000, 3, id="many gaps after the first word"),
        pytest.param("'" * 500_000, 199, id="only apostrophes"),
    ],
)
def test_half_a_million_characters_take_a_moment(text: str, length: int) -> None:
    assert processor_seconds(lambda: alike(text, 0, length), tries=1) < 5
