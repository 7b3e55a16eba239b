"""The Review tab in a real browser, against the real server, by mouse and by keyboard. Everything is invented."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from feedback.schema import Ruling
from tests.ui.browsing import Served, curbside, expect
from tests.ui.loop_site import correct, keep_turn
from ui.settings import load_settings
from ui.wiring import Parts

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """Six answers rated poor, and a correction that teaches."""
    parts = Parts(load_settings(data_dir=tmp_path_factory.mktemp("review") / "data"))
    for number in range(1, 7):
        turn_id = keep_turn(parts, number)
        parts.feedback.rate(turn_id, rater="doctor", thumbs=-1, comment=f"remark {number}")
    correct(parts, 7)
    yield parts
    parts.close()


@pytest.fixture(scope="module")
def served(site: Parts) -> Iterator[Served]:
    with curbside(Path(site.data_dir)) as server:
        yield server


@pytest.fixture
def tab(page: Any) -> Any:
    page.get_by_role("tab", name="Review").click()
    expect(page.locator("#queue-item h2")).to_be_visible()
    return page


def place(tab: Any) -> Any:
    return tab.locator("#queue-item .place")


def test_the_keyboard_walks_decides_and_keeps_the_focus(tab: Any, site: Parts) -> None:
    expect(place(tab)).to_have_text("1 of 6")
    expect(tab.locator("#queue-item .whylook")).to_contain_text("remark 6")
    for key, where in (("j", "2"), ("ArrowDown", "3"), ("k", "2")):
        if key.startswith("Arrow"):
            tab.locator("#queue-item h2").focus()  # on the tab itself arrows go to the next tab
        tab.keyboard.press(key)
        expect(place(tab)).to_have_text(f"{where} of 6")
    expect(tab.locator("#queue li[aria-current]")).to_have_count(1)
    accept = tab.get_by_role("button", name="Accept")
    accept.focus()
    tab.keyboard.press("a")
    expect(place(tab)).to_have_text("2 of 5")
    expect(tab.locator("#queue-item .notice")).to_contain_text("Accepted")
    expect(accept).to_be_focused()
    tab.keyboard.press("d")
    expect(place(tab)).to_have_text("2 of 4")
    assert [decision.ruling for decision in site.feedback.decisions()] == [Ruling.ACCEPT, Ruling.DISCARD]


def test_correcting_in_place_by_keyboard(tab: Any) -> None:
    tab.keyboard.press("e")
    box = tab.get_by_label("Corrected answer")
    expect(box).to_be_focused()
    box.fill("The left lung, as it should be said. jkad")
    box.press("Control+Enter")
    expect(tab.locator("#queue-item .notice")).to_contain_text("Kept.")
    expect(box).to_be_hidden()


def test_all_shows_what_teaches_and_its_author_withdraws_it(tab: Any) -> None:
    tab.get_by_role("button", name="All", exact=True).click()
    entry = tab.locator("#queue .item", has_text="Left lung: invented finding 7")
    entry.click()
    expect(tab.locator("#queue-item")).to_contain_text("report r-7")  # not what was open before
    tab.get_by_role("button", name="Withdraw").click()
    expect(tab.locator("#queue-item")).to_contain_text("as it stands: withdrawn")
    expect(tab.get_by_role("button", name="Accept")).to_have_count(0)
    tab.get_by_role("button", name="Restore").click()
    expect(tab.locator("#queue-item")).to_contain_text("as it stands: teaches")


@pytest.mark.parametrize(
    ("scheme", "width", "height"),
    [
        pytest.param("light", 1280, 800, id="a laptop in light mode"),
        pytest.param("dark", 1280, 800, id="a laptop in dark mode"),
        pytest.param("light", 820, 1180, id="a tablet"),
    ],
)
def test_the_tab_fits(served: Served, open_page: Callable[..., Any], scheme: str, width: int, height: int) -> None:
    page = open_page(served, scheme=scheme, width=width, height=height)
    page.get_by_role("tab", name="Review").click()
    expect(page.locator("#queue-item h2")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for side in ("#review-left", "#review-right"):
        assert page.locator(side).evaluate("e => e.scrollWidth - e.clientWidth") <= 0, side
