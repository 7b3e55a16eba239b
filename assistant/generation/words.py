"""Words as the quoting generator compares them: lower case, light stems, no words without content."""

import re
from functools import cache, lru_cache
from importlib.resources import files

_WORD = re.compile(r"[^\W_]+(?:['’.+-][^\W_]+)*")
_MAX_WORD = 40
"""Characters kept of a word; longer ones are no words."""

STOPWORDS = frozenset(
    "a an the and or nor but if then than that this these those of in on at to from by for with without within into "
    "onto over under about as is are was were be been being am do does did done doing has have had having will "
    "would shall should can could may might must not no he she it they we i you his her hers its their our my your "
    "him them us me who whom whose which what when where why how there here any some all each every either both "
    "such same so also too very just only own other more most less up down out off again further once during before "
    "after above below between patient patients pt mr mrs ms dr doctor year years old day days week weeks month "
    "months today yesterday time times ago s t d re ll ve".split()
)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A light stem of a lower-case word: plural, -ing and -ed taken off where enough remains."""
    word = word.replace("’", "'")
    if word.endswith("'s"):
        word = word[:-2]
    if len(word) > 4 and word.endswith("ies"):
        word = f"{word[:-3]}y"
    elif len(word) > 5 and word.endswith(("sis", "ses", "xes", "ches", "shes", "zes")):
        word = word[:-2]
    elif len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def stems(text: str) -> list[str]:
    """Every word of `text`, stemmed, in order."""
    return [stem(word[:_MAX_WORD]) for word in _WORD.findall(text.lower())]


def content_stems(text: str) -> list[str]:
    """The words of `text` that carry content, stemmed, in order."""
    return [stem(word[:_MAX_WORD]) for word in _WORD.findall(text.lower()) if word not in STOPWORDS]


@cache
def synonym_groups() -> dict[str, tuple[str, ...]]:
    """By stemmed phrase, all stemmed phrases that mean the same, itself included."""
    groups: dict[str, set[str]] = {}
    for line in files("assistant.generation").joinpath("synonyms.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        phrases = [" ".join(stems(phrase)) for phrase in line.split(",")]
        for phrase in phrases:
            groups.setdefault(phrase, set()).update(phrases)
    return {phrase: tuple(sorted(group)) for phrase, group in groups.items()}
