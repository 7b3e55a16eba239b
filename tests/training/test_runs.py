"""The ledger of runs, on both databases: one run at a time, whoever dies and whatever the clock says."""

import math
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from assistant.database import Database
from assistant.holders import birth, is_gone, this_process
from tests.training.sharing import eventually
from training.errors import LostLease, RunEnded, RunNotFound, RunUnderWay, SlotTaken
from training.lease import LEASE_S, STARTING_S
from training.runs import MAX_ATTEMPTS, Ledger
from training.schema import Comparison, Method, Run, RunState, Trigger, Verdict

SUNDAY = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
VERDICT = Verdict(
    promote=True,
    candidate="sft",
    live="base",
    sentence="It writes shorter answers.",
    comparisons=(
        Comparison(
            metric="edit_distance",
            against="live",
            candidate=0.1,
            other=0.4,
            difference=-0.3,
            low=-0.4,
            high=-0.2,
            items=16,
            role="target",
            margin=0.0,
            passed=True,
            better=True,
        ),
    ),
    reasons=("none",),
)


class Clock:
    """A clock that can be set."""

    def __init__(self) -> None:
        self.at = SUNDAY

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(database: Database, clock: Clock) -> Ledger:
    return Ledger(database, now=clock)


def start(ledger: Ledger, *, slot: datetime | None = None) -> Run:
    return ledger.create(
        method=Method.AUTO, trigger=Trigger.PERSON, base_model="starter", settings={"seed": 17}, slot=slot
    )


def elsewhere(database: Database) -> None:
    """Let the lock be held by a process of another machine, whose life nobody here can see."""
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE training_lock SET holder = 'another-machine 7 x'"))


