"""The adapter that is live changes while Curbside runs: real PEFT adapters on a tiny model. Reports are invented."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.adapters import LIVE_FILE, Adapters
from assistant.chat import ChatService, Delta, Finished, Question
from assistant.deid.engine import Deidentifier
from assistant.errors import ModelOutOfMemory
from assistant.generation import live_adapter
from assistant.generation.base import SignedStream
from assistant.generation.canary import CANARY_FILE, make_canary, write_canary
from assistant.generation.decoding import wearing, write_answer
from assistant.generation.loading import LoadedModel, load_model
from assistant.generation.local import LocalGenerator
from assistant.generation.quoting import QuotingGenerator
from assistant.settings import ChatSettings, DeidSettings, GenerationSettings, GroundingSettings, RetrievalSettings
from tests.assistant.generation.conftest import make_prompt, make_report
from tests.assistant.generation.held_model import HeldModel
from tests.assistant.generation.tiny_model import make_tiny_adapter, make_tiny_model


@pytest.fixture(scope="module")
def sources(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two adapters with their canaries, and one that was trained on nothing: its second matrices are zero."""
    folder = tmp_path_factory.mktemp("trained")
    made: dict[str, Path] = {}
    for seed, name in ((1, "r1"), (2, "r2")):
        made[name] = make_tiny_adapter(folder / name, tiny_model, seed=seed)
        loaded = load_model(str(tiny_model), adapter=str(made[name]))
        write_canary(make_canary(loaded, adapter=name), made[name])
    made["nothing"] = _with_zeros(folder / "nothing", made["r1"])
    return made


def _with_zeros(folder: Path, adapter: Path) -> Path:
    from safetensors.torch import load_file, save_file

    shutil.copytree(adapter, folder)
    weights = load_file(folder / "adapter_model.safetensors")
    save_file({name: tensor * 0 for name, tensor in weights.items()}, folder / "adapter_model.safetensors")
    return folder


@pytest.fixture
def adapters(tmp_path: Path, sources: dict[str, Path]) -> Adapters:
    """`r1`, `r2` and `nothing` are installed; the base model is alone."""
    adapters = Adapters(tmp_path / "adapters")
    for name, source in sources.items():
        adapters.install(source, name, base_model="tiny-llama")
    return adapters


@pytest.fixture
def expected(tiny_model: Path, sources: dict[str, Path]) -> Callable[[str | None], str]:
    """What a model that was loaded with one adapter from the beginning answers."""
    answers: dict[str | None, str] = {}

    def answer(name: str | None) -> str:
        if name not in answers:
            loaded = load_model(str(tiny_model), adapter=str(sources[name]) if name else None)
            answers[name] = write_answer(loaded, make_prompt(), max_new_tokens=24, quote_only=False)
        return answers[name]

    return answer


def make_generator(tiny_model: Path, adapters: Adapters, **settings: object) -> LocalGenerator:
    given = {"backend": "local", "model": str(tiny_model), "context_tokens": 1024, **settings}
    return LocalGenerator(GenerationSettings.model_validate(given), adapters)


async def collect(generator: LocalGenerator, *, max_new_tokens: int = 24) -> tuple[str, str]:
    stream = generator.stream(make_prompt(), max_new_tokens=max_new_tokens)
    assert isinstance(stream, SignedStream)
    text = "".join([delta async for delta in stream]).strip()
    return stream.model_id, text


def ask(generator: LocalGenerator) -> tuple[str, str]:
    """Who answered, and what."""
    return asyncio.run(collect(generator))


def test_the_next_question_is_answered_by_the_adapter_that_is_live(
    tiny_model: Path, adapters: Adapters, expected: Callable[[str | None], str]
) -> None:
    generator = make_generator(tiny_model, adapters)
    assert ask(generator) == ("tiny-llama", expected(None))
    for name in ("r1", "r2"):
        adapters.make_live(name)
        assert ask(generator) == (f"tiny-llama+{name}", expected(name))
    for name in ("r1", None):
        assert adapters.roll_back().name == name
        assert ask(generator) == (f"tiny-llama+{name}" if name else "tiny-llama", expected(name))
    adapters.make_live("r2")
    assert ask(generator) == ("tiny-llama+r2", expected("r2"))
    assert generator.swap_problem is None
    assert len({expected(None), expected("r1"), expected("r2")}) == 3


def test_only_the_adapter_that_answers_is_kept_in_memory(tiny_model: Path, adapters: Adapters) -> None:
    generator = make_generator(tiny_model, adapters)
    for name in ("r1", "r2", "r1"):
        adapters.make_live(name)
        ask(generator)
        assert generator._loaded is not None
        assert set(generator._loaded.model.peft_config) == {name}


