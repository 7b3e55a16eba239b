"""What is turned away at the door, before a body is read: strangers at `/api/v1`, bodies beyond the limit, and routes of
Gradio that the page does not use and that would write to the disk."""

from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.errors import FileTooLarge

if TYPE_CHECKING:
    from ui.accounts import Accounts

API = "/api/v1/"
SIGN_IN_HINT = "send `Authorization: Bearer <token>`; `curbside token NAME` makes one"
# Uploads go to a temporary folder, deep links write a session's state to one: both hold reports with their names.
_CLOSED = ("/gradio_api/upload", "/gradio_api/deep_link")


class Gate:
    """ASGI middleware. The routes still ask who it is; this only spares them what should never be read."""

    def __init__(self, app: ASGIApp, *, accounts: "Accounts", limit_bytes: int) -> None:
        self._app, self._accounts, self._limit_bytes = app, accounts, limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refuse(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    def _refuse(self, scope: Scope) -> JSONResponse | None:
        path = scope["path"]
        if path.startswith(_CLOSED):
            return JSONResponse({"message": "this is closed here"}, status_code=404)
        if not path.startswith(API):
            return None
        headers = Headers(scope=scope)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or self._accounts.owner_of(token.strip()) is None:
            return JSONResponse({"detail": SIGN_IN_HINT}, status_code=401, headers={"WWW-Authenticate": "Bearer"})
        if "chunked" in headers.get("transfer-encoding", ""):
            return JSONResponse({"message": "send the body's length (Content-Length)"}, status_code=411)
        size = int(headers.get("content-length", "0") or 0)
        if size > self._limit_bytes:
            error = FileTooLarge(size_bytes=size, limit_bytes=self._limit_bytes, what="the request")
            return JSONResponse({"error": "FileTooLarge", "message": str(error)}, status_code=413)
        return None
