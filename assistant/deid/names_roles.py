"""People by what they are called beside their name: roles, pairs with one title, nicknames, former names."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from assistant.deid.document import CAPITAL, INITIAL, LOWER, UPPER, Document
from assistant.deid.guard import is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.name_runs import knows, name_end, plainly, run_end
from assistant.deid.spans import Found

_ROLES = re.compile(
    r"\b(?:(?i:nurse|midwife|matron|physio|physiotherapist|therapist|registrar|consultant|fellow|intern|resident|attending|hospitalist|surgeon|anaesthetist|anesthesiologist|"
    r"radiologist|cardiologist|neurologist|oncologist|pathologist|psychiatrist|psychologist|paediatrician|pediatrician|dermatologist|nephrologist|obstetrician|dentist|hygienist|"
    r"pharmacist|dietitian|dietician|paramedic|medic|aide|technician|tech|scribe|interpreter|translator|carer|caregiver|keyworker|key worker|counsell?or|chaplain|receptionist|secretary|"
    r"porter|teacher|coach|constable|inspector|detective|warden|foreman|supervisor|landlord|landlady|solicitor|lawyer|attorney|headteacher|headmaster|principal|pastor|deacon|imam|rabbi|"
    r"case (?:manager|mgr|worker)|social worker|care (?:coordinator|co-ordinator|manager)|support worker|health visitor|discharge planner|student nurse|ward clerk|team leader|"
    r"kuya|aling|mang|tannie|oom|ouma|oupa|auntie|aunty|uncle|granny|grandma|grandpa|colleague|classmate|workmate|coworker|co-worker|boss|tenant|lodger|housemate|flatmate|buddy|pal)|"
    r"CPN|RN|LPN|LVN|NP|APRN|HCA|CNA|EMT|SHO|SpR|CNS|MSW|LCSW|SLP|SLT|PCP|GP|PC|DC|WPC|Det\.?|Cpl\.?|Pvt\.?|SSgt|MSgt|Maj\.?|Cmdr\.?|Cdr\.?|LCDR|CDR|CPT|SGT|SSG|SFC|HM[1-3C]|BM[1-3]|PO[1-3]|Bro\.?|Fr\.?|Cllr\.?|"
    r"Pastor|Deacon|Elder|Aunt(?:ie|y)?|Uncle|Granny|Grandma|Grandpa|Nana|Kuya|Ate|Aling|Mang|Tita|Tito|Lola|Lolo|Tannie|Oom|Ouma|Oupa|Shri|Smt\.?|Kumari|Alhaji|Alhaja|Hajia|Chief|Mama|Baba|Mzee|Ntate|Mevrouw|Mev\.|Mnr\.|Meneer|Doña|Don|Lady|Lord|Dame)"
    r"(?P<gap> |, |: )(?=(?:(?:'t|van|de|der|den|von|da|di|du|ter|ten|la|el|al|bin) ){0,3}[A-ZÀ-Þ])"
)
_HONORIFIC = re.compile(
    r"(?:Aunt|Uncle|Granny|Grandma|Grandpa|Nana|Kuya|Ate|Aling|Mang|Tita|Tito|Lola|Lolo|Tannie|Oom|Ou[mp]a|Shri|Smt|Kumari|Alhaj|Haj|Chief|Mzee|Ntate|Mev|Mnr|Meneer|Doña|Bro|Fr|Cllr|Cpl|Pvt|SS?gt|Maj|HM|BM|PO\d|Dame)"
)
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sr|Fr)"
_COUPLE = re.compile(rf"\b{_TITLE}s?\.? (?:and|&|or|/) {_TITLE}\.? (?=[A-ZÀ-Þ])")
_DOCTORS = re.compile(r"\b(?:Drs|Doctors|Professors|Profs|Messrs|Misses)\.? (?=[A-ZÀ-Þ])")
_AND = re.compile(r",? (?:and|&|or) |, ")
_QUOTED = re.compile(
    r"(?<![\w'’])(?P<before>(?:[A-ZÀ-Þ][\w.'’-]{0,20}(?: |, )){1,3})[\"“‘'(](?P<nick>[A-ZÀ-Þ][\w.'’-]{1,14})[\"”’')](?P<after>(?: [A-ZÀ-Þ][\w'’-]{1,20}| [A-Z]\.?(?![\w])){0,2})"
)
_CALLED = re.compile(
    r"\b(?:aka|a\.k\.a\.?|known as|goes by|likes to be called|prefers(?: to be called)?|preferred name(?: is|:)?|pref\.|nickname(?:d)?(?: is|:)?|née|nee|formerly|maiden name(?: is|:)?|alias|also known as|everyone calls (?:him|her|me|them)|calls (?:him|her)self|"
    r"my name is|name is|I am called|named after) [\"“‘'(]?(?=[A-ZÀ-Þ])"
)
_BY = re.compile(r"goes by|nickname|prefer|likes to be|n[ée]e|alias|aka", re.IGNORECASE)


def find_names_by_role(document: Document) -> Iterator[Found]:
    """`RN Mulcahy`, `her key worker, Patience Moyo`, `Mr and Mrs Okafor`, `Drs Lee and Roth`, `Carl "Chalky" White`."""
    text = document.text
    for match in _ROLES.finditer(text):
        found = _after_role(document, match)
        if found:
            yield found
    for match in _COUPLE.finditer(text):
        index = bisect_left(document.starts, match.end())
        yield Found(document.starts[index], name_end(document, run_end(document, index) - 1), "NAME", 0.9, sure=True)
    for match in _DOCTORS.finditer(text):
        yield from _each_of_several(document, bisect_left(document.starts, match.end()))
    for match in _QUOTED.finditer(text):
        found = _with_nickname(document, match)
        if found:
            yield found
    for match in _CALLED.finditer(text):
        index = bisect_left(document.starts, match.end())
        kind = document.kinds[index]
        plain = match.group()[-1] in "\"“‘'(" or _BY.match(match.group())
        if (
            not kind & (CLINICAL | HEAD)
            and (plain or not kind & COMMON or knows(kind))
            and document.shapes[index] in (CAPITAL, UPPER)
        ):
            yield Found(document.starts[index], name_end(document, run_end(document, index) - 1), "NAME", 0.7)


def _after_role(document: Document, match: re.Match[str]) -> Found | None:
    index = bisect_left(document.starts, match.end())
    begin = match.end()
    while index < len(document.words) and document.shapes[index] == LOWER:
        index += 1  # "Mevrouw 't Hart", "nurse van der Berg"
    if index >= len(document.words):
        return None
    kind, shape = document.kinds[index], document.shapes[index]
    if (
        kind & (CLINICAL | HEAD)
        or is_eponym(document, index)
        or document.lowers[index] in document.lexicon.titles
        or document.lowers[index] in document.lexicon.countries
    ):
        return None
    stop = run_end(document, index)
    several = (
        stop - index > 1
        and not document.kinds[stop - 1] & (CLINICAL | HEAD)
        and (
            len(document.words[stop - 1]) > 2 or knows(document.kinds[stop - 1]) or document.shapes[stop - 1] == INITIAL
        )
    )
    if shape == UPPER and not plainly(kind):
        return None
    if shape == INITIAL and not (several and knows(document.kinds[stop - 1])):
        return None
    honorific = bool(_HONORIFIC.match(match.group()))
    ordinary = document.kinds[stop - 1] & COMMON and not knows(document.kinds[stop - 1])
    alone = kind & GIVEN and (honorific or match.group("gap") == " ")
    if kind & COMMON and not alone and not (several and not ordinary):
        return None
    if match.group("gap") != " " and not (plainly(kind) or several):
        return None
    return Found(
        begin,
        name_end(document, stop - 1),
        "NAME",
        0.75 if honorific or plainly(kind) or several else 0.6,
    )


def _each_of_several(document: Document, index: int) -> Iterator[Found]:
    """The names after one title in the plural."""
    for _ in range(4):
        if (
            index >= len(document.words)
            or document.shapes[index] not in (CAPITAL, UPPER, INITIAL)
            or document.lowers[index] in document.lexicon.titles
        ):
            return
        if document.kinds[index] & COMMON and not knows(document.kinds[index]):
            return
        stop = run_end(document, index)
        end = name_end(document, stop - 1)
        yield Found(document.starts[index], end, "NAME", 0.9, sure=True)
        joined = _AND.match(document.text, end)
        if joined is None:
            return
        index = bisect_left(document.starts, joined.end())


def _with_nickname(document: Document, match: re.Match[str]) -> Found | None:
    first = bisect_left(document.starts, match.start())
    last = bisect_left(document.starts, match.end()) - 1
    words = range(first, last + 1)
    while words and (
        document.lowers[words[0]] in document.lexicon.titles
        or (
            document.kinds[words[0]] & COMMON
            and not knows(document.kinds[words[0]])
            and not (document.shapes[words[0]] == UPPER and document.gap(words[0]) == ", ")
        )
    ):
        words = words[1:]
    nick = bisect_left(document.starts, match.start("nick"))
    beside = [at for at in words if at != nick and document.shapes[at] != INITIAL]
    if nick not in words or not beside or any(document.kinds[at] & (CLINICAL | HEAD) for at in beside):
        return None
    names = sum(bool(document.kinds[at] & (GIVEN | SURNAME)) for at in beside)
    unknown = sum(not document.kinds[at] & (COMMON | CLINICAL | HEAD) for at in beside)
    if not names and unknown < 2:
        return None
    if (
        match.group()[len(match.group("before"))] == "("
        and not (names and match.group("after"))
        and not document.kinds[nick] & GIVEN
    ):
        return None  # "Smith (Chairman)"
    return Found(document.starts[words[0]], match.end(), "NAME", 0.75)
