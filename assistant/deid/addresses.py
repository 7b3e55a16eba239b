"""Streets with and without number, boxes, postal codes, towns with their state."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.facilities import without_lead
from assistant.deid.policy import SPARSE_ZIP3
from assistant.deid.spans import Found
from assistant.deid.towns import STATE, STATE_CODES, STATE_NAMES, TOWN, ZIP

_CITY_STATE = re.compile(
    rf"\b({TOWN}),? ?,\s{{1,3}}{STATE}(?:\.?,?\s{{1,3}}{ZIP})?|\b({TOWN})\s(?:{STATE_CODES})\.?,?\s{{1,3}}{ZIP}"
)
_STATE_ZIP = re.compile(rf"(?<![A-Za-z])(?:{STATE_CODES}|{STATE_NAMES})\.?,?\s{{1,3}}({ZIP})")
_ZIP_LABEL = re.compile(
    r"\b(?:zip|zipcode|postal|post|postcode)\s?(?:_?code)?s?(?:\s?\+\s?4)?(?:\s(?:is|of|area))?[\s:=#]{1,4}(\d{5}(?:-\d{4})?|\d{6}|[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})(?!\w)",
    re.I,
)
_ZIP3 = re.compile(
    r"\bzip(?:\s?codes?)?(?:\s(?:starting|beginning)(?:\swith)?|\sprefix|3)?(?:\s(?:is|of))?[\s:=]{1,3}(\d{3})(?:xx|\*\*)?(?!\w)",
    re.I,
)
_ZIP_PLACE = re.compile(
    rf"(?:\b(?:in|at|near|from|area)\s)({ZIP})(?=[\s.,;?)]|$)(?!\s(?:patients|people|cases|participants|women|men|children|subjects|mg|units|steps))"
)
# "T2N0M0" is a stage, and would be a Canadian code.
_UK_POSTCODE = re.compile(
    r"(?<!\w)(?!T\dN ?\dM\d)(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-CEGHJ-NPR-TVXY]\d[A-Z] ?\d[A-Z]\d)(?!\w)"
)

_SUFFIX = (
    r"(?:Street|St|Avenue|Ave|Av|Boulevard|Blvd|Road|Rd|Lane|Ln|Drive|Dr|Court|Ct|Circle|Cir|Place|Pl|Parkway|Pkwy|Highway|Hwy|Terrace|Ter|Way|Trail|Trl|"
    r"Square|Sq|Loop|Alley|Crescent|Cres|Close|Row|Mews|Plaza|Plz|Turnpike|Tpke|Route|Rte|Expressway|Broadway|Commons|Crossing|Heights|Hill|Hollow|Ridge|Run|"
    r"Walk|Grove|Gardens|Vista|Pike|Point|Path|Park|Quay)"
)
_UNIT = r"(?:[\s,.\-]{1,4}(?:Apt|Apartment|Suite|Ste|Unit|Room|Rm|Floor|Fl|Flat|Bldg|Building|Lot|Box|PMB|#)\.?\s?#?\s?[A-Za-z]?-?\d{0,5}[A-Za-z]?\b)?"
_NO_LABEL = r"(?!(?:Tel|Telephone|Phone|Ph|Fax|Mobile|Cell|E-?mail|Attn)(?![A-Za-z])|[A-Z][A-Za-z /]{0,30}:)"
"""The line after a street may begin with a label ("Tel", "Referring physician:"), which is no town."""
_TAIL = rf"(?:[,.\s]{{1,4}}{_NO_LABEL}{TOWN})?(?:,?\s{{1,3}}{STATE})?(?:,?\s{{1,3}}{ZIP})?"
_DIRECTION = r"(?:[NSEW]\.?|[NS][EW]\.?|North|South|East|West|Northeast|Northwest|Southeast|Southwest)"
_STREET = re.compile(
    rf"(?<![\w/.-])\d{{1,6}}[A-Z]?(?:-\d{{1,5}})?,?[ \t]{{1,3}}(?:{_DIRECTION}[ \t])?"
    rf"(?:(?:[A-Z][\w.'-]{{0,25}}|\d{{1,4}}(?:st|nd|rd|th)|de|la|del|of|the|van|der)[ \t]){{1,5}}{_SUFFIX}(?![A-Za-z])\.?(?:[ \t]{_DIRECTION}(?![a-z]))?{_UNIT}{_TAIL}"
)
_STREET_ANY_CASE = re.compile(
    rf"(?<![\w/.-])\d{{1,6}}[ \t](?:{_DIRECTION}[ \t])?(?:(?:[a-z][\w'-]{{1,25}}|\d{{1,4}}(?:st|nd|rd|th))[ \t]){{1,3}}"
    r"(?:street|avenue|ave|boulevard|blvd|road|rd|lane|drive|court|parkway|highway|terrace|st)(?![a-z])\.?" + _UNIT,
    re.IGNORECASE,
)
_NUMBERED_STREET = re.compile(
    rf"(?<!\w)\d{{1,3}}(?:st|nd|rd|th)\s(?:street|avenue|ave|st)(?![a-z])(?:\s(?:clinic|hospital|pharmacy|office))?{_TAIL}",
    re.I,
)
_NAMED_STREET = re.compile(
    rf"\b(?:[A-Z][\w'-]{{1,25}} ){{1,3}}(?:Street|Avenue|Boulevard|Road|Lane|Drive|Parkway|Highway|Blvd|Ave|Rd|St(?=\.? (?:in|near|and|clinic|[Cc]linic)|\.,))(?![A-Za-z])\.?{_TAIL}"
)
_EUROPEAN = re.compile(
    r"\b(?:Rue|Calle|Avenida|Via|Viale|Piazza|Rua|Carrer|Ctra\.?|Plaza|Place|Boulevard|Av\.|Allée|Chemin|Largo|Camino|Paseo|Quai) "
    r"(?:(?:de|la|le|des|du|del|los|las|l'|d')\s?){0,3}[A-Z][\w.'-]{1,25}(?: [A-Z][\w.'-]{1,25}){0,3}(?:,? \d{1,5}\w?)?"
    r"|(?<!\w)[A-ZÀ-Þ][\w'-]{2,30}(?:straße|strasse|str\.|gasse|weg|platz|allee|straat|laan|gracht|plein|vej|gade|gatan|vägen|veien|gata|tie|katu|utca|ulica)(?: \d{1,5}\w?)?(?!\w)"
)
_BOX = re.compile(
    rf"\b(?:P\.? ?O\.? ?Box|Post Office Box|PSC|Box)\s#?\d{{1,6}}{_TAIL}|\b(?:APO|FPO|DPO),? A[AEP](?: \d{{5}})?|\bUnit \d{{2,5}}(?: Box \d{{2,5}})?",
    re.IGNORECASE,
)
_UNIT_ALONE = re.compile(
    r"(?<!\w)(?:Apt|Apartment|Suite|Ste|Flat|PMB)\.? ?#? ?(?:[A-Z]-?)?\d{1,5}[A-Z]?(?!\w)", re.IGNORECASE
)
_ADDRESS_LABEL = re.compile(
    r"(?im)(?:\b(?:home |mailing |street |current |billing )?address(?: is| was)?|\bresid(?:es|ing|ence)(?: at)?|\blives at|\bliving at)[ \t]{0,3}[:=]?[ \t]{0,6}(\d{1,6}[ \t][^\n;]{3,80}?)(?=[ \t]{0,3}(?:[\n;]|\.\s|,? (?:and|with|who|phone|tel|ph|dob|since|for)\b|$))"
)

_LINE_WITH_ZIP = re.compile(r"(?m)^[>?| \t]*(?P<block>[^\n\d]{2,40}[ ,]\d{5}(?:-\d{4})?)[ \t\r]*$")
_LINE_WITH_NUMBER = re.compile(
    r"(?m)^[>?| \t]*(?P<block>(?:\d{1,5}|\d{1,5}[A-Z]? [^\n.!?]{3,40}|[^\W\d_][^\n.!?\d]{3,36} \d{1,4}))[ \t\r]*$"
)
_SENT_TO = re.compile(
    r"\b(?:address(?:es)?(?: here)?(?: is| to|:| with| are:| in)|sent? (?:it )?to|return to|arrived at|deliver(?:ed)? to|ship(?:ped)? to|mail(?:ed)? to|here they are:|"
    r"it'?s in|it is in|located at|enter on|live at)[:\s]{1,4}(?P<block>\d{1,5}[^\n?!;]{4,80}(?:\n ?[^\n?!;.]{1,40}){0,3})",
    re.IGNORECASE,
)
_ADDRESS_STOPS = re.compile(r"\s(?:in case|for post|for mail|as my|as the|thank|please|and my|, and)\b", re.IGNORECASE)


def _blocks(text: str) -> Iterator[Found]:
    """Lines that end in a postal code, from the line on that begins with a number; and what stands after `sent to 12 …`."""
    for match in _SENT_TO.finditer(text):
        block = match.group("block")
        stop = _ADDRESS_STOPS.search(block)
        end = match.start("block") + (stop.start() if stop else len(block))
        if re.search(r"[A-ZÀ-Þ]\w|\d{4,5}$|\bapt|suite|street", text[match.start("block") : end]):
            yield Found(match.start("block"), end, "ADDRESS", 0.5)
    lines = list(_LINE_WITH_ZIP.finditer(text))
    for match in lines:
        yield Found(*match.span("block"), "ADDRESS", 0.5)
    if lines or _BOX.search(text) or _UNIT_ALONE.search(text):
        for match in _LINE_WITH_NUMBER.finditer(text):
            yield Found(*match.span("block"), "ADDRESS", 0.45)


def find_addresses(document: Document) -> Iterator[Found]:
    """Streets with number, named streets, boxes, postal codes."""
    text = document.text
    if not document.is_medical:
        yield from _blocks(text)
    for pattern, score in (
        (_STREET, 0.9),
        (_NAMED_STREET, 0.6),
        (_EUROPEAN, 0.6),
        (_BOX, 0.8),
        (_NUMBERED_STREET, 0.7),
        (_UNIT_ALONE, 0.7),
    ):
        for match in pattern.finditer(text):
            if (
                pattern is _NAMED_STREET
                and match.group().split()[0].lower() in ("the", "main", "on", "at")
                and len(match.group().split()) < 3
                and not match.group().startswith("Main")
            ):
                continue
            yield Found(*match.span(), "ADDRESS", score)
    for match in _STREET_ANY_CASE.finditer(text):
        if not re.search(
            r"\d{1,6}[ \t](?:year|mg|mm|cm|ml|day|week|month|hour|minute|patient|the|of|and|in|to|x|times|units?|percent)\b",
            match.group(),
            re.I,
        ):
            yield Found(*match.span(), "ADDRESS", 0.55)
    for match in _ADDRESS_LABEL.finditer(text):
        yield Found(*match.span(1), "ADDRESS", 0.75)
    for match in _STATE_ZIP.finditer(text):
        yield Found(*match.span(), "ZIP", 0.85)
    for pattern in (_ZIP_LABEL, _ZIP_PLACE):
        for match in pattern.finditer(text):
            yield Found(*match.span(1), "ZIP", 0.8 if pattern is _ZIP_LABEL else 0.55)
    for match in _ZIP3.finditer(text):
        if match.group(1) in SPARSE_ZIP3:
            yield Found(*match.span(1), "ZIP", 0.8)
    for match in _UK_POSTCODE.finditer(text):
        yield Found(*match.span(), "ZIP", 0.6)
    for match in _CITY_STATE.finditer(text):
        start = match.start(1) if match.group(1) else match.start(2)
        town = match.group(1) or match.group(2)
        kept = without_lead(document, start, start + len(town))
        if kept is not None and not (
            match.group().rstrip(".").endswith((" MD", " DO", " MS", " MA", " PA", " DC"))
            and not _is_place(document, kept)
        ):
            yield Found(kept, match.end(), "LOCATION", 0.75)


def _is_place(document: Document, start: int) -> bool:
    index = bisect_left(document.starts, start)
    return index < len(document.words) and document.lowers[index] in document.lexicon.places
