"""Whatever the weights: every line of an answer stands in the report, or is a fixed phrase alone. Reports are invented."""

import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.generation.decoding import stream_answer, write_answer
from assistant.generation.loading import LoadedModel, load_model
from assistant.generation.quotable import find_quotes
from assistant.generation.quote_only import QuoteWalk, quotes_only
from assistant.generation.selection import FIXED_PHRASES
from assistant.reading.sections import find_sections
from assistant.schema import Message, Mode, Prompt, Report
from assistant.settings import GenerationSettings
from tests.assistant.generation.tiny_model import make_tiny_model
from tests.assistant.generation.tiny_tokenizers import (
    TOKENIZERS,
    byte_level_bpe,
    make_tiny_decoder,
    merging_bpe,
    spaced_bpe,
    unbounded_bpe,
    word_pieces_with_lines,
)
from tests.stopwatch import processor_seconds

REPORT = (
    "HISTORY: Cough for four days. Cough for four days with fever.\n"
    "FINDINGS: The heart is enlarged. The heart is enlarged but stable; sodium was 131 mmol/L. Temp. 37.9 °C 😀.\n"
    "1. No pleural effusion\n2. No pleural effusion on the left\n\nIMPRESSION:\nCardiomegaly. CARDIOMEGALY. Naïve.\n"
)
_MADE: dict[Callable[[], Any], Any] = {}


def made(make: Callable[[], Any]) -> Any:
    """Each tokenizer once."""
    return _MADE.setdefault(make, make())


def prompt_for(text: str, *, earlier: str | None = None, mode: Mode = Mode.QUESTION, variant: int = 0) -> Prompt:
    return Prompt(
        version="test",
        mode=mode,
        question="What is it?",
        messages=(Message(role="user", content="What is it?"),),
        sources=(),
        report=Report(id="r", text=text, sections=find_sections(text)),
        earlier=None if earlier is None else Report(id="e", text=earlier, sections=find_sections(earlier)),
        variant=variant,
    )


def one_line(text: str) -> str:
    return " ".join(text.split())


def assert_quoted(answer: str, *reports: str) -> None:
    """The property."""
    lines = answer.split("\n") if answer else []
    if len(lines) == 1 and lines[0] in FIXED_PHRASES:
        return
    plain = [one_line(report) for report in reports]
    for line in lines:
        words = line.removeprefix("Before: ")
        assert words
        assert any(words in report for report in plain), "a line that no report has"
    assert len(set(lines)) == len(lines), "a sentence twice"


def walk_at_random(walk: QuoteWalk, chance: random.Random, *, steps: int, ends: set[int]) -> str:
    """Choose among what is allowed until the end, as random weights would."""
    pieces: list[str] = []
    for _ in range(steps):
        if walk.ended:
            break
        token = chance.choice(sorted(walk.allowed))
        pieces.append(walk.push(token))
        if token in ends:
            assert walk.ended
            break
    return "".join(pieces) + walk.close()


_PIECES = st.sampled_from(
    "The heart is enlarged.|The heart is enlarged. |the Heart is enlarged.\n|No|no.\n|PLAN: |PLAN:\n|1. |\n2) |- |\n|\n\n| "
    "|😀|Sodium 131 mmol/L\n|体温 37 °C. |\x00|</s> x. |[END].|Not stated in this report. |Naïve café.|aaa.\n|aaa. aaa b.\n"
    "|\u2028odd line. |Dr. Roe saw him. ".split("|")
)


@pytest.mark.parametrize("make", TOKENIZERS)
@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(_PIECES, max_size=14),
    seed=st.integers(0, 2**32),
    budget=st.integers(0, 80),
    mode=st.sampled_from(list(Mode)),
)
def test_every_line_is_quoted_whatever_is_chosen(
    make: Callable[[], Any], pieces: list[str], seed: int, budget: int, mode: Mode
) -> None:
    tokenizer = made(make)
    report, earlier = "".join(pieces), "".join(reversed(pieces))
    prompt = prompt_for(report, earlier=earlier, mode=mode)
    ends = {tokenizer.eos_token_id}
    walk = QuoteWalk(find_quotes(prompt), tokenizer, ends=ends, budget=budget)
    answer = walk_at_random(walk, random.Random(seed), steps=budget, ends=ends)
    assert_quoted(answer, report, earlier)


