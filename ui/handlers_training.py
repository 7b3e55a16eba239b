"""What the Training tab does: show the loop, follow a run, and the few things that a person can decide. Knows no widget."""

import asyncio
from collections.abc import Callable
from functools import partial
from zoneinfo import ZoneInfo

from assistant.errors import CurbsideError
from ui import render, render_run, render_training
from ui.loop_desk import LoopDesk
from ui.screen import ChatScreen, Data, Screen, calmly, say
from ui.visit import Visit


class TrainingHandlers:
    """The Training tab over one loop's desk. The Chat tab's bar is drawn anew when another model answers."""

    def __init__(self, loop: LoopDesk, chat: ChatScreen, *, timezone: str | None = None) -> None:
        self._loop, self._chat = loop, chat
        self._zone = ZoneInfo(timezone) if timezone else None

    @calmly("loop_said")
    async def enter(self, visit: Visit) -> Screen:
        return await self._screen(visit)

    async def tick(self, visit: Visit, data: Data) -> Screen:
        """What has changed since it was last asked; most often nothing. What was said stays to be read."""
        try:
            return await self._screen(visit)
        except Exception as error:  # noqa: BLE001  a process edge: the page never shows a stack trace
            return {"loop_said": render.problem(say(error))}

    @calmly("loop_said")
    async def open_run(self, visit: Visit, data: Data) -> Screen:
        visit.run = str(data["run"])
        return await self._screen(visit)

    @calmly("loop_said")
    async def run_now(self, visit: Visit, data: Data) -> Screen:
        visit.run = None
        return await self._do(
            visit, lambda: f"Run {self._loop.run_now().name} has begun; it goes on when this page is closed"
        )

    @calmly("loop_said")
    async def cancel_run(self, visit: Visit, data: Data) -> Screen:
        return await self._do(visit, self._loop.cancel, str(data["run"]))

    @calmly("loop_said")
    async def pause(self, visit: Visit, data: Data) -> Screen:
        return await self._do(visit, self._loop.pause)

    @calmly("loop_said")
    async def resume(self, visit: Visit, data: Data) -> Screen:
        return await self._do(visit, self._loop.resume)

    @calmly("loop_said")
    async def promote(self, visit: Visit, data: Data) -> Screen:
        """The page asked; of a refused run it said so."""
        return await self._do(visit, partial(self._loop.promote, force=True), str(data["run"]), visit.rater)

    @calmly("loop_said")
    async def roll_back(self, visit: Visit, data: Data) -> Screen:
        return await self._do(visit, self._loop.roll_back, visit.rater)

    async def _do(self, visit: Visit, act: Callable[..., str], *args: str) -> Screen:
        """Do it, say what became of it, and show how things stand now, also where it could not be done."""
        try:
            said = render.notice(await asyncio.to_thread(act, *args))
        except CurbsideError as error:
            said = render.problem(say(error))
        return await self._screen(visit) | {"loop_said": said}

    async def _screen(self, visit: Visit) -> Screen:
        """The regions that differ from what this page was sent last: what is not drawn anew keeps focus and selection."""
        status = await asyncio.to_thread(self._loop.status)
        view = await asyncio.to_thread(self._loop.open, visit.run)
        screen = {
            "loop": render_training.live_panel(status, zone=self._zone),
            "loop_runs": render_training.runs_panel(
                status.runs, opened=view.run.name if view else None, zone=self._zone
            ),
            "loop_run": render_run.run_panel(view, zone=self._zone),
        }
        if visit.loop_shown.get("model") != status.model_id:
            screen["bar"] = await self._chat.bar(visit)
        changed = {name: html for name, html in screen.items() if visit.loop_shown.get(name) != html}
        visit.loop_shown.update(changed, model=status.model_id)
        return changed
