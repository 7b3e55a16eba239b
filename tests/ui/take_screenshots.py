"""Pictures of the real page for the README: `python -m tests.ui.take_screenshots OUT`. All people are invented.

Starts the real server in a temporary folder, ingests two invented reports, asks about one, and writes
`screenshot.png`, `screenshot-dark.png`, `reports.png` and `tablet.png`, and of the masks under review `review.png`,
`review-dark.png` and `review-tablet.png`, to the folder OUT. No test.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.ui.browsing import ROOT, Served, curbside, find_chromium, load_example, read, select, wait_for_turns

_SHOTS = (
    ("screenshot", "light", 1280, 800),
    ("screenshot-dark", "dark", 1280, 800),
    ("tablet", "light", 820, 1180),
)

_NOTE = """VISIT NOTE

Patient: Ottilie Brannigan, MRN 8812-4471
Seen by Dr. Fennimore Crale on 04/02/2026 at Alder Mill Family Practice.

HISTORY: Mrs. Brannigan is a 58-year-old retired weaver. Her neighbour Tamsin drove her; Tamsin's car broke down near
Quarry Bend. She saw Brown last week for a brown stool, and Brown again on Monday. The beekeeper's dog is well; the
beekeeper came along. Reach her at 555-0172 or her son Ivo.

EXAMINATION: Temperature 37.9 °C, heart rate 88/min. Crackles over the right lower zone.

PLAN: Follow-up in two weeks with Crale."""


def _sign_in(browser: Any, server: Served, scheme: str, width: int, height: int) -> Any:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.goto(server.address)
    page.get_by_label("username").fill("doctor")
    page.get_by_label("password").fill(server.password)
    page.get_by_role("button", name="Login").click()
    page.locator("#report section").wait_for()
    return page


def _ingest(page: Any, path: Path) -> None:
    page.get_by_role("tab", name="Reports").click()
    for name in ("discharge_summary", "radiology_report"):
        text = (ROOT / "ui" / "examples" / f"{name}.txt").read_text("utf-8")
        (path / f"{name}.txt").write_text(text, "utf-8")
    page.locator("input[data-file=ingest]").first.set_input_files(sorted(path.iterdir()))
    page.get_by_text("2 files read").wait_for(timeout=120_000)
    page.locator("#library .item").first.click()
    page.locator("#opened .paper").wait_for()


def _ask(page: Any) -> None:
    load_example(page)
    page.get_by_role("button", name="Abnormal", exact=True).click()
    wait_for_turns(page, 1)
    page.locator("#talk .cite").last.click()
    page.locator(".quoted").first.wait_for()
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)


def _review(page: Any) -> None:
    """Masked by hand in all places, one unmasked, on the first place to be checked, with the list open."""
    read(page, _NOTE)
    page.locator(".paper").focus()
    select(page, "beekeeper")
    page.keyboard.press("a")
    page.locator(".mask[data-state=yours]").first.wait_for()
    page.locator(".mask[data-original*=Alder]").click()
    page.locator(".kept").wait_for()
    page.get_by_role("button", name="List").click()
    page.get_by_role("button", name="to check)").click()
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        curbside(Path(folder) / "data") as server,
        sync_playwright() as playwright,
    ):
        browser = find_chromium(playwright)
        page = _sign_in(browser, server, "light", 1280, 800)
        (Path(folder) / "files").mkdir()
        _ingest(page, Path(folder) / "files")
        page.mouse.move(0, 0)
        page.screenshot(path=out / "reports.png")
        for name, scheme, width, height in _SHOTS:
            page = _sign_in(browser, server, scheme, width, height)
            _ask(page)
            page.screenshot(path=out / f"{name}.png")
            page.get_by_role("button", name="Another report").click()
            _review(page)
            page.screenshot(path=out / f"{name.replace('screenshot', 'review')}.png".replace("tablet", "review-tablet"))
        browser.close()


if __name__ == "__main__":
    main()
