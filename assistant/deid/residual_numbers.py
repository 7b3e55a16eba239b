"""Numbers and codes that no clinical reading has: long runs of digits, the grouping of a telephone or social security number,
digits read out, months with a number, letters mixed with digits, postal codes.

Unlike the rules that mask, these ask for no label and no check digit, and they know only few ways out: units, intervals,
years, decimals, round numbers, sizes, the codes of catalogues.
"""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.spans import Found

DIGITS, DATE, CODE, POSTAL = "digits", "date", "code", "postal code"

_LEAST_DIGITS, _LEAST_PLAIN_DIGITS = 7, 6
# Greedy, and nothing after it that could fail: what may follow is looked at in `_is_number`.
_RUN = re.compile(r"\d(?:[ ./-]?\d){5,}")
_UNIT = re.compile(
    r"\s{0,2}-?\s{0,2}(?:%|/|x\s?10|(?:[mk]?g|mcg|m?l|dl|[mc]?m|iu|units?|million|copies|cells|cfu|meq|days?|hours?|hrs?|minutes?|years?|"
    r"k?cal|calories|steps|joules?|lbs?|pounds?|feet|rads?|c?gy|beats?|platelets|wbcs?|rbcs?)\b)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_CATALOGUE = re.compile(
    r"(?:NCT|PMIDs?|PMC|DOI|ICD|CPT|HCPCS|SNOMED|LOINC|RXCUI|NDC|ISO|ISRCTN|EudraCT|HLA|BNT|mRNA|AZD|BMS|LY|PF|GSK|MK|ABT|AMG|"
    r"BAY|JNJ|REGN|CYP|COVID|SARS|OMIM|MESH|DSM|FDA|CFR|rs|[cgmnp]\.)[-_ :#]{0,3}",
    re.IGNORECASE,
)
"""Numbers of trials, papers, codes, drugs in development, genes and variants: the same for everybody."""
_LOOK_BACK = 12
_DIGIT_WORD = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)"
_READ_OUT = re.compile(rf"\b{_DIGIT_WORD}(?:[ ,.-]{{1,3}}{_DIGIT_WORD}){{5,}}\b", re.IGNORECASE)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)\.?|January|February|March|April|June|July|August|September|October|November|December"
_DATE = re.compile(
    rf"(?<![A-Za-z])(?:{_MONTH})[ /,.-]{{1,2}}\d{{1,4}}(?![\d%]|\s?(?:mg|ml))|(?<![\w.])\d{{1,2}}(?:st|nd|rd|th)?[ /.-](?:{_MONTH})(?![A-Za-z])"
)
"""With a capital only: "may 2 tablets" is no date. The rules weigh what stands around it; here the shape is enough."""

_TOKEN = re.compile(r"[A-Za-z0-9](?:[-_]?[A-Za-z0-9])*")
_LETTERS = re.compile(r"[A-Za-z]+")
_SHORT_CODE = re.compile(r"[A-Z]{1,3}\d{4,6}[A-Z]{0,2}")
_LEAST_CODE_DIGITS, _SHORTEST_CODE = 4, 8
_USER = re.compile(r"[A-Za-z]{5,20}\d{2,4}")
_SIZES = re.compile(
    r"\d{1,6}(?:x\d{1,6})+[a-z]{0,3}|(?:[CTLS]\d{1,2}-?)+|G\d{1,2}P\d{4}|(?:\d{1,4}[a-z]?-)+\d{1,4}[a-z]{0,5}|[a-z]{3}\d{1,5}[a-z]{3}|"
    r"\d{1,6}(?:_\d{1,6})?(?:del|ins|dup)[acgt]*",
    re.IGNORECASE,
)
"""`15x17x20mm`, `T10-T11-T12`, `G10P4005`, `130s-150s`, `Arg1045Cys`, `1521_1523delCTT`."""
_POSTAL = re.compile(
    r"(?<![\w-])(?:[A-Z]{1,2}\d[A-Z\d]? \d(?!CM|MM|ML|MG|ST|ND|RD|TH)[A-Z]{2}|[A-Z]\d[A-Z] \d[A-Z]\d|[A-Z]\d[\dW] (?=\d{0,3}[A-Z])[A-Z\d]{4})(?![\w-])"
)
"""`SV19 4KX`, `K1A 0B6`, `D6W XY77`: Great Britain, Canada, Ireland."""


