"""The verbs about reports: ingest, search, deidentify, sections, reindex, delete."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ui.options import Data, FieldName, Json, JsonLines, build_parts, one_report
from ui.terminal import note, progress, run_json_lines, working, write_json, write_line, write_table


def ingest(
    paths: Annotated[
        list[Path], typer.Argument(help="Report files, tables of reports, or folders of them.", show_default=False)
    ],
    data: Data = None,
    text_field: Annotated[str | None, typer.Option(help="Column or field that holds the report.")] = None,
    id_field: Annotated[str | None, typer.Option(help="… its id (kept as given, unless it tells the patient).")] = None,
    patient_field: Annotated[str | None, typer.Option(help="… the patient (kept as a keyed pseudonym only).")] = None,
    date_field: Annotated[str | None, typer.Option(help="… the date (kept as the year and a shifted day).")] = None,
    on: Annotated[
        str, typer.Option(help="here, or ray: read and de-identified by the machines of a Ray cluster.")
    ] = "here",
    address: Annotated[str | None, typer.Option(help="… at this address (host:6379, ray://host:10001, local).")] = None,
    as_json: Json = False,
) -> None:
    """Read, de-identify and index past reports."""
    from assistant.errors import UnknownValue
    from assistant.ingest_results import HELD
    from assistant.reading import Columns, report_paths
    from ui.records import ingested_record

    if on not in ("here", "ray"):
        raise UnknownValue(name="--on", value=on, known=("here", "ray"))
    parts = build_parts(data)
    columns = Columns(text=text_field, id=id_field, patient=patient_field, date=date_field)
    with working("Loading …"):
        files = report_paths(paths)
        parts.ingest.resume()
    results = []
    with progress("Ingesting", len(files)) as advance:
        told: Any = {"columns": columns, "on_progress": lambda done, _total: advance(done)}
        if on == "ray":
            from ui.ingest_on_ray import ingest_on_ray

            ingested = ingest_on_ray(parts, files, address=address, **told)
        else:
            ingested = parts.ingest.ingest_paths(files, **told)
        for result in ingested:
            results.append(result)
            if as_json:
                write_json(ingested_record(result))
    failed = [result for result in results if result.problem]
    if not as_json:
        _write_ingested(results, failed)
    if failed:
        some_went_on = len(failed) < len(results) or any(result.state == HELD for result in failed)
        raise typer.Exit(1 if some_went_on else 3)


def _write_ingested(results: list[Any], failed: list[Any]) -> None:
    if len(results) <= 40:
        write_table(
            ["file", "report", "masked", "sections", "result"],
            [[r.name, r.report_id or "", r.masked, r.sections, r.problem or r.state] for r in results],
        )
    else:
        for result in failed:
            write_line(f"{result.name}: {result.problem}")
    held = sum(result.state == "held" for result in failed)
    waiting = f", {held} held for a person to look at" if held else ""
    write_line(f"{len(results) - len(failed)} reports in the library{waiting}, {len(failed) - held} not read")


def search(
    text: Annotated[str, typer.Argument(help="What to look for; with --jsonl, the file or -.")],
    top_k: Annotated[int, typer.Option("--top-k", min=1, max=1000, help="How many reports.")] = 10,
    data: Data = None,
    as_json: Json = False,
    jsonl: JsonLines = False,
    field: FieldName = "text",
) -> None:
    """Search the past reports; each report appears once, at its best passage."""
    parts = build_parts(data)
    if jsonl:
        work = lambda row: {"hits": parts.desk.search_plain(row[field], top_k)}  # noqa: E731
        raise typer.Exit(1 if run_json_lines(Path(text), field=field, work=work) else 0)
    with working("Searching …"):
        hits = parts.desk.search_plain(text, top_k)
    if as_json:
        write_json({"hits": hits})
    elif hits:
        write_table(
            ["score", "report", "section", "passage"],
            [[f"{h['score']:.3f}", h["report_id"], h["section"], " ".join(h["text"].split())[:160]] for h in hits],
        )
    else:
        write_line("No past report matches. `curbside ingest PATH` adds reports.")


def deidentify(
    file: Annotated[str, typer.Argument(help="A file, or - for standard input.")],
    data: Data = None,
    as_json: Json = False,
    jsonl: JsonLines = False,
    field: FieldName = "text",
) -> None:
    """Replace every identifier by a placeholder, or by what the settings want instead; nothing is kept."""
    parts = build_parts(data)

    from assistant.deid.review import mask_and_look
    from assistant.errors import in_doubt
    from ui.records import masked_record

    mask_rest = parts.settings.deid.on_residual == "mask"

    def work(text: str) -> dict[str, Any]:
        alone = parts.deidentifier.alone(text)
        return masked_record(*mask_and_look(parts.deidentifier, text, placeholders=alone, mask_rest=mask_rest))

    if jsonl:
        raise typer.Exit(1 if run_json_lines(Path(file), field=field, work=lambda row: work(row[field])) else 0)
    result = work(one_report(parts, file).text)
    if as_json:
        write_json(result)
        return
    write_line(result["text"])
    if result["residual"]:
        note(f"{in_doubt(len(result['residual']))}; --json says where, `curbside review` goes through them")


def sections(
    file: Annotated[str, typer.Argument(help="A file, or - for standard input.")],
    data: Data = None,
    as_json: Json = False,
    jsonl: JsonLines = False,
    field: FieldName = "text",
) -> None:
    """Show the sections of a report."""
    from assistant.reading.sections import find_sections
    from ui.records import section_records

    def work(text: str) -> list[dict[str, Any]]:
        return section_records(find_sections(text))

    if jsonl:
        failed = run_json_lines(Path(file), field=field, work=lambda row: {"sections": work(row[field])})
        raise typer.Exit(1 if failed else 0)
    found = work(one_report(build_parts(data), file).text)
    if as_json:
        write_json(found)
    else:
        write_table(
            ["start", "end", "kind", "heading"], [[s["start"], s["end"], s["kind"], s["heading"]] for s in found]
        )


def reindex(data: Data = None) -> None:
    """Build the index again from the library, after a change of the embedding model or a damaged index."""
    parts = build_parts(data)
    total = parts.library.count()
    with progress("Indexing", total) as advance:
        done = parts.ingest.reindex(on_progress=lambda finished, _total: advance(finished))
    write_line(f"{done} reports indexed with {parts.embedder.name}")


def delete(report_ids: Annotated[list[str], typer.Argument(help="Ids of reports.")], data: Data = None) -> None:
    """Delete reports from the library and from the index, and all conversations about them."""
    from ui.render import count

    parts = build_parts(data)
    for report_id in report_ids:
        gone = parts.desk.delete_report(report_id)
        write_line(f"1 report and {count(gone, 'conversation')} deleted")
