"""docker/make-secrets.sh: what it makes fits the compose file, and nothing is ever made twice."""

import stat
import subprocess
from pathlib import Path

import sqlalchemy as sa

from tests.docker.composed import DOCKER, composed, example_env

SCRIPT = DOCKER / "make-secrets.sh"


def make(folder: Path) -> dict[str, str]:
    subprocess.run([SCRIPT, folder], check=True)
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_every_secret_of_the_compose_file_is_made(tmp_path: Path) -> None:
    wanted = composed(example_env())["secrets"]
    made = make(tmp_path / "secrets")
    assert {f"./secrets/{name}" for name in made} == {secret["file"] for secret in wanted.values()}


def test_the_address_holds_the_password_and_names_the_service(tmp_path: Path) -> None:
    made = make(tmp_path)
    url = sa.make_url(made["database_url"])
    assert url.password == made["postgres_password"]
    assert len(made["postgres_password"]) == 48
    assert (url.drivername, url.username, url.host, url.port, url.database) == (
        "postgresql+psycopg",
        "curbside",
        "postgres",
        5432,
        "curbside",
    )
    service = composed(example_env())["services"]["postgres"]
    assert (service["environment"]["POSTGRES_USER"], service["environment"]["POSTGRES_DB"]) == ("curbside", "curbside")


def test_nothing_is_made_twice(tmp_path: Path) -> None:
    assert make(tmp_path) == make(tmp_path)


def test_two_installations_share_no_password(tmp_path: Path) -> None:
    assert make(tmp_path / "a")["postgres_password"] != make(tmp_path / "b")["postgres_password"]


def test_the_users_in_the_containers_may_read_and_nobody_on_the_host_may_come_in(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    make(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}