def test_a_running_answer_keeps_its_adapter_and_those_that_wait_get_the_new_one(
    tiny_model: Path, adapters: Adapters, expected: Callable[[str | None], str]
) -> None:
    """Promotion in the middle of a long stream, with questions in the queue; each answer names who wrote it."""
    adapters.make_live("r1")
    generator = make_generator(tiny_model, adapters)
    generator.load()
    alone = asyncio.run(collect(generator, max_new_tokens=200))
    held = HeldModel(generator, after=100)

    async def promote_meanwhile() -> list[tuple[str, str]]:
        running = generator.stream(make_prompt(), max_new_tokens=200)
        pieces = [await anext(running)]
        waiting = [asyncio.create_task(collect(generator)) for _ in range(2)]
        await asyncio.sleep(0)
        adapters.make_live("r2")
        late = asyncio.create_task(collect(generator))
        held.go_on()
        pieces += [piece async for piece in running]
        return [(running.model_id, "".join(pieces).strip()), *await asyncio.gather(*waiting, late)]

    answers = asyncio.run(promote_meanwhile())
    assert answers == [alone] + [("tiny-llama+r2", expected("r2"))] * 3
    assert alone[0] == "tiny-llama+r1"


def test_the_chat_stores_who_wrote_the_answer(adapters: Adapters, tmp_path: Path) -> None:
    """A promotion while the first answer is written: it is signed by the adapter that wrote it."""
    model = make_tiny_model(tmp_path / "tiny-llama", context=8192)  # its word pieces are short, so a prompt has many
    adapters.make_live("r1")
    generation = GenerationSettings(backend="local", model=str(model), max_new_tokens=60)
    chat = ChatService(
        deidentifier=Deidentifier(DeidSettings(), key=b"k" * 32),
        generator=LocalGenerator(generation, adapters),
        quoting=QuotingGenerator(),
        retrieve=lambda *_: [],
        chat=ChatSettings(),
        retrieval=RetrievalSettings(),
        generation=generation,
        grounding=GroundingSettings(),
    )

    async def ask_twice() -> list[str]:
        ids: list[str] = []
        for _ in range(2):
            async for event in chat.answer(Question(text="What is it?", report=make_report("Gout."))):
                if isinstance(event, Delta):
                    adapters.make_live("r2")
                if isinstance(event, Finished):
                    assert event.answer.fallback is None
                    ids.append(event.answer.model_id)
        await chat.aclose()
        return ids

    assert asyncio.run(ask_twice()) == ["tiny-llama+r1", "tiny-llama+r2"]


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        pytest.param("changed weights", "is not what was installed", id="changed weights"),
        pytest.param("changed nothing", "it writes what its base model writes", id="an adapter that changes nothing"),
        pytest.param("broken weights", "while reading it", id="weights that were broken when they were installed"),
        pytest.param("other sizes", "another base model", id="weights of another model"),
        pytest.param("other base", "it was made for other", id="made for another model, by its manifest"),
        pytest.param("broken canary", "canary.json cannot be read", id="a broken canary"),
        pytest.param("gone", "there is no adapter", id="a folder that is gone"),
    ],
)
def test_what_cannot_answer_leaves_the_one_before(
    tiny_model: Path,
    adapters: Adapters,
    sources: dict[str, Path],
    tmp_path: Path,
    expected: Callable[[str | None], str],
    damage: str,
    problem: str,
) -> None:
    adapters.make_live("r1")
    generator = make_generator(tiny_model, adapters)
    ask(generator)
    name = _install_damaged(adapters, sources, tmp_path, damage)
    adapters.make_live(name)
    if damage == "changed weights":
        path = adapters.path(name) / "adapter_model.safetensors"
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    if damage == "gone":
        shutil.rmtree(adapters.path(name))
    for _ in range(2):
        assert ask(generator) == ("tiny-llama+r1", expected("r1"))
        assert generator.swap_problem is not None
        assert problem in generator.swap_problem
    adapters.make_live("r2")
    assert ask(generator) == ("tiny-llama+r2", expected("r2"))
    assert generator.swap_problem is None


