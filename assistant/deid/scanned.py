"""Letters that a scanner put for digits, corrected where a number stands: `O3/l4/2O21` → `03/14/2021`.

The result has the same length, so offsets stay. It is read by the rules for dates, telephones and social security
numbers, which demand the whole shape of one: a code such as `B12` that is corrected too does no harm there.
"""

import re

_GROUPS = re.compile(r"(?<![A-Za-z0-9])[0-9OoQlI|SBZ][0-9OoQlI|SBZ/.\-]{5,20}(?![A-Za-z0-9])")
"""Digits and what looks like them, with separators."""
_TOKEN = re.compile(r"(?<![A-Za-z0-9|])(?=[A-Za-z|]{0,8}\d)[0-9OolI|SBZ]{2,12}(?![A-Za-z0-9|])")
_ORDINAL = re.compile(r"(?<![A-Za-z0-9])[0-9OolI]{1,2}(?=(?:st|nd|rd|th)(?![A-Za-z]))")
"""`l5th`, `2lst`."""
_CODE = re.compile(r"[A-Z]\d{1,2}$|\d\dZ$")
"""`B12`, `S1`, `I10`: a vitamin, a vertebra, a diagnosis; the end of `09:30:12Z`."""
_FOR_DIGITS = str.maketrans("OoQlI|SBZ", "000111582")
_SHAPE = re.compile(
    r"\d{1,2}([/.-])\d{1,2}\1(?:\d{4}|\d{2})|(?:19|20)\d\d([/.-])\d{1,2}\2\d{1,2}"  # dates
    r"|\d{3}[.-]\d{3}[.-]\d{4}|\d{3}-\d{4}|\d{3}-\d{2}-\d{4}"  # telephones, social security
)


def with_digits(text: str) -> str:
    """`text` with look-alike letters in numbers replaced by digits. Linear; the length stays."""
    return _ORDINAL.sub(_token, _TOKEN.sub(_token, _GROUPS.sub(_group, text)))


def _group(match: re.Match[str]) -> str:
    piece = match.group()
    digits = sum(character.isdigit() for character in piece)
    letters = sum(character.isalpha() or character == "|" for character in piece)
    if not letters or not digits:
        return piece
    corrected = piece.translate(_FOR_DIGITS)
    if _SHAPE.fullmatch(corrected.rstrip(".-/")):
        return corrected if digits > 2 else piece
    return corrected if digits >= 4 and digits > letters and re.search(r"[/.-]", piece) else piece


def _token(match: re.Match[str]) -> str:
    piece = match.group()
    return piece if piece.isdigit() or _CODE.match(piece) else piece.translate(_FOR_DIGITS)
