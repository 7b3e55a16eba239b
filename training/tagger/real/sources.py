"""The free texts that may be trained on (CC0, CC BY 4.0, MIT), one generator a source. What they say is not judged here.

Half of MTSamples measures false alarms and is left out. MTS-Dialog was written over notes of MTSamples, so its rows that repeat that half are left out too.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.deid.words.build import in_word_list

_RUN = 6
"""Words in a row that two texts share when one repeats the other."""
_REPEATED = 0.25
"""Share of such runs from which on a row counts as a repetition."""


@dataclass(frozen=True, slots=True)
class Raw:
    """Texts about the same people: a note alone, or a note and its dialogue."""

    parts: tuple[str, ...]
    spoken: bool = False
    """The second part is a transcript all in lower case."""


def _mtsamples(data: Path) -> Iterator[Raw]:
    yield from (Raw((row["text"],)) for row in _notes(data) if in_word_list(row["note_id"]))


def _mts_dialog(data: Path) -> Iterator[Raw]:
    held_out = {run for row in _notes(data) if not in_word_list(row["note_id"]) for run in _runs(row["text"])}
    for row in _rows(data / "mts-dialog" / "mts_dialog_dev.jsonl"):
        runs = _runs(row["section_text"])
        if not runs or len(runs & held_out) / len(runs) < _REPEATED:
            yield Raw((row["section_text"], row["dialogue"]))


def _aci_bench(data: Path) -> Iterator[Raw]:
    for row in _rows(data / "aci-bench" / "aci_dev.jsonl"):
        yield Raw((row["note"], row["dialogue"]), spoken=True)


def _medec(data: Path) -> Iterator[Raw]:
    yield from (Raw((row["Corrected Text"] or row["Text"],)) for row in _rows(data / "medec" / "medec_ms_val.jsonl"))


def _primock57(data: Path) -> Iterator[Raw]:
    yield from (Raw((row["note"], row["dialogue"])) for row in _rows(data / "primock57" / "dev.jsonl"))


def _meqsum(data: Path) -> Iterator[Raw]:
    yield from (Raw((row["question"], row["summary"])) for row in _rows(data / "meqsum" / "meqsum_dev.jsonl"))


def _medquad(data: Path) -> Iterator[Raw]:
    yield from (Raw((row["question"], row["answer"])) for row in _rows(data / "medquad" / "medquad_sample.jsonl.gz"))


def _pubmedqa(data: Path) -> Iterator[Raw]:
    for row in _rows(data / "pubmedqa" / "pqal_dev.jsonl"):
        yield Raw((row["question"], " ".join(row["contexts"]), row["long_answer"]))


SOURCES: dict[str, Callable[[Path], Iterator[Raw]]] = {
    "mtsamples": _mtsamples,
    "mts-dialog": _mts_dialog,
    "aci-bench": _aci_bench,
    "medec": _medec,
    "primock57": _primock57,
    "meqsum": _meqsum,
    "medquad": _medquad,
    "pubmedqa": _pubmedqa,
}


def read(name: str, data: Path) -> list[Raw]:
    """All texts of one source; none where its folder is not in `data`."""
    return list(SOURCES[name](data)) if (data / name).is_dir() else []


def _notes(data: Path) -> list[dict]:
    path = data / "mtsamples" / "mtsamples_dev.jsonl"
    return list(_rows(path)) if path.is_file() else []


def _runs(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return {tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)}


def _rows(path: Path) -> Iterator[dict]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    yield from (json.loads(line) for line in text.split("\n") if line)
