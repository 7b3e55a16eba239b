"""Hospitals, clinics, practices, schools, companies: a name, then a word that says what it is."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from assistant.deid.document import CAPITAL, INITIAL, LOWER, UPPER, Document
from assistant.deid.guard import is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.spans import Found
from assistant.deid.towns import AT, AT_ONLY, STATE, TOWN, WARDS, listed

_FACILITY_PHRASE = re.compile(
    r"(?:(?:Community |Regional |Memorial |General |University |County |District |Veterans |VA |Health |Medical |Surgical |Children's |Women's |Cancer |Heart |"
    r"Oncology |Neurology |Cardiology |Orthopedic |Orthopaedic |Pediatric |Rehabilitation |Rehab |Nursing |Senior |Eye |Dental |Urgent Care |Family |Surgery |"
    r"Dialysis |Wellness |Behavioral |Mental |Psychiatric |Imaging |Diagnostic |Specialty |Primary Care |Internal Medicine |Care |Trauma |Burn |Spine |Kidney |"
    r"Transplant |Pain |Sleep |Birth |Outpatient |Walk-In |State |Army |Naval |Catholic |Methodist |Baptist |Presbyterian |Lutheran |Adventist ){0,4})"
    r"(?:Hospitals?|Hosp\b\.?|Clinics?|Infirmary|Hospice|Polyclinic|Healthcare|Health ?Care|HealthCenter|Health(?: System| Network| Partners| Services| Sciences)?|"
    r"(?:Medical|Med\.?|Health|Surgery|Surgical|Care|Cancer|Heart|Oncology|Neurology|Senior|Nursing|Rehabilitation|Rehab|Imaging|Dialysis|Eye|Wellness|Treatment|Trauma|Hospital|Recovery|Counseling|Community|Birth|Spine|Sleep|Women's) (?:Center|Centre|Ctr|Cntr)\b\.?|"
    r"Medical(?: Group| Associates| Practice| Campus| College| School)?|Med\b\.?|Nursing (?:Home|Facility)|Care Home|Assisted Living|Manor|Senior Living|Retirement (?:Home|Community)|Pharmacy|Laboratories|Labs|"
    r"Physicians|Associates|Surgicenter|General|Gen\b|Memorial|Correctional (?:Facility|Institution)|University|College|High School|Elementary(?: School)?|Middle School|School|Academy|Institute|Foundation|Hospital Center|Rehab|Practice|Surgery(?= |$))"
)
_KIND_OF_HOSPITAL = re.compile(
    r"(?:General|Memorial|County|City|Community|Regional|Children's|State|Baptist|Methodist|Presbyterian|Lutheran|Veterans|VA|"
    r"University|Catholic|Adventist)\b"
)
_FACILITY_LOWER = re.compile(
    r"(?:hospital|hosp\.?|clinic|med(?:ical)? (?:center|ctr|centre)|medical center|office|nursing home|health center|pharmacy|er|ed|campus|branch)\b"
)
_LOWER_GENERIC = re.compile(r"(?<![\w])(?:county|city|state|university) hospital(?![\w])")
_OF_TOWN = re.compile(rf" of (?:the )?{TOWN}")
_IN_TOWN = re.compile(r"(,? (?:in |- )?)(?=[A-Z])")
_SAINT = re.compile(
    r"\b(?:St|Saint|Ste|Mt|Mount|Our Lady of|Good)\.? ([A-Z][a-z]{2,15})(?:'s?)?(?: (?:Medical|Med))?(?![\w-]| wort)"
)
_ACRONYM = re.compile(
    r"\b(?:seen|treated|admitted|followed|evaluated|hospitalized|done|performed|care|works?|working) (?:@|at) (?:the )?([A-Z]{3,5})(?![\w/-])"
)
_CORPORATE = re.compile(
    r"\b[A-Z][\w&']{1,25}(?:(?:,? (?:and|&) |, | )[A-Z][\w&']{1,25}|-\w[\w&']{0,25}){0,6},? (?:Inc|LLC|L\.L\.C|Ltd|Limited|Corp|Corporation|PLC|Plc|GmbH|LLP|P\.?C\.?|P\.?A\.?|PLLC|Group|Partners|Technologies|Holdings|Industries|Insurance|Solutions|Systems|Consulting|Enterprises|Company|Bank|Airlines|Motors)(?![A-Za-z])\.?"
)
"""A hyphen joins words and is part of none: a word that could hold it too would be cut in every possible way."""
_GENERIC = frozenset(
    """the a an our your this that at in to from of and for with by on her his their my its pain wound urgent primary family outpatient inpatient emergency
    eye dental medical medicine cancer care health general surgery surgical day night acute intensive same local outside another private public rural urban
    mental behavioral coumadin anticoagulation diabetes diabetic heart chest hypertension fertility sleep travel allergy asthma
    dermatology cardiology neurology oncology urology gynecology psychiatry orthopedic orthopedics pediatric pediatrics endocrine
    gi ent ob gyn obgyn prenatal antenatal womens women's men's well children child baby free mobile walk-in follow-up followup
    clinic hospital center brief history past social current electronic teaching tertiary referring admitting discharge skilled
    home nursing rehab rehabilitation physical occupational speech long-term term assisted living hospice national american international association
    world society college institute federal united states department division office unit school elementary high middle university
    patient patients per if when while after before she he they we it as is was were has had seen went good excellent fair poor overall
    his/her allied environmental sexual reproductive maternal occupational vascular memory stroke headache epilepsy ms hiv std sti
    spine foot hand breast pre-op preop post-op postop preoperative postoperative lipid weight bariatric renal dialysis transplant hepatology liver kidney
    infectious disease rheumatology pulmonary hematology radiology physician physicians associates no new old other both each every any some general-surgery er ed""".split()
)
_LETTERHEADS = frozenset({"practice", "associates", "physicians", "labs", "surgery"})
"""Too common within a sentence, but plain in a line of its own: "Alder Family Practice, 3 Mill Lane"."""
_LINE_START = re.compile(r"(?:^|\n)[ \t]{0,6}$")
_HEAD_END = re.compile(r"[ \t]{0,3}(?:$|\r?\n|,[ \t]{0,3}(?:\d|P\.? ?O\.? ?Box))")
_NOT_FACILITY_AFTER = re.compile(
    r"\s(?:course|day|stay|note|visit|admission|discharge|records?|insurance|maintenance|history|problems?|status|proxy|department of)\b",
    re.IGNORECASE,
)


def without_lead(document: Document, start: int, end: int) -> int | None:
    """`start` moved past words that begin no name ("At", "The", "Seen"), or `None` if nothing is left."""
    index = bisect_left(document.starts, start)
    while index < len(document.starts) and document.starts[index] < end:
        kind = document.kinds[index]
        if document.lowers[index] not in _GENERIC and not (
            kind & COMMON
            and not kind & (GIVEN | SURNAME)
            and document.starts_sentence(index)
            and index + 1 < len(document.words)
            and document.starts[index + 1] < end
        ):
            return document.starts[index]
        index += 1
    return None


def find_facilities(document: Document) -> Iterator[Found]:
    """Hospitals, clinics, practices, schools, companies: a name, then a word that says what it is."""
    text = document.text
    for match in _FACILITY_PHRASE.finditer(text):
        found = _facility(document, match.start(), match.end(), match.group())
        if found:
            yield found
    for match in re.finditer(_FACILITY_LOWER, text):
        found = _lower_facility(document, match.start(), match.end())
        if found:
            yield found
    for match in _LOWER_GENERIC.finditer(text):
        if re.search(r"\b(?:at|to|from) $", text[max(0, match.start() - 6) : match.start()]):
            yield Found(*match.span(), "ORGANIZATION", 0.42)
    for match in _SAINT.finditer(text):
        index = bisect_left(document.starts, match.start(1))
        cued = AT.search(text, max(0, match.start() - 30), match.start())
        name = document.kinds[index] & (GIVEN | SURNAME)
        said = cued or (match.group().endswith("'s") and name)
        if said and not is_eponym(document, index) and (name or not document.kinds[index] & COMMON):
            yield Found(match.start(), _with_place(document, match.end()), "ORGANIZATION", 0.65)
    for match in _ACRONYM.finditer(text):
        if match.group(1).lower() not in WARDS:
            yield Found(*match.span(1), "ORGANIZATION", 0.5)
    for match in _CORPORATE.finditer(text):
        first = without_lead(document, match.start(), match.end())
        if first is not None and not _all_words_common(
            document, first, match.end() - len(match.group().split()[-1]) - 1
        ):
            yield Found(first, match.end(), "ORGANIZATION", 0.55)


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
    while index < first and (document.lowers[index] in _GENERIC or (document.shapes[index] == LOWER)):
        index += 1
    strong_word = phrase.split()[-1].rstrip(".").lower()
    if index == first:
        # "General Hospital", "Memorial Clinic", "County General": a kind of hospital and a cue before it.
        cued = AT_ONLY.search(text, max(0, start - 30), start) or re.match(
            r" of [A-Z]|,? (?:in )?[A-Z]", text[end : end + 5]
        )
        if cued and len(phrase.split()) > 1 and not phrase.isupper() and _KIND_OF_HOSPITAL.match(phrase):
            return Found(start, _with_place(document, end), "ORGANIZATION", 0.55)
        if re.match(r" (?:in|of) [A-Z]", text[end : end + 5]) and _place_at(document, end) and len(phrase.split()) > 1:
            return Found(start, _with_place(document, end), "ORGANIZATION", 0.5)
        return None
    if phrase.isupper() or (
        document.shapes[index] == UPPER
        and all(document.shapes[at] == UPPER for at in range(index, first + 1) if at < len(document.shapes))
        and first - index > 1
    ):
        return None
    if is_eponym(document, index) and strong_word not in ("hospital", "clinic", "center"):
        return None
    weak = strong_word in (
        "health",
        "med",
        "medical",
        "general",
        "gen",
        "memorial",
        "physicians",
        "associates",
        "labs",
        "practice",
        "rehab",
        "surgery",
        "institute",
        "foundation",
        "school",
        "academy",
        "manor",
    )
    words = range(index, first)
    known = any(
        document.lowers[at] in document.lexicon.places
        or document.lowers[at] in document.lexicon.institutions
        or document.kinds[at] & (GIVEN | SURNAME)
        or not document.kinds[at] & (COMMON | CLINICAL | HEAD)
        for at in words
    )
    begin = document.starts[index]
    cue = AT.search(text, max(0, begin - 30), begin)
    if weak and not (
        AT_ONLY.search(text, max(0, begin - 30), begin)
        or (known and (cue or strong_word in ("institute", "foundation", "academy", "school")))
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
    return Found(begin, _with_place(document, end), "ORGANIZATION", 0.8 if known else 0.6)


def _place_at(document: Document, position: int) -> bool:
    index = bisect_left(document.starts, position)
    while index < len(document.words) and document.lowers[index] in ("in", "of", "the"):
        index += 1
    return (
        index < len(document.words)
        and document.lowers[index] in document.lexicon.places
        and document.shapes[index] != LOWER
    )


def _with_place(document: Document, end: int) -> int:
    """Takes in ` of Philadelphia`, `, San Diego`, ` in Chicago`, ` Boston`: the town is found as a place anyway, the join goes too."""
    match = _OF_TOWN.match(document.text, end)
    if match:
        end = match.end()
    match = _IN_TOWN.match(document.text, end)
    if match and (
        _place_at(document, match.end(1)) or re.match(STATE, document.text[match.end(1) : match.end(1) + 20])
    ):
        index = bisect_left(document.starts, match.end(1))
        length = listed(document, index)[0] or 1
        end = document.ends[index + length - 1]
        state = re.compile(rf",? {STATE}").match(document.text, end)
        end = state.end() if state else end
    return end


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
