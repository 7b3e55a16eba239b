"""Read this to see the whole running system: every part is made here, once, when it is first needed.

Heavy parts (Presidio, the embedding model, a language model) load when they are used, or ahead of time in the
background by `warm_up`, so that the first page does not wait for them.
"""

import logging
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ui.settings import Settings

if TYPE_CHECKING:
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
    from feedback.store import FeedbackStore
    from ui.accounts import Accounts
    from ui.desk import Desk

log = logging.getLogger(__name__)


class Parts:
    """The parts of one installation. Asking for one makes it and what it stands on."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def data_dir(self) -> Path:
        return self.settings.storage.data_dir

    @property
    def has_data(self) -> bool:
        """Whether anything was ever kept here. `curbside deidentify` and the like must not create an installation."""
        return self.settings.storage.database_url is not None or (self.data_dir / "curbside.db").exists()

    @cached_property
    def keys(self) -> "Keys":
        from assistant.keys import load_key

        return load_key(self.data_dir)

    @cached_property
    def database(self) -> "Database":
        from assistant.database import open_database
        from ui.migrations import upgrade

        database = open_database(self.settings.storage, self.keys)
        upgrade(database)
        return database

    @cached_property
    def deidentifier(self) -> "Deidentifier":
        from assistant.deid.engine import Deidentifier

        # Without an installation there is no key to read, and none is made for a look at one text.
        key = self.keys.pseudonym if self.has_data or "keys" in self.__dict__ else None
        return Deidentifier(self.settings.deid, key=key)

    @cached_property
    def library(self) -> "Library":
        from assistant.library import Library

        return Library(self.database, max_words=self.settings.retrieval.chunk_words)

    @cached_property
    def embedder(self) -> "Embedder":
        from assistant.retrieval.dense import Embedder

        return Embedder(self.settings.retrieval.embedding_model)

    @cached_property
    def index(self) -> "ReportIndex":
        from assistant.retrieval.index import ReportIndex

        index = ReportIndex(
            path=self.data_dir / "chroma", chroma_url=self.settings.storage.chroma_url, embedder=self.embedder
        )
        index.load_lexical(self.library.all_chunks())
        return index

    @cached_property
    def retriever(self) -> "Retriever":
        from assistant.retrieval.retriever import Retriever

        return Retriever(self.index, self.library.get_chunks)

    @cached_property
    def ingest(self) -> "Ingest":
        from assistant.ingest import Ingest

        self.keys  # an installation begins here: pseudonyms need its key  # noqa: B018
        return Ingest(
            deidentifier=self.deidentifier,
            library=self.library,
            index=lambda: self.index,
            keys=self.keys,
            reading=self.settings.reading,
        )

    @cached_property
    def feedback(self) -> "FeedbackStore":
        from feedback.store import FeedbackStore

        return FeedbackStore(self.database)

    @cached_property
    def quoting(self) -> "Generator":
        from assistant.generation.quoting import QuotingGenerator

        return QuotingGenerator()

    @cached_property
    def generator(self) -> "Generator":
        settings = self.settings.generation
        match settings.backend:
            case "quoting":
                return self.quoting
            case "local":
                from assistant.generation.local import LocalGenerator

                return LocalGenerator(settings)
            case "remote":
                from assistant.generation.remote import RemoteGenerator

                return RemoteGenerator(settings)

    @cached_property
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

    def _retrieve(self, query: str, top_k: int, exclude: list[str]) -> list:
        """Past passages, or none where nothing was ever ingested (and then nothing heavy is loaded)."""
        if not self.has_data or self.library.count() == 0:
            return []
        return self.retriever.retrieve(query, top_k=top_k, exclude=exclude)

    @property
    def model_id(self) -> str:
        """Which model answers, without loading it."""
        settings = self.settings.generation
        return "quoting" if settings.backend == "quoting" else settings.model or settings.backend

    @cached_property
    def accounts(self) -> "Accounts":
        from ui.accounts import Accounts

        return Accounts(self.data_dir)

    @cached_property
    def desk(self) -> "Desk":
        from ui.desk import Desk

        return Desk(self)

    def close(self) -> None:
        """Let go of the database. Asks nothing of parts that were never made."""
        if "database" in self.__dict__:
            self.database.close()

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
