"""Promotion and rollback: atomic, told by the ledger, and the same whatever is killed in between."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from assistant.adapters import Adapters
from assistant.errors import AdapterBroken, NothingToRollBack
from tests.alone import alone
from tests.training.killing import Point, next_kill
from tests.training.run_site import RunSite, StandInParts, new_site
from training.errors import LiveModelChanged, LostLease, NotPromotable
from training.lease import Lease
from training.promotion import Promoter
from training.runs import LiveChange
from training.schema import Run, RunState

POINTS: list[Point] = [
    (Adapters, "install"),
    (Adapters, "make_live"),
    (Adapters, "roll_back"),
    (LiveChange, "record"),
    (Session, "commit"),
    (os, "replace"),
    (os, "rename"),
]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RunSite]:
    site = new_site(tmp_path)
    yield site
    site.close()


def history(site: RunSite) -> list[tuple[str | None, str | None, str]]:
    """What went live, oldest first."""
    return [(row.adapter, row.previous, row.kind) for row in reversed(site.ledger.promotions())]


def consistent(site: RunSite) -> None:
    """The ledger says what is live, and each change begins where the one before ended."""
    rows = history(site)
    assert (rows[-1][0] if rows else None) == site.adapters.live().name
    before = None
    for adapter, previous, _ in rows:
        assert previous == before
        before = adapter


def test_rolling_back_makes_the_model_before_answer_and_is_told(site: RunSite) -> None:
    first, second = site.run(), site.run()
    assert site.promoter.roll_back(who="dr-a").name == first.name
    assert site.promoter.roll_back(who="dr-b").name is None
    with pytest.raises(NothingToRollBack):
        site.promoter.roll_back(who="dr-a")
    assert history(site) == [
        (first.name, None, "promote"),
        (second.name, first.name, "promote"),
        (first.name, second.name, "rollback"),
        (None, first.name, "rollback"),
    ]
    assert [row.who for row in site.ledger.promotions()][:2] == ["dr-b", "dr-a"]


def test_an_earlier_run_can_be_promoted_again_by_hand(site: RunSite) -> None:
    first, second = site.run(), site.run()
    site.promoter.promote_by_hand(site.ledger.get(first.name), None, who="dr-a")
    assert site.adapters.live().name == first.name
    assert history(site)[-1] == (first.name, second.name, "promote")
    site.promoter.promote_by_hand(site.ledger.get(first.name), None, who="dr-a")
    assert len(history(site)) == 3


def test_a_refused_run_goes_live_only_if_somebody_insists(site: RunSite) -> None:
    run = site.run(StandInParts(better=False))
    source = site.folder_of(run).adapter(run.chosen or "")
    for source_or_none in (source, None):
        with pytest.raises(NotPromotable, match=r"the gate refused it; give `--force`"):
            site.promoter.promote_by_hand(run, source_or_none, who="dr-a")
    assert site.adapters.live().name is None
    site.promoter.promote_by_hand(run, source, who="dr-a", force=True)
    assert site.adapters.live().name == run.name
    site.promoter.roll_back(who="dr-a")
    with pytest.raises(NotPromotable):
        site.promoter.promote_by_hand(run, source, who="dr-a")


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        pytest.param(StandInParts(missing="12 more"), "it is skipped and has no adapter", id="a skipped run"),
        pytest.param(StandInParts(acts=["fail"]), "it is failed and has no adapter", id="a failed run"),
    ],
)
def test_a_run_without_an_adapter_cannot_go_live(site: RunSite, parts: StandInParts, why: str) -> None:
    run = site.run(parts)
    with pytest.raises(NotPromotable, match=why):
        site.promoter.promote_by_hand(run, None, who="dr-a", force=True)


def test_an_adapter_that_changes_nothing_is_not_installed(site: RunSite) -> None:
    def silent(source: Path) -> None:
        raise AdapterBroken(name=source.name, problem="it writes what its base model writes")

    site.promoter = Promoter(ledger=site.ledger, adapters=site.adapters, make_canary=silent)
    run = site.run()
    assert run.state is RunState.FAILED
    assert "writes what its base model writes" in run.problem
    assert site.adapters.live().name is None
    assert site.adapters.names() == ()


def test_a_corrupt_adapter_never_goes_live(site: RunSite) -> None:
    first, second = site.run(), site.run()
    weights = site.adapters.path(first.name) / "adapter_model.safetensors"
    weights.chmod(0o600)
    weights.write_bytes(b"corrupt")
    with pytest.raises(AdapterBroken, match=r"adapter_model\.safetensors is not what was installed"):
        site.promoter.promote_by_hand(site.ledger.get(first.name), None, who="dr-a")
    with pytest.raises(AdapterBroken):
        site.promoter.roll_back(who="dr-a")
    assert site.adapters.live().name == second.name
    consistent(site)
    assert site.run().state is RunState.PROMOTED


def test_a_damaged_live_file_fails_the_run_and_names_the_remedy(site: RunSite) -> None:
    site.run()
    live = site.settings.data_dir / "adapters" / "live.json"
    live.write_text("{")
    run = site.run()
    assert run.state is RunState.FAILED
    assert "delete live.json" in run.problem
    live.unlink()
    assert site.run().state is RunState.PROMOTED
    consistent(site)


def test_whoever_has_lost_the_run_cannot_promote(site: RunSite) -> None:
    run = site.run(StandInParts(better=False))
    source = site.folder_of(run).adapter(run.chosen or "")
    with pytest.raises(LostLease):
        site.promoter.promote(run, source, lease=Lease(run_id=run.id, token=0), judged_against=None)
    assert site.adapters.live().name is None


def test_a_candidate_goes_live_only_where_it_was_compared(site: RunSite) -> None:
    site.run()
    run = site.create()
    lease = site.ledger.take(run.id)
    source = site.adapters.path(site.adapters.names()[0])
    with pytest.raises(LiveModelChanged, match="judged against the base model"):
        site.promoter.promote(run, source, lease=lease, judged_against=None)


def test_a_change_that_nobody_wrote_down_is_found(site: RunSite) -> None:
    run = site.run()
    site.adapters.make_live(None)
    site.promoter.reconcile()
    site.promoter.reconcile()
    assert history(site)[-1] == (None, run.name, "found")
    consistent(site)
    assert len(history(site)) == 2


def walk(site: RunSite, work: str) -> Iterator[tuple[str, str | None, Run]]:
    """Kill a change at each of its points; yields where that was, what was live before, and the run it was about."""
    killed: list[str] = []
    while True:
        run = site.run(StandInParts(better=False))

        def change(run: Run = run) -> None:
            forked = RunSite(site.folder)
            if work == "promote":
                source = forked.folder_of(run).adapter(run.chosen or "")
                forked.promoter.promote_by_hand(run, source, who="dr-a", force=True)
            else:
                forked.promoter.roll_back(who="dr-a")
            forked.close()

        if work == "roll back":
            source = site.folder_of(run).adapter(run.chosen or "")
            site.promoter.promote_by_hand(run, source, who="dr-a", force=True)
        before = site.adapters.live().name
        site.database.close()
        point = next_kill(killed, POINTS, change)
        if point is None:
            return
        killed.append(point)
        yield point, before, run


def test_a_promotion_that_is_killed_anywhere_leaves_the_old_model_or_the_new_one(tmp_path: Path) -> None:
    alone(kill_promotions, tmp_path)


def kill_promotions(folder: str) -> None:
    site = new_site(Path(folder))
    killed: set[str] = set()
    for point, before, run in walk(site, "promote"):
        killed.add(point)
        live = site.adapters.live().name
        assert live in (before, run.name), point
        site.promoter.reconcile()
        consistent(site)
        assert site.adapters.live().name == live
    assert killed >= {
        "before Adapters.install",
        "after Adapters.install",
        "before Adapters.make_live",
        "after Adapters.make_live",
        "before LiveChange.record",
        "after LiveChange.record",
    }
    assert site.run().state is RunState.PROMOTED
    consistent(site)


def test_a_rollback_that_is_killed_anywhere_leaves_the_old_model_or_the_new_one(tmp_path: Path) -> None:
    alone(kill_rollbacks, tmp_path)


def kill_rollbacks(folder: str) -> None:
    site = new_site(Path(folder))
    killed: set[str] = set()
    for point, before, run in walk(site, "roll back"):
        killed.add(point)
        live = site.adapters.live()
        assert before == run.name
        assert live.name == run.name or run.name not in live.previous, point
        site.promoter.reconcile()
        consistent(site)
    assert killed >= {"before Adapters.roll_back", "after Adapters.roll_back", "after LiveChange.record"}
    assert site.run().state is RunState.PROMOTED
    consistent(site)
