"""Where people work, learn, worship and live: a name with a word for its trade, and what follows "works at"."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from assistant.deid.document import LOWER, UPPER, Document
from assistant.deid.guard import is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.organisation_edges import GENERIC, is_camel, with_place, without_lead
from assistant.deid.spans import Found
from assistant.deid.towns import WARDS

_SCHOOLS = (
    "(?:Primary|High|Secondary|Middle|Elementary|Grammar|Grade|Infant|Junior|Nursery|Public|Boarding|Comprehensive|Special|Catholic|Day) School|School District|School|"
    "Academy|College|Preschool|Pre-School|Kindergarten|Nursery|Day ?[Cc]are|Montessori|Polytechnic|Seminary|Lycée|Gymnasium"
)
_FAITH = "Church|Parish|Cathedral|Chapel|Abbey|Priory|Convent|Monastery|Mosque|Masjid|Temple|Mandir|Gurdwara|Synagogue|Shul|Tabernacle|Ministries|Congregation|Kingdom Hall|Mission"
_TRADES = (
    "Roofing|Plumbing|Electric|Electrical|Construction|Builders|Building Supplies|Logistics|Trucking|Transport|Haulage|Shipping|Freight|Steel|Foundry|Ironworks|Works|Mills?|Mines?|Mining|Colliery|Quarry|Quarries|Farms?|Dairy|"
    "Ranch|Vineyards?|Winery|Brewery|Distillery|Bakery|Bakehouse|Butchers|Foods|Fisheries|Cannery|Poultry|Packing|Packers|Textiles|Fabrics|Furniture|Garage|Autos?|Auto Body|Tyres|Tires|Hardware|Lumber|Timber|Sawmill|"
    "Paper|Printing|Printers|Press|Stores?|Market|Mart|Supermarket|Grocery|Grocers|Deli|Caf[eé]|Coffee|Restaurant|Diner|Grill|Pizzeria|Tavern|Pub|Inn|Arms|Hotel|Motel|Resort|Casino|Salon|Barbers|Gym|Fitness|Theatre|Theater|"
    "Cinema|Museum|Library|Zoo|Gallery|Airport|Airlines|Airways|Railways?|Buses|Cabs|Taxis|Credit Union|Building Society|Accountants|Solicitors|Architects|Engineering|Electronics|Software|Technologies|Laundry|Staffing|Recruitment|Landscaping|Marina|Shipyard|Boatyard|Nurseries|Florists|"
    "Club|FC|AFC|RFC|GAA|Cricket Club|Bowls Club|Golf Club|Amateur Boxing Club|Scouts|Choir|Orchestra|Prison|Penitentiary|Barracks|Detention Cent(?:er|re)|Correctional (?:Facility|Institution|Center)|Fire Department"
)
_HOMES = "House|Lodge|Manor|Court|Hall|Grange|Villa|Gardens|Village|Haven|Rest|Nursing Home|Care Home|Rest Home|Retirement Village|Senior Living|Assisted Living|Shelter|Hostel|Refuge|Terrace|Glen|Meadows|Pines|Oaks|Acres"
_CAPITAL = r"(?:(?:St|Mt|Ft|Sta|Ste)\.|[A-ZÀ-Þ][\w'’-]{0,25})"
_BEFORE = rf"(?<![\w'’&-])(?P<name>(?:{_CAPITAL} (?:(?:&|and|of|the|de|la|del|for|on|Sons|Bros\.?) ){{0,2}}){{1,5}})"
_NAMED = re.compile(rf"{_BEFORE}(?P<noun>{_SCHOOLS}|{_FAITH}|{_TRADES})(?![\w’-])")
_OF = re.compile(
    r"\b(?:University|College|Church|Parish|Convent|Sisters|Bank|School) of (?:the )?(?:St\.? |Saint |Our Lady of |Holy )?[A-ZÀ-Þ][\w'’-]{2,25}(?: (?:of |at |and |de )?[A-ZÀ-Þ][\w'’-]{2,25}){0,3}"
)
_HOME = re.compile(rf"{_BEFORE}(?P<noun>{_HOMES})(?![\w’-])")
_LIVES = re.compile(
    r"\b(?:lives? (?:at|in)|living (?:at|in)|resid(?:es?|ing) (?:at|in)|residents? (?:of|at)|moved (?:in)?to|admitted (?:to|from)|discharged (?:back )?(?:to|from)|transferred (?:to|from)|returned? (?:to|from)|back (?:to|at)|"
    r"placed (?:at|in)|respite (?:at|in)|carers? at|staff at|nurses? at|sent (?:in )?(?:by|from|to)|came from|brought from|from|at) (?:the )?$",
    re.IGNORECASE,
)
_NOUN_IN_LOWER_CASE = re.compile(
    r"(?<![\w'’&-])(?P<name>(?:[A-ZÀ-Þ][\w'’-]{1,25}[ –]){1,3}?)(?P<noun>market|pub|parish|lodge|school|church|farm|bakery|chemist|library|gym|mosque|temple|synagogue|prison|jail|college|academy|shelter|hostel|mine|mill|factory|plant|shipyard|dairy|road|street|lane|bridge|estate|housing estate|village|beach)(?![\w-])"
)
_PARTNERS = re.compile(
    rf"(?<![\w'’&-]){_CAPITAL}(?:, {_CAPITAL}){{0,2}} (?:& |and )(?:Sons|Son|Daughters|Bros|Brothers|Co|Company|Partners|Associates|Daughter)(?![\w’-])"
)
_PRISON = re.compile(r"\b(?:HMP|HMYOI|HMP/YOI|YOI|FCI|USP|FDC|MDC|SCI) [A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20})?")
_FORCES = re.compile(
    r"\b(?:Camp|Fort|Joint Base|Naval (?:Base|Station|Air Station)|Marine Corps (?:Base|Air Station)|RAF|RNAS) [A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20})?(?: (?:AFB|Air Force Base))?"
    r"|\b[A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20})? (?:AFB|Air Force Base|Army Base)\b"
    r"|\b\d{1,3}(?:st|nd|rd|th) (?:Infantry|Battalion|Squadron|Brigade|Regiment|Airborne|Marines|Fleet|Cavalry)(?: (?:Division|Battalion|Regiment|Wing))?"
)
_ROLE = r"(?: (?:as|in) (?:an? |the )?(?:[a-z][a-z-]{1,15} ){0,3}[a-z][a-z-]{1,15})?"
_TIME = r"(?: (?:part[- ]time|full[- ]time|nights|days|shifts|remotely|weekends|there|currently))?"
CUE = re.compile(
    rf"\b(?:(?:[Ww]ork(?:s|ed|ing)?|[Ee]mployed|[Vv]olunteer(?:s|ed|ing)?|[Tt]each(?:es|ing|er)?|[Tt]aught|[Cc]oach(?:es|ed)?|[Dd]river|[Dd]rives|[Cc]lerk|[Cc]ashier|[Cc]leaner|[Nn]urse|[Cc]ook|[Jj]anitor|[Gg]uard|[Mm]anager|[Ww]aitress|[Ss]tudent|[Pp]upil|[Ee]nrolled|[Ss]tud(?:ies|ying)|"
    rf"[Gg]raduated|[Pp]lays|[Ff]oreman|[Jj]ob|[Bb]oarder|[Rr]esident|[Ii]nmate|[Pp]arishioner){_ROLE}{_TIME} (?:at|for|with|by|from|of)"
    r"|[Ee]mployer(?: is|:)|[Ee]mployee (?:of|at)|[Ll]aid off (?:from|by)|[Aa]ttends|[Aa]ttending|[Ww]orships at|[Rr]etired from|[Ll]ives at|[Mm]oved (?:in)?to|[Aa]dmitted from|[Dd]ischarged (?:back )?to|[Tt]ransferred (?:to|from)|[Bb]ack to|[Tt]ransport by|(?:[Ss]chool|[Nn]ursery|[Oo]cc(?:upation)?|[Ee]mp)(?: is|:)(?: [a-z-]{2,15},)?)"
    r" (?P<article>the |our )?"
)
_AFTER_CUE = re.compile(
    rf"(?:{_CAPITAL}|\d[A-Za-z]\w{{0,10}}|[A-Z]&[A-Z])(?:(?:,? &|,? and| of| the| de| at|,)? {_CAPITAL}| &| \d{{1,3}}(?=\b(?!\s?[%/])) ?){{0,5}}(?:,? (?:Inc|LLC|Ltd|Corp)\b\.?)?"
)
_LOWER_NOUN = re.compile(
    r"(?:[a-z][\w'’&-]{1,20} ){1,4}?(?:hospital|clinic|pharmacy|surgery|practice|school|academy|college|university|church|mosque|temple|synagogue|nursing home|care home|senior living|assisted living|bakery|roofing|plumbing|construction|logistics|trucking|foods|farms?|"
    r"steel|mill|mine|market|hardware|motors|garage|cafe|diner|restaurant|hotel|gym|salon|store|supermarket|library|bank|rehab|manor|lodge)\b"
)
_DENOMINATIONS = frozenset(
    """baptist methodist lutheran catholic presbyterian episcopal anglican pentecostal orthodox evangelical adventist mormon
    apostolic congregational reformed unitarian quaker islamic hindu sikh jewish buddhist roman greek russian coptic wesleyan free""".split()
)
"""Within the name of a church these say nothing for or against it."""
_STAYS_AFTER_CUE = frozenset(
    """aa na al-anon er ed icu pt ot hd mass catholic christian mosque church school college university work home rehab dialysis clinic day group
    physical occupational speech cardiac hospital nursing outpatient inpatient english spanish monday tuesday wednesday thursday friday
    saturday sunday covid i he she his her their a an the this that room bed ward floor unit""".split()
)


def find_employers(document: Document) -> Iterator[Found]:
    """Schools, churches, companies, homes and prisons, by their noun or by what is said before them."""
    text = document.text
    for match in _NAMED.finditer(text):
        found = _named(document, match)
        if found:
            yield found
    for match in _HOME.finditer(text):
        if _LIVES.search(text, max(0, match.start() - 30), match.start()):
            found = _named(document, match)
            if found:
                yield found
    for match in _NOUN_IN_LOWER_CASE.finditer(text):
        found = _before_lower_noun(document, match)
        if found:
            yield found
    for match in _PARTNERS.finditer(text):
        first = without_lead(document, match.start(), match.end())
        if first is not None:
            yield Found(first, match.end(), "ORGANIZATION", 0.65)
    for pattern, score in ((_PRISON, 0.7), (_FORCES, 0.6)):
        for match in pattern.finditer(text):
            yield Found(*match.span(), "ORGANIZATION", score)
    for match in _OF.finditer(text):
        last = document.lowers[bisect_left(document.starts, match.end()) - 1]
        if last not in document.lexicon.departments and not document.kinds[
            bisect_left(document.starts, match.end()) - 1
        ] & (CLINICAL | HEAD):
            yield Found(*match.span(), "ORGANIZATION", 0.6)
    for cue in CUE.finditer(text):
        found = _after_cue(document, cue)
        if found:
            yield found


def _named(document: Document, match: re.Match[str]) -> Found | None:
    start = without_lead(document, match.start(), match.start("noun"))
    if start is None or start >= match.start("noun"):
        return None
    words = range(bisect_left(document.starts, start), bisect_left(document.starts, match.start("noun")))
    words = [at for at in words if document.lowers[at] not in _DENOMINATIONS]
    kinds = [document.kinds[at] for at in words]
    if not kinds or any(kind & (CLINICAL | HEAD) for kind in kinds) or is_eponym(document, words[-1]):
        return None
    proper = any(
        is_camel(document, at)
        or not kind & COMMON
        or kind & (GIVEN | SURNAME)
        or document.lowers[at] in document.lexicon.places
        for at, kind in zip(words, kinds, strict=True)
        if document.lowers[at] not in document.lexicon.departments and document.lowers[at] not in ("of", "the", "and")
    )
    cued = bool(CUE.search(document.text, max(0, start - 70), start)) if not proper else False
    if not proper and not cued:
        return None
    if all(document.shapes[at] == UPPER for at in words):
        return None
    return Found(start, with_place(document, match.end()), "ORGANIZATION", 0.6)


def _before_lower_noun(document: Document, match: re.Match[str]) -> Found | None:
    """`Ochanja market`, `Hayes's pub`: a name or a word of no list first."""
    words = range(bisect_left(document.starts, match.start()), bisect_left(document.starts, match.start("noun")))
    while words and (
        document.lowers[words[0]] in GENERIC
        or (document.kinds[words[0]] & COMMON and document.starts_sentence(words[0]))
    ):
        words = words[1:]
    if not words or any(document.lowers[at] in document.lexicon.departments for at in words):
        return None
    kinds = [document.kinds[at] for at in words]
    if any(kind & (CLINICAL | HEAD) for kind in kinds) or is_eponym(document, words[-1]):
        return None
    if all(kind & COMMON and not kind & (GIVEN | SURNAME) for kind in kinds) and not is_camel(document, words[0]):
        return None
    return Found(document.starts[words[0]], match.end(), "ORGANIZATION", 0.5)


def _after_cue(document: Document, cue: re.Match[str]) -> Found | None:
    text, begin = document.text, cue.end()
    lower = _LOWER_NOUN.match(text, begin)
    if lower:
        return _lower_after_cue(document, cue, lower)
    match = _AFTER_CUE.match(text, begin)
    if match is None:
        return None
    end = match.end() - (len(match.group()) - len(match.group().rstrip(" ,&")))
    words = range(bisect_left(document.starts, begin), bisect_left(document.starts, end))
    if (
        not words
        or document.lowers[words[0]] in _STAYS_AFTER_CUE
        or document.lowers[words[0]] in document.lexicon.countries
    ):
        return None
    said = cue.group().lower()
    if not re.match(
        r"work|employ|volunteer|teach|taught|student|pupil|enrolled|attend|worship|retired|school|nursery|occ|emp|laid|graduated|coach|job|lives at",
        said,
    ):
        return None  # "moved to", "back to" are for the nouns only
    if all(document.lowers[at] in document.lexicon.departments or document.lowers[at] in GENERIC for at in words):
        return None
    kinds = [document.kinds[at] for at in words]
    if any(document.kinds[at] & CLINICAL and not document.kinds[at] & (GIVEN | SURNAME) for at in words[:1]) or any(
        kind & HEAD for kind in kinds[:1]
    ):
        return None
    if len(words) == 1:
        shape, kind = document.shapes[words[0]], kinds[0]
        if (
            kind & (COMMON | CLINICAL)
            or document.lowers[words[0]] in WARDS
            or (shape == UPPER and not 3 <= len(document.words[words[0]]) <= 5)
        ):
            return None
    if document.lowers[words[0]] in document.lexicon.titles:
        return None
    return Found(begin, end, "ORGANIZATION", 0.55)


def _lower_after_cue(document: Document, cue: re.Match[str], match: re.Match[str]) -> Found | None:
    """`works at brindle logistics`: with a word before the noun that is more than an adjective."""
    words = range(bisect_left(document.starts, match.start()), bisect_left(document.starts, match.end()))
    while words and (document.lowers[words[0]] in GENERIC or document.lowers[words[0]] in document.lexicon.departments):
        words = words[1:]
    if len(words) < 2 or document.shapes[words[0]] != LOWER:
        return None
    kinds = [document.kinds[at] for at in words[:-1]]
    if any(kind & (CLINICAL | HEAD) for kind in kinds) or all(
        kind & COMMON and not kind & (GIVEN | SURNAME) for kind in kinds
    ):
        return None
    return Found(document.starts[words[0]], match.end(), "ORGANIZATION", 0.55)
