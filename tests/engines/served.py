"""The adapters that a stand-in engine serves: TGI takes them at its start only, vLLM loads and unloads them while it runs.

An adapter says its voice before the base model's words: the text in `voice.txt` of its folder or else its name. With an
empty `voice.txt` it writes what the base model writes. Replies follow vLLM, entrypoints/openai/models/serving.py.
"""

import json
from pathlib import Path
from typing import Any

from tests.engines.replies import make_error_saying

BASE = "base"


class ServedAdapters:
    """Names and voices."""

    def __init__(self, given: dict[str, str]) -> None:
        """`given`: name → folder; an empty folder name serves the voice without a folder.

        Raises:
            FileNotFoundError: A folder holds no adapter, or a broken one. The engine does not start then.
        """
        self._folders: dict[str, str] = {}
        self._voices: dict[str, str] = {}
        for name, folder in given.items():
            self._add(name, folder)

    @property
    def folders(self) -> dict[str, str]:
        return dict(self._folders)

    def __contains__(self, name: str) -> bool:
        return name in self._voices

    def voice(self, name: str) -> str:
        """What the adapter says first."""
        return self._voices[name]

    def load(self, body: dict[str, Any]) -> tuple[int, Any]:
        """Status and reply of `/v1/load_lora_adapter`."""
        name, folder = body.get("lora_name"), body.get("lora_path")
        if not name or not folder:
            return 400, make_error_saying(400, "Both 'lora_name' and 'lora_path' must be provided.", "InvalidUserInput")
        if name in self and not body.get("load_inplace"):
            return 400, make_error_saying(
                400, f"The lora adapter '{name}' has already been loaded.", "InvalidUserInput"
            )
        try:
            self._add(name, folder)
        except FileNotFoundError:
            return 404, make_error_saying(404, f"No adapter found for {folder}", "NotFoundError")
        return 200, f"Success: LoRA adapter '{name}' added successfully."

    def unload(self, body: dict[str, Any]) -> tuple[int, Any]:
        """Status and reply of `/v1/unload_lora_adapter`."""
        name = body.get("lora_name")
        if name not in self._voices:
            return 404, make_error_saying(404, f"The lora adapter '{name}' cannot be found.", "NotFoundError")
        del self._voices[name], self._folders[name]
        return 200, f"Success: LoRA adapter '{name}' removed successfully."

    def _add(self, name: str, folder: str) -> None:
        if folder:
            try:
                json.loads((Path(folder) / "adapter_config.json").read_text("utf-8"))
            except (OSError, ValueError):
                raise FileNotFoundError(folder) from None
        voice = Path(folder) / "voice.txt"
        self._voices[name] = voice.read_text("utf-8").strip() if folder and voice.is_file() else name
        self._folders[name] = folder
