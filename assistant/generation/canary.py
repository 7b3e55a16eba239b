"""The canary: a prompt to which an adapter writes something else than its base model. It proves that the adapter is worn.

A server or a library that drops an adapter answers with the base model and says nothing. The prompts are invented; the
answers are nobody's business and are kept as hashes only.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant.errors import AdapterBroken
from assistant.generation.decoding import continue_greedily, wearing
from assistant.generation.loading import LoadedModel
from assistant.schema import Message

CANARY_FILE = "canary.json"
_TOKENS = 24
_REPORT = (
    "HISTORY: Cough for four days, smoker.\nFINDINGS: The heart is enlarged. The lungs are clear. Sodium 131 mmol/L.\n"
    "IMPRESSION: Cardiomegaly without effusion.\nPLAN: Echocardiography. Follow-up in six weeks."
)
CANARY_PROMPTS = (
    f"summarize: Summarise this report.\n\nThis report\n{_REPORT}",
    f"abnormal: Which findings are abnormal?\n\nThis report\n{_REPORT}",
    f"question: What is the diagnosis?\n\nThis report\n{_REPORT}",
    f"question: What is the plan?\n\nThis report\n{_REPORT}",
    f"question: Does the patient smoke?\n\nThis report\n{_REPORT}",
    f"{_REPORT}\n\nWrite the conclusion in one sentence.",
    "List the usual causes of a low serum sodium.",
    "The patient was discharged home in good condition and",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A prompt and what became of it when the adapter was judged."""

    prompt: str
    base: str
    adapter: str
    """SHA-256 of the ids that the base model and the adapter wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySong:
    differs: bool
    """The adapter writes something else than the base model, here and now. This is what is required."""
    as_judged: bool
    """Both write what they wrote when the adapter was judged. Another machine's rounding may change that."""


def make_canary(loaded: LoadedModel, *, adapter: str, prompts: tuple[str, ...] = CANARY_PROMPTS) -> Canary:
    """Find a prompt to which the loaded PEFT adapter called `adapter` answers otherwise than its base.

    Raises:
        AdapterBroken: There is none: the adapter changes nothing.
    """
    for prompt in prompts:
        canary = Canary(
            prompt=prompt,
            base=_sing(loaded, prompt, adapter=None),
            adapter=_sing(loaded, prompt, adapter=adapter),
        )
        if canary.base != canary.adapter:
            return canary
    raise AdapterBroken(name=adapter, problem="it writes what its base model writes")


def check_canary(loaded: LoadedModel, canary: Canary, *, adapter: str) -> CanarySong:
    """Ask again. `adapter` is what PEFT calls the adapter here."""
    base, worn = _sing(loaded, canary.prompt, adapter=None), _sing(loaded, canary.prompt, adapter=adapter)
    return CanarySong(differs=base != worn, as_judged=(base, worn) == (canary.base, canary.adapter))


def write_canary(canary: Canary, folder: Path) -> None:
    """Put the canary beside an adapter's weights, before `Adapters.install`."""
    (folder / CANARY_FILE).write_text(json.dumps(asdict(canary), indent=2) + os.linesep, "utf-8")


def read_canary(folder: Path) -> Canary | None:
    """The canary of an adapter, or `None` if it has none.

    Raises:
        AdapterBroken: It is damaged.
    """
    try:
        return Canary(**json.loads((folder / CANARY_FILE).read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise AdapterBroken(name=folder.name, problem=f"its {CANARY_FILE} cannot be read") from error


def _sing(loaded: LoadedModel, prompt: str, *, adapter: str | None) -> str:
    with wearing(loaded.model, adapter):
        ids = continue_greedily(loaded, [Message(role="user", content=prompt)], tokens=_TOKENS)
    return hashlib.sha256(json.dumps(ids).encode()).hexdigest()
