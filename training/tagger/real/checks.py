"""Whether a sentence of a template may be taught as it stands: nothing outside its slots may look like an identifier.

Strict on purpose. A name that is taught as "no identifier" would teach the tagger to leak; a good sentence that is lost costs nothing.
"""

import re
from functools import cache

from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME, english
from training.invented.pools import pool

SLOT = re.compile(r"\{[\w.]+\}")
_PLACEHOLDER = "§"
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_FORBIDDEN = tuple(
    re.compile(pattern)
    for pattern in (
        # titles, signatures and stand-ins that no rule filled
        r"\b(?:Dr|Drs|Mr|Mrs|Ms|Prof|Sr|Jr|DR|MRS|Rev|Capt|Sgt)\b(?!\. ?§)(?! §)[. ]",
        r"\b(?:Doctor|Miss|Professor|Nurse|Sister|Officer|Judge|Sir|Aunt|Uncle|[Mm]ister|[Mm]issus) [A-Z]",
        r"\b(?:XYZ|ABCD?E?|Abcd?|Xyz|XYX|ZYX)\b|\bX{2,}\b|\b[xX]-year|YYYY|\bDD\b|_{2,}|\[[A-Z]{3,}|\bMonth\b|\bblank\b|\bSample\b",
        r"§[A-Z]|§ [A-Z][a-z]+ (?:is|was)\b|\b[A-Z]\.[A-Z]\.(?! ?[a-z])",
        r"(?i)\b(?:name|names|named|called|nicknamed|surname|mrn|dob|account|ssn|fax|e-?mail|zip)\b ?(?:is|was|are|[:#])",
        # numbers and addresses
        r"\d{6,}|\d{3}[-. ]\d{4}|\(\d{3}\)|\b\d{3}-\d{2}-\d|#\s?\d{3,}|\b[A-Z]{1,4}\d{4,}\b|(?i:\bserial (?:number|no|#))|@|www\b|https?:|\.(?:com|org|net|edu|gov)\b",
        r"\b\d+ (?:[A-Z]\w+ )+(?:Street|St|Avenue|Ave|Road|Rd|Drive|Lane|Blvd|Boulevard)\b",
        # dates, weekdays, and ages over 89
        r"(?<![\d.])\d{1,4}[/-]\d{1,2}[/-]\d{2,4}(?![\d.])",
        r"(?<![\d/.])(?:0?[1-9]|1[0-2])/(?:1[1-9]|2[0-9]|3[01])(?![\d/])",
        r"(?<![\d/.])(?:0?[1-9]|1[0-2])/(?:19|20)\d\d|(?<![\d.])\d{1,2}\.\d{1,2}\.(?:19|20)\d\d|of this month",
        r"\bthe \d{1,2}(?:st|nd|rd|th) (?:through|to|of|and)\b|\b[A-Z] [A-Z], MD|\bValley (?:Medical|General)|\b(?:[A-Z] ){3,}[Hh]ospital",
        r"(?i)\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b",
        r"(?i)\b(?:january|february|april|june|july|august|september|october|november|december|christmas|thanksgiving|easter|halloween|labor day|memorial day|new year['’]?s|fourth of july|(?:mother|father|valentine)['’]?s day)\b",
        r"\bMarch\b|(?<!^)(?<![.:;,] )(?<![.:;,]  )(?<!\n)\bMay\b|\b(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b(?!-)",
        r"(?i)\b(?:in|last|next|since|until|of|by) (?:march|may)\b",
        r"(?i)\b(?:on|by|until|since) the (?:\d{1,2}(?:st|nd|rd|th)|[a-z]+(?:teenth|tieth|enth))\b",
        r"\b(?:9\d|1[01]\d)(?:-| )?(?:year|yr|y/o|yo\b|y\.o)|(?i:\bninety[- ]?\w{0,5}[- ]years?\b)",
        r"(?i)\b(?:dad|mom|mother|father|he|she|husband|wife|aged?|age of) (?:is |was )?(?:9\d|10\d)\b(?![.\d]*[ ]?[%°FC/])",
        # institutions that common words name
        r"\b(?:General|Memorial|Community|Regional|Children['’]?s|County|Veterans?|VA|City|Mercy|Providence|Baptist|Methodist|Sinai|Central) "
        r"(?:Hospital|Medical|Health|Clinic|Nursing)",
        r"\b(?:Taco Bell|Baxter|Duke(?! [Cc]riteria)|Mayo|Hopkins|Kaiser|Walgreens|Walmart|Wal-Mart|CVS|Costco|UIHC|UTMB|UCLA|UCSF|NYU|KU|HKS|FedEx|Safeway|Sinai|Cedars)\b",
        r"\b[A-Z]\w+ (?:[A-Z]\w+ )?(?:[Ss]killed|[Nn]ursing|[Aa]ssisted|Health Care|Healthcare|Center|Centre|Home)\b",
        r"\b[A-Z]\w+ (?:County|Township|Island|Beach|Lake|River|Park|High School|Elementary)\b",
    )
)
_BY_PATTERN = re.compile(
    r"[A-Z]{1,5}s?|[A-Z]{1,5}-[A-Za-z]{1,9}|[A-Z]['’]\w+|(?!Mc|Mac|De|Di|La|Le|Van|Fitz|Du|St)[A-Z]?[a-z]+[A-Z]\w{0,9}"
)
"""Abbreviations and brands with capitals inside: "UTIs", "T-wave", "LigaSure". No "McKay"."""
_EVERYDAY = frozenset(
    """he nope new hm i'll i've he's nil imp best good short long case strong furthermore moreover nevertheless yep uhm gon dragon wan kinda guest
    hg na cl rh hb hz gy ki ohh mmm uhh nah aw eh coord esc pcp cva nsaids hx fundi dept hgb ht ag tc dhx fhx shx pmhx fio sao aspartate
    dax awesome hmm hmmm yup alrighty gosh gotcha lem righty downstairs fries finalize endorsing pardon""".split()
)
_ABBREVIATIONS = frozenset("ST MD LA RAO ED LOS AL SF AMA SU M AI".split())
"""That the lists take for a name or a place."""
_PERSON_VERBS = frozenset(
    "is was has had presents presented reports reported states stated denies returns returned comes says said".split()
)


