"""What a run counted (`train.pairs`, `set_aside.typo_only`) in words for people. Pure."""

from collections.abc import Mapping

from feedback.screening import REASONS, Aside
from feedback.splits import Split

_KINDS = {"pairs": "preferences", "demonstrations": "answers to imitate", "thumbs": "thumbs alone"}
_SOURCES = {"edit": "corrections", "choice": "choices", "thumbs": "thumbs", "thumb": "thumbs"}
_SPLITS = {
    Split.TRAIN: "for training",
    Split.VALIDATION: "for early stopping",
    Split.EVAL: "kept apart for judging",
}
_WHOLE = {
    "new": "new since the last run",
    "replay": "earlier answers, against forgetting",
    "judged": "questions judged",
}


def in_words(counts: Mapping[str, int]) -> dict[str, int]:
    """The same numbers under names that people understand, in an order that tells a story."""
    return {words: counts[name] for name in sorted(counts, key=_place) if (words := _words(name))}


def _words(name: str) -> str:
    first, _, second = name.partition(".")
    if not second:
        return _WHOLE.get(first) or _KINDS.get(first) or name.replace("_", " ")
    if first == "set_aside":
        return f"set aside: {REASONS[Aside(second)]}" if second in set(Aside) else f"set aside: {second}"
    if first in set(Split):
        return f"{_KINDS.get(second, second)}, {_SPLITS[Split(first)]}"
    return f"{_KINDS.get(first, first)}, from {_SOURCES.get(second, second)}"


def _place(name: str) -> tuple[int, str]:
    first, _, second = name.partition(".")
    order = ("new", *_KINDS, *Split, "replay", "judged", "set_aside")
    return (order.index(first) if first in order else len(order), second)
