"""What the browser tests share: the real server in a process of its own, a browser, and what a person does on the page."""

import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

expect = sync_api.expect
expect.set_options(timeout=60_000)  # a machine that also trains answers late

ROOT = Path(__file__).parents[2]
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
START_S = 180


@dataclass
class Served:
    address: str
    password: str


@contextmanager
def curbside(data: Path, *options: str) -> Iterator[Served]:
    """The real server, in a process of its own, on a free port."""
    command = [sys.executable, "-m", "ui.cli", "serve", "--data", str(data), "--port", "0", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines: list[str] = []
    assert process.stdout is not None
    reading = threading.Thread(target=lines.extend, args=(iter(process.stdout.readline, ""),), daemon=True)
    reading.start()
    try:
        until = time.monotonic() + START_S
        while not (found := re.search(r"at (http://\S+)[\s\S]*First password for doctor: (\S+)", "".join(lines))):
            assert process.poll() is None, "".join(lines)
            assert time.monotonic() < until, "".join(lines)
            time.sleep(0.1)
        yield Served(address=found.group(1), password=found.group(2))
    finally:
        process.terminate()
        try:
            process.wait(120)
        finally:
            process.kill()
            process.wait()
            reading.join()
            process.stdout.close()


def find_chromium(playwright: Any) -> Any:
    """The system's Chromium, or the one that playwright installed."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


def confirm(page: Any, name: str, question: str) -> None:
    """Click a button, and once more when it asks. It asks for six seconds only, so a slow browser may have to begin again."""
    until = time.monotonic() + 120
    while True:
        page.get_by_role("button", name=name, exact=True).click()
        try:
            return page.get_by_role("button", name=question).click(timeout=10_000)
        except sync_api.TimeoutError:
            if time.monotonic() > until:
                raise


def load_example(page: Any, name: str = "Discharge summary") -> None:
    page.get_by_role("button", name=name).click()
    page.locator(".paper[data-live]").wait_for()


def read(page: Any, text: str) -> None:
    page.get_by_label("Paste a report").fill(text)
    page.get_by_role("button", name="Read report").click()
    page.locator(".paper[data-live]").wait_for()


def wait_for_turns(page: Any, number: int) -> None:
    expect(page.locator("#talk .turn")).to_have_count(number)
    expect(page.locator("#live .turn")).to_have_count(0)


def summarise(page: Any, number: int = 1) -> None:
    page.get_by_role("button", name="Summary", exact=True).click()
    wait_for_turns(page, number)


def select(page: Any, text: str) -> None:
    """Select words of the report, as a mouse would."""
    page.evaluate(
        """text => {
            const walker = document.createTreeWalker(document.querySelector('.paper'), NodeFilter.SHOW_TEXT);
            for (let node; (node = walker.nextNode()); ) {
                const at = node.data.indexOf(text);
                if (at < 0) continue;
                const range = document.createRange();
                range.setStart(node, at);
                range.setEnd(node, at + text.length);
                getSelection().removeAllRanges();
                getSelection().addRange(range);
                return;
            }
            throw new Error('not on the page');
        }""",
        text,
    )
