"""What somebody changed about an answer. Every text is invented."""

import pytest

from assistant.schema import Mode, Source
from feedback.changes import added_facts, is_length_game, only_typos

ANSWER = "The chest radiograph shows a small effusion on the left. No pneumothorax. Metoprolol 25 mg twice daily."


@pytest.mark.parametrize(
    ("after", "typo"),
    [
        pytest.param(ANSWER.replace(". No", "; no"), True, id="other punctuation"),
        pytest.param(ANSWER.upper(), True, id="other case"),
        pytest.param(ANSWER.replace("a small", "small"), True, id="an article"),
        pytest.param(ANSWER.replace("radiograph", "radiograhp"), True, id="a letter exchanged with the next"),
        pytest.param(ANSWER.replace("effusion", "efusion"), True, id="a letter too few"),
        pytest.param(ANSWER.replace("shows", "shows shows"), True, id="a word twice"),
        pytest.param(ANSWER.replace("25", "50"), False, id="another dose"),
        pytest.param(ANSWER.replace("25", "2.5"), False, id="a decimal point"),
        pytest.param(ANSWER.replace("No pneumo", "Pneumo"), False, id="a negation taken away"),
        pytest.param(ANSWER.replace("left", "right"), False, id="another side"),
        pytest.param(ANSWER.replace("mg", "mcg"), False, id="another unit"),
        pytest.param(ANSWER.replace("twice", "once"), False, id="how often"),
        pytest.param(ANSWER.replace("No pneumothorax.", "No pneumothorax?"), False, id="a question mark is a doubt"),
        pytest.param(ANSWER.replace("small", "large"), False, id="another word"),
        pytest.param(ANSWER.replace("effusion", "infusion"), False, id="two words alike that are both words"),
        pytest.param(ANSWER + " No fever.", False, id="something added"),
        pytest.param(ANSWER.replace(". ", ".\n- "), False, id="a list instead of prose is a matter of style"),
        pytest.param(ANSWER + "  ", False, id="nothing changed at all is no edit"),
    ],
)  # fmt: skip
def test_a_typo_is_only_what_changes_no_meaning(after: str, typo: bool) -> None:
    assert only_typos(ANSWER, after) is typo
    assert only_typos(after, ANSWER) is typo


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("Fracture of the ileum.", "Fracture of the ilium.", id="two organs, one letter apart"),
        pytest.param("T-score -2.5", "T-score 2.5", id="a minus sign"),
        pytest.param("Potassium <3.5", "Potassium >3.5", id="less and more"),
        pytest.param("BP 120/80", "BP 12/080", id="another pressure"),
        pytest.param("Hepatitis A.", "Hepatitis.", id="a letter that is no article"),
        pytest.param("Hypertension.", "Hypotension.", id="too much and too little"),
        pytest.param("Dysphagia.", "Dysphasia.", id="swallowing and speaking"),
    ],
)
def test_one_character_may_be_another_finding(before: str, after: str) -> None:
    assert not only_typos(before, after)


@pytest.mark.parametrize(
    ("chosen", "mode", "game"),
    [
        pytest.param(ANSWER + " It is small.", Mode.QUESTION, False, id="a little longer"),
        pytest.param("Effusion on the left, no pneumothorax.", Mode.SUMMARIZE, False, id="a clinician may shorten"),
        pytest.param(" ".join([ANSWER] * 4), Mode.QUESTION, True, id="four times the same"),
        pytest.param("ok", Mode.QUESTION, True, id="emptied to a word that says nothing"),
        pytest.param("?", Mode.QUESTION, True, id="emptied to a mark"),
        pytest.param("No.", Mode.QUESTION, False, id="no is an answer"),
        pytest.param("Metoprolol", Mode.QUESTION, False, id="a word of the answer may be the answer"),
        pytest.param("Pneumonia", Mode.QUESTION, False, id="so may a word of the report"),
        pytest.param("Effusion", Mode.SUMMARIZE, True, id="one word is no summary"),
        pytest.param("Sarcoidosis", Mode.QUESTION, True, id="a word from nowhere"),
    ],
)
def test_a_length_game_is_only_what_says_nothing_more(chosen: str, mode: Mode, game: bool) -> None:
    sources = [Source(report_id="r", label="This report", text="Impression: pneumonia.")]
    assert is_length_game(chosen, ANSWER, mode=mode, sources=sources) is game


REPORT = Source(
    report_id="r",
    label="This report",
    text="FINDINGS: Small left pleural effusion. No pneumothorax. Nodule of 8 mm in the right upper lobe.\n"
    "IMPRESSION: Left pleural effusion. PLAN: CT in three months.",
)
FIRST = "There is a small left pleural effusion. The heart is enlarged."


@pytest.mark.parametrize(
    ("edited", "added"),
    [
        pytest.param("Small left pleural effusion. No pneumothorax.", [], id="what the report says"),
        pytest.param("1. Small left pleural effusion.\n2. Nodule of 8 mm.", [], id="the numbers of a list state nothing"),
        pytest.param("Small left effusion. The heart is enlarged.", [], id="what the answer said already"),
        pytest.param(
            "Small left effusion. Known sarcoidosis, on prednisone.",
            ["Known sarcoidosis, on prednisone."],
            id="what no source says",
        ),
        pytest.param("Nodule of 9 mm in the right upper lobe.", ["Nodule of 9 mm in the right upper lobe."], id="another number"),
        pytest.param("Small right pleural effusion.", ["Small right pleural effusion."], id="another side"),
    ],
)  # fmt: skip
def test_facts_that_no_source_has_are_found(edited: str, added: list[str]) -> None:
    assert list(added_facts(FIRST, edited, [REPORT])) == added
