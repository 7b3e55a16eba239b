"""Writes `retention.jsonl` and `adapter.jsonl` from the report generator: `python -m training.fixed.build`.

Not part of a run. Scores of two models can be compared only on the same cases, so whoever runs it starts a new history.
The other files are written by hand.
"""

import json
import random
from pathlib import Path

from training.reports.asking import ask, ask_changes
from training.reports.schema import Task
from training.reports.writing import write_pair, write_report

_FOLDER = Path(__file__).parent
_RETENTION = (
    ("summary", "ward_discharge"), ("summary", "chest_radiology"), ("summary", "neurology"), ("section", "cardiology_clinic"),
    ("section", "surgery"), ("section", "paediatrics"), ("part", "echocardiography"), ("value", "emergency"),
    ("not stated", "abdominal_ct"), ("abnormal", "diabetes_clinic"), ("abnormal", "brain_mri"), ("changes", "ward_discharge"),
)  # fmt: skip
_ADAPTER = ("cardiology_clinic", "ward_discharge", "diabetes_clinic", "neurology", "emergency", "paediatrics")
_LEAST, _MOST = 350, 1_100
"""Characters of a report: two cores must answer all cases within minutes."""
_MOST_LINES = 8


def build() -> None:
    """Write both files beside this module."""
    rows = [_row(f"retention-{n}", *case, random.Random(40 + n)) for n, case in enumerate(_RETENTION, start=1)]
    _write("retention", rows)
    rows = [_row(f"adapter-{n}", "summary", name, random.Random(90 + n)) for n, name in enumerate(_ADAPTER, start=1)]
    _write("adapter", [{key: row[key] for key in ("id", "mode", "question", "report")} for row in rows])


def _row(name: str, kind: str, specialty: str, rng: random.Random) -> dict[str, str]:
    """The first draw that is of that kind and of a convenient size."""
    while True:
        row = {"id": name}
        if kind == "changes":
            earlier, report, changes = write_pair(rng, specialty=specialty)
            task = ask_changes(changes, rng)
            row["earlier"] = earlier.text
        else:
            report = write_report(rng, specialty=specialty)
            task = ask(report, rng, kind=kind)
        if _LEAST <= len(report.text) <= _MOST and _fits(task, kind):
            return row | {
                "mode": task.mode.value, "question": task.question, "report": report.text, "reference": task.answer,
            }  # fmt: skip


def _fits(task: Task, kind: str) -> bool:
    lines = task.answer.splitlines()
    least = 3 if kind in ("summary", "changes") else 2 if kind == "abnormal" else 1
    return task.kind == kind and least <= len(lines) <= _MOST_LINES


def _write(name: str, rows: list[dict[str, str]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (_FOLDER / f"{name}.jsonl").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    build()
