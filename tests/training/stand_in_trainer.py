"""A trainer that learns nothing: writes what `training.fit` would write, in milliseconds. `python stand_in_trainer.py JOB.json`

The job's `acts` are taken one a start, the last for ever: `train`, `fail`, `die` (by SIGKILL), `break`, `linger` (until
SIGTERM), `cling` (beyond it), `wait` (until there is a file `go`). With a `gpu`, a file, it has that alone while it lives.
"""

import fcntl
import json
import os
import signal
import struct
import sys
import time
from pathlib import Path


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text())
    out = Path(job["out"])
    out.mkdir(parents=True, exist_ok=True)
    starts = out / "starts"
    count = len(starts.read_text()) if starts.exists() else 0
    with starts.open("a") as file:
        file.write("x")
    acts = job.get("acts", ["train"])
    act = acts[min(count, len(acts) - 1)]
    # Before it says anything: whoever hears it may tell it to end.
    if act == "linger":
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if act == "cling":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "gpu" in job:
        occupy(Path(job["gpu"]))
    candidates = [one if isinstance(one, str) else "+".join(one) for one in job["candidates"]]
    say(out, kind="stage", stage="sft/sft", examples=3)
    for step in (1, 2):
        say(
            out,
            kind="metrics",
            stage="sft/sft",
            step=step,
            steps=2,
            loss=1.0 / step,
            seconds_left=job.get("seconds_left"),
        )
    print("This could quote an invented effusion.")
    match act:
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "fail":
            say(out, kind="failed", problem="the device has not enough memory for training")
            sys.exit(8)
        case "break":
            sys.exit(3)
        case "linger" | "cling":
            time.sleep(600)
        case "wait":
            while not (out / "go").exists():
                time.sleep(0.02)
    for candidate in candidates:
        adapter = out / "adapters" / candidate
        adapter.mkdir(parents=True, exist_ok=True)
        header = json.dumps({"lora": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
        weights = struct.pack("<Q", len(header)) + header + struct.pack("<ff", 1.0, len(candidate))
        (adapter / "adapter_model.safetensors").write_bytes(weights)
        (adapter / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "base_model": job["base_model"]}))
    say(out, kind="done", candidates=candidates)


def occupy(gpu: Path) -> None:
    """The lock goes with the process, however it ends; whoever has it meanwhile is written down."""
    file = os.open(gpu, os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        with gpu.with_suffix(".log").open("a") as log:
            log.write("OVERLAP trainer\n")


def say(out: Path, **line: object) -> None:
    with (out / "progress.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
