"""The verb that says before any download whether a model fits a GPU."""

import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.options import Json, build_parts
from ui.terminal import working, write_json, write_line, write_table

if TYPE_CHECKING:
    from training.planner import Plan, Way, Wish


def plan(
    gpu: Annotated[str, typer.Option(help="Memory of one GPU (24GB) or its name (RTX 4090, L40S, H100).")],
    model: Annotated[
        str | None,
        typer.Option(help="A name of the catalogue, or a config.json or its folder.", show_default="lists what fits"),
    ] = None,
    gpus: Annotated[int, typer.Option(min=1, max=64, help="GPUs of that kind in this machine.")] = 1,
    context: Annotated[int, typer.Option(min=256, help="Tokens of prompt and answer together.")] = 8192,
    chats: Annotated[int, typer.Option(min=1, max=100_000, help="Chats that are answered at once.")] = 16,
    pairs: Annotated[int, typer.Option(min=1, max=10_000_000, help="Corrections that a run learns from.")] = 1000,
    as_json: Json = False,
) -> None:
    """Say whether a model fits a GPU: memory of serving and training, time, and the exact settings. Asks no network."""
    from training.planner import Wish
    from training.planning.gpus import read_gpu

    wish = Wish(
        gpu=read_gpu(gpu),
        gpus=gpus,
        context=context,
        chats=chats,
        pairs=pairs,
        settings=build_parts(None).settings.training,
    )
    if model is None:
        _show_catalogue(wish, as_json=as_json)
    else:
        _show(model, wish, as_json=as_json)


def _show(name: str, wish: "Wish", *, as_json: bool) -> None:
    from training.planner import plan as make_plan
    from training.planning import advice
    from training.planning.catalogue import find_model

    found = make_plan(find_model(name), wish)
    if as_json:
        write_json(_as_json(found))
        return
    _write_head(found)
    if found.serving:
        _write_serving(found)
        _write_training(found)
    for note in found.notes:
        write_line(f"Note: {note}.")
    write_line(advice.sentence(found))
    lines = advice.environment(found)
    if lines:
        write_line("\nSettings:")
        for line in lines:
            name, _, value = line.partition("=")
            write_line(f"  {name}={shlex.quote(value)}")
        for engine, command in (("vLLM", advice.vllm(found)), ("TGI", advice.tgi(found))):
            if command:
                write_line(f"{engine} (from its documentation, not run):\n  {command}")


def _write_head(found: "Plan") -> None:
    shape, gpu = found.model.shape, found.wish.gpu
    active = f", {_billions(shape.active_parameters)} of them for each token" if shape.experts else ""
    gated = {True: ", gated (account and agreement on the hub)", False: "", None: ""}[found.model.gated]
    write_line(
        f"{found.model.name}: {_billions(shape.parameters)} parameters{active}; licence: {found.model.licence}{gated}"
    )
    if found.model.good_for:
        write_line(found.model.good_for)
    assumed = " assumed, the least of cards of this size" if gpu.assumed else ""
    write_line(
        f"{found.wish.gpus} × {gpu.name} ({gpu.memory_bytes / 1e9:.0f} GB, {gpu.tflops:.0f} TFLOP/s in 16 bits{assumed}); "
        f"{found.wish.chats} chats of {found.wish.context:,} tokens; {found.wish.pairs:,} pairs"
    )
    write_line("Computed from the config and stated assumptions; not measured on a GPU.\n")


def _write_serving(found: "Plan") -> None:
    columns = ["serving, GB a GPU", "weights", "a full chat", "adapters", "working", "of", "full chats", ""]
    rows = [
        [
            one.precision, _gb(one.weights), _gb(one.kv_of_a_chat, 2), _gb(one.adapters, 2), _gb(one.working),
            _gb(one.budget), one.room, _mark(one.fits),
        ]
        for one in found.serving
    ]  # fmt: skip
    write_table(columns, rows)
    write_line()


