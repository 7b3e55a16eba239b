"""Which candidates a run trains, and on what. Pure."""

import random
from collections.abc import Sequence
from dataclasses import replace

from feedback.dataset import Dataset, Part
from feedback.demonstrations import Demonstration
from feedback.export import file_name
from feedback.splits import Split
from training.job import EXAMPLES_OF
from training.schema import Method
from training.verdict_text import LearnedFrom

Plan = tuple[str, ...]
"""The stages of one candidate, in order."""

_PLANS: dict[Method, Plan] = {
    Method.SFT: ("sft",),
    Method.SFT_DPO: ("sft", "dpo"),
    Method.DPO: ("dpo",),
    Method.KTO: ("kto",),
}
_AUTO = (Method.SFT, Method.SFT_DPO, Method.KTO)
"""Each more is one more chance to win by luck, which the gate makes up for by wider intervals: so these and no others."""
_LEAST_AUTO = 8
"""Fewer examples of a kind are not worth a candidate of their own: a guess. Of thumbs, so many up and so many down."""


def plans_for(method: Method, train: Part) -> tuple[Plan, ...]:
    """The candidates that the data allow, simplest first; none where there is nothing for the method."""
    if method is not Method.AUTO:
        return (_PLANS[method],) if _allows(_PLANS[method], train, least=1) else ()
    return tuple(_PLANS[one] for one in _AUTO if _allows(_PLANS[one], train, least=_LEAST_AUTO))


def example_files(plans: Sequence[Plan]) -> dict[str, dict[str, str]]:
    """Kind → the files of examples that these candidates need, by `train` and `validation`."""
    kinds = dict.fromkeys(EXAMPLES_OF[stage] for plan in plans for stage in plan)
    return {
        kind: {"train": file_name(Split.TRAIN, kind), "validation": file_name(Split.VALIDATION, kind)} for kind in kinds
    }


def with_replay(dataset: Dataset, *, share: float, seed: int) -> Dataset:
    """The dataset with earlier accepted answers among its demonstrations, as `share` of them, where there are enough."""
    fresh = dataset.train.demonstrations
    wanted = round(len(fresh) * share / (1 - share)) if share < 1 else len(dataset.replay)
    chosen: list[Demonstration] = list(dataset.replay)
    if wanted < len(chosen):
        chosen = random.Random(seed).sample(chosen, wanted)
    train = replace(dataset.train, demonstrations=(*fresh, *chosen))
    return replace(dataset, parts={**dataset.parts, Split.TRAIN: train}, replay=())


def learned_from(train: Part) -> LearnedFrom:
    """What the training part holds, in the words of the note."""
    return LearnedFrom(
        corrections=sum(one.source == "edit" for one in train.demonstrations),
        choices=sum(one.source == "choice" for one in train.pairs),
        thumbs=sum(one.source == "thumbs" for one in train.pairs) + len(train.thumbs),
        accepted=sum(one.source == "thumbs" for one in train.demonstrations),
    )


def _allows(plan: Plan, train: Part, *, least: int) -> bool:
    up = sum(thumb.label for thumb in train.thumbs)
    enough = {
        "sft": len(train.demonstrations) >= least,
        "dpo": len(train.pairs) >= least,
        "kto": min(up, len(train.thumbs) - up) >= least,
    }
    return all(enough[stage] for stage in plan)
