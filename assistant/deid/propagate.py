"""Once a name is known, its later and earlier forms go too: the surname alone, in lower case, with 's, as initials, glued.

What organisations and towns leave behind is looked for by `propagate_places`, misread and glued forms by `propagate_near`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from assistant.deid.document import CAPITAL, INITIAL, LOWER, UPPER, Document
from assistant.deid.guard import is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, HEAD, SURNAME
from assistant.deid.name_runs import CREDENTIAL_WORDS
from assistant.deid.propagate_near import find_near
from assistant.deid.propagate_places import find_places_again
from assistant.deid.spans import Found

_SHORTEST, _SHORTEST_HALF = 3, 4
_LEAST_SCORE = 0.45
"""A finding weaker than this is not trusted enough to spread."""
_DOTTED = re.compile(r"(?<![\w.])[A-Z]\.\s?[A-Z]\.(?:\s?[A-Z]\.)?(?!\w)")
_BARE = re.compile(
    r"(?<![\w.'/-])(?:[A-Z]{2,3}(?![\w'./-]|\s[A-Z]{2})|(?<=/)[a-z]{2,3}(?=[\s.,;)]|$))|(?<=/)[a-z]{2,3}(?=[\s.,;)]|$)"
)
_BEFORE_PERSON = re.compile(
    r"(?:(?:^|\n)[ \t]{0,6}|[—–/(] ?|(?<=\s)-{1,2} ?|\b(?i:with|by|per|for|from|to|told|asked|d/w|w/|seen|and|but|that|when|as|because|if|says|said|pt|patient|called|is|was|did|does|has)[:,]? )$"
)
_AFTER_PERSON = re.compile(
    r"(?:'s\b|:|,? (?i:reports?|reported|denies|denied|states?|stated|says|said|is|was|has|had|will|would|did|does|can|could|went|came|feels|felt|asks|asked|wants|wanted|agrees|agreed|remains|lives|understands|"
    r"tolerated|took|takes|continues|needs|needed|walked|returned|called|phoned|himself|herself|who|and (?:her|his|their))\b)"
)
_LINE_END = re.compile(r"[ \t]{0,8}(?:\n|$)")
_ARTICLES = frozenset("the a an this that his her new old second no with via of".split())


@dataclass
class _Known:
    """Words of names that were found, with the score of the surest finding each."""

    words: dict[str, float] = field(default_factory=dict)
    sure: set[str] = field(default_factory=set)
    """Those that a title, a header or a label vouches for."""
    initials: dict[str, float] = field(default_factory=dict)

    def add(self, word: str, found: Found) -> None:
        self.words[word] = max(self.words.get(word, 0), found.score)
        if found.sure:
            self.sure.add(word)


def propagate(document: Document, founds: Iterable[Found]) -> Iterator[Found]:
    """Further findings for the people and places among `founds`. Linear in the text and in the findings."""
    founds = list(founds)
    known = _read(document, founds)
    if known.words:
        yield from _words_again(document, known)
        yield from _initials_again(document, known)
        yield from find_near(
            document, {word: score for word, score in known.words.items() if not _is_ordinary(document, word)}
        )
    yield from find_places_again(document, founds)


def _is_ordinary(document: Document, word: str) -> bool:
    return bool(document.lexicon.kind(word) & (COMMON | CLINICAL | HEAD))


def _read(document: Document, founds: Iterable[Found]) -> _Known:
    starts = {start: index for index, start in enumerate(document.starts)}
    known, particles = _Known(), document.lexicon.particles
    for found in founds:
        if found.type != "NAME" or found.score < _LEAST_SCORE:
            continue
        parts = list(_parts(document, starts, found))
        for index in parts:
            word = document.lowers[index]
            if len(word) >= _SHORTEST or (
                len(word) == 2 and document.shapes[index] != INITIAL and word not in particles
            ):
                known.add(word, found)
            for half in word.split("-") if "-" in word else ():
                if len(half) >= _SHORTEST_HALF and not _is_ordinary(document, half):
                    known.add(half, found)
        if len(parts) > 1:
            key = "".join(document.words[index][0].upper() for index in parts)
            for letters in (key, key[0] + key[-1]):
                known.initials[letters] = max(known.initials.get(letters, 0), found.score)
    return known


def _parts(document: Document, starts: dict[int, int], found: Found) -> Iterator[int]:
    lexicon, index = document.lexicon, starts.get(found.start)
    if index is None:
        return
    while index < len(document.starts) and document.starts[index] < found.end:
        lower = document.lowers[index]
        if (
            lower not in lexicon.titles
            and lower not in lexicon.particles
            and not (lower in CREDENTIAL_WORDS and document.shapes[index] not in (LOWER, CAPITAL))
        ):
            yield index
        index += 1


def _words_again(document: Document, known: _Known) -> Iterator[Found]:
    for index, word in enumerate(document.lowers):
        score = known.words.get(word)
        if score is None and "-" in word:
            score = max((known.words.get(part, 0) for part in word.split("-")), default=0)
        if score is None and document.shapes[index] != LOWER and word.endswith("s") and len(word) > _SHORTEST_HALF:
            # "the Okafors", "the Joneses"
            family = word[:-2] if word.endswith("ses") else word[:-1]
            score = (
                0 if _is_ordinary(document, word) and not _is_ordinary(document, family) else known.words.get(family)
            )
        if score and _is_person(document, index, sure=word in known.sure):
            yield Found(document.starts[index], document.ends[index], "NAME", max(0.4, score - 0.05))


def _initials_again(document: Document, known: _Known) -> Iterator[Found]:
    text = document.text
    for match in _DOTTED.finditer(text):
        key = "".join(character for character in match.group() if character.isalpha())
        if key in known.initials:
            yield Found(*match.span(), "NAME", 0.6)
    for match in _BARE.finditer(text):
        letters = match.group()
        if letters.upper() not in known.initials or document.lexicon.kind(letters.lower()):
            continue
        before = _BEFORE_PERSON.search(text, max(0, match.start() - 12), match.start())
        sign_before = before and not before.group().strip()[-1:].isalpha()
        ends = _LINE_END.match(text, match.end())
        if (
            letters.islower()
            or _AFTER_PERSON.match(text, match.end())
            or (sign_before and ends)
            or (before and not sign_before)
        ):
            yield Found(*match.span(), "NAME", 0.55)


def _is_person(document: Document, index: int, *, sure: bool) -> bool:
    kind, shape = document.kinds[index], document.shapes[index]
    if is_eponym(document, index):
        return False
    if len(document.words[index]) == 2 and (shape == LOWER or kind & (COMMON | CLINICAL)):
        return False
    if not kind & (COMMON | CLINICAL | HEAD):
        return True
    before = document.lowers[index - 1] if index else ""
    if shape == LOWER or (kind & CLINICAL and not sure) or (kind & CLINICAL and before in _ARTICLES):
        return False
    if shape == UPPER and index and document.shapes[index - 1] == UPPER and before not in document.lexicon.titles:
        return False  # in a text of capitals a capital says nothing: "PATHOLOGY MARKS SPECIMEN"
    if not document.starts_sentence(index):
        # "Brown said", never "brown stool".
        return True
    # At the start of a sentence a word is a word, unless a person's verb follows or it stands alone.
    end = document.ends[index]
    return bool(
        _AFTER_PERSON.match(document.text, end) or (kind & (SURNAME | CLINICAL) and _LINE_END.match(document.text, end))
    )
