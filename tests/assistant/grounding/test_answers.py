"""What is marked as supported, and what is not. Every report here is invented."""

from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assistant.grounding import ground
from assistant.schema import AnswerSentence, Section, SectionKind, Source, Support
from assistant.sentences import split_sentences
from assistant.settings import GroundingSettings
from tests.stopwatch import processor_seconds

REPORT = """HISTORY: This 62-year-old woman has had pain in the left knee for 3 weeks. She has high blood pressure and asthma.
She denies fever, chills or cough. Her father died of a heart attack.

EXAMINATION: Blood pressure is 142/88 mmHg, pulse 76. The left knee is swollen and tender; the right knee is normal.
No rash is seen. Lungs are clear.

RESULTS: Hemoglobin 11.2 g/dL, white blood cell count 9.8. CRP has increased since the last visit.

MEDICATIONS: Metoprolol 50 mg twice a day, lisinopril 20 mg daily, Tylenol as needed. Allergies: none.

IMPRESSION: Acute gout of the left knee.

PLAN: Start colchicine 0.5 mg twice daily. Follow up in two weeks. Return before then if the swelling worsens.
"""
THIS = Source(report_id="r1", label="This report", text=REPORT)


def check(answer: str, *sources: Source) -> AnswerSentence:
    sentences = ground(answer, sources or (THIS,))
    assert len(sentences) == 1
    return sentences[0]


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("No rash is seen.", id="a sentence of the report"),
        pytest.param("She has had pain in the left knee for three weeks.", id="a number in letters"),
        pytest.param("Pain in the left knee for 21 days.", id="three weeks are 21 days"),
        pytest.param("The patient is a 62-year-old woman with hypertension.", id="another name of a disease"),
        pytest.param("BP 142/88, heart rate 76.", id="abbreviations of measurements"),
        pytest.param("WBC 9.8 and Hgb 11.2 g/dL.", id="abbreviations of laboratory values"),
        pytest.param("There is no fever, no chills and no cough.", id="another way of denying"),
        pytest.param("The patient is afebrile.", id="a word that holds its own negation"),
        pytest.param("She takes metoprolol 50mg b.i.d. and lisinopril 20 mg.", id="doses without the space"),
        pytest.param("- **Acute gout** of the left knee [1]", id="list mark, emphasis and a citation number"),
        pytest.param("<p>Lungs are clear.</p>", id="tags around a quotation"),
        pytest.param("Left knee: swollen and tender.", id="a phrase of a longer sentence"),
        pytest.param("Family history: her dad died of a myocardial infarction.", id="lay and clinical words"),
        pytest.param(
            "The 62-year-old woman has high blood pressure and acute gout of the left knee.",
            id="three passages together",
        ),
    ],
)
def test_supported(sentence: str) -> None:
    found = check(sentence)
    assert (found.support, found.reason) == (Support.SUPPORTED, "")
    assert found.citations


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        pytest.param("Pain in the left knee for 5 weeks.", "a number differs", id="another number"),
        pytest.param("Pain in the left knee for 3 months.", "a number differs", id="another unit"),
        pytest.param("Pulse is 88.", "a number differs", id="a number of another measurement"),
        pytest.param("She takes metoprolol 20 mg and lisinopril 50 mg.", "a number differs", id="doses exchanged"),
        pytest.param("The right knee is swollen and tender.", "side differs", id="the other side"),
        pytest.param("The right knee is swollen; the left knee is normal.", "side differs", id="sides exchanged"),
        pytest.param("She has fever, chills and cough.", "negation differs", id="a negation lost"),
        pytest.param("Lungs are not clear.", "negation differs", id="a negation added"),
        pytest.param("Rash is seen.", "negation differs", id="a part of a negated sentence, word for word"),
        pytest.param(
            "CRP has decreased since the last visit.", "the direction of change differs", id="the other direction"
        ),
        pytest.param("Chronic gout of the left knee.", "the time differs", id="chronic for acute"),
        pytest.param("Her mother died of a heart attack.", "another person is meant", id="another relative"),
        pytest.param("Lisinopril 20 mg weekly.", "how often differs", id="another interval"),
        pytest.param("Return after then if the swelling worsens.", "the time differs", id="after for before"),
        pytest.param("She was treated for breast cancer in Boston.", "no source says this", id="nothing of the kind"),
    ],
)
def test_contradicted_or_unheard_of(sentence: str, reason: str) -> None:
    found = check(sentence)
    assert (found.support, found.reason) == (Support.UNSUPPORTED, reason)


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("Start allopurinol 0.5 mg twice daily.", id="another drug"),
        pytest.param("Acute gout of the left ankle.", id="another joint"),
        pytest.param("The left knee is swollen, tender and warm.", id="one finding more"),
        pytest.param("She has high blood pressure, asthma and diabetes.", id="one disease more"),
        pytest.param("She was seen by [NAME_7] for high blood pressure and asthma.", id="a person nobody mentions"),
    ],
)
def test_one_strange_word_costs_the_support(sentence: str) -> None:
    found = check(sentence)
    assert found.support is not Support.SUPPORTED
    assert found.reason == "part of it is not in the sources"
    assert found.citations  # the part that is there


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("Not stated in this report.", id="the fixed phrase"),
        pytest.param("Key findings:", id="a title"),
        pytest.param("---", id="a rule"),
        pytest.param("2.", id="a number of a list alone"),
    ],
)
def test_what_states_nothing_is_not_marked(answer: str) -> None:
    found = check(answer)
    assert (found.support, found.citations) == (Support.SUPPORTED, ())


