"""People: by title, header, kinship, credentials, and by lists of names."""

import re
from collections.abc import Iterator

from assistant.deid.document import CAPITAL, INITIAL, LOWER, UPPER, Document
from assistant.deid.guard import is_clinical, is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.spans import Found

TITLES = frozenset(
    """dr drs doctor mr mrs ms miss mx prof professor sir madam rev reverend father sister nurse judge capt captain sgt
    sergeant lt lieutenant col colonel gen officer rabbi imam señor señora sr sra mme mlle herr frau""".split()
)
_LOWER_TITLES = frozenset("dr mr mrs ms prof miss".split())
_NEVER_ALONE = frozenset(
    "doctor nurse father sister miss officer judge general sir madam captain col gen sr professor colonel".split()
)
"""Words first: they are titles only with a capital, before a name that the lists know or that no word list knows."""
PARTICLES = frozenset(
    "van von der den de la le du da dos das del della di bin ibn al el ter ten st san mac mc y abu af av zu zur".split()
)
_CREDENTIALS = re.compile(
    r",?\s{1,2}(?:M\.?D\.?|D\.?O\.?|Ph\.?D\.?|R\.?N\.?|N\.?P\.?|P\.?A\.?(?:-C)?|APRN|ARNP|CRNA|CNM|LPN|LVN|MSN|BSN|DNP|FNP(?:-BC|-C)?|DDS|DMD|DPM|"
    r"PharmD|RPh|PsyD|LCSW|LMFT|MSW|FACS|FACP|FACC|FACOG|FRCS|MBBS|MBChB|MRCP|OD|DC|PT|DPT|OTR|CCC-SLP|SLP|RD|RT|EMT|MPH|MBA|Esq)(?![A-Za-z])"
)
_AFTER_COMMA = frozenset(
    """md do phd rn np pa pac aprn arnp crna cnm lpn lvn msn bsn dnp fnp dds dmd dpm pharmd rph psyd lcsw lmft msw facs facp
    facc facog frcs mbbs mrcp od dc pt dpt otr slp rd rt emt mph mba esq ms ma cst lat rrt""".split()
)
"""Credentials behind a name; in capitals they are no part of it."""
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
_MONTHS_AND_MODALS = frozenset("may june april august will can mark bill".split())
_HEADER = re.compile(
    r"(?im)(?:^|(?<=[\n;|>*•,.(\t])|(?<=\s))"
    r"(?P<label>(?:patient|pt|client|member|resident|subject|insured|subscriber|guarantor|policy ?holder|legal|full|first|last|middle|maiden|given|family|"
    r"sur|preferred|user|baby|mother'?s?|father'?s?|spouse'?s?)?[ _]?'?s?[ _]?name|patient|pt|dictated by|dictator|dictating(?: physician| provider)?|"
    r"(?:attending|referring|ordering|primary(?: care)?|treating|consulting|requesting|admitting|supervising|performing|interpreting|family|emergency)"
    r"(?: (?:physician|provider|doctor|md|surgeon|radiologist|clinician|nurse))?(?: name)?|provider|physician|surgeons?|(?:first |co-?|assistant )?surgeon|"
    r"assistants?|anesthesiologist|anesthetist|anaesthetist|radiologist|pathologist|cardiologist|technologist|sonographer|technician|"
    r"(?:electronically |e-?)?signed(?: by| off by)?|authenticated by|reviewed by|transcribed by|transcriptionist|verified by|approved by|prepared by|"
    r"reported by|performed by|read by|entered by|interpreted by|author|consultants?|cc|c/o|attn|attention|next of kin|nok|emergency contact|spouse|"
    r"husband|wife|mother|father|guardian|informant|historian|interpreter|nurse|rn|pcp|gp|mr|mrs|dr|contact(?: person)?|from|to|re|caregiver|"
    r"witness(?:ed by)?|seen by|accompanied by|brought by|scribe|case manager|social worker|pharmacist|therapist|md|poa|proxy|employer contact|"
    r"sender|recipient|beneficiary name|responsible party|name_?first|name_?last)"
    r"(?P<mark>[ \t]{0,3}(?:\([^)\n]{0,20}\)[ \t]{0,2})?[:=][ \t]{0,12}|[ \t]{0,2}:?[ \t]{0,2}\n[ \t]{0,4}|[ \t]{1,12}-{1,2}[ \t]{1,4})"
)
_STRICT_LABEL = re.compile(
    r"name|dictat|signed|by$|attending|physician|surgeon|provider|next of kin|emergency contact|patient|pt$",
    re.IGNORECASE,
)
_LONGEST_NAME = 5
_SHAPED = re.compile(
    r"(?:ovi[cć]|evi[cć]|i[cć]|sson|ssen|dóttir|dottir|ova|enko|chuk|wski|wska|ski|ska|czyk|wicz|escu|opoulos|idis|akis|yan|ian|berg|stein|mann|"
    r"stra|inen|son|sen|ez|shvili|dze|quist|strom|ström|gaard|ová|zadeh|pour|oglu|oğlu|nen|elli|etti|ini|ucci|eiro|eira|ães|ção|iak)$"
)
# No IGNORECASE: it would make "i" match the dotless "ı".
_FOREIGN = re.compile(r"[À-ÖØ-öø-ÿĀ-žȘ-țΑ-Ωα-ωА-я]")
_INITIALS_GAP = re.compile(r"\.?[ \t]{0,2}|\.?-")


