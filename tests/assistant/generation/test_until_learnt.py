"""Who answers before and after the first adapter is live. The adapters' folders here are real, their weights are not needed."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from assistant.adapters import Adapters
from assistant.generation.base import SignedStream, author
from assistant.generation.quoting import QuotingGenerator
from assistant.generation.until_learnt import UntilLearnt
from assistant.schema import Mode, Prompt, Report

REPORT = Report(id="r", text="IMPRESSION: Pneumonia of the right lower lobe.\n")
PROMPT = Prompt(version="t", mode=Mode.SUMMARIZE, question="Summarise.", messages=(), sources=(), report=REPORT)


class Learner:
    """Stands where the model with the adapter stands; it only says that it was asked."""

    model_id = "starter+one"
    swap_problem = None

    def stream(self, prompt: Prompt, *, max_new_tokens: int) -> SignedStream:
        async def deltas() -> AsyncGenerator[str, None]:
            yield "learnt"

        return SignedStream(deltas(), self.model_id)

    async def aclose(self) -> None: ...


@pytest.fixture
def adapters(tmp_path: Path) -> Adapters:
    trained = tmp_path / "trained"
    trained.mkdir()
    (trained / "adapter_config.json").write_text("{}", "utf-8")
    (trained / "adapter_model.safetensors").write_bytes(b"weights")
    adapters = Adapters(tmp_path / "adapters")
    adapters.install(trained, "one", base_model="starter")
    adapters.install(trained, "other", base_model="mistral-7b")
    return adapters


def answer(generator: Any) -> tuple[str, str]:
    async def whole() -> tuple[str, str]:
        deltas = generator.stream(PROMPT, max_new_tokens=50)
        text = "".join([delta async for delta in deltas])
        return text, author(deltas, generator)

    return asyncio.run(whole())


def test_the_one_who_answers_follows_promotion_and_rollback(adapters: Adapters, tmp_path: Path) -> None:
    made: list[Learner] = []

    def make() -> Any:
        made.append(Learner())
        return made[-1]

    generator = UntilLearnt(QuotingGenerator(), make, base_model="starter", adapters=adapters)
    quoted = ("Pneumonia of the right lower lobe.", "quoting")
    assert answer(generator)[1] == "quoting"
    assert not made, "the model is not loaded while nothing is learnt"
    adapters.make_live("one")
    assert answer(generator) == ("learnt", "starter+one")
    adapters.roll_back()
    assert quoted[0] in answer(generator)[0]
    adapters.make_live("other")
    assert answer(generator)[1] == "quoting", "an adapter of another model teaches the starter nothing"
    (tmp_path / "adapters" / "live.json").write_text("{", "utf-8")
    assert answer(generator)[1] == "quoting", "a broken pointer leaves quoting"
    assert len(made) == 1
