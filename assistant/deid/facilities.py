"""Hospitals, clinics, practices, schools, companies: a name, then a word that says what it is."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from assistant.deid.document import CAPITAL, INITIAL, LOWER, UPPER, Document
from assistant.deid.guard import is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.organisation_edges import GENERIC, is_camel, place_at, with_place, without_lead
from assistant.deid.spans import Found
from assistant.deid.towns import AT, AT_ONLY, WARDS

_FACILITY_PHRASE = re.compile(
    r"(?:(?:Community |Regional |Memorial |General |University |County |District |Veterans |VA |Health |Medical |Surgical |Children's |Women's |Cancer |Heart |"
    r"Oncology |Neurology |Cardiology |Orthopedic |Orthopaedic |Pediatric |Rehabilitation |Rehab |Nursing |Senior |Eye |Dental |Urgent Care |Family |Surgery |"
    r"Dialysis |Wellness |Behavioral |Mental |Psychiatric |Imaging |Diagnostic |Specialty |Primary Care |Internal Medicine |Care |Trauma |Burn |Spine |Kidney |"
    r"Transplant |Pain |Sleep |Birth |Outpatient |Walk-In |State |Army |Naval |Catholic |Methodist |Baptist |Presbyterian |Lutheran |Adventist ){0,4})"
    r"(?:Hospitals?|Hosp\b\.?|Clinics?|Infirmary|Hospice|Polyclinic|Healthcare|Health ?Care|HealthCenter|Health(?: System| Network| Partners| Services| Sciences)?|"
    r"(?:Medical|Med\.?|Health|Surgery|Surgical|Care|Cancer|Heart|Oncology|Neurology|Senior|Nursing|Rehabilitation|Rehab|Imaging|Dialysis|Eye|Wellness|Treatment|Trauma|Hospital|Recovery|Counseling|Community|Birth|Spine|Sleep|Women's) (?:Center|Centre|Ctr|Cntr)\b\.?|"
    r"Medical(?: Group| Associates| Practice| Campus| College| School)?|Med\b\.?|Nursing (?:Home|Facility)|Care Home|Assisted Living|Manor|Senior Living|Retirement (?:Home|Community)|Pharmacy|Laboratories|Labs|"
    r"NHS (?:Foundation )?Trust|Health Board|Care Centre|Day Centre|Homecare|Home Care|Dispensary|Chemists?|Drugstore|Drugs?(?![\w-])|EMS|Ambulance(?: Service)?|Dental|Dentistry|Medicine|Imaging|Opticians|Physicians|Associates|Surgicenter|General|Gen\b|Memorial|Correctional (?:Facility|Institution)|University|College|High School|Elementary(?: School)?|Middle School|School|Academy|Institute|Foundation|Hospital Center|Rehab|Practice|Surgery(?![\w-]))"
)
_KIND_OF_HOSPITAL = re.compile(
    r"(?:General|Memorial|County|City|Community|Regional|Children's|State|Baptist|Methodist|Presbyterian|Lutheran|Veterans|VA|"
    r"University|Catholic|Adventist)\b"
)
_FACILITY_LOWER = re.compile(
    r"(?:hospital|hosp\.?|clinic|med(?:ical)? (?:center|ctr|centre)|medical center|office|nursing home|health center|pharmacy|er|ed|campus|branch)\b"
)
_LOWERGENERIC = re.compile(r"(?<![\w])(?:county|city|state|university) hospital(?![\w])")
_SAINT = re.compile(
    r"\b(?:St|Saint|Ste|Mt|Mount|Our Lady of|Good)\.? ([A-Z][a-z]{2,15})(?:'s?)?(?: (?:Medical|Med))?(?![\w-]| wort)"
)
_ACRONYM = re.compile(
    r"\b(?i:(?:seen|treated|admitted|followed|evaluated|hospitali[sz]ed|done|performed|care|works?|working) (?:@|at)|"
    r"(?:admitted|transferred|referred|discharged|presented|brought|taken|moved) (?:to|from|at)) (?:the )?([A-Z]{3,5})(?![\w/-]| [A-Z])"
)
_LETTERHEAD = re.compile(
    r"(?m)(?:^[ \t]{0,30}|(?:LOCATION|FACILITY|HOSPITAL|SITE|CLINIC|PRACTICE|SCHOOL)[ \t]{0,3}: {0,9})(?P<name>(?:(?:ST\.|[A-Z][A-Z'&-]{1,20}|&|OF|THE) ){1,6}"
    r"(?:HOSPITAL|CLINIC|CENTER|CENTRE|INFIRMARY|HOSPICE|SURGERY|PRACTICE|GROUP|ASSOCIATES|HOME|PHARMACY|UNIVERSITY|COLLEGE|MEDICINE|IMAGING|LABORATORY|LABORATORIES|LABS|INSTITUTE|TRUST|SYSTEM|SCHOOL))"
    r"(?=[ \t]{0,9}(?:$|[,–-]| {2}))"
)
"""In capitals, in a line of its own or behind a label."""
_FOREIGN = re.compile(
    r"(?<![\w'’-])(?:Cl[ií]nica|Centro (?:M[ée]dico|de Salud)|Ysbyty|Klinik(?:um)?|Krankenhaus|H[ôo]pital|Clinique|Ospedale|Policl[ií]nico|Sykehus|Szpital|Ziekenhuis|Apotheke|Farmacia|Pharmacie|Hospital (?=d[eoa]l?|San |Santa |Universit))"
    r"(?: (?:de|del|della|da|do|du|la|le|les|los|las|San|Santa|Santo|Saint|Sainte|St\.?|Sta\.?|Sankt)){0,3}(?: [A-ZÀ-Þ][\w'’.-]{1,25}){1,4}"
)
"""The name behind the noun."""
_SAINT_LOWER = re.compile(
    r"\b(?:saint|st\.?) ([a-z]{3,12})'s(?: (?:hospital|school|church|clinic|hospice|primary|surgery|parish|academy|college))?(?![\w-]| wort| dance| fire)"
)
_CORPORATE = re.compile(
    r"\b[A-Z][\w&']{1,25}(?:(?:,? (?:and|&) |, | )[A-Z][\w&']{1,25}|-\w[\w&']{0,25}){0,6},? (?:Inc|LLC|L\.L\.C|Ltd|Limited|Corp|Corporation|PLC|Plc|GmbH|LLP|P\.?C\.?|P\.?A\.?|PLLC|Group|Partners|Technologies|Holdings|Industries|Insurance|Solutions|Systems|Consulting|Enterprises|Company|Bank|Airlines|Motors|Services|Networks|International|Agency|Resources|Energy|Media|Studios|Ventures|Capital|Analytics|Software|Financial|Securities|Advisors|Worldwide|Global|Digital|Interactive|Publishing|Pictures|Records|Movers|Realty|Properties|Brands|Products|Laboratories|Sciences|Insights|Networks)(?![A-Za-z])\.?"
)
"""A hyphen joins words and is part of none: a word that could hold it too would be cut in every possible way."""
_WEAK = frozenset(
    """health med medical general gen memorial physicians associates labs practice rehab surgery institute foundation school academy manor
    medicine dental dentistry imaging chemist chemists drug drugs drugstore ems ambulance opticians""".split()
)
"""Words behind a name that are words for other things too: these need more than a capital before them."""
_NAMED_BY_ANYTHING = frozenset(
    {
        "surgery",
        "practice",
        "pharmacy",
        "chemist",
        "chemists",
        "drug",
        "drugs",
        "drugstore",
        "ems",
        "opticians",
        "imaging",
    }
)
"""Of these, those that a proper name before them settles: "Lodsworth Lane Surgery", "Lovett Drug"."""
_LETTERHEADS = frozenset({"practice", "associates", "physicians", "labs", "surgery", "medicine", "dental", "imaging"})
"""Too common within a sentence, but plain in a line of its own: "Alder Family Practice, 3 Mill Lane"."""
_BEGINS_SENTENCE = re.compile(r"attends|goes|went|lives|works|via|per|see|call|called|[a-z]{3,12}(?:ed|ing)")
_LINE_START = re.compile(r"(?:^|\n)[ \t]{0,6}$")
_HEAD_END = re.compile(r"[ \t]{0,3}(?:$|\r?\n|,[ \t]{0,3}(?:\d|P\.? ?O\.? ?Box))")
_NOT_FACILITY_AFTER = re.compile(
    r"\s(?:course|day|stay|note|visit|admission|discharge|records?|insurance|maintenance|history|problems?|status|proxy|department of)\b",
    re.IGNORECASE,
)


def find_facilities(document: Document) -> Iterator[Found]:
    """Hospitals, clinics, practices, schools, companies: a name, then a word that says what it is."""
    text, medical = document.text, document.is_medical
    for match in _FACILITY_PHRASE.finditer(text):
        found = _facility(document, match.start(), match.end(), match.group())
        if found:
            yield found
    for match in re.finditer(_FACILITY_LOWER, text):
        found = _lower_facility(document, match.start(), match.end())
        if found:
            yield found
    for match in _LOWERGENERIC.finditer(text):
        if re.search(r"\b(?:at|to|from) $", text[max(0, match.start() - 6) : match.start()]):
            yield Found(*match.span(), "ORGANIZATION", 0.42)
    for match in _SAINT.finditer(text):
        index = bisect_left(document.starts, match.start(1))
        cued = AT.search(text, max(0, match.start() - 30), match.start())
        name = document.kinds[index] & (GIVEN | SURNAME)
        said = cued or (match.group().endswith("'s") and name)
        if said and not is_eponym(document, index) and (name or not document.kinds[index] & COMMON):
            yield Found(match.start(), with_place(document, match.end()), "ORGANIZATION", 0.65)
    for match in _ACRONYM.finditer(text):
        lower = match.group(1).lower()
        if lower not in WARDS and not document.kinds[bisect_left(document.starts, match.start(1))] & (
            COMMON | CLINICAL | HEAD
        ):
            yield Found(*match.span(1), "ORGANIZATION", 0.5)
    for match in _SAINT_LOWER.finditer(text):
        index = bisect_left(document.starts, match.start(1))
        spelled_out = match.group().startswith("saint")
        if (spelled_out or document.kinds[index] & GIVEN) and not document.kinds[index] & CLINICAL:
            yield Found(*match.span(), "ORGANIZATION", 0.6)
    for match in _FOREIGN.finditer(text):
        yield Found(match.start(), with_place(document, match.end()), "ORGANIZATION", 0.65)
    for match in _LETTERHEAD.finditer(text):
        if _has_proper_word(document, *match.span("name")):
            yield Found(*match.span("name"), "ORGANIZATION", 0.65)
    for match in _CORPORATE.finditer(text):
        first = without_lead(document, match.start(), match.end())
        if first is not None and (
            not _all_words_common(document, first, match.end() - len(match.group().split()[-1]) - 1)
            or (not medical and first < match.end() - len(match.group().split()[-1]))
        ):
            yield Found(first, match.end(), "ORGANIZATION", 0.55)


def _is_proper(document: Document, words: range) -> bool:
    """No medicine among the words of a name, and no ordinary word that only begins a sentence."""
    return not any(
        document.kinds[at] & (CLINICAL | HEAD)
        or is_eponym(document, at)
        or document.lowers[at] in document.lexicon.departments
        for at in words
    ) and not (document.kinds[words[0]] & COMMON and document.starts_sentence(words[0]) and len(words) < 3)


def _has_proper_word(document: Document, start: int, end: int) -> bool:
    """Whether a word in capitals is a name, a place or in no list, and none is medicine but words of departments."""
    index, proper = bisect_left(document.starts, start), False
    while index < len(document.starts) and document.starts[index] < end:
        kind, lower = document.kinds[index], document.lowers[index]
        if lower in document.lexicon.countries or lower in document.lexicon.places:
            proper = True
        elif lower not in document.lexicon.departments and lower not in GENERIC:
            if kind & (CLINICAL | HEAD):
                return False
            proper = proper or not kind & COMMON or bool(kind & (GIVEN | SURNAME))
        index += 1
    return proper


def _all_words_common(document: Document, start: int, end: int) -> bool:
    index = bisect_left(document.starts, start)
    while index < len(document.starts) and document.starts[index] < end:
        kind = document.kinds[index]
        if not kind & (COMMON | CLINICAL | HEAD) or (kind & (GIVEN | SURNAME) and not kind & COMMON):
            return False
        index += 1
    return True


def _facility(document: Document, start: int, end: int, phrase: str) -> Found | None:
    text = document.text
    if (start and text[start - 1].isalnum()) or _NOT_FACILITY_AFTER.match(text, end):
        return None
    first = bisect_left(document.starts, start)
    index = first
    # Back over the capitals before it: "St. Mary's", "New York-Presbyterian", "Baylor Scott & White".
    while index > 0:
        gap = (
            text[document.ends[index - 1] : document.starts[index]]
            if index < len(document.starts)
            else text[document.ends[index - 1] : start]
        )
        gap = gap.removeprefix("'s").removeprefix("'")
        shape, lower = document.shapes[index - 1], document.lowers[index - 1]
        ampersand = gap.strip() in ("&", "and") and len(gap) < 6
        saint = gap in (". ", ".") and lower in ("st", "mt", "ft", "ste")
        if gap not in (" ", "-", "  ") and not ampersand and not saint:
            break
        if shape == LOWER and not (
            lower in ("of", "and", "the")
            and index > 1
            and document.shapes[index - 2] in (CAPITAL, UPPER)
            and lower != "the"
        ):
            break
        if shape == INITIAL and gap == " ":
            break
        index -= 1
        if first - index > 6:
            break
    while index < first and (
        document.lowers[index] in GENERIC
        or document.shapes[index] == LOWER
        or (document.starts_sentence(index) and _BEGINS_SENTENCE.fullmatch(document.lowers[index]))
    ):
        index += 1
    strong_word = phrase.split()[-1].rstrip(".").lower()
    if index == first:
        # "General Hospital", "Memorial Clinic", "County General": a kind of hospital and a cue before it.
        cued = AT_ONLY.search(text, max(0, start - 30), start) or re.match(
            r" of [A-Z]|,? (?:in )?[A-Z]", text[end : end + 5]
        )
        if (
            cued
            and len(phrase.split()) > 1
            and strong_word not in _WEAK - {"general", "memorial"}
            and not phrase.isupper()
            and _KIND_OF_HOSPITAL.match(phrase)
        ):
            return Found(start, with_place(document, end), "ORGANIZATION", 0.55)
        if re.match(r" (?:in|of) [A-Z]", text[end : end + 5]) and place_at(document, end) and len(phrase.split()) > 1:
            return Found(start, with_place(document, end), "ORGANIZATION", 0.5)
        return None
    if (phrase.isupper() and phrase != "EMS") or (
        document.shapes[index] == UPPER
        and all(document.shapes[at] == UPPER for at in range(index, first + 1) if at < len(document.shapes))
        and first - index > 1
    ):
        return None
    if is_eponym(document, index) and strong_word not in ("hospital", "clinic", "center"):
        return None
    weak = strong_word in _WEAK
    words = range(index, first)
    known = any(
        document.lowers[at] in document.lexicon.places
        or document.lowers[at] in document.lexicon.institutions
        or document.kinds[at] & (GIVEN | SURNAME)
        or not document.kinds[at] & (COMMON | CLINICAL | HEAD)
        or is_camel(document, at)
        for at in words
    )
    if all(document.lowers[at] in document.lexicon.departments for at in words):
        return None
    begin = document.starts[index]
    cue = AT.search(text, max(0, begin - 30), begin)
    if weak and not (
        AT_ONLY.search(text, max(0, begin - 30), begin)
        or (known and (cue or strong_word in ("institute", "foundation", "academy", "school")))
        or (known and strong_word in _NAMED_BY_ANYTHING and _is_proper(document, words))
        or (
            known
            and strong_word in _LETTERHEADS
            and _LINE_START.search(text, max(0, begin - 8), begin)
            and _HEAD_END.match(text, end)
        )
    ):
        return None
    if not known and not cue and document.starts_sentence(index):
        return None
    if all(document.kinds[at] & CLINICAL for at in words):
        return None
    return Found(begin, with_place(document, end), "ORGANIZATION", 0.8 if known else 0.6)


def _lower_facility(document: Document, start: int, end: int) -> Found | None:
    """`UCLA med center`, `Houston clinic`, `Chicago office`: a known place or institution first."""
    index = bisect_left(document.starts, start)
    if index == 0 or document.text[document.ends[index - 1] : start] not in (" ", "'s "):
        return None
    previous = index - 1
    if document.shapes[previous] == LOWER:
        return None
    lower = document.lowers[previous]
    known = lower in document.lexicon.places or lower in document.lexicon.closing_words
    if lower in document.lexicon.departments:
        return None
    if not known and document.kinds[previous] & (COMMON | CLINICAL | HEAD):
        return None
    if not known and document.shapes[previous] == UPPER:
        return None
    if (
        not known
        and document.text[start:end] in ("er", "ed", "office", "branch", "campus", "pharmacy")
        and not document.kinds[previous] & SURNAME
    ):
        return None
    return Found(document.starts[previous], end, "ORGANIZATION", 0.6)
