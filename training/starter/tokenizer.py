"""The starter's tokenizer: BERT's WordPiece that keeps line breaks, marks turns, and adds nothing around a text."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.encoder.minilm import default_folder
from assistant.generation.starter import END_ID, PAD_ID, POSITIONS, SPECIAL

if TYPE_CHECKING:
    from tokenizers import Tokenizer

CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' }}"
    "{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] + '<|end|>' }}{% endgeneration %}"
    "{% else %}{{ message['content'] }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def tokenizer_json(folder: Path | None = None) -> str:
    """`tokenizer.json`, made from MiniLM's in `folder`.

    The line break is an added word, matched before BERT's normalizer takes it for white space. BERT's post-processor
    would put [CLS] and [SEP] around every text, and a prompt that ends in [SEP] has ended before its answer.
    """
    folder = folder or default_folder()
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary: dict[str, int] = tokenizer["model"]["vocab"]
    renamed = {SPECIAL.get(row, word): row for word, row in vocabulary.items()}
    tokenizer["model"]["vocab"] = renamed
    added = [token for token in tokenizer["added_tokens"] if token["id"] not in SPECIAL]
    added += [
        {
            "id": row,
            "content": word,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": word != "\n",
        }
        for row, word in SPECIAL.items()
    ]
    tokenizer["added_tokens"] = sorted(added, key=lambda token: token["id"])
    tokenizer |= {"post_processor": None, "truncation": None, "padding": None}
    return json.dumps(tokenizer, ensure_ascii=False, indent=None)


def build_tokenizer(folder: Path | None = None) -> "Tokenizer":
    from tokenizers import Tokenizer

    return Tokenizer.from_str(tokenizer_json(folder))


def write_tokenizer(out: Path, folder: Path | None = None) -> None:
    """Write the files from which transformers loads it: `tokenizer.json`, `tokenizer_config.json`, `chat_template.jinja`."""
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": POSITIONS,
        "model_input_names": ["input_ids", "attention_mask"],
        "clean_up_tokenization_spaces": False,
        "padding_side": "left",
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "eos_token": SPECIAL[END_ID],
    }
    assert PAD_ID == 0
    (out / "tokenizer.json").write_text(tokenizer_json(folder), encoding="utf-8")
    (out / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    (out / "chat_template.jinja").write_text(CHAT_TEMPLATE, encoding="utf-8")