def _joined(document: Document, index: int) -> bool:
    """Whether word `index` and the next belong to one run: only a space, or a full stop after an initial or a title."""
    gap = document.gap(index)
    if gap in (" ", "  "):
        return True
    if gap in (". ", ".", ".  "):
        return document.shapes[index] == INITIAL or (
            len(document.words[index]) == 2 and document.lowers[index] in ("st", "jr", "sr", "wm", "ch")
        )
    return False


def _knows(kind: int) -> bool:
    return bool(kind & (GIVEN | SURNAME))


def _plainly(kind: int) -> bool:
    """In the lists of names and not also a word or a clinical term."""
    return bool(kind & (GIVEN | SURNAME)) and not kind & (COMMON | CLINICAL)


def _run(document: Document, first: int, *, lower: bool = False, most: int = 4) -> int:
    """The index after the last word of the name that begins at `first` (already accepted)."""
    index = first
    while index + 1 < len(document.words) and index - first + 1 < most and _joined(document, index):
        following = index + 1
        kind, shape = document.kinds[following], document.shapes[following]
        if document.lowers[following] in PARTICLES and following + 1 < len(document.words):
            step = following
            while (
                step + 1 < len(document.words)
                and step - following < 3
                and document.lowers[step] in PARTICLES
                and document.gap(step) in (" ", "'", ". ")
            ):
                step += 1
            if document.shapes[step] == CAPITAL and step > following and document.shapes[following] != UPPER:
                index = step
                continue
        if shape == INITIAL and document.words[following] != "I":
            after = document.gap(following)
            if after.startswith(".") or (step_ok(document, following) if lower else True):
                index = following
                continue
            break
        if (
            shape == CAPITAL
            and (_knows(kind) or not kind & (COMMON | CLINICAL | HEAD))
            and document.lowers[following] not in TITLES
        ):
            if not _knows(kind) and is_eponym(document, following):
                break
            index = following
            continue
        if shape == UPPER and (
            _plainly(kind)
            or (
                not kind & (COMMON | CLINICAL)
                and document.shapes[first] == UPPER
                and len(document.words[following]) > 3
            )
        ):
            index = following
            continue
        if shape == LOWER and lower and _plainly(kind):
            index = following
            continue
        break
    return index + 1


def step_ok(document: Document, index: int) -> bool:
    """Whether an initial without a full stop is followed by a name."""
    return index + 1 < len(document.words) and document.gap(index) == " " and _knows(document.kinds[index + 1])


