"""People by the lists of names, by initials, kinship, credentials, and by what stands around them."""

import re
from collections.abc import Iterator

from assistant.deid.document import CAPITAL, INITIAL, LOWER, UPPER, Document
from assistant.deid.guard import is_clinical, is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.name_runs import CREDENTIALS, TITLES, knows, name_end, plainly, run_end
from assistant.deid.spans import Found

_KIN = frozenset(
    """wife husband spouse partner son daughter mother father mom dad brother sister aunt uncle cousin niece nephew grandson
    granddaughter grandmother grandfather grandma grandpa fiance fiancee girlfriend boyfriend friend neighbor neighbour caregiver guardian
    twin stepson stepdaughter roommate mum baby boy girl infant sibling stepmother stepfather son-in-law daughter-in-law""".split()
)
_BEFORE_NAME = frozenset(
    """named called patient pt name by with from like regarding re concerning for to is am contact spoke saw per via and attn
    client resident member mr discussed colleague starring directed founder cc dear hi hello ms under owner person author""".split()
)
_STRONG_BEFORE = frozenset("named called patient pt dear hi hello attn cc starring".split())
_AFTER_NAME = frozenset(
    """reports reported denies denied states stated says said complains complained agrees agreed describes described lives
    mentions works requests admits wants asked told verbalized signed aged feels felt understands expressed consented
    declined refuses refused called phoned spent wishes recalls endorses""".split()
)
"""Verbs with a person as their subject."""
_BEFORE_LETTER = frozenset(
    "vitamin hepatitis type class stage grade group influenza protein plan part phase level appendix".split()
)
_TO_A_PLACE = frozenset("to in from of near through via visited around across and or".split())
_MONTHS_AND_MODALS = frozenset("may june april august will can mark bill".split())
_SHAPED = re.compile(
    r"(?:ovi[cć]|evi[cć]|i[cć]|sson|ssen|dóttir|dottir|ova|enko|chuk|wski|wska|ski|ska|czyk|wicz|escu|opoulos|idis|akis|yan|ian|berg|stein|mann|"
    r"stra|inen|son|sen|ez|shvili|dze|quist|strom|ström|gaard|ová|zadeh|pour|oglu|oğlu|nen|elli|etti|ini|ucci|eiro|eira|ães|ção|iak)$"
)
# No IGNORECASE: it would make "i" match the dotless "ı".
_FOREIGN = re.compile(r"[À-ÖØ-öø-ÿĀ-žȘ-țΑ-Ωα-ωА-я]")


def find_plain_names(document: Document) -> Iterator[Found]:
    """Names without title or header: by the lists, by initials, by what stands around them."""
    words = document.words
    index = 0
    medical = document.is_medical
    while index < len(words):
        found = _plain(document, index) or (None if medical else _unknown(document, index))
        if found is None:
            index += 1
            continue
        yield found[0]
        index = found[1]


def _unknown(document: Document, index: int) -> tuple[Found, int] | None:
    """In a text without medicine: any capital that no list knows, in the middle of a sentence or in a short line."""
    kind, shape = document.kinds[index], document.shapes[index]
    if kind & (COMMON | CLINICAL) or len(document.words[index]) < 3:
        return None
    if shape not in (CAPITAL, UPPER):
        return None
    if document.lowers[index] in TITLES or document.lowers[index] in document.lexicon.countries:
        return None
    if shape == UPPER and (len(document.words[index]) < 5 or (index and document.shapes[index - 1] == UPPER)):
        return None
    stop = run_end(document, index)
    if is_eponym(document, stop - 1):
        return None
    own_line = "\n" in document.gap(stop - 1) or stop == len(document.words)
    if document.starts_sentence(index) and stop == index + 1 and not own_line:
        return None
    return Found(document.starts[index], name_end(document, stop - 1), "NAME", 0.42), stop


