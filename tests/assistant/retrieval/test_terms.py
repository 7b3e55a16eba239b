"""Index terms of clinical text. Every text here is invented."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.retrieval.terms import _terms_of, split_terms
from tests.stopwatch import processor_seconds

ENDINGS = ("ion", "ions", "ed", "ing", "ional", "ionally", "iveness", "ation", "ations", "atory")


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        pytest.param("2-D echo and 2D echo", ["2d", "echo", "2d", "echo"], id="2-D and 2D are one word"),
        pytest.param("vitamin B12, B-12", ["vitamin", "b12", "b12"], id="B12 and B-12 are one word"),
        pytest.param("HbA1c 9.1%", ["hba1c", "9.1"], id="a mixed token and a decimal stay whole"),
        pytest.param("b.i.d. and q.d.", ["bid", "qd"], id="dotted abbreviations lose their dots"),
        pytest.param("COVID-19", ["covid19", "covid"], id="a name with a number is found by either"),
        pytest.param("beta-blocker", ["beta", "blocker"], id="a hyphenated word is its parts"),
        pytest.param("the patient's effusions", ["patient", "effus"], id="stop words go, endings go"),
        pytest.param("[NAME_1] saw [NAME_2]", ["saw"], id="placeholders are not words"),
        pytest.param("120/80 mg/dL", ["120", "80", "mg", "dl"], id="a slash separates"),
        pytest.param("no edema, not seen", ["no", "edema", "not", "seen"], id="negations are words"),
        pytest.param("left_knee ____ x", ["left", "knee", "x"], id="an underscore separates"),
        pytest.param("", [], id="nothing has no terms"),
    ],
)
def test_split_terms(text: str, terms: list[str]) -> None:
    assert split_terms(text) == terms


@pytest.mark.parametrize("text", ["a-" * 50_000, "a.'" * 50_000, "[A_" * 50_000, "x" * 100_000, "[A" + "_A" * 50_000])
def test_hostile_text_takes_linear_time(text: str) -> None:
    assert processor_seconds(lambda: split_terms(text)) < 2


def test_threads_that_stem_at_once_get_the_stems_of_one() -> None:
    words = [f"{stem}{ending}" for stem in ("effus", "obstruct", "calcific", "inflamm") for ending in ENDINGS]

    def stem_all() -> list[str]:
        _terms_of.cache_clear()
        return split_terms(" ".join(words))

    alone = stem_all()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert all(found == alone for found in pool.map(lambda _: stem_all(), range(10)))
    finally:
        sys.setswitchinterval(interval)
