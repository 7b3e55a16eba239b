"""Runs as jobs of a real Ray cluster: started, followed, cancelled, killed, gone on with. The trainer and the models are stand-ins."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assistant.errors import NotShared, RayUnavailable
from assistant.holders import birth, command_of
from tests.training.run_site import BASE, RunSite, new_site
from training.errors import RunInterrupted
from training.lease import STARTING_S
from training.on_ray import OnRay, count_jobs, refuse_sqlite
from training.runs import Ledger
from training.schema import Run, RunState
from training.settings import TrainingSettings
from training.tables import TrainingLockRow
from training.trainer_process import run_trainer

if TYPE_CHECKING:
    from tests.ray_cluster import RayCluster

ROOT = Path(__file__).parents[2]
LEAD = (sys.executable, "-m", "tests.training.lead_on_ray")
TOO_LONG_S = 240


@pytest.fixture(autouse=True)
def _patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster on two busy cores is not away when it says nothing for five seconds."""
    monkeypatch.setattr("training.on_ray._REACH_S", 60)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RunSite]:
    site = new_site(tmp_path)
    yield site
    site.close()


def launcher(site: RunSite, address: str, *, ledger: Ledger | None = None, **changes: Any) -> OnRay:
    told = {
        "ledger": ledger or site.ledger,
        "command": LEAD,
        "variables": lambda: {"PYTHONPATH": str(ROOT), "RUN_SITE": str(site.folder)},
        "base_model": BASE,
        "settings": TrainingSettings(),
        "runs": site.runs,
        "address": address,
        "gpus": 0,
        "shares_database": False,
    }
    return OnRay(**told | changes)


def acting(site: RunSite, *acts: str) -> None:
    """What the trainer does at each start."""
    (site.folder / "acts.json").write_text(json.dumps(acts))


def until(true: Callable[[], object]) -> None:
    give_up = time.monotonic() + TOO_LONG_S
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.2)


def in_training(site: RunSite, run: Run) -> Callable[[], object]:
    return lambda: site.ledger.events(run.id, kind="metrics")


def leader(site: RunSite) -> int:
    """The process id of whoever leads the run under way."""
    with site.database.session() as session:
        holder = session.get_one(TrainingLockRow, 1).holder
    assert holder is not None
    return int(holder.split()[1])


@pytest.mark.slow
def test_a_run_is_led_by_a_job_whose_log_holds_no_words_of_a_report(site: RunSite, ray_cluster: "RayCluster") -> None:
    acting(site, "train")
    ray = launcher(site, ray_cluster.dashboard)
    jobs_of_others = count_jobs(ray_cluster.dashboard)
    run = ray.start()
    shown: list[str] = []
    until(lambda: shown.extend(ray.new_output(run)) or site.ledger.get(run.id).state.ended)
    ended = site.ledger.get(run.id)
    assert (ended.state, ended.problem) == (RunState.PROMOTED, "")
    ray.wait()
    until(lambda: shown.extend(ray.new_output(run)) or "ended state=" in "".join(shown))
    assert sum(f"leading run={run.name}" in line for line in shown) == 1
    assert any(f"run={run.name} ended state=promoted" in line for line in shown)
    assert not any("effusion" in line or "library" in line for line in shown)
    until(lambda: count_jobs(ray_cluster.dashboard) <= jobs_of_others)
    assert ray_cluster.files_with(b"leading run="), "the logs are there to be searched"
    assert ray_cluster.files_with(b"invented effusion") == []
    assert site.texts_on_disk() == []


