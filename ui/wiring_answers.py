"""What answers: every part from the key to the chat, made once, when it is first needed.

Heavy parts (Presidio, the embedding model, a language model) load when they are used, or ahead of time in the
background by `Parts.warm_up`, so that the first page does not wait for them.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ui.settings import Settings

if TYPE_CHECKING:
    from assistant.adapters import Adapters
    from assistant.chat import ChatService
    from assistant.database import Database
    from assistant.deid.engine import Deidentifier
    from assistant.generation.base import Generator
    from assistant.generation.local import LocalGenerator
    from assistant.generation.remote import RemoteGenerator
    from assistant.generation.served_adapter import ServedAdapter
    from assistant.gpu_lease import GpuLease
    from assistant.gpu_serving import ServingGpu
    from assistant.ingest import Ingest
    from assistant.keys import Keys
    from assistant.library import Library
    from assistant.retrieval.dense import Embedder
    from assistant.retrieval.index import ReportIndex
    from assistant.retrieval.retriever import Retriever
    from assistant.schema import Hit
    from feedback.store import FeedbackStore

T = TypeVar("T")

STARTER = "starter"
"""The small model that ships with Curbside: what learns while no other model is named."""
QUOTING = "quoting"


class part(Generic[T]):
    """A part that is made when it is first asked for, once, also when two threads ask at the same time."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __get__(self, parts: Any, owner: type) -> T:
        made = parts.__dict__
        name = self._make.__name__
        if name not in made:
            with parts.making:
                if name not in made:
                    made[name] = self._make(parts)
        return made[name]


