"""Keeps model servers in step with the adapter that is live: beside the answers, and only if the adapter proves itself.

    vLLM    loads it under its own name while it answers; the one before is unloaded when nothing is written with it
    TGI     reads adapters at its start only: its keeper (docker/engine/keep.py) starts it anew

At each server the next question is asked of the new adapter from the moment on at which it is proven there, and until
then of the one before. Servers that are behind get no question while another is in step.
"""

import asyncio
import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.adapters import LIVE_FILE, Adapters, Live
from assistant.errors import AdapterBroken, GenerationError, ModelUnavailable, NoSuchAdapter
from assistant.generation.canary import CANARY_PROMPTS, read_canary
from assistant.generation.engine_reports import EngineReport, read_reports, why_not_serving
from assistant.generation.loading import short_name
from assistant.generation.model_server import Cause, ModelServer, NoFirstToken
from assistant.generation.served_canary import prove, speaks
from assistant.generation.vllm_adapters import VllmAdapters
from assistant.gpu_files import exchange
from assistant.settings import GenerationSettings

if TYPE_CHECKING:
    from aiohttp import ClientSession

log = logging.getLogger(__name__)

_HEALTH_S = 5.0
"""How often a server that is in step is asked for its health: after a restart nothing is proven."""
_LONGEST_PAUSE_S = 60.0
"""Between two attempts at what failed; doubles from the first look on."""
_PATIENCE_S = 30.0
"""With the first token of a canary."""
_FIRST_LOOK_S = 20.0
"""How long the first questions of a process wait for the first look."""


@dataclass(slots=True, eq=False, kw_only=True)
class _Replica:
    """What is known about the adapters of one server."""

    server: ModelServer
    looked: bool = False
    proven: bool = False
    """Whether `worn` was seen to answer, by the process that runs now."""
    worn: str | None = None
    """The adapter that questions are asked of; `None` is the base model."""
    seen: object = None
    """The files that were last read."""
    report: EngineReport | None = None
    pid: int | None = None
    problem: str = ""
    look_at: float = 0.0
    pause_s: float = 0.0
    using: Counter[str | None] = field(default_factory=Counter)
    """Answers under way."""
    worn_since: float = 0.0
    tidy: bool = True
    """Whether no other adapter of ours is loaded there, as far as it is ours to unload."""


