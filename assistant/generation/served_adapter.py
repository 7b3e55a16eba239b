"""Keeps model servers in step with the adapter that is live: beside the answers, and only if the adapter proves itself.

At each server the next question is asked of the new adapter from the moment on at which it is proven there, and until
then of the one before. Servers that are behind get no question while another is in step.
"""

import asyncio
import logging
import threading
import time
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.adapters import LIVE_FILE, Adapters, Live
from assistant.errors import AdapterBroken, GenerationError, ModelUnavailable, NoSuchAdapter
from assistant.generation.adapter_server import AdapterServer
from assistant.generation.engine_reports import EngineReport, if_running, read_reports, why_not_serving
from assistant.generation.model_server import Cause, NoFirstToken
from assistant.gpu_files import exchange
from assistant.settings import GenerationSettings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from aiohttp import ClientSession

log = logging.getLogger(__name__)

_HEALTH_S = 5.0
"""How often a server that answers is asked for its health: after a restart nothing is proven."""
_LONGEST_PAUSE_S, _LONGEST_PAUSE_WHILE_BROKEN_S = 8.0, 600.0
"""Between two tries to bring a server in step; doubles from the first look on. The second is for what a server answers but an
adapter cannot: only other files or another process will help, and both are noticed and tried at once."""
_MOST_TRIED = 3
"""The live adapter and those before it, until the base model must do."""
_FIRST_LOOK_S = 20.0
"""How long the first questions of a process wait for the first look."""