def dead() -> str:
    """The holder's name of a process that has ended."""
    code = "from assistant.holders import this_process; print(this_process())"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def died(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE training_lock SET holder = :holder"), {"holder": dead()})


def test_a_run_is_named_after_its_day_and_number_and_is_read_back_whole(ledger: Ledger) -> None:
    run = start(ledger)
    assert run.name == f"2026-11-22-r{run.id}"
    lease = ledger.take(run.id)
    ledger.transition(lease, RunState.PREPARING, counts={"pairs": 40}, started_from="2026-11-15-r1")
    ledger.transition(lease, RunState.PROMOTED, verdict=VERDICT, chosen="sft", note="Shorter.")
    kept = ledger.get(run.name)
    assert kept == ledger.get(run.id) == ledger.runs()[0]
    assert (kept.state, kept.counts, kept.verdict, kept.chosen, kept.note, kept.started_from) == (
        RunState.PROMOTED,
        {"pairs": 40},
        VERDICT,
        "sft",
        "Shorter.",
        "2026-11-15-r1",
    )
    assert kept.ended_at == SUNDAY
    assert kept.ended_at.tzinfo == UTC


def test_an_unknown_run_is_named_in_the_error(ledger: Ledger) -> None:
    with pytest.raises(RunNotFound, match="no run '2026-01-01-r9'; `curbside runs`"):
        ledger.get("2026-01-01-r9")


def test_events_are_kept_in_order_and_read_from_where_a_reader_left_off(ledger: Ledger) -> None:
    lease = ledger.take(start(ledger).id)
    ledger.add_event(lease, "log", {"text": "begun"})
    ledger.add_progress(lease, [("metrics", "sft", {"loss": 1.5, "step": 1})], read_to=40)
    first, *rest = ledger.events(lease.run_id)
    assert (first.kind, first.data) == ("state", {"state": "queued"})
    assert ledger.events(lease.run_id, after=first.id) == rest
    assert [(event.stage, event.data) for event in ledger.events(lease.run_id, kind="metrics")] == [
        ("sft", {"loss": 1.5, "step": 1})
    ]
    assert ledger.progress_bytes(lease.run_id) == 40


def test_a_loss_that_blew_up_is_kept_as_nothing(ledger: Ledger) -> None:
    lease = ledger.take(start(ledger).id)
    ledger.add_event(lease, "metrics", {"loss": math.nan, "grads": [math.inf, 1.0]})
    assert ledger.events(lease.run_id)[-1].data == {"loss": None, "grads": [None, 1.0]}


def test_a_second_run_waits_until_the_first_has_ended(ledger: Ledger) -> None:
    run = start(ledger)
    with pytest.raises(RunUnderWay, match=rf"run {run.name} is under way \(queued\)"):
        start(ledger)
    lease = ledger.take(run.id)
    with pytest.raises(RunUnderWay):
        start(ledger)
    ledger.transition(lease, RunState.REFUSED)
    assert start(ledger).id > run.id


def test_of_eight_that_start_at_once_one_starts(open_again: Callable[[], Database]) -> None:
    def attempt(_: int) -> bool:
        try:
            start(Ledger(databases.pop()))
        except RunUnderWay:
            return False
        return True

    databases = [open_again() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1


def test_of_eight_that_take_a_run_at_once_one_leads_it(open_again: Callable[[], Database]) -> None:
    def attempt(_: int) -> bool:
        try:
            Ledger(databases.pop()).take(run.id)
        except RunUnderWay:
            return False
        return True

    databases = [open_again() for _ in range(8)]
    run = start(Ledger(databases[0]))
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1


def test_a_scheduled_time_has_one_run_even_after_it_has_ended(ledger: Ledger) -> None:
    run = start(ledger, slot=SUNDAY)
    ledger.transition(ledger.take(run.id), RunState.SKIPPED, problem="12 more needed")
    with pytest.raises(SlotTaken, match=run.name):
        start(ledger, slot=SUNDAY)
    assert start(ledger, slot=SUNDAY + timedelta(days=7)).id > run.id


@pytest.mark.parametrize(
    ("jump", "held"),
    [
        pytest.param(timedelta(seconds=LEASE_S - 1), True, id="a holder elsewhere is believed for its lease"),
        pytest.param(timedelta(seconds=LEASE_S + 1), False, id="and not longer"),
        pytest.param(timedelta(seconds=-60), True, id="a clock a little behind changes nothing"),
        pytest.param(timedelta(days=-400), False, id="a lease from far in the future was written under a wrong clock"),
    ],
)
def test_a_holder_on_another_machine(
    ledger: Ledger, database: Database, clock: Clock, jump: timedelta, held: bool
) -> None:
    run = start(ledger)
    ledger.take(run.id)
    elsewhere(database)
    clock.at += jump
    if held:
        with pytest.raises(RunUnderWay):
            ledger.take(run.id)
    else:
        ledger.take(run.id)


@pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(days=-400)], ids=["forwards", "backwards"])
def test_no_clock_takes_a_run_from_a_living_process(ledger: Ledger, clock: Clock, jump: timedelta) -> None:
    run = start(ledger)
    lease = ledger.take(run.id)
    clock.at += jump
    with pytest.raises(RunUnderWay):
        ledger.take(run.id)
    with pytest.raises(RunUnderWay):
        start(ledger)
    assert ledger.claim_interrupted() is None
    assert ledger.renew(lease) is False


def test_a_dead_holder_is_replaced_at_once_and_may_write_nothing_more(ledger: Ledger, database: Database) -> None:
    run = start(ledger)
    old = ledger.take(run.id)
    died(database)
    new = ledger.take(run.id)
    for write in (
        lambda: ledger.renew(old),
        lambda: ledger.transition(old, RunState.PROMOTED),
        lambda: ledger.add_event(old, "log", {}),
        lambda: ledger.add_progress(old, [], read_to=9),
    ):
        with pytest.raises(LostLease):
            write()
    with pytest.raises(LostLease), ledger.changing_live() as change:
        change.check(old)
    ledger.release(old)
    ledger.transition(new, RunState.TRAINING)
    assert ledger.get(run.id).state is RunState.TRAINING


def test_an_interrupted_run_can_go_on_a_few_times_and_is_then_given_up(ledger: Ledger, database: Database) -> None:
    run = start(ledger)
    for _ in range(MAX_ATTEMPTS):
        ledger.transition(ledger.take(run.id), RunState.TRAINING)
        assert ledger.claim_interrupted() is None
        died(database)
        found = ledger.claim_interrupted()
    assert found is None
    ended = ledger.get(run.id)
    assert (ended.state, ended.problem) == (RunState.FAILED, f"it was interrupted {MAX_ATTEMPTS} times")
    with pytest.raises(RunEnded):
        ledger.take(run.id)


