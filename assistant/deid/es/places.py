"""Towns, provinces and well-known hospitals by the lists, and unknown capitals after "natural de", "reside en", a postal code."""

import re
from collections.abc import Iterator

from assistant.deid.document import CAPITAL, LOWER, UPPER, Document
from assistant.deid.guard import is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.spans import Found

_CUE = re.compile(
    r"(?:\b(?:natural de|nacid[oa] en|procedente de|originari[oa] de|oriund[oa] de|(?:reside(?:nte)?|residió|vive|"
    r"vivía|vivió|viviendo)(?:\s[a-záéíóúñ]{2,12}){0,4}\sen|vecin[oa] de|viaj(?:e|ó|a|es) (?:a|por)|estancia en|visitó|"
    r"trasladad[oa] (?:a|desde|de)|derivad[oa] (?:a|desde|de)|remitid[oa] (?:a|desde|de)|localidad de|municipio de|"
    r"pueblo de|ciudad de|provincia de|barrio de|comarca de|pedanía de|isla de|regresó de|"
    r"llegó de|trabaja en|domiciliad[oa] en|empadronad[oa] en)|(?<!\d)\d{5}\)?[,.]?)[ \t\-–]{1,3}$",
    re.IGNORECASE,
)
_AFTER_CODE = re.compile(r"(?<!\d)\d{5}\)?[,.]?[ \t\-–]{1,3}$")
_NEAR = re.compile(
    r"(?:\b(?:en|de|a|desde|por|hacia|para)\s|[(,/]\s?|\.\s|\d{5}\)?[,.]?[\s\-–]{1,3}|:\s{0,2}|-\s?)$", re.IGNORECASE
)
_LOOK_BACK = 45
_LINKS = frozenset("de del la las los el y i d' des do da of".split())
_SCORES = frozenset("criteria criterio score clasificación protocolo coma escala".split())


def find_places(document: Document) -> Iterator[Found]:
    """`natural de Utrera`, `28046 Madrid`, `Getafe (Madrid)`. Countries and autonomous communities stay."""
    index = 0
    while index < len(document.words):
        length, score, kind = _listed(document, index)
        if length:
            yield Found(document.starts[index], document.ends[index + length - 1], kind, score)
            index += length
            continue
        stop = kept_end(document, index)
        if stop:
            index = stop
            continue
        last = _cued(document, index)
        if last is not None:
            yield Found(document.starts[index], document.ends[last], "LOCATION", 0.55)
            index = last
        index += 1


def _matches(document: Document, index: int, words: tuple[str, ...]) -> bool:
    if index + len(words) > len(document.words):
        return False
    for offset, word in enumerate(words):
        at = index + offset
        if document.lowers[at] != word:
            return False
        if offset and (
            document.gap(at - 1) not in (" ", "-", "'", ".", ". ", "  ")
            or (document.shapes[at] == LOWER and word not in _LINKS)
        ):
            return False
    return True


def _listed(document: Document, index: int) -> tuple[int, float, str]:
    if document.shapes[index] == LOWER:
        return 0, 0, ""
    lexicon, lower = document.lexicon, document.lowers[index]
    for phrases, kind in ((lexicon.places, "LOCATION"), (lexicon.institutions, "ORGANIZATION")):
        for words in phrases.get(lower, ()):
            if _matches(document, index, words):
                score = _listed_score(document, index, index + len(words) - 1)
                return (len(words), score, kind) if score else (0, 0, "")
    return 0, 0, ""


def _listed_score(document: Document, index: int, last: int) -> float:
    if is_eponym(document, index) or (last + 1 < len(document.words) and document.lowers[last + 1] in _SCORES):
        return 0
    near = bool(_NEAR.search(document.text, max(0, document.starts[index] - 12), document.starts[index]))
    if index == last:
        kind, shape = document.kinds[index], document.shapes[index]
        if kind & CLINICAL or (shape == UPPER and kind & COMMON):
            return 0
        if kind & COMMON:
            return 0.5 if near and not document.starts_sentence(index) else 0
        if shape not in (CAPITAL, UPPER) or (shape == UPPER and len(document.words[index]) < 4):
            return 0
    return 0.8 if near else 0.6


def kept_end(document: Document, index: int) -> int:
    """The index after a country or community that begins at `index`; 0 where none does."""
    if document.shapes[index] != LOWER:
        for words in document.lexicon.countries.get(document.lowers[index], ()):
            if _matches(document, index, words):
                return index + len(words)
    return 0


def _cued(document: Document, index: int) -> int | None:
    """The last word of an unknown place after a word that asks for one."""
    kind, shape = document.kinds[index], document.shapes[index]
    if shape not in (CAPITAL, UPPER) or (kind & (COMMON | CLINICAL | HEAD) and not kind & (GIVEN | SURNAME)):
        return None
    begin = document.starts[index]
    if not _CUE.search(document.text, max(0, begin - _LOOK_BACK), begin) or is_eponym(document, index):
        return None
    if kind & COMMON and not _AFTER_CODE.search(document.text, max(0, begin - 12), begin):
        return None
    last = step = index
    while step + 1 < len(document.words) and step - index < 6 and document.gap(step) in (" ", "-", "'"):
        step += 1
        if document.shapes[step] in (CAPITAL, UPPER) and not document.kinds[step] & (CLINICAL | HEAD):
            if (
                document.kinds[step] & COMMON
                and not document.kinds[step] & (GIVEN | SURNAME)
                and document.shapes[step - 1] != LOWER
            ):
                break
            last = step
        elif document.lowers[step] not in _LINKS:
            break
    return last
