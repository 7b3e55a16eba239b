"""How well headings are found in real notes, as they are and set in other ways.

    python -m tests.benchmarks.bench_sections

The truth is what the markup of the source marked as headings (`headings[].start`); a found heading counts when it
starts within two characters of a marked one. Notes whose number divides by three were kept out while the rules were
written (`unseen`); the others were looked at (`seen`).
"""

import json
import re
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from assistant.reading.sections import find_sections
from assistant.schema import SectionKind

NOTES = Path(__file__).parents[3] / "shared" / "data" / "mtsamples" / "mtsamples_dev.jsonl"
TOLERANCE_CHARS = 2
_BASELINE = re.compile(r"^[A-Z][A-Z /]+:", re.MULTILINE)
_SMALL_WORDS = frozenset({"and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"})


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    starts: tuple[int, ...]


Layout = Callable[[str], str]
"""What stands in the text instead of `HEADING:`, colon included."""


def capitals(heading: str) -> str:
    return f"{heading}:"


def title_with_colon(heading: str) -> str:
    return f"{_title(heading)}:"


def title_on_own_line(heading: str) -> str:
    return f"{_title(heading)}\n"


def lower_case(heading: str) -> str:
    return f"{heading.lower()}:"


LAYOUTS: dict[str, tuple[Layout, bool]] = {
    "original": (capitals, False),
    "title, colon": (title_with_colon, False),
    "title, own line": (title_on_own_line, False),
    "lower, running text": (lower_case, True),
    "capitals, running text": (capitals, True),
}
"""Name to how a heading is written, and whether line ends are removed."""


def lay_out(text: str, headings: list[dict], layout: Layout, *, running: bool) -> Note:
    """Write the note's headings in another way and say where they now start."""
    pieces: list[str] = []
    starts: list[int] = []
    length = position = 0

    def add(piece: str) -> None:
        nonlocal length
        piece = re.sub(r"\s*\n\s*", " ", piece) if running else piece
        pieces.append(piece)
        length += len(piece)

    for heading in sorted(headings, key=lambda heading: heading["start"]):
        start = heading["start"]
        add(text[position:start])
        starts.append(length)
        add(layout(heading["heading"]))
        position = start + len(heading["heading"])
        position += text[position : position + 1] == ":"
        if layout is title_on_own_line:
            position += len(text) - position - len(text[position:].lstrip(" ,"))
    add(text[position:])
    return Note("".join(pieces), tuple(starts))


def read_notes(path: Path = NOTES) -> list[dict]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def count_matches(found: Iterable[int], truth: Iterable[int]) -> tuple[int, int, int]:
    """Return matched, found and true headings; each true one is matched at most once."""
    open_truth, matched, all_found = sorted(truth), 0, sorted(found)
    total = len(open_truth)
    for start in all_found:
        hit = next((true for true in open_truth if abs(true - start) <= TOLERANCE_CHARS), None)
        if hit is not None:
            matched += 1
            open_truth.remove(hit)
    return matched, len(all_found), total


def measure(find: Callable[[str], Iterable[int]], notes: list[Note]) -> tuple[float, float, float]:
    counts = [count_matches(find(note.text), note.starts) for note in notes]
    matched, found, true = (sum(column) for column in zip(*counts, strict=True))
    precision, recall = matched / max(found, 1), matched / max(true, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def ours(text: str) -> list[int]:
    return [section.start for section in find_sections(text)]


def baseline(text: str) -> list[int]:
    return [match.start() for match in _BASELINE.finditer(text)]


def _title(heading: str) -> str:
    words = heading.lower().split(" ")
    return " ".join(
        word if number and word in _SMALL_WORDS else word[:1].upper() + word[1:] for number, word in enumerate(words)
    )


def main() -> None:
    if not NOTES.is_file():
        sys.exit(f"skipped: the development data is not beside this checkout ({NOTES.name})")
    rows = read_notes()
    print(f"{'layout':<24}{'notes':>8}   {'P':>6}{'R':>7}{'F1':>7}   {'baseline F1':>12}")
    for name, (layout, running) in LAYOUTS.items():
        for part, chosen in (("seen", lambda row: row["note_id"] % 3), ("unseen", lambda row: not row["note_id"] % 3)):
            notes = [lay_out(row["text"], row["headings"], layout, running=running) for row in rows if chosen(row)]
            precision, recall, f1 = measure(ours, notes)
            print(f"{name:<24}{part:>8}   {precision:6.3f}{recall:7.3f}{f1:7.3f}   {measure(baseline, notes)[2]:12.3f}")
    began = time.process_time()
    sections = [section for row in rows for section in find_sections(row["text"])]
    seconds = time.process_time() - began
    began = time.process_time()
    for row in rows:
        baseline(row["text"])
    baseline_seconds = time.process_time() - began
    known = sum(section.kind is not SectionKind.OTHER for section in sections)
    print(f"headings mapped to a kind other than `other`: {known / len(sections):.3f} of {len(sections)}")
    print(
        f"{len(rows) / seconds:.0f} notes/s of processor time, {seconds / baseline_seconds:.0f} times the baseline's time"
    )


if __name__ == "__main__":
    main()
