"""The stand-in engine under the command lines of TGI and vLLM, so that what starts those can start this instead.

    LORA_ADAPTERS=clin-1=/data/adapters/clin-1 python tests/standin/engine.py --engine tgi --port 8080
    python tests/standin/engine.py serve NAME --engine vllm --port 8000 --lora-modules clin-1=/data/adapters/clin-1

Runs from any folder. As the real ones: TGI reads its adapters at the start only and answers an unknown name as the base
model, echoing the name; vLLM refuses one with 404, and loads and unloads adapters by `/v1/load_lora_adapter` and
`/v1/unload_lora_adapter`; neither listens before it has loaded (`--load-s`), nor at all when an adapter's folder holds
none (exit 1). Options of the real ones that mean nothing here are taken and ignored. It prints its port when it listens.
"""

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.engines.behaviour import FAULTS, Behaviour
from tests.engines.stand_in import serve


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0], allow_abbrev=False)
    parser.add_argument("--engine", choices=("tgi", "vllm"), default="tgi")
    parser.add_argument("--port", "-p", type=int, default=int(os.environ.get("PORT", "0")))
    parser.add_argument("--model-id", "--model", "--served-model-name", default=os.environ.get("MODEL_ID"))
    parser.add_argument("--lora-adapters", default=os.environ.get("LORA_ADAPTERS", ""), help="TGI: name=folder,…")
    parser.add_argument("--lora-modules", nargs="*", default=[], help="vLLM: name=folder …")
    parser.add_argument("--max-concurrent-requests", type=int, default=0, help="More are refused with 429.")
    parser.add_argument("--load-s", type=float, default=0, help="Seconds before it listens.")
    parser.add_argument("--first-token-ms", type=float, default=50)
    parser.add_argument("--tokens-per-second", type=float, default=100)
    parser.add_argument("--tokens", type=int, default=100)
    parser.add_argument("--fault", choices=FAULTS, default="none")
    arguments = sys.argv[1:]
    named_first = arguments[1:2] if arguments[:1] == ["serve"] and not arguments[1].startswith("-") else []
    given, _ignored = parser.parse_known_args(arguments)

    named = [*filter(None, given.lora_adapters.split(",")), *given.lora_modules]
    behaviour = Behaviour(
        engine=given.engine,
        model=given.model_id or next(iter(named_first), "stand-in"),
        first_token_s=given.first_token_ms / 1000,
        tokens_per_s=given.tokens_per_second,
        tokens=given.tokens,
        fault=given.fault,
        capacity=given.max_concurrent_requests,
        strict=given.engine == "vllm",
    )
    time.sleep(given.load_s)
    try:
        asyncio.run(
            serve(
                behaviour,
                port=given.port,
                adapters={name: folder for name, _, folder in (each.partition("=") for each in named)},
                announce=lambda port: print(port, flush=True),
            )
        )
    except KeyboardInterrupt:
        sys.exit(0)
    except FileNotFoundError as error:
        sys.exit(f"no adapter in {error}")


if __name__ == "__main__":
    main()
