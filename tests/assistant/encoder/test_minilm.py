"""MiniLM in ONNX Runtime: that it keeps to itself, and small. What its vectors are worth is tested where they are used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def test_the_runtime_is_silent_before_it_is_loaded(tmp_path: Path) -> None:
    """ONNX Runtime 1.29 and newer writes a device id into the home folder and reports to Microsoft, unless told not to."""
    code = (
        "import sys\n"
        "from assistant.retrieval.dense import Embedder\n"
        "assert Embedder('all-MiniLM-L6-v2').embed(['Chest film.']).shape == (1, 384)\n"
        "import onnxruntime\n"
        "print(onnxruntime.__version__)\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ORT_", "CI", "XDG_"))}
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[3],
        env=environment | {"HOME": str(tmp_path), "OMP_NUM_THREADS": "1"},
        check=True,
        timeout=120,
    )
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_many_threads_take_the_memory_of_the_cores() -> None:
    """ONNX Runtime keeps what the most runs side by side have needed: 17 MB each."""
    code = (
        "import os, re\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from pathlib import Path\n"
        "os.cpu_count = lambda: 2\n"
        "from assistant.retrieval.dense import Embedder\n"
        "embedder = Embedder('all-MiniLM-L6-v2')\n"
        "def memory_after(threads):\n"
        "    with ThreadPoolExecutor(threads) as pool:\n"
        "        list(pool.map(lambda _: embedder.embed(['Chest film. ' * 200]), range(8 * threads)))\n"
        "    return int(re.search(r'RssAnon:\\s+(\\d+)', Path('/proc/self/status').read_text()).group(1)) // 1024\n"
        "print(memory_after(2), memory_after(8))\n"
    )
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code]
    run = subprocess.run(
        command, cwd=Path(__file__).parents[3], env=environment, check=True, capture_output=True, text=True, timeout=120
    )
    of_two, of_eight = map(int, run.stdout.split())
    assert of_eight - of_two < 25, f"{of_two} MB with two threads, {of_eight} MB with eight"