def _end(document: Document, last: int) -> int:
    """Where the name that ends with word `last` ends: an initial takes its full stop along."""
    end = document.ends[last]
    if document.shapes[last] == INITIAL and document.text[end : end + 1] == ".":
        return end + 1
    return end


def find_titled_names(document: Document) -> Iterator[Found]:
    """`Dr. Kim Lee`, `Mrs. L. Hernandez`, `mr. reese`. A title overrides the clinical guard: `Dr. Parkinson`."""
    words, lowers, shapes, kinds = document.words, document.lowers, document.shapes, document.kinds
    for index, lower in enumerate(lowers):
        if lower not in TITLES or index + 1 >= len(words):
            continue
        shape = shapes[index]
        if shape == LOWER and lower not in _LOWER_TITLES:
            continue
        gap = document.gap(index)
        if gap not in (" ", ". ", ".", ".  ", "  ") or (gap == "." and lower in _NEVER_ALONE):
            continue
        following = index + 1
        if lowers[following] in TITLES and following + 1 < len(words) and document.gap(following) in (" ", ". "):
            following += 1
        kind, next_shape = kinds[following], shapes[following]
        lower_text = next_shape == LOWER
        if next_shape == INITIAL:
            if words[following] == "I" or (lower in _NEVER_ALONE and not document.gap(following).startswith(".")):
                continue
        elif lower_text:
            particle = lowers[following] in PARTICLES
            if not particle and (
                lower in _NEVER_ALONE
                or (kind & COMMON and not (shape != LOWER and kind & SURNAME))
                or len(words[following]) < 3
            ):
                continue
            step = following
            while particle and step + 1 < len(words) and step - following < 3 and lowers[step] in PARTICLES:
                step += 1
            if particle and shapes[step] != CAPITAL:
                continue
        elif (lower in _NEVER_ALONE and not _plainly(kind) and (kind & (COMMON | CLINICAL) or next_shape == UPPER)) or (
            kind & COMMON and not _knows(kind) and (next_shape == UPPER or kind & HEAD or lower in ("ms", "sr", "col"))
        ):
            continue
        if next_shape == UPPER and lower in ("ms", "col", "gen", "sr", "lt", "miss") and not _knows(kind):
            continue
        stop = _run(document, following, lower=lower_text)
        yield Found(document.starts[index], _end(document, stop - 1), "NAME", 0.95, sure=True)


def find_header_names(document: Document) -> Iterator[Found]:
    """`Patient: SMITH, JOHN A.`, `Dictated by: J. Okafor`, `NAME=Alex Rivers`."""
    from bisect import bisect_left

    for match in _HEADER.finditer(document.text):
        first = bisect_left(document.starts, match.end())
        if first >= len(document.words) or document.text[match.end() : document.starts[first]].strip(" \t*_\"'(>"):
            continue
        if "\n" in match.group("mark") and not _plainly(document.kinds[first]):
            continue
        yield from _header_value(document, first, strict=bool(_STRICT_LABEL.search(match.group("label"))))