def _write_training(found: "Plan") -> None:
    columns = ["training, GB a GPU", "weights", "LoRA", "batch", "else", "peak", "of", "at once", "about", ""]
    rows: list[list[object]] = []
    for way in found.ways:
        for fit, time in ((way.sft, way.sft_time), (way.dpo, way.dpo_time)):
            rows.append(
                [
                    f"{_method(way)} {fit.stage.upper()}", _gb(fit.weights), _gb(fit.adapter), _gb(fit.activations + fit.head),
                    _gb(fit.reserve), _gb(fit.total), _gb(fit.budget, 0), fit.together, _time(time.seconds), _mark(fit.fits),
                ]
            )  # fmt: skip
        judged = way.judging <= way.judging_budget
        rows.append(["… judged", "", "", "", "", _gb(way.judging), _gb(way.judging_budget, 0), "", "", _mark(judged)])
    write_table(columns, rows)
    if found.both_bytes is not None:
        fits = "fit" if found.both_at_once else "do not fit"
        write_line(f"Serving and training at the same time take {_gb(found.both_bytes)} GB: they {fits}.")
    write_line()


def _mark(fits: bool) -> str:
    return "✓" if fits else "✗"


_PLACE = {"one": "", "copies": " ×", "parts": " FSDP"}
"""On one GPU; a copy on each of several; in parts."""


def _show_catalogue(wish: "Wish", *, as_json: bool) -> None:
    from training.planner import fitting

    with working("Computing"):
        found = list(fitting(wish))
    if as_json:
        write_json([_as_json(one) for one in found])
        return
    if not found:
        write_line(f"Nothing of the catalogue can be served and trained on {wish.gpus} × {wish.gpu.name}.")
        return
    columns = ["model", "size", "serve in", "chats", "train by", "a run"]
    rows = []
    for one in found:
        served, way = one.served, one.way
        assert served is not None
        assert way is not None
        row = [_short(one), _billions(one.model.shape.parameters), served.precision, served.room, _method(way)]
        rows.append([*row, _time(way.run_seconds)])
    write_table(columns, rows)
    write_line(
        f"\nChats of {wish.context:,} tokens at once; a run learns from {wish.pairs:,} pairs. --model NAME shows one in full.\n"
    )
    for one in found:
        gated = ", gated" if one.model.gated else ""
        write_line(f"{_short(one)} ({one.model.licence}{gated}): {one.model.good_for}")


def _short(found: "Plan") -> str:
    return found.model.name.rpartition("/")[2]


def _as_json(found: "Plan") -> dict[str, Any]:
    from dataclasses import asdict

    from training.planning import advice

    shape = found.model.shape
    return {
        "model": found.model.name,
        "licence": found.model.licence,
        "gated": found.model.gated,
        "good_for": found.model.good_for,
        "source": found.model.source,
        "architecture": shape.architecture,
        "parameters": shape.parameters,
        "active_parameters": shape.active_parameters,
        "wish": asdict(found.wish) | {"settings": found.wish.settings.model_dump(mode="json")},
        "fits": found.fits,
        "serving": [asdict(one) | {"room": one.room, "total": one.total, "fits": one.fits} for one in found.serving],
        "served_in": found.served.precision if found.served else None,
        "training": [_way_as_json(way) for way in found.ways],
        "trained_by": _method(found.way) if found.way else None,
        "both_at_once": found.both_at_once,
        "notes": list(found.notes),
        "advice": advice.sentence(found),
        "settings": dict(line.split("=", 1) for line in advice.environment(found)),
        "vllm": advice.vllm(found),
        "tgi": advice.tgi(found),
        "measured": False,
    }


def _way_as_json(way: "Way") -> dict[str, Any]:
    from dataclasses import asdict

    stages = {
        fit.stage: asdict(fit) | {"total": fit.total, "fits": fit.fits, "seconds": round(time.seconds)}
        for fit, time in ((way.sft, way.sft_time), (way.dpo, way.dpo_time))
    }
    return {**stages, "judging": way.judging, "judging_budget": way.judging_budget, "fits": way.fits}


def _method(way: "Way") -> str:
    return ("QLoRA" if way.quantize == "nf4" else "LoRA") + _PLACE[way.sft.placement]


def _billions(count: int) -> str:
    return f"{count / 1e9:.1f} B" if count >= 1e9 else f"{count / 1e6:.0f} M"


def _gb(size: float, digits: int = 1) -> str:
    return f"{size / 1e9:.{digits}f}"


def _time(seconds: float) -> str:
    from training.planning.advice import duration

    return duration(seconds)
