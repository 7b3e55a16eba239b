"""What one training process is told: a JSON file, and the folder that it fills.

<out>/progress.jsonl        one JSON object a line: what happens, and the curves
<out>/adapter/              the result, there only when it is complete (`adapters/<candidate>/` for several candidates)
<out>/checkpoints/          what a killed job goes on from; removed stage by stage
<out>/stages/               what finished stages reached, so that none is trained twice
"""

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from assistant.errors import TrainingError
from training.settings import TrainingSettings

EXAMPLES_OF = MappingProxyType({"sft": "demonstrations", "dpo": "preferences", "kto": "thumbs"})
"""Stage → the kind of examples it learns from."""
SHIPPED_CONFIGS = ("one-gpu", "multi-gpu", "fsdp")
PROGRESS_FILE = "progress.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleFiles:
    """JSON lines in TRL's conversational format. Columns that a stage does not know are ignored."""

    train: Path
    validation: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One training process. Give `stages` for one adapter, or `candidates` for several that share their first stages."""

    base_model: str
    """`starter`, a folder or a hub name."""
    start_adapter: str | None = None
    """A folder: training goes on from it."""
    stages: tuple[str, ...] = ()
    """In order, on one adapter: `("sft", "dpo")`."""
    candidates: tuple[tuple[str, ...], ...] = ()
    """`(("sft",), ("sft", "dpo"))` trains SFT once."""
    data: Mapping[str, ExampleFiles]
    """`demonstrations`, `preferences`, `thumbs`: those that the stages need."""
    settings: TrainingSettings = field(default_factory=TrainingSettings)
    out: Path
    seed: int = 17

    def __post_init__(self) -> None:
        if bool(self.stages) == bool(self.candidates):
            raise TrainingError("a training job names either `stages` or `candidates`; give one of the two")
        for stage in (stage for candidate in self.plans for stage in candidate):
            if stage not in EXAMPLES_OF:
                raise TrainingError(f"stage {stage!r} is not known; choose from {', '.join(EXAMPLES_OF)}")
            if EXAMPLES_OF[stage] not in self.data:
                raise TrainingError(f"stage {stage!r} needs {EXAMPLES_OF[stage]}, and the job names no file of them")
        if not all(self.plans):
            raise TrainingError("a candidate of the training job has no stage; name at least one")

    @property
    def plans(self) -> tuple[tuple[str, ...], ...]:
        """The stages of each candidate."""
        return self.candidates or (self.stages,)

    @property
    def steps(self) -> tuple[tuple[str, ...], ...]:
        """What is trained, in order: each beginning that candidates have in common only once."""
        beginnings = (plan[: n + 1] for plan in self.plans for n in range(len(plan)))
        return tuple(dict.fromkeys(beginnings))

    def adapter_folder(self, plan: tuple[str, ...]) -> Path:
        """Where the adapter of a candidate lies once the job is done."""
        return self.out / "adapters" / candidate_name(plan) if self.candidates else self.out / "adapter"

    def examples_of(self, stage: str) -> ExampleFiles:
        return self.data[EXAMPLES_OF[stage]]

    @property
    def fingerprint(self) -> str:
        """Of everything the result depends on, the examples included."""
        digest = hashlib.sha256(_dump(self).encode())
        for files in self.data.values():
            for path in filter(None, (files.train, files.validation)):
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()


def candidate_name(plan: tuple[str, ...]) -> str:
    """`sft+dpo`."""
    return "+".join(plan)


def stage_name(step: tuple[str, ...]) -> str:
    """As events name it: `sft+dpo/dpo` is the DPO that makes `sft+dpo`."""
    return f"{candidate_name(step)}/{step[-1]}"


def write_job(job: Job, path: Path) -> None:
    """Write the file that `python -m training.fit` takes."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(_dump(job))
    os.replace(temporary, path)


def read_job(path: Path) -> Job:
    """Raises `TrainingError` if the file is missing or is no job."""
    try:
        read: dict[str, Any] = json.loads(path.read_text())
        data = {
            kind: ExampleFiles(train=Path(files["train"]), validation=_path(files.get("validation")))
            for kind, files in read.pop("data").items()
        }
        return Job(
            data=data,
            settings=TrainingSettings(**read.pop("settings", {})),
            out=Path(read.pop("out")),
            stages=tuple(read.pop("stages", ())),
            candidates=tuple(tuple(stages) for stages in read.pop("candidates", ())),
            **read,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        raise TrainingError(
            f"the training job {path.name!r} cannot be read ({type(error).__name__}); write it with `training.job.write_job`"
        ) from error


def launch_command(job_file: Path, settings: TrainingSettings, *, gpus: int | None = None) -> list[str]:
    """The command that trains a job: plain Python for one device, `accelerate launch` where a configuration is named.

    `gpus` is counted if it is not given. A configuration of one's own says itself how many processes it wants.
    """
    run = ["-m", "training.fit", str(job_file)]
    if settings.accelerate_config is None:
        return [sys.executable, *run]
    config = settings.accelerate_config
    path = Path(__file__).parent / "accelerate" / f"{config}.yaml" if config in SHIPPED_CONFIGS else Path(config)
    if not path.is_file():
        raise TrainingError(
            f"there is no accelerate configuration {config!r}; set `CURBSIDE_TRAINING__ACCELERATE_CONFIG` to one of "
            f"{', '.join(SHIPPED_CONFIGS)}, or to the path of one (`accelerate config` writes it)"
        )
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(path)]
    if config in SHIPPED_CONFIGS:
        launch += ["--num_processes", "1" if config == "one-gpu" else str(_count_gpus() if gpus is None else gpus)]
    return [*launch, *run]


def _count_gpus() -> int:
    import torch

    if not (count := torch.cuda.device_count()):
        raise TrainingError(
            "this machine has no CUDA GPU to spread the training over; unset `CURBSIDE_TRAINING__ACCELERATE_CONFIG`"
        )
    return count


def _dump(job: Job) -> str:
    data = {
        kind: {"train": str(files.train), "validation": str(files.validation) if files.validation else None}
        for kind, files in sorted(job.data.items())
    }
    values = {
        "base_model": job.base_model,
        "start_adapter": job.start_adapter,
        "stages": job.stages,
        "candidates": job.candidates,
        "data": data,
        "settings": job.settings.model_dump(mode="json"),
        "out": str(job.out),
        "seed": job.seed,
    }
    return json.dumps({name: value for name, value in values.items() if value not in (None, ())}, indent=2) + "\n"


def _path(value: str | None) -> Path | None:
    return Path(value) if value else None
