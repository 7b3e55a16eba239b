"""Text to index terms: lower case, stemmed, stop words left out, clinical tokens kept whole."""

import re
from collections.abc import Callable
from functools import lru_cache

_PLACEHOLDER = re.compile(r"\[[A-Z]+(?:_[A-Z]+)*_\d+\]")
"""`[NAME_1]` stands for different people in different reports: it must not make them look alike."""
_TOKEN = re.compile(r"[^\W_]+(?:[-.'’][^\W_]+)*")
_JOINT = re.compile(r"[-.'’]")
_STOP_WORDS = frozenset(
    "a about above after again all also am an and any are as at be because been before being below between both but "
    "by can could did do does doing during each few for from further had has have having he her here hers him his how "
    "i if in into is it its itself me more most my of off on once only or other our out over own same she should so "
    "some such than that the their them then there these they this those through to too under until up upon us very "
    "was we were what when where which while who whom why will with would you your".split()
)
_MAX_TERM_CHARS = 40
"""Longer runs are not words (base64, ruled lines); cut so that they cannot fill the memory."""


def split_terms(text: str) -> list[str]:
    """Return the index terms of `text` in order, repeats included. Linear in `len(text)`.

    `2-D`, `2D` → `2d`; `B-12`, `b12` → `b12`; `HbA1c` → `hba1c`; `q.d.` → `qd`; `4.7` stays; `follow-up` → `follow`,
    `up`; `COVID-19` → `covid19` and `covid`, so that it is found by either.
    """
    terms: list[str] = []
    for match in _TOKEN.finditer(_PLACEHOLDER.sub(" ", text).lower()):
        token = match.group()
        if token.isalpha() or token.isdigit():
            _append(token, terms)
        else:
            _append_compound(token, terms)
    return terms


def _append(word: str, terms: list[str]) -> None:
    if word not in _STOP_WORDS:
        terms.append(_stem(word[:_MAX_TERM_CHARS]))


def _append_compound(token: str, terms: list[str]) -> None:
    parts = _JOINT.split(token)
    if parts[-1] == "s" and len(parts) == 2:  # "patient's"
        _append(parts[0], terms)
    elif all(part.isdigit() for part in parts):  # a decimal, a range, a date
        terms.append(token[:_MAX_TERM_CHARS])
    elif any(len(part) == 1 or not part.isalpha() for part in parts):
        terms.append("".join(parts)[:_MAX_TERM_CHARS])
        if len(parts) > 1:
            for part in parts:
                if len(part) > 2 and part.isalpha():
                    _append(part, terms)
    else:
        for part in parts:
            _append(part, terms)


@lru_cache(maxsize=200_000)
def _stem(word: str) -> str:
    return _stemmer()(word)


@lru_cache(maxsize=1)
def _stemmer() -> Callable[[str], str]:
    import snowballstemmer

    return snowballstemmer.stemmer("english").stemWord
