"""Folders of files to ingest."""

from pathlib import Path

import pytest

from assistant.errors import ReadingError
from assistant.reading import read_file, report_paths
from assistant.settings import ReadingSettings


def fill(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Plan: rest.")


def names_of(paths: list[Path], folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in paths]


def test_folders_are_walked_sorted_and_hidden_files_skipped(tmp_path: Path) -> None:
    fill(tmp_path, "b.txt", "a/z.txt", "a/c.xyz", ".hidden", ".git/config.txt", "~$b.docx", "a/.DS_Store")
    assert names_of(report_paths([tmp_path]), tmp_path) == ["a/c.xyz", "a/z.txt", "b.txt"]


def test_each_file_comes_once_and_given_files_always(tmp_path: Path) -> None:
    fill(tmp_path, "b.txt", ".given.txt")
    given = [tmp_path / "b.txt", tmp_path, tmp_path / ".given.txt", tmp_path / "gone.txt"]
    assert names_of(report_paths(given), tmp_path) == [".given.txt", "b.txt", "gone.txt"]


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    fill(tmp_path, "a/b/note.txt")
    (tmp_path / "a" / "b" / "up").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "a" / "self").symlink_to(tmp_path / "a" / "self")
    assert names_of(report_paths([tmp_path]), tmp_path) == ["a/b/note.txt", "a/self"]


def test_a_linked_folder_is_followed(tmp_path: Path) -> None:
    fill(tmp_path, "elsewhere/note.txt")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert names_of(report_paths([tmp_path / "inbox"]), tmp_path) == ["inbox/link/note.txt"]


def test_what_cannot_be_read_is_listed_so_that_reading_says_why(tmp_path: Path) -> None:
    fill(tmp_path, "scan.tiff")
    (tmp_path / "broken.txt").symlink_to(tmp_path / "gone.txt")
    for path in report_paths([tmp_path]):
        with pytest.raises(ReadingError):
            read_file(path, settings=ReadingSettings())
