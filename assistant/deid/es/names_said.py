"""People by their title and by the header before them: "Dra. Ana Ruiz", "Apellidos: Ruiz Sanz", "Remitido por: …"."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from assistant.deid.document import CAPITAL, INITIAL, LOWER, UPPER, Document
from assistant.deid.es.name_runs import (
    PARTICLES,
    SHORT_NAMES,
    TITLES,
    knows,
    may_be_name,
    name_end,
    plainly,
    run_end,
)
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD
from assistant.deid.spans import Found

_GAPS_OF_TITLES = (" ", ". ", ".", ".  ", "  ", ": ", ".: ", ":", ".:", "./")
_ONE_LETTER = frozenset(["d"])
"""Titles that are mostly something else ("vitamina D"): a given name must follow."""
_MORE = re.compile(r"\s?,\s|\s?[,/]\s?|\s[ye]\s|\s-\s")

_STRICT = r"nombres?(?: y apellidos?)?(?: del? (?:la )?(?:paciente|madre|padre|tutor|m[eé]dico))?|apellidos?(?: y nombres?)?|(?:primer|segundo|1er|2[oº]) apellido|paciente|firmado(?: por)?|fdo"
_LABELS = (
    rf"{_STRICT}|(?:m[eé]dic[oa]|facultativ[oa]|doctora?|especialista|cirujan[oa]s?|ayudantes?|anestesistas?|"
    rf"anestesi[oó]log[oa]|radi[oó]log[oa]|pat[oó]log[oa]|"
    r"cardi[oó]log[oa]|pediatra|psic[oó]log[oa]|psiquiatra|enfermer[oa]|matrona|residente|fisioterapeuta|"
    r"trabajador[a]? social|tutora?|r?esponsable|instrumentista)"
    r"(?: (?:responsable|remitente|peticionari[oa]|solicitante|tratante|adjunt[oa]|residente|informante|de (?:cabecera|"
    r"familia|guardia|atenci[oó]n primaria|referencia|urgencias)|"
    r"cl[ií]nic[oa]|m[eé]dic[oa]|principal|del (?:paciente|informe)|legal)){0,2}"
    r"|(?:remitid|realizad|informad|solicitad|validad|elaborad|redactad|transcrit|dictad|valorad|atendid|operad|"
    r"intervenid|enviad|revisad|supervisad|indicad|derivad)[oa] por"
    r"|autor(?:a|es)?(?: (?:de correspondencia|para correspondencia))?|(?:direcci[oó]n (?:de|"
    r"para) (?:la )?)?correspondencia|contacto|(?:persona|familiar) de contacto|acompañante|cuidador[a]?(?: principal)?"
    r"|(?:nombre (?:de la )?)?madre|padre|c[oó]nyuge|espos[oa]|marido|hij[oa]|hermano|hermana|a la atenci[oó]n de|"
    r"att?e?n?|para|de|dirigido a|titular|asegurad[oa]|beneficiari[oa]|solicitante|representante(?: legal)?|testigo"
)
_HEADER = re.compile(
    rf"(?im)(?:^|(?<=[\n;|>*•,.(\t)])|(?<=\s))(?P<label>{_LABELS})(?P<mark>[ \t]{{0,3}}(?:\([^)\n]{{0,20}}\)[ \t]{{0,2}})?[.]?[:=][ \t]{{0,12}}|\.[ \t]{{1,3}}(?=D[rñ]))"
)
_IS_STRICT = re.compile(r"(?:firmado.*|fdo|remitid[oa] por|m[eé]dic[oa].*|r?esponsable.*)", re.IGNORECASE)
_IS_NAME_FIELD = re.compile(r"nombre|apellido", re.IGNORECASE)
_LONGEST = 8
_MOST_TITLES = _MOST_PARTICLES = 3


def find_titled_names(document: Document) -> Iterator[Found]:
    """`Dr. Juan Ruiz`, `Dña. M.ª José Sanz`, `los Dres. Ruiz y de la Peña`, `don Luis`."""
    index = 0
    while index < len(document.lowers):
        if document.lowers[index] in TITLES:
            yield from _titled(document, index)
        index += 1


def _titled(document: Document, index: int) -> Iterator[Found]:
    lower, words = document.lowers[index], document.words
    gap = document.gap(index)
    first = index + 1
    if first >= len(words) or gap not in _GAPS_OF_TITLES:
        return
    first = _after_titles(document, first)
    start = _after_particles(document, first)
    kind, shape = document.kinds[start], document.shapes[start]
    if lower in _ONE_LETTER and not (document.shapes[index] == INITIAL and kind & GIVEN and shape == CAPITAL):
        return
    if shape == INITIAL and start + 1 < len(words) and document.gap(start).startswith("."):
        if not may_be_name(document, start + 1):
            return
    elif shape == LOWER:
        dotted = gap.startswith(".") and len(lower) > 1
        if not (dotted and plainly(kind)):
            return
    elif not (may_be_name(document, start) or _is_overridden(document, start, dotted=gap.startswith("."))) or (
        shape == UPPER and len(words[start]) < 3
    ):
        return
    several = lower.endswith("s")
    stop = run_end(document, start, said=True, several=several)
    yield Found(document.starts[index], name_end(document, stop - 1), "NAME", 0.95, sure=True)
    while stop < len(words):
        # "Dres. Ruiz, Sanz y Peña"
        join = document.gap(stop - 1)
        following = stop
        if join == " " and document.lowers[stop] in ("y", "e") and stop + 1 < len(words):
            following, join = stop + 1, ", "
        if not (several and _MORE.fullmatch(join)) or not _may_go_on(document, following):
            return
        first = following
        following = _after_particles(document, following)
        stop = run_end(document, following, said=True, several=True)
        yield Found(document.starts[first], name_end(document, stop - 1), "NAME", 0.8, sure=True)


def _after_titles(document: Document, index: int) -> int:
    """`Prof. Dr. D.`: no more than three, or a line of titles would be read from each of them."""
    for _ in range(_MOST_TITLES):
        if (
            index + 1 < len(document.words)
            and document.lowers[index] in TITLES
            and document.gap(index) in _GAPS_OF_TITLES
        ):
            index += 1
    return index


def _after_particles(document: Document, index: int) -> int:
    for _ in range(_MOST_PARTICLES):
        if index + 1 < len(document.words) and document.lowers[index] in PARTICLES:
            index += 1
    return index


def _is_overridden(document: Document, index: int, *, dotted: bool) -> bool:
    """`Dr. Crohn`, `Dr. Ossorio`: after a title an eponym is a person, and so is what only ends like a word."""
    kind = document.kinds[index]
    unlisted = document.lowers[index] not in document.lexicon.kinds
    said = unlisted or (kind & CLINICAL and not kind & (COMMON | HEAD))
    return dotted and document.shapes[index] == CAPITAL and bool(said)


def _may_go_on(document: Document, index: int) -> bool:
    return may_be_name(document, _after_particles(document, index))


def find_header_names(document: Document) -> Iterator[Found]:
    """`Nombre: Ana`, `APELLIDOS Y NOMBRE: RUIZ SANZ, ANA`, `Médico: Luis Peña NºCol: …`, `Fdo.: Dra. Sanz`."""
    for match in _HEADER.finditer(document.text):
        first = bisect_left(document.starts, match.end())
        if first >= len(document.words) or document.text[match.end() : document.starts[first]].strip(" \t*_\"'(>"):
            continue
        first = _after_titles(document, first)
        label = match.group("label")
        if _IS_NAME_FIELD.search(label):
            yield from _field(document, first)
        else:
            yield from _value(document, first, strict=bool(_IS_STRICT.fullmatch(label)))


def _field(document: Document, first: int) -> Iterator[Found]:
    """All words up to the end of the field: in `Apellidos: Blanco Mayor` a word is a name."""
    last = None
    at = first
    while at < len(document.words) and at - first < _LONGEST:
        after = document.gap(at).lstrip(" ")
        if after.startswith((":", "=")):
            break  # the label of the next field
        last = at
        short = document.shapes[at] == INITIAL or document.lowers[at] in SHORT_NAMES
        if document.gap(at) not in (" ", "-", "'", ", ", ",", " , ") and not (short and after.startswith(".")):
            break
        at += 1
    if last is not None and document.text[document.starts[first] - 1 : document.starts[first]] != "\n":
        yield Found(document.starts[first], name_end(document, last), "NAME", 0.95, sure=True)


def _value(document: Document, first: int, *, strict: bool) -> Iterator[Found]:
    start = _after_particles(document, first)
    kind, shape = document.kinds[start], document.shapes[start]
    if shape == LOWER:
        if not (strict and kind & GIVEN and not kind & (COMMON | CLINICAL)):
            return
    elif shape == INITIAL:
        if start + 1 >= len(document.words) or not may_be_name(document, start + 1):
            return
    elif not may_be_name(document, start) or (
        # "Padre: Sano.", "Madre: Mayor de 80 años"
        kind & (COMMON | CLINICAL | HEAD) and run_end(document, start) == start + 1
    ):
        return
    elif not strict and not knows(kind) and run_end(document, start) == start + 1:
        return  # "Paciente: Presentamos el caso"
    stop = run_end(document, start, said=strict)
    if (
        stop == start + 1
        and document.gap(start) in (", ", ",")
        and stop < len(document.words)
        and document.kinds[stop] & GIVEN
    ):
        stop = run_end(document, stop)  # "RUIZ, ANA"
    yield Found(document.starts[first], name_end(document, stop - 1), "NAME", 0.9 if strict else 0.75, sure=strict)
