"""Who trains, who stops the training, who judges: decided by a keyed hash of the patient, for ever. Pure.

A report without a patient is decided by its id, a conversation without a report by its own. What belongs together never
straddles: all of a patient, of a report, of a text, of a conversation (earlier turns stand in later prompts). Where it
turns out only later that two belong together which were decided differently, both go where training may have seen one:
what may have been trained on is never judged on.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from assistant.prompts.wording import EARLIER_REPORT, THIS_REPORT
from feedback.schema import Turn


class Split(StrEnum):
    """What an item is for. In this order: of what belongs together the first decides."""

    TRAIN = "train"
    VALIDATION = "validation"
    """For early stopping."""
    EVAL = "eval"
    """Frozen: never trained on, never shown to early stopping."""


_SHARES = ((0.8, Split.TRAIN), (0.9, Split.VALIDATION), (1.0, Split.EVAL))
_ORDER = {split: number for number, split in enumerate(Split)}
_LEAST_TEXT = 80
"""Characters of a report from which on the same text is taken to be the same report under another id."""


def split_of(key: bytes, patient: str | None, report_id: str | None, *, conversation_id: int | None = None) -> Split:
    """Where something belongs that nothing else is joined with: by patient, or else report, or else conversation."""
    return _split(key, _own_name(patient, report_id, conversation_id))


def split_turns(key: bytes, turns: Iterable[Turn], *, patients: Mapping[str, str] = {}) -> dict[int, Split]:
    """The split of each turn, by its id.

    Args:
        patients: Report id → patient's pseudonym, where the library knows more than the turns.
    """
    joined = _Joined()
    names: dict[int, str] = {}
    for turn in turns:
        names[turn.id] = _own_name(turn.patient, turn.report_id, turn.conversation_id)
        for other in _belongs_with(turn, patients):
            joined.join(names[turn.id], other)
    first: dict[str, Split] = {}
    for name in set(names.values()):
        group = joined.group(name)
        first[group] = min(first.get(group, Split.EVAL), _split(key, name), key=_ORDER.__getitem__)
    return {turn_id: first[joined.group(name)] for turn_id, name in names.items()}


def _own_name(patient: str | None, report_id: str | None, conversation_id: int | None) -> str:
    if patient:
        return f"patient/{patient}"
    return f"report/{report_id}" if report_id else f"conversation/{conversation_id}"


def _split(key: bytes, name: str) -> Split:
    digest = hmac.digest(key, name.encode("utf-8", "surrogatepass"), hashlib.sha256)
    share = int.from_bytes(digest[:8], "big") / 2**64
    return next((split for limit, split in _SHARES if share < limit), Split.EVAL)


def _belongs_with(turn: Turn, patients: Mapping[str, str]) -> Iterator[str]:
    yield f"conversation/{turn.conversation_id}"
    own = [source for source in turn.answer.sources if source.label in (THIS_REPORT, EARLIER_REPORT)]
    for report_id in {turn.report_id, *(source.report_id for source in own)}:
        if report_id:
            yield f"report/{report_id}"
            if report_id in patients:
                yield f"patient/{patients[report_id]}"
    for source in own:
        text = " ".join(source.text.casefold().split())
        if len(text) >= _LEAST_TEXT:
            yield f"text/{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


class _Joined:
    """Names that belong together (a union-find)."""

    def __init__(self) -> None:
        self._towards: dict[str, str] = {}

    def group(self, name: str) -> str:
        while (following := self._towards.get(name, name)) != name:
            self._towards[name] = self._towards.get(following, following)
            name = following
        return name

    def join(self, one: str, other: str) -> None:
        self._towards[self.group(one)] = self.group(other)
