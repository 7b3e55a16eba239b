"""Postal codes: by their form where the form is enough, else by the label, the town or the state beside them."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.policy import SPARSE_ZIP3
from assistant.deid.spans import Found
from assistant.deid.towns import STATE_CODES, STATE_NAMES, ZIP

_BRITISH_IN = r"\d[ABD-HJLNP-UW-Z]{2}"
_BRITISH = rf"[A-PR-UWYZ][A-HK-Y]?\d[0-9A-HJKMNPR-Y]? {{1,2}}{_BRITISH_IN}"
_CANADIAN = r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]\d[ABCEGHJ-NPRSTV-Z]\d"
_IRISH = r"[AC-FHKNPRTV-Y]\d[\dW] {1,2}(?=[A-Z\d]{0,3}\d)(?=\d{0,3}[A-Z])[\dAC-FHKNPRTV-Y]{4}"
_NO_CODE = r"(?!\w{2,4} {1,2}\d(?:ST|ND|RD|TH|HR|FT|BD|DS|QD|PT|PD|SD|ED|TB|BP|GY|UL|DL|YR)\b)"
"""What looks like the second half of a British code in capitals: `L4 5TH`, `T12 2HR`."""
AUSTRALIAN_STATES = "NSW|VIC|QLD|TAS|ACT|Vic|Qld|Tas|New South Wales|Victoria|Queensland|Tasmania|South Australia|Western Australia|Northern Territory"
PROVINCES = (
    "ON|QC|BC|AB|MB|SK|NS|NB|NL|PE|YT|NU|Ont|Que|Alta|Sask|Man|Ontario|Quebec|Québec|British Columbia|Alberta|Manitoba|Saskatchewan|Nova Scotia|New Brunswick|"
    "Newfoundland and Labrador|Newfoundland|Prince Edward Island|Yukon|Nunavut"
)
CODE = rf"(?:{ZIP}|{_BRITISH}|{_CANADIAN}|{_IRISH}|\d{{3}} ?\d{{3}}(?!\d)|\d{{4}}(?: ?[A-Z]{{2}}\b)?(?!\d)|\d{{3}} \d{{2}}(?!\d)|\d{{2}}-\d{{3}}(?!\d)|\d{{4,5}}-\d{{3}}(?!\d))"
"""Any postal code; only behind a street and a town is this much proof enough."""

_BY_FORM = re.compile(rf"(?<![\w-])(?!T\dN\d){_NO_CODE}(?:{_BRITISH}|{_CANADIAN}|{_IRISH})(?![\w-])")
"""A tumour's stage, T2N0M0, has no blank, and would be Canadian."""
_BY_FORM_LOWER = re.compile(
    r"(?<![\w.-])([a-pr-uwyz][a-hk-y]?\d{1,2}[a-hjkps-uw]? \d[abd-hjlnp-uw-z]{2})(?=[ \t]{0,3}(?:$|[\n,;.)]))", re.M
)
_UNGLUED = re.compile(
    rf"(?:(?:{PROVINCES})\.?,?\s{{1,3}}|(?:post|postal) ?code:? {{0,2}})([ABCEGHJ-NPRSTVXY]\d[A-Z]\d[A-Z]\d)(?!\w)"
)
_AFTER_STATE = re.compile(rf"(?<![A-Za-z])(?:{STATE_CODES}|{STATE_NAMES})\.?,?\s{{1,3}}({ZIP})")
_AFTER_AUSTRALIAN_STATE = re.compile(
    rf"(?<![A-Za-z])(?:{AUSTRALIAN_STATES}|(?:(?<=[a-z] )|(?<=[a-z], ))(?:WA|SA|NT|ACT))\.?,? {{1,2}}(\d{{4}})(?![\w.,/-]\d|\w)"
)
_LABELLED = re.compile(
    r"\b(?:zip|zipcode|postal|post|postcode|eircode|pin|pincode|plz|cap|c\.?p\.?)\s?(?:_?code)?s?(?:\s?\+\s?4)?(?:\s(?:is|of|area))?[\s:=#]{1,4}"
    r"(\d{5}(?:-\d{4})?|\d{6}|\d{3} \d{3}|[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[\dW] ?[A-Z\d]{4})(?![\w.])",
    re.IGNORECASE,
)
_ZIP3 = re.compile(
    r"\bzip(?:\s?codes?)?(?:\s(?:starting|beginning)(?:\swith)?|\sprefix|3)?(?:\s(?:is|of))?[\s:=]{1,3}(\d{3})(?:xx|\*\*)?(?!\w)",
    re.IGNORECASE,
)
_PLACED = re.compile(
    rf"(?:\b(?:in|at|near|from|area)\s)({ZIP})(?=[\s.,;?)]|$)"
    r"(?!\s(?:patients|people|cases|participants|women|men|children|subjects|mg|units|steps|years|persons|individuals|adults))"
)
_CONTINENTAL = re.compile(
    r"(?<![\w-])((?:D|CH|A|F|B|L|DK|SE|S|I|NL|N|FIN?|CZ|E|P|PL|SK|H|RO|GR|TR|LT|LV|EE|SI|HR)-\d{2,5}(?:[ -]\d{2,3})?) (?=[A-ZÀ-Þ][a-zà-ÿ])"
)
_DUTCH = re.compile(
    r"(?<![\w.,/-])([1-9]\d{3} ?(?!SA|SD|SS|AM|PM|MG|ML|MM|CM|CC|KG|HR|IU|BP|UK|US|IV|IM|PO)[A-Z]{2}),? ([A-ZÀ-Þ]['’\w-]{2,25})"
)
_INDIAN = re.compile(r"([A-ZÀ-Þ][a-zà-ÿ]{2,20}|[A-Z]{4,20}) ?[-–,] ?([1-9]\d{2} ?\d{3})(?![\w,.]\d|\w|[/%])")
"""`Chennai - 600 004`"""


def find_postcodes(document: Document) -> Iterator[Found]:
    """Postal codes of the US, the UK, Ireland, Canada, Australia, India, the Netherlands, and those with a country's letter."""
    text = document.text
    for pattern, score in (
        (_LABELLED, 0.8),
        (_PLACED, 0.55),
        (_UNGLUED, 0.7),
        (_AFTER_AUSTRALIAN_STATE, 0.75),
        (_CONTINENTAL, 0.65),
        (_BY_FORM_LOWER, 0.6),
    ):
        for match in pattern.finditer(text):
            yield Found(*match.span(1), "ZIP", score)
    for match in _AFTER_STATE.finditer(text):
        yield Found(*match.span(), "ZIP", 0.85)
    for match in _BY_FORM.finditer(text):
        yield Found(*match.span(), "ZIP", 0.6)
    for match in _ZIP3.finditer(text):
        if match.group(1) in SPARSE_ZIP3:
            yield Found(*match.span(1), "ZIP", 0.8)
    for match in _DUTCH.finditer(text):
        if may_be_town(document, match.group(2)):
            yield Found(*match.span(1), "ZIP", 0.6)
    for match in _INDIAN.finditer(text):
        if may_be_town(document, match.group(1)):
            yield Found(*match.span(2), "ZIP", 0.6)


def may_be_town(document: Document, word: str) -> bool:
    """Whether this word, with a postal code beside it, may be a town's: in the list of places, or in no list of words."""
    lower = word.lower()
    lexicon = document.lexicon
    if lower in lexicon.places:
        return True
    kind = lexicon.kind(lower) or lexicon.unlisted(lower, lexicon.kinds)
    return not kind & (COMMON | CLINICAL | HEAD) or bool(kind & (GIVEN | SURNAME) and not kind & CLINICAL)
