"""The terminal's verbs about learning. In this process except where a process is what is tested. Everything is invented."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import ui.cli
from assistant.errors import CurbsideError, InputError, NothingToRollBack
from tests.ui.loop_site import correct, install_adapter, keep_turn, run_through, scores_of, verdict
from training.errors import NotPromotable, RunNotFound
from training.folder import RunFolder
from training.schema import RunState
from ui.settings import load_settings
from ui.wiring import Parts

ROOT = Path(__file__).parents[2]


@pytest.fixture
def site(tmp_path: Path) -> Parts:
    """An installation that this test writes into and the terminal reads."""
    return Parts(load_settings(data_dir=tmp_path / "data"))


def run(site: Parts, *arguments: str, ok: bool = True) -> Result:
    result = CliRunner().invoke(ui.cli.app, [*arguments, "--data", str(site.data_dir)])
    if ok:
        assert result.exit_code == 0, (result.output, result.exception)
    return result


def parsed(result: Result) -> Any:
    return json.loads(result.stdout)


def test_runs_lists_and_shows_them(site: Parts) -> None:
    refused = run_through(site, RunState.REFUSED, verdict=verdict(promote=False), note="Decided: it stays.")
    good = run_through(site, RunState.PROMOTED, verdict=verdict(promote=True))
    assert [row["name"] for row in parsed(run(site, "runs", "--json"))] == [good.name, refused.name]
    assert good.name in run(site, "runs").stdout
    shown = run(site, "runs", "show", refused.name).stdout
    for said in ("refused", "Decided: it stays.", "30 examples", "words that the clinician changes"):
        assert said in shown
    assert parsed(run(site, "runs", "show", refused.name, "--json"))["verdict"]["promote"] is False


def test_a_new_installation_has_no_runs(site: Parts) -> None:
    assert parsed(run(site, "runs", "--json")) == []
    assert not site.data_dir.exists(), "looking makes nothing"


def test_an_unknown_run_is_said(site: Parts) -> None:
    run_through(site, RunState.REFUSED)
    assert isinstance(run(site, "runs", "show", "r9", ok=False).exception, RunNotFound)


def test_promote_and_rollback(site: Parts) -> None:
    refused = run_through(site, RunState.REFUSED, verdict=verdict(promote=False))
    good = run_through(site, RunState.PROMOTED, verdict=verdict(promote=True))
    for name in (refused.name, good.name):
        install_adapter(site, name)
    assert isinstance(run(site, "promote", refused.name, ok=False).exception, NotPromotable)
    run(site, "promote", good.name)
    run(site, "promote", refused.name, "--force")
    assert site.adapters.live().name == refused.name
    assert good.name in run(site, "rollback").stdout
    run(site, "rollback")
    assert isinstance(run(site, "rollback", ok=False).exception, NothingToRollBack)
    doctor = {check["name"]: check for check in json.loads(run(site, "doctor", "--json", ok=False).stdout)}
    assert doctor["learning"]["detail"] == "nothing learned is live"
    assert "next run Sunday" in doctor["schedule"]["detail"]


def test_doctor_finds_an_adapter_that_was_tampered_with(site: Parts) -> None:
    good = run_through(site, RunState.PROMOTED, verdict=verdict(promote=True))
    install_adapter(site, good.name)
    run(site, "promote", good.name)
    weights = site.adapters.path(good.name) / "adapter_model.safetensors"
    weights.chmod(0o600)
    weights.write_bytes(b"other weights")
    checks = {check["name"]: check for check in json.loads(run(site, "doctor", "--json", ok=False).stdout)}
    assert not checks["learning"]["ok"]
    assert "is not what was installed" in checks["learning"]["detail"]


def test_a_dry_run_counts_and_begins_nothing(site: Parts) -> None:
    for number in range(1, 5):
        correct(site, number)
    material = parsed(run(site, "train", "--dry-run", "--json"))
    assert material["counts"]["pairs"] == 4
    assert "4 of 30 are new" in material["missing"]
    shown = run(site, "train", "--dry-run").stdout
    assert "preferences" in shown
    assert "No run: 26 more" in shown
    assert parsed(run(site, "runs", "--json")) == []


def test_since_leaves_earlier_feedback_out(site: Parts) -> None:
    correct(site, 1)
    assert "new" not in parsed(run(site, "train", "--dry-run", "--json", "--since", "2999-01-01"))["counts"]


def test_compare_shows_what_was_measured_on_the_same_questions(site: Parts) -> None:
    good = run_through(site, RunState.PROMOTED, verdict=verdict(promote=True), chosen="sft")
    folder = RunFolder(site.data_dir / "runs" / good.name)
    folder.make()
    models = {"live": scores_of("quoting", 0.4), "quoting": scores_of("quoting", 0.4), "sft": scores_of("sft", 0.2)}
    folder.write_json("scores.json", {"judged_on": {"eval": "e1", "live": None}, "models": models})
    (first, *_) = parsed(run(site, "compare", good.name, "quoting", "--json"))
    assert (first["metric"], round(first["candidate"], 2), round(first["other"], 2)) == ("edit_distance", 0.2, 0.4)
    assert "20.0 %" in run(site, "compare", good.name, "live").stdout, "before anything is live, quoting is"


def test_forget_deletes_and_proves_it(site: Parts) -> None:
    turn_id, other = correct(site, 1), keep_turn(site, 2)
    result = run(site, "forget", "--turn", str(turn_id))
    assert "1 turn, 1 correction" in result.stdout
    assert "0 left" in result.stdout
    assert site.feedback.turn(other).id == other
    assert parsed(run(site, "forget", "--patient", "P-0000000002", "--json"))[0]["said"]["turns"] == 1
    assert isinstance(run(site, "forget", ok=False).exception, InputError)


def test_a_server_s_model_is_not_trained(site: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURBSIDE_GENERATION__BACKEND", "remote")
    error = run(site, "train", ok=False).exception
    assert isinstance(error, CurbsideError)
    assert error.exit_code == 8


@pytest.mark.slow
def test_too_little_feedback_ends_as_skipped_in_a_process_of_its_own(site: Parts) -> None:
    correct(site, 1)
    command = [sys.executable, "-m", "ui.cli", "train", "--json", "--data", str(site.data_dir)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["state"] == "skipped"
    assert "29 more corrections" in record["problem"]


@pytest.mark.slow
def test_ctrl_c_cancels_the_run_and_waits_for_it(site: Parts) -> None:
    for number in range(1, 4):
        correct(site, number)
    command = [sys.executable, "-m", "ui.cli", "train", "--data", str(site.data_dir)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    until = time.monotonic() + 120
    while not site.ledger.runs():
        assert time.monotonic() < until
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    shown, _ = process.communicate(timeout=200)
    (ended,) = site.ledger.runs()
    assert ended.state.ended, shown
    assert process.returncode == (8 if ended.state is RunState.CANCELLED else 0), shown
    assert "being cancelled" in shown or ended.state is RunState.SKIPPED
