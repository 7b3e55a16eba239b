"""People by what is said of them, whatever their name looks like: told, reviewed, somebody's bag, the so-and-so family, spelled out."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from assistant.deid.document import CAPITAL, LOWER, Document
from assistant.deid.guard import is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.name_runs import knows, name_end, plainly, run_end
from assistant.deid.spans import Found

_SPOKEN_TO = re.compile(
    r"\b(?:told|asked|informed|reminded|advised|counsell?ed|reassured|phoned|texted|emailed|thanked|thank|met|examined|consented|helped|visited|called|rang|saw|discussed with|spoke (?:to|with)|d/w|"
    r"chat with|met with|sat with|left with|lives? with|went with|came with|here with|stays? with|care of|mother of|father of|daughter of|son of|wife of|husband of|parents of|brother of|sister of) (?=[A-ZÀ-Þ][a-zà-ÿ])"
)
_FAMILY = re.compile(
    r"\b[Tt]he (?P<name>[A-ZÀ-Þ][\w'’-]{2,20}?)(?:'s|s'|')? (?=(?:boy|girl|family|baby|twins?|kids?|child|children|household|sisters?|brothers?|couple|residence|boys|girls|lads?|infant|clan|siblings)\b)"
)
_DOES = re.compile(
    r" (?:denies|denied|reports|reported|says|said|states|stated|slept|ate|wants|wanted|asks|asked|feels|felt|c/o|complains|started|stopped|takes|taking|came|called|phoned|refuses|refused|declines|agrees|agreed|lives|works|"
    r"wakes|walks|cried|smokes|drinks|thinks|knows|remembers|forgot|missed|lost|gained|fell|vomited|looks|seems)\b"
)
_SPELLED = re.compile(
    r"(?<![\w'’-])(?:[A-Za-z] ){4,20}[A-Za-z](?![\w'’-])|(?<=spelled )(?:[A-Za-z][- ]){2,20}[A-Za-z]\b|(?<=spelt )(?:[A-Za-z][- ]){2,20}[A-Za-z]\b|(?<=spelling )(?:[A-Za-z][- ]){2,20}[A-Za-z]\b"
)
_MISTYPED = frozenset(
    "pateint patinet paitent ptient patent pateitn paient patietn mothr fathr mohter daugter daugther husbnad wfie".split()
)
_IS = re.compile(
    r" (?:is|was) (?:an? |now |only )?(?:\d|married|single|widowed|divorced|retired|here|allergic|muslim|catholic|christian|jewish|hindu|sikh|vegan|vegetarian|deaf|blind|pregnant|right-handed|left-handed|"
    r"bilingual|homeless|unemployed|adopted|our|my|his|her|accompanied|brought|born|told|asked|known|awake|asleep|alert|oriented|tearful|anxious|agitated|worried|happy|upset)\b",
    re.IGNORECASE,
)
_MODALS = frozenset("may will can mark an he so do you she long young april june august".split())
_RELATIVES = frozenset(
    """wife husband son daughter mother father mom mum dad brother sister aunt uncle cousin niece nephew grandson granddaughter partner fiance
    fiancee girlfriend boyfriend neighbor neighbour friend twin stepson stepdaughter carer roommate""".split()
)
_SHORTEST = 4


def find_names_in_context(document: Document) -> Iterator[Found]:
    """`told Will that`, `the Okafor family`, `Reyes's creatinine`, `mrinal denies`, `spelled M-E-H-R-E-T`."""
    text = document.text
    for match in _SPOKEN_TO.finditer(text):
        index = bisect_left(document.starts, match.end())
        kind = document.kinds[index]
        if (
            kind & (GIVEN | SURNAME)
            and not kind & CLINICAL
            and document.lowers[index] not in document.lexicon.titles
            and not is_eponym(document, index)
        ):
            yield Found(document.starts[index], name_end(document, run_end(document, index) - 1), "NAME", 0.62)
    for match in _FAMILY.finditer(text):
        index = bisect_left(document.starts, match.start("name"))
        kind = document.kinds[index]
        if (
            not kind & (CLINICAL | HEAD)
            and (knows(kind) or not kind & COMMON)
            and document.lowers[index] not in document.lexicon.countries
        ):
            yield Found(document.starts[index], document.ends[index], "NAME", 0.65)
    for match in _SPELLED.finditer(text):
        letters = re.sub(r"[^a-z]", "", match.group().lower())
        if letters not in ("abcde", "abcdef") and len(set(letters)) > 2:
            yield Found(*match.span(), "NAME", 0.6)
    for index, shape in enumerate(document.shapes):
        if shape == CAPITAL and plainly(document.kinds[index]) and _owns(document, index):
            yield Found(document.starts[index], document.ends[index], "NAME", 0.62)
        elif (
            shape == CAPITAL
            and _is_listed(document, index)
            and (_acts(document, index) or _is_somebody(document, index))
        ):
            yield Found(document.starts[index], document.ends[index], "NAME", 0.6)
        elif shape == LOWER and _is_relative(document, index):
            yield Found(document.starts[index], document.ends[index], "NAME", 0.55)
        elif shape == LOWER and not document.kinds[index] and _acts(document, index):
            yield Found(document.starts[index], document.ends[index], "NAME", 0.6)


def _is_listed(document: Document, index: int) -> bool:
    kind = document.kinds[index]
    return bool(kind & (GIVEN | SURNAME)) and not kind & CLINICAL and document.lowers[index] not in _MODALS


def _is_somebody(document: Document, index: int) -> bool:
    """`Christian is widowed`, `Grace is 44`"""
    return document.starts_sentence(index) and bool(_IS.match(document.text, document.ends[index]))


def _is_relative(document: Document, index: int) -> bool:
    """`daughter hope` in a text without capitals."""
    return bool(
        index
        and document.kinds[index] & GIVEN
        and not document.kinds[index] & CLINICAL
        and document.lowers[index] not in _MODALS
        and document.before(index) == " "
        and document.lowers[index - 1] in _RELATIVES
    )


def _owns(document: Document, index: int) -> bool:
    """`Reyes's creatinine`: a name with a possessive before a word in lower case, and no eponym."""
    after = document.gap(index)
    return (
        after in ("'s ", "' ")
        and index + 1 < len(document.words)
        and document.shapes[index + 1] == LOWER
        and not is_eponym(document, index)
    )


def _acts(document: Document, index: int) -> bool:
    """`mrinal denies`: at the start of a sentence in lower case, before what only a person does."""
    lower = document.lowers[index]
    return (
        len(lower) >= _SHORTEST
        and lower not in _MISTYPED
        and document.starts_sentence(index)
        and bool(_DOES.match(document.text, document.ends[index]))
    )
