"""What scanners, typists and copy-and-paste do to a text; its identifiers stay marked."""

import random
from collections.abc import Callable

from training.invented.markup import Tagged

NOISY = 0.15
"""Share of texts that get noise. A hunch."""

_CONFUSED = {
    "O": "0", "0": "O", "o": "0", "l": "1", "1": "l", "I": "l", "i": "l", "S": "5", "5": "S", "B": "8", "8": "B", "m": "rn", "rn": "m",
    "w": "vv", "W": "VV", "d": "cl", "cl": "d", "e": "c", "h": "b", "g": "q", "Z": "2", "2": "Z", "u": "n", "n": "u", "E": "F", "ri": "n",
}  # fmt: skip
"""What one reads for the other on a bad copy."""

Edit = Callable[[str, random.Random], list[str]]
"""A text → what stands for each of its characters, in order."""


def noisy(tagged: Tagged, rng: random.Random) -> Tagged:
    """With a chance of `NOISY` a worse copy, otherwise the text as it is."""
    if rng.random() >= NOISY or not tagged.text:
        return tagged
    if rng.random() < 0.3:
        return tagged.lowered() if rng.random() < 0.7 else tagged.uppered()
    return edited(tagged, rng.choice([_misread, _misread, _spaced, _glued, _broken, _mistyped, _unpunctuated]), rng)


def edited(tagged: Tagged, edit: Edit, rng: random.Random) -> Tagged:
    """Apply an edit; a span covers what became of its characters, and is left out where nothing did."""
    pieces = edit(tagged.text, rng)
    offsets = [0]
    for piece in pieces:
        offsets.append(offsets[-1] + len(piece))
    text = "".join(pieces)
    spans = []
    for start, end, label in tagged.spans:
        first, last = offsets[start], offsets[end]
        while first < last and text[first].isspace():
            first += 1
        while last > first and text[last - 1].isspace():
            last -= 1
        if first < last:
            spans.append((first, last, label))
    return Tagged(text, tuple(spans))


def _misread(text: str, rng: random.Random) -> list[str]:
    share, pieces, at = rng.uniform(0.01, 0.08), list(text), 0
    while at < len(text):
        pair = text[at : at + 2]
        if rng.random() < share:
            if len(pair) == 2 and pair in _CONFUSED:
                pieces[at], pieces[at + 1] = _CONFUSED[pair], ""
                at += 1
            elif text[at] in _CONFUSED:
                pieces[at] = _CONFUSED[text[at]]
        at += 1
    return pieces


def _spaced(text: str, rng: random.Random) -> list[str]:
    """ "J ohn", "0 7700": a space where none belongs."""
    share = rng.uniform(0.01, 0.05)
    return [f"{sign} " if sign.isalnum() and rng.random() < share else sign for sign in text]


def _glued(text: str, rng: random.Random) -> list[str]:
    """ "MRN4471seen": a space that was lost."""
    share = rng.uniform(0.03, 0.2)
    return ["" if sign == " " and rng.random() < share else sign for sign in text]


def _broken(text: str, rng: random.Random) -> list[str]:
    """Lines of a narrow column: some words broken by a hyphen."""
    width, column, pieces = rng.randint(28, 70), 0, []
    for at, sign in enumerate(text):
        column = 0 if sign == "\n" else column + 1
        if column > width and sign == " ":
            sign, column = "\n", 0
        elif (
            column > width
            and text[at - 2 : at + 3].isalpha()
            and len(text[at - 2 : at + 3]) == 5
            and rng.random() < 0.3
        ):
            sign, column = f"{sign}-\n", 0
        pieces.append(sign)
    return pieces


def _mistyped(text: str, rng: random.Random) -> list[str]:
    share, pieces = rng.uniform(0.005, 0.03), list(text)
    for at in range(1, len(text) - 1):
        if rng.random() < share and text[at].isalpha():
            pieces[at] = rng.choice(["", text[at] * 2, rng.choice("abcdefghijklmnoprstuvwy")])
    return pieces


def _unpunctuated(text: str, rng: random.Random) -> list[str]:
    """Typed in haste: no commas, no full stops between sentences, half of it in lower case."""
    lower = rng.random() < 0.6
    return [
        "" if sign in ",.;:" and text[at + 1 : at + 2] in (" ", "\n", "") else sign.lower() if lower else sign
        for at, sign in enumerate(text)
    ]
