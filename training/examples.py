"""JSON lines → token ids, once for all stages, as TRL would make them and as the chat will see them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import TrainingError
from assistant.generation.rendering import render, without_system
from assistant.schema import Message
from training.guards import check_tokens
from training.job import EXAMPLES_OF, ExampleFiles

Row = dict[str, Any]
_ANSWERS = {"sft": ("completion",), "dpo": ("chosen", "rejected"), "kto": ("completion",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """What one stage learns from: rows of token ids, the shortest first."""

    train: list[Row]
    validation: list[Row]
    left_out: int
    """Too long."""

    @property
    def tokens(self) -> int:
        """Of one epoch, prompts of pairs counted once."""
        return sum(row["length"] for row in self.train)


def load_examples(stage: str, files: ExampleFiles, *, tokenizer: Any, max_tokens: int) -> Examples:
    """Read and tokenise the examples of a stage (`sft`, `dpo`, `kto`).

    Rows have TRL's columns: `input_ids, labels` for SFT (labels are -100 on the prompt), `prompt_ids, chosen_ids,
    rejected_ids` for DPO, `prompt_ids, completion_ids, label` for KTO; and `length`, the tokens that are run.

    Raises:
        TrainingError: a file is missing or has other columns, nothing is short enough, or the tokenizer would show the
            model something else in training than in the chat.
    """
    records = _read(files.train, stage)
    held_back = _read(files.validation, stage) if files.validation else []
    for record in [*records, *held_back][:1]:
        check_tokens(tokenizer, _messages(record["prompt"]), _text(record[_ANSWERS[stage][0]]))
    train = _rows(stage, records, tokenizer, max_tokens)
    validation = _rows(stage, held_back, tokenizer, max_tokens)
    if not train:
        raise TrainingError(
            f"none of {len(records)} {EXAMPLES_OF[stage]} has at most {max_tokens} tokens; raise "
            "`CURBSIDE_TRAINING__MAX_TOKENS` up to what the model reads, or collect more feedback"
        )
    return Examples(
        train=train, validation=validation, left_out=len(records) + len(held_back) - len(train) - len(validation)
    )


def tokenise(tokenizer: Any, prompt: Sequence[Message], answer: str) -> tuple[list[int], list[int]]:
    """The ids of the prompt, as generation starts from them, and of the answer with its end.

    Raises:
        TrainingError: the chat template writes the prompt differently once an answer follows.
    """
    start = render(tokenizer, prompt)
    if tokenizer.chat_template:
        whole = _rendered(tokenizer, prompt, answer)
        if whole[: len(start)] != start:
            raise TrainingError(
                "the chat template writes a prompt differently once an answer follows it, so a model would learn from other "
                "words than it is asked with; use a template that renders both alike"
            )
        rest = whole[len(start) :]
    else:
        rest = tokenizer.encode(answer, add_special_tokens=False)
    end = tokenizer.eos_token_id
    if end is not None and end not in rest[-3:]:  # a template may put a line break after it
        rest = [*rest, end]
    return start, rest


def _rendered(tokenizer: Any, prompt: Sequence[Message], answer: str) -> list[int]:
    from jinja2 import TemplateError

    said = Message(role="assistant", content=answer)

    def ids(messages: Sequence[Message]) -> list[int]:
        turns = [{"role": message.role, "content": message.content} for message in messages]
        text = tokenizer.apply_chat_template(turns, tokenize=False)
        return tokenizer.encode(text, add_special_tokens=False)

    try:
        return ids([*prompt, said])
    except TemplateError:
        return ids([*without_system(prompt), said])


def _rows(stage: str, records: Sequence[Mapping[str, Any]], tokenizer: Any, max_tokens: int) -> list[Row]:
    rows = [_row(stage, record, tokenizer) for record in records]
    kept = [row for row in rows if row.pop("longest") <= max_tokens]
    return sorted(kept, key=lambda row: row["length"])


def _row(stage: str, record: Mapping[str, Any], tokenizer: Any) -> Row:
    prompt = _messages(record["prompt"])
    parts = [tokenise(tokenizer, prompt, _text(record[name])) for name in _ANSWERS[stage]]
    start, answers = parts[0][0], [answer for _, answer in parts]
    sizes = {
        "longest": len(start) + max(map(len, answers)),
        "length": len(start) + sum(map(len, answers)),
    }
    match stage:
        case "sft":
            return {"input_ids": start + answers[0], "labels": [-100] * len(start) + answers[0], **sizes}
        case "dpo":
            return {"prompt_ids": start, "chosen_ids": answers[0], "rejected_ids": answers[1], **sizes}
        case _:
            return {"prompt_ids": start, "completion_ids": answers[0], "label": bool(record["label"]), **sizes}


def _read(path: Path, stage: str) -> list[Mapping[str, Any]]:
    wanted = {"prompt", *_ANSWERS[stage], *(["label"] if stage == "kto" else [])}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        records = [json.loads(line) for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise TrainingError(
            f"the {EXAMPLES_OF[stage]} in {path.name!r} cannot be read ({type(error).__name__}); export the feedback again"
        ) from None
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict) or wanted - record.keys():
            raise TrainingError(
                f"line {number} of {path.name!r} has not the columns {', '.join(sorted(wanted))}; export the feedback again"
            )
    return records


def _messages(turns: Sequence[Mapping[str, str]]) -> list[Message]:
    return [Message(role=turn["role"], content=turn["content"]) for turn in turns]


def _text(turns: Sequence[Mapping[str, str]]) -> str:
    return turns[0]["content"]
