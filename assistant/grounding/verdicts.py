"""Does a statement follow from a few passages? Word by word, and then: numbers, negation, sides, opposites."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.grounding.index import Passage, SourceIndex
from assistant.grounding.statements import Statement
from assistant.grounding.terms import GROUP_REASONS, OPPOSITE
from assistant.grounding.tokens import Token, Weight
from assistant.schema import Support
from assistant.settings import GroundingSettings

NUMBER_DIFFERS = "a number differs"
NEGATION_DIFFERS = "negation differs"
SIDE_DIFFERS = GROUP_REASONS["side"]
NO_SOURCE = "no source says this"
PART_MISSING = "part of it is not in the sources"

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
    covered: set[int] = field(default_factory=set)
    """Indices of tokens."""
    agreeing: float = 0.0
    """Weight of the covered tokens that are not contradicted."""


def judge(statement: Statement, index: SourceIndex, settings: GroundingSettings) -> Verdict:
    """Find the passages that carry the statement, and decide."""
    candidates = index.candidates(statement, limit=settings.max_candidates)
    return judge_against(statement, candidates, index, settings)


def judge_against(
    statement: Statement, candidates: Sequence[Passage], index: SourceIndex, settings: GroundingSettings
) -> Verdict:
    matches = [_match(statement, passage, index) for passage in candidates]
    chosen = _cover(statement, matches, settings)
    total = sum(_WORTH[token.weight] for token in statement.tokens)
    if not chosen or total == 0:
        return Verdict(support=Support.UNSUPPORTED, reason=NO_SOURCE, coverage=0.0)
    covered = set[int]().union(*(match.covered for match in chosen))
    coverage = sum(_WORTH[statement.tokens[place].weight] for place in covered) / total
    passages = tuple(match.passage for match in chosen)
    missing = [
        token for place, token in enumerate(statement.tokens) if token.weight >= Weight.TERM and place not in covered
    ]
    reason = contradiction(statement, [passage.read() for passage in passages])
    if coverage < settings.min_partial_coverage:
        return Verdict(support=Support.UNSUPPORTED, reason=NO_SOURCE, coverage=coverage, missing=len(missing))
    if reason:
        return Verdict(
            support=Support.UNSUPPORTED, passages=passages, reason=reason, coverage=coverage, missing=len(missing)
        )
    if coverage < settings.min_coverage or any(_is_decisive(token, index) for token in missing):
        return Verdict(
            support=Support.PARTIAL, passages=passages, reason=PART_MISSING, coverage=coverage, missing=len(missing)
        )
    return Verdict(support=Support.SUPPORTED, passages=passages, coverage=coverage, missing=len(missing))


def _is_decisive(token: Token, index: SourceIndex) -> bool:
    """A number or a term that occurs nowhere in the sources cannot be a matter of wording."""
    return token.weight is Weight.EXACT or not index.knows(token)


def _match(statement: Statement, passage: Passage, index: SourceIndex) -> _Match:
    said = passage.read()
    heading = index.heading_keys(passage)
    match = _Match(passage)
    numbers: list[int] = []
    terms = 0
    for place, token in enumerate(statement.tokens):
        if not token.weight or not token.keys:
            continue
        if token.keys[0].startswith("#"):
            if _has_number(said, token):
                numbers.append(place)
            continue
        if any(key in said.polarity for key in token.keys):
            match.covered.add(place)
            terms += token.weight >= Weight.TERM
            agrees = _polarity_agrees(statement, place, said)
            match.agreeing += _WORTH[token.weight] * (1.0 if agrees else 0.3)
        elif any(key in heading for key in token.keys):
            match.covered.add(place)
            match.agreeing += 0.5 * _WORTH[token.weight]
    for place in numbers:
        # A bare number found somewhere else proves nothing; it counts beside a term, or with its unit.
        if terms or statement.tokens[place].unit or not any(t.weight is Weight.TERM for t in statement.tokens):
            match.covered.add(place)
            match.agreeing += _WORTH[Weight.EXACT]
    return match


def _cover(statement: Statement, matches: Sequence[_Match], settings: GroundingSettings) -> list[_Match]:
    """The fewest passages that cover most of the statement, best first, at most `max_citations`."""
    if not matches:
        return []
    best = max(matches, key=lambda match: match.agreeing - 0.01 * match.passage.source)
    if best.agreeing <= 0:
        return []
    chosen, covered = [best], set(best.covered)
    while len(chosen) < settings.max_citations:

        def gain(match: _Match) -> float:
            return sum(_WORTH[statement.tokens[place].weight] for place in match.covered - covered)  # noqa: B023

        following = max(matches, key=gain)
        if gain(following) < 1.0:
            break
        chosen.append(following)
        covered |= following.covered
    return chosen


def contradiction(statement: Statement, said: Sequence[Statement]) -> str:
    """Why the passages speak against the statement, or an empty string."""
    return (
        _number_conflict(statement, said)
        or _side_conflict(statement, said)
        or _negation_conflict(statement, said)
        or _group_conflict(statement, said)
    )


def _has_number(said: Statement, token: Token) -> bool:
    value = token.keys[0][1:]
    if any(_units_agree(token, other) for other in said.numbers.get(value, ())):
        return True
    if token.unit is None or "/" in value:
        return False
    scaled = float(value) * token.unit[1]
    return any(
        other.unit is not None and other.unit[0] == token.unit[0] and abs(_scaled(other) - scaled) < 1e-9 * scaled
        for others in said.numbers.values()
        for other in others
    )


def _scaled(token: Token) -> float:
    value = token.keys[0][1:]
    return float(value) * token.unit[1] if token.unit and "/" not in value else float("nan")


def _units_agree(one: Token, other: Token) -> bool:
    return one.unit is None or other.unit is None or one.unit == other.unit


def _number_conflict(statement: Statement, said: Sequence[Statement]) -> str:
    for token in statement.tokens:
        if token.weight is Weight.EXACT and token.keys[0].startswith("#"):
            if not any(_has_number(passage, token) for passage in said):
                return NUMBER_DIFFERS
    for key, values in statement.bound_numbers.items():
        elsewhere = set[str]().union(*(passage.bound_numbers.get(key, set()) for passage in said))
        if elsewhere and not all(_value_among(value, elsewhere, statement, said) for value in values):
            return NUMBER_DIFFERS
    return ""


def _value_among(value: str, values: set[str], statement: Statement, said: Sequence[Statement]) -> bool:
    if value in values or any(value in other.split("/") for other in values):
        return True
    # "2 weeks" beside "14 days" was accepted above; only a plain different value is a difference.
    return not any(value in passage.numbers for passage in said)


def _polarity_agrees(statement: Statement, place: int, said: Statement) -> bool:
    token = statement.tokens[place]
    negative = next(iter(statement.polarity[token.keys[0]])) if len(statement.polarity[token.keys[0]]) == 1 else None
    if negative is None:
        return True
    found = [said.polarity[key] for key in token.keys if key in said.polarity]
    return not found or any(negative in polarities for polarities in found)


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
