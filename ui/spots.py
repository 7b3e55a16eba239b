"""The places of a report that its reviewer looks at: masks, what was unmasked by hand, what is still to be checked.

Made anew whenever a report is drawn, in the order of the text. Offsets are those of the original, whose words are in
here too: a spot lives as long as the drawing. Knows no HTML.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum

from assistant.deid.alike import bare
from assistant.deid.residual import RULES, Residual
from assistant.schema import Mask
from ui.desk_values import LoadedReport
from ui.ranges import Range, Ranges

IN_DOUBT = 0.75
"""Masked spans below this confidence are marked for a second look. A hunch: the tagger masks from 0.35 on."""
_LETTERS = frozenset({"ID", "IP", "MRN", "SSN", "URL", "ZIP"})


class State(StrEnum):
    CHECK = "check"
    """Text that looks like an identifier and that nobody has looked at: until then the report is kept nowhere."""
    DOUBT = "doubt"
    SURE = "sure"
    YOURS = "yours"
    """Masked by the reviewer."""
    UNMASKED = "unmasked"
    """A mask that the reviewer took away."""
    LEFT = "left"
    """Text that the reviewer looked at and found to be no identifier."""


MASKED = frozenset({State.DOUBT, State.SURE, State.YOURS})
BY_HAND = {
    State.YOURS: "masked by you",
    State.UNMASKED: "unmasked by you",
    State.LEFT: "left by you, no identifier",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    start: int
    end: int
    state: State
    kind: str
    """In words: `name`, `health plan`."""
    original: str = field(repr=False)
    placeholder: str = ""
    """Empty where the text itself is shown."""
    score: float = 1.0
    reason: str = ""
    """Why it is to be checked."""
    alike: int = 1
    """How many places with the same words are masked (or shown) as this one is, this one included."""

    @property
    def told(self) -> str:
        """How sure it is, in words; never by colour alone."""
        match self.state:
            case State.CHECK:
                return f"to check: {self.kind}? {self.reason}"
            case State.DOUBT:
                return f"{percent(self.score)} sure, in doubt"
            case State.SURE:
                return f"{percent(self.score)} sure"
            case State.YOURS | State.UNMASKED | State.LEFT:
                return BY_HAND[self.state]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the reviewer decided about some words, wherever they stand."""

    start: int
    end: int
    """The first of the places."""
    state: State
    original: str = field(repr=False)
    places: int


def find_spots(loaded: LoadedReport) -> list[Spot]:
    """In the order of the text, without overlap."""
    text, by_hand = loaded.original, Ranges(loaded.add)
    found = [_of_mask(mask, text, by_hand) for mask in loaded.masked.masks]
    for shown in (
        [_shown(span, State.UNMASKED) for span in loaded.keep],
        [_shown(span, State.LEFT) for span in loaded.confirmed],
        [_of_residual(place) for place in loaded.residual],
    ):
        # Where two meet, the mask wins: its text is not there to be shown.
        taken = Ranges((spot.start, spot.end) for spot in found)
        found += [
            replace(spot, start=start, end=end, original=text[start:end])
            for spot in shown
            for start, end in taken.without(spot.start, spot.end)
            if text[start:end].strip()
        ]
    found.sort(key=lambda spot: spot.start)
    keys = ["masked" if spot.state in MASKED else spot.state for spot in found]
    words = [bare(spot.original) for spot in found]
    counts = Counter(zip(keys, words, strict=True))
    return [replace(spot, alike=counts[key, word]) for spot, key, word in zip(found, keys, words, strict=True)]


def _of_mask(mask: Mask, text: str, by_hand: Ranges) -> Spot:
    start, end, score = mask.span.start, mask.span.end, mask.span.score
    state = State.YOURS if by_hand.meet(start, end) else State.DOUBT if score < IN_DOUBT else State.SURE
    return Spot(
        start=start, end=end, state=state, kind=in_words(mask.span.type), original=text[start:end],
        placeholder=mask.placeholder, score=score,
    )  # fmt: skip


def _of_residual(place: Residual) -> Spot:
    reason = "the rules find it now" if place.reason == RULES else place.reason
    return replace(_shown((place.start, place.end), State.CHECK), kind=in_words(place.type), reason=reason)


def _shown(span: Range, state: State) -> Spot:
    return Spot(start=span[0], end=span[1], state=state, kind="text", original="")


def find_changes(loaded: LoadedReport) -> list[Change]:
    """What was done by hand, in the order of the text; the same words in many places are one entry."""
    text = loaded.original
    decided = ((State.YOURS, loaded.add), (State.UNMASKED, loaded.keep), (State.LEFT, loaded.confirmed))
    groups: dict[tuple[State, str], list[Range]] = {}
    for span, state in sorted((span, state) for state, spans in decided for span in spans):
        groups.setdefault((state, bare(text[slice(*span)])), []).append(span)
    return [
        Change(start=spans[0][0], end=spans[0][1], state=state, original=text[slice(*spans[0])], places=len(spans))
        for (state, _), spans in groups.items()
    ]


def in_words(type_name: str) -> str:
    """`HEALTH_PLAN` → `health plan`, `MRN` → `MRN`."""
    return type_name if type_name in _LETTERS else type_name.lower().replace("_", " ")


def percent(score: float) -> str:
    return f"{round(100 * score)} %"
