"""Numbers behind a label: `MRN: 123-45`, `insurance number is HP-1234`, `S/N A4471`, `NPI=1234567893`, `"mrn": "7719230"`, `pt12345678`."""

import re
from collections import defaultdict
from collections.abc import Iterator

from assistant.deid.dates_numeric import is_date
from assistant.deid.document import Document
from assistant.deid.id_labels import LABELS, PLAIN, STRONG, WEAK
from assistant.deid.measures import UNIT_FOLLOWS
from assistant.deid.plates import ANY_PLATE, PLATE
from assistant.deid.spans import Found

_NUMBER_WORDS = r"(?:[\s_.\-]{0,2}(?:(?:numbers?|num|nbr|nmbr|nr|nos?|n°|nº|ids?|identifier|identification|code|card|record|file|login|username|barcode|sticker|template|hash|ref(?:erence)?|reg(?:istration|n)?|lic(?:en[sc]e)?|scan|details?|on file|value)(?![A-Za-z])\.?|#)){0,3}"
_JOIN = r"[\s:#=.>|(\[\-_\"'*,/]{0,30}(?:(?:is|was|are|of|reads?|reading|ending|ends|under|as|shows?|showing|on file|for (?:him|her|them|this patient) is|given as|quoted as|now|it's|in|with)[\s:#\"]{1,3}){0,2}[#\"'(=:]{0,2}(?:[Xx*]{2,8}[\s-]{0,2}){0,3}"
_SPACED = r"\d{4} \d{5} \d|\d{2,6}(?:[ -]\d{2,6}){1,5}(?:-\d{1,2})?(?-i:[A-Z]{0,2})"
_PREFIXED = r"(?-i:[A-Z]{1,4}) \d{2,}(?:[ /-]\d{2,}){0,4}(?: ?(?-i:[A-Z]))?|(?-i:[A-Z]{1,3})\d{2,6}(?:[ -]\d{2,6}){1,4}"
_CODE = r"#?[A-Za-z0-9]{1,36}(?:[-_/.:][A-Za-z0-9]{1,24}){0,6}"
_VALUE = rf"(?P<value>\(01\)\d{{14}}(?:\(\d{{2}}\)[A-Za-z0-9]{{1,20}}){{0,5}}|(?:{_SPACED})(?!-?[A-Za-z0-9])|(?:{_PREFIXED})(?![A-Za-z0-9])|{_CODE})(?![A-Za-z0-9])"
_REST = re.compile(rf"(?P<number>{_NUMBER_WORDS})(?P<join>{_JOIN}){_VALUE}", re.IGNORECASE)
"""What follows a label: a word for "number", how the value is joined to it, the value."""
_ANOTHER = re.compile(rf"\s{{0,2}}(?:,|/|&|\band\b|\bor\b)\s{{0,2}}{_VALUE}", re.IGNORECASE)
_DIGIT_WORDS = frozenset("zero oh one two three four five six seven eight nine double triple".split())
_SPOKEN = re.compile(
    rf"(?:{_NUMBER_WORDS}){_JOIN}(?P<value>(?:(?:{'|'.join(sorted(_DIGIT_WORDS))}|[a-z])[ ,-]{{1,2}}){{3,20}}(?:{'|'.join(sorted(_DIGIT_WORDS))}))(?![A-Za-z])",
    re.IGNORECASE,
)
"""A number read out: "medical record five five zero one"."""
_GAP = re.compile(r"(?:'s)?[\s_./&-]{0,3}")
_FIRST_LETTERS = re.compile(r"[A-Za-z]{2,}|[A-Za-z](?=/)")
_TRAILING_WORDS = re.compile(r"(?:[_/.:][A-Za-z]{2,24}|-[A-Z]?[a-z]{1,24}){1,6}$")
_SHORT_CODE = re.compile(r"[A-Z]{1,4}-?\d{3}")
_MONEY = re.compile(r"\d{1,9}\.\d\d")
_MARKED = re.compile(r"[#:=\"']|\b(?:is|was|are|ending|ends|reads?|reading|under|given as|quoted as)\b", re.IGNORECASE)
_DECIMAL = re.compile(r"\d{1,4}(?:\.\d{1,3})?")
_DIAGNOSIS = re.compile(r"[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}$")
_YEAR = re.compile(r"(?:19|20)\d\d")
_YEARS = re.compile(r"(?:19|20)\d\d(?:[-/](?:19|20)\d\d)?")
MEASURED = re.compile(
    r"(?:BP|HR|RR|PR|SBP|DBP|MAP|SPO2|SATS?|O2|WT|HT|BMI|GCS|RBC|WBC|WCC|HGB|HB|HCT|PLT|PLTS|INR|TSH|CRP|ESR|BUN|CPK|LDH|ALT|AST|ALP|GGT|BNP|TROP|GFR|EGFR|VL|FEV|PSA|CEA|LDL|HDL|TG|FBS|RBS|HCG|PTT|APTT|"
    r"XRT|EBL|UOP|TEMP)[ :=]?\d{1,6}(?:[/.]\d{1,3})?(?![\w-])|(?:T|K|NA|CA|CR|CD|PT|CK)[ :=]?\d{1,3}(?:[/.]\d{1,3})?(?![\w-])|\d{1,4}-[a-z]{3,}(?![\w-])"
)
"""Vital signs and counts written without a space ("EXAM: BP150/79"), and measures ("2000-calorie")."""
_ANALYTE = re.compile(r"(?:B(?:1|2|6|12)|C[34]|D[23]|K[12]|T[34])[ :=]{1,2}\d{1,4}")
"""A vitamin, a complement or a thyroid hormone with its value, if a unit follows: "Labs: B12 1050 pg/mL"."""


