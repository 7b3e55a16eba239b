"""Text to vectors: the meaning side of the ranking."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

DEFAULT_MODEL = "all-MiniLM-L6-v2"


class Embedder:
    """Embeds texts with one sentence-transformers model. Loads it on first use; safe to call from many threads."""

    def __init__(self, model: str = DEFAULT_MODEL) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """The model as the settings name it; recorded with the index."""
        return self._model

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        """Return vectors of unit length: (len(texts), dimensions) float32."""
        raise NotImplementedError
