"""Train one job, in a process of its own. `python -m training.fit JOB.json`

It may be killed at any moment: started again with the same job, it goes on from the last complete checkpoint. SIGTERM
cancels it within a step, with exit code 143 and no adapter. What happens is in `progress.jsonl`.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.errors import CurbsideError, DiskFull, TrainingError
from training.examples import Examples, load_examples
from training.guards import check_head, check_reference
from training.job import PROGRESS_FILE, Job, candidate_name, read_job, stage_name
from training.progress import ProgressFile, last_checkpoint, reporter
from training.trainer import is_first, sharded

CANCELLED = 143
"""Exit code, as a shell reports a process ended by SIGTERM."""
_BROKE = 1
_LEAST_FREE_BYTES = 1_000_000
"""A library that fails with less left on the disk failed for that."""


class Cancelled(BaseException):
    """Not an `Exception`, so that no library takes it for a failure of its own."""


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0 done, 143 cancelled, 8 refused or impossible, 7 the model cannot be loaded, 5 the disk is full, 1 broke."""
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1:
        sys.stderr.write("usage: python -m training.fit JOB.json\n")
        return 2
    progress = ProgressFile(None)
    stop = Stop()
    try:
        job = read_job(Path(given[0]))
        progress = ProgressFile(job.out / PROGRESS_FILE if is_first() else None)
        with stop.listening():
            fit(job, progress, stop=stop)
    except Cancelled:
        progress.write("cancelled")
        return CANCELLED
    except CurbsideError as error:
        return _failed(progress, str(error), error.exit_code)
    except Exception as error:  # noqa: BLE001 - the process's edge: the reader of the file must learn that it ended
        # Of a library's error the kind and the place only: its message could quote an example.
        frames = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        return _failed(progress, f"{type(error).__name__} in {' < '.join(reversed(frames[-4:]))}", _BROKE)
    return 0


def _failed(progress: ProgressFile, problem: str, code: int) -> int:
    sys.stderr.write(f"{problem}\n")
    with contextlib.suppress(OSError):  # a full disk takes no line either
        progress.write("failed", problem=problem)
    return code


def fit(job: Job, progress: ProgressFile, *, stop: "Stop | None" = None) -> None:
    """Train what is not trained yet, publish the adapters, and say so.

    Raises:
        TrainingError, ModelNotFound, ModelOutOfMemory: it cannot be trained; nothing was published.
        Cancelled: `stop` was asked for.
    """
    stop = stop or Stop()
    job.out.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(job, progress):
        todo = [step for step in job.steps if not _stage_folder(job, step).exists()]
        if todo:
            with _quiet_libraries(), _explained(job.out):
                _train(job, todo, progress, stop)
        stop.too_late()
        if is_first():
            _publish(job)
        progress.write("done", candidates=[candidate_name(plan) for plan in job.plans])


def _train(job: Job, todo: list[tuple[str, ...]], progress: ProgressFile, stop: "Stop") -> None:
    from training.lora import load_base, put_adapter, save_adapter, take_off
    from training.shared_prompts import answers_only

    progress.write("log", message="loading the model")
    loaded = load_base(job.base_model, job.settings)
    stop.check()
    limit = min(job.settings.max_tokens, loaded.context_tokens)
    examples = {
        stage: load_examples(stage, job.examples_of(stage), tokenizer=loaded.tokenizer, max_tokens=limit)
        for stage in dict.fromkeys(step[-1] for step in todo)
    }
    base = loaded.model
    for place, step in enumerate(todo):
        stage, name, learnt = step[-1], stage_name(step), examples[step[-1]]
        later = sum(examples[other[-1]].tokens * job.settings.epochs for other in todo[place + 1 :])
        progress.write(
            "stage",
            stage=name,
            examples=len(learnt.train),
            validation=len(learnt.validation),
            left_out=learnt.left_out,
            tokens=learnt.tokens,
        )
        if learnt.left_out:
            progress.write(
                "log", stage=name, message=f"{learnt.left_out} examples are longer than {limit} tokens: left out"
            )
        start = _stage_folder(job, step[:-1]) if len(step) > 1 else _start_adapter(job)
        model = put_adapter(base, start=start, rank=job.settings.lora_rank, seed=job.seed)
        report = reporter(progress, stage=name, tokens=learnt.tokens, tokens_after=later, alive=stop.check)
        checkpoints = job.out / "checkpoints" / candidate_name(step)
        # TensorBoard's curves, where it is installed, outlive the checkpoints.
        os.environ["TENSORBOARD_LOGGING_DIR"] = str(job.out / "tensorboard" / candidate_name(step))
        with answers_only():
            trainer = _trainer(stage, model, loaded.tokenizer, learnt, job, checkpoints, report, loaded.context_tokens)
            _guard(trainer)
            resumed = last_checkpoint(checkpoints, remove_broken=is_first())
            if resumed:
                progress.write("log", stage=name, message=f"going on from {resumed.name}")
            trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
        state = trainer.accelerator.get_state_dict(trainer.model_wrapped) if sharded() else None
        if is_first():
            save_adapter(model, _stage_folder(job, step), base_model=job.base_model, state=state)
            shutil.rmtree(checkpoints, ignore_errors=True)
        trainer.accelerator.wait_for_everyone()
        base = take_off(model)


