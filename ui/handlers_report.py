"""What can be done with the report on the screen and with the sources of an answer. Knows no widget."""

import asyncio
import base64
from pathlib import Path

from assistant.errors import CurbsideError, FileTooLarge, InputError
from assistant.schema import Citation, Report
from ui import render_answers, render_report
from ui.desk import Desk
from ui.desk_values import LoadedReport
from ui.review import Review, Step
from ui.screen import EXAMPLE, EXAMPLES, ChatScreen, Data, Screen, calmly
from ui.visit import Visit


class ReportHandlers:
    """The left side of the Chat tab."""

    def __init__(self, screen: ChatScreen) -> None:
        self._screen, self._desk, self._review = screen, screen.desk, Review(screen.desk)

    @calmly("problem")
    async def load(self, visit: Visit, place: str = "") -> Screen:
        """The first screen. `place` is the address's fragment: `#c12` comes back to conversation 12."""
        number = place.removeprefix("#c")
        if place.startswith("#c") and number.isdigit():
            try:
                visit.show(await asyncio.to_thread(self._desk.conversation, int(number), visit.rater))
            except CurbsideError:
                visit.clear_conversation()  # deleted, or somebody else's: begin anew
        return await self._screen.all(visit) | {"header": self._screen.header(visit)}

    # ---- the report

    @calmly("report_problem")
    async def example(self, visit: Visit, data: Data) -> Screen:
        name = str(data.get("name", ""))
        loaded = await self._example(name)
        screen = await self._load(visit, loaded)
        visit.example = name
        return screen | {"beside": await self._screen.beside(visit)}

    @calmly("report_problem")
    async def paste(self, visit: Visit, data: Data) -> Screen:
        return await self._load(visit, await asyncio.to_thread(self._desk.load_text, str(data.get("text", ""))))

    @calmly("report_problem")
    async def upload(self, visit: Visit, data: Data) -> Screen:
        visit.waiting = await asyncio.to_thread(self._desk.load_file, *uploaded(self._desk, data))
        if len(visit.waiting) == 1:
            return await self._load(visit, visit.waiting[0])
        return {"report": render_report.choose_report(visit.waiting)}

    @calmly("report_problem")
    async def pick(self, visit: Visit, data: Data) -> Screen:
        return await self._load(visit, visit.waiting[int(data["number"])])

    @calmly("report_problem")
    async def close_report(self, visit: Visit, data: Data) -> Screen:
        visit.clear()
        return await self._screen.all(visit)

    @calmly("report_problem")
    async def keep_report(self, visit: Visit, data: Data) -> Screen:
        if visit.loaded is None:
            return {}
        async with visit.changing:
            kept = await asyncio.to_thread(self._desk.keep_report, visit.loaded)
        return {"report": self._screen.report(visit, said=f"Kept as {kept.report_id}. Later answers can cite it.")}

    # ---- its masks

    @calmly("report_problem")
    async def mask(self, visit: Visit, data: Data) -> Screen:
        return await self._step(visit, self._review.mask, data)

    @calmly("report_problem")
    async def mask_alike(self, visit: Visit, data: Data) -> Screen:
        return await self._step(visit, self._review.mask_alike, data)

    @calmly("report_problem")
    async def unmask(self, visit: Visit, data: Data) -> Screen:
        return await self._step(visit, self._review.unmask, data)

    @calmly("report_problem")
    async def unmask_alike(self, visit: Visit, data: Data) -> Screen:
        return await self._step(visit, self._review.unmask_alike, data)

    @calmly("report_problem")
    async def confirm(self, visit: Visit, data: Data) -> Screen:
        return await self._step(visit, self._review.confirm, data)

    @calmly("report_problem")
    async def confirm_alike(self, visit: Visit, data: Data) -> Screen:
        return await self._step(visit, self._review.confirm_alike, data)

    @calmly("report_problem")
    async def revert(self, visit: Visit, data: Data) -> Screen:
        return await self._step(visit, self._review.revert, data)

    @calmly("report_problem")
    async def undo(self, visit: Visit, data: Data) -> Screen:
        async with visit.changing:
            if not visit.before:
                return {"report": self._screen.report(visit, said="There is nothing to undo.")}
            loaded, visit.loaded = visit.loaded, visit.before.pop()
        return await self._changed(visit, "Undone.", loaded)

    async def _step(self, visit: Visit, step: Step, data: Data) -> Screen:
        span = int(data["start"]), int(data["end"])
        async with visit.changing:
            loaded = visit.loaded
            if loaded is None:
                return {}
            after, said = await asyncio.to_thread(step, loaded, span)
            if visit.loaded is not loaded:  # another report was put on the screen meanwhile
                return {}
            if after is loaded:
                return {"report": self._screen.report(visit, said=said)}
            visit.change(after)
        return await self._changed(visit, said, loaded)

    async def _changed(self, visit: Visit, said: str, before: LoadedReport | None) -> Screen:
        visit.quoted = None
        report, answered, taken = self._screen.report(visit, said=said), bool(visit.turns), 0
        if answered:
            # What was answered so far cites the text as it was, and may repeat what has just been masked.
            visit.clear_conversation()
        if before is not None and visit.loaded is not None:
            taken = await asyncio.to_thread(self._desk.take_out, before, visit.loaded, visit.rater)
        if not answered:
            return {"report": report, "source": "", "notice": self._screen.notice(visit)}
        began = "The masks changed: a new conversation begins. The old one is under Earlier"
        began += ", without what you masked." if taken else "."
        return await self._screen.all(visit) | {"report": report, "notice": self._screen.notice(visit, began)}

    # ---- what stands beside it

    @calmly("report_problem")
    async def compare(self, visit: Visit, data: Data) -> Screen:
        chosen = str(data.get("value", ""))
        if chosen.startswith(EXAMPLE):
            visit.earlier = (await self._example(chosen.removeprefix(EXAMPLE))).report
        else:
            visit.earlier = await asyncio.to_thread(self._desk.report, chosen) if chosen else None
        return {"beside": await self._screen.beside(visit)}

    async def _example(self, name: str) -> LoadedReport:
        if name not in EXAMPLES:
            raise InputError("there is no such example; choose one of the three")
        text = (Path(__file__).with_name("examples") / f"{name}.txt").read_text(encoding="utf-8")
        return await asyncio.to_thread(self._desk.load_text, text)

    async def _load(self, visit: Visit, loaded: LoadedReport) -> Screen:
        """A new report begins a new conversation."""
        visit.clear()
        visit.loaded = loaded
        return await self._screen.all(visit)

    async def again(self, visit: Visit) -> Screen:
        """The Chat tab as it is now, after something that it shows was deleted elsewhere."""
        return await self._screen.all(visit)

    async def use(self, visit: Visit, report: Report) -> Screen:
        """Ask about a report of the library, of which only the masked text is known."""
        visit.clear()
        visit.stored = report
        return await self._screen.all(visit)

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
        return await self._open(visit, self._screen.sources(visit)[int(data["number"]) - 1])

    @calmly("report_problem")
    async def close_source(self, visit: Visit, data: Data) -> Screen:
        visit.quoted = None
        return {"report": self._screen.report(visit), "source": ""}

    async def _open(self, visit: Visit, citation: Citation) -> Screen:
        visit.quoted = citation
        screen = {"beside": await self._screen.beside(visit)}
        if visit.report is not None and visit.report.id == citation.report_id:
            return screen | {"report": self._screen.report(visit), "source": ""}
        report = await asyncio.to_thread(self._desk.source_text, citation.report_id, visit.conversation_id, visit.rater)
        return screen | {"source": render_report.source_panel(report, citation)}


def uploaded(desk: Desk, data: Data) -> tuple[bytes, str]:
    """Content and name of a file that the page sent in memory: an upload that touched the disk would leave identifiers
    there."""
    limit = int(desk.settings.reading.max_file_mb * 1_000_000)
    size, content = int(data.get("size", 0)), str(data.get("content", ""))
    if max(size, len(content) * 3 // 4 - 2) > limit:
        raise FileTooLarge(size_bytes=size, limit_bytes=limit)
    return base64.b64decode(content), str(data.get("name", ""))
