"""`curbside review`, in this process and in a real terminal. All people and reports are invented."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import ui.cli
from assistant.errors import NeedsReview
from ui.settings import load_settings
from ui.wiring import Parts

REPORT = "Read by four seven one nine two six and three eight five two nine one.\nIMPRESSION: Pneumonia. FOUR SEVEN ONE NINE TWO SIX agrees.\x1b[2J\n"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An installation; numbers read out are what only the second look sees."""
    monkeypatch.setenv("COLUMNS", "200")
    return ["--data", str(tmp_path / "data")]


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.txt"
    path.write_text(REPORT, "utf-8")
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(ui.cli.app, list(arguments))


def kept(data: list[str]) -> list[str]:
    """The texts in the library."""
    parts = Parts(load_settings(data_dir=Path(data[1])))
    texts = [report.text for report in parts.library.all_reports()]
    parts.close()
    return texts


def in_a_terminal(answers: str, *arguments: str) -> tuple[int, str]:
    """Run `curbside` in a pseudo-terminal, type `answers` ahead, and give the exit code and what was on the screen."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=dict(os.environ)
    )
    os.close(theirs)
    screen = b""
    try:
        os.write(ours, answers.encode())
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            screen += piece
        return process.wait(), screen.decode("utf-8", "replace")
    finally:
        process.kill()
        os.close(ours)


def test_without_a_terminal_nobody_can_be_asked_and_nothing_is_kept(report: Path, data: list[str]) -> None:
    result = run("review", str(report), *data)
    assert isinstance(result.exception, NeedsReview)
    assert "four seven one nine two six" not in str(result.exception)
    assert kept(data) == []


def test_yes_mask_masks_everything_and_keeps_it(report: Path, data: list[str]) -> None:
    result = run("review", str(report), "--yes-mask", *data)
    assert result.exit_code == 0, result.output
    assert "added as r-" in result.stdout
    (text,) = kept(data)
    assert "kafor" not in text.lower()
    assert "three eight five two nine one" not in text


def test_a_report_without_doubt_is_kept_unasked(tmp_path: Path, data: list[str]) -> None:
    path = tmp_path / "clear.txt"
    path.write_text("IMPRESSION: Pneumonia.\n", "utf-8")
    assert "added" in run("review", str(path), *data).stdout


@pytest.mark.slow
def test_in_a_terminal_each_place_is_shown_and_decided(report: Path, data: list[str]) -> None:
    # An unknown key is asked again; the first number is masked, the second kept as text, the first in capitals masked.
    code, screen = in_a_terminal("x\nm\nk\nm\n", "review", str(report), *data)
    assert code == 0, screen
    assert "3 places still look like identifiers" in screen
    assert "(digits)" in screen
    assert "added as r-" in screen
    assert "\x1b[2J" not in screen, "the report steers the terminal"
    (text,) = kept(data)
    assert "[OTHER_1] and three eight five two nine one." in text
    assert "FOUR SEVEN ONE NINE TWO SIX" not in text


@pytest.mark.slow
def test_in_a_terminal_one_can_stop_and_nothing_is_kept(report: Path, data: list[str]) -> None:
    code, screen = in_a_terminal("m\nq\n", "review", str(report), *data)
    assert code == 1, screen
    assert "nothing was kept of it" in screen
    assert kept(data) == []


@pytest.mark.slow
def test_in_a_terminal_all_alike_are_decided_at_once(tmp_path: Path, data: list[str]) -> None:
    path = tmp_path / "alike.txt"
    path.write_text(
        "Told four seven one nine two six; four seven one nine two six came; four seven one nine two six left.\nIMPRESSION: Pneumonia.\n",
        "utf-8",
    )
    code, screen = in_a_terminal("a\nk\n", "review", str(path), *data)
    assert code == 0, screen
    assert "all 3 of them" in screen
    assert kept(data)[0].count("four seven one nine two six") == 3
