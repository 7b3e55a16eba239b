"""Texts with marked spans: joined, changed in case, cut into literals and slots."""

import pytest

from training.invented.markup import Tagged, pieces


def test_joining_moves_the_spans() -> None:
    joined = Tagged.join([Tagged.whole("Ana", "NAME"), Tagged("of"), Tagged.whole("Bree", "LOCATION")], " ")
    assert joined.text == "Ana of Bree"
    assert joined.spans == ((0, 3, "NAME"), (7, 11, "LOCATION"))


def test_joining_nothing_is_an_empty_text() -> None:
    assert Tagged.join([]) == Tagged("")


@pytest.mark.parametrize("text", ["Müller Straße", "İpek Yılmaz", "Đặng Thị", "ŉa ǰon", "ﬁsher"])
def test_case_changes_keep_every_character_at_its_place(text: str) -> None:
    tagged = Tagged(f"x {text} y", ((2, 2 + len(text), "NAME"),))
    for changed in (tagged.lowered(), tagged.uppered()):
        assert len(changed.text) == len(tagged.text)
        assert changed.spans == tagged.spans


def test_case_changes_change_the_case() -> None:
    assert Tagged("Dr. Ånstad ß").uppered().text == "DR. ÅNSTAD ß"
    assert Tagged("Dr. Ånstad İ").lowered().text == "dr. ånstad İ"


def test_a_template_is_cut_into_literals_and_slots() -> None:
    assert pieces("Dr. {doctor.surname} {{ok}}") == (("Dr. ", "doctor.surname"), (" {", None), ("ok}", None))


@pytest.mark.parametrize("template", ["{date:%d}", "{patient!r}"])
def test_a_template_with_a_format_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="format or conversion"):
        pieces(template)
