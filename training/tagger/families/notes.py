"""Clinical narrative: summaries, consultations, progress and nursing notes, psychiatry, operations, letters, radiology.

The sentences stand in `notes.txt`; here they are put together to a passage or a whole note, in one of several ways of writing.
"""

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from training.invented.cast import Cast
from training.invented.markup import Tagged

# A kind of note: the subjects of its paragraphs, in order. "clean" is medicine without identifiers.
_KINDS: dict[str, tuple[str, ...]] = {
    "summary": ("opening", "history", "clean", "social", "family", "course", "clean", "course", "plan"),
    "consultation": ("opening", "history", "clean", "social", "clean", "course", "plan"),
    "progress": ("opening", "course", "clean", "clean", "plan"),
    "history": ("opening", "history", "social", "family", "clean"),
    "social work": ("opening", "social", "social", "psych", "plan"),
    "nursing": ("nursing", "nursing", "clean"),
    "psychiatry": ("opening", "psych", "social", "psych", "clean", "plan"),
    "operation": ("operative", "clean", "operative", "plan"),
    "letter": ("letter opening", "letter body", "history", "clean", "plan"),
    "radiology": ("radiology", "clean radiology", "clean radiology", "radiology"),
}
_WEIGHTS = (18, 14, 16, 10, 8, 9, 9, 7, 11, 8)
# Subjects that are written in full sentences by some and in telegraphic style by others.
_TWO_STYLES = ("opening", "social", "course", "clean")


def texts(rng: random.Random) -> Iterator[Tagged]:
    """Invented notes without end, each about other people."""
    while True:
        cast = Cast(rng)
        chance = rng.random()
        if chance < 0.12:
            yield _finished(rng, _medicine(rng, cast))
        elif chance < 0.40:
            yield _finished(rng, _passage(rng, cast))
        else:
            yield _finished(rng, _note(rng, cast, paragraphs=rng.randrange(2, 5) if chance < 0.75 else 9))


def _passage(rng: random.Random, cast: Cast) -> Tagged:
    """A few sentences from the middle of some note."""
    subjects = [subject for subject in rng.choice(list(_KINDS.values())) if subject != "letter opening"]
    style = rng.choice(("full", "full", "short"))
    chosen = [rng.choice(subjects) for _ in range(rng.randrange(1, 4))]
    return Tagged.join([_paragraph(rng, cast, subject, style, rng.randrange(1, 4)) for subject in chosen], " ")


def _medicine(rng: random.Random, cast: Cast) -> Tagged:
    """A passage without a single identifier."""
    lines = _lines()[rng.choice(("clean full", "clean short", "clean radiology"))]
    return Tagged.join(
        [cast.fill(line) for line in rng.sample(lines, rng.randrange(1, 9))], rng.choice((" ", " ", "\n"))
    )


def _note(rng: random.Random, cast: Cast, paragraphs: int) -> Tagged:
    """A title, a header, paragraphs under headings, a signature; each may be missing."""
    kind = rng.choices(tuple(_KINDS), _WEIGHTS)[0]
    style = rng.choice(("full", "full", "short", "mixed"))
    parts: list[Tagged] = []
    if rng.random() < 0.5:
        parts.append(Tagged(rng.choice(_words("titles"))))
    if rng.random() < 0.65:
        lines = rng.sample(_lines()["header"], rng.randrange(1, 8))
        parts.append(Tagged.join([cast.fill(line) for line in lines], rng.choice(("\n", "\n", "\n", "  ", " | "))))
    layout = rng.choice(("heading line", "heading colon", "heading colon", "bare"))
    for subject in _shortened(rng, _KINDS[kind], paragraphs):
        paragraph = _paragraph(rng, cast, subject, style, rng.randrange(1, 6))
        heading = _heading(rng, subject)
        if layout != "bare" and heading and rng.random() < 0.85:
            paragraph = Tagged.join((Tagged(heading), paragraph), ":\n" if layout == "heading line" else ": ")
        parts.append(paragraph)
    if rng.random() < 0.6:
        parts.append(cast.fill(rng.choice(_lines()["signoff"])))
    return Tagged.join(parts, rng.choice(("\n", "\n\n", "\n\n")))


def _paragraph(rng: random.Random, cast: Cast, subject: str, style: str, sentences: int) -> Tagged:
    """Sentences on one subject, with medicine strewn in."""
    if style == "mixed":
        style = rng.choice(("full", "short"))
    section = f"{subject} {style}" if subject in _TWO_STYLES else subject
    bank, clean = _lines()[section], _lines()[f"clean {style}"]
    first = rng.sample(bank, min(sentences, len(bank)) if subject != "letter opening" else 1)
    chosen = [
        line for sentence in first for line in ((sentence, rng.choice(clean)) if rng.random() < 0.35 else (sentence,))
    ]
    if subject == "letter opening":
        chosen = first
    separator = "\n" if subject == "nursing" and rng.random() < 0.7 else " "
    return _sentences(rng, cast, chosen, separator)


def _sentences(rng: random.Random, cast: Cast, lines: list[str], separator: str) -> Tagged:
    """The lines filled, one after the other; where a line has no stop, one is set or a new line begins."""
    stop = rng.choice((".", ".", ";", "\n", " -"))
    parts: list[Tagged] = []
    for line in lines:
        filled = cast.fill(line)
        unfinished = separator == " " and filled.text[-1:] not in '.,:;!?"' and line is not lines[-1]
        parts.append(Tagged(filled.text + stop.rstrip("\n"), filled.spans) if unfinished else filled)
        if line is not lines[-1]:
            parts.append(Tagged("\n" if unfinished and stop == "\n" else separator))
    return Tagged.join(parts)


def _finished(rng: random.Random, note: Tagged) -> Tagged:
    """Some notes are all in one case, some are wrapped at a fixed width."""
    chance = rng.random()
    if chance < 0.04:
        note = note.uppered()
    elif chance < 0.08:
        note = note.lowered()
    return _wrapped(note, rng.randrange(55, 100)) if rng.random() < 0.2 else note


def _wrapped(note: Tagged, width: int) -> Tagged:
    """Line ends in place of spaces, so that no line is longer than `width` where it can be; every character stays at its place."""
    characters = list(note.text)
    line_start, last_space = 0, -1
    for at, character in enumerate(note.text):
        if character == "\n":
            line_start, last_space = at + 1, -1
        elif character == " ":
            last_space = at
        if at - line_start >= width and last_space > line_start:
            characters[last_space] = "\n"
            line_start, last_space = last_space + 1, -1
    return Tagged("".join(characters), note.spans)


def _shortened(rng: random.Random, subjects: tuple[str, ...], count: int) -> list[str]:
    """At most `count` of the subjects, in their order."""
    kept = sorted(rng.sample(range(len(subjects)), min(count, len(subjects))))
    return [subjects[at] for at in kept]


def _heading(rng: random.Random, subject: str) -> str:
    known = f"headings {'clean' if subject == 'clean' else subject}"
    return rng.choice(_words(known)) if known in _lines() else ""


@cache
def _words(section: str) -> list[str]:
    return [word.strip() for line in _lines()[section] for word in line.split(",")]


@cache
def _lines() -> dict[str, list[str]]:
    """The sections of `notes.txt`."""
    found: dict[str, list[str]] = {}
    section: list[str] = []
    for line in Path(__file__).with_name("notes.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[] "), [])
        elif line.strip() and not line.startswith("#"):
            section.append(line.replace("\\n", "\n"))
    return found