@dataclass(slots=True, eq=False, kw_only=True)
class _Replica:
    """What is known about the adapters of one server."""

    server: AdapterServer
    looked: bool = False
    proven: bool = False
    """Whether `worn` was seen to answer, by the process that runs now."""
    worn: str | None = None
    """The adapter that questions are asked of; `None` is the base model."""
    worn_since: float = 0.0
    using: Counter[str | None] = field(default_factory=Counter)
    """Answers under way."""
    tidy: bool = True
    """Whether no other adapter of ours is loaded there."""
    seen: object = None
    """The files that were last read."""
    report: EngineReport | None = None
    pid: int | None = None
    problem: str = ""
    """Why it cannot be asked."""
    broken: str = ""
    """Why it does not wear the adapter that is live."""
    look_at: float = 0.0
    try_at: float = 0.0
    pause_s: float = 0.0


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
        self._settings, self._adapters, self._data_dir = settings, adapters, data_dir
        self._look_s, self._linger_s = look_s, linger_s
        self._replicas = {
            url: _Replica(server=AdapterServer(settings, url, adapters, base_model=base_model)) for url in settings.urls
        }
        self._live = Live()
        self._live_problem = ""
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._threads: list[threading.Thread] = []

    # ---- asked before every answer

    @property
    def problem(self) -> str:
        """Why not all servers answer with the adapter that is live; empty where they do."""
        needed = [one for one in self._replicas.values() if one.report is None or not one.report.is_spare]
        problems = [self._live_problem, *(replica.problem or replica.broken for replica in needed)]
        not_yet = "" if all(map(self._is_in_step, needed)) else "the servers have not been asked yet"
        return next(filter(None, problems), not_yet)

    def is_ready(self, url: str) -> bool:
        self.start()
        replica = self._replicas[url]
        with self._lock:
            if not replica.proven:  # before the first look is over, the question waits for it in `name_at`
                return not replica.looked and not self._is_any_proven()
            return self._is_in_step(replica) or not any(map(self._is_in_step, self._replicas.values()))

    async def name_at(self, url: str) -> str | None:
        """Raises `NoFirstToken` where nothing is proven."""
        self.start()
        replica = self._replicas[url]
        until = time.monotonic() + _FIRST_LOOK_S
        while not replica.looked and not self._is_any_proven() and time.monotonic() < until:
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

    # ---- asked by whoever only looks

    async def look_once(self, url: str) -> str | None:
        """Why the server at `url` does not answer with the adapter that is live; `None` where it was seen to, or none is live.

        Loads nothing, begins nothing.
        """
        try:
            name = self._adapters.live().name
            if name is None:
                return None
            async with self._session() as session:
                report = if_running(read_reports(self._data_dir).get(url))
                await self._replicas[url].server.wear(session, name, report, load=False)
        except NoFirstToken as failed:
            return str(failed.error)
        except GenerationError as error:
            return str(error)
        return None

    # ---- in a thread for each server, so that one that hangs holds up no other

    def _keep_up(self, replica: _Replica) -> None:
        while not self._closed.is_set():
            try:
                self._read_what_changed(replica)
                if replica.look_at <= time.monotonic():
                    asyncio.run(self._look_at(replica))
            except Exception as error:  # noqa: BLE001  a process edge: without this thread no promotion is ever answered
                log.error("looking after served adapters: %s", type(error).__name__)
                replica.problem = f"{replica.server.shown_url}: looking at it failed, {type(error).__name__}"
                replica.looked, replica.look_at = True, time.monotonic() + _HEALTH_S
            self._closed.wait(self._look_s)

    def _read_what_changed(self, replica: _Replica) -> None:
        """Usually this is a `stat` or two."""
        reports = exchange(self._data_dir).glob("engine-*.json")
        files = (self._data_dir / "adapters" / LIVE_FILE, *sorted(reports))
        seen = [(path.name, _stamp(path)) for path in files]
        if seen == replica.seen:
            return
        replica.seen = seen
        replica.look_at = replica.try_at = replica.pause_s = 0.0
        replica.report = read_reports(self._data_dir).get(replica.server.server.url)
        try:
            self._live, self._live_problem = self._adapters.live(), ""
        except AdapterBroken as error:
            self._live_problem = str(error)

    async def _look_at(self, replica: _Replica) -> None:
        try:
            async with self._session() as session:
                await self._bring_in_step(session, replica)
        except NoFirstToken as failed:
            replica.problem = str(failed.error)
        except GenerationError as error:
            replica.problem = str(error)
        now = time.monotonic()
        if self._is_in_step(replica):
            replica.look_at = now + (_HEALTH_S if replica.tidy else self._look_s)
        else:
            replica.look_at = min(now + (_HEALTH_S if replica.proven else self._look_s), replica.try_at)
        replica.looked = True

    async def _bring_in_step(self, session: "ClientSession", replica: _Replica) -> None:
        server, report = replica.server, replica.report
        away = await server.server.health()
        if away is not None or (report is not None and report.state == "draining"):
            self._unprove(replica, why_not_serving(report) or away or "")
            return
        report = if_running(report)
        if report is not None and report.pid != replica.pid:
            if replica.pid is not None:
                self._unprove(replica, "it has been restarted")
            replica.pid = report.pid
        if replica.proven:
            replica.problem = ""
            if await server.has_lost(session, replica.worn, report):
                self._unprove(replica, f"it has lost {replica.worn}")
        if not self._is_in_step(replica) and replica.try_at <= time.monotonic():
            await self._try(session, replica, report)
        if not self._is_in_step(replica):
            return
        replica.broken = ""
        if not replica.tidy and time.monotonic() - replica.worn_since >= self._linger_s:
            replica.tidy = await server.forget_others(session, replica.worn, in_use=self._in_use(replica))

    async def _try(self, session: "ClientSession", replica: _Replica, report: EngineReport | None) -> None:
        """Wear what is live or, if that is broken, what was live before."""
        live, broken, told = self._live, "", replica.broken
        replica.pause_s = min(max(self._look_s, replica.pause_s * 2), _LONGEST_PAUSE_WHILE_BROKEN_S)
        replica.try_at = time.monotonic() + min(replica.pause_s, _LONGEST_PAUSE_S)
        for name in _choices(live):
            if replica.proven and replica.worn == name:
                break
            replica.tidy = False  # also what proves to be broken is loaded then
            try:
                await replica.server.wear(session, name, report)
            except (AdapterBroken, NoSuchAdapter) as error:
                broken = broken or str(error)
                continue
            log.info("server=%s adapter=%s answers, before it %s", replica.server.shown_url, name, replica.worn)
            with self._lock:  # whoever gets an answer from it hears nothing of what was wrong before
                replica.worn, replica.proven, replica.problem, replica.broken = name, True, "", broken
            replica.worn_since = time.monotonic()
            break
        if broken:
            replica.try_at = time.monotonic() + replica.pause_s
        if broken and broken != told:
            log.warning("the live adapter does not answer at server=%s", replica.server.shown_url)
        replica.problem, replica.broken = "", broken

    def _unprove(self, replica: _Replica, problem: str) -> None:
        replica.proven, replica.problem = False, f"{replica.server.shown_url}: {problem}"
        replica.try_at = replica.pause_s = 0.0

    def _in_use(self, replica: _Replica) -> set[str | None]:
        with self._lock:
            return {name for name, answers in replica.using.items() if answers}

    def _is_in_step(self, replica: _Replica) -> bool:
        return replica.proven and replica.worn == self._live.name

    def _is_any_proven(self) -> bool:
        return any(replica.proven for replica in self._replicas.values())

    @asynccontextmanager
    async def _session(self) -> "AsyncGenerator[ClientSession, None]":
        import aiohttp

        limits = aiohttp.ClientTimeout(total=None, connect=self._settings.connect_timeout_s)
        async with aiohttp.ClientSession(timeout=limits, trust_env=False) as session:
            yield session


def _choices(live: Live) -> list[str | None]:
    """What may answer, best first: what is live, what was before it, and at last the base model, which needs no proof."""
    names = list(dict.fromkeys((live.name, *live.previous, None)))
    return [*names[: names.index(None)][:_MOST_TRIED], None]


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_ino, about.st_size
