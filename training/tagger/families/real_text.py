"""Real clinical prose with invented identifiers in it: free notes, dialogues, questions and abstracts, read from a folder of the user's.

Their stand-ins ("Dr. X", "MM/DD/YYYY") become slots, names and dates are put in where they belong, and a part of the texts stays as it is: medicine
that names nobody. A sentence that might hold an identifier nobody marked is left out.
"""

import random
from collections.abc import Iterator
from pathlib import Path

from assistant.sentences import split_sentences
from training.invented.cast import Cast
from training.invented.markup import Tagged
from training.tagger.real.checks import is_clean
from training.tagger.real.insertions import framed, with_identifiers
from training.tagger.real.named import People, with_people_as_slots, with_people_as_slots_spoken
from training.tagger.real.slots import with_places_and_dates_as_slots
from training.tagger.real.sources import SOURCES, Raw, read

WEIGHTS = {
    "mtsamples": 40, "mts-dialog": 12, "aci-bench": 10, "medec": 12, "primock57": 4, "meqsum": 8, "medquad": 8, "pubmedqa": 8,
}  # fmt: skip
"""How often each source comes: notes most, since they are what is masked."""
_PLAIN = 0.25
"""Share of texts into which nothing is put."""
_ARTICLES = ("medquad", "pubmedqa")
_PLAIN_ARTICLES = 0.7
"""The same for articles, which are about nobody."""
_FEWEST_WORDS, _MOST_WORDS = 20, 150
_CASES = ("written", "lower", "upper")
_CASE_WEIGHTS = (90, 7, 3)

Passage = tuple[str, ...]
"""Sentences as templates of the kit, in their order, each with the white space that follows it."""


class NothingToRead(ValueError):
    """The folder holds none of the sources."""

    def __init__(self, data: Path) -> None:
        super().__init__(f"no free text in {data}; it should hold a folder for each of {', '.join(SOURCES)}")


def texts(rng: random.Random, data: Path) -> Iterator[Tagged]:
    """Endless passages of 20 to 150 words (without what is put in). Raises `NothingToRead`."""
    sources = {name: found for name in SOURCES if (found := read(name, data))}
    if not sources:
        raise NothingToRead(data)
    names = list(sources)
    weights = [WEIGHTS[name] for name in names]
    known: dict[tuple[str, int], list[tuple[Passage, bool]]] = {}
    while True:
        name = rng.choices(names, weights)[0]
        number = rng.randrange(len(sources[name]))
        if (name, number) not in known:
            known[name, number] = list(passages(sources[name][number]))
        if known[name, number]:
            passage, spoken = rng.choice(known[name, number])
            yield _text(passage, rng, spoken, _PLAIN_ARTICLES if name in _ARTICLES else _PLAIN)


def passages(raw: Raw) -> Iterator[tuple[Passage, bool]]:
    """What of a text may be taught: runs of clean sentences, each with whether it is a transcript in lower case."""
    people = People()
    for number, part in enumerate(raw.parts):
        spoken = raw.spoken and number == 1
        template = with_places_and_dates_as_slots(part.replace("{", "(").replace("}", ")").replace("\r", ""))
        template = (with_people_as_slots_spoken if spoken else with_people_as_slots)(template, people)
        for run in _clean_runs(template, spoken):
            yield from ((passage, spoken) for passage in _cut(run))


def _clean_runs(template: str, spoken: bool) -> Iterator[list[str]]:
    run: list[str] = []
    spans = split_sentences(template)
    for (start, end), (following, _) in zip(spans, [*spans[1:], (len(template), 0)], strict=True):
        if is_clean(template[start:end], spoken=spoken):
            run.append(template[start:following])
        else:
            yield run
            run = []
    yield run


def _cut(run: list[str]) -> Iterator[Passage]:
    """Pieces of a run that are neither too short nor too long."""
    passage: list[str] = []
    words = 0
    for sentence in run:
        length = len(sentence.split())
        if words + length > _MOST_WORDS:
            if words >= _FEWEST_WORDS:
                yield tuple(passage)
            passage, words = [], 0
        if length <= _MOST_WORDS:
            passage.append(sentence)
            words += length
    if words >= _FEWEST_WORDS:
        yield tuple(passage)


def _text(passage: Passage, rng: random.Random, spoken: bool, plain: float) -> Tagged:
    first = rng.randrange(max(1, len(passage) // 2)) if rng.random() < 0.3 else 0
    sentences = list(passage[first:])
    sentences[-1] = sentences[-1].rstrip()
    if rng.random() >= plain:
        sentences = with_identifiers("\x00".join(framed(sentences, rng)), rng).split("\x00")
    cast = Cast(rng, case="lower" if spoken else rng.choices(_CASES, _CASE_WEIGHTS)[0])
    return Tagged.join([cast.fill(sentence) for sentence in _spaced(sentences)])


def _spaced(sentences: list[str]) -> Iterator[str]:
    for sentence, following in zip(sentences, [*sentences[1:], ""], strict=True):
        needs_space = following and not sentence[-1:].isspace() and not following.startswith("\n")
        yield sentence + " " if needs_space else sentence
