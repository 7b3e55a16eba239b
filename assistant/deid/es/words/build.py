"""How `common.txt` was made: words that Spanish clinical text writes in lower case, so that a capital alone makes no name.

Run from the repository's root: `python -m assistant.deid.es.words.build ../shared/data`. Identifiers are cut out first, and
a third of the documents (see `is_held`) is not read: it measures what the rules and lists miss and falsely mask.
"""

import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HEADER = (
    "# Lower-case words of MEDDOCAN (Marimon et al., IberLEF 2019; CC BY 4.0) outside of the labelled identifiers, in two\n"
    "# documents at least; two thirds of its training and development documents were read. See build.py.\n"
)
SOURCE = Path("deid") / "meddocan_es_dev.jsonl"
_WORD = re.compile(r"[^\W\d_]+")
_LEAST_TEXTS = 2


def is_held(document_id: str) -> bool:
    """Whether a document of MEDDOCAN belongs to the third that nobody looked at while writing rules and lists."""
    return int(hashlib.sha256(document_id.encode()).hexdigest(), 16) % 3 == 0


def _texts(data: Path) -> Iterator[str]:
    with (data / SOURCE).open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if is_held(row["id"]):
                continue
            text = row["text"]
            for span in sorted(row["spans"], key=lambda span: -span["start"]):
                text = f"{text[: span['start']]} ; {text[span['end'] :]}"
            yield text


def common_words(data: Path) -> list[str]:
    """The words of the list, sorted. `data`: the folder of the development data."""
    texts: Counter[str] = Counter()
    for text in _texts(data):
        texts.update({word for word in _WORD.findall(text) if word.islower() and len(word) > 1})
    return sorted(word for word, count in texts.items() if count >= _LEAST_TEXTS)


def main() -> None:
    lines, line = [], ""
    for word in common_words(Path(sys.argv[1])):
        if len(line) + len(word) > 115:
            lines.append(line.strip())
            line = ""
        line += f" {word}"
    target = Path(__file__).with_name("common.txt")
    target.write_text(HEADER + "\n".join([*lines, line.strip()]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
