"""Ways of writing one sentence: in full, as a telegram, with abbreviations."""

import re
from enum import StrEnum

_TELEGRAM = [
    (re.compile(r"^There (?:is|are|was|were) (?:an? )?"), ""),
    (re.compile(r"^(?:The|An?) (?=[a-z])"), ""),
    (re.compile(r"^(?:He|She) (?:has|had|is|was) (?!to\b)(?:an? )?(?=[a-z])"), ""),
    (re.compile(r"\b(?<!which )(?<!there )(?:is|are|was|were) (?=[a-z])"), ""),
    (re.compile(r"(?<=[a-z,]) the (?=[a-z])"), " "),
    (re.compile(r"\b(of|with) an? (?=[a-z])"), r"\1 "),
]
_SHORT = [
    (re.compile(pattern), short)
    for pattern, short in (
        (r"\bThe patient\b", "Pt"), (r"\bthe patient\b", "pt"), (r"\b[Hh]istory of\b", "h/o"), (r"\bwithout\b", "w/o"),
        (r"\bwith\b", "w/"), (r"(\d+)-year-old\b", r"\1yo"), (r"\bbilateral\b", "b/l"), (r"\bBilateral\b", "B/l"),
        (r"\b[Tt]wice daily\b", "BID"), (r"\bevery day\b", "daily"), (r"\bthree times daily\b", "TID"),
        (r"\bshortness of breath\b", "SOB"), (r"\bhypertension\b", "HTN"), (r"\bHypertension\b", "HTN"),
        (r"\b[Tt]ype 2 diabetes(?: mellitus)?\b", "T2DM"), (r"\b(\d+) weeks\b", r"\1 wks"), (r"\bfollow-up\b", "f/u"),
        (r"\bright upper quadrant\b", "RUQ"), (r"\bleft lower lobe\b", "LLL"), (r"\bright lower lobe\b", "RLL"),
        (r"\bright upper lobe\b", "RUL"), (r"\bleft upper lobe\b", "LUL"), (r"\bconsistent with\b", "c/w"),
        (r"\bchest X-ray\b", "CXR"), (r"\bChest X-ray\b", "CXR"), (r"\bejection fraction\b", "EF"), (r"\b[Nn]egative for\b", "neg for"),
        (r"\bmedications\b", "meds"), (r"\bleft ventricular\b", "LV"), (r"\bLeft ventricular\b", "LV"), (r"\bsecondary to\b", "2/2"),
    )
]  # fmt: skip


class Style(StrEnum):
    FULL = "full sentences"
    TELEGRAM = "telegraphic"
    SHORT = "abbreviated"
    BOTH = "telegraphic and abbreviated"


def restyle(sentence: str, style: Style) -> str:
    """The sentence as `style` writes it, with a capital at its beginning."""
    if style in (Style.TELEGRAM, Style.BOTH):
        for pattern, short in _TELEGRAM:
            sentence = pattern.sub(short, sentence)
    if style in (Style.SHORT, Style.BOTH):
        for pattern, short in _SHORT:
            sentence = pattern.sub(short, sentence)
    return sentence[0].upper() + sentence[1:]
