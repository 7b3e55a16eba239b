"""The one reader of the environment. Every variable is nested: `CURBSIDE_<GROUP>__<FIELD>`."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from assistant.errors import InputError
from assistant.settings import (
    ChatSettings,
    DeidSettings,
    GenerationSettings,
    GroundingSettings,
    ReadingSettings,
    RetrievalSettings,
    StorageSettings,
)
from training.settings import GateSettings, ScheduleSettings, TrainingSettings


class ServerSettings(BaseModel, frozen=True, extra="forbid"):
    host: str = "127.0.0.1"
    """Address to listen on. Anything but this computer's own wants TLS in front."""
    port: int = Field(default=7860, ge=0, le=65535)
    timezone: str | None = None
    """IANA name of the practice's time zone, for example `Europe/Berlin`. Default: the computer's own."""


_FILE = "_FILE"


class _EnvironmentAndFiles(EnvSettingsSource):
    """`CURBSIDE_STORAGE__DATABASE_URL_FILE=/run/secrets/database_url` gives the setting what the file holds: containers
    are given secrets as files, so that no description of a container shows them."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        variables = dict(super()._load_env_vars())  # their names in lower case
        for name in [name for name in variables if name.startswith("curbside_") and name.endswith(_FILE.lower())]:
            path, setting = variables.pop(name), name.removesuffix(_FILE.lower())
            if path and setting not in variables:  # a process that was started from here is given the value as well
                variables[setting] = _read_secret(name.upper(), path)
        return variables


def _read_secret(variable: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        raise InputError(
            f"{variable} names {path}, which cannot be read ({type(error).__name__}); correct the path or the permissions"
        ) from error


class Settings(BaseSettings):
    """All settings. Frozen: a running Curbside does not change under its users."""

    model_config = SettingsConfigDict(
        env_prefix="CURBSIDE_", env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )
    storage: StorageSettings = StorageSettings()
    reading: ReadingSettings = ReadingSettings()
    deid: DeidSettings = DeidSettings()
    retrieval: RetrievalSettings = RetrievalSettings()
    generation: GenerationSettings = GenerationSettings()
    grounding: GroundingSettings = GroundingSettings()
    chat: ChatSettings = ChatSettings()
    training: TrainingSettings = TrainingSettings()
    gate: GateSettings = GateSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    server: ServerSettings = ServerSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, _EnvironmentAndFiles(settings_cls)


def load_settings(*, data_dir: Path | None = None, **groups: dict[str, object]) -> Settings:
    """Read the environment; `data_dir` and values given by group win over it.

    Raises:
        pydantic.ValidationError: naming each variable that is wrong.
        InputError: A `…_FILE` variable names a file that cannot be read.
    """
    if data_dir is not None:
        groups.setdefault("storage", {})["data_dir"] = data_dir
    return Settings(**groups)  # type: ignore[arg-type]


def as_environment(settings: Settings) -> dict[str, str]:
    """The variables that give another process of this installation the same settings, whatever options this one was given."""
    variables: dict[str, str] = {}
    for group in Settings.model_fields:
        values: BaseModel = getattr(settings, group)
        for field in type(values).model_fields:
            value = getattr(values, field)
            if value is None:
                continue
            if isinstance(value, SecretStr):
                value = value.get_secret_value()
            variables[f"CURBSIDE_{group}__{field}".upper()] = str(value)
    return variables


def known_variables() -> set[str]:
    """The variable of every setting; each may also end in `_FILE`."""
    return {
        f"CURBSIDE_{group}__{field}".upper()
        for group, info in Settings.model_fields.items()
        for field in info.annotation.model_fields  # type: ignore[union-attr]
    }


def unknown_variables() -> list[str]:
    """`CURBSIDE_*` variables that no setting reads: a mistyped group is otherwise ignored in silence."""
    known = known_variables()
    given = [name for name in os.environ if name.startswith("CURBSIDE_")]
    return sorted(name for name in given if name.upper().removesuffix(_FILE) not in known)
