"""The training loop: AdamW in float32, products in bfloat16 where the processor has it, timed by the clock, gone on with at any time."""

import logging
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy, linear

from assistant.generation.starter import ASSISTANT_ID, END_ID, LINE_ID, POSITIONS
from training.processor import has_bfloat16
from training.starter.batches import Batch, batches
from training.starter.examples import Examples
from training.starter.notes import read_notes
from training.starter.tokenizer import build_tokenizer
from training.starter.warm_start import warm_start

log = logging.getLogger(__name__)

CHECKPOINT = "checkpoint.pt"
_WARM_UP_STEPS = 60
_LEAST_RATE = 0.03
"""Of the highest rate, at the end."""
_FIRST_CHARACTERS = 240
_GROWN_AT = 0.65
"""Reports are short at first and have their full length after this share of the time."""
_DECISION_WEIGHT = 4.0
"""Copying on is soon learnt and nine tenths of an answer: where a sentence is chosen or ended counts for more."""
_OTHER_WORDS = 2_048
_WHOLE_HEAD_AT = 0.9
_BATCHES_A_STEP = 2
_REPORT_EVERY = 10
_UNSEEN_BATCHES = 6


def train(
    data: Path,
    out: Path,
    *,
    minutes: float,
    save_every_min: float = 10.0,
    rate: float = 5e-4,
    pieces: int = 4_096,
    seed: int = 1,
    resume: bool = False,
    most_steps: int | None = None,
) -> Any:
    """Train until `minutes` of training are reached, those before a resumed checkpoint included. Writes `out/checkpoint.pt`.

    Returns the model. The learning rate falls with the time used, so that every run ends in a low one.
    """
    torch.set_flush_denormal(True)  # tiny moments of AdamW would cost a tenth of the time
    torch.manual_seed(seed)
    out.mkdir(parents=True, exist_ok=True)
    model = warm_start()
    model.set_attn_implementation("sdpa")  # twice as fast as eager on a processor
    learning = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
    optimizer = torch.optim.AdamW(learning.values(), lr=rate, betas=(0.9, 0.98), weight_decay=0.01)
    step, used_s = 0, 0.0
    if resume and (out / CHECKPOINT).is_file():
        saved = torch.load(out / CHECKPOINT, map_location="cpu", weights_only=True)
        _load(model, saved["weights"])
        optimizer.load_state_dict(saved["optimizer"])
        step, used_s = saved["step"], saved["used_s"]
        log.info("goes on from step %d, %.1f minutes", step, used_s / 60)
    examples, stream, unseen = _streams(data, seed=seed + step, pieces=pieces)
    log.info("%d parameters learn", sum(parameter.numel() for parameter in learning.values()))
    model.train()
    started, saved_at, told = time.monotonic(), used_s, _Told()
    asked_to_stop = _stop_on_signal()
    while (now_s := used_s + time.monotonic() - started) < minutes * 60 and not asked_to_stop:
        if most_steps is not None and step >= most_steps:
            break
        done = now_s / (minutes * 60)
        examples.longest = _longest(done)
        for group in optimizer.param_groups:
            group["lr"] = rate * _share(step, done)
        for batch in [next(stream) for _ in range(_BATCHES_A_STEP)]:
            loss = answer_loss(model, batch, whole_head=done > _WHOLE_HEAD_AT)
            (loss / _BATCHES_A_STEP).backward()
            told.add(loss.item(), batch)
        torch.nn.utils.clip_grad_norm_(learning.values(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        if step % _REPORT_EVERY == 0:
            log.info("step %d  %.1f min  %s  rate %.2e", step, now_s / 60, told.take(), optimizer.param_groups[0]["lr"])
        if now_s - saved_at > save_every_min * 60:
            saved_at = now_s
            _save(out / CHECKPOINT, model, optimizer, step=step, used_s=now_s)
            log.info(
                "saved at step %d; unseen notes: loss %.4f, right %.3f, of decisions %.3f", step, *judge(model, unseen)
            )
    _save(out / CHECKPOINT, model, optimizer, step=step, used_s=used_s + time.monotonic() - started)
    log.info("done at step %d; unseen notes: loss %.4f, right %.3f, of decisions %.3f", step, *judge(model, unseen))
    return model


def answer_loss(model: Any, batch: Batch, *, whole_head: bool = True) -> torch.Tensor:
    """Mean nats of the answers' pieces. Only their places go through the head of 30,522 words.

    Without `whole_head` it has only the words of the batch and some others to choose from: what is learnt by copying needs
    no more, and the head is otherwise a third of the work.
    """
    positions = _shifted(batch.ids)
    with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16()):
        hidden = model.bert(input_ids=batch.ids, position_ids=positions, use_cache=False).last_hidden_state
        hidden = hidden.flatten(0, 1)[batch.places]
        weights = torch.where(decides(batch), _DECISION_WEIGHT, 1.0)
        if whole_head:
            return _weighted(model.lm_head(hidden), batch.wanted, weights)
        head = model.lm_head.decoder
        words = torch.cat([batch.ids.flatten(), torch.randint(0, len(head.weight), (_OTHER_WORDS,))]).unique()
        logits = linear(hidden, head.weight[words], head.bias[words])
    return _weighted(logits, torch.searchsorted(words, batch.wanted), weights)


def decides(batch: Batch) -> torch.Tensor:
    """(n,) bool: the places that choose a sentence, or end one or the answer. All others only copy on."""
    before = batch.ids.flatten()[batch.places]
    starts = (before == ASSISTANT_ID) | (before == LINE_ID)
    return starts | (batch.wanted == LINE_ID) | (batch.wanted == END_ID)


def _weighted(logits: torch.Tensor, wanted: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    return (cross_entropy(logits.float(), wanted, reduction="none") * weights).sum() / weights.sum()


def _shifted(ids: torch.Tensor) -> torch.Tensor:
    """Positions of each row: half of the rows start somewhere else than at 0, so that all positions are trained."""
    rows, length = ids.shape
    starts = torch.randint(0, POSITIONS - length + 1, (rows, 1)) * torch.randint(0, 2, (rows, 1))
    return starts + torch.arange(length)


@torch.no_grad()
def judge(model: Any, unseen: list[Batch]) -> tuple[float, float, float]:
    """Of the answers' pieces: mean nats, the share that the model finds likeliest, and that share where it decides."""
    nats = right = count = decisions = decided = 0.0
    for batch in unseen:
        with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16()):
            logits = _logits(model, batch).float()
        found, deciding = logits.argmax(-1) == batch.wanted, decides(batch)
        nats += float(cross_entropy(logits, batch.wanted, reduction="sum"))
        right += int(found.sum())
        count += len(batch.wanted)
        decided += int(found[deciding].sum())
        decisions += int(deciding.sum())
    return nats / count, right / count, decided / decisions


def _logits(model: Any, batch: Batch) -> torch.Tensor:
    hidden = model.bert(input_ids=batch.ids, use_cache=False).last_hidden_state
    return model.lm_head(hidden.flatten(0, 1)[batch.places])


def _streams(data: Path, *, seed: int, pieces: int) -> tuple[Examples, Iterator[Batch], list[Batch]]:
    tokenizer, rng = build_tokenizer(), random.Random(seed)
    examples = Examples(read_notes(data, held_out=False), rng)
    stream = batches(iter(examples), tokenizer, rng, pieces=pieces)
    fixed = random.Random(0)
    unseen = batches(iter(Examples(read_notes(data, held_out=True), fixed)), tokenizer, fixed, pieces=pieces)
    return examples, stream, [next(unseen) for _ in range(_UNSEEN_BATCHES)]


def _longest(done: float) -> int:
    """Characters of a report, by the share of the time used. Copying is learnt where there is little to copy from."""
    return round(_FIRST_CHARACTERS + (Examples.longest - _FIRST_CHARACTERS) * min(1.0, done / _GROWN_AT) ** 2)


def _share(step: int, done: float) -> float:
    """Of the highest rate: up in the first steps, then down in a line with the time."""
    return min(1.0, (step + 1) / _WARM_UP_STEPS) * max(_LEAST_RATE, 1 - (1 - _LEAST_RATE) * done)


def weights_of(model: Any) -> dict[str, torch.Tensor]:
    """What is learnt and shipped, in float32: everything but the word vectors, which the head shares."""
    return {name: tensor.detach() for name, tensor in model.named_parameters() if tensor.requires_grad}


def _load(model: Any, weights: dict[str, torch.Tensor]) -> None:
    with torch.no_grad():
        for name, tensor in weights_of(model).items():
            tensor.copy_(weights[name])


def _save(path: Path, model: Any, optimizer: torch.optim.Optimizer, *, step: int, used_s: float) -> None:
    state = {"weights": weights_of(model), "optimizer": optimizer.state_dict(), "step": step, "used_s": used_s}
    torch.save(state, path.with_suffix(".new"))
    os.replace(path.with_suffix(".new"), path)


def _stop_on_signal() -> list[int]:
    """Filled by SIGTERM, so that a run that is asked to stop saves first."""
    received: list[int] = []
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda number, _: received.append(number))
    return received


class _Told:
    """What happened since the last line of the log."""

    def __init__(self) -> None:
        self._losses: list[float] = []
        self._pieces = self._answers = 0
        self._since = time.monotonic()

    def add(self, loss: float, batch: Batch) -> None:
        self._losses.append(loss)
        self._pieces += batch.ids.numel()
        self._answers += len(batch.wanted)

    def take(self) -> str:
        elapsed = time.monotonic() - self._since
        line = f"loss {sum(self._losses) / len(self._losses):.4f}  {self._pieces / elapsed:,.0f} pieces/s  {self._answers / elapsed:,.0f} answer/s"
        self.__init__()
        return line
