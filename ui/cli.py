"""The terminal: one verb, one sentence. Nothing heavy is imported before a verb needs it.

Exit codes: 0 done · 1 some of many failed · 2 the command or a value is wrong · 3 a file cannot be read ·
4 de-identification · 5 store · 6 index · 7 model.
"""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from ui.terminal import (
    fail,
    note,
    only,
    progress,
    read_one,
    run_json_lines,
    working,
    write_json,
    write_line,
    write_table,
)

app = typer.Typer(
    name="curbside",
    help="A self-hosted chat assistant for clinicians that learns from their corrections. It supports, and does not "
    "replace, the clinician's judgement.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
feedback_app = typer.Typer(help="What clinicians said about the answers.", no_args_is_help=True)
app.add_typer(feedback_app, name="feedback")

Data = Annotated[
    Path | None, typer.Option("--data", help="Folder of the installation.", show_default="the user's data folder")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
JsonLines = Annotated[
    bool, typer.Option("--jsonl", help="Read JSON lines and write JSON lines, in order, with each line's `id`.")
]
FieldName = Annotated[str, typer.Option("--field", help="With --jsonl: the field that holds the text.")]


def main() -> None:
    """Run the command line; every expected error ends as one sentence and an exit code."""
    from assistant.errors import CurbsideError

    # Set before any heavy library is imported: nothing asks the hub or reports home unless a setting names a model.
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        app()
    except CurbsideError as error:
        fail(error)
    except BrokenPipeError:  # `curbside search … | head`
        os._exit(0)


def _parts(data: Path | None, **groups: dict[str, Any]) -> Any:
    from pydantic import ValidationError

    from assistant.errors import InputError
    from ui.settings import load_settings
    from ui.wiring import Parts

    try:
        return Parts(load_settings(data_dir=data, **{name: values for name, values in groups.items() if values}))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise InputError(f"a setting is wrong ({wrong}); correct the option or the CURBSIDE_ variable") from error


def _one_report(parts: Any, path: str) -> Any:
    from assistant.reading import read_bytes

    return only(read_bytes(read_one(path), name=path, settings=parts.settings.reading), what=path)


@app.command()
def serve(
    data: Data = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.")] = None,
    model: Annotated[
        str | None, typer.Option(help="Model folder or hub name, run in this process; with --url, its served name.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="An OpenAI-style model server (TGI, vLLM).")] = None,
    adapter: Annotated[str | None, typer.Option(help="Adapter folder, or its served name.")] = None,
    examples: Annotated[bool, typer.Option(help="Offer the three invented example reports.")] = True,
) -> None:
    """Start Curbside for the browser and for HTTP."""
    generation: dict[str, Any] = {"adapter": adapter} if adapter else {}
    if url:
        generation |= {"backend": "remote", "url": url} | ({"model": model} if model else {})
    elif model:
        generation |= {"backend": "local", "model": model}
    server = {key: value for key, value in {"host": host, "port": port}.items() if value is not None}
    from ui.server import run_server

    run_server(_parts(data, generation=generation, server=server), examples=examples)


@app.command()
def ingest(
    paths: Annotated[
        list[Path], typer.Argument(help="Report files, tables of reports, or folders of them.", show_default=False)
    ],
    data: Data = None,
    text_field: Annotated[str | None, typer.Option(help="Column or field that holds the report.")] = None,
    id_field: Annotated[str | None, typer.Option(help="… its id (kept as given: not a record number).")] = None,
    patient_field: Annotated[str | None, typer.Option(help="… the patient (kept as a keyed pseudonym only).")] = None,
    date_field: Annotated[str | None, typer.Option(help="… the date (kept as the year and a shifted day).")] = None,
    as_json: Json = False,
) -> None:
    """Read, de-identify and index past reports."""
    from assistant.reading import Columns, report_paths
    from ui.records import ingested_record

    parts = _parts(data)
    columns = Columns(text=text_field, id=id_field, patient=patient_field, date=date_field)
    with working("Loading …"):
        files = report_paths(paths)
        parts.ingest.resume()
    results = []
    with progress("Ingesting", len(files)) as advance:
        for result in parts.ingest.ingest_paths(files, columns=columns, on_progress=lambda done, _total: advance(done)):
            results.append(result)
            if as_json:
                write_json(ingested_record(result))
    failed = [result for result in results if result.problem]
    if not as_json:
        _write_ingested(results, failed)
    if failed:
        raise typer.Exit(1 if len(failed) < len(results) else 3)


def _write_ingested(results: list[Any], failed: list[Any]) -> None:
    if len(results) <= 40:
        write_table(
            ["file", "report", "masked", "sections", "result"],
            [[r.name, r.report_id or "", r.masked, r.sections, r.problem or r.state] for r in results],
        )
    else:
        for result in failed:
            write_line(f"{result.name}: {result.problem}")
    write_line(f"{len(results) - len(failed)} reports in the library, {len(failed)} not read")


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question; may be left out with --mode.")] = "",
    report: Annotated[str | None, typer.Option("--report", help="The report's file, or - for standard input.")] = None,
    mode: Annotated[
        str | None, typer.Option(help="summarize, question, abnormal or compare; default: read off the question.")
    ] = None,
    earlier: Annotated[str | None, typer.Option("--with", help="An earlier report's file, for compare.")] = None,
    data: Data = None,
    as_json: Json = False,
    jsonl: JsonLines = False,
    field: FieldName = "text",
    question_field: Annotated[
        str, typer.Option(help="With --jsonl: the field that holds the question, where there is one.")
    ] = "question",
    with_field: Annotated[
        str, typer.Option(help="With --jsonl: the field that holds the earlier report, where there is one.")
    ] = "earlier",
) -> None:
    """Ask about a report; the answer comes with its citations."""
    import asyncio

    parts = _parts(data)
    wanted = _mode(mode)
    with asyncio.Runner() as runner:  # one event loop for all lines: a model server's connection stays open
        if jsonl:

            def work(row: dict[str, Any]) -> dict[str, Any]:
                asked = str(row.get(question_field) or question)
                return runner.run(_answer(parts, asked, wanted, row[field], row.get(with_field)))

            raise typer.Exit(1 if run_json_lines(Path(report) if report else None, field=field, work=work) else 0)
        text = _one_report(parts, report).text if report else None
        before = _one_report(parts, earlier).text if earlier else None
        with working("Reading …"):
            result = runner.run(_answer(parts, question, wanted, text, before))
    if as_json:
        write_json(result)
    else:
        _write_answer(result)


async def _answer(parts: Any, question: str, mode: Any, text: str | None, earlier: str | None) -> dict[str, Any]:
    """Answer once, keep nothing."""
    from assistant.chat import Question
    from ui.records import answer_record

    loaded = parts.desk.load_text(text) if text is not None else None
    placeholders = loaded.placeholders if loaded else None
    before = parts.desk.load_text(earlier, placeholders=placeholders) if earlier is not None else None
    finished = await parts.desk.ask_once(
        Question(
            text=question,
            mode=mode,
            report=loaded.report if loaded else None,
            earlier=before.report if before else None,
            placeholders=placeholders,
        )
    )
    return answer_record(finished.answer)


def _mode(name: str | None) -> Any:
    from assistant.errors import UnknownValue
    from assistant.schema import Mode

    if name is None:
        return None
    try:
        return Mode({"summarise": "summarize", "summary": "summarize"}.get(name.lower(), name.lower()))
    except ValueError:
        raise UnknownValue(name="mode", value=name, known=tuple(Mode)) from None


_MARKS = {"supported": "✓", "partial": "◐", "unsupported": "⚠"}


def _write_answer(result: dict[str, Any]) -> None:
    numbers: dict[tuple[str, int], int] = {}
    sources: list[str] = []
    for sentence in result["sentences"]:
        marks = []
        for citation in sentence["citations"]:
            key = (citation["report_id"], citation["start"])
            if key not in numbers:
                numbers[key] = len(numbers) + 1
                where = " · ".join(filter(None, [citation["label"], citation["section"]]))
                sources.append(f"  {numbers[key]}  {where}  “{' '.join(citation['quote'].split())}”")
            marks.append(f"{_MARKS[sentence['support']]}{numbers[key]}")
        write_line(f"{sentence['text']}  {' '.join(marks) or '⚠ ' + (sentence['reason'] or 'no source says this')}")
    write_line()
    for line in sources:
        write_line(line)
    if result["fallback"]:
        note(f"Quoted, because the model failed: {result['fallback']}")
    note("Supports, never replaces, your judgement.")


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="What to look for; with --jsonl, the file or -.")],
    top_k: Annotated[int, typer.Option("--top-k", min=1, max=1000, help="How many reports.")] = 10,
    data: Data = None,
    as_json: Json = False,
    jsonl: JsonLines = False,
    field: FieldName = "text",
) -> None:
    """Search the past reports; each report appears once, at its best passage."""
    parts = _parts(data)
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