@pytest.mark.parametrize("make", TOKENIZERS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), stop_after=st.integers(0, 60))
def test_an_answer_stopped_anywhere_has_whole_sentences(make: Callable[[], Any], seed: int, stop_after: int) -> None:
    tokenizer = made(make)
    quotes = find_quotes(prompt_for(REPORT))
    walk = QuoteWalk(quotes, tokenizer, ends={tokenizer.eos_token_id}, budget=500)
    answer = walk_at_random(walk, random.Random(seed), steps=stop_after, ends={tokenizer.eos_token_id})
    assert set(answer.split("\n") if answer else []) <= {quote.line for quote in quotes}


@pytest.mark.parametrize("make", [make for make in TOKENIZERS if make is not unbounded_bpe])
def test_a_model_may_write_as_its_tokenizer_does(make: Callable[[], Any]) -> None:
    """What would have been in its training text, token for token, is allowed and comes out as the report has it."""
    tokenizer = made(make)
    answer = "The heart is enlarged.\nNo pleural effusion on the left\nCARDIOMEGALY."
    walk = QuoteWalk(find_quotes(prompt_for(REPORT)), tokenizer, ends={tokenizer.eos_token_id}, budget=200)
    pieces: list[str] = []
    for token in [*tokenizer.encode(answer, add_special_tokens=False), tokenizer.eos_token_id]:
        assert token in walk.allowed
        pieces.append(walk.push(token))
    assert walk.ended
    written = "".join(pieces) + walk.close()
    # Lower-case word pieces cannot tell two sentences that differ in their capitals: the first one counts.
    assert written.lower() == answer.lower()
    assert_quoted(written, REPORT)


def test_a_sentence_comes_as_soon_as_no_other_can_be_meant() -> None:
    tokenizer = made(byte_level_bpe)
    ids = tokenizer.encode("Sodium was 131 mmol/L in the morning and 135 at noon.", add_special_tokens=False)
    prompt = prompt_for("Sodium was 131 mmol/L in the morning and 135 at noon. The heart is enlarged.")
    walk = QuoteWalk(find_quotes(prompt), tokenizer, ends={1}, budget=100)
    assert walk.push(ids[0]) == "Sodium was 131 mmol/L in the morning and 135 at noon."
    assert "".join(walk.push(token) for token in ids[1:]) == ""


def test_the_beginning_of_a_longer_sentence_waits() -> None:
    tokenizer = made(word_pieces_with_lines)
    prompt = prompt_for("No pleural effusion\nNo pleural effusion on the left")
    for ending, expected in (([], "No pleural effusion"), (["on"], "No pleural effusion on the left")):
        walk = QuoteWalk(find_quotes(prompt), tokenizer, ends={tokenizer.eos_token_id}, budget=100)
        for token in tokenizer.encode("No pleural effusion", add_special_tokens=False):
            assert walk.push(token) == ""
        tokens = tokenizer.encode(" ".join(ending), add_special_tokens=False) or [tokenizer.eos_token_id]
        assert "".join(walk.push(token) for token in tokens) == expected


def test_nothing_is_begun_that_the_budget_does_not_hold() -> None:
    tokenizer = made(word_pieces_with_lines)
    quotes = find_quotes(prompt_for("Gout. " + "very " * 200 + "long."))
    tokens = tokenizer.encode("gout.", add_special_tokens=False)
    walk = QuoteWalk(quotes, tokenizer, ends={tokenizer.eos_token_id}, budget=len(tokens))
    assert walk.allowed == {tokens[0]}
    assert QuoteWalk(quotes, tokenizer, ends={tokenizer.eos_token_id}, budget=0).ended


def test_a_phrase_stands_alone() -> None:
    tokenizer = made(merging_bpe)
    walk = QuoteWalk(find_quotes(prompt_for(REPORT)), tokenizer, ends={1}, budget=100)
    for token in tokenizer.encode("Not stated in this report.", add_special_tokens=False):
        assert not walk.ended
        walk.push(token)
    assert walk.ended
    assert walk.close() == ""


