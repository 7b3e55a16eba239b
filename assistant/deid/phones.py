"""Telephone, fax and pager numbers, with their extensions, as they are written in English-speaking countries."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.measures import UNIT_FOLLOWS
from assistant.deid.spans import Found

_EXTENSION = r"(?i:\s{0,2}[,;(]?\s{0,2}(?:ext(?:ension|n)?|x|poste|opt(?:ion)?|#)\.?\s{0,2}[:#]?\s{0,2}\d{1,6}\)?(?![\w/]|\.\d))?"
_AMERICAN = re.compile(
    r"(?<![\d\-/#_])(?<!\d\.)(?<!\d\+)(?<!\b[A-Za-z])(?:\+?1[\s.\-]{0,2})?"
    r"(?:\(?\d{3}\)\s{0,2}[-.]?\s{0,2}\d{3}[\s.\-·•_]{1,3}\d{2}\s?\d{2}|\(?\d{3}[\s.\-/·•_]{1,3}\d{3}[\s.\-·•_]{1,3}\d{2} ?\d{2}|\(\d{3}\)\s?\d{7})"
    rf"(?!\d|[-/]\d{{3,}}|\.\d){_EXTENSION}"
)
_INTERNATIONAL = re.compile(
    rf"(?<![\w+])(?:\+\s?|00\s?)(?!0)\d{{1,3}}(?:[\s.\-]{{0,2}}(?:\(0?\d{{0,4}}\)|\d{{1,12}})){{1,6}}(?!\d|\.\d){_EXTENSION}"
)
_VANITY = re.compile(
    r"(?<![\w-])(?:1[-. ])?\(?8(?:00|33|44|55|66|77|88)\)?[-. ](?=[A-Z\d-]{0,8}[A-Z])(?=(?:-?[A-Z\d]){6})[A-Z\d]{2,7}(?:-[A-Z\d]{2,7}){0,2}(?![A-Za-z])|(?<![\w-])(?:0800|0808|0845|1800|1300)[- ](?=[A-Z\d]{0,8}[A-Z])[A-Z\d]{4,10}(?![A-Za-z])"
)
_GROUPS = re.compile(
    rf"(?<![\d.\-/+#_])(?<!\d,)(?<!\d )(?<!\b[A-Za-z])\(?\d{{2,8}}\)?(?:[ .\-]{{1,2}}\(?\d{{2,8}}\)?){{1,5}}(?![\w%]|[./:-]\d){_EXTENSION}"
)
"""Any other grouping of digits: a telephone number only where a word says so, or where it could be little else."""
_SLASHED = re.compile(r"(?<![\w.,/-])(?<!\d )0\d{2,5} ?/ ?\d{4,8}(?![\w/%]|[.,]\d)")
_SHORT = re.compile(rf"(?<![\w.\-/+#])(?:\d{{3}}[-. ]\d{{4}}|\d{{4}}[- ]\d{{4}})(?![\w%-]|[./:]\d){_EXTENSION}")
_PLAIN = re.compile(rf"(?<![\d_.+#-])(?<!\b[A-Za-z])\d{{7,13}}(?!\d){_EXTENSION}(?![\w-]|\.\d)")
_SINGLE = re.compile(r"(?<![\w.,/-])(?:\d[ .-]){6,12}\d(?![\w%]|[ .,/-]\d)")
"""`6 1 7 5 5 5 0 1 4 2`."""
_OR_ANOTHER = re.compile(
    r"\s{0,2}(?:/|,|;|&|\+|\bor\b|\band\b|\bthen\b)\s{0,2}(?:on\s|at\s)?(?:x|ext\.?\s?|-)?(\d{3,6}|\d{1,2}(?<=/\d\d)|\d(?<=/\d))(?!\w|[./:%-]\d|-[A-Za-z])"
)
_EXTENSION_ALONE = re.compile(
    r"(?<![A-Za-z])(?:ext(?:ension|n)?|poste|loc(?=\.)|fax|fx|pagers?|paged?|pgr|beepers?|beep|bleeped|bleeps?|blp|ascom|vocera|dect|spectra(?:link)?|switchboard|phone|telephone|tel|mobile|desk|dial|speed\s?dial|ring|call|"
    r"contact|reach(?:ed)?|internal|hospital phone|ward phone|direct line|voicemail|vm|callback|call back|text|sms)(?![A-Za-z])\.?(?:['’]s)?"
    r"[\s:#(\"')\-]{0,4}(?:(?:me|him|her|them|us|is|no\.?|number|nr|num|at|on|to|ext(?:ension|n)?\.?|via|the|reg|registrar|sho|resident|doctor|nurse|team|pager|bleep|(?-i:[A-Z][\w'-]{1,15}),?)[\s:#.]{1,3}){0,4}(?:x\s?|\#)?(\d-\d{3,4}|\d{3,7})(?!\w|[./:%-]\d)",
    re.IGNORECASE,
)
_BEFORE_CUE = re.compile(
    r"(?<![\w./-])(\d{4,6})(?= \(?(?:bleep|pager|ext(?:ension)?)\b)|\b(?:(?:direct |work |office |home |his |her |their |my )(?:line|number|phone|cell|mobile|office)|desk|switchboard)\s(?:is|at|on)\s(\d{4,7})(?![\w./:-])",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
"""What nurses write for an hour: "call 0330"."""
_X = re.compile(r"(?<![\w.])[xX][\s.:-]?(\d{4,5}|\d-\d{4})(?![\w%]|\.\d)")
_X_SAID = re.compile(
    r"\b(?:at|on|call|reach|ring|dial|contact|page|ext|extension|phone|office|desk|number|me|via|back|or|ask|unit|ward|clinic|lab|pharmacy)\b[^.;\n]{0,24}$",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"(?<![A-Za-z-])(?:(?:zero|oh|o|nought|one|two|three|four|five|six|seven|eight|nine|double|triple|hundred)(?:[ ,.-]{1,3}|$)){6,24}(?:zero|oh|nought|one|two|three|four|five|six|seven|eight|nine|hundred)(?![A-Za-z])",
    re.IGNORECASE,
)
_SPOKEN_SHORT = re.compile(
    r"\b(?:ext(?:ension|n)?|pager|beeper|bleep|phone|telephone|cell|mobile|number|fax|dial)\.?,?\s(?:number\s|is\s|at\s|on\s|no\s){0,3}((?:(?:zero|oh|nought|one|two|three|four|five|six|seven|eight|nine|double|triple)[ ,-]{1,2}){2,12}"
    r"(?:zero|oh|nought|one|two|three|four|five|six|seven|eight|nine|hundred))(?![A-Za-z])",
    re.IGNORECASE,
)

_CONTEXT = re.compile(
    r"\b(?:tele?phones?|phoned?|phones|tel|ph|fone|cell|cellphone|mobile|mob|mbl|call(?:s|ed|ing)?|contact(?:s|ed|able)?|reach(?:ed|able)?|number is|number|dial(?:s|ed)?|text(?:s|ed|ing)?|sms|landline|"
    r"fax(?:ed)?|fx|pagers?|page|beeper|bleep|voicemail|vm|whats ?app|signal|office|home|work|hm|wk|hotline|helpline|answering|at|rings?|rang|emergency|nok|switchboard|extension|ext|line|direct|"
    r"callback|message|messaged|toll free|freephone|kin|guardian|carer|next of kin|cb|c/b|p|t|m|h|w|c|o|f|hp|tf)\b[.:]?|[☎📞✆📱]",
    re.IGNORECASE,
)
_SHORTLY = re.compile(r"(?:^|[\s(|/])(?:p|t|m|h|w|c|o|f)[.:]\s?$", re.IGNORECASE)
_FAX = re.compile(r"\bfax(?:ed)?\b|\bfacsimile\b|\bfx\b", re.IGNORECASE)
_AFTER = re.compile(r"[\s\-\\,(]{0,4}(?:office|fax|mobile|cell|home|phone|work|landline|ext)\b", re.IGNORECASE)
_LOOK_BACK = 40
_CATALOGUE = re.compile(
    r"\b(?:ndc|icd|cpt|hcpcs|loinc|cas|upc|gtin|snomed|doi|pmid|isbn|issn)\b[^A-Za-z]{0,6}$", re.IGNORECASE
)
_NATIONAL = re.compile(
    r"\(?0\d{1,5}\)?(?:[ .\-]{1,2}\d{2,8}){1,4}"  # UK, Ireland, Australia, South Africa, India, with the trunk zero
    r"|[6-9]\d{4}[ -]\d{5}"  # Indian mobiles
    r"|1[38]00[ -]\d{3}[ -]\d{3}"  # Australian freephone
)


def find_phones(document: Document) -> Iterator[Found]:
    """Telephone and fax numbers; a short number (pager, extension) where a word says what it is."""
    text = document.numeric
    for pattern, score in ((_AMERICAN, 0.85), (_INTERNATIONAL, 0.85), (_VANITY, 0.85)):
        for match in pattern.finditer(document.text if pattern is _VANITY else text):
            if _CATALOGUE.search(text, max(0, match.start() - 12), match.start()):
                continue
            if pattern is not _INTERNATIONAL or 8 <= _digits(match) <= 21:
                yield from _with_second(text, match, score)
    for match in _EXTENSION_ALONE.finditer(text):
        if not UNIT_FOLLOWS.match(text, match.end()) and (
            not _is_loose(match) or (len(match[1]) > 3 and not _CLOCK.fullmatch(match[1]))
        ):
            yield Found(*match.span(1), "PHONE", 0.75, sure=True)
            yield from _second(text, match.end(), len(match[1]), "PHONE")
    for match in _SLASHED.finditer(text):
        yield from _with_second(text, match, 0.7)
    for match in _BEFORE_CUE.finditer(text):
        yield Found(*match.span(match.lastindex or 0), "PHONE", 0.7)
    for match in _SINGLE.finditer(text):
        if _said(text[max(0, match.start() - _LOOK_BACK) : match.start()].rpartition("\n\n")[2]):
            yield Found(*match.span(), "PHONE", 0.7)
    for match in _X.finditer(text):
        if (
            (re.fullmatch(r"[xX]\d{4,5}", match.group()) and match[1][-2:] != "00")
            or text[match.start() - 1 : match.start()] == "("
            or _X_SAID.search(text, max(0, match.start() - 40), match.start())
        ):
            yield Found(*match.span(1), "PHONE", 0.7)
    for pattern in (_GROUPS, _SHORT, _PLAIN):
        for match in pattern.finditer(text):
            scanned = document.text[match.start() : match.end()] != match.group()
            if 6 < _digits(match) < 18 and (score := _score(text, match, plain=pattern is _PLAIN, scanned=scanned)):
                yield from _with_second(text, match, score)
    for match in _SPOKEN.finditer(document.text):
        yield Found(*match.span(), "PHONE", 0.8)
    for match in _SPOKEN_SHORT.finditer(document.text):
        yield Found(*match.span(1), "PHONE", 0.8)


def _digits(match: re.Match[str]) -> int:
    return sum(character.isdigit() for character in match.group())


def _is_loose(match: re.Match[str]) -> bool:
    """Whether a verb or a place, not the name of a device, comes before three digits: "call 911", "page 212"."""
    return (
        re.match(r"(?:ext|poste|loc|pager|pgr|beeper|bleep|blp|ascom|vocera|dect)", match.group(), re.IGNORECASE)
        is None
    )


def _score(text: str, match: re.Match[str], *, plain: bool, scanned: bool) -> float:
    piece = match.group()
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()].rpartition("\n\n")[2]
    if UNIT_FOLLOWS.match(text, match.end()) or _CATALOGUE.search(before):
        return 0
    said = bool(_said(before) or _AFTER.match(text, match.end()))
    if scanned and not said:
        return 0  # "O73.955B"
    if _NATIONAL.match(piece):
        return 0.75 if said else 0.65
    if re.match(r"\d{3}-\d{4}$", piece):
        return 0.75 if said else 0.6 if piece.startswith("555") else 0.5
    if said and not _is_years(piece):
        return 0.7 if not plain or _said(before[-24:]) else 0.5
    groups = re.findall(r"\d+", piece)
    length = sum(map(len, groups))
    if _is_years(piece) or len(set(groups)) < len(groups) - 1:
        return 0
    return (
        0.55
        if (len(groups) == 4 and 9 <= length <= 12 and len(set(map(len, groups))) > 1 and "." not in piece)
        or (len(groups) == 3 and length >= 9 and "." not in piece)
        else 0
    )


def _said(before: str) -> bool:
    """Whether a word on the line says that a telephone number follows. A single letter must stand right before it."""
    found = None
    for found in _CONTEXT.finditer(before):
        word = found.group().strip(".:").lower()
        if len(word) > 2 or word in ("ph", "cb", "hm", "wk", "vm", "fx", "hp", "tf"):
            return True
    return found is not None and (
        _SHORTLY.search(before) is not None or re.search(r"\bat\s{1,2}$", before, re.IGNORECASE) is not None
    )


def _is_years(piece: str) -> bool:
    """`2019 2021`, `12 03 2019`."""
    return (
        re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", piece) is not None
        and not piece.startswith("0")
        and len(re.findall(r"\d+", piece)) <= 3
    )


def _with_second(text: str, match: re.Match[str], score: float) -> Iterator[Found]:
    kind = _kind(text, match)
    yield Found(*match.span(), kind, score)
    yield from _second(text, match.end(), 4, kind)


def _second(text: str, at: int, length: int, kind: str) -> Iterator[Found]:
    """`020 7946 0318 / 0319`, `555-0186 or 0187`: the last digits of a further number."""
    for _ in range(3):
        another = _OR_ANOTHER.match(text, at)
        if another is None or UNIT_FOLLOWS.match(text, another.end()):
            return
        slash = text[at : another.start(1)].strip() == "/"
        if not slash and len(another[1]) != length and len(another[1]) < 4:
            return
        yield Found(*another.span(1), kind, 0.65)
        at = another.end()


def _kind(text: str, match: re.Match[str]) -> str:
    before = text[max(0, match.start() - 24) : match.start()].rpartition("\n\n")[2]
    after = text[match.end() : match.end() + 8]
    return "FAX" if _FAX.search(before) or re.match(r"[\s\-,(]{0,3}fax", after, re.IGNORECASE) else "PHONE"
