"""Reviewing the masks in a real browser: by keyboard, mouse and finger. All people and reports are invented."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.ui.browsing import Served, expect, load_example, read, select, summarise

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOTE = """VISIT NOTE

Patient: Ottilie Brannigan, MRN 8812-4471
Seen by Dr. Fennimore Crale on 04/02/2026.

HISTORY: Her beekeeper drove her; the beekeeper's van broke down. The BEEKEEPER rang 555-0172.

PLAN: Rest."""
OPEN = """HISTORY: The number read out was four seven one nine two six last week, then again four seven one nine two six.

PLAN: Rest, and ring 555-0172."""
LONG = "\n\n".join(f"Day {number}: seen by Dr. Crale{chr(97 + number)}on at the bedside." for number in range(24))


def at_hand(page: Any) -> Any:
    return page.locator(".paper [aria-current]")


def said(page: Any) -> Any:
    return page.locator("#report .said")


def into_the_report(page: Any) -> None:
    page.keyboard.press("Alt+r")
    expect(at_hand(page)).to_be_focused()


def keys(page: Any, *pressed: str) -> None:
    for key in pressed:
        page.keyboard.press(key)


def test_a_walk_goes_from_span_to_span_and_around(page: Any) -> None:
    read(page, NOTE)
    into_the_report(page)
    expect(at_hand(page)).to_have_text("[NAME_1]")
    expect(page.locator("#report .place")).to_have_text("1 of 5")
    expect(page.locator(".hand .span")).to_have_text(re.compile(r"^\[NAME_1\] · \d+ % sure · name: Ottilie Brannigan$"))
    keys(page, "n")
    expect(at_hand(page)).to_have_text("[MRN_1]")
    expect(at_hand(page)).to_be_focused()
    keys(page, "j", "ArrowRight")
    expect(at_hand(page)).to_have_text("[DATE_1]")
    keys(page, "p", "k", "ArrowLeft", "p")
    expect(at_hand(page)).to_have_text("[PHONE_1]")
    expect(page.locator("[aria-live=polite].sr")).to_have_text("5 of 5")
    page.get_by_role("button", name="Next span").click()
    expect(at_hand(page)).to_have_text("[NAME_1]")


def test_unmask_and_undo_keep_the_place(page: Any) -> None:
    read(page, NOTE)
    into_the_report(page)
    keys(page, "n", "n", "u")
    kept = page.locator(".paper .kept", has_text="Dr. Fennimore Crale")
    expect(kept).to_be_focused()
    expect(said(page)).to_have_text("1 place unmasked.")
    expect(page.locator("[aria-live=polite].sr")).to_have_text("1 place unmasked.")
    keys(page, "m")
    expect(page.locator(".paper .kept")).to_have_count(0)
    expect(at_hand(page)).to_have_text("[NAME_2]")
    expect(at_hand(page)).to_be_focused()
    keys(page, "z")
    expect(kept).to_be_focused()
    keys(page, "Control+z")
    expect(page.locator(".paper .kept")).to_have_count(0)
    expect(said(page)).to_have_text("Undone.")
    keys(page, "z")
    expect(said(page)).to_have_text("There is nothing to undo.")


def test_a_selection_is_masked_with_all_like_it_in_one_step(page: Any) -> None:
    read(page, NOTE)
    page.locator(".paper").focus()
    select(page, "beekeeper")
    keys(page, "a")
    expect(said(page)).to_have_text("3 places masked.")
    expect(page.locator(".mask[data-state=yours]")).to_have_count(3)
    expect(page.locator(".paper")).not_to_contain_text(re.compile("beekeeper", re.IGNORECASE))
    expect(at_hand(page)).to_be_focused()
    expect(page.get_by_role("button", name="All 3")).to_be_visible()
    keys(page, "z")
    expect(page.locator(".mask[data-state=yours]")).to_have_count(0)
    select(page, "beekeeper")
    page.get_by_role("button", name="Mask all like this").first.click()
    expect(page.locator(".mask[data-state=yours]")).to_have_count(3)
    keys(page, "Shift+A")
    expect(said(page)).to_have_text("3 places unmasked.")
    expect(page.locator(".mask[data-state=yours]")).to_have_count(0)


def test_what_is_to_be_checked_comes_first_and_opens_the_way_to_keep(page: Any) -> None:
    read(page, OPEN)
    expect(page.locator(".residual")).to_have_count(2)
    expect(page.locator("#notice")).to_contain_text("2 places still look like identifiers")
    page.get_by_role("button", name="Keep (2 to check)").click()
    expect(page.locator(".residual").first).to_be_focused()
    expect(page.locator(".hand .span")).to_contain_text("to check: phone?")
    keys(page, "x")
    expect(said(page)).to_contain_text("Left as text.")
    expect(page.locator(".residual")).to_have_count(1)
    expect(page.locator(".residual")).to_be_focused()
    keys(page, "m")
    expect(page.locator(".residual")).to_have_count(0)
    expect(page.locator("#notice")).to_be_hidden()
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(said(page)).to_contain_text("Kept as")
    summarise(page)


def test_none_of_those_alike_is_an_identifier(page: Any) -> None:
    read(page, OPEN)
    into_the_report(page)
    keys(page, "Shift+X")
    expect(said(page)).to_have_text("2 places left as text.")
    expect(page.get_by_role("button", name="Keep", exact=True)).to_be_visible()


def test_the_list_goes_to_a_span_and_takes_changes_back(page: Any) -> None:
    read(page, NOTE)
    into_the_report(page)
    keys(page, "u", "n")
    page.get_by_role("button", name="List").click()
    lists = page.locator("#report .lists")
    expect(lists).to_contain_text("Changed by you: 1")
    lists.get_by_role("button", name="Ottilie Brannigan").click()
    expect(page.locator(".paper .kept")).to_be_focused()
    lists.get_by_role("button", name="Revert").click()
    expect(lists).to_contain_text("Changed by you: 0")
    expect(page.locator(".paper .kept")).to_have_count(0)


def test_those_in_doubt_are_marked_counted_and_walked_to(page: Any) -> None:
    read(page, "Seen last Friday by Dr. Crale, and last Monday again.")
    doubtful = page.locator(".mask[data-state=doubt]")
    number = doubtful.count()
    assert number
    assert doubtful.first.evaluate("e => getComputedStyle(e).textDecorationStyle") == "wavy"
    assert "?" in doubtful.first.evaluate("e => getComputedStyle(e, '::before').content")
    page.get_by_role("button", name=f"{number} in doubt").click()
    expect(doubtful.first).to_be_focused()
    keys(page, *["d"] * number)
    expect(doubtful.first).to_be_focused()
    keys(page, "Shift+N", "Shift+P")
    expect(doubtful.first).to_be_focused()


def test_keys_are_for_the_report_alone(page: Any) -> None:
    load_example(page)
    question = page.get_by_label("Question")
    question.click()
    page.keyboard.type("unmask? a z n")
    expect(question).to_have_value("unmask? a z n")
    expect(at_hand(page)).to_have_count(0)
    expect(page.locator("#report .keys")).to_be_hidden()
    into_the_report(page)
    keys(page, "?")
    expect(page.locator("#report .keys")).to_be_visible()
    keys(page, "Escape")
    expect(page.locator("#report .keys")).to_be_hidden()
    keys(page, "Control+a", "Tab")
    expect(page.locator(".paper .kept")).to_have_count(0)


def test_masks_show_their_original_beside_them_and_a_click_unmasks(page: Any) -> None:
    load_example(page)
    mask = page.locator(".mask[data-original*='Margaret Ellison']").first
    mask.hover()
    expect(page.locator("#tip")).to_have_text(re.compile(r"name: Margaret Ellison · \d+ % sure"))
    mask.click()
    kept = page.locator(".paper .kept", has_text="Margaret Ellison")
    expect(kept.first).to_be_visible()
    expect(page.locator("#report .counts")).to_contain_text("by you: 1 unmasked")
    kept.first.click()
    expect(page.locator(".paper .kept")).to_have_count(0)
    select(page, "retired teacher")
    page.get_by_role("button", name="Mask this").click()
    expect(page.locator(".mask[data-original*='retired teacher']")).to_be_visible()
    expect(page.locator(".paper")).not_to_contain_text("retired teacher")


def test_a_finger_sees_first_and_acts_then(served: Served, open_page: Callable[..., Any]) -> None:
    page = open_page(served, width=820, height=1180, touch=True)
    read(page, NOTE)
    mask = page.locator(".mask[data-original*='Crale']")
    mask.tap()
    expect(page.locator(".hand .span")).to_contain_text("name: Dr. Fennimore Crale")
    expect(page.locator(".paper .kept")).to_have_count(0)
    mask.tap()
    expect(page.locator(".paper .kept")).to_have_count(1)
    page.get_by_role("button", name="Mask", exact=True).tap()
    expect(page.locator(".paper .kept")).to_have_count(0)


@pytest.mark.parametrize(
    ("scheme", "width", "height"),
    [
        pytest.param("light", 1280, 800, id="on a laptop"),
        pytest.param("dark", 820, 1180, id="on a tablet in the dark"),
    ],
)
def test_nothing_jumps_while_one_walks(
    served: Served, open_page: Callable[..., Any], scheme: str, width: int, height: int
) -> None:
    page = open_page(served, scheme=scheme, width=width, height=height)
    read(page, LONG)
    paper = page.locator(".paper")
    box = paper.bounding_box()
    into_the_report(page)
    keys(page, *["n"] * 18)
    expect(at_hand(page)).to_be_in_viewport()
    scrolled = paper.evaluate("e => e.scrollTop")
    assert scrolled > 0
    keys(page, "u")
    expect(page.locator(".paper .kept")).to_be_focused()
    assert paper.evaluate("e => e.scrollTop") == scrolled
    select(page, "bedside")
    keys(page, "a")
    expect(said(page)).to_contain_text("places masked")
    assert paper.bounding_box() == box
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_no_original_outlives_the_session(page: Any) -> None:
    read(page, NOTE)
    into_the_report(page)
    keys(page, "u")
    expect(page.locator(".paper .kept")).to_be_focused()
    page.get_by_role("button", name="List").click()
    kept_by_the_browser = page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, location.href, document.cookie])"
    )
    assert "Brannigan" not in kept_by_the_browser
    page.reload()
    page.locator("#report section").wait_for()
    assert "Brannigan" not in page.content()
