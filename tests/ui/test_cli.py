"""The terminal, in this process except where the process itself is what is tested. All reports are invented."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import ui.cli
from assistant.errors import CurbsideError
from ui.checks_values import Found

REPORT = "Patient: Ottilie Brannigan\nIMPRESSION: Pneumonia.\nPLAN: Amoxicillin for seven days.\n"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.txt"
    path.write_text(REPORT, "utf-8")
    return path


@pytest.fixture
def data(tmp_path: Path) -> list[str]:
    return ["--data", str(tmp_path / "data")]


def run(*arguments: str, stdin: str | None = None, ok: bool = True) -> Result:
    result = CliRunner().invoke(ui.cli.app, list(arguments), input=stdin)
    if ok:
        assert result.exit_code == 0, (result.output, result.exception)
    return result


def parsed(result: Result) -> Any:
    return json.loads(result.stdout)


def test_sections_prints_headings_with_kinds_and_offsets(report: Path, data: list[str]) -> None:
    found = parsed(run("sections", str(report), "--json", *data))
    assert [(s["heading"], s["kind"]) for s in found if s["kind"] != "other"] == [
        ("IMPRESSION", "diagnosis"),
        ("PLAN", "plan"),
    ]
    assert all(REPORT[s["start"] :].startswith(s["heading"]) for s in found)


def test_deidentify_gives_offsets_in_the_original_and_makes_no_installation(report: Path, data: list[str]) -> None:
    result = parsed(run("deidentify", str(report), "--json", *data))
    assert "Brannigan" not in result["text"]
    assert [REPORT[s["start"] : s["end"]] for s in result["spans"] if s["type"] == "NAME"] == ["Ottilie Brannigan"]
    assert not Path(data[1]).exists()


def test_deidentify_reads_standard_input(data: list[str]) -> None:
    assert "Brannigan" not in run("deidentify", "-", *data, stdin=REPORT).stdout


def test_ask_prints_what_machines_need(report: Path, data: list[str]) -> None:
    answer = parsed(run("ask", "--report", str(report), "--mode", "question", "What is the plan?", "--json", *data))
    assert {"answer", "sentences", "model_id", "prompt_version", "timings_ms"} <= answer.keys()
    assert answer["answer"] == "PLAN: Amoxicillin for seven days."
    (sentence,) = answer["sentences"]
    assert sentence["support"] == "supported"
    assert {"report_id", "section", "quote", "start", "end"} <= sentence["citations"][0].keys()


def test_ask_for_people_shows_the_citation_and_the_disclaimer(report: Path, data: list[str]) -> None:
    result = run("ask", "--report", str(report), "What is the plan?", *data)
    assert "Amoxicillin for seven days.  ✓1" in result.stdout
    assert "PLAN" in result.stdout
    assert "never replaces" in result.stderr


def test_json_lines_go_through_in_order_with_their_ids(tmp_path: Path, data: list[str]) -> None:
    lines = [
        {"id": "b", "note": REPORT, "question": "What is the plan?"},
        {"id": "a", "note": "IMPRESSION: Fracture of the left radius.", "question": "What is the diagnosis?"},
    ]
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    result = run("ask", "--report", str(path), "--jsonl", "--field", "note", *data)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(a["id"], a["answer"]) for a in answers] == [
        ("b", "PLAN: Amoxicillin for seven days."),
        ("a", "IMPRESSION: Fracture of the left radius."),
    ]


@pytest.mark.parametrize("verb", ["sections", "deidentify"])
def test_a_bad_line_is_reported_in_its_place_and_the_rest_goes_on(verb: str, data: list[str]) -> None:
    stdin = '{"id": 1, "text": "PLAN: Rest."}\nnot json\n{"id": 3}\n{"id": 4, "text": "PLAN: Rest."}\n'
    result = run(verb, "-", "--jsonl", *data, stdin=stdin, ok=False)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert [row["id"] for row in rows] == [1, 2, 3, 4]
    assert "line 2 is not JSON" in rows[1]["error"]
    assert "no column 'text'" in rows[2]["error"]
    assert "error" not in rows[3]


def test_ingested_reports_are_found_under_their_own_id(tmp_path: Path, data: list[str]) -> None:
    rows = [
        {
            "key": "n-1",
            "body": "IMPRESSION: Pneumonia of the right lower lobe.",
            "who": "Ottilie Brannigan",
            "on": "2020-01-02",
        },
        {
            "key": "n-2",
            "body": "IMPRESSION: Fracture of the left radius.",
            "who": "Ottilie Brannigan",
            "on": "2021-01-02",
        },
    ]
    path = tmp_path / "past.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    fields = ["--text-field", "body", "--id-field", "key", "--patient-field", "who", "--date-field", "on"]
    results = [json.loads(line) for line in run("ingest", str(path), *fields, "--json", *data).stdout.splitlines()]
    assert [(r["report_id"], r["state"]) for r in results] == [("n-1", "added"), ("n-2", "added")]
    hits = parsed(run("search", "broken wrist bone", "--top-k", "10", "--json", *data))["hits"]
    assert [hit["report_id"] for hit in hits] == ["n-2", "n-1"]
    assert hits[0]["score"] > hits[1]["score"]
    assert run("delete", "n-2", *data).stdout == "1 report and 0 conversations deleted\n"
    assert [h["report_id"] for h in parsed(run("search", "wrist", "--json", *data))["hits"]] == ["n-1"]
    assert "1 reports indexed" in run("reindex", *data).stdout


def test_a_report_asked_about_once_is_masked_also_where_only_the_second_look_sees(
    tmp_path: Path, data: list[str]
) -> None:
    report, earlier = tmp_path / "report.txt", tmp_path / "earlier.txt"
    report.write_text("IMPRESSION: Pneumonia, film four seven one nine two six shown.", "utf-8")
    earlier.write_text("IMPRESSION: Effusion, film three eight five two nine one shown.", "utf-8")
    asked = run("ask", "--report", str(report), "--mode", "summarize", "--json", *data).stdout
    assert "film [OTHER_1] shown" in asked
    asked = run("ask", "--report", str(report), "--with", str(earlier), "--mode", "compare", "--json", *data).stdout
    assert "four seven" not in asked
    assert "three eight" not in asked


def test_feedback_export_writes_pairs_and_a_manifest(tmp_path: Path, data: list[str]) -> None:
    run("feedback", "export", str(tmp_path / "out"), *data)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["pairs"] == 0


def test_doctor_finds_a_mistyped_variable(data: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.checks_machine.memory_bytes", lambda: (16_000_000_000, 8_000_000_000))
    monkeypatch.setattr("ui.checks_machine.disk", lambda _: Found(True, "enough"))
    assert run("doctor", *data).exit_code == 0
    monkeypatch.setenv("CURBSIDE_RETREIVAL__TOP_K", "3")
    result = run("doctor", "--json", *data, ok=False)
    assert result.exit_code == 1
    assert "CURBSIDE_RETREIVAL__TOP_K" in next(c["detail"] for c in json.loads(result.stdout) if not c["ok"])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(["sections", "missing.txt"], 2, "cannot be opened", id="a missing file"),
        pytest.param(["ask", "--mode", "poem", "?"], 2, "mode 'poem' is not known", id="an unknown mode"),
        pytest.param(["ask", "--mode", "summarize"], 2, "no report", id="a summary of nothing"),
        pytest.param(["sections", "-"], 3, "no text", id="empty standard input"),
    ],
)
def test_errors_are_one_sentence_with_an_exit_code(arguments: list[str], code: int, said: str, data: list[str]) -> None:
    result = run(*arguments, *data, stdin="", ok=False)
    assert isinstance(result.exception, CurbsideError)
    assert result.exception.exit_code == code
    assert said in str(result.exception)


def test_the_process_ends_with_the_errors_exit_code_and_without_a_stack_trace(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "ui.cli", "sections", str(tmp_path / "missing.txt")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CURBSIDE_STORAGE__DATA_DIR": str(tmp_path / "data")},
    )
    assert result.returncode == 2
    assert result.stderr.startswith("curbside: ")
    assert "Traceback" not in result.stderr


def test_a_wrong_setting_names_itself(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "ui.cli", "doctor", "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CURBSIDE_RETRIEVAL__TOP_K": "many"},
    )
    assert result.returncode == 2
    assert "retrieval.top_k" in result.stderr


# ── what still looks like an identifier ───────────────────────────────────────────────────────────────────────────────

DOUBTFUL = "Read by four seven one nine two six.\nIMPRESSION: Pneumonia.\n"


@pytest.fixture
def doubtful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A report with a doctor's name that the rules, set very strict, miss and the second look sees."""
    path = tmp_path / "doubtful.txt"
    path.write_text(DOUBTFUL, "utf-8")
    return path


