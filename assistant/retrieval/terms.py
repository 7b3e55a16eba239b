"""Text to index terms: lower case, stemmed, stop words left out, clinical tokens kept whole."""

import re
import threading
from collections.abc import Callable
from functools import lru_cache

_PLACEHOLDER = re.compile(r"\[[A-Z]+(?:_[A-Z]+)*_\d+\]")
"""`[NAME_1]` stands for different people in different reports: it must not make them look alike."""
_TOKEN = re.compile(r"\w+(?:[-.'’]\w+)*")
_JOINT = re.compile(r"[-.'’]")
_STOP_WORDS = frozenset(
    "a about above after again all also am an and any are as at be because been before being below between both but "
    "by can could did do does doing during each few for from further had has have having he her here hers him his how "
    "i if in into is it its itself me more most my of off on once only or other our out over own same she should so "
    "some such than that the their them then there these they this those through to too under until up upon us very "
    "was we were what when where which while who whom why will with would you your".split()
)
_STEMMING = threading.Lock()
"""A stemmer keeps the word it is at work on: two threads would cut each other's."""
_MAX_TERM_CHARS = 40
"""Longer runs are not words (base64, ruled lines); cut so that they cannot fill the memory."""


def split_terms(text: str) -> list[str]:
    """Return the index terms of `text` in order, repeats included. Linear in `len(text)`.

    `2-D`, `2D` → `2d`; `B-12`, `b12` → `b12`; `HbA1c` → `hba1c`; `q.d.` → `qd`; `4.7` stays; `beta-blocker` →
    `beta`, `blocker`; `COVID-19` → `covid19` and `covid`, so that it is found by either.
    """
    terms: list[str] = []
    for token in _TOKEN.findall(_PLACEHOLDER.sub(" ", text).replace("_", " ").lower()):
        terms.extend(_terms_of(token) if len(token) <= _MAX_TERM_CHARS else _terms_of.__wrapped__(token))
    return terms


@lru_cache(maxsize=200_000)
def _terms_of(token: str) -> tuple[str, ...]:
    if token.isalpha() or token.isdigit():
        return _plain(token)
    parts = _JOINT.split(token)
    if parts[-1] == "s" and len(parts) == 2:  # "patient's"
        return _plain(parts[0])
    if all(part.isdigit() for part in parts):  # a decimal, a range, a date
        return (token[:_MAX_TERM_CHARS],)
    if any(len(part) == 1 or not part.isalpha() for part in parts):
        names = [part for part in parts if len(part) > 2 and part.isalpha()] if len(parts) > 1 else []
        return ("".join(parts)[:_MAX_TERM_CHARS], *(term for part in names for term in _plain(part)))
    return tuple(term for part in parts for term in _plain(part))


def _plain(word: str) -> tuple[str, ...]:
    if word in _STOP_WORDS:
        return ()
    with _STEMMING:
        return (_stemmer()(word[:_MAX_TERM_CHARS]),)


@lru_cache(maxsize=1)
def _stemmer() -> Callable[[str], str]:
    import snowballstemmer

    return snowballstemmer.stemmer("english").stemWord
