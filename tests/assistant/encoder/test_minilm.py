"""MiniLM in ONNX Runtime: that it keeps to itself. What its vectors are worth is tested where they are used."""

import os
import subprocess
import sys
from pathlib import Path


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
