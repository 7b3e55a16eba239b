"""Invented notes in the files that the real ones come in."""

import json
from pathlib import Path

import pytest

NOTE = """\
CHIEF COMPLAINT: Cough for two weeks, case {n}.

MEDICATIONS: Lisinopril 10 mg daily. Metformin 500 mg twice a day.

ALLERGIES: Penicillin causes a rash.

PHYSICAL EXAMINATION: Crackles at the left base. Blood pressure 178/96. Heart sounds are regular without murmur.

LABORATORY DATA: Potassium 6.1 mmol/L. Sodium 140 mmol/L.

IMPRESSION: Pneumonia of the left lower lobe. Hyperkalemia.

PLAN: Amoxicillin is avoided. Repeat the film in six weeks.
"""


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "mtsamples").mkdir()
    (folder / "mts-dialog").mkdir()
    rows = [json.dumps({"note_id": n, "text": NOTE.format(n=n)}) for n in range(12)]
    (folder / "mtsamples" / "mtsamples_dev.jsonl").write_text("\n".join(rows), encoding="utf-8")
    said = (("CC", "Knee pain."), ("PLAN", "Rest and ice."), ("CC", "Headache."), ("OTHER", "Nothing."))
    rows = [
        json.dumps({"id": f"train-{n}-{head}", "section_header": head, "section_text": text})
        for n in range(6)
        for head, text in said
    ]
    (folder / "mts-dialog" / "mts_dialog_dev.jsonl").write_text("\n".join(rows), encoding="utf-8")
    return folder
