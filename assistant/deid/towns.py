"""Towns and institutions that the lists know, and unknown capitals after "lives in" and "admitted to"."""

import re
from collections.abc import Iterator

from assistant.deid.document import CAPITAL, LOWER, UPPER, Document
from assistant.deid.guard import is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.spans import Found

STATE_NAMES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|"
    "Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|"
    "New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|"
    "Virginia|Washington|West Virginia|Wisconsin|Wyoming|Puerto Rico|District of Columbia|Ontario|Quebec|British Columbia|Alberta"
)
STATE_CODES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|"
    "WV|WI|WY|DC|PR|D\\.C\\."
)
STATE = rf"(?:{STATE_NAMES}|{STATE_CODES})(?![A-Za-z])"
ZIP = r"\d{5}(?:-\d{4})?(?!\d)"
_CAPITALISED = r"[A-ZÀ-Þ][^\W\d_]{1,20}(?:['-][^\W\d_]{1,20}){0,2}"
TOWN = rf"(?:(?:St|Mt|Ft|Ste)\. )?{_CAPITALISED}(?: (?:of |de |la |del |upon )?{_CAPITALISED}){{0,3}}"

WARDS = frozenset(
    "icu picu nicu sicu micu ccu pacu cvicu ticu tcu snf osh ltac ltach opd ipd gp pcp hmo usa home ob gyn ent copd clia dob edta lad".split()
)
AT = re.compile(
    r"(?:@|\b(?:at|to|from|by|with|in|near|via|outside|visit(?:s|ed|ing)?|clinic|hospital)) (?:the |our |a )?$",
    re.IGNORECASE,
)
AT_ONLY = re.compile(
    r"(?:@|\bat|\bvisit(?:s|ed|ing)?|\b(?:admitted|transferred|referred|presented|transported|taken|brought|discharged) (?:to|from)) "
    r"(?:the |our )?$",
    re.IGNORECASE,
)
_IN_ONLY = re.compile(
    r"\b(?:lives? in|living in|resid(?:es?|ing) in|born in|raised in|grew up in|from|moved to|native of|visit(?:ed|ing)? (?:to|from)?|travel(?:l?ed|l?ing)? to|trip to|based in|"
    r"relocated to|arrived (?:at|in|from)|in|near|city|town of|coming to|meeting in|moved here from|neighborhood of|outside of) (?:the )?(?:(?:town|city|village) of )?$",
    re.IGNORECASE,
)


def find_places(document: Document) -> Iterator[Found]:
    """Towns and institutions by the lists, and unknown capitals after `lives in`, `admitted to`, `at`."""
    index = 0
    while index < len(document.words):
        length, kind, score = listed(document, index)
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


def listed(document: Document, index: int) -> tuple[int, str, float]:
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
    rules rule formula equation guidelines catheter scissors clamp retractor collar osteotomy""".split()
)
"""After a town's name these make it a clinical term: "Glasgow coma scale", "Milwaukee brace", "Ottawa ankle rules"."""
_GRADED = re.compile(r"(?: \(LA\))? [Gg]rades? (?:[A-E]|[IV]{1,3}|\d)(?![\w-]| ?(?:teacher|pupil|student|class))")
"""So does a grade: "Los Angeles grade C" is a gullet."""


def _listed_score(document: Document, index: int, last: int, kind: str) -> float:
    following = document.lowers[last + 1] if last + 1 < len(document.words) else ""
    if (
        following in _SCORES
        or _GRADED.match(document.text, document.ends[last])
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
    cue = bool(AT.search(text, max(0, begin - 30), begin))
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
        or (shape == UPPER and len(document.words[index]) < 5)
    ):
        return None
    begin = document.starts[index]
    before = document.text[max(0, begin - 40) : begin]
    at = AT_ONLY.search(before)
    inside = None if at else _IN_ONLY.search(before)
    if not at and not inside:
        return None
    if shape == UPPER and (at or document.lowers[index] in WARDS or document.text.isupper()):
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
