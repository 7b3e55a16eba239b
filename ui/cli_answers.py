"""The verb `ask`, and how an answer looks in the terminal."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from ui.options import Data, FieldName, Json, JsonLines, build_parts, one_report
from ui.terminal import note, run_json_lines, working, write_json, write_line


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

    parts = build_parts(data)
    wanted = _mode(mode)
    with asyncio.Runner() as runner:  # one event loop for all lines
        if jsonl:

            def work(row: dict[str, Any]) -> dict[str, Any]:
                asked = str(row.get(question_field) or question)
                return runner.run(answer(parts, asked, wanted, row[field], row.get(with_field)))

            raise typer.Exit(1 if run_json_lines(Path(report) if report else None, field=field, work=work) else 0)
        text = one_report(parts, report).text if report else None
        before = one_report(parts, earlier).text if earlier else None
        with working("Reading …") as say:
            result = runner.run(answer(parts, question, wanted, text, before, saw=partial(tell, say)))
    if as_json:
        write_json(result)
    else:
        write_answer(result)


def tell(say: Callable[[str], None], event: Any) -> None:
    """Where the question stands, while it waits for a model server."""
    from assistant.chat import Stage, Waiting
    from ui.render_answers import place

    match event:
        case Waiting(position):
            say(f"{place(position)} …")
        case Stage("writing"):
            say("Writing …")
        case _:
            pass


async def answer(
    parts: Any,
    question: str,
    mode: Any,
    text: str | None,
    earlier: str | None,
    *,
    saw: Callable[[Any], None] | None = None,
) -> dict[str, Any]:
    """Answer once, keep nothing. Nobody looks at the report here, so what the second look finds is masked too."""
    from assistant.chat import Question
    from ui.records import answer_record

    desk = parts.desk
    loaded = desk.mask_residual(desk.load_text(text)) if text is not None else None
    placeholders = loaded.placeholders if loaded else None
    before = desk.mask_residual(desk.load_text(earlier, placeholders=placeholders)) if earlier is not None else None
    finished = await desk.ask_once(
        Question(
            text=question,
            mode=mode,
            report=loaded.report if loaded else None,
            earlier=before.report if before else None,
            placeholders=placeholders,
        ),
        saw=saw,
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


def write_answer(result: dict[str, Any]) -> None:
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
    if result["not_shown"]:
        note(f"Not shown to the model, which reads no more: {', '.join(result['not_shown'])}")
    note("Supports, never replaces, your judgement.")
