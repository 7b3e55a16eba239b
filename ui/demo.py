"""The whole loop on invented reports with a simulated clinician: corrections, training, the gate, promotion, rollback.

And the control: the same answers, corrected without any preference. Then there is nothing to learn, and the gate must say so.
Everything runs through what clinicians use: the desk, the feedback store, a run in its own process, the live pointer.
"""

import asyncio
import hashlib
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import NeedsReview
from assistant.keys import plant_key
from assistant.schema import Mode, Report
from feedback.splits import Split, split_of
from training.bootstrap import interval_of_mean
from training.clinician import Correction, Preference, correct, shuffled
from training.reports.schema import InventedReport
from training.reports.writing import write_report
from training.schema import Run, RunState
from training.word_distance import edit_distance
from ui.desk_values import Ask, TurnKept
from ui.settings import load_settings
from ui.wiring import Parts

CLINICIAN = "dr-demo"
_MOST_DRAWN = 3_000
"""Reports, until enough patients of each split are found: one in ten is kept apart for judging."""
_VALIDATION_SHARE = 8
"""One of so many corrections is held back to stop training early, as everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many reports are corrected to learn from, and how many to judge by."""

    learned: int = 24
    judged: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A report, what Curbside answered, and to whom it belongs."""

    invented: InventedReport
    report: Report
    turn_id: int
    answer: str
    judged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How many words of the answers about judged reports the clinician changes, before and after; 0 none, 1 all."""

    before: tuple[float, ...]
    after: tuple[float, ...]

    @property
    def less(self) -> tuple[float, float, float]:
        """Mean of the differences, with its 95 % interval."""
        differences = [old - new for old, new in zip(self.before, self.after, strict=True)]
        return _with_interval(differences)

    @property
    def wins(self) -> tuple[float, float, float]:
        """Share of the reports whose answer needs fewer changes than before (a tie counts half), with its interval."""
        pairs = zip(self.before, self.after, strict=True)
        return _with_interval([1.0 if new < old else 0.5 if new == old else 0.0 for old, new in pairs])


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """One installation after its run."""

    run: Run
    change: Change | None
    """Measured through the chat after the promotion; `None` if nothing was promoted."""
    example: tuple[str, str, str] | None = None
    """An answer before, the same question after, and what the clinician wants."""
    went_back: bool = False
    """Whether the rollback gave the first answers again, word for word."""


Lead = Callable[[Parts], Run]
"""Begins a run and follows it to its end."""
Say = Callable[[str], None]


