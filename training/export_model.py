"""An adapter merged into its base: one folder that any Hugging Face program reads, checked against the adapter's own answers."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ModelNotFound, ModelOutOfMemory, TrainingError
from assistant.generation.loading import LoadedModel, add_adapter, load_model, short_name
from assistant.generation.rendering import render
from assistant.generation.starter import NAME as STARTER
from assistant.schema import Message
from training.whole_output import whole_folder

TOLERANCE = {"float32": 1e-3}
"""Largest difference of a logit, as a share of the largest logit. Weights in half precision are rounded when they are merged."""
HALF_TOLERANCE = 0.05
_PROMPT = "The heart is enlarged and the lungs are clear. Sodium 131 mmol/L. What is abnormal?"
_ADAPTER = "merged"
_SHARD = "4GB"
_OTHER_BASE = "name the base's folder on this computer with --base"
_OF_IMAGES = ("preprocessor_config.json", "processor_config.json")
_TERMS = re.compile(r"(licen[cs]e|notice|use_policy)", re.IGNORECASE)


class NotExportable(TrainingError):
    """Nothing was written."""

    def __init__(self, *, what: str, problem: str, remedy: str) -> None:
        super().__init__(f"{what} cannot be exported: {problem}; {remedy}")
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    folder: Path
    dtype: str
    size_bytes: int
    difference: float
    """Largest difference between a logit of the folder and of base with adapter, as a share of the largest logit."""
    effect: float
    """The same between the base with and without the adapter: what would be lost."""


def export_merged(*, base_model: str, adapter: Path, folder: Path) -> Merged:
    """Write base and adapter as one model, with tokenizer, chat template and card. `folder` appears when it was checked.

    The weights keep the type in which the base's files have them.

    Raises:
        NotExportable: Base or adapter cannot be loaded, the base is stored quantised, or the merged model does not answer as
            base and adapter do.
        InputError, DiskFull
    """
    refuse_quantised(base_model)
    with whole_folder(folder) as temporary:
        dtype, wanted, effect = _write(base_model, adapter, temporary)
        with _explained(short_name(base_model), remedy="try again"):
            found = _logits(load_model(str(temporary), as_stored=True))
        difference = _difference(found, wanted)
        _check(adapter.name, difference, effect, dtype)
        _copy_along(base_model, temporary)
        (temporary / "README.md").write_text(_card(base_model, adapter.name), "utf-8")
        size = sum(path.stat().st_size for path in temporary.rglob("*") if path.is_file())
    return Merged(folder=folder, dtype=dtype, size_bytes=size, difference=difference, effect=effect)


def refuse_quantised(base_model: str) -> None:
    """Raises `NotExportable` where an adapter could only be merged into rounded weights, or there is no such base."""
    method = (getattr(read_config(base_model), "quantization_config", None) or {}) if base_model != STARTER else {}
    if method:
        kind = method.get("quant_method", "unknown") if isinstance(method, dict) else type(method).__name__
        raise NotExportable(
            what=short_name(base_model),
            problem=f"its weights are stored quantised ({kind})",
            remedy="name the model that it was made from with --base; it is merged in bfloat16",
        )


def read_config(model: str) -> Any:
    """transformers' configuration of a folder or hub name. Raises `NotExportable`."""
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(_place(model))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotExportable(
            what=short_name(model), problem="its config.json is not there or cannot be read", remedy=_OTHER_BASE
        ) from error


def _place(model: str) -> str:
    folder = Path(model).expanduser()
    return str(folder) if folder.is_dir() else model


def _write(base_model: str, adapter: Path, folder: Path) -> tuple[str, Any, float]:
    """Merge and save: the type of the weights, the logits that the folder must give, what the adapter changes in them."""
    with _explained(short_name(base_model), remedy=_OTHER_BASE):
        loaded = load_model(base_model, as_stored=True)
    plain = _logits(loaded)
    with _explained(
        f"adapter {adapter.name}", remedy="name the base that it was made for with --base, or export another run"
    ):
        worn = add_adapter(loaded, str(adapter), name=_ADAPTER)
    wanted = _logits(worn)
    try:
        model: Any = worn.model.merge_and_unload(safe_merge=True)
    except ValueError as error:  # PEFT found a number that is none
        raise NotExportable(
            what=adapter.name, problem="its weights are damaged", remedy="promote or export another run"
        ) from error
    # Neither the path of this machine nor the adapter's name belongs into the files.
    model.name_or_path = model.config._name_or_path = loaded.tokenizer.name_or_path = short_name(base_model)
    model.save_pretrained(folder, max_shard_size=_SHARD)
    loaded.tokenizer.save_pretrained(str(folder))
    return str(next(model.parameters()).dtype).removeprefix("torch."), wanted, _difference(plain, wanted)


