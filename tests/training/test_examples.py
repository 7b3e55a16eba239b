"""Invented feedback → token ids: what the chat shows the model is what it is trained on."""

from pathlib import Path
from typing import Any

import pytest

from assistant.errors import TrainingError
from assistant.generation.rendering import render
from assistant.schema import Message
from tests.training.tiny import demonstrations, preferences, thumbs, write_lines
from training.examples import load_examples, tokenise
from training.job import ExampleFiles

PROMPT = [Message(role="system", content="Answer from the report."), Message(role="user", content="What is found?")]


@pytest.fixture(scope="module")
def tokenizer(tiny_decoder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(tiny_decoder))


def other_template(tokenizer: Any, template: str | None) -> Any:
    from copy import deepcopy

    other = deepcopy(tokenizer)
    other.chat_template = template
    return other


def load(stage: str, records: list[dict[str, Any]], tokenizer: Any, folder: Path, **changes: Any) -> Any:
    files = ExampleFiles(train=write_lines(folder / "lines.jsonl", records))
    return load_examples(stage, files, tokenizer=tokenizer, **{"max_tokens": 500, **changes})


def test_only_the_answer_and_its_end_are_learnt(tokenizer: Any, tmp_path: Path) -> None:
    row = load("sft", demonstrations(1), tokenizer, tmp_path).train[0]
    learnt = [token for token in row["labels"] if token != -100]
    assert tokenizer.decode(learnt) == "There is enlarged heart.<|end|>"
    assert row["input_ids"][-len(learnt) :] == learnt
    assert row["length"] == len(row["input_ids"]) == len(row["labels"])


@pytest.mark.parametrize("template", ["its own", None, "no system"])
def test_a_prompt_is_what_generation_starts_from(template: str | None, tokenizer: Any) -> None:
    if template == "no system":
        refuses = "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}"
        tokenizer = other_template(tokenizer, refuses + tokenizer.chat_template)
    elif template is None:
        tokenizer = other_template(tokenizer, None)
    prompt, answer = tokenise(tokenizer, PROMPT, "A clear lung.")
    assert prompt == render(tokenizer, PROMPT)
    assert tokenizer.decode(answer) == "A clear lung.<|end|>"


def test_an_answer_gets_the_end_that_its_template_forgets(tokenizer: Any) -> None:
    endless = "{% for m in messages %}{{ m.content }}\n{% endfor %}"
    _, answer = tokenise(other_template(tokenizer, endless), PROMPT, "A clear lung.")
    assert tokenizer.decode(answer) == "A clear lung.\n<|end|>"


def test_a_template_that_writes_the_prompt_differently_is_refused(tokenizer: Any) -> None:
    thinks = tokenizer.chat_template.replace("<|assistant|>{% endif %}", "<|assistant|>Let me think.{% endif %}")
    with pytest.raises(TrainingError, match="differently"):
        tokenise(other_template(tokenizer, thinks), PROMPT, "A clear lung.")


def test_both_answers_of_a_pair_follow_one_prompt(tokenizer: Any, tmp_path: Path) -> None:
    row = load("dpo", preferences(1), tokenizer, tmp_path).train[0]
    assert tokenizer.decode(row["prompt_ids"]).endswith("<|assistant|>")
    assert tokenizer.decode(row["chosen_ids"]) == "There is enlarged heart.<|end|>"
    assert tokenizer.decode(row["rejected_ids"]).startswith("The report says a lot")
    assert row["length"] == sum(len(row[name]) for name in ("prompt_ids", "chosen_ids", "rejected_ids"))


def test_a_thumb_keeps_its_direction(tokenizer: Any, tmp_path: Path) -> None:
    rows = load("kto", thumbs(6), tokenizer, tmp_path).train
    assert sorted(row["label"] for row in rows) == [False, False, True, True, True, True]


def test_what_is_too_long_is_left_out_and_counted(tokenizer: Any, tmp_path: Path) -> None:
    everything = load("sft", demonstrations(12), tokenizer, tmp_path)
    limit = everything.train[5]["length"]
    some = load("sft", demonstrations(12), tokenizer, tmp_path, max_tokens=limit)
    assert some.left_out == 12 - len(some.train) > 0
    assert all(row["length"] <= limit for row in some.train)
    assert everything.left_out == 0
    assert everything.tokens == sum(row["length"] for row in everything.train)


def test_a_pair_counts_by_its_longer_answer(tokenizer: Any, tmp_path: Path) -> None:
    row = load("dpo", preferences(1), tokenizer, tmp_path).train[0]
    longest = len(row["prompt_ids"]) + max(len(row["chosen_ids"]), len(row["rejected_ids"]))
    assert load("dpo", preferences(1), tokenizer, tmp_path, max_tokens=longest).left_out == 0
    with pytest.raises(TrainingError, match="none of 1 preferences"):
        load("dpo", preferences(1), tokenizer, tmp_path, max_tokens=longest - 1)


def test_a_file_with_other_columns_is_refused_without_quoting_it(tokenizer: Any, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"line 1 .*chosen, prompt, rejected") as refused:
        load("dpo", demonstrations(1), tokenizer, tmp_path)
    assert "heart" not in str(refused.value)


def test_a_missing_file_is_refused(tokenizer: Any, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="export the feedback again"):
        load_examples("sft", ExampleFiles(train=tmp_path / "none.jsonl"), tokenizer=tokenizer, max_tokens=500)
