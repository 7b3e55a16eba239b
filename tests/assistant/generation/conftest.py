"""Engines in processes of their own, a tiny model, and prompts. All reports are invented."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from assistant.schema import Message, Mode, Prompt, Report, Section, SectionKind, Source
from tests.assistant.generation.tiny_model import make_tiny_model
from tests.engines.running import RunningEngine, run_stand_in

StartEngine = Callable[..., RunningEngine]

_TEXT = (
    "FINDINGS: The heart is enlarged. There is no pleural effusion. The temperature was 37.9 °C.\n"
    "IMPRESSION: Cardiomegaly without effusion. Naïve follow-up in 6 weeks.\n"
)


def make_report(text: str = _TEXT) -> Report:
    border = text.find("IMPRESSION:")
    sections = ()
    if border > 0:
        sections = (
            Section(heading="FINDINGS", kind=SectionKind.FINDINGS, start=0, body_start=10, end=border),
            Section(
                heading="IMPRESSION", kind=SectionKind.DIAGNOSIS, start=border, body_start=border + 12, end=len(text)
            ),
        )
    return Report(id="r1", text=text, sections=sections)


def make_prompt(question: str = "What is the diagnosis?", *, text: str = _TEXT, mode: Mode = Mode.QUESTION) -> Prompt:
    """A prompt whose last message ends in the question."""
    report = make_report(text)
    return Prompt(
        version="test",
        mode=mode,
        question=question,
        messages=(
            Message(role="system", content="Answer from the report."),
            Message(role="user", content=f"{text}\n{question}"),
        ),
        sources=(Source(report_id="r1", label="This report", text=text, sections=report.sections),),
        report=report,
    )


@pytest.fixture
def start_engine() -> Iterator[StartEngine]:
    """Start stand-in engines that live as long as the test."""
    with ExitStack() as stack:

        def start(*options: str | float) -> RunningEngine:
            running: AbstractContextManager[RunningEngine] = run_stand_in(*options)
            return stack.enter_context(running)

        yield start


@pytest.fixture(scope="module")
def engine() -> Iterator[RunningEngine]:
    """A quick stand-in engine without faults: 40 tokens, 400 a second, the first after 10 ms."""
    with run_stand_in("--first-token-ms", 10, "--tokens-per-second", 400, "--tokens", 40) as running:
        yield running


@pytest.fixture(autouse=True)
def _clean_stats(request: pytest.FixtureRequest) -> None:
    if "engine" in request.fixturenames:
        request.getfixturevalue("engine").reset()


@pytest.fixture
def shorter_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back-off that starts at 50 ms."""
    monkeypatch.setattr("assistant.generation.remote._FIRST_WAIT_S", 0.05)
    monkeypatch.setattr("assistant.generation.replicas._FIRST_PAUSE_S", 0.05)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny model and its tokenizer."""
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny-llama")
