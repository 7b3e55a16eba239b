"""The HTTP interface to learning, over a real installation. Everything is invented."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.ui.loop_site import correct, install_adapter, keep_turn, run_through, start_nothing, verdict
from training.schema import RunState
from ui.server import create_api
from ui.wiring import Parts

API = "/api/v1"


@pytest.fixture
def client(parts: Parts) -> Iterator[TestClient]:
    parts.accounts.set_password("dr-b", "long-enough-1")
    start_nothing(parts)
    header = {"Authorization": f"Bearer {parts.accounts.new_token('dr-b')}"}
    with TestClient(create_api(parts), headers=header) as client:
        yield client
    parts.launcher.wait()


@pytest.mark.parametrize("path", ["/training", "/runs", "/runs/r1", "/review"])
def test_strangers_are_turned_away(client: TestClient, path: str) -> None:
    assert client.get(API + path, headers={"Authorization": ""}).status_code == 401


def test_how_it_stands(client: TestClient, parts: Parts) -> None:
    correct(parts, 1)
    status = client.get(f"{API}/training").json()
    assert (status["model_id"], status["new_feedback"], status["needed"]) == ("quoting", 1, 30)
    assert client.post(f"{API}/schedule/pause").status_code == 200
    assert client.get(f"{API}/training").json()["paused"]
    client.post(f"{API}/schedule/resume")
    assert client.get(f"{API}/training").json()["next_run_at"] is not None


def test_a_run_begins_is_listed_opened_and_cancelled_and_a_second_is_refused(client: TestClient) -> None:
    begun = client.post(f"{API}/runs", json={"method": "sft"})
    assert begun.status_code == 201, begun.text
    name = begun.json()["name"]
    assert [run["name"] for run in client.get(f"{API}/runs").json()] == [name]
    assert client.post(f"{API}/runs", json={}).status_code == 409
    opened = client.get(f"{API}/runs/{name}").json()
    assert (opened["method"], opened["progress"]) == ("sft", "waiting to begin")
    assert client.post(f"{API}/runs/{name}/cancel").status_code == 200
    assert client.get(f"{API}/runs/none").status_code == 404


def test_promotion_and_rollback(client: TestClient, parts: Parts) -> None:
    run = run_through(parts, RunState.REFUSED, verdict=verdict(promote=False))
    install_adapter(parts, run.name)
    assert client.post(f"{API}/runs/{run.name}/promote", json={}).status_code == 409
    assert client.post(f"{API}/runs/{run.name}/promote", json={"force": True}).status_code == 200
    assert client.get("/health").json()["model_id"] == f"starter+{run.name}"
    assert client.post(f"{API}/rollback").status_code == 200
    assert client.post(f"{API}/rollback").status_code == 409
    assert {promotion.who for promotion in parts.ledger.promotions()} == {"dr-b"}


def test_the_review_queue_is_decided_and_only_its_author_takes_back_what_was_said(
    client: TestClient, parts: Parts
) -> None:
    parts.feedback.rate(keep_turn(parts, 1, rater="dr-a"), rater="dr-a", thumbs=-1)
    (entry,) = client.get(f"{API}/review").json()
    assert (entry["rater"], entry["reasons"]) == ("dr-a", ["rated poor"])
    path = f"{API}/review/{entry['name']}/decisions"
    assert client.post(path, json={"ruling": "withdraw"}).status_code == 403
    assert client.post(path, json={"ruling": "accept"}).status_code == 201
    assert client.get(f"{API}/review").json() == []
    assert client.get(f"{API}/review?all=true").json()[0]["ruling"] == "accept"
    assert client.post(f"{API}/review/rating-99/decisions", json={"ruling": "accept"}).status_code == 404
