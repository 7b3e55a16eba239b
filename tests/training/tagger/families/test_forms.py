"""The family of forms and machine text: spans on the text, one seed one text, each notation parses, nothing literal that identifies."""

import itertools
import json
import random
import re

import pytest

from training.invented.cast import Cast
from training.invented.markup import Tagged, pieces
from training.tagger.families import forms
from training.tagger.families.frames import frames
from training.tagger.families.serialised import FHIR, STYLES

FORMS = frames("forms")
ENTRIES = [(section, entry) for section in ("field", "column", "key") for entry in forms._entries(section)]


def test_spans_lie_on_the_text_in_order_and_do_not_overlap() -> None:
    for text in itertools.islice(forms.texts(random.Random(1)), 1000):
        last = 0
        for start, end, _ in text.spans:
            assert last <= start < end <= len(text.text)
            assert text.text[start:end].strip() == text.text[start:end]
            last = end


def test_the_same_seed_gives_the_same_texts() -> None:
    first, second = (list(itertools.islice(forms.texts(random.Random(3)), 60)) for _ in range(2))
    assert first == second


def test_some_texts_name_nobody_and_most_name_somebody() -> None:
    found = list(itertools.islice(forms.texts(random.Random(2)), 1500))
    assert 0.04 < sum(not text.spans for text in found) / len(found) < 0.2


@pytest.mark.parametrize("kind", forms._MAKERS)
def test_every_kind_of_form_is_made(kind: str) -> None:
    for seed in range(150):
        rng = random.Random(seed)
        assert forms._MAKERS[kind](rng, Cast(rng)).text.strip()


@pytest.mark.parametrize("section", [name for name in FORMS.lines if name not in ("field", "column", "key")])
def test_every_line_of_a_section_fills(section: str) -> None:
    for seed in range(60):
        rng = random.Random(seed)
        forms._filled(Cast(rng), FORMS.draw(section, rng))


def test_every_value_of_every_label_fills_without_brackets_left() -> None:
    for number, (_, entry) in enumerate(ENTRIES):
        assert entry.labels
        assert entry.values != ("",)
        for value in entry.values:
            assert not re.search(r"[\[\]]", value), value
            forms._filled(Cast(random.Random(number)), value)


def test_clinical_lines_name_nobody() -> None:
    for seed in range(300):
        rng = random.Random(seed)
        assert forms._body(rng, Cast(rng)).spans == ()


def test_dates_as_machines_write_them_are_marked_and_codes_are_not() -> None:
    filled = forms._filled(Cast(random.Random(5), case="written"), "<day> <stamp> <iso> <icd> <loinc> <ndc>")
    assert [label for _, _, label in filled.spans] == ["DATE"] * 3
    assert filled.text[slice(*filled.spans[2][:2])].count("-") == 2


def test_rows_are_about_different_people() -> None:
    rng = random.Random(8)
    cast = Cast(rng, case="written")
    names = {forms._filled(cast, forms._of_row("{patient.listed} {mrn}", number)).text for number in range(2, 7)}
    assert len(names) == 5


def test_json_is_json() -> None:
    record = [("name", Tagged.whole("Ana", "NAME")), ("unit", Tagged("ICU"))]
    for style in STYLES[:3]:
        assert json.loads(style(record).text) == {"name": "Ana", "unit": "ICU"}


@pytest.mark.parametrize("style", STYLES)
def test_every_notation_keeps_the_marks_on_the_values(style) -> None:
    written = style([("a", Tagged.whole("Ana", "NAME")), ("b", Tagged.whole("Bo", "NAME")), ("c", Tagged("x"))])
    assert [written.text[start:end] for start, end, _ in written.spans] == ["Ana", "Bo"]


def test_nothing_literal_looks_like_the_number_or_date_of_a_person() -> None:
    lines = [line for name, found in FORMS.lines.items() if not name.startswith("dicom") for line in found]
    for line in [*lines, *FHIR]:
        for literal, _ in pieces(line):
            assert not re.search(r"\d{4}|\d[-/.]\d+[-/.]\d{2}|@\w", literal), line
