"""The whole of de-identification. All people and numbers are invented."""

import socket
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.deid.engine import Deidentifier
from assistant.deid.mask import Placeholders
from assistant.errors import DeidError, UnknownValue
from assistant.settings import DeidSettings
from tests.stopwatch import processor_seconds

NOTE = (
    "Patient: Mary Kowalczyk\nMRN: 4471882\nDOB: 03/14/1950\n\nMrs. Kowalczyk is a 73-year-old woman seen by Dr. A. Okafor at "
    "St. Brendan's Hospital on May 2nd, 2023. Kowalczyk denies chest pain. Call 212-555-0188.\n"
)


def test_a_note_keeps_its_medicine_and_loses_its_people(deidentifier: Deidentifier) -> None:
    masked = deidentifier.mask(NOTE)
    assert masked.text == (
        "Patient: [NAME_1]\nMRN: [MRN_1]\nDOB: [DATE_1]\n\n[NAME_1] is a 73-year-old woman seen by [NAME_2] at "
        "[ORGANIZATION_1] on [DATE_2]. [NAME_1] denies chest pain. Call [PHONE_1].\n"
    )
    assert deidentifier.residual(masked.text) == []


def test_the_reviewer_unmasks_and_masks(deidentifier: Deidentifier) -> None:
    text = "Dr. Okafor gave Zorbinex for pain to the tall violinist."
    name, word = (0, 10), (text.index("tall"), text.index("."[-1], 20))
    assert deidentifier.mask(text, keep=[name]).text == text
    assert deidentifier.mask(text, add=[word]).text == "[NAME_1] gave Zorbinex for pain to the [OTHER_1]."
    assert deidentifier.mask(text, keep=[name], add=[name]).text.startswith("[OTHER_1]"), (
        "where they meet, masking wins"
    )


def test_keeping_a_part_masks_the_rest(deidentifier: Deidentifier) -> None:
    text = "Seen by Dr. John Featherstone today."
    start = text.index("Dr.")
    assert deidentifier.mask(text, keep=[(start, start + 3)]).text == "Seen by Dr. [NAME_1] today."


@pytest.mark.parametrize("span", [(0, 99), (3, 3), (-1, 2)])
def test_a_selection_outside_the_text_is_refused(span: tuple[int, int], deidentifier: Deidentifier) -> None:
    with pytest.raises(DeidError):
        deidentifier.mask("short", add=[span])


def test_a_question_shares_the_names_of_its_report(deidentifier: Deidentifier) -> None:
    shared = Placeholders()
    deidentifier.mask(NOTE, placeholders=shared)
    assert deidentifier.mask("What did Dr. Okafor find in Mrs. Kowalczyk?", placeholders=shared).text == (
        "What did [NAME_2] find in [NAME_1]?"
    )


def test_placeholders_in_the_text_are_left_alone(deidentifier: Deidentifier) -> None:
    text = "[NAME_1] was seen on [DATE_2] with John Featherstone, see [AGE_OVER_89_1]."
    assert deidentifier.mask(text).text == "[NAME_1] was seen on [DATE_2] with [NAME_2], see [AGE_OVER_89_1]."


def test_what_is_left_is_reported(deidentifier: Deidentifier) -> None:
    text = "Seen with John Featherstone."
    kept = deidentifier.mask(text, keep=[(10, 27)]).text
    assert [kept[span.start : span.end] for span in deidentifier.residual(kept)] == ["John Featherstone"]
    assert deidentifier.residual(kept, kept=["John Featherstone"]) == []
    assert deidentifier.residual(kept, kept=["", " john  ", "eather"]) != [], "a piece of a name does not vouch for it"


def test_what_a_reviewer_kept_vouches_for_itself_alone(deidentifier: Deidentifier) -> None:
    text = "Seen with Dr. John Featherstone, then with Dr. Amara Quillfeather."
    left = deidentifier.residual(text, kept=["Dr. John Featherstone"])
    assert [text[span.start : span.end] for span in left] == ["Dr. Amara Quillfeather"]
    left = deidentifier.residual(text, kept=["John Featherstone", "Amara"])
    assert "Quillfeather" in " ".join(text[span.start : span.end] for span in left)


def test_a_masked_note_is_clean_and_masking_it_again_changes_nothing(deidentifier: Deidentifier) -> None:
    masked = deidentifier.mask(NOTE * 3).text
    assert deidentifier.residual(masked) == []
    assert deidentifier.mask(masked).text == masked


def test_pseudonyms_are_keyed() -> None:
    one, two = (Deidentifier(DeidSettings(), key=key) for key in (b"1", b"2"))
    assert one.pseudonym("Mary  KOWALCZYK") == one.pseudonym("mary kowalczyk ")
    assert one.pseudonym("a") != one.pseudonym("b")
    assert one.pseudonym("a") != two.pseudonym("a")
    assert one.pseudonym("a").startswith("P-")
    with pytest.raises(DeidError):
        one.pseudonym(" ")


def test_an_unknown_language_names_the_known_ones() -> None:
    with pytest.raises(UnknownValue, match="en"):
        Deidentifier(DeidSettings(language="tlh")).find("some text")


def test_a_threshold_leaves_out_what_is_below_it(deidentifier: Deidentifier) -> None:
    text = "Seen last Friday; call 212-555-0188."
    certain = Deidentifier(DeidSettings(min_score=0.6)).find(text)
    assert certain
    assert set(certain) <= set(deidentifier.find(text))
    assert all(span.score >= 0.6 for span in certain)


