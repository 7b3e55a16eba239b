"""Decoding in few passes says what token by token says, for every kind of model. Reports are invented."""

import contextlib
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import ModelBroke
from assistant.generation import starter
from assistant.generation.decoding import stream_answer, write_answer
from assistant.generation.loading import LoadedModel, add_adapter, load_model
from assistant.generation.quotable import find_quotes
from assistant.generation.quote_only import QuoteWalk, only_allowed
from assistant.generation.rendering import render
from assistant.generation.selection import NOT_STATED
from assistant.prompts.compact import build_compact
from assistant.reading.sections import find_sections
from assistant.schema import Mode, Prompt, Report
from tests.assistant.generation.tiny_model import make_tiny_adapter, make_tiny_model
from tests.assistant.generation.tiny_tokenizers import make_tiny_decoder, merging_bpe, word_pieces_with_lines

_SENTENCES = (
    "Cough for four days.|Cough for four days with fever.|The heart is enlarged.|The heart is enlarged but stable.|"
    "Sodium was 131 mmol/L.|Temp. 37.9 °C 😀.|No pleural effusion|No pleural effusion on the left|Cardiomegaly.|"
    "CARDIOMEGALY.|The lungs are clear and she takes aspirin 81 mg daily.|Naïve.|1. Echocardiography.|- Follow-up soon."
).split("|")
_MODES = (Mode.QUESTION, Mode.SUMMARIZE, Mode.ABNORMAL, Mode.COMPARE)


def invent_report(chance: random.Random) -> str:
    said = chance.sample(_SENTENCES, chance.randint(1, 9))
    for place, heading in enumerate(("HISTORY: ", "\nFINDINGS:\n", "\nIMPRESSION: ")):
        said.insert(chance.randrange(len(said) + 1) if place else 0, heading)
    return "\n".join(said)


def invent_prompt(seed: int, *, context_tokens: int = 1024) -> Prompt:
    chance = random.Random(seed)
    mode = _MODES[seed % len(_MODES)]
    now, before = (Report(id=n, text=t, sections=find_sections(t)) for n in "ne" for t in [invent_report(chance)])
    return build_compact(
        mode=mode,
        question="What is it?",
        report=now,
        earlier=before if mode is Mode.COMPARE else None,
        context_tokens=context_tokens,
        max_new_tokens=120,
    )


def write_token_by_token(loaded: LoadedModel, prompt: Prompt, *, budget: int, temperature: float = 0.0) -> str:
    """By transformers' own loop and the processor alone."""
    import torch
    from transformers import LogitsProcessorList, StoppingCriteria, StoppingCriteriaList

    end = loaded.tokenizer.eos_token_id
    walk = QuoteWalk(find_quotes(prompt), loaded.tokenizer, ends={end}, budget=budget)
    pieces: list[str] = []

    class Reading(StoppingCriteria):
        def __call__(self, input_ids: Any, scores: object, **_: Any) -> Any:
            pieces.append(walk.push(int(input_ids[0, -1])))
            return torch.tensor([walk.ended])

    if walk.ended:
        return ""
    ids = torch.tensor([render(loaded.tokenizer, prompt.messages)])
    torch.manual_seed(prompt.variant)
    sampling = {"do_sample": True, "temperature": temperature, "top_p": 0.95, "top_k": 0}
    with torch.inference_mode():
        loaded.model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=budget,
            logits_processor=LogitsProcessorList([only_allowed(walk)]),
            stopping_criteria=StoppingCriteriaList([Reading()]),
            pad_token_id=0,
            **(sampling if temperature else {"do_sample": False}),
        )
    return ("".join(pieces) + walk.close()).strip()


@contextlib.contextmanager
def passes_of(loaded: LoadedModel, then: Callable[[int], None] = lambda _: None) -> Iterator[list[int]]:
    """A list that gets the number of tokens of every pass; `then` is called behind each with how many there were."""
    passes: list[int] = []

    def count(_: object, args: object, kwargs: dict[str, Any], output: object) -> None:
        passes.append(kwargs["input_ids"].shape[1])
        then(len(passes))

    hook = loaded.model.register_forward_hook(count, with_kwargs=True)
    try:
        yield passes
    finally:
        hook.remove()


