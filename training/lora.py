"""The base model and the LoRA adapter on it: loaded, put on, saved."""

import importlib.util
import json
import os
import re
import secrets
import shutil
from pathlib import Path
from typing import Any

from assistant.durable import flush
from assistant.errors import ModelNotFound, TrainingError
from assistant.generation.loading import LoadedModel, load_model, pick_device, short_name
from training.settings import TrainingSettings
from training.trainer import processes, sharded

ADAPTER = "default"
"""PEFT's name of the adapter that is trained."""
_DROPOUTS = ("dropout", "activation_dropout", "attention_dropout", "layerdrop")
_BERT_GENERATION = ["query", "key", "value", "dense"]


def load_base(name: str, settings: TrainingSettings) -> LoadedModel:
    """The model that is trained, frozen, in one piece or as `accelerate launch` wants it.

    Raises:
        ModelNotFound, ModelOutOfMemory: as `load_model`.
        TrainingError: nf4 is set and cannot run here.
    """
    import torch

    if settings.quantize == "nf4" or (processes() > 1 and name != "starter"):
        loaded = _load_placed(name, settings)
    else:
        loaded = load_model(name)
    model = loaded.model
    if not torch.cuda.is_available():
        model = model.to("cpu").float()
    model.requires_grad_(False)
    for module in model.modules():  # BioGPT's are no layers that TRL could switch off: its reference would be noise
        for name in _DROPOUTS:
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)
    # PEFT would look a name up on the hub at each checkpoint, and write a path of this machine into it.
    model.name_or_path = ""
    return LoadedModel(model, loaded.tokenizer, loaded.context_tokens)


def put_adapter(base: Any, *, start: Path | None, rank: int, seed: int) -> Any:
    """The base with a trainable adapter: the one in the folder `start`, or a fresh one, which changes nothing yet.

    Raises:
        TrainingError: the adapter is damaged or was made for another base model.
    """
    from peft import LoraConfig, PeftModel, get_peft_model
    from safetensors import SafetensorError
    from transformers import set_seed

    set_seed(seed)
    if start is None:
        config = LoraConfig(
            r=rank,
            lora_alpha=2 * rank,
            lora_dropout=0.0,
            **targets(base),
            task_type="CAUSAL_LM",
        )
        model: Any = get_peft_model(base, config)
    else:
        try:
            model = PeftModel.from_pretrained(base, str(start), adapter_name=ADAPTER, is_trainable=True)
        except (OSError, ValueError, RuntimeError, KeyError, TypeError, SafetensorError) as error:
            raise TrainingError(
                f"the adapter {start.name!r} cannot be trained further ({type(error).__name__}: damaged, or made for another "
                "base model); set `CURBSIDE_TRAINING__START_FROM=base`"
            ) from error
    model.peft_config[ADAPTER].base_model_name_or_path = None
    return model


def take_off(model: Any) -> Any:
    """The base as it was before `put_adapter`, whatever a trainer hung on it."""
    base = model.unload()
    base.__dict__.pop("forward", None)
    base.__dict__.pop("peft_config", None)
    return base


def targets(base: Any) -> dict[str, Any]:
    """What LoRA adapts, as arguments of its config: all linear layers but the head, which TRL's fused head could not train.

    Neither experts nor the part that sees images (MedGemma), for what is learned must be served: vLLM cannot load an adapter of
    experts as PEFT writes it, or ends (vllm-project/vllm#52198), and leaves one of eyes out; reports are text anyway.
    """
    from torch.nn import Linear

    if base.config.model_type == "bert-generation":
        return {"target_modules": list(_BERT_GENERATION)}
    chosen: dict[str, Any] = {"target_modules": "all-linear"}
    if any(
        weight.dim() == 3 for weight in base.parameters()
    ):  # PEFT takes "all-linear" to mean experts too, but no list
        head = base.get_output_embeddings()
        layers = ((name, part) for name, part in base.named_modules() if isinstance(part, Linear) and part is not head)
        chosen["target_modules"] = sorted({name.rpartition(".")[2] for name, _ in layers})
    if base.config.get_text_config() is not base.config:
        language = base.get_decoder()
        if name := next(name for name, part in base.named_modules() if part is language):
            chosen["exclude_modules"] = rf"(?!{re.escape(name)}\.).*"
    return chosen


def save_adapter(model: Any, folder: Path, *, base_model: str, state: dict[str, Any] | None = None) -> None:
    """Write `adapter_model.safetensors` and `adapter_config.json`; `folder` appears when both are complete.

    Only the trained adapter is saved, never TRL's frozen copy `ref`; the base is named without this machine's paths.
    """
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    weights = get_peft_model_state_dict(model, state, adapter_name=ADAPTER, save_embedding_layers=False)
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    temporary.mkdir(mode=0o700, parents=True)
    try:
        tensors = {name: weight.detach().cpu().contiguous() for name, weight in weights.items()}
        save_file(tensors, temporary / "adapter_model.safetensors", metadata={"format": "pt"})
        config = {name: _plain(value) for name, value in model.peft_config[ADAPTER].to_dict().items()}
        config |= {"base_model_name_or_path": short_name(base_model), "inference_mode": True}
        (temporary / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
        _flush_all(temporary)
        os.replace(temporary, folder)
        flush(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def copy_adapter(source: Path, target: Path) -> None:
    """Publish an adapter under a second name, all of it or nothing."""
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    temporary.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        shutil.copytree(source, temporary)
        _flush_all(temporary)
        os.replace(temporary, target)
        flush(target.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _load_placed(name: str, settings: TrainingSettings) -> LoadedModel:
    """Quantised, or one copy a process: what `load_model`, made for answering, does not do."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

    device, dtype = pick_device()
    options: dict[str, Any] = {"dtype": dtype}
    if settings.quantize == "nf4":
        if device.type != "cuda" or importlib.util.find_spec("bitsandbytes") is None:
            raise TrainingError(
                "nf4 needs a CUDA GPU and the package bitsandbytes, and one of them is missing; install it, or set "
                "`CURBSIDE_TRAINING__QUANTIZE=none`"
            )
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=dtype
        )
    if not sharded():
        options["device_map"] = {"": int(os.environ.get("LOCAL_RANK", "0")) if device.type == "cuda" else "cpu"}
    path = str(Path(name).expanduser()) if Path(name).expanduser().is_dir() else name
    try:
        tokenizer = AutoTokenizer.from_pretrained(path)
        model = AutoModelForCausalLM.from_pretrained(path, **options)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise ModelNotFound(name=short_name(name), problem=f"{type(error).__name__} while reading it") from error
    if isinstance(options.get("device_map"), dict) and device.type == "cuda":
        torch.cuda.set_device(options["device_map"][""])
    config = model.config.get_text_config()
    return LoadedModel(model, tokenizer, getattr(config, "max_position_embeddings", None) or tokenizer.model_max_length)


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value)
    return getattr(value, "value", value)


def _flush_all(folder: Path) -> None:
    """The name must not outlive a power cut that the bytes do not."""
    for path in [*filter(Path.is_file, folder.iterdir()), folder]:
        flush(path)
