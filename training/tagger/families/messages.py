"""What patients, families, practices and clinicians write to each other, from portal messages to letters and handover lines.

The sentences are in `messages.txt`, those without any identifier in `messages_free.txt`.
"""

import random
from collections.abc import Iterator

from training.invented.cast import Cast
from training.invented.markup import Tagged
from training.tagger.families.frames import frames

FREE = 0.25
"""Share of messages that name nobody: kin, roles, departments and brands in capitals, and no name."""
_CASES = ("written", "lower", "upper")
_CASE_WEIGHTS = (88, 10, 2)


def texts(rng: random.Random) -> Iterator[Tagged]:
    """Endless messages, each with people and numbers of its own."""
    known = frames("messages", "messages_free")
    while True:
        cast = Cast(rng, case=rng.choices(_CASES, _CASE_WEIGHTS)[0])
        yield cast.fill(known.draw("free" if rng.random() < FREE else "named", rng))
