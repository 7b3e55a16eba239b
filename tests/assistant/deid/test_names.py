"""Names of people, all invented."""

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
PLAIN = [
    pytest.param("62-year-old female, ⟦Emily R.⟧, with asthma", id="given name and initial"),
    pytest.param("A note on ⟦Robert Johnson⟧ with diabetes", id="given name and surname"),
    pytest.param("Best care for ⟦John White⟧?", id="a surname that is a word"),
    pytest.param("We met ⟦Arthur King⟧ and ⟦Sarah Green⟧.", id="two names of words"),
    pytest.param("Reviewed with ⟦J. Smith⟧ on call", id="initial and surname"),
    pytest.param("⟦Nguyen⟧ was admitted.", id="a surname alone"),
    pytest.param("His wife ⟦Grace⟧ drove; daughter ⟦Rose⟧ helped.", id="kinship makes words names"),
    pytest.param("A patient named ⟦Xochitl Papantla⟧ came.", id="named, and in no list"),
    pytest.param("Written by ⟦Joan Prescott-Hale⟧, RN.", id="credentials and a hyphen"),
    pytest.param("⟦Björk Guðmundsdóttir⟧ reports pain.", id="letters beyond ASCII"),
    pytest.param("pt ⟦john smith⟧ seen w/ cough", id="lower case"),
    pytest.param("⟦Sean O'Brien⟧'s wound is clean.", id="apostrophes and possessives"),
    pytest.param("⟦MacGregor⟧ denies chest pain.", id="inner capitals"),
    pytest.param("⟦Smith J.⟧ was seen.", id="surname and initial"),
]
CLEAN = [
    "Foley catheter placed, Kelly clamp used, Allis clamp removed.",
    "History of Parkinson's disease, Hodgkin lymphoma and Graves disease.",
    "Apgar scores 8 and 9. Glasgow coma scale 15. Gleason 3+4.",
    "Started Xarelto, Paxlovid and dapagliflozin; stopped Coumadin.",
    "May be discharged; will follow up. Mark the site.",
    "Brown stool, white count normal, green sputum, young man, long history.",
    "ROM full. HEENT normal. PERRLA. NSAIDs avoided. A-fib with RVR.",
    "Positive Murphy sign, negative Homans sign, Babinski downgoing.",
    "Whipple procedure, Roux-en-Y bypass, Nissen fundoplication, Mohs surgery.",
    "Hashimoto's thyroiditis and Ludwig's angina were excluded.",
    "E. coli and C. difficile grew. Vitamin D. Patient improved.",
    "The patient is African American and speaks Spanish.",
    "She walks the dog on the grass and likes roses.",
    "GUSTO and ARISTOTLE trials; Wells score 7; CHADS2 of 2; Duke criteria.",
    "No Known Allergies. Review of Systems: Negative. Plan: Rest.",
    "Lasix 40 mg b.i.d., Lopressor, Zocor 20 mg, Advair Diskus.",
]


@pytest.mark.parametrize("case", TITLED)
def test_titles(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case


@pytest.mark.parametrize("case", HEADERS)
def test_headers(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case


@pytest.mark.parametrize("case", PLAIN)
def test_plain_names(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case


@pytest.mark.parametrize("case", CLEAN)
def test_clinical_words_stay(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case