class Practice:
    """An installation in a folder, with reports and questions about them."""

    def __init__(self, folder: Path, *, size: Size = Size(), seed: int = 7, **groups: dict[str, Any]) -> None:
        self._size, self._seed, self._folder = size, seed, folder
        self._groups = settings_for(size) | groups
        self.preference = Preference(abnormal_findings=False, plan=False, max_sentences=4)

    def open(self) -> Parts:
        if not self._folder.exists():
            # The same reports judge in every demo. Nobody is in them, so nobody needs a secret key.
            plant_key(self._folder, hashlib.sha256(f"demo/{self._seed}".encode()).digest())
        return Parts(load_settings(data_dir=self._folder, **self._groups))

    def ask_all(self, parts: Parts, say: Say) -> list[Asked]:
        """Put the reports into the library and ask for a summary of each."""
        asked: list[Asked] = []
        drawn = list(self._draw(parts))
        for number, (invented, report, judged) in enumerate(drawn, start=1):
            kept = ask(parts, report)
            asked.append(
                Asked(
                    invented=invented,
                    report=report,
                    turn_id=kept.turn_id,
                    answer=parts.feedback.turn(kept.turn_id).answer.text,
                    judged=judged,
                )
            )
            if number % 8 == 0:
                say(f"  asked about {number} of {len(drawn)} reports")
        return asked

    def copy_to(self, folder: Path) -> "Practice":
        """The same installation again, to be corrected otherwise. Closed before: SQLite's files are copied."""
        shutil.copytree(self._folder, folder)
        return Practice(folder, size=self._size, seed=self._seed, **self._groups)

    def learn(self, asked: Sequence[Asked], finals: Sequence[str], *, lead: Lead, say: Say) -> Learned:
        """Correct the answers to `finals`, train, and look at what came of it."""
        with closing(self.open()) as parts:
            for one, final in zip(asked, finals, strict=True):
                if final == one.answer:
                    parts.desk.rate(one.turn_id, rater=CLINICIAN, thumbs=1)
                else:
                    parts.desk.correct(one.turn_id, rater=CLINICIAN, text=final)
            run = lead(parts)
            if run.state is not RunState.PROMOTED:
                return Learned(run=run, change=None)
            say("Asking again about the reports that no training saw")
            judged = [(one, final) for one, final in zip(asked, finals, strict=True) if one.judged]
            again = [answer_of(parts, ask(parts, one.report)) for one, _ in judged]
            change = Change(
                before=tuple(edit_distance(one.answer, final) for one, final in judged),
                after=tuple(edit_distance(new, final) for new, (_, final) in zip(again, judged, strict=True)),
            )
            say("Rolling back")
            parts.loop_desk.roll_back(CLINICIAN)
            # The one that changed most shows most.
            gains = [old - new for old, new in zip(change.before, change.after, strict=True)]
            shown = gains.index(max(gains))
            first, final = judged[shown]
            back = answer_of(parts, ask(parts, first.report))
            return Learned(
                run=run, change=change, example=(first.answer, again[shown], final), went_back=back == first.answer
            )

    def _draw(self, parts: Parts) -> Iterator[tuple[InventedReport, Report, bool]]:
        validation = self._size.learned // _VALIDATION_SHARE
        room = {
            Split.TRAIN: self._size.learned - validation,
            Split.VALIDATION: validation,
            Split.EVAL: self._size.judged,
        }
        parts.ingest  # noqa: B018  an installation begins here, with the key that decides the splits
        rng = random.Random(self._seed)
        for _ in range(_MOST_DRAWN):
            invented = write_report(random.Random(rng.random()), identifiers=True)
            patient = invented.patient
            split = split_of(parts.keys.split, parts.deidentifier.pseudonym(patient), None) if patient else None
            if split is None or not room[split]:
                continue
            try:
                added = parts.desk.add_report(invented.text, patient=patient)
            except NeedsReview:  # a person would look; the demo has none, and takes another
                continue
            if added.report_id is None:
                continue
            room[split] -= 1
            yield invented, parts.desk.report(added.report_id), split is Split.EVAL
            if not any(room.values()):
                return


def settings_for(size: Size) -> dict[str, dict[str, Any]]:
    """A practice that asks the starter from the first day, and trains on little."""
    return {
        "generation": {"backend": "local", "model": "starter"},
        "chat": {"examples": 0},  # what is measured is training, not examples
        "training": {
            "method": "auto",
            "min_pairs": max(2, size.learned // 2),
            "min_eval": max(2, size.judged // 2),
        },
        "schedule": {"enabled": False},
    }


def preferred(practice: Practice, asked: Sequence[Asked]) -> list[str]:
    """What the clinician makes of each answer."""
    return [correct(practice.preference, one.invented, one.answer, shown=one.report.text) for one in asked]


def without_preference(practice: Practice, asked: Sequence[Asked], *, seed: int = 11) -> list[str]:
    """The control: as many sentences as before, drawn at random."""
    finals = preferred(practice, asked)
    corrections = [
        Correction(report=one.invented, shown=one.report.text, answer=one.answer, final=final)
        for one, final in zip(asked, finals, strict=True)
    ]
    return [correction.final for correction in shuffled(corrections, random.Random(seed))]


def ask(parts: Parts, report: Report) -> TurnKept:
    async def last() -> TurnKept:
        kept = None
        async for event in parts.desk.ask(Ask(rater=CLINICIAN, text="", mode=Mode.SUMMARIZE, report=report)):
            kept = event if isinstance(event, TurnKept) else kept
        assert kept is not None, "an answer that finished is kept"
        return kept

    return asyncio.run(last())


def answer_of(parts: Parts, kept: TurnKept) -> str:
    return parts.feedback.turn(kept.turn_id).answer.text


def _with_interval(values: Sequence[float]) -> tuple[float, float, float]:
    interval = interval_of_mean(
        {str(number): value for number, value in enumerate(values)}, clusters={}, confidence=0.95, resamples=2_000
    )
    return interval.middle, interval.low, interval.high
