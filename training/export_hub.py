"""An adapter, pushed to a private repository on the Hugging Face hub: weights, configuration, tokenizer and card, nothing else."""

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.adapters import MANIFEST_FILE
from assistant.errors import InputError
from assistant.generation.canary import CANARY_FILE
from training.export_model import NotExportable

CARD = "README.md"

_MAY_GO = {
    "adapter_config.json", "adapter_model.safetensors", "config.json", "generation_config.json", "tokenizer.json",
    "tokenizer_config.json", "tokenizer.model", "special_tokens_map.json", "added_tokens.json", "vocab.json", "vocab.txt",
    "merges.txt", "chat_template.jinja",
}  # fmt: skip
_STAYS = {MANIFEST_FILE, CANARY_FILE, CARD}
"""Ours, and what PEFT writes by itself; the card is written anew."""
_LARGEST_CONFIG = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What would go, by name, and where it is."""

    files: dict[str, Path]
    card: str

    @property
    def sizes(self) -> list[tuple[str, int]]:
        """Each file and its bytes."""
        sizes = [(name, path.stat().st_size) for name, path in self.files.items()]
        return sorted([*sizes, (CARD, len(self.card.encode()))])


def pack(adapter: Path, *, card: str) -> Parcel:
    """Of an adapter's folder, what may leave.

    Raises:
        NotExportable: There is anything else in the folder, or a file is not what its name says.
    """
    names = {path.name for path in adapter.iterdir()}
    if strange := sorted(names - _MAY_GO - _STAYS):
        raise NotExportable(
            what=f"adapter {adapter.name}",
            problem=f"its folder holds more than weights, configuration, tokenizer and card ({', '.join(strange[:5])})",
            remedy="look what that is and take it out: training examples must never leave",
        )
    files = {name: adapter / name for name in sorted(names & _MAY_GO)}
    for name, path in files.items():
        if problem := _problem(name, path):
            raise NotExportable(
                what=f"adapter {adapter.name}", problem=f"{name} {problem}", remedy="train again, or export another run"
            )
    return Parcel(files=files, card=card)


def check_name(name: str) -> None:
    """Raises `InputError` for what cannot be a repository's name."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(name)
    except HFValidationError as error:
        raise InputError(f"{name!r} cannot be a repository; give OWNER/NAME, letters, digits, hyphens") from error


def push(parcel: Parcel, name: str, *, endpoint: str | None = None) -> str:
    """Push to a private repository, made if it is not there; its address.

    Args:
        endpoint: Of another hub than `HF_ENDPOINT` names.

    Raises:
        NotExportable: The repository is public, or the hub refuses.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    # The hub's package changes its HTTP library from version to version; the base of its own error tells which it is.
    failures: Any = (OSError, *HfHubHTTPError.__bases__)
    api = HfApi(endpoint=endpoint)
    try:
        repository = api.create_repo(name, private=True, exist_ok=True).repo_id  # with its owner, if none was named
        if api.repo_info(repository).private is not True:
            raise NotExportable(
                what=name, problem="the repository is public", remedy="name another one, or make it private first"
            )
        with tempfile.TemporaryDirectory() as folder:
            _lay_out(parcel, Path(folder))
            api.upload_folder(repo_id=repository, folder_path=folder, commit_message="A LoRA adapter made by Curbside")
    except failures as error:
        status = getattr(getattr(error, "response", None), "status_code", None)
        problem = f"the hub answered {status}" if status else f"the hub cannot be reached ({type(error).__name__})"
        raise NotExportable(
            what=name,
            problem=problem,
            remedy="sign in with `hf auth login` (a token that may write), unset HF_HUB_OFFLINE",
        ) from error
    return f"{api.endpoint}/{repository}"


def _lay_out(parcel: Parcel, folder: Path) -> None:
    """Exactly what was shown, whatever is written to the adapter's folder meanwhile."""
    for name, path in parcel.files.items():
        shutil.copyfile(path, folder / name)
    (folder / CARD).write_text(parcel.card, "utf-8")


def _problem(name: str, path: Path) -> str:
    from safetensors import SafetensorError, safe_open

    if path.is_symlink() or not path.is_file():
        return "is not a plain file"
    try:
        if name.endswith(".safetensors"):
            with safe_open(path, framework="pt") as file:
                return "" if list(file.keys()) else "holds no weights"
        if name.endswith("config.json"):
            config: Any = json.loads(path.read_text("utf-8"))
            return "" if isinstance(config, dict) and path.stat().st_size < _LARGEST_CONFIG else "is no configuration"
    except (OSError, ValueError, SafetensorError):
        return "cannot be read"
    return ""
