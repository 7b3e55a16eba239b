"""Short texts that are not medicine: mails, chats, forms, news, reviews, addresses. A tenth name nobody.

The sentences are in `everyday.txt`. Here countries and states are among the people and dates as they are anywhere, with their own labels.
"""

import random
from collections.abc import Iterator

from training.invented.cast import Cast
from training.invented.markup import Tagged
from training.tagger.families.frames import Frames, frames

FREE = 0.1
"""Share of texts without any identifier."""
_CASES = ("written", "lower", "upper")
_CASE_WEIGHTS = (84, 12, 4)
_SENTENCES = (1, 2, 3, 4)
_SENTENCE_WEIGHTS = (52, 28, 13, 7)
_NEUTRAL = 0.35
"""How often a further sentence names nobody."""


def texts(rng: random.Random) -> Iterator[Tagged]:
    """Endless texts of one to four frames, each about other people."""
    known = frames("everyday")
    while True:
        cast = Cast(rng, case=rng.choices(_CASES, _CASE_WEIGHTS)[0])
        count = rng.choices(_SENTENCES, _SENTENCE_WEIGHTS)[0]
        if rng.random() < FREE:
            sentences = [known.draw("free", rng) for _ in range(count)]
        else:
            sentences = _about_one_subject(known, rng, count)
        yield Tagged.join([cast.fill(sentence) for sentence in sentences], rng.choice((" ", " ", " ", "\n", "\n\n")))


def _about_one_subject(known: Frames, rng: random.Random, count: int) -> list[str]:
    """One frame and further ones of its subject or of none, in any order."""
    subject = rng.choice(known.lines["named"]).strip("[]")
    sections = [subject, *("free" if rng.random() < _NEUTRAL else subject for _ in range(count - 1))]
    rng.shuffle(sections)
    return [known.draw(section, rng) for section in sections]
