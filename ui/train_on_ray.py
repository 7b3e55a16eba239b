"""What a run's process on another machine is told: settings in the open, secrets by name of a file in the shared data folder.

Ray keeps a job's variables and shows them on its dashboard, to everybody who reaches it.
"""

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from assistant.errors import NotShared
from assistant.keys import KEY_FILE
from ui.settings import Settings, as_environment, load_settings
from ui.shared_gpu import meet_on_one_gpu

if TYPE_CHECKING:
    from training.on_ray import OnRay
    from ui.wiring import Parts

COMMAND = ("python", "-m", "ui.training_process")
"""As it is called on the cluster's machines."""
NEXT = "next"
"""In place of a run's number: the run that was interrupted, or a new one. For a RayJob, which nobody is asked before."""
_SECRETS = "ray-secrets"


def ray_launcher(parts: "Parts", base_model: str) -> "OnRay":
    from training.on_ray import OnRay

    settings = parts.settings
    return OnRay(
        ledger=parts.ledger,
        command=COMMAND,
        variables=partial(shown_variables, settings),
        base_model=base_model,
        settings=settings.training.suiting(base_model),
        runs=settings.storage.data_dir.resolve() / "runs",
        address=settings.training.ray_address,
        gpus=settings.training.ray_gpus,
        shares_database=settings.storage.database_url is not None,
    )


def shown_variables(settings: Settings) -> dict[str, str]:
    """The variables that give another machine these settings; writes each secret into a file that only its owner reads."""
    folder = settings.storage.data_dir.resolve()
    variables = as_environment(settings) | {
        "CURBSIDE_STORAGE__DATA_DIR": str(folder),
        # Decided where the chat is: the machine that trains sees other GPUs.
        "CURBSIDE_TRAINING__GPU": "shared" if meet_on_one_gpu(settings) else "own",
    }
    for name in _secret_names(settings):
        path = folder / _SECRETS / name.lower()
        _write(path, variables.pop(name))
        variables[f"{name}_FILE"] = str(path)
    return variables


def settings_there() -> Settings:
    """The settings of this process, which a Ray cluster may have started.

    Raises:
        NotShared: The data folder is not on this machine, or another user's.
    """
    settings = load_settings()
    folder = settings.storage.data_dir
    if settings.training.on == "ray" and not os.access(folder / KEY_FILE, os.R_OK):
        raise NotShared(
            what=f"{folder} on this machine of the Ray cluster holds no {KEY_FILE} that user {os.getuid()} can read",
            remedy="mount the installation's data folder there under the same path, and run Ray as its owner",
        )
    return settings


def _secret_names(settings: Settings) -> list[str]:
    """Keys, and addresses that may hold a password: before an @ of any of several, or among the options after a question mark."""
    names = []
    for group in Settings.model_fields:
        values = getattr(settings, group)
        for field in type(values).model_fields:
            value = getattr(values, field)
            if isinstance(value, SecretStr) or (
                isinstance(value, str) and "://" in value and not {"@", "?"}.isdisjoint(value)
            ):
                names.append(f"CURBSIDE_{group}__{field}".upper())
    return names


def _write(path: Path, value: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(value)
    os.replace(new, path)
