"""Who wrote, typed or is written to: greetings, closings, signatures and the initials of those who typed or checked."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from assistant.deid.document import CAPITAL, INITIAL, LOWER, UPPER, Document
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.name_runs import CREDENTIAL_WORDS, PARTICLES, TITLES, knows, name_end
from assistant.deid.spans import Found

_GREETING = re.compile(
    r"(?im)(?:^|(?<=[.,;!?\n>|] ))[ \t]{0,6}(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)|attn|attention)[:,]? {1,3}(?=\w)"
)
_CLOSING = re.compile(
    r"(?im)^[ \t]{0,12}(?:(?:yours|very)? ?(?:sincerely|s[il]ncerely|faithfully|truly)(?: yours)?|(?:with )?(?:kind(?:est)?|best|warm(?:est)?|many) ?(?:regards|wishes|thanks)|regards|respectfully(?: submitted| yours)?|"
    r"thank(?:s| you)(?: again)?|cheers|signed|electronically signed(?: by)?|yours|cordially|love)[,.:]?[ \t\r]*(?:\n[ \t\r]*){1,4}(?=\w)"
)
_SLASH_S = re.compile(r"/[sS]/:? {0,3}(?=\w)")
_DASH = re.compile(
    r"(?m)(?:^|[ \t])(?:[—–]|--?) ?(?=[A-ZÀ-Þ][\w.'’-]+(?: [A-ZÀ-Þ][\w.'’-]*){0,3},? ?(?:[A-Z]{2,5}\b[^\n]{0,20})?[ \t\r]*$)"
)
"""`— Priya Raman, RN` at the end of a line."""
_AND = re.compile(r" (?:and|&) (?=[A-ZÀ-Þ])")
_NOBODY = frozenset(
    """sir sirs madam colleague colleagues doctor doctors dr parent parents team patient patients all friends friend diary gp editor customer
    guardian carer provider providers reader staff everyone there folks member members resident applicant family mum dad mom student applicants
    insurer claims manager nurse nurses ladies gentlemen mr mrs ms miss surgeon registrar consultant or and both""".split()
)
_WROTE = re.compile(
    r"\b(?:(?:[Dd]ictated|DICTATED|[Tt]ranscribed|TRANSCRIBED|[Tt]yped|TYPED|[Dd]ispensed|[Ww]itness|WITNESS|[Ii]nitials?|INITIALS?|[Ss]cribed?|[Tt]ypist|[Tt]ranscriptionist|[Cc]hecker|[Cc]ountersigned)(?: (?:[Bb]y|BY))?|"
    r"(?:[Cc]hecked|[Ee]ntered|[Ss]igned|[Rr]eviewed|[Vv]erified|[Pp]repared|[Pp]erformed|[Dd]rawn|[Cc]ollected|[Aa]dministered|[Rr]ead|[Rr]eported|[Cc]ompleted|[Rr]ecorded|[Ss]een|[Pp]er|PER)(?: (?:[Bb]y|BY))|[Cc]hecked(?=[: ]{1,3}[a-z]{2}(?:[.\s]|$))|(?<!as )[Pp]er|[Dd]/[Ww])"
    r"[: ]{1,3}(?P<who>[A-Z][a-z]?[A-Z]{1,2}|[a-z]{2,3}|(?:[A-Z]\.){2,3})(?![\w'’-]|/\d| (?:guid|protocol|criteria|recomm|standard|schedule|policy|incl|team|[A-Z]))"
)
_PAIR = re.compile(
    r"(?<![\w/.-])(?P<who>[A-Z]{2,4}[/:][a-z]{2,5}|[a-z]{2,4}/[a-z]{2,4}|[A-Z]{2,3}/[A-Z]{2,3})(?=[ \t]{0,3}(?:$|[)\n]))",
    re.MULTILINE,
)
"""`JK/mlt`: who dictated and who typed, at the end of a line."""
_SLASHED = re.compile(
    r"(?m)(?:^|[ \t])/(?P<who>[a-z]{2,4})[ \t\r]*$|(?:^|[ \t])(?P<scribe>[a-z]{2,3})/(?:scribe|typist)\b"
)
_ALONE = re.compile(
    r"(?:(?<=\n)|(?<=[.:;!?)] )|(?<=[—–-] )|(?<=\s[—–-]))(?P<who>[A-Z][a-z]?[A-Z]{1,2}|[a-z]{2,3}|(?:[A-Z]\.){2,3})\.?[ \t\r]*$"
)
"""The last letters of a note."""
_LAST_DASH = re.compile(r"(?:[—–]|(?<=\s)--?) ?(?P<who>[a-z]{2,3})\.?\s*\Z")
_PLAINLY_WRITTEN = re.compile(
    r"(?i:dictated|transcri|typ(?:ed|ist)|dispensed|witness|initial|scribe|countersign)|checked [a-z]|/|[—–-]|[a-z]{2,3}/(?:scribe|typist)"
)
"""After these even letters that are an abbreviation elsewhere are a person's."""
_WORDS = frozenset(
    """am an as at be by do go he hi if in is it me my no of ok on or so to up us we id and any are but can did for get got had has her him his
    how its let may new nil nor not now off old one our out own put saw say see set she six ten the two use via was way who why yes you done
    today none null true only this that""".split()
)
_ABBREVIATIONS = frozenset(
    """bp hr rr os od ou po iv im sc pr pv na cl co mg ml kg cm mm km hx dx rx tx fx sx px cc ct mr xr ed er pt ot np pa rn md gp st nd rd th vs cdr lcdr cpt sgt ltc
    ie eg re wt ht bm gi gu ob ra la ll rl ul mi hf dm tb uo bs ua uv ac pc hs qd bd td prn per sob""".split()
)


