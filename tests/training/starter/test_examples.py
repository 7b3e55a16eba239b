"""Whatever is drawn: an answer quotes its report as `quote_only` would let it, or says one fixed phrase."""

import random
from itertools import islice
from pathlib import Path

import pytest

from assistant.generation.quotable import find_quotes
from assistant.generation.selection import FIXED_PHRASES
from assistant.generation.starter import POSITIONS
from assistant.reading.sections import find_sections
from assistant.schema import Mode, Prompt, Report
from training.starter.batches import encode
from training.starter.examples import Example, Examples
from training.starter.notes import read_notes
from training.starter.tokenizer import build_tokenizer


def draw(data: Path, count: int, *, invented: float, seed: int = 1) -> list[Example]:
    notes = read_notes(data, held_out=False)
    return list(islice(Examples(notes, random.Random(seed), invented=invented), count))


def quotable(text: str, mode: Mode) -> set[str]:
    texts = text.partition("\n\nThis report\n")
    report = Report(id="now", text=texts[2], sections=find_sections(texts[2]))
    before = texts[0].partition("\n\nEarlier report\n")[2]
    earlier = Report(id="before", text=before, sections=find_sections(before)) if before else None
    prompt = Prompt(version="", mode=mode, question="", messages=(), sources=(), report=report, earlier=earlier)
    return {quote.text for quote in find_quotes(prompt)}


@pytest.mark.parametrize("invented", [0.0, 1.0], ids=["notes like real ones", "invented reports"])
def test_nearly_every_line_of_an_answer_could_be_quoted(data: Path, invented: float) -> None:
    lines = missing = 0
    for example in draw(data, 150, invented=invented):
        first, _ = example.turns[0]
        allowed = {mode: quotable(first, mode) for mode in Mode}
        for said, answer in example.turns:
            mode = Mode(said.partition(":")[0])
            for line in answer.split("\n"):
                lines += 1
                missing += line not in allowed[mode]
    assert missing / lines < 0.05


def test_a_fixed_phrase_stands_alone(data: Path) -> None:
    for example in draw(data, 150, invented=0.5):
        for _, answer in example.turns:
            lines = answer.split("\n")
            assert len(lines) == len(set(lines))
            if any(line in FIXED_PHRASES for line in lines):
                assert len(lines) == 1


def test_all_that_is_to_be_learnt_is_drawn(data: Path) -> None:
    said = [words.partition("\n")[0] for example in draw(data, 300, invented=0.5) for words, _ in example.turns]
    assert {words.partition(":")[0] for words in said} == {mode.value for mode in Mode}
    answers = [answer for example in draw(data, 300, invented=0.5) for _, answer in example.turns]
    assert 0.03 < sum(answer == "Not stated in this report." for answer in answers) / len(answers) < 0.3


def test_the_same_seed_draws_the_same_text(data: Path) -> None:
    assert draw(data, 30, invented=0.5) == draw(data, 30, invented=0.5)
    assert draw(data, 30, invented=0.5) != draw(data, 30, invented=0.5, seed=2)


def test_training_may_begin_with_short_reports(data: Path) -> None:
    examples = Examples(read_notes(data, held_out=False), random.Random(1))
    examples.longest = 250
    longest = max(len(example.turns[0][0]) for example in islice(examples, 100))
    assert longest < 600


def test_the_report_is_said_once_and_later_turns_only_ask(data: Path) -> None:
    for example in draw(data, 50, invented=0.5):
        (first, _), *later = example.turns
        assert "This report\n" in first
        assert not any("This report\n" in said for said, _ in later)


def test_only_answers_are_learnt_and_each_ends(data: Path) -> None:
    tokenizer = build_tokenizer()
    for example in draw(data, 30, invented=0.5):
        encoded = encode(example, tokenizer)
        assert len(encoded.ids) <= POSITIONS + 400
        learnt = tokenizer.decode(
            [i for i, own in zip(encoded.ids, encoded.answers, strict=True) if own], skip_special_tokens=False
        )
        assert learnt.count("<|end|>") == len(example.turns)
        assert "<|user|>" not in learnt