def _llama(folder: Path, seed: int) -> LoadedModel:
    return load_model(str(make_tiny_model(folder / "llama", seed=seed)))


def _llama_with_adapter(folder: Path, seed: int) -> LoadedModel:
    base = make_tiny_model(folder / "base")
    return add_adapter(load_model(str(base)), str(make_tiny_adapter(folder / "adapter", base, seed=seed)), name="worn")


def _bert_generation(folder: Path, seed: int) -> LoadedModel:
    return load_model(str(make_tiny_decoder(folder / "bert", word_pieces_with_lines(), seed=seed)))


def _merges_line_breaks(folder: Path, seed: int) -> LoadedModel:
    return load_model(str(make_tiny_decoder(folder / "merging", merging_bpe(), seed=seed)))


def _sliding_window(folder: Path, seed: int) -> LoadedModel:
    from transformers import MistralConfig, MistralForCausalLM

    config = MistralConfig(sliding_window=16, num_key_value_heads=2, **_SMALL)
    return _small(folder / "mistral", MistralForCausalLM, config, seed)


def _repetition_penalty(folder: Path, seed: int) -> LoadedModel:
    loaded = _llama(folder, seed)
    loaded.model.generation_config.repetition_penalty = 1.5
    return loaded


def _recurrent(folder: Path, seed: int) -> LoadedModel:
    from transformers import MambaConfig, MambaForCausalLM

    return _small(folder / "mamba", MambaForCausalLM, MambaConfig(hidden_size=32, num_hidden_layers=2, **_IDS), seed)


_IDS: dict[str, Any] = {
    "vocab_size": 303,
    "bos_token_id": None,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "initializer_range": 0.5,
}
_SMALL: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 1024,
    **_IDS,
}


def _small(folder: Path, kind: Any, config: Any, seed: int) -> LoadedModel:
    import torch

    tokenizer = word_pieces_with_lines()
    torch.manual_seed(seed)
    assert tokenizer.eos_token_id == _IDS["eos_token_id"]
    assert len(tokenizer) <= _IDS["vocab_size"]
    kind(config).save_pretrained(folder)
    tokenizer.save_pretrained(str(folder))
    return LoadedModel(load_model(str(folder)).model, tokenizer, 1024)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(_llama, id="rotary positions"),
        pytest.param(_bert_generation, id="absolute positions, as the starter"),
        pytest.param(_merges_line_breaks, id="a line break inside a token"),
        pytest.param(_llama_with_adapter, id="an adapter is worn"),
        pytest.param(_sliding_window, id="a window that slides"),
        pytest.param(_repetition_penalty, id="a folder with a taste of its own"),
        pytest.param(_recurrent, id="a state instead of a cache"),
    ],
)
def test_it_writes_what_the_logits_processor_alone_writes(
    make: Callable[[Path, int], LoadedModel], tmp_path: Path
) -> None:
    for draw in range(5):  # now and then a random model says one thing only
        loaded = make(tmp_path / str(draw), draw)
        loaded.model.double()  # the two add up in different orders: no two tokens shall be as good as equal
        answers: list[str] = []
        for seed in range(20):
            prompt, budget = invent_prompt(seed), 15 + 2 * seed
            answers.append(write_answer(loaded, prompt, max_new_tokens=budget, quote_only=True))
            assert answers[-1] == write_token_by_token(loaded, prompt, budget=budget), f"prompt {seed}"
        if len(set(answers)) > 3 and any("\n" in answer for answer in answers):
            return
    pytest.fail("no model says enough to compare")


