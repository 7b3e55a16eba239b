"""What events do to the screen, over a real installation. No browser, no widget. All people are invented."""

import ast
import asyncio
import base64
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import DiskFull
from assistant.schema import Mode
from ui.handlers import AnswerHandlers
from ui.handlers_library import LibraryHandlers
from ui.handlers_report import ReportHandlers
from ui.screen import ChatScreen, Screen
from ui.visit import Visit
from ui.wiring import Parts

REPORT = """Patient: Ottilie Brannigan, MRN 8812-4471

RESULTS: CRP 184 mg/L, WBC 15.2 x10^9/L.

IMPRESSION: Right lower lobe pneumonia. No pleural effusion.

PLAN: Repeat chest radiograph in six weeks."""


class Session:
    """A browser session without a browser: one visit, and the handlers of both tabs."""

    def __init__(self, parts: Parts, rater: str = "invented") -> None:
        screen = ChatScreen(parts.desk)
        self.visit = Visit(rater=rater)
        self.report, self.answers = ReportHandlers(screen), AnswerHandlers(screen)
        self.library = LibraryHandlers(parts.desk, self.report)
        self.shown: Screen = {}

    def do(self, handler: Callable[..., Any], *args: Any, **kwargs: Any) -> Screen:
        screen = asyncio.run(_last(handler(self.visit, *args, **kwargs)))
        self.shown |= screen
        return screen

    def read(self, text: str = REPORT) -> Screen:
        return self.do(self.report.paste, {"text": text})

    def summary(self) -> int:
        self.do(self.answers.quick, mode=Mode.SUMMARIZE)
        turn_id = self.visit.turns[-1].turn_id
        assert turn_id is not None
        return turn_id


async def _last(result: Any) -> Screen:
    if not isinstance(result, AsyncIterator):
        return await result
    shown: Screen = {}
    async for screen in result:
        shown |= screen
    return shown


@pytest.fixture
def parts(make_parts: Callable[..., Parts]) -> Parts:
    """Where no hour is ever left out or comes twice."""
    return make_parts(server={"timezone": "Asia/Tokyo"})


@pytest.fixture
def session(parts: Parts) -> Session:
    return Session(parts)


