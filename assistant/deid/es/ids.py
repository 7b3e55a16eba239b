"""Spanish and Latin American numbers that point at one person: by their label, by their shape, by their check letter."""

import re
from collections.abc import Iterator

from assistant.deid import ids
from assistant.deid.document import Document
from assistant.deid.spans import Found

_NUMBER = r"(?:(?:n[ºo°.]{0,2}|n[uú]m(?:ero)?\.?|nro\.?|#)\s?(?:de\s)?(?:la\s|el\s)?)"
_LABELS: tuple[tuple[str, str], ...] = (
    (
        "MRN",
        r"n\.?h\.?c\.?|nºhc|h\.?\s?c\.?|historia(?:\sclínica|\sclinica)?|hist\.?\sclín\.?|episodio(?:\sdel\spaciente)?|"
        r"icu|proceso|expediente|petición|peticion|"
        r"muestra|biopsia|citología|necropsia|solicitud|registro|ingreso|urgencia|informe|estudio|caso|folio|volante|"
        r"acceso|accession|nuhsa|an[- ]?\d{0}",
    ),
    (
        "SSN",
        r"n\.?a?\.?s\.?s\.?|nuss|naf|(?:la\s)?seguridad\ssocial|(?:la\s)?s\.?\s?social|"
        r"afiliación(?:\s(?:a\sla\s)?(?:seguridad\ssocial|s\.?\s?s\.?))?|afiliacion|"
        r"curp|cuil|imss",
    ),
    (
        "HEALTH_PLAN",
        r"cipa?(?:[- ]?(?:sns|autonómico))?|sip|tsi|tis|cipna|cite|tarjeta(?:\s(?:sanitaria|individual|de\ssalud))*|"
        r"póliza|poliza|mutua(?:lista)?|mutualidad|asegurad[oa]|"
        r"afiliad[oa]|soci[oa]|obra\ssocial|isapre|fonasa|eps",
    ),
    (
        "LICENSE",
        r"n[ºo°.]{0,2}\s?col(?:egiad[oa]|\.)?|colegiad[oa]|col\.?|colegiación|matr[ií]cula(?:\sprofesional|"
        r"\snacional)?|m\.?\s?[np]\.?(?=\s?\d)|licencia|pasaporte|passport|carn[eé](?:t)?(?:\sde\sconducir)?|"
        r"permiso\sde\s\w{3,12}",
    ),
    ("ACCOUNT", r"cuenta(?:\s(?:bancaria|corriente))?|iban|ccc|tarjeta\sde\scr[eé]dito|factura|recibo|visa"),
    ("VEHICLE", r"matr[ií]cula(?:\sdel?\s\w{3,12})?|bastidor"),
    ("DEVICE", r"(?:n[ºo°.]{0,2}\s)?(?:de\s)?serie|lote|lot|ref\.|imei|dispositivo|marcapasos|generador"),
    (
        "ID",
        r"d\.?\s?n\.?\s?i\.?(?:/nie)?|n\.?i\.?f\.?|n\.?i\.?e\.?|c\.?i\.?f\.?|"
        r"documento(?:\s(?:nacional\s)?de\sidentidad)?|doc\.?|identificación|identificacion|identificador|"
        r"id|c[eé]dula(?:\sde\s(?:identidad|ciudadan[ií]a))?|c\.?\s?c\.?(?=\s?:?\s?\d{6})|rut|run|rfc|cuit|ine|usuario|"
        r"clave|código(?:\sde\spaciente)?|codigo",
    ),
)
_JOIN = r"[\s:#=.(\-]{0,6}(?:(?:es|era|número|nº|num\.?)[\s:]{1,3})?"
_CODE = r"(?:[A-Za-z]{2,5}[-\s/])?[A-Za-z]{0,6}[-/]?\d[\dA-Za-z]{0,20}(?:[-_/.][\dA-Za-z]{1,20}){0,4}"
_SPACED = r"\d{1,8}(?:[ -]{1,2}\d{1,12}){1,4}(?:-\d{1,3})?"
_LABELLED = tuple(
    (
        kind,
        re.compile(
            rf"(?:(?<![\w])|(?<=[a-záéíóúñ])(?=[Nn][ºo°]\s?[Cc]ol))(?:{_NUMBER}(?:{labels})|(?:{labels})(?:\s{_NUMBER}|"
            rf"\sclínica|\sdel?\s\w{{3,14}}){{0,2}}){_JOIN}({_SPACED}|{_CODE})(?![A-Za-z0-9])",
            re.IGNORECASE,
        ),
    )
    for kind, labels in _LABELS
)
_STRONG = re.compile(
    r"(?:n\.?h\.?c|n\.?a?\.?s\.?s|nuss|naf|cipa?\b|cip-|sip|tsi|nuhsa|cipna|d\.?n\.?i|n\.?i\.?f|n\.?i\.?e\b|"
    r"col(?:egiad|\.|:|\s?$)|n[ºo°.]\s?col|pasaporte|passport|póliza|iban|curp|rut\b|cuit|cuil|"
    r"episodio|afiliaci|historia\s?(?:clínica)?\s?(?:n|:)|tarjeta\ssanitaria|cédula|cedula)",
    re.IGNORECASE,
)
"""Labels before numbers that are nothing but identifiers; after the others the number must look the part."""
_MEASURE = re.compile(
    r"\d{1,4}(?:[.,]\d{1,3})?\s?(?:%|mm|cm|mg|ml|g|kg|l|años|días|meses|semanas|horas|casos|pacientes|ºC)\b|"
    r"\d{1,6}(?:[.,]\d{1,3})?\s?-\s?\d{1,6}(?:[.,]\d{1,3})?\s?(?:\)|[a-zµμ]{1,6}/)",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d\d)|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|(?:19|20)\d\d)(?!\d)")

