"""What one sentence states: its tokens, which of them are negated, which side and which number belongs to what."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.grounding.terms import (
    AFTER_NOT,
    BACKWARD_NEGATIONS,
    FINITE_VERBS,
    NEGATIONS,
    SCOPE_ENDS,
    Group,
    lexicon,
)
from assistant.grounding.tokens import Token, Weight

_NO_SIDE_BEFORE = frozenset("all that's not".split())
_NO_SIDE_AFTER = frozenset("away now there here after against ama".split())
_COPULAS = frozenset("is are was were be been".split())
_LINKS = frozenset("is was are were of at to a an the about approximately around with and level measured".split())
_PREFIXED = {"afebrile": "fever", "asymptomatic": "symptom"}


@dataclass(slots=True)
class Statement:
    """A sentence as grounding reads it. Offsets are those of its tokens."""

    start: int
    end: int
    tokens: list[Token]
    negated: list[bool]
    """Parallel to `tokens`."""
    polarity: dict[str, set[bool]] = field(default_factory=dict)
    """Key → whether it is negated here; both, if it stands twice."""
    numbers: dict[str, list[Token]] = field(default_factory=dict)
    """Value → the tokens that state it."""
    bound_numbers: dict[str, set[str]] = field(default_factory=dict)
    """Key of a word → the numbers that directly follow it."""
    sides: dict[str, set[str]] = field(default_factory=dict)
    """Key of a word → the sides it is said to be on."""
    members: dict[str, set[str]] = field(default_factory=dict)
    """Name of a group of exclusive words → those that occur."""


def read_statement(start: int, end: int, tokens: list[Token], *, reply_negative: bool | None = None) -> Statement:
    """Work out scopes and bindings. `reply_negative`: the sentence is a question that was answered no (or yes)."""
    negated = _negation(tokens)
    if reply_negative is not None:
        mark = next((index for index, token in enumerate(tokens) if token.word == "?"), len(tokens))
        negated[:mark] = [reply_negative] * mark
    statement = Statement(start, end, tokens, negated)
    groups = lexicon().groups
    for index, token in enumerate(tokens):
        negative = negated[index] != _negative_by_itself(token)
        for key in token.keys:
            statement.polarity.setdefault(key, set()).add(negative)
            if key.startswith("#"):
                statement.numbers.setdefault(key[1:], []).append(token)
                for part in key[1:].split("/"):
                    statement.numbers.setdefault(part, []).append(token)
        for group in _groups(token, groups):
            if group.name != "side" or _is_side(tokens, index):
                statement.members.setdefault(group.name, set()).add(group.member)
    _bind_numbers(statement)
    _bind_sides(statement, groups)
    return statement


def _groups(token: Token, groups: dict[str, Group]) -> list[Group]:
    return [groups[key] for key in token.keys if key in groups]


def _negative_by_itself(token: Token) -> bool:
    word = token.word
    return word in _PREFIXED or (word.startswith("non") and len(word) > 6)


def _negation(tokens: Sequence[Token]) -> list[bool]:
    negated = [False] * len(tokens)
    scope = False
    clause_start = 0
    part_start = -1  # where the last "," or "and" within the scope stands
    for index, token in enumerate(tokens):
        word = token.word
        if token.boundary and word not in (",", "(", ")"):
            if word != ":":
                scope, clause_start = False, index + 1
            else:
                scope = False
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
            for back in range(clause_start, index):
                negated[back] = True
        elif word == "not" and index + 1 < len(tokens) and tokens[index + 1].word in AFTER_NOT:
            for back in range(clause_start, index):
                negated[back] = True
            scope, part_start = True, -1
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
        return following in ("for", "history")
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
        if token.keys and token.keys[0].startswith("#"):
            if term is not None:
                for key in term.keys:
                    statement.bound_numbers.setdefault(key, set()).add(token.keys[0][1:])
            continue
        if token.weight >= Weight.TERM:
            term = token
        elif (token.boundary and token.word not in (":", ",", "(")) or (
            token.keys and token.word not in _LINKS and token.weight is Weight.SOFT
        ):
            term = None


def _bind_sides(statement: Statement, groups: dict[str, Group]) -> None:
    tokens = statement.tokens
    for index, token in enumerate(tokens):
        side = next((group.member for group in _groups(token, groups) if group.name == "side"), None)
        if side is None or not _is_side(tokens, index):
            continue
        anchors = _terms(tokens, range(index + 1, len(tokens)), groups) or _terms(
            tokens, range(index - 1, -1, -1), groups
        )
        for key in anchors:
            statement.sides.setdefault(key, set()).add(side)


def _terms(tokens: Sequence[Token], order: range, groups: dict[str, Group]) -> list[str]:
    """The keys of the first two terms in `order`, up to the end of the clause or another side."""
    keys: list[str] = []
    found = 0
    for index in order:
        token = tokens[index]
        if token.boundary or found == 2 or (token.word == "and" and found):
            break
        if any(group.name == "side" for group in _groups(token, groups)):
            if token.word == "and" or not found:
                continue
            break
        if token.weight is Weight.TERM:
            keys.extend(token.keys)
            found += 1
    return keys


def side_words(statement: Statement) -> set[str]:
    return statement.members.get("side", set())
