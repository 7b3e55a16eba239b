"""How a stand-in engine behaves, and what it has seen."""

from dataclasses import dataclass, field
from typing import Any

STATUS_FAULTS = ("400", "401", "404", "413", "422", "424", "429", "500", "503")
FAULTS = (
    "none",
    *STATUS_FAULTS,
    "in-stream-error",  # an `error` event under HTTP 200, after `--fault-after` tokens
    "in-stream-overload",  # the same, saying 429
    "garbage",  # an event that is no JSON
    "html",  # a proxy's page under HTTP 200
    "die",  # the connection is reset after `--fault-after` tokens
    "eof",  # the stream ends properly, but without finish_reason and [DONE]
    "silent",  # nothing more after `--fault-after` tokens, only keep-alive comments
    "no-answer",  # not even a status line
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How the engine answers. `POST /behave` with some of these fields changes them while it runs."""

    first_token_s: float = 0.05
    tokens_per_s: float = 100.0
    tokens: int = 100
    engine: str = "tgi"
    model: str = "stand-in"
    fault: str = "none"
    fault_after: int = 3
    """Tokens before an in-stream fault."""
    until: str = ""
    """A file that a test makes: before it is there, no answer goes past `hold_after` tokens, nor ends or breaks there. So one is
    under way for as long as the test needs, on any machine."""
    hold_after: int = 1
    fault_count: int = 0
    """So many requests meet the fault, then all is well; 0: every request."""
    retry_after: str | None = None
    """`Retry-After` of 429 and 503."""
    keep_alive_s: float = 0.0
    """A comment is sent so often while no token is due; 0: never."""
    replay: Any = None
    """A recorded reply to send instead of an invented one: a list of chunks is streamed, anything else sent whole."""
    echo: bool = False
    """Answer with the words of the last user message, so that tests see which stream is whose."""
    capacity: int = 0
    """More streams at a time are refused with 429, as TGI does; 0: no limit."""
    health: int = 200
    """The status of `/health`."""
    odd: Any = ()
    """Numbers of requests whose answer begins with another word, as rounding in a full batch may bring about."""
    breaks_with: str = ""
    """A model for which every request ends in 500."""
    forgets: bool = False
    """Answer to every adapter as the base model, as a TGI that was started again without them."""
    strict: bool = False
    """Refuse names that are not served with 404, as vLLM does. TGI answers them as the base model and echoes the name."""


@dataclass(slots=True, kw_only=True)
class Stats:
    """What the engine has seen."""

    requests: int = 0
    faults: int = 0
    connections: int = 0
    open_streams: int = 0
    most_open: int = 0
    refused: int = 0
    """Requests over the capacity."""
    finished: int = 0
    left_early: int = 0
    health_checks: int = 0
    answered_as: dict[str, int] = field(default_factory=dict)
    """Streams by who really answered: an adapter's name, or `base`."""
    last: dict[str, Any] = field(default_factory=dict)
