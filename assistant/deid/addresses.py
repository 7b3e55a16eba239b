"""Whole addresses: a street with the towns, the state and the code behind it, boxes, and blocks of lines."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from assistant.deid.address_lines import address_end
from assistant.deid.document import Document
from assistant.deid.organisation_edges import without_lead
from assistant.deid.postcodes import find_postcodes
from assistant.deid.spans import Found
from assistant.deid.streets import find_streets, unit_end
from assistant.deid.towns import STATE, STATE_CODES, TOWN, ZIP

_CITY_STATE = re.compile(
    rf"\b({TOWN}),? ?,\s{{1,3}}{STATE}(?:\.?,?\s{{1,3}}{ZIP})?|\b({TOWN})\s(?:{STATE_CODES})\.?,?\s{{1,3}}{ZIP}"
)
_BOX = re.compile(
    r"\b(?:P\.? ?O\.? ?Box|Post Office Box|G\.?P\.?O\.? Box|Private (?:Mail )?Bag|Locked (?:Mail )?Bag|P\.?M\.?B\.?|Postfach|Apartado|Casilla|Postbus|Boîte Postale)\s?#?:?\s?[A-Z]?\d{1,6}\b"
    r"|\b(?:PSC|CMR|Unit|UNIT)\s\d{1,5},?\s(?:Box|BOX)\s\d{1,6}|\b(?:APO|FPO|DPO),? A[AEP](?: \d{5}(?:-\d{4})?)?\b"
    r"|\b(?:R\.?R\.?|Rural Route|H\.?C\.?|Star Route|S\.?S\.?)\s?#?\d{1,4},?\s(?:Box|Bx)\s\d{1,6}[A-Z]?|\bRural Route #? ?\d{1,3}|\bR\.?R\.? ?#\d{1,3}"
    r"|(?<=[\d,\n] )Box \d{2,6}(?=,? ?\n?[A-Z])|\b(?:Box|BOX) \d{2,6}(?=, [A-Z][a-z]+,? )",
    re.IGNORECASE,
)
_SHIP = re.compile(r"\b(?:USS|USNS|USCGC|HMS|HMAS|HMCS|HMNZS) [A-ZÀ-Þ]\w{1,20}(?: [A-ZÀ-Þ]\w{1,20}){0,2}")
_UNIT_ALONE = re.compile(
    r"(?<![\w/])(?:Apt|Apartment|Suite|Ste|PMB|Trlr|Trailer)\.? ?#? ?(?:[A-Z]-?)?\d{1,5}[A-Z]?(?!\w)|(?<![\w/])(?:Flat|flat) (?:no\.? ?)?\d{1,4}[A-Z]?(?![\w.%]| ?(?:mm|cm|kg|line|T))",
    re.IGNORECASE,
)
_PLOT = re.compile(
    r"(?<![\w/])(?:Plot|Blk|Block|House|H\.? ?No|Door|D\.? ?No|Stand|Erf|Qtr|Quarter|Shop|Lot|Ph|Purok|Zone|Sitio)\.?(?: ?No)?\.? ?#?:?\d{1,5}(?:[-/]\d{1,5}){0,3}(?:/?[A-Z])?,? "
    r"(?:(?:Lot|Ph|Phase|Blk|Block|Sector|Road|Street|St|Flat|Floor)\.? ?\d{1,4}[A-Z]?,? ?){0,3}(?:(?:near|opp|opposite|behind|off) )?"
    r"(?:[A-ZÀ-Þ][\w.'’-]{1,25}[ ,]{1,2}){0,4}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Crescent|Close|Drive|Sector|Phase|Nagar|Colony|Layout|Estate|Village|Subdivision|Subd|Extension|Masjid|Mandir|Temple|Chowk|Brgy|Barangay)\b\.?(?: \d{1,3})?",
    re.IGNORECASE,
)
_HOUSE_NUMBER = re.compile(r"\b(?:H|D)\.? ?No\.? ?:? ?(\d{1,4}(?:[-/]\d{1,5}){0,4}(?:/[A-Z])?)(?![\w.])", re.IGNORECASE)
_VILLAGE = re.compile(
    r"\b(?:Brgy|Bgy|Barangay|Sitio|Purok|Taluk|Tehsil|Mandal|Kampung|Kg\.)\.? (\d{1,3}|[A-ZÀ-Þ][\w.'’-]{1,20}(?: [A-ZÀ-Þ][\w.'’-]{1,20}){0,2})|\bCo\. ([A-Z][a-z]{2,12})(?![\w'’])|\bCounty ([A-Z][a-z]{2,12})(?=[,.\n]|$)"
)
_ADDRESS_LABEL = re.compile(
    r"(?im)(?:\b(?:home |mailing |street |current |billing |postal |permanent )?addr(?:ess)?(?: is| was)?|\bresid(?:es|ing|ence)(?: at)?|\blives at|\bliving at|\bR/O)"
    r"[ \t]{0,3}[:=]?[ \t]{0,6}(\d{1,6}[A-Za-z]?[ \t][^\n;]{3,80}?)(?=[ \t]{0,3}(?:[\n;]|\.\s|\.$|,? (?:and|with|who|phone|tel|ph|dob|since|for)\b|$))"
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


def find_addresses(document: Document) -> Iterator[Found]:
    """Streets with what stands behind them, boxes, blocks, postal codes, towns with their state."""
    text = document.text
    if not document.is_medical:
        yield from _blocks(text)
    for found in find_streets(document):
        end = address_end(document, found.end) if found.type == "ADDRESS" else found.end
        yield Found(found.start, end, found.type, found.score)
    for pattern, score in ((_BOX, 0.8), (_PLOT, 0.65), (_SHIP, 0.6), (_UNIT_ALONE, 0.7)):
        for match in pattern.finditer(text):
            yield Found(match.start(), address_end(document, unit_end(text, match.end())), "ADDRESS", score)
    for match in _HOUSE_NUMBER.finditer(text):
        yield Found(*match.span(1), "ADDRESS", 0.65)
    for match in _VILLAGE.finditer(text):
        yield Found(*match.span(match.lastindex or 0), "LOCATION", 0.65)
    for match in _ADDRESS_LABEL.finditer(text):
        yield Found(*match.span(1), "ADDRESS", 0.75)
    yield from find_postcodes(document)
    for match in _CITY_STATE.finditer(text):
        start = match.start(1) if match.group(1) else match.start(2)
        town = match.group(1) or match.group(2)
        kept = without_lead(document, start, start + len(town))
        if kept is not None and not (
            match.group().rstrip(".").endswith((" MD", " DO", " MS", " MA", " PA", " DC"))
            and not _is_place(document, kept)
        ):
            yield Found(kept, match.end(), "LOCATION", 0.75)


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


def _is_place(document: Document, start: int) -> bool:
    index = bisect_left(document.starts, start)
    return index < len(document.words) and document.lowers[index] in document.lexicon.places
