"""Runs the tagger: MiniLM's layers with our adapter merged in, int8, in ONNX Runtime. No torch, no hub."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.deid.lexicon import Lexicon
from assistant.deid.tagger.labels import LABELS
from assistant.deid.tagger.tokens import Tokens, split
from assistant.deid.tagger.windows import Window, judged_in, windows
from assistant.encoder.minilm import Encoder, default_folder, load_weights

if TYPE_CHECKING:
    import numpy as np

_LONGEST_INPUT = 256


def shipped(language: str) -> Path:
    """Where the adapter of a language lies in the installation."""
    return Path(str(resources.files("assistant.deid.tagger").joinpath("weights", f"{language}.safetensors")))


class Tagger:
    """Chances that a token is an identifier. Safe to call from several threads."""

    def __init__(self, adapter: Path, lexicon: Lexicon) -> None:
        """`adapter`: as `training.tagger` writes it.

        Raises:
            OSError: the adapter or the encoder cannot be read.
            ValueError: the adapter was made for other labels.
        """
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        parts = load_file(adapter)
        if parts["head.weight"].shape[0] != len(LABELS):
            raise ValueError(
                f"{adapter.name} knows {parts['head.weight'].shape[0]} labels, Curbside {len(LABELS)}; train it again"
            )
        folder = default_folder()
        weights = dict(load_weights(folder / "model.safetensors"))
        self._encoder = Encoder(merge(weights, parts), longest=_LONGEST_INPUT)
        self._shapes, self._gaps, self._kinds = (_full(parts[f"{name}.weight"]) for name in ("shapes", "gaps", "kinds"))
        self._head, self._bias = _full(parts["head.weight"]).T, _full(parts["head.bias"])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._begin, self._end = self._tokenizer.encode("").ids
        self._lexicon = lexicon
        self._pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="tagger")

    def read(self, text: str) -> tuple[Tokens, "np.ndarray"]:
        """The tokens of `text` and each one's chances, (tokens, labels) float32."""
        import numpy as np

        tokens = split(text, self._lexicon)
        chances = np.zeros((len(tokens), len(LABELS)), np.float32)
        parts = list(windows(word_pieces(self._tokenizer, tokens.texts), begin=self._begin, end=self._end))
        # A window fills one core: several are read side by side.
        judged = (
            map(self._judge, repeat(tokens), parts)
            if len(parts) < 2
            else self._pool.map(self._judge, repeat(tokens), parts)
        )
        for part, (start, stop), seen in zip(parts, judged_in(parts), judged, strict=True):
            chances[start:stop] = seen[start - part.tokens.start : stop - part.tokens.start]
        return tokens, chances

    def _judge(self, tokens: Tokens, part: Window) -> "np.ndarray":
        import numpy as np

        inputs = self._encoder.look_up(part.pieces)
        owners = part.owners[1:-1]
        inputs[1:-1] += (
            self._shapes[[tokens.shapes[owner] for owner in owners]]
            + self._gaps[[tokens.gaps[owner] for owner in owners]]
            + self._kinds[[tokens.kinds[owner] for owner in owners]]
        )
        hidden = self._encoder.run(inputs)[part.firsts]
        # Not `@`: BLAS would start threads of its own in each of ours, and take twice as long for the whole text.
        scores = np.einsum("td,dl->tl", hidden, self._head) + self._bias
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return scores / scores.sum(axis=1, keepdims=True)


def word_pieces(tokenizer: object, words: Sequence[str]) -> list[list[int]]:
    """Each word's piece ids; a word that the tokenizer drops (a lone accent) becomes one unknown piece."""
    if not words:
        return []
    encoding = tokenizer.encode(list(words), is_pretokenized=True, add_special_tokens=False)  # type: ignore[attr-defined]
    pieces: list[list[int]] = [[] for _ in words]
    for id_, owner in zip(encoding.ids, encoding.word_ids, strict=True):
        pieces[owner].append(id_)
    unknown = tokenizer.token_to_id("[UNK]")  # type: ignore[attr-defined]
    return [ids or [unknown] for ids in pieces]


def merge(weights: "dict[str, np.ndarray]", parts: "dict[str, np.ndarray]") -> "dict[str, np.ndarray]":
    """The encoder's weights with the low-rank changes added: `W + up @ down` (the scale is within `up`)."""
    merged = dict(weights)
    for name in parts:
        if name.endswith(".down"):
            layer = name.removesuffix(".down")
            merged[f"{layer}.weight"] = weights[f"{layer}.weight"] + _full(parts[f"{layer}.up"]) @ _full(parts[name])
    return merged


def _full(values: "np.ndarray") -> "np.ndarray":
    import numpy as np

    return values.astype(np.float32)
