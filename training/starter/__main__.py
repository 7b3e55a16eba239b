"""Make the starter model. `OMP_NUM_THREADS=1 python -m training.starter --data ../shared/data --out DIR --minutes 60`

Two threads collapse where cores are shared. `--resume` goes on from the checkpoint in `--out`; the same seed draws the same
training text. `--package assistant/generation/starter` writes what ships.
"""

import argparse
import logging
from pathlib import Path


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="folder with the free clinical text"
    )
    arguments.add_argument("--out", type=Path, required=True, help="where the checkpoint goes")
    arguments.add_argument("--minutes", type=float, default=60, help="of training in all, also before --resume")
    arguments.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    arguments.add_argument("--rate", type=float, default=5e-4)
    arguments.add_argument("--pieces", type=int, default=4_096, help="word pieces a batch; a step has two")
    arguments.add_argument("--save-every", type=float, default=10, help="minutes")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--package", type=Path, help="write the checkpoint's weights to this folder; train nothing")
    options = arguments.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")

    from training.starter.train import CHECKPOINT, train

    if options.package:
        from training.starter.package import package

        package(options.out / CHECKPOINT, options.package)
        return

    train(
        options.data,
        options.out,
        minutes=options.minutes,
        save_every_min=options.save_every,
        rate=options.rate,
        pieces=options.pieces,
        seed=options.seed,
        resume=options.resume,
    )


if __name__ == "__main__":
    main()