@app.command()
def deidentify(
    file: Annotated[str, typer.Argument(help="A file, or - for standard input.")],
    data: Data = None,
    as_json: Json = False,
    jsonl: JsonLines = False,
    field: FieldName = "text",
) -> None:
    """Replace every identifier by a placeholder; nothing is kept."""
    parts = _parts(data)

    from ui.records import masked_record

    def work(text: str) -> dict[str, Any]:
        return masked_record(parts.deidentifier.mask(text))

    if jsonl:
        raise typer.Exit(1 if run_json_lines(Path(file), field=field, work=lambda row: work(row[field])) else 0)
    result = work(_one_report(parts, file).text)
    write_json(result) if as_json else write_line(result["text"])


@app.command()
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
    found = work(_one_report(_parts(data), file).text)
    if as_json:
        write_json(found)
    else:
        write_table(
            ["start", "end", "kind", "heading"], [[s["start"], s["end"], s["kind"], s["heading"]] for s in found]
        )


@app.command()
def reindex(data: Data = None) -> None:
    """Build the index again from the library, after a change of the embedding model or a damaged index."""
    parts = _parts(data)
    total = parts.library.count()
    with progress("Indexing", total) as advance:
        done = parts.ingest.reindex(on_progress=lambda finished, _total: advance(finished))
    write_line(f"{done} reports indexed with {parts.embedder.name}")


