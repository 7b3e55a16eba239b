"""A real installation for the tests of the doors: real SQLite, real Chroma, real de-identification, quoting; and a real
browser for those of the page."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ui.settings import load_settings
from ui.wiring import Parts

EXAMPLES = Path(__file__).parents[2] / "ui" / "examples"


@pytest.fixture(scope="session")
def example() -> Callable[[str], str]:
    """The text of one of the invented example reports."""
    return lambda name: (EXAMPLES / f"{name}.txt").read_text("utf-8")


@pytest.fixture(scope="session")
def heavy_parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is slow to load and holds no state of an installation: shared by all of them."""
    parts = Parts(load_settings(data_dir=tmp_path_factory.mktemp("heavy")))
    return {"embedder": parts.embedder}


@pytest.fixture
def make_parts(tmp_path: Path, heavy_parts: dict[str, Any]) -> Iterator[Callable[..., Parts]]:
    """Make an installation in a temporary folder; keyword arguments are groups of settings."""
    made: list[Parts] = []

    def make(**groups: Any) -> Parts:
        parts = Parts(load_settings(data_dir=tmp_path / "data", **groups))
        parts.__dict__.update(heavy_parts)
        made.append(parts)
        return parts

    yield make
    for parts in made:
        parts.close()


@pytest.fixture
def parts(make_parts: Callable[..., Parts]) -> Parts:
    return make_parts()


# ── the page in a browser ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from tests.ui.browsing import curbside

    with curbside(tmp_path_factory.mktemp("browser") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from tests.ui.browsing import find_chromium, sync_api

    with sync_api.sync_playwright() as playwright:
        try:
            chromium = find_chromium(playwright)
        except sync_api.Error as error:
            pytest.skip(f"no Chromium can be started here: {str(error).splitlines()[0]}")
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Signs in and opens the page; afterwards checks that nothing was asked of another host and no script failed."""
    contexts: list[Any] = []
    foreign: list[str] = []
    failed: list[str] = []

    def note_request(request: Any) -> None:
        if not re.match(r"(https?://127\.0\.0\.1[:/]|data:|blob:)", request.url):
            foreign.append(request.url)

    def sign_in(
        server: Any,
        *,
        scheme: str = "light",
        width: int = 1280,
        height: int = 800,
        touch: bool = False,
        context: Any = None,
    ) -> Any:
        if context is None:
            size = {"width": width, "height": height}
            context = browser.new_context(viewport=size, color_scheme=scheme, has_touch=touch)
            contexts.append(context)
            context.set_default_timeout(60_000)
        page = context.new_page()
        page.on("request", note_request)
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.goto(server.address)
        if (
            page.get_by_label("username").or_(page.locator("#report section")).first.evaluate("e => e.tagName")
            == "INPUT"
        ):
            page.get_by_label("username").fill("doctor")
            page.get_by_label("password").fill(server.password)
            page.get_by_role("button", name="Login").click()
        page.locator("#report section").wait_for()
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert not foreign, "requests left this computer"
    assert not failed


@pytest.fixture
def page(served: Any, open_page: Callable[..., Any]) -> Any:
    return open_page(served)
