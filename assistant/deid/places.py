"""Where people live and are treated: streets, postal codes, towns, hospitals and practices."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from assistant.deid.document import CAPITAL, INITIAL, LOWER, UPPER, Document
from assistant.deid.guard import is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.policy import SPARSE_ZIP3
from assistant.deid.spans import Found

_STATE_NAMES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|"
    "Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|"
    "New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|"
    "Virginia|Washington|West Virginia|Wisconsin|Wyoming|Puerto Rico|District of Columbia|Ontario|Quebec|British Columbia|Alberta"
)
_STATE_CODES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|"
    "WV|WI|WY|DC|PR|D\\.C\\."
)
_STATE = rf"(?:{_STATE_NAMES}|{_STATE_CODES})(?![A-Za-z])"
_ZIP = r"\d{5}(?:-\d{4})?(?!\d)"
_CAPITALISED = r"[A-ZÀ-Þ][^\W\d_]{1,20}(?:['-][^\W\d_]{1,20}){0,2}"
_TOWN = rf"(?:(?:St|Mt|Ft|Ste)\. )?{_CAPITALISED}(?: (?:of |de |la |del |upon )?{_CAPITALISED}){{0,3}}"
_CITY_STATE = re.compile(
    rf"\b({_TOWN}),? ?,\s{{1,3}}{_STATE}(?:\.?,?\s{{1,3}}{_ZIP})?|\b({_TOWN})\s(?:{_STATE_CODES})\.?,?\s{{1,3}}{_ZIP}"
)
_STATE_ZIP = re.compile(rf"(?<![A-Za-z])(?:{_STATE_CODES}|{_STATE_NAMES})\.?,?\s{{1,3}}({_ZIP})")
_ZIP_LABEL = re.compile(
    r"\b(?:zip|zipcode|postal|post|postcode)\s?(?:_?code)?s?(?:\s?\+\s?4)?(?:\s(?:is|of|area))?[\s:=#]{1,4}(\d{5}(?:-\d{4})?|\d{6}|[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})(?!\w)",
    re.I,
)
_ZIP3 = re.compile(
    r"\bzip(?:\s?codes?)?(?:\s(?:starting|beginning)(?:\swith)?|\sprefix|3)?(?:\s(?:is|of))?[\s:=]{1,3}(\d{3})(?:xx|\*\*)?(?!\w)",
    re.I,
)
_ZIP_PLACE = re.compile(
    rf"(?:\b(?:in|at|near|from|area)\s)({_ZIP})(?=[\s.,;?)]|$)(?!\s(?:patients|people|cases|participants|women|men|children|subjects|mg|units|steps))"
)
_UK_POSTCODE = re.compile(r"(?<!\w)(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-CEGHJ-NPR-TVXY]\d[A-Z] ?\d[A-Z]\d)(?!\w)")

_SUFFIX = (
    r"(?:Street|St|Avenue|Ave|Av|Boulevard|Blvd|Road|Rd|Lane|Ln|Drive|Dr|Court|Ct|Circle|Cir|Place|Pl|Parkway|Pkwy|Highway|Hwy|Terrace|Ter|Way|Trail|Trl|"
    r"Square|Sq|Loop|Alley|Crescent|Cres|Close|Row|Mews|Plaza|Plz|Turnpike|Tpke|Route|Rte|Expressway|Broadway|Commons|Crossing|Heights|Hill|Hollow|Ridge|Run|"
    r"Walk|Grove|Gardens|Vista|Pike|Point|Path|Park|Quay)"
)
_UNIT = r"(?:[\s,.\-]{1,4}(?:Apt|Apartment|Suite|Ste|Unit|Room|Rm|Floor|Fl|Flat|Bldg|Building|Lot|Box|PMB|#)\.?\s?#?\s?[A-Za-z]?-?\d{0,5}[A-Za-z]?\b)?"
_TAIL = rf"(?:[,.\s]{{1,4}}{_TOWN})?(?:,?\s{{1,3}}{_STATE})?(?:,?\s{{1,3}}{_ZIP})?"
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

_FACILITY = frozenset(
    """hospital hospitals clinic clinics infirmary hospice sanatorium polyclinic healthcare healthcenter healthplex medical center centre
    med ctr cntr hosp pharmacy rehab rehabilitation surgicenter university college school academy institute practice associates
    laboratory laboratories labs nursing home manor physicians orthopaedics orthopedics pediatrics general health memorial imaging
    foundation church prison jail shelter daycare nursery elementary""".split()
)
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
_FACILITY_LOWER = re.compile(
    r"(?:hospital|hosp\.?|clinic|med(?:ical)? (?:center|ctr|centre)|medical center|office|nursing home|health center|pharmacy|er|ed|campus|branch)\b"
)
_LOWER_GENERIC = re.compile(r"(?<![\w])(?:county|city|state|university) hospital(?![\w])")
_OF_PLACE = re.compile(rf"(?: of (?:the )?{_TOWN})|(?: in |, | - )(?={_TOWN})")
_OF_TOWN = re.compile(rf" of (?:the )?{_TOWN}")
_IN_TOWN = re.compile(r"(,? (?:in |- )?)(?=[A-Z])")
_SAINT = re.compile(
    r"\b(?:St|Saint|Ste|Mt|Mount|Our Lady of|Good)\.? ([A-Z][a-z]{2,15})(?:'s?)?(?: (?:Medical|Med))?(?![\w-]| wort)"
)
_ACRONYM = re.compile(
    r"\b(?:seen|treated|admitted|followed|evaluated|hospitalized|done|performed|care|works?|working) (?:@|at) (?:the )?([A-Z]{3,5})(?![\w/-])"
)
_WARDS = frozenset(
    "icu picu nicu sicu micu ccu pacu cvicu ticu tcu snf osh ltac ltach opd ipd gp pcp hmo usa home ob gyn ent copd clia dob edta lad".split()
)
_CORPORATE = re.compile(
    r"\b[A-Z][\w&'-]{1,25}(?:(?:,? (?:and|&) |, | |-)[A-Z][\w&'-]{1,25}){0,4},? (?:Inc|LLC|L\.L\.C|Ltd|Limited|Corp|Corporation|PLC|Plc|GmbH|LLP|P\.?C\.?|P\.?A\.?|PLLC|Group|Partners|Technologies|Holdings|Industries|Insurance|Solutions|Systems|Consulting|Enterprises|Company|Bank|Airlines|Motors)(?![A-Za-z])\.?"
)
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
_NOT_FACILITY_AFTER = re.compile(
    r"\s(?:course|day|stay|note|visit|admission|discharge|records?|insurance|maintenance|history|problems?|status|proxy|department of)\b",
    re.IGNORECASE,
)
_AT = re.compile(
    r"(?:@|\b(?:at|to|from|by|with|in|near|via|outside|visit(?:s|ed|ing)?|clinic|hospital)) (?:the |our |a )?$",
    re.IGNORECASE,
)
_AT_ONLY = re.compile(
    r"(?:@|\bat|\bvisit(?:s|ed|ing)?|\b(?:admitted|transferred|referred|presented|transported|taken|brought|discharged) (?:to|from)) "
    r"(?:the |our )?$",
    re.IGNORECASE,
)
_IN_ONLY = re.compile(
    r"\b(?:lives? in|living in|resid(?:es?|ing) in|born in|raised in|grew up in|from|moved to|native of|visit(?:ed|ing)? (?:to|from)?|travel(?:l?ed|l?ing)? to|trip to|based in|"
    r"relocated to|arrived (?:at|in|from)|in|near|city|town of|coming to|meeting in|moved here from|neighborhood of|outside of) (?:the )?(?:(?:town|city|village) of )?$",
    re.IGNORECASE,
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
        kept = _without_lead(document, start, start + len(town))
        if kept is not None and not (
            match.group().rstrip(".").endswith((" MD", " DO", " MS", " MA", " PA", " DC"))
            and not _is_place(document, kept)
        ):
            yield Found(kept, match.end(), "LOCATION", 0.75)


def _is_place(document: Document, start: int) -> bool:
    index = bisect_left(document.starts, start)
    return index < len(document.words) and document.lowers[index] in document.lexicon.places


def _without_lead(document: Document, start: int, end: int) -> int | None:
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
        cued = _AT.search(text, max(0, match.start() - 30), match.start())
        if (cued or (match.group().endswith("'s") and document.kinds[index] & (GIVEN | SURNAME))) and not is_eponym(
            document, index
        ):
            if not document.kinds[index] & COMMON or document.kinds[index] & (GIVEN | SURNAME):
                yield Found(match.start(), _with_place(document, match.end()), "ORGANIZATION", 0.65)
    for match in _ACRONYM.finditer(text):
        if match.group(1).lower() not in _WARDS:
            yield Found(*match.span(1), "ORGANIZATION", 0.5)
    for match in _CORPORATE.finditer(text):
        first = _without_lead(document, match.start(), match.end())
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
        if len(phrase.split()) > 1 and re.match(
            r"(?:General|Memorial|County|City|Community|Regional|Children's|State|Baptist|Methodist|Presbyterian|Lutheran|Veterans|VA|University|Catholic|Adventist)\b",
            phrase,
        ):
            if (
                phrase[0].isupper()
                and not phrase.isupper()
                and (
                    _AT_ONLY.search(text, max(0, start - 30), start)
                    or re.match(r" of [A-Z]|,? (?:in )?[A-Z]", text[end : end + 5])
                )
            ):
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
    cue = _AT.search(text, max(0, begin - 30), begin)
    if weak and not (
        _AT_ONLY.search(text, max(0, begin - 30), begin)
        or (known and (cue or strong_word in ("institute", "foundation", "academy", "school")))
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
        _place_at(document, match.end(1)) or re.match(_STATE, document.text[match.end(1) : match.end(1) + 20])
    ):
        index = bisect_left(document.starts, match.end(1))
        length = _listed(document, index)[0] or 1
        end = document.ends[index + length - 1]
        state = re.compile(rf",? {_STATE}").match(document.text, end)
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
    known = lower in document.lexicon.places or any(
        words[-1] == lower
        for phrases in (document.lexicon.places, document.lexicon.institutions)
        for words in _ending_in(phrases, lower)
    )
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


def _ending_in(phrases: dict[str, tuple[tuple[str, ...], ...]], word: str) -> list[tuple[str, ...]]:
    return _endings(id(phrases), phrases).get(word, [])


_ENDINGS: dict[int, dict[str, list[tuple[str, ...]]]] = {}


def _endings(key: int, phrases: dict[str, tuple[tuple[str, ...], ...]]) -> dict[str, list[tuple[str, ...]]]:
    if key not in _ENDINGS:
        endings: dict[str, list[tuple[str, ...]]] = {}
        for group in phrases.values():
            for words in group:
                endings.setdefault(words[-1], []).append(words)
        _ENDINGS[key] = endings
    return _ENDINGS[key]


def find_places(document: Document) -> Iterator[Found]:
    """Towns and institutions by the lists, and unknown capitals after `lives in`, `admitted to`, `at`."""
    index = 0
    while index < len(document.words):
        length, kind, score = _listed(document, index)
        if length:
            last = index + length - 1
            article = index and document.lowers[index] in _WITH_ARTICLE and document.lowers[index - 1] == "the"
            yield Found(document.starts[index - 1 if article else index], document.ends[last], kind, score)
            index += length
            continue
        found = _cued(document, index)
        if found:
            yield found[0]
            index = found[1]
            continue
        index += 1


def _listed(document: Document, index: int) -> tuple[int, str, float]:
    if document.shapes[index] == LOWER:
        return 0, "", 0
    lexicon = document.lexicon
    for phrases, kind in (
        (lexicon.places, "LOCATION"),
        (lexicon.institutions, "ORGANIZATION"),
        (lexicon.countries, "COUNTRY"),
    ):
        for words in phrases.get(document.lowers[index], ()):
            last = index + len(words) - 1
            if last >= len(document.words) or not _matches(document, index, words):
                continue
            score = _listed_score(document, index, last, kind)
            if score:
                return len(words), kind, score
    return 0, "", 0


def _matches(document: Document, index: int, words: tuple[str, ...]) -> bool:
    for offset, word in enumerate(words):
        at = index + offset
        if document.lowers[at] != word and document.lowers[at] + "'s" != word:
            return False
        if offset and (document.shapes[at] == LOWER and word not in ("and", "of", "the", "de", "general")):
            return False
        if offset and document.gap(at - 1).replace("'s", "") not in (" ", ". ", "-", " & ", ".", "+", ", ", "  "):
            return False
    return True


_AMBIGUOUS = frozenset(
    """mayo rush temple banner spectrum ascension jefferson duke baylor stanford emory kaiser providence sutter tufts nationwide essentia
    mobile bend flint cork mesa reading bern nice columbia jackson lincoln madison aurora florence charlotte alexandria
    sofia eugene cary orlando manchester cambridge bristol wellington perth lima naples concord dover erie bath queens phoenix
    georgetown ontario rochester henderson chandler gilbert glendale irving garland stockton salem newport plymouth burlington anchorage
    usc nyu uab cvs northwestern brigham beaumont humana aetna cigna anthem walmart costco walgreens bergen paris houston victoria""".split()
)
_WITH_ARTICLE = frozenset({"bronx", "hague"})
_SCORES = frozenset(
    """criteria criterion classification score scale scales system coma protocol consensus study trial brace stool knee ankle
    rules rule formula equation guidelines catheter scissors clamp retractor""".split()
)
"""After a town's name these make it a clinical term: "Glasgow coma scale", "Milwaukee brace", "Ottawa ankle rules"."""


