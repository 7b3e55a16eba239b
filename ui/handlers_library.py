"""What the Reports tab does: ingest, search, open, delete. Knows no widget."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import InputError
from assistant.schema import Hit, Report
from ui import render, render_library
from ui.desk import Desk
from ui.handlers_report import ReportHandlers, uploaded
from ui.screen import Data, Screen, calmly, say
from ui.visit import Visit

if TYPE_CHECKING:
    from assistant.ingest import IngestResult

_PAGE = 50
_FOUND = 20
_SHOWN_RESULTS = 500
"""Lines of the table of results; beyond, the latest."""


class LibraryHandlers:
    """The Reports tab over one desk. Asking about a report goes through the Chat tab."""

    def __init__(self, desk: Desk, chat: ReportHandlers) -> None:
        self._desk = desk
        self._chat = chat

    @calmly("library")
    async def enter(self, visit: Visit) -> Screen:
        return {
            "ingest": render_library.ingest_panel(rows=visit.ingested),
            "library": await self._library(),
            "opened": render_library.opened_panel(None),
        }

    # ---- ingest

    @calmly("ingest")
    async def add_file(self, visit: Visit, data: Data) -> Screen:
        """One of the files that the page sends, one after the other; the page waits for the answer before the next."""
        done, total = int(data["number"]) + 1, int(data["total"])
        if done == 1:
            visit.ingested = []
        name = str(data.get("name", ""))
        try:
            content, name = uploaded(self._desk, data)
            visit.ingested += map(_row, await asyncio.to_thread(self._desk.add_file, content, name))
        except Exception as error:  # noqa: BLE001  one bad file among many: its line says so, the others go on
            visit.ingested.append((name, "", 0, 0, render.sentence_case(say(error))))
        del visit.ingested[:-_SHOWN_RESULTS]
        screen = {"ingest": render_library.ingest_panel(done=done, total=total, rows=visit.ingested)}
        return screen | ({"library": await self._library()} if done == total else {})

    async def folder(self, visit: Visit, data: Data) -> AsyncGenerator[Screen]:
        """Ingest a folder of the computer that Curbside runs on."""
        visit.ingested = []
        state = [0, 0]
        try:
            path = Path(str(data.get("folder", "")).strip()).expanduser()
            if not path.is_absolute() or not path.exists():
                raise InputError("there is no such folder on the computer that runs Curbside; give its full path")
            yield {"ingest": render_library.ingest_panel(done=0, total=1)}

            def progress(done: int, total: int) -> None:
                state[:] = done, total

            results = await asyncio.to_thread(self._desk.ingest_files, [path], on_progress=progress)
            while (result := await asyncio.to_thread(_next, results)) is not None:
                visit.ingested.append(_row(result))
                del visit.ingested[:-_SHOWN_RESULTS]
                yield {"ingest": render_library.ingest_panel(done=state[0], total=state[1], rows=visit.ingested)}
            yield {
                "ingest": render_library.ingest_panel(done=state[1], total=state[1], rows=visit.ingested),
                "library": await self._library(),
            }
        except Exception as error:  # noqa: BLE001  a process edge: the page never shows a stack trace
            yield {"ingest": render_library.ingest_panel(rows=visit.ingested, message=say(error))}

    # ---- search, open, delete

    async def search(self, visit: Visit, data: Data) -> Screen:
        query = str(data.get("query", "")).strip()
        try:
            hits = await asyncio.to_thread(self._desk.search, query, _FOUND) if query else None
            return {"library": await self._library(query=query, hits=hits)}
        except Exception as error:  # noqa: BLE001  a process edge
            return {"library": await self._library(message=say(error))}

    @calmly("opened")
    async def more(self, visit: Visit, data: Data) -> Screen:
        return {"library": await self._library(shown=int(data["shown"]) + _PAGE)}

    @calmly("opened")
    async def open_report(self, visit: Visit, data: Data) -> Screen:
        report = await self._report(data)
        held = await asyncio.to_thread(self._desk.count_about, report.id)
        return {"opened": render_library.opened_panel(report, conversations=held)}

    @calmly("opened")
    async def delete_report(self, visit: Visit, data: Data) -> Screen:
        """Gone from store and index, with the conversations about it; also where it stands in the Chat tab."""
        report_id = str(data["id"])
        gone = await asyncio.to_thread(self._desk.delete_report, report_id)
        if visit.stored is not None and visit.stored.id == report_id:
            visit.clear()
        if report_id in [report.id for report in (visit.report, visit.earlier) if report is not None]:
            visit.clear_conversation()
        if visit.earlier is not None and visit.earlier.id == report_id:
            visit.earlier = None
        said = f"1 report and {render.count(gone, 'conversation')} deleted."
        return await self._chat.again(visit) | {
            "opened": render_library.opened_panel(None, said=said),
            "library": await self._library(),
        }

    @calmly("opened")
    async def use_report(self, visit: Visit, data: Data) -> Screen:
        """Ask about a past report: it becomes the report of the Chat tab."""
        return await self._chat.use(visit, await self._report(data))

    @calmly("opened")
    async def compare_report(self, visit: Visit, data: Data) -> Screen:
        """Compare the report of the Chat tab with this one."""
        if visit.report is None:
            raise InputError("there is no report in the Chat tab to compare with; load one there first")
        return await self._chat.compare(visit, {"value": data["id"]})

    async def _report(self, data: Data) -> Report:
        return await asyncio.to_thread(self._desk.report, str(data["id"]))

    async def _library(
        self, *, shown: int = _PAGE, query: str = "", hits: list[Hit] | None = None, message: str = ""
    ) -> str:
        total = await asyncio.to_thread(self._desk.count_reports)
        summaries = await asyncio.to_thread(self._desk.reports, 0, shown) if hits is None else []
        return render_library.library_panel(summaries, total=total, query=query, hits=hits, message=message)


def _next(results: "Iterator[IngestResult]") -> "IngestResult | None":
    return next(results, None)


def _row(result: "IngestResult") -> tuple[str, str, int, int, str]:
    if result.problem:
        words = render.sentence_case(result.problem)
    else:
        # A report that took another one's place is told apart from a new one: two tables may use the same ids.
        done = {"added": "indexed", "replaced": "replaced the one with this id", "unchanged": "was there already"}
        words = done.get(result.state, result.state) if result.indexed else "kept, not indexed yet"
    return result.name, result.report_id or "", result.masked, result.sections, words
