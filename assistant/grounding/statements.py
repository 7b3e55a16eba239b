"""What one sentence states: its tokens, which of them are negated, which side and which number belongs to what."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.grounding.terms import (
    AFTER_NOT,
    BACKWARD_NEGATIONS,
    FINITE_VERBS,
    NEGATIONS,
    SCOPE_ENDS,
    words_of,
)
from assistant.grounding.tokens import Token, Weight

_NO_SIDE_BEFORE = words_of("all that's not")
_NO_SIDE_AFTER = words_of("away now there here after against ama")
_REACH = 12
"""Words between a side and what it belongs to, at most."""
_MAX_VALUES = 64
"""Numbers kept for one word: more would be a table, or an attack."""
_COPULAS = words_of("is are was were be been")
_LINKS = words_of("is was are were of at to a an the about approximately around with and level measured")


@dataclass(slots=True)
class Statement:
    """A sentence as grounding reads it."""

    tokens: list[Token]
    negated: list[bool]
    """Parallel to `tokens`."""
    stating: list[int]
    """Places of the tokens that state something."""
    polarity: dict[str, set[bool]] = field(default_factory=dict)
    """Key → whether it is negated here; both, if it stands twice."""
    numbers: dict[str, set[tuple[str, float] | None]] = field(default_factory=dict)
    """Value → the units that it has here, `None` for a bare number."""
    amounts: set[str] = field(default_factory=set)
    """What is measured and how much of it, in the smallest unit: 3 weeks and 21 days are one amount."""
    bound_numbers: dict[str, list[Token]] = field(default_factory=dict)
    """Key of a word → the numbers that directly follow it."""
    sides: dict[str, set[str]] = field(default_factory=dict)
    """Key of a word → the sides it is said to be on."""
    members: dict[str, set[str]] = field(default_factory=dict)
    """Name of a group of exclusive words → those that occur."""
    open_until: int = 0
    """The tokens before this one are a question without a clear yes or no."""
    pairs_sides: bool = False
    """It says `left and right`, in whatever order."""

    def negates(self, place: int) -> bool:
        return self.negated[place] != self.tokens[place].inverse

    def leaves_open(self, place: int) -> bool:
        return place < self.open_until


def amount_of(token: Token) -> str:
    """A number with its unit, so that equal amounts are equal; empty for a bare number and for a fraction."""
    value = token.keys[0][1:]
    if token.unit is None or "/" in value:
        return ""
    return f"{token.unit[0]} {float(value) * token.unit[1]:.9g}"


def read_statement(tokens: list[Token], *, asks: bool = False, reply_negative: bool | None = None) -> Statement:
    """Work out scopes and bindings.

    `asks`: it begins with a question, which `reply_negative` answers with no (or yes); `None` leaves it open, so that the
    question neither negates nor affirms.
    """
    negated = _negation(tokens)
    mark = next((index for index, token in enumerate(tokens) if token.word == "?"), 0) if asks else 0
    if reply_negative is not None:
        negated[:mark] = [reply_negative] * mark
    stating = [place for place, token in enumerate(tokens) if token.weight and token.keys]
    statement = Statement(tokens, negated, stating, open_until=mark if reply_negative is None else 0)
    for index, token in enumerate(tokens):
        negative = negated[index] != token.inverse
        for key in token.keys:
            polarities = statement.polarity.setdefault(key, set())
            polarities.add(negative)
            if statement.leaves_open(index):
                polarities.add(not negative)
        if token.number:
            value = token.keys[0][1:]
            for part in {value, *value.split("/")}:
                statement.numbers.setdefault(part, set()).add(token.unit)
            if amount := amount_of(token):
                statement.amounts.add(amount)
        for group in token.groups:
            if group.name != "side" or _is_side(tokens, index):
                statement.members.setdefault(group.name, set()).add(group.member)
    _bind_numbers(statement)
    _bind_sides(statement)
    return statement


def _negation(tokens: Sequence[Token]) -> list[bool]:
    negated = [False] * len(tokens)
    scope = False
    clause_start = 0
    colon = -1
    part_start = -1  # where the last "," or "and" within the scope stands
    for index, token in enumerate(tokens):
        word = token.word
        if token.boundary and word not in (",", "(", ")"):
            if word != ":":
                scope, clause_start = False, index + 1
            else:
                scope, colon = False, index
            part_start = -1
            continue
        if word in SCOPE_ENDS:
            scope, clause_start, part_start = False, index + 1, -1
            continue
        if word in (",", "and"):
            part_start = index
        elif scope and word in FINITE_VERBS and part_start >= 0:
            # "No fever, abdomen is soft": what follows the comma is a clause of its own.
            for back in range(part_start, index):
                negated[back] = False
            scope, clause_start, part_start = False, part_start + 1, -1
        if word in BACKWARD_NEGATIONS and _closes(tokens, index):
            # "Allergies: none" negates the heading, "Urine shows: blood negative" does not.
            first = clause_start if tokens[index - 1].word == ":" else max(clause_start, colon + 1)
            for back in range(first, index):
                negated[back] = True
            clause_start = index + 1
        elif word == "not" and index + 1 < len(tokens) and tokens[index + 1].word in AFTER_NOT:
            for back in range(clause_start, index):
                negated[back] = True
            scope, clause_start, part_start = True, index + 1, -1
        elif _opens(tokens, index):
            scope, part_start = True, -1
            continue
        negated[index] = scope
    return negated


def _opens(tokens: Sequence[Token], index: int) -> bool:
    word = tokens[index].word
    following = tokens[index + 1].word if index + 1 < len(tokens) else ""
    if word in NEGATIONS:
        return not (word == "not" and following == "only")
    if word == "negative":
        return following in ("for", "history") or index == 0 or tokens[index - 1].boundary
    if word == "free":
        return following in ("of", "from")
    return word == "out" and index > 0 and tokens[index - 1].word in ("ruled", "rules")


def _closes(tokens: Sequence[Token], index: int) -> bool:
    """Whether a negation stands at the end of its clause and after what it negates: `Allergies: none`."""
    if index == 0 or not (index + 1 == len(tokens) or tokens[index + 1].boundary):
        return False
    before = tokens[index - 1].word
    return before == ":" or before in _COPULAS or tokens[index].word in ("negative", "absent", "neg", "nil")


def _is_side(tokens: Sequence[Token], index: int) -> bool:
    word = tokens[index].word
    if word not in ("left", "right"):
        return True
    before = tokens[index - 1].word if index else ""
    after = tokens[index + 1].word if index + 1 < len(tokens) else ""
    return before not in _NO_SIDE_BEFORE and after not in _NO_SIDE_AFTER


def _bind_numbers(statement: Statement) -> None:
    """`metoprolol 50 mg`, `pulse is 106`: a number belongs to the term right before it."""
    term: Token | None = None
    for token in statement.tokens:
        if token.number:
            if term is not None:
                for key in term.keys:
                    values = statement.bound_numbers.setdefault(key, [])
                    if len(values) < _MAX_VALUES:
                        values.append(token)
            continue
        if token.weight >= Weight.TERM:
            term = token
        elif (token.boundary and token.word not in (":", ",", "(")) or (
            token.keys and token.word not in _LINKS and token.weight is Weight.SOFT
        ):
            term = None


def _bind_sides(statement: Statement) -> None:
    tokens = statement.tokens
    for index, token in enumerate(tokens):
        side = next((group.member for group in token.groups if group.name == "side"), None)
        if side is None or not _is_side(tokens, index):
            continue
        after = tokens[index + 2] if index + 2 < len(tokens) else None
        if after and tokens[index + 1].word in ("and", "or") and after.word in ("left", "right"):
            statement.pairs_sides = True
        anchors = _terms(tokens, range(index + 1, min(index + _REACH, len(tokens)))) or _terms(
            tokens, range(index - 1, max(-1, index - _REACH), -1)
        )
        for key in anchors:
            statement.sides.setdefault(key, set()).add(side)


def _terms(tokens: Sequence[Token], order: range) -> list[str]:
    """The keys of the first two terms in `order`, up to the end of the clause or another side."""
    keys: list[str] = []
    found = 0
    for index in order:
        token = tokens[index]
        if token.boundary or found == 2 or (token.word == "and" and found):
            break
        if any(group.name == "side" for group in token.groups):
            if token.word == "and" or not found:
                continue
            break
        if token.weight is Weight.TERM:
            keys.extend(token.keys)
            found += 1
    return keys
