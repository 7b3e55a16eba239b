"""Look-alike and hidden characters."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.deid.normalise import normalise

HIDDEN = [
    pytest.param("Dr. Sm\u200bith came", "Dr. Sm\u200bith", id="a zero-width space inside a name"),
    pytest.param("Call 212\u2011555\u20110188", "212\u2011555\u20110188", id="non-breaking hyphens"),
    pytest.param("MRN:\u00a0４４７１８８２", "４４７１８８２", id="wide digits"),
    pytest.param("Seen by Dr. Jose\u0301 today", "Dr. Jose\u0301", id="a combining accent at the end"),
    pytest.param("St. Luke’s was full. At St. Luke’s again.", "St. Luke’s", id="curly apostrophes"),
    pytest.param("SSN 123\u00ad-45-6789", "123\u00ad-45-6789", id="soft hyphens"),
]


@pytest.mark.parametrize(("text", "piece"), HIDDEN)
def test_hidden_characters_do_not_hide_identifiers(text: str, piece: str, marked: Callable[[str], str]) -> None:
    assert f"⟦{piece}⟧" in marked(text)


def test_plain_text_is_left_as_it_is() -> None:
    text = "Plain text - with 'quotes', 1/2 and a line\nbreak."
    assert normalise(text).text == text


@given(st.text(alphabet="ae\u0301\u200b\u00a0’ﬁ１\u202e-x\n😀", max_size=60))
def test_offsets_lead_back(text: str) -> None:
    clean = normalise(text)
    previous = 0
    for position in range(len(clean.text)):
        start, end = clean.span(position, position + 1)
        assert 0 <= previous <= start < end <= len(text)
        previous = start
        if clean.text[position].isascii() and text[start].isascii() and end == start + 1:
            assert clean.text[position] == text[start]
    if clean.text:
        assert clean.span(0, len(clean.text))[1] <= len(text)
