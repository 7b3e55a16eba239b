"""An adapter merged into a Llama-style base, as one GGUF file for llama.cpp.

Llama, Mistral (as Llama), Qwen 2 and Qwen 3 without experts; others are refused with the reason, for llama.cpp would compute
something else without a word. Names, shapes and keys follow llama.cpp's convert_hf_to_gguf.py; the file is read back. It is not
run here: llama.cpp need not be installed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import MissingExtra
from assistant.generation.loading import short_name
from assistant.generation.starter import NAME as STARTER
from training.export_model import NotExportable, export_merged, read_config
from training.gguf_tensors import Tensors, WeightType, head_size
from training.gguf_vocabulary import Vocabulary, read_vocabulary
from training.whole_output import whole_file

if TYPE_CHECKING:
    from gguf import GGUFWriter

OnProgress = Callable[[str, int, int], None]
"""Told what is done, how much of it, and of how much."""

_ARCHITECTURES = {
    "LlamaForCausalLM": "llama", "MistralForCausalLM": "llama", "Qwen2ForCausalLM": "qwen2", "Qwen3ForCausalLM": "qwen3"
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    file: Path
    architecture: str
    tensors: int
    size_bytes: int
    notes: tuple[str, ...]
    """Where llama.cpp does otherwise than transformers."""


def export_gguf(
    *, base_model: str, adapter: Path, file: Path, weight_type: WeightType, on_progress: OnProgress
) -> Exported:
    """Merge beside `file` and convert that; `file` appears when it could be read back, and nothing else stays.

    Raises:
        MissingExtra, NotExportable, InputError, DiskFull
    """
    check_exportable(base_model)
    with whole_file(file) as temporary:
        on_progress("merging", 0, 1)
        merged = export_merged(base_model=base_model, adapter=adapter, folder=temporary.with_name("merged"))
        name = f"{short_name(base_model)} with {adapter.name}"
        exported = convert(merged.folder, temporary, name=name, weight_type=weight_type, on_progress=on_progress)
    return replace(exported, file=file)


def check_exportable(model: str) -> Any:
    """transformers' configuration of a model that can become GGUF. Raises `NotExportable`, `MissingExtra`."""
    try:
        import gguf  # noqa: F401
    except ImportError as error:
        raise MissingExtra(package="gguf", extra="gguf") from error
    if model == STARTER:
        raise _refused(
            model, "it is a BertGeneration decoder, which llama.cpp does not run, and it may only quote what it reads"
        )
    config = read_config(model)
    kind = (getattr(config, "architectures", None) or [type(config).__name__])[0]
    if kind not in _ARCHITECTURES:
        raise _refused(model, f"{kind} is not among {', '.join(_ARCHITECTURES)}")
    rope = config.rope_parameters
    unlike = {
        f"its activation is {config.hidden_act}": config.hidden_act != "silu",
        f"its positions are scaled by {rope['rope_type']!r}": rope["rope_type"] not in ("default", "linear", "llama3"),
        "only a part of each head is rotated": rope.get("partial_rotary_factor", 1.0) != 1.0,
        "its attention slides in some layers": bool(getattr(config, "use_sliding_window", False)),
    }
    for problem, is_so in unlike.items():
        if is_so:
            raise _refused(model, problem)
    return config


def convert(folder: Path, file: Path, *, name: str, weight_type: WeightType, on_progress: OnProgress) -> Exported:
    """Write the model in `folder` to `file`, a tensor in memory at a time. Raises as `export_gguf`."""
    from gguf import GGUFReader, GGUFWriter

    config = check_exportable(str(folder))
    architecture = _ARCHITECTURES[config.architectures[0]]
    vocabulary = read_vocabulary(folder, size=config.vocab_size)
    tensors = Tensors(folder, config, architecture, weight_type)
    writer = GGUFWriter(file, architecture)
    try:
        _describe(writer, config, name=name, weight_type=weight_type)
        _add_vocabulary(writer, vocabulary, folder)
        for plan in tensors.plans:
            writer.add_tensor_info(plan.name, plan.stored_shape, plan.numpy_type, plan.size_bytes, plan.type)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for done, plan in enumerate(tensors.plans, start=1):
            writer.write_tensor_data(tensors.read(plan))
            on_progress("writing GGUF", done, len(tensors.plans))
    finally:
        writer.close()
    there = {tensor.name for tensor in GGUFReader(file).tensors}
    if there != {plan.name for plan in tensors.plans}:
        raise _refused(str(folder), "what was written cannot be read back")
    return Exported(
        file=file,
        architecture=architecture,
        tensors=len(there),
        size_bytes=file.stat().st_size,
        notes=tuple(_notes(config, vocabulary)),
    )


def _notes(config: Any, vocabulary: Vocabulary) -> list[str]:
    notes = [vocabulary.note] if vocabulary.note else []
    if _context(config) < config.max_position_embeddings:
        notes.append(f"the context ends at {_context(config)} tokens: llama.cpp does not slide this model's attention")
    return notes


def _context(config: Any) -> int:
    window = getattr(config, "sliding_window", None)
    return min(window or config.max_position_embeddings, config.max_position_embeddings)


def _describe(writer: "GGUFWriter", config: Any, *, name: str, weight_type: WeightType) -> None:
    from gguf import GGML_QUANT_VERSION, LlamaFileType, RopeScalingType

    writer.add_type("model")
    writer.add_name(name)
    writer.add_context_length(_context(config))
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(head_size(config))
    writer.add_value_length(head_size(config))
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    writer.add_rope_dimension_count(head_size(config))
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    if config.rope_parameters["rope_type"] == "linear":
        writer.add_rope_scaling_type(RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(config.rope_parameters["factor"])
    writer.add_file_type(LlamaFileType.MOSTLY_F16 if weight_type == "f16" else LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(GGML_QUANT_VERSION)


def _add_vocabulary(writer: "GGUFWriter", vocabulary: Vocabulary, folder: Path) -> None:
    from transformers import AutoTokenizer

    writer.add_tokenizer_model(vocabulary.model)
    writer.add_tokenizer_pre(vocabulary.pre)
    writer.add_token_list(list(vocabulary.tokens))
    writer.add_token_types(list(vocabulary.types))
    if vocabulary.scores is not None:
        writer.add_token_scores(list(vocabulary.scores))
        writer.add_add_space_prefix(vocabulary.add_space_prefix)
    if vocabulary.merges is not None:
        writer.add_token_merges(list(vocabulary.merges))
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    for kind in ("bos", "eos", "unk", "pad"):
        if (number := getattr(tokenizer, f"{kind}_token_id")) is not None:
            getattr(writer, f"add_{kind}_token_id")(number)
    # What the tokenizer does, whatever its files say about it.
    ids = tokenizer.encode("heart")
    writer.add_add_bos_token(tokenizer.bos_token_id is not None and ids[0] == tokenizer.bos_token_id)
    writer.add_add_eos_token(tokenizer.eos_token_id is not None and ids[-1] == tokenizer.eos_token_id)
    if tokenizer.chat_template:
        writer.add_chat_template(tokenizer.chat_template)


def _refused(model: str, problem: str) -> NotExportable:
    return NotExportable(
        what=f"{short_name(model)} as GGUF",
        problem=problem,
        remedy="`curbside export merged` writes a folder that transformers, TGI and vLLM read",
    )