def test_the_handlers_know_no_widget() -> None:
    code = "import sys, ui.handlers, ui.handlers_library, ui.handlers_report; sys.exit('gradio' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_the_page_takes_no_decisions() -> None:
    tree = ast.parse((Path(__file__).parents[2] / "ui" / "app.py").read_text("utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.If | ast.IfExp | ast.Match)]


# ── the report ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_pasted_report_is_shown_masked(session: Session) -> None:
    shown = session.read()["report"]
    assert "[NAME_1]" in shown
    assert "spans masked" in shown


def test_an_empty_report_is_refused_beside_its_box(session: Session) -> None:
    shown = session.read("  ")
    assert "holds no text" in shown["report_problem"]
    assert "report" not in shown


def test_unmasking_a_false_alarm_and_masking_it_again(session: Session) -> None:
    session.read()
    start = REPORT.index("Ottilie Brannigan")
    span = {"start": str(start), "end": str(start + len("Ottilie Brannigan"))}
    shown = session.do(session.report.unmask, span)["report"]
    assert ">Ottilie Brannigan<" in shown
    assert "1 unmasked" in shown
    assert "Ottilie Brannigan" in (session.visit.report.text if session.visit.report else "")
    shown = session.do(session.report.mask, span)["report"]
    assert ">Ottilie Brannigan<" not in shown


def test_masking_a_miss(session: Session) -> None:
    session.read()
    start = REPORT.index("six weeks")
    session.do(session.report.mask, {"start": start, "end": start + 9})
    assert session.visit.report is not None
    assert "six weeks" not in session.visit.report.text


def test_an_upload_is_read_in_memory_and_its_size_is_checked_first(session: Session) -> None:
    content = base64.b64encode(REPORT.encode()).decode()
    session.do(session.report.upload, {"name": "note.txt", "size": len(REPORT), "content": content})
    assert session.visit.loaded is not None
    shown = session.do(session.report.upload, {"name": "scan.txt", "size": 50_000_000, "content": ""})
    assert "50.0 MB" in shown["report_problem"]


def test_a_table_offers_its_reports(session: Session) -> None:
    table = 'text\n"IMPRESSION: Pneumonia."\n"IMPRESSION: Normal chest."\n'
    content = base64.b64encode(table.encode()).decode()
    shown = session.do(session.report.upload, {"name": "notes.csv", "size": len(table), "content": content})
    assert "Choose one of 2 reports" in shown["report"]
    session.do(session.report.pick, {"number": "1"})
    assert session.visit.report is not None
    assert "Normal chest" in session.visit.report.text


def test_a_row_of_a_table_stays_the_same_report_when_a_mask_is_changed(session: Session) -> None:
    table = 'id,patient,text\na7,P-1,"Seen by Ottilie Brannigan. IMPRESSION: Pneumonia."\n'
    content = base64.b64encode(table.encode()).decode()
    session.do(session.report.upload, {"name": "notes.csv", "size": len(table), "content": content})
    before = session.visit.report
    assert before is not None
    assert session.visit.loaded is not None
    start = session.visit.loaded.original.index("Pneumonia")
    session.do(session.report.mask, {"start": start, "end": start + 9})
    after = session.visit.report
    assert after is not None
    assert "Pneumonia" not in after.text
    assert (after.id, after.patient) == (before.id, before.patient)
    assert before.id == "a7"
    assert before.patient


def test_examples_can_be_compared_with_each_other(session: Session) -> None:
    shown = session.do(session.report.example, {"name": "follow_up_note"})
    assert "Example: Discharge summary" in shown["beside"]
    session.do(session.report.compare, {"value": "example:discharge_summary"})
    shown = session.do(session.answers.quick, mode=Mode.COMPARE)
    assert session.visit.turns, shown


def test_changes_of_masks_are_undone_one_by_one(session: Session) -> None:
    session.read()
    texts = [session.shown["report"]]
    for words in ("pneumonia", "six weeks"):
        start = REPORT.index(words)
        session.do(session.report.mask_alike, {"start": start, "end": start + len(words)})
    assert "by you: " in session.shown["report"]
    for left in (1, 0):
        shown = session.do(session.report.undo, {})["report"]
        assert "Undone." in shown
        assert f"Changed by you: {left}" in shown
    assert marks(shown) == marks(texts[0])
    assert "nothing to undo" in session.do(session.report.undo, {})["report"]


def marks(html: str) -> str:
    return html[html.index('class="paper"') : html.index('class="review"')]


def test_a_step_that_changes_nothing_is_no_step(session: Session) -> None:
    session.read()
    start = REPORT.index("Ottilie Brannigan")
    shown = session.do(session.report.mask_alike, {"start": start, "end": start + len("Ottilie Brannigan")})
    assert "masked already" in shown["report"]
    assert session.visit.before == []


def test_only_the_last_steps_are_remembered_and_none_for_another_report(session: Session) -> None:
    session.read()
    assert session.visit.loaded is not None
    for _ in range(40):
        session.visit.change(session.visit.loaded)
    assert len(session.visit.before) == 30
    session.read("IMPRESSION: Normal chest.")
    assert session.visit.before == []


READ_OUT = "four seven one nine two six"
"""What only the second look sees."""
OPEN = f"HISTORY: The number read out was {READ_OUT} last week, for a brown stool.\n\nPLAN: Rest."


def test_a_report_is_asked_about_and_kept_once_all_in_it_was_looked_at(session: Session, parts: Parts) -> None:
    shown = session.read(OPEN)
    assert "Keep (1 to check)" in shown["report"]
    assert "1 place still looks like an identifier" in shown["notice"]
    refused = session.do(session.answers.ask, "What is the plan?")
    assert "look at each in the report" in refused["problem"]
    assert refused["question"] == "What is the plan?"
    assert "still looks like" in session.do(session.report.keep_report, {})["report_problem"]
    assert parts.desk.count_reports() == 0
    start = OPEN.index(READ_OUT)
    shown = session.do(session.report.confirm, {"start": start, "end": start + len(READ_OUT)})
    assert "Left as text." in shown["report"]
    assert shown["notice"] == ""
    assert "Kept as" in session.do(session.report.keep_report, {})["report"]
    session.do(session.answers.ask, "What is the plan?")
    assert len(session.visit.turns) == 1


def test_what_was_settled_is_open_again_after_undo(session: Session) -> None:
    session.read(OPEN)
    start = OPEN.index(READ_OUT)
    session.do(session.report.confirm, {"start": start, "end": start + len(READ_OUT)})
    shown = session.do(session.report.undo, {})
    assert "Keep (1 to check)" in shown["report"]
    assert "still looks like" in shown["notice"]


# ── questions and answers ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_summary_is_cited_and_its_source_opens(session: Session) -> None:
    session.read()
    turn_id = session.summary()
    assert "✓1" in session.shown["talk"]
    shown = session.do(session.report.cite, {"turn": str(turn_id), "number": "1"})
    assert "quoted" in shown["report"]
    shown = session.do(session.report.close_source, {})
    assert 'class="quoted' not in shown["report"]


def test_a_refused_question_stays_in_its_box(session: Session) -> None:
    session.read()
    shown = session.do(session.answers.ask, "x" * 100_000)
    assert shown["question"] == "x" * 100_000
    assert "100000 characters" in shown["problem"]
    assert shown["live"] == ""


def test_comparing_without_an_earlier_report_says_what_to_do(session: Session) -> None:
    session.read()
    shown = session.do(session.answers.quick, mode=Mode.COMPARE)
    assert "choose the earlier one" in shown["problem"]


def test_one_answer_at_a_time(session: Session) -> None:
    session.read()
    session.visit.stop = asyncio.Event()
    assert session.do(session.answers.ask, "What is the diagnosis?") == {}


async def _stages(session: Session) -> list[str]:
    screens = [screen async for screen in session.answers.quick(session.visit, mode=Mode.SUMMARIZE)]
    words = [re.findall(r'class="stage"[^>]*>(.*?) …<', screen.get("live", "")) for screen in screens]
    return list(dict.fromkeys(word for found in words for word in found))


def test_what_is_going_on_is_said_in_a_word(session: Session, example: Callable[[str], str]) -> None:
    session.read()
    assert asyncio.run(_stages(session)) == ["Searching", "Writing", "Checking sources"]
    session.do(session.library.add_file, _file("a.txt", example("radiology_report"), 0, 1))
    assert asyncio.run(_stages(session)) == ["Searching", "Searching 1 past report", "Writing", "Checking sources"]


def test_why_the_model_did_not_answer_is_said_again_after_a_reload(make_parts: Callable[..., Parts]) -> None:
    # Nothing listens on port 9 of this machine.
    parts = make_parts(generation={"backend": "remote", "url": "http://127.0.0.1:9/v1", "model": "invented"})
    session = Session(parts)
    session.read()
    turn_id = session.summary()
    assert "does not answer" in session.shown["notice"]
    assert "Until then Curbside quotes the reports." in session.shown["notice"]
    again = Session(parts)
    shown = again.do(again.report.load, f"#c{session.visit.conversation_id}")
    assert shown["notice"] == session.shown["notice"]
    assert again.visit.turn(turn_id).answer.fallback
    assert "Quoted, not written by the model" in shown["talk"]
    assert again.do(again.answers.new_conversation, {})["notice"] == ""


def test_ratings_corrections_and_choices_are_kept(session: Session, parts: Parts) -> None:
    session.read()
    turn_id = session.summary()
    session.do(session.answers.rate, {"turn": turn_id, "thumbs": "-1"})
    shown = session.do(session.answers.reason, {"turn": turn_id, "reason": "missing", "comment": "no plan"})
    assert "Rated poor: missing something" in shown["talk"]
    shown = session.do(session.answers.correct, {"turn": turn_id, "text": "Pneumonia on the right.", "reason": "wrong"})
    assert "Kept. 1 correction this week; training on Sunday at 02:00 needs 30." in shown["talk"]
    assert "<ins>" in shown["talk"]
    session.do(session.answers.second, {"turn": str(turn_id)})
    other = session.visit.turns[-1].other
    assert other is not None
    assert other.turn_id is not None
    shown = session.do(session.answers.choose, {"turn": other.turn_id})
    assert "your choice" in shown["talk"]
    counts = parts.feedback.counts()
    assert (counts.thumbs_down, counts.edits, counts.choices) == (1, 1, 1)


def test_the_reason_for_a_correction_can_be_chosen_after_saving(session: Session, parts: Parts) -> None:
    session.read()
    turn_id = session.summary()
    shown = session.do(session.answers.correct, {"turn": turn_id, "text": "Pneumonia on the right."})
    assert 'data-reason="unsafe" aria-pressed="false"' in shown["talk"]
    shown = session.do(session.answers.correct, {"turn": str(turn_id), "reason": "unsafe"})
    assert "Reason kept." in shown["talk"]
    assert 'data-reason="unsafe" aria-pressed="true"' in shown["talk"]
    first, second = parts.feedback.edits(turn_id)
    assert (first.reason, second.reason, second.based_on) == (None, "unsafe", first.id)
    assert first.edited_answer == second.edited_answer
    shown = session.do(session.answers.correct, {"turn": str(turn_id), "reason": "unsafe"})
    assert "the same as the answer" in shown["talk"]
    assert len(parts.feedback.edits(turn_id)) == 2


def test_an_unchanged_correction_is_refused_and_the_editor_stays(session: Session) -> None:
    session.read()
    turn_id = session.summary()
    text = session.visit.turns[-1].answer.text
    shown = session.do(session.answers.correct, {"turn": turn_id, "text": text})
    assert "the same as the answer" in shown["talk"]
    assert "data-saved" not in shown["talk"]


def test_two_windows_editing_one_answer_lose_nothing(session: Session, parts: Parts) -> None:
    session.read()
    turn_id = session.summary()
    second = Session(parts)
    second.do(second.report.load, f"#c{session.visit.conversation_id}")
    session.do(session.answers.correct, {"turn": turn_id, "text": "The first window's text."})
    shown = second.do(second.answers.correct, {"turn": turn_id, "text": "The second window's text."})
    assert "corrected in another window" in shown["talk"]
    assert "first window&#x27;s text" in shown["talk"]
    based_on = parts.desk.latest_edit(turn_id, "invented")
    assert based_on is not None
    shown = second.do(
        second.answers.correct, {"turn": turn_id, "text": "The second window's text.", "based_on": str(based_on.id)}
    )
    assert "Kept. 1 correction this week; training" in shown["talk"]


def test_a_conversation_is_found_again_without_the_original_text(session: Session, parts: Parts) -> None:
    session.read()
    session.summary()
    again = Session(parts)
    shown = again.do(again.report.load, f"#c{session.visit.conversation_id}")
    assert "✓1" in shown["talk"]
    assert "[NAME_1]" in shown["report"]
    assert "Brannigan" not in "".join(shown.values())


def test_somebody_elses_conversation_is_not_shown(session: Session, parts: Parts) -> None:
    session.read()
    session.summary()
    stranger = Session(parts, rater="somebody-else")
    shown = stranger.do(stranger.report.load, f"#c{session.visit.conversation_id}")
    assert "Load a report" in shown["talk"]


def test_a_conversation_is_deleted(session: Session) -> None:
    session.read()
    session.summary()
    shown = session.do(session.answers.delete_conversation, {"id": str(session.visit.conversation_id)})
    assert 'data-act="open_conversation"' not in shown["bar"]


def test_an_unexpected_error_is_said_calmly_and_logged_without_its_message(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    shown = session.do(session.answers.rate, {"turn": "Ottilie Brannigan", "thumbs": "1"})
    assert "nothing was lost" in shown["problem"]
    assert "ValueError" in caplog.text
    assert "Brannigan" not in caplog.text


def test_a_full_disk_is_said_beside_the_answer(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.read()
    turn_id = session.summary()

    def full(*_args: Any, **_kwargs: Any) -> int:
        raise DiskFull(free_bytes=0)

    monkeypatch.setattr(session.report._desk, "rate", full)
    assert "free some space" in session.do(session.answers.rate, {"turn": turn_id, "thumbs": "1"})["talk"]


# ── the library ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _file(name: str, text: str, number: int, total: int) -> dict[str, Any]:
    content = base64.b64encode(text.encode()).decode()
    return {"name": name, "size": len(text), "content": content, "number": number, "total": total}


def test_files_are_ingested_one_by_one_with_a_result_each(session: Session, example: Callable[[str], str]) -> None:
    session.do(session.library.add_file, _file("a.txt", example("discharge_summary"), 0, 3))
    session.do(session.library.add_file, _file("b.exe", "MZ", 1, 3))
    shown = session.do(session.library.add_file, _file("c.txt", example("radiology_report"), 2, 3))
    assert "3 files read" in shown["ingest"]
    assert "Cannot read .exe" in shown["ingest"]
    assert "2 reports" in shown["library"]


def test_a_bad_row_of_a_table_gets_its_own_line_and_the_others_are_kept(session: Session) -> None:
    rows = '{"id": "a", "text": "IMPRESSION: Pneumonia."}\n{\n{"id": "b", "text": "IMPRESSION: Normal chest."}\n'
    shown = session.do(session.library.add_file, _file("rows.jsonl", rows, 0, 1))
    results = [(report_id, "line 2" in result) for _, report_id, _, _, result in session.visit.ingested]
    assert sorted(results) == [("", True), ("a", False), ("b", False)]
    assert shown["ingest"].count("<tr>") == 1 + 3  # the heading
    assert "line 2" in shown["ingest"]
    assert "2 reports" in shown["library"]


def test_a_folder_of_this_computer_is_ingested(session: Session, tmp_path: Path, example: Callable[[str], str]) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "a.txt").write_text(example("discharge_summary"), "utf-8")
    shown = session.do(session.library.folder, {"folder": str(tmp_path / "reports")})
    assert "1 file read" in shown["ingest"]
    shown = session.do(session.library.folder, {"folder": "relative"})
    assert "no such folder" in shown["ingest"]


def test_a_report_is_found_opened_asked_about_and_deleted(session: Session, example: Callable[[str], str]) -> None:
    session.do(session.library.add_file, _file("a.txt", example("radiology_report"), 0, 1))
    report_id = session.visit.ingested[0][1]
    assert report_id in session.do(session.library.search, {"query": "pancreatic mass"})["library"]
    shown = session.do(session.library.open_report, {"id": report_id})
    assert "IMPRESSION" in shown["opened"]
    shown = session.do(session.library.use_report, {"id": report_id})
    assert "only the masked text was kept" in shown["report"]
    session.summary()
    shown = session.do(session.library.open_report, {"id": report_id})
    assert "Delete with 1 conversation for good?" in shown["opened"]
    shown = session.do(session.library.delete_report, {"id": report_id})
    assert "1 report and 1 conversation deleted." in shown["opened"]
    assert (session.visit.report, session.visit.turns, session.visit.conversation_id) == (None, [], None)
    assert "no report" in session.do(session.library.open_report, {"id": report_id})["opened"]
    assert report_id not in session.do(session.library.search, {"query": "pancreatic mass"})["library"]


@pytest.mark.parametrize("act", ["mask", "mask_alike"])
def test_what_is_masked_after_asking_leaves_the_old_conversation_and_the_library(
    session: Session, parts: Parts, act: str
) -> None:
    session.read("IMPRESSION: Right lower lobe pneumonia, zorbick known.\nPLAN: Repeat zorbick film in six weeks.")
    session.do(session.report.keep_report, {})
    turn_id, number = session.summary(), session.visit.conversation_id
    assert number is not None
    parts.desk.correct(turn_id, rater="invented", text="Pneumonia; ask zorbick.")
    assert "orbick" in repr(_texts(parts, number))
    start = session.visit.loaded.original.index("zorbick")  # type: ignore[union-attr]
    shown = session.do(getattr(session.report, act), {"start": start, "end": start + 7})
    if act == "mask_alike":
        assert "The old one is under Earlier, without what you masked." in shown["notice"]
    else:
        assert "1 place still looks like an identifier" in shown["notice"]
    assert "orbick" not in repr(_texts(parts, number)).lower()
    copy = parts.library.get(session.visit.report.id).text  # type: ignore[union-attr]
    assert "orbick" not in copy, "in the library nobody looks at what is still open: it is masked"


def _texts(parts: Parts, number: int) -> list[object]:
    kept = parts.feedback.conversation(number)
    texts: list[object] = [kept.title, kept.report.text if kept.report else ""]
    for rated in kept.turns:
        texts += [rated.turn.question, rated.turn.answer.text, rated.edit and rated.edit.edited_answer]
        texts += [message.content for message in rated.turn.messages]
        texts += [source.text for source in rated.turn.answer.sources]
    return texts


def test_an_empty_search_lists_all_reports(session: Session) -> None:
    assert "No reports yet" in session.do(session.library.search, {"query": " "})["library"]


def test_a_visit_that_ends_forgets_the_original(session: Session) -> None:
    session.read()
    session.visit.clear()
    assert session.visit.loaded is None
    assert session.visit.report is None


def test_two_quick_clicks_on_masks_both_count(session: Session) -> None:
    session.do(session.report.paste, {"text": REPORT})
    loaded = session.visit.loaded
    assert loaded is not None
    first, second = (mask.span for mask in loaded.masked.masks[:2])

    async def both() -> None:
        clicks = [
            session.report.unmask(session.visit, {"start": span.start, "end": span.end}) for span in (first, second)
        ]
        await asyncio.gather(*clicks)

    asyncio.run(both())
    assert session.visit.loaded is not None
    assert session.visit.loaded.keep == ((first.start, first.end), (second.start, second.end))


def test_a_question_right_after_a_mask_sees_the_masked_text(session: Session) -> None:
    session.do(session.report.paste, {"text": REPORT})
    start = REPORT.index("Right lower lobe")

    async def mask_and_ask() -> None:
        masking = asyncio.create_task(
            session.report.mask(session.visit, {"start": start, "end": start + len("Right lower lobe")})
        )
        await asyncio.sleep(0)
        await _last(session.answers.ask(session.visit, "What is the diagnosis?"))
        await masking

    asyncio.run(mask_and_ask())
    assert "Right lower lobe" not in session.visit.turns[-1].answer.text
    assert "pneumonia" in session.visit.turns[-1].answer.text


def test_changing_masks_after_an_answer_begins_a_new_conversation(session: Session) -> None:
    session.do(session.report.paste, {"text": REPORT})
    session.do(session.answers.ask, "What is the diagnosis?")
    assert session.visit.loaded is not None
    span = session.visit.loaded.masked.masks[0].span
    shown = session.do(session.report.unmask, {"start": span.start, "end": span.end})
    assert session.visit.turns == []
    assert session.visit.conversation_id is None
    assert "a new conversation begins" in shown["notice"]


def test_an_answer_that_could_not_be_kept_stays_on_the_screen(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.do(session.report.paste, {"text": REPORT})

    def full(*_args: Any) -> None:
        raise DiskFull(free_bytes=0)

    monkeypatch.setattr("ui.desk.Desk._keep_turn", full)
    shown = session.do(session.answers.ask, "What is the diagnosis?")
    assert "pneumonia" in shown["talk"]
    assert "free some space" in shown["problem"]


def test_an_answer_that_could_not_be_kept_is_not_shown_to_whoever_came_next(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.do(session.report.paste, {"text": REPORT})

    def full(*_args: Any) -> None:
        session.visit.of("somebody-else")
        raise DiskFull(free_bytes=0)

    monkeypatch.setattr("ui.desk.Desk._keep_turn", full)
    session.do(session.answers.ask, "What is the diagnosis?")
    assert session.visit.turns == []


def test_the_next_person_in_the_same_browser_does_not_see_the_report(session: Session) -> None:
    session.do(session.report.paste, {"text": REPORT})
    assert session.visit.of("invented").loaded is not None
    assert session.visit.of("somebody-else").loaded is None


def test_a_report_that_replaces_another_says_so(session: Session) -> None:
    tables = [f"id,report\n1,IMPRESSION: {words}.\n" for words in ("Gout", "Gout", "Fracture")]
    for number, table in enumerate(tables):
        session.do(session.library.add_file, _file(f"table{number}.csv", table, number, len(tables)))
    said = [row[-1] for row in session.visit.ingested]
    assert said == ["indexed", "was there already", "replaced the one with this id"]