class ServedAdapter:
    """Implements `replicas.ServedAdapters`. Safe to share between threads and event loops; looks in threads of its own."""

    def __init__(
        self,
        settings: GenerationSettings,
        adapters: Adapters,
        *,
        base_model: str,
        data_dir: Path,
        look_s: float = 1.0,
        linger_s: float = 30.0,
    ) -> None:
        """
        Args:
            base_model: What the adapters are trained on: `training.base_model`.
            data_dir: Where adapters and the reports of keepers lie. vLLM must see the adapters at the same path.
            linger_s: How long an adapter stays loaded after its last question, for other processes that still ask for it.
        """
        patience = {"first_token_timeout_s": min(_PATIENCE_S, settings.first_token_timeout_s)}
        asking = settings.model_copy(update={"temperature": 0.0, **patience})
        self._settings, self._adapters, self._data_dir = settings, adapters, data_dir
        self._base_model = short_name(base_model)
        self._look_s, self._linger_s = look_s, linger_s
        self._replicas = {url: _Replica(server=ModelServer(asking, url)) for url in settings.urls}
        self._live = Live()
        self._live_problem = ""
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._threads: list[threading.Thread] = []

    # ---- asked before every answer

    @property
    def problem(self) -> str:
        """Why not all servers answer with the adapter that is live; empty where they do."""
        problems = [self._live_problem, *(replica.problem for replica in self._replicas.values())]
        return next(
            filter(None, problems),
            "" if all(map(self._is_in_step, self._replicas.values())) else "the servers have not been asked yet",
        )

    def is_ready(self, url: str) -> bool:
        self.start()
        replica = self._replicas[url]
        if not replica.looked:
            return True  # the question waits for the first look, in `name_at`
        if not replica.proven:
            return False
        return self._is_in_step(replica) or not any(map(self._is_in_step, self._replicas.values()))

    async def name_at(self, url: str) -> str | None:
        """Raises `NoFirstToken` where nothing is proven."""
        self.start()
        replica = self._replicas[url]
        until = time.monotonic() + _FIRST_LOOK_S
        while not replica.looked and time.monotonic() < until:
            await asyncio.sleep(0.02)
        with self._lock:
            if not replica.proven:
                error = ModelUnavailable(url=replica.server.shown_url, problem=self.problem)
                raise NoFirstToken(error, Cause.AWAY)
            replica.using[replica.worn] += 1
            return replica.worn

    def ended(self, url: str, name: str | None) -> None:
        with self._lock:
            self._replicas[url].using[name] -= 1

    def start(self) -> None:
        """Begin to look, if nobody has."""
        with self._lock:
            if self._threads or self._closed.is_set():
                return
            for replica in self._replicas.values():
                thread = threading.Thread(target=self._keep_up, args=(replica,), name="served-adapter", daemon=True)
                thread.start()
                self._threads.append(thread)

    def close(self) -> None:
        """Look no more. What is loaded stays loaded: other processes may ask for it."""
        self._closed.set()
        for thread in self._threads:
            thread.join(5)

    # ---- in a thread for each server, so that one that hangs holds up no other

    def _keep_up(self, replica: _Replica) -> None:
        while not self._closed.is_set():
            try:
                if self._is_due(replica):
                    asyncio.run(self._look_at(replica))
            except Exception as error:  # noqa: BLE001  a process edge: without this thread no promotion is ever answered
                log.error("looking after served adapters: %s", type(error).__name__)
            self._closed.wait(self._look_s)

    def _is_due(self, replica: _Replica) -> bool:
        """Whether there is anything to do. Usually this is a `stat` or two and a look at the clock."""
        reports = exchange(self._data_dir).glob("engine-*.json")
        files = (self._data_dir / "adapters" / LIVE_FILE, *sorted(reports))
        seen = [(path.name, _stamp(path)) for path in files]
        if seen != replica.seen:
            replica.seen, replica.look_at, replica.pause_s = seen, 0.0, 0.0
            replica.report = read_reports(self._data_dir).get(replica.server.url)
            self._read_live()
        return replica.look_at <= time.monotonic()

    def _read_live(self) -> None:
        try:
            self._live, self._live_problem = self._adapters.live(), ""
        except AdapterBroken as error:
            self._live_problem = str(error)

    async def _look_at(self, replica: _Replica) -> None:
        import aiohttp

        limits = aiohttp.ClientTimeout(total=None, connect=self._settings.connect_timeout_s)
        try:
            async with aiohttp.ClientSession(timeout=limits, trust_env=False) as session:
                await self._bring_in_step(session, replica)
        except NoFirstToken as failed:
            replica.problem = str(failed.error)
        except GenerationError as error:
            replica.problem = str(error)
        replica.pause_s = min(max(self._look_s, replica.pause_s * 2), _LONGEST_PAUSE_S)
        pause_s = replica.pause_s
        if self._is_in_step(replica):
            pause_s = _HEALTH_S if replica.tidy else self._look_s
        elif not replica.proven:
            pause_s = self._look_s
        replica.look_at = time.monotonic() + pause_s
        replica.looked = True

    async def _bring_in_step(self, session: "ClientSession", replica: _Replica) -> None:
        report = replica.report
        problem = why_not_serving(report) or await replica.server.health()
        if problem is not None:
            replica.proven, replica.problem = False, f"{replica.server.shown_url}: {problem}"
            return
        if report is not None and report.pid != replica.pid:
            if replica.pid is not None:
                replica.proven, replica.problem = False, f"{replica.server.shown_url}: it has been restarted"
            replica.pid = report.pid
        if replica.proven and await self._has_lost(session, replica):
            replica.proven, replica.problem = False, f"{replica.server.shown_url}: it has lost {replica.worn}"
        first_problem = ""
        for name in dict.fromkeys((self._live.name, *self._live.previous, None)):
            if replica.proven and replica.worn == name:
                break
            try:
                await self._wear(session, replica, name)
            except (AdapterBroken, NoSuchAdapter) as error:
                first_problem = first_problem or str(error)
            else:
                log.info("server=%s adapter=%s answers, before it %s", replica.server.shown_url, name, replica.worn)
                with self._lock:
                    replica.worn, replica.proven = name, True
                replica.worn_since, replica.tidy = time.monotonic(), self._settings.engine != "vllm"
                break
        if first_problem != replica.problem and first_problem:
            log.warning("the live adapter does not answer at server=%s", replica.server.shown_url)
        replica.problem = first_problem
        if not replica.tidy and self._is_in_step(replica):
            await self._tidy(session, replica)

    async def _has_lost(self, session: "ClientSession", replica: _Replica) -> bool:
        """Whether vLLM was restarted between two looks, or somebody else has unloaded what it wears."""
        if self._settings.engine != "vllm" or replica.worn is None:
            return False
        return replica.worn not in await VllmAdapters(replica.server).listed(session)

    async def _wear(self, session: "ClientSession", replica: _Replica, name: str | None) -> None:
        """Return once `name` was seen to answer. Raises `AdapterBroken`, `NoSuchAdapter`, or as the server fails."""
        base = await self._base_name(session, replica.server)
        if name is None:
            if not await speaks(replica.server, session, base=base, prompt=CANARY_PROMPTS[-1]):
                raise ModelUnavailable(url=replica.server.shown_url, problem="it is healthy and says nothing")
            return
        made_for = short_name(self._adapters.check(name).base_model)
        if made_for != self._base_model:
            raise AdapterBroken(name=name, problem=f"it was made for {made_for}, not for {self._base_model}")
        if self._settings.engine == "vllm":
            await VllmAdapters(replica.server).load(session, name, self._adapters.path(name))
        elif replica.report is not None and name not in replica.report.adapters:
            problem = replica.report.problem or "its server is still to be started with it"
            raise AdapterBroken(name=name, problem=problem, remedy="until then the one before answers")
        canary = read_canary(self._adapters.path(name))
        prompts = (*([canary.prompt] if canary else []), *CANARY_PROMPTS)
        try:
            await prove(replica.server, session, adapter=name, base=base, prompts=prompts)
        except AdapterBroken as error:
            if self._settings.engine == "vllm" or replica.report is not None:
                raise
            remedy = "start the server with it, as docker/engine/keep.py does"
            raise AdapterBroken(name=name, problem=error.problem, remedy=remedy) from None

    async def _base_name(self, session: "ClientSession", server: ModelServer) -> str:
        """As the client asks for the base model."""
        told = self._settings.model or ("tgi" if self._settings.engine == "tgi" else await server.first_listed(session))
        return told or "default"

    async def _tidy(self, session: "ClientSession", replica: _Replica) -> None:
        """Let vLLM forget adapters that nothing is written with any more."""
        if time.monotonic() - replica.worn_since < self._linger_s:
            return
        vllm, ours = VllmAdapters(replica.server), set(self._adapters.names())
        old = (await vllm.listed(session) & ours) - {replica.worn}
        for name in sorted(old):
            with self._lock:
                used = replica.using[name]
            if used == 0:
                await vllm.unload(session, name)
                log.info("server=%s let go of adapter=%s", replica.server.shown_url, name)
                old.discard(name)
        replica.tidy = not old

    def _is_in_step(self, replica: _Replica) -> bool:
        return replica.proven and replica.worn == self._live.name


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_ino
