"""A Hugging Face tokenizer as llama.cpp wants it: byte-level BPE (Llama 3, Qwen, Mistral's tekken) or sentencepiece's BPE (Llama 2,
Mistral 7B). llama.cpp cuts text by rules of its own that a file can only name, so a tokenizer whose rules it does not know is
refused: its tokens would be other ones, and the model would read nonsense without a word.

Source:
    llama.cpp's src/llama-vocab.cpp and convert_hf_to_gguf.py, from memory and by the table of transformers'
    integrations/gguf/gguf_tokenizer_mapping.py (5.23).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.export_model import NotExportable

_NORMAL, _UNKNOWN, _CONTROL, _USER_DEFINED, _UNUSED, _BYTE = 1, 2, 3, 4, 5, 6
"""Of `tokenizer.ggml.token_type`."""
_SPACE = "▁"
_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_TEKKEN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_CUTS = {(_WORDS % "{1,3}", True): "llama-bpe", (_WORDS % "", False): "qwen2", (_TEKKEN, True): "tekken"}
"""How text is cut, and whether a word that is a token is never built from merges → llama.cpp's name of both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    model: str
    """`gpt2` (byte-level BPE) or `llama` (sentencepiece)."""
    pre: str
    tokens: tuple[str, ...]
    types: tuple[int, ...]
    scores: tuple[float, ...] | None = None
    """Of sentencepiece's: the higher, the earlier a piece is put together."""
    merges: tuple[str, ...] | None = None
    add_space_prefix: bool = False
    note: str = ""
    """Where llama.cpp will cut otherwise all the same."""


def read_vocabulary(folder: Path, *, size: int) -> Vocabulary:
    """Of the `tokenizer.json` in a model's folder.

    Args:
        size: Rows of the model's embeddings; what no token has is filled up.

    Raises:
        NotExportable
    """
    try:
        tokenizer = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise _refused("it has no readable tokenizer.json") from error
    model = tokenizer["model"]
    if model["type"] != "BPE":
        raise _refused(f"its kind is {model['type']}, not BPE")
    if len(model["vocab"]) + sum(t["content"] not in model["vocab"] for t in tokenizer["added_tokens"]) > size:
        raise _refused("it has more tokens than the model has embeddings")
    return _sentencepiece(tokenizer, size) if model.get("byte_fallback") else _byte_level(tokenizer, size)


def _byte_level(tokenizer: Mapping[str, Any], size: int) -> Vocabulary:
    model = tokenizer["model"]
    if (tokenizer.get("decoder") or {}).get("type") != "ByteLevel":
        raise _refused("it is neither a byte-level BPE nor sentencepiece's")
    if (tokenizer.get("normalizer") or {"type": "NFC"})["type"] != "NFC":
        raise _refused(f"it rewrites text first ({tokenizer['normalizer']['type']})")
    pre = _named_cut(tokenizer.get("pre_tokenizer") or {}, ignore_merges=bool(model.get("ignore_merges")))
    tokens, types = _tokens(tokenizer, size)
    merges = tuple(merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"])
    return Vocabulary(model="gpt2", pre=pre, tokens=tokens, types=types, merges=merges)


def _named_cut(cut: Mapping[str, Any], *, ignore_merges: bool) -> str:
    """llama.cpp's name of a pre-tokenizer."""
    steps = cut.get("pretokenizers", [cut])
    last = steps[-1]
    if last.get("type") == "ByteLevel" and not last.get("add_prefix_space"):
        if len(steps) == 1 and last.get("use_regex", True) and not ignore_merges:
            return "gpt-2"
        if len(steps) == 2 and not last.get("use_regex", True) and steps[0].get("type") == "Split":
            split = steps[0]
            pattern = split.get("pattern", {}).get("Regex")
            known = _CUTS.get((pattern, ignore_merges))
            if known and split.get("behavior") in ("Isolated", "isolated") and not split.get("invert"):
                return known
    raise _refused("it cuts text in a way that llama.cpp has no name for")


def _sentencepiece(tokenizer: Mapping[str, Any], size: int) -> Vocabulary:
    prefix, everywhere = _space_prefix(tokenizer)
    model = tokenizer["model"]
    tokens, types = _tokens(tokenizer, size)
    # A piece is put together as early as the first merge that makes it; what no merge makes is never put together.
    ranks: dict[str, int] = {}
    for rank, merge in enumerate(model["merges"]):
        ranks.setdefault("".join(merge.split(" ") if isinstance(merge, str) else merge), rank)
    last = len(model["merges"])
    scores = tuple(
        0.0 if kind != _NORMAL else -float(ranks.get(token, last)) for token, kind in zip(tokens, types, strict=True)
    )
    if sum(kind == _BYTE for kind in types) != 256:
        raise _refused("it lacks tokens for single bytes")
    note = (
        "after a special token llama.cpp puts a space where transformers puts none" if prefix and not everywhere else ""
    )
    return Vocabulary(
        model="llama", pre="default", tokens=tokens, types=types, scores=scores, add_space_prefix=prefix, note=note
    )


def _space_prefix(tokenizer: Mapping[str, Any]) -> tuple[bool, bool]:
    """Whether a space goes before a text; and whether also after each special token, as in llama.cpp."""
    normalizer, cut = tokenizer.get("normalizer"), tokenizer.get("pre_tokenizer")
    if normalizer is None and cut is not None and cut["type"] == "Metaspace" and not cut.get("split"):
        scheme = cut.get("prepend_scheme", "always")
        return scheme != "never", scheme == "always"
    if cut is None and normalizer is not None:
        steps = normalizer.get("normalizers", [normalizer])
        kinds = [step["type"] for step in steps]
        spaces = steps[-1].get("pattern") == {"String": " "} and steps[-1].get("content") == _SPACE
        if spaces and kinds in (["Prepend", "Replace"], ["Replace"]):
            return len(kinds) == 2, True
    raise _refused("it treats spaces in a way that llama.cpp has no name for")


def _tokens(tokenizer: Mapping[str, Any], size: int) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """By id: each token and what kind it is."""
    by_id = {number: token for token, number in tokenizer["model"]["vocab"].items()}
    kinds: dict[int, int] = {}
    for added in tokenizer["added_tokens"]:
        by_id[added["id"]] = added["content"]
        kinds[added["id"]] = _CONTROL if added["special"] else _USER_DEFINED
    unknown = tokenizer["model"].get("unk_token")
    byte_pieces = {f"<0x{number:02X}>" for number in range(256)} if tokenizer["model"].get("byte_fallback") else set()
    tokens, types = [], []
    for number in range(size):
        token = by_id.get(number)
        if token is None:
            tokens.append(f"[PAD{number}]")
            types.append(_UNUSED)
            continue
        tokens.append(token)
        kind = _BYTE if token in byte_pieces else kinds.get(number, _NORMAL)
        types.append(_UNKNOWN if byte_pieces and token == unknown else kind)
    return tuple(tokens), tuple(types)


def _refused(problem: str) -> NotExportable:
    return NotExportable(
        what="the tokenizer as GGUF",
        problem=problem,
        remedy="`curbside export merged` writes a folder that transformers, TGI and vLLM read",
    )
