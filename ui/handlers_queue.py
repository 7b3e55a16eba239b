"""What the Review tab does: walk through what waits, decide, correct. Knows no widget."""

import asyncio
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from feedback.queue import ReviewItem
from ui import render_queue
from ui.review_desk import ReviewDesk
from ui.screen import Data, Screen, calmly
from ui.visit import Visit


class QueueHandlers:
    """The Review tab over one review desk."""

    def __init__(self, review: ReviewDesk, *, timezone: str | None = None) -> None:
        self._review = review
        self._zone = ZoneInfo(timezone) if timezone else None

    @calmly("queue_problem")
    async def enter(self, visit: Visit) -> Screen:
        return await self._screen(visit)

    @calmly("queue_problem")
    async def show_queue(self, visit: Visit, data: Data) -> Screen:
        """Only what waits, or all."""
        visit.review_all = bool(data.get("all"))
        return await self._screen(visit)

    @calmly("queue_problem")
    async def open_item(self, visit: Visit, data: Data) -> Screen:
        visit.review_item = str(data["item"])
        return await self._screen(visit)

    @calmly("queue_problem")
    async def accept(self, visit: Visit, data: Data) -> Screen:
        return await self._decide(visit, self._review.accept, str(data["item"]))

    @calmly("queue_problem")
    async def discard(self, visit: Visit, data: Data) -> Screen:
        return await self._decide(visit, self._review.discard, str(data["item"]))

    @calmly("queue_problem")
    async def withdraw(self, visit: Visit, data: Data) -> Screen:
        return await self._decide(visit, self._review.withdraw, str(data["item"]))

    @calmly("queue_problem")
    async def restore(self, visit: Visit, data: Data) -> Screen:
        return await self._decide(visit, self._review.restore, str(data["item"]))

    @calmly("queue_problem")
    async def correct_item(self, visit: Visit, data: Data) -> Screen:
        def correct(name: str, rater: str) -> str:
            return self._review.correct(
                name, rater, text=str(data.get("text", "")), reason=str(data.get("reason") or "") or None
            )

        return await self._decide(visit, correct, str(data["item"]))

    async def _decide(self, visit: Visit, act: Callable[[str, str], str], name: str) -> Screen:
        """Do it and go on: to what has come in its place, or, in the list of all, stay where it is."""
        before = await self._items(visit)
        note = await asyncio.to_thread(act, name, visit.rater)
        after = await self._items(visit)
        if name not in (item.name for item in after):
            place = next((n for n, item in enumerate(before) if item.name == name), 0)
            visit.review_item = after[min(place, len(after) - 1)].name if after else None
        return self._drawn(visit, after, note=note)

    async def _screen(self, visit: Visit) -> Screen:
        return self._drawn(visit, await self._items(visit))

    async def _items(self, visit: Visit) -> Sequence[ReviewItem]:
        return await asyncio.to_thread(self._review.queue, everything=visit.review_all)

    def _drawn(self, visit: Visit, items: Sequence[ReviewItem], *, note: str = "") -> Screen:
        names = [item.name for item in items]
        if visit.review_item not in names:
            visit.review_item = names[0] if names else None
        number = names.index(visit.review_item) if visit.review_item else -1
        item = items[number] if items else None
        return {
            "queue": render_queue.queue_panel(
                items, opened=visit.review_item, everything=visit.review_all, zone=self._zone
            ),
            "queue_item": render_queue.item_panel(
                item, place=(number + 1, len(items)), rater=visit.rater, zone=self._zone, note=note
            ),
        }
