"""Each option of de-identification from the file to the export, over a real installation. All people are invented."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import ui.cli
from assistant.reading import Columns
from assistant.schema import Mode, Support
from feedback.export import PAIRS_FILE, export
from feedback.schema import Ruling
from ui.checks import run_checks
from ui.desk import Desk
from ui.desk_values import Ask, LoadedReport, TurnKept
from ui.handlers_report import ReportHandlers
from ui.screen import ChatScreen
from ui.visit import Visit
from ui.wiring import Parts

ORIGINALS = ("Ottilie", "Brannigan", "Okafor", "4471882", "555-0188", "Quillhaven", "62704")
DATES = ("March 14, 2019", "03/20/2019", "04/15/2019")


def note(day: str) -> str:
    return (
        f"Patient: Ottilie Brannigan\nMRN: 4471882\nAddress: 12 Quill Street, Quillhaven, IL 62704\n\n"
        f"HISTORY: Mrs. Brannigan was seen by Dr. A. Okafor on March 14, 2019 and again on {day}. Call 212-555-0188.\n\n"
        "IMPRESSION: Right lower lobe pneumonia. No pleural effusion.\n\n"
        "PLAN: Dr. Okafor gives amoxicillin. Repeat radiograph on 04/15/2019.\n"
    )


OPTIONS = [
    pytest.param({}, id="the default policy"),
    pytest.param({"dates": "shift"}, id="shifted dates"),
    pytest.param({"replace_with": "surrogates"}, id="surrogates"),
    pytest.param({"replace_with": "surrogates", "dates": "shift", "zip": "zip3"}, id="all options"),
]
ALL = {"replace_with": "surrogates", "dates": "shift", "zip": "zip3"}


def ask(desk: Desk, **values: Any) -> TurnKept:
    async def last() -> TurnKept:
        kept = None
        async for event in desk.ask(Ask(rater="doctor", **values)):
            kept = event if isinstance(event, TurnKept) else kept
        assert kept is not None
        return kept

    return asyncio.run(last())


def stands_for(loaded: LoadedReport) -> dict[str, str]:
    return {loaded.original[mask.span.start : mask.span.end]: mask.placeholder for mask in loaded.masked.masks}


def all_that_is_kept(parts: Parts, conversation_id: int) -> str:
    """Every text that the store gives back."""
    conversation = parts.feedback.conversation(conversation_id, rater="doctor")
    texts = [report.text + report.title for report in parts.library.all_reports()]
    texts += [report.text for report in (conversation.report, conversation.earlier) if report]
    for rated in conversation.turns:
        texts += [rated.turn.question, rated.turn.answer.text, *(m.content for m in rated.turn.messages)]
        texts += [rated.edit.edited_answer] if rated.edit else []
        texts += [rated.rating.comment] if rated.rating else []
    return "\n".join([*texts, conversation.title])


@pytest.mark.parametrize("deid", OPTIONS)
def test_from_the_file_to_the_export(deid: dict[str, str], make_parts: Callable[..., Parts], tmp_path: Path) -> None:
    parts = make_parts(deid=deid)
    desk = parts.desk
    rows = tmp_path / "reports.jsonl"
    rows.write_text(json.dumps({"text": note("03/20/2019"), "patient": "Ottilie Brannigan"}) + "\n", "utf-8")
    [result] = desk.ingest_files([rows], columns=Columns(patient="patient"))
    assert (result.state, result.problem) == ("added", None)
    [again] = desk.ingest_files([rows], columns=Columns(patient="patient"))
    assert again.state == "unchanged", "the same report is masked the same each time"

    loaded = desk.load_text(note("04/02/2019"), patient="Ottilie Brannigan")
    written = stands_for(loaded)
    kept = ask(
        desk, text="What is the plan of Dr. Okafor for Mrs. Brannigan on 04/15/2019?", mode=Mode.QUESTION, loaded=loaded
    )
    turn = parts.feedback.turn(kept.turn_id)
    assert "amoxicillin" in turn.answer.text
    assert {sentence.support for sentence in turn.answer.sentences} == {Support.SUPPORTED}
    assert written["Mrs. Brannigan"].split()[-1] in turn.question, "the same person in the question"
    assert written["04/15/2019"] in turn.question, "the same date in the question"

    desk.rate(
        kept.turn_id, rater="doctor", thumbs=-1, comment=f"{written['Dr. Okafor']} said more, and so did Dr. Okafor."
    )
    corrected = f"{turn.answer.text}\n{written['Dr. Okafor']} calls on {written['04/15/2019']}, not Dr. Okafor."
    desk.correct(kept.turn_id, rater="doctor", text=corrected)
    edit = parts.feedback.edits(kept.turn_id)[-1].edited_answer
    assert edit.startswith(turn.answer.text), "what was read on the page is not replaced once more"
    assert f"{written['Dr. Okafor']} calls on {written['04/15/2019']}" in edit

    # What it adds stands in no source: a reviewer stands by it.
    parts.feedback.decide(f"edit-{parts.feedback.edits(kept.turn_id)[0].id}", Ruling.ACCEPT, rater="doctor")
    manifest = export(parts.feedback, tmp_path / "pairs", key=parts.keys.split, deidentifier=parts.deidentifier)
    assert manifest["pairs"] == 1, manifest["set_aside"]
    everything = all_that_is_kept(parts, kept.conversation_id) + (tmp_path / "pairs" / PAIRS_FILE).read_text("utf-8")
    for original in (*ORIGINALS, *DATES):
        assert original not in everything, original


def test_dates_of_a_patient_keep_their_intervals_across_reports(make_parts: Callable[..., Parts]) -> None:
    desk = make_parts(deid={"dates": "shift"}).desk
    one, other = (desk.load_text(note(day), patient="Ottilie Brannigan") for day in ("03/20/2019", "04/02/2019"))
    stranger = desk.load_text(note("03/20/2019"), patient="Conrad Njoroge")
    assert stands_for(one)["March 14, 2019"] == stands_for(other)["March 14, 2019"]
    assert stands_for(one)["March 14, 2019"] != stands_for(stranger)["March 14, 2019"]


def test_a_report_of_the_library_is_asked_about_with_its_own_surrogates(make_parts: Callable[..., Parts]) -> None:
    parts = make_parts(deid=ALL)
    desk = parts.desk
    loaded = desk.load_text(note("03/20/2019"), patient="Ottilie Brannigan")
    desk.keep_report(loaded)
    stored = desk.report(loaded.report.id)
    kept = ask(desk, text="What did Dr. Okafor plan for 04/15/2019?", mode=Mode.QUESTION, report=stored)
    written = stands_for(loaded)
    assert parts.feedback.turn(kept.turn_id).question == (
        f"What did {written['Dr. Okafor']} plan for {written['04/15/2019']}?"
    )


def test_the_page_marks_what_stands_in_and_says_so(make_parts: Callable[..., Parts]) -> None:
    visit = Visit(rater="doctor")
    handlers = ReportHandlers(ChatScreen(make_parts(deid=ALL).desk))
    first = asyncio.run(handlers.load(visit))
    assert "not Safe Harbor" in first["header"]
    assert "this is not Safe Harbor" in first["report"]
    shown = asyncio.run(handlers.paste(visit, {"text": note("03/20/2019")}))["report"]
    assert visit.loaded is not None
    realistic = [mask for mask in visit.loaded.masked.masks if mask.realistic]
    assert len(re.findall(r'class="mask realistic"', shown)) == len(realistic) > 8
    assert "this is not Safe Harbor" in shown
    assert "cannot be told from an original" in shown


def test_the_default_page_says_nothing_of_options(make_parts: Callable[..., Parts]) -> None:
    visit = Visit(rater="doctor")
    handlers = ReportHandlers(ChatScreen(make_parts().desk))
    first = asyncio.run(handlers.load(visit))
    assert "option" not in re.sub(r"<option.*?</option>", "", first["header"] + first["report"])


def test_doctor_says_which_options_are_on(make_parts: Callable[..., Parts]) -> None:
    found = {check.name: check for check in run_checks(make_parts(deid=ALL))}["de-identification"]
    assert found.ok
    assert "not Safe Harbor" in found.detail
    assert "three digits" in found.detail


def test_deidentify_in_the_terminal_follows_the_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURBSIDE_DEID__REPLACE_WITH", "surrogates")
    monkeypatch.setenv("CURBSIDE_DEID__DATES", "shift")
    report = tmp_path / "report.txt"
    report.write_text(note("03/20/2019"), "utf-8")
    result = CliRunner().invoke(ui.cli.app, ["deidentify", str(report), "--data", str(tmp_path / "data")])
    assert result.exit_code == 0, result.output
    assert "[" not in result.stdout
    assert not any(original in result.stdout for original in (*ORIGINALS, *DATES))
