"""The verbs that take an adapter out of the installation: merged into its base, as GGUF, to a private hub repository."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ui.options import Data, Json, build_parts
from ui.terminal import note, stages, working, write_json, write_line, write_table

if TYPE_CHECKING:
    from ui.wiring import Parts

Which = Annotated[str, typer.Argument(metavar="RUN|live", help="A run's name, as `curbside runs` lists it, or `live`.")]
Base = Annotated[str | None, typer.Option("--base", help="Merge into this base instead: a folder or hub name.")]

export_app = typer.Typer(help="Take an adapter to another program.", no_args_is_help=True)


@export_app.command()
def merged(
    run: Which,
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    base: Base = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Write base and adapter as one model folder, checked against the adapter's own answers."""
    from training.export_model import export_merged

    adapter = _adapter(build_parts(data), run)
    with working("Merging …"):
        done = export_merged(base_model=base or adapter.base_model, adapter=adapter.folder, folder=folder)
    if as_json:
        write_json(done)
        return
    write_line(f"{done.folder}: {done.size_bytes / 1e6:,.1f} MB, {done.dtype}")
    write_line(
        f"Its logits differ from those of base and adapter by at most {done.difference:.1g} of the largest; "
        f"the adapter itself makes {done.effect:.1g}"
    )
    note("The licence of the base holds for these weights too; README.md there names it")


@export_app.command()
def gguf(
    run: Which,
    file: Annotated[Path, typer.Argument(help="A new file, for example model.gguf.")],
    weight_type: Annotated[Literal["f16", "q8_0"], typer.Option("--type", help="How matrices are stored.")] = "f16",
    base: Base = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Write base and adapter as one GGUF file for llama.cpp (Llama, Mistral, Qwen 2 and 3)."""
    from training.gguf_export import export_gguf

    adapter = _adapter(build_parts(data), run)
    with stages() as show:
        done = export_gguf(
            base_model=base or adapter.base_model,
            adapter=adapter.folder,
            file=file,
            weight_type=weight_type,
            on_progress=show,
        )
    if as_json:
        write_json(done)
        return
    write_line(f"{done.file}: {done.size_bytes / 1e6:,.1f} MB, {done.tensors} tensors, {done.architecture}")
    for text in done.notes:
        note(f"Note: {text}")
    note("It was read back, not run: try it with `llama-cli -m FILE` on a question whose answer you know")


@export_app.command()
def hub(
    run: Which,
    name: Annotated[str, typer.Argument(help="OWNER/NAME of a private repository; made if it is not there.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would go; nothing is sent.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Push an adapter (weights, configuration, card) to a private repository on the Hugging Face hub."""
    from training.export_hub import check_name, pack, push

    check_name(name)
    adapter = _adapter(build_parts(data), run)
    parcel = pack(adapter.folder, card=adapter.card)
    if as_json:
        write_json([{"file": file, "size_bytes": size} for file, size in parcel.sizes])
    else:
        write_table(["file", "bytes"], [[file, f"{size:,}"] for file, size in parcel.sizes])
    if dry_run:
        note(f"Nothing was sent. Without --dry-run these files go to {name}")
        return
    note(
        f"This leaves the house: the files above go to {name} on the Hugging Face hub, a company's computers. The adapter was "
        "made from patients' reports; de-identification misses things. Only do it where your rules allow it."
    )
    if not yes:
        typer.confirm("Send them?", abort=True, err=True)
    with working("Sending …"):
        address = push(parcel, name)
    note(f"Sent to {address}, which is private")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Adapter:
    folder: Path
    base_model: str
    card: str


def _adapter(parts: "Parts", run: str) -> _Adapter:
    """Where a run's adapter is: installed, or still with its run.

    Raises:
        InputError: Nothing is live.
        NoSuchAdapter, AdapterBroken
    """
    from assistant.errors import InputError, NoSuchAdapter
    from training.folder import RunFolder

    name = parts.adapters.live().name if run == "live" else run
    if name is None:
        raise InputError("no adapter is live; name a run (`curbside runs` lists them)")
    folder = RunFolder(parts.data_dir / "runs" / Path(name).name)
    card = folder.path / "MODEL_CARD.md"
    if name in parts.adapters.names():
        base_model = parts.adapters.check(name).base_model
        return _Adapter(folder=parts.adapters.path(name), base_model=base_model, card=_card(card, name, base_model))
    found = parts.ledger.get(name) if parts.has_data else None
    if found is None or not folder.adapter(found.chosen or "none").is_dir():
        raise NoSuchAdapter(name=name, known=parts.adapters.names())
    return _Adapter(
        folder=folder.adapter(found.chosen or "none"),
        base_model=found.base_model,
        card=_card(card, name, found.base_model),
    )


def _card(path: Path, name: str, base_model: str) -> str:
    """The card of the run, without the path that the base model has on this machine."""
    from assistant.generation.loading import short_name

    if path.is_file():
        return path.read_text("utf-8").replace(base_model, short_name(base_model))
    return (
        f"# {name}\n\nA LoRA adapter made by Curbside from clinicians' corrections in one installation. It supports, and "
        "does not replace, the clinician's judgement; nobody has tested it elsewhere.\n"
    )
