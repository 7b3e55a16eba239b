"""Hiding optional packages from one import."""

import importlib
import subprocess
import sys
import threading

import pytest

from assistant.deid.quiet_import import without


def test_a_hidden_package_is_not_found_and_comes_back() -> None:
    sys.modules.pop("this", None)
    with without("antigravity"), pytest.raises(ModuleNotFoundError):
        importlib.import_module("antigravity")
    assert not any(type(finder).__name__ == "_Hide" for finder in sys.meta_path)


def test_other_threads_still_find_it() -> None:
    sys.modules.pop("colorsys", None)
    found: list[bool] = []
    with without("colorsys"):
        thread = threading.Thread(target=lambda: found.append(bool(importlib.import_module("colorsys"))))
        thread.start()
        thread.join()
    assert found == [True]


def test_de_identification_loads_neither_torch_nor_transformers() -> None:
    program = (
        "import sys\nfrom assistant.deid.engine import Deidentifier\nfrom assistant.settings import DeidSettings\n"
        "assert 'presidio_analyzer' not in sys.modules\nDeidentifier(DeidSettings()).find('Dr. Smith')\n"
        "assert 'presidio_analyzer' in sys.modules\nprint('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "False"]