@pytest.mark.slow
@pytest.mark.parametrize("killed", [pytest.param(True, id="by kill -9"), pytest.param(False, id="by Ray's own stop")])
def test_a_job_ended_in_the_middle_is_followed_by_one_that_goes_on_to_the_end(
    site: RunSite, ray_cluster: "RayCluster", killed: bool
) -> None:
    from ray.job_submission import JobSubmissionClient

    acting(site, "linger", "train")
    ray = launcher(site, ray_cluster.dashboard)
    run = ray.start()
    until(in_training(site, run))
    assert ray.resume() is None, "it is led"
    if killed:
        os.kill(leader(site), signal.SIGKILL)
    else:
        job = (site.folder_of(run).read_json("ray.json") or {})["job"]
        JobSubmissionClient(ray_cluster.dashboard).stop_job(job)
    resumed: list[Run] = []
    until(lambda: resumed.extend(filter(None, [ray.resume()])) or resumed)
    assert resumed[0].id == run.id
    until(lambda: site.ledger.get(run.id).state.ended)
    assert site.ledger.get(run.id).state is RunState.PROMOTED
    said = [event.data["text"] for event in site.ledger.events(run.id, kind="log") if "text" in event.data]
    assert said == ["its process ended too early; another one goes on with it"]
    assert (site.folder_of(run).training / "starts").read_text() == "xx"


@pytest.mark.slow
def test_a_cancelled_run_ends_its_job(site: RunSite, ray_cluster: "RayCluster") -> None:
    acting(site, "linger")
    ray = launcher(site, ray_cluster.dashboard)
    run = ray.start()
    until(in_training(site, run))
    process = leader(site)
    site.ledger.ask_cancel(run.id)
    ray.stop(run)
    until(lambda: site.ledger.get(run.id).state.ended and birth(process) is None)
    assert site.ledger.get(run.id).state is RunState.CANCELLED


@pytest.mark.slow
def test_a_job_that_waits_for_a_machine_is_not_taken_for_dead_and_can_be_cancelled(
    site: RunSite, ray_cluster: "RayCluster"
) -> None:
    later = timedelta()
    ledger = Ledger(site.database, now=lambda: datetime.now(UTC) + later)
    ray = launcher(site, ray_cluster.dashboard, ledger=ledger, gpus=1)
    run = ray.start()
    for _ in range(3):
        later += timedelta(seconds=STARTING_S + 60)
        assert ray.resume() is None
    ledger.ask_cancel(run.id)
    ray.stop(run)
    assert ledger.get(run.id).state is RunState.CANCELLED


@pytest.mark.slow
def test_a_job_that_ends_before_it_leads_fails_the_run_and_says_where_to_look(
    site: RunSite, ray_cluster: "RayCluster"
) -> None:
    ray = launcher(site, ray_cluster.dashboard, command=("false",))
    run = ray.start()
    until(lambda: ray.resume() or site.ledger.get(run.id).state.ended)
    ended = site.ledger.get(run.id)
    assert ended.state is RunState.FAILED
    assert f"`ray job status curbside-{run.name}-" in ended.problem
    assert ray_cluster.dashboard in ended.problem


@pytest.mark.slow
def test_from_the_terminal_with_the_real_process_and_without_a_secret_in_the_job(
    tmp_path: Path, ray_cluster: "RayCluster"
) -> None:
    from ray.job_submission import JobSubmissionClient

    data = tmp_path / "data"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "ui.cli",
            "train",
            "--on",
            "ray",
            "--address",
            ray_cluster.dashboard,
            "--data",
            str(data),
        ],
        cwd=ROOT,
        env=os.environ | {"CURBSIDE_GENERATION__API_KEY": "an-invented-secret"},
        capture_output=True,
        text=True,
        timeout=TOO_LONG_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "skipped" in done.stdout
    assert "30 more corrections" in done.stdout
    assert "ended state=skipped" in done.stderr, "the job's log is followed"
    jobs = [
        job for job in JobSubmissionClient(ray_cluster.dashboard).list_jobs() if "ui.training_process" in job.entrypoint
    ]
    assert "an-invented-secret" not in str(jobs)
    assert ray_cluster.files_with(b"an-invented-secret") == []
    (secret,) = (data / "ray-secrets").iterdir()
    assert (secret.read_text(), stat.S_IMODE(secret.stat().st_mode)) == ("an-invented-secret", 0o600)


