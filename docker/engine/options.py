"""What the keeper of a model server is told. Only the standard library: this runs inside the TGI or vLLM image."""

import argparse
from collections.abc import Sequence


def read_options(arguments: Sequence[str], *, about: str) -> argparse.Namespace:
    """What follows `--` is `extra`, for the server itself."""
    parser = argparse.ArgumentParser(description=about, epilog="After -- come the server's own options.")
    parser.add_argument("engine", choices=("tgi", "vllm"))
    parser.add_argument("--model", required=True, help="folder or hub name of the base model")
    parser.add_argument("--trained-on", help="what Curbside's training.base_model calls it; default: as --model")
    parser.add_argument("--data", required=True, help="Curbside's data folder")
    parser.add_argument("--name", help="of this server, in engine-NAME.json; default: tgi or vllm")
    parser.add_argument("--port", type=int, action="append", help="a second one allows two servers during a change")
    parser.add_argument("--url", action="append", help="the port's address in generation.url, one for each --port")
    parser.add_argument("--second-gb", type=float, default=0, help="free GPU memory that a second server needs")
    parser.add_argument("--program", help="the server's program; default: text-generation-launcher or vllm serve")
    parser.add_argument("--drain-s", type=float, default=120, help="longest wait for answers under way")
    parser.add_argument("--overlap-s", type=float, default=15, help="how long two servers answer side by side")
    parser.add_argument("--start-s", type=float, default=1800, help="longest wait for a start")
    parser.add_argument("--pause-s", type=float, default=1, help="before the first restart; doubles up to a minute")
    parser.add_argument("--poll-s", type=float, default=1)
    given = list(arguments)
    border = given.index("--") if "--" in given else len(given)
    options = parser.parse_args(given[:border])
    options.extra = given[border + 1 :]
    options.name = options.name or options.engine
    options.port = options.port or [8080 if options.engine == "tgi" else 8000]
    options.program = options.program or {"tgi": "text-generation-launcher", "vllm": "vllm serve"}[options.engine]
    if options.url and len(options.url) != len(options.port):
        parser.error("give one --url for each --port")
    return options