def test_a_bare_yes_is_as_good_as_its_explanation() -> None:
    explained, alone = ground("Yes. She has asthma and high blood pressure.", [THIS]), ground("No.", [THIS])
    assert [sentence.support for sentence in explained] == [Support.SUPPORTED, Support.SUPPORTED]
    assert explained[0].citations == explained[1].citations
    assert alone[0].support is Support.UNSUPPORTED


def test_a_citation_counts_in_the_whole_report_and_names_its_section() -> None:
    start = REPORT.index("Start colchicine")
    section = Section(heading="PLAN", kind=SectionKind.PLAN, start=start - 6, body_start=start, end=len(REPORT))
    chunk = Source(report_id="r7", label="Past report 7", text=REPORT[start:], offset=start, sections=(section,))
    (citation,) = check("Colchicine 0.5 mg twice daily.", chunk).citations
    assert REPORT[citation.start : citation.end] == citation.quote
    assert "olchicine 0.5 mg twice daily" in citation.quote
    assert (citation.report_id, citation.section, citation.label) == ("r7", "PLAN", "Past report 7")


def test_letters_that_grow_in_lower_case_shift_no_offset() -> None:
    source = Source(report_id="r", label="", text="İİİ seen in İzmir. The left knee is swollen. Lungs are clear.")
    (citation,) = check("The left knee is swollen.", source).citations
    assert source.text[citation.start : citation.end] == citation.quote == "The left knee is swollen."


def test_a_heading_speaks_for_what_stands_below_it() -> None:
    text = "MEDICATIONS: Aspirin 81 mg.\nALLERGIES: Penicillin."
    place = text.index("ALLERGIES")
    sections = (
        Section(heading="MEDICATIONS", kind=SectionKind.MEDICATIONS, start=0, body_start=13, end=place),
        Section(heading="ALLERGIES", kind=SectionKind.OTHER, start=place, body_start=place + 11, end=len(text)),
    )
    assert (
        check("She is allergic to penicillin.", Source(report_id="r", label="", text=text, sections=sections)).support
        is Support.SUPPORTED
    )


def test_this_report_is_cited_before_a_past_one() -> None:
    past = Source(report_id="r2", label="Past report 2", text="Lungs are clear. The spleen is enlarged.")
    here, there = ground("Lungs are clear. The spleen is enlarged.", [THIS, past])
    assert here.citations[0].label == "This report"
    assert (there.support, there.citations[0].label) == (Support.SUPPORTED, "Past report 2")


def test_a_repeated_sentence_outweighs_single_words_elsewhere() -> None:
    text = "The anterior chamber was entered. The posterior capsule was polished and the lens inserted."
    found = check(
        "The anterior capsule was polished and the lens inserted.", Source(report_id="r", label="", text=text)
    )
    assert found.support is Support.UNSUPPORTED


def test_a_question_is_read_with_its_answer() -> None:
    dialogue = Source(
        report_id="r",
        label="",
        text="Doctor: Any chest pain or cough?\nPatient: No.\nDoctor: Do you smoke?\nPatient: Yes.",
    )
    assert check("No chest pain.", dialogue).support is Support.SUPPORTED
    assert check("The patient has chest pain.", dialogue).support is Support.UNSUPPORTED
    assert check("The patient smokes.", dialogue).support is Support.SUPPORTED


def test_stricter_settings_mark_more() -> None:
    sentence = "Examination shows that the left knee appears swollen and is very tender today."
    assert check(sentence).support is Support.SUPPORTED
    (strict,) = ground(sentence, [THIS], settings=GroundingSettings(min_coverage=1.0))
    assert strict.support is Support.PARTIAL


@pytest.mark.parametrize(
    ("answer", "sources"),
    [
        pytest.param("", [THIS], id="an empty answer has no sentences"),
        pytest.param(" \n\t ", [THIS], id="white space has no sentences"),
    ],
)
def test_nothing_to_check(answer: str, sources: list[Source]) -> None:
    assert ground(answer, sources) == ()


