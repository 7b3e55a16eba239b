"""Clinicians ask all the time while a run takes the GPU and gives it back: every question is answered. A real, tiny model."""

import asyncio
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from assistant.adapters import Adapters
from assistant.chat import ChatService, Finished, Question
from assistant.deid.engine import Deidentifier
from assistant.generation.local import LocalGenerator
from assistant.generation.quoting import QuotingGenerator
from assistant.gpu_lease import GpuLease
from assistant.gpu_serving import ServingGpu
from assistant.schema import Answer
from assistant.settings import ChatSettings, DeidSettings, GenerationSettings, GroundingSettings, RetrievalSettings
from tests.assistant.generation.conftest import make_report
from tests.assistant.generation.tiny_model import make_tiny_model
from tests.training.run_site import RunSite, new_site
from tests.training.sharing import Gpu
from training.schema import RunState

CHATS = 8


@pytest.mark.slow
def test_under_load_no_answer_fails_and_the_model_comes_back(tmp_path: Path) -> None:
    site = new_site(tmp_path)
    settings = GenerationSettings(
        backend="local", model=str(make_tiny_model(tmp_path / "tiny", context=8192)), max_new_tokens=8
    )
    serving = ServingGpu(GpuLease(site.database, site.settings.data_dir), look_s=0.05)
    model = LocalGenerator(settings, Adapters(tmp_path / "none"), gpu=serving)
    chat = ChatService(
        deidentifier=Deidentifier(DeidSettings()),
        generator=model,
        quoting=QuotingGenerator(),
        retrieve=lambda *_: [],
        chat=ChatSettings(),
        retrieval=RetrievalSettings(),
        generation=settings,
        grounding=GroundingSettings(),
    )
    answers = asyncio.run(_ask_through_a_run(chat, model, site))
    site.close()
    answered, quoted, afterwards = answers["before"], answers["during"], answers["after"]
    assert {answer.model_id for answer in (*answered, *afterwards)} == {"tiny"}
    assert {(answer.model_id, answer.fallback is None) for answer in quoted} == {("quoting", False)}
    assert all("the model rests until a training run has ended" in str(answer.fallback) for answer in quoted)
    assert {answer.model_id for answer in answers["between"]} <= {"tiny", "quoting"}
    assert all(answer.text for answers in answers.values() for answer in answers)


async def _ask_through_a_run(chat: ChatService, model: LocalGenerator, site: RunSite) -> dict[str, list[Answer]]:
    """All answers, by when their question was asked: before the run, while it had the GPU, after it, or between those."""
    answers: dict[str, list[Answer]] = {"before": [], "between": [], "during": [], "after": []}
    now = "before"

    async def clinician() -> None:
        while len(answers["after"]) < CHATS:
            asked = now
            question = Question(text="What is the diagnosis?", report=make_report())
            (answer,) = [event.answer async for event in chat.answer(question) if isinstance(event, Finished)]
            answers[asked if asked == now else "between"].append(answer)
            await asyncio.sleep(0)

    async def until(count: int, key: str) -> None:
        while len(answers[key]) < count:
            await asyncio.sleep(0.02)

    async def run() -> None:
        nonlocal now
        await until(CHATS, "before")
        loaded = await _weights(model)
        now = "between"
        led = site.create()
        Gpu(site.folder)
        leader = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.training.sharing", str(site.folder), str(led.id), "wait",
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        training = site.folder_of(led).training
        while not (training / "starts").exists():
            assert leader.returncode is None, "the run has ended before it trained"
            await asyncio.sleep(0.02)
        assert loaded() is None, "the model is in memory while training has the GPU"
        now = "during"
        await until(2 * CHATS, "during")
        now = "between"
        (training / "go").touch()
        await leader.wait()
        assert site.ledger.get(led.id).state is RunState.PROMOTED
        while getattr(model, "_loaded") is None:  # noqa: B009
            await asyncio.sleep(0.02)
        now = "after"

    try:
        await asyncio.wait_for(asyncio.gather(run(), *(clinician() for _ in range(CHATS))), timeout=240)
    finally:
        await chat.aclose()
    return answers


async def _weights(model: LocalGenerator) -> "weakref.ref[object]":
    """What is in memory; at the beginning of each answer the generator has it out of its hands for a moment."""
    while (loaded := getattr(model, "_loaded")) is None:  # noqa: B009
        await asyncio.sleep(0.001)
    return weakref.ref(loaded.model)
