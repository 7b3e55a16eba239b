"""Adapters that vLLM takes and lets go of while it answers (`VLLM_ALLOW_RUNTIME_LORA_UPDATING=True`).

Source: vLLM, entrypoints/openai/models/serving.py; `load_lora_adapter` returns once the weights were read. Unloading removes
the name only; the memory is given back when another adapter needs it (vLLM issue 54839).
"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import AdapterBroken, ModelUnavailable
from assistant.generation.model_server import MAX_BODY_BYTES, ModelServer
from assistant.generation.server_errors import read_body

if TYPE_CHECKING:
    from aiohttp import ClientSession

_LOAD_S = 120.0
"""Longest wait for an adapter to be read. Chosen by us."""


class VllmAdapters:
    """Of one server."""

    def __init__(self, server: ModelServer) -> None:
        self._server = server

    async def listed(self, session: "ClientSession") -> set[str]:
        """What the server answers to, the base model among it. Raises `ModelUnavailable`."""
        import aiohttp

        try:
            async with (
                asyncio.timeout(_LOAD_S),
                session.get(
                    f"{self._server.url}/models", headers=self._server.headers(), allow_redirects=False
                ) as response,
            ):
                told = read_body(await response.content.read(MAX_BODY_BYTES))
                return {str(one["id"]) for one in told["data"]}
        except (aiohttp.ClientError, OSError, TimeoutError, LookupError, TypeError):
            raise ModelUnavailable(url=self._server.shown_url, problem="it does not tell its models") from None

    async def load(self, session: "ClientSession", name: str, folder: Path) -> None:
        """Let the server answer to `name`; it must see the folder at the same path. One that it has stays.

        Raises:
            AdapterBroken: It cannot be loaded.
            ModelUnavailable
        """
        if name in await self.listed(session):
            return
        told = {"lora_name": name, "lora_path": str(folder.resolve())}
        status = await self._post(session, "load_lora_adapter", told)
        if name in await self.listed(session):  # also where another process was quicker
            return
        problem = f"the server could not load it, status {status}"
        if status in (404, 405):
            problem += "; it must run with VLLM_ALLOW_RUNTIME_LORA_UPDATING=True and see the folder of the adapters"
        raise AdapterBroken(name=name, problem=problem)

    async def unload(self, session: "ClientSession", name: str) -> None:
        """Let the server forget `name`, if it knows it. Raises `ModelUnavailable`."""
        await self._post(session, "unload_lora_adapter", {"lora_name": name})

    async def _post(self, session: "ClientSession", path: str, body: dict[str, str]) -> int:
        import aiohttp

        try:
            async with (
                asyncio.timeout(_LOAD_S),
                session.post(
                    f"{self._server.url}/{path}", json=body, headers=self._server.headers(), allow_redirects=False
                ) as response,
            ):
                return response.status
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            problem = f"the connection broke, {type(error).__name__}"
            raise ModelUnavailable(url=self._server.shown_url, problem=problem) from None