def numbers(document: Document) -> Iterator[tuple[str, Found]]:
    """Findings with their reason. They may overlap."""
    for start, end in _digits(document.numeric):
        yield DIGITS, Found(start, end, "ID", 0.5)
    for match in _READ_OUT.finditer(document.text):
        yield DIGITS, Found(*match.span(), "PHONE", 0.5)
    for match in _DATE.finditer(document.text):
        yield DATE, Found(*match.span(), "DATE", 0.5)
    for start, end in _codes(document):
        yield CODE, Found(start, end, "ID", 0.5)
    for match in _POSTAL.finditer(document.text):
        yield POSTAL, Found(*match.span(), "ZIP", 0.5)


def _digits(text: str) -> Iterator[tuple[int, int]]:
    for run in _RUN.finditer(text):
        # "98.6 72 16 120": in a row of numbers each is looked at alone, unless they are grouped as one is read out.
        if " " in run.group() and not _is_grouped(run.group()):
            start = run.start()
            for piece in run.group().split(" "):
                if _is_number(text, start, start + len(piece)):
                    yield start, start + len(piece)
                start += len(piece) + 1
        elif _is_number(text, *run.span()):
            yield run.span()


def _is_grouped(piece: str) -> bool:
    """`212 555 0188`, `447 18 8299`, `0171 555 01 88`: groups of two to five digits, none a decimal."""
    groups = piece.split(" ")
    if not all(group.isdigit() and 2 <= len(group) <= 5 for group in groups) or all(map(_YEAR.fullmatch, groups)):
        return False
    sizes = [len(group) for group in groups]
    return sizes[-2:] == [3, 4] or sizes == [3, 2, 4] or (groups[0].startswith("0") and len(groups) > 2)


def _is_number(text: str, start: int, end: int) -> bool:
    """Whether so many digits, with hyphens, dots, strokes or spaces between them, are no measurement."""
    piece = text[start:end]
    groups = re.split(r"[ ./-]", piece)
    sizes = [len(group) for group in groups]
    if _UNIT.match(text, end) or _is_catalogued(text, start):
        return False
    if len(groups) == 1:
        # "10000000 copies" is round; ",000" goes on with a number written in groups.
        round_one = not piece[2:].strip("0")
        return len(piece) >= _LEAST_PLAIN_DIGITS and not round_one and not re.match(r",\d{3}", text[end : end + 4])
    if sum(sizes) < _LEAST_DIGITS:
        return False
    if sizes in ([3, 2, 4], [3, 3, 4], [1, 3, 3, 4]):
        return True
    if len(groups) == 2:
        low, high = groups
        if "." in piece or (_YEAR.fullmatch(low) and _YEAR.match(high)):
            return sizes == [3, 4]
        if int(low) < int(high) and text[end : end + 1] == ")":
            return False  # "IgM 588 (270-1734)"
        return int(low) >= int(high) or (sizes[0] != sizes[1] and not (low.endswith("0") and high.endswith("0")))
    # Grades, ratios and gases ("7.39/42/79", "1/12-15/93") are short groups; a number that points at somebody is longer.
    return sum(sizes) > _LEAST_DIGITS and max(sizes) > 2 and not re.search(r"\d\.\d{1,2}(?!\d)", piece)


def _is_catalogued(text: str, start: int) -> bool:
    before = text[max(0, start - _LOOK_BACK) : start]
    return any(match.end() == len(before) for match in _CATALOGUE.finditer(before))


def _codes(document: Document) -> Iterator[tuple[int, int]]:
    """Letters and digits in one word: eight or more with four or more digits, or the shape of a staff number or a user name."""
    text = document.text
    for token in _TOKEN.finditer(text):
        piece = token.group()
        digits = sum(character.isdigit() for character in piece)
        letters = sum(character.isalpha() for character in piece)
        if not digits or not letters:
            continue
        long = digits >= _LEAST_CODE_DIGITS and digits + letters >= _SHORTEST_CODE
        if not (long or _SHORT_CODE.fullmatch(piece) or _USER.fullmatch(piece)):
            continue
        if _CATALOGUE.match(piece) or _SIZES.fullmatch(piece) or _is_catalogued(text, token.start()):
            continue
        if not _is_quantity(document, piece):
            yield token.span()


def _is_quantity(document: Document, piece: str) -> bool:
    """`1800-calorie`, `1400hours`, `para3-0-0-3`, `BP1500`: every run of letters is a unit or an everyday or clinical word."""
    for letters in _LETTERS.findall(piece):
        kind = document.lexicon.kind(letters.lower())
        known = len(letters) > 2 and kind & (COMMON | CLINICAL | HEAD) and not kind & (GIVEN | SURNAME)
        if not known and not _UNIT.fullmatch(letters) and letters.upper() not in _VITALS:
            return False
    return True


_VITALS = frozenset("BP HR RR WT HT WBC RBC HGB PLT CT MR XR US EF FEV PEEP".split())
"""Written without a space before their number."""
