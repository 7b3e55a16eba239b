"""What clinicians type into an assistant or a search box: one to three sentences, in haste, a third of them about nobody.

The sentences are in `queries.txt`, those without any identifier in `queries_free.txt`.
"""

import random
from collections.abc import Iterator

from training.invented.cast import Cast
from training.invented.markup import Tagged
from training.tagger.families.frames import frames
from training.tagger.noise import edited

FREE = 0.35
"""Share of texts that name nobody: the assistant is asked about medicine as often as about people."""
_CASES = ("written", "lower", "upper")
_CASE_WEIGHTS = (74, 22, 4)
_HASTY = 0.2
_TWO = 0.12
"""Share of texts that hold two questions."""


def texts(rng: random.Random) -> Iterator[Tagged]:
    """Endless queries, each with people and numbers of its own."""
    known = frames("queries", "queries_free", "queries_parts")
    while True:
        cast = Cast(rng, case=rng.choices(_CASES, _CASE_WEIGHTS)[0])
        section = "free" if rng.random() < FREE else "named"
        parts = [cast.fill(known.draw(section, rng))]
        if rng.random() < _TWO:
            parts.append(cast.fill(known.draw("free" if section == "free" else rng.choice(("named", "free")), rng)))
        query = Tagged.join(parts, rng.choice((" ", " ", "\n")))
        yield edited(query, _hasty, rng) if rng.random() < _HASTY else query


def _hasty(text: str, rng: random.Random) -> list[str]:
    """No full stop at the end, no capital at the start, now and then no space after a comma or two of them."""
    signs = list(text)
    if signs[-1] in ".?" and rng.random() < 0.7:
        signs[-1] = ""
    if text[1:2].islower() and rng.random() < 0.5:
        signs[0] = signs[0].lower()
    for at in range(1, len(signs) - 1):
        if text[at] == " " and text[at - 1] in ",.;:?" and rng.random() < 0.12:
            signs[at] = rng.choice(("", "  "))
    return signs
