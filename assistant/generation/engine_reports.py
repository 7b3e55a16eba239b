"""What the keepers of model servers say about them: `engine-<name>.json`, written by docker/engine/keep.py."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.gpu_files import exchange

_WORDS = {
    "resting": "it rests while training has the GPU",
    "starting": "it is being started",
    "draining": "it is being restarted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineReport:
    """One server at one address."""

    state: str
    """`serving`, `starting`, `draining`, `resting`; `away` where the keeper runs it at another address just now."""
    adapters: tuple[str, ...] = ()
    """What it was started with."""
    pid: int | None = None
    """Another one is another process, of which nothing is proven yet; `None` where the keeper runs none."""
    problem: str = ""

    @property
    def is_spare(self) -> bool:
        """The keeper's server answers at another of its addresses: nothing is missing here."""
        return self.state == "away"


def read_reports(data_dir: Path) -> dict[str, EngineReport]:
    """By address, as in `generation.url`. A server without a keeper is not in it; a damaged file is passed over.

    Of two keepers that tell of one address, one is gone: whoever wrote last counts.
    """
    told: list[tuple[float, dict[str, EngineReport]]] = []
    for path in exchange(data_dir).glob("engine-*.json"):
        try:
            told.append((path.stat().st_mtime, _read(json.loads(path.read_bytes()))))
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            continue
    return {url: report for _, reports in sorted(told, key=lambda one: one[0]) for url, report in reports.items()}


def if_running(report: EngineReport | None) -> EngineReport | None:
    """The report, unless it says that nothing runs: of a server that answers all the same it is the word of a keeper that is gone."""
    return report if report is not None and report.pid is not None else None


def why_not_serving(report: EngineReport | None) -> str | None:
    """In words for people; `None` where it serves, or nobody reports."""
    if report is None or report.state == "serving":
        return None
    return _WORDS.get(report.state, "it is not running at this address")


def _read(told: dict[str, Any]) -> dict[str, EngineReport]:
    idle = "away" if told["state"] in ("serving", "draining") else told["state"]
    reports = {}
    for url in told["urls"]:
        engine = told["engines"].get(url) or {"state": idle, "adapters": [], "pid": None}
        reports[url.rstrip("/")] = EngineReport(
            state=engine["state"], adapters=tuple(engine["adapters"]), pid=engine["pid"], problem=told["problem"]
        )
    return reports