def test_a_cluster_that_is_away_is_said_with_its_address_and_leaves_no_run(
    site: RunSite, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("ray")
    ray = launcher(site, "http://127.0.0.1:1")
    with pytest.raises(RayUnavailable, match=r"at http://127\.0\.0\.1:1 does not answer .*ray start --head.*--address"):
        ray.start()
    assert site.ledger.runs() == []
    run = site.create()
    site.folder_of(run).make()
    site.folder_of(run).write_json("ray.json", {"job": "j", "address": "http://127.0.0.1:1"})
    assert ray.resume() is None
    assert ray.resume() is None
    assert caplog.text.count("does not answer") == 1
    assert site.ledger.get(run.id).state is RunState.QUEUED
    ray.stop(run)
    assert site.ledger.get(run.id).state is RunState.CANCELLED


def test_a_cluster_that_takes_connections_and_says_nothing_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray")
    monkeypatch.setattr("training.on_ray._REACH_S", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(4)
        with pytest.raises(RayUnavailable, match="TimeoutError"):
            count_jobs(f"http://127.0.0.1:{silent.getsockname()[1]}")


def test_a_job_that_ray_gave_up_waiting_for_is_followed_by_another(
    site: RunSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ray takes a quarter of an hour for it, so its word is put into its mouth; it was tried on a cluster told to take seconds."""
    submission: Any = pytest.importorskip("ray.job_submission")
    told = {
        "type": submission.JobType.SUBMISSION,
        "status": submission.JobStatus.FAILED,
        "error_type": submission.JobErrorType.JOB_SUPERVISOR_ACTOR_START_TIMEOUT.value,
        "entrypoint": "",
    }
    launched: list[str] = []
    monkeypatch.setattr(OnRay, "_told_of", lambda *_: submission.JobDetails(**told))
    monkeypatch.setattr(OnRay, "launch", lambda _, run: launched.append(run.name))
    ray, run = launcher(site, "http://127.0.0.1:1"), site.create()
    site.folder_of(run).make()
    site.folder_of(run).write_json("ray.json", {"job": "j", "address": "http://127.0.0.1:1"})
    assert ray.resume() is None
    assert launched == [run.name]
    assert site.ledger.get(run.id).state is RunState.QUEUED


def test_a_file_as_database_is_refused_on_other_machines_and_allowed_on_this_one() -> None:
    refuse_sqlite(["127.0.0.1"])
    with pytest.raises(NotShared, match=r"192\.0\.2\.77.*DATABASE_URL.*PostgreSQL"):
        refuse_sqlite(["127.0.0.1", "192.0.2.77"])


def test_a_trainer_stopped_together_with_its_run_is_no_failure(tmp_path: Path) -> None:
    def check() -> None:
        raise RunInterrupted(name="r1")

    with pytest.raises(RunInterrupted):
        run_trainer(["false"], tmp_path / "training", on_lines=lambda *_: None, read_from=0, check=check)


def test_what_a_killed_process_left_on_its_machine_ends_too(tmp_path: Path) -> None:
    """A run that goes on elsewhere cannot end what its dead process left on another machine."""
    code = (
        "import pathlib, sys\n"
        "from training.trainer_process import run_trainer\n"
        "run_trainer(['sleep', '600'], pathlib.Path(sys.argv[1]), on_lines=print, read_from=0,\n"
        "            check=lambda: None, on_start=lambda pid: print(pid, flush=True))"
    )
    leader = subprocess.Popen([sys.executable, "-c", code, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert leader.stdout is not None
    trainer = int(leader.stdout.readline())
    until(lambda: "sleep" in command_of(trainer).split()[:1])
    leader.kill()
    leader.communicate()
    until(lambda: birth(trainer) is None)
