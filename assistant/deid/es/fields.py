"""Forms: what stands after "Domicilio:", "Localidad/Provincia:", "Fecha de nacimiento:" up to the end of the field."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.spans import Found

_FIELD = re.compile(
    r"(?im)(?:^|(?<=[\n;|>*•,.\t(])|(?<=\s)(?-i:(?=[A-ZÁÉÍÓÚ])))(?:"
    r"(?P<ADDRESS>domicilio(?:\s(?:habitual|actual|familiar|del paciente|postal))?|direcci[óo]n(?:\s(?:postal|completa|"
    r"del paciente|actual))?|dir\.|calle|vive en|residencia habitual)"
    r"|(?P<LOCATION>localidad\s?/\s?provincia|localidad|provincia|poblaci[óo]n|municipio|ciudad|lugar de (?:nacimiento|"
    r"residencia)|natural de|pueblo|barrio|comuna|delegaci[óo]n|distrito|departamento de residencia)"
    r"|(?P<DATE>(?:fecha|f\.|fec\.)\s?(?:de\s)?(?:la\s|el\s)?(?:nacimiento|nac\.?|ingreso|alta|consulta|exitus|"
    r"defunci[óo]n|intervenci[óo]n|iq|informe|toma|extracci[óo]n|solicitud|petici[óo]n|visita|cirug[ií]a|firma|"
    r"recepci[óo]n|emisi[óo]n|"
    r"realizaci[óo]n|cita|inicio|fin|diagn[óo]stico|validaci[óo]n|registro|la prueba)?(?:\sdel?\s\w{3,12})?|"
    r"nacid[oa] el|f\.?\s?n\.?|ingreso|alta)"
    r"|(?P<ORGANIZATION>hospital(?:\sde\s(?:origen|referencia|destino))?|centro(?:\s(?:de salud|de origen|"
    r"de referencia|m[eé]dico|sanitario|emisor|solicitante))?|ambulatorio|empresa|colegio|aseguradora|compañ[ií]a|"
    r"entidad|mutua)"
    r")[ \t]{0,3}[:=][ \t]{0,12}(?P<value>[^\n;|\t]{1,100})"
)
_NEXT_LABEL = re.compile(
    r"[\s.,;-]{1,8}(?:[A-ZÁÉÍÓÚÑ][\w./ºª]{0,20}(?:\s(?:de\s|del\s)?[\wáéíóúñ./]{1,20}){0,3}\s?[:=])"
)
_TWO_SPACES = re.compile(r"\s{3,}")
_DATE_LIKE = re.compile(r"[\d/.\- ]{5,14}\d|\d{1,2}\s?(?:de\s)?[a-záéíóú]{3,10}\s?(?:del?\s)?\d{2,4}", re.IGNORECASE)
_YEAR_ONLY = re.compile(r"\s{0,40}(?:19|20)\d\d\s{0,4}\.?\s{0,40}$")
_MOST_WORDS = {"LOCATION": 10, "ORGANIZATION": 12, "ADDRESS": 25}


def find_fields(document: Document) -> Iterator[Found]:
    """Values of forms, whatever they hold: the label says what they are."""
    for match in _FIELD.finditer(document.text):
        kind = next(name for name in ("ADDRESS", "LOCATION", "DATE", "ORGANIZATION") if match.group(name))
        start, end = match.start("value"), _value_end(match.group("value")) + match.start("value")
        value = document.text[start:end]
        if kind == "DATE":
            date = _DATE_LIKE.match(value)
            if date and not _YEAR_ONLY.match(value):
                yield Found(start, start + date.end(), "DATE", 0.9, sure=True)
            continue
        if not _is_name(document, start, end, kind):
            continue
        yield Found(start, end, kind, 0.85, sure=True)


def _value_end(value: str) -> int:
    """Before the next label on the same line, before a column gap, before the full stop that ends the field."""
    stops = (pattern.search(value) for pattern in (_NEXT_LABEL, _TWO_SPACES))
    end = min((stop.start() for stop in stops if stop), default=len(value))
    return len(value[:end].rstrip(" .,;-"))


def _is_name(document: Document, start: int, end: int, kind: str) -> bool:
    """Whether the value can be what its label says: it has a capital or a digit, few words, and is no country alone."""
    value = document.text[start:end]
    if not value or not re.search(r"[A-ZÁÉÍÓÚÑ\d]", value) or len(value.split()) > _MOST_WORDS[kind]:
        return False
    index = bisect_left(document.starts, start)
    if index >= len(document.words) or document.starts[index] >= end:
        return any(character.isdigit() for character in value)
    words = document.lowers[index : bisect_left(document.starts, end)]
    return tuple(words) not in document.lexicon.countries.get(words[0], ())
