"""The tagger learns, is saved, and says in ONNX Runtime what it said in torch. All text is invented."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from assistant.deid.lexicon import english
from assistant.deid.tagger.labels import LABELS, findings
from assistant.deid.tagger.tagger import Tagger
from training.invented.cast import Cast
from training.invented.markup import Tagged
from training.tagger.model import LowRank, TaggerModel, average
from training.tagger.train import train

STEPS = 30


def texts(seed: int) -> Iterator[Tagged]:
    rng = random.Random(seed)
    while True:
        yield Cast(rng, case="written").fill("{patient.full} came on {date.iso} with fever and was given {drug}.")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[TaggerModel, Path]:
    path = tmp_path_factory.mktemp("tagger") / "adapter.safetensors"
    model = train(texts(1), out=path, steps=STEPS, pieces=512, rank=8, rate=3e-3, seed=1)
    return model, path


def test_it_finds_what_it_was_taught_in_text_it_never_saw(trained: tuple[TaggerModel, Path]) -> None:
    tagger = Tagger(trained[1], english())
    wanted = covered = 0
    stream = texts(99)
    for _ in range(30):
        marked = next(stream)
        found = findings(*tagger.read(marked.text), least=0.5)
        for start, end, _ in marked.spans:
            wanted += 1
            covered += any(one.start <= start and end <= one.end for one in found)
    assert covered / wanted > 0.8


def test_going_on_from_an_adapter_begins_where_it_ended(trained: tuple[TaggerModel, Path]) -> None:
    model, path = trained
    again = TaggerModel(rank=8)
    again.load(path)
    for name, saved in model.adapter().items():
        assert torch.allclose(saved.float(), again.adapter()[name].float(), atol=2e-3), name


def test_an_adapter_for_other_labels_is_refused(trained: tuple[TaggerModel, Path], tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    parts = load_file(trained[1])
    parts["head.weight"] = parts["head.weight"][:-2].contiguous()
    save_file(parts, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match=f"knows {len(LABELS) - 2} labels"):
        Tagger(tmp_path / "other.safetensors", english())


def test_nothing_changes_before_anything_is_learned() -> None:
    change = LowRank(4, 6, rank=2)
    weight = torch.randn(4, 6)
    assert torch.equal(change(weight), weight)


def test_the_mean_of_an_adapter_and_itself_is_itself(trained: tuple[TaggerModel, Path], tmp_path: Path) -> None:
    average(trained[1], trained[1], out=tmp_path / "mean.safetensors")
    assert (tmp_path / "mean.safetensors").read_bytes() == trained[1].read_bytes()