def _listed_score(document: Document, index: int, last: int, kind: str) -> float:
    following = document.lowers[last + 1] if last + 1 < len(document.words) else ""
    if (
        following in _SCORES
        or (kind != "LOCATION" and is_eponym(document, last))
        or (last == index and document.kinds[index] & CLINICAL)
    ):
        return 0
    if kind == "COUNTRY":
        return 0.5
    single = index == last
    lower = document.lowers[index]
    text = document.text
    begin = document.starts[index]
    if (
        single
        and document.shapes[index] == UPPER
        and kind == "LOCATION"
        and lower not in ("nyc",)
        and document.kinds[index] & COMMON
    ):
        return 0
    cue = bool(_AT.search(text, max(0, begin - 30), begin))
    if single and (document.kinds[index] & COMMON or lower in _AMBIGUOUS):
        if cue:
            return 0.6
        return 0.45 if document.kinds[index] & (GIVEN | SURNAME) and not document.kinds[index] & COMMON else 0
    return 0.8 if cue else 0.6


def _cued(document: Document, index: int) -> tuple[Found, int] | None:
    """`admitted to Elmhurst`, `lives in Kwaxuma`."""
    shape, kind = document.shapes[index], document.kinds[index]
    if (
        shape not in (CAPITAL, UPPER)
        or kind & (COMMON | CLINICAL | HEAD)
        or (shape == UPPER and len(document.words[index]) < 4)
    ):
        return None
    begin = document.starts[index]
    before = document.text[max(0, begin - 40) : begin]
    at = _AT_ONLY.search(before)
    inside = None if at else _IN_ONLY.search(before)
    if not at and not inside:
        return None
    if shape == UPPER and (at or document.lowers[index] in _WARDS or document.text.isupper()):
        return None
    if is_eponym(document, index):
        return None
    last = index
    while (
        last + 1 < len(document.words)
        and last - index < 4
        and document.gap(last) in (" ", "-", ". ")
        and (
            (document.shapes[last + 1] in (CAPITAL, UPPER) and not document.kinds[last + 1] & (CLINICAL | HEAD))
            or (
                document.lowers[last + 1] in ("de", "del", "la", "di", "nad", "am", "upon", "near", "sur")
                and last + 2 < len(document.words)
                and document.shapes[last + 2] == CAPITAL
            )
        )
    ):
        if document.gap(last) == ". " and document.lowers[last] not in ("st", "mt", "ft"):
            break
        last += 1
    return Found(
        begin, document.ends[last], "ORGANIZATION" if at else "LOCATION", 0.5 if shape == CAPITAL else 0.42
    ), last + 1
