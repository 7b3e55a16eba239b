"""What the Chat tab shows of a visit, region by region, and how errors are said. Knows no widget."""

import asyncio
import functools
import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from assistant.deid.policy import options_on
from assistant.errors import CurbsideError, NeedsReview, in_doubt
from assistant.schema import Citation
from ui import render, render_answers, render_report
from ui.desk import Desk
from ui.visit import Visit
from ui.wiring_answers import QUOTING

log = logging.getLogger(__name__)

Screen = dict[str, str]
"""Region → its new content. Regions that are not named stay as they are."""
Data = Mapping[str, Any]
"""What the page sends with an event: strings, as typed or as the server wrote them into the page."""
P = ParamSpec("P")

EXAMPLES = {
    "discharge_summary": "Discharge summary: pneumonia, diabetes",
    "follow_up_note": "Follow-up of the same patient, six weeks later",
    "radiology_report": "CT report: mass of the pancreatic head",
}
"""The invented reports in `examples/`, by file name."""
EXAMPLE = "example:"
"""How the page names an example among the reports to compare with."""
_UNEXPECTED = "something went wrong; nothing was lost. Try again, and if it stays so, look into the log of the server"


def say(error: Exception) -> str:
    """An error as a sentence for the screen. What was not expected is logged without its message, which may hold text."""
    if isinstance(error, NeedsReview):
        return f"{in_doubt(len(error.places))}, and nothing was kept; look at each in the report: mask it, or leave it"
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


class ChatScreen:
    """Draws the regions of the Chat tab over one desk."""

    def __init__(self, desk: Desk, *, timezone: str | None = None) -> None:
        self.desk = desk
        self._zone = ZoneInfo(timezone) if timezone else None
        self._options = options_on(desk.settings.deid)

    async def all(self, visit: Visit) -> Screen:
        return {
            "report": self.report(visit),
            "report_problem": "",
            "source": "",
            "beside": await self.beside(visit),
            "bar": await self.bar(visit),
            "notice": self.notice(visit),
            "talk": self.talk(visit),
            "problem": "",
        }

    def header(self, visit: Visit) -> str:
        return render.header(visit.rater, self._options)

    def report(self, visit: Visit, said: str = "") -> str:
        report, quoted = visit.report, visit.quoted
        if report is None:
            return render_report.start(list(EXAMPLES.items()), options=self._options)
        here = quoted if quoted is not None and quoted.report_id == report.id else None
        return render_report.report_panel(
            visit.loaded, visit.stored, quoted=here, said=said, undoable=bool(visit.before), options=self._options
        )

    async def beside(self, visit: Visit) -> str:
        kept = await asyncio.to_thread(self.desk.earlier_choices, visit.loaded)
        report = visit.report
        choices = [
            (c.id, f"{c.title or c.id}{f' · {c.year}' if c.year else ''}")
            for c in kept
            if report is None or c.id != report.id
        ]
        if visit.example:
            choices += [
                (EXAMPLE + name, f"Example: {title}") for name, title in EXAMPLES.items() if name != visit.example
            ]
        return render_report.beside_report(report, earlier=visit.earlier, choices=choices, sources=self.sources(visit))

    async def bar(self, visit: Visit) -> str:
        kept = await asyncio.to_thread(self.desk.conversations, visit.rater)
        answers = QUOTING if self.desk.quoting_now else self.desk.model_id
        return render.talk_bar(kept, current=visit.conversation_id, model_id=answers, zone=self._zone)

    def notice(self, visit: Visit, said: str = "") -> str:
        """Above the conversation, calmly: why nothing can be asked, or why the latest answer was quoted."""
        if visit.loaded is not None and visit.loaded.residual:
            return render.notice(
                f"{in_doubt(len(visit.loaded.residual))}. Look at them before you ask or keep the report"
            )
        said = said or self.desk.quoting_now
        if said or not visit.turns:
            return render.notice(said)
        latest = visit.turns[-1].other or visit.turns[-1]
        return render.away(latest.answer.fallback)

    def talk(self, visit: Visit) -> str:
        return render_answers.conversation(
            visit.turns, conversation_id=visit.conversation_id, ready=visit.report is not None, zone=self._zone
        )

    def sources(self, visit: Visit) -> list[Citation]:
        if not visit.turns:
            return []
        turn = visit.turn(visit.sources_of) if visit.sources_of is not None else visit.turns[-1]
        return render_answers.citations_of(turn.answer)
