"""How candidates for headings are set. All notes are invented."""

import pytest

from assistant.reading.layout import Case, Place, find_candidates
from assistant.reading.terminology import Wording


@pytest.mark.parametrize(
    ("text", "place", "case", "set_apart"),
    [
        pytest.param("PLAN: Rest.", Place.LINE_START, Case.UPPER, True, id="the first line stands apart"),
        pytest.param("Well.\nPlan: Rest.", Place.LINE_START, Case.TITLE, False, id="a line break is no gap"),
        pytest.param("Well.\n \t\nPlan: Rest.", Place.LINE_START, Case.TITLE, True, id="a line of spaces is"),
        pytest.param("Well. Past history: none.", Place.INLINE, Case.SENTENCE, False, id="inside a line"),
        pytest.param("He is well.\n\npast history\nnone", Place.OWN_LINE, Case.LOWER, True, id="alone, in lower case"),
    ],
)
def test_setting(text: str, place: Place, case: Case, set_apart: bool) -> None:
    known = [candidate for candidate in find_candidates(text) if candidate.term.wording is Wording.MAIN]
    assert [(found.place, found.case, found.set_apart) for found in known] == [(place, case, set_apart)]


def test_the_body_starts_behind_colon_marks_and_white_space() -> None:
    text = "**PLAN:**  \n Rest."
    (candidate,) = find_candidates(text)
    assert text[candidate.start : candidate.end] == "PLAN"
    assert text[candidate.body_start :] == "Rest."


def test_a_heading_cut_from_running_text_says_so() -> None:
    (candidate,) = (found for found in find_candidates("Aspirin 5 mg PLAN: Rest.") if found.case is Case.UPPER)
    assert not candidate.bounded
