"""Placeholders. All names are invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.deid.mask import PLACEHOLDER, Placeholders, apply_masks
from assistant.deid.stand_ins import StandIns
from assistant.errors import DeidError
from assistant.schema import IdentifierSpan
from assistant.settings import DeidSettings


def spans_of(text: str, *pieces: tuple[str, str]) -> list[IdentifierSpan]:
    found, position = [], 0
    for piece, kind in pieces:
        start = text.index(piece, position)
        position = start + len(piece)
        found.append(IdentifierSpan(start=start, end=position, type=kind, score=0.9))
    return found


SAME = [
    pytest.param(
        ("John Smith", "Mr. Smith", "smith", "J. Smith", "SMITH, JOHN", "John Smith's"), 1, id="forms of one name"
    ),
    pytest.param(("Smith", "John Smith", "John"), 1, id="the surname first, the whole name later"),
    pytest.param(("John Smith", "Mary Smith"), 2, id="two given names are two people"),
    pytest.param(("John Smith", "Dr. Patel", "Smith", "Patel"), 2, id="two people spoken of in turn"),
    pytest.param(("J. Smith", "Mary Smith"), 2, id="an initial that disagrees"),
    pytest.param(("Emily R.", "Emily Roberts"), 1, id="an initial that agrees"),
]


@pytest.mark.parametrize(("names", "people"), SAME)
def test_the_same_person_has_the_same_number(names: tuple[str, ...], people: int) -> None:
    placeholders = Placeholders()
    assert len({placeholders.get("NAME", name) for name in names}) == people


def test_a_conversation_shares_its_placeholders() -> None:
    shared = Placeholders()
    report = apply_masks("John Smith is ill.", spans_of("John Smith is ill.", ("John Smith", "NAME")), shared)
    question = apply_masks("Is Smith ill?", spans_of("Is Smith ill?", ("Smith", "NAME")), shared)
    assert (report.text, question.text) == ("[NAME_1] is ill.", "Is [NAME_1] ill?")


def test_a_placeholder_of_the_text_is_never_handed_out() -> None:
    text = "[NAME_1] met Ann Other on 1 May."
    masked = apply_masks(text, spans_of(text, ("Ann Other", "NAME"), ("1 May", "DATE")), Placeholders())
    assert masked.text == "[NAME_1] met [NAME_2] on [DATE_1]."


@pytest.mark.parametrize(
    ("text", "is_placeholder"),
    [
        pytest.param("[AGE_OVER_89_1]", True, id="one of ours"),
        pytest.param("[HEALTH_PLAN_12]", True, id="one of ours of two words"),
        pytest.param("[PATIENT_NAME_3]", True, id="another tool's"),
        pytest.param("[MRN_884412]", False, id="a number in brackets"),
        pytest.param("[QUILLFEATHER_7]", False, id="a surname in brackets"),
        pytest.param("[QUILLFEATHER_NAME_7]", False, id="a surname beside a label"),
        pytest.param("[QUILLFEATHER_JO_031257]", False, id="a name and a birthday in brackets"),
    ],
)
def test_a_placeholder_is_made_of_labels_alone(text: str, is_placeholder: bool) -> None:
    assert bool(PLACEHOLDER.fullmatch(text)) is is_placeholder


def test_equal_values_are_written_alike() -> None:
    placeholders = Placeholders()
    assert placeholders.get("PHONE", "(212) 555-1234") == placeholders.get("PHONE", "212.555.1234")


def test_what_is_given_instead_stands_there_and_is_told_apart() -> None:
    text = "John Smith and Ann Other met."
    spans = spans_of(text, ("John Smith", "NAME"), ("Ann Other", "NAME"))
    masked = apply_masks(text, spans, Placeholders(), ["Zane Ilkby", None])
    assert masked.text == "Zane Ilkby and [NAME_1] met."
    assert [mask.realistic for mask in masked.masks] == [True, False]
    assert all(masked.text[mask.start : mask.end] == mask.placeholder for mask in masked.masks)


def test_a_conversation_is_about_its_first_report() -> None:
    placeholders = Placeholders()
    key, settings = b"a key for tests", DeidSettings(dates="shift")
    placeholders.begin("r-1")
    placeholders.begin("r-2")
    stand_ins = placeholders.stand_ins(lambda scope: StandIns(settings, key, scope))
    assert stand_ins.scope == "r-1"
    assert placeholders.stand_ins(lambda scope: StandIns(settings, key, scope)) is stand_ins


def test_values_stay_out_of_repr() -> None:
    placeholders = Placeholders()
    placeholders.get("NAME", "John Smith")
    assert "Smith" not in repr(placeholders)


@pytest.mark.parametrize(
    "bounds",
    [
        pytest.param([(0, 3), (2, 5)], id="overlap"),
        pytest.param([(3, 3)], id="empty"),
        pytest.param([(0, 99)], id="outside"),
    ],
)
def test_wrong_spans_are_refused(bounds: list[tuple[int, int]]) -> None:
    spans = [IdentifierSpan(start=start, end=end, type="NAME", score=1) for start, end in bounds]
    with pytest.raises(DeidError):
        apply_masks("a text", spans, Placeholders())


@given(st.text(max_size=80), st.lists(st.integers(0, 80), max_size=12, unique=True))
def test_masking_keeps_the_rest_and_can_be_undone(text: str, cuts: list[int]) -> None:
    cuts = sorted(cut for cut in cuts if cut <= len(text))
    spans = [
        IdentifierSpan(start=start, end=end, type="NAME", score=1)
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    masked = apply_masks(text, spans, Placeholders())
    restored, position = "", 0
    for mask in masked.masks:
        assert masked.text[mask.start : mask.end] == mask.placeholder
        assert PLACEHOLDER.fullmatch(mask.placeholder)
        restored += masked.text[position : mask.start] + text[mask.span.start : mask.span.end]
        position = mask.end
    assert restored + masked.text[position:] == text
