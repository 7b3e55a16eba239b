"""Which module reads what, and files that are none. All reports are invented."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.errors import EmptyFile, FileTooLarge, NotAFile, UnsupportedFormat
from assistant.reading import Columns, read_bytes, read_file
from assistant.settings import ReadingSettings

SETTINGS = ReadingSettings()


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_text("nr,body\n1,Rest.\n", encoding="utf-8")
    (report,) = read_file(path, settings=SETTINGS, columns=Columns(id="nr"))
    assert (report.text, report.source_id) == ("Rest.", "1")


def test_fifty_megabytes_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(FileTooLarge, match=r"50\.0 MB, the limit is 25\.0 MB; .*MAX_FILE_MB"):
        read_file(path, settings=SETTINGS)
    with pytest.raises(FileTooLarge):
        read_bytes(bytes(26_000_000), name="large.txt", settings=SETTINGS)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.pdf"
    path.touch()
    with pytest.raises(EmptyFile):
        read_file(path, settings=SETTINGS)


@pytest.mark.parametrize("name", ["scan.tiff", "note.doc", "archive.tar.gz"])
def test_an_unknown_extension_names_the_known_ones(name: str) -> None:
    with pytest.raises(UnsupportedFormat, match=rf"cannot read \.{name.rsplit('.')[-1]}; .*\.txt, .*\.pdf"):
        read_bytes(b"Plan: rest.", name=name, settings=SETTINGS)


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    loop, pipe = tmp_path / "loop.txt", tmp_path / "pipe.txt"
    loop.symlink_to(loop)
    os.mkfifo(pipe)
    for path, what in ((tmp_path, "a folder"), (tmp_path / "gone.txt", "nothing"), (loop, "circle"), (pipe, "pipe")):
        with pytest.raises(NotAFile, match=f"leads to .*{what}"):
            read_file(path, settings=SETTINGS)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may open every file")
def test_a_forbidden_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("Plan: rest.")
    path.chmod(0)
    with pytest.raises(NotAFile, match="may not open"):
        read_file(path, settings=SETTINGS)


def test_the_name_of_a_file_never_shows(tmp_path: Path) -> None:
    with pytest.raises(NotAFile) as caught:
        read_file(tmp_path / "John Example.txt", settings=SETTINGS)
    assert "Example" not in str(caught.value)


def test_importing_the_package_loads_no_parser() -> None:
    code = (
        "import sys, assistant.reading; print([m for m in ('docx', 'pypdf', 'charset_normalizer') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]"
