"""The other places where the same words stand: what "mask all like this" is about. It judges nothing, it only looks."""

import re

_LONGEST = 200
"""Characters. Longer than any name, address or number; and looking for more could take long in a long text."""
_APOSTROPHE = re.compile(r"['’‘´`]")
_POSSESSIVE = re.compile(r"(?<=\w)['’‘´`]s?$", re.IGNORECASE)
_EDGES = ' \t\r\n.,;:!?"“”„«»()[]{}'


def bare(piece: str) -> str:
    """The words as they are compared: without case, possessive, line breaks and punctuation at the ends."""
    stripped = _POSSESSIVE.sub("", piece.strip(_EDGES))
    return " ".join(_APOSTROPHE.sub("'", stripped).split()).casefold()


def alike(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Every place in `text` with the words of `text[start:end]`, as whole words, in any case; that place is among them.

    "Quill" is found in "QUILL" and in "Quill's" (whose 's stays), not in "Quillon". Sorted, without overlap; linear in
    the text.
    """
    here = (start, end)
    words = _POSSESSIVE.sub("", text[start:end].strip(_EDGES)).split()
    if not words or end - start > _LONGEST:
        return [here]
    written = r"\s+".join(_APOSTROPHE.sub("['’‘´`]", re.escape(word)) for word in words)
    before = r"(?<!\w)" if _in_word(words[0][0]) else ""
    after = r"(?!\w)" if _in_word(words[-1][-1]) else ""
    found = [match.span() for match in re.finditer(before + written + after, text, re.IGNORECASE)]
    return sorted([here, *((a, b) for a, b in found if b <= start or end <= a)])


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
