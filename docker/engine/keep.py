"""Keeps a model server in step with the adapter that is live, and off the GPU while training holds it. Process 1 of its container.

    python keep.py tgi --model /model --data /data --name tgi --port 8080 -- --max-total-tokens 8192

vLLM takes new adapters while it runs (the application tells it); TGI reads them at its start only. So for TGI a new live
adapter means: with a second `--port`, and memory for it, a second server beside the first, which ends when the second is
well; else drain and start again. Adapters that answered before come along, so that a rollback needs no restart. What makes
the server die at its start is left out.

In the data folder, or in its folder `engine/` where there is one, lie `engine-<name>.json`, which says what it does; `gpu.json`,
by which training asks for the GPU; and `engine-<name>.lock`, which keeper and server hold while anything may be on the GPU, and
a run while it trains. The lock decides, whatever clocks say and whoever was killed.

Whatever is killed, the next keeper begins from `live.json`. Only the standard library: this runs inside the server's image.
"""

import argparse
import contextlib
import json
import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from engine import Address, Engine, command_for, free_gpu_gb
from locks import locked
from options import read_options
from wanted import Live, read_live, training_holds

log = logging.getLogger("keep")

_LONGEST_PAUSE_S = 60.0
_SICK_S = 60.0
"""A server that was well and answers no health check for so long is ended."""
_LEAVING_S = 10.0
"""What a server needs after its own limit for answers under way, to end its workers."""
_ADAPTERS = 3
"""The live adapter and those before it that a server starts with, at most."""


