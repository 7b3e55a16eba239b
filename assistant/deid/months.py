"""Names of months, as written, abbreviated and as a scanner reads them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.deid.document import Document

_FULL = "january february march april may june july august september october november december".split()
_SHORT = "jan febr feb mar apr jun jul aug sep sept oct nov dec".split()
_MISSPELLED = (
    "febuary feburary febrary januray janurary janaury marhc apirl agust augest setpember septmber septembr sepember ocotber octobre otober "
    "novmber novemeber novembr decmber decemeber decembr"
).split()
FOREIGN = frozenset(
    (
        "januarie februarie maart mei junie julie augustus oktober desember januari februari juni juli januar februar märz maerz dezember "
        "ionawr chwefror mawrth ebrill mehefin gorffennaf awst medi hydref tachwedd rhagfyr "
        "eanáir feabhra márta aibreán bealtaine meitheamh iúil lúnasa samhain nollaig "
        "gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre janeiro fevereiro março abril maio junho julho setembro outubro novembro dezembro "
        "pebrero marso hunyo hulyo setyembre oktubre nobyembre disyembre "
        "janvier février fevrier mars avril mai juin juillet août aout septembre octobre novembre décembre "
        "enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre"
    ).split()
)
"""French, Afrikaans, Dutch, German, Welsh, Irish, Italian, Portuguese, Filipino, Spanish: with a day only."""
_SCANNED = {name.replace("m", "rn"): name for name in (*_FULL, *_SHORT) if "m" in name} | {"decernber": "december"}
PLAIN = frozenset(
    {"january", "february", "july", "september", "october", "november", "december", *_MISSPELLED, *_SCANNED}
    - {"rnar", "rnay", "rnarch"}
)
"""Nothing else than a month, in any case, with or without a day."""
_KNOWN = frozenset({*_FULL, *_SHORT, *_MISSPELLED, *FOREIGN, *_SCANNED})


def _typos() -> dict[str, str]:
    """Slips of the pen in the long names: a letter twice, left out, or two exchanged."""
    found: dict[str, str] = {}
    for name in _FULL:
        for at in range(1, len(name) if len(name) > 4 else 0):
            doubled, dropped = name[:at] + name[at] + name[at:], name[:at] + name[at + 1 :]
            exchanged = name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :]
            found |= dict.fromkeys({doubled, dropped, exchanged} - {name}, name)
    return found


_TYPOS = _typos()
_MIXED = re.compile(r"(?<![A-Za-z0-9|])(?=[A-Za-z|]{0,9}[0159|])[A-Za-z0159|]{3,10}(?![A-Za-z0-9|])")
_MIXED_NAMES = frozenset({*_FULL, *_SHORT} - {"mar", "may", "dec"})


@dataclass(frozen=True, slots=True)
class MonthName:
    start: int
    end: int
    """Without the full stop of an abbreviation."""
    name: str
    """Lower case, without what a scanner did to it."""
    written: str
    typo: bool = False
    """Perhaps a name of a month, mistyped."""


def months(document: Document) -> Iterator[MonthName]:
    """Every word that may name a month, "may" and "march" as verbs among them."""
    for start, end, lower, word in zip(document.starts, document.ends, document.lowers, document.words, strict=True):
        if lower in _KNOWN:
            yield MonthName(start, end, _SCANNED.get(lower, lower), word)
        elif "-" in word:
            yield from _parts(start, word)
        elif lower in _TYPOS and lower not in document.lexicon.kinds:
            yield MonthName(start, end, _TYPOS[lower], word, typo=True)
    for match in _MIXED.finditer(document.text):
        word = match.group()
        for letter in ("oisgl", "olsgl"):
            name = word.lower().translate(str.maketrans("0159|", letter))
            name = _SCANNED.get(name, name)
            if name in _MIXED_NAMES:
                yield MonthName(*match.span(), name, word)
                break


def _parts(start: int, word: str) -> Iterator[MonthName]:
    """`mid-June`, `Sept-Oct`, `June-July`. `May-Thurner` is a syndrome."""
    pieces = word.split("-")
    lowers = [piece.lower() for piece in pieces]
    ways = [
        lower in _KNOWN or lower in ("mid", "early", "late", "end", "pre", "post", "fin", "st", "nd", "rd", "th")
        for lower in lowers
    ]
    for piece, lower, position in zip(pieces, lowers, _offsets(pieces), strict=True):
        if lower in _KNOWN and all(ways):
            yield MonthName(start + position, start + position + len(piece), _SCANNED.get(lower, lower), piece)


def _offsets(pieces: list[str]) -> Iterator[int]:
    at = 0
    for piece in pieces:
        yield at
        at += len(piece) + 1
