"""What stands behind a street: its towns, its state, its postal code, on the same line and on the next ones."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.postcodes import AUSTRALIAN_STATES, CODE, PROVINCES
from assistant.deid.towns import STATE_CODES, STATE_NAMES

_REACH = 170
"""Characters behind a street in which its postal code is looked for."""
_MOST_PARTS, _MOST_LINES = 5, 4
_PART = re.compile(r"[ \t>|.,]{0,4}(?P<part>[^,\n]{0,60})(?P<mark>[,\n]|$)")
_SENTENCE_END = re.compile(r"(?<!\b[Ss]t)(?<!\b[MF]t)(?<!\b[A-Z])\. ")
_CAPITAL = r"[A-ZÀ-ÞΑ-Ω][\w.'’-]{0,22}"
_LITTLE = r"(?:of|upon|on|the|de|la|le|les|del|am|an|der|sur|near|by|in|y|e|i|and|under|super|next)"
_TOWN_WORDS = re.compile(rf"(?:{_CAPITAL}|[Ss]t\.|co\.|near|opp)(?: (?:{_CAPITAL}|{_LITTLE}(?= ))){{0,4}}")
_CODE_AFTER = re.compile(
    rf"(?P<town>[^\d]{{0,45}}?)[ .–-]{{0,4}}(?<![^\W_])(?P<code>{CODE})(?=[ \t]{{0,3}}(?:[.;:)]|$)|\s(?:and|with|who|for|Tel|Ph)\b)"
)
_CODE_BEFORE = re.compile(
    rf"(?:[A-Z]{{1,3}}-)?{CODE} (?P<town>{_CAPITAL}(?: (?:{_CAPITAL}|(?:am|an der|sur|de|la|le)(?= ))){{0,3}})"
)
_REGION = re.compile(
    rf"(?:{STATE_CODES}|{STATE_NAMES}|{AUSTRALIAN_STATES}|{PROVINCES}|WA|SA|NT|UK|USA|U\.S\.A|England|Scotland|Wales|Ireland|Northern Ireland|Australia|India|Canada)\.?"
)
_LABEL = re.compile(
    r"(?:Tel|Telephone|Phone|Ph|Fax|Mobile|Cell|E-?mail|Attn|DOB|MRN|Dr|Mr|Mrs|Ms|Re|RE|Dear|Patient|Date|Dob|Sex|Age|NHS|Hosp)\b|[A-Za-z][A-Za-z /.]{0,30}:"
)


def address_end(document: Document, end: int) -> int:
    """`end` of a street, moved behind all that belongs to its address.

    With a postal code in reach, all up to it; without one, the towns behind commas. A state with neither stays.
    """
    town_end = end
    known_so_far = True
    for start, part, newlines in _parts(document.text, end):
        if _LABEL.match(part):
            break
        after, before = _CODE_AFTER.match(part), _CODE_BEFORE.match(part)
        if after and _may_be_towns(document, after.group("town")):
            return start + after.end("code")
        if before and _may_be_towns(document, before.group("town")):
            return start + before.end("town")
        if not _may_be_towns(document, part):
            break
        commas = newlines == 0 and "," in document.text[end:start]
        known_so_far = (
            known_so_far
            and not _REGION.fullmatch(part)
            and (_is_listed(document, part) or (commas and _is_likely_town(document, part)))
        )
        if known_so_far:
            town_end = start + len(part)
    return town_end


def _parts(text: str, end: int) -> Iterator[tuple[int, str, int]]:
    """What stands between commas and line ends: where it begins, its text, how many lines down."""
    at, newlines = end, 0
    for _ in range(_MOST_PARTS):
        match = _PART.match(text, at, end + _REACH)
        if match is None or newlines >= _MOST_LINES:
            return
        part = match.group("part")
        stop = _SENTENCE_END.search(part)
        part = part[: stop.start() if stop else len(part)].rstrip(" .\t\r")
        if part:
            yield match.start("part"), part, newlines
        if stop or not match.group("mark"):
            return
        newlines += match.group("mark") == "\n"
        at = match.end()


def _words(part: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[^\W\d_]+", part)]


def _is_listed(document: Document, part: str) -> bool:
    words = _words(part)
    return bool(words) and len(words) < 4 and part[0].isupper() and words[0] in document.lexicon.places


def _may_be_towns(document: Document, part: str) -> bool:
    """Whether a part between a street and a postal code may be a town, a county, a state."""
    part = part.strip(" .,–-")
    if not part or _REGION.fullmatch(part) or _is_listed(document, part):
        return True
    if not _TOWN_WORDS.fullmatch(part):
        return False
    first = document.lexicon.kind(_words(part)[0])
    return not first & CLINICAL or bool(first & (GIVEN | SURNAME))


def _is_likely_town(document: Document, part: str) -> bool:
    """Whether a part behind a street and a comma is a town although no list knows it and no code follows."""
    words, lexicon = _words(part), document.lexicon
    if not words or len(words) > 3 or words[0] in lexicon.titles or not _TOWN_WORDS.fullmatch(part):
        return False
    kind = lexicon.kind(words[0]) or lexicon.unlisted(words[0], lexicon.kinds)
    return not kind & (CLINICAL | HEAD) and (not kind & COMMON or bool(kind & (GIVEN | SURNAME)))
