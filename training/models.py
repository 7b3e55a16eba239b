"""The base model with one adapter after the other on it, loaded once: how the models of a run are asked alike.

In four bits where it is trained in four bits: what could be trained on a GPU can then be judged on it, and all are judged alike.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.generation.canary import make_canary, read_canary, write_canary
from assistant.generation.decoding import wearing, write_answer
from assistant.generation.loading import LoadedModel, add_adapter, load_model, short_name
from assistant.generation.quote_only import quotes_only
from assistant.generation.rendering import render
from assistant.generation.starter import NAME as STARTER
from assistant.prompts.compact import COMPACT_ANSWER, COMPACT_CONTEXT, build_compact
from assistant.schema import Message, Prompt
from assistant.settings import GenerationSettings
from training.evaluation import FixedCases, WriteAnswer
from training.fixed.cases import Asked, canary_prompts, fixed_cases, in_full
from training.likelihood import Likelihood, likelihood_of
from training.lora import load_base
from training.settings import TrainingSettings

_CANARY_ROOM = 32
"""Tokens for a canary's answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worn:
    """A model that can be asked."""

    model_id: str
    write: WriteAnswer
    likelihood: Likelihood


class Models:
    """Of one base model, held in memory once. Nothing is loaded before the first is asked for."""

    def __init__(
        self, base_model: str, generation: GenerationSettings, training: TrainingSettings = TrainingSettings()
    ) -> None:
        self._base_model, self._training = base_model, training
        self._generation = generation.model_copy(update={"model": base_model})
        self._loaded: LoadedModel | None = None

    def let_go(self) -> None:
        """Give the memory back; the next model that is asked is loaded again."""
        if self._loaded is None:
            return
        import torch

        self._loaded = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    @property
    def max_new_tokens(self) -> int:
        """Of an answer, as in the chat."""
        limit = self._generation.max_new_tokens
        return min(limit, COMPACT_ANSWER) if self._base_model == STARTER else limit

    def fixed_cases(self) -> FixedCases:
        """Asked as this model's chat asks."""
        return fixed_cases(self._in_short if self._base_model == STARTER else self._in_full)

    @contextmanager
    def worn(self, adapter: Path | None, *, name: str) -> Iterator[Worn]:
        """The base model with the adapter in a folder, or alone. `name` has no dots.

        Raises:
            ModelNotFound, ModelOutOfMemory
            TrainingError: four bits are set and cannot be had here.
        """
        loaded = self._put_on(adapter, name) if adapter is not None else self._base()
        worn_as = name if adapter is not None else None
        quote_only = quotes_only(self._generation)

        def write(prompt: Prompt) -> str:
            return write_answer(loaded, prompt, max_new_tokens=self.max_new_tokens, quote_only=quote_only)

        base = short_name(self._base_model)
        with wearing(loaded.model, worn_as):
            yield Worn(
                model_id=f"{base}+{adapter.name}" if adapter else base, write=write, likelihood=likelihood_of(loaded)
            )

    def leave_canary(self, source: Path) -> None:
        """Find the candidate in a folder a canary and put it there; one that is there already stays. Raises `AdapterBroken`."""
        if read_canary(source) is None:
            loaded = self._put_on(source, source.name)
            # Those of the style first; then others, for a candidate that learned little differs in few answers.
            others = (case.prompt.messages[-1].content for case in self.fixed_cases().retention)
            prompts = tuple(text for text in (*canary_prompts(), *others) if _fits(loaded, text))
            write_canary(make_canary(loaded, adapter=source.name, prompts=prompts), source)

    def _base(self) -> LoadedModel:
        if self._loaded is None:
            in_four_bits = self._training.quantize == "nf4"
            self._loaded = load_base(self._base_model, self._training) if in_four_bits else load_model(self._base_model)
        return self._loaded

    def _put_on(self, adapter: Path, name: str) -> LoadedModel:
        """`name` is PEFT's; the first adapter of a name stays."""
        loaded = self._base()
        if name not in getattr(loaded.model, "peft_config", ()):
            loaded = self._loaded = add_adapter(loaded, str(adapter), name=name)
        return loaded

    def _in_full(self, asked: Asked) -> Prompt:
        generation = self._generation
        return in_full(asked, context_tokens=generation.context_tokens, max_new_tokens=generation.max_new_tokens)

    def _in_short(self, asked: Asked) -> Prompt:
        return build_compact(
            mode=asked.mode,
            question=asked.question,
            report=asked.report,
            earlier=asked.earlier,
            context_tokens=min(self._generation.context_tokens, COMPACT_CONTEXT),
            max_new_tokens=self.max_new_tokens,
        )


def _fits(loaded: LoadedModel, text: str) -> bool:
    ids = render(loaded.tokenizer, [Message(role="user", content=text)])
    return len(ids) <= loaded.context_tokens - _CANARY_ROOM
