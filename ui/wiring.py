"""Read this to see the whole running system: what answers (`wiring_answers`), what learns from it, and the doors to both.

Every part is made once, when it is first needed.
"""

import logging
import os
import sys
import time
from typing import TYPE_CHECKING

from ui.settings import as_environment
from ui.wiring_answers import QUOTING, STARTER, AnsweringParts, part

if TYPE_CHECKING:
    from feedback.memory import LatestAnswers
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

__all__ = ["QUOTING", "STARTER", "Parts"]

log = logging.getLogger(__name__)


class Parts(AnsweringParts):
    """The parts of one installation. Asking for one makes it and what it stands on."""

    # ---- what learns

    @part
    def ledger(self) -> "Ledger":
        from training.runs import Ledger

        return Ledger(self.database)

    @property
    def is_trainable(self) -> bool:
        """What a server runs of which nobody named the weights, and an adapter that the settings name, are not ours to change."""
        return self.base_model is not None and not self.settings.generation.adapter

    @part
    def launcher(self) -> "Launcher":
        from training.launch import Launcher, OnScheduler

        assert self.base_model is not None, "the loop's desk asks first"
        if self.settings.training.on == "ray":
            from ui.train_on_ray import ray_launcher

            return ray_launcher(self, self.base_model)
        return (OnScheduler if self.settings.training.on == "scheduler" else Launcher)(
            ledger=self.ledger,
            command=(sys.executable, "-m", "ui.training_process"),
            environment=os.environ | as_environment(self.settings),
            base_model=self.base_model,
            settings=self.settings.training.suiting(self.base_model),
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

        return Promoter(ledger=self.ledger, adapters=self.adapters)

    @part
    def memory(self) -> "LatestAnswers":
        from feedback.memory import LatestAnswers

        return LatestAnswers(self.feedback, key=self.keys.split, grounding=self.settings.grounding)

    # ---- the doors

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
        for name in ("served", "serving_gpu", "memory", "index", "database"):
            if self.__dict__.get(name) is not None:
                self.__dict__[name].close()

    def warm_up(self) -> None:
        """Load what the first question needs, and finish an ingest that was cut off. Runs beside the first page."""
        started = time.perf_counter()
        if self.served is not None:
            self.served.start()
        self.deidentifier.mask("Warm up.")
        if self.library.count():
            resumed = self.ingest.resume()
            self.index.search("warm up", top_k=1)
            if resumed:
                log.info("finished an interrupted ingest: reports=%d", resumed)
        self.memory.refresh()
        log.info("ready after %.1f s", time.perf_counter() - started)
        if self.settings.generation.backend == "remote":
            self._look_at_model_servers()

    def _look_at_model_servers(self) -> None:
        """Say in the log which of them are not ready. The first question finds out by itself, too."""
        from assistant.generation.readiness import report_readiness

        report_readiness(self.remote)
