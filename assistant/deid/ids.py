"""Numbers that no label names, but whose shape says enough: social security, cards, national formats, codes, long numbers."""

import itertools
import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.ids_labelled import MEASURED
from assistant.deid.measures import UNIT_FOLLOWS
from assistant.deid.spans import Found

_SSN = re.compile(r"(?<![\d-])(?<!\b[A-Za-z])(?:\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4})(?!\d|-\d)")
_SSN_MASKED = re.compile(r"(?<![\w-])[Xx*#]{3}[- ]?[Xx*#]{2}[- ]?(\d{4})(?!\w)")
_LAST_FOUR = re.compile(
    r"\b(?:(?:last|final)\s(?:four|4)(?:\s(?:digits|numbers|nos?))?|last-?4|l4)(?:\s(?:of|on|for|digits))?(?:\s(?:his|her|the|their|your))?(?:\s(?:ssn?|social(?:\ssec(?:urity)?)?|card|account|acct|phone|cell|mrn|visa|number|id|no|medicare|nhs)){0,3}"
    r"(?:\s?(?:#|no\.?|number))?[\s:=(,]{0,3}(?:(?:is|are|was|as|were)\s{1,2})?(\d{4})(?!\w)"
    r"|\b(?:ssn?|social|card|visa|mastercard|amex|account|acct|debit|credit|iban|policy|mrn)\b[^.\n\d]{0,16}(?:ending|ends?|ended|finishing)(?:\s(?:in|with|on))?[\s:#]{1,2}[*x]{0,4}(\d{3,4})(?!\w)",
    re.IGNORECASE,
)
_CARD = re.compile(r"(?<![\w-])(?:\d[ -]?){12,18}\d(?![\w-])")
_CARD_GROUPS = re.compile(
    r"(?<![\w-])\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?![\w-])|(?<![\w-])3[47]\d\d([ -])\d{6}\2\d{5}(?![\w-])"
)
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_SURE_SHAPES = tuple(
    (re.compile(pattern), kind, score)
    for pattern, kind, score in (
        (
            r"(?<!\w)[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}(?!\w)",
            "HEALTH_PLAN",
            0.85,
        ),
        (r"(?<![\w-])\d{4} \d{5} \d(?:[ /-]\d)?(?![\w-])", "HEALTH_PLAN", 0.75),  # Medicare, Australia
        (r"(?<![\w-])\d{4}[ -]\d{3}[ -]\d{3}[ -]?[A-Z]{2}(?!\w)", "HEALTH_PLAN", 0.85),  # OHIP
        (r"(?<!\w)[A-Z]{4} \d{4} \d{4}(?!\w)", "HEALTH_PLAN", 0.8),  # RAMQ
        (r"(?<![\w-])\d{4}[ -]\d{4}[ -]\d{4}(?![\w-])", "SSN", 0.75),  # Aadhaar
        (r"(?<!\w)[A-Z]{5}\d{4}[A-Z](?!\w)", "SSN", 0.75),  # PAN
        (
            r"(?<!\w)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)",
            "SSN",
            0.8,
        ),  # National Insurance
        (r"(?<!\w)\d{7}[A-W][A-IW]?(?!\w)", "SSN", 0.65),  # PPS
        (r"(?<!\w)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\w)", "SSN", 0.9),  # CPF
        (r"(?<!\w)(?:[Xx*]{4}[- ]){3}\d{4}(?!\w)", "ACCOUNT", 0.85),
        (r"(?<![\w.])\d{3}\.\d{2}\.\d{4}(?![\w.]\d|\w)", "SSN", 0.75),
        (r"(?<![\w.])(?!rs)[a-z]{1,4}-?\d{6,10}(?![\w.]\d|\w)", "ID", 0.65),
        (r"(?<![\w.])(?!rs)(?=[a-z\d]{8,20}(?![\w.]))[a-z]{1,5}\d{2,8}[a-z]{1,4}\d{3,8}(?!\w)", "ID", 0.65),
        (r"(?<!\w)[A-Z9]{5}\d{6}[A-Z9]{2}\d[A-Z]{2}(?!\w)", "LICENSE", 0.9),  # driving licence, Britain
        (r"(?<!\w)[A-Z]\d{4}-\d{5}-\d{5}(?!\w)", "LICENSE", 0.9),  # driver's licence, Ontario
        (r"(?<!\w)[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?!\w)", "ID", 0.95),
        (r"(?<!\w)(?:sk|pk|ghp|api|key|tok)_[A-Za-z0-9_]{8,80}", "ID", 0.95),
        (r"\(01\)\d{14}(?:\(\d{2}\)[A-Za-z0-9]{1,20}){0,5}", "DEVICE", 0.95),
        (
            r"(?<![A-Za-z0-9])(?=[A-HJ-NPR-Z0-9]{0,16}\d)(?=[A-HJ-NPR-Z0-9]{0,16}[A-Z])[A-HJ-NPR-Z0-9]{12}[A-HJ-NPR-Z0-9]\d{4}(?!\w)",
            "VEHICLE",
            0.75,
        ),
        (r"(?<![\d.])(?:1[.,])?2\.\d{1,3}\.\d{3,9}(?:\.\d{1,20}){3,12}", "ID", 0.8),  # DICOM
    )
)
_GLUED = re.compile(r"(?:MRN|SSN|UHID|URN|NHS|ACCT|ACC|CSN|FIN)[-:#]?([A-Z]{0,3}\d{4,15})")
_BIC = re.compile(r"\b(?:BIC|SWIFT)(?:\s(?:code|is))?[\s:#=]{1,3}([A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)(?!\w)")
_MRZ = re.compile(r"(?m)^[A-Z0-9<]{28,46}$(?:\n[A-Z0-9<]{28,46}$){0,2}")
_CODE = re.compile(r"(?<![\w.])#?[A-Z0-9]{1,14}(?:[-_/][A-Z0-9]{1,14}){0,5}(?![A-Za-z0-9])(?!\.\d)")
_GROUPED = re.compile(r"(?<![\w.,/:-])#?\d{1,8}(?:-\d{1,8}){1,4}(?![\w/%]|[-.,]\d)")
_FILE = re.compile(
    r"(?<![\w.])(?=[A-Za-z_-]{0,40}\d)[A-Za-z0-9]{1,40}(?:[_-][A-Za-z0-9]{1,40}){1,8}\.(?:jpe?g|png|dcm|pdf|docx?|tiff?|mp[34]|wav|csv|xlsx?|hl7|xml|heic|mov)(?!\w)",
    re.IGNORECASE,
)
"""Files are named after patients: `PEREIRA_J_19820511.dcm`."""
_FILE_SAID = re.compile(
    r"\b(?:file|photo|image|picture|video|recording|scan|upload(?:ed)?|saved as|attachment)(?:\s(?:name|is|named|as)){0,2}[\s:]{1,2}([A-Za-z0-9]{1,30}(?:_[A-Za-z0-9]{1,30}){1,6})(?!\w)",
    re.IGNORECASE,
)
_OFFICER = re.compile(
    r"\b(?:PC|PCSO|WPC|Const(?:able)?|Cst|Cpl|Sgt|Sergeant|Officer|Ofc|Det|Detective|DC|DS|DI|Garda|Trooper|Deputy|Insp(?:ector)?|Paramedic)\.? (?:[A-Z][\w'-]{1,20} ){1,3}\(?#?([A-Z]{0,3} ?\d{3,6}[A-Z]?)(?!\w)"
)
"""The collar number of a police officer."""
_PADDED = re.compile(r"(?<![\w.-])[A-Z]{2,6}[-/_]?0\d{3}(?![\w-]|\.\d)")
"""`SUBJ-0042`: no quantity begins with a zero."""
_AFTER_DEGREE = re.compile(
    r"\b(?:RN|LPN|LVN|CNA|EMT(?:-[BIP])?|PA-C|NP|RPh|MD|DO|DDS|DMD|OT|SLP|RT|RM|EN|CRNA|APRN|LCSW|LMFT|PharmD)[\s,#:(]{1,3}(?:(?:no|lic|license|licence)\.?\s)?#?(\d{3}-?\d{3,5}|[A-Z]{1,3}-?\d{4,7})(?![\w-]|\.\d)"
)
_HASHED = re.compile(r"(?<!\w)#\s?[A-Z]{0,6}-?\d{4,}[A-Z]{0,4}(?!\w)")
_LONG = re.compile(r"(?<![A-Za-z0-9.,-])(?:\d{7,}|0\d{5})(?![A-Za-z0-9%]|[.,]\d|-\d)")
_NOT_IDS = re.compile(
    r"#?(?:NCT|ISRCTN|ACTRN|PMID|PMC|DOI|ICD|CPT|HCPCS|SNOMED|SCTID|LOINC|RXCUI|NDC|ISO|UTC|COVID|SARS|HLA|CD|IL|TNF|BRCA|FDA|CFR|PSA|CA|HER|AJCC|ASTM|DSM|NM|NP|NC|ENS[A-Z]?|COS[MV]|"
    r"GSK|BMS|AZD|AMG|MK|ABT|PF|JNJ|LY|RO|RG|SCH|TAK|INCB|MEDI|REGN|SAR|BIBF|BAY|ONO|UCB|EORTC|RTOG|CALGB|SWOG|NSABP|ECOG|GOG|NRG|COG|ATC|EC|CAS|OMIM|MIM|GRCH|HG)[-_ ]?[A-Z]?\d",
    re.I,
)
_NAMED_CODE = re.compile(
    r"\b(?:pmid|pmcid|doi|icd(?:-?1[01])?(?:-?cm)?|cpt|hcpcs|snomed(?:\s?ct)?|sctid|loinc|rxcui|rxnorm|ndc|atc|omim|mim|cas|orpha(?:net)?|mesh|umls|cui|nct|isrctn|eudract|actrn|ctri|eortc|rtog|calgb|swog|gog|nsabp|ecog|nrg|cog|trial|protocol|"
    r"chr(?:omosome)?|catalog|model|version|iso|grant|dilution|titre|titer|viral load|vl|copies|dna|rna|bnp|nt-?probnp|ferritin|count|wbc|wcc|plt|platelets|cfu|hcg|hbv|hcv|hiv|cmv|ebv|ck|cpk)\b[\s:=#.(<>\"']{0,6}(?:(?:code|id|no\.?|is|was|of|level|pcr)[\s:]{1,2}){0,2}$",
    re.IGNORECASE,
)


