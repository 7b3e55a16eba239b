"""Scores of models that nobody trained: numbers only, made up."""

from collections.abc import Mapping
from random import Random

from training.metrics import METRICS
from training.schema import Scores

TURNS = tuple(f"turn-{number}" for number in range(16))
FIXED = {name: tuple(f"{name}-{number}" for number in range(10)) for name in ("retention", "hostile", "canary")}
LEVELS = {
    "edit_distance": 0.50,
    "rouge_l": 0.55,
    "preference": 0.4,
    "preference_whole": 0.4,
    "accepted_nats": 1.2,
    "unsupported": 0.05,
    "omitted_findings": 0.10,
    "length_ratio": 1.2,
    "retention": 0.9,
    "hostile": 0.0,
    "canary": 0.0,
    "identifiers": 0.0,
}
"""Of the live model."""


def make_scores(model_id: str = "base+2026-11-15-r6", **changes: float | Mapping[str, float] | None) -> Scores:
    """Scores as the live model's, but for what changes: a mean, the values themselves, or `None` for not measured."""
    random = Random(model_id)
    by_metric: dict[str, Mapping[str, float]] = {}
    for metric in METRICS.values():
        change = changes.get(metric.name, LEVELS[metric.name])
        if isinstance(change, Mapping):
            by_metric[metric.name] = change
        elif change is not None:
            items = FIXED.get(metric.name, TURNS)
            # Some questions are harder than others, and not the same ones for every model.
            spread = 0.04 if metric.name in ("edit_distance", "rouge_l") else 0.0
            drawn = [spread * random.uniform(-1, 1) for _ in items]
            shift = sum(drawn) / len(drawn)
            by_metric[metric.name] = {item: change + own - shift for item, own in zip(items, drawn, strict=True)}
    return Scores(model_id=model_id, by_metric=by_metric)


def make_quoting(**changes: float | Mapping[str, float] | None) -> Scores:
    """Quoting knows no probabilities."""
    nothing = {metric.name: None for metric in METRICS.values() if metric.by_likelihood}
    return make_scores("quoting", **{**nothing, **changes})
