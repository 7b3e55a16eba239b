"""One question about one report, from the words typed to an answer with its support: de-identify → retrieve →
prompt → generate → ground.

The steps that need the processor run in threads; the one that waits for a model server is asynchronous. When the model
fails, before its first word or in the middle of a sentence, the same question is answered by quoting, and marked so.
"""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from assistant.deid.engine import Deidentifier
from assistant.deid.mask import Placeholders, apply_masks
from assistant.deid.review import mask_typed
from assistant.errors import GenerationError, ModelBroke, NothingToAnswer, QuestionTooLong
from assistant.generation.base import Generator, QueuedStream, author
from assistant.generation.quoting import follows_examples
from assistant.grounding import ground
from assistant.modes import infer_mode, standard_question
from assistant.prompts import build_prompt
from assistant.prompts.compact import COMPACT_ANSWER, COMPACT_CONTEXT, build_compact
from assistant.schema import Answer, Example, Hit, Message, Mode, Prompt, Report, SectionKind, Source, UsedExample
from assistant.settings import ChatSettings, GenerationSettings, GroundingSettings, RetrievalSettings

log = logging.getLogger(__name__)

T = TypeVar("T")

Retrieve = Callable[[str, str, int, list[str]], list[Hit]]
"""`(query, what it is asked about, how many, report ids to leave out)` → passages of past reports, best first."""

Recall = Callable[[Mode, str], Sequence[Example]]
"""`(mode, question as masked)` → answers that clinicians accepted or corrected, best first."""

_ABOUT_CHARS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the chat is asked. The reports are de-identified already; the question is not."""

    text: str = field(repr=False)
    mode: Mode | None = None
    """`None`: read it off the question."""
    report: Report | None = None
    earlier: Report | None = None
    history: tuple[Message, ...] = ()
    """Earlier turns of the conversation, de-identified, oldest first."""
    recall: Recall | None = field(default=None, repr=False)
    """Finds accepted answers to similar questions about other reports."""
    placeholders: Placeholders | None = None
    """The conversation's placeholders, so that a name typed in the question is the one masked in the report."""
    variant: int = 0
    """1 and up: another answer to the same question."""
    stop: asyncio.Event | None = field(default=None, repr=False)
    """Set it, and the answer ends where it is: still checked, still finished, marked as stopped."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What is going on, in a word: `searching`, `writing`, `checking`."""

    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The model servers have no room yet. When they have, `Stage("writing")` comes again."""

    position: int
    """In the queue of this Curbside: 1 is next."""


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of the answer."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FellBack:
    """The model failed; what was streamed so far is void, and quoting starts over."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The whole answer, and what it was made from."""

    answer: Answer
    prompt: Prompt
    question: str = field(repr=False)
    """The question as masked."""
    hits: tuple[Hit, ...] = ()


Event = Stage | Waiting | Delta | FellBack | Finished


