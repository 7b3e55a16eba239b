"""The values of training: what a run is told, what it measures, what is decided. Frozen, free of I/O and of patient text.

Times are aware, UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Method(StrEnum):
    """How an adapter is trained. `AUTO` trains every candidate that the data allow and lets the gate choose."""

    SFT = "sft"
    DPO = "dpo"
    SFT_DPO = "sft+dpo"
    KTO = "kto"
    AUTO = "auto"


class RunState(StrEnum):
    """Where a run stands. The first five are under way, the others are ends."""

    QUEUED = "queued"
    PREPARING = "preparing"
    TRAINING = "training"
    EVALUATING = "evaluating"
    PROMOTING = "promoting"

    PROMOTED = "promoted"
    REFUSED = "refused"
    """The gate said no."""
    SKIPPED = "skipped"
    """Too little feedback to train or to judge."""
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        return self in _ENDS


_ENDS = frozenset({RunState.PROMOTED, RunState.REFUSED, RunState.SKIPPED, RunState.CANCELLED, RunState.FAILED})


class Trigger(StrEnum):
    """Who asked for a run."""

    PERSON = "person"
    SCHEDULE = "schedule"
    DEMO = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What one model reached on the frozen eval set: by metric, then by item, so that two models can be compared in pairs.

    An item is a turn's id (`turn-17`), or a fixed case of ours (`retention-3`, `hostile-1`, `canary-2`).
    """

    model_id: str
    by_metric: Mapping[str, Mapping[str, float]]
    """Metric → item → value. Which way is better stands in `training.metrics`."""
    seconds: float = 0.0

    def mean(self, metric: str) -> float | None:
        values = self.by_metric.get(metric, {}).values()
        return sum(values) / len(values) if values else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One metric of the candidate against one other model. Differences are `candidate - other`."""

    metric: str
    against: str
    """`live` or `quoting`."""
    candidate: float
    other: float
    difference: float
    low: float
    high: float
    """The interval of the difference, by paired bootstrap."""
    items: int
    role: str
    """`target`: what feedback is about; `guard`: must not get worse beyond `margin`; `shown`: for people, decides nothing."""
    margin: float
    passed: bool
    better: bool
    """Better outside the interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a candidate goes live, and why, as a sentence and a table."""

    promote: bool
    candidate: str
    live: str
    sentence: str
    comparisons: tuple[Comparison, ...] = ()
    reasons: tuple[str, ...] = ()
    """What stood in the way, most important first; empty for a promotion."""
    confidence: float = 0.95
    """Of the intervals in `comparisons`."""
    tried: int = 1
    """Candidates judged together. More of them make the intervals wider, so that one of several is not promoted by luck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """Something that happened in a run: a step of it begun, a line of a curve, a warning."""

    id: int
    run_id: int
    kind: str
    """`state` (its `state`, `again` where another process goes on with it, `problem`, `left_s`); the trainer's `stage`,
    `metrics`, `log`; `progress` of judging a model (`step`, `steps`, `seconds_left`)."""
    stage: str
    """Of which candidate and part: `sft+dpo/dpo`; of `progress`, the model. Empty for the run as a whole."""
    data: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One line of the ledger."""

    id: int
    name: str
    """`2026-11-22-r7`: the day it began and its number; also the name of its folder and of its adapter."""
    state: RunState
    method: Method
    trigger: Trigger
    base_model: str
    started_from: str | None
    """The adapter that training continued from."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    """Pairs, demonstrations, thumbs; by source; what screening put aside."""
    verdict: Verdict | None = None
    chosen: str | None = None
    """The candidate that the gate chose: `sft+dpo`."""
    note: str = ""
    """For clinicians, in plain language."""
    problem: str = ""
    """Why it failed or was skipped; never patient text."""
    cancel_asked: bool = False
    created_at: datetime
    started_at: datetime | None = None
    seen_at: datetime | None = None
    """The last sign of life."""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """A change of what is live."""

    id: int
    adapter: str | None
    """What went live; `None` is the base model alone."""
    previous: str | None
    run_id: int | None
    kind: str
    """`promote`, `rollback`, or `found`: the live pointer had moved and the ledger learnt of it later."""
    who: str
    at: datetime
