"""What a person can do at Curbside, whichever door they come in by: browser, HTTP and terminal all call this.

The desk joins the assistant (which answers) and the feedback store (which remembers). It knows no widget, no route and
no option; it takes and gives values. Everything a person types is de-identified here before it is kept.
"""

import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from assistant.chat import Event, Finished, Question, Recall
from assistant.deid.mask import Placeholders
from assistant.deid.review import check_spans, mask_typed, undecided
from assistant.errors import (
    EmptyFile,
    InputError,
    NeedsReview,
    NothingToAnswer,
    ReportTooLong,
    TurnNotFound,
    UnknownValue,
)
from assistant.schema import Hit, Message, RawReport, Report
from feedback.schema import Conversation, ConversationSummary, Edit, Reason, Ruling, Turn
from ui.desk_values import Ask, Correction, LoadedReport, TurnKept
from ui.records import hit_record
from ui.shared_gpu import quoting_now
from ui.wiring_answers import QUOTING

if TYPE_CHECKING:
    from assistant.ingest import IngestResult
    from assistant.library import ReportSummary
    from assistant.reading import Columns
    from ui.settings import Settings
    from ui.wiring import Parts

log = logging.getLogger(__name__)

T = TypeVar("T")

_TITLE_CHARS = 60
_MASKING_ROUNDS = 3
"""What is masked changes what stands beside it; what is open after so many rounds is for a person."""
_HISTORY_TURNS = 6
"""Earlier turns shown to the model: enough for "and before that?", little enough for a small context."""


