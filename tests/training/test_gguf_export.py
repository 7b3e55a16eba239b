"""GGUF files of small models with random weights: read back, loaded by transformers' own reader, and by llama.cpp where it is."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import InputError
from assistant.generation.starter import NAME as STARTER
from tests.assistant.generation.tiny_model import make_tiny_adapter, make_tiny_model
from tests.training.test_gguf_vocabulary import sentencepiece
from training.export_model import NotExportable, export_merged
from training.gguf_export import check_exportable, convert, export_gguf
from training.gguf_tensors import rope_factors

pytest.importorskip("gguf", reason="the package gguf (extra `gguf`) is not installed")

TEXT = "The heart is enlarged and the lungs are clear. Sodium was 131 mmol/L."


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models") / "invented-base")


def quietly(_what: str, _done: int, _total: int) -> None: ...


def make(folder: Path, kind: str, *, tokenizer: Any, **config: Any) -> Path:
    """A model of a family, with random weights (norms and biases too) and its tokenizer."""
    import torch
    import transformers

    torch.manual_seed(1)
    common = {
        "vocab_size": len(tokenizer), "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 256, "initializer_range": 0.2,
        "bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": None,
        "tie_word_embeddings": False,
    }  # fmt: skip
    model = getattr(transformers, f"{kind}ForCausalLM")(getattr(transformers, f"{kind}Config")(**common | config))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 1:
                parameter.add_(0.3 * torch.randn_like(parameter) if "norm" in name else torch.randn_like(parameter))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(str(folder))
    return folder


def byte_level() -> Any:
    from transformers import Qwen2Tokenizer

    alphabet = {letter: number for number, letter in enumerate(sorted(_byte_letters()), start=1)}
    merges = [("Ġ", "t"), ("h", "e"), ("Ġt", "he")]
    words = {"<|endoftext|>": 0} | alphabet | {"".join(pair): 257 + place for place, pair in enumerate(merges)}
    return Qwen2Tokenizer(vocab=words, merges=merges)


def _byte_letters() -> list[str]:
    from tokenizers import pre_tokenizers

    return pre_tokenizers.ByteLevel.alphabet()


def logits(folder: Path, file: Path | None = None) -> tuple[list[int], Any]:
    """The ids of a text and (tokens, vocabulary) float32; of the GGUF file by transformers' reader of such files."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where: dict[str, Any] = {"gguf_file": file.name} if file else {}
    folder = file.parent if file else folder
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **where).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder, **where)
    ids = tokenizer.encode(TEXT)
    with torch.no_grad():
        return ids, model(input_ids=torch.tensor([ids])).logits[0]


