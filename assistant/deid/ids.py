"""Numbers that point at one person: by their label, by their shape, by their check digit."""

import re
from collections.abc import Iterator

from assistant.deid.dates import is_date
from assistant.deid.document import Document
from assistant.deid.spans import Found

_LABELS: tuple[tuple[str, str], ...] = (
    ("SSN", r"ssn|ss\s?#|social security(?: (?:number|no|num|#))?|soc(?:ial)? sec(?:\.|urity)?|social_security_number"),
    (
        "HEALTH_PLAN",
        r"(?:health )?insurance(?: (?:plan|policy|member|card|carrier|provider))?|(?:health )?plan|policy|member(?:ship)?|subscriber|beneficiary|"
        r"group|medicare|medicaid|mbi|hic(?:n)?|hmo|ppo|hpb|health_plan_beneficiary_number|hpbn|payer|coverage|certificate of coverage|nhs",
    ),
    (
        "MRN",
        r"mrn|mr\s?#|med(?:ical)?\.? rec(?:ord)?s?|record|chart|patient|pt\.?|case|accession|specimen|encounter|visit|admission|csn|fin|"
        r"hospital|unit|medical_record_number|mrno|episode|requisition|order|study|exam|sample|barcode|lab|surgical path|path(?:ology)?|hosp",
    ),
    (
        "ACCOUNT",
        r"acct|account|bank account|routing|iban|bic|swift|credit card|debit card|card|account_number|invoice|billing|claim|transaction",
    ),
    (
        "LICENSE",
        r"npi|dea|licen[sc]e|lic|certificate|cert|driver'?s? licen[sc]e|(?<!/)dl|passport|registration|permit|certificate_license_number|visa|upin|badge|employee|staff",
    ),
    ("VEHICLE", r"vin|licen[sc]e plate|plate|vehicle|tag|vehicle_identifier|registration plate|medallion"),
    (
        "DEVICE",
        r"serial|s/n|sn|lot|model/serial|device|udi|imei|implant|pacemaker|generator|device_identifier|ref/lot|batch|mac address|equipment|product",
    ),
    (
        "BIOMETRIC",
        r"biometric(?: (?:id|template|scan|hash))?|fingerprint|retina(?:l)? scan|iris scan|voice ?print|face ?print|biometric_identifier|full_face_photo|palm print",
    ),
    (
        "ID",
        r"id|identification|identifier|uid|guid|uuid|user ?(?:name|id)|login|unique_identifier|reference|ref|confirmation|tracking|case file|"
        r"aadhaar|abha|pan|cpf|nino|national insurance|curp|token|api key|secret|password|pin|student|military|study subject|subject|participant|prescription|rx",
    ),
)
_NUMBER_WORD = (
    r"(?:\s?(?:number|num|nbr|no\.?|id(?:entifier|entification)?|code|#|key|card|record|file|serial|login|username))"
)
_JOIN = r"[\s:#=.(\-]{0,5}(?:(?:is|was|of|are|reads?|ending in|under|as|for (?:him|her|them|this patient) is)[\s:#]{1,3})?[\s:#=(\"']{0,4}"
_CODE = r"#?[A-Za-z]{0,6}\d?[A-Za-z]{0,3}[-_/.]?(?:[A-Za-z0-9]{1,20})(?:[-_/.][A-Za-z0-9]{1,20}){0,5}"
_SPACED = r"(?:\d{2,6}[ -]){1,5}\d{1,6}"
_LABELLED = tuple(
    (
        kind,
        re.compile(
            rf"(?<![A-Za-z])(?:{labels})(?:{_NUMBER_WORD}){{0,3}}(s?\b|(?<=[#.])){_JOIN}({_SPACED}|{_CODE})(?![A-Za-z0-9])",
            re.IGNORECASE,
        ),
    )
    for kind, labels in _LABELS
)
_STRONG = frozenset(
    {
        "mrn",
        "ssn",
        "npi",
        "dea",
        "vin",
        "imei",
        "udi",
        "iban",
        "mbi",
        "aadhaar",
        "abha",
        "cpf",
        "passport",
        "acct",
        "policy",
    }
)
_WEAK_LABEL = re.compile(
    r"(?:group|plan|case|order|study|exam|sample|lab|unit|visit|hospital|card|cert|reference|ref|pin|device|product|equipment|model|generator|record|chart|"
    r"patient|pt\.?|coverage|tag|registration|admission|rx|prescription|id|pan|batch|fin|implant|claim|token|subject|participant|hosp|path(?:ology)?|student|badge|staff|employee|dl|sn|visa|permit|insurance)s?",
    re.IGNORECASE,
)
"""Words that often come before a number that is no identifier: they need `number`, `#` or `:`, and a value that looks the part."""

