"""A model in this process lets go of its memory for training, and comes back with the adapter that is live by then."""

import asyncio
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.adapters import Adapters
from assistant.errors import ModelRests
from assistant.generation.local import LocalGenerator
from assistant.settings import GenerationSettings
from tests.assistant.generation.conftest import make_prompt
from tests.assistant.generation.held_model import HeldModel
from tests.assistant.generation.tiny_model import make_tiny_adapter


@pytest.fixture
def adapters(tmp_path: Path, tiny_model: Path) -> Adapters:
    """`r1` and `r2` are installed, `r1` is live."""
    adapters = Adapters(tmp_path / "adapters")
    for seed, name in ((1, "r1"), (2, "r2")):
        source = make_tiny_adapter(tmp_path / "made" / name, tiny_model, seed=seed)
        adapters.install(source, name, base_model="tiny-llama")
    adapters.make_live("r1")
    return adapters


@pytest.fixture
def generator(tiny_model: Path, adapters: Adapters) -> LocalGenerator:
    return LocalGenerator(GenerationSettings(backend="local", model=str(tiny_model), context_tokens=1024), adapters)


def ask(generator: LocalGenerator) -> tuple[str, str]:
    """Who answered, and what."""

    async def collect() -> tuple[str, str]:
        stream = generator.stream(make_prompt(), max_new_tokens=12)
        text = "".join([delta async for delta in stream])
        return stream.model_id, text

    return asyncio.run(collect())


def weights(generator: LocalGenerator) -> Callable[[], object]:
    return weakref.ref(getattr(generator, "_loaded").model.get_base_model())  # noqa: B009


def test_nothing_of_the_model_is_left_in_memory_and_it_answers_as_before(generator: LocalGenerator) -> None:
    before = ask(generator)
    model = weights(generator)
    generator.let_go()
    assert model() is None
    generator.bring_back()
    assert ask(generator) == before
    assert before[0] == "tiny-llama+r1"


def test_it_comes_back_with_what_went_live_meanwhile_or_with_the_previous_one(
    generator: LocalGenerator, adapters: Adapters
) -> None:
    first = ask(generator)
    generator.let_go()
    adapters.make_live("r2")
    generator.bring_back()
    second = ask(generator)
    assert second[0] == "tiny-llama+r2"
    assert second[1] != first[1]
    adapters.make_live("r1")
    adapters.make_live("r2")
    generator.let_go()
    broken = adapters.path("r2") / "adapter_model.safetensors"
    broken.chmod(0o600)
    broken.write_bytes(broken.read_bytes()[:-8])
    generator.bring_back()
    assert "r2" in str(generator.swap_problem)
    assert ask(generator) == first


def test_the_answer_under_way_is_finished_and_who_waits_is_told_that_it_rests(
    tiny_model: Path, adapters: Adapters
) -> None:
    class Gpu:
        """Closed by hand."""

        closed = False

        def check(self) -> None:
            if self.closed:
                raise ModelRests(until="until about 03:40")

        def enter(self, tenant: object) -> None:
            self.check()

        def close(self) -> None: ...

    gpu = Gpu()
    settings = GenerationSettings(backend="local", model=str(tiny_model), context_tokens=1024)
    generator = LocalGenerator(settings, adapters, gpu=gpu)  # type: ignore[arg-type]

    async def answers() -> tuple[str, list[BaseException | str]]:
        first = generator.stream(make_prompt(), max_new_tokens=200)
        begun = await anext(first)
        waiting = [asyncio.create_task(collect(generator)) for _ in range(3)]
        await asyncio.sleep(0)
        gpu.closed = True
        leaving = threading.Thread(target=generator.let_go)
        leaving.start()
        held.go_on()
        rest = [delta async for delta in first]
        told = await asyncio.gather(*waiting, collect(generator), return_exceptions=True)
        await asyncio.to_thread(leaving.join)
        return begun + "".join(rest), told

    async def collect(generator: LocalGenerator, *, max_new_tokens: int = 4) -> str:
        return "".join([delta async for delta in generator.stream(make_prompt(), max_new_tokens=max_new_tokens)])

    undisturbed = asyncio.run(collect(generator, max_new_tokens=200))
    held = HeldModel(generator, after=100)
    whole, told = asyncio.run(answers())
    assert whole == undisturbed
    assert [str(one) for one in told] == ["the model rests until about 03:40, for training needs its GPU"] * 4
    assert getattr(generator, "_loaded") is None  # noqa: B009
