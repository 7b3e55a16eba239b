"""How a report looks: headings, order on the page, lists, tables. A draft becomes text here."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from assistant.reading.terminology import classify
from assistant.schema import SectionKind
from assistant.sentences import split_sentences
from training.reports.chance import Chance
from training.reports.measures import Form
from training.reports.schema import InventedSection, Statement

_MARK = re.compile(r"^(?:[-*•]|\(?\d{1,2}[.)])\s+")
_KINDS = {
    "complaint": SectionKind.SYMPTOMS, "symptoms": SectionKind.SYMPTOMS, "examination": SectionKind.EXAMINATION,
    "findings": SectionKind.FINDINGS, "operative": SectionKind.FINDINGS, "gross": SectionKind.FINDINGS,
    "microscopic": SectionKind.FINDINGS, "results": SectionKind.RESULTS, "medications": SectionKind.MEDICATIONS,
    "diagnosis": SectionKind.DIAGNOSIS, "plan": SectionKind.PLAN, "technique": SectionKind.OTHER, "comparison": SectionKind.OTHER,
    "procedure": SectionKind.OTHER, "specimen": SectionKind.OTHER,
}  # fmt: skip
_PERSON = re.compile(r"⟦\w+⟧")
_ABBREVIATED = re.compile(r"[A-Z/&]{2,}")


@dataclass(frozen=True, slots=True)
class Layout:
    name: str
    heading: str
    """`{}` is the heading's words; ends in a line break where the text starts on a line of its own. Empty: no headings."""
    case: str = "title"
    gap: str = "\n\n"
    bodies: tuple[str, ...] = ("paragraph", "paragraph", "lines", "bullets")
    diagnosis: tuple[str, ...] = ("paragraph", "numbers", "lines", "bullets")
    numbered: bool = False


_TEXT, _LISTS = ("paragraph",), ("lines", "bullets", "bullets", "numbers")
LAYOUTS = (
    Layout("capitals with colon", "{}:\n", "upper"),
    Layout("capitals, same line", "{}: ", "upper", bodies=("paragraph", "paragraph", "lines")),
    Layout("title lines", "{}\n"),
    Layout("title with colon", "{}: ", bodies=("paragraph", "paragraph", "lines")),
    Layout("Markdown", "## {}\n\n", "sentence", bodies=("paragraph", "bullets", "bullets"), diagnosis=_LISTS),
    Layout("Markdown bold", "**{}:** ", bodies=_TEXT, diagnosis=_TEXT),
    Layout("inline lower-case", "{}: ", "lower", gap=" ", bodies=_TEXT, diagnosis=_TEXT),
    Layout("numbered", "{}\n", "upper", numbered=True),
    Layout("underlined", "{}\n{rule}\n", "upper"),
    Layout("dashes", "{} - ", "upper", bodies=_TEXT, diagnosis=_TEXT),
    Layout("lists", "{}:\n", "title", bodies=_LISTS, diagnosis=_LISTS),
    Layout("tight", "{}: ", "upper", gap="\n", bodies=_TEXT, diagnosis=_TEXT),
    Layout("no headings", "", bodies=_TEXT, diagnosis=_TEXT),
    Layout("no headings, lines", "", bodies=("lines",), diagnosis=("lines", "numbers")),
)
MERGED = "both"
"""The topic of a heading that stands over diagnosis and plan together."""


def lay_out(
    sections: Sequence[tuple[str, Sequence[Statement]]], layout: Layout, *, chance: Chance, form: Form, stops: bool
) -> tuple[str, tuple[InventedSection, ...]]:
    """Write `(topic, statements)` down. Without `stops`, items on lines of their own lose their full stop."""
    pieces: list[str] = []
    written: list[InventedSection] = []
    for number, (topic, statements) in enumerate(sections, start=1):
        named = chance.pick(f"heading {topic}", headings()[topic])
        heading = _cased(named, layout.case) if layout.heading else ""
        opening = layout.heading.replace("{}", f"{number}. {heading}" if layout.numbered else heading)
        opening = opening.replace("{rule}", "-" * len(heading))
        tables = [s for s in statements if s.topic == "results"] if form in (Form.PIPES, Form.COLUMNS) else []
        body, kept = _body(statements, opening, _modes(topic, layout, chance), tabled=bool(tables), stops=stops)
        pieces.append(body)
        term = classify(heading) if heading else None
        kind = term.kind if term else _KINDS.get(topic, SectionKind.HISTORY)
        own = "diagnosis" if topic == MERGED else topic
        written.append(InventedSection(kind=kind, topic=own, heading=heading, statements=tuple(kept)))
    return _joined(pieces, layout.gap), tuple(written)