def _plain(document: Document, index: int) -> tuple[Found, int] | None:
    words, shapes, kinds, lowers = document.words, document.shapes, document.kinds, document.lowers
    kind, shape = kinds[index], shapes[index]
    following = index + 1
    has_next = following < len(words)

    def found(stop: int, score: float, *, sure: bool = False) -> tuple[Found, int]:
        return Found(document.starts[index], name_end(document, stop - 1), "NAME", score, sure), stop

    if shape == LOWER:
        # "jared paavolainen", "john smith": two list names side by side, neither a word.
        if (
            kind & GIVEN
            and not kind & (COMMON | CLINICAL)
            and has_next
            and document.gap(index) == " "
            and shapes[following] == LOWER
        ):
            next_kind = kinds[following]
            if plainly(next_kind) or (not next_kind & 31 and len(words[following]) > 3):
                return found(run_end(document, index, lower=True), 0.6)
        if (
            plainly(kind)
            and index
            and lowers[index - 1] in ("named", "called", "patient", "pt")
            and document.before(index) == " "
        ):
            return found(index + 1, 0.5)
        return None

    if shape == INITIAL:
        # "J. Smith", "L Wang, MD", "J. R. R. Okafor"
        step = index
        while (
            step + 1 < len(words)
            and shapes[step] == INITIAL
            and step - index < 3
            and document.gap(step) in (". ", ".", " ", ".-")
        ):
            step += 1
        if step == index or shapes[step] not in (CAPITAL, UPPER):
            return None
        next_kind = kinds[step]
        dotted = document.gap(index).startswith(".")
        if shapes[step] == UPPER and not plainly(next_kind):
            return None
        if words[index] == "I" and not dotted:
            return None
        if (
            plainly(next_kind)
            and not is_eponym(document, step)
            and (dotted or next_kind & SURNAME)
            and not (not dotted and document.starts_sentence(step))
        ) and (
            dotted
            or (
                index
                and not document.starts_sentence(index)
                and words[index] not in ("A", "I", "T", "C", "L", "S", "B")
            )
            or CREDENTIALS.match(document.text, document.ends[step])
        ):
            return found(run_end(document, step), 0.75)
        if dotted and knows(next_kind) and not next_kind & CLINICAL and not _ends_here(document, index):
            return found(run_end(document, step), 0.5)
        if dotted and not next_kind & 31 and not _ends_here(document, index):
            return found(run_end(document, step), 0.45)
        return None

    # "SMITH, JOHN A."
    if (
        kind & SURNAME
        and has_next
        and document.gap(index) in (", ", ",")
        and shapes[following] == shape
        and kinds[following] & GIVEN
    ):
        next_kind = kinds[following]
        both = plainly(kind) and plainly(next_kind)
        if both and not is_clinical(document, following):
            stop = run_end(document, following, most=2) if shape == CAPITAL else following + 1
            if has_next and stop < len(words) and shapes[stop] == INITIAL and document.gap(stop - 1) == " ":
                stop += 1
            return found(stop, 0.7)

    if shape == UPPER:
        if (
            plainly(kind)
            and len(words[index]) > 2
            and has_next
            and document.gap(index) in (" ", ". ")
            and shapes[following] in (UPPER, INITIAL)
        ):
            stop = run_end(document, index)
            if stop > index + 1 and (
                plainly(kinds[stop - 1])
                or (
                    shapes[stop - 1] == INITIAL
                    and document.text[document.ends[stop - 1] : document.ends[stop - 1] + 1] == "."
                )
            ):
                return found(stop, 0.65)
        if CREDENTIALS.match(document.text, document.ends[index]) and plainly(kind):
            return found(index + 1, 0.6)
        if (
            plainly(kind)
            and len(words[index]) > 3
            and not is_eponym(document, index)
            and (not has_next or shapes[following] != UPPER)
            and (index == 0 or shapes[index - 1] != UPPER)
        ):
            return found(index + 1, 0.45)
        return None

    # shape is CAPITAL from here on
    if lowers[index] in TITLES:
        return None
    stop = run_end(document, index)
    length = stop - index
    previous = (
        lowers[index - 1]
        if index and document.before(index).strip(" ,:\"'(") == "" and "\n" not in document.before(index)
        else ""
    )
    credentials = bool(CREDENTIALS.match(document.text, document.ends[stop - 1]))
    begins = document.starts_sentence(index)
    eponym = is_eponym(document, stop - 1)

    if credentials and not (kind & (COMMON | CLINICAL) and not knows(kind)):
        return found(stop, 0.85, sure=True)
    if length > 1:
        last_kind = kinds[stop - 1]
        initial_last = shapes[stop - 1] == INITIAL
        if kind & GIVEN and not kind & CLINICAL:
            if not kind & COMMON:
                if initial_last and length == 2:
                    sure = document.text[document.ends[stop - 1] : document.ends[stop - 1] + 1] == "."
                    return found(stop, 0.85 if sure else 0.7)
                return found(stop, 0.85 if knows(last_kind) else 0.75)
            if knows(last_kind) or (initial_last and not begins):
                return found(stop, 0.7)
        if eponym and not plainly(kind):
            return None
        if (
            kind & SURNAME
            and not kind & (COMMON | CLINICAL)
            and (initial_last or last_kind & GIVEN or plainly(last_kind))
        ):
            return found(stop, 0.7)
        if not kind & 31 and (plainly(last_kind) or any(plainly(kinds[at]) for at in range(index, stop))):
            return found(stop, 0.65)
        introduced = previous in _KIN or previous in _STRONG_BEFORE
        if introduced and not kind & (CLINICAL | HEAD) and (not kind & COMMON or knows(kind)):
            return found(stop, 0.65)
        if (
            not kind & 31
            and not begins
            and all(not kinds[at] & 31 or knows(kinds[at]) for at in range(index, stop))
            and not eponym
        ):
            strong = (
                _FOREIGN.search("".join(words[index:stop]))
                or _SHAPED.search(lowers[stop - 1])
                or previous in _BEFORE_NAME
            )
            return found(stop, 0.5 if strong else 0.42)
        if kind & (COMMON | CLINICAL):
            return None
    if eponym or kind & (CLINICAL | HEAD):
        return None
    after = lowers[stop] if stop < len(words) and document.gap(stop - 1) in (" ", ", ", ", a ", ", aged ") else ""
    if previous in _KIN and (not kind & COMMON or (kind & GIVEN and not begins)) and len(words[index]) > 1:
        return found(stop, 0.6)
    if length == 1 and lowers[index] in document.lexicon.countries and previous in _TO_A_PLACE:
        return None  # "never been to Georgia"
    if plainly(kind):
        return found(stop, 0.55 if kind & GIVEN else 0.5)
    if previous in _STRONG_BEFORE and not kind & COMMON and not begins:
        return found(stop, 0.55)
    if kind & COMMON:
        if (
            knows(kind)
            and not begins
            and lowers[index] not in _MONTHS_AND_MODALS
            and (after in _AFTER_NAME or previous in _STRONG_BEFORE or previous in ("by", "named"))
        ):
            return found(stop, 0.45)
        return None
    if len(words[index]) > 2:
        if _SHAPED.search(lowers[index]) and len(words[index]) > 4 and (not begins or after in _AFTER_NAME):
            return found(stop, 0.45)
        if _FOREIGN.search(words[index]):
            return found(stop, 0.5)
        if after in _AFTER_NAME or (previous in ("by", "starring") and not begins):
            return found(stop, 0.42)
    return None


def _ends_here(document: Document, index: int) -> bool:
    """Whether the initial rather ends a sentence: "hepatitis B. Patient", "vitamin D. Smith"."""
    return index > 0 and document.lowers[index - 1] in _BEFORE_LETTER