class Desk:
    """One installation's desk. Safe to share between people, threads and event loops."""

    def __init__(self, parts: "Parts") -> None:
        self._parts = parts

    @property
    def settings(self) -> "Settings":
        return self._parts.settings

    # ---- reports on the screen

    def load_text(
        self,
        text: str,
        *,
        keep: Sequence[tuple[int, int]] = (),
        add: Sequence[tuple[int, int]] = (),
        confirmed: Sequence[tuple[int, int]] = (),
        placeholders: Placeholders | None = None,
        source_id: str | None = None,
        patient: str | None = None,
    ) -> LoadedReport:
        """De-identify and section a pasted report; nothing is kept.

        Raises:
            EmptyFile, ReportTooLong: an empty report, or one above `reading.max_report_chars`.
        """
        raw = RawReport(text=self._pasted(text), source_id=source_id, patient=patient)
        return self.load(raw, keep=keep, add=add, confirmed=confirmed, placeholders=placeholders)

    def load_file(self, data: bytes, name: str, *, placeholders: Placeholders | None = None) -> list[LoadedReport]:
        """The reports in an uploaded file (several in a table), de-identified; nothing is kept. Raises `ReadingError`."""
        from assistant.reading import read_bytes

        raws = read_bytes(data, name=name, settings=self.settings.reading)
        return [self.load(raw, placeholders=placeholders) for raw in raws]

    def remask(
        self, loaded: LoadedReport, *, keep: Sequence[tuple[int, int]], add: Sequence[tuple[int, int]]
    ) -> LoadedReport:
        """The same report with other masks, as the reviewer wants it."""
        # Fresh placeholders: numbers of spans that were unmasked must not leave gaps that tell where a name stood.
        return self.load(loaded.raw, keep=keep, add=add, confirmed=loaded.confirmed)

    def confirm(self, loaded: LoadedReport, span: tuple[int, int]) -> LoadedReport:
        """The same report, and `span` (original offsets) is no identifier: it stays as text. Raises `DeidError`."""
        check_spans(loaded.original, [span])
        left = undecided(loaded.original, loaded.residual, [span])
        return replace(loaded, confirmed=(*loaded.confirmed, span), residual=left)

    def mask_residual(self, loaded: LoadedReport) -> LoadedReport:
        """The same report with every place that is still open masked as `OTHER`, without a person."""
        for _ in range(_MASKING_ROUNDS):
            if not loaded.residual:
                break
            open_spans = [(place.start, place.end) for place in loaded.residual]
            loaded = self.load(
                loaded.raw,
                keep=loaded.keep,
                add=[*loaded.add, *open_spans],
                confirmed=loaded.confirmed,
                placeholders=loaded.placeholders,  # masks are only added, so no number is left out
            )
        return loaded

    def take_out(self, before: LoadedReport, after: LoadedReport, rater: str) -> int:
        """Take what `after` masks and `before` did not out of the rater's conversations about the report, and its copy in the library.

        How many conversations there are. What is still open is masked in the library's copy: nobody has looked at it there.
        """
        words = after.masked_since(before)
        if not words:
            return 0
        conversations = self._parts.feedback.scrub(after.report.id, rater=rater, words=words)
        if self._parts.library.get_all([after.report.id]):
            self.keep_report(self.mask_residual(after))
        return conversations

    def reviewed(self, loaded: LoadedReport) -> Report:
        """The masked report, to be kept or asked about. Raises `NeedsReview` while something in it is open."""
        if loaded.residual:
            raise NeedsReview(places=loaded.residual)
        return loaded.report

    def load(
        self,
        raw: RawReport,
        *,
        keep: Sequence[tuple[int, int]] = (),
        add: Sequence[tuple[int, int]] = (),
        confirmed: Sequence[tuple[int, int]] = (),
        placeholders: Placeholders | None = None,
    ) -> LoadedReport:
        """De-identify and section a report as it was read; nothing is kept."""
        placeholders = placeholders or Placeholders()
        prepared = self._parts.ingest.prepare(raw, placeholders=placeholders, keep=keep, add=add, confirmed=confirmed)
        return LoadedReport(
            raw=raw,
            masked=prepared.masked,
            report=prepared.report,
            placeholders=placeholders,
            keep=tuple(keep),
            add=tuple(add),
            confirmed=tuple(confirmed),
            residual=prepared.residual,
        )

    # ---- questions

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """Do something that needs the processor or the database, in its turn, from asynchronous code."""
        return await self._parts.chat.run(work, *args)

    async def ask(self, ask: Ask) -> AsyncIterator[Event | TurnKept]:
        """Answer and keep the turn. Yields the chat's events, then `TurnKept`.

        Raises:
            InputError: before the first event, and then nothing is kept.
            NeedsReview: likewise, while something in `loaded` is open: the report is kept with its conversation.
            ConversationNotFound, TurnNotFound: likewise, for an id that is not this person's.
        """
        conversation = None
        if ask.conversation_id is not None:
            conversation = await self.run(self.conversation, ask.conversation_id, ask.rater)
        first = await self.run(self._own_turn, ask.alternative_of, ask.rater) if ask.alternative_of else None
        if ask.loaded is not None:
            self.reviewed(ask.loaded)
        question = self._question(ask, conversation, first)
        events = self._parts.chat.answer(question)
        with self._parts.metrics.asking() as saw:
            async with aclosing(events):  # type: ignore[type-var]
                async for event in events:
                    saw(event)
                    yield event
                    if isinstance(event, Finished):
                        yield await self.run(self._keep_turn, ask, question, event)

    def _question(self, ask: Ask, conversation: Conversation | None, first: Turn | None) -> Question:
        report = ask.loaded.report if ask.loaded else ask.report
        earlier = ask.earlier
        if conversation is not None:
            report, earlier = report or conversation.report, earlier or conversation.earlier
        return Question(
            text=first.question if first else ask.text,
            mode=first.mode if first else ask.mode,
            report=report,
            earlier=earlier,
            history=_history(conversation, until=ask.alternative_of),
            placeholders=ask.loaded.placeholders if ask.loaded else _reserved(report),
            stop=ask.stop,
            variant=1 if first else 0,
            recall=self._recall(ask.rater, report),
        )

    def _recall(self, rater: str, report: Report | None) -> Recall | None:
        """What brings this person's and others' accepted answers back as examples."""
        limit = self.settings.chat.examples
        if limit is None:  # quoting reads any number at no cost; a model reads each before its first word
            limit = 6 if self.settings.generation.backend == "quoting" else 3
        if not limit:
            return None
        memory = self._parts.memory
        return lambda mode, question: memory.recall(
            mode=mode, question=question, report=report, rater=rater, limit=limit
        )

    def _keep_turn(self, ask: Ask, question: Question, finished: Finished) -> TurnKept:
        store = self._parts.feedback
        conversation_id = ask.conversation_id
        if conversation_id is None:
            title = " ".join((question.report.title if question.report else finished.question).split())[:_TITLE_CHARS]
            conversation_id = store.start_conversation(
                rater=ask.rater, title=title or "Conversation", report=question.report, earlier=question.earlier
            )
        elif ask.loaded is not None or ask.report is not None or ask.earlier is not None:
            store.set_reports(conversation_id, report=question.report, earlier=question.earlier)
        turn_id = store.add_turn(
            conversation_id,
            rater=ask.rater,
            question=finished.question,
            mode=finished.prompt.mode,
            answer=finished.answer,
            messages=finished.prompt.messages,
            report=question.report,
            alternative_of=ask.alternative_of,
        )
        return TurnKept(turn_id, conversation_id)

    async def ask_once(self, question: Question, *, saw: Callable[[Event], None] | None = None) -> Finished:
        """Answer without keeping anything. The question is masked here; its reports are, by `mask_residual`, before.

        Args:
            saw: Is told each event.
        """
        events = self._parts.chat.answer(question)
        async with aclosing(events):  # type: ignore[type-var]
            async for event in events:
                if saw is not None:
                    saw(event)
                if isinstance(event, Finished):
                    return event
        raise NothingToAnswer(problem="the answer did not finish; ask again")

    # ---- feedback

    def rate(self, turn_id: int, *, rater: str, thumbs: int, reason: str | None = None, comment: str = "") -> int:
        """Keep a thumb (+1 or -1), perhaps with a reason and a comment. The rating's id."""
        if thumbs not in (1, -1):
            raise UnknownValue(name="thumbs", value=str(thumbs), known=("1", "-1"))
        turn = self._own_turn(turn_id, rater)
        assert turn is not None
        self._parts.metrics.feedback("thumbs_up" if thumbs > 0 else "thumbs_down")
        return self._parts.feedback.rate(
            turn_id,
            rater=rater,
            thumbs=thumbs,
            reason=reason_named(reason),
            comment=self._masked(comment, known=_kept_text(turn)),
        )

    def correct(
        self,
        turn_id: int,
        *,
        rater: str,
        text: str,
        reason: str | None = None,
        based_on: int | None = None,
    ) -> Correction:
        """Keep a corrected answer; the original stays. The text of `based_on` with another reason amends the reason.

        Raises:
            InputError: an empty correction, or one that changes nothing.
            EditConflict: another window saved meanwhile; nothing is overwritten.
        """
        turn = self._own_turn(turn_id, rater)
        assert turn is not None
        text = self._masked(text, known=_kept_text(turn)).strip()
        if not text:
            raise InputError("the correction is empty; write the answer as it should be, or rate it with a thumb down")
        base, why = self._edited(turn_id, based_on), reason_named(reason)
        unchanged = text == (base.edited_answer if base else turn.answer.text).strip()
        if unchanged and (base is None or why in (None, base.reason)):
            raise InputError("the correction is the same as the answer; change it, or close the editor with Esc")
        self._parts.metrics.feedback("edit")
        edit_id = self._parts.feedback.edit(turn_id, rater=rater, edited_answer=text, reason=why, based_on=based_on)
        if unchanged:
            return Correction(edit_id, "Reason kept.")
        return Correction(edit_id, self._parts.loop_desk.after_correction())

    def _edited(self, turn_id: int, edit_id: int | None) -> Edit | None:
        if edit_id is None:
            return None
        return next((edit for edit in self._parts.feedback.edits(turn_id) if edit.id == edit_id), None)

    def latest_edit(self, turn_id: int, rater: str) -> Edit | None:
        """The correction that holds now, for the window that lost a conflict."""
        self._own_turn(turn_id, rater)
        edits = self._parts.feedback.edits(turn_id)
        return edits[-1] if edits else None

    def choose(self, chosen_turn_id: int, rejected_turn_id: int, *, rater: str) -> int:
        """Keep that one of two answers to a question is the better. The choice's id."""
        chosen, rejected = self._own_turn(chosen_turn_id, rater), self._own_turn(rejected_turn_id, rater)
        assert chosen is not None
        assert rejected is not None
        if chosen_turn_id == rejected_turn_id or (chosen.alternative_of or chosen.id) != (
            rejected.alternative_of or rejected.id
        ):
            raise InputError("the two answers are not to one question; choose between an answer and its second answer")
        self._parts.metrics.feedback("choice")
        return self._parts.feedback.choose(chosen=chosen_turn_id, rejected=rejected_turn_id, rater=rater)

    def follow(self, key: str, *, rater: str, on: bool) -> None:
        """Let what was said under `key` be an example again, or no more; then it teaches nothing either. Raises `SaidNotFound`."""
        self._parts.feedback.decide(key, Ruling.ACCEPT if on else Ruling.DISCARD, rater=rater)

    def _own_turn(self, turn_id: int | None, rater: str) -> Turn | None:
        if turn_id is None:
            return None
        turn = self._parts.feedback.turn(turn_id)
        if turn.rater != rater:
            raise TurnNotFound(turn_id=turn_id)
        return turn

    def _pasted(self, text: str) -> str:
        """A pasted report as files are read: one kind of line end, no characters that no text has."""
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
        text = text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair can be kept nowhere
        if not text.strip():
            raise EmptyFile(what="the report")
        self._check_length(text)
        return text

    def _check_length(self, text: str) -> None:
        limit = self.settings.reading.max_report_chars
        if len(text) > limit:
            raise ReportTooLong(length=len(text), limit=limit, what="the text")

    def _masked(self, text: str, *, known: str) -> str:
        """What a person typed about an answer, masked to be kept. `known` is kept already, as in `mask_typed`."""
        self._check_length(text)
        return mask_typed(self._parts.deidentifier, text, known=known).text if text.strip() else ""

    # ---- conversations

    def conversations(self, rater: str, *, offset: int = 0, limit: int = 50) -> Sequence[ConversationSummary]:
        return self._parts.feedback.conversations(rater, offset=offset, limit=limit)

    def conversation(self, conversation_id: int, rater: str) -> Conversation:
        """Raises `ConversationNotFound`, also for somebody else's."""
        return self._parts.feedback.conversation(conversation_id, rater=rater)

    def delete_conversation(self, conversation_id: int, rater: str) -> None:
        self._parts.feedback.delete_conversation(conversation_id, rater=rater)

    def source_text(self, report_id: str, conversation_id: int | None, rater: str) -> Report:
        """The report that a citation points into: the conversation's own, or one of the library. Raises `ReportNotFound`."""
        if conversation_id is not None:
            conversation = self.conversation(conversation_id, rater)
            for report in (conversation.report, conversation.earlier):
                if report is not None and report.id == report_id:
                    return report
        return self.report(report_id)

    # ---- the library

    def keep_report(self, loaded: LoadedReport) -> "IngestResult":
        """Put the report on the screen, masked as it is shown, into the library. Raises `NeedsReview`."""
        from assistant.ingest import Prepared

        return self._parts.ingest.keep_report(
            Prepared(report=loaded.report, masked=loaded.masked, residual=loaded.residual)
        )

    def add_report(
        self,
        text: str,
        *,
        source_id: str | None = None,
        patient: str | None = None,
        date: str | None = None,
        mask: Sequence[tuple[int, int]] = (),
        confirmed: Sequence[tuple[int, int]] = (),
    ) -> "IngestResult":
        """De-identify one report and put it into the library.

        `mask` and `confirmed` are spans that a person looked at: identifiers, and what only looks like them.

        Raises:
            NeedsReview: something else still looks like an identifier; nothing is kept.
        """
        from assistant.reading.columns import parse_date

        day = parse_date(date) if date else None
        if date and day is None:
            raise InputError("the date cannot be read; write it as YYYY-MM-DD, or leave it out")
        raw = RawReport(text=self._pasted(text), source_id=source_id, patient=patient, date=day)
        return self._parts.ingest.keep_report(self._parts.ingest.prepare(raw, add=mask, confirmed=confirmed))

    def add_file(self, data: bytes, name: str) -> "list[IngestResult]":
        """Put the reports of an uploaded file into the library, a result for each. The file itself is never written."""
        return list(self._parts.ingest.ingest_bytes(data, name=name))

    def ingest_files(
        self,
        paths: Iterable[Path],
        *,
        columns: "Columns | None" = None,
        on_progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> "Iterator[IngestResult]":
        """Read, de-identify and index files (or whole folders); one result for each report, good or bad."""
        from assistant.reading import Columns, report_paths

        files = report_paths([Path(path) for path in paths])
        return self._parts.ingest.ingest_paths(files, columns=columns or Columns(), on_progress=on_progress)

    def reports(self, offset: int = 0, limit: int = 50) -> "Sequence[ReportSummary]":
        return self._parts.library.list(offset=offset, limit=limit)

    def count_reports(self) -> int:
        return self._parts.library.count()

    def report(self, report_id: str) -> Report:
        """Raises `ReportNotFound`."""
        return self._parts.library.get(report_id)

    def count_about(self, report_id: str) -> int:
        """How many conversations go with a report when it is deleted."""
        return self._parts.feedback.count_about(report_id)

    def delete_report(self, report_id: str) -> int:
        """Delete a report from library and index, and all conversations about it; how many there were. Raises `ReportNotFound`."""
        self.report(report_id)
        # In this order: cut off in the middle, the report is still there, and can be deleted again.
        conversations = self._parts.feedback.delete_about(report_id)
        self._parts.ingest.delete_report(report_id)
        return conversations

    def earlier_choices(self, loaded: LoadedReport | None = None, *, limit: int = 50) -> "Sequence[ReportSummary]":
        """Reports to compare with: the same patient's first, then the last added."""
        recent = self.reports(0, limit)
        patient = loaded.report.patient if loaded else None
        return sorted(recent, key=lambda summary: patient is None or summary.patient != patient)

    def search(self, query: str, top_k: int = 10) -> list[Hit]:
        """Past reports, best first, each once at its best passage. The query is de-identified first."""
        if not query.strip():
            raise InputError("the search is empty; type what to look for")
        if len(query) > self.settings.chat.max_question_chars:
            query = query[: self.settings.chat.max_question_chars]
        if not self._parts.has_data or self._parts.library.count() == 0:
            return []
        masked = self._parts.deidentifier.mask(query).text
        found = self._parts.index.search_reports(masked, top_k=top_k)
        chunks = {chunk.id: chunk for chunk in self._parts.library.get_chunks([chunk_id for _, chunk_id, _ in found])}
        return [Hit(chunk=chunks[chunk_id], score=score) for _, chunk_id, score in found if chunk_id in chunks]

    def search_plain(self, query: str, top_k: int = 10) -> list[dict[str, Any]]:
        return [hit_record(hit) for hit in self.search(query, top_k)]

    # ---- state

    @property
    def model_id(self) -> str:
        return self._parts.model_id

    @property
    def quoting_now(self) -> str:
        """That the model rests while training has its GPU, and until when; empty while it answers."""
        return quoting_now(self._parts) if self.model_id != QUOTING else ""


def _reserved(report: Report | None) -> Placeholders:
    """Placeholders for a conversation whose names are forgotten: never one that already stands in the report."""
    if report is None:
        return Placeholders()
    placeholders = Placeholders(scope=report.patient or report.id)
    placeholders.reserve(report.text)
    return placeholders


def _kept_text(turn: Turn) -> str:
    """An answer and what the model read for it: text that is kept already."""
    return "\n".join([turn.answer.text, *(message.content for message in turn.messages)])


def _history(conversation: Conversation | None, *, until: int | None) -> tuple[Message, ...]:
    """Earlier turns, each as the clinician left it: the correction where there is one."""
    if conversation is None:
        return ()
    messages: list[Message] = []
    for kept in conversation.turns:
        if kept.turn.id == until:
            break
        if kept.turn.alternative_of is None and kept.turn.answer.text:
            text = kept.edit.edited_answer if kept.edit else kept.turn.answer.text
            messages += [
                Message(role="user", content=kept.turn.question),
                Message(role="assistant", content=text),
            ]
    return tuple(messages[-2 * _HISTORY_TURNS :])


def reason_named(value: str | None) -> Reason | None:
    """Raises `UnknownValue`."""
    if not value:
        return None
    try:
        return Reason(value)
    except ValueError:
        raise UnknownValue(name="reason", value=value, known=tuple(Reason)) from None
