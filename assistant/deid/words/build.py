"""How `common.txt` was made: words that free-to-ship clinical text writes in lower case, so that a capital alone makes no name.

Run from the repository's root: `python -m assistant.deid.words.build ../shared/data`. Only half of MTSamples is read
(see `in_word_list`): the other half measures false alarms.
"""

import gzip
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HEADER = (
    "# Lower-case words of MTSamples (CC0, half of it), MTS-Dialog, ACI-Bench, MedQuAD, MEDEC and MeQSum (CC BY 4.0) and "
    "PubMedQA (MIT), in two texts at least; see build.py.\n"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_LEAST_TEXTS = 2


def in_word_list(note_id: object) -> bool:
    """Whether a note of MTSamples belongs to the half that the word list was made from."""
    return int(hashlib.sha256(str(note_id).encode()).hexdigest(), 16) % 2 == 0


def _texts(data: Path) -> Iterator[str]:
    for row in _rows(data / "mtsamples" / "mtsamples_dev.jsonl"):
        if in_word_list(row["note_id"]):
            yield row["text"]
    for row in _rows(data / "mts-dialog" / "mts_dialog_dev.jsonl"):
        yield f"{row['section_text']} {row['dialogue']}"
    for row in _rows(data / "aci-bench" / "aci_dev.jsonl"):
        yield row["note"]
    for row in _rows(data / "medquad" / "medquad_sample.jsonl.gz"):
        yield f"{row['answer']} {row['question']}"
    for row in _rows(data / "medec" / "medec_ms_val.jsonl"):
        yield row["Text"]
    for row in _rows(data / "meqsum" / "meqsum_dev.jsonl"):
        yield f"{row['question']} {row['summary']}"
    for row in _rows(data / "pubmedqa" / "pqal_dev.jsonl"):
        yield f"{row['contexts']} {row['long_answer']}"


def _rows(path: Path) -> Iterator[dict]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    yield from (json.loads(line) for line in text.split("\n") if line)


def main() -> None:
    counts: Counter[str] = Counter()
    for text in _texts(Path(sys.argv[1])):
        counts.update({word for word in _WORD.findall(text) if word.islower() and len(word) > 1})
    words = sorted(word for word, count in counts.items() if count >= _LEAST_TEXTS)
    lines, line = [], ""
    for word in words:
        if len(line) + len(word) > 115:
            lines.append(line.strip())
            line = ""
        line += f" {word}"
    target = Path(__file__).with_name("common.txt")
    target.write_text(HEADER + "\n".join([*lines, line.strip()]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
