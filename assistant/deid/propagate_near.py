"""Known names that were misread by a scanner, mistyped, or glued to something else: "Okaf0r", "OkaforMRN", "jokafor82"."""

import re
from collections.abc import Iterator, Mapping

from assistant.deid.document import CAPITAL, UPPER, Document
from assistant.deid.spans import Found

_TOKEN = re.compile(r"[^\W_][\w|.]{3,40}")
_SHORTEST_GLUED, _SHORTEST_MISREAD, _SHORTEST_MISTYPED = 5, 5, 6
_LONGEST = 24
_READ_AS = str.maketrans("015869|$", "olsbbgls")
"""Digits for the letters that a scanner takes for them."""
_LABEL = re.compile(
    r"(?:MRN|DOB|PID|SSN|NHS|HN|UR|MR|ID|DOD|DOA|Age|AGE|Sex|SEX|Male|Female|MALE|FEMALE|Ward|Bed|Room)"
)


def find_near(document: Document, known: Mapping[str, float]) -> Iterator[Found]:
    """`known`: words of names, lower case, with scores; none that is an ordinary word too. Linear in the text."""
    long = {word for word in known if _SHORTEST_GLUED <= len(word) <= _LONGEST and word.isalpha()}
    if not long:
        return
    read = {_skeleton(word): word for word in long}
    lengths = sorted({len(word) for word in long})
    typed = {
        word[:at] + word[at + 1 :]: word for word in long if len(word) >= _SHORTEST_MISTYPED for at in range(len(word))
    }
    for match in _TOKEN.finditer(document.text):
        token = match.group().rstrip(".")
        lower = token.lower()
        if lower in known or document.lexicon.kind(lower):
            continue
        if not token.isalpha() or token[1:] != token[1:].lower():
            yield from _glued(token, match.start(), long, lengths)
        if _is_misread(token, read):
            yield Found(match.start(), match.start() + len(token), "NAME", 0.55)
    for index, word in enumerate(document.lowers):
        if (
            document.shapes[index] in (CAPITAL, UPPER)
            and len(word) >= _SHORTEST_MISTYPED
            and not document.kinds[index]
            and word not in known
            and _is_mistyped(word, long, typed)
        ):
            yield Found(document.starts[index], document.ends[index], "NAME", 0.5)
        elif not document.kinds[index] and len(word) > _SHORTEST_GLUED and word[1:] in long:
            # "rkerrigan": the first letter of the given name before the surname
            yield Found(document.starts[index], document.ends[index], "NAME", 0.5)


def _skeleton(word: str) -> str:
    return word.lower().translate(_READ_AS).replace("rn", "m").replace("vv", "w").replace("i", "l").replace("cl", "d")


def _is_misread(token: str, read: Mapping[str, str]) -> bool:
    return len(token) >= _SHORTEST_MISREAD and not token.islower() | token.isdigit() and _skeleton(token) in read


def _is_mistyped(word: str, known: set[str], shortened: Mapping[str, str]) -> bool:
    """One letter too few, too many or another, not the first."""
    if word in shortened and shortened[word][:2] == word[:2]:
        return True
    for at in range(2, len(word)):
        less = word[:at] + word[at + 1 :]
        if less in known:
            return True
        near = shortened.get(less)
        if near and len(near) == len(word) and near[:at] == word[:at] and near[at + 1 :] == word[at + 1 :]:
            return True
    return False


def _glued(token: str, start: int, known: set[str], lengths: list[int]) -> Iterator[Found]:
    """The whole of a login ("jokafor82"), or the name alone where a label is glued to it ("OkaforMRN")."""
    lower = token.lower()
    for size in lengths:
        if size > len(lower):
            return
        for at in (0, 1, len(lower) - size):
            if lower[at : at + size] in known:
                label = at == 0 and _LABEL.match(token, size)
                yield Found(start, start + (size if label else len(token)), "NAME", 0.55)
                return
