"""A GPU as people and drivers write it."""

import pytest

from training.planning.errors import UnknownGpu
from training.planning.gpus import KNOWN, read_gpu


@pytest.mark.parametrize(
    ("given", "name", "gigabytes"),
    [
        pytest.param("24GB", "24 GB", 24, id="memory"),
        pytest.param("24 gb", "24 GB", 24, id="memory, small letters"),
        pytest.param("141", "141 GB", 141, id="memory without a unit"),
        pytest.param("RTX 4090", "RTX 4090", 24, id="a name"),
        pytest.param("NVIDIA GeForce RTX 4090", "RTX 4090", 24, id="as the driver writes it"),
        pytest.param("NVIDIA A100-SXM4-80GB", "A100 80GB", 80, id="the driver's A100"),
        pytest.param("4090", "RTX 4090", 24, id="its number alone"),
        pytest.param("a100", "A100 40GB", 40, id="of two kinds the smaller"),
        pytest.param("NVIDIA RTX 6000 Ada Generation", "RTX 6000 Ada", 48, id="workstation"),
        pytest.param("NVIDIA L4", "L4", 24, id="L4 is not L40S"),
        pytest.param("NVIDIA H100 80GB HBM3", "H100", 80, id="with its memory beside its name"),
        pytest.param("NVIDIA GeForce RTX 4080 SUPER", "RTX 4080", 16, id="a later edition of the same memory"),
        pytest.param("23000 MB", "23 GB", 23, id="megabytes"),
    ],
)
def test_gpus_are_read(given: str, name: str, gigabytes: int) -> None:
    gpu = read_gpu(given)
    assert gpu.name == name
    assert gpu.memory_bytes == gigabytes * 1_000_000_000


def test_memory_alone_counts_as_the_slowest_card_of_its_size() -> None:
    gpu = read_gpu("24GB")
    assert gpu.assumed
    assert gpu.tflops == min(one.tflops for one in KNOWN if one.memory_bytes == gpu.memory_bytes)


def test_what_the_driver_counts_is_two_to_the_twentieth() -> None:
    assert read_gpu("24564MiB").memory_bytes == 24_564 << 20


@pytest.mark.parametrize(
    "given",
    [
        "RTX 9090", "", "0GB", "lots", "-24GB", "2x RTX 4090", "2x24GB", "RTX 4090 Laptop GPU", "H100 NVL", "H100 94GB", "rtx", "NVIDIA",
        "NVIDIA A100-SXM4-80GB MIG 3g.40gb", "L4 L40S", f"{'9' * 400}GB", "9" * 400, "\0",
    ],
)  # fmt: skip
def test_an_unknown_gpu_is_refused_with_the_known_ones(given: str) -> None:
    with pytest.raises(UnknownGpu, match="24GB, or one of T4"):
        read_gpu(given)