class Keeper:
    """One server, and for moments two."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        data = Path(options.data)
        # In a container it may be all of the data folder that can be written to.
        exchange = data / "engine" if (data / "engine").is_dir() else data
        self._folder, self._gpu_file = data / "adapters", exchange / "gpu.json"
        self._report_file, self._turn_file = exchange / f"engine-{options.name}.json", exchange / "engines.lock"
        self._lock_file = exchange / f"engine-{options.name}.lock"
        for file in (self._lock_file, self._turn_file):
            if held := locked(file):  # so that both are there: a disk that is full later stops no server
                held.close()
        urls = options.url or [f"http://127.0.0.1:{port}/v1" for port in options.port]
        self._addresses = [Address(port, url) for port, url in zip(options.port, urls, strict=True)]
        self._engines: list[Engine] = []
        self._live = Live()
        self._failures = 0
        """Starts that failed since the live adapter changed; they decide what is left out."""
        self._pause_s = self._not_before = 0.0
        self._turn: IO[bytes] | None = None
        self._lock: IO[bytes] | None = None
        self._locked_out = False
        self._stopping = False
        self._woken, self._wakes = socket.socketpair()
        self._reported: dict[str, Any] = {}

    def run(self) -> int:
        """Until a signal ends it, and the server has finished what it was writing."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._wakes.setblocking(False)
        signal.set_wakeup_fd(self._wakes.fileno(), warn_on_full_buffer=False)
        while True:
            self._reap()
            self._examine()
            self._decide()
            if not self._engines and self._lock is not None:
                self._lock.close()
                self._lock = None
            if self._stopping and not self._engines:
                # Whoever starts a server here by hand is not told what this one did last.
                with contextlib.suppress(OSError):
                    self._report_file.unlink()
                return 0
            self._report()
            if select.select([self._woken], [], [], self._options.poll_s)[0]:
                self._woken.recv(4096)

    def _stop(self, *_: object) -> None:
        if self._stopping:  # told twice: somebody does not want to wait
            for engine in self._engines:
                engine.kill()
        self._stopping = True

    # ---- what has become of the servers

    def _reap(self) -> None:
        """Every child that ended, also those that a dead server left to process 1."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                for engine in self._engines:
                    if engine.pid == pid:
                        engine.ended(os.waitstatus_to_exitcode(status))
        for engine in [one for one in self._engines if one.is_gone()]:
            self._engines.remove(engine)
            self._lost(engine)

    def _lost(self, engine: Engine) -> None:
        log.info("port=%d ended state=%s status=%d", engine.address.port, engine.state, engine.status)
        if engine.state == "draining":
            return
        self._failures += engine.state == "starting"
        self._pause_s = min(max(self._options.pause_s, self._pause_s * 2), _LONGEST_PAUSE_S)
        self._not_before = time.monotonic() + self._pause_s

    def _examine(self) -> None:
        """Ask each server for its health."""
        now = time.monotonic()
        for engine in self._engines:
            if engine.state == "draining":
                if engine.kill_at is not None and now > engine.kill_at:
                    log.warning("port=%d did not end in time and is killed", engine.address.port)
                    engine.kill()
            elif engine.is_well(timeout_s=5):
                engine.well_at = now
                if engine.state == "starting":
                    self._began(engine)
                elif now - (engine.served_from or now) > _LONGEST_PAUSE_S:
                    self._pause_s = 0.0
            elif now - engine.well_at > (self._options.start_s if engine.state == "starting" else _SICK_S):
                log.warning("port=%d state=%s is not well and is killed", engine.address.port, engine.state)
                engine.kill()

    def _began(self, engine: Engine) -> None:
        engine.state, engine.served_from = "serving", time.monotonic()
        if engine.adapters == self._live.adapters:
            self._failures = 0
        self._give_turn()
        log.info("port=%d serves adapters=%s", engine.address.port, ",".join(engine.adapters) or "none")

    # ---- what should become of them

    def _decide(self) -> None:
        if self._stopping or training_holds(self._gpu_file):
            for engine in self._engines:
                self._drain(engine)
            self._give_turn()
            self._failures = 0  # it starts anew in any case: what was left out is tried again
            return
        self._look()
        kept = [engine for engine in self._engines if engine.state != "draining"]
        if not kept:
            # One after the other: a server that still drains holds the memory that the next one needs.
            if not self._engines:
                self._start()
        elif any(engine.state == "starting" for engine in kept):
            return
        elif len(kept) > 1:
            oldest, newest = kept[0], kept[-1]
            if time.monotonic() - (newest.served_from or 0) > self._options.overlap_s:
                self._drain(oldest)
        elif self._is_behind(kept[0]) and time.monotonic() >= self._not_before and self._take_turn():
            if self._has_room():
                self._start()
            else:
                self._drain(kept[0])

    def _drain(self, engine: Engine) -> None:
        engine.drain(within_s=self._options.drain_s + _LEAVING_S)

    def _look(self) -> None:
        live = read_live(self._folder, base_model=self._options.trained_on or self._options.model, most=_ADAPTERS)
        if live != self._live:
            log.info("live=%s", live.name)
            self._live, self._failures, self._pause_s, self._not_before = live, 0, 0.0, 0.0

    def _wanted(self) -> tuple[str, ...]:
        """What to start with: all, then each alone, the live one first, then none. So a live adapter has two tries, and an
        older one that breaks the server keeps no other away."""
        everything = self._live.adapters
        choices = [everything, *((name,) for name in everything), ()]
        return choices[self._failures % len(choices)]

    def _is_behind(self, engine: Engine) -> bool:
        """Whether only a restart can bring the live adapter."""
        name = self._live.name
        return self._options.engine == "tgi" and name in self._wanted() and name not in engine.adapters

    def _has_room(self) -> bool:
        if len(self._addresses) < 2 or len(self._engines) > 1:
            return False
        return self._options.second_gb == 0 or free_gpu_gb() >= self._options.second_gb

    def _start(self) -> None:
        # First the lock, then another look: training asks first, and looks at the lock then.
        if time.monotonic() < self._not_before or not self._take_lock() or training_holds(self._gpu_file):
            return
        assert self._lock is not None
        taken = {engine.address.port for engine in self._engines}
        address = next(one for one in self._addresses if one.port not in taken)
        adapters, options = self._wanted(), self._options
        command, environment = command_for(
            options.engine,
            options.program.split(),
            model=options.model,
            port=address.port,
            adapters=adapters,
            folder=self._folder,
            drain_s=options.drain_s,
            extra=options.extra,
        )
        log.info("port=%d starts adapters=%s", address.port, ",".join(adapters) or "none")
        try:
            self._engines.append(Engine(address, adapters, command, environment, lock=self._lock.fileno()))
        except OSError as error:
            sys.exit(f"{command[0]} cannot be started: {error.strerror}; name the server's program by --program")

    def _take_lock(self) -> bool:
        """Whether nothing else may be on the GPU: no run, no server that a killed keeper has left."""
        self._lock = self._lock or locked(self._lock_file)
        if (self._lock is None) != self._locked_out:
            self._locked_out = self._lock is None
            log.info("%s is %s", self._lock_file.name, "held by somebody else" if self._locked_out else "free")
        return not self._locked_out

    def _take_turn(self) -> bool:
        """Of several servers over one data folder one after the other restarts for a new adapter."""
        self._turn = self._turn or locked(self._turn_file)
        return self._turn is not None

    def _give_turn(self) -> None:
        if self._turn is not None:
            self._turn.close()
            self._turn = None

    # ---- what is said about it

    def _report(self) -> None:
        """Write `engine-<name>.json`, where something changed."""
        states = [engine.state for engine in self._engines]
        state = next((one for one in ("serving", "starting", "draining") if one in states), None)
        if state is None:
            state = "resting" if self._stopping or training_holds(self._gpu_file) else "starting"
        serving = [engine for engine in self._engines if engine.state == state]
        report = {
            "name": self._options.name,
            "engine": self._options.engine,
            "state": state,
            "adapters": list(serving[-1].adapters) if serving else [],
            "problem": self._problem(),
            "urls": [address.url for address in self._addresses],
            "engines": {
                engine.address.url: {"state": engine.state, "adapters": list(engine.adapters), "pid": engine.pid}
                for engine in self._engines
            },
        }
        if report == self._reported:
            return
        text = json.dumps({**report, "since": datetime.now(UTC).isoformat()}, indent=2)
        temporary = self._report_file.with_name(f".{self._report_file.name}.{os.getpid()}")
        try:
            temporary.write_text(text, "utf-8")
            os.replace(temporary, self._report_file)
            self._reported = report
        except OSError as error:
            log.warning("%s cannot be written: %s", self._report_file.name, error.strerror)

    def _problem(self) -> str:
        if self._locked_out and not self._engines:
            return f"{self._lock_file.name} is held by a run, or by a server that a killed keeper left; it starts when that has ended"
        name = self._live.name
        if name is not None and name not in self._wanted():
            return f"the server ended whenever it was started with {name}, which is left out"
        if self._failures and not any(engine.state == "serving" for engine in self._engines):
            return "the server ended while it started; it is tried again"
        return self._live.problem


def main(arguments: Sequence[str] | None = None) -> int:
    options = read_options(sys.argv[1:] if arguments is None else arguments, about=(__doc__ or "").splitlines()[0])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    return Keeper(options).run()


if __name__ == "__main__":
    sys.exit(main())
