"""`local`: runs a transformers model in this process, with a PEFT adapter if one is set.

One worker thread owns the model. Its queue is the fair order of the questions, callers on any event loop wait in it
without holding a thread, and nothing about the model needs a lock.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from assistant.errors import GenerationError, ModelBroke, ModelNotFound, ModelOutOfMemory, PromptTooLong
from assistant.generation.base import OTHER_ANSWER_TEMPERATURE
from assistant.generation.detokenizer import Detokenizer
from assistant.generation.loading import LoadedModel, is_out_of_memory, load_model, short_name
from assistant.generation.rendering import render
from assistant.schema import Prompt
from assistant.settings import GenerationSettings

if TYPE_CHECKING:
    from torch import LongTensor

log = logging.getLogger(__name__)

_LEAST_ANSWER_TOKENS = 64
"""A prompt that leaves less room than this (or than was asked for) is too long."""

_Send = Callable[[str | BaseException | None], None]
"""Hands the event loop a delta, an error, or `None` for the end."""


class LocalGenerator:
    """A `Generator` in this process. The model is loaded by `load`, or else by the first question."""

    def __init__(self, settings: GenerationSettings) -> None:
        if not settings.model:
            raise ModelNotFound(name="", problem="none is named")
        self._settings = settings
        self._name = settings.model
        self._loaded: LoadedModel | None = None
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="curbside-model")
        self._stops: set[threading.Event] = set()

    @property
    def model_id(self) -> str:
        """The model's name and the adapter's, without the paths of this machine."""
        base = short_name(self._name)
        return f"{base}+{short_name(self._settings.adapter)}" if self._settings.adapter else base

    def load(self) -> None:
        """Load the model now and wait for it: seconds to minutes. Raises as `load_model` does."""
        self._worker.submit(self._get).result()

    async def aclose(self) -> None:
        for stop in list(self._stops):
            stop.set()
        self._worker.shutdown(wait=False, cancel_futures=True)
        self._loaded = None

    async def stream(self, prompt: Prompt, *, max_new_tokens: int) -> AsyncGenerator[str, None]:
        """Yield the answer token by token, once the questions before it are answered.

        Raises:
            ModelNotFound, ModelOutOfMemory, PromptTooLong: before the first delta.
            ModelBroke, ModelOutOfMemory: after it.
        """
        loop = asyncio.get_running_loop()
        received: asyncio.Queue[str | BaseException | None] = asyncio.Queue()
        stop = threading.Event()

        def send(item: str | BaseException | None) -> None:
            try:
                loop.call_soon_threadsafe(received.put_nowait, item)
            except RuntimeError:  # the caller's event loop is closed: nobody listens
                stop.set()

        def finish(done: "Future[None]") -> None:
            try:
                send(done.exception())
            except CancelledError:
                send(ModelBroke(problem="Curbside is shutting down"))

        self._stops.add(stop)
        try:
            job = self._worker.submit(self._answer, prompt, max_new_tokens, send, stop)
        except RuntimeError:
            self._stops.discard(stop)
            raise ModelBroke(problem="Curbside is shutting down") from None
        job.add_done_callback(finish)
        try:
            while (item := await received.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            stop.set()
            job.cancel()  # if it still waits in the queue
            self._stops.discard(stop)

    def _get(self) -> LoadedModel:
        if self._loaded is None:
            self._loaded = load_model(self._name, adapter=self._settings.adapter)
        return self._loaded

    def _answer(self, prompt: Prompt, max_new_tokens: int, send: _Send, stop: threading.Event) -> None:
        """In the worker thread: one answer, or one of our errors."""
        if stop.is_set():
            return
        loaded = self._get()
        ids = render(loaded.tokenizer, prompt.messages)
        limit = min(loaded.context_tokens, self._settings.context_tokens)
        if limit - len(ids) < min(max_new_tokens, _LEAST_ANSWER_TOKENS):
            raise PromptTooLong(tokens=len(ids), limit=max(0, limit - min(max_new_tokens, _LEAST_ANSWER_TOKENS)))
        budget = min(max_new_tokens, limit - len(ids))
        try:
            _generate(loaded, ids, budget=budget, options=self._options(prompt.variant), send=send, stop=stop)
        except (RuntimeError, ValueError, IndexError, MemoryError) as error:
            raise _as_ours(error, device=str(loaded.model.device.type)) from error

    def _options(self, variant: int) -> dict[str, Any]:
        """Greedy unless a temperature is set or another answer is wanted; a model folder's own taste is overruled."""
        temperature = self._settings.temperature or (OTHER_ANSWER_TEMPERATURE if variant else 0.0)
        if not temperature:
            return {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
        import torch

        torch.manual_seed(variant)
        return {"do_sample": True, "temperature": temperature, "top_p": 0.95, "top_k": 0}


def _generate(
    loaded: LoadedModel,
    ids: list[int],
    *,
    budget: int,
    options: dict[str, Any],
    send: _Send,
    stop: threading.Event,
) -> None:
    import torch
    from transformers import StoppingCriteria, StoppingCriteriaList
    from transformers.generation.streamers import BaseStreamer

    text = Detokenizer(loaded.tokenizer)

    class Streamer(BaseStreamer):
        prompt_is_next = True  # `generate` first puts the prompt

        def put(self, value: "LongTensor") -> None:
            if self.prompt_is_next:
                self.prompt_is_next = False
                return
            for token_id in value.flatten().tolist():
                if delta := text.push(token_id):
                    send(delta)

        def end(self) -> None:
            if rest := text.close():
                send(rest)

    class Stopped(StoppingCriteria):
        def __call__(self, input_ids: "LongTensor", scores: object, **_: Any) -> Any:
            return torch.full((input_ids.shape[0],), stop.is_set(), device=input_ids.device, dtype=torch.bool)

    inputs = torch.tensor([ids], device=loaded.model.device)
    tokenizer = loaded.tokenizer
    padding = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    with torch.inference_mode():
        loaded.model.generate(
            input_ids=inputs,
            attention_mask=torch.ones_like(inputs),
            max_new_tokens=budget,
            streamer=Streamer(),
            stopping_criteria=StoppingCriteriaList([Stopped()]),
            pad_token_id=padding if padding is not None else 0,
            **options,
        )


def _as_ours(error: Exception, *, device: str) -> GenerationError:
    if not is_out_of_memory(error):
        return ModelBroke(problem=type(error).__name__)
    if device == "cuda":
        import torch

        with contextlib.suppress(RuntimeError):
            torch.cuda.empty_cache()
    return ModelOutOfMemory(device=device)
