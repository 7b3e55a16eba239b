"""Texts → vectors with the encoder that comes with the installation."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.encoder.minilm import DIMENSIONS, Encoder, load_weights

if TYPE_CHECKING:
    import numpy as np

MAX_WORD_PIECES = 256
"""The model's own limit (`sentence_bert_config.json`); what follows is not read."""
_MAX_CHARS = 10_000
"""Cut before tokenising: 256 word pieces of real text never need more, a question of 100,000 characters would."""


class MiniLm:
    """The embedding model. Safe to call from many threads."""

    def __init__(self, folder: Path) -> None:
        """`folder`: the model as sentence-transformers keeps it (`model.safetensors`, `tokenizer.json`).

        Raises:
            OSError: a file is missing or cannot be read.
        """
        from tokenizers import Tokenizer

        self._encoder = Encoder(load_weights(folder / "model.safetensors"), longest=MAX_WORD_PIECES)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_WORD_PIECES)

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        """Return (len(texts), 384) float32 of unit length. Several texts are spread over the cores."""
        import numpy as np

        vectors = np.empty((len(texts), DIMENSIONS), np.float32)
        if len(texts) == 1:
            vectors[0] = self._embed_one(texts[0])
        elif texts:
            with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="embed") as pool:
                for row, vector in enumerate(pool.map(self._embed_one, texts)):
                    vectors[row] = vector
        return vectors

    def _embed_one(self, text: str) -> "np.ndarray":
        import numpy as np

        ids = self._tokenizer.encode(text[:_MAX_CHARS]).ids
        vector = self._encoder.run(self._encoder.look_up(ids)).mean(axis=0)
        return vector / np.linalg.norm(vector)
