"""Names by title and header, all invented."""

from collections.abc import Callable

import pytest

TITLED = [
    pytest.param("Seen by ⟦Dr. Kim Lee⟧ today.", id="a title takes the whole name"),
    pytest.param("Discussed with ⟦dr. hurst⟧ and ⟦mr. reese⟧.", id="titles work in lower case"),
    pytest.param("⟦Mrs. L. Hernandez⟧ returns.", id="an initial after a title"),
    pytest.param("Referred by ⟦Dr. A.⟧ for review.", id="an initial alone after a title"),
    pytest.param("⟦Dr. Parkinson⟧ treats Parkinson's disease.", id="a title overrides the clinical guard"),
    pytest.param("⟦Ms. May Brown⟧ is well.", id="words that are names, after a title"),
    pytest.param("⟦Dr. van der Berg⟧ agreed.", id="particles belong to the name"),
    pytest.param("⟦Prof. Dr. Müller⟧ called.", id="two titles"),
    pytest.param("Dear ⟦Mrs VVhitfield⟧ of ward 3", id="a capital that a scanner read as two"),
    pytest.param("⟦Ms. Parkinson⟧ has Parkinson's disease.", id="Ms. with a full stop is no sclerosis"),
    pytest.param("Px: ⟦Delapaz, Rogelio⟧ 71/M", id="another label for the patient"),
    pytest.param("PCP ......... ⟦Quillfeather⟧", id="dots after a label"),
    pytest.param("⟦DR. OKONKWO⟧ RECOMMENDED REST.", id="capitals throughout"),
    pytest.param("Her MS is stable and ms per minute is a unit.", id="MS is multiple sclerosis"),
    pytest.param("The doctor will see her. Sister lives nearby.", id="title words without a name stay"),
]
HEADERS = [
    pytest.param("Patient: ⟦SMITH, JOHN A.⟧\nSex: M", id="last, first in capitals"),
    pytest.param("Patient Name: ⟦Oyelaran Adesuwa⟧\nAge: 44", id="a name in no list, behind a header"),
    pytest.param("Dictated by: ⟦J. Okafor⟧, MD", id="dictated by"),
    pytest.param("NAME=⟦Alex Rivers⟧; AGE=50", id="key and value"),
    pytest.param("cc: ⟦Tanaka Hiroshi⟧", id="copies"),
    pytest.param("Electronically signed by: ⟦Priya Raghunathan⟧ NP", id="signatures"),
    pytest.param("name: ⟦jared paavolainen⟧", id="lower case behind a name header"),
    pytest.param("Patient: alert and oriented", id="a sentence behind a header stays"),
    pytest.param("Assistant: None.\nAnesthesia: General", id="no assistant is no name"),
    pytest.param("From: bed to chair", id="words behind from stay"),
]


@pytest.mark.parametrize("case", TITLED)
def test_titles(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case


@pytest.mark.parametrize("case", HEADERS)
def test_headers(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case
