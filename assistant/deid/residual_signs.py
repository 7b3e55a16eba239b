"""Signs of what text about medicine does not hold: addresses of the net, fields of a message, names spoilt by a scanner."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.lexicon import CLINICAL, COMMON, HEAD
from assistant.deid.spans import Found

ADDRESS_SIGN, FIELD, SCANNED, BRACKETS = "address sign", "field of a message", "scanned word", "name in brackets"

_PIECE = re.compile(r"[^\s\[\]]+")
_ADDRESS = re.compile(
    r"[^\W\d_]@|@[^\W\d_]|https?[:/]|(?<![A-Za-z])(?:www(?![A-Za-z])|(?:gmail|hotmail|yahoo|icloud|protonmail)(?![A-Za-z]))",
    re.IGNORECASE,
)
_SPOKEN = re.compile(r"[^\W_]{1,40}\s?[(\[]?\bdot[)\]]?\s?(?:com|org|net|edu)\b", re.IGNORECASE)
_FIELD = re.compile(r"[^\W\d_]\^[^\W\d_]")
_SCANNED = re.compile(r"(?<![\w.'])(?:[A-Z][a-z]{0,12}[01][a-z]{3,20}|[01]'?[A-Z][a-z]{3,20})(?!\w)")
_BRACKETS = re.compile(r"\[[A-Z0-9]{1,30}_[A-Z0-9_]{0,90}")
"""`[JOHN_SMITH_1]`: looks like a placeholder and is none. Without the end: a number there may have been masked."""
_AS_LETTERS = (str.maketrans("01", "ol"), str.maketrans("01", "oi"))


def signs(document: Document) -> Iterator[tuple[str, Found]]:
    """Findings with their reason. They may overlap."""
    text = document.text
    for match in _PIECE.finditer(text):
        piece = match.group()
        if _ADDRESS.search(piece):
            yield ADDRESS_SIGN, Found(*match.span(), "EMAIL" if "@" in piece else "URL", 0.5)
        elif "^" in piece and _FIELD.search(piece):
            yield FIELD, Found(*match.span(), "NAME", 0.5)
    for match in _SPOKEN.finditer(text):
        yield ADDRESS_SIGN, Found(*match.span(), "EMAIL", 0.5)
    for match in _BRACKETS.finditer(text):
        words = [word for word in match.group()[1:].split("_") if word.isalpha() and len(word) > 2]
        if not all(_is_word(document, word.lower()) for word in words):
            yield BRACKETS, Found(*match.span(), "NAME", 0.5)
    for match in _SCANNED.finditer(text):
        if not any(_is_word(document, match.group().lower().translate(letters)) for letters in _AS_LETTERS):
            yield SCANNED, Found(*match.span(), "NAME", 0.5)


def _is_word(document: Document, word: str) -> bool:
    return bool(document.lexicon.kind(word) & (COMMON | CLINICAL | HEAD))