def _names() -> dict[str, list[tuple[tuple[str, ...], str, str]]]:
    """First word of a label → all of its words, its type, how sure it is; the longest first."""
    table: dict[str, list[tuple[tuple[str, ...], str, str]]] = defaultdict(list)
    for kind, strength, joined in LABELS:
        for name in joined.split("|"):
            words = tuple(name.split())
            table[words[0]].append((words, kind, strength))
    for names in table.values():
        names.sort(key=lambda name: -len(name[0]))
    return dict(table)


_NAMES = _names()
_IN_CAPITALS = frozenset(
    "dl ur sin fin pan mr ip op pr mp ein tin ni har hn cas fir ser psi irn msp gms cat nib bin sim ins h".split()
)
"""Abbreviations that are words or units in small letters: "dL (1200-4500)"."""
_MARKING = frozenset({"id", "ids", "ref", "reference", "number", "barcode"})
"""Labels that say by themselves that a number follows."""
_CATALOGUES = frozenset(
    "cpt icd hcpcs procedure billing diagnosis zip post postal area colour color dress bar qr full no snomed loinc atc drg revenue ndc country dialling".split()
)
_STRONG_FIRST = frozenset(
    first
    for first, names in _NAMES.items()
    if any(words == (first,) and strength == STRONG for words, _, strength in names)
)


def find_labelled_ids(document: Document) -> Iterator[Found]:
    """Numbers behind the names of `id_labels`. Linear: for each word, a fixed stretch of text is looked at."""
    text, done = document.text, 0
    for index, lower in enumerate(document.lowers):
        if document.starts[index] < done:
            continue
        if (
            lower in _IN_CAPITALS
            and not document.words[index].isupper()
            and text[document.ends[index] : document.ends[index] + 1] not in (".", ":", "#")
        ):
            continue
        if lower == "code" and (
            text[document.ends[index] : document.ends[index] + 1] != " "
            or (index and document.lowers[index - 1] in _CATALOGUES)
        ):
            continue
        for end, kind, strength in _labels(document, index, lower):
            found = _behind(text, end, kind, strength, marked=lower in _MARKING)
            if found:
                yield from found
                done = found[-1].end
                break


def _labels(document: Document, index: int, lower: str) -> Iterator[tuple[int, str, str]]:
    """The labels that begin with word `index`: where each ends, its type, how sure it is."""
    pieces = lower.split("-")
    for words, kind, strength in _NAMES.get(pieces[0]) or (
        _NAMES.get(pieces[0][:-1], ()) if pieces[0].endswith("s") else ()
    ):
        if len(pieces) > 1 and len(words) >= len(pieces) and words[: len(pieces)] == tuple(pieces):
            rest, at = words[len(pieces) :], index
        elif len(pieces) == 1:
            rest, at = words[1:], index
        else:
            continue
        for word in rest:
            at += 1
            if (
                at >= len(document.words)
                or document.lowers[at] != word
                or not _GAP.fullmatch(document.text, document.ends[at - 1], document.starts[at])
            ):
                break
        else:
            yield document.ends[at], kind, strength


