"""Which adapter is live: what holds when files are damaged, disks full, clocks wrong and processes killed."""

import errno
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

import assistant.adapters
from assistant.adapters import LIVE_FILE, MANIFEST_FILE, Adapters, Live
from assistant.errors import AdapterBroken, AdapterExists, DiskFull, NoSuchAdapter, NothingToRollBack


def make_source(folder: Path, weights: bytes = b"weights") -> Path:
    """A folder as PEFT and TRL's DPO leave it."""
    (folder / "ref").mkdir(parents=True, exist_ok=True)
    (folder / "adapter_config.json").write_text('{"r": 4}')
    (folder / "adapter_model.safetensors").write_bytes(weights)
    (folder / "ref" / "adapter_model.safetensors").write_bytes(b"the reference")
    return folder


@pytest.fixture
def adapters(tmp_path: Path) -> Adapters:
    """Three adapters, `r1` to `r3`; none is live."""
    adapters = Adapters(tmp_path / "adapters")
    for name in ("r1", "r2", "r3"):
        adapters.install(make_source(tmp_path / name, name.encode()), name, base_model="base")
    return adapters


def test_without_a_file_the_base_model_answers_alone(tmp_path: Path) -> None:
    adapters = Adapters(tmp_path / "none")
    assert adapters.live() == Live()
    assert adapters.names() == ()
    assert not (tmp_path / "none").exists()
    with pytest.raises(NothingToRollBack):
        adapters.roll_back()


def test_promotions_and_rollbacks_are_a_stack(adapters: Adapters) -> None:
    assert adapters.make_live("r1").previous == (None,)
    assert adapters.make_live("r2").previous == ("r1", None)
    assert adapters.make_live(None).previous == ("r2", "r1", None)
    assert adapters.make_live("r3").base_model == "base"
    assert [adapters.roll_back().name for _ in range(4)] == [None, "r2", "r1", None]
    with pytest.raises(NothingToRollBack):
        adapters.roll_back()
    assert adapters.live().name is None
    assert adapters.live().base_model is None


def test_promoting_what_is_live_changes_nothing(adapters: Adapters) -> None:
    first = adapters.make_live("r1")
    assert adapters.make_live("r1") == first == adapters.live()


def test_another_process_sees_the_change(adapters: Adapters, tmp_path: Path) -> None:
    adapters.make_live("r1")
    other = Adapters(tmp_path / "adapters")
    assert other.live().name == "r1"
    other.make_live("r2")
    assert adapters.live().name == "r2"


def test_an_installed_adapter_is_complete_and_read_only(adapters: Adapters, tmp_path: Path) -> None:
    folder = adapters.path("r1")
    assert {path.name for path in folder.iterdir()} == {
        "adapter_config.json",
        "adapter_model.safetensors",
        MANIFEST_FILE,
    }
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o400}
    manifest = json.loads((folder / MANIFEST_FILE).read_text())
    assert manifest["base_model"] == "base"
    assert manifest["files"]["adapter_model.safetensors"]["size_bytes"] == 2
    assert adapters.check("r1").base_model == "base"


def test_the_same_adapter_twice_changes_nothing_another_one_is_refused(adapters: Adapters, tmp_path: Path) -> None:
    before = (adapters.path("r1") / MANIFEST_FILE).read_bytes()
    assert adapters.install(tmp_path / "r1", "r1", base_model="base") == adapters.path("r1")
    assert (adapters.path("r1") / MANIFEST_FILE).read_bytes() == before
    with pytest.raises(AdapterExists):
        adapters.install(tmp_path / "r2", "r1", base_model="base")
    with pytest.raises(AdapterExists):
        adapters.install(tmp_path / "r1", "r1", base_model="another base")
    assert adapters.names() == ("r1", "r2", "r3")


def test_what_is_no_adapter_is_refused(adapters: Adapters, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(AdapterBroken, match=r"no adapter_config\.json"):
        adapters.install(tmp_path / "empty", "r9", base_model="base")


@pytest.mark.parametrize("name", ["", "../r1", "a/b", "a.b", ".hidden", "-r", "a\n"])
def test_a_name_is_no_path(adapters: Adapters, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be an adapter's name"):
        adapters.install(tmp_path / "r1", name, base_model="base")
    with pytest.raises(NoSuchAdapter, match="r1, r2, r3"):
        adapters.make_live(name)


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        pytest.param("adapter_model.safetensors", b"r!", id="changed weights"),
        pytest.param("adapter_model.safetensors", b"r", id="cut weights"),
        pytest.param("adapter_model.safetensors", None, id="missing weights"),
        pytest.param(MANIFEST_FILE, b"{}", id="an empty manifest"),
        pytest.param(MANIFEST_FILE, b"\xff", id="no JSON"),
    ],
)
def test_a_damaged_adapter_never_goes_live(adapters: Adapters, file: str, damage: bytes | None) -> None:
    adapters.make_live("r1")
    path = adapters.path("r2") / file
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    with pytest.raises(AdapterBroken, match="r2"):
        adapters.make_live("r2")
    assert adapters.live().name == "r1"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": 3}', '{"name": "r1", "previous": "r2"}'])
