"""A few real steps on a few invented notes."""

import random
import re
from pathlib import Path

import pytest

from assistant.generation.starter import ASSISTANT_ID, END_ID, LINE_ID, USER_ID, load_starter
from training.starter.batches import Batch, batches
from training.starter.examples import Examples
from training.starter.notes import read_notes
from training.starter.package import package
from training.starter.tokenizer import build_tokenizer
from training.starter.train import CHECKPOINT, answer_loss, decides, judge, train, weights_of
from training.starter.warm_start import warm_start


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_twenty_steps_lower_the_loss_and_training_goes_on_where_it_stopped(
    data: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import torch

    caplog.set_level("INFO")
    so_long = 1e9  # rate and lengths of reports go with the share of the time used: none of this, on any machine
    train(data, tmp_path, minutes=so_long, pieces=512, most_steps=10)
    model = train(data, tmp_path, minutes=so_long, pieces=512, most_steps=20, resume=True)
    losses = [float(found) for found in re.findall(r"step \d+ .*? loss ([\d.]+)", caplog.text)]
    assert len(losses) == 2
    assert losses[1] < losses[0] - 0.3
    assert "goes on from step 10" in caplog.text

    package(tmp_path / CHECKPOINT, tmp_path / "shipped")
    loaded, _ = load_starter(tmp_path / "shipped")
    for name, tensor in weights_of(model).items():
        assert torch.allclose(loaded.state_dict()[name], tensor, atol=2e-3, rtol=2e-3)


@pytest.mark.parametrize("half", [pytest.param(True, id="in bfloat16"), pytest.param(False, id="without bfloat16")])
def test_the_loss_is_the_models_own(half: bool, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of answers only, and computed as transformers computes it."""
    import torch

    monkeypatch.setattr("training.starter.train.has_bfloat16", lambda: half)
    rng = random.Random(1)
    batch = next(batches(iter(Examples(read_notes(data, held_out=False), rng)), build_tokenizer(), rng, pieces=400))
    model = warm_start().eval()
    labels = torch.full_like(batch.ids, -100)
    labels.flatten()[batch.places + 1] = batch.wanted
    with torch.inference_mode():
        own = model(input_ids=batch.ids, labels=labels).loss.item()
    assert judge(model, [batch])[0] == pytest.approx(own, rel=0.02 if half else 1e-4)


def test_a_small_head_ranks_the_words_of_the_batch_like_the_whole(data: Path) -> None:
    import torch

    rng = random.Random(2)
    batch = next(batches(iter(Examples(read_notes(data, held_out=False), rng)), build_tokenizer(), rng, pieces=400))
    model = warm_start().eval()
    with torch.inference_mode():
        torch.manual_seed(0)
        small = answer_loss(model, batch, whole_head=False).item()
        torch.manual_seed(0)
        whole = answer_loss(model, batch).item()
    assert 0 < small < whole


def test_choosing_and_ending_a_sentence_counts_for_more_than_copying_on() -> None:
    import torch

    ids = torch.tensor([[USER_ID, 100, ASSISTANT_ID, 7, 8, LINE_ID, 9, END_ID]])
    batch = Batch(ids, torch.arange(2, 7), ids[0, 3:])
    assert decides(batch).tolist() == [True, False, True, True, True]
