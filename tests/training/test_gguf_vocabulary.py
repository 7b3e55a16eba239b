"""Tokenizers as llama.cpp reads them. It cannot run here, so its way of cutting sentencepiece's words is written down once more."""

import heapq
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.assistant.generation.tiny_tokenizers import merging_bpe, spaced_bpe, unbounded_bpe, word_pieces
from training.export_model import NotExportable
from training.gguf_vocabulary import Vocabulary, read_vocabulary

TEXTS = (
    "The heart is enlarged and the lungs are clear.",
    "Sodium was 131 mmol/L and the temperature 37.9 °C.",
    "Naïve café 体温",
    "two  spaces, a\ttab and\na line",
    " begins with a space",
)


def sentencepiece(scheme: str = "always", *, legacy: bool = False) -> Any:
    """As Llama 2 and Mistral 7B: pieces with a mark for a space, single bytes for what is unknown."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    # Merges are learnt within words, by another tokenizer; what is built of them cuts whole texts, as sentencepiece's do.
    raw = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    raw.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    special = ["<unk>", "<s>", "</s>", *(f"<0x{number:02X}>" for number in range(256))]
    trainer = trainers.BpeTrainer(vocab_size=420, special_tokens=special, show_progress=False)
    raw.train_from_iterator(TEXTS[:2] * 4, trainer)
    learnt = json.loads(raw.to_str())
    learnt["added_tokens"] = [token for token in learnt["added_tokens"] if token["id"] < 3]
    raw = Tokenizer.from_str(json.dumps(learnt))
    if legacy:
        raw.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
        raw.pre_tokenizer = None  # type: ignore[assignment]
    else:
        raw.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=False)
    raw.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    return PreTrainedTokenizerFast(tokenizer_object=raw, bos_token="<s>", eos_token="</s>", unk_token="<unk>")


def cut_as_llama_cpp(vocabulary: Vocabulary, text: str) -> list[int]:
    """llama.cpp's sentencepiece: of all neighbours that make a piece, the one with the highest score first, then from the left."""
    assert vocabulary.scores is not None
    ids = {token: number for number, token in enumerate(vocabulary.tokens)}
    pieces = list(((" " if vocabulary.add_space_prefix else "") + text).replace(" ", "▁"))
    while True:
        pairs = [
            (-vocabulary.scores[ids[one + two]], place)
            for place, (one, two) in enumerate(itertools.pairwise(pieces))
            if one + two in ids
        ]
        if not pairs:
            break
        _, place = heapq.nsmallest(1, pairs)[0]
        pieces[place : place + 2] = ["".join(pieces[place : place + 2])]
    return [
        number
        for piece in pieces
        for number in ([ids[piece]] if piece in ids else [ids[f"<0x{byte:02X}>"] for byte in piece.encode()])
    ]


def saved(tokenizer: Any, folder: Path) -> Path:
    tokenizer.save_pretrained(str(folder))
    return folder


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(sentencepiece, id="a space before every text"),
        pytest.param(lambda: sentencepiece("never"), id="no space before a text"),
        pytest.param(lambda: sentencepiece(legacy=True), id="as Llama 2's own file has it"),
    ],
)
@pytest.mark.parametrize("text", TEXTS, ids=lambda text: f"{len(text)} characters")
def test_sentencepiece_cuts_as_before(make: Callable[[], Any], text: str, tmp_path: Path) -> None:
    tokenizer = make()
    vocabulary = read_vocabulary(saved(tokenizer, tmp_path), size=450)
    if text.startswith(" ") and tokenizer.backend_tokenizer.pre_tokenizer and vocabulary.add_space_prefix:
        text = text.lstrip()  # Metaspace adds no second space; llama.cpp and sentencepiece do
    assert cut_as_llama_cpp(vocabulary, text) == tokenizer.encode(text, add_special_tokens=False)
    assert (vocabulary.model, vocabulary.pre) == ("llama", "default")
    assert vocabulary.types[:3] == (2, 3, 3)
    assert vocabulary.types.count(6) == 256
    assert set(vocabulary.types[len(tokenizer) :]) == {5}


def test_what_llama_cpp_does_otherwise_is_said(tmp_path: Path) -> None:
    vocabulary = read_vocabulary(saved(sentencepiece("first"), tmp_path), size=450)
    assert "puts a space" in vocabulary.note


def qwen2() -> Any:
    from transformers import Qwen2Tokenizer

    return Qwen2Tokenizer(vocab={"<|endoftext|>": 0, "a": 1, "b": 2, "ab": 3}, merges=[("a", "b")])


def test_qwen_keeps_its_merges_and_special_tokens(tmp_path: Path) -> None:
    vocabulary = read_vocabulary(saved(qwen2(), tmp_path), size=6)
    assert (vocabulary.model, vocabulary.pre, vocabulary.merges) == ("gpt2", "qwen2", ("a b",))
    assert dict(zip(vocabulary.tokens, vocabulary.types, strict=True)) == {
        "<|endoftext|>": 3, "a": 1, "b": 1, "ab": 1, "[PAD4]": 5, "[PAD5]": 5
    }  # fmt: skip


def llama3(*, ignore_merges: bool) -> Any:
    from tokenizers import Regex, pre_tokenizers

    tokenizer = merging_bpe()
    raw = tokenizer.backend_tokenizer
    cut = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    raw.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(cut), "isolated"), byte_level])
    raw.model.ignore_merges = ignore_merges
    return tokenizer


def test_llama_3_is_called_by_its_name(tmp_path: Path) -> None:
    assert read_vocabulary(saved(llama3(ignore_merges=True), tmp_path), size=420).pre == "llama-bpe"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(word_pieces, "WordPiece", id="word pieces"),
        pytest.param(merging_bpe, "no name for", id="a way of cutting that llama.cpp does not know"),
        pytest.param(unbounded_bpe, "no name for", id="text that is not cut at all"),
        pytest.param(lambda: llama3(ignore_merges=False), "no name for", id="Llama 3's words put together otherwise"),
        pytest.param(spaced_bpe, "neither", id="a mark for spaces without single bytes"),
    ],
)
def test_an_unknown_tokenizer_is_refused(make: Callable[[], Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(NotExportable, match=said):
        read_vocabulary(saved(make(), tmp_path), size=500)


def test_more_tokens_than_embeddings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotExportable, match="more tokens"):
        read_vocabulary(saved(qwen2(), tmp_path), size=3)
