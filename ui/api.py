"""The HTTP interface: ask (server-sent events), reports, search, feedback. Every route wants `Authorization: Bearer <token>`.

`curbside token NAME` makes a token. Bodies are checked here; what they mean is the desk's business.
"""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, HTTPException, Query, Request, UploadFile
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

from assistant.chat import Delta, FellBack, Finished, Stage, Waiting
from assistant.errors import CurbsideError, FileTooLarge
from assistant.schema import Mode
from feedback.schema import Reason
from ui.desk import Ask, Desk, TurnKept
from ui.gate import SIGN_IN_HINT
from ui.metrics import Metrics
from ui.records import (
    answer_record,
    conversation_record,
    ingested_record,
    masked_record,
    report_record,
    summary_record,
)

_bearer = HTTPBearer(auto_error=False, description="A token from `curbside token NAME`.")


async def _rater(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    name = request.app.state.parts.accounts.owner_of(given.credentials) if given else None
    if name is None:
        raise HTTPException(
            status_code=401,
            detail=SIGN_IN_HINT,
            headers={"WWW-Authenticate": "Bearer"},
        )
    return name


def _desk(request: Request) -> Desk:
    return request.app.state.parts.desk


def _metrics(request: Request) -> Metrics:
    return request.app.state.metrics


Rater = Annotated[str, Depends(_rater)]
DeskDep = Annotated[Desk, Depends(_desk)]
MetricsDep = Annotated[Metrics, Depends(_metrics)]

router = APIRouter(prefix="/api/v1")


Span = tuple[int, int]
"""`[start, end]`, offsets in the text as it was sent, a line end counted as one character."""


class AskBody(BaseModel, extra="forbid"):
    """A question. Give the report as text (it is de-identified here) or by the id of one in the library."""

    question: str = ""
    mode: Mode | None = Field(default=None, description="Default: read off the question.")
    report: str | None = Field(default=None, description="The report's text, identifiers and all.", repr=False)
    report_id: str | None = None
    earlier: str | None = Field(default=None, description="An earlier report's text, for `compare`.", repr=False)
    earlier_id: str | None = None
    mask: list[Span] = Field(default=[], description="Spans of `report` that a person wants masked besides.")
    confirmed: list[Span] = Field(default=[], description="… that a person found to be no identifiers.")
    mask_earlier: list[Span] = Field(default=[], description="The same for `earlier`.")
    confirmed_earlier: list[Span] = []
    conversation_id: int | None = Field(default=None, description="Continue this conversation; its report is used.")
    stream: bool = Field(default=True, description="Server-sent events; `false`: one JSON document.")


@router.post("/ask", tags=["ask"], response_model=None, summary="Ask about a report")
async def ask(body: AskBody, rater: Rater, desk: DeskDep, metrics: MetricsDep) -> StreamingResponse | dict[str, Any]:
    """Events in order: `stage`*, while the model servers have no room `waiting`* (`position` in the queue, 1 is next), `delta`*,
    perhaps `fell_back` (what came before is void) and more `delta`*, `finished` (the answer with its support), `kept` (`turn_id`,
    `conversation_id`); or `error`. Closing the connection stops the model, and leaves the queue.

    409 when places of a report still look like identifiers (`places`: offsets and reasons): nothing is kept. Send it again with
    each of them in `mask` or in `confirmed`.
    """
    asking = await desk.run(_asking, body, rater, desk)
    events = desk.ask(asking)
    if not body.stream:
        return await _collected(events)
    first = await anext(events)  # what is wrong with the question is said by the status, not inside the stream
    return StreamingResponse(
        _server_sent(first, events, metrics), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


def _asking(body: AskBody, rater: str, desk: Desk) -> Ask:
    loaded = None
    if body.report is not None:
        loaded = desk.load_text(body.report, add=body.mask, confirmed=body.confirmed)
    report = desk.report(body.report_id) if body.report_id else None
    if body.earlier is not None:
        placeholders = loaded.placeholders if loaded else None
        earlier = desk.reviewed(
            desk.load_text(
                body.earlier, add=body.mask_earlier, confirmed=body.confirmed_earlier, placeholders=placeholders
            )
        )
    else:
        earlier = desk.report(body.earlier_id) if body.earlier_id else None
    return Ask(
        rater=rater,
        text=body.question,
        mode=body.mode,
        conversation_id=body.conversation_id,
        loaded=loaded,
        report=report,
        earlier=earlier,
    )


Event = Stage | Waiting | Delta | FellBack | Finished | TurnKept


async def _collected(events: AsyncIterator[Event]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    async for event in events:
        if isinstance(event, Finished):
            record |= answer_record(event.answer)
        elif isinstance(event, TurnKept):
            record |= {"turn_id": event.turn_id, "conversation_id": event.conversation_id}
    return record


async def _server_sent(first: Event, events: AsyncIterator[Event], metrics: Metrics) -> AsyncIterator[bytes]:
    try:
        yield _encode(first)
        async for event in events:
            yield _encode(event)
    except CurbsideError as error:
        metrics.failed(error)
        yield _line("error", {"error": type(error).__name__, "message": str(error)})


def _encode(event: Event) -> bytes:
    match event:
        case Delta(text):
            return _line("delta", {"text": text})
        case Stage(name, detail):
            return _line("stage", {"stage": name, "detail": detail})
        case Waiting(position):
            return _line("waiting", {"position": position})
        case FellBack(reason):
            return _line("fell_back", {"reason": reason})
        case Finished():
            return _line("finished", answer_record(event.answer))
        case TurnKept(turn_id, conversation_id):
            return _line("kept", {"turn_id": turn_id, "conversation_id": conversation_id})


def _line(event: str, data: dict[str, Any]) -> bytes:
    return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


class TextBody(BaseModel, extra="forbid"):
    text: str = Field(repr=False)


@router.post("/deidentify", tags=["reports"], summary="Mask the identifiers in a text; nothing is kept")
def deidentify(body: TextBody, rater: Rater, desk: DeskDep) -> dict[str, Any]:
    """`residual`: places that still look like identifiers, for a person to look at."""
    loaded = desk.load_text(body.text)
    return masked_record(loaded.masked, loaded.residual)


class ReportBody(BaseModel, extra="forbid"):
    text: str = Field(repr=False)
    id: str | None = Field(default=None, max_length=200, description="Kept as given: never a record number.")
    patient: str | None = Field(default=None, repr=False, description="Kept as a keyed pseudonym only.")
    date: str | None = Field(default=None, repr=False, description="Kept as the year and a shifted day.")
    mask: list[Span] = Field(default=[], description="Spans that a person wants masked besides.")
    confirmed: list[Span] = Field(default=[], description="Spans that a person found to be no identifiers.")


@router.post("/reports", tags=["reports"], status_code=201, summary="Add a report to the library")
def add_report(body: ReportBody, rater: Rater, desk: DeskDep) -> dict[str, Any]:
    """409 when places still look like identifiers (`places`: offsets and reasons): nothing is kept. Send it again with each of
    them in `mask` or in `confirmed`."""
    return ingested_record(
        desk.add_report(
            body.text,
            source_id=body.id,
            patient=body.patient,
            date=body.date,
            mask=body.mask,
            confirmed=body.confirmed,
        )
    )


@router.post("/reports/files", tags=["reports"], summary="Add report files; one result for each report in them")
def add_files(files: Annotated[list[UploadFile], File()], rater: Rater, desk: DeskDep) -> list[dict[str, Any]]:
    limit = int(desk.settings.reading.max_file_mb * 1e6)
    results: list[dict[str, Any]] = []
    for file in files:
        if file.size is not None and file.size > limit:
            problem = str(FileTooLarge(size_bytes=file.size, limit_bytes=limit))
            results.append({"name": file.filename, "report_id": None, "state": "", "problem": problem})
            continue
        results.extend(map(ingested_record, desk.add_file(file.file.read(), file.filename or "")))
    return results


@router.get("/reports", tags=["reports"], summary="List the library, the last added first")
def reports(
    rater: Rater,
    desk: DeskDep,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    found = [summary_record(summary) for summary in desk.reports(offset, limit)]
    return {"total": desk.count_reports(), "reports": found}


@router.get("/reports/{report_id:path}", tags=["reports"], summary="Open a report")
def report(report_id: str, rater: Rater, desk: DeskDep) -> dict[str, Any]:
    return report_record(desk.report(report_id))


@router.delete("/reports/{report_id:path}", tags=["reports"], summary="Delete a report and all conversations about it")
def delete_report(report_id: str, rater: Rater, desk: DeskDep) -> dict[str, int]:
    return {"reports": 1, "conversations": desk.delete_report(report_id)}


@router.get("/search", tags=["search"], summary="Search the past reports; each appears once, at its best passage")
def search(
    rater: Rater,
    desk: DeskDep,
    q: Annotated[str, Query(min_length=1)],
    top_k: Annotated[int, Query(ge=1, le=1000)] = 10,
) -> dict[str, Any]:
    return {"hits": desk.search_plain(q, top_k)}


class RatingBody(BaseModel, extra="forbid"):
    thumbs: int = Field(description="+1 or -1.")
    reason: Reason | None = None
    comment: str = Field(default="", repr=False, max_length=20_000)


@router.post("/turns/{turn_id}/ratings", tags=["feedback"], status_code=201, summary="Rate an answer")
def rate(turn_id: int, body: RatingBody, rater: Rater, desk: DeskDep) -> dict[str, Any]:
    rating_id = desk.rate(turn_id, rater=rater, thumbs=body.thumbs, reason=body.reason, comment=body.comment)
    return {"rating_id": rating_id}


class EditBody(BaseModel, extra="forbid"):
    text: str = Field(repr=False, max_length=100_000)
    reason: Reason | None = None
    based_on: int | None = Field(default=None, description="The edit that was on the screen; none: the answer itself.")


@router.post("/turns/{turn_id}/edits", tags=["feedback"], status_code=201, summary="Correct an answer")
def correct(turn_id: int, body: EditBody, rater: Rater, desk: DeskDep) -> dict[str, Any]:
    """409 when somebody corrected it meanwhile: read the conversation again, merge, send again."""
    correction = desk.correct(turn_id, rater=rater, text=body.text, reason=body.reason, based_on=body.based_on)
    return {"edit_id": correction.edit_id, "message": correction.message}


class ChoiceBody(BaseModel, extra="forbid"):
    chosen_turn_id: int
    rejected_turn_id: int


@router.post("/choices", tags=["feedback"], status_code=201, summary="Choose the better of two answers")
def choose(body: ChoiceBody, rater: Rater, desk: DeskDep) -> dict[str, Any]:
    choice_id = desk.choose(body.chosen_turn_id, body.rejected_turn_id, rater=rater)
    return {"choice_id": choice_id}


@router.get("/conversations", tags=["feedback"], summary="Your conversations, the last first")
def conversations(rater: Rater, desk: DeskDep) -> list[dict[str, Any]]:
    return [
        {"id": c.id, "title": c.title, "turns": c.turns, "created_at": c.created_at.isoformat()}
        for c in desk.conversations(rater)
    ]


@router.get("/conversations/{conversation_id}", tags=["feedback"], summary="Open a conversation")
def conversation(conversation_id: int, rater: Rater, desk: DeskDep) -> dict[str, Any]:
    return conversation_record(desk.conversation(conversation_id, rater))


@router.delete("/conversations/{conversation_id}", tags=["feedback"], status_code=204, summary="Delete a conversation")
def delete_conversation(conversation_id: int, rater: Rater, desk: DeskDep) -> None:
    desk.delete_conversation(conversation_id, rater)
