"""What the planner says can be trained is trained: small random models of the families that are not like Llama."""

from pathlib import Path
from typing import Any

import pytest

from tests.training.test_planner_models import FAMILIES
from tests.training.tiny import lines_of, make_job, quick
from training.fit import fit
from training.job import PROGRESS_FILE, ExampleFiles
from training.progress import ProgressFile

pytestmark = pytest.mark.slow

UNLIKE_LLAMA = ["norms of heads, and experts", "fused matrices", "four norms a layer", "eyes", "learned positions"]


def make_base(family: str, folder: Path, *, tokenizer: Path) -> Path:
    """A model of a family's shape over the words of another model's tokenizer."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    words: Any = AutoTokenizer.from_pretrained(tokenizer)
    fields = dict(dict(FAMILIES)[family])
    ours = {
        "vocab_size": len(words) + 8, "max_position_embeddings": 512, "num_hidden_layers": 2,
        "pad_token_id": words.pad_token_id, "eos_token_id": words.eos_token_id,
    }  # fmt: skip
    if "text_config" in fields:
        fields["text_config"] = fields["text_config"] | ours
        fields |= {f"{kind}_token_index": len(words) + place for place, kind in enumerate(("image", "boi", "eoi"))}
    else:
        fields |= ours
    torch.manual_seed(0)
    model: Any = AutoModelForCausalLM.from_config(AutoConfig.for_model(fields.pop("model_type"), **fields))
    model.save_pretrained(folder)
    words.save_pretrained(str(folder))
    return folder


@pytest.mark.parametrize("family", UNLIKE_LLAMA)
def test_a_family_learns_from_demonstrations_and_preferences(
    family: str, tiny_decoder: Path, feedback_files: dict[str, ExampleFiles], tmp_path: Path
) -> None:
    base = make_base(family, tmp_path / "base", tokenizer=tiny_decoder)
    job = make_job(base, feedback_files, tmp_path / "out", candidates=(("sft", "dpo"),), settings=quick(epochs=1))
    fit(job, ProgressFile(job.out / PROGRESS_FILE))
    assert (job.out / "adapters" / "sft+dpo" / "adapter_model.safetensors").is_file()
    assert {line["stage"] for line in lines_of(job.out, "metrics")} == {"sft/sft", "sft+dpo/dpo"}
