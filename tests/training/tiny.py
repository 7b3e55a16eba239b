"""A decoder of the starter's kind with random weights (2 layers, 64 dimensions), and invented feedback to train it with."""

import json
from pathlib import Path
from typing import Any

from training.job import ExampleFiles, Job
from training.settings import TrainingSettings

_TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
_FINDINGS = (
    "enlarged heart",
    "clear lungs",
    "small effusion on the left",
    "sodium 131 mmol/L",
    "no fracture",
    "mild oedema",
)


def make_tiny_decoder(folder: Path, *, seed: int = 0, vocabulary: int = 400) -> Path:
    """Write a random `BertGenerationDecoder` and a byte-level tokenizer that adds nothing around a text."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import BertGenerationDecoder, PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    special = ["<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator([_report(number) for number in range(6)], trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="<|end|>", pad_token="<|pad|>")
    tokenizer.chat_template = _TEMPLATE
    torch.manual_seed(seed)
    model = BertGenerationDecoder(decoder_config(len(tokenizer)))
    with torch.no_grad():
        model.lm_head.bias.normal_()  # as a trained one: a fused head that forgot it is noticed
    model.save_pretrained(folder)
    tokenizer.save_pretrained(str(folder))
    return folder


def decoder_config(vocabulary: int) -> Any:
    from transformers import BertGenerationConfig

    return BertGenerationConfig(
        vocab_size=vocabulary,
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=128,
        max_position_embeddings=512,
        hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.1,
        is_decoder=True,
        tie_word_embeddings=True,
        initializer_range=0.2,
        bos_token_id=None,
        eos_token_id=1,
        pad_token_id=0,
    )


def _report(number: int) -> str:
    return f"FINDINGS: {', '.join(_FINDINGS[: 1 + number % 6])}. " * (1 + number % 3)


def _prompt(number: int) -> list[dict[str, str]]:
    return [
        {"role": "system", "content": "Answer from the report."},
        {"role": "user", "content": f"{_report(number)}\nWhat is found in case {number}?"},
    ]


def _said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def demonstrations(count: int) -> list[dict[str, Any]]:
    return [
        {"prompt": _prompt(n), "completion": _said(f"There is {_FINDINGS[n % 6]}."), "source": "edit"}
        for n in range(count)
    ]


def preferences(count: int) -> list[dict[str, Any]]:
    return [
        {
            "prompt": _prompt(n),
            "chosen": _said(f"There is {_FINDINGS[n % 6]}."),
            "rejected": _said(f"The report says a lot, among it {_FINDINGS[(n + 1) % 6]}."),
            "patient": "p1",
        }
        for n in range(count)
    ]


def thumbs(count: int) -> list[dict[str, Any]]:
    return [
        {"prompt": _prompt(n), "completion": _said(f"There is {_FINDINGS[n % 6]}."), "label": n % 3 != 0}
        for n in range(count)
    ]


def write_lines(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def write_feedback(folder: Path, *, count: int = 8, validation: int = 3) -> dict[str, ExampleFiles]:
    folder.mkdir(parents=True, exist_ok=True)
    kinds = {"demonstrations": demonstrations, "preferences": preferences, "thumbs": thumbs}
    return {
        kind: ExampleFiles(
            train=write_lines(folder / f"{kind}.jsonl", make(count + validation)[:count]),
            validation=write_lines(folder / f"{kind}-validation.jsonl", make(count + validation)[count:]),
        )
        for kind, make in kinds.items()
    }


def quick(**changes: Any) -> TrainingSettings:
    """Few, large steps."""
    return TrainingSettings(**{"learning_rate": 1e-2, "epochs": 2, "batch_size": 4, "lora_rank": 4, **changes})


def make_job(base: Path, data: dict[str, ExampleFiles], out: Path, **changes: Any) -> Job:
    return Job(**{"base_model": str(base), "data": data, "out": out, "settings": quick(), "seed": 3, **changes})


def lines_of(out: Path, kind: str | None = None) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (out / "progress.jsonl").read_text().splitlines()]
    return [line for line in lines if kind is None or line["kind"] == kind]
