"""Loads a transformers model, its tokenizer and, if wanted, a PEFT adapter, onto the best device there is."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import ModelNotFound, ModelOutOfMemory
from assistant.generation import starter

if TYPE_CHECKING:
    import torch

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoadedModel:
    model: Any
    tokenizer: Any
    context_tokens: int
    """The longest sequence the model was made for, prompt and answer together."""


def short_name(name: str) -> str:
    """A model's name as it is stored with answers: a hub name as it is, of a folder's path the last part only."""
    return Path(name).name if _is_path(name) else name


def pick_device() -> "tuple[torch.device, torch.dtype]":
    """The GPU in half precision where there is one, else the processor in full."""
    import torch

    if torch.cuda.is_available():
        return torch.device("cuda"), torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if torch.backends.mps.is_available():
        return torch.device("mps"), torch.float16
    return torch.device("cpu"), torch.float32


def _as_stored() -> "tuple[torch.device, Any]":
    import torch

    return torch.device("cpu"), "auto"


def load_model(name: str, *, adapter: str | None = None, as_stored: bool = False) -> LoadedModel:
    """Load `name` (`starter`, a folder or a hub name) and put `adapter` (a folder) on it.

    Args:
        as_stored: On the processor, in the type of its files: for what copies weights, not for what answers.

    Raises:
        ModelNotFound: The folder, a file in it or the hub's model is missing or broken, or the adapter does not fit.
        ModelOutOfMemory: It does not fit the device.
    """
    for wanted in (name, adapter):
        if wanted and _is_path(wanted) and not Path(wanted).expanduser().is_dir():
            raise ModelNotFound(name=short_name(wanted), problem="there is no such folder")
    from transformers import AutoModelForCausalLM, AutoTokenizer

    device, dtype = _as_stored() if as_stored else pick_device()
    path = str(Path(name).expanduser()) if _is_path(name) else name
    with _explained(name, device=device):
        if path == starter.NAME:
            model, tokenizer = starter.load_starter(dtype=None if as_stored else dtype)
            model = model.to(device)
        else:
            tokenizer = AutoTokenizer.from_pretrained(path)
            model: Any = AutoModelForCausalLM.from_pretrained(path, dtype=dtype, device_map=_device_map(device))
    config = model.config.get_text_config()
    limit = getattr(config, "max_position_embeddings", None) or tokenizer.model_max_length
    log.info("loaded model=%s adapter=%s device=%s limit=%d", short_name(name), bool(adapter), device, limit)
    loaded = LoadedModel(model.eval(), tokenizer, limit)
    if not adapter:
        return loaded
    folder = str(Path(adapter).expanduser())
    return add_adapter(loaded, folder, name=short_name(folder).replace(".", "_"))


def add_adapter(loaded: LoadedModel, folder: str, *, name: str) -> LoadedModel:
    """Put one more PEFT adapter on the model, called `name` (no dots). The first one is worn at once, others by `set_adapter`.

    Raises:
        ModelNotFound: The adapter is broken or was made for another model. What is left in `loaded` is not to be used.
        ModelOutOfMemory
    """
    from peft import PeftModel

    model = loaded.model
    with _explained(folder, device=model.device):
        if isinstance(model, PeftModel):
            model.load_adapter(folder, adapter_name=name)
        else:
            model = PeftModel.from_pretrained(model, folder, adapter_name=name)
    return replace(loaded, model=model.eval())


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the device had no room. On the processor, torch raises a plain RuntimeError that says so."""
    import torch

    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(
        words in str(error) for words in ("not enough memory", "can't allocate memory", "out of memory")
    )


def _is_path(name: str) -> bool:
    """A folder that exists, or a name that the hub could not have."""
    return name.startswith(("/", ".", "~")) or name.count("/") > 1 or Path(name).is_dir()


def _device_map(device: "torch.device") -> Any:
    """One device takes the whole model. Several GPUs share it: a part on the processor would be slow without a word."""
    import torch

    return "auto" if device.type == "cuda" and torch.cuda.device_count() > 1 else {"": device}


class _explained:
    """Turns what loading raises into our errors; transformers, safetensors and peft raise nearly anything."""

    def __init__(self, name: str, *, device: "torch.device") -> None:
        self._name, self._device = name, device

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from safetensors import SafetensorError

        if error is None:
            return
        if is_out_of_memory(error):
            raise ModelOutOfMemory(device=self._device.type) from error
        known = (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError, ImportError, SafetensorError)
        if isinstance(error, known):
            raise ModelNotFound(name=short_name(self._name), problem=_problem(error)) from error


def _problem(error: BaseException) -> str:
    text = str(error)
    if isinstance(error, OSError):
        return "a file of it is missing or unreadable, or the hub cannot be reached"
    if "size mismatch" in text:
        return "it was made for another base model"
    return f"{type(error).__name__} while reading it"