@contextmanager
def _explained(what: str, *, remedy: str) -> Iterator[None]:
    """In words for somebody who exports: what loading says by itself is for somebody who chats."""
    try:
        yield
    except ModelNotFound as error:
        raise NotExportable(what=what, problem=error.problem, remedy=remedy) from error
    except ModelOutOfMemory as error:
        raise NotExportable(
            what=what,
            problem="it needs more main memory than there is free",
            remedy="close what else uses it, or export on a larger computer",
        ) from error


def _copy_along(base_model: str, folder: Path) -> None:
    """What saving leaves out: how images are prepared, without which engines do not start a model that sees them, and terms."""
    from transformers.utils.hub import cached_file

    if base_model == STARTER:
        return
    base = _place(base_model)
    found = [path for path in Path(base).glob("*") if _TERMS.match(path.name) and path.is_file()]
    for name in _OF_IMAGES:
        quietly: Any = {f"_raise_exceptions_for_{what}": False for what in ("missing_entries", "connection_errors")}
        if path := cached_file(base, name, **quietly):
            found.append(Path(path))
    for path in found:
        shutil.copyfile(path, folder / path.name)


def _logits(loaded: LoadedModel) -> Any:
    """(tokens, vocabulary) float32, of a fixed invented prompt."""
    import torch

    ids = torch.tensor([render(loaded.tokenizer, [Message(role="user", content=_PROMPT)])])
    with torch.no_grad():
        return loaded.model(input_ids=ids).logits[0].float()


def _difference(one: Any, other: Any) -> float:
    return float((one - other).abs().max() / other.abs().max())


def _check(name: str, difference: float, effect: float, dtype: str) -> None:
    limit = TOLERANCE.get(dtype, HALF_TOLERANCE)
    if not difference <= limit or difference > effect / 2 > 0:
        raise NotExportable(
            what=name,
            problem=f"the merged model's logits differ by {difference:.2g} of the largest from those of base and adapter "
            f"({limit:.2g} is allowed, the adapter itself makes {effect:.2g})",
            remedy="serve base and adapter as they are; TGI and vLLM do",
        )


def _card(base_model: str, adapter: str) -> str:
    licence = _licence(base_model)
    known = f"The base names the licence `{licence}`." if licence else "Look up the licence of the base."
    return f"""\
---
base_model: {short_name(base_model)}
library_name: transformers
pipeline_tag: text-generation
{f"license: {licence}" if licence else "tags: [curbside]"}
---
# {short_name(base_model)} with {adapter}

The base model `{short_name(base_model)}` with the LoRA adapter `{adapter}` merged into its weights by Curbside.

The adapter learned from clinicians' corrections, choices and ratings in one installation. What it learned from and how it
was judged stands in the model card of its run there. It supports, and does not replace, the clinician's judgement; nobody
has tested it elsewhere.

**Licence.** {known} Its terms hold for these weights too: who may use them, for what, and what must go with a copy.

**Privacy.** De-identification misses things: handle these weights as you handle the data the adapter was made from.
"""


def _licence(base_model: str) -> str | None:
    """What the base's own card says, where the base is a folder with a card."""
    if base_model == STARTER:
        return "apache-2.0"
    card = Path(base_model).expanduser() / "README.md"
    if not card.is_file():
        return None
    front = re.match(r"---\n(.*?)\n---", card.read_text("utf-8", errors="replace"), re.S)
    found = re.search(r"^license(?:_name)?:\s*[\"']?([\w.+-]+)", front.group(1), re.M) if front else None
    return found.group(1) if found else None