def _trainer(
    stage: str, model: Any, tokenizer: Any, examples: Examples, job: Job, folder: Path, report: Any, context: int
) -> Any:
    from training.dpo import dpo_trainer
    from training.kto import kto_trainer
    from training.sft import sft_trainer

    options: dict[str, Any] = {"settings": job.settings, "folder": folder, "seed": job.seed, "reporter": report}
    match stage:
        case "sft":
            return sft_trainer(model, tokenizer, examples, **options)
        case "dpo":
            return dpo_trainer(model, tokenizer, examples, **options)
        case _:
            return kto_trainer(model, tokenizer, examples, max_tokens=context, **options)


def _guard(trainer: Any) -> None:
    """On the shortest example. A model in parts is whole on no device before training, and cannot be asked."""
    if sharded():
        return
    first = trainer.data_collator([trainer.train_dataset[0]])
    check_head(trainer.model, first)
    check_reference(trainer, first)


def _publish(job: Job) -> None:
    from training.lora import copy_adapter

    for plan in job.plans:
        if not job.adapter_folder(plan).exists():
            copy_adapter(_stage_folder(job, plan), job.adapter_folder(plan))


def _stage_folder(job: Job, step: tuple[str, ...]) -> Path:
    return job.out / "stages" / candidate_name(step)


def _start_adapter(job: Job) -> Path | None:
    return Path(job.start_adapter) if job.start_adapter else None


class Stop:
    """Turns SIGTERM and SIGINT into `Cancelled`: at once, and again at the next step should a library have swallowed it."""

    def __init__(self) -> None:
        self._asked = False
        self._signals: tuple[signal.Signals, ...] = ()

    def ask(self, *_: object) -> None:
        self._asked = True
        raise Cancelled

    def check(self) -> None:
        if self._asked:
            raise Cancelled

    def too_late(self) -> None:
        """From here on everything is trained and only has to be put in its place."""
        self.check()
        for number in self._signals:
            signal.signal(number, signal.SIG_IGN)

    @contextmanager
    def listening(self) -> Iterator[None]:
        self._signals = (signal.SIGTERM, signal.SIGINT)
        before = [signal.signal(number, self.ask) for number in self._signals]
        try:
            yield
        finally:
            for number, handler in zip(self._signals, before, strict=True):
                signal.signal(number, handler)


@contextmanager
def _alone(job: Job, progress: ProgressFile) -> Iterator[None]:
    """One process a folder: one that outlived its parent finishes, and the next finds its stages done."""
    if not is_first():
        yield
        return
    with (job.out / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.write("log", message="another process trains this job; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        _claim(job)
        yield


def _claim(job: Job) -> None:
    """A folder belongs to one job and one state of its examples: its stages mean nothing to another."""
    mark = job.out / ".job"
    try:
        fingerprint = job.fingerprint
    except OSError as error:
        raise TrainingError("a file of examples that the job names is missing; export the feedback again") from error
    if mark.exists() and mark.read_text() != fingerprint:
        raise TrainingError(
            f"the folder {job.out.name!r} holds another training job or was begun with other examples; choose a new folder"
        )
    temporary = mark.with_name(".job.new")
    temporary.write_text(fingerprint)
    os.replace(temporary, mark)


@contextmanager
def _explained(out: Path) -> Iterator[None]:
    """A device or a disk without room, in our words: each library says it in its own."""
    from assistant.generation.loading import is_out_of_memory

    try:
        yield
    except CurbsideError:
        raise
    except Exception as error:
        free = shutil.disk_usage(out).free
        if free < _LEAST_FREE_BYTES or (isinstance(error, OSError) and error.errno == errno.ENOSPC):
            raise DiskFull(free_bytes=free) from error
        if is_out_of_memory(error):
            raise TrainingError(
                "the device has not enough memory for training; lower `CURBSIDE_TRAINING__MAX_TOKENS` or "
                "`CURBSIDE_TRAINING__BATCH_SIZE`, set `CURBSIDE_TRAINING__QUANTIZE=nf4` on a GPU, or choose a smaller model"
            ) from error
        raise


@contextmanager
def _quiet_libraries() -> Iterator[None]:
    """Their bars and hints go nowhere: they name columns and could quote examples."""
    import torch
    import transformers
    from datasets import disable_progress_bars

    os.environ["TQDM_DISABLE"] = "1"  # TRL's bar over the reference
    transformers.logging.set_verbosity_error()
    disable_progress_bars()
    torch.set_flush_denormal(True)
    yield


if __name__ == "__main__":
    sys.exit(main())