class ChatService:
    """Answers questions. Safe to share between conversations and event loops."""

    def __init__(
        self,
        *,
        deidentifier: Deidentifier,
        generator: Generator,
        quoting: Generator,
        retrieve: Retrieve,
        chat: ChatSettings,
        retrieval: RetrievalSettings,
        generation: GenerationSettings,
        grounding: GroundingSettings,
        compact: bool = False,
    ) -> None:
        """`compact`: the model reads the short prompt of the starter, which has no room for rules, examples or past reports."""
        self._deidentifier = deidentifier
        self._generator = generator
        self._quoting = quoting
        self._retrieve_past = retrieve
        self._chat = chat
        self._retrieval = retrieval
        self._generation = generation
        self._grounding = grounding
        self._compact = compact
        self._problem: str | None = None
        # As many workers as cores, first come first served: sixteen questions at once would otherwise hold each other,
        # and the loop that streams, up for the interpreter's lock, and all come late instead of one after the other.
        self._workers = ThreadPoolExecutor(max_workers=os.cpu_count() or 2, thread_name_prefix="chat")

    @property
    def model_id(self) -> str:
        return self._generator.model_id

    async def answer(self, question: Question) -> AsyncIterator[Event]:
        """Yield stages and deltas, then one `Finished`. Closing the iterator stops the model.

        Raises:
            QuestionTooLong, NothingToAnswer: before the first event.
        """
        self._check(question)
        clock = _Clock()
        yield Stage("searching")
        # One turn at the workers for all of it: of many questions the first is then answered first.
        prompt, hits = await self.run(self._prepare, question, clock)

        yield Stage("writing")
        pieces: list[str] = []
        active, reason = self._generator, None
        while True:
            try:
                deltas = active.stream(prompt, max_new_tokens=self._generation.max_new_tokens)
                async with aclosing(deltas):  # type: ignore[type-var]
                    if isinstance(deltas, QueuedStream):
                        async with aclosing(_until(question.stop, deltas.places())) as places:  # type: ignore[type-var]
                            async for place in places:
                                yield Waiting(place) if place else Stage("writing")
                    async for delta in _until(question.stop, deltas):
                        clock.first("first_token")
                        pieces.append(delta)
                        yield Delta(delta)
                if not any(map(str.strip, pieces)) and not _stopped(question):
                    raise ModelBroke(problem="it said nothing")
                break
            except GenerationError as error:
                if active is self._quoting:
                    raise
                self._note(error)
                active, reason = self._quoting, str(error)
                pieces.clear()
                yield FellBack(reason)
        clock.stop("generate")
        if active is self._generator and pieces:
            self._note(None)

        yield Stage("checking")
        text = "".join(pieces).strip()
        model_id = author(deltas, active)
        quoted = model_id == self._quoting.model_id
        sentences = await self.run(ground, text, prompt.sources, settings=self._grounding)
        clock.stop("ground")
        followed = prompt.examples and (await self.run(follows_examples, prompt) if quoted else not self._compact)
        answer = Answer(
            text=text,
            sentences=sentences,
            model_id=model_id,
            prompt_version=prompt.version,
            timings_ms=clock.timings(),
            sources=prompt.sources,
            fallback=reason,
            stopped=_stopped(question),
            trimmed=() if quoted else prompt.trimmed,
            examples=_used(prompt) if followed else (),
        )
        yield Finished(answer=answer, prompt=prompt, question=prompt.question, hits=tuple(hits))

    def _note(self, error: GenerationError | None) -> None:
        """Log that the model has begun to fail, and that it answers again; not each question between, as when it rests for hours."""
        problem = type(error).__name__ if error else None
        if problem != self._problem and problem:
            log.warning("model failed, quoting instead: %s", problem)
        elif problem != self._problem:
            log.info("model answers again")
        self._problem = problem

    async def run(self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Do something that needs the processor, in its turn, without holding up the streams."""
        return await asyncio.get_running_loop().run_in_executor(self._workers, partial(work, *args, **kwargs))

    async def aclose(self) -> None:
        self._workers.shutdown(wait=False, cancel_futures=True)
        await self._generator.aclose()
        if self._quoting is not self._generator:
            await self._quoting.aclose()

    def _check(self, question: Question) -> None:
        if len(question.text) > self._chat.max_question_chars:
            raise QuestionTooLong(length=len(question.text), limit=self._chat.max_question_chars)
        if not question.text.strip() and question.mode is None:
            raise NothingToAnswer(
                problem="the question is empty; type one, or choose Summary, Abnormal, Diagnosis or Compare"
            )
        if question.mode is Mode.COMPARE and (question.report is None or question.earlier is None):
            raise NothingToAnswer(
                problem="a comparison needs two reports; choose the earlier one beside `Compare with`"
            )
        if question.report is None and question.mode in (Mode.SUMMARIZE, Mode.ABNORMAL):
            raise NothingToAnswer(problem="there is no report to read; paste or upload one first")

    def _prepare(self, question: Question, clock: "_Clock") -> tuple[Prompt, list[Hit]]:
        """De-identify the question, retrieve, and build the prompt."""
        known = _kept(question)
        masked = mask_typed(self._deidentifier, question.text, placeholders=question.placeholders, known=known)
        clock.stop("deidentify")
        mode = question.mode or infer_mode(masked.text, has_earlier=question.earlier is not None)
        asked = masked.text.strip() or standard_question(mode)
        topic = asked
        if any(mask.realistic for mask in masked.masks):
            topic = apply_masks(question.text, masked.spans, Placeholders()).text.strip()
        hits: list[Hit] = []
        if self._retrieval.top_k:
            exclude = [report.id for report in (question.report, question.earlier) if report is not None]
            hits = self._retrieve_past(topic, about(question.report), self._retrieval.top_k, exclude)
            clock.stop("retrieve")
        prompt = replace(self._prompt(asked, mode, question, hits), topic=topic)
        clock.stop("prompt")
        return prompt, hits

    def _prompt(self, asked: str, mode: Mode, question: Question, hits: Sequence[Hit]) -> Prompt:
        prompt = build_prompt(
            mode=mode,
            question=asked,
            report=question.report,
            earlier=question.earlier,
            sources=[past_source(hit) for hit in hits],
            history=question.history,
            examples=question.recall(mode, asked) if question.recall else (),
            context_tokens=self._generation.context_tokens,
            max_new_tokens=self._generation.max_new_tokens,
        )
        if self._compact:
            # Quoting still reads all of it: the report whole, past reports, examples.
            short = build_compact(
                mode=mode,
                question=asked,
                report=question.report,
                earlier=question.earlier,
                sources=prompt.sources,
                context_tokens=min(self._generation.context_tokens, COMPACT_CONTEXT),
                max_new_tokens=min(self._generation.max_new_tokens, COMPACT_ANSWER),
            )
            prompt = replace(prompt, version=short.version, messages=short.messages, trimmed=short.trimmed)
        return replace(prompt, variant=question.variant)


def about(report: Report | None) -> str:
    """What the case is about, for the search: "what is the plan?" alone finds every plan there is.

    The report's diagnosis or, without one, its opening.
    """
    if report is None:
        return ""
    diagnosis = next((section for section in report.sections if section.kind is SectionKind.DIAGNOSIS), None)
    text = report.text[diagnosis.body_start : diagnosis.end] if diagnosis else report.text
    return text[:_ABOUT_CHARS].strip()


def past_source(hit: Hit) -> Source:
    """A retrieved chunk as a source of the answer."""
    chunk = hit.chunk
    year = f", {hit.year}" if hit.year else ""
    return Source(
        report_id=chunk.report_id, label=f"Past report {chunk.report_id}{year}", text=chunk.text, offset=chunk.start
    )


def _used(prompt: Prompt) -> tuple[UsedExample, ...]:
    return tuple(
        UsedExample(turn_id=one.turn_id, key=one.key, given_at=one.given_at, own=one.own, corrected=one.corrected)
        for one in prompt.examples
    )


def _kept(question: Question) -> str:
    """All text of the conversation, which is kept already."""
    reports = [report.text for report in (question.report, question.earlier) if report is not None]
    return "\n".join([*reports, *(message.content for message in question.history)])


def _stopped(question: Question) -> bool:
    return question.stop is not None and question.stop.is_set()


async def _until(stop: asyncio.Event | None, items: AsyncIterator[T]) -> AsyncIterator[T]:
    """The items until `stop` is set, also while the next one is still awaited."""
    if stop is None:  # the path without a task for each item
        async for item in items:
            yield item
        return
    stopping = asyncio.ensure_future(stop.wait())
    upcoming = None
    try:
        while not stop.is_set():
            upcoming = asyncio.ensure_future(anext(items, None))
            await asyncio.wait({stopping, upcoming}, return_when=asyncio.FIRST_COMPLETED)
            if not upcoming.done() or (item := upcoming.result()) is None:
                return
            yield item
    finally:
        stopping.cancel()
        if upcoming is not None and not upcoming.done():
            upcoming.cancel()
            await asyncio.wait({upcoming})  # the iterator can be closed only when nobody waits in it


class _Clock:
    """Milliseconds by stage, each counted from the end of the one before."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self._ms: dict[str, float] = {}

    def stop(self, stage: str) -> None:
        now = time.perf_counter()
        self._ms[stage] = (now - self._last) * 1000
        self._last = now

    def first(self, stage: str) -> None:
        self._ms.setdefault(stage, (time.perf_counter() - self._started) * 1000)

    def timings(self) -> dict[str, float]:
        total = (time.perf_counter() - self._started) * 1000
        return {stage: round(ms, 2) for stage, ms in {**self._ms, "total": total}.items()}
