"""Two sentences that run nearly alike: what stands in the one where the other has something else.

A source sentence that repeats an answer's sentence but for one word is the strongest evidence against that word, however
many other passages happen to hold it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from assistant.grounding.statements import Statement
from assistant.grounding.terms import GROUP_REASONS, OPPOSITE
from assistant.grounding.tokens import Token, Weight

NUMBER_DIFFERS = "a number differs"
NEGATION_DIFFERS = "negation differs"
SIDE_DIFFERS = GROUP_REASONS["side"]
WORD_DIFFERS = "part of it is not in the sources"

_MAX_TOKENS = 400
"""Longer sentences are not aligned: the comparison is quadratic."""


@dataclass(frozen=True, slots=True)
class _Gap:
    """Where the two part: the tokens of the one and of the other."""

    mine: list[Token]
    theirs: list[Token]


def differs(statement: Statement, said: Statement, *, min_share: float) -> str:
    """Why `statement` is not what `said` says, if the two run alike for `min_share` of the former's weight; else ''."""
    mine, theirs = statement.stating, said.stating
    if not mine or not theirs or len(mine) > _MAX_TOKENS or len(theirs) > _MAX_TOKENS:
        return ""
    names = [_name(said.tokens[place]) for place in theirs]
    known = _names_by_key(said, theirs)
    own = [_shared_name(statement.tokens[place], known) for place in mine]
    gaps: list[_Gap] = []
    aligned = total = 0.0
    negation = False
    for tag, a_from, a_to, b_from, b_to in SequenceMatcher(None, own, names, autojunk=False).get_opcodes():
        total += sum(statement.tokens[place].weight for place in mine[a_from:a_to])
        if tag == "equal":
            aligned += sum(statement.tokens[place].weight for place in mine[a_from:a_to])
            for a, b in zip(mine[a_from:a_to], theirs[b_from:b_to], strict=True):
                negation |= statement.negates(a) != said.negates(b) and not said.leaves_open(b)
        else:
            gaps.append(
                _Gap([statement.tokens[p] for p in mine[a_from:a_to]], [said.tokens[p] for p in theirs[b_from:b_to]])
            )
    if aligned < min_share * total:
        return ""
    if negation:
        return NEGATION_DIFFERS
    return _gap_reason(gaps, statement, said)


def _gap_reason(gaps: Sequence[_Gap], statement: Statement, said: Statement) -> str:
    left_over = [token for gap in gaps for token in gap.theirs]
    word = ""
    for gap in gaps:
        moved = any(
            token.weight is Weight.TERM and not _is_side(token) and _occurs(token, left_over) for token in gap.mine
        )
        for token in gap.mine:
            if token.number:
                if any(other.number for other in gap.theirs) or (
                    not moved and (_replaced(token, left_over) or _occurs(token, left_over))
                ):
                    return NUMBER_DIFFERS
            elif _is_side(token):
                paired = statement.pairs_sides and said.pairs_sides
                if any(_is_side(other) for other in (gap.theirs if moved or paired else left_over)):
                    return SIDE_DIFFERS
            elif reason := _opposite(token, gap.theirs):
                return reason
        mine = [token for token in gap.mine if token.weight is Weight.TERM]
        theirs = [token for token in gap.theirs if token.weight is Weight.TERM]
        if mine and theirs and not moved and abs(len(mine) - len(theirs)) <= 1:
            word = WORD_DIFFERS
    return word


def _opposite(token: Token, others: Sequence[Token]) -> str:
    for group in token.groups:
        for other in others:
            for theirs in other.groups:
                if theirs.name == group.name and theirs.member != group.member:
                    return GROUP_REASONS.get(group.name, OPPOSITE)
    return ""


def _replaced(number: Token, left_over: Sequence[Token]) -> bool:
    """Whether the other sentence has a number of this kind that is not in this one."""
    kind = number.unit[0] if number.unit else None
    return any(other.number and (other.unit[0] if other.unit else None) == kind for other in left_over)


def _is_side(token: Token) -> bool:
    return any(group.name == "side" for group in token.groups)


def _occurs(token: Token, others: Sequence[Token]) -> bool:
    return any(not set(token.keys).isdisjoint(other.keys) for other in others)


def _name(token: Token) -> str:
    if token.number and token.unit:
        return f"{token.keys[0]} {token.unit[0]} {token.unit[1]}"
    return token.keys[0]


def _names_by_key(said: Statement, places: Sequence[int]) -> dict[str, str]:
    names: dict[str, str] = {}
    for place in places:
        token = said.tokens[place]
        names[_name(token)] = _name(token)
        if not (token.number and token.unit):
            for key in token.keys:
                names.setdefault(key, _name(token))
        else:
            names.setdefault(f"{token.keys[0]}?", _name(token))
    return names


def _shared_name(token: Token, known: dict[str, str]) -> str:
    """The name that the other sentence has for it, or its own."""
    name = _name(token)
    if name in known:
        return known[name]
    if token.number:  # a unit may be left out, but not exchanged
        return known.get(token.keys[0] if token.unit else f"{token.keys[0]}?", name)
    return next((known[key] for key in token.keys if key in known), name)