def test_a_damaged_live_file_is_an_error_that_says_what_to_do(adapters: Adapters, tmp_path: Path, text: str) -> None:
    (tmp_path / "adapters" / LIVE_FILE).write_text(text)
    for act in (adapters.live, adapters.roll_back, lambda: adapters.make_live("r1")):
        with pytest.raises(AdapterBroken, match=r"delete live\.json"):
            act()


def test_a_clock_that_jumps_does_not_matter(adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    for year, name in ((2099, "r1"), (1970, "r2"), (2026, "r3")):
        monkeypatch.setattr(assistant.adapters, "_now", lambda year=year: datetime(year, 1, 1, tzinfo=UTC))
        adapters.make_live(name)
    assert [adapters.live().name, *adapters.live().previous] == ["r3", "r2", "r1", None]
    assert [adapters.roll_back().name for _ in range(3)] == ["r2", "r1", None]


@pytest.mark.parametrize("step", ["fsync", "replace", "rename", "fchmod"])
def test_on_a_full_disk_nothing_half_written_counts(
    adapters: Adapters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    adapters.make_live("r1")
    make_source(tmp_path / "r4")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(f"os.{step}", fail)
        if step != "replace":
            with pytest.raises(DiskFull, match="free some space"):
                adapters.install(tmp_path / "r4", "r4", base_model="base")
        if step != "rename":
            with pytest.raises(DiskFull):
                adapters.make_live("r2")
    assert adapters.live().name == "r1"
    assert adapters.names() == ("r1", "r2", "r3")
    assert {path.name for path in (tmp_path / "adapters").glob(".*")} == {".lock"}
    adapters.install(tmp_path / "r4", "r4", base_model="base")
    assert adapters.make_live("r4").name == "r4"


_KILLED_AT_EACH_STEP = """
import os, sys
from pathlib import Path
from assistant.adapters import Adapters

folder, source = Path(sys.argv[1]), Path(sys.argv[2])
STEPS = ("open", "mkdir", "fchmod", "fsync", "rename", "replace", "close")


def killed_at(step, act):
    "Run `act` in a process of its own that dies at its step `step`. Returns whether it came to its end before."
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1] == 0
    left = step

    def counted(real):
        def call(*args, **kwargs):
            nonlocal left
            left -= 1
            if left < 0:
                os._exit(9)
            return real(*args, **kwargs)
        return call

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    act()
    os._exit(0)


def every_step(act, check):
    step = 0
    while not killed_at(step, act):
        check(step)
        step += 1
    return step


adapters = Adapters(folder)


def install():
    adapters.install(source, "new", base_model="base")


def installed_or_not(step):
    assert set(adapters.names()) <= {"r1", "r2", "r3", "new"}
    if "new" in adapters.names():
        adapters.check("new")


counts = [every_step(install, installed_or_not)]
adapters.check("new")
for act, before, after in (
    (lambda: adapters.make_live("new"), None, "new"),
    (lambda: adapters.make_live("r1"), "new", "r1"),
    (lambda: adapters.make_live(None), "r1", None),
):
    def old_or_new(step):
        assert adapters.live().name in (before, after), (step, adapters.live())
    counts.append(every_step(act, old_or_new))
    assert adapters.live().name == after
    assert len(adapters.live().previous) == len(counts) - 1, "a promotion that was tried again counts once"
assert adapters.live().previous == ("r1", "new", None)
step = 0
while not killed_at(step, adapters.roll_back):
    assert adapters.live().name in (None, "r1")
    if adapters.live().name == "r1":
        break  # it was done before the process died; another attempt would go one further
    step += 1
assert adapters.live().name == "r1" and adapters.live().previous == ("new", None)
assert {path.name for path in folder.glob(".*")} <= {".lock"} or adapters.make_live("r1")
print(*counts)
"""


def test_killed_at_any_step_it_is_the_old_or_the_new_one(adapters: Adapters, tmp_path: Path) -> None:
    source = make_source(tmp_path / "new", b"x" * 3_000_000)
    result = subprocess.run(
        [sys.executable, "-c", _KILLED_AT_EACH_STEP, str(tmp_path / "adapters"), str(source)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert all(int(count) >= 5 for count in result.stdout.split())


def test_two_writers_take_turns(adapters: Adapters, tmp_path: Path) -> None:
    """Two processes promote alternately at once; every promotion is remembered."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom assistant.adapters import Adapters\n"
        "adapters = Adapters(Path(sys.argv[1]))\n"
        "for _ in range(20):\n    adapters.make_live(sys.argv[2])\n    adapters.make_live(None)\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "adapters"), name], cwd=Path(__file__).parents[2])
        for name in ("r1", "r2")
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    live = adapters.live()
    steps = [live.name, *live.previous]
    assert all(newer != older for newer, older in pairwise(steps))
    assert steps[-1] is None
    assert 21 <= len(steps) <= 81
