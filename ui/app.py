"""The browser page: which regions there are, and which handler listens to what. No decisions are taken here."""

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.schema import Mode
from ui.desk import Desk
from ui.handlers import AnswerHandlers
from ui.handlers_library import LibraryHandlers
from ui.handlers_queue import QueueHandlers
from ui.handlers_report import ReportHandlers
from ui.handlers_training import TrainingHandlers
from ui.loop_desk import LoopDesk
from ui.review_desk import ReviewDesk
from ui.screen import ChatScreen, Screen
from ui.settings import Settings
from ui.theme import build_theme
from ui.visit import Visit

_ASSETS = Path(__file__).with_name("assets")
_STYLES = ("curbside.css", "report.css", "training.css")
_SCRIPTS = ("curbside.js", "selection.js", "walk.js", "tip.js", "training.js")
"""In this order: the later ones use the first."""
_FORGET_AFTER_S = 12 * 3600
"""A report that nobody has touched for this long leaves the memory."""
_DISCLAIMER = "Supports, never replaces, your judgement. Nothing leaves this computer."

_WELCOME = "Sign in to ask about reports. Nothing leaves this computer."

REPORT_ACTS = ["example", "paste", "upload", "pick", "close_report", "keep_report"]
MASK_ACTS = ["mask", "mask_alike", "unmask", "unmask_alike", "confirm", "confirm_alike", "revert", "undo"]
TALK_ACTS = ["second", "rate", "reason", "correct", "choose", "no_choice", "follow", "unfollow"]
BAR_ACTS = ["open_conversation", "delete_conversation", "new_conversation"]
LIBRARY_ACTS = ["search", "more", "open_report"]
OPENED_ACTS = ["delete_report", "use_report", "compare_report"]
LOOP_ACTS = ["tick", "run_now", "pause", "resume", "roll_back"]
RUN_ACTS = ["cancel_run", "promote"]
ANSWERING = ("visit", "question", "live", "problem", "notice", "talk", "beside", "bar")
"""What changes while an answer is written. For each output of a handler Gradio makes a component anew at each update, whether it
changes or not (0.4 ms): with all regions, sixty answers at once would keep people waiting half a minute for the first word."""
READING_FOLDER = ("visit", "ingest", "library")
QUEUE_ACTS = ["show_queue", "open_item"]
ENTRY_ACTS = ["accept", "discard", "withdraw", "restore", "correct_item"]


def page_options() -> dict[str, Any]:
    """What `gr.mount_gradio_app` is to be called with for this page: theme, styles, script, no links to elsewhere."""
    styles = "".join(map(_asset, _STYLES))
    scripts = "".join(f"<script>{_asset(name)}</script>" for name in _SCRIPTS)
    return {
        "theme": build_theme(),
        # Not as `css`: Gradio rewrites selectors there, and breaks those with commas in `:is()`.
        "head": f"<style>{styles}</style>{scripts}",
        "auth_message": f"<style>{_asset('sign_in.css')}</style>{_WELCOME}",
        "footer_links": [],
        "favicon_path": str(_ASSETS / "favicon.svg"),
    }


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def region(name: str, *acts: str) -> gr.HTML:
    """A part of the page that handlers fill. `acts`: what its elements can ask for (`data-act`)."""
    return gr.HTML(
        "",
        elem_id=name.replace("_", "-"),
        elem_classes=["region"],
        apply_default_css=False,
        js_on_load=f"curbside.connect(element, trigger, watch, {json.dumps(acts)})",
    )


