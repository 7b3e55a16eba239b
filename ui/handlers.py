"""What the Chat tab does: events → the desk → what the screen shows then. Knows no widget.

Every handler takes the visit and what the page sent, and returns a `Screen`: the new content of the regions that
changed. Expected errors become a sentence beside the place where they happened; what was typed stays typed.
"""

import asyncio
import base64
import functools
import logging
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from assistant.chat import Delta, FellBack, Finished, Stage
from assistant.errors import CurbsideError, EditConflict, FileTooLarge, InputError, NothingToAnswer
from assistant.modes import standard_question
from assistant.schema import Answer, Citation, Mode, Report
from feedback.schema import Rating, Reason, Thumbs
from ui import render, render_answers
from ui.desk import Ask, Desk, LoadedReport, TurnKept
from ui.visit import ShownTurn, Visit

log = logging.getLogger(__name__)

Screen = dict[str, str]
"""Region → its new content. Regions that are not named stay as they are."""
Data = Mapping[str, Any]
P = ParamSpec("P")

EXAMPLES = {
    "discharge_summary": "Discharge summary: pneumonia, diabetes",
    "follow_up_note": "Follow-up of the same patient, six weeks later",
    "radiology_report": "CT report: mass of the pancreatic head",
}
_UNEXPECTED = "something went wrong; nothing was lost. Try again, and if it stays so, look into the log of the server"
_PAINT_S = 0.06
"""Shortest time between two updates of an answer that streams in."""


