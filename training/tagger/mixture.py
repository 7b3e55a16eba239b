"""Which families of text the tagger learns from, and how often each comes."""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

from training.invented.markup import Tagged
from training.tagger.noise import noisy

WEIGHTS = {
    "notes": 4,
    "queries": 4,
    "messages": 3,
    "everyday": 4,
    "forms": 3,
    "traps": 3,
    "written": 12,
    "real_text": 8,
}
"""A hunch, not tuned: clinical prose most, and enough of everything else that no layout is strange."""
_JOINED = 0.25
"""Share of examples made of several short texts: a page holds more than one thing."""
_SHORT = 300


def families(rng: random.Random, data: Path | None) -> dict[str, Iterator[Tagged]]:
    """Every family with its own random stream. Without `data` (free real text) its family is left out."""
    from training.tagger.families import everyday, forms, messages, notes, queries, real_text, traps, written

    sources = {
        module.__name__.rpartition(".")[2]: module.texts(random.Random(rng.random()))
        for module in (notes, queries, messages, everyday, forms, traps, written)
    }
    if data is not None:
        sources["real_text"] = real_text.texts(random.Random(rng.random()), data)
    return sources


def mixed(sources: Mapping[str, Iterator[Tagged]], rng: random.Random) -> Iterator[Tagged]:
    """Texts of all families by `WEIGHTS`, endlessly."""
    names = list(sources)
    weights = [WEIGHTS[name] for name in names]
    while True:
        text = next(sources[rng.choices(names, weights)[0]])
        while len(text.text) < _SHORT and rng.random() < _JOINED:
            other = next(sources[rng.choices(names, weights)[0]])
            text = Tagged.join([text, other], rng.choice(["\n", "\n\n", " "]))
        yield noisy(text, rng)
