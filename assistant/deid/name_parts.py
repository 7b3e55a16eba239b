"""A person's name as its parts: title, initials, given names, surnames. Pure, by position and punctuation alone."""

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

TITLES = {
    **dict.fromkeys(
        "dr drs doctor mx prof professor rev reverend hon judge capt captain sgt lt col maj gen officer nurse and".split(),
        "",
    ),
    **dict.fromkeys("mr sir".split(), "male"),
    **dict.fromkeys("mrs ms miss madam".split(), "female"),
}
"""Before a name; what they say of the gender."""
_CREDENTIALS = frozenset("MD DO PHD RN NP PA DDS DMD DPM OD FACS FACP MSN BSN LCSW MBBS FRCS".split())
_SUFFIXES = frozenset("jr sr ii iii iv esq".split())
_PARTICLES = frozenset(
    "van von der den de la le du da dos das del della di bin ibn bint al el ter af av zu zur abu".split()
)

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['’][sS]$")
_MOST_WORDS = 12


@dataclass(slots=True)
class NamePart:
    start: int
    end: int
    text: str
    """Without its possessive."""
    role: str = "surname"
    """`title` (credentials and `Jr.` among them), `particle`, `initial`, `given`, `surname`."""


def name_parts(name: str, is_given: Callable[[str], bool]) -> list[NamePart]:
    """The words of a name in order; none where it has more than a name can have.

    `is_given` says whether a word is a given name, where nothing stands beside it that would say so.
    """
    parts = []
    for match in _WORD.finditer(name):
        core = _POSSESSIVE.sub("", match.group())
        parts.append(NamePart(match.start(), match.start() + len(core), core))
    if len(parts) > _MOST_WORDS:
        return []
    named: list[NamePart] = []
    for number, part in enumerate(parts):
        lower, after = part.text.lower(), parts[number + 1 :]
        if (not named and after and lower in TITLES) or (named and _is_credential(name, part, named)):
            part.role = "title"
        elif lower in _PARTICLES and any(len(p.text) > 1 and p.text.lower() not in _PARTICLES for p in after):
            part.role = "particle"
        elif len(part.text) == 1:
            part.role = "initial"
        else:
            named.append(part)
    for part in _given_names(name, parts, named, is_given):
        part.role = "given"
    return parts


def _is_credential(name: str, part: NamePart, named: Sequence[NamePart]) -> bool:
    """`MD`, `Jr.`; in a name all in capitals only behind a comma: "THI DO" is a person."""
    if part.text.lower() in _SUFFIXES:
        return True
    behind_comma = name[: part.start].rstrip().endswith(",")
    return part.text in _CREDENTIALS and (behind_comma or not all(p.text.isupper() for p in named))


def _given_names(
    name: str, parts: Sequence[NamePart], named: Sequence[NamePart], is_given: Callable[[str], bool]
) -> Sequence[NamePart]:
    if len(named) == 1:
        beside = [part for part in parts if part is not named[0] and part.role != "particle"]
        initial_follows = any(part.role == "initial" and part.start > named[0].start for part in beside)
        return named if initial_follows or (not beside and is_given(named[0].text)) else ()
    gaps = [name[one.end : other.start] for one, other in itertools.pairwise(named)]
    for number, gap in enumerate(gaps, start=1):
        if "," in gap or "^" in gap:
            return named[number:]  # "SMITH, JOHN"
    last = len(named) - 1
    while last > 0 and gaps[last - 1] == "-":
        last -= 1
    if last <= 0:  # "Mary-Ann", and not "Okafor-Brannigan"
        return named if named and is_given(named[0].text) else ()
    return named[:last]
