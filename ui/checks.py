"""What `curbside doctor` looks at. Each check says what, the value, and what to do; none changes anything, none shows a secret.

One exception: whoever opens the database brings its tables to this version's shape, as every command does.
"""

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from assistant.deid.policy import options_on
from assistant.errors import CurbsideError
from ui import checks_machine, checks_models, checks_servers
from ui.checks_servers import database_was_made
from ui.checks_values import Check, Found

if TYPE_CHECKING:
    from ui.wiring import Parts

_OVERDUE = timedelta(minutes=15)
_SAFE_HARBOR = "what is found of Safe Harbor's list is replaced by placeholders"
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")


def run_checks(parts: "Parts") -> list[Check]:
    """Look at an installation without changing it (an installation that does not exist yet is not made)."""
    checks: list[tuple[str, Callable[[Parts], Found]]] = [
        ("versions", checks_machine.versions),
        ("machine", checks_machine.machine),
        ("GPU", checks_machine.gpu),
        ("clock", checks_machine.clock),
        ("variables", checks_machine.variables),
        ("data folder", _folder),
        ("disk", checks_machine.disk),
        ("key", _key),
        ("de-identification", _deidentification),
        ("database", checks_servers.database),
        ("index", checks_servers.index),
        ("model", checks_models.model),
        ("learning", _learning),
        ("training", checks_models.training),
        ("schedule", _schedule),
    ]
    return list(_run(parts, checks))


def _run(parts: "Parts", checks: list[tuple[str, Callable[["Parts"], Found]]]) -> Iterator[Check]:
    for name, check in checks:
        try:
            found = check(parts)
        except (CurbsideError, OSError) as error:
            found = Found(False, str(error))
        except SQLAlchemyError as error:  # its message would quote a statement
            what = f"the database answers, and something in it cannot be read ({type(error).__name__})"
            found = Found(False, what, "start Curbside, which migrates it; else put back a copy of the data")
        yield Check(name, found.ok, _without_secrets(found.value, parts), _without_secrets(found.remedy, parts))


def _without_secrets(text: str, parts: "Parts") -> str:
    """What a driver or a server says may quote an address with its password."""
    text = _CREDENTIALS.sub("…@", text)
    key = parts.settings.generation.api_key
    return text.replace(key.get_secret_value(), "…") if key and key.get_secret_value() else text


def _folder(parts: "Parts") -> Found:
    folder = parts.data_dir
    if not folder.exists():
        return Found(True, f"{folder} (made at the first start)")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return Found(
            False, f"{folder} cannot be written by this user", f"give it to this user: `chown -R $USER {folder}`"
        )
    return _private(folder, "700") or Found(True, str(folder))


def _key(parts: "Parts") -> Found:
    from assistant.keys import DATABASE_FILE, KEY_FILE

    path = parts.data_dir / KEY_FILE
    if not path.exists():
        if (parts.data_dir / DATABASE_FILE).exists():
            return Found(False, f"{path} is missing", "put back the key file that the data was made with")
        return Found(True, "none yet (made at the first start)")
    problem = _private(path, "600")
    accounts = parts.data_dir / "accounts.json"
    if problem is None and accounts.exists():
        problem = _private(accounts, "600")
    parts.keys  # noqa: B018 - reading it raises where it is damaged
    return problem or Found(True, f"{path}; keep a copy of it apart from the data: without it nothing can be read")


def _private(path: Path, wanted: str) -> Found | None:
    """What is wrong with who may read a file, or `None`."""
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        return Found(False, f"{path} can be read by other users (mode {mode:o})", f"run `chmod {wanted} {path}`")
    return None


def _deidentification(parts: "Parts") -> Found:
    """An option is a choice, not a fault; but it is said each time."""
    return Found(True, "; ".join(option.about for option in options_on(parts.settings.deid)) or _SAFE_HARBOR)


def _learning(parts: "Parts") -> Found:
    """What is live, and whether every file of it is what was installed."""
    from assistant.generation.loading import short_name

    live = parts.adapters.live()
    if live.name is None:
        return Found(True, "nothing learned is live")
    manifest = parts.adapters.check(live.name)
    made_for, base_model = short_name(manifest.base_model), short_name(parts.base_model or "none of ours")
    if made_for != base_model:
        wrong = f"{live.name} is live and was made for {made_for}, but {base_model} answers"
        return Found(False, wrong, "`curbside rollback`, or name the model that it was made for")
    since = f" since {live.since.astimezone(parts.loop_desk.zone):%Y-%m-%d %H:%M}" if live.since else ""
    return Found(True, f"{live.name} is live{since}; its {len(manifest.files)} files are whole")


def _schedule(parts: "Parts") -> Found:
    if not parts.is_trainable:
        return Found(True, "nothing is trained, so nothing is due")
    if not parts.settings.schedule.enabled:
        return Found(
            True, "switched off (CURBSIDE_SCHEDULE__ENABLED); `curbside scheduler` or the Training tab begin runs"
        )
    if not database_was_made(parts):
        return Found(True, "none yet (made at the first start)")
    under_way = parts.ledger.current()
    if under_way is not None:
        return Found(True, f"run {under_way.name} is under way ({under_way.state})")
    due = parts.scheduler.next_run_at
    if due is None:
        return Found(True, "paused (the Training tab resumes it)")
    if datetime.now(UTC) - due > _OVERDUE:
        late = f"a run was due at {due:%Y-%m-%d %H:%M} and nobody began it"
        return Found(False, late, "start `curbside serve` or `curbside scheduler`")
    return Found(True, f"next run {due:%A %Y-%m-%d %H:%M} ({due.tzinfo})")
