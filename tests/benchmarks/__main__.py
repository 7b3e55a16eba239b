"""`make bench`: every benchmark, one after the other, each in its own process. `ARGS="bench_index bench_chat"` picks some."""

import subprocess
import sys
from pathlib import Path


def main() -> None:
    names = sys.argv[1:] or sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    failed = []
    for name in names:
        print(f"\n== {name} " + "=" * max(0, 75 - len(name)), flush=True)
        if subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