@pytest.mark.parametrize("make", [word_pieces_with_lines, spaced_bpe, merging_bpe])
def test_time_grows_no_faster_than_the_report(make: Callable[[], Any]) -> None:
    tokenizer = made(make)

    def seconds(sentences: int) -> float:
        text = "\n".join(f"The heart is number {number} and it is enlarged." for number in range(sentences))
        prompt = prompt_for(text)

        def walk() -> None:
            quotes = QuoteWalk(find_quotes(prompt), tokenizer, ends={tokenizer.eos_token_id}, budget=400)
            walk_at_random(quotes, random.Random(3), steps=400, ends=set())

        return processor_seconds(walk)

    seconds(100)
    small, large = seconds(250), seconds(2_000)
    assert large < 8 * 2.5 * small
    assert large < 10


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[LoadedModel]:
    """Two kinds of models, each with several random weights."""
    folder = tmp_path_factory.mktemp("random")
    loaded = []
    for seed in range(3):
        loaded.append(load_model(str(make_tiny_model(folder / f"llama-{seed}", seed=seed))))
        loaded.append(
            load_model(str(make_tiny_decoder(folder / f"bert-{seed}", made(word_pieces_with_lines), seed=seed)))
        )
    return loaded


@pytest.mark.parametrize("budget", [1, 7, 30, 120])
@pytest.mark.parametrize("temperature", [0.0, 0.7, 5.0])
def test_random_weights_quote(models: list[LoadedModel], budget: int, temperature: float) -> None:
    earlier = "The heart is small. Sodium was 140 mmol/L."
    answers: set[str] = set()
    for loaded in models:
        for variant, mode in enumerate((Mode.QUESTION, Mode.COMPARE)):
            pieces: list[str] = []
            prompt = prompt_for(REPORT, earlier=earlier, mode=mode, variant=variant)
            stream_answer(
                loaded,
                prompt,
                max_new_tokens=budget,
                quote_only=True,
                temperature=temperature,
                send=pieces.append,
            )
            assert_quoted("".join(pieces), REPORT, earlier)
            answers.add("".join(pieces))
    assert budget < 30 or len(answers) > 3, "they should not all say the same"


@pytest.mark.parametrize("report", ["", "x", "😀", "\n", "PLAN:\n", "No sentence here at all 😀 just 👩‍⚕️"])
def test_poor_reports_are_answered(models: list[LoadedModel], report: str) -> None:
    for loaded in models[:2]:
        answer = write_answer(loaded, prompt_for(report), max_new_tokens=60, quote_only=True)
        assert_quoted(answer, report)
        assert answer


def test_weights_that_are_no_numbers_quote_too(tmp_path: Path) -> None:
    import torch

    loaded = load_model(str(make_tiny_decoder(tmp_path / "nan", made(word_pieces_with_lines), seed=0)))
    with torch.no_grad():
        loaded.model.lm_head.bias.fill_(float("nan"))
    for variant in range(3):
        pieces: list[str] = []
        stream_answer(
            loaded,
            prompt_for(REPORT, variant=variant),
            max_new_tokens=50,
            quote_only=True,
            temperature=0.7 * variant,
            send=pieces.append,
        )
        assert_quoted("".join(pieces), REPORT)
        assert pieces


def test_stopping_ends_behind_a_sentence(models: list[LoadedModel]) -> None:
    for loaded in models:
        stop = threading.Event()
        pieces: list[str] = []

        def send(piece: str, stop: threading.Event = stop, pieces: list[str] = pieces) -> None:
            pieces.append(piece)
            stop.set()

        stream_answer(loaded, prompt_for(REPORT), max_new_tokens=400, quote_only=True, send=send, stop=stop)
        assert_quoted("".join(pieces), REPORT)
        assert len(pieces) == 1


@pytest.mark.parametrize(
    ("given_settings", "expected"),
    [
        pytest.param({"model": "starter"}, True, id="the starter quotes"),
        pytest.param({"model": "/opt/curbside/starter"}, True, id="its folder too"),
        pytest.param({"model": "mistralai/Mistral-7B-v0.3"}, False, id="others write"),
        pytest.param({"model": "mistralai/Mistral-7B-v0.3", "quote_only": True}, True, id="unless they shall quote"),
        pytest.param({"model": "starter", "quote_only": False}, False, id="who insists gets the starter's own words"),
        pytest.param({}, False, id="no model"),
    ],
)
def test_who_may_only_quote(given_settings: dict[str, Any], expected: bool) -> None:
    assert quotes_only(GenerationSettings(**given_settings)) is expected
