"""Proof that a model server answers with the adapter that it is asked for.

A server that does not know an adapter may answer as its base model and echo the name that was asked for, so neither the
reply's `model` nor a list of names proves anything. What is written does: greedily, by the base model and by the adapter.
"""

from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from assistant.errors import AdapterBroken, ModelBroke, ModelNotFound, ModelRejected
from assistant.generation.model_server import Cause, ModelServer, NoFirstToken
from assistant.schema import Message, Mode, Prompt

if TYPE_CHECKING:
    from aiohttp import ClientSession

_TOKENS = 24


async def prove(
    server: ModelServer, session: "ClientSession", *, adapter: str, base: str, prompts: Sequence[str]
) -> None:
    """Return once one of the prompts is answered otherwise by the adapter than by the base model.

    Args:
        server: Asked at temperature 0.
        base: What to ask for to be answered by the base model.

    Raises:
        AdapterBroken: The server does not know it or fails with it, or it writes what the base model writes.
        NoFirstToken, GenerationError: The server cannot be asked now.
    """
    for prompt in prompts:
        before = await _write(server, session, prompt, model=base)
        worn = await _write_worn(server, session, prompt, adapter=adapter)
        # Each is asked again: rounding in a full batch may change what either writes, and that would prove nothing.
        if (
            worn != before
            and before == await _write(server, session, prompt, model=base)
            and worn == await _write_worn(server, session, prompt, adapter=adapter)
        ):
            return
    raise AdapterBroken(name=adapter, problem="the server writes with it what its base model writes")


async def speaks(server: ModelServer, session: "ClientSession", *, base: str, prompt: str) -> bool:
    """Whether the base model writes anything. Raises as `prove`."""
    return bool((await _write(server, session, prompt, model=base)).strip())


async def _write_worn(server: ModelServer, session: "ClientSession", text: str, *, adapter: str) -> str:
    """What the adapter writes. A server that fails at it, and just now did not with its base model, fails for the adapter."""
    try:
        return await _write(server, session, text, model=adapter)
    except NoFirstToken as failed:
        if failed.cause is not Cause.BROKEN:
            raise
        error = failed.error
    except (ModelBroke, ModelRejected) as broke:
        error = broke
    known = not isinstance(error, ModelNotFound)
    problem = (
        f"the server fails with it, {getattr(error, 'problem', type(error).__name__)}"
        if known
        else "the server does not know it"
    )
    raise AdapterBroken(name=adapter, problem=problem) from None


async def _write(server: ModelServer, session: "ClientSession", text: str, *, model: str) -> str:
    prompt = Prompt(
        version="canary",
        mode=Mode.QUESTION,
        question="",
        messages=(Message(role="user", content=text),),
        sources=(),
    )
    async with aclosing(server.ask(session, prompt, model=model, max_new_tokens=_TOKENS)) as deltas:
        return "".join([delta async for delta in deltas])
