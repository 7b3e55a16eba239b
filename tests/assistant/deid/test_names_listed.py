"""Names by lists and context, all invented."""

from collections.abc import Callable

import pytest

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
    pytest.param(
        "My colleague ⟦Zelmira Quast⟧ walked along the river with old ⟦Tomislavka⟧.",
        id="unknown capitals where there is no medicine",
    ),
    pytest.param("Was Zorbinex started?", id="a short question may name a drug"),
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


@pytest.mark.parametrize("case", PLAIN)
def test_plain_names(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case


@pytest.mark.parametrize("case", CLEAN)
def test_clinical_words_stay(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case