def test_a_process_that_never_comes_is_waited_for_and_then_another_one_is_started(ledger: Ledger, clock: Clock) -> None:
    run = start(ledger)
    claimed = 0
    while not ledger.get(run.id).state.ended:
        assert ledger.claim_interrupted() is None
        clock.at += timedelta(seconds=STARTING_S + 1)
        claimed += ledger.claim_interrupted() is not None
    assert claimed == MAX_ATTEMPTS - 1


def test_of_eight_that_claim_an_interrupted_run_one_is_given_it(open_again: Callable[[], Database]) -> None:
    databases = [open_again() for _ in range(8)]
    run = start(Ledger(databases[0]))
    Ledger(databases[0]).take(run.id)
    died(databases[0])
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda database: Ledger(database).claim_interrupted(), databases))
    assert [claim.id for claim in claims if claim] == [run.id]


def test_a_run_that_was_left_in_good_order_can_be_claimed_at_once_and_for_ever(ledger: Ledger) -> None:
    run = start(ledger)
    for _ in range(MAX_ATTEMPTS * 2):
        lease = ledger.take(run.id)
        ledger.release(lease)
        with pytest.raises(LostLease):
            ledger.renew(lease)
        claimed = ledger.claim_interrupted()
        assert claimed is not None
        assert claimed.id == run.id


def test_what_went_live_ends_as_promoted_whatever_happened_to_its_process(ledger: Ledger, database: Database) -> None:
    run = start(ledger)
    ledger.transition(ledger.take(run.id), RunState.PROMOTING)
    with ledger.changing_live() as change:
        change.record(adapter=run.name, previous=None, kind="promote", who="curbside")
    died(database)
    ledger.ask_cancel(run.id)
    assert ledger.get(run.id).state is RunState.PROMOTED


def test_a_new_run_takes_the_place_of_an_interrupted_one(ledger: Ledger, database: Database) -> None:
    run = start(ledger)
    ledger.transition(ledger.take(run.id), RunState.EVALUATING)
    died(database)
    start(ledger)
    ended = ledger.get(run.id)
    assert ended.state is RunState.FAILED
    assert "interrupted" in ended.problem


def test_cancelling_asks_the_leader_and_ends_what_nobody_leads(ledger: Ledger, database: Database) -> None:
    run = start(ledger)
    lease = ledger.take(run.id)
    assert ledger.renew(lease) is False
    ledger.ask_cancel(run.id)
    assert ledger.renew(lease) is True
    assert ledger.get(run.id).state is RunState.QUEUED
    died(database)
    ledger.ask_cancel(run.id)
    assert ledger.get(run.id).state is RunState.CANCELLED
    with pytest.raises(RunEnded, match="cancelled"):
        ledger.ask_cancel(run.id)


def test_what_went_live_is_kept_with_its_run(ledger: Ledger) -> None:
    run = start(ledger)
    with ledger.changing_live() as change:
        assert change.latest() is None
        assert not change.went_live(run.id)
        change.record(adapter=run.name, previous=None, kind="promote", who="dr-a")
    with ledger.changing_live() as change:
        assert change.went_live(run.id)
        change.record(adapter=None, previous=run.name, kind="rollback", who="dr-b")
    assert [(row.adapter, row.previous, row.run_id, row.kind, row.who) for row in ledger.promotions()] == [
        (None, run.name, None, "rollback", "dr-b"),
        (run.name, None, run.id, "promote", "dr-a"),
    ]


def test_a_change_that_fails_records_nothing(ledger: Ledger) -> None:
    def fail() -> None:
        with ledger.changing_live() as change:
            change.record(adapter="x", previous=None, kind="promote", who="dr-a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert ledger.promotions() == []


def test_a_process_is_known_by_its_birth_and_not_only_its_number() -> None:
    host, pid, born = this_process().split(" ", 2)
    assert born
    assert is_gone(this_process()) is False
    assert is_gone(f"{host} {pid} another-birth") is True
    assert is_gone(dead()) is True
    assert is_gone(f"another-machine {pid} {born}") is None


def test_a_zombie_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE)
    assert child.stdin is not None
    assert birth(child.pid)
    child.stdin.write(b"\n")
    child.stdin.close()
    eventually(lambda: birth(child.pid) is None)
    child.wait()
