"""Masking with the second look. Numbers read out are what only the second look sees. All people are invented."""

import re

import pytest

from assistant.deid.engine import Deidentifier
from assistant.deid.mask import Placeholders
from assistant.deid.review import mask_and_look, mask_typed
from assistant.errors import DeidError
from assistant.settings import DeidSettings

TEXT = "MAIL a.b@quillhaven.example\nSeen by four seven one nine two six, then by three eight five two nine one.\nIMPRESSION: Pneumonia.\n"
FIRST = (TEXT.index("four seven one nine two six"), TEXT.index("four seven one nine two six") + 27)
SECOND = (TEXT.index("three eight five two nine one"), TEXT.index("three eight five two nine one") + 29)


@pytest.fixture(scope="module")
def plain() -> Deidentifier:
    """With the settings as they come; the texts hold what its rules and its tagger leave to the second look."""
    return Deidentifier(DeidSettings(), key=b"a key for tests")


def pieces(left, text: str = TEXT) -> list[str]:
    return [text[place.start : place.end] for place in left]


def test_findings_have_offsets_of_the_original(plain: Deidentifier) -> None:
    masked, left = mask_and_look(plain, TEXT)
    assert masked.text.startswith("MAIL [EMAIL_1]\nSeen by four seven one nine two six")
    assert pieces(left) == ["four seven one nine two six", "three eight five two nine one"]


def test_what_a_reviewer_masked_unmasked_or_confirmed_is_no_finding(plain: Deidentifier) -> None:
    masked, left = mask_and_look(plain, TEXT, add=[FIRST])
    assert "four seven one nine two six" not in masked.text
    assert pieces(left) == ["three eight five two nine one"]
    assert pieces(mask_and_look(plain, TEXT, keep=[FIRST])[1]) == ["three eight five two nine one"]
    assert pieces(mask_and_look(plain, TEXT, confirmed=[FIRST])[1]) == ["three eight five two nine one"]
    assert mask_and_look(plain, TEXT, add=[FIRST], confirmed=[SECOND])[1] == ()


def test_masking_by_hand_makes_the_other_forms_findings(plain: Deidentifier) -> None:
    text = "zorbick known.\nIMPRESSION: well, repeat zorbick film."
    assert mask_and_look(plain, text)[1] == ()
    assert pieces(mask_and_look(plain, text, add=[(0, 7)])[1], text) == ["zorbick"]


def test_the_patient_that_the_table_names_is_found(plain: Deidentifier) -> None:
    text = "IMPRESSION: pneumonia, repeat zorbick film."
    assert pieces(mask_and_look(plain, text, patient="Zorbick, W.")[1], text) == ["zorbick"]


def test_the_rest_is_masked_where_nobody_looks(plain: Deidentifier) -> None:
    masked, left = mask_and_look(plain, TEXT, mask_rest=True)
    assert left == ()
    assert masked.text.splitlines()[1] == "Seen by [OTHER_1], then by [OTHER_2]."
    masked, _ = mask_and_look(plain, TEXT, mask_rest=True, confirmed=[SECOND])
    assert masked.text.splitlines()[1] == "Seen by [OTHER_1], then by three eight five two nine one."


def test_a_text_that_keeps_growing_findings_is_left_to_a_person_in_the_end(plain: Deidentifier) -> None:
    # Each mask makes the next word one that stands beside a mask.
    text = "[NAME_7] Kowalczyk"
    masked, left = mask_and_look(plain, text, mask_rest=True)
    assert "Kowalczyk" not in masked.text
    assert left == ()


@pytest.mark.parametrize("span", [(0, 999), (3, 3), (-1, 2)])
def test_a_confirmed_span_outside_the_text_is_refused(span: tuple[int, int], plain: Deidentifier) -> None:
    with pytest.raises(DeidError, match="outside the text"):
        mask_and_look(plain, "short", confirmed=[span])


def test_what_is_typed_is_masked_and_nobody_is_asked(plain: Deidentifier) -> None:
    assert mask_typed(plain, "What did four seven one nine two six find?").text == "What did [OTHER_1] find?"
    assert mask_typed(plain, " ").text == " "


def test_what_is_kept_already_is_not_hidden_in_what_is_typed(plain: Deidentifier) -> None:
    asked = "What did four seven one nine two six find, and nine two two six one four?"
    assert (
        mask_typed(plain, asked, known="Seen by four seven one nine two six.").text
        == "What did four seven one nine two six find, and [OTHER_1]?"
    )


def test_typed_text_shares_the_placeholders_of_its_conversation(deidentifier: Deidentifier) -> None:
    placeholders = Placeholders()
    mask_and_look(deidentifier, "Seen by Dr. Okafor.", placeholders=placeholders)
    assert mask_typed(deidentifier, "What did Dr. Okafor say?", placeholders=placeholders).text == (
        "What did [NAME_1] say?"
    )


def test_the_number_of_somebody_in_the_kept_text_is_not_given_to_another(deidentifier: Deidentifier) -> None:
    known = "[NAME_1] was seen by [NAME_2]."
    assert mask_typed(deidentifier, "Seen by Dr. Okafor instead.", known=known).text == "Seen by [NAME_3] instead."


def test_a_name_in_brackets_is_found_or_left_to_a_person_and_masked_by_hand(deidentifier: Deidentifier) -> None:
    text = "Seen with [JOHN_FEATHERSTONE_1] in clinic, see [NAME_1]."
    piece = (text.index("["), text.index("]") + 1)
    masked, left = mask_and_look(deidentifier, text)
    assert "FEATHERSTONE" not in masked.text or "JOHN_FEATHERSTONE" in " ".join(pieces(left, text))
    masked, left = mask_and_look(deidentifier, text, add=[piece])
    # Masked it is in any case. On some processors the tagger takes it for a number or a name as well, which names the mask.
    assert re.fullmatch(r"Seen with \[(OTHER_1|ID_1|NAME_2)\] in clinic, see \[NAME_1\]\.", masked.text)
    assert left == ()


def test_a_span_that_cuts_a_word_confirms_nothing(plain: Deidentifier) -> None:
    start, _ = FIRST
    assert "four seven one nine two six" in pieces(mask_and_look(plain, TEXT, confirmed=[(start - 3, start + 3)])[1])
