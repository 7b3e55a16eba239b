"""Does a statement follow from a few passages? Word by word, and then: numbers, negation, sides, opposites."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.grounding.alignment import NEGATION_DIFFERS, NUMBER_DIFFERS, SIDE_DIFFERS, WORD_DIFFERS, differs
from assistant.grounding.index import Passage, SourceIndex
from assistant.grounding.statements import Statement, amount_of
from assistant.grounding.terms import GROUP_REASONS, OPPOSITE
from assistant.grounding.tokens import Token, Weight
from assistant.schema import Support
from assistant.settings import GroundingSettings

NO_SOURCE = "no source says this"
PART_MISSING = WORD_DIFFERS

_MIN_GAIN = 0.75
"""A further passage is cited only if it adds about a term."""
_WORTH = {Weight.NONE: 0.0, Weight.SOFT: 0.25, Weight.TERM: 1.0, Weight.EXACT: 1.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    support: Support
    passages: tuple[Passage, ...] = ()
    reason: str = ""
    coverage: float = 1.0
    """Share of what is stated that the passages state too, by weight, 0 to 1."""
    missing: int = 0
    """Terms that the passages lack."""


@dataclass(slots=True)
class _Match:
    """How one passage covers the statement."""

    passage: Passage
    worth: dict[int, float] = field(default_factory=dict)
    """Index of a covered token → its weight, less where the passage says the contrary."""
    about: bool = True
    """Whether it shares more than a single term with the statement."""
    near: bool = False
    """Whether the passage stands beside one of the best: what `He` did is often said in the sentence before."""

    @property
    def total(self) -> float:
        return sum(self.worth.values())


def judge(statement: Statement, index: SourceIndex, settings: GroundingSettings) -> Verdict:
    """Find the passages that carry the statement, and decide."""
    candidates = index.candidates(statement, limit=settings.max_candidates)
    return judge_against(statement, candidates, index, settings)


def judge_against(
    statement: Statement, candidates: Sequence[Passage], index: SourceIndex, settings: GroundingSettings
) -> Verdict:
    total = sum(_WORTH[token.weight] for token in statement.tokens)
    chosen = _cover(statement, [_match(statement, passage, index) for passage in candidates], index, settings)
    if not chosen or total == 0:
        return Verdict(support=Support.UNSUPPORTED, reason=NO_SOURCE, coverage=0.0)
    covered = set[int]().union(*(match.worth for match in chosen))
    coverage = sum(_WORTH[statement.tokens[place].weight] for place in covered) / total
    passages = tuple(match.passage for match in chosen)
    missing = [
        token for place, token in enumerate(statement.tokens) if token.weight >= Weight.TERM and place not in covered
    ]
    difference = differs(statement, passages[0].read(), min_share=settings.min_alike)
    reason = difference or contradiction(statement, [passage.read() for passage in passages])
    support = Support.SUPPORTED
    if coverage < settings.min_partial_coverage:
        support, passages, reason = Support.UNSUPPORTED, (), NO_SOURCE
    elif reason and reason != WORD_DIFFERS:
        support, passages = Support.UNSUPPORTED, passages[:1] if difference else passages
    elif reason or coverage < settings.min_coverage or any(_is_decisive(token, index) for token in missing):
        support, reason = Support.PARTIAL, PART_MISSING
    return Verdict(support=support, passages=passages, reason=reason, coverage=coverage, missing=len(missing))


def _is_decisive(token: Token, index: SourceIndex) -> bool:
    """A number or a term that occurs nowhere in the sources cannot be a matter of wording."""
    return token.weight is Weight.EXACT or not index.knows(token)


def _match(statement: Statement, passage: Passage, index: SourceIndex, *, near: bool = False) -> _Match:
    said = passage.read()
    heading = index.heading_keys(passage)
    match = _Match(passage, near=near)
    numbers: list[int] = []
    terms = 0
    for place in statement.stating:
        token = statement.tokens[place]
        worth = _WORTH[token.weight]
        if token.number:
            if _has_number(said, token):
                numbers.append(place)
        elif not said.polarity.keys().isdisjoint(token.keys):
            terms += token.weight is Weight.TERM
            match.worth[place] = worth if _polarity_agrees(statement, place, said) else 0.8 * worth
        elif not heading.isdisjoint(token.keys):
            match.worth[place] = 0.5 * worth
    lonely = not any(token.weight is Weight.TERM for token in statement.tokens)
    for place in numbers:
        # A bare number found somewhere else proves nothing; it counts beside a term, near one, or with its unit.
        if terms or near or lonely or _has_number(said, statement.tokens[place], same_unit=True):
            match.worth[place] = _WORTH[Weight.EXACT]
    match.about = near or terms + len(numbers) > 1 or len(match.worth) == len(statement.stating)
    return match


def _cover(
    statement: Statement, matches: list[_Match], index: SourceIndex, settings: GroundingSettings
) -> list[_Match]:
    """The fewest passages that cover most of the statement, best first, at most `max_citations`."""
    if not matches:
        return []
    best = max(matches, key=lambda match: match.total - 0.01 * match.passage.source)
    if not best.worth:
        return []
    chosen, covered = [best], set(best.worth)
    matches = [match for match in matches if match.about]
    if any(token.weight >= Weight.TERM and place not in covered for place, token in enumerate(statement.tokens)):
        neighbours = index.neighbours(best.passage)
        matches = matches + [_match(statement, passage, index, near=True) for passage in neighbours]

    def gain(match: _Match) -> float:
        return sum(worth for place, worth in match.worth.items() if place not in covered)

    while matches and len(chosen) < settings.max_citations:
        following = max(matches, key=gain)
        if gain(following) < _MIN_GAIN:
            break
        chosen.append(following)
        covered.update(following.worth)
    return chosen


def contradiction(statement: Statement, said: Sequence[Statement]) -> str:
    """Why the passages speak against the statement, or an empty string."""
    return (
        _number_conflict(statement, said)
        or _side_conflict(statement, said)
        or _negation_conflict(statement, said)
        or _group_conflict(statement, said)
    )


def _has_number(said: Statement, token: Token, *, same_unit: bool = False) -> bool:
    amount = amount_of(token)
    if amount and amount in said.amounts:
        return True
    units = said.numbers.get(token.keys[0][1:])
    if units is None or (same_unit and token.unit is None):
        return False
    return token.unit in units or (not same_unit and (token.unit is None or None in units))


def _number_conflict(statement: Statement, said: Sequence[Statement]) -> str:
    for token in statement.tokens:
        if token.number and not any(_has_number(passage, token) for passage in said):
            return NUMBER_DIFFERS
    for key, stated in statement.bound_numbers.items():
        bound = [other for passage in said for other in passage.bound_numbers.get(key, ())]
        if any(_other_value(token, bound) for token in stated):
            return NUMBER_DIFFERS
    return ""


def _other_value(token: Token, bound: Sequence[Token]) -> bool:
    """Whether the same thing has a value of the same kind there, and never this one."""
    comparable = [other for other in bound if _same_kind(token, other)]
    return bool(comparable) and not any(_equal(token, other) for other in comparable)


def _same_kind(one: Token, other: Token) -> bool:
    if ("/" in one.keys[0]) != ("/" in other.keys[0]):
        return False
    return one.unit is None or other.unit is None or one.unit[0] == other.unit[0]


def _equal(one: Token, other: Token) -> bool:
    if one.unit is None or other.unit is None:
        return one.keys[0] == other.keys[0]
    return (one.keys[0] == other.keys[0] and one.unit == other.unit) or amount_of(one) == amount_of(other) != ""


def _polarity_agrees(statement: Statement, place: int, said: Statement) -> bool:
    token = statement.tokens[place]
    own = statement.polarity[token.keys[0]]
    if len(own) > 1:
        return True
    known = False
    for key in token.keys:
        theirs = said.polarity.get(key)
        if theirs is not None:
            if not own.isdisjoint(theirs):
                return True
            known = True
    return not known


def _negation_conflict(statement: Statement, said: Sequence[Statement]) -> str:
    for place, token in enumerate(statement.tokens):
        if token.weight is not Weight.TERM or not token.keys:
            continue
        relevant = [passage for passage in said if any(key in passage.polarity for key in token.keys)]
        if relevant and not any(_polarity_agrees(statement, place, passage) for passage in relevant):
            return NEGATION_DIFFERS
    return ""


def _side_conflict(statement: Statement, said: Sequence[Statement]) -> str:
    stated = statement.members.get("side")
    if not stated:
        return ""
    there = _sides(set[str]().union(*(passage.members.get("side", set()) for passage in said)))
    if there and not stated <= there:
        return SIDE_DIFFERS
    for key, sides in statement.sides.items():
        bound = _sides(set[str]().union(*(passage.sides.get(key, set()) for passage in said)))
        if bound and not sides <= bound:
            return SIDE_DIFFERS
    return ""


def _sides(sides: set[str]) -> set[str]:
    """Both sides are left and right."""
    if "bilateral" in sides:
        return sides | {"left", "right"}
    return sides | {"bilateral"} if {"left", "right"} <= sides else sides


def _group_conflict(statement: Statement, said: Sequence[Statement]) -> str:
    for name, stated in statement.members.items():
        if name == "side":
            continue
        there = set[str]().union(*(passage.members.get(name, set()) for passage in said))
        if there and not stated & there:
            return GROUP_REASONS.get(name, OPPOSITE)
    return ""