def test_an_adapter_that_found_no_memory_is_tried_again(
    tiny_model: Path, adapters: Adapters, expected: Callable[[str | None], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add, full = live_adapter.add_adapter, [True]

    def add_where_there_is_room(loaded: LoadedModel, folder: str, *, name: str) -> LoadedModel:
        if name == "r2" and full:
            raise ModelOutOfMemory(device="cuda")
        return add(loaded, folder, name=name)

    monkeypatch.setattr(live_adapter, "add_adapter", add_where_there_is_room)
    monkeypatch.setattr(live_adapter, "_AGAIN_S", 0.0)
    adapters.make_live("r1")
    adapters.make_live("r2")
    generator = make_generator(tiny_model, adapters)
    assert ask(generator) == ("tiny-llama+r1", expected("r1"))
    assert "more memory than there is free" in str(generator.swap_problem)
    full.clear()
    assert ask(generator) == ("tiny-llama+r2", expected("r2"))
    assert generator.swap_problem is None


def _install_damaged(adapters: Adapters, sources: dict[str, Path], tmp_path: Path, damage: str) -> str:
    if damage == "changed nothing":
        return "nothing"
    source = tmp_path / "damaged"
    shutil.copytree(sources["r2"], source)
    weights = source / "adapter_model.safetensors"
    match damage:
        case "broken weights":
            weights.write_bytes(b"no weights")
        case "other sizes":
            import torch
            from safetensors.torch import load_file, save_file

            save_file({name: torch.ones(tensor.shape[0], 7) for name, tensor in load_file(weights).items()}, weights)
        case "broken canary":
            (source / CANARY_FILE).write_text("[]")
    adapters.install(source, "damaged", base_model="other" if damage == "other base" else "tiny-llama")
    return "damaged"


def test_at_the_start_an_adapter_that_cannot_answer_gives_way_to_the_one_before(
    tiny_model: Path, adapters: Adapters, expected: Callable[[str | None], str]
) -> None:
    adapters.make_live("r1")
    adapters.make_live("nothing")
    generator = make_generator(tiny_model, adapters)
    assert ask(generator) == ("tiny-llama+r1", expected("r1"))
    assert generator.swap_problem is not None
    assert "'nothing'" in generator.swap_problem


def test_a_damaged_live_file_changes_nothing_until_it_is_mended(
    tiny_model: Path, adapters: Adapters, tmp_path: Path, expected: Callable[[str | None], str]
) -> None:
    adapters.make_live("r1")
    generator = make_generator(tiny_model, adapters)
    ask(generator)
    path = tmp_path / "adapters" / LIVE_FILE
    sound = path.read_bytes()
    path.write_text("{")
    assert ask(generator) == ("tiny-llama+r1", expected("r1"))
    assert "live.json" in (generator.swap_problem or "")
    path.write_bytes(sound)
    assert ask(generator) == ("tiny-llama+r1", expected("r1"))
    assert generator.swap_problem is None


def test_an_adapter_without_a_canary_must_change_something_too(
    tiny_model: Path, adapters: Adapters, sources: dict[str, Path], tmp_path: Path
) -> None:
    generator = make_generator(tiny_model, adapters)
    for name in ("r2", "nothing"):
        source = tmp_path / name
        shutil.copytree(sources[name], source)
        (source / CANARY_FILE).unlink()
        adapters.install(source, f"{name}-bare", base_model="tiny-llama")
        adapters.make_live(f"{name}-bare")
        assert ask(generator)[0] == "tiny-llama+r2-bare"
    assert "it writes what its base model writes" in (generator.swap_problem or "")


def test_an_adapter_in_the_settings_counts_before_the_live_one(
    tiny_model: Path, adapters: Adapters, sources: dict[str, Path], expected: Callable[[str | None], str]
) -> None:
    adapters.make_live("r2")
    generator = make_generator(tiny_model, adapters, adapter=str(sources["r1"]))
    assert ask(generator) == ("tiny-llama+r1", expected("r1"))


def test_model_id_says_what_will_answer_before_the_model_is_loaded(tiny_model: Path, adapters: Adapters) -> None:
    adapters.make_live("r2")
    assert make_generator(tiny_model, adapters).model_id == "tiny-llama+r2"


def test_what_is_judged_is_what_answers(
    tiny_model: Path, adapters: Adapters, sources: dict[str, Path], expected: Callable[[str | None], str]
) -> None:
    """`write_answer` by an adapter's name, and with the base alone, on one loaded model."""
    loaded = load_model(str(tiny_model), adapter=str(sources["r1"]))
    loaded.model.load_adapter(str(sources["r2"]), adapter_name="r2")
    for name in ("r2", "r1", "r2"):
        answer = write_answer(loaded, make_prompt(), max_new_tokens=24, quote_only=False, adapter=name)
        assert answer == expected(name)
    with wearing(loaded.model, None):
        assert write_answer(loaded, make_prompt(), max_new_tokens=24, quote_only=False) == expected(None)


def test_logs_hold_ids_only(
    tiny_model: Path, adapters: Adapters, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="assistant")
    generator = make_generator(tiny_model, adapters)
    for name in ("r1", "nothing"):
        adapters.make_live(name)
        ask(generator)
    text = " ".join(record.getMessage() for record in caplog.records)
    assert "adapter=r1 differs=True as_judged=True" in text
    assert "the live adapter cannot answer" in text
    assert str(tmp_path) not in text
    canary = json.loads((adapters.path("r1") / CANARY_FILE).read_text())
    assert canary["prompt"] not in text
