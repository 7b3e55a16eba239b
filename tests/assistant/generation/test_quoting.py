"""Both reports here are invented."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.generation.base import Generator
from assistant.generation.quoting import FIXED_PHRASES, QuotingGenerator, compose, select
from assistant.generation.selection import NO_DIFFERENCE, NOT_IN_SOURCES, NOT_STATED, NOTHING_ABNORMAL
from assistant.reading.sections import find_sections
from assistant.schema import Mode, Prompt, Report, Source
from tests.stopwatch import processor_seconds

NOW = """CHIEF COMPLAINT: Cough and fever.
HISTORY OF PRESENT ILLNESS: The patient is a 63-year-old woman with a cough for 5 days. She denies chest pain.
PAST MEDICAL HISTORY: Hypertension. Nephrolithiasis in the past.
MEDICATIONS: Lisinopril 20 mg daily. Metformin 500 mg twice daily. Amoxicillin 500 mg three times daily.
ALLERGIES: Penicillin.
SOCIAL HISTORY: She quit smoking ten years ago. She lives with her husband.
FAMILY HISTORY: Her mother had a stroke.
PHYSICAL EXAMINATION: BP 152/94, pulse 104, temperature 101.2. Crackles at the right base. No edema.
LABORATORY DATA: WBC 15.2, hemoglobin 9.1, potassium 4.1, creatinine 1.1.
CHEST X-RAY: Right lower lobe consolidation. The nodule in the left upper lobe measures 9 mm.
IMPRESSION:
1. Community-acquired pneumonia, right lower lobe.
2. Anemia.
PLAN: Start antibiotics. Repeat chest x-ray in 6 weeks.
"""
BEFORE = """CHIEF COMPLAINT: Annual visit.
MEDICATIONS: Lisinopril 10 mg daily. Metformin 500 mg twice daily. Ibuprofen 400 mg as needed.
ALLERGIES: Penicillin.
PHYSICAL EXAMINATION: BP 138/84, pulse 76, temperature 98.4. Lungs clear. No edema.
LABORATORY DATA: WBC 7.2, hemoglobin 11.2, potassium 4.1, creatinine 1.1.
CHEST X-RAY: The nodule in the left upper lobe measures 6 mm. No consolidation.
IMPRESSION: Osteoarthritis of the knee.
PLAN: Return in one year.
"""


def report(text: str) -> Report:
    return Report(id="r", text=text, sections=tuple(find_sections(text)))


def prompt(
    text: str | None,
    mode: Mode,
    question: str = "",
    *,
    earlier: str | None = None,
    sources: Sequence[Source] = (),
    variant: int = 0,
) -> Prompt:
    return Prompt(
        version="test",
        mode=mode,
        question=question,
        messages=(),
        sources=tuple(sources),
        report=report(text) if text is not None else None,
        earlier=report(earlier) if earlier is not None else None,
        variant=variant,
    )


def answer(text: str | None, mode: Mode, question: str = "", **more: object) -> str:
    return compose(select(prompt(text, mode, question, **more)), max_words=500)  # type: ignore[arg-type]


def stream(given_prompt: Prompt, max_new_tokens: int = 500) -> list[str]:
    async def collect() -> list[str]:
        return [delta async for delta in QuotingGenerator().stream(given_prompt, max_new_tokens=max_new_tokens)]

    return asyncio.run(collect())


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("What medications is the patient taking?", ["Lisinopril 20 mg", "Amoxicillin"], id="a named section is quoted whole"),
        pytest.param("Any drug allergies?", ["Penicillin."], id="allergies are not medications"),
        pytest.param("What is the diagnosis?", ["pneumonia", "Anemia"], id="the impression is the diagnosis"),
        pytest.param("What are the next steps?", ["Start antibiotics."], id="next steps are the plan"),
        pytest.param("Why did she come in?", ["Cough and fever."], id="why is the chief complaint"),
        pytest.param("Does she smoke?", ["quit smoking"], id="a yes-or-no question gets the sentence on it"),
        pytest.param("Any chest pain?", ["denies chest pain"], id="a denial is quoted as a denial"),
        pytest.param("Any kidney stones?", ["Nephrolithiasis"], id="a question in other words"),
        pytest.param("What was the potassium?", ["potassium 4.1"], id="one value out of a list"),
        pytest.param("Is the hemoglobin low?", ["hemoglobin 9.1"], id="a value for a judgement"),
        pytest.param("How big is the nodule?", ["9 mm"], id="a size"),
        pytest.param("What did the x-ray show?", ["consolidation", "nodule"], id="a section by its heading"),
        pytest.param("How old is she?", ["63-year-old"], id="the age"),
        pytest.param("Family history?", ["mother had a stroke"], id="family history"),
        pytest.param("Is she on lisinopril?", ["Lisinopril 20 mg daily."], id="one drug out of the list"),
    ],
)  # fmt: skip
def test_questions_are_answered_by_the_sentences_on_them(question: str, expected: list[str]) -> None:
    given_answer = answer(NOW, Mode.QUESTION, question)
    for part in expected:
        assert part in given_answer
    assert len(given_answer) < len(NOW) / 3


@pytest.mark.parametrize(
    ("named", "plain"),
    [
        pytest.param("Which medications does [NAME_1] take?", "Which medications does she take?", id="her medications"),
        pytest.param("What is [NAME_1]'s diagnosis?", "What is the diagnosis?", id="her diagnosis"),
        pytest.param("Does [NAME_1] smoke?", "Does she smoke?", id="one sentence about her"),
        pytest.param("Does [NAME_1] have diabetes?", "Does she have diabetes?", id="what is not stated"),
        pytest.param(
            "Summarise what is known of [NAME_1].", "Summarise what is known.", id="nothing else but her name"
        ),
    ],
)
def test_a_question_by_name_is_answered_like_one_without(named: str, plain: str) -> None:
    text = f"Patient: [NAME_1]   MRN: [ID_1]\nSeen by [NAME_2] on [DATE_1].\n\n{NOW}"
    assert answer(text, Mode.QUESTION, named) == answer(text, Mode.QUESTION, plain)
    assert "MRN" not in answer(text, Mode.QUESTION, named)


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("Is she on aspirin?", id="a drug that is not on the list"),
        pytest.param("Does she have diabetes?", id="a disease that is not named"),
        pytest.param("Was an appendectomy performed?", id="an operation that is not named"),
        pytest.param("What did the colonoscopy show?", id="an examination that was not done"),
        pytest.param("What is the capital of France?", id="a question about something else"),
    ],
)
def test_what_the_report_does_not_say_is_not_stated(question: str) -> None:
    assert answer(NOW, Mode.QUESTION, question) == NOT_STATED


def test_a_topic_without_its_section_is_not_stated() -> None:
    assert answer("FINDINGS: The lungs are clear.", Mode.QUESTION, "Any drug allergies?") == NOT_STATED


def test_what_a_relative_has_is_quoted_with_its_heading() -> None:
    assert answer(NOW, Mode.QUESTION, "Any stroke?") == "FAMILY HISTORY: Her mother had a stroke."


def test_a_summary_leads_with_the_conclusion_and_ends_with_the_plan() -> None:
    lines = answer(NOW, Mode.SUMMARIZE).splitlines()
    assert lines[0] == "- Community-acquired pneumonia, right lower lobe."
    assert lines[-1] == "- Repeat chest x-ray in 6 weeks."
    assert 4 <= len(lines) <= 12


def test_a_summary_leaves_out_who_signed_numbers_of_headings_and_half_of_bold_type() -> None:
    text = (
        "Patient: [NAME_1] Record: [MRN_1]\n\n**Complaint:** Cough.\n\n1. CONCLUSION\nPneumonia of the right lower lobe.\n\n"
        "2. PLAN\nReview with [NAME_2] in two weeks.\n\nDictated by [NAME_2]\n"
    )
    lines = [str(line) for line in select(prompt(text, Mode.SUMMARIZE))]
    assert lines == ["CONCLUSION Pneumonia of the right lower lobe.", "Cough.", "Review with [NAME_2] in two weeks."]


def test_a_summary_without_a_conclusion_quotes_central_sentences() -> None:
    text = (
        "The patient fell from a ladder. The left wrist is swollen and tender. Films show a fracture of the left wrist. "
        "He enjoys gardening. The left wrist fracture was reduced and splinted."
    )
    assert "fracture" in answer(text, Mode.SUMMARIZE)


def test_a_second_summary_is_longer() -> None:
    assert len(answer(NOW, Mode.SUMMARIZE, variant=1)) > len(answer(NOW, Mode.SUMMARIZE))


def test_the_operation_counts_after_it_was_done() -> None:
    text = "PREOPERATIVE DIAGNOSIS: Appendicitis.\n\nPOSTOPERATIVE DIAGNOSIS: Diverticulitis.\n\nCOMPLICATIONS: None.\n"
    assert answer(text, Mode.QUESTION, "What is the diagnosis?") == "POSTOPERATIVE DIAGNOSIS: Diverticulitis."
    assert "Appendicitis" in answer(text, Mode.QUESTION, "What was the preoperative diagnosis?")
    assert "Appendicitis" not in answer(text, Mode.SUMMARIZE)


def test_abnormal_keeps_findings_and_values_and_leaves_out_the_normal() -> None:
    found = answer(NOW, Mode.ABNORMAL)
    for part in (
        "BP 152/94",
        "Crackles",
        "WBC 15.2",
        "hemoglobin 9.1",
        "consolidation",
        "nodule",
        "pneumonia",
        "- Anemia.",
    ):
        assert part in found
    for part in ("potassium", "edema", "chest pain", "stroke", "Lisinopril"):
        assert part not in found


def test_nothing_abnormal_is_said_so() -> None:
    assert answer("FINDINGS: The lungs are clear. No effusion.", Mode.ABNORMAL) == NOTHING_ABNORMAL


def test_a_comparison_pairs_what_changed() -> None:
    lines = answer(NOW, Mode.COMPARE, earlier=BEFORE).splitlines()
    for pair in (
        ["- Now: hemoglobin 9.1", "- Before: hemoglobin 11.2"],
        ["- Now: Lisinopril 20 mg daily.", "- Before: Lisinopril 10 mg daily."],
        ["- Now: Right lower lobe consolidation.", "- Before: No consolidation."],
    ):
        at = lines.index(pair[0])
        assert lines[at : at + 2] == pair
    assert "- New: Anemia." in lines
    assert "- No longer stated: Ibuprofen 400 mg as needed." in lines
    assert not any("potassium" in line or "Metformin" in line or "Penicillin" in line for line in lines)


def test_a_comparison_says_first_which_diagnoses_came_and_went_then_what_changed_then_the_rest() -> None:
    lines = answer(NOW, Mode.COMPARE, earlier=BEFORE).splitlines()
    parts = (
        "- New: Anemia.",
        "- No longer stated: Osteoarthritis of the knee.",
        "- Now: hemoglobin 9.1",
        "- New: Crackles at the right base.",
        "- No longer stated: Ibuprofen 400 mg as needed.",
    )
    assert [line for line in lines if line in parts] == list(parts)


def test_equal_reports_do_not_differ() -> None:
    assert answer(NOW, Mode.COMPARE, earlier=NOW) == NO_DIFFERENCE


def test_a_comparison_without_an_earlier_report_is_a_summary() -> None:
    assert answer(NOW, Mode.COMPARE) == answer(NOW, Mode.SUMMARIZE)


PAST = "IMPRESSION: Asthma. The patient was given albuterol."


def test_a_question_about_past_reports_quotes_them() -> None:
    sources = [
        Source(report_id="r", label="This report", text=NOW),
        Source(report_id="p", label="Past report", text=PAST, offset=300),
    ]
    asked = "Was albuterol given in earlier reports?"
    assert answer(NOW, Mode.QUESTION, asked, sources=sources) == "The patient was given albuterol."


def test_without_a_report_the_sources_answer() -> None:
    source = Source(report_id="p", label="Past report", text=PAST)
    assert "albuterol" in answer(None, Mode.QUESTION, "Who was given albuterol?", sources=[source])
    assert answer(None, Mode.QUESTION, "Who was given insulin?", sources=[source]) == NOT_IN_SOURCES


def test_sections_of_a_chunk_are_read_at_its_offset() -> None:
    sections = tuple(find_sections(NOW))
    start = NOW.index("ALLERGIES")
    chunk = Source(report_id="p", label="Past", text=NOW[start : start + 60], offset=start, sections=sections)
    assert answer(None, Mode.QUESTION, "Any allergies?", sources=[chunk]) == "ALLERGIES: Penicillin."


@pytest.mark.parametrize("budget", [1, 5, 20, 60])
def test_the_budget_of_words_is_kept(budget: int) -> None:
    text = "".join(stream(prompt(NOW, Mode.SUMMARIZE), budget))
    assert 0 < sum(word != "-" for word in text.split()) <= budget


def test_the_stream_is_the_answer_in_several_pieces() -> None:
    deltas = stream(prompt(NOW, Mode.SUMMARIZE))
    assert "".join(deltas) == answer(NOW, Mode.SUMMARIZE)
    assert len(deltas) > 5


def test_closing_the_stream_stops_it() -> None:
    async def first_only() -> str:
        deltas = QuotingGenerator().stream(prompt(NOW, Mode.SUMMARIZE), max_new_tokens=500)
        first = await anext(deltas)
        await deltas.aclose()  # type: ignore[attr-defined]
        with pytest.raises(StopAsyncIteration):
            await anext(deltas)
        return first

    assert asyncio.run(first_only())


def test_it_is_a_generator_named_quoting() -> None:
    generator: Generator = QuotingGenerator()
    assert generator.model_id == "quoting"
    asyncio.run(generator.aclose())


def bare(line: str) -> str:
    line = line.removeprefix("- ")
    for phrase in FIXED_PHRASES:
        line = line.removeprefix(phrase).strip()
    return line


NOTES = st.lists(
    st.sampled_from(
        ["IMPRESSION:", "PLAN:", "MEDICATIONS:", "ALLERGIES", "No effusion.", "Potassium 5.9 (3.5-5.0),", "1.", "2.", "- ",
         "Pneumonia of the left lobe", "\n", "\n\n", ",", ".", "Aspirin 81 mg daily", "[NAME_1]", "🙂", "\t", "BP 150/90;"]
    ),
    max_size=40,
).map(" ".join)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    text=st.one_of(NOTES, st.text(max_size=200)),
    mode=st.sampled_from(list(Mode)),
    question=st.sampled_from(["", "?", "What medications?", "Any pneumonia?", "🙂", "potassium"]),
)
def test_every_line_is_a_quote_or_a_fixed_phrase(text: str, mode: Mode, question: str) -> None:
    flat = " ".join(text.split())
    for line in select(prompt(text, mode, question, earlier="IMPRESSION: Asthma.")):
        assert line.text in flat or line.text in FIXED_PHRASES or line.text in "IMPRESSION: Asthma."
    for line in compose(select(prompt(text, mode, question)), max_words=200).splitlines():
        assert bare(line) in flat


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(" \n\t ", id="white space"),
        pytest.param("Pneumonia", id="one word"),
        pytest.param("a fever and a cough " * 300, id="no punctuation"),
        pytest.param("Sodium | 138 | 135-145\nPotassium | 6.1 | 3.5-5.1\n", id="a table of values"),
        pytest.param("IMPRESSION:\nPLAN:\nMEDICATIONS:\n", id="headings alone"),
        pytest.param("x" * 50_000, id="one endless word"),
        pytest.param("<script>alert(1)</script> & <b>Pneumonia</b>", id="a page"),
    ],
)
@pytest.mark.parametrize("mode", list(Mode))
def test_odd_reports_get_an_answer(text: str, mode: Mode) -> None:
    for question in ("", "What is the diagnosis?", "Any cough?", "q" * 100_000):
        assert len(answer(text, mode, question, earlier=NOW)) < 4_000


def test_a_table_of_values_shows_the_one_out_of_range() -> None:
    table = "Sodium | 138 | 135-145\nPotassium | 6.1 | 3.5-5.1\n"
    assert answer(table, Mode.ABNORMAL) == "Potassium | 6.1 | 3.5-5.1"


@pytest.mark.parametrize("mode", list(Mode))
def test_half_a_megabyte_takes_seconds(mode: Mode) -> None:
    text = "".join(
        f"NOTE {number}: The patient has a cough and pain number {number}. No fever.\n" for number in range(6_500)
    )
    given_prompt = prompt(text, mode, "Any fever?", earlier=text[: len(text) // 2])
    assert processor_seconds(lambda: select(given_prompt), tries=1) < 10
