"""Real notes whose licences allow that weights made from them are shipped (CC0 and CC BY), in parts with headings."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.generation.topics import section_topics
from assistant.prompts.fencing import neutralise
from assistant.reading.sections import find_sections

_SHORTEST = 200
"""Characters. There is nothing to look for in less."""
_MTS_HEADINGS = {
    "GENHX": "HISTORY OF PRESENT ILLNESS",
    "ROS": "REVIEW OF SYSTEMS",
    "PASTMEDICALHX": "PAST MEDICAL HISTORY",
    "MEDICATIONS": "MEDICATIONS",
    "CC": "CHIEF COMPLAINT",
    "PASTSURGICAL": "PAST SURGICAL HISTORY",
    "ALLERGY": "ALLERGIES",
    "FAM/SOCHX": "FAMILY AND SOCIAL HISTORY",
    "ASSESSMENT": "ASSESSMENT",
    "EXAM": "PHYSICAL EXAMINATION",
    "DIAGNOSIS": "DIAGNOSIS",
    "DISPOSITION": "DISPOSITION",
    "PLAN": "PLAN",
    "EDCOURSE": "EMERGENCY DEPARTMENT COURSE",
    "IMMUNIZATIONS": "IMMUNIZATIONS",
    "IMAGING": "IMAGING",
    "GYNHX": "GYNECOLOGICAL HISTORY",
    "PROCEDURES": "PROCEDURES",
    "LABS": "LABORATORY DATA",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A section of a note as it stands, or what stands before the first (`heading` empty)."""

    heading: str
    body: str = field(repr=False)
    written: str = field(repr=False)
    """Heading and body as the note has them."""
    topics: frozenset[str] = frozenset()
    named: bool = False
    """The heading names the topics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    id: str
    parts: tuple[Part, ...] = field(repr=False)


def read_notes(data: Path, *, held_out: bool) -> list[Note]:
    """All notes below `data` for training, or those that are never trained on."""
    notes = [
        Note(id=identifier, parts=divide(text))
        for identifier, text in _texts(data)
        if is_held_out(identifier) is held_out and len(text) >= _SHORTEST
    ]
    return notes + list(_composed(data, held_out=held_out))


def is_held_out(identifier: str) -> bool:
    """A third of the notes, the same that `tests/benchmarks/bench_quoting.py` keeps for reporting."""
    return int(hashlib.sha1(identifier.rpartition(":")[2].encode()).hexdigest(), 16) % 3 == 2


def divide(text: str) -> tuple[Part, ...]:
    """The parts of a note, in order; together they are the note, respelled as prompts respell it."""
    text = neutralise(text)
    sections = find_sections(text)
    first = sections[0].start if sections else len(text)
    parts: list[Part] = []
    if text[:first].strip():
        parts.append(Part(heading="", body=text[:first], written=text[:first]))
    topics: frozenset[str] = frozenset()
    for section in sections:
        topics, named = section_topics(section, topics)
        body, written = text[section.body_start : section.end], text[section.start : section.end]
        parts.append(Part(heading=section.heading, body=body, written=written, topics=topics, named=named))
    return tuple(parts)


def _texts(data: Path) -> Iterator[tuple[str, str]]:
    for row in _rows(data / "mtsamples" / "mtsamples_dev.jsonl"):
        yield f"mtsamples:{row['note_id']}", row["text"]
    for row in _rows(data / "aci-bench" / "aci_dev.jsonl"):
        yield f"aci-bench:{row['encounter_id']}", row["note"]
    for row in _rows(data / "medec" / "medec_ms_val.jsonl"):
        yield f"medec:{row['Text ID']}", row["Text"]
    for row in _rows(data / "primock57" / "dev.jsonl"):
        yield f"primock57:{row['id']}", re.sub(r"\t+", " ", row["note"])


def _composed(data: Path, *, held_out: bool) -> Iterator[Note]:
    """MTS-Dialog has single sections: notes are made of neighbours with different headings."""
    parts: list[Part] = []
    for row in _rows(data / "mts-dialog" / "mts_dialog_dev.jsonl"):
        heading = _MTS_HEADINGS.get(row["section_header"])
        if heading is None or is_held_out(f"mts-dialog:{row['id']}") is not held_out:
            continue
        if any(part.heading == heading for part in parts) or len(parts) == 7:
            yield Note(id=f"mts-dialog:until-{row['id']}", parts=tuple(parts))
            parts = []
        parts += [part for part in divide(f"{heading}: {' '.join(row['section_text'].split())}\n\n") if part.heading]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSON-lines file; none where the file is missing, so that a part of the data is enough."""
    if path.is_file():
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
