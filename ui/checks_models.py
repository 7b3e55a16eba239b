"""What `curbside doctor` asks of model servers and of the machines that train. Nothing is loaded, begun or changed by looking."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ui.checks_values import Found

if TYPE_CHECKING:
    from assistant.generation.engine_reports import EngineReport
    from assistant.generation.readiness import Readiness
    from ui.wiring import Parts

_LONGEST_PROOF_S = 60.0


def model(parts: "Parts") -> Found:
    generation = parts.settings.generation
    if generation.backend == "quoting":
        return Found(True, "quoting (no language model; `curbside serve --model NAME` or `--url URL` sets one)")
    if generation.backend == "local":
        return Found(
            generation.model is not None,
            generation.model or "no model is named",
            "" if generation.model else "set CURBSIDE_GENERATION__MODEL",
        )
    return asyncio.run(_servers(parts))


def training(parts: "Parts") -> Found:
    """Where runs are started, and whether that can be reached."""
    settings = parts.settings.training
    if not parts.is_trainable:
        return Found(True, "nothing is trained: the model is another server's")
    match settings.on:
        case "here":
            return Found(True, "on this computer")
        case "scheduler":
            return Found(True, "where `curbside scheduler` runs; the schedule tells whether it does")
        case "ray":
            from training.on_ray import count_jobs

            jobs = count_jobs(settings.ray_address)
            return Found(True, f"on Ray at {settings.ray_address}, which has {jobs} jobs under way")


async def _servers(parts: "Parts") -> Found:
    """Each server's health, its answer, and whether the adapter that is live writes it."""
    from assistant.generation.engine_reports import read_reports
    from assistant.generation.readiness import look_at_servers
    from assistant.generation.remote import RemoteGenerator

    # Not the generator that answers: that one loads adapters, and rests while training has the GPU.
    generator = RemoteGenerator(parts.settings.generation)
    if not generator.urls:
        return Found(False, "no address is set", "set CURBSIDE_GENERATION__URL")
    reports = read_reports(parts.data_dir)
    found = [
        await _adapter(parts, url, seen) if seen.problem is None else _away(parts, seen, reports.get(url))
        for url, seen in zip(generator.urls, await look_at_servers(generator), strict=True)
    ]
    count = f"{sum(one.ok for one in found)} of {len(found)} ready; " if len(found) > 1 else ""
    remedies = dict.fromkeys(one.remedy for one in found if one.remedy)
    said = "; ".join(one.value for one in found)
    return Found(all(one.ok for one in found), f"{count}{said}", "; ".join(remedies))


def _away(parts: "Parts", seen: "Readiness", report: "EngineReport | None") -> Found:
    from assistant.generation.engine_reports import why_not_serving
    from assistant.gpu_files import read_mirror
    from assistant.gpu_lease import until
    from ui.shared_gpu import zone_of

    why, now = why_not_serving(report), datetime.now(UTC)
    if report is None or why is None:
        return Found(False, str(seen), "start the server or correct CURBSIDE_GENERATION__URL")
    if report.is_spare:
        return Found(True, f"{seen.url} is for the time of a change, and free")
    held = read_mirror(parts.data_dir, now=now)
    if report.state == "resting" and held is not None:
        back = until(held.expected_end, now=now, zone=zone_of(parts.settings))
        return Found(True, f"{seen.url}: {why}, {back}")
    return Found(False, f"{seen.url}: {why}", report.problem or "wait a moment; else its keeper's log says more")


async def _adapter(parts: "Parts", url: str, seen: "Readiness") -> Found:
    from assistant.errors import AdapterBroken

    if parts.served is None:
        return Found(True, str(seen))
    try:
        live = parts.adapters.live().name
    except AdapterBroken:
        return Found(True, str(seen))  # what is wrong with it is said beside `learning`
    try:
        async with asyncio.timeout(_LONGEST_PROOF_S):
            problem = await parts.served.look_once(url)
    except TimeoutError:
        problem = f"no proof of {live} within {_LONGEST_PROOF_S:g} s"
    if problem is not None:
        return Found(False, f"{seen}, but not with {live}", problem)
    return Found(True, f"{seen}, {f'with {live}' if live else 'with its base model'}")
