"""The second look alone, without the rules. All people and numbers are invented."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.deid.document import read
from assistant.deid.engine import Deidentifier
from assistant.deid.lexicon import english
from assistant.deid.mask import PLACEHOLDER
from assistant.deid.residual import Residual, second_look, without
from assistant.deid.spans import Found
from tests.stopwatch import processor_seconds

BRANNIGAN = ("NAME", "Mrs. Ottilie Brannigan")


def look(text: str, *hidden: tuple[str, str]) -> list[tuple[str, str]]:
    """The reason and the piece of each finding."""
    found = second_look(read(text, english()), by_rules=(), hidden=hidden)
    return [(left.reason, text[left.start : left.end]) for left in found]


@pytest.mark.parametrize(
    ("text", "hidden", "expected"),
    [
        pytest.param("[NAME_1] left. BRANNIGAN is well.", [BRANNIGAN], "BRANNIGAN", id="in capitals"),
        pytest.param("[NAME_1] left, brannigan is well.", [BRANNIGAN], "brannigan", id="in lower case"),
        pytest.param("[NAME_1] left. brannigansaid so.", [BRANNIGAN], "brannigansaid", id="glued to a word"),
        pytest.param("[NAME_1], login obrannigan", [BRANNIGAN], "obrannigan", id="glued in a user name"),
        pytest.param("[NAME_1] and the Brannigan-Ruiz house", [BRANNIGAN], "Brannigan-Ruiz", id="in a double name"),
        pytest.param(
            "[OTHER_1] and Quillfeather", [("OTHER", "Quillfeather")], "Quillfeather", id="of a name masked by hand"
        ),
        pytest.param(
            "at [LOCATION_1], in Quillhaven", [("LOCATION", "Quillhaven")], "Quillhaven", id="a place no list knows"
        ),
    ],
)
def test_a_word_of_a_masked_name_is_found(text: str, hidden: Sequence[tuple[str, str]], expected: str) -> None:
    assert ("part of a masked name", expected) in look(text, *hidden)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        pytest.param("[NAME_1] has a white count of 12.", [("NAME", "Dr. White")], id="a word in lower case"),
        pytest.param("[NAME_1] has Parkinson's disease.", [("NAME", "Dr. Parkinson")], id="an eponym"),
        pytest.param("Dr. X saw XYZ.", [("NAME", "Dr. X"), ("NAME", "XYZ")], id="letters that stand for a name"),
        pytest.param("[NAME_1] is a doctor.", [("NAME", "Doctor Sweeney")], id="a title"),
        pytest.param("Patient 12 is a patient.", [("PATIENT", "Patient 12")], id="a word of a patient's id"),
    ],
)
def test_a_word_that_names_nobody_is_left(text: str, hidden: Sequence[tuple[str, str]]) -> None:
    assert look(text, *hidden) == []


def test_a_patient_named_by_the_table_is_found_in_the_text() -> None:
    assert look("wendellyn zorbick is well", ("PATIENT", "Zorbick, Wendellyn")) == [
        ("part of a masked name", "wendellyn"),
        ("part of a masked name", "zorbick"),
    ]


def test_a_number_masked_elsewhere_is_found() -> None:
    assert look("MRN [MRN_1]; chart 88124 was opened", ("MRN", "88124")) == [("masked elsewhere", "88124")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[NAME_1] Kowalczyk", "Kowalczyk", id="a surname after a name"),
        pytest.param("then Ottilie [NAME_1] came", "Ottilie", id="a given name before a name"),
        pytest.param("Kowalczyk, [NAME_1]", "Kowalczyk", id="a surname before a comma and a name"),
        pytest.param("[NAME_1]-Oyelaran came", "-Oyelaran", id="the second half of a double name"),
        pytest.param("K[NAME_1]", "K", id="the first letter of a name"),
        pytest.param("on [DATE_2]23", "23", id="the end of a year"),
        pytest.param("call [PHONE_1]x12", "x12", id="an extension without a space"),
        pytest.param("call [PHONE_1], ext. 4471", "4471", id="an extension"),
        pytest.param("serial [DEVICE_1]-88", "-88", id="the end of a serial number"),
        pytest.param("MRN [MRN_1] 4471", "4471", id="the second group of a number"),
        pytest.param("lives at [ADDRESS_1], Quillhaven", "Quillhaven", id="the town after a street"),
        pytest.param("[LOCATION_1], 44718", "44718", id="a postal code after a town"),
    ],
)
def test_what_is_cut_from_a_mask_is_found(text: str, expected: str) -> None:
    assert ("beside a mask", expected) in look(text)


@pytest.mark.parametrize(
    "text",
    [
        "[NAME_1]'s wound is clean.",
        "[NAME_1] Reports no pain.",
        "The [NAME_1]s agree.",
        "Seen on [DATE_1] 2023 and [DATE_2]/2023.",
        "[AGE_OVER_89_1]-year-old woman",
        "[DATE_1]-[DATE_2]",
        "[NAME_1] MD, [NAME_2], RN",
        "MRN:[MRN_1] DOB[DATE_1]",
        "[LOCATION_1], Ohio",
        "[DATE_1] 500 mg",
    ],
)
def test_what_may_stand_beside_a_mask_is_left(text: str) -> None:
    assert look(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("seen 4471882 times", ("digits", "4471882"), id="seven digits"),
        pytest.param("no. 447188", ("digits", "447188"), id="six digits"),
        pytest.param("447-18-8299", ("digits", "447-18-8299"), id="three, two and four digits"),
        pytest.param("447 18 8299", ("digits", "447 18 8299"), id="three, two and four digits with spaces"),
        pytest.param("212.555.0188", ("digits", "212.555.0188"), id="a telephone number with dots"),
        pytest.param("0171 555 01 88", ("digits", "0171 555 01 88"), id="a telephone number from abroad"),
        pytest.param(
            "call five five five oh one eight eight",
            ("digits", "five five five oh one eight eight"),
            id="digits read out",
        ),
        pytest.param("seen March 14", ("date", "March 14"), id="a month with a day"),
        pytest.param("seen 14 Mar", ("date", "14 Mar"), id="a day with a month"),
        pytest.param("badge GH77120934", ("code", "GH77120934"), id="a code"),
        pytest.param("staff N55182", ("code", "N55182"), id="a staff number"),
        pytest.param("user bhartling62", ("code", "bhartling62"), id="a user name"),
        pytest.param("London SV19 4KX", ("postal code", "SV19 4KX"), id="a British postal code"),
        pytest.param("mail ottilie@brannigan", ("address sign", "ottilie@brannigan"), id="an at sign between letters"),
        pytest.param("see www . brannigan", ("address sign", "www"), id="a web address pulled apart"),
        pytest.param("ottilie brannigan dot com", ("address sign", "brannigan dot com"), id="an address in words"),
        pytest.param("ottilie at gmail", ("address sign", "gmail"), id="a mail service"),
        pytest.param(
            "PID|1|BRANNIGAN^OTTILIE", ("field of a message", "PID|1|BRANNIGAN^OTTILIE"), id="a field of a message"
        ),
        pytest.param("E1izabeth came", ("scanned word", "E1izabeth"), id="a name spoilt by a scanner"),
        pytest.param("told Dr. Quillfeather", ("after a title", "Quillfeather"), id="a capital after a title"),
        pytest.param("with Grant Young today", ("two names", "Grant Young"), id="two names that are words"),
        pytest.param("Grant B. Young", ("two names", "Grant B. Young"), id="two names and an initial"),
        pytest.param("told Grant that", ("a name alone", "Grant"), id="a name that is a word"),
    ],
)
def test_a_strong_shape_is_found(text: str, expected: tuple[str, str]) -> None:
    assert expected in look(text)


@pytest.mark.parametrize(
    "text",
    [
        "WBC 10.4, Hgb 13.2, platelets 250000, sodium 139.",
        "BP 120/80, 98.6 72 16 120, ABG 7.39/42/79 on room air",
        "Strength 4/5 4/5 5/5, reflexes 2 2 2 2 1 1 1 1",
        "viral load 1250000 copies/mL, 10000000 CFU",
        "calcium 500-1000 mg, heparin 5000-10000 units",
        "from 2019-2021 and 2005/2006",
        "IgM 588 (270-1734), IgG 900 (normal: 751-1560)",
        "cyst of 15x17x20mm, T10-T11-T12 fusion, G10P4005",
        "1800-calorie diet at 1400hours, para 3-0-0-3",
        "CYP2C19, HLA-B2705, SARS-CoV-2, BNT162b2, AZD1222, BRCA1 c.1521_1523delCTT, p.Arg1045Cys",
        "NCT01234567, PMID 31234567, ICD-10 S72.001A, CPT 99213",
        "5/5 @ elbow, papilledema (@2 o'clock)",
        "She may take 2 tablets. Labs: Na 139.",
        "one two three tablets",
        "Foley catheter, Babinski sign, circle of Willis, Gleason 3+4",
        "Will follow up. May increase. Mark the site.",
        "Page 2 of 12. Step 1.2.3",
    ],
)
def test_clinical_text_is_left(text: str) -> None:
    assert look(text) == []


def test_the_rules_are_asked_once_more() -> None:
    found = second_look(read("a b", english()), by_rules=[Found(0, 1, "NAME", 0.4)])
    assert found == [Residual(start=0, end=1, type="NAME", reason="rules")]


def test_findings_that_overlap_are_one_and_say_what_the_longest_says() -> None:
    text = "Dr. Grant Young"
    (found,) = second_look(read(text, english()), by_rules=[Found(0, 15, "NAME", 0.9)])
    assert (found.start, found.end, found.reason) == (0, 15, "rules")


def test_what_a_person_looked_at_is_cut_out_and_the_rest_stays() -> None:
    text = "with Grant Young today"
    found = [Residual(start=5, end=16, type="NAME", reason="two names")]
    assert without(text, found, [(0, 30)]) == []
    assert without(text, found, [(5, 10), (5, 10)]) == [Residual(start=11, end=16, type="NAME", reason="two names")]


def test_offsets_count_in_the_text_as_it_is_written(deidentifier: Deidentifier) -> None:
    text = "Caf\u200be\u0301 talk: seen 44\u200b71882 times by Dr. Quille\u0301feather."
    pieces = [text[left.start : left.end] for left in deidentifier.residual(text)]
    assert "44\u200b71882" in pieces
    assert any(piece.endswith("Quille\u0301feather") for piece in pieces)


def test_an_empty_text_has_nothing_left(deidentifier: Deidentifier) -> None:
    assert deidentifier.residual(" \n") == []


LONG_TEXTS = [
    pytest.param(lambda n: "1" * n, id="one number"),
    pytest.param(lambda n: "1 " * (n // 2), id="digits with spaces"),
    pytest.param(lambda n: "1-" * (n // 2), id="digits with hyphens"),
    pytest.param(lambda n: "12 ." * (n // 4), id="numbers that end"),
    pytest.param(lambda n: "a" * n, id="one word"),
    pytest.param(lambda n: "a1" * (n // 2), id="one code"),
    pytest.param(lambda n: "a-1_" * (n // 4), id="one code with hyphens"),
    pytest.param(lambda n: "one " * (n // 4), id="digits read out"),
    pytest.param(lambda n: "@" * n, id="at signs"),
    pytest.param(lambda n: "^" * n, id="carets"),
    pytest.param(lambda n: "www." * (n // 4), id="web addresses"),
    pytest.param(lambda n: "dot " * (n // 4), id="dots in words"),
    pytest.param(lambda n: "[NAME_1]" * (n // 8), id="placeholders"),
    pytest.param(lambda n: "[NAME_1] Kowalczyk " * (n // 19), id="names beside placeholders"),
    pytest.param(lambda n: "brannigan" * (n // 9), id="a masked name without spaces"),
    pytest.param(lambda n: "xbrannigan " * (n // 11), id="a masked name glued"),
    pytest.param(lambda n: "Grant Young " * (n // 12), id="pairs of names"),
    pytest.param(lambda n: "R0semary " * (n // 9), id="scanned words"),
    pytest.param(lambda n: "C11" * (n // 3), id="vertebrae"),
    pytest.param(lambda n: "1x" * (n // 2), id="sizes"),
]


@pytest.mark.parametrize("make", LONG_TEXTS)
def test_time_grows_with_length_only(make) -> None:
    def seconds(text: str) -> float:
        documents = iter([read(text, english()) for _ in range(3)])  # a fresh one for each try
        return processor_seconds(lambda: second_look(next(documents), by_rules=(), hidden=[BRANNIGAN]))

    seconds(make(10_000))
    assert seconds(make(80_000)) < 20 * seconds(make(10_000)) + 0.3


PIECES = st.sampled_from(
    "[NAME_1] [DATE_2] Kowalczyk Dr. Grant Young 4471882 x12 -88 ext. 12 a@b www. E1izabeth [NAME_ ] ] [ é \u200b 212 555 0188 "
    "brannigan ^ March 14 SV19 4KX".split(" ")
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES | st.text(max_size=6), max_size=20), st.sampled_from(["", " "]))
def test_nothing_in_a_placeholder_is_ever_reported(pieces: list[str], joint: str) -> None:
    text = joint.join(pieces)
    document = read(text, english())
    found = second_look(document, by_rules=[Found(0, len(text), "NAME", 0.5)] if text else (), hidden=[BRANNIGAN])
    placeholders = [match.span() for match in PLACEHOLDER.finditer(text)]
    end = 0
    for left in found:
        assert end <= left.start < left.end <= len(text)
        assert not any(start < left.end and left.start < stop for start, stop in placeholders)
        end = left.end