@app.command()
def delete(report_ids: Annotated[list[str], typer.Argument(help="Ids of reports.")], data: Data = None) -> None:
    """Delete reports from the library and from the index."""
    parts = _parts(data)
    for report_id in report_ids:
        parts.ingest.delete_report(report_id)
        write_line(f"{report_id} deleted")


@feedback_app.command("export")
def feedback_export(
    folder: Annotated[Path, typer.Argument(help="Where the files go.")], data: Data = None, as_json: Json = False
) -> None:
    """Write the preference pairs as TRL's conversational JSON lines, with a manifest of hashes."""
    from feedback.export import export

    manifest = export(_parts(data).feedback, folder)
    if as_json:
        write_json(manifest)
    else:
        write_line(f"{manifest['pairs']} preference pairs in {folder}")


@app.command()
def password(
    name: Annotated[str, typer.Argument(help="Who; a new name makes a new account.")], data: Data = None
) -> None:
    """Set somebody's password (asked for, or read from standard input)."""
    parts = _parts(data)
    parts.accounts.set_password(name, typer.prompt("New password", hide_input=True, confirmation_prompt=True))
    write_line(f"{name} signs in with the new password from now on")


@app.command()
def token(name: Annotated[str, typer.Argument(help="Whose.")] = "doctor", data: Data = None) -> None:
    """Make an API token for somebody; the one before stops working."""
    write_line(_parts(data).accounts.new_token(name))


@app.command()
def doctor(data: Data = None, as_json: Json = False) -> None:
    """Check this installation: settings, folders, keys, database, index, model."""
    from ui.checks import run_checks

    checks = run_checks(_parts(data))
    if as_json:
        write_json(checks)
    else:
        write_table(["", "check", "result"], [["✓" if c.ok else "✗", c.name, c.detail] for c in checks])
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


@app.command()
def demo() -> None:
    """Ask three questions about an invented report, in the terminal, without keeping anything."""
    import asyncio
    import tempfile

    from assistant.schema import Mode

    report = (Path(__file__).parent / "examples" / "discharge_summary.txt").read_text("utf-8")
    questions = ((Mode.SUMMARIZE, ""), (Mode.ABNORMAL, ""), (Mode.QUESTION, "What medications is she taking?"))
    with tempfile.TemporaryDirectory() as folder:
        parts = _parts(Path(folder))
        write_line(parts.desk.load_text(report).masked.text)
        for mode, text in questions:
            write_line(f"\n── {text or mode.value} ".ljust(78, "─"))
            _write_answer(asyncio.run(_answer(parts, text, mode, report, None)))


if __name__ == "__main__":
    main()