def test_deidentify_lists_what_is_left_with_its_reason(doubtful: Path, data: list[str]) -> None:
    (place,) = parsed(run("deidentify", str(doubtful), "--json", *data))["residual"]
    assert DOUBTFUL[place["start"] : place["end"]] == "four seven one nine two six"
    assert (place["type"], place["reason"]) == ("PHONE", "digits")
    assert "1 place still looks like an identifier" in run("deidentify", str(doubtful), *data).stderr


def test_ingest_holds_it_and_ends_with_one(doubtful: Path, report: Path, data: list[str]) -> None:
    report.write_text("IMPRESSION: Pneumonia.\n", "utf-8")
    result = run("ingest", str(doubtful), str(report), "--json", *data, ok=False)
    states = {row["name"]: row["state"] for row in map(json.loads, result.stdout.splitlines())}
    assert (result.exit_code, states) == (1, {"doubtful.txt": "held", "report.txt": "added"})
    alone = run("ingest", str(doubtful), *data, ok=False)
    assert alone.exit_code == 1
    assert "1 held for a person to look at, 0 not read" in alone.stdout
    assert "four seven one nine two six" not in alone.stdout + alone.stderr


def test_ingest_masks_it_where_the_settings_say_so(
    doubtful: Path, data: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURBSIDE_DEID__ON_RESIDUAL", "mask")
    assert json.loads(run("ingest", str(doubtful), "--json", *data).stdout)["state"] == "added"
    assert "four seven one nine two six" not in run("search", "pneumonia", "--json", *data).stdout
