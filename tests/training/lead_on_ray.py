"""Leads a run of `run_site` as a job of a Ray cluster: `python -m tests.training.lead_on_ray RUN_ID`, in the folder RUN_SITE."""

import json
import logging
import os
import signal
import sys
from pathlib import Path

from tests.training.run_site import TEXT, RunSite, StandInParts
from training.errors import RunInterrupted
from training.ray_output import keep_output_in

log = logging.getLogger("training.lead_on_ray")


def main() -> int:
    logging.basicConfig(level=logging.INFO)
    site = RunSite(Path(os.environ["RUN_SITE"]))
    signal.signal(signal.SIGTERM, lambda *_: site.stopping.set())
    run = site.ledger.get(int(sys.argv[1]))
    keep_output_in(site.folder_of(run))
    log.info("leading run=%s", run.name)
    print("a library says:", TEXT)
    logging.getLogger("a_library").warning("it logs: %s", TEXT)
    acts = json.loads((site.folder / "acts.json").read_text())
    try:
        site.lead(run, StandInParts(acts=acts))
    except RunInterrupted:
        return 143
    finally:
        site.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