def build_app(desk: Desk, loop: LoopDesk, reviews: ReviewDesk, *, settings: Settings) -> gr.Blocks:
    """Lay out the page and wire it to the desks."""
    screen = ChatScreen(desk, timezone=settings.server.timezone)
    chat, reports = AnswerHandlers(screen), ReportHandlers(screen)
    library = LibraryHandlers(desk, reports)
    training = TrainingHandlers(loop, screen, timezone=settings.server.timezone)
    review = QueueHandlers(reviews, timezone=settings.server.timezone)
    with gr.Blocks(title="Curbside", analytics_enabled=False, fill_height=True, fill_width=True) as blocks:
        visit = gr.State(Visit(), time_to_live=_FORGET_AFTER_S, delete_callback=Visit.clear)
        place = gr.Textbox(visible=False)
        header = region("header")
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Chat", id="chat"), gr.Row(elem_id="chat"):
                with gr.Column(elem_id="left", min_width=300):
                    source = region("source", "close_source")
                    report = region("report", *REPORT_ACTS, *MASK_ACTS)
                    report_problem = region("report_problem")
                    beside = region("beside", "compare", "source")
                with gr.Column(elem_id="right", min_width=380):
                    bar = region("bar", *BAR_ACTS)
                    notice = region("notice")
                    with gr.Column(elem_id="flow"):
                        talk = region("talk", "cite", *TALK_ACTS)
                        live = region("live")
                    problem = region("problem")
                    with gr.Row(elem_id="quick"):
                        quick = {mode: gr.Button(label, size="sm") for mode, label in _QUICK.items()}
                    with gr.Row(elem_id="composer"):
                        question = gr.Textbox(
                            placeholder="Ask about this report …", label="Question", show_label=False, container=False,
                            lines=2, max_lines=6, elem_id="question", scale=1,
                        )  # fmt: skip
                        ask = gr.Button("Ask", variant="primary", elem_id="ask", scale=0, min_width=88)
                        stop = gr.Button("Stop", variant="stop", elem_id="stop", scale=0, min_width=88)
            with gr.Tab("Reports", id="reports") as reports_tab, gr.Row(elem_id="reports"):
                with gr.Column(elem_id="reports-left", min_width=300):
                    ingest = region("ingest", "add_file", "folder")
                    shelf = region("library", *LIBRARY_ACTS)
                with gr.Column(elem_id="reports-right", min_width=380):
                    opened = region("opened", *OPENED_ACTS)
            with gr.Tab("Review", id="review") as review_tab, gr.Row(elem_id="review"):
                with gr.Column(elem_id="review-left", min_width=300):
                    queue = region("queue", *QUEUE_ACTS)
                with gr.Column(elem_id="review-right", min_width=380):
                    queue_problem = region("queue_problem")
                    queue_item = region("queue_item", *ENTRY_ACTS)
            with gr.Tab("Training", id="training") as training_tab, gr.Row(elem_id="training"):
                with gr.Column(elem_id="training-left", min_width=300):
                    loop_said = region("loop_said")
                    loop_now = region("loop", *LOOP_ACTS)
                    loop_runs = region("loop_runs", "open_run")
                with gr.Column(elem_id="training-right", min_width=380):
                    loop_run = region("loop_run", *RUN_ACTS)
        gr.HTML(f"<footer>{_DISCLAIMER}</footer>", elem_id="disclaimer", apply_default_css=False, js_on_load=None)

        regions = {
            "visit": visit, "header": header, "source": source, "report": report, "report_problem": report_problem, "beside": beside, "bar": bar,
            "notice": notice, "talk": talk, "live": live, "problem": problem, "question": question,
            "ingest": ingest, "library": shelf, "opened": opened,
            "queue": queue, "queue_problem": queue_problem, "queue_item": queue_item,
            "loop_said": loop_said, "loop": loop_now, "loop_runs": loop_runs, "loop_run": loop_run,
        }  # fmt: skip
        wire = partial(_wire, regions=regions)

        wire(blocks.load, reports.load, inputs=[place], js="(visit, place) => [visit, location.hash]")
        wire(reports_tab.select, library.enter)
        wire(review_tab.select, review.enter)
        wire(training_tab.select, training.enter)
        stream = partial(_wire, regions={name: regions[name] for name in ANSWERING}, streams=True)
        stream(ask.click, chat.ask, inputs=[question])
        for mode, button in quick.items():
            stream(button.click, partial(chat.quick, mode=mode))
        wire(stop.click, chat.stop)

        for act in [*REPORT_ACTS, *MASK_ACTS]:
            wire(getattr(report, act), getattr(reports, act), sends=True)
        for act in BAR_ACTS:
            wire(getattr(bar, act), getattr(chat, act), sends=True)
        wire(beside.compare, reports.compare, sends=True)
        wire(beside.source, reports.source, sends=True)
        wire(source.close_source, reports.close_source, sends=True)
        wire(talk.cite, reports.cite, sends=True)
        for act in TALK_ACTS:
            {"second": stream}.get(act, wire)(getattr(talk, act), getattr(chat, act), sends=True)
        for act in LIBRARY_ACTS:
            wire(getattr(shelf, act), getattr(library, act), sends=True)
        for act in OPENED_ACTS:
            wire(getattr(opened, act), getattr(library, act), sends=True)
        for act in QUEUE_ACTS:
            wire(getattr(queue, act), getattr(review, act), sends=True)
        for act in ENTRY_ACTS:
            wire(getattr(queue_item, act), getattr(review, act), sends=True)
        for act in LOOP_ACTS:
            wire(getattr(loop_now, act), getattr(training, act), sends=True)
        for act in RUN_ACTS:
            wire(getattr(loop_run, act), getattr(training, act), sends=True)
        wire(loop_runs.open_run, training.open_run, sends=True)
        wire(ingest.add_file, library.add_file, sends=True)
        reading = {name: regions[name] for name in READING_FOLDER}
        _wire(ingest.folder, library.folder, regions=reading, sends=True, streams=True)
    _keep_no_statistics()
    # Answers of different people are written at the same time; Gradio's default is one by one.
    return blocks.queue(default_concurrency_limit=None)