def _joined(pieces: Sequence[str], gap: str) -> str:
    """With `gap` between the pieces, unless that would not end the sentence before it."""
    text = ""
    for piece in pieces:
        tail = text.rpartition("\n")[2]
        fits = gap == "\n\n" or len(split_sentences(tail + gap + piece)) == len(split_sentences(tail)) + len(
            split_sentences(piece)
        )
        text += (gap if fits else "\n\n") * bool(text) + piece
    return text


def _modes(topic: str, layout: Layout, chance: Chance) -> tuple[str, ...]:
    listed = topic in ("diagnosis", "plan", MERGED, "medications")
    first = chance.pick(f"body {listed}", layout.diagnosis if listed else layout.bodies)
    if layout.gap == " ":
        return (first, "numbers")
    return (first, "lines", "bullets", "numbers", "apart")


def _body(
    statements: Sequence[Statement], opening: str, modes: Sequence[str], *, tabled: bool, stops: bool
) -> tuple[str, list[Statement]]:
    """The section's text and its statements as they stand there.

    Where full stops do not end a sentence (`4.4 mmol/L. Potassium …`), the next setting is taken.
    """
    for mode in ("lines", "apart") if tabled else modes:
        bare = not stops and mode != "paragraph"
        kept = [replace(s, text=s.text.rstrip(".") if bare else s.text) for s in statements]
        body = opening if opening.endswith(("\n", ": ", ":** ", "- ")) and mode == "paragraph" else _on_lines(opening)
        body += _join([s.text for s in kept], mode)
        if _cuts(body, [s.text for s in kept]):
            return body, kept
    return body, kept  # pyright: ignore[reportPossiblyUnboundVariable]


def _on_lines(opening: str) -> str:
    return opening if not opening or opening.endswith("\n") else opening.rstrip() + "\n"


def _join(sentences: Sequence[str], mode: str) -> str:
    match mode:
        case "paragraph":
            return " ".join(sentences)
        case "bullets":
            return "\n".join(f"- {sentence}" for sentence in sentences)
        case "numbers":
            return "\n".join(f"{number}. {sentence}" for number, sentence in enumerate(sentences, start=1))
        case "apart":
            return "\n\n".join(sentences)
        case _:
            return "\n".join(sentences)


def _cuts(body: str, sentences: Sequence[str]) -> bool:
    """Whether `split_sentences` finds exactly `sentences`, with placeholders for people and dates and with names."""
    if "⟦" in body and not _finds(_PERSON.sub("Name", body), [_PERSON.sub("Name", text) for text in sentences]):
        return False
    return _finds(body, sentences)


def _finds(body: str, sentences: Sequence[str]) -> bool:
    """The first sentence may have its heading before it."""
    found = list(whole_sentences(body))
    first = len(found) - len(sentences)
    return 0 <= first <= 2 and found[first + 1 :] == list(sentences[1:]) and found[first].endswith(sentences[0])


def whole_sentences(text: str) -> Iterator[str]:
    """The sentences of `text` without their list marks."""
    for start, end in split_sentences(text):
        yield _MARK.sub("", text[start:end])


def _cased(heading: str, case: str) -> str:
    match case:
        case "upper":
            return heading.upper()
        case "lower":
            return heading.lower()
        case "title":
            small = ("of", "and", "for", "in", "on")
            words = [
                word if _ABBREVIATED.match(word) or word in small else word[:1].upper() + word[1:]
                for word in heading.split()
            ]
            return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])
        case _:
            return heading


@cache
def headings() -> dict[str, tuple[str, ...]]:
    """Topic → the headings that it may have."""
    found: dict[str, tuple[str, ...]] = {}
    for line in (files("training.reports") / "headings.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            topic, _, names = line.partition(":")
            found[topic] = tuple(name.strip() for name in names.split(" | "))
    return found
