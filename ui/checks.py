"""What `curbside doctor` looks at: settings, folder, key, database, index, disk, model, learning. Each check says what to do."""

import asyncio
import importlib.metadata
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from assistant.deid.policy import options_on
from assistant.errors import CurbsideError
from ui.settings import unknown_variables

if TYPE_CHECKING:
    from ui.wiring import Parts

_LITTLE_DISK_BYTES = 2_000_000_000
_OVERDUE = timedelta(minutes=15)
_SAFE_HARBOR = "what is found of Safe Harbor's list is replaced by placeholders"


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool
    detail: str


def run_checks(parts: "Parts") -> list[Check]:
    """Look at an installation without changing it (an installation that does not exist yet is not made)."""
    checks: list[tuple[str, Callable[[Parts], tuple[bool, str]]]] = [
        ("versions", _versions),
        ("variables", _variables),
        ("data folder", _folder),
        ("disk", _disk),
        ("key", _key),
        ("de-identification", _deidentification),
        ("database", _database),
        ("index", _index),
        ("model", _model),
        ("learning", _learning),
        ("schedule", _schedule),
    ]
    return list(_run(parts, checks))


def _run(parts: "Parts", checks: list[tuple[str, Callable[["Parts"], tuple[bool, str]]]]) -> Iterator[Check]:
    for name, check in checks:
        try:
            ok, detail = check(parts)
        except (CurbsideError, OSError) as error:
            ok, detail = False, str(error)
        yield Check(name, ok, detail)


def _versions(_parts: "Parts") -> tuple[bool, str]:
    names = ("curbside", "gradio", "chromadb", "presidio-analyzer", "transformers", "torch")
    found = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    return sys.version_info >= (3, 11), f"Python {sys.version.split()[0]}, {found}"


def _variables(_parts: "Parts") -> tuple[bool, str]:
    unknown = unknown_variables()
    if unknown:
        return False, f"no setting reads {', '.join(unknown)}; correct the name or unset it"
    return True, "every CURBSIDE_ variable is a setting"


def _folder(parts: "Parts") -> tuple[bool, str]:
    folder = parts.data_dir
    if not folder.exists():
        return True, f"{folder} (made at the first start)"
    mode = folder.stat().st_mode & 0o777
    if mode & 0o077:
        return False, f"{folder} can be read by other users (mode {mode:o}); run `chmod 700 {folder}`"
    return True, str(folder)


def _disk(parts: "Parts") -> tuple[bool, str]:
    folder = parts.data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return free > _LITTLE_DISK_BYTES, f"{free / 1e9:.1f} GB free"


def _key(parts: "Parts") -> tuple[bool, str]:
    if not parts.has_data:
        return True, "none yet (made at the first start)"
    path = parts.keys.path
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        return False, f"{path} can be read by other users (mode {mode:o}); run `chmod 600 {path}`"
    return True, f"{path}; keep a copy of it apart from the data: without it nothing can be read"


def _deidentification(parts: "Parts") -> tuple[bool, str]:
    """An option is a choice, not a fault; but it is said each time."""
    return True, "; ".join(option.about for option in options_on(parts.settings.deid)) or _SAFE_HARBOR


def _database(parts: "Parts") -> tuple[bool, str]:
    if not parts.has_data:
        return True, "none yet (made at the first start)"
    parts.library.check_key()
    waiting = parts.library.count_unindexed()
    tail = f", {waiting} still to be indexed (start Curbside or run `curbside reindex`)" if waiting else ""
    return True, f"{parts.database.engine.dialect.name}, {parts.library.count()} reports{tail}"


def _index(parts: "Parts") -> tuple[bool, str]:
    if not parts.has_data or parts.library.count() == 0:
        return True, "none yet (nothing was ingested)"
    return True, f"{parts.index.count} chunks, {parts.index.built_with}"


def _model(parts: "Parts") -> tuple[bool, str]:
    generation = parts.settings.generation
    if generation.backend == "quoting":
        return True, "quoting (no language model; `curbside serve --model NAME` or `--url URL` sets one)"
    if generation.backend == "local":
        return generation.model is not None, generation.model or "no model is named; set `CURBSIDE_GENERATION__MODEL`"
    from assistant.generation.readiness import look_at_servers
    from assistant.generation.remote import RemoteGenerator

    generator = parts.generator
    assert isinstance(generator, RemoteGenerator)
    servers = asyncio.run(look_at_servers(generator))
    ready = sum(server.problem is None for server in servers)
    count = f"{ready} of {len(servers)} ready; " if len(servers) > 1 else ""
    remedy = "" if ready == len(servers) else "; start the server or correct `CURBSIDE_GENERATION__URL`"
    return ready == len(servers) > 0, f"{count}{'; '.join(map(str, servers)) or 'no address is set'}{remedy}"


def _learning(parts: "Parts") -> tuple[bool, str]:
    """What is live, and whether every file of it is what was installed."""
    from assistant.generation.loading import short_name

    live = parts.adapters.live()
    if live.name is None:
        return True, "nothing learned is live"
    manifest = parts.adapters.check(live.name)
    made_for, base_model = short_name(manifest.base_model), short_name(parts.base_model or "none of ours")
    if made_for != base_model:
        return False, f"{live.name} is live and was made for {made_for}, but {base_model} answers; `curbside rollback`"
    since = f" since {live.since.astimezone(parts.loop_desk.zone):%Y-%m-%d %H:%M}" if live.since else ""
    return True, f"{live.name} is live{since}; its {len(manifest.files)} files are whole"


def _schedule(parts: "Parts") -> tuple[bool, str]:
    if parts.base_model is None:
        return True, "nothing is trained: the model is another server's"
    if not parts.settings.schedule.enabled:
        return True, "switched off (`CURBSIDE_SCHEDULE__ENABLED`); `curbside scheduler` or the Training tab begin runs"
    if not parts.has_data:
        return True, "none yet (made at the first start)"
    under_way = parts.ledger.current()
    if under_way is not None:
        return True, f"run {under_way.name} is under way ({under_way.state})"
    due = parts.scheduler.next_run_at
    if due is None:
        return True, "paused (the Training tab resumes it)"
    if datetime.now(UTC) - due > _OVERDUE:
        return (
            False,
            f"a run was due at {due:%Y-%m-%d %H:%M} and nobody began it; start `curbside serve` or `curbside scheduler`",
        )
    return True, f"next run {due:%A %Y-%m-%d %H:%M} ({due.tzinfo})"