def _keep_no_statistics() -> None:
    """For a page of statistics that is not open here, Gradio's queues remember the last 10,000 events and put them into a table
    after each: 11 ms of a processor an event, and 10 to 30 MB that came and went with the number of answers."""
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(2**62))


_QUICK = {Mode.SUMMARIZE: "Summary", Mode.ABNORMAL: "Abnormal", Mode.QUESTION: "Diagnosis?", Mode.COMPARE: "Compare"}


def _wire(
    event: Callable[..., Any],
    handler: Callable[..., Any],
    *,
    regions: dict[str, Any],
    inputs: list[Any] | None = None,
    sends: bool = False,
    streams: bool = False,
    js: str | None = None,
) -> None:
    """Let `handler` answer `event`. It gets the visit, then what the page sends (`sends`) or the inputs' values."""
    listener = {
        (False, False): _once,
        (True, False): _once_with_data,
        (False, True): _stream,
        (True, True): _stream_with_data,
    }
    event(
        listener[sends, streams](handler, regions),
        inputs=[regions["visit"], *(inputs or [])],
        outputs=list(regions.values()),
        show_progress="hidden",
        trigger_mode="multiple",
        api_visibility="private",
        js=js,
    )


def _shown(screen: Screen, regions: dict[str, Any]) -> dict[Any, Any]:
    return {regions[name]: content for name, content in screen.items()}


def _kept(visit: Visit, regions: dict[str, Any]) -> dict[Any, Any]:
    """The visit goes back too, once an event: Gradio counts its time to live from there."""
    return {regions["visit"]: visit}


def _known(visit: Visit, request: gr.Request) -> Visit:
    return visit.of(request.username or "local")


def _once(handler: Callable[..., Awaitable[Screen]], regions: dict[str, Any]) -> Callable[..., Any]:
    async def listener(request: gr.Request, visit: Visit, *values: Any) -> dict[Any, Any]:
        return _kept(visit, regions) | _shown(await handler(_known(visit, request), *values), regions)

    return listener


def _once_with_data(handler: Callable[..., Awaitable[Screen]], regions: dict[str, Any]) -> Callable[..., Any]:
    async def listener(request: gr.Request, event: gr.EventData, visit: Visit) -> dict[Any, Any]:
        return _kept(visit, regions) | _shown(await handler(_known(visit, request), event._data), regions)

    return listener


def _stream(handler: Callable[..., AsyncIterator[Screen]], regions: dict[str, Any]) -> Callable[..., Any]:
    async def listener(request: gr.Request, visit: Visit, *values: Any) -> AsyncIterator[dict[Any, Any]]:
        kept = _kept(visit, regions)
        async for screen in handler(_known(visit, request), *values):
            yield kept | _shown(screen, regions)
            kept = {}

    return listener


def _stream_with_data(handler: Callable[..., AsyncIterator[Screen]], regions: dict[str, Any]) -> Callable[..., Any]:
    async def listener(request: gr.Request, event: gr.EventData, visit: Visit) -> AsyncIterator[dict[Any, Any]]:
        kept = _kept(visit, regions)
        async for screen in handler(_known(visit, request), event._data):
            yield kept | _shown(screen, regions)
            kept = {}

    return listener