def test_nothing_asks_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert Deidentifier(DeidSettings()).find("mail a.b@example.org or see www.example.co.uk")


def test_many_threads_may_share_one() -> None:
    shared = Deidentifier(DeidSettings())
    results: list[int] = []
    threads = [threading.Thread(target=lambda: results.append(len(shared.find(NOTE)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(results)) == 1
    assert len(results) == 8


ODD_TEXTS = [
    pytest.param("", id="nothing"),
    pytest.param("a", id="one character"),
    pytest.param("7", id="one digit"),
    pytest.param("\x00\ufeff\n\t ", id="no text at all"),
    pytest.param("😀" * 500 + " Dr. Smith 👩‍⚕️ 212-555-0188", id="emoji"),
    pytest.param("\u202eDr. Smith\u202c called \u200f212-555-0188", id="right-to-left marks"),
    pytest.param("[NAME_1" * 300 + "]" * 300, id="broken placeholders"),
    pytest.param("Dr. " * 2000, id="only titles"),
    pytest.param("O'-'" * 2000, id="only apostrophes and hyphens"),
]


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_texts_are_masked_without_a_crash(text: str, deidentifier: Deidentifier) -> None:
    masked = deidentifier.mask(text)
    assert "Smith" not in masked.text
    assert "555" not in masked.text


_QUICK_S = 0.3
"""Eight thousand characters that take no longer than this are read fast enough, whatever the growth."""
LONG_TEXTS = [
    pytest.param(lambda n: "1" * n, id="one number"),
    pytest.param(lambda n: "A" * n, id="one word"),
    pytest.param(lambda n: "a." * (n // 2), id="dots"),
    pytest.param(lambda n: "1-" * (n // 2), id="groups of digits"),
    pytest.param(lambda n: "12 " * (n // 3), id="numbers"),
    pytest.param(lambda n: "St. " * (n // 4), id="saints"),
    pytest.param(lambda n: "New York, " * (n // 10), id="towns"),
    pytest.param(lambda n: "Name: " * (n // 6), id="headers"),
    pytest.param(lambda n: "MRN # " * (n // 6), id="labels"),
    pytest.param(lambda n: "a@" * (n // 2), id="at signs"),
    pytest.param(lambda n: "John Smith " * (n // 11), id="names"),
    pytest.param(lambda n: "Medical Center " * (n // 15), id="facilities"),
    pytest.param(lambda n: " " * n + "x", id="spaces"),
    pytest.param(lambda n: "\n" * n + "x", id="line breaks"),
    pytest.param(lambda n: "[A_" * (n // 3), id="brackets"),
    pytest.param(lambda n: "e\u0301" * (n // 2), id="accents"),
    pytest.param(lambda n: "May 1 " * (n // 6), id="dates"),
    pytest.param(lambda n: "12 Elm " * (n // 7), id="streets without an end"),
    pytest.param(lambda n: "A B " * (n // 4), id="initials"),
    pytest.param(lambda n: "Aa-" * (n // 3), id="capitals with hyphens"),
]


@pytest.mark.parametrize("make", LONG_TEXTS)
def test_time_grows_with_length_only(make, deidentifier: Deidentifier) -> None:
    """By the rules: the tagger reads in threads of its own, in windows of one length (`test_windows`)."""

    def seconds(length: int) -> float:
        text = make(length)
        return processor_seconds(lambda: deidentifier.find(text), tries=2, enough=_QUICK_S)

    long = seconds(8_000)
    assert long < _QUICK_S or long < 10 * seconds(2_000) + _QUICK_S


def test_three_thousand_names(deidentifier: Deidentifier) -> None:
    text = "\n".join(
        f"Dr. Zq{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)}son came." for i in range(3_000)
    )
    masked = deidentifier.mask(text)
    assert len(masked.masks) == 3_000
    assert "son came" not in masked.text


@pytest.mark.slow
def test_a_very_long_report_in_one_line(deidentifier: Deidentifier) -> None:
    piece = "The wound is clean and dry, no fever, seen by Dr. Featherstone on 03/14/2023, will return in two weeks. "
    text = piece * (100_000 // len(piece))
    assert len(deidentifier.find(text)) == 2 * (100_000 // len(piece))


WORDS = st.sampled_from(
    "Dr. Smith John, on 03/14/2023 [NAME_1] the wound. St. Mary's Hospital MRN: 4471882 é 😀 \u200b \u00a0 \n 92-year-old "
    "Foley catheter a@b.org 212-555-0188 Lives in Miami, FL 33101 e\u0301 ﬁ １２３".split(" ")
)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS | st.text(max_size=8), max_size=25))
def test_spans_are_valid_and_masking_changes_nothing_else(deidentifier: Deidentifier, words: list[str]) -> None:
    text = " ".join(words)
    masked = deidentifier.mask(text)
    position = before = 0
    for mask in masked.masks:
        assert masked.text[position : mask.start] == text[before : mask.span.start]
        assert 0 <= before <= mask.span.start < mask.span.end <= len(text)
        position, before = mask.end, mask.span.end
    assert masked.text[position:] == text[before:]


def test_a_form_of_a_masked_name_that_a_reviewer_marks_gets_the_same_placeholder(deidentifier: Deidentifier) -> None:
    text = "Patient: Amara Featherstone. Plan: amarafeather to call. featherstone? Zorbix too."
    masked = deidentifier.mask(text, keep=[(57, 69)], add=[(57, 69), (text.index("Zorbix"), text.index("Zorbix") + 6)])
    assert masked.text.count("[NAME_1]") == 2
    assert "[OTHER_1] too" in masked.text
