"""The word list behind `findings`: which words name an abnormality, a normal state, a denial or a doubt.

Look-up goes token by token, the longest entry first, so that its cost does not grow with the list.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

TOKEN = re.compile(r"\d+(?:[.,]\d+)+%?|[A-Za-z0-9]+(?:['’/+-][A-Za-z0-9]+)*\+?|[,;:.]")

_STEM = 3
"""Characters of a phrase's last word that count where the list ends it in `*`."""


@dataclass(frozen=True, slots=True)
class Term:
    """An entry found in a text. `first`, `last`: token numbers, `last` inclusive."""

    first: int
    last: int
    categories: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Lexicon:
    words: dict[str, frozenset[str]]
    phrases: dict[tuple[str, ...], frozenset[str]]
    lengths: dict[str, tuple[int, ...]]
    """By first word: how many words the phrases that begin with it have, longest first."""
    prefixes: dict[str, frozenset[str]]
    suffixes: tuple[str, ...]


def find_terms(tokens: list[str]) -> list[Term]:
    """Return the entries among lower-case `tokens`, left to right, none overlapping. Linear in their number."""
    lexicon = _lexicon()
    found: list[Term] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        for length in lexicon.lengths.get(token, ()):
            phrase = tuple(tokens[index : index + length])
            categories = lexicon.phrases.get(phrase) or lexicon.phrases.get((*phrase[:-1], f"{phrase[-1][:_STEM]}*"))
            if categories:
                found.append(Term(index, index + length - 1, categories))
                index += length - 1
                break
        else:
            categories = categories_of(token)
            if categories:
                found.append(Term(index, index, categories))
        index += 1
    return found


@lru_cache(maxsize=50_000)
def categories_of(word: str) -> frozenset[str]:
    """The categories of a single lower-case word: by the word itself, its beginning or its ending."""
    lexicon = _lexicon()
    if word in lexicon.words:
        return lexicon.words[word]
    if word.endswith("n't"):
        return frozenset({"negation before"})
    if word.startswith("non") and len(word) > 6 and categories_of(word[3:].lstrip("-")) & {"abnormal", "device"}:
        return frozenset({"normal"})
    for length in range(len(word), 2, -1):
        if word[:length] in lexicon.prefixes:
            return lexicon.prefixes[word[:length]]
    if len(word) > 5 and word.endswith(lexicon.suffixes):
        return frozenset({"abnormal"})
    if "-" in word:
        return frozenset().union(*(categories_of(part) & {"abnormal", "device"} for part in word.split("-") if part))
    return frozenset()


@cache
def _lexicon() -> _Lexicon:
    words: dict[str, set[str]] = {}
    phrases: dict[tuple[str, ...], set[str]] = {}
    prefixes: dict[str, set[str]] = {}
    suffixes: list[str] = []
    category = ""
    for raw in files("assistant.reading").joinpath("finding_terms.txt").read_text(encoding="utf-8").splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            category = line.strip("[]")
        elif category == "suffixes":
            suffixes.append(line.lstrip("*"))
        elif " " in line:
            *most, last = line.split()
            last = f"{last[:-1][:_STEM]}*" if last.endswith("*") else last
            phrases.setdefault((*most, last), set()).add(category)
        elif line.endswith("*"):
            prefixes.setdefault(line[:-1], set()).add(category)
        else:
            words.setdefault(line, set()).add(category)
    return _Lexicon(
        words={word: frozenset(found) for word, found in words.items()},
        phrases={phrase: frozenset(found) for phrase, found in phrases.items()},
        lengths={
            first: tuple(sorted({len(phrase) for phrase in phrases if phrase[0] == first}, reverse=True))
            for first in {phrase[0] for phrase in phrases}
        },
        prefixes={prefix: frozenset(found) for prefix, found in prefixes.items()},
        suffixes=tuple(suffixes),
    )
