"""Shared fixtures. Every report in these tests is invented."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from assistant.database import Database
    from tests.ray_cluster import RayCluster

# Two OpenMP threads on contended cores collapse; the hub and telemetry are never asked.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
# Servers of these tests are on this machine, whatever stands between it and the world.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
# Ray reads them once, when it is first imported; without them it would look for a token in the home folder.
os.environ.setdefault("RAY_AUTH_MODE", "token")
os.environ.setdefault("RAY_AUTH_TOKEN", "0" * 64)

# Everywhere the same examples, and nothing of them about speed. `--hypothesis-profile=default` looks for others.
hypothesis.settings.register_profile(
    "anywhere",
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("anywhere")


@pytest.fixture(autouse=True)
def _small_numbers_stay() -> Iterator[None]:
    """Training rounds the smallest floats to zero, a switch of the processor's that would stay for later tests of the process."""
    yield
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_flush_denormal(False)


@pytest.fixture(autouse=True)
def _signals_stay() -> Iterator[None]:
    """What leads a process, such as the scheduler, takes its signals for good; forked children of later tests could not be ended."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        if handler is not None and signal.getsignal(number) is not handler:
            signal.signal(number, handler)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Public clinical data for development, beside the project; tests that need it are skipped where it is absent."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the development data (../shared/data) is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a real PostgreSQL server; tests that need it are skipped, with the reason, where none runs."""
    from tests.postgres import running_postgres

    with running_postgres() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The URL of an empty PostgreSQL database of its own."""
    from tests.postgres import new_database

    return new_database(postgres_server)


@pytest.fixture(scope="session")
def ray_cluster() -> "Iterator[RayCluster]":
    """A running Ray cluster of this machine."""
    from tests.ray_cluster import running_ray

    with running_ray() as cluster:
        yield cluster


@pytest.fixture(
    params=[
        pytest.param("sqlite", id="on SQLite"),
        pytest.param("postgresql", id="on PostgreSQL"),
    ]
)
def open_again(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> "Iterator[Callable[[], Database]]":
    """Opens one migrated database, each time as another process would, once on each kind of database."""
    from assistant.database import open_database
    from assistant.keys import load_key
    from assistant.settings import StorageSettings
    from ui.migrations import upgrade

    # SQLite's writers do not queue: on a slow disk one of eight may go short for longer than people would wait.
    monkeypatch.setattr("assistant.database.BUSY_TIMEOUT_S", 100)
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    settings = StorageSettings(data_dir=tmp_path / "data", database_url=url)
    opened = []

    def open_it() -> "Database":
        database = open_database(settings, load_key(settings.data_dir))
        upgrade(database)
        opened.append(database)
        return database

    yield open_it
    for database in opened:
        database.close()


@pytest.fixture
def database(open_again: "Callable[[], Database]") -> "Database":
    """An empty, migrated database, once of each kind."""
    return open_again()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first, the slowest before all: the last file to begin decides how long one worker works alone."""
    weight: dict[Path, float] = {}
    for item in items:
        limit = item.get_closest_marker("timeout")
        slow = (limit.args[0] if limit and limit.args else 300) if item.get_closest_marker("slow") else 0
        weight[item.path] = max(weight.get(item.path, 0), slow)
    items.sort(key=lambda item: -weight[item.path])