_SSN = re.compile(r"(?<![\w-])(?:\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4})(?![\w]|-\d)")
_SSN_MASKED = re.compile(r"(?<![\w-])[Xx*]{3}-?[Xx*]{2}-?\d{4}(?!\w)")
_CARD = re.compile(r"(?<![\w-])(?:\d[ -]?){12,18}\d(?![\w-])")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_MBI = re.compile(
    r"(?<!\w)[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}(?!\w)"
)
_VIN = re.compile(
    r"(?<!\w)(?=[A-HJ-NPR-Z0-9]{0,16}\d)(?=[A-HJ-NPR-Z0-9]{0,16}[A-Z])[A-HJ-NPR-Z0-9]{11}[A-HJ-NPR-Z0-9]{2}\d{4}(?!\w)"
)
_PREFIXED = re.compile(r"(?<![\w.-])#?[A-Z]{1,6}[-_]?\d{2,4}[-_]?\d{2,}(?:[-_][A-Z0-9]{1,12}){0,3}(?![\w])")
_SUFFIXED = re.compile(r"(?<![\w.-])#?\d{5,}[-_]?[A-Z]{1,6}(?![\w-])")
_GROUPED = re.compile(r"(?<![\w.,/:-])#?\d{2,6}(?:-\d{2,6}){1,4}(?![\w/%]|[-.,]\d)")
_HASHED = re.compile(r"(?<!\w)#[A-Z]{0,6}-?\d{4,}[A-Z]{0,4}(?!\w)")
_LONG = re.compile(r"(?<![\w.,/-])\d{8,}(?![\w%]|[.,/-]\d)")
_UUID = re.compile(r"(?<!\w)[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?!\w)")
_TOKEN = re.compile(r"(?<!\w)(?:sk|pk|ghp|api|key|tok)_[A-Za-z0-9_]{8,80}")
_CPF = re.compile(r"(?<!\w)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\w)")
_MRZ = re.compile(r"(?m)^[A-Z0-9<]{28,46}$(?:\n[A-Z0-9<]{28,46}$){0,2}")
_GLUED = re.compile(r"(?<=[A-Za-z])(?:MRN|SSN|DOB)[-:#]?\d{4,}")
_DECIMAL = re.compile(r"\d{1,4}(?:\.\d{1,3})?")
_MEASURED = re.compile(
    r"(?:BP|HR|RR|SBP|DBP|MAP|SPO2|O2|WT|HT|BMI|GCS|RBC|WBC|HGB|HB|HCT|PLT|INR|TSH|CRP|ESR|BUN|CR|NA|K)\d{1,5}(?:[/.]\d{1,3})?(?![\w-])"
    r"|\d{1,4}-[a-z]{3,}(?![\w-])",
)
"""Vital signs and counts written without a space ("EXAM: BP150/79"), and measures ("2000-calorie")."""
_WHOLE_INTERVAL = re.compile(r"\d{1,3}-\d{1,3}")
_NOT_IDS = re.compile(
    r"#?(?:NCT|PMID|PMC|DOI|ICD|CPT|HCPCS|SNOMED|LOINC|RXCUI|NDC|ISO|UTC|COVID|SARS|HLA|CD|IL|TNF|BRCA|FDA|CFR|PSA|CA|HER|AJCC|ASTM|DSM)[-_]?\d",
    re.I,
)


