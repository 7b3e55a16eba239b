"""Read this to see the whole running system: every part is made here, once, when it is first needed.

Heavy parts (Presidio, the embedding model, a language model) load when they are used, or ahead of time in the
background by `warm_up`, so that the first page does not wait for them.
"""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from ui.settings import Settings

if TYPE_CHECKING:
    from assistant.adapters import Adapters
    from assistant.chat import ChatService
    from assistant.database import Database
    from assistant.deid.engine import Deidentifier
    from assistant.generation.base import Generator
    from assistant.ingest import Ingest
    from assistant.keys import Keys
    from assistant.library import Library
    from assistant.retrieval.dense import Embedder
    from assistant.retrieval.index import ReportIndex
    from assistant.retrieval.retriever import Retriever
    from assistant.schema import Hit
    from feedback.store import FeedbackStore
    from training.runs import Ledger
    from ui.accounts import Accounts
    from ui.desk import Desk
    from ui.loop_desk import LoopDesk
    from ui.metrics import Metrics

log = logging.getLogger(__name__)

T = TypeVar("T")


class part(Generic[T]):
    """A part that is made when it is first asked for, once, also when two threads ask at the same time."""

    def __init__(self, make: Callable[["Parts"], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __get__(self, parts: "Parts", owner: type) -> T:
        made = parts.__dict__
        name = self._make.__name__
        if name not in made:
            with parts.making:
                if name not in made:
                    made[name] = self._make(parts)
        return made[name]


class Parts:
    """The parts of one installation. Asking for one makes it and what it stands on."""

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
    def ledger(self) -> "Ledger":
        from training.runs import Ledger

        return Ledger(self.database)

    @part
    def quoting(self) -> "Generator":
        from assistant.generation.quoting import QuotingGenerator

        return QuotingGenerator()

    @part
    def generator(self) -> "Generator":
        settings = self.settings.generation
        match settings.backend:
            case "quoting":
                return self.quoting
            case "local":
                from assistant.generation.local import LocalGenerator

                return LocalGenerator(settings, self.adapters)
            case "remote":
                from assistant.generation.remote import RemoteGenerator

                return RemoteGenerator(settings)

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
        )

    def _retrieve(self, query: str, context: str, top_k: int, exclude: list[str]) -> "list[Hit]":
        """Past passages, or none where nothing was ever ingested (and then nothing heavy is loaded)."""
        if "index" not in self.__dict__ and (not self.has_data or self.library.count() == 0):
            return []
        return self.retriever.retrieve(query, top_k=top_k, context=context, exclude=exclude)

    @property
    def model_id(self) -> str:
        """Which model answers, without loading it."""
        settings = self.settings.generation
        if settings.backend == "quoting":
            return "quoting"
        return Path(settings.model).name if settings.model else settings.backend  # a folder's path is nobody's business

    @part
    def metrics(self) -> "Metrics":
        from ui.metrics import Metrics

        return Metrics()

    @part
    def accounts(self) -> "Accounts":
        from ui.accounts import Accounts

        return Accounts(self.data_dir)

    @part
    def desk(self) -> "Desk":
        from ui.desk import Desk

        return Desk(self)

    @part
    def loop_desk(self) -> "LoopDesk":
        from ui.loop_desk import LoopDesk

        return LoopDesk(self)

    def close(self) -> None:
        """Let go of the index and the database. Asks nothing of parts that were never made."""
        for name in ("index", "database"):
            if name in self.__dict__:
                self.__dict__[name].close()

    def warm_up(self) -> None:
        """Load what the first question needs, and finish an ingest that was cut off. Runs beside the first page."""
        started = time.perf_counter()
        self.deidentifier.mask("Warm up.")
        if self.library.count():
            resumed = self.ingest.resume()
            self.index.search("warm up", top_k=1)
            if resumed:
                log.info("finished an interrupted ingest: reports=%d", resumed)
        log.info("ready after %.1f s", time.perf_counter() - started)
