"""What the Chat tab does with questions and answers: events → the desk → what the screen shows then. Knows no widget.

Every handler takes the visit and what the page sent, and returns a `Screen`: the new content of the regions that
changed. Expected errors become a sentence beside the place where they happened; what was typed stays typed.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime

from assistant.chat import Delta, FellBack, Finished, Stage, Waiting
from assistant.errors import CurbsideError, EditConflict, NothingToAnswer
from assistant.modes import standard_question
from assistant.schema import Answer, Mode
from feedback.schema import Rating, Reason, Thumbs
from ui import render, render_answers
from ui.desk import Ask, TurnKept
from ui.screen import ChatScreen, Data, Screen, calmly, say
from ui.visit import ShownTurn, Visit

_PAINT_S = 0.06
"""Shortest time between two updates of an answer that streams in."""
_PAINTS_A_S = 80
"""So many updates a second in all, however many answers stream in: one keeps the loop that serves everybody busy for 3 ms."""


class AnswerHandlers:
    """The right side of the Chat tab."""

    def __init__(self, screen: ChatScreen) -> None:
        self._screen, self._desk = screen, screen.desk
        self._writing = 0
        """Answers that are being written, on all pages."""

    # ---- asking

    async def ask(
        self, visit: Visit, question: str, mode: Mode | None = None, second_of: int | None = None
    ) -> AsyncGenerator[Screen]:
        """Answer, as it is being written. `second_of`: the turn to whose question this is another answer."""
        if visit.stop is not None:
            return  # one answer at a time; the question stays in its box
        visit.stop = asyncio.Event()
        self._writing += 1
        typed = mode is None and second_of is None
        try:
            async with aclosing(self._answer(visit, question, mode, second_of)) as screens:
                async for screen in screens:
                    yield screen
        except Exception as error:  # noqa: BLE001  a process edge: the page never shows a stack trace
            yield {"live": "", "problem": render.problem(say(error)), **({"question": question} if typed else {})}
        finally:
            visit.stop = None
            self._writing -= 1

    async def _answer(
        self, visit: Visit, question: str, mode: Mode | None, second_of: int | None
    ) -> AsyncGenerator[Screen]:
        typed = mode is None and second_of is None
        shown = question.strip() or (standard_question(mode) if mode else "")
        if typed and not shown:
            raise NothingToAnswer(
                problem="the question is empty; type one, or choose Summary, Abnormal, Diagnosis or Compare"
            )
        async with visit.changing:
            loaded = visit.loaded
        ask = Ask(
            rater=visit.rater,
            text=question.strip() or shown,
            mode=mode,
            conversation_id=visit.conversation_id,
            loaded=loaded,
            report=visit.stored if loaded is None else None,
            earlier=visit.earlier,
            alternative_of=second_of,
            stop=visit.stop,
        )
        yield {"problem": "", "live": render_answers.live(shown, stage="searching", second=second_of is not None)}
        stage, text, painted, finished, turns = Stage("searching"), "", 0.0, None, visit.turns
        problem = ""
        try:
            async with aclosing(self._desk.ask(ask)) as events:  # type: ignore[type-var]
                async for event in events:
                    now = visit.loaded
                    if isinstance(event, TurnKept) and loaded and now and now is not loaded and now.raw is loaded.raw:
                        # The masks changed while the answer was written.
                        await asyncio.to_thread(self._desk.take_out, loaded, now, ask.rater)
                    match event:
                        case Stage():
                            stage = await self._with_count(event)
                        case Waiting():
                            stage = Stage(render_answers.place(event.position))
                        case Delta():
                            text += event.text
                            if time.monotonic() - painted < max(_PAINT_S, self._writing / _PAINTS_A_S):
                                continue
                        case FellBack():
                            text = ""
                            yield {"notice": render.away(event.reason)}
                        case Finished():
                            finished = event
                            continue
                        case TurnKept() if finished is not None and visit.turns is turns:
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
        except CurbsideError as error:
            if finished is None or second_of is not None:
                raise
            # It could not be kept, but it was read: it stays on the screen, unless somebody else's is there by now.
            if visit.turns is turns:
                visit.turns.append(ShownTurn(question=finished.question, answer=finished.answer))
            problem = render.problem(say(error))
        yield {
            "live": "",
            "problem": problem,
            "talk": self._screen.talk(visit),
            "beside": await self._screen.beside(visit),
            "bar": await self._screen.bar(visit),
            "notice": self._screen.notice(visit),
        }

    async def _with_count(self, stage: Stage) -> Stage:
        if stage.name != "searching" or not self._desk.settings.retrieval.top_k:
            return stage
        reports = await asyncio.to_thread(self._desk.count_reports)
        return Stage(stage.name, render.count(reports, "past report") if reports else "")

    def _add(self, visit: Visit, question: str, answer: Answer, kept: TurnKept, second_of: int | None) -> None:
        turn = ShownTurn(question=question, answer=answer, turn_id=kept.turn_id)
        visit.conversation_id, visit.sources_of = kept.conversation_id, kept.turn_id
        for earlier in visit.turns:
            earlier.kept = ""
        if second_of is None:
            visit.turns.append(turn)
        else:
            visit.turn(second_of).other = turn

    async def quick(self, visit: Visit, *, mode: Mode) -> AsyncGenerator[Screen]:
        """A button that asks the standard question of a mode; what is typed stays in its box."""
        async with aclosing(self.ask(visit, "", mode)) as screens:
            async for screen in screens:
                yield screen

    async def second(self, visit: Visit, data: Data) -> AsyncGenerator[Screen]:
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
        return {"talk": self._screen.talk(visit)}

    @calmly("problem")
    async def correct(self, visit: Visit, data: Data) -> Screen:
        """Keep a correction, or only the reason for the one on the screen (then the page sends no text).

        If another window kept one meanwhile, show it and leave the editor as it is.
        """
        turn_id, text, based_on = int(data["turn"]), data.get("text"), str(data.get("based_on") or "")
        turn = visit.turn(turn_id)
        turn.problem = ""
        if text is None and turn.edit is not None:
            text, based_on = turn.edit.edited_answer, str(turn.edit.id)
        try:
            kept = await asyncio.to_thread(
                self._desk.correct,
                turn_id,
                rater=visit.rater,
                text=str(text or ""),
                reason=str(data.get("reason") or "") or None,
                based_on=int(based_on) if based_on else None,
            )
            turn.kept, turn.conflict = kept.message, None
            turn.edit = await asyncio.to_thread(self._desk.latest_edit, turn_id, visit.rater)
        except EditConflict:
            turn.conflict = await asyncio.to_thread(self._desk.latest_edit, turn_id, visit.rater)
        except CurbsideError as error:
            turn.problem = str(error)
        return {"talk": self._screen.talk(visit)}

    @calmly("problem")
    async def choose(self, visit: Visit, data: Data) -> Screen:
        """The better of two answers."""
        chosen = int(data["turn"])
        first = next(turn for turn in visit.turns if turn.other and chosen in (turn.turn_id, turn.other.turn_id))
        assert first.other is not None
        rejected = first.turn_id if chosen == first.other.turn_id else first.other.turn_id
        assert rejected is not None
        await asyncio.to_thread(self._desk.choose, chosen, rejected, rater=visit.rater)
        first.chosen = visit.sources_of = chosen
        return {"talk": self._screen.talk(visit), "beside": await self._screen.beside(visit)}

    @calmly("problem")
    async def unfollow(self, visit: Visit, data: Data) -> Screen:
        """Let an earlier answer be an example no more, and teach nothing."""
        return await self._follow(visit, int(data["turn"]), str(data["key"]), on=False)

    @calmly("problem")
    async def follow(self, visit: Visit, data: Data) -> Screen:
        return await self._follow(visit, int(data["turn"]), str(data["key"]), on=True)

    async def _follow(self, visit: Visit, turn_id: int, key: str, *, on: bool) -> Screen:
        await asyncio.to_thread(self._desk.follow, key, rater=visit.rater, on=on)
        turn = visit.turn(turn_id)
        turn.unfollowed = turn.unfollowed - {key} if on else turn.unfollowed | {key}
        return {"talk": self._screen.talk(visit)}

    @calmly("problem")
    async def no_choice(self, visit: Visit, data: Data) -> Screen:
        """Neither is better: nothing is kept about it."""
        turn = visit.turn(int(data["turn"]))
        turn.chosen = visit.sources_of = turn.turn_id
        return {"talk": self._screen.talk(visit), "beside": await self._screen.beside(visit)}

    # ---- conversations

    @calmly("problem")
    async def new_conversation(self, visit: Visit, data: Data) -> Screen:
        visit.clear_conversation()
        return await self._screen.all(visit)

    @calmly("problem")
    async def open_conversation(self, visit: Visit, data: Data) -> Screen:
        kept = await asyncio.to_thread(self._desk.conversation, int(data["id"]), visit.rater)
        visit.clear_conversation()
        visit.show(kept)
        return await self._screen.all(visit)

    @calmly("problem")
    async def delete_conversation(self, visit: Visit, data: Data) -> Screen:
        number = int(data["id"])
        await asyncio.to_thread(self._desk.delete_conversation, number, visit.rater)
        if visit.conversation_id == number:
            visit.clear_conversation()
        return await self._screen.all(visit)
