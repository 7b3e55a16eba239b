"""The Training tab in a real browser, against the real server. The runs are written by this process; all is invented."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ui.browsing import Served, confirm, curbside, expect
from tests.ui.loop_site import correct, install_adapter, run_through, verdict
from training.lease import Lease
from training.schema import Method, Run, RunState, Trigger
from ui.settings import load_settings
from ui.wiring import Parts

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """An installation with a refused and a promoted run."""
    parts = Parts(load_settings(data_dir=tmp_path_factory.mktemp("training") / "data"))
    for number in range(1, 4):
        correct(parts, number)
    run_through(parts, RunState.REFUSED, verdict=verdict(promote=False), note="Decided: the model that you know stays.")
    good = run_through(parts, RunState.PROMOTED, verdict=verdict(promote=True), note="Decided: the new model answers.")
    install_adapter(parts, good.name)
    yield parts
    parts.close()


@pytest.fixture(scope="module")
def served(site: Parts) -> Iterator[Served]:
    with curbside(Path(site.data_dir)) as server:
        yield server


@pytest.fixture
def tab(page: Any) -> Any:
    """The page with the Training tab open."""
    page.get_by_role("tab", name="Training").click()
    expect(page.locator("#loop-run h2")).to_be_visible()
    return page


def begin(parts: Parts) -> tuple[Run, Lease]:
    run = parts.ledger.create(method=Method.AUTO, trigger=Trigger.PERSON, base_model="starter", settings={})
    lease = parts.ledger.take(run.id)
    parts.ledger.transition(lease, RunState.TRAINING)
    return run, lease


def step(parts: Parts, lease: Lease, number: int) -> None:
    data = {"step": number, "steps": 10, "loss": 2 / number, "learning_rate": 1e-4, "seconds_left": 6000}
    parts.ledger.add_event(lease, "metrics", data, stage="sft/sft")


def test_what_is_live_what_came_in_and_what_was_decided_stand_on_one_screen(tab: Any) -> None:
    expect(tab.locator("#loop")).to_contain_text("Quoting")
    expect(tab.locator("#loop")).to_contain_text("3 of 30 corrections; 27 more until a run")
    expect(tab.locator("#loop")).to_contain_text("Sunday")
    expect(tab.locator("#loop-runs .item")).to_have_count(2)
    expect(tab.locator("#loop-run .note")).to_contain_text("the new model answers")
    expect(tab.locator("#loop-run .verdict tbody tr").first).to_contain_text("words that the clinician changes")


def test_an_earlier_run_opens_with_its_curves_counts_and_log(tab: Any) -> None:
    tab.locator("#loop-runs .item").last.click()
    expect(tab.locator("#loop-run .outcome")).to_contain_text("Not taken")
    tab.locator("summary", has_text="Curves").click()
    chart = tab.get_by_role("img", name="Loss: training from 2")
    expect(chart).to_be_visible()
    tab.locator("summary", has_text="What it learned from").click()
    expect(tab.locator("#loop-run .pairs").first).to_contain_text(
        "set aside: only spelling or punctuation was corrected"
    )


def test_pausing_is_asked_once_and_kept(tab: Any) -> None:
    confirm(tab, "Pause", "Pause the schedule?")
    expect(tab.locator("#loop-said")).to_contain_text("paused")
    expect(tab.locator("#loop")).to_contain_text("Nothing is trained by itself until it is resumed")
    confirm(tab, "Resume", "Train by the schedule again?")
    expect(tab.locator("#loop")).to_contain_text("Sunday")


def test_promoting_changes_the_model_that_the_chat_names_and_rolling_back_changes_it_back(
    tab: Any, site: Parts
) -> None:
    name = site.ledger.runs()[0].name
    confirm(tab, "Promote", "Take it live?")
    expect(tab.locator("#loop .value")).to_have_text(f"starter+{name}")
    tab.get_by_role("tab", name="Chat").click()
    expect(tab.locator("#bar .model")).to_have_text(f"model starter+{name}")
    tab.get_by_role("tab", name="Training").click()
    confirm(tab, "Roll back", "Go back to the model as it came?")
    expect(tab.locator("#loop .value")).to_have_text("Quoting")


def test_a_run_under_way_is_followed_without_moving_the_focus_and_can_be_cancelled(tab: Any, site: Parts) -> None:
    run, lease = begin(site)
    step(site, lease, 1)
    tab.get_by_role("tab", name="Chat").click()
    tab.get_by_role("tab", name="Training").click()
    expect(tab.locator("#loop-run .progress")).to_contain_text("step 1 of 10")
    expect(tab.locator("#loop-run .progress")).to_contain_text(re.compile(r"about 1 h \d\d min left"))
    log = tab.locator("#loop-run summary", has_text="Log")
    log.focus()
    log.press("Enter")  # closed, and it stays closed
    for number in (2, 3, 4):
        step(site, lease, number)
    expect(tab.locator("#loop-run .progress")).to_contain_text("step 4 of 10")
    expect(tab.get_by_role("img", name="Loss: training from 2 to 0.5 at step 4")).to_be_visible()
    expect(log).to_be_focused()
    expect(tab.locator("#loop-run .log")).to_be_hidden()
    confirm(tab, "Cancel", "Cancel this run?")
    expect(tab.locator("#loop-run")).to_contain_text("Cancelling")
    assert site.ledger.get(run.id).cancel_asked
    site.ledger.transition(lease, RunState.CANCELLED)
    expect(tab.locator("#loop-run .outcome")).to_contain_text("Cancelled")
    expect(tab.get_by_role("button", name="Run now")).to_be_visible()


def test_nothing_is_asked_of_the_server_while_another_tab_is_open(tab: Any, site: Parts) -> None:
    _, lease = begin(site)
    tab.get_by_role("tab", name="Chat").click()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url) if "queue/join" in request.url else None)
    until = time.monotonic() + 60
    while True:  # what was asked before the other tab came may still be on its way; an open tab asks every two seconds
        asked.clear()
        tab.wait_for_timeout(5_000)
        if not asked:
            break
        assert time.monotonic() < until, asked
    site.ledger.transition(lease, RunState.CANCELLED)


@pytest.mark.parametrize(
    ("scheme", "width", "height"),
    [
        pytest.param("light", 1280, 800, id="a laptop in light mode"),
        pytest.param("dark", 1280, 800, id="a laptop in dark mode"),
        pytest.param("light", 820, 1180, id="a tablet"),
    ],
)
def test_the_tab_fits_and_every_control_has_a_name(
    served: Served, open_page: Callable[..., Any], scheme: str, width: int, height: int
) -> None:
    page = open_page(served, scheme=scheme, width=width, height=height)
    page.get_by_role("tab", name="Training").click()
    expect(page.locator("#loop-run h2")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for side in ("#training-left", "#training-right"):
        assert page.locator(side).evaluate("e => e.scrollWidth - e.clientWidth") <= 0, side
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('#training :is(button, input, select, summary)')]
            .filter(e => e.offsetParent && !(e.getAttribute('aria-label') || e.innerText?.trim()))
            .map(e => e.outerHTML.slice(0, 120))"""
    )
    assert nameless == []
