"""The verbs for whoever looks after an installation: feedback export, password, token, doctor, demo."""

from pathlib import Path
from typing import Annotated

import typer

from ui.options import Data, Json, build_parts
from ui.terminal import write_json, write_line, write_table


def feedback_export(
    folder: Annotated[Path, typer.Argument(help="Where the files go.")], data: Data = None, as_json: Json = False
) -> None:
    """Write what teaches, de-identified again, as TRL's conversational JSON lines, with a manifest of hashes."""
    from feedback.export import export
    from feedback.screening import REASONS, Aside

    parts = build_parts(data)
    manifest = export(
        parts.feedback,
        folder,
        key=parts.keys.split,
        deidentifier=parts.deidentifier,
        grounding=parts.settings.grounding,
    )
    if as_json:
        write_json(manifest)
        return
    kinds = manifest["by_kind"]
    write_line(
        f"{manifest['pairs']} preference pairs, {kinds.get('demonstrations', 0)} accepted or corrected answers and "
        f"{kinds.get('thumbs', 0)} single thumbs in {folder}"
    )
    for reason, number in manifest["set_aside"].items():
        write_line(f"{number} left out: {REASONS[Aside(reason)]}")


def password(
    name: Annotated[str, typer.Argument(help="Who; a new name makes a new account.")], data: Data = None
) -> None:
    """Set somebody's password (asked for, or read from standard input)."""
    parts = build_parts(data)
    parts.accounts.set_password(name, typer.prompt("New password", hide_input=True, confirmation_prompt=True))
    write_line(f"{name} signs in with the new password from now on")


def token(name: Annotated[str, typer.Argument(help="Whose.")] = "doctor", data: Data = None) -> None:
    """Make an API token for somebody; the one before stops working."""
    write_line(build_parts(data).accounts.new_token(name))


def doctor(data: Data = None, as_json: Json = False) -> None:
    """Check machine and installation: driver, settings, folders, keys, disk, servers, model. Exit code 1 where something is wrong."""
    from ui.checks import run_checks

    checks = run_checks(build_parts(data))
    if as_json:
        write_json(checks)
    else:
        rows = [["✓" if c.ok else "✗", c.name, f"{c.detail}\n→ {c.remedy}" if c.remedy else c.detail] for c in checks]
        write_table(["", "check", "result"], rows)
    if not all(check.ok for check in checks):
        raise typer.Exit(1)
