"""Which adapter is live, and the folder that keeps them all: `<data_dir>/adapters/`.

    <name>/            an adapter as PEFT saved it, with `manifest.json`; never changed once it is there
    live.json          which one is live and which were before; replaced as a whole, missing while the base model is alone

Whatever is killed, `live()` says what it said before or what was meant. Order comes from `previous`, never from a clock.
"""

import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from assistant.durable import flush
from assistant.errors import AdapterBroken, AdapterExists, DiskFull, NoSuchAdapter, NothingToRollBack

MANIFEST_FILE = "manifest.json"
LIVE_FILE = "live.json"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
"""No dots: PEFT names torch modules after an adapter."""
_LOCK_FILE = ".lock"
_REMEMBERED = 100
"""So many steps can be rolled back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What answers: an adapter, or the base model alone (`name` is `None`)."""

    name: str | None = None
    base_model: str | None = None
    """The model that the adapter was trained on."""
    since: datetime | None = None
    previous: tuple[str | None, ...] = ()
    """What was live before, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterFile:
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an adapter's folder holds."""

    base_model: str
    created_at: datetime
    files: dict[str, AdapterFile]


class Adapters:
    """The adapters of one installation. Processes that write take turns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def install(self, source: Path, name: str, *, base_model: str) -> Path:
        """Copy the adapter in `source` (its files; no folders, such as DPO's `ref`) to `name`, all of it or nothing.

        The same adapter under the same name again changes nothing.

        Raises:
            AdapterBroken: `source` holds no adapter, or what is called `name` is damaged.
            AdapterExists: Another adapter is called `name`.
            DiskFull
        """
        target = self._path(name)
        if not (source / "adapter_config.json").is_file():
            raise AdapterBroken(name=name, problem="its folder has no adapter_config.json")
        with self._writing():
            temporary = self._folder / f".{name}.{secrets.token_hex(4)}"
            temporary.mkdir(mode=0o700)
            files = {
                path.name: _write(temporary / path.name, _pieces(path), mode=0o400)
                for path in sorted(source.iterdir())
                if path.is_file() and path.name != MANIFEST_FILE
            }
            if target.exists():
                manifest = self.check(name)
                if (manifest.files, manifest.base_model) != (files, base_model):
                    raise AdapterExists(name=name)
                return target
            manifest = Manifest(base_model=base_model, created_at=_now(), files=files)
            _write(temporary / MANIFEST_FILE, [_MANIFEST.dump_json(manifest, indent=2)], mode=0o400)
            flush(temporary)
            os.rename(temporary, target)
            flush(self._folder)
        return target

    def names(self) -> tuple[str, ...]:
        """All adapters, sorted."""
        return tuple(sorted(path.parent.name for path in self._folder.glob(f"[!.]*/{MANIFEST_FILE}")))

    def path(self, name: str) -> Path:
        """The folder of an adapter. Raises `NoSuchAdapter`."""
        if name not in self.names():
            raise NoSuchAdapter(name=name, known=self.names())
        return self._path(name)

    def check(self, name: str) -> Manifest:
        """The adapter's manifest, once every file was found to be what it says.

        Raises:
            NoSuchAdapter, AdapterBroken
        """
        folder = self.path(name)
        try:
            manifest = _MANIFEST.validate_json((folder / MANIFEST_FILE).read_bytes())
        except (OSError, ValidationError) as error:
            raise AdapterBroken(name=name, problem="its manifest cannot be read") from error
        for file, expected in manifest.files.items():
            try:
                found = _describe(folder / file)
            except OSError as error:
                raise AdapterBroken(name=name, problem=f"{file} cannot be read") from error
            if found != expected:
                raise AdapterBroken(name=name, problem=f"{file} is not what was installed")
        return manifest

    def live(self) -> Live:
        """What is live now. Cheap: one small file is read.

        Raises:
            AdapterBroken: The file is damaged.
        """
        try:
            return _LIVE.validate_json((self._folder / LIVE_FILE).read_bytes())
        except FileNotFoundError:
            return Live()
        except (OSError, ValidationError) as error:
            raise AdapterBroken(
                name=LIVE_FILE,
                problem="it cannot be read",
                remedy=f"delete {LIVE_FILE} in the folder of the adapters, which leaves the base model alone, and promote a run",
            ) from error

    def make_live(self, name: str | None) -> Live:
        """Let `name` answer from the next question on; `None` is the base model alone.

        Raises:
            NoSuchAdapter, AdapterBroken, DiskFull: What was live stays so.
        """
        with self._writing():
            now = self.live()
            if name == now.name:
                return now
            return self._put(name, previous=(now.name, *now.previous))

    def roll_back(self) -> Live:
        """Let what was live before answer again.

        Raises:
            NothingToRollBack, NoSuchAdapter, AdapterBroken, DiskFull: What is live stays so.
        """
        with self._writing():
            now = self.live()
            if not now.previous:
                raise NothingToRollBack
            return self._put(now.previous[0], previous=now.previous[1:])

    def _put(self, name: str | None, *, previous: tuple[str | None, ...]) -> Live:
        base_model = self.check(name).base_model if name is not None else None
        live = Live(name=name, base_model=base_model, since=_now(), previous=previous[:_REMEMBERED])
        temporary = self._folder / f".{LIVE_FILE}.{secrets.token_hex(4)}"
        _write(temporary, [_LIVE.dump_json(live, indent=2)], mode=0o600)
        os.replace(temporary, self._folder / LIVE_FILE)
        flush(self._folder)
        return live

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot be an adapter's name: use letters, digits, hyphens and underscores")
        return self._folder / name

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time, over all processes. What a killed one left is removed before and after."""
        import fcntl

        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(self._folder / _LOCK_FILE, "ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._clear()
                try:
                    yield
                finally:
                    self._clear()
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull(free_bytes=shutil.disk_usage(self._folder).free) from error
            raise

    def _clear(self) -> None:
        for path in self._folder.glob(".*"):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != _LOCK_FILE:
                path.unlink(missing_ok=True)


_LIVE = TypeAdapter(Live)
_MANIFEST = TypeAdapter(Manifest)


def _now() -> datetime:
    return datetime.now(UTC)


def _describe(path: Path) -> AdapterFile:
    with path.open("rb") as file:
        return AdapterFile(sha256=hashlib.file_digest(file, "sha256").hexdigest(), size_bytes=path.stat().st_size)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece


def _write(path: Path, pieces: Iterable[bytes], *, mode: int) -> AdapterFile:
    """Write a new file down to the disk. Returns what was meant, so that a manifest also tells a bad copy."""
    digest, size = hashlib.sha256(), 0
    with open(path, "xb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            size += len(piece)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    return AdapterFile(sha256=digest.hexdigest(), size_bytes=size)
