"""What clinicians accepted and corrected lately, ready to come back as examples. Read from the store when that has changed.

Reading and screening a few hundred answers takes seconds, and no question waits for that: whoever asks gets what is
remembered by now, and what was said since is read beside it.
"""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from assistant.errors import CurbsideError
from assistant.prompts.wording import THIS_REPORT
from assistant.schema import Example, Mode, Report, Source
from assistant.settings import GroundingSettings
from feedback.demonstrations import Demonstration, make_demonstrations
from feedback.recall import Memory, Remembered
from feedback.schema import Turn
from feedback.screening import screen
from feedback.splits import Split, split_turns
from feedback.store import FeedbackStore

log = logging.getLogger(__name__)

_TURNS = 400
"""The latest so many are read: what is older has been trained on, or forgotten."""


class LatestAnswers:
    """The memory of one installation. Safe to share between threads."""

    def __init__(self, store: FeedbackStore, *, key: bytes, grounding: GroundingSettings) -> None:
        """`key`: `Keys.split`. Answers that are kept apart to judge models by never come back: a later prompt would hold them."""
        self._store, self._key, self._grounding = store, key, grounding
        self._memory = Memory(())
        self._version: object = None
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="memory")
        self._reading = threading.Lock()

    def recall(self, *, mode: Mode, question: str, report: Report | None, rater: str, limit: int) -> Sequence[Example]:
        """At most `limit` examples for a question, best first."""
        if self._store.version() != self._version:
            self._reader.submit(self._read)
        return self._memory.recall(mode=mode, question=question, report=report, rater=rater, limit=limit)

    def refresh(self) -> None:
        """Read what was said since, and wait for it."""
        with self._reading:
            version = self._store.version()
            if version != self._version:
                self._memory, self._version = Memory(self._remembered()), version

    def close(self) -> None:
        self._reader.shutdown(wait=False, cancel_futures=True)

    def _read(self) -> None:
        try:
            self.refresh()
        except (
            CurbsideError
        ) as error:  # the database went away: what is remembered stays, the next question tries again
            log.warning("could not read the latest answers: %s", type(error).__name__)

    def _remembered(self) -> list[Remembered]:
        feedback = self._store.recent(_TURNS)
        turns = {turn.id: turn for turn in feedback.turns}
        splits = split_turns(self._key, feedback.turns, patients=self._store.patients())
        items = [item for item in make_demonstrations(feedback) if splits[item.turn_id] is Split.TRAIN]
        kept = screen(items, self._store.decisions(), turns, grounding=self._grounding).kept
        return [_remembered(item, turns[item.turn_id]) for item in kept if isinstance(item, Demonstration)]


def _remembered(item: Demonstration, turn: Turn) -> Remembered:
    return Remembered(
        turn_id=turn.id,
        key=item.key,
        rater=item.rater,
        mode=turn.mode,
        question=turn.question,
        answer=item.completion,
        given_at=item.given_at,
        corrected=item.source == "edit",
        report=next((_report(source) for source in turn.answer.sources if source.label == THIS_REPORT), None),
    )


def _report(source: Source) -> Report:
    return Report(id=source.report_id, text=source.text, sections=source.sections)
