"""The process of one run: `python -m ui.training_process RUN_ID`. Started by `training.launch`, with this installation's settings,
or as a job of a Ray cluster; with `next` for the number, the run that was interrupted or a new one.

It may be killed at any moment. SIGTERM leaves the run to be gone on with; whether a run is to end for good stands in the ledger.
"""

import logging
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from assistant.errors import CurbsideError
from training.errors import RunInterrupted, RunUnderWay
from training.folder import RunFolder
from training.lease import LEASE_S, STARTING_S
from training.ray_output import keep_output_in
from training.schema import Trigger
from ui.dry_run import NothingToTrain
from ui.train_on_ray import NEXT, settings_there
from ui.wiring import STARTER, Parts

if TYPE_CHECKING:
    from training.schema import Run

log = logging.getLogger(__name__)

_LOOK_S = 5.0


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0 however the run ended, 143 interrupted, else as the error says."""
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1 or not (given[0].isdecimal() or given[0] == NEXT):
        sys.stderr.write("usage: python -m ui.training_process RUN_ID\n")
        return 2
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    parts: Parts | None = None
    try:
        parts = Parts(settings_there())
        run = parts.ledger.get(int(given[0])) if given[0] != NEXT else next_run(parts, stopping)
        if parts.settings.training.on == "ray":
            keep_output_in(RunFolder(parts.data_dir / "runs" / run.name))
        lead(parts, run.id, stopping=stopping)
    except RunInterrupted as error:
        log.info("%s", error)
        return 143
    except CurbsideError as error:
        log.error("%s", error)
        return error.exit_code
    finally:
        if parts is not None:
            parts.close()
    return 0


def next_run(parts: Parts, stopping: threading.Event) -> "Run":
    """The run that was interrupted, or a new one. Raises `NothingToTrain`, `RunUnderWay`.

    A machine that is gone is believed to lead its run for a while: this waits for as long.
    """
    if not parts.is_trainable:
        raise NothingToTrain
    until = time.monotonic() + LEASE_S + STARTING_S
    while True:
        try:
            return parts.ledger.claim_interrupted() or parts.launcher.create(trigger=Trigger.SCHEDULE)
        except RunUnderWay:
            if time.monotonic() > until or stopping.wait(_LOOK_S):
                raise


def lead(parts: Parts, run_id: int, *, stopping: threading.Event) -> "Run":
    """Lead a run to its end. Raises as `training.worker.work`."""
    from training.models import Models
    from training.promotion import Promoter
    from training.worker import RunParts, settings_of, work
    from ui.shared_gpu import for_training

    run = parts.ledger.get(run_id)
    settings, base_model = parts.settings, run.base_model
    models = Models(base_model, settings.generation, settings_of(run))
    # Its own, so that the model which was judged is not loaded a second time for the canary.
    promoter = Promoter(ledger=parts.ledger, adapters=parts.adapters, make_canary=models.leave_canary)
    return work(
        run_id,
        ledger=parts.ledger,
        adapters=parts.adapters,
        promoter=promoter,
        parts=RunParts(
            store=parts.feedback,
            adapters=parts.adapters,
            promoter=promoter,
            deidentifier=parts.deidentifier,
            split_key=parts.keys.split,
            models=models,
            gate=settings.gate,
            grounding=settings.grounding,
            quotes_until_learnt=settings.generation.backend == "quoting" and base_model == STARTER,
        ),
        runs=parts.data_dir / "runs",
        stopping=stopping,
        gpu=for_training(parts),
    )


if __name__ == "__main__":
    sys.exit(main())
