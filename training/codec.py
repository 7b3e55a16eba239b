"""Rows of the ledger ↔ values."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from training.schema import Comparison, Method, Promotion, Run, RunEvent, RunState, Trigger, Verdict
from training.tables import PromotionRow, RunEventRow, RunRow


def run_value(row: RunRow) -> Run:
    return Run(
        id=row.id or 0,
        name=row.name,
        state=RunState(row.state),
        method=Method(row.method),
        trigger=Trigger(row.trigger),
        base_model=row.base_model,
        started_from=row.started_from,
        settings=row.settings,
        counts=row.counts,
        verdict=read_verdict(row.verdict) if row.verdict else None,
        chosen=row.chosen,
        note=row.note,
        problem=row.problem,
        cancel_asked=row.cancel_asked,
        created_at=row.created_at,
        started_at=row.started_at,
        seen_at=row.seen_at,
        ended_at=row.ended_at,
    )


def event_value(row: RunEventRow) -> RunEvent:
    return RunEvent(id=row.id or 0, run_id=row.run_id, kind=row.kind, stage=row.stage, data=row.data, at=row.at)


def promotion_value(row: PromotionRow) -> Promotion:
    return Promotion(
        id=row.id or 0,
        adapter=row.adapter,
        previous=row.previous,
        run_id=row.run_id,
        kind=row.kind,
        who=row.who,
        at=row.at,
    )


def finite(value: Any) -> Any:
    """A JSON value without infinities and NaN, which PostgreSQL refuses: a loss that blew up is kept as `None`."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    return [finite(item) for item in value] if isinstance(value, list | tuple) else value


def write_verdict(verdict: Verdict) -> dict[str, Any]:
    return finite(asdict(verdict))


def read_verdict(data: Mapping[str, Any]) -> Verdict:
    return Verdict(
        **{
            **data,
            "comparisons": tuple(Comparison(**comparison) for comparison in data["comparisons"]),
            "reasons": tuple(data["reasons"]),
        }
    )
