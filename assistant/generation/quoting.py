"""Answers without a language model: verbatim sentences of the report, chosen by mode, section and similarity.

It is what Curbside falls back to when a model is away, and the baseline that every model must beat. It never writes a
sentence of its own but `FIXED_PHRASES`.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator

from assistant.generation.selection import FIXED_PHRASES, Line, Material
from assistant.generation.selection_compare import select_changes
from assistant.generation.selection_examples import select_as_corrected
from assistant.generation.selection_findings import select_abnormal
from assistant.generation.selection_question import asks_about_past, names_anything, select_answer, select_past
from assistant.generation.selection_summary import select_summary
from assistant.schema import Mode, Prompt

__all__ = ["FIXED_PHRASES", "QuotingGenerator", "compose", "follows_examples", "select"]

_WORD = re.compile(r"\S+\s*")
_CLAUSE_WORDS = 6


class QuotingGenerator:
    """Implements `assistant.generation.base.Generator`. Has no state; one serves any number of chats."""

    @property
    def model_id(self) -> str:
        return "quoting"

    async def stream(self, prompt: Prompt, *, max_new_tokens: int) -> AsyncIterator[str]:
        """Yield the answer clause by clause. A token is a word."""
        answer = await asyncio.to_thread(lambda: compose(select(prompt), max_words=max_new_tokens))
        for delta in _clauses(answer):
            yield delta
            await asyncio.sleep(0)  # whoever streams sixteen answers at once gets a turn between clauses

    async def aclose(self) -> None:
        """Nothing is held."""


def select(prompt: Prompt) -> list[Line]:
    """The lines that answer `prompt`, by its mode."""
    breadth = 1 + max(0, min(prompt.variant, 3))
    question = prompt.topic or prompt.question
    if prompt.report is None:
        return select_past(prompt.sources, question, breadth=breadth)
    material = Material(prompt.report.text, prompt.report.sections)
    match prompt.mode:
        case Mode.ABNORMAL:
            return select_abnormal(material)
        case Mode.COMPARE if prompt.earlier is not None:
            return select_changes(material, Material(prompt.earlier.text, prompt.earlier.sections), breadth=breadth)
        case Mode.QUESTION if names_anything(question):
            return _answer(material, prompt, question, breadth)
        case _:
            return _as_corrected(material, prompt) or select_summary(material, breadth=breadth)


def follows_examples(prompt: Prompt) -> bool:
    """Whether the answer to `prompt` is chosen as its examples were corrected."""
    report = prompt.report
    if report is None or prompt.mode is not Mode.SUMMARIZE:
        return False
    return bool(_as_corrected(Material(report.text, report.sections), prompt))


def _as_corrected(material: Material, prompt: Prompt) -> list[Line]:
    """Summaries alone have a style. A second answer goes without, so that there is something to choose from."""
    if prompt.mode is not Mode.SUMMARIZE or prompt.variant or not prompt.examples:
        return []
    return select_as_corrected(material, prompt.examples)


def compose(lines: list[Line], *, max_words: int) -> str:
    """Lines as text, bulleted where there are several, cut at the last line that fits (the first one at a word)."""
    texts: list[str] = []
    left = max_words
    for line in lines:
        words = str(line).split()
        if len(words) > left:
            if not texts:
                texts.append(" ".join(words[:left]))
            break
        texts.append(" ".join(words))
        left -= len(words)
    return "\n".join(f"- {text}" for text in texts) if len(texts) > 1 else "".join(texts)


def _answer(material: Material, prompt: Prompt, question: str, breadth: int) -> list[Line]:
    if asks_about_past(question) and len(prompt.sources) > 1:
        return select_past(prompt.sources[1:], question, breadth=breadth)
    return select_answer(material, question, breadth=breadth)


def _clauses(text: str) -> Iterator[str]:
    """Pieces that end at a comma, a full stop or a line, or after a few words."""
    start = end = words = 0
    for match in _WORD.finditer(text):
        end, words = match.end(), words + 1
        if words == _CLAUSE_WORDS or match.group().rstrip()[-1] in ",;:." or "\n" in match.group():
            yield text[start:end]
            start, words = end, 0
    if start < end:
        yield text[start:end]