def _header_value(document: Document, first: int, *, strict: bool) -> Iterator[Found]:
    words, shapes, kinds, lowers = document.words, document.shapes, document.kinds, document.lowers
    if lowers[first] in TITLES and first + 1 < len(words):
        first += 1
    kind, shape = kinds[first], shapes[first]
    if shape == LOWER:
        if not (strict and (_plainly(kind) or not kind & (COMMON | CLINICAL | HEAD)) and len(words[first]) > 2):
            return
    elif (kind & (COMMON | CLINICAL | HEAD) and not _knows(kind)) or (
        kind & (COMMON | CLINICAL)
        and not (first + 1 < len(words) and document.gap(first) in (" ", ", ", ". ") and _namelike(document, first + 1))
    ):
        return
    elif not _knows(kind) and not strict and shape != INITIAL:
        if not (first + 1 < len(words) and document.gap(first) in (" ", ", ") and _namelike(document, first + 1)):
            return
    last = first
    while last + 1 < len(words) and last - first + 1 < _LONGEST_NAME:
        gap = document.gap(last)
        if gap not in (" ", "  ", ", ", ",", ". ", ".", " & ") or (gap.startswith(".") and shapes[last] != INITIAL):
            break
        following = last + 1
        if "," in gap and (last > first + 1 or not _namelike(document, following)):
            break
        if (
            shapes[following] == INITIAL
            or _namelike(document, following)
            or (lowers[following] in PARTICLES and following + 1 < len(words))
        ):
            last = following
            continue
        if shapes[following] == UPPER and lowers[following] in _AFTER_COMMA:
            break
        if (
            shapes[following] in (CAPITAL, UPPER)
            and not kinds[following] & (COMMON | CLINICAL | HEAD)
            and "," not in gap
        ):
            last = following
            continue
        if (
            shape == LOWER
            and shapes[following] == LOWER
            and not kinds[following] & (COMMON | CLINICAL | HEAD)
            and "," not in gap
        ):
            last = following
            continue
        break
    yield Found(document.starts[first], _end(document, last), "NAME", 0.9, sure=True)


def _namelike(document: Document, index: int) -> bool:
    kind, shape = document.kinds[index], document.shapes[index]
    if shape == INITIAL:
        return True
    if shape == LOWER:
        return _plainly(kind)
    return _knows(kind) or (not kind & (COMMON | CLINICAL | HEAD) and shape == CAPITAL)


def find_plain_names(document: Document) -> Iterator[Found]:
    """Names without title or header: by the lists, by initials, by what stands around them."""
    words = document.words
    index = 0
    medical, no_capitals = document.is_medical, document.text.islower()
    while index < len(words):
        found = _plain(document, index) or (None if medical else _unknown(document, index, no_capitals=no_capitals))
        if found is None:
            index += 1
            continue
        yield found[0]
        index = found[1]


def _unknown(document: Document, index: int, *, no_capitals: bool) -> tuple[Found, int] | None:
    """In a text without medicine: any capital that no list knows, in the middle of a sentence or in a short line."""
    kind, shape = document.kinds[index], document.shapes[index]
    if kind & (COMMON | CLINICAL) or len(document.words[index]) < 3:
        return None
    if shape == LOWER:
        # Somebody who types no capitals at all.
        if (
            no_capitals
            and (_knows(kind) or (not kind and len(document.words[index]) > 3))
            and document.lowers[index] not in document.lexicon.countries
        ):
            return Found(document.starts[index], document.ends[index], "NAME", 0.42), index + 1
        return None
    if shape not in (CAPITAL, UPPER):
        return None
    if document.lowers[index] in TITLES or document.lowers[index] in document.lexicon.countries:
        return None
    if shape == UPPER and (len(document.words[index]) < 5 or (index and document.shapes[index - 1] == UPPER)):
        return None
    stop = _run(document, index)
    own_line = "\n" in document.gap(stop - 1) or stop == len(document.words)
    if document.starts_sentence(index) and stop == index + 1 and not own_line:
        return None
    return Found(document.starts[index], _end(document, stop - 1), "NAME", 0.42), stop