@pytest.mark.slow
@pytest.mark.skipif(not list(starter.FOLDER.glob("weights-*")), reason="the starter's weights are not here")
def test_the_starter_writes_what_the_logits_processor_alone_writes() -> None:
    loaded = load_model("starter")
    loaded.model.double()
    for seed in range(10):
        prompt = invent_prompt(seed)
        answer = write_answer(loaded, prompt, max_new_tokens=60, quote_only=True)
        assert answer == write_token_by_token(loaded, prompt, budget=60), f"prompt {seed}"


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    """Says neither that there is nothing nor that it is done."""
    import torch

    loaded = _bert_generation(tmp_path_factory.mktemp("bert"), 0)
    nothing = loaded.tokenizer.encode(NOT_STATED, add_special_tokens=False)[0]
    with torch.no_grad():
        loaded.model.lm_head.bias[[nothing, loaded.tokenizer.eos_token_id]] = -1_000.0
    return loaded


@pytest.mark.parametrize("temperature", [0.7, 9.0])
def test_a_seed_draws_what_it_draws_for_the_logits_processor_alone(bert: LoadedModel, temperature: float) -> None:
    """Up to the first token that is certain: none is drawn for that one here."""
    first: list[str] = []
    for variant in range(20):
        prompt = replace(invent_prompt(8), variant=variant)
        pieces: list[str] = []
        stream_answer(bert, prompt, max_new_tokens=14, quote_only=True, temperature=temperature, send=pieces.append)
        one_by_one = write_token_by_token(bert, prompt, budget=14, temperature=temperature)
        assert "".join(pieces).split()[0] == one_by_one.split()[0]
        first.append(one_by_one.split()[0])
    # A random model may be sure of one word at the lower temperature.
    assert temperature < 1 or len(set(first)) > 1


def test_a_sentence_takes_one_pass_and_nothing_is_read_twice(bert: LoadedModel) -> None:
    text = "Cough for four days.\nSodium was 131 mmol/L.\nThe heart is enlarged.\nBoth lungs are clear.\nWeight 81 kg."
    prompt = replace(invent_prompt(0), report=Report(id="n", text=text))
    read = len(render(bert.tokenizer, prompt.messages))
    with passes_of(bert) as passes:
        answer = write_answer(bert, prompt, max_new_tokens=200, quote_only=True)
        assert 1 < answer.count("\n") + 1 <= len(passes) <= answer.count("\n") + 2
    assert passes[0] == read
    written, without_the_last = (
        len(bert.tokenizer(part)["input_ids"]) for part in (answer, answer.rpartition("\n")[0])
    )
    assert without_the_last <= sum(passes) - read <= written + 1


def test_one_quote_needs_no_pass(bert: LoadedModel) -> None:
    with passes_of(bert) as passes:
        prompt = replace(invent_prompt(0), report=Report(id="n", text=""))
        assert write_answer(bert, prompt, max_new_tokens=60, quote_only=True) == NOT_STATED
    assert not passes


def test_stopping_takes_effect_before_the_next_pass(bert: LoadedModel) -> None:
    stop = threading.Event()
    with passes_of(bert, then=lambda passed: stop.set() if passed == 2 else None) as passes:
        pieces: list[str] = []
        prompt = invent_prompt(0)
        stream_answer(bert, prompt, max_new_tokens=200, quote_only=True, send=pieces.append, stop=stop)
    assert len(passes) == 2
    assert set("".join(pieces).split("\n")) <= {quote.line for quote in find_quotes(prompt)}


def test_what_breaks_on_the_way_is_told_in_our_words(bert: LoadedModel) -> None:
    pieces: list[str] = []

    def fail(passed: int) -> None:
        # How many passes a random model spends before its first words differs between processors.
        if pieces or passed > 50:
            raise RuntimeError("The heart is enlarged.")

    with passes_of(bert, then=fail), pytest.raises(ModelBroke) as caught:
        stream_answer(bert, invent_prompt(0), max_new_tokens=200, quote_only=True, send=pieces.append)
    assert pieces
    assert "heart" not in str(caught.value)
