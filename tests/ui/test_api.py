"""The HTTP interface over a real installation. All people and reports are invented."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ui.server import create_api
from ui.wiring import Parts

REPORT = """Patient: Ottilie Brannigan, MRN 8812-4471
IMPRESSION: Right lower lobe pneumonia. No pleural effusion.
MEDICATIONS: Amoxicillin 500 mg three times a day.
PLAN: Repeat chest radiograph in six weeks."""


@pytest.fixture
def client(parts: Parts) -> Iterator[TestClient]:
    parts.accounts.set_password("invented", "long-enough-1")
    token = parts.accounts.new_token("invented")
    with TestClient(create_api(parts), headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


def _events(text: str) -> list[tuple[str, dict[str, Any]]]:
    blocks = [block.split("\n") for block in text.strip().split("\n\n")]
    return [(block[0].removeprefix("event: "), json.loads(block[1].removeprefix("data: "))) for block in blocks]


def _ask(client: TestClient, **body: Any) -> dict[str, Any]:
    response = client.post("/api/v1/ask", json={"report": REPORT, "stream": False, **body})
    assert response.status_code == 200, response.text
    return response.json()


def test_health_and_metrics_need_no_token(client: TestClient) -> None:
    anonymous = {"Authorization": ""}
    assert client.get("/health", headers=anonymous).json()["status"] == "ok"
    metrics = client.get("/metrics", headers=anonymous)
    assert metrics.headers["content-type"].startswith("text/plain")
    assert "curbside_reports 0.0" in metrics.text


@pytest.mark.parametrize("path", ["/api/v1/reports", "/api/v1/search?q=x", "/api/v1/conversations"])
@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic aW52ZW50ZWQ6eA=="])
def test_everything_else_does(client: TestClient, path: str, header: str) -> None:
    response = client.get(path, headers={"Authorization": header})
    assert response.status_code == 401
    assert "curbside token" in response.json()["detail"]


def test_the_documentation_loads_nothing_from_another_host(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "https://" not in page
    assert client.get("/docs/assets/swagger-ui-bundle.js").status_code == 200
    assert "/api/v1/ask" in client.get("/openapi.json").json()["paths"]


def test_an_answer_streams_and_is_kept(client: TestClient) -> None:
    response = client.post("/api/v1/ask", json={"report": REPORT, "question": "What is the diagnosis?"})
    assert response.headers["content-type"].startswith("text/event-stream")
    events = _events(response.text)
    names = [name for name, _ in events]
    assert names[0] == "stage"
    assert names[-2:] == ["finished", "kept"]
    finished = dict(events)["finished"]
    assert "".join(data["text"] for name, data in events if name == "delta").strip() == finished["answer"]
    assert "Right lower lobe pneumonia." in finished["answer"]
    kept = dict(events)["kept"]
    turns = client.get(f"/api/v1/conversations/{kept['conversation_id']}").json()["turns"]
    assert [turn["turn_id"] for turn in turns] == [kept["turn_id"]]


def test_every_sentence_carries_its_support_and_the_quote_stands_there(client: TestClient) -> None:
    answer = _ask(client, mode="summarize")
    conversation = client.get(f"/api/v1/conversations/{answer['conversation_id']}").json()
    for sentence in answer["sentences"]:
        assert sentence["support"] == "supported"
        for citation in sentence["citations"]:
            assert conversation["report"]["text"][citation["start"] : citation["end"]] == citation["quote"]


def test_no_identifier_comes_back(client: TestClient) -> None:
    answer = _ask(client, question="When was Ottilie Brannigan seen?")
    stored = client.get(f"/api/v1/conversations/{answer['conversation_id']}").text
    for identifier in ("Ottilie", "Brannigan", "8812-4471"):
        assert identifier not in stored + json.dumps(answer)


def test_feedback_is_kept(client: TestClient) -> None:
    turn = _ask(client, mode="summarize")["turn_id"]
    assert client.post(f"/api/v1/turns/{turn}/ratings", json={"thumbs": -1, "reason": "missing"}).status_code == 201
    edit = client.post(f"/api/v1/turns/{turn}/edits", json={"text": "Pneumonia of the right lower lobe."})
    assert edit.status_code == 201
    assert edit.json()["message"].startswith("Kept. 1 correction")


def test_a_second_window_does_not_overwrite_a_correction(client: TestClient) -> None:
    turn = _ask(client, mode="summarize")["turn_id"]
    assert client.post(f"/api/v1/turns/{turn}/edits", json={"text": "First window."}).status_code == 201
    late = client.post(f"/api/v1/turns/{turn}/edits", json={"text": "Second window."})
    assert late.status_code == 409
    assert "another window" in late.json()["message"]


def test_a_second_answer_can_be_chosen(client: TestClient, parts: Parts) -> None:
    import asyncio

    from ui.desk import Ask, TurnKept

    first = _ask(client, mode="summarize")

    async def again() -> int:
        asking = Ask(
            rater="invented", text="", conversation_id=first["conversation_id"], alternative_of=first["turn_id"]
        )
        kept = [event async for event in parts.desk.ask(asking) if isinstance(event, TurnKept)]
        return kept[-1].turn_id

    second = asyncio.run(again())
    body = {"chosen_turn_id": second, "rejected_turn_id": first["turn_id"]}
    assert client.post("/api/v1/choices", json=body).status_code == 201
    other = _ask(client, question="What is the plan?")["turn_id"]
    body = {"chosen_turn_id": other, "rejected_turn_id": first["turn_id"]}
    assert client.post("/api/v1/choices", json=body).status_code == 422


def test_nobody_reads_or_rates_somebody_elses(client: TestClient, parts: Parts) -> None:
    mine = _ask(client, mode="summarize")
    parts.accounts.set_password("other", "long-enough-2")
    other = {"Authorization": f"Bearer {parts.accounts.new_token('other')}"}
    assert client.get(f"/api/v1/conversations/{mine['conversation_id']}", headers=other).status_code == 404
    rating = client.post(f"/api/v1/turns/{mine['turn_id']}/ratings", json={"thumbs": 1}, headers=other)
    assert rating.status_code == 404


def test_a_report_is_added_found_opened_and_deleted(client: TestClient) -> None:
    body = {"text": REPORT, "id": "rec-7", "patient": "Ottilie Brannigan", "date": "2021-03-04"}
    added = client.post("/api/v1/reports", json=body)
    assert added.status_code == 201
    assert added.json()["report_id"] == "rec-7"
    hits = client.get("/api/v1/search", params={"q": "pneumonia"}).json()["hits"]
    assert [hit["report_id"] for hit in hits] == ["rec-7"]
    opened = client.get("/api/v1/reports/rec-7").json()
    assert opened["year"] == 2021
    assert opened["patient"].startswith("P-")
    asked = client.post("/api/v1/ask", json={"report_id": "rec-7", "mode": "summarize"})
    assert asked.status_code == 200
    deleted = client.delete("/api/v1/reports/rec-7")
    assert (deleted.status_code, deleted.json()) == (200, {"reports": 1, "conversations": 1})
    assert client.get("/api/v1/conversations").json() == []
    assert client.get("/api/v1/reports/rec-7").status_code == 404
    assert client.get("/api/v1/search", params={"q": "pneumonia"}).json()["hits"] == []


def test_files_are_added_with_a_result_each(client: TestClient, example: Callable[[str], str]) -> None:
    files = [
        ("files", ("a.txt", example("radiology_report").encode(), "text/plain")),
        ("files", ("b.csv", b"report,id\nIMPRESSION: Normal.,rec-1\nIMPRESSION: Fracture.,rec-2\n", "text/csv")),
    ]
    results = client.post("/api/v1/reports/files", files=files).json()
    assert [result["state"] for result in results] == ["added"] * 3
    assert {result["report_id"] for result in results[1:]} == {"rec-1", "rec-2"}
    assert client.get("/api/v1/reports").json()["total"] == 3


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        pytest.param({"question": " "}, 422, "question is empty", id="an empty question"),
        pytest.param({"question": "x" * 100_000}, 422, "100000 characters", id="a question of 100,000 characters"),
        pytest.param({"report": "  ", "question": "?"}, 422, "no text", id="an empty report"),
        pytest.param({"report": "word " * 150_000, "question": "?"}, 422, "limit", id="a report above the limit"),
        pytest.param({"mode": "compare", "report": "A."}, 422, "two reports", id="a comparison of one report"),
        pytest.param({"mode": "summarize"}, 422, "no report", id="a summary of nothing"),
        pytest.param({"report_id": "none", "question": "?"}, 404, "no report 'none'", id="an unknown report"),
        pytest.param({"conversation_id": 99, "question": "?"}, 404, "99", id="an unknown conversation"),
    ],
)
def test_bad_questions_say_what_to_do(client: TestClient, body: dict[str, Any], status: int, said: str) -> None:
    response = client.post("/api/v1/ask", json=body)
    assert response.status_code == status
    assert said in response.json()["message"]


def test_metrics_count_and_hold_no_text(client: TestClient) -> None:
    _ask(client, mode="summarize")
    text = client.get("/metrics").text
    assert 'curbside_answers_total{fallback="no",model_id="quoting"} 1.0' in text
    assert "neumonia" not in text


@pytest.mark.parametrize("path", ["/gradio_api/upload", "/gradio_api/deep_link?session_hash=x"])
def test_routes_that_would_write_a_report_to_the_disk_are_closed(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_stranger_is_turned_away_before_the_body_is_read(client: TestClient) -> None:
    def body() -> Iterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    response = client.post(
        "/api/v1/reports/files", content=body(), headers={"Authorization": "Bearer wrong", "Content-Length": "9"}
    )
    assert response.status_code == 401


def test_a_request_beyond_the_limit_is_refused_by_its_length(client: TestClient) -> None:
    response = client.post("/api/v1/deidentify", content=b"{}", headers={"Content-Length": "999999999"})
    assert response.status_code == 413
    assert "limit" in response.json()["message"]


def test_a_malformed_request_is_not_echoed(client: TestClient) -> None:
    response = client.post("/api/v1/ask", json={"report": {"name": "Ottilie Brannigan"}, "question": "?"})
    assert response.status_code == 422
    assert "Ottilie" not in response.text
    assert response.json()["problems"][0]["where"] == ["body", "report"]


def test_an_upload_of_two_megabytes_touches_no_temporary_file(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    rolled: list[bool] = []
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", lambda self: rolled.append(True))
    rows = "".join(f"rec-{n},IMPRESSION: Normal. {'Nothing else is seen. ' * 500}\n" for n in range(200))
    files = [("files", ("big.csv", b"id,report\n" + rows.encode(), "text/csv"))]
    monkeypatch.setattr("ui.desk.Desk.add_file", lambda self, data, name: [])
    assert client.post("/api/v1/reports/files", files=files).status_code == 200
    assert rolled == []


def test_a_date_that_cannot_be_read_is_said(client: TestClient) -> None:
    response = client.post("/api/v1/reports", json={"text": REPORT, "date": "soon"})
    assert response.status_code == 422
    assert "YYYY-MM-DD" in response.json()["message"]


# ── what still looks like an identifier ───────────────────────────────────────────────────────────────────────────────

DOUBTFUL = "Read by four seven one nine two six.\r\nIMPRESSION: Right lower lobe pneumonia."
FIRST = [8, 8 + 27]


@pytest.fixture
def strict(make_parts: Callable[..., Parts]) -> Iterator[TestClient]:
    """An installation; numbers read out are what only the second look sees."""
    parts = make_parts(deid={})
    parts.accounts.set_password("invented", "long-enough-1")
    headers = {"Authorization": f"Bearer {parts.accounts.new_token('invented')}"}
    with TestClient(create_api(parts), headers=headers) as client:
        yield client


@pytest.mark.parametrize("decision", ["mask", "confirmed"])
def test_a_report_in_doubt_is_refused_with_offsets_until_somebody_decided(strict: TestClient, decision: str) -> None:
    refused = strict.post("/api/v1/reports", json={"text": DOUBTFUL})
    assert refused.status_code == 409
    assert refused.json()["count"] == 1
    assert refused.json()["places"] == [{"start": 8, "end": 35, "type": "PHONE", "reason": "digits"}]
    assert "1 place still looks like an identifier" in refused.json()["message"]
    assert "four seven one nine two six" not in refused.text
    assert strict.get("/api/v1/reports").json()["total"] == 0
    added = strict.post("/api/v1/reports", json={"text": DOUBTFUL, decision: [FIRST]})
    assert added.status_code == 201
    text = strict.get(f"/api/v1/reports/{added.json()['report_id']}").json()["text"]
    assert ("four seven one nine two six" in text) == (decision == "confirmed")


def test_a_question_about_a_report_in_doubt_is_refused_and_nothing_is_kept(strict: TestClient) -> None:
    body = {"report": DOUBTFUL, "question": "What is the diagnosis?"}
    assert strict.post("/api/v1/ask", json=body).status_code == 409
    body = {"report": "IMPRESSION: Normal.", "earlier": DOUBTFUL, "mode": "compare"}
    assert strict.post("/api/v1/ask", json=body).status_code == 409
    assert strict.get("/api/v1/conversations").json() == []
    assert strict.post("/api/v1/ask", json=body | {"mask_earlier": [FIRST]}).status_code == 200
    assert len(strict.get("/api/v1/conversations").json()) == 1


def test_of_files_the_report_in_doubt_is_held_and_the_others_are_added(strict: TestClient) -> None:
    files = [
        ("files", ("a.txt", DOUBTFUL.encode(), "text/plain")),
        ("files", ("b.txt", b"IMPRESSION: Normal.", "text/plain")),
    ]
    results = strict.post("/api/v1/reports/files", files=files).json()
    assert [result["state"] for result in results] == ["held", "added"]
    assert results[0]["problem"].startswith("held: 1 place still looks like an identifier")


def test_deidentify_says_where_to_look(strict: TestClient) -> None:
    found = strict.post("/api/v1/deidentify", json={"text": DOUBTFUL}).json()
    assert found["residual"] == [{"start": 8, "end": 35, "type": "PHONE", "reason": "digits"}]


@pytest.mark.parametrize("span", [[0, 9999], [5, 5], [9, 3]])
def test_a_span_outside_the_text_is_refused(strict: TestClient, span: list[int]) -> None:
    response = strict.post("/api/v1/reports", json={"text": DOUBTFUL, "confirmed": [span]})
    assert response.status_code == 422
    assert "outside the text" in response.json()["message"]
