"""The generator in this process, on a tiny model with random weights. Reports are invented."""

import asyncio
import threading
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import ModelNotFound, PromptTooLong
from assistant.generation.loading import is_out_of_memory
from assistant.generation.local import LocalGenerator
from assistant.generation.rendering import render
from assistant.schema import Message, Mode, Prompt
from assistant.settings import GenerationSettings
from tests.assistant.generation.conftest import make_prompt
from tests.assistant.generation.held_model import HeldModel
from tests.assistant.generation.tiny_model import STRICT_TEMPLATE, make_tiny_adapter, make_tiny_model


def make_generator(folder: Path | str, **settings: object) -> LocalGenerator:
    return LocalGenerator(
        GenerationSettings.model_validate(
            {"backend": "local", "model": str(folder), "context_tokens": 1024, **settings}
        )
    )


async def collect(generator: LocalGenerator, prompt: Prompt | None = None, *, max_new_tokens: int = 24) -> str:
    return "".join([d async for d in generator.stream(prompt or make_prompt(), max_new_tokens=max_new_tokens)])


def ask(generator: LocalGenerator, prompt: Prompt | None = None, *, max_new_tokens: int = 24) -> str:
    return asyncio.run(collect(generator, prompt, max_new_tokens=max_new_tokens))


@pytest.fixture(scope="module")
def generator(tiny_model: Path) -> LocalGenerator:
    generator = make_generator(tiny_model)
    generator.load()
    return generator


def count_steps(generator: LocalGenerator) -> list[int]:
    """A list that grows by one with every step the model computes."""
    steps: list[int] = []
    assert generator._loaded is not None
    generator._loaded.model.register_forward_hook(lambda *_: steps.append(1))
    return steps


def exactly(generator: LocalGenerator) -> Any:
    """Let it compute so finely that no two tokens are as good as equal, in whichever order it adds up. Returns its model."""
    generator.load()
    assert generator._loaded is not None
    return generator._loaded.model.double()


def test_says_what_the_model_says(generator: LocalGenerator, tiny_model: Path) -> None:
    """The stream is, token for token, what transformers itself generates greedily from the chat template."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    model: Any = AutoModelForCausalLM.from_pretrained(tiny_model)
    turns = [{"role": m.role, "content": m.content} for m in make_prompt().messages]
    inputs = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    with torch.inference_mode():
        output = model.generate(**inputs, max_new_tokens=24, do_sample=False)
    expected = tokenizer.decode(output[0][inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    assert ask(generator) == expected.rstrip("\ufffd") != ""
    assert output.shape[1] == inputs["input_ids"].shape[1] + 24


def test_model_id_tells_no_path(generator: LocalGenerator) -> None:
    assert generator.model_id == "tiny-llama"
    assert make_generator("mistralai/Mistral-7B-v0.3").model_id == "mistralai/Mistral-7B-v0.3"


def test_each_adapter_answers_for_itself(tiny_model: Path, tmp_path: Path, generator: LocalGenerator) -> None:
    """The outputs prove which weights answered; each equals what PEFT itself gives when the adapter is merged."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    answers = {"base": ask(generator)}
    for seed in (1, 2):
        folder = make_tiny_adapter(tmp_path / f"clin-{seed}.0", tiny_model, seed=seed)
        with_adapter = make_generator(tiny_model, adapter=str(folder))
        assert with_adapter.model_id == f"tiny-llama+clin-{seed}.0"
        exactly(with_adapter)
        answers[str(seed)] = ask(with_adapter)

        merged = tmp_path / f"merged-{seed}"
        model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny_model).double(), str(folder))
        model = model.double().merge_and_unload()  # type: ignore[operator]
        model.save_pretrained(merged)
        AutoTokenizer.from_pretrained(tiny_model).save_pretrained(merged)
        alone = make_generator(merged)
        exactly(alone).load_state_dict(model.state_dict())  # it was read in single precision
        assert answers[str(seed)] == ask(alone)
    assert len(set(answers.values())) == 3


def test_stops_within_one_token_of_closing(tiny_model: Path) -> None:
    generator = make_generator(tiny_model)
    generator.load()
    held = HeldModel(generator, after=50)

    async def close_after_three() -> None:
        seen = 0
        async with aclosing(generator.stream(make_prompt(), max_new_tokens=800)) as deltas:
            async for _ in deltas:
                seen += 1
                if seen == 3:
                    break
        at_close = held.steps
        held.go_on()
        await asyncio.to_thread(generator._worker.submit(lambda: None).result)  # the worker is free again
        assert held.steps - at_close <= 1

    asyncio.run(close_after_three())
    assert held.steps <= 51


def test_a_cancelled_question_leaves_the_queue_unasked(tiny_model: Path) -> None:
    generator = make_generator(tiny_model)
    generator.load()
    held = HeldModel(generator, after=50)

    async def cancel_the_second() -> str:
        first = asyncio.create_task(collect(generator, max_new_tokens=100))
        second = asyncio.create_task(collect(generator, max_new_tokens=800))
        third = asyncio.create_task(collect(generator, max_new_tokens=5))
        await asyncio.to_thread(held.wait)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        held.go_on()
        return await first + await third

    assert asyncio.run(cancel_the_second())
    assert held.steps == 105


def test_questions_are_answered_in_the_order_they_came(tiny_model: Path) -> None:
    generator = make_generator(tiny_model)
    finished: list[int] = []

    async def one(number: int) -> None:
        await collect(generator, make_prompt(f"Question {number}?"), max_new_tokens=8)
        finished.append(number)

    async def all_at_once() -> None:
        await asyncio.gather(*(one(number) for number in range(6)))

    asyncio.run(all_at_once())
    assert finished == list(range(6))


