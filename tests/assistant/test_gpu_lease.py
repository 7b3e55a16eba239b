"""One GPU, several processes: who is there, who waits, and that nobody who died stands in the way."""

import fcntl
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from assistant.database import Database, open_database
from assistant.errors import ModelRests, StorageError
from assistant.gpu_files import EngineLocks, read_mirror
from assistant.gpu_lease import LEASE_S, GpuLease, Holder, Use, until
from assistant.gpu_serving import ServingGpu, beside_chats
from assistant.holders import this_process
from assistant.keys import load_key
from assistant.settings import StorageSettings
from ui.migrations import upgrade

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
ELSEWHERE = "another-machine 7 born-once"


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_sqlite(tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """For what is the same on both databases: one of SQLite, each time as another process would open it."""
    settings = StorageSettings(data_dir=tmp_path / "data")
    opened: list[Database] = []

    def open_it() -> Database:
        opened.append(open_database(settings, load_key(settings.data_dir)))
        upgrade(opened[-1])
        return opened[-1]

    yield open_it
    for database in opened:
        database.close()


@pytest.fixture
def lease(open_sqlite: Callable[[], Database], tmp_path: Path, clock: Clock) -> GpuLease:
    return GpuLease(open_sqlite(), tmp_path, now=clock)


def dead() -> str:
    code = "from assistant.holders import this_process; print(this_process())"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_everybody_who_came_is_there_until_he_leaves(database: Database, tmp_path: Path, clock: Clock) -> None:
    lease = GpuLease(database, tmp_path, now=clock)
    lease.enter(Use.SERVING)
    clock.at += timedelta(seconds=5)
    end = NOW + timedelta(hours=1)
    lease.enter(Use.TRAINING, name="2026-11-22-r7", process=ELSEWHERE, expected_end=end)
    assert [holder.process for holder in lease.holders()] == [this_process(), ELSEWHERE]
    training = lease.training()
    assert training is not None
    assert (training.name, training.expected_end) == ("2026-11-22-r7", end)
    lease.leave(ELSEWHERE)
    assert lease.training() is None
    lease.leave()
    assert lease.holders() == []


def test_coming_again_is_a_sign_of_life_and_changes_what_is_expected(lease: GpuLease, clock: Clock) -> None:
    lease.enter(Use.TRAINING, name="r", process=ELSEWHERE)
    clock.at += timedelta(seconds=LEASE_S - 1)
    lease.enter(Use.TRAINING, name="r", process=ELSEWHERE, expected_end=clock.at + timedelta(hours=2))
    clock.at += timedelta(seconds=LEASE_S - 1)
    (holder,) = lease.holders()
    assert (holder.since, holder.expected_end) == (NOW, NOW + timedelta(hours=2, seconds=LEASE_S - 1))


def test_who_was_killed_here_is_gone_at_once(lease: GpuLease) -> None:
    lease.enter(Use.TRAINING, process=dead())
    assert lease.training() is None


def test_who_lives_here_is_believed_whatever_the_clock_says(lease: GpuLease, clock: Clock) -> None:
    lease.enter(Use.SERVING)
    for jump in (timedelta(days=400), timedelta(days=-800)):
        clock.at = NOW + jump
        assert len(lease.holders()) == 1


@pytest.mark.parametrize(
    ("passed", "believed"),
    [
        pytest.param(timedelta(seconds=LEASE_S - 1), True, id="for a while"),
        pytest.param(timedelta(seconds=LEASE_S), False, id="not for ever"),
        pytest.param(timedelta(minutes=-5), True, id="also by a clock that is behind"),
        pytest.param(timedelta(days=-5), False, id="not if its sign came from next week"),
    ],
)
def test_who_cannot_be_looked_at_is_believed_for_a_while(
    lease: GpuLease, clock: Clock, passed: timedelta, believed: bool
) -> None:
    lease.enter(Use.TRAINING, process=ELSEWHERE)
    clock.at = NOW + passed
    assert (lease.training() is not None) is believed


def test_what_the_dead_left_is_tidied_up_and_nothing_else(
    open_sqlite: Callable[[], Database], tmp_path: Path, clock: Clock
) -> None:
    database = open_sqlite()
    lease = GpuLease(database, tmp_path, now=clock)
    lease.enter(Use.TRAINING, process=dead())
    lease.enter(Use.SERVING)
    lease.mirror(training=True, expected_end=NOW + timedelta(hours=1))
    assert read_mirror(tmp_path, now=NOW) is not None
    lease.tidy()
    assert read_mirror(tmp_path, now=NOW) is None
    with database.session() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM gpu_lease")) == 1
    lease.enter(Use.TRAINING, process=ELSEWHERE)
    lease.mirror(training=True)
    lease.tidy()
    assert read_mirror(tmp_path, now=NOW) is not None


def test_the_mirror_says_what_keepers_read_and_expires(lease: GpuLease, tmp_path: Path) -> None:
    lease.mirror(training=True, expected_end=NOW + timedelta(hours=1))
    told = json.loads((tmp_path / "gpu.json").read_text())
    assert told["holder"] == "training"
    assert datetime.fromisoformat(told["expires_at"]) == NOW + timedelta(seconds=LEASE_S)
    assert datetime.fromisoformat(told["expected_end"]) == NOW + timedelta(hours=1)
    assert read_mirror(tmp_path, now=NOW + timedelta(seconds=LEASE_S)) is None
    assert read_mirror(tmp_path, now=NOW - timedelta(hours=1)) is None, "the clock was set back"
    lease.mirror(training=False)
    assert json.loads((tmp_path / "gpu.json").read_text())["holder"] == "serving"
    (tmp_path / "gpu.json").write_text('{"holder": "trai')
    assert read_mirror(tmp_path, now=NOW) is None


def test_servers_that_have_not_left_are_named_and_the_others_kept_away(tmp_path: Path) -> None:
    for name in ("tgi", "vllm"):
        (tmp_path / f"engine-{name}.lock").touch()
    with (tmp_path / "engine-tgi.lock").open("ab") as serving:
        fcntl.flock(serving, fcntl.LOCK_EX)
        run, other = EngineLocks(tmp_path), EngineLocks(tmp_path)
        assert run.take() == ["tgi"]
        assert other.take() == ["tgi", "vllm"]
    assert run.take() == []
    run.give_back()
    assert other.take() == []
    other.give_back()


@pytest.mark.parametrize(
    ("end", "words"),
    [
        pytest.param(
            NOW + timedelta(hours=1, minutes=36), "until about 03:40", id="rounded up, in the practice's time"
        ),
        pytest.param(NOW + timedelta(hours=30), "until about Monday, 08:00", id="with its day where it is not tonight"),
        pytest.param(NOW, "until a training run has ended", id="longer than expected"),
        pytest.param(None, "until a training run has ended", id="not known"),
    ],
)
def test_until_when_is_said_as_people_say_it(end: datetime | None, words: str) -> None:
    assert until(end, now=NOW, zone=ZoneInfo("Europe/Berlin")) == words


class Model:
    """Stands in for a model: what was done to it, and a gate in which its answer under way can be held up."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.may_end = threading.Event()
        self.may_end.set()

    def let_go(self) -> None:
        self.done.append("asked")
        assert self.may_end.wait(100)
        self.done.append("gone")

    def bring_back(self) -> None:
        self.done.append("back")


@pytest.fixture
def make_gpu(open_sqlite: Callable[[], Database], tmp_path: Path) -> Iterator[Callable[..., ServingGpu]]:
    made: list[ServingGpu] = []

    def make(database: Database | None = None) -> ServingGpu:
        made.append(ServingGpu(GpuLease(database or open_sqlite(), tmp_path), look_s=0.02))
        return made[-1]

    yield make
    for gpu in made:
        gpu.close()


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 100  # before training, of another machine, is no longer believed
    while not true():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.01)


def test_a_model_leaves_when_training_asks_and_comes_back_when_it_has_gone(
    lease: GpuLease, clock: Clock, make_gpu: Callable[..., ServingGpu]
) -> None:
    clock.at = datetime.now(UTC)
    gpu, model = make_gpu(), Model()
    gpu.enter(model)
    gpu.enter(model)
    assert [holder.use for holder in lease.holders()] == [Use.SERVING]
    model.may_end.clear()
    lease.enter(Use.TRAINING, name="r", process=ELSEWHERE, expected_end=clock.at + timedelta(hours=1))
    eventually(lambda: model.done == ["asked"])
    assert len(lease.holders()) == 2, "it left although an answer was under way"
    with pytest.raises(ModelRests, match="the model rests until about"):
        gpu.check()
    model.may_end.set()
    eventually(lambda: len(lease.holders()) == 1)
    assert model.done == ["asked", "gone"]
    with pytest.raises(ModelRests):
        gpu.enter(model)
    lease.leave(ELSEWHERE)
    eventually(lambda: model.done == ["asked", "gone", "back"])
    gpu.enter(model)


def test_a_model_is_not_loaded_while_training_waits_or_trains(
    lease: GpuLease, clock: Clock, make_gpu: Callable[..., ServingGpu]
) -> None:
    clock.at = datetime.now(UTC)
    lease.enter(Use.TRAINING, process=ELSEWHERE)
    gpu, model = make_gpu(), Model()
    with pytest.raises(ModelRests):
        gpu.enter(model)
    assert [holder.process for holder in lease.holders()] == [ELSEWHERE]
    lease.leave(ELSEWHERE)

    def enters() -> bool:
        try:
            gpu.enter(model)
        except ModelRests:
            return False
        return True

    eventually(enters)
    assert model.done == []


def test_a_model_that_was_refused_is_not_asked_to_leave(
    open_sqlite: Callable[[], Database], lease: GpuLease, clock: Clock, tmp_path: Path
) -> None:
    class Slow(GpuLease):
        """Takes its time between the two halves of `enter`, in which its row is there."""

        def training(self) -> Holder | None:
            time.sleep(0.2)
            return super().training()

    clock.at = datetime.now(UTC)
    lease.enter(Use.TRAINING, process=ELSEWHERE)
    gpu, model = ServingGpu(Slow(open_sqlite(), tmp_path), look_s=0.02), Model()
    with pytest.raises(ModelRests):
        gpu.enter(model)
    gpu.close()
    assert model.done == []


def test_a_database_that_goes_away_at_the_wrong_moment_leaves_nobody_on_the_gpu(
    open_sqlite: Callable[[], Database], lease: GpuLease, clock: Clock, tmp_path: Path
) -> None:
    clock.at = datetime.now(UTC)

    class Failing(GpuLease):
        def training(self) -> Holder | None:
            raise StorageError("the database is away")

    gpu, model = ServingGpu(Failing(open_sqlite(), tmp_path), look_s=0.02), Model()
    with pytest.raises(StorageError):
        gpu.enter(model)
    assert [holder.use for holder in lease.holders()] == [Use.SERVING]
    lease.enter(Use.TRAINING, process=ELSEWHERE)
    eventually(lambda: [holder.use for holder in lease.holders()] == [Use.TRAINING])
    gpu.close()


def test_a_look_beside_the_chats_gives_way_to_training(lease: GpuLease, clock: Clock) -> None:
    with beside_chats(lease) as check:
        check()
        assert [holder.use for holder in lease.holders()] == [Use.SERVING]
    assert lease.holders() == []

    def look_until_training_asks() -> None:
        with beside_chats(lease) as check:
            lease.enter(Use.TRAINING, process=ELSEWHERE, expected_end=NOW + timedelta(hours=1))
            check()

    for rests in (look_until_training_asks, beside_chats(lease).__enter__):
        with pytest.raises(ModelRests, match="the model rests until about"):
            rests()
        assert [holder.process for holder in lease.holders()] == [ELSEWHERE]


def test_of_two_who_come_at_once_never_both_are_in(
    open_again: Callable[[], Database], tmp_path: Path, make_gpu: Callable[..., ServingGpu]
) -> None:
    gpu, trainer = make_gpu(open_again()), GpuLease(open_again(), tmp_path)
    inside, working = threading.Event(), threading.Lock()

    class Working(Model):
        """As the real one, it does one thing after the other."""

        def let_go(self) -> None:
            with working:
                inside.clear()

        def bring_back(self) -> None:
            with working:
                gpu.enter(self)
                inside.set()

    def serve() -> None:
        for _ in range(15):
            try:
                model.bring_back()
            except ModelRests:
                time.sleep(0.01)

    model = Working()
    thread = threading.Thread(target=serve)
    thread.start()
    for _ in range(5):
        trainer.enter(Use.TRAINING, process=ELSEWHERE)
        eventually(lambda: all(holder.use is Use.TRAINING for holder in trainer.holders()))
        assert not inside.is_set()
        trainer.leave(ELSEWHERE)
        time.sleep(0.03)
    thread.join()
