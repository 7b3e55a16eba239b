"""What a Spanish word may be that no list has: by its parts and by its ending."""

import re
from collections.abc import Mapping

from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME

_WORD = COMMON | CLINICAL | HEAD
_NAME = GIVEN | SURNAME
_ENDING = re.compile(
    # Spanish
    r"(?:mente|ci[oó]n|ciones|si[oó]n|siones|dad|dades|tud|miento|mientos|ismo|ismos|ista|istas|anza|aje|"
    r"[aei]ble|[aei]bles|[aei]ndo|[aei]mos|[aáeéií]ndose|[aáeéií]ndole|[aáeéií]rse|arlo|erlo|irlo|aba|aban|[aei]ron|[ií]an|"
    r"[aeiou]s[oa]s?|[tsc]iv[oa]s?|[tsd]or[ae]?s?|ólog[oa]s?|ológic[oa]s?|gráfic[oa]s?|scópic[oa]s?|ític[oa]s?|"
    r"átic[oa]s?|énic[oa]s?|ónic[oa]s?|"
    r"áceo|ácea|iforme|oide|oides|ante|antes|iente|ientes|[aeo]rio|[aeo]ria|[aeo]rios|[aeo]rias|[ai]d[oa]s|[ai]da|"
    # medicine
    r"itis|osis|asis|emia|uria|uric[oa]|oma|omas|ectom[ií]a|otom[ií]a|ostom[ií]a|plastia|scopia|graf[ií]a|grama|gramas|"
    r"pat[ií]a|pat[ií]as|algia|penia|"
    r"plejia|paresia|rrea|rragia|megalia|tripsia|centesis|lisis|trofia|plasia|plasias|genia|fagia|fasia|quinesia|pnea|"
    r"cardia|olog[ií]a|terapia|"
    # drugs by their stems (WHO's list of international nonproprietary names, in Spanish)
    r"mab|tinib|ciclib|parib|statina|pril|sart[aá]n|olol|conazol|azol|cilina|micina|floxacino|ciclina|navir|tegravir|"
    r"buvir|ciclovir|vir|"
    r"triptan|tript[aá]n|setr[oó]n|prazol|tidina|dipino|azosina|parina|xab[aá]n|gatr[aá]n|glutida|gliptina|gliflozina|"
    r"glitazona|tiazida|semida|ca[ií]na|azepam|"
    r"zolam|codona|fentanilo|oxetina|triptilina|apina|idona|peridol|profeno|coxib|asona|olona|lukast|terol|tropio|"
    r"filina|dronato|platino|rubicina|"
    r"taxel|tec[aá]n|mustina|abina|tabina|limus|cept|dopa|giline|capona|formina|azina|zepina|bital|amina|frina|nidazol|"
    r"quina|oxacilina|sulfamida)$"
)
_SHORTEST = 6
"""Shorter words end like that by chance."""


def kind_by_ending(lower: str, kind_of: Mapping[str, int]) -> int:
    """A word whose singular, masculine or hyphenated parts are words is a word; so is one that ends like one."""
    if "-" in lower:
        return _hyphenated(lower, kind_of)
    if len(lower) > 4:
        for stem in _stems(lower):
            kind = kind_of.get(stem, 0)
            if kind & _WORD and not kind & _NAME:
                return COMMON
    if lower.endswith(("ª", "º")):
        return kind_of.get(lower[:-1], 0) or COMMON
    return COMMON if len(lower) >= _SHORTEST and _ENDING.search(lower) else 0


def _stems(lower: str) -> list[str]:
    """The forms that a dictionary would have: `crónicas` → `crónica`, `crónico`."""
    stems = []
    single = lower
    if lower.endswith("es"):
        stems.append(lower[:-2])
    if lower.endswith("s"):
        single = lower[:-1]
        stems.append(single)
    if single.endswith("a"):
        stems.append(single[:-1] + "o")
    elif single.endswith("o"):
        stems.append(single[:-1] + "a")
    return stems


def _hyphenated(lower: str, kind_of: Mapping[str, int]) -> int:
    parts = [kind_of.get(part, 0) for part in lower.split("-") if len(part) > 1]
    if not parts or any(part & _WORD and not part & _NAME for part in parts):
        return COMMON
    if any(part & CLINICAL for part in parts):
        return CLINICAL
    return SURNAME if any(part & _NAME for part in parts) else 0
