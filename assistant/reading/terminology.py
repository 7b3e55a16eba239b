"""Names of sections: what a heading is about, and how sure its wording makes that it is one.

The names are kept in `headings.txt` beside this file, which explains itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from assistant.schema import SectionKind

_FILE = Path(__file__).with_name("headings.txt")
_PARENTHESES = re.compile(r"\([^()]*\)")
_NUMBERING = re.compile(r"^(?:\d{1,2}|[ivx]{1,4}|[a-z])[.)]\s+")
_INNER_HYPHEN = re.compile(r"(?<=[a-z])-(?=[a-z])")
_JOINT = re.compile(r"/| and |, ?")
_WORD = re.compile(r"[a-z0-9]+")
_MAX_WORDS = 9
_MAX_CHARS = 100


class Wording(Enum):
    """How well a heading's wording is known."""

    MAIN = "listed as the name of a section"
    PART = "the name of a part, such as an organ system within an examination"
    COMPOSED = "made of words that headings are made of, one of which gives the kind"
    UNKNOWN = "none of these"


@dataclass(frozen=True, slots=True)
class Term:
    """What the wording of a heading says."""

    kind: SectionKind
    wording: Wording


@dataclass(frozen=True, slots=True)
class _Lexicon:
    whole: dict[str, Term]
    words: dict[str, SectionKind]
    """Words that give a composed heading its kind."""
    part_words: frozenset[str]
    vocabulary: frozenset[str]


_UNKNOWN = Term(SectionKind.OTHER, Wording.UNKNOWN)
_PART_FILLERS = frozenset({"and", "or", "the", "of", "exam", "examination", "system", "systems"})


def classify(heading: str) -> Term:
    """Say what a heading is about by its wording alone. White space, case and a closing colon make no difference."""
    if len(heading) > _MAX_CHARS:
        return _UNKNOWN
    lexicon = _lexicon()
    key = normalise(heading)
    if term := lexicon.whole.get(key):
        return term
    words = _WORD.findall(key)
    if not words or len(words) > _MAX_WORDS:
        return _UNKNOWN
    if joined := _joined(key, lexicon):
        return joined
    if all(word in lexicon.part_words or word in _PART_FILLERS for word in words):
        return Term(SectionKind.EXAMINATION, Wording.PART)
    kind = next((lexicon.words[word] for word in words if word in lexicon.words), None)
    if kind is None:
        return _UNKNOWN
    known = all(word in lexicon.vocabulary or word.isdigit() for word in words)
    # "SLEEP STUDY RESULTS": the last word may give the kind away although another is not in the list.
    return Term(kind, Wording.COMPOSED if known else Wording.UNKNOWN)


def _joined(key: str, lexicon: _Lexicon) -> Term | None:
    """Several whole names in one heading, `CC/HPI`, `Allergies and medications`: the first gives the kind."""
    terms = [lexicon.whole.get(name.strip()) for name in _JOINT.split(key)]
    if len(terms) < 2 or any(term is None or term.wording is not Wording.MAIN for term in terms):
        return None
    return terms[0]


def normalise(heading: str) -> str:
    """Lower case, one space, `&` as `and`, without numbering, hyphens, parentheses and closing marks."""
    key = " ".join(heading.lower().replace("&", " and ").replace("’", "").replace("'", "").split())
    key = _NUMBERING.sub("", key) if len(key) > 4 else key
    key = _INNER_HYPHEN.sub("", _PARENTHESES.sub(" ", key))
    key = re.sub(r" ?/ ?", "/", " ".join(key.split()))
    return key.strip(" .,:;-–—#*_=")


@cache
def _lexicon() -> _Lexicon:
    whole: dict[str, Term] = {}
    words: dict[str, SectionKind] = {}
    part_words: set[str] = set()
    vocabulary: set[str] = set()
    for group, name in _entries():
        kind, _, role = group.partition(" ")
        vocabulary.update(_WORD.findall(normalise(name)))
        if kind == "modifiers":
            continue
        if role == "word":
            words.setdefault(name, SectionKind(kind))
            continue
        wording = Wording.PART if role == "part" else Wording.MAIN
        whole.setdefault(normalise(name), Term(SectionKind(kind), wording))
        if wording is Wording.PART:
            part_words.update(_WORD.findall(normalise(name)))
    return _Lexicon(whole, words, frozenset(part_words), frozenset(vocabulary))


def _entries() -> Iterator[tuple[str, str]]:
    """Yield `(group, name)` for every name in the file."""
    group = ""
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            group = line.strip("[] ")
        elif line and not line.startswith("#"):
            yield from ((group, name.strip()) for name in line.split(";") if name.strip())