def find_signatures(document: Document) -> Iterator[Found]:
    """Names after a greeting, a closing or a dash; initials after "dictated" and at the end."""
    for pattern in (_GREETING, _CLOSING, _SLASH_S, _DASH):
        for match in pattern.finditer(document.text):
            found = _name_at(document, match.end(), greeting=pattern is _GREETING)
            if found:
                yield found
            second = _AND.match(document.text, found.end) if found and pattern is _GREETING else None
            if second and (found := _name_at(document, second.end(), greeting=True)):
                yield found
    for pattern in (_WROTE, _PAIR, _SLASHED, _ALONE, _LAST_DASH):
        for match in pattern.finditer(document.text):
            group = "scribe" if "scribe" in pattern.groupindex and match.group("scribe") else "who"
            said = (
                pattern is not _ALONE and pattern is not _PAIR and bool(_PLAINLY_WRITTEN.match(match.group().lstrip()))
            )
            if _are_initials(document, match.group(group), said=said):
                yield Found(*match.span(group), "NAME", 0.65)


def _name_at(document: Document, at: int, *, greeting: bool) -> Found | None:
    """Up to four words that may be a name and end where the line, a comma or a colon ends."""
    index = bisect_left(document.starts, at)
    if index >= len(document.words) or document.text[at : document.starts[index]].strip():
        return None
    while index < len(document.words) and document.lowers[index] in TITLES and document.gap(index) in (" ", ". ", "."):
        index += 1
    first = last = index
    while last < len(document.words) and _may_be_in_name(document, last, first=last == first):
        gap = document.gap(last)
        if (
            gap in (" ", ". ", ".", "-", "'")
            and last - first < 4
            and last + 1 < len(document.words)
            and _may_be_in_name(document, last + 1, first=False)
        ):
            last += 1
            continue
        break
    else:
        return None
    after = document.text[document.ends[last] : document.ends[last] + 5]
    if greeting and not (
        after[:1] in (",", ":", ";", "\n", "-", "", "!", "—") or after.startswith((" -", " –", " —", " and ", " &"))
    ):
        return None
    if (
        not greeting
        and "\n" not in document.gap(last)
        and document.gap(last)[:1] not in (",", ".", " ")
        and last + 1 < len(document.words)
    ):
        return None
    kind = document.kinds[first]
    if first == last and kind & (COMMON | CLINICAL) and not kind & GIVEN and not greeting:
        return None
    return Found(document.starts[first], name_end(document, last), "NAME", 0.8, sure=True)


def _may_be_in_name(document: Document, index: int, *, first: bool) -> bool:
    kind, shape, lower = document.kinds[index], document.shapes[index], document.lowers[index]
    if lower in _NOBODY or lower in TITLES:
        return False
    if shape == LOWER:
        return not first and lower in PARTICLES
    if shape == INITIAL:
        return True
    if kind & (CLINICAL | HEAD) and not kind & (GIVEN | SURNAME):
        return False
    if shape == UPPER and (lower in CREDENTIAL_WORDS or len(lower) < 3):
        return False
    return shape in (CAPITAL, UPPER) and (knows(kind) or not kind & COMMON)


def _are_initials(document: Document, who: str, *, said: bool) -> bool:
    """Two to four letters that are no word, and no abbreviation unless it is said that somebody wrote."""
    for part in re.split(r"[/:]", who.replace(".", "")):
        lower = part.lower()
        if lower in _WORDS or (
            not said and (lower in _ABBREVIATIONS or document.lexicon.kind(lower) & ~(GIVEN | SURNAME))
        ):
            return False
    return True
