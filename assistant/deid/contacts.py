"""E-mail, web and internet addresses, and user names."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.lexicon import CLINICAL, COMMON
from assistant.deid.spans import Found

_AT = r"(?: ?[(\[{<] ?(?:at|AT|@) ?[)\]}>] ?|@)"
_DOT = r"(?: ?[(\[{<] ?(?:dot|DOT|\.) ?[)\]}>] ?|\.)"
_COMMON_TLD = r"(?:com|org|net|edu|gov|info|io|health|care|clinic|hospital|doctor|example|test|invalid|co|uk|ie|au|ca|nz|za|in|de|fr|us|me|app|eu|int|mil|biz)"
_EMAIL = re.compile(rf"(?<![\w.%+-])[\w.%+'-]{{1,64}}{_AT}[A-Za-z0-9-]{{1,63}}(?:{_DOT}[A-Za-z0-9-]{{1,63}}){{1,6}}")
_EMAIL_SPACED = re.compile(
    rf"(?<![\w.%+-])[\w.%+-]{{1,64}}\s{{0,2}}@\s{{0,2}}[\w-]{{2,40}}(?:\s?\.\s?[\w-]{{2,40}}){{0,3}}\s?[.,]\s?{_COMMON_TLD}(?![\w-])",
    re.IGNORECASE,
)
_EMAIL_SAID = re.compile(
    rf"(?<![\w.%+-])[\w.%+-]{{2,64}}(?: (?:dot|underscore|dash) [\w-]{{1,30}}){{0,3}} at [\w-]{{2,40}}(?: dot [\w-]{{2,30}}){{0,3}} dot {_COMMON_TLD}(?: dot [a-z]{{2}})?(?!\w)",
    re.IGNORECASE,
)
_EMAIL_INSIDE = re.compile(
    r"(?<![\w.%+-])(?=[A-Za-z][\w.+-]{0,40}@)[\w+-]{1,30}[._\d][\w.+-]{0,30}@[A-Za-z][A-Za-z-]{2,30}(?![\w.@-])"
)
"""Without a domain, as inside one house: `j.smith@cardiology`."""
_SAFE_TLD = r"(?:com|org|net|edu|gov|info|health|care|clinic|example|test|invalid|nhs\.uk|co\.uk|org\.uk|ac\.uk|gov\.uk|me\.uk|com\.au|net\.au|org\.au|gov\.au|edu\.au|co\.nz|org\.nz|co\.za|org\.za|gov\.za|co\.in|org\.in|gov\.in|ac\.in|gov\.ie|on\.ca|gc\.ca)"
_COUNTRY_TLD = r"(?:io|de|fr|ca|au|uk|ie|nz|za|in|us|eu|ly|app|tv|me|co|ai|link|page|cloud|online|site|ng|ke|ph|sg)"
_PATH = r"(?:[/?#][^\s<>\"')\]]{0,400})?"
_URL = re.compile(
    r"(?i:\b(?:h[tx]{2}ps?|ftp|sftp|file)\s?:\s?[/\\]{2}\s?|\bwww\.)[^\s<>\"')\]]{3,500}"
    rf"|(?<![@\w.-])(?:[A-Za-z0-9][A-Za-z0-9-]{{0,40}}\.){{1,5}}{_SAFE_TLD}(?::\d{{2,5}})?{_PATH}(?![\w@-])"
    rf"|(?<![@\w.-])(?:[A-Za-z0-9][A-Za-z0-9-]{{0,40}}\.){{2,5}}{_COUNTRY_TLD}{_PATH}(?![\w@-])"
    rf"|(?<![@\w.-])[A-Za-z0-9][A-Za-z0-9-]{{0,40}}\.{_COUNTRY_TLD}/[^\s<>\"')\]]{{1,400}}(?![\w@])"
)
_URL_SPACED = re.compile(
    r"\bwww\s?[.,]\s?[\w-]{1,40}(?:\s?\.\s?[\w-]{1,40}){1,4}(?:/\S{0,200})?"
    r"|(?<![\w.])[\w-]{2,40}(?: dot [\w-]{2,30}){0,2} dot (?:com|org|net|edu|gov|info|co dot uk|org dot uk|com dot au)(?!\w)(?: slash [\w-]{1,40}){0,3}"
    r"|(?<![\w.])[\w-]{2,40} ?\. ?[\w-]{2,40} \. ?(?:com|org|net|edu|gov|example)(?!\w)",
    re.IGNORECASE,
)
_IPV4 = re.compile(
    r"(?<![\d.])(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?![\d.]{0,20}\d)(?:/\d{1,2}|:\d{2,5})?"
)
_IPV6 = re.compile(
    r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:{1,2}){2,7}[0-9A-Fa-f]{1,4}(?![\w:])(?:/\d{1,3})?|(?<![\w:])[0-9A-Fa-f]{1,4}::[0-9A-Fa-f]{1,4}(?![\w:])"
)
_MAC = re.compile(
    r"(?<![\w:-])[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}(?![\w:-])|(?<![\w.])[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?![\w.])"
)
_HANDLE = re.compile(r"(?<![\w@.])@(?=[\w.]{0,30}[A-Za-z])[\w.]{3,30}(?<!\.)")
_NOT_A_HANDLE = re.compile(
    r"@(?:bedtime|night|home|rest|baseline|times?|day|week|hs|noon|lunch|dinner|breakfast|present|least|all|risk|work|school|birth|discharge|admission|\d)",
    re.IGNORECASE,
)
_DOMAIN_USER = re.compile(r"(?<![\w\\])[A-Z][A-Z0-9-]{1,15}\\[A-Za-z][\w.-]{2,30}(?!\w)")
_USER = re.compile(
    r"(?<![A-Za-z])(?:user ?-?(?:name|id)?|login|log-?in|logon|logged in as|signed in as|screen ?name|handle|skype|insta(?:gram)?|ig|twitter|tiktok|snap(?:chat)?|facebook|fb|telegram|wechat|line id|venmo|cash ?app|"
    r"gamertag|profile|portal (?:user|login|id|account|name)|mychart (?:user|login|id|account)|account name)(?![A-Za-z])"
    r"(?:\s(?:name|id|user|handle|account|is|as|was|of|for)){0,2}[\s:=\"'(]{1,4}([A-Za-z][\w.\-]{2,30}(?<![.\-]))(?!\w)",
    re.IGNORECASE,
)
_NAMES_A_USER = re.compile(r"(?:user ?-?(?:name|id)|log-?in|logon|screen ?name|handle)\b", re.IGNORECASE)


def find_contacts(document: Document) -> Iterator[Found]:
    """E-mail, web and internet addresses, hardware addresses, user names."""
    text = document.text
    lower = text.lower()
    for pattern, score, signs in (
        (_EMAIL, 0.99, ("@", "at)", "at]", "at}", "at>")),
        (_EMAIL_SPACED, 0.9, ("@",)),
        (_EMAIL_SAID, 0.85, (" dot ",)),
        (_EMAIL_INSIDE, 0.65, ("@",)),
    ):
        if any(sign in lower for sign in signs):
            for match in pattern.finditer(text):
                yield Found(*match.span(), "EMAIL", score)
    if "@" in text:
        for match in _HANDLE.finditer(text):
            if not _NOT_A_HANDLE.match(match.group()):
                yield Found(*match.span(), "ID", 0.65)
    for pattern, score in ((_URL, 0.95), (_URL_SPACED, 0.8)):
        if pattern is _URL_SPACED and not any(sign in lower for sign in ("www", " dot ", " . ", " .", "://")):
            continue
        for match in pattern.finditer(text):
            end = match.end()
            while text[end - 1] in ".,;:!?":
                end -= 1
            yield Found(match.start(), end, "URL", score)
    for match in _IPV4.finditer(text):
        yield Found(*match.span(), "IP", 0.9)
    for match in _IPV6.finditer(text):
        piece = match.group()
        if ("::" in piece or piece.count(":") == 7) and re.search(r"[A-Fa-f]|\d{3}", piece):
            yield Found(*match.span(), "IP", 0.9)
    for match in _MAC.finditer(text):
        if any(character.isalpha() for character in match.group()) or ":" in match.group():
            yield Found(*match.span(), "DEVICE", 0.9)
    yield from _user_names(document)


def _user_names(document: Document) -> Iterator[Found]:
    for match in _DOMAIN_USER.finditer(document.text):
        yield Found(*match.span(), "ID", 0.7)
    for match in _SIGNED_BY.finditer(document.text):
        yield Found(*match.span(1), "ID", 0.75)
    for match in _LETTERS_AND_NUMBER.finditer(document.text):
        if _is_no_word(document, match[1]) and not document.lexicon.kinds.get(match[1].lower().rstrip("s"), 0) & (
            COMMON | CLINICAL
        ):
            yield Found(*match.span(), "ID", 0.55)
    for match in _USER.finditer(document.text):
        name = match[1]
        marked = re.search(r"[:=\"']", document.text[match.start() : match.start(1)]) is not None
        if re.search(r"[\d_]|\w\.\w", name) or (
            (marked or _NAMES_A_USER.match(match.group())) and _is_no_word(document, name)
        ):
            yield Found(*match.span(1), "ID", 0.75)


_SIGNED_BY = re.compile(
    r"\b(?:(?:transcribed|typed|entered|posted|written|signed|created|edited|dictated|uploaded|note|report|updated|authored|printed) by|under\sthe\sname|operator(?: id)?|user|login)[\s:=-]{1,4}([A-Za-z][A-Za-z_]{1,20}(?:[._][A-Za-z]{2,20}|(?:[._][A-Za-z]{2,20})?\d{1,4}))(?![\w.]\w|\w)",
    re.IGNORECASE,
)
_LETTERS_AND_NUMBER = re.compile(r"(?<![\w.@/-])([A-Za-z]{5,20})(?:[._][A-Za-z]{2,20})?\d{2,4}(?![\w/%-]|\.\d)")


def _is_no_word(document: Document, name: str) -> bool:
    return not document.lexicon.kinds.get(name.lower(), 0) & (COMMON | CLINICAL)
