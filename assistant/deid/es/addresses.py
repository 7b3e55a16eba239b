"""Spanish and Latin American streets with and without number, floors, postal codes."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.es.name_runs import STOPS
from assistant.deid.lexicon import CLINICAL, COMMON
from assistant.deid.spans import Found

_WAY = (
    r"(?:C[/\\]\.?|C\.(?=\s?[A-ZÁÉÍÓÚÑ])|c[/\\]\.?|Cl\.|Cll?e?\.|[Aa]v(?:da?)?[./,]?|Avd?ª\.?|P[lz]?za?\.?|Plz?a?\.|Pl\.|Pº|P\.º|Pso\.?|Ps\.|[Cc]tra\.?|Carr\.|Cno\.?|Rda\.?|Trv?[aª]\.?|"
    r"Trav\.|Gta\.?|Rbla\.?|Urb\.?|Pol\.(?: Ind\.)?|Psje\.?|Bº|Bda\.?|Edif?\.?|Apdo\.?|Cra\.?|Kr\.?|Cr\.|Dg\.|Tv\.|Calz\.|"
    r"[Cc]all[ea]\.?|CALLE|[Aa]venid[ao]|AVENIDA|Avinguda|[Pp]laza|PLAZA|Plazuela|Plaça|[Pp]aseo\.?|PASEO|Passeig|"
    r"[Cc]arretera|CARRETERA|Autov[ií]a|Camino|Cam[ií]|Ronda|Traves[ií]a|Travessera|"
    r"Glorieta|Rambla|Urbanizaci[óo]n|Pol[ií]gono(?: Industrial)?|Callej[óo]n|Pasaje|Passatge|Cuesta|Bulevar|Boulevard|"
    r"Gran V[ií]a|V[ií]a|R[úu]a|[Cc]arrer|Kalea|Barriada|Barrio|Parque|"
    r"Jardines|Colonia|Residencial|Edificio|Carrera|Diagonal|Transversal|Lugar de|Aldea|Caser[ií]o|Partida|Vereda|"
    r"Alameda|Costanilla|Explanada|Malec[óo]n|Calzada|Corredera|Calleja|"
    r"Prolongaci[óo]n|Circunvalaci[óo]n|Privada|Manzana|Bloque)"
)
_CAP = r"(?:(?:[dl]')?[A-ZÁÉÍÓÚÑÜÀÈÒÇ][\w'áéíóúñüàèòçï·]{0,25}(?:(?<=[A-ZÁÉÍÓÚa-z][a-z]{3})\.|(?<=[A-Z][a-z]{2})\.|(?<=[A-Z][a-z])\.|(?<=\W[A-Z])\.)?|[XVI]{1,5})"
_LINKS = r"(?:(?:de|del|la|las|los|el|y|e|i|da|do|dos|en)\s){0,3}"
_QUOTE = r"[\"'“”«»]?"
_NAME = rf"{_LINKS}{_QUOTE}(?:{_CAP}|\d{{1,2}}\sde\s[A-Za-z]{{3,12}}){_QUOTE}(?:(?:\s{{1,2}}|\s?-\s?){_LINKS}{_QUOTE}{_CAP}{_QUOTE}){{0,7}}"
_ORD = r"(?:\s?\.?\s?[ºª°]{1,2}|\s?(?:o|er|do|mo|to|ta|ra)(?!(?-i:[a-záéíóú])))"
_NO = r"(?:n\s?[ºo°.]{1,2}|N[ºo°.]{1,2}|núm\.?|[Nn][uú]mero|nro\.?|num\.?|#|no(?=\d))"
_KM = r"[Kk][Mm]s?\.?\s?\d{1,4}(?:[.,]\d{1,3})?"
_NUM = rf"(?:(?:{_NO}\s{{0,2}})?(?:\d{{1,5}}(?:\s?[-/]\s?\d{{1,4}})?(?:\s?(?:bis|[A-Za-zªº](?![\w])))?)(?![\d])|s\s?[/.]?\s?n(?:[º.]|\.º)?(?!\w)|S/N\.?º?|SN(?!\w)|{_KM})"
_SIDE = r"(?:dcha|drcha|dch|dr|der(?:echa)?|izqd?a?|izda|izd|izq(?:uierda)?|iz|centro|ctro|ext(?:erior)?|int(?:erior)?|[a-z])\.?(?!\w)"
_UNIT = (
    rf"(?:(?:bajo|bj|bjo|[áa]tico|entlo|entresuelo|principal|pral|s[óo]tano|semis[óo]tano|"
    rf"d[úu]plex)\.?(?:\s?,?\s?(?:{_SIDE}|\d{{1,2}}(?!\d)))?"
    rf"|(?:planta|piso|pl|portal|escalera|esc|bloque|blq|bl|edificio|edif|edf|puerta|pta|letra|local|oficina|of|casa|"
    rf"dpto|depto|dto|interior|apto|torre|sector|manzana|mz|lote|chalet|nave|parcela|p)\.?"
    rf"\s{{0,2}}[-#]?[\"']?(?:\d{{1,3}}{_ORD}?|[a-z](?!\w)|(?-i:[A-Z])[a-z]{{2,12}}(?=,))[a-z]?[\"']?(?!\w)"
    rf"|\d{{1,2}}{_ORD}?\s?[,.-]?\s?{_SIDE}|\d{{1,2}}{_ORD}(?:\s?(?:piso|planta)|\s?-?\s?\d{{1,2}}{_ORD}?)?|{_KM}|"
    rf"{_NO}\s?\d{{1,4}}(?:-\d{{1,4}})?"
    r"|\d{1,2}(?![\d/]|[.,]\d|\s?(?:de|a[ñn]os|mg|ml|cm|mm|h)\b)|(?-i:[A-H])(?![\w]))"
)
_TAIL = rf"(?i:(?:(?:\s?[,.]\s{{0,2}}|\s?-\s?|\s{{1,2}}){_UNIT}){{0,6}})"
_STREET = re.compile(
    rf"(?<![\w/]){_WAY}\s{{0,2}}(?:{_NAME}\s?|(?=\d{{1,3}}[a-z]?\s?(?:#|[Nn][ºo°uú]|-\d|"
    rf"bis)))[,.]?\s{{0,2}}(?:-\s)?{_NUM}{_TAIL}"
)
_NUMBER_BEGINS = re.compile(r"\d|[sS]/[nN]|\s[nN](?:[ºo°.]|[uú]m)")
_BOX = re.compile(
    r"\b(?:Apartado|Apdo\.?|Ap\.)(?:\s(?:de\s)?[Cc]orreos)?\s{0,2}(?:n[ºo°.]{0,2}\s?)?\d{1,6}|"
    r"\bCasilla(?:\s(?:de\s)?[Cc]orreo)?\s\d{1,6}"
)
_LOWER_STREET = re.compile(
    rf"(?<![\w/])(?:calle|avenida|avda?\.?|plaza|paseo|carretera|c/|"
    rf"ctra\.?)\s{{0,2}}(?:[^\W\d_]{{1,20}}\s){{0,5}}[^\W\d_]{{2,20}}\s?,?\s?(?:n[ºo°.]{{0,2}}\s?)?(?:\d{{1,4}}[a-z]?(?!\w|\s?(?:años|mg|ml|h\b|días))|s/n){_TAIL}",
    re.IGNORECASE,
)
_UNNUMBERED = re.compile(
    rf"(?<![\w/])(?:C[/\\]\.?|c[/\\]\.?|Calle|Avda\.?|Avenida|Av\.|Paseo|Plaza|Pza\.|Pº|Ctra\.?|Carretera|Carrer|R[úu]a|Ronda|Travesía|Passeig|Col\.|Colonia|Edificio|Urbanizaci[óo]n|Urb\.|Barriada|Barrio|Pol[ií]gono(?: Industrial)?)\s{{0,2}}{_NAME}(?:(?=,){_TAIL})?"
)
_CODE_AHEAD = r"(?=\.?[\s,.()-]{1,4}(?:E-|D-)?\d{5}(?!\d)|,?\sCol\.)"
_NO_WAY = re.compile(
    rf"(?<![\w/.]){_NAME}\s?,?\s?(?:s/n(?:\.º)?(?!\w)|S/N|{_NO}\s{{0,2}}\d{{1,4}}(?!\d){_TAIL}|"
    rf"\d{{1,4}}(?:-\d{{1,4}})?(?!\d){_TAIL}{_CODE_AHEAD})"
)
_ROAD = re.compile(rf"(?<!\w)(?:[A-Z]{{1,2}}-?\d{{1,3}}|N-?[IVX]{{1,3}}),?\s{_KM}")
_POSTAL_FIELD = re.compile(
    r"\b(?:c\.?\s?p\.?|c[óo]d(?:igo|\.)\spostal)\s?[:=]\s{0,4}((?:[A-Z]{1,2}-?)?\d[\d -]{0,10}\d(?:[A-Z]{1,3})?)(?!\w)",
    re.IGNORECASE,
)
_POSTAL_LABEL = re.compile(
    r"\b(?:c\.?\s?p\.?|c[óo]d(?:igo|\.)\spostal|distrito\spostal|"
    r"d\.p\.)[\s.]{0,4}((?:[A-Z]{1,2}-?)?\d{4,5}(?:-\d{3})?[A-Z]{0,3}|\d{2}\s\d{3})(?!\w)",
    re.IGNORECASE,
)
_POSTAL = re.compile(r"(?<![\w.,/])(?<!\d-)(?:E-?|ES-?|D-)?\d{4,5}(?![\w%]|[.,/-]\d)")
_SPANISH_CODE = 5
_AFTER_CODE = re.compile(r"\)?[ \t,.\-–(]{1,4}")
_BEFORE_CODE = re.compile(r"[\s,.\-–(]{1,4}$")
_FOREIGN_POSTAL = re.compile(r"(?<!\w)(?:[A-HJ-NP-Z]\d{4}[A-Z]{3}|\d{5}-\d{3})(?!\w)")


def find_addresses(document: Document) -> Iterator[Found]:
    """`C/ Ríos Rosas, 5, 6.º A`, `Altos de Nava, s/n`, `Apdo. 993`, `Carrera 15a # 26-10`, `28028 Madrid`."""
    text = document.text
    ends: set[int] = set()
    for pattern, score in (
        (_STREET, 0.85),
        (_BOX, 0.85),
        (_ROAD, 0.8),
        (_LOWER_STREET, 0.6),
        (_UNNUMBERED, 0.6),
        (_NO_WAY, 0.75),
    ):
        for match in pattern.finditer(text):
            start = match.start() if pattern is not _NO_WAY else _street_name(document, match)
            if start is not None:
                ends.add(match.end())
                yield Found(start, match.end(), "ADDRESS", score)
    for pattern in (_POSTAL_FIELD, _POSTAL_LABEL):
        for match in pattern.finditer(text):
            yield Found(*match.span(1), "ZIP", 0.9)
    for match in _POSTAL.finditer(text):
        gap = _BEFORE_CODE.search(text, max(0, match.start() - 4), match.start())
        before = gap.start() if gap else match.start()
        place_follows = _place_follows(document, match.end())
        if match.end() - match.start() < _SPANISH_CODE:
            beside = before in ends and place_follows  # "Av. Corrientes 965, 1043 Buenos Aires"
        else:
            beside = before in ends or place_follows or _place_stands_before(document, before)
        if beside:
            yield Found(*match.span(), "ZIP", 0.7)
    for match in _FOREIGN_POSTAL.finditer(text):
        yield Found(*match.span(), "ZIP", 0.6)


def _street_name(document: Document, match: re.Match[str]) -> int | None:
    """Where the street begins in a run of capitals before a number: after "Servicio de Oftalmología", never a word alone
    ("Caso nº 3", "Leucocitos 12")."""
    index = first = bisect_left(document.starts, match.start())
    number = _NUMBER_BEGINS.search(match.group())
    end = match.start() + number.start() if number else match.end()
    while index < len(document.words) and document.starts[index] < end:
        if document.lowers[index] in STOPS or document.kinds[index] & CLINICAL:
            first = index + 1
        index += 1
    words = [at for at in range(first, index) if document.words[at][0].isupper()]
    return document.starts[first] if any(not document.kinds[at] & COMMON for at in words) else None


def _place_follows(document: Document, end: int) -> bool:
    after = _AFTER_CODE.match(document.text, end)
    index = bisect_left(document.starts, end)
    if not after or index >= len(document.words) or document.starts[index] != after.end():
        return False
    word, next_word = document.lowers[index], document.lowers[index + 1 : index + 2]
    return document.words[index][0].isupper() and any(
        words in ((word,), (word, *next_word)) or words[:2] == (word, *next_word)
        for words in document.lexicon.places.get(word, ())
    )


def _place_stands_before(document: Document, before: int) -> bool:
    last = bisect_left(document.ends, before)
    return (
        last < len(document.words)
        and document.ends[last] == before
        and document.words[last][0].isupper()
        and document.lowers[last] in document.lexicon.closing_words
        and not document.kinds[last] & COMMON
    )
