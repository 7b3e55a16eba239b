"""What may be quoted. All reports are invented."""

import pytest

from assistant.generation.quotable import find_quotes
from assistant.reading.sections import find_sections
from assistant.schema import Mode, Prompt, Report, Source

NOT_STATED = "Not stated in this report."


def prompt_for(text: str | None, *, earlier: str | None = None, mode: Mode = Mode.QUESTION, **fields: object) -> Prompt:
    def report(text: str | None) -> Report | None:
        return None if text is None else Report(id="r", text=text, sections=find_sections(text))

    given = {"sources": (), "messages": (), "version": "test", "question": "", **fields}
    return Prompt(mode=mode, report=report(text), earlier=report(earlier), **given)  # type: ignore[arg-type]


def texts(prompt: Prompt) -> list[str]:
    return [quote.text for quote in find_quotes(prompt)]


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        pytest.param("He is well. He left.", ["He is well.", "He left."], id="each sentence"),
        pytest.param("It hurts.\nIt hurts.", ["It hurts."], id="a repeated one once"),
        pytest.param("The cough\n  has gone.", ["The cough has gone."], id="on one line"),
        pytest.param(
            "PLAN: Rest at home. Walk.",
            ["PLAN: Rest at home.", "Rest at home.", "Walk."],
            id="with and without its heading",
        ),
        pytest.param("1. Rest.\n2. Walk.", ["1. Rest.", "Rest.", "2. Walk.", "Walk."], id="with and without its mark"),
        pytest.param("IMPRESSION\nGout.\n\nPLAN:\nRest.", ["Gout.", "Rest."], id="no heading alone"),
        pytest.param("Course of things:\nHe rested.", ["He rested."], id="no line that only announces"),
        pytest.param("😀\n--\nx\n1.\n", [], id="nothing that says nothing"),
        pytest.param("Half \ud83d a letter. He left.", ["He left."], id="nothing that cannot be written"),
        pytest.param("Kidney 👩‍⚕️ said so.", ["Kidney 👩‍⚕️ said so."], id="emoji stay"),
        pytest.param("", [], id="an empty report"),
    ],
)
def test_the_sentences_of_a_report(report: str, expected: list[str]) -> None:
    assert texts(prompt_for(report)) == [NOT_STATED, *expected]


@pytest.mark.parametrize(
    ("mode", "phrases"),
    [
        pytest.param(Mode.SUMMARIZE, [NOT_STATED], id="summary"),
        pytest.param(Mode.QUESTION, [NOT_STATED], id="question"),
        pytest.param(Mode.ABNORMAL, [NOT_STATED, "No abnormal finding is stated in this report."], id="abnormal"),
        pytest.param(Mode.COMPARE, [NOT_STATED, "No difference found between the two reports."], id="comparison"),
    ],
)
def test_phrases_fit_the_mode_and_stand_alone(mode: Mode, phrases: list[str]) -> None:
    quotes = find_quotes(prompt_for("He is well.", mode=mode))
    assert [quote.text for quote in quotes if quote.alone] == phrases
    assert [quote.text for quote in quotes if not quote.alone] == ["He is well."]


def test_wordings_of_one_sentence_belong_together() -> None:
    quotes = find_quotes(prompt_for("PLAN: 1. Rest."))
    assert [quote.text for quote in quotes[1:]] == ["PLAN: 1. Rest.", "1. Rest.", "Rest."]
    assert len({quote.sentence for quote in quotes[1:]}) == 1


def test_a_comparison_tells_what_only_the_earlier_report_says() -> None:
    prompt = prompt_for("No effusion. Heart enlarged.", earlier="Large effusion. Heart enlarged.", mode=Mode.COMPARE)
    lines = [quote.line for quote in find_quotes(prompt) if not quote.alone]
    assert lines == ["No effusion.", "Heart enlarged.", "Before: Large effusion."]


def test_other_modes_leave_the_earlier_report_out() -> None:
    assert "Large effusion." not in texts(prompt_for("No effusion.", earlier="Large effusion."))


def test_without_a_report_past_reports_are_quoted() -> None:
    whole = "FINDINGS: Clear lungs.\nPLAN: Rest."
    start = whole.index("PLAN")
    sources = (
        Source(report_id="p1", label="Past report p1", text="Gout was seen."),
        Source(report_id="p2", label="Past", text=whole[start:], offset=start, sections=find_sections(whole)),
    )
    found = texts(prompt_for(None, sources=sources))
    assert found == ["Not stated in the sources.", "Gout was seen.", "PLAN: Rest.", "Rest."]
    assert texts(prompt_for("He is well.", sources=sources)) == [NOT_STATED, "He is well."]
