"""What a model server's refusal means: its status and body → one of our errors.

Every server has its own body: TGI `{"error": text, "error_type": kind}`, and inside a stream under HTTP 200
`{"error": {"message", "http_status_code"}}`; vLLM and llama.cpp `{"error": {"message", "type", "code"}}`; older vLLM
the same without the outer `error`; FastAPI servers `{"detail": …}`. The server's own words are read for numbers and
never passed on: they may repeat the prompt, and with it the report.

Sources: TGI 3.3.7 router/src/{server,validation}.rs; vLLM vllm/entrypoints/openai; llama.cpp tools/server/README.md.
"""

import json
import re
from typing import Any

from assistant.errors import (
    GenerationError,
    ModelNotFound,
    ModelOverloaded,
    ModelRejected,
    ModelUnavailable,
    PromptTooLong,
)

_KIND = re.compile(r"[A-Za-z][A-Za-z_ ]{0,39}")
_TOO_LONG = (  # `limit` and `tokens`, wherever the server says both
    re.compile(r"`max_new_tokens` must be <= (?P<limit>\d{1,9})\. Given: (?P<tokens>\d{1,9}) `inputs` tokens"),
    re.compile(r"`inputs` must have less than (?P<limit>\d{1,9}) tokens\. Given: (?P<tokens>\d{1,9})"),
    re.compile(
        r"maximum context length is (?P<limit>\d{1,9}) tokens\. However, you requested \d{1,9} output tokens and your prompt "
        r"contains (?:at least )?(?P<tokens>\d{1,9})"
    ),
    re.compile(
        r"maximum context length is (?P<limit>\d{1,9}) tokens and your request has (?P<tokens>\d{1,9}) input tokens"
    ),
    re.compile(
        r"You passed (?P<tokens>\d{1,9}) input tokens and requested \d{1,9} output tokens\. However, the model's context "
        r"length is only (?P<limit>\d{1,9}) tokens"
    ),
    re.compile(
        r"maximum context length is (?P<limit>\d{1,9}) tokens\. However, (?:you requested|your request has) "
        r"(?:a total of )?(?:at least )?(?P<tokens>\d{1,9})"
    ),
    re.compile(r"prompt \(length (?P<tokens>\d{1,9})\) is longer than the maximum model length of (?P<limit>\d{1,9})"),
    re.compile(r"request \((?P<tokens>\d{1,9}) tokens\) exceeds the available context size \((?P<limit>\d{1,9})"),
)


def read_body(body: bytes) -> Any:
    """The JSON in `body`, or `None` where it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def error_in(chunk: dict[str, Any]) -> int | None:
    """The status that an event under HTTP 200 reports instead of text; `None` for an ordinary chunk."""
    error = chunk.get("error")
    if not error and chunk.get("object") != "error":
        return None
    detail = error if isinstance(error, dict) else chunk
    for name in ("http_status_code", "code", "status_code"):
        value = detail.get(name)
        if isinstance(value, int) and 400 <= value <= 599:
            return value
    return 500


def explain(*, status: int, body: Any, url: str, model: str) -> GenerationError:
    """The error to raise for a reply with `status` (of the response, or of the event in a stream)."""
    detail = body.get("error", body) if isinstance(body, dict) else body
    message = _message(detail)
    kind = _kind(body, detail)
    if status in (400, 413, 422):
        for pattern in _TOO_LONG:
            if found := pattern.search(message):
                return PromptTooLong(tokens=int(found["tokens"]), limit=int(found["limit"]))
    match status:
        case 429:
            return ModelOverloaded(url=url)
        case 401 | 403:
            return ModelRejected(status=status, kind="the key; set `CURBSIDE_GENERATION__API_KEY`")
        case 404 if "model" in kind.lower() or "notfound" in kind.lower():
            return ModelNotFound(name=model, problem="the server does not serve it")
        case 404:
            return ModelRejected(status=status, kind="no such route; `CURBSIDE_GENERATION__URL` usually ends in /v1")
        case 424 | _ if status == 424 or status >= 500:
            return ModelUnavailable(url=url, problem=f"status {status}, {kind}")
        case _:
            return ModelRejected(status=status, kind=kind)


def _message(detail: Any) -> str:
    if isinstance(detail, dict):
        detail = detail.get("message") or detail.get("detail") or ""
    return detail[:4000] if isinstance(detail, str) else ""


def _kind(body: Any, detail: Any) -> str:
    for holder, name in ((body, "error_type"), (detail, "type"), (detail, "code"), (detail, "error_type")):
        value = holder.get(name) if isinstance(holder, dict) else None
        if isinstance(value, str) and _KIND.fullmatch(value):
            return value
    return "no reason given"
