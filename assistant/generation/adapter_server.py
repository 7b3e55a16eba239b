"""One model server and the adapters of ours that it wears: put on, proven, lost, let go of.

vLLM    loads them while it answers
TGI     has what it was started with; its keeper's report says what that is
"""

import logging
import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from assistant.adapters import Adapters
from assistant.errors import AdapterBroken, ModelUnavailable
from assistant.generation.canary import CANARY_PROMPTS, read_canary
from assistant.generation.engine_reports import EngineReport
from assistant.generation.loading import short_name
from assistant.generation.model_server import ModelServer
from assistant.generation.served_canary import prove, speaks
from assistant.generation.vllm_adapters import VllmAdapters
from assistant.settings import GenerationSettings

if TYPE_CHECKING:
    from aiohttp import ClientSession

log = logging.getLogger(__name__)

_PATIENCE_S = 30.0
"""With the first token of a canary."""
_PROVE_AGAIN_S = 60.0
"""How often a server is asked for its canary again, of whose restarts nobody tells."""


class AdapterServer:
    """Belongs to one thread."""

    def __init__(self, settings: GenerationSettings, url: str, adapters: Adapters, *, base_model: str) -> None:
        """`base_model`: what the adapters are trained on."""
        patience = {"first_token_timeout_s": min(_PATIENCE_S, settings.first_token_timeout_s)}
        self.server = ModelServer(settings.model_copy(update={"temperature": 0.0, **patience}), url)
        self._settings, self._adapters = settings, adapters
        self._base_model = short_name(base_model)
        self._vllm = VllmAdapters(self.server) if settings.engine == "vllm" else None
        self._proven_at = 0.0

    @property
    def shown_url(self) -> str:
        """Without credentials."""
        return self.server.shown_url

    async def wear(
        self, session: "ClientSession", name: str | None, report: EngineReport | None, *, load: bool = True
    ) -> None:
        """Return once `name` was seen to answer; `None` is the base model.

        Args:
            load: Whether a server that can may be told to load it. Else nothing is changed by looking.

        Raises:
            AdapterBroken, NoSuchAdapter: Another adapter may do better.
            NoFirstToken, GenerationError: The server cannot be asked now.
        """
        if name is None:
            if not await speaks(self.server, session, base=await self._base(session), prompt=CANARY_PROMPTS[-1]):
                raise ModelUnavailable(url=self.shown_url, problem="it is healthy and says nothing")
            return
        made_for = short_name(self._adapters.check(name).base_model)
        if made_for != self._base_model:
            raise AdapterBroken(name=name, problem=f"it was made for {made_for}, not for {self._base_model}")
        if self._vllm is not None and load:
            await self._vllm.load(session, name, self._adapters.path(name))
        elif self._vllm is not None:
            if name not in await self._vllm.listed(session):
                raise AdapterBroken(name=name, problem="it is not loaded", remedy="`curbside serve` loads it")
        elif report is not None and name not in report.adapters:
            problem = report.problem or "its server is still to be started with it"
            raise AdapterBroken(name=name, problem=problem, remedy="until then the one before answers")
        try:
            await self._prove(session, name)
        except AdapterBroken as error:
            if self._vllm is not None or report is not None:
                raise
            remedy = "start the server with it, as docker/engine/keep.py does"
            raise AdapterBroken(name=name, problem=error.problem, remedy=remedy) from None

    async def has_lost(self, session: "ClientSession", name: str | None, report: EngineReport | None) -> bool:
        """Whether `name`, which was seen to answer, does so no more: after a restart that nobody saw. Raises as `wear`."""
        if name is None:
            return False
        if self._vllm is not None:
            return name not in await self._vllm.listed(session)
        if report is not None or time.monotonic() - self._proven_at < _PROVE_AGAIN_S:
            return False
        try:
            await self._prove(session, name)
        except AdapterBroken:
            return True
        return False

    async def forget_others(
        self, session: "ClientSession", name: str | None, *, in_use: Collection[str | None]
    ) -> bool:
        """Let vLLM go of all adapters of ours but `name` and those in use; whether none of them is left.

        Raises:
            ModelUnavailable
        """
        if self._vllm is None:
            return True
        old = (await self._vllm.listed(session) & set(self._adapters.names())) - {name}
        for each in sorted(old.difference(in_use)):
            await self._vllm.unload(session, each)
            log.info("server=%s let go of adapter=%s", self.shown_url, each)
        return old.isdisjoint(in_use)

    async def _prove(self, session: "ClientSession", name: str) -> None:
        canary = read_canary(self._adapters.path(name))
        prompts = (*([canary.prompt] if canary else []), *CANARY_PROMPTS)
        await prove(self.server, session, adapter=name, base=await self._base(session), prompts=prompts)
        self._proven_at = time.monotonic()

    async def _base(self, session: "ClientSession") -> str:
        """As the client asks for the base model."""
        given = self._settings.model or ("tgi" if self._settings.engine == "tgi" else None)
        return given or await self.server.first_listed(session) or "default"