@pytest.mark.parametrize(
    "sources",
    [
        pytest.param([], id="no sources"),
        pytest.param([Source(report_id="r", label="", text="")], id="an empty source"),
        pytest.param([Source(report_id="r", label="", text="?!.. \n\n <<>>")], id="a source without words"),
    ],
)
def test_without_sources_nothing_is_supported(sources: list[Source]) -> None:
    (found,) = ground("The left knee is swollen.", sources)
    assert (found.support, found.citations, found.reason) == (Support.UNSUPPORTED, (), "no source says this")


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param("pain in the left knee 5 ", id="words without a full stop"),
        pytest.param("<b", id="open tags"),
        pytest.param("- ", id="list marks"),
        pytest.param("1", id="a number of digits only"),
        pytest.param("1/", id="fractions"),
        pytest.param("1,000", id="thousands"),
        pytest.param("A ", id="single letters"),
        pytest.param("two hundred ", id="number words"),
        pytest.param("a.", id="initials"),
        pytest.param("no ", id="negations"),
        pytest.param("left ", id="sides"),
        pytest.param("[", id="brackets"),
        pytest.param("Is it? ", id="questions"),
        pytest.param("was of ", id="hanging words"),
        pytest.param("\n", id="empty lines"),
    ],
)
def test_long_answers_and_sources_take_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        source = Source(report_id="r", label="", text=text)
        as_answer = processor_seconds(lambda: ground(text, [THIS]), tries=2)
        return as_answer + processor_seconds(lambda: ground("The left knee is swollen.", [source]), tries=2)

    assert seconds(100_000) < 8 * 4 * seconds(12_500) + 0.5  # quadratic would be 64 times


WORDS = sorted({word for word in REPORT.replace("\n", " ").split(" ") if word})


@given(st.text(alphabet=st.sampled_from("aA1. ,\n-?!:*[]<>/%°éleftnor"), max_size=200))
@settings(max_examples=150, deadline=None)
def test_sentences_are_slices_of_the_answer_and_quotes_of_the_sources(answer: str) -> None:
    source = Source(report_id="r", label="", text=answer[::-1] + "\n" + answer, offset=40)
    for sentence in ground(answer, [THIS, source]):
        assert answer[sentence.start : sentence.end] == sentence.text
        for citation in sentence.citations:
            origin = {"r1": THIS, "r": source}[citation.report_id]
            assert origin.text[citation.start - origin.offset : citation.end - origin.offset] == citation.quote
            assert citation.quote


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=60), st.integers(0, 2**16))
@example(["No", "visit.", "0.5", "visit.", "visit."], 17)  # the same words stand inside another sentence before
@example(["No", "0.5", "visit.", "0.5"], 0)
@settings(max_examples=150, deadline=None)
def test_verbatim_sentences_are_supported_with_exactly_that_span(words: list[str], seed: int) -> None:
    text = " ".join(words)
    start, end = Random(seed).choice(split_sentences(text))
    source = Source(report_id="r", label="", text=text)
    for sentence in ground(text[start:end], [source]):
        assert sentence.support is Support.SUPPORTED or sentence.reason == "a bare yes or no cannot be checked"
        for citation in sentence.citations:
            assert " ".join(citation.quote.split()).lower() in " ".join(sentence.text.split()).lower()


@pytest.mark.parametrize(("start", "end"), split_sentences(REPORT), ids=lambda offset: f"at {offset}")
def test_every_sentence_of_a_report_supports_itself(start: int, end: int) -> None:
    found = check(REPORT[start:end])
    assert found.support is Support.SUPPORTED
    assert [REPORT[c.start : c.end] for c in found.citations] == [c.quote for c in found.citations]


def test_reasons_hold_no_text_of_the_report() -> None:
    for sentence in ground(
        "Pulse is 88. She has fever. Acute gout of the left ankle. The right knee is swollen.", [THIS]
    ):
        assert not set(sentence.reason.split()) & {"Pulse", "88", "fever", "gout", "ankle", "knee"}
        assert "knee" not in repr(sentence)


@pytest.mark.parametrize(
    ("sentence", "support"),
    [
        pytest.param("Now: pulse 76.", Support.SUPPORTED, id="a comparison's label is not part of the quotation"),
        pytest.param(
            "No longer stated: Lungs are clear.", Support.SUPPORTED, id="what is gone is cited where it stood"
        ),
        pytest.param("Before: pulse 67.", Support.UNSUPPORTED, id="a label does not save another number"),
        pytest.param(
            "No abnormal finding is stated in this report.",
            Support.UNSUPPORTED,
            id="a denial of what the report states",
        ),
    ],
)
def test_the_fixed_phrases_of_quoting(sentence: str, support: Support) -> None:
    assert check(sentence).support is support


def test_nothing_abnormal_is_true_of_a_normal_report() -> None:
    normal = Source(report_id="r2", label="This report", text="FINDINGS: Lungs are clear. No effusion.")
    assert check("No abnormal finding is stated in this report.", normal).support is Support.SUPPORTED
