"""Make the tagger's adapter. `python -m training.tagger --data ../shared/data --out adapter.safetensors`

Needs the `dev` extra (Faker). Half an hour a thousand steps on one shared core (`OMP_NUM_THREADS=1`: two threads collapse where
the cores are shared). `--start` goes on from an adapter, `--average` makes one of two: the mean of the last two of a chain of
runs is a little better than either. The same seed gives the same training text.
"""

import argparse
import random
from pathlib import Path


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--out", type=Path, required=True, help="where the adapter goes")
    arguments.add_argument("--data", type=Path, help="folder with the free clinical text; left out, only invented text")
    arguments.add_argument("--start", type=Path, help="an adapter to go on from")
    arguments.add_argument(
        "--average", type=Path, nargs=2, help="two adapters of one chain: write their mean, train nothing"
    )
    arguments.add_argument("--steps", type=int, default=4000)
    arguments.add_argument("--pieces", type=int, default=3072, help="word pieces a step")
    arguments.add_argument("--rank", type=int, default=32)
    arguments.add_argument("--rate", type=float, default=8e-4)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()

    if options.average:
        from training.tagger.model import average

        average(*options.average, out=options.out)
        return
    from training.tagger.mixture import families, mixed
    from training.tagger.train import train

    rng = random.Random(options.seed)
    train(
        mixed(families(rng, options.data), rng),
        out=options.out,
        steps=options.steps,
        pieces=options.pieces,
        rank=options.rank,
        rate=options.rate,
        seed=options.seed,
        start=options.start,
    )


if __name__ == "__main__":
    main()