def find_bare_ids(document: Document) -> Iterator[Found]:
    """What no label names, but whose shape says enough."""
    text, digits = document.text, document.numeric
    for match in _SSN.finditer(digits):
        yield Found(*match.span(), "SSN", 0.85)
    for match in _SSN_MASKED.finditer(text):
        yield Found(*match.span(), "SSN", 0.75)
    for match in _LAST_FOUR.finditer(text):
        yield Found(*match.span(match.lastindex or 1), "SSN", 0.85, sure=True)
    for pattern, kind, score in _SURE_SHAPES:
        for match in pattern.finditer(text):
            yield Found(*match.span(), kind, score)
    for match in _GLUED.finditer(text):
        yield Found(*match.span(), "MRN", 0.85)
    for match in _CARD.finditer(text):
        if _luhn(match.group()):
            yield Found(*match.span(), "ACCOUNT", 0.9)
    for match in _CARD_GROUPS.finditer(text):
        yield Found(*match.span(), "ACCOUNT", 0.85)
    for match in _IBAN.finditer(text):
        if _iban(match.group()):
            yield Found(*match.span(), "ACCOUNT", 0.9)
    for match in _BIC.finditer(text):
        yield Found(*match.span(1), "ACCOUNT", 0.9, sure=True)
    for match in _MRZ.finditer(text):
        if "<<" in match.group():
            yield Found(*match.span(), "LICENSE", 0.95)
    for match in _FILE.finditer(text):
        yield Found(*match.span(), "ID", 0.8)
    for match in _AFTER_DEGREE.finditer(text):
        yield Found(*match.span(1), "LICENSE", 0.65)
    for pattern in (_FILE_SAID, _OFFICER):
        for match in pattern.finditer(text):
            if sum(character.isdigit() for character in match[1]) > 2:
                yield Found(*match.span(1), "ID", 0.75)
    for match in _CODE.finditer(text):
        piece = _TAIL.sub("", match.group())
        if _is_code(piece) and not _is_named(text, match):
            yield Found(match.start(), match.start() + len(piece), "ID", 0.65)
    for pattern, least in ((_GROUPED, 7), (_HASHED, 4), (_PADDED, 4), (_LONG, 6)):
        for match in pattern.finditer(text):
            if _counts(match.group(), least) and not _is_named(text, match):
                yield Found(*match.span(), "ID", 0.6)


