"""Messages → the token ids a local model continues, by its own chat template or, without one, by a plain one of ours."""

from collections.abc import Sequence
from typing import Any

from assistant.schema import Message

_PLAIN = "### {role}:\n{content}\n\n"
"""For base models. `prompts.fencing` takes such headings out of reports and questions."""


def render(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    """Token ids up to where the answer begins. Nothing is put after them: a closing [SEP] would end the answer.

    Some templates (Gemma, early Mistral) refuse a system message: theirs is put before the first question instead.
    """
    if not tokenizer.chat_template:
        text = "".join(_PLAIN.format(role=message.role.title(), content=message.content) for message in messages)
        start = [tokenizer.bos_token_id] if tokenizer.bos_token_id is not None else []
        return [*start, *tokenizer.encode(f"{text}### Assistant:\n", add_special_tokens=False)]
    from jinja2 import TemplateError

    try:
        text = _apply(tokenizer, messages)
    except TemplateError:
        text = _apply(tokenizer, without_system(messages))
    return tokenizer.encode(text, add_special_tokens=False)


def without_system(messages: Sequence[Message]) -> list[Message]:
    """The same messages with the system's words at the beginning of the first question."""
    rules = "\n\n".join(message.content for message in messages if message.role == "system")
    spoken = [message for message in messages if message.role != "system"]
    if not rules or not spoken:
        return spoken
    return [Message(role=spoken[0].role, content=f"{rules}\n\n{spoken[0].content}"), *spoken[1:]]


def _apply(tokenizer: Any, messages: Sequence[Message]) -> str:
    turns = [{"role": message.role, "content": message.content} for message in messages]
    return tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
