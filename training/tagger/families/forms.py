"""Headers, forms and text that machines write: key and value, tables, JSON, HL7, labels, signatures, with clinical text behind them.

The spellings and lines are in `forms.txt`; here they are laid out. What stands between identifiers (labels, codes, results) is never marked.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from training.invented import dates
from training.invented.cast import PEOPLE, Cast
from training.invented.contacts import digits
from training.invented.markup import Tagged
from training.tagger.families.frames import frames
from training.tagger.families.serialised import FHIR, STYLES

_KINDS = ("block", "rows", "data", "segments", "document", "body")
_KIND_WEIGHTS = (28, 12, 13, 10, 31, 6)
_CASES = ("written", "lower", "upper")
_CASE_WEIGHTS = (80, 6, 14)
_BODY = 0.5
"""How often clinical lines follow a header."""

_CODES: dict[str, tuple[str, ...]] = {
    "icd": ("?##.#", "?##", "?##.##", "?##.###?", "###.##"),
    "cpt": ("99###", "7####", "3####", "8####", "G0###"),
    "loinc": ("####-#", "#####-#", "###-#"),
    "ndc": ("#####-####-##", "####-####-##", "#####-###-##"),
    "range": ("3.~-5.~", "~0-~00", "13~-145", "<~.0", ">~0", "0.~-1.~", "4.0 - 11.0", "neg", "~-~#"),
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """A field of a form: how its label may be spelled, and the templates of what may stand behind it."""

    labels: tuple[str, ...]
    values: tuple[str, ...]


def texts(rng: random.Random) -> Iterator[Tagged]:
    """Endless forms and headers, each of other people."""
    while True:
        cast = Cast(rng, case=rng.choices(_CASES, _CASE_WEIGHTS)[0])
        kind = rng.choices(_KINDS, _KIND_WEIGHTS)[0]
        parts = [_MAKERS[kind](rng, cast)]
        if kind != "body" and rng.random() < _BODY:
            parts.append(_body(rng, cast))
        if kind == "block" and rng.random() < 0.4:
            parts.append(_filled(cast, frames("forms").draw(rng.choice(("sign", "cc", "footer")), rng)))
        yield Tagged.join(parts, rng.choice(("\n", "\n\n", "\n\n", "\n-----\n")))


def _block(rng: random.Random, cast: Cast) -> Tagged:
    """Labels and values, one or several on a line."""
    chosen = _some(rng, _entries("field"), rng.randrange(2, 14))
    spelled = rng.choice((str, str, str.upper, str.lower, str.title))
    sign = rng.choice((": ", ": ", ": ", ":", ":  ", " : ", " - ", " = ", "\t", ":\t", ":\n", " ", "| "))
    width = rng.choice((0, 0, 0, 18, 24))
    filler = rng.choice(" .")
    between = rng.choice(("\n", "\n", "\n", "   ", " | ", "\t", "; ", ", ", "  ", "\n\n"))
    parts = []
    for entry in chosen:
        label = spelled(rng.choice(entry.labels))
        if width:
            label = label.ljust(width, filler)
        value = Tagged("") if rng.random() < 0.04 else _filled(cast, rng.choice(entry.values))
        parts.append(Tagged.join((Tagged(label + sign), value)))
    if between != "\n" and rng.random() < 0.5:
        lines = [parts[at : at + 3] for at in range(0, len(parts), 3)]
        return Tagged.join([Tagged.join(line, between) for line in lines], "\n")
    return Tagged.join(parts, between)


def _rows(rng: random.Random, cast: Cast) -> Tagged:
    """A table with a person in each row."""
    columns = [
        (rng.choice(entry.labels), rng.choice(entry.values), entry.values)
        for entry in _some(rng, _entries("column"), rng.randrange(3, 9))
    ]
    rows = [[Tagged(label) for label, _, _ in columns]] if rng.random() < 0.75 else []
    for number in range(2, rng.randrange(4, 10)):
        # A column keeps its layout; what names nobody ("M", "F", "NPO") differs from row to row.
        row = [template if "{" in template else rng.choice(values) for _, template, values in columns]
        rows.append([_filled(cast, _of_row(template, number)) for template in row])
    style = rng.choice((",", ",", ";", "\t", "|", " | ", '","', "padded", "padded"))
    if style == "padded":
        widths = [max(len(row[at].text) for row in rows) + 2 for at in range(len(columns))]
        rows = [
            [Tagged(cell.text.ljust(width), cell.spans) for cell, width in zip(row, widths, strict=True)]
            for row in rows
        ]
        return Tagged.join([Tagged.join(row) for row in rows], "\n")
    lines = [Tagged.join(row, style) for row in rows]
    edge = {'","': '"', " | ": "| "}.get(style, "")
    return Tagged.join([Tagged.join((Tagged(edge), line, Tagged(edge[::-1]))) for line in lines], "\n")


def _data(rng: random.Random, cast: Cast) -> Tagged:
    """A record as programs exchange it: JSON, XML, YAML and the like, or a piece of FHIR."""
    if rng.random() < 0.3:
        return _filled(cast, rng.choice(FHIR))
    chosen = _some(rng, _entries("key"), rng.randrange(2, 12))
    record = [(rng.choice(entry.labels), _filled(cast, rng.choice(entry.values))) for entry in chosen]
    return rng.choice(STYLES)(record)


def _segments(rng: random.Random, cast: Cast) -> Tagged:
    """Lines of an HL7 message or of a DICOM header, in the order of the file."""
    known = frames("forms")
    kind = "dicom_" if rng.random() < 0.15 else "segment_"
    names = [name for name in known.lines if name.startswith(kind)]
    chosen = sorted(rng.choices(range(len(names)), k=rng.randrange(1, 8)))
    message = Tagged.join([_filled(cast, known.draw(names[at], rng)) for at in chosen], "\n")
    return message.uppered() if rng.random() < 0.6 else message


def _document(rng: random.Random, cast: Cast) -> Tagged:
    return _filled(cast, frames("forms").draw("document", rng))


def _body(rng: random.Random, cast: Cast) -> Tagged:
    """Clinical lines that name nobody."""
    known = frames("forms")
    return Tagged.join([_filled(cast, known.draw("body_line", rng)) for _ in range(rng.randrange(1, 9))], "\n")


_MAKERS: dict[str, Callable[[random.Random, Cast], Tagged]] = {
    "block": _block,
    "rows": _rows,
    "data": _data,
    "segments": _segments,
    "document": _document,
    "body": _body,
}


def _filled(cast: Cast, template: str) -> Tagged:
    """`Cast.fill`, with tabs and with the codes in `<...>` that only machines write."""
    parts = _CODE.split(template.replace("\\t", "\t"))
    filled = [cast.fill(part) if at % 2 == 0 else _code(cast, part) for at, part in enumerate(parts)]
    return Tagged.join(filled)


_CODE = re.compile(r"<(stamp|day|iso|letter|" + "|".join(_CODES) + ")>")


def _code(cast: Cast, name: str) -> Tagged:
    rng = cast.rng
    day = dates.draw_day(rng, dates.draw_anchor(rng))
    clock = f"{rng.randrange(24):02d}{rng.randrange(60):02d}"
    if name == "day":
        return Tagged.whole(f"{day:%Y%m%d}", "DATE")
    if name == "stamp":
        return Tagged.whole(f"{day:%Y%m%d}{clock}{rng.choice(('', '00', '17'))}", "DATE")
    if name == "iso":
        zone = rng.choice(("", "Z", "+01:00", ".000Z", "-05:00"))
        return Tagged.join((Tagged.whole(f"{day:%Y-%m-%d}", "DATE"), Tagged(f"T{clock[:2]}:{clock[2:]}:00{zone}")))
    if name == "letter":
        letter = rng.choice("ABCDEFGHJKLMNPRSTW")
        return Tagged.whole(letter.lower() if cast.case == "lower" else letter, "NAME")
    return Tagged(digits(rng, rng.choice(_CODES[name])))


_OF_A_ROW = re.compile(r"\{(" + "|".join((*PEOPLE, "mrn", "account", "plan", "ssn")) + r")(2?)(?=[.}])")


def _of_row(template: str, number: int) -> str:
    """The same template about the people of another row. Clinicians are few: two of them share all rows."""

    def numbered(slot: re.Match[str]) -> str:
        if slot[1] in ("doctor", "nurse"):
            return f"{{{slot[1]}{2 + (number + bool(slot[2])) % 2}"
        return f"{{{slot[1]}{number}"

    return _OF_A_ROW.sub(numbered, template)


def _some(rng: random.Random, entries: tuple[_Entry, ...], count: int) -> list[_Entry]:
    """Some entries, mostly in the order of the file; people before the rest, since a form without a name is rare."""
    first = [0] if rng.random() < 0.75 else []
    chosen = first + rng.sample(range(1, len(entries)), min(count, len(entries) - 1))
    return [entries[at] for at in (sorted(chosen) if rng.random() < 0.7 else chosen)]


@cache
def _entries(section: str) -> tuple[_Entry, ...]:
    """The lines of a section, `label, label = value / value`."""
    found = []
    for line in frames("forms").lines[section]:
        labels, _, values = line.partition(" = ")
        found.append(_Entry(tuple(labels.split(", ")), tuple(values.split(" / "))))
    return tuple(found)
