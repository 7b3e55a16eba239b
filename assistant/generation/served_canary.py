"""Proof that a model server answers with the adapter that it is asked for.

A server that does not know an adapter may answer as its base model and echo the name that was asked for, so neither the
reply's `model` nor a list of names proves anything. What is written does: greedily, by the base model and by the adapter.
"""

from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from assistant.errors import AdapterBroken, ModelNotFound
from assistant.generation.model_server import ModelServer, NoFirstToken
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
        AdapterBroken: The server does not know it, or it writes what the base model writes.
        NoFirstToken, GenerationError: The server cannot be asked now.
    """
    for prompt in prompts:
        before = await _write(server, session, prompt, model=base)
        try:
            worn = await _write(server, session, prompt, model=adapter)
        except NoFirstToken as failed:
            if isinstance(failed.error, ModelNotFound):
                raise AdapterBroken(name=adapter, problem="the server does not know it") from None
            raise
        # Asked again: rounding in a full batch may change what the base model writes, and that would prove nothing.
        if worn != before and before == await _write(server, session, prompt, model=base):
            return
    raise AdapterBroken(name=adapter, problem="the server writes with it what its base model writes")


async def speaks(server: ModelServer, session: "ClientSession", *, base: str, prompt: str) -> bool:
    """Whether the base model writes anything. Raises as `prove`."""
    return bool((await _write(server, session, prompt, model=base)).strip())


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
