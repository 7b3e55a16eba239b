"""The terminal: one verb, one sentence. Nothing heavy is imported before a verb needs it.

Exit codes: 0 done · 1 some of many failed · 2 the command or a value is wrong · 3 a file cannot be read ·
4 de-identification · 5 store · 6 index · 7 model · 8 training, Ray.
"""

import io
import os
import sys
from typing import Annotated, Any

import typer

from ui import (
    cli_admin,
    cli_answers,
    cli_demo,
    cli_export,
    cli_forget,
    cli_migrate,
    cli_plan,
    cli_reports,
    cli_review,
    cli_runs,
    cli_training,
)
from ui.options import Data, build_parts
from ui.terminal import fail


def main() -> None:
    """Run the command line; every expected error ends as one sentence and an exit code."""
    from assistant.errors import CurbsideError
    from assistant.heap import wipe_heap

    wipe_heap()  # before the first note is read
    # Set before any heavy library is imported: nothing asks the hub or reports home unless a setting names a model.
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    for stream in (sys.stdin, sys.stdout, sys.stderr):  # one odd byte in a million lines must not end the run
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except CurbsideError as error:
        fail(error)
    except BrokenPipeError:  # `curbside search … | head`
        os._exit(0)


def serve(
    data: Data = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.")] = None,
    model: Annotated[
        str | None, typer.Option(help="Model folder or hub name, run in this process; with --url, its served name.")
    ] = None,
    url: Annotated[
        list[str] | None,
        typer.Option(
            help="An OpenAI-style model server (TGI, vLLM). Given again: a replica that serves the same model."
        ),
    ] = None,
    engine: Annotated[str | None, typer.Option(help="Which server that is: tgi, vllm or openai (any other).")] = None,
    adapter: Annotated[str | None, typer.Option(help="Adapter folder, or its served name.")] = None,
) -> None:
    """Start Curbside for the browser and for HTTP."""
    generation: dict[str, Any] = {"adapter": adapter} if adapter else {}
    if url:
        generation |= {"backend": "remote", "url": ",".join(url)} | ({"model": model} if model else {})
    elif model:
        generation |= {"backend": "local", "model": model}
    if engine:
        generation["engine"] = engine
    server = {key: value for key, value in {"host": host, "port": port}.items() if value is not None}
    from ui.server import run_server

    run_server(build_parts(data, generation=generation, server=server))


app = typer.Typer(
    name="curbside",
    help="A self-hosted chat assistant for clinicians that learns from their corrections. It supports, and does not "
    "replace, the clinician's judgement.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for verb in (
    serve,
    cli_reports.ingest,
    cli_review.review,
    cli_answers.ask,
    cli_reports.search,
    cli_reports.deidentify,
    cli_reports.sections,
    cli_reports.reindex,
    cli_reports.delete,
    cli_forget.forget,
    cli_training.train,
    cli_runs.promote,
    cli_runs.rollback,
    cli_runs.compare,
    cli_training.scheduler,
    cli_admin.password,
    cli_admin.token,
    cli_admin.doctor,
    cli_migrate.migrate,
    cli_plan.plan,
    cli_demo.demo,
):
    app.command()(verb)

feedback_app = typer.Typer(help="What clinicians said about the answers.", no_args_is_help=True)
feedback_app.command("export")(cli_admin.feedback_export)
app.add_typer(feedback_app, name="feedback")
app.add_typer(cli_runs.runs_app, name="runs")
app.add_typer(cli_export.export_app, name="export")


if __name__ == "__main__":
    main()