def _plain(document: Document, index: int) -> tuple[Found, int] | None:
    words, shapes, kinds, lowers = document.words, document.shapes, document.kinds, document.lowers
    kind, shape = kinds[index], shapes[index]
    following = index + 1
    has_next = following < len(words)

    def found(stop: int, score: float, *, sure: bool = False) -> tuple[Found, int]:
        return Found(document.starts[index], _end(document, stop - 1), "NAME", score, sure), stop

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
            if _plainly(next_kind) or (not next_kind & 31 and len(words[following]) > 3):
                return found(_run(document, index, lower=True), 0.6)
        if (
            _plainly(kind)
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
        if shapes[step] == UPPER and not _plainly(next_kind):
            return None
        if words[index] == "I" and not dotted:
            return None
        if (
            _plainly(next_kind)
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
            or _CREDENTIALS.match(document.text, document.ends[step])
        ):
            return found(_run(document, step), 0.75)
        if dotted and _knows(next_kind) and not next_kind & CLINICAL and not _ends_here(document, index):
            return found(_run(document, step), 0.5)
        if dotted and not next_kind & 31 and not _ends_here(document, index):
            return found(_run(document, step), 0.45)
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
        both = _plainly(kind) and _plainly(next_kind)
        if both and not is_clinical(document, following):
            stop = _run(document, following, most=2) if shape == CAPITAL else following + 1
            if has_next and stop < len(words) and shapes[stop] == INITIAL and document.gap(stop - 1) == " ":
                stop += 1
            return found(stop, 0.7)

    if shape == UPPER:
        if (
            _plainly(kind)
            and len(words[index]) > 2
            and has_next
            and document.gap(index) in (" ", ". ")
            and shapes[following] in (UPPER, INITIAL)
        ):
            stop = _run(document, index)
            if stop > index + 1 and (
                _plainly(kinds[stop - 1])
                or (
                    shapes[stop - 1] == INITIAL
                    and document.text[document.ends[stop - 1] : document.ends[stop - 1] + 1] == "."
                )
            ):
                return found(stop, 0.65)
        if _CREDENTIALS.match(document.text, document.ends[index]) and _plainly(kind):
            return found(index + 1, 0.6)
        if (
            _plainly(kind)
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
    stop = _run(document, index)
    length = stop - index
    previous = (
        lowers[index - 1]
        if index and document.before(index).strip(" ,:\"'(") == "" and "\n" not in document.before(index)
        else ""
    )
    credentials = bool(_CREDENTIALS.match(document.text, document.ends[stop - 1]))
    begins = document.starts_sentence(index)
    eponym = is_eponym(document, stop - 1)

    if credentials and not (kind & (COMMON | CLINICAL) and not _knows(kind)):
        return found(stop, 0.85, sure=True)
    if length > 1:
        last_kind = kinds[stop - 1]
        initial_last = shapes[stop - 1] == INITIAL
        if kind & GIVEN and not kind & CLINICAL:
            if not kind & COMMON:
                if initial_last and length == 2:
                    sure = document.text[document.ends[stop - 1] : document.ends[stop - 1] + 1] == "."
                    return found(stop, 0.85 if sure else 0.7)
                return found(stop, 0.85 if _knows(last_kind) else 0.75)
            if _knows(last_kind) or (initial_last and not begins):
                return found(stop, 0.7)
        if eponym and not _plainly(kind):
            return None
        if (
            kind & SURNAME
            and not kind & (COMMON | CLINICAL)
            and (initial_last or last_kind & GIVEN or _plainly(last_kind))
        ):
            return found(stop, 0.7)
        if not kind & 31 and (_plainly(last_kind) or any(_plainly(kinds[at]) for at in range(index, stop))):
            return found(stop, 0.65)
        if previous in _KIN or previous in _STRONG_BEFORE:
            if not kind & (CLINICAL | HEAD) and (not kind & COMMON or _knows(kind)):
                return found(stop, 0.65)
        if (
            not kind & 31
            and not begins
            and all(not kinds[at] & 31 or _knows(kinds[at]) for at in range(index, stop))
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
    if _plainly(kind):
        return found(stop, 0.6 if kind & GIVEN else 0.5)
    if previous in _STRONG_BEFORE and not kind & COMMON and not begins:
        return found(stop, 0.55)
    if kind & COMMON:
        if (
            _knows(kind)
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
    return (
        index > 0
        and document.lowers[index - 1]
        in (
            "vitamin",
            "hepatitis",
            "type",
            "class",
            "stage",
            "grade",
            "group",
            "influenza",
            "protein",
            "plan",
            "part",
            "phase",
            "level",
            "appendix",
        )
    ) or (
        document.before(index).rstrip().endswith(",") is False
        and index > 0
        and document.kinds[index - 1] & COMMON > 0
        and document.shapes[index - 1] == LOWER
        and document.lowers[index - 1] in ("and", "or")
        and False
    )
