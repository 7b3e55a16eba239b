"""The HTTP interface to learning: how it stands, runs, the schedule, and the review queue. Every route wants a token."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from feedback.schema import Ruling
from training.schema import Method
from ui.api import Rater
from ui.loop_desk import LoopDesk
from ui.records import entry_record, run_record, status_record
from ui.review_desk import ReviewDesk

router = APIRouter(prefix="/api/v1")


def _loop(request: Request) -> LoopDesk:
    return request.app.state.parts.loop_desk


def _review(request: Request) -> ReviewDesk:
    return request.app.state.parts.review_desk


LoopDep = Annotated[LoopDesk, Depends(_loop)]
ReviewDep = Annotated[ReviewDesk, Depends(_review)]


@router.get("/training", tags=["training"], summary="What is live, how much feedback there is, when the next run is")
def status(rater: Rater, loop: LoopDep) -> dict[str, Any]:
    return status_record(loop.status())


class RunBody(BaseModel, extra="forbid"):
    method: Method | None = Field(default=None, description="Default: as the settings say.")


@router.post("/runs", tags=["training"], status_code=201, summary="Begin a run")
def run_now(body: RunBody, rater: Rater, loop: LoopDep) -> dict[str, Any]:
    """409 while another run is under way, or where there is no model to train."""
    return run_record(loop.run_now(method=body.method))


@router.get("/runs", tags=["training"], summary="List runs, the latest first")
def runs(rater: Rater, loop: LoopDep) -> list[dict[str, Any]]:
    return [run_record(run) for run in loop.status().runs]


@router.get("/runs/{name}", tags=["training"], summary="Open a run: progress, verdict, log")
def run(name: str, rater: Rater, loop: LoopDep) -> dict[str, Any]:
    view = loop.open(name)
    assert view is not None
    log = [{"at": at.isoformat(), "text": text} for at, text in view.log]
    return run_record(view.run) | {"progress": view.progress and view.progress.doing, "live": view.live, "log": log}


@router.post("/runs/{name}/cancel", tags=["training"], summary="Ask a run to stop")
def cancel(name: str, rater: Rater, loop: LoopDep) -> dict[str, str]:
    return {"message": loop.cancel(name)}


class PromoteBody(BaseModel, extra="forbid"):
    force: bool = Field(default=False, description="Although the gate refused it.")


@router.post("/runs/{name}/promote", tags=["training"], summary="Let the adapter of a run answer")
def promote(name: str, body: PromoteBody, rater: Rater, loop: LoopDep) -> dict[str, str]:
    return {"message": loop.promote(name, rater, force=body.force)}


@router.post("/rollback", tags=["training"], summary="Let what was live before answer again")
def roll_back(rater: Rater, loop: LoopDep) -> dict[str, str]:
    return {"message": loop.roll_back(rater)}


@router.post("/schedule/pause", tags=["training"], summary="Begin no runs by themselves")
def pause(rater: Rater, loop: LoopDep) -> dict[str, str]:
    return {"message": loop.pause()}


@router.post("/schedule/resume", tags=["training"], summary="Begin runs by themselves again")
def resume(rater: Rater, loop: LoopDep) -> dict[str, str]:
    return {"message": loop.resume()}


@router.get("/review", tags=["feedback"], summary="What waits for a reviewer, newest first")
def review(
    rater: Rater,
    desk: ReviewDep,
    everything: Annotated[bool, Query(alias="all", description="Also what does not wait.")] = False,
) -> list[dict[str, Any]]:
    return [entry_record(item) for item in desk.queue(everything=everything)]


class RulingBody(BaseModel, extra="forbid"):
    ruling: Ruling


@router.post(
    "/review/{name}/decisions", tags=["feedback"], status_code=201, summary="Accept, discard, withdraw or restore"
)
def decide(name: str, body: RulingBody, rater: Rater, desk: ReviewDep) -> dict[str, str]:
    """403 when somebody else's words are to be withdrawn or restored."""
    act = {
        Ruling.ACCEPT: desk.accept,
        Ruling.DISCARD: desk.discard,
        Ruling.WITHDRAW: desk.withdraw,
        Ruling.RESTORE: desk.restore,
    }[body.ruling]
    return {"message": act(name, rater)}
