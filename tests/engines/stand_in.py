"""A stand-in model server with a known rate and faults on demand. What it says is invented.

    python -m tests.engines.stand_in --port 0 --first-token-ms 50 --tokens-per-second 100 --tokens 100
    LORA_ADAPTERS=clin-1=/data/adapters/clin-1 python -m tests.engines.stand_in --as-the-real-one --engine tgi …

It prints its port when it listens, answers OpenAI-style chat completions as a stream, and is the engine that the benchmarks
compare with. `GET /stats` tells what it was asked and how many streams the other side left early, `POST /reset` forgets that,
`POST /behave` changes its behaviour while it runs.

As TGI it reads its adapters at the start only and answers an unknown name as the base model, echoing the name; as vLLM it loads
and unloads them by `/v1/load_lora_adapter` and `/v1/unload_lora_adapter`. It does not listen before it has loaded (`--load-s`),
nor at all when an adapter's folder holds none (exit 1). `tests.engines.served` says what adapters write.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Sequence

from tests.engines.answering import serve
from tests.engines.behaviour import FAULTS, Behaviour


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0], allow_abbrev=False)
    parser.add_argument(
        "--as-the-real-one", action="store_true", help="Ignore what means nothing here; vLLM is strict."
    )
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--load-s", type=float, default=0, help="Seconds before it listens.")
    parser.add_argument("--first-token-ms", type=float, default=50)
    parser.add_argument("--tokens-per-second", type=float, default=100)
    parser.add_argument("--tokens", type=int, default=100)
    parser.add_argument("--engine", choices=("tgi", "vllm", "openai"), default="tgi")
    parser.add_argument("--model", "--model-id", default="stand-in")
    parser.add_argument("--fault", choices=FAULTS, default="none")
    parser.add_argument("--fault-after", type=int, default=3)
    parser.add_argument("--fault-count", type=int, default=0)
    parser.add_argument(
        "--until", default="", help="A file; no answer goes past --hold-after tokens before it is there."
    )
    parser.add_argument("--hold-after", type=int, default=1)
    parser.add_argument("--retry-after")
    parser.add_argument("--keep-alive-s", type=float, default=0)
    parser.add_argument("--echo", action="store_true")
    parser.add_argument(
        "--max-concurrent-requests", type=int, default=0, help="More are refused with 429; 0: no limit."
    )
    parser.add_argument("--lora-modules", nargs="*", default=[], metavar="NAME[=FOLDER]")
    given, others = parser.parse_known_args(arguments)
    if others and not given.as_the_real_one:
        parser.error(f"unknown: {' '.join(others)}")
    behaviour = Behaviour(
        first_token_s=given.first_token_ms / 1000,
        tokens_per_s=given.tokens_per_second,
        tokens=given.tokens,
        engine=given.engine,
        model=given.model,
        fault=given.fault,
        fault_after=given.fault_after,
        fault_count=given.fault_count,
        until=given.until,
        hold_after=given.hold_after,
        retry_after=given.retry_after,
        keep_alive_s=given.keep_alive_s,
        echo=given.echo,
        capacity=given.max_concurrent_requests,
        strict=given.as_the_real_one and given.engine == "vllm",
    )
    named = [*filter(None, os.environ.get("LORA_ADAPTERS", "").split(",")), *given.lora_modules]
    adapters = {name: folder for name, _, folder in (each.partition("=") for each in named)}
    time.sleep(given.load_s)
    try:
        asyncio.run(serve(behaviour, port=given.port, adapters=adapters, announce=lambda port: print(port, flush=True)))
    except KeyboardInterrupt:
        sys.exit(0)
    except FileNotFoundError as error:
        sys.exit(f"no adapter in {error}")


if __name__ == "__main__":
    main()