def test_callers_on_different_event_loops_share_one_model(generator: LocalGenerator) -> None:
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(ask(generator))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 3
    assert len(set(answers)) == 1


def test_prompt_too_long_is_said_with_counts_before_the_first_token(generator: LocalGenerator) -> None:
    with pytest.raises(PromptTooLong) as caught:
        ask(generator, make_prompt(text="word " * 3000), max_new_tokens=100)
    assert caught.value.tokens > 3000
    assert caught.value.limit == 1024 - 64


def test_a_lower_limit_in_the_settings_counts(tiny_model: Path) -> None:
    with pytest.raises(PromptTooLong) as caught:
        ask(make_generator(tiny_model, context_tokens=256), make_prompt(text="word " * 250))
    assert caught.value.limit == 256 - 24


def test_an_answer_ends_where_the_model_does(tiny_model: Path) -> None:
    generator = make_generator(tiny_model, context_tokens=8192)
    generator.load()
    steps = count_steps(generator)
    prompt = make_prompt(text="word " * 150)
    ask(generator, prompt, max_new_tokens=5000)
    assert generator._loaded is not None
    read = len(render(generator._loaded.tokenizer, prompt.messages))
    assert read + len(steps) == 1024, "prompt and answer together fill the model's positions"


@pytest.mark.parametrize(
    "template",
    [pytest.param(None, id="no chat template"), pytest.param(STRICT_TEMPLATE, id="a template without system messages")],
)
def test_models_with_other_templates_answer_too(tmp_path: Path, template: str | None) -> None:
    assert ask(make_generator(make_tiny_model(tmp_path / "other", template=template)))


def test_a_second_answer_differs_and_can_be_had_again(generator: LocalGenerator) -> None:
    prompt = make_prompt()
    variants = [
        Prompt(version="test", mode=Mode.QUESTION, question="", messages=prompt.messages, sources=(), variant=variant)
        for variant in (0, 1, 1)
    ]
    first, second, again = (ask(generator, variant) for variant in variants)
    assert first != second
    assert second == again


@pytest.mark.parametrize(
    ("model", "adapter"),
    [
        pytest.param("/no/such/folder", None, id="a folder that is not there"),
        pytest.param("{empty}", None, id="an empty folder"),
        pytest.param("{broken}", None, id="a folder with broken weights"),
        pytest.param("nobody/has-this-model", None, id="a hub name without a hub"),
        pytest.param("{tiny}", "/no/such/adapter", id="an adapter that is not there"),
        pytest.param("{tiny}", "{empty}", id="an adapter folder without an adapter"),
        pytest.param("{tiny}", "{foreign}", id="an adapter of another base model"),
    ],
)
def test_what_cannot_be_loaded_is_named(tiny_model: Path, tmp_path: Path, model: str, adapter: str | None) -> None:
    folders = {"tiny": tiny_model, "empty": tmp_path / "empty", "broken": tmp_path / "broken"}
    folders["empty"].mkdir()
    if "broken" in model:
        make_tiny_model(folders["broken"])
        (folders["broken"] / "model.safetensors").write_bytes(b"no weights")
    if adapter == "{foreign}":
        folders["foreign"] = _foreign_adapter(tmp_path)
    names = {name: str(path) for name, path in folders.items()}
    generator = make_generator(model.format(**names), adapter=adapter and adapter.format(**names))
    with pytest.raises(ModelNotFound, match="CURBSIDE_GENERATION__MODEL") as caught:
        ask(generator)
    assert str(tmp_path) not in str(caught.value)


def _foreign_adapter(tmp_path: Path) -> Path:
    """An adapter whose matrices have other sizes."""
    import torch
    from safetensors.torch import load_file, save_file

    base = make_tiny_model(tmp_path / "base")
    folder = make_tiny_adapter(tmp_path / "foreign", base, seed=1)
    weights = load_file(folder / "adapter_model.safetensors")
    save_file(
        {name: torch.zeros(value.shape[0], 7) for name, value in weights.items()}, folder / "adapter_model.safetensors"
    )
    return folder


def test_no_model_named_is_an_error_at_once() -> None:
    with pytest.raises(ModelNotFound, match="none is named"):
        LocalGenerator(GenerationSettings(backend="local"))


def test_a_full_memory_is_recognised() -> None:
    import torch

    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**50, dtype=torch.float32)
    assert is_out_of_memory(caught.value)
    assert not is_out_of_memory(RuntimeError("shape mismatch"))


def test_closing_lets_go_of_the_model(tiny_model: Path) -> None:
    from assistant.errors import GenerationError

    generator = make_generator(tiny_model)
    generator.load()
    held = HeldModel(generator, after=50)

    async def close_during_an_answer() -> None:
        asking = asyncio.create_task(collect(generator, max_new_tokens=900))
        waiting = asyncio.create_task(collect(generator))
        await asyncio.to_thread(held.wait)
        await generator.aclose()
        held.go_on()
        await asking  # ends early, with what it has
        with pytest.raises(GenerationError):
            await waiting
        with pytest.raises(GenerationError):
            await collect(generator)

    asyncio.run(close_during_an_answer())
    assert generator._loaded is None


def test_empty_messages_do_not_crash(generator: LocalGenerator) -> None:
    empty = Prompt(
        version="test", mode=Mode.SUMMARIZE, question="", messages=(Message(role="user", content=""),), sources=()
    )
    assert isinstance(ask(generator, empty), str)
