"""Telephone, fax and e-mail as Spanish reports write them; web and internet addresses come from the shared rule."""

import re
from collections.abc import Iterator

from assistant.deid import contacts
from assistant.deid.document import Document
from assistant.deid.spans import Found

_TOP = r"(?:com|org|net|edu|gov|gob|info|biz|eu|es|cat|eus|gal|mx|ar|cl|co|pe|uy|py|bo|ec|ve|cu|cr|gt|hn|ni|pa|do|pr|sv|br|pt|fr|it|de|uk|us)"
_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}\s?(?:@|\(\s?(?:a|at|arroba)\s?\)|\[\s?(?:a|at|arroba)\s?\]|"
    r"\sarroba\s)\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}",
    re.IGNORECASE,
)
_SPLIT_EMAIL = re.compile(
    rf"(?<![\w.+-])[\w.+-]{{1,64}}\s{{0,2}}@\s{{0,2}}[\w-]{{1,63}}(?:\s?\.\s?[\w-]{{1,63}}){{0,4}}\s?\.\s{{0,2}}{_TOP}(?!\w)",
    re.IGNORECASE,
)
"""Broken over a line or spaced out; only a known ending tells its last dot from the end of a sentence."""
_CUT_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{2,64}@[\w-]{2,63}(?![\w@.])")
_USER_ONLY = re.compile(r"\b(?:e-?mail|correo(?:\selectr[oó]nico)?)\s?:\s?([\w.+-]{2,40}@?)(?=\s|$)", re.IGNORECASE)

_DIGITS = r"\(?\+?\d{1,15}\)?(?:[\s.\-]{1,2}\(?\d{2,9}\)?){0,5}"
_EXTENSION = r"(?:[\s,.\-]{0,3}(?:ext(?:ensi[oó]n)?|int(?:erno)?)\.?:?\s{0,2}\d{1,6})?"
_LABEL = r"tel[eé]?f?(?:o?nos?|s)?|tf?no?s?|tlfs?(?:no?)?|tfs?|tl|phone|m[oó]vil(?:es)?|celular|cel|fijo|whats?app|busca(?:personas)?|contacto|centralita|n[uú]mero\sde\s(?:tel[eé]fono|m[oó]vil|contacto|fax)"
_FAX_LABEL = r"(?:tele)?fax"
_LABELLED = re.compile(
    rf"(?<![a-záéíóú])(?P<label>(?:(?:{_LABEL}|{_FAX_LABEL})\.?(?:\s?(?:y|/|-|o|,)\s?)?){{1,3}})(?:\s(?:m[oó]vil|fijo|"
    rf"de\scontacto|del?\s\w{{3,14}}|particular|directo)){{0,2}}[\s.:=(]{{0,6}}(?P<first>{_DIGITS}{_EXTENSION})"
    rf"(?:\s?(?:/|-|,|y|o|ó)\s?(?P<second>{_DIGITS}{_EXTENSION}))?(?:\s?(?:/|-|,|y|o|"
    rf"ó)\s?(?P<third>{_DIGITS}{_EXTENSION}))?(?![\w])",
    re.IGNORECASE,
)
_SPANISH = re.compile(
    r"(?<![\w.,/+#-])(?:(?:\+|00)\s?34[\s.\-]{0,2})?(?:[6-9]\d{2}[\s.\-]\d{3}[\s.\-]?\d{3}|"
    r"[6-9]\d{2}[\s.\-]\d{2}[\s.\-]\d{2}[\s.\-]\d{2}|[89]\d[\s.\-]\d{3}[\s.\-]\d{2}[\s.\-]\d{2}|[89]\d[\s.\-]\d{7}|"
    rf"[6-9]\d{{2}}[\s.\-]\d{{6}}|[6-9]\d{{8}}){_EXTENSION}(?![\w%]|[.,/-]\d)"
)
_INTERNATIONAL = re.compile(rf"(?<![\w+])(?:\+|00)[1-9]\d{{0,2}}(?:[\s.\-]?\(?\d{{2,5}}\)?){{3,6}}{_EXTENSION}(?!\d)")
_EXTENSION_ALONE = re.compile(r"\b(?:ext(?:ensi[oó]n)?\.?|busca)\s{0,2}:?\s{0,2}(\d{3,6})(?!\w)", re.IGNORECASE)
_SAME_EVERYWHERE = frozenset({"URL", "IP", "DEVICE"})
_FEWEST_DIGITS, _MOST_DIGITS = 6, 16


def find_contacts(document: Document) -> Iterator[Found]:
    """`Tfno.: 948 255 400 / 401`, `+34 612 34 56 78`, `fax 91 336 87 85`, `ana.pérez @hospital .es`."""
    text = document.text
    yield from (found for found in contacts.find_contacts(document) if found.type in _SAME_EVERYWHERE)
    if "@" in text or "arroba" in text.lower() or "(a" in text or "[a" in text:
        for pattern in (_EMAIL, _SPLIT_EMAIL, _CUT_EMAIL):
            for match in pattern.finditer(text):
                yield Found(*match.span(), "EMAIL", 0.95)
        for match in _USER_ONLY.finditer(text):
            if "@" in match.group(1):
                yield Found(*match.span(1), "EMAIL", 0.7)
    for match in _LABELLED.finditer(text):
        for group in ("first", "second", "third"):
            digits = sum(character.isdigit() for character in match.group(group) or "")
            if _FEWEST_DIGITS <= digits <= _MOST_DIGITS or (group != "first" and 2 < digits <= _MOST_DIGITS):
                fax = group == "first" and re.search(_FAX_LABEL, match.group("label"), re.IGNORECASE)
                start, end = match.span(group)
                end -= text[end - 1] == ")" and "(" not in text[start:end]
                yield Found(start, end, "FAX" if fax else "PHONE", 0.9)
    for pattern, score in ((_SPANISH, 0.65), (_INTERNATIONAL, 0.85)):
        for match in pattern.finditer(text):
            yield Found(*match.span(), "PHONE", score)
    for match in _EXTENSION_ALONE.finditer(text):
        yield Found(*match.span(1), "PHONE", 0.6)
