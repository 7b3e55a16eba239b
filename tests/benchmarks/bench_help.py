"""How long the terminal takes to answer: `curbside --help` against an empty interpreter, in turn, in one run.

python -m tests.benchmarks.bench_help
"""

import statistics
import subprocess
import sys
import time

ROUNDS = 7


def seconds(*arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    commands = {"python -c pass": ("-c", "pass"), "curbside --help": ("-m", "ui.cli", "--help")}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, arguments in commands.items():
            times[name].append(seconds(*arguments))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        print(f"{name:18s} {median:.3f} s  (x{median / medians['python -c pass']:.1f})")


if __name__ == "__main__":
    main()