_DNI = re.compile(r"(?<![\w.,/-])(\d{1,2}\.?\d{3}\.?\d{3})[\s.-]{0,2}([A-HJ-NP-TV-Z])(?!\w)", re.IGNORECASE)
_NIE = re.compile(r"(?<!\w)([XYZ])[\s.-]?(\d{7})[\s.-]?([A-HJ-NP-TV-Z])(?!\w)", re.IGNORECASE)
_CHECK_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_NASS = re.compile(r"(?<![\w.,/-])(?:0[1-9]|[1-5]\d)[\s/-]\d{8}[\s/-]\d{2}(?![\w/-])")
_LONG = re.compile(r"(?<![\w.,/+-])\d{8,18}(?![\w%]|[.,/-]\d|\s?(?:copias|ui|ufc|unidades|u/))", re.IGNORECASE)
_PREFIXED = re.compile(r"(?<![\w.-])(?!CD|HLA|IL|TNF)[A-Z]{1,5}[-/]?\d{2}[-/]?\d{4,12}(?:[-/]\d{1,4})?(?![\w%]|[.,]\d)")
_SURE_ANYWHERE = 0.9
_SHAPES = (
    (re.compile(r"(?<!\w)[BCDFGHJ-NP-TV-Z]{4}\s?\d{6}\s?\d{6}(?:\s?\d{2,3})?(?!\w)"), "HEALTH_PLAN", 0.85),  # CIP-SNS
    (re.compile(r"(?<!\w)[A-Z]{4}[01]\d{9,11}(?!\w)"), "HEALTH_PLAN", 0.7),  # CIP of Catalonia and others
    (re.compile(r"(?<!\w)AN\d{10}(?!\w)"), "HEALTH_PLAN", 0.85),  # NUHSA
    (re.compile(r"(?<!\w)[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d(?!\w)"), "SSN", 0.95),  # CURP
    (re.compile(r"(?<!\w)[A-ZÑ&]{3,4}\d{6}[A-Z\d]{3}(?!\w)"), "ID", 0.6),  # RFC
    (re.compile(r"(?<![\w.,-])\d{1,2}\.\d{3}\.\d{3}-[\dkK](?!\w)"), "ID", 0.95),  # RUT
    (re.compile(r"(?<![\w.,-])(?:20|23|24|27|30|33|34)-\d{8}-\d(?!\w)"), "SSN", 0.9),  # CUIT, CUIL
)


def find_labelled_ids(document: Document) -> Iterator[Found]:
    """`NHC: 368503`, `NASS: 26 63514095 04`, `NºCol: 28 28 70973`, `DNI nº 12345678Z`, `historia clínica 4471/12`."""
    text = document.text
    for kind, pattern in _LABELLED:
        position = 0
        while match := pattern.search(text, position):
            start, end = match.span(1)
            # The value may hold the next label: go on right after this one's own label.
            position = max(start, match.start() + 1)
            value = text[start:end].rstrip("-_/. ")
            if _is_value(text, start, value, text[match.start() : start]):
                yield Found(start, start + len(value), kind, 0.9, sure=True)
                position = end


def _is_value(text: str, start: int, value: str, label: str) -> bool:
    digits = sum(character.isdigit() for character in value)
    if _MEASURE.match(text, start) or _DATE.fullmatch(value):
        return False
    if _STRONG.match(label) or _STRONG.search(label):
        return digits >= 3
    marked = ":" in label or "º" in label or "#" in label or "núm" in label.lower() or "num" in label.lower()
    return digits >= 5 or (marked and digits >= 4)


def find_bare_ids(document: Document) -> Iterator[Found]:
    """What no label names, but whose check letter or shape says enough."""
    text = document.text
    for match in _DNI.finditer(text):
        number = match.group(1).replace(".", "")
        if len(number) >= 7 and _CHECK_LETTERS[int(number) % 23] == match.group(2).upper():
            yield Found(*match.span(), "ID", 0.9)
    for match in _NIE.finditer(text):
        number = int(str("XYZ".index(match.group(1).upper())) + match.group(2))
        if _CHECK_LETTERS[number % 23] == match.group(3).upper():
            yield Found(*match.span(), "ID", 0.9)
    for found in ids.find_bare_ids(document):
        # Bank cards and accounts, machine-readable passports, keys: the same in every language.
        if found.score >= _SURE_ANYWHERE:
            yield found
    for pattern in (_LONG, _PREFIXED):
        for match in pattern.finditer(text):
            yield Found(*match.span(), "ID", 0.55)
    for match in _NASS.finditer(text):
        yield Found(*match.span(), "SSN", 0.85)
    for pattern, kind, score in _SHAPES:
        for match in pattern.finditer(text):
            yield Found(*match.span(), kind, score)