_TAIL = re.compile(r"(?:/[A-Z](?:/\d{1,3})?)$")
""""88213407/F/61": the sex and the age."""


def _is_named(text: str, match: re.Match[str]) -> bool:
    """Whether a word before it or a unit behind it says that it is a code of medicine, a count or a measure."""
    return (
        _NAMED_CODE.search(text, max(0, match.start() - 40), match.start()) is not None
        or UNIT_FOLLOWS.match(text, match.end()) is not None
    )


def _is_code(piece: str) -> bool:
    """Letters and at least five digits that no clinical code begins with."""
    digits = sum(character.isdigit() for character in piece)
    letters = sum(character.isalpha() for character in piece)
    return (
        digits >= 5
        and 0 < letters <= 10
        and not _NOT_IDS.match(piece)
        and not MEASURED.match(piece)
        and not _EQUIPMENT.fullmatch(piece)
    )


_EQUIPMENT = re.compile(
    r"\d{1,6}(?:ML|MG|MCG|MM|CM|KG|IU|U|G|L|H|HRS?|X|K|M|CC|MEQ)(?:/\d{0,4}[A-Z]{0,4}){0,2}|[A-Z]\d{2}[A-Z0-9]{1,4}|\d{4}[-/]\d{4}[A-Z]{1,3}|[A-Z]{1,2}\d{0,2}-(?:19|20)\d\d|[RX]\d{1,2}[-/].{1,12}|(?:19|20)\d\d-\d\d-\d\dT?\d{0,2}"
)
"""Doses, ICD-10 codes without their dot, nursing notes "0700-1500H"."""


def _counts(piece: str, least: int) -> bool:
    digits = sum(character.isdigit() for character in piece)
    return (
        digits >= least
        and not _NOT_IDS.match(piece)
        and not MEASURED.match(piece)
        and not _is_series(piece)
        and not re.fullmatch(r"[1-9]0{5,}", piece)
    )


def _is_series(piece: str) -> bool:
    """`2019-2021`, `1000-1500`, a taper `60-50-40-30`."""
    parts = list(piece.lstrip("#").split("-"))
    if len(parts) < 2 or not all(part.isdigit() for part in parts):
        return False
    numbers = [int(part) for part in parts]
    if len(parts) == 2:
        return all(len(part) <= 4 for part in parts) and not any(part[0] == "0" for part in parts)
    steps = {second > first for first, second in itertools.pairwise(numbers)}
    return len({len(part) for part in parts}) < 3 and len(steps) == 1 and all(number % 5 == 0 for number in numbers)


def _luhn(piece: str) -> bool:
    digits = [int(character) for character in piece if character.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def _iban(piece: str) -> bool:
    compact = piece.replace(" ", "")
    rearranged = compact[4:] + compact[:4]
    return int("".join(str(int(character, 36)) for character in rearranged)) % 97 == 1