def is_clean(sentence: str, *, spoken: bool = False) -> bool:
    """Whether nothing outside the slots of a sentence names somebody, a place below the state, a day or a number.

    `spoken`: the sentence is lower case throughout, so that no capital tells a name: each word must be a known one.
    """
    text = SLOT.sub(_PLACEHOLDER, sentence)
    if any(pattern.search(text) for pattern in _FORBIDDEN):
        return False
    words = list(_WORD.finditer(text))
    return all(_is_known(words, at, text, spoken) for at in range(len(words)))


def _is_known(words: list[re.Match[str]], at: int, text: str, spoken: bool) -> bool:
    word = words[at].group()
    lower = re.sub(r"['’]s$", "", word.lower())
    kind = _kind(lower)
    is_name = bool(kind & (GIVEN | SURNAME)) or lower in english().places or lower in english().institutions
    if is_name and not kind & COMMON and text[: words[at].start()].endswith(f"{_PLACEHOLDER} "):
        return False  # "{patient.given} nelson is": the rest of a name
    if word[0].islower():
        # In a text with capitals a name in lower case is rare: the lists decide. In one without, only known words pass.
        known = bool(kind & (COMMON | CLINICAL | HEAD)) or lower in _medicine() or lower in _EVERYDAY or len(lower) < 3
        return known or (not spoken and not is_name)
    if kind & CLINICAL or lower in _medicine() or lower in _EVERYDAY or word in _ABBREVIATIONS:
        return True
    if at + 1 < len(words) and _is_before_a_head(words[at], words[at + 1], text):
        return True
    if is_name:
        starts = at == 0 or text[: words[at].start()].rstrip().endswith((".", ":", "\n"))
        follows = words[at + 1].group() if at + 1 < len(words) else ""
        return bool(kind & COMMON) and starts and follows not in _PERSON_VERBS and not follows[:1].isupper()
    if kind & COMMON or _BY_PATTERN.fullmatch(word):
        return True
    parts = re.split(r"[-'’]", lower)
    return len(parts) > 1 and all(
        _kind(part) & (COMMON | CLINICAL) and not _kind(part) & (GIVEN | SURNAME) for part in parts
    )


def _is_before_a_head(word: re.Match[str], following: re.Match[str], text: str) -> bool:
    gap = text[word.end() : following.start()]
    return gap in (" ", "-") and bool(_kind(following.group().lower()) & HEAD)


def _kind(lower: str) -> int:
    lexicon = english()
    return lexicon.kinds.get(lower) or lexicon.unlisted(lower, lexicon.kinds)


@cache
def _medicine() -> frozenset[str]:
    """Words of the kit's drugs, eponyms, conditions and procedures, and of nationalities, lower case."""
    entries = list(pool("places", "nationalities"))
    for section in ("drug", "eponym", "condition", "test", "procedure", "anatomy"):
        entries += pool("clinical", section)
    return frozenset(word.lower() for entry in entries for word in _WORD.findall(entry))
