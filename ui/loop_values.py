"""What the Training and Review tabs show: values that come over the loop's desk. Times are aware, UTC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from training.schema import Method, Run
from ui.render_curves import Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What came in during one week, which begins on a Monday of the practice's time zone."""

    monday: date
    corrections: int = 0
    choices: int = 0
    thumbs_up: int = 0
    thumbs_down: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """How much new feedback there is, and how much a run needs."""

    new: int
    needed: int

    @property
    def missing(self) -> int:
        return max(0, self.needed - self.new)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopStatus:
    """The learning loop at a glance."""

    model_id: str
    """What answers now: `quoting`, or the base model and its adapter."""
    trainable: bool
    """Whether there is a model that can learn; `quoting` cannot, nor can a server's model whose weights nobody named."""
    adapter: str | None
    """Name of the live adapter; `None` is the base model alone."""
    live_since: datetime | None = None
    previous: str | None = None
    """What a rollback returns to; `None` is the base model alone."""
    can_roll_back: bool = False
    problem: str = ""
    """Why the live adapter does not answer although it should."""
    floor: Floor
    weeks: Sequence[Week] = ()
    """Oldest first, the present one last."""
    scheduled: bool
    """Whether a scheduler runs at all."""
    paused: bool = False
    next_run_at: datetime | None = None
    method: Method
    under_way: Run | None = None
    runs: Sequence[Run] = ()
    """The latest first."""
    quoting: str = ""
    """That the assistant quotes now, and until when, because training has its GPU."""
    run_means: str = ""
    """On a shared GPU: how long a run would take, and what the assistant does meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run stands that is under way."""

    doing: str
    """In words: `training SFT + DPO, from preferences`."""
    step: int | None = None
    """Of this part, as far as anybody can tell."""
    steps: int | None = None
    seconds_left: float | None = None
    """Until training has ended."""

    @property
    def done(self) -> float | None:
        """Share of this part, 0 to 1."""
        return min(1.0, self.step / self.steps) if self.step is not None and self.steps else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """One run, opened."""

    run: Run
    progress: Progress | None = None
    """`None` once it has ended."""
    charts: Mapping[str, Sequence[Chart]] = field(default_factory=dict)
    """By stage: what was trained, in words → its curves."""
    log: Sequence[tuple[datetime, str]] = ()
    """Oldest first."""
    live: bool = False
    """Its adapter is the one that answers."""
    promotable: bool = False
    """Its adapter is whole and could go live by hand."""
