"""`local`: runs a transformers model in this process, with the PEFT adapter that is live or one that the settings name.

One worker thread owns the model. Its queue is the fair order of the questions, callers on any event loop wait in it
without holding a thread, nothing about the model needs a lock, and another adapter comes between two answers only.
"""

import asyncio
import contextlib
import gc
import threading
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor

from assistant.adapters import Adapters
from assistant.errors import AdapterBroken, ModelBroke, ModelNotFound
from assistant.generation.base import OTHER_ANSWER_TEMPERATURE, SignedStream
from assistant.generation.decoding import stream_answer, wearing
from assistant.generation.live_adapter import LiveAdapter
from assistant.generation.loading import LoadedModel, load_model, short_name
from assistant.generation.quote_only import quotes_only
from assistant.gpu_serving import ServingGpu
from assistant.schema import Prompt
from assistant.settings import GenerationSettings

_Send = Callable[[str | BaseException | None], None]
"""Hands the event loop a delta, an error, or `None` for the end."""


class LocalGenerator:
    """A `Generator` in this process. The model is loaded by `load`, or else by the first question."""

    def __init__(
        self, settings: GenerationSettings, adapters: Adapters | None = None, *, gpu: ServingGpu | None = None
    ) -> None:
        """
        Args:
            adapters: Says which one is live, unless the settings name one.
            gpu: Where training needs the same GPU: the model leaves it and comes back.
        """
        if not settings.model:
            raise ModelNotFound(name="", problem="none is named")
        self._settings = settings
        self._name = settings.model
        self._loaded: LoadedModel | None = None
        self._adapters = adapters
        self._live = self._follow()
        self._gpu = gpu
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="curbside-model")
        self._stops: set[threading.Event] = set()

    @property
    def model_id(self) -> str:
        """The model's name and the adapter's, without the paths of this machine. An answer's own is that of its stream."""
        base, adapter = short_name(self._name), self._adapter
        return f"{base}+{adapter}" if adapter else base

    @property
    def swap_problem(self) -> str | None:
        """Why the adapter that is live does not answer, or `None`."""
        return self._live.problem if self._live else None

    def load(self) -> None:
        """Load the model now and wait for it: seconds to minutes. Raises as `load_model` does."""
        self._worker.submit(self._get).result()

    def let_go(self) -> None:
        """Finish the answer under way, then give the model's memory back. Who waits in the queue is told that it rests."""
        with contextlib.suppress(RuntimeError):  # it is shutting down, and lets go of everything
            self._worker.submit(self._drop).result()

    def bring_back(self) -> None:
        """Load the model again, with the adapter that is live by now. Raises as `load`, and `ModelRests`."""
        self.load()

    async def aclose(self) -> None:
        for stop in list(self._stops):
            stop.set()
        self._worker.shutdown(wait=False, cancel_futures=True)
        self._loaded = None
        if self._gpu is not None:
            self._gpu.close()

    def stream(self, prompt: Prompt, *, max_new_tokens: int) -> SignedStream:
        """Yield the answer piece by piece, once the questions before it are answered.

        Raises:
            ModelNotFound, ModelOutOfMemory, ModelRests, PromptTooLong: before the first delta.
            ModelBroke, ModelOutOfMemory: after it.
        """

        def begun() -> None:
            signed.model_id = self.model_id

        signed = SignedStream(self._stream(prompt, max_new_tokens, begun), self.model_id)
        return signed

    async def _stream(
        self, prompt: Prompt, max_new_tokens: int, begun: Callable[[], None]
    ) -> AsyncGenerator[str, None]:
        if self._gpu is not None:
            self._gpu.check()  # or it would wait for the last answer, to be told the same
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
            job = self._worker.submit(self._answer, prompt, max_new_tokens, begun, send, stop)
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

    @property
    def _adapter(self) -> str | None:
        """The adapter that answers now. Before the model is loaded: the one that is to answer."""
        if self._settings.adapter:
            return short_name(self._settings.adapter)
        if self._live is None or self._adapters is None:
            return None
        if self._loaded is not None:
            return self._live.name
        with contextlib.suppress(AdapterBroken):
            return self._adapters.live().name
        return None

    def _follow(self) -> LiveAdapter | None:
        if self._adapters is None or self._settings.adapter:
            return None
        return LiveAdapter(self._name, self._adapters, reload=self._read)

    def _read(self) -> LoadedModel:
        return load_model(self._name, adapter=self._settings.adapter)

    def _get(self) -> LoadedModel:
        """In the worker thread: the model with the adapter that is live."""
        if self._gpu is not None:
            self._gpu.enter(self)
        # Let go of it meanwhile: what a failed swap leaves behind must not answer.
        loaded, self._loaded = self._loaded or self._read(), None
        if self._live is not None:
            loaded = self._live.keep_up(loaded)
        self._loaded = loaded
        return loaded

    def _drop(self) -> None:
        """In the worker thread."""
        import torch

        self._loaded, self._live = None, self._follow()
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _answer(
        self, prompt: Prompt, max_new_tokens: int, begun: Callable[[], None], send: _Send, stop: threading.Event
    ) -> None:
        """In the worker thread: one answer, or one of our errors."""
        if stop.is_set():
            return
        loaded = self._get()
        begun()
        with wearing(loaded.model, self._live.name) if self._live else contextlib.nullcontext():
            stream_answer(
                loaded,
                prompt,
                max_new_tokens=max_new_tokens,
                quote_only=quotes_only(self._settings),
                send=send,
                stop=stop,
                context_tokens=self._settings.context_tokens,
                temperature=self._settings.temperature or (OTHER_ANSWER_TEMPERATURE if prompt.variant else 0.0),
            )
