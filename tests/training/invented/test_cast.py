"""Every slot fills and is marked exactly; the same seed gives the same text; people stay the same within a text."""

import random

import pytest

from training.invented.cast import Cast, UnknownSlot, slot_names

UNTAGGED = {
    *(
        "age",
        "year",
        "time",
        "nationality",
        "he",
        "He",
        "his",
        "His",
        "him",
        "man",
        "bp",
        "count",
        "value",
        "dose",
        "score",
    ),
    *("room", "insurer", "insurer.full", "insurer.short"),
    *("drug", "condition", "eponym", "test", "anatomy", "procedure", "symptom", "kin", "job", "specialty"),
}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LABELS = {"NAME", "ADDRESS", "LOCATION", "ORGANIZATION", "DATE", "CONTACT", "ID", "STATE", "COUNTRY"}
INTERFACE = {
    **{
        f"{role}.{form}": "NAME"
        for role in ("patient", "doctor", "relative", "nurse", "other")
        for form in ("full", "given", "surname", "listed", "initial")
    },
    **{f"{role}.{form}": "NAME" for role in ("patient", "doctor") for form in ("initials", "lower", "upper", "nick")},
    **{
        "patient": "NAME",
        "patient.user": "ID",
        "town": "LOCATION",
        "county": "LOCATION",
        "quarter": "LOCATION",
        "landmark": "LOCATION",
    },
    **{"state": "STATE", "state.code": "STATE", "country": "COUNTRY"},
    **dict.fromkeys(("street", "address", "zip", "pobox"), "ADDRESS"),
    **dict.fromkeys(("hospital", "practice", "lab", "employer", "school", "church"), "ORGANIZATION"),
    **dict.fromkeys(("date", "date.numeric", "date.written", "date.iso", "date.partial", "date.holiday"), "DATE"),
    **dict.fromkeys(("phone", "fax", "email", "url", "ip"), "CONTACT"),
    **dict.fromkeys("ssn mrn plan account card iban licence npi dea plate vin serial accession id".split(), "ID"),
}


@pytest.mark.parametrize("slot", slot_names())
def test_each_slot_fills_and_marks_its_value_and_nothing_else(slot: str) -> None:
    rng = random.Random(f"slot {slot}")
    for _ in range(60):
        text, spans = (filled := Cast(rng, case="written").fill(f"a {{{slot}}} b")).text, filled.spans
        value = text[2:-2]
        assert text.startswith("a "), slot
        assert text.endswith(" b"), slot
        assert value, slot
        assert value == value.strip(), slot
        if slot in UNTAGGED or (slot.startswith("agency") and not spans):
            assert spans == ()
        else:
            assert len(spans) == 1
            start, end, label = spans[0]
            # "the" and a weekday before a date stay outside.
            before = text[2:start].split(" ")[0].rstrip(",.").lower()[:3]
            assert text[2:start] in ("", "the ", "the week of ", "mid-", "early ", "late ") or before in WEEKDAYS
            assert end == len(text) - 2
            assert label in LABELS


@pytest.mark.parametrize(
    ("slot", "label"), INTERFACE.items(), ids=[f"{slot} is {label}" for slot, label in INTERFACE.items()]
)
def test_the_promised_slots_carry_the_promised_labels(slot: str, label: str) -> None:
    assert {found for *_, found in Cast(random.Random(4), case="written").fill(f"{{{slot}}}").spans} == {label}


TEMPLATE = "Pt {patient} ({patient.initials}), MRN {mrn}, seen by Dr. {doctor.surname} at {hospital} on {date}; lives at {address}, {kin} {relative}, call {phone}."


def test_the_same_seed_gives_the_same_texts() -> None:
    first, second = ([Cast(rng).fill(TEMPLATE) for _ in range(40)] for rng in (random.Random(11), random.Random(11)))
    assert first == second


def test_texts_of_other_casts_between_do_not_change_a_text() -> None:
    alone = Cast(random.Random(5)).fill(TEMPLATE)
    rng = random.Random(5)
    cast = Cast(rng)
    Cast(random.Random(6)).fill(TEMPLATE)
    assert cast.fill(TEMPLATE) == alone


def test_a_person_stays_the_same_in_a_text_and_another_number_is_another_person() -> None:
    cast = Cast(random.Random(2), case="written")
    assert cast.fill("{patient.surname}").text == cast.fill("{patient.surname}").text
    assert cast.fill("{patient.given} {patient.surname}").text != cast.fill("{patient2.given} {patient2.surname}").text


def test_a_record_number_and_a_hospital_stay_the_same_in_a_text() -> None:
    cast = Cast(random.Random(2), case="written")
    assert cast.fill("{mrn}") == cast.fill("{mrn}")
    assert cast.fill("{hospital.full}") == cast.fill("{hospital.full}")


@pytest.mark.parametrize("template", ["{nobody}", "{patient.shoes}", "{town.upper}", "{hospital.lower}", "{drug.big}"])
def test_an_unknown_slot_raises_and_is_named(template: str) -> None:
    with pytest.raises(UnknownSlot, match=template.strip("{}").replace(".", r"\.")):
        Cast(random.Random(1)).fill(template)


def test_double_braces_write_a_brace() -> None:
    assert Cast(random.Random(1), case="written").fill("{{x}}").text == "{x}"


@pytest.mark.parametrize(
    ("case", "change"), [pytest.param("lower", str.lower, id="lower"), pytest.param("upper", str.upper, id="upper")]
)
def test_a_cast_may_write_in_one_case_only(case: str, change) -> None:
    filled = Cast(random.Random(8), case=case).fill("Seen with {doctor} in {town}")
    assert filled.text.startswith(change("Seen with "))
    assert len(filled.spans) == 2


def test_about_a_tenth_of_the_casts_write_in_one_case() -> None:
    rng = random.Random(3)
    cases = [Cast(rng).case for _ in range(1000)]
    assert 30 < cases.count("lower") < 100
    assert 15 < cases.count("upper") < 70
