"""How long a run will take, reckoned from earlier ones; and the hours in which it may. Pure.

What a run costs grows with the examples it learns from and the questions it is judged on. Of the latest runs of the same
model by the same method, the median of the seconds for each is taken. Where none was judged yet, those count that were
stopped, with what they said was left: one too long for its hours is not begun again every night. Without any there is a
guess, and it is called so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from statistics import median

from training.schema import Run, RunEvent, RunState
from training.settings import ScheduleSettings

GUESS_S = 3600.0
"""A hunch, until a run has been judged here."""
LATEST = 5
"""Of so many runs the median is taken."""
JUDGED = (RunState.PROMOTED, RunState.REFUSED)
STOPPED = (RunState.FAILED, RunState.CANCELLED)
_JUDGING = 0.2
"""The share of a run that judging takes, where nobody knows better."""
_LEARNT_FROM = ("train.pairs", "train.demonstrations", "train.thumbs", "replay")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Seconds that a run needs the GPU."""

    training_s: float
    judging_s: float
    guessed: bool = False

    @property
    def seconds(self) -> float:
        return self.training_s + self.judging_s

    @property
    def in_words(self) -> str:
        """`about 5 h 20 min`, `about 1 h (a guess: no run has been judged here yet)`."""
        hours, minutes = divmod(max(1, round(self.seconds / 60)), 60)
        length = " ".join(f"{number} {unit}" for number, unit in ((hours, "h"), (minutes, "min")) if number)
        return f"about {length}{' (a guess: no run has been judged here yet)' if self.guessed else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What an earlier run took for each example and epoch, and for each question."""

    example_s: float
    question_s: float


def past_of(run: Run, states: Iterable[RunEvent]) -> Past | None:
    """What an ended run tells: by its length, and by what was left of it where it was stopped.

    `None` where it never trained, where nobody knows what was left, and where it stood still, for nobody knows how long.

    Args:
        states: its events of that kind, oldest first.
    """
    begun: dict[str, datetime] = {}
    left = 0.0 if run.state in JUDGED else None
    for event in states:
        if event.data.get("again") and RunState.TRAINING in begun:
            return None
        begun.setdefault(str(event.data.get("state")), event.at)
        left = event.data.get("left_s", left)
    trained, judged = begun.get(RunState.TRAINING), begun.get(RunState.EVALUATING)
    if run.ended_at is None or trained is None or left is None:
        return None
    end = run.ended_at + timedelta(seconds=left)
    judged = judged or trained + (end - trained) * (1 - _JUDGING)
    return Past(
        example_s=(judged - trained).total_seconds() / _examples(run.counts, run.settings),
        question_s=(end - judged).total_seconds() / _questions(run.counts),
    )


def expect(counts: Mapping[str, int], settings: Mapping[str, object], past: Sequence[Past]) -> Expected:
    """What a run with these counts and settings will take. `past`: the latest first."""
    latest = past[:LATEST]
    if not latest:
        return Expected(training_s=GUESS_S * (1 - _JUDGING), judging_s=GUESS_S * _JUDGING, guessed=True)
    return Expected(
        training_s=median(one.example_s for one in latest) * _examples(counts, settings),
        judging_s=median(one.question_s for one in latest) * _questions(counts),
    )


def window_end(schedule: ScheduleSettings, now: datetime, *, zone: tzinfo | None) -> datetime | None:
    """When the hours for training end that `now` (aware) lies in; `None` outside of them. Call it only where there are any."""
    assert schedule.window_hours is not None, "there is no window"
    today = now.astimezone(zone).date()
    for day in (today, today - timedelta(days=1)):
        # By the wall, with the zone's own offset of that moment; from there on by seconds, also where the clock is set meanwhile.
        begins = datetime.combine(day, time(schedule.hour, schedule.minute)).replace(tzinfo=zone).timestamp()
        ends = begins + schedule.window_hours * 3600
        if begins <= now.timestamp() < ends:
            return datetime.fromtimestamp(ends, tz=UTC).astimezone(zone)
    return None


def _examples(counts: Mapping[str, int], settings: Mapping[str, object]) -> float:
    epochs = settings.get("epochs")
    return max(1, sum(counts.get(name, 0) for name in _LEARNT_FROM)) * float(
        epochs if isinstance(epochs, int | float) else 1
    )


def _questions(counts: Mapping[str, int]) -> int:
    return max(1, counts.get("judged", 0))
