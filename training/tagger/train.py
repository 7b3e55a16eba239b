"""The training loop: AdamW, one pass over text that never repeats, so there is nothing to overfit."""

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import OneCycleLR

from assistant.deid.lexicon import english
from assistant.encoder.minilm import default_folder
from training.invented.markup import Tagged
from training.tagger.batches import IGNORED, Batch, batches, examples
from training.tagger.model import TaggerModel

_SAVE_EVERY = 250
_REPORT_EVERY = 50


def train(
    texts: Iterator[Tagged],
    *,
    out: Path,
    steps: int,
    pieces: int,
    rank: int,
    rate: float,
    seed: int,
    start: Path | None = None,
) -> TaggerModel:
    """Train, from the adapter `start` if there is one, and save to `out`, also on the way. Prints loss, F1 of tokens on the batches to come, and speed."""
    from tokenizers import Tokenizer

    torch.manual_seed(seed)
    torch.set_flush_denormal(True)  # tiny moments of AdamW would cost a tenth of the time
    rng = random.Random(seed)
    tokenizer = Tokenizer.from_file(str(default_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    stream = _ahead(batches(examples(texts, tokenizer, english(), rng), pieces=pieces, rng=rng))
    model = TaggerModel(rank=rank)
    if start is not None:
        model.load(start)
    model.train()
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=rate, weight_decay=0.01)
    schedule = OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.06, anneal_strategy="linear")
    console = Console()
    console.print(f"{sum(parameter.numel() for parameter in learning):,} parameters learn; {steps:,} steps")
    columns = (
        TextColumn("training"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[loss]}"),
    )
    seen, begun = 0, time.perf_counter()
    losses: list[float] = []
    right = wanted = given = 0
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("steps", total=steps, loss="")
        for step in range(1, steps + 1):
            batch = next(stream)
            scores = model(batch)
            loss = cross_entropy(scores.flatten(0, 1), batch.labels.flatten(), ignore_index=IGNORED)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(learning, 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            seen += int(batch.attention.sum())
            losses.append(loss.item())
            # Text never repeats: every batch is unseen when it is scored.
            best = scores.detach().argmax(-1)
            counted = batch.labels != IGNORED
            wanted += int(((batch.labels > 0) & counted).sum())
            given += int(((best > 0) & counted).sum())
            right += int(((best > 0) & (batch.labels > 0) & counted).sum())
            progress.update(task, advance=1, loss=f"loss {losses[-1]:.4f}")
            if step % _REPORT_EVERY == 0 or step == steps:
                rate_s = seen / (time.perf_counter() - begun)
                recent = sum(losses[-_REPORT_EVERY:]) / len(losses[-_REPORT_EVERY:])
                console.print(
                    f"step {step:,}  loss {recent:.4f}  tokens found {right / max(wanted, 1):.4f}  "
                    f"right {right / max(given, 1):.4f}  {rate_s:,.0f} pieces/s"
                )
                right = wanted = given = 0
            if step % _SAVE_EVERY == 0 or step == steps:
                model.save(out)
    return model


def _ahead(source: Iterator[Batch], depth: int = 16) -> Iterator[Batch]:
    """Prepare batches in a thread while the model computes (torch lets go of the interpreter)."""
    queue: Queue[Batch | Exception] = Queue(depth)

    def fill() -> None:
        try:
            for item in source:
                queue.put(item)
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            queue.put(error)

    threading.Thread(target=fill, daemon=True).start()
    while True:
        item = queue.get()
        if isinstance(item, Exception):
            raise item
        yield item