def find_labelled_ids(document: Document) -> Iterator[Found]:
    """`MRN: 123-45`, `insurance number is HP-1234`, `S/N A4471`, `NPI=1234567893`."""
    text = document.text
    for kind, pattern in _LABELLED:
        position = 0
        while match := pattern.search(text, position):
            start, end = match.span(2)
            # The value may hold the next label ("patient MRN 123"): go on right after this one's own label.
            position = max(match.start(2), match.start() + 1)
            value = text[start:end].rstrip("-_/.")
            label = text[match.start() : start]
            if _is_value(value, label):
                yield Found(start, start + len(value), kind, 0.9 if kind != "ID" else 0.8, sure=True)
                position = end


def _is_value(value: str, label: str) -> bool:
    digits = sum(character.isdigit() for character in value)
    if not digits:
        return False
    bare = re.sub(r"[\s:#=.(\-\"']+$", "", label).lower()
    if _is_interval(value) or is_date(value) or _MEASURED.match(value):
        return False
    letters = sum(character.isalpha() for character in value)
    marked = (
        "#" in label
        or "#" in value
        or ":" in label
        or "=" in label
        or bool(re.search(r"\b(?:no|number|num|id|is|nbr)\b", bare))
    )
    if bare in _STRONG:
        return digits >= 3
    if _WEAK_LABEL.fullmatch(bare):
        if not marked and _WHOLE_INTERVAL.fullmatch(value):
            return False  # "lab 135-145"
        return (digits >= 4 and marked) or digits >= 6 or (letters > 0 and digits >= 4)
    if not marked:
        return digits >= 5 or (digits >= 4 and letters > 0)
    if re.fullmatch(r"\d{1,3}(?:\.\d+)?", value):
        return False
    return digits >= 4 or (digits >= 3 and letters >= 1)


def _is_interval(value: str) -> bool:
    """Whether it is a reference interval ("12.0-15.5"), which a unit ("g/dL") or a word ("lab", "unit") may precede."""
    low, _, high = value.partition("-")
    return ("." in low or "." in high) and bool(_DECIMAL.fullmatch(low) and _DECIMAL.fullmatch(high))


def find_bare_ids(document: Document) -> Iterator[Found]:
    """What no label names, but whose shape says enough."""
    text, digits = document.text, document.numeric
    for match in _SSN.finditer(digits):
        yield Found(*match.span(), "SSN", 0.85)
    for pattern, kind, score in (
        (_SSN_MASKED, "SSN", 0.7),
        (_MBI, "HEALTH_PLAN", 0.85),
        (_UUID, "ID", 0.95),
        (_TOKEN, "ID", 0.95),
        (_CPF, "ID", 0.9),
        (_GLUED, "MRN", 0.8),
        (_VIN, "VEHICLE", 0.7),
    ):
        for match in pattern.finditer(text):
            yield Found(*match.span(), kind, score)
    for match in _CARD.finditer(text):
        if _luhn(match.group()):
            yield Found(*match.span(), "ACCOUNT", 0.9)
    for match in _IBAN.finditer(text):
        if _iban(match.group()):
            yield Found(*match.span(), "ACCOUNT", 0.9)
    for match in _MRZ.finditer(text):
        if "<<" in match.group():
            yield Found(*match.span(), "LICENSE", 0.95)
    for pattern, least in ((_PREFIXED, 5), (_SUFFIXED, 5), (_GROUPED, 7), (_HASHED, 4), (_LONG, 8)):
        for match in pattern.finditer(text):
            piece = match.group()
            if (
                sum(character.isdigit() for character in piece) >= least
                and not _NOT_IDS.match(piece)
                and not _MEASURED.match(piece)
                and not _is_range(piece)
            ):
                yield Found(*match.span(), "ID", 0.55)


def _is_range(piece: str) -> bool:
    """`2019-2021`, `1000-1500`."""
    parts = piece.split("-")
    return len(parts) == 2 and all(part.isdigit() and len(part) <= 4 for part in parts)


def _luhn(piece: str) -> bool:
    digits = [int(character) for character in piece if character.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def _iban(piece: str) -> bool:
    compact = piece.replace(" ", "")
    rearranged = compact[4:] + compact[:4]
    return int("".join(str(int(character, 36)) for character in rearranged)) % 97 == 1
