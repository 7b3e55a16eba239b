"""What model servers send: chunks of an answer and bodies of errors. The words are invented.

Bodies follow TGI 3.3.7 (router/src/server.rs) and vLLM (entrypoints/openai).
"""

import json
from typing import Any

WORDS = [
    "The",
    "gauge",
    "reads",
    "four",
    "and",
    "the",
    "valve",
    "is",
    "closed",
    ".",
    "No",
    "leak",
    "was",
    "seen",
    "at",
    "the",
    "joint",
    ",",
    "température",
    "37",
    "°C",
    ".",
]
_TGI_KINDS = {422: "validation", 424: "generation", 429: "overloaded", 500: "incomplete_generation", 503: "unhealthy"}


def make_chunk(content: str | None, *, model: str, finish: str | None = None, role: bool = False) -> bytes:
    """One `chat.completion.chunk` as an SSE event."""
    delta: dict[str, str] = {"role": "assistant"} if role else {}
    if content is not None:
        delta["content"] = content
    return make_event(
        {
            "id": "",
            "object": "chat.completion.chunk",
            "created": 1700000000,
            "model": model,
            "system_fingerprint": "stand-in",
            "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
            "usage": None,
        }
    )


def make_error(status: int, *, engine: str, in_stream: bool = False) -> dict[str, Any]:
    """The error body that `engine` sends with `status`."""
    text = "Input validation error" if status == 422 else "Model is overloaded" if status == 429 else "stand-in fault"
    if engine == "tgi" and in_stream:
        return {"error": {"message": text, "http_status_code": status}}
    if engine == "tgi":
        return {"error": text, "error_type": _TGI_KINDS.get(status, "unknown")}
    kind = {400: "BadRequestError", 404: "NotFoundError", 429: "RateLimitError"}.get(status, "InternalServerError")
    return {"error": {"message": text, "type": kind, "param": None, "code": status}}


def make_error_saying(status: int, message: str, kind: str) -> dict[str, Any]:
    """vLLM's error body with a message of its own."""
    return {"error": {"message": message, "type": kind, "param": None, "code": status}}


def make_event(value: dict[str, Any]) -> bytes:
    """`value` as a server-sent event."""
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def frame(body: bytes) -> bytes:
    """`body` as one chunk of an HTTP/1.1 response."""
    return b"%x\r\n%b\r\n" % (len(body), body)
