"""Hospitals, health centres, universities, institutes: in Spanish the word that says what it is stands first."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.deid.document import CAPITAL, INITIAL, LOWER, UPPER, Document
from assistant.deid.es.name_runs import TITLES
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, SURNAME
from assistant.deid.spans import Found

_KIND = re.compile(
    r"(?<!\w)(?:Ho?spital(?:es)?|Hopital|Hosp\.|HOSPITAL|hospital|Cl[ií]nicas?|CL[IÍ]NICA|clínica|Policl[ií]nic[oa]|"
    r"Sanatorio|Maternidad|Ambulatorio|Consultorio|Hospice|Hospici|"
    r"Complejo (?:Hospitalario|Asistencial|Universitario)|Complexo (?:Hospitalario|Asistencial)|"
    r"Consorci[o]?(?: (?:Hospitalario|Sanitari[o]?))?|Corporaci[óo](?: Sanit[aà]ria)?|"
    r"Centr[eo] (?:de (?:Salud|Especialidades|Rehabilitaci[óo]n|D[ií]a|Transfusi[óo]n|Atenci[óo]n|Psicolog[ií]a|"
    r"Investigaci[óo]n|Referencia|Alto Rendimiento|Mayores|Acogida|Menores)|M[eé]dico|Penitenciario|Sociosanitario|"
    r"Residencial|Nacional|Andaluz|Regional|"
    r"Ocupacional|Odontol[óo]gico|Geri[aá]trico|Deportivo|Oftalmol[óo]gico|Hospitalario)|centro de salud|"
    r"CENTRO DE SALUD|C\.\s?S\.|CAP|EAP|CS|PAC|"
    r"Unidad B[aá]sica de Salud|Zona B[aá]sica de Salud|Gerencia|Instituto?|Fundaci[óo]n?|Residencia|Universi(?:dad|"
    r"tat|dade|ty)|Facultad|Facultat|Escuela|Escola|Colegio|Col\.legi|Academia|IES|CEIP|"
    r"Laboratorios?|Farmacia|Xarxa|Parc|Palacio de Justicia|Juzgado|Prisi[óo]n|C[aá]rcel|Parroquia|Convento|"
    r"Ayuntamiento|Asociaci[óo]n|Sociedad|Ciudad (?:de la Justicia|Universitaria))(?!\w)"
)
_QUALIFIERS = frozenset(
    """universitario universitaria universitari universitària univ general clínico clínic clinic clínica provincial
    comarcal regional militar civil central nacional materno infantil maternoinfantil insular quirúrgico
    psiquiátrico oncológico geriátrico médico médica hospitalario asistencial integral básico especialidades
    salud alta resolución rehabilitación día transfusión sanguínea parapléjicos ciencias medicina odontología
    enfermería farmacia oftalmología cardiología investigación sanitaria sanitario pública público privada
    privado hospital clínicas""".split()
)
"""Say what kind of place it is; with a capital two of them are a name: "Hospital Clínico Universitario"."""
_OF_SOCIETIES = frozenset("en para contra sobre".split())
_LINKS = frozenset("de del la las los el y e i da do dos d' of".split())
_STOPS = frozenset(
    """servicio unidad departamento sección avenida avda av calle c plaza paseo pº carretera ctra camino ronda
    teléfono tel tfno tlf fax e-mail email correo cp""".split()
)
_GAPS = re.compile(r"[\s]{1,2}(?:[\"'“«])?|[\"'”»]\s(?:[\"'“«])?|-|'|\. ?|[\"'”»]? ?\(|[\"“«]|/")
_AFTER = re.compile(
    r"(?:\s\"?(?:\d{1,2} de [Oo]ctubre|[XVI]{2,5})(?!\w)\"?|[\"'”»]|\s(?:[Nn][ºo.]{1,2}\s?)?\d{1,2}(?=[.,;)\n]))"
)
_ACRONYM = re.compile(r"(?<!\w)(?:H\.?U\.?|C\.?H\.?U\.?|H\.?G\.?U\.?|H\.?C\.?U\.?|C\.?H\.?)\s(?=[A-ZÁÉÍÓÚ][a-záéíóú])")
_SOCIETY = re.compile("Asociaci|Sociedad|Fundaci|Institut|Laboratorio|Academia")
_OF_WORDS = re.compile(
    "[Cc]l[ií]nicas?$|Farmacia|Laboratorio|Escuela|Academia|Gerencia|CS$|CAP$|PAC$|EAP$|C\\.|Centr[eo] M|Sociedad|Parc|Universidad"
)
"""After these a word is mostly a word: "Clínica de Heridas", "Farmacia Hospitalaria"."""
_OF_QUALIFIERS = re.compile(r"Hospital|Cl[ií]nica|Hopital|Complejo|Complexo")
"""After these one qualifier with a capital makes a name: "Hospital Clínico"."""
_ENOUGH = re.compile(r"Facultad .|Palacio|Ciudad")
_BEGINS = frozenset("de del al a en el la hospital clínica centro instituto universidad ambulatorio cs".split())
_ABBREVIATED = frozenset("dr dra univ sta sto ntra sra prof hosp gral psiq".split())
_LONGEST = 12


@dataclass(slots=True)
class _Name:
    """What stands after "Hospital", as far as it was read."""

    end: int
    names: int = 0
    """Words that tell one place from another."""
    qualifiers: int = 0


def find_facilities(document: Document) -> Iterator[Found]:
    """`Hospital Universitario "Marqués de Valdecilla"`, `Centro de Salud Las Calesas`, `Facultad de Odontología de Sevilla`."""
    for pattern in (_KIND, _ACRONYM):
        for match in pattern.finditer(document.text):
            name = _read(document, match.end(), match.group())
            if name and _is_name(match.group(), name, document.text[match.start() : name.end]):
                yield Found(match.start(), name.end, "ORGANIZATION", 0.8 if name.names else 0.6)


def _is_name(kind: str, name: _Name, whole: str) -> bool:
    if name.names:
        # "remisión clínica de la AR"
        return kind != "clínica" or whole[len(kind) :].lstrip(" \"'“«")[:1].isupper()
    enough = 1 if _OF_QUALIFIERS.match(kind) else 2
    return kind[0].isupper() and (name.qualifiers >= enough or _ENOUGH.match(whole) is not None)


def _read(document: Document, end: int, kind: str) -> _Name | None:
    name, position = _Name(end), end
    index = first = bisect_left(document.starts, end)
    while index < len(document.words) and index - first < _LONGEST:
        lower, shape = document.lowers[index], _shape(document, index)
        if not _goes_on(document, position, index, begun=name.names + name.qualifiers > 0):
            break
        position = document.ends[index]
        if shape == LOWER and (lower in _LINKS or (lower in _OF_SOCIETIES and _SOCIETY.match(kind))):
            if index == first and lower in ("y", "e") and kind.endswith("a"):
                return None  # "Nutrición Clínica y Dietética"
            if lower in ("y", "e") and document.lowers[index + 1 : index + 2] and document.lowers[index + 1] in _BEGINS:
                break  # "… y del Hospital …"
        elif lower in _QUALIFIERS and (shape != LOWER or index == first or not name.names):
            name.qualifiers += shape != LOWER
            name.end = position
        elif shape in (CAPITAL, UPPER) or (shape == INITIAL and not name.names):
            kinds = document.kinds[index]
            is_word = kinds & (COMMON | CLINICAL) and not kinds & (GIVEN | SURNAME) and lower not in TITLES
            name.names += not (is_word and (name.names or _OF_WORDS.match(kind)))
            name.end = position
        else:
            break
        index += 1
    if extra := _AFTER.match(document.text, name.end):
        name.end = extra.end()
        name.names += extra.group().strip("\"'”» ") != ""
    return name


def _shape(document: Document, index: int) -> int:
    """As in `Document`, but "d'Hebron" has a capital."""
    word = document.words[index]
    return CAPITAL if word[1:2] == "'" and word[2:3].isupper() else document.shapes[index]


def _goes_on(document: Document, position: int, index: int, *, begun: bool) -> bool:
    """Whether the word at `index` can belong to the name that was read up to `position`."""
    gap, lower = document.text[position : document.starts[index]], document.lowers[index]
    if not _GAPS.fullmatch(gap) or "\n" in gap:
        return False
    if lower in _STOPS and (not begun or document.lowers[index - 1] not in _LINKS):
        return False
    if not gap.startswith(".") or not begun:
        return True
    return document.shapes[index - 1] == INITIAL or document.lowers[index - 1] in _ABBREVIATED