def _behind(text: str, end: int, kind: str, strength: str, *, marked: bool) -> list[Found]:
    """The values behind a label that ends at `end`."""
    if text.startswith("'s", end):
        end += 2
    if kind == "VEHICLE" and (plate := _plate(text, end, strength)):
        return [plate]
    rest = _REST.match(text, end)
    if rest is None or (not rest["value"][0].isdigit() and rest["value"].lower() in _DIGIT_WORDS):
        return _spoken(text, end, kind) if strength != WEAK else []
    found: list[Found] = []
    marked = marked or bool(rest["number"].strip()) or bool(_MARKED.search(rest["join"]))
    while rest and (value := _value(text, rest, strength, marked=marked)):
        start = rest.start("value")
        found.append(Found(start, start + len(value), kind, 0.9 if strength != WEAK else 0.8, sure=True))
        rest = _ANOTHER.match(text, start + len(value))
        if rest and (first := _FIRST_LETTERS.match(rest["value"])) and first.group().lower() in _NAMES:
            break  # the next label's
        strength = WEAK if strength == PLAIN else strength
    return found


def _plate(text: str, end: int, strength: str) -> Found | None:
    rest = _BEFORE_PLATE.match(text, end)
    if rest is None:
        return None
    plate = PLATE.match(text, rest.end())
    if plate is None and strength == STRONG:
        plate = _LOWER_PLATE.match(text, rest.end()) or ANY_PLATE.match(text, rest.end())
    if plate is None or (strength == WEAK and UNIT_FOLLOWS.match(text, plate.end())):
        return None
    return Found(*plate.span(), "VEHICLE", 0.85, sure=True)


def _value(text: str, rest: re.Match[str], strength: str, *, marked: bool) -> str:
    """The value if it is a number of a person, "" if not."""
    value = _TRAILING_WORDS.sub("", rest["value"]).rstrip("-_/.:")
    digits = sum(character.isdigit() for character in value)
    letters = sum(character.isalpha() for character in value)
    prefix = value.split(" ")[0]
    if not digits or _is_interval(value) or is_date(value):
        return ""
    if prefix.isalpha() and (strength == WEAK or prefix.lower() in (_STRONG_FIRST if strength == STRONG else _NAMES)):
        return ""  # "patient MRN 12345": the next label's
    if _DIAGNOSIS.match(value) and strength != STRONG:
        return ""
    if MEASURED.match(value) and (strength != STRONG or " " in value):
        return ""
    if prefix in ("NDC", "CPT", "ICD", "POD", "EXP") or (strength != STRONG and _MONEY.fullmatch(value)):
        return ""
    if strength == STRONG:
        if letters > 6 and digits < 5 and not value.isupper():
            return ""
        return value if digits >= 4 or (digits >= 3 and (marked or letters)) else ""
    if (not letters or _ANALYTE.fullmatch(value)) and UNIT_FOLLOWS.match(text, rest.start("value") + len(value)):
        return ""
    if _YEARS.fullmatch(value) and (not marked or len(value) > 4):
        return ""
    if strength == PLAIN:
        mixed = (letters > 2 and len(value) > 6 and value.isupper()) or bool(_SHORT_CODE.fullmatch(value))
        least = 4 - bool(letters) if marked or mixed else 5 - bool(letters)
    else:
        least = 4 - bool(letters) if marked else 6 - 2 * bool(letters)
        if _YEAR.fullmatch(value) or _is_range(value) or (value[0].islower() and not marked and digits < 5):
            return ""
    return value if digits >= least else ""


def _spoken(text: str, end: int, kind: str) -> list[Found]:
    match = _SPOKEN.match(text, end)
    return [Found(*match.span("value"), kind, 0.85, sure=True)] if match else []


def _is_interval(value: str) -> bool:
    """Whether it is a reference interval ("12.0-15.5"), which a unit ("g/dL") or a word ("lab", "unit") may precede."""
    low, _, high = value.partition("-")
    return ("." in low or "." in high) and bool(_DECIMAL.fullmatch(low) and _DECIMAL.fullmatch(high))


def _is_range(value: str) -> bool:
    """Whether it runs from a smaller number to a larger one: "lab 135-145", "ref 4000-11000"."""
    low, _, high = value.partition("-")
    return (
        low.isdigit()
        and high.isdigit()
        and low[0] != "0"
        and len(low) < 4
        and len(low) <= len(high) < 6
        and int(low) < int(high)
    )


_BEFORE_PLATE = re.compile(rf"{_NUMBER_WORDS}{_JOIN}", re.IGNORECASE)
_LOWER_PLATE = re.compile(r"(?:[a-z]{2,3}[ -]?\d{3,4}|[a-z]{2}\d{2} ?[a-z]{3}|\d{3}[ -]?[a-z]{3})(?![A-Za-z0-9])")
