"""What a run's process prints as a Ray job. Ray keeps that on the cluster, beyond the run's end and for all who reach it.

Our own log lines hold ids and counts, never text. What libraries print may quote what they were given: it goes into the
run's folder, as on this machine, and is deleted at the run's end.
"""

import logging
import os

from training.folder import WORKER_LOG, RunFolder

_OURS = ("__main__", "assistant", "feedback", "training", "ui")
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def keep_output_in(folder: RunFolder) -> None:
    """From now on only our log lines go where this process's output went; all else, also of its children, into `folder`."""
    folder.make()
    said = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    kept = os.open(folder.path / WORKER_LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(kept, 1)
    os.dup2(kept, 2)
    os.close(kept)
    shown = logging.StreamHandler(said)
    shown.setFormatter(logging.Formatter(_FORMAT))
    shown.addFilter(_is_ours)
    logging.getLogger().addHandler(shown)


def _is_ours(record: logging.LogRecord) -> bool:
    # A traceback quotes the message of whatever was raised.
    return record.name.partition(".")[0] in _OURS and record.exc_info is None
