"""Whether a model server does what its keeper says: answers, or rests while training holds the GPU. Exit code 0 or 1.

    python healthy.py /data/engine/engine-vllm.json

Only the standard library: this runs inside the TGI or vLLM image.
"""

import http.client
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit


def main(arguments: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    try:
        told = json.loads(Path(given[0]).read_bytes())
        if told["state"] == "resting":
            return 0
        ports = [urlsplit(url).port for url, server in told["engines"].items() if server["state"] == "serving"]
        return 0 if any(_answers(port) for port in ports if port) else 1
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return 1


def _answers(port: int) -> bool:
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        server.request("GET", "/health")
        return server.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        server.close()


if __name__ == "__main__":
    sys.exit(main())
