"""Tokenizers as differ most in how they cut a line break, learnt from a few invented words."""

from pathlib import Path
from typing import Any

_TEXT = (
    "The heart is enlarged and the lungs are clear. There is no pleural effusion on the left or the right side.\n"
    "Sodium was 131 mmol/L and the temperature 37.9 °C. The patient takes aspirin 81 mg daily.\nNot stated in this report.\n"
)
_MERGES_LINE_BREAKS = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
"""As Llama 3 and Qwen cut: `.⏎` is one piece."""


def byte_level_bpe() -> Any:
    """As GPT-2: a line break is a token of its own."""
    from tokenizers import decoders, models, pre_tokenizers

    return _trained(models.BPE(), pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel())


def merging_bpe() -> Any:
    """As Llama 3 and Qwen: a line break may be one token with the full stop before it."""
    from tokenizers import Regex, decoders, models, pre_tokenizers

    cut = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_MERGES_LINE_BREAKS), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return _trained(models.BPE(), cut, decoders.ByteLevel())


def unbounded_bpe() -> Any:
    """Cuts nowhere beforehand: a token may reach over words, and over a line break from one sentence to the next."""
    from tokenizers import decoders, models, pre_tokenizers

    return _trained(
        models.BPE(), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False), decoders.ByteLevel()
    )


def spaced_bpe() -> Any:
    """As Llama 2 and Mistral: a mark for a space goes before whatever a text begins with."""
    from tokenizers import decoders, models, pre_tokenizers

    cut = pre_tokenizers.Sequence(
        [pre_tokenizers.Split("\n", "isolated"), pre_tokenizers.Metaspace(prepend_scheme="first")]
    )
    return _trained(models.BPE(unk_token="<unk>"), cut, decoders.Metaspace(prepend_scheme="first"))


def word_pieces() -> Any:
    """As BERT: lower case, unknown letters become one token, a line break is nothing at all."""
    return _word_pieces(())


def word_pieces_with_lines() -> Any:
    """As the starter: lower case, and a line break is a token."""
    from tokenizers import AddedToken

    return _word_pieces((AddedToken("\n", normalized=False),))


TOKENIZERS = (byte_level_bpe, merging_bpe, unbounded_bpe, spaced_bpe, word_pieces, word_pieces_with_lines)


def make_tiny_decoder(folder: Path, tokenizer: Any, *, seed: int) -> Path:
    """Write a `BertGenerationDecoder` with random weights and `tokenizer` into `folder`."""
    import torch
    from transformers import BertGenerationConfig, BertGenerationDecoder

    torch.manual_seed(seed)
    config = BertGenerationConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=1024,
        is_decoder=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.5,
    )
    BertGenerationDecoder(config).save_pretrained(folder)
    tokenizer.save_pretrained(str(folder))
    return folder


def _trained(model: Any, cut: Any, decoder: Any) -> Any:
    from tokenizers import Tokenizer, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(model)
    raw.pre_tokenizer, raw.decoder = cut, decoder
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=["<s>", "</s>", "<unk>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator([_TEXT] * 4, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=raw, bos_token="<s>", eos_token="</s>", pad_token="</s>")


def _word_pieces(added: tuple[Any, ...]) -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    normalizer, cut = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    # Not by its trainer: that one learns something else each time, and random models with it say something else.
    words = sorted({word for word, _ in cut.pre_tokenize_str(normalizer.normalize_str(_TEXT))})
    letters = sorted({letter for word in words for letter in word})
    pieces = dict.fromkeys(["[PAD]", "[UNK]", "[END]", *letters, *(f"##{letter}" for letter in letters), *words])
    raw = Tokenizer(models.WordPiece({piece: number for number, piece in enumerate(pieces)}, unk_token="[UNK]"))
    raw.normalizer, raw.pre_tokenizer = normalizer, cut
    raw.add_tokens(list(added))
    return PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token="[END]", pad_token="[PAD]", unk_token="[UNK]", bos_token=None
    )
