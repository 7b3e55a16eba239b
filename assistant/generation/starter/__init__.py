"""The model that ships with Curbside: reads one report and quotes from it. `MODEL_CARD.md` says what it can and cannot.

The files beside this module hold all weights but the word vectors (half of the whole), which are MiniLM's own and come
from the package that Curbside depends on anyway. `training.starter` makes them.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.encoder.minilm import default_folder, load_weights
from assistant.errors import ModelNotFound

if TYPE_CHECKING:
    import torch

NAME = "starter"
FOLDER = Path(__file__).parent
POSITIONS = 1_024
"""The longest prompt and answer together, in word pieces."""
PAD_ID, SYSTEM_ID, USER_ID, ASSISTANT_ID, END_ID, LINE_ID = range(6)
SPECIAL = {
    SYSTEM_ID: "<|system|>",
    USER_ID: "<|user|>",
    ASSISTANT_ID: "<|assistant|>",
    END_ID: "<|end|>",
    LINE_ID: "\n",
}
"""What stands in the place of BERT's unused words 0 to 4. `prompts.fencing` takes `<|` out of reports and questions."""
_BORROWED = {SYSTEM_ID: "rules", USER_ID: "question", ASSISTANT_ID: "answer", END_ID: "[MASK]", LINE_ID: "[SEP]"}
"""Unused words have vectors that mean nothing: theirs are those of words that are near in meaning, or that mark a place."""
_WRITTEN_LENGTH = 1.5
"""Of the vectors of `END_ID` and `LINE_ID`, beside 1.1 of a common word. The head is tied to them: [MASK]'s own length is .25, and
no answer could ever be sure of its end; and what is written must be likelier than the word it was borrowed from."""
_WORDS = "embeddings.word_embeddings.weight"


def load_starter(folder: Path = FOLDER, *, dtype: "torch.dtype | None" = None) -> tuple[Any, Any]:
    """`(model, tokenizer)` on the processor, ready to answer; the model in `dtype`, float32 if none is given.

    The model is transformers' `BertGenerationDecoder`: a plain linear head, tied to the word vectors. LoRA's targets are
    `query`, `key`, `value` and `dense`.

    Raises:
        ModelNotFound: A file of it is missing or is not what it should be.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file
    from transformers import BertGenerationConfig, BertGenerationDecoder, GenerationConfig, PreTrainedTokenizerFast

    shards = sorted(folder.glob("weights-*.safetensors"))
    if not shards:
        raise ModelNotFound(name=NAME, problem="its weights are missing")
    try:
        tokenizer: Any = PreTrainedTokenizerFast.from_pretrained(str(folder), local_files_only=True)
        model: Any = BertGenerationDecoder(BertGenerationConfig.from_pretrained(str(folder), local_files_only=True))
        state = {name: tensor for shard in shards for name, tensor in load_file(shard).items()}
        state["bert.embeddings.word_embeddings.weight"] = word_vectors()
        state["lm_head.decoder.weight"] = state["bert.embeddings.word_embeddings.weight"]
        state["lm_head.decoder.bias"] = state["lm_head.bias"]
        model.load_state_dict(state, strict=True)
        model.generation_config = GenerationConfig.from_pretrained(str(folder), local_files_only=True)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelNotFound(name=NAME, problem="a file of it is missing or broken") from error
    model.tie_weights()
    model.name_or_path = model.config.name_or_path = NAME
    return model.to(dtype or torch.float32).eval(), tokenizer


def word_vectors(folder: Path | None = None) -> "torch.Tensor":
    """(30522, 384) float32: MiniLM's, with the rows of `SPECIAL` borrowed from words."""
    import torch

    folder = folder or default_folder()
    vectors = torch.tensor(load_weights(folder / "model.safetensors")[_WORDS])
    rows = {word: row for row, word in enumerate((folder / "vocab.txt").read_text(encoding="utf-8").splitlines())}
    originals = vectors.clone()
    for row, word in _BORROWED.items():
        vectors[row] = originals[rows[word]]
    for row in (END_ID, LINE_ID):
        vectors[row] *= _WRITTEN_LENGTH / vectors[row].norm()
    return vectors
