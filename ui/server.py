"""Curbside on one address: the HTTP interface under `/api/v1`, its documentation, health, metrics, and the browser page.

`create_api` is the HTTP interface alone (what the tests of routes and the benchmarks use); `create_server` adds the
browser page; `run_server` starts it and says where it is.
"""

import asyncio
import contextlib
import logging
import socket
import threading
import traceback
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.formparsers import MultiPartParser
from starlette.staticfiles import StaticFiles

from assistant.errors import CurbsideError
from assistant.heap import keep_heap_small, settle_heap
from ui import api_training
from ui.api import router
from ui.gate import Gate
from ui.terminal import note, working

if TYPE_CHECKING:
    from ui.wiring import Parts

log = logging.getLogger(__name__)

_FILES_A_REQUEST = 4
"""So many files of the largest size fit into one request."""
_SESSIONS = 200
"""Browser sessions whose screens Gradio keeps in memory; the oldest is forgotten first."""


def create_api(parts: "Parts") -> FastAPI:
    """The HTTP interface over one installation."""
    api = FastAPI(
        title="Curbside",
        description="Answers about de-identified reports, with citations. Supports, never replaces, the clinician's judgement.",
        docs_url=None,  # the stock page loads its scripts from another host; ours come from this computer
        redoc_url=None,
    )
    api.openapi_version = "3.0.2"  # what the bundled documentation page reads
    api.state.parts = parts
    api.state.metrics = parts.metrics
    api.include_router(router)
    api.include_router(api_training.router)
    upload_bytes = int(parts.settings.reading.max_file_mb * 1e6)
    api.add_middleware(Gate, accounts=parts.accounts, limit_bytes=_FILES_A_REQUEST * upload_bytes)
    # Starlette spools an upload to a temporary file beyond 1 MB; a report with its names must not touch the disk.
    MultiPartParser.spool_max_size = _FILES_A_REQUEST * upload_bytes

    @api.exception_handler(CurbsideError)
    async def expected(_request: Request, error: CurbsideError) -> Response:
        api.state.metrics.failed(error)
        record = {"error": type(error).__name__, "message": str(error), **error.details}
        return JSONResponse(record, status_code=error.http_status)

    @api.exception_handler(RequestValidationError)
    async def malformed(_request: Request, error: RequestValidationError) -> Response:
        # Without `input`, which holds what was sent: a report, perhaps.
        problems = [{"where": list(e["loc"]), "problem": e["msg"]} for e in error.errors()]
        return JSONResponse(
            {"error": "Malformed", "message": "the request is not as /docs says", "problems": problems}, 422
        )

    @api.exception_handler(Exception)
    async def unexpected(_request: Request, error: Exception) -> Response:
        api.state.metrics.failed(error)
        return JSONResponse(
            {"error": "Unexpected", "message": "something went wrong on the server; its log has the details"},
            status_code=500,
        )

    @api.get("/health", tags=["server"], summary="Whether the server is up, and whether it is still loading")
    def health() -> dict[str, Any]:
        return {"status": "ok", "ready": not getattr(api.state, "warming", False), "model_id": parts.model_id}

    @api.get("/metrics", tags=["server"], summary="Counts and durations as Prometheus text")
    def metrics() -> Response:
        return Response(api.state.metrics.text(reports=parts.library.count()), media_type="text/plain; version=0.0.4")

    _add_documentation(api)
    return api


def _add_documentation(api: FastAPI) -> None:
    from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]

    api.mount("/docs/assets", StaticFiles(directory=swagger_ui_path), name="docs-assets")

    @api.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="Curbside HTTP interface",
            swagger_js_url="/docs/assets/swagger-ui-bundle.js",
            swagger_css_url="/docs/assets/swagger-ui.css",
            swagger_favicon_url="/docs/assets/favicon-32x32.png",
        )


def create_server(parts: "Parts") -> FastAPI:
    """The HTTP interface with the browser page at `/`."""
    import gradio as gr

    from ui.app import build_app, page_options

    blocks = build_app(parts.desk, parts.loop_desk, parts.review_desk, settings=parts.settings)
    blocks.state_session_capacity = _SESSIONS

    async def sign_in(name: str, password: str) -> bool:  # Argon2 takes its time; the streams must not wait for it
        return await asyncio.to_thread(parts.accounts.check_password, name, password)

    return gr.mount_gradio_app(
        create_api(parts),
        blocks,
        path="/",
        auth=sign_in,
        show_error=False,
        run_history=False,
        **page_options(),
    )


def run_server(parts: "Parts") -> None:
    """Start, print the address (and the first password, once), serve until interrupted."""
    keep_heap_small()  # before the first thread
    import uvicorn

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    quieten_logs()
    logging.getLogger("ui").setLevel(logging.INFO)
    logging.getLogger("assistant").setLevel(logging.INFO)
    server = parts.settings.server
    listener = _listen(server.host, server.port)  # before the slow imports: a port in use is said at once
    note("Curbside is starting; this takes a few seconds")
    with working("Opening the database"):
        parts.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        parts.database  # noqa: B018  migrations run before anybody comes in
        first_password = parts.accounts.create_first()
    with working("Preparing the page"):
        app = create_server(parts)
        # Made before the warm-up begins: the loop that serves must never wait for the thread that loads.
        for name in ("chat", "feedback", "library", "ingest", "adapters", "ledger"):
            getattr(parts, name)
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=5)
    host, port = listener.getsockname()[:2]

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            shown = f"[{host}]" if ":" in host else host
            print(f"Curbside is at http://{shown}:{port}", flush=True)  # noqa: T201
            if first_password:
                print(f"First password for doctor: {first_password}", flush=True)  # noqa: T201
                print("It is shown this once; `curbside password doctor` sets another.", flush=True)  # noqa: T201
            _warm_up_in_background(parts, app)

    with contextlib.suppress(KeyboardInterrupt):
        Announcing(config).run(sockets=[listener])
    parts.close()


def quieten_logs() -> None:
    """From whichever package an unexpected error comes, its message stays out of the log."""
    logging.getLogger("uvicorn.error").addFilter(_without_messages)  # has a handler of its own
    for handler in logging.getLogger().handlers:
        handler.addFilter(_without_messages)  # asyncio writes the message of a task that nobody waited for


def _without_messages(record: logging.LogRecord) -> bool:
    """Where an unexpected error happened and of which type; its message may quote a report."""
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        frames = traceback.extract_tb(error.__traceback__)
        where = "\n".join(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
        record.msg, record.args, record.exc_info = f"{type(error).__name__}\n{where}", (), None
        record.exc_text = None
    return True


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        raise CurbsideError(f"cannot listen on {host}:{port} ({error.strerror}); choose another with --port") from error
    return listener


def _warm_up_in_background(parts: "Parts", app: FastAPI) -> None:
    app.state.warming = True

    def work() -> None:
        try:
            parts.warm_up()
            settle_heap()
            if parts.loop_desk.keeps_schedule and parts.launcher.begins:
                parts.scheduler.start()
        except CurbsideError as error:
            log.warning("%s", error)
        except Exception as error:  # noqa: BLE001 - a process edge: the page is up, the first question says what is wrong
            log.error("warm-up failed: %s", type(error).__name__)
        finally:
            app.state.warming = False

    threading.Thread(target=work, name="warm-up", daemon=True).start()
