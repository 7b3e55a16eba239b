"""How fast training is, and how much memory it takes, on a decoder of the starter's shape and invented text.

python -m tests.benchmarks.bench_training [--rounds N] [--examples N] [--pairs 100 1000]

The first table compares tokens per second with TRL's defaults, and with TRL's defaults without half precision and
recomputed activations, which cost time on a processor: same model, same examples, the same number of epochs, each in a
process of its own, in turn. Tokenising, the reference's log-probabilities and the checkpoints are counted in; imports and
loading are not. Tokens are counted as TRL counts them (both answers of a pair with their prompt), whatever is computed.

`--pairs` prints seconds and peak memory of whole jobs (`python -m training.fit`: SFT, then DPO, one epoch of each,
imports and loading counted in), for each number of pairs given.
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from assistant.encoder.minilm import default_folder
from training.job import ExampleFiles, Job, write_job
from training.settings import TrainingSettings

ARMS = ("TRL's defaults", "… in full precision, nothing twice", "Curbside")
SETTINGS = TrainingSettings(epochs=2, batch_size=8, max_tokens=1024)
LENGTHS = (60, 600)
"""Words of a prompt, evenly drawn: as many as the demo's reports and short questions have."""
ANSWERS = (15, 80)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=1, help="of the first table; 0 leaves it out")
    arguments.add_argument("--examples", type=int, default=24, help="of the first table")
    arguments.add_argument("--pairs", type=int, nargs="*", default=[100])
    arguments.add_argument("--arm", nargs=3, metavar=("ARM", "METHOD", "FOLDER"), help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.arm:
        print(json.dumps(run_arm(int(options.arm[0]), options.arm[1], Path(options.arm[2]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        base = make_base(Path(folder) / "starter-shape")
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {threads()} thread(s)")
        if options.rounds:
            compare_speed(base, Path(folder), rounds=options.rounds, examples=options.examples)
        for pairs in options.pairs:
            cost(base, Path(folder), pairs)


def compare_speed(base: Path, folder: Path, *, rounds: int, examples: int) -> None:
    write_examples(folder, examples)
    for method in ("sft", "dpo"):
        measured: dict[int, list[dict[str, float]]] = {arm: [] for arm in range(len(ARMS))}
        for _ in range(rounds):
            for arm in measured:
                command = [
                    sys.executable,
                    "-m",
                    "tests.benchmarks.bench_training",
                    "--arm",
                    str(arm),
                    method,
                    str(folder),
                ]
                done = subprocess.run(command, check=True, capture_output=True, env=quiet(), text=True)
                measured[arm].append(json.loads(done.stdout.splitlines()[-1]))
        print(f"\n{method.upper()}, {examples} examples, {SETTINGS.epochs:g} epochs, load {os.getloadavg()[0]:.1f}")
        ours = statistics.median(one["tokens_per_s"] for one in measured[len(ARMS) - 1])
        for arm, results in measured.items():
            rate = statistics.median(one["tokens_per_s"] for one in results)
            cpu = statistics.median(one["cpu_tokens_per_s"] for one in results)
            print(
                f"  {ARMS[arm]:36s} {rate:7.0f} tokens/s ({cpu:.0f} a processor second)  peak {results[0]['peak_mb']:.0f} MB"
                f"  loss {results[0]['loss']:.3f}  Curbside is {ours / rate:.2f} times as fast"
            )


def run_arm(arm: int, method: str, folder: Path) -> dict[str, float]:
    """Train, in this process."""
    from datasets import Dataset
    from transformers import TrainerCallback

    from training.dpo import dpo_trainer
    from training.examples import load_examples
    from training.fit import _quiet_libraries
    from training.lora import load_base, put_adapter
    from training.sft import sft_trainer
    from training.shared_prompts import answers_only

    loaded = load_base(str(folder / "starter-shape"), SETTINGS)
    kind = "demonstrations" if method == "sft" else "preferences"
    files = ExampleFiles(train=folder / f"{kind}.jsonl")
    counted = load_examples(method, files, tokenizer=loaded.tokenizer, max_tokens=SETTINGS.max_tokens)
    prompts = sum(len(row["prompt_ids"]) for row in counted.train) if method == "dpo" else 0
    tokens = (counted.tokens + prompts) * SETTINGS.epochs
    records = [json.loads(line) for line in files.train.read_text().splitlines()]
    with _quiet_libraries(), tempfile.TemporaryDirectory() as out:
        begun, cpu = time.perf_counter(), time.process_time()
        if arm == len(ARMS) - 1:
            examples = load_examples(method, files, tokenizer=loaded.tokenizer, max_tokens=SETTINGS.max_tokens)
            model = put_adapter(loaded.model, start=None, rank=SETTINGS.lora_rank, seed=1)
            make = sft_trainer if method == "sft" else dpo_trainer
            with answers_only():
                trainer = make(
                    model,
                    loaded.tokenizer,
                    examples,
                    settings=SETTINGS,
                    folder=Path(out),
                    seed=1,
                    reporter=TrainerCallback(),
                )
                trainer.train()
        else:
            trainer = default_trainer(method, arm, loaded, Dataset.from_list(records), Path(out))
            trainer.train()
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    losses = [line["loss"] for line in trainer.state.log_history if "loss" in line]
    return {
        "tokens_per_s": tokens / seconds,
        "cpu_tokens_per_s": tokens / cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "loss": losses[-1] if losses else float("nan"),
    }


def default_trainer(method: str, arm: int, loaded: Any, data: Any, out: Path) -> Any:
    """As TRL's own documentation has it, with the same adapter, rate and number of epochs."""
    from peft import LoraConfig
    from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

    from training.dpo import RATE_SHARE
    from training.lora import target_modules

    given: dict[str, Any] = {
        "output_dir": str(out),
        "num_train_epochs": SETTINGS.epochs,
        "learning_rate": SETTINGS.learning_rate * (1 if method == "sft" else RATE_SHARE),
        "use_cpu": True,
        "report_to": [],
        "logging_steps": 1,
        "disable_tqdm": True,
    }
    if arm == 1:
        given |= {"bf16": False, "activation_checkpointing": False}
    trainer, config = (SFTTrainer, SFTConfig) if method == "sft" else (DPOTrainer, DPOConfig)
    adapter = LoraConfig(
        r=SETTINGS.lora_rank,
        lora_alpha=2 * SETTINGS.lora_rank,
        target_modules=target_modules(loaded.model),
        task_type="CAUSAL_LM",
    )
    return trainer(
        model=loaded.model,
        args=config(**given),
        train_dataset=data,
        processing_class=loaded.tokenizer,
        peft_config=adapter,
    )


def cost(base: Path, folder: Path, pairs: int) -> None:
    """A whole job, as `curbside train` runs it."""
    here = folder / f"job-{pairs}"
    here.mkdir()
    write_examples(here, pairs)
    settings = SETTINGS.model_copy(update={"epochs": 1.0})
    data = {kind: ExampleFiles(train=here / f"{kind}.jsonl") for kind in ("demonstrations", "preferences")}
    job = Job(base_model=str(base), stages=("sft", "dpo"), data=data, settings=settings, out=here / "out", seed=1)
    write_job(job, here / "job.json")
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "training.fit", str(here / "job.json")], env=quiet())
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    if status:
        sys.exit(f"training {pairs} pairs failed with status {os.waitstatus_to_exitcode(status)}")
    print(
        f"\n{pairs:,} pairs, SFT then DPO, one epoch each: {seconds:.0f} s ({used.ru_utime + used.ru_stime:.0f} s of a "
        f"processor), peak {used.ru_maxrss / 1024:.0f} MB, load {os.getloadavg()[0]:.1f}"
    )


def make_base(folder: Path) -> Path:
    """MiniLM's layers as a decoder, as the starter's training begins: its shape and its tokenizer."""
    from training.starter.tokenizer import write_tokenizer
    from training.starter.warm_start import warm_start

    warm_start().save_pretrained(folder)
    write_tokenizer(folder)
    return folder


def write_examples(folder: Path, count: int) -> None:
    """Pairs of mixed length made of random words, and their better answers as demonstrations."""
    rng = random.Random(1)
    words = [word for word in (default_folder() / "vocab.txt").read_text("utf-8").splitlines() if word.isalpha()]

    def text(bounds: tuple[int, int]) -> str:
        return " ".join(rng.choices(words, k=rng.randint(*bounds)))

    def said(bounds: tuple[int, int]) -> list[dict[str, str]]:
        return [{"role": "assistant", "content": text(bounds)}]

    pairs = [
        {
            "prompt": [{"role": "system", "content": "Quote."}, {"role": "user", "content": text(LENGTHS)}],
            "chosen": said(ANSWERS),
            "rejected": said(ANSWERS),
        }
        for _ in range(count)
    ]
    demonstrations = [{"prompt": pair["prompt"], "completion": pair["chosen"]} for pair in pairs]
    for kind, records in (("preferences", pairs), ("demonstrations", demonstrations)):
        (folder / f"{kind}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))


def threads() -> str:
    return os.environ.get("OMP_NUM_THREADS", "all")


def quiet() -> dict[str, str]:
    return os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "TQDM_DISABLE": "1"}


if __name__ == "__main__":
    main()