def say(error: Exception) -> str:
    """An error as a sentence for the screen. What was not expected is logged without its message, which may hold text."""
    if isinstance(error, CurbsideError):
        return str(error)
    log.error("unexpected %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
    return _UNEXPECTED


def calmly(region: str):
    """Errors of a handler are said in `region`, and taken away again when it succeeds."""

    def decorate(
        handler: Callable[Concatenate[Any, Visit, P], Awaitable[Screen]],
    ) -> Callable[Concatenate[Any, Visit, P], Awaitable[Screen]]:
        @functools.wraps(handler)
        async def handled(self: Any, visit: Visit, *args: P.args, **kwargs: P.kwargs) -> Screen:
            try:
                return {region: ""} | await handler(self, visit, *args, **kwargs)
            except Exception as error:  # noqa: BLE001  a process edge: the page never shows a stack trace
                return {region: render.problem(say(error))}

        return handled

    return decorate


class ChatHandlers:
    """The Chat tab over one desk."""

    def __init__(self, desk: Desk, *, timezone: str | None = None) -> None:
        self._desk = desk
        self._zone = ZoneInfo(timezone) if timezone else None

    # ---- coming in

    @calmly("problem")
    async def load(self, visit: Visit, place: str = "") -> Screen:
        """The first screen. `place` is the address's fragment: `#c12` comes back to conversation 12."""
        number = place.removeprefix("#c")
        if place.startswith("#c") and number.isdigit():
            try:
                visit.show(await asyncio.to_thread(self._desk.conversation, int(number), visit.rater))
            except CurbsideError:
                visit.clear_conversation()  # deleted, or somebody else's: begin anew
        return await self._all(visit) | {"header": render.header(visit.rater)}

    # ---- the report

    @calmly("report_problem")
    async def example(self, visit: Visit, data: Data) -> Screen:
        name = data.get("name")
        if name not in EXAMPLES:
            raise InputError("there is no such example; choose one of the three")
        text = (Path(__file__).with_name("examples") / f"{name}.txt").read_text(encoding="utf-8")
        return await self._load(visit, await asyncio.to_thread(self._desk.load_text, text))

    @calmly("report_problem")
    async def paste(self, visit: Visit, data: Data) -> Screen:
        return await self._load(visit, await asyncio.to_thread(self._desk.load_text, str(data.get("text", ""))))

    @calmly("report_problem")
    async def upload(self, visit: Visit, data: Data) -> Screen:
        visit.waiting = await asyncio.to_thread(read_upload, self._desk, data)
        if len(visit.waiting) == 1:
            return await self._load(visit, visit.waiting[0])
        return {"report": render.choose_report(visit.waiting)}

    @calmly("report_problem")
    async def pick(self, visit: Visit, data: Data) -> Screen:
        return await self._load(visit, visit.waiting[int(data["number"])])

    @calmly("report_problem")
    async def close_report(self, visit: Visit, data: Data) -> Screen:
        visit.clear()
        return await self._all(visit)

    @calmly("report_problem")
    async def keep_report(self, visit: Visit, data: Data) -> Screen:
        if visit.loaded is None:
            return {}
        kept = await asyncio.to_thread(self._desk.keep_report, visit.loaded)
        return {"report": self._report(visit, said=f"Kept as {kept.id}. Future answers can cite it.")}

    @calmly("report_problem")
    async def unmask(self, visit: Visit, data: Data) -> Screen:
        """A false alarm: show the text as it is."""
        return await self._remask(visit, unmask=_span(data))

    @calmly("report_problem")
    async def remask(self, visit: Visit, data: Data) -> Screen:
        """An unmasked span after all."""
        return await self._remask(visit, mask=_span(data))

    @calmly("report_problem")
    async def mask(self, visit: Visit, data: Data) -> Screen:
        """A miss."""
        return await self._remask(visit, mask=_span(data))

    async def _remask(
        self, visit: Visit, *, mask: tuple[int, int] | None = None, unmask: tuple[int, int] | None = None
    ) -> Screen:
        loaded = visit.loaded
        if loaded is None:
            return {}
        keep, add = changed_masks(loaded, mask=mask, unmask=unmask)
        visit.loaded = await asyncio.to_thread(self._desk.remask, loaded, keep=keep, add=add)
        visit.quoted = None
        return {"report": self._report(visit), "source": ""}

    @calmly("report_problem")
    async def compare(self, visit: Visit, data: Data) -> Screen:
        chosen = str(data.get("value", ""))
        visit.earlier = await asyncio.to_thread(self._desk.report, chosen) if chosen else None
        return {"beside": await self._beside(visit)}

    async def _load(self, visit: Visit, loaded: LoadedReport) -> Screen:
        """A new report begins a new conversation."""
        visit.clear()
        visit.loaded = loaded
        return await self._all(visit)

    async def use(self, visit: Visit, report: Report) -> Screen:
        """Ask about a report of the library, of which only the masked text is known."""
        visit.clear()
        visit.stored = report
        return await self._all(visit)

    # ---- sources

    @calmly("report_problem")
    async def cite(self, visit: Visit, data: Data) -> Screen:
        """Open a citation of an answer at the quoted span."""
        turn = visit.turn(int(data["turn"]))
        visit.sources_of = turn.turn_id
        return await self._open(visit, render_answers.citations_of(turn.answer)[int(data["number"]) - 1])

    @calmly("report_problem")
    async def source(self, visit: Visit, data: Data) -> Screen:
        """Open an entry of the list of sources."""
        return await self._open(visit, self._sources(visit)[int(data["number"]) - 1])

    @calmly("report_problem")
    async def close_source(self, visit: Visit, data: Data) -> Screen:
        visit.quoted = None
        return {"report": self._report(visit), "source": ""}

    async def _open(self, visit: Visit, citation: Citation) -> Screen:
        visit.quoted = citation
        screen = {"beside": await self._beside(visit)}
        if visit.report is not None and visit.report.id == citation.report_id:
            return screen | {"report": self._report(visit), "source": ""}
        report = await asyncio.to_thread(self._desk.source_text, citation.report_id, visit.conversation_id, visit.rater)
        return screen | {"source": render.source_panel(report, citation)}

    # ---- asking

    async def ask(
        self, visit: Visit, question: str, mode: Mode | None = None, second_of: int | None = None
    ) -> AsyncIterator[Screen]:
        """Answer, as it is being written. `second_of`: the turn to whose question this is another answer."""
        if visit.stop is not None:
            return  # one answer at a time; the question stays in its box
        visit.stop = asyncio.Event()
        typed = mode is None and second_of is None
        try:
            async with aclosing(self._answer(visit, question, mode, second_of)) as screens:
                async for screen in screens:
                    yield screen
        except Exception as error:  # noqa: BLE001  a process edge: the page never shows a stack trace
            yield {"live": "", "problem": render.problem(say(error)), **({"question": question} if typed else {})}
        finally:
            visit.stop = None

    async def _answer(
        self, visit: Visit, question: str, mode: Mode | None, second_of: int | None
    ) -> AsyncIterator[Screen]:
        typed = mode is None and second_of is None
        shown = question.strip() or (standard_question(mode) if mode else "")
        if typed and not shown:
            raise NothingToAnswer(
                problem="the question is empty; type one, or choose Summary, Abnormal, Diagnosis or Compare"
            )
        ask = Ask(
            rater=visit.rater,
            text=question.strip() or shown,
            mode=mode,
            conversation_id=visit.conversation_id,
            loaded=visit.loaded,
            report=visit.stored if visit.loaded is None else None,
            earlier=visit.earlier,
            alternative_of=second_of,
            stop=visit.stop,
        )
        yield {"problem": "", "live": render_answers.live(shown, stage="masking", second=second_of is not None)}
        stage, text, painted, finished = Stage("masking"), "", 0.0, None
        async with aclosing(self._desk.ask(ask)) as events:  # type: ignore[type-var]
            async for event in events:
                match event:
                    case Stage():
                        stage = event
                    case Delta():
                        text += event.text
                        if time.monotonic() - painted < _PAINT_S:
                            continue
                    case FellBack():
                        text = ""
                        yield {"notice": _away(event.reason)}
                    case Finished():
                        finished = event
                        continue
                    case TurnKept() if finished is not None:
                        self._add(visit, finished.question, finished.answer, event, second_of)
                        break
                painted = time.monotonic()
                yield {
                    "live": render_answers.live(
                        shown, stage=stage.name, detail=stage.detail, text=text, second=second_of is not None
                    ),
                    **({"question": ""} if typed else {}),
                }
                typed = False
        yield {
            "live": "",
            "talk": self._talk(visit),
            "beside": await self._beside(visit),
            "bar": await self._bar(visit),
            "notice": _away(finished.answer.fallback if finished else None),
        }

    def _add(self, visit: Visit, question: str, answer: Answer, kept: TurnKept, second_of: int | None) -> None:
        turn = ShownTurn(question=question, answer=answer, turn_id=kept.turn_id)
        visit.conversation_id, visit.sources_of = kept.conversation_id, kept.turn_id
        for earlier in visit.turns:
            earlier.kept = ""
        if second_of is None:
            visit.turns.append(turn)
        else:
            visit.turn(second_of).other = turn

    async def quick(self, visit: Visit, *, mode: Mode) -> AsyncIterator[Screen]:
        """A button that asks the standard question of a mode; what is typed stays in its box."""
        async with aclosing(self.ask(visit, "", mode)) as screens:
            async for screen in screens:
                yield screen

    async def second(self, visit: Visit, data: Data) -> AsyncIterator[Screen]:
        """Another answer to the same question, to choose between."""
        turn = visit.turn(int(data["turn"]))
        async with aclosing(self.ask(visit, turn.question, second_of=turn.turn_id)) as screens:
            async for screen in screens:
                yield screen

    async def stop(self, visit: Visit) -> Screen:
        if visit.stop is not None:
            visit.stop.set()
        return {}

    # ---- what clinicians say about answers

    @calmly("problem")
    async def rate(self, visit: Visit, data: Data) -> Screen:
        return await self._rate(visit, int(data["turn"]), thumbs=1 if int(data["thumbs"]) > 0 else -1)

    @calmly("problem")
    async def reason(self, visit: Visit, data: Data) -> Screen:
        """Why the thumb was down."""
        reason, comment = str(data.get("reason") or "") or None, str(data.get("comment", ""))
        return await self._rate(visit, int(data["turn"]), thumbs=-1, reason=reason, comment=comment)

    async def _rate(
        self, visit: Visit, turn_id: int, *, thumbs: Thumbs, reason: str | None = None, comment: str = ""
    ) -> Screen:
        turn = visit.turn(turn_id)
        turn.problem = ""
        try:
            kept = await asyncio.to_thread(
                self._desk.rate, turn_id, rater=visit.rater, thumbs=thumbs, reason=reason, comment=comment
            )
            turn.rating = Rating(
                id=kept, turn_id=turn_id, rater=visit.rater, thumbs=thumbs,
                reason=Reason(reason) if reason else None, created_at=datetime.now(UTC),
            )  # fmt: skip
        except CurbsideError as error:
            turn.problem = str(error)
        return {"talk": self._talk(visit)}

    @calmly("problem")
    async def correct(self, visit: Visit, data: Data) -> Screen:
        """Keep a correction. If another window kept one meanwhile, show it and leave the editor as it is."""
        turn_id, based_on = int(data["turn"]), str(data.get("based_on") or "")
        turn = visit.turn(turn_id)
        turn.problem = ""
        try:
            kept = await asyncio.to_thread(
                self._desk.correct,
                turn_id,
                rater=visit.rater,
                text=str(data.get("text", "")),
                reason=str(data.get("reason") or "") or None,
                based_on=int(based_on) if based_on else None,
            )
            turn.kept, turn.conflict = kept.message, None
            turn.edit = await asyncio.to_thread(self._desk.latest_edit, turn_id, visit.rater)
        except EditConflict:
            turn.conflict = await asyncio.to_thread(self._desk.latest_edit, turn_id, visit.rater)
        except CurbsideError as error:
            turn.problem = str(error)
        return {"talk": self._talk(visit)}

    @calmly("problem")
    async def choose(self, visit: Visit, data: Data) -> Screen:
        """The better of two answers."""
        chosen = int(data["turn"])
        first = next(turn for turn in visit.turns if turn.other and chosen in (turn.turn_id, turn.other.turn_id))
        assert first.other is not None
        ids = {first.turn_id, first.other.turn_id} - {chosen}
        await asyncio.to_thread(self._desk.choose, chosen, ids.pop(), rater=visit.rater)
        first.chosen = visit.sources_of = chosen
        return {"talk": self._talk(visit), "beside": await self._beside(visit)}

    @calmly("problem")
    async def no_choice(self, visit: Visit, data: Data) -> Screen:
        """Neither is better: nothing is kept about it."""
        turn = visit.turn(int(data["turn"]))
        turn.chosen = visit.sources_of = turn.turn_id
        return {"talk": self._talk(visit), "beside": await self._beside(visit)}

    # ---- conversations

    @calmly("problem")
    async def new_conversation(self, visit: Visit, data: Data) -> Screen:
        visit.clear_conversation()
        return await self._all(visit)

    @calmly("problem")
    async def open_conversation(self, visit: Visit, data: Data) -> Screen:
        kept = await asyncio.to_thread(self._desk.conversation, int(data["id"]), visit.rater)
        visit.clear_conversation()
        visit.show(kept)
        return await self._all(visit)

    @calmly("problem")
    async def delete_conversation(self, visit: Visit, data: Data) -> Screen:
        number = int(data["id"])
        await asyncio.to_thread(self._desk.delete_conversation, number, visit.rater)
        if visit.conversation_id == number:
            visit.clear_conversation()
        return await self._all(visit)

    # ---- regions

    async def _all(self, visit: Visit) -> Screen:
        return {
            "report": self._report(visit),
            "report_problem": "",
            "source": "",
            "beside": await self._beside(visit),
            "bar": await self._bar(visit),
            "notice": "",
            "talk": self._talk(visit),
            "problem": "",
        }

    def _report(self, visit: Visit, said: str = "") -> str:
        report, quoted = visit.report, visit.quoted
        if report is None:
            return render.start(list(EXAMPLES.items()))
        here = quoted if quoted is not None and quoted.report_id == report.id else None
        return render.report_panel(visit.loaded, visit.stored, quoted=here, said=said)

    async def _beside(self, visit: Visit) -> str:
        choices = await asyncio.to_thread(self._desk.earlier_choices, visit.loaded)
        report = visit.report
        listed = [choice for choice in choices if report is None or choice.id != report.id]
        return render.beside_report(report, earlier=visit.earlier, choices=listed, sources=self._sources(visit))

    async def _bar(self, visit: Visit) -> str:
        kept = await asyncio.to_thread(self._desk.conversations, visit.rater)
        return render.talk_bar(kept, current=visit.conversation_id, model_id=self._desk.model_id, zone=self._zone)

    def _talk(self, visit: Visit) -> str:
        return render_answers.conversation(
            visit.turns, conversation_id=visit.conversation_id, ready=visit.report is not None
        )

    def _sources(self, visit: Visit) -> list[Citation]:
        if not visit.turns:
            return []
        turn = visit.turn(visit.sources_of) if visit.sources_of is not None else visit.turns[-1]
        return render_answers.citations_of(turn.answer)


def _away(reason: str | None) -> str:
    return render.notice(f"{render.sentence_case(reason)} Until then Curbside quotes the reports" if reason else None)


def _span(data: Data) -> tuple[int, int]:
    return int(data["start"]), int(data["end"])


def changed_masks(
    loaded: LoadedReport, *, mask: tuple[int, int] | None = None, unmask: tuple[int, int] | None = None
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """What to keep as text and what to mask besides, after one more decision of the reviewer. Original offsets."""
    keep, add = list(loaded.keep), list(loaded.add)
    if unmask is not None:
        if unmask in add:
            add.remove(unmask)
        else:
            keep.append(unmask)
    if mask is not None:
        start, end = mask
        touched = [span for span in keep if span[0] < end and start < span[1]]
        keep = [span for span in keep if span not in touched]
        if not any(span[0] <= start and end <= span[1] for span in touched):
            add.append(mask)
    return keep, add


def read_upload(desk: Desk, data: Data) -> list[LoadedReport]:
    """A file that the page sent, read in memory: an upload that touched the disk would leave identifiers there."""
    limit = int(desk.settings.reading.max_file_mb * 1_000_000)
    size, content = int(data.get("size", 0)), str(data.get("content", ""))
    if max(size, len(content) * 3 // 4 - 2) > limit:
        raise FileTooLarge(size_bytes=size, limit_bytes=limit)
    return desk.load_file(base64.b64decode(content), str(data.get("name", "")))
