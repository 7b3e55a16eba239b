"""Spanish dates with a day or a month, and ages over 89. A year alone stays, an age up to 89 stays."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.policy import OLDEST_AGE_KEPT
from assistant.deid.spans import Found

MONTH = r"(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre)"
_SHORT_MONTH = r"(?:ene|feb|mar|abr|may|jun|jul|ago|sept?|set|oct|nov|dic)\.?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MM = r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:19|20)\d\d"
_SHORT_YEAR = r"['`]?\d\d"
_TIME = r"(?:[T\s,]{1,2}(?:a las\s|a la\s)?\d{1,2}[:.]\d\d(?::\d\d(?:\.\d{1,6})?)?(?:\s?h(?:oras|rs?)?\b\.?)?)?"
_OF_YEAR = r"(?:,?\s(?:de\s?l?\s?(?:pasado\s|presente\s)?(?:año\s)?))"
_SPELLED_DAY = r"(?:primero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|dieci\w{3,6}|veinte|veinti\w{3,6}|treinta(?: y uno)?)"

_NUMERIC = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\w/.,-]){_YEAR}([-/.]){_MM}\1{_DAY}(?!\d|[-/]\d){_TIME}",
        rf"(?<![\w/,-])(?:{_DAY}-)?(?:{_DAY}\s?([-/.])\s?0?{_MM}|{_MM}([-/.]){_DAY})\s?(?:\1|\2){{1,2}}\s?{_YEAR}(?!\d|"
        rf"[-/]\d){_TIME}",
        rf"(?<![\w/.,-])(?:{_DAY}([-/]){_MM}|{_MM}([-/]){_DAY})(?:\1|\2){_SHORT_YEAR}(?!\d|[-/.,]\d|\s?(?:%|mm|mg)){_TIME}",
        rf"(?<![\w/.,-]){_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[T]?\d{{4,6}})?(?!\w)",
        rf"(?<![\w/.,-])(?:0?[1-9]|1[0-2])[-/]{_YEAR}(?!\d|[-/]\d)",
        rf"(?<![\w/.,-]){_DAY}[-./ ]{_SHORT_MONTH}[-./ ]{{1,2}}(?:{_YEAR}|\d\d)(?!\w){_TIME}",
        rf"(?<![\w/.,-]){_SHORT_MONTH}[-/ ]{_YEAR}(?!\w)",
        rf"(?<![\w/.,-]){_SHORT_MONTH}[-/']\d\d(?!\w)",
        rf"(?<![\w/.,-]){_DAY}[-/.]{MONTH}[-/.](?:{_YEAR}|\d\d)(?!\w){_TIME}",
        rf"(?<![\w/.,-]){_YEAR}[-/](?:0[1-9]|1[0-2])(?![\w/.,-])",
    )
)
_DOTTED = re.compile(rf"(?<![\w/.,-]){_DAY}\.{_MM}\.\d\d(?![\d.,])")
_WRITTEN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # "3 de mayo de 2015", "del 3 al 5 de mayo", "3 y 5 de mayo del 15"
        rf"(?<![\w.,/])(?:{_DAY}(?:\s?[ºo°])?|{_SPELLED_DAY})(?:\s?(?:,|y|e|o|al?|-|"
        rf"/)\s?(?:el\s)?{_DAY})?\s(?:de\s(?:los\s)?|del\smes\sde\s)?{MONTH}(?![\w])"
        rf"(?:(?:{_OF_YEAR}|[\s,\-/]{{1,2}})(?:{_YEAR}|{_SHORT_YEAR})(?!\d|[,.]\d|\s?(?:mg|ml|años|%)))?{_TIME}",
        # "mayo de 2015", "mayo del 15", "mayo/15"
        rf"(?<!\w){MONTH}(?:{_OF_YEAR}|\s?[,\-/]\s?|\s)(?:{_YEAR}|'?[0-3]\d)(?!\d|[,.]\d|\s?(?:mg|ml|mcg|cc|cm|mm|g|kg|"
        rf"años|horas|h|días|casos|pacientes|comprimidos|%)\b)",
    )
)
_MONTH_ALONE = re.compile(
    rf"(?<!\w)({MONTH})(?!\w)(?:\s?(?:-|/|y|o|a)\s?({MONTH})(?!\w)(?:(?:{_OF_YEAR}|\s){_YEAR}(?!\d))?)?",
    re.IGNORECASE,
)
_SEASON = re.compile(
    rf"(?<!\w)(?:(?:principios|mediados|finales|fines)\sde(?:l|\sla)?\s)?(?:primavera|verano|otoño|invierno|(?:primer|"
    rf"segundo|tercer|cuarto|último|\d[ºo°]?)\s(?:trimestre|cuatrimestre|semestre))(?:{_OF_YEAR}|\s){_YEAR}(?!\d)",
    re.IGNORECASE,
)
"""A season or a quarter of a year says more than the year."""
_NAMES_TOO = frozenset({"abril", "mayo", "julio", "agosto", "junio", "enero"})
"""With a capital these are names and firms ("Julio", "Mayo Clinic"): a preposition must stand before."""
_BEFORE_MONTH = re.compile(
    r"\b(?:en|desde|hasta|de|del|durante|este|pasado|próximo|entre|hacia|para|cada)\s$",
    re.IGNORECASE,
)
_DAY_MONTH = re.compile(
    rf"(?<!\w)(?:el|del|al|día|días|desde|hasta|fecha|alta|ingreso|revisión|cita)(?:\s(?:el|día|"
    rf"del))?[\s:]{{1,2}}({_DAY}[/-]{_MM})(?![\w/%-]|[.,]\d|\s?(?:mm|mg|cm|parte|de\s|del\s|medio|media|tercio|superior|"
    rf"inferior|distal|proximal|extern|intern|anterior|posterior))",
    re.IGNORECASE,
)
_FEAST = re.compile(
    r"\b(?:en|por|desde|durante|tras|antes de|después de|hasta|desde|de|el día de|la noche de|las?|el|estas?|pasadas?|"
    r"próximas?)\s(?:el\s|la\s|las\s|día de\s)?"
    r"(navidad(?:es)?|nochebuena|nochevieja|semana santa|año nuevo|(?:el )?día de reyes|"
    r"(?:el )?día de todos los santos|todos los santos|día de la hispanidad|"
    rf"puente de la constitución|san fermín|las fallas|viernes santo|jueves santo|domingo de ramos|día de la madre|"
    rf"día del padre|corpus christi|fiestas del pilar)(?:\s(?:de\s|del\s)?({_YEAR}))?(?!\w)",
    re.IGNORECASE,
)

_AGES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\w./,-])(\d{2,3})\s{0,2}(?:años|aa|a\.)(?!\s(?:después|antes|más tarde|de (?:evolución|seguimiento|"
        r"tratamiento)))",
        r"\bedad(?:\sactual)?\s?[:=]?\s{0,3}(?:de\s)?(\d{2,3})(?![\w/%]|[.,]\d)",
        r"(?<![\w./,-])(\d{2,3})-?\s?añer[oa]s?",
    )
)
_SPELLED_AGE = re.compile(
    r"\b(?:noventa(?:\sy\s(?:uno?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve))?|cien|ciento\s(?:uno?|dos|tres|cuatro|"
    r"cinco|seis|siete|ocho|nueve|diez))\saños|\bnonagenari[oa]s?\b|\bcentenari[oa]\b",
    re.IGNORECASE,
)


def find_dates(document: Document) -> Iterator[Found]:
    """Numeric and written dates, months, seasons and feasts; a day of the week alone stays."""
    text, digits = document.text, document.numeric
    for pattern in _NUMERIC:
        for match in pattern.finditer(digits):
            yield Found(*match.span(), "DATE", 0.95)
    for match in _DOTTED.finditer(digits):
        yield Found(*match.span(), "DATE", 0.5)
    for match in _DAY_MONTH.finditer(digits):
        yield Found(*match.span(1), "DATE", 0.6)
    for pattern in (*_WRITTEN, _SEASON):
        for match in pattern.finditer(text):
            yield Found(*match.span(), "DATE", 0.85)
    for match in _MONTH_ALONE.finditer(text):
        month = match.group(1)
        if (
            month.islower()
            or month.lower() not in _NAMES_TOO
            or _BEFORE_MONTH.search(text, max(0, match.start() - 15), match.start())
        ):
            yield Found(match.start(1), match.end(), "DATE", 0.6)
    for match in _FEAST.finditer(text):
        yield Found(match.start(1), match.end(), "DATE", 0.55)


def find_ages(document: Document) -> Iterator[Found]:
    """Ages over 89, with their unit. Younger ages are no identifiers."""
    for pattern in _AGES:
        for match in pattern.finditer(document.text):
            if OLDEST_AGE_KEPT < int(match.group(1)) <= 125:
                yield Found(match.start(1), match.end(), "AGE_OVER_89", 0.9)
    for match in _SPELLED_AGE.finditer(document.text):
        yield Found(*match.span(), "AGE_OVER_89", 0.8)