MODELS = [
    pytest.param(lambda f: make(f, "Llama", tokenizer=sentencepiece()), "llama", id="Llama 2"),
    pytest.param(lambda f: make(f, "Mistral", tokenizer=sentencepiece(), sliding_window=64), "llama", id="Mistral 7B"),
    pytest.param(lambda f: make(f, "Qwen2", tokenizer=byte_level()), "qwen2", id="Qwen 2, with biases"),
    pytest.param(lambda f: make(f, "Qwen3", tokenizer=byte_level(), head_dim=128), "qwen3", id="Qwen 3, with wide heads"),
    pytest.param(
        lambda f: make(f, "Qwen2", tokenizer=byte_level(), tie_word_embeddings=True), "qwen2", id="one matrix for words in and out"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("write", "architecture"), MODELS)
@pytest.mark.parametrize(("weight_type", "tolerance"), [("f16", 5e-3), ("q8_0", 0.1)])
def test_transformers_reads_the_same_model_from_the_file(
    write: Callable[[Path], Path], architecture: str, weight_type: Any, tolerance: float, tmp_path: Path
) -> None:
    folder = write(tmp_path / "model")
    made = convert(folder, tmp_path / "m.gguf", name="invented", weight_type=weight_type, on_progress=quietly)
    ids, wanted = logits(folder)
    found_ids, found = logits(folder, tmp_path / "m.gguf")
    assert found_ids == ids
    assert (found - wanted).abs().max() < tolerance * wanted.abs().max()
    assert made.architecture == architecture


def test_an_adapter_is_in_the_file(base: Path, tmp_path: Path) -> None:
    adapter = make_tiny_adapter(tmp_path / "2026-11-21-r7", base, seed=3)
    made = export_gguf(
        base_model=str(base), adapter=adapter, file=tmp_path / "m.gguf", weight_type="f16", on_progress=quietly
    )
    merged = export_merged(base_model=str(base), adapter=adapter, folder=tmp_path / "merged").folder
    (ids, wanted), (_, plain), (found_ids, found) = logits(merged), logits(base), logits(base, made.file)
    assert found_ids == ids
    assert (found - wanted).abs().max() < 5e-3 * wanted.abs().max()
    assert (plain - wanted).abs().max() > 0.05 * wanted.abs().max()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2026-11-21-r7", "m.gguf", "merged"]


def test_the_file_says_what_the_model_is(base: Path, tmp_path: Path) -> None:
    from gguf import GGUFReader
    from transformers import AutoTokenizer

    convert(base, tmp_path / "m.gguf", name="invented", weight_type="f16", on_progress=quietly)
    reader = GGUFReader(tmp_path / "m.gguf")
    said = {name: field.contents() for name, field in reader.fields.items()}
    assert said["general.architecture"] == "llama"
    assert (said["llama.context_length"], said["llama.attention.head_count_kv"]) == (1024, 2)
    assert (said["llama.rope.dimension_count"], said["llama.rope.freq_base"]) == (12, 10000.0)
    assert said["tokenizer.ggml.pre"] == "gpt-2"
    assert said["tokenizer.chat_template"] == AutoTokenizer.from_pretrained(base).chat_template
    assert (said["tokenizer.ggml.bos_token_id"], said["tokenizer.ggml.eos_token_id"]) == (0, 1)
    types = {tensor.name: tensor.tensor_type.name for tensor in reader.tensors}
    assert (types["blk.1.attn_q.weight"], types["blk.1.attn_norm.weight"]) == ("F16", "F32")
    assert len(types) == 2 * 9 + 3


def test_llama_3_1_scales_its_frequencies_as_transformers_does(tmp_path: Path) -> None:
    import numpy as np
    from gguf import GGUFReader

    rope = {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64,
    }
    folder = make(tmp_path / "model", "Llama", tokenizer=sentencepiece(), rope_parameters=rope | {"rope_theta": 100.0})
    convert(folder, tmp_path / "m.gguf", name="invented", weight_type="f16", on_progress=quietly)
    factors = next(t.data for t in GGUFReader(tmp_path / "m.gguf").tensors if t.name == "rope_freqs.weight")
    assert np.array_equal(factors, rope_factors(check_exportable(str(folder))))
    # By hand, after Llama 3.1's report: wavelengths under 16 stay, over 64 grow by 8, between them is a slope.
    waves = 2 * np.pi * 100.0 ** (np.arange(0, 16, 2) / 16)
    slope = (64 / waves - 1) / 3
    by_hand = np.where(waves < 16, 1, np.where(waves > 64, 8, 1 / ((1 - slope) / 8 + slope)))
    assert np.allclose(factors, by_hand, rtol=1e-5)


@pytest.mark.parametrize(
    ("write", "said"),
    [
        pytest.param(lambda _: STARTER, "BertGeneration", id="the starter"),
        pytest.param(lambda f: make(f, "Gemma", tokenizer=sentencepiece(), head_dim=16), "GemmaForCausalLM is not among", id="Gemma"),
        pytest.param(
            lambda f: make(f, "Llama", tokenizer=byte_level(), rope_parameters={"rope_type": "yarn", "factor": 4.0, "rope_theta": 1e4}),
            "scaled by 'yarn'", id="positions that are scaled otherwise",
        ),
        pytest.param(lambda f: make(f, "Llama", tokenizer=byte_level(), hidden_act="gelu"), "activation is gelu", id="another activation"),
        pytest.param(
            lambda f: make(f, "Qwen2", tokenizer=byte_level(), use_sliding_window=True, sliding_window=8), "attention slides", id="sliding attention"
        ),
    ],
)  # fmt: skip
def test_what_llama_cpp_would_compute_otherwise_is_refused(
    write: Callable[[Path], Path], said: str, tmp_path: Path
) -> None:
    with pytest.raises(NotExportable, match=said):
        export_gguf(
            base_model=str(write(tmp_path / "model")),
            adapter=tmp_path / "never-read",
            file=tmp_path / "m.gguf",
            weight_type="f16",
            on_progress=quietly,
        )
    assert not list(tmp_path.glob("*.gguf"))


def test_a_file_that_exists_is_left_alone(base: Path, tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_text("mine")
    with pytest.raises(InputError, match="exists"):
        export_gguf(
            base_model=str(base), adapter=tmp_path, file=tmp_path / "m.gguf", weight_type="f16", on_progress=quietly
        )
    assert (tmp_path / "m.gguf").read_text() == "mine"


ROPE_OF_LLAMA_3_1 = {
    "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64, "rope_theta": 100.0,
}  # fmt: skip


@pytest.mark.parametrize(
    "write",
    [
        *(pytest.param(model.values[0], id=model.id) for model in MODELS),
        pytest.param(
            lambda f: make(f, "Llama", tokenizer=sentencepiece(), rope_parameters=ROPE_OF_LLAMA_3_1), id="Llama 3.1's frequencies"
        ),
    ],
)  # fmt: skip
def test_llama_cpp_loads_the_file_and_says_the_same(write: Callable[[Path], Path], tmp_path: Path) -> None:
    folder = write(tmp_path / "model")
    convert(folder, tmp_path / "m.gguf", name="invented", weight_type="f16", on_progress=quietly)
    ids, wanted = logits(folder)
    cli = shutil.which("llama-cli")
    try:
        import llama_cpp  # type: ignore[import-not-found]
    except ImportError:
        if cli is None:
            pytest.skip("neither `llama-cli` nor the package llama_cpp is installed")
        command = [cli, "-m", str(tmp_path / "m.gguf"), "-p", "heart", "-n", "4", "--temp", "0", "-no-cnv"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return
    import numpy as np

    model = llama_cpp.Llama(str(tmp_path / "m.gguf"), logits_all=True, verbose=False)
    assert model.tokenize(TEXT.encode(), add_bos=False) == ids
    model.eval(ids)
    assert np.abs(model.scores[: len(ids)] - wanted.numpy()).max() < 2e-2 * wanted.abs().max().item()