class AnsweringParts:
    """What reads, masks, keeps, finds, answers and remembers."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.making = threading.RLock()

    @property
    def data_dir(self) -> Path:
        return self.settings.storage.data_dir

    @property
    def has_data(self) -> bool:
        """Whether anything was ever kept here. `curbside deidentify` and the like must not create an installation."""
        return self.settings.storage.database_url is not None or (self.data_dir / "curbside.db").exists()

    @part
    def keys(self) -> "Keys":
        from assistant.keys import load_key

        return load_key(self.data_dir)

    @part
    def database(self) -> "Database":
        from assistant.database import open_database
        from ui.migrations import upgrade

        database = open_database(self.settings.storage, self.keys)
        upgrade(database)
        return database

    @part
    def deidentifier(self) -> "Deidentifier":
        from assistant.deid.engine import Deidentifier

        # Without an installation there is no key to read, and none is made for a look at one text.
        key = self.keys.pseudonym if self.has_data or "keys" in self.__dict__ else None
        return Deidentifier(self.settings.deid, key=key)

    @part
    def library(self) -> "Library":
        from assistant.library import Library

        return Library(self.database, max_words=self.settings.retrieval.chunk_words)

    @part
    def embedder(self) -> "Embedder":
        from assistant.retrieval.dense import Embedder

        return Embedder(self.settings.retrieval.embedding_model)

    @part
    def index(self) -> "ReportIndex":
        from assistant.retrieval.index import ReportIndex

        index = ReportIndex(
            path=self.data_dir / "chroma", chroma_url=self.settings.storage.chroma_url, embedder=self.embedder
        )
        index.load_lexical(self.library.all_chunks())
        return index

    @part
    def retriever(self) -> "Retriever":
        from assistant.retrieval.retriever import Retriever

        return Retriever(self.index, self.library.get_chunks)

    @part
    def ingest(self) -> "Ingest":
        from assistant.ingest import Ingest

        self.keys  # an installation begins here: pseudonyms need its key  # noqa: B018
        return Ingest(
            deidentifier=self.deidentifier,
            library=self.library,
            index=lambda: self.index,
            keys=self.keys,
            reading=self.settings.reading,
            on_residual=self.settings.deid.on_residual,
        )

    @part
    def feedback(self) -> "FeedbackStore":
        from feedback.store import FeedbackStore

        return FeedbackStore(self.database)

    @part
    def adapters(self) -> "Adapters":
        from assistant.adapters import Adapters

        return Adapters(self.data_dir / "adapters")

    @part
    def quoting(self) -> "Generator":
        from assistant.generation.quoting import QuotingGenerator

        return QuotingGenerator()

    @part
    def generator(self) -> "Generator":
        match self.settings.generation.backend:
            case "quoting":
                from assistant.generation.until_learnt import UntilLearnt

                return UntilLearnt(self.quoting, self._learner, base_model=STARTER, adapters=self.adapters)
            case "local":
                return self._learner()
            case "remote":
                return self._resting(self.remote)

    @part
    def remote(self) -> "RemoteGenerator":
        """Asks the model servers that the settings name."""
        from assistant.generation.remote import RemoteGenerator

        return RemoteGenerator(self.settings.generation, self.served)

    @part
    def served(self) -> "ServedAdapter | None":
        """Brings servers in step with the live adapter, where they run what is trained here."""
        generation, base_model = self.settings.generation, self.base_model
        if generation.backend != "remote" or generation.adapter or base_model is None:
            return None
        from assistant.generation.served_adapter import ServedAdapter

        return ServedAdapter(generation, self.adapters, base_model=base_model, data_dir=self.data_dir)

    def _learner(self) -> "LocalGenerator":
        """The model in this process that wears the live adapter. Loaded by its first question."""
        from assistant.generation.local import LocalGenerator

        settings = self.settings.generation.model_copy(update={"model": self.base_model})
        return LocalGenerator(settings, self.adapters, gpu=self.serving_gpu)

    def _resting(self, server: "Generator") -> "Generator":
        """The same, quoting at once while the server rests because training has its GPU."""
        if self.gpu is None:
            return server
        from assistant.generation.resting import QuotesWhileTraining
        from ui.shared_gpu import zone_of

        return QuotesWhileTraining(server, self.data_dir, zone=zone_of(self.settings))

    @part
    def gpu(self) -> "GpuLease | None":
        """Who has the GPU, where the chat's model and training take turns on one; else `None`."""
        from ui.shared_gpu import meet_on_one_gpu

        if not meet_on_one_gpu(self.settings):
            return None
        from assistant.gpu_lease import GpuLease

        return GpuLease(self.database, self.data_dir)

    @part
    def serving_gpu(self) -> "ServingGpu | None":
        from assistant.gpu_serving import ServingGpu
        from ui.shared_gpu import zone_of

        return ServingGpu(self.gpu, zone=zone_of(self.settings)) if self.gpu is not None else None

    @property
    def base_model(self) -> str | None:
        """What adapters are trained for: the model in this process, the starter while Curbside quotes, or what a server serves,
        where the settings name its weights."""
        generation, trained = self.settings.generation, self.settings.training.base_model
        return {"quoting": STARTER, "local": generation.model, "remote": trained}[generation.backend]

    @part
    def chat(self) -> "ChatService":
        from assistant.chat import ChatService

        return ChatService(
            deidentifier=self.deidentifier,
            generator=self.generator,
            quoting=self.quoting,
            retrieve=self._retrieve,
            chat=self.settings.chat,
            retrieval=self.settings.retrieval,
            generation=self.settings.generation,
            grounding=self.settings.grounding,
            compact=self.base_model == STARTER,
        )

    def _retrieve(self, query: str, context: str, top_k: int, exclude: list[str]) -> "list[Hit]":
        """Past passages, or none where nothing was ever ingested (and then nothing heavy is loaded)."""
        if "index" not in self.__dict__ and (not self.has_data or self.library.count() == 0):
            return []
        return self.retriever.retrieve(query, top_k=top_k, context=context, exclude=exclude)

    @property
    def model_id(self) -> str:
        """Which model answers the next question, without loading it."""
        from assistant.errors import AdapterBroken
        from assistant.generation.loading import short_name

        generation = self.settings.generation
        if generation.backend == "remote" and (generation.adapter or self.base_model is None):
            return short_name(generation.model or generation.backend)
        if self.swap_problem or generation.adapter:
            return self.generator.model_id
        try:
            live = self.adapters.live()
        except AdapterBroken:
            return self.generator.model_id
        trained = short_name(self.base_model or "")
        base = short_name((generation.model if generation.backend == "remote" else None) or self.base_model or "")
        if live.name is not None and short_name(live.base_model or "") == trained:
            return f"{base}+{live.name}"
        return QUOTING if generation.backend == "quoting" else base

    @property
    def swap_problem(self) -> str | None:
        """Why the adapter that is live does not answer, or `None`. Asks nothing of a model that was never made."""
        served = self.__dict__.get("served")
        if served is not None:
            return served.problem or None
        return getattr(self.__dict__.get("generator"), "swap_problem", None)
