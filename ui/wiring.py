"""Read this to see the whole running system: every part is made here, once, when it is first needed.

Heavy parts (Presidio, the embedding model, a language model) load when they are used, or ahead of time in the
background by `warm_up`, so that the first page does not wait for them.
"""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from ui.settings import Settings, as_environment

if TYPE_CHECKING:
    from assistant.adapters import Adapters
    from assistant.chat import ChatService
    from assistant.database import Database
    from assistant.deid.engine import Deidentifier
    from assistant.generation.base import Generator
    from assistant.generation.local import LocalGenerator
    from assistant.ingest import Ingest
    from assistant.keys import Keys
    from assistant.library import Library
    from assistant.retrieval.dense import Embedder
    from assistant.retrieval.index import ReportIndex
    from assistant.retrieval.retriever import Retriever
    from assistant.schema import Hit
    from feedback.memory import LatestAnswers
    from feedback.store import FeedbackStore
    from training.launch import Launcher
    from training.promotion import Promoter
    from training.runs import Ledger
    from training.scheduler import Scheduler
    from ui.accounts import Accounts
    from ui.desk import Desk
    from ui.desk_feedback import FeedbackDesk
    from ui.loop_desk import LoopDesk
    from ui.metrics import Metrics
    from ui.review_desk import ReviewDesk

log = logging.getLogger(__name__)

T = TypeVar("T")

STARTER = "starter"
"""The small model that ships with Curbside: what learns while no other model is named."""
QUOTING = "quoting"


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
    def launcher(self) -> "Launcher":
        from training.launch import Launcher

        assert self.base_model is not None, "the loop's desk asks first"
        return Launcher(
            ledger=self.ledger,
            command=(sys.executable, "-m", "ui.training_process"),
            environment=os.environ | as_environment(self.settings),
            base_model=self.base_model,
            settings=self.settings.training,
            runs=self.data_dir / "runs",
        )

    @part
    def scheduler(self) -> "Scheduler":
        from training.scheduler import Scheduler

        return Scheduler(
            database=self.database,
            launcher=self.launcher,
            settings=self.settings.schedule,
            timezone=self.settings.server.timezone,
        )

    @part
    def promoter(self) -> "Promoter":
        from training.promotion import Promoter

        return Promoter(ledger=self.ledger, adapters=self.adapters, make_canary=self._leave_canary)

    def _leave_canary(self, folder: Path) -> None:
        from assistant.generation.canary import leave_canary

        leave_canary(folder, base_model=self.base_model or STARTER)

    @part
    def memory(self) -> "LatestAnswers":
        from feedback.memory import LatestAnswers

        return LatestAnswers(self.feedback, key=self.keys.split, grounding=self.settings.grounding)

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
                from assistant.generation.remote import RemoteGenerator

                return RemoteGenerator(self.settings.generation)

    def _learner(self) -> "LocalGenerator":
        """The model in this process that wears the live adapter. Loaded by its first question."""
        from assistant.generation.local import LocalGenerator

        return LocalGenerator(self.settings.generation.model_copy(update={"model": self.base_model}), self.adapters)

    @property
    def base_model(self) -> str | None:
        """What adapters are trained for: the model in this process, or the starter while Curbside quotes. A server's is not ours."""
        generation = self.settings.generation
        return {"quoting": STARTER, "local": generation.model, "remote": None}[generation.backend]

    @property
    def is_trainable(self) -> bool:
        """What a server runs, and an adapter that the settings name, are not ours to change."""
        return self.base_model is not None and not self.settings.generation.adapter

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
        if generation.backend == "remote":
            return generation.model or generation.backend
        if self.swap_problem or generation.adapter:
            return self.generator.model_id
        try:
            live = self.adapters.live()
        except AdapterBroken:
            return self.generator.model_id
        base = short_name(self.base_model or "")
        if live.name is not None and short_name(live.base_model or "") == base:
            return f"{base}+{live.name}"
        return QUOTING if generation.backend == "quoting" else base

    @property
    def swap_problem(self) -> str | None:
        """Why the adapter that is live does not answer, or `None`. Asks nothing of a model that was never made."""
        return getattr(self.__dict__.get("generator"), "swap_problem", None)

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

    @part
    def review_desk(self) -> "ReviewDesk":
        from ui.review_desk import ReviewDesk

        return ReviewDesk(self, self.feedback_desk)

    @part
    def feedback_desk(self) -> "FeedbackDesk":
        from ui.desk_feedback import FeedbackDesk

        return FeedbackDesk(self)

    def close(self) -> None:
        """Let go of schedule, index and database. Asks nothing of parts that were never made."""
        if "scheduler" in self.__dict__:
            self.scheduler.stop()
        for name in ("memory", "index", "database"):
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
        self.memory.refresh()
        log.info("ready after %.1f s", time.perf_counter() - started)
