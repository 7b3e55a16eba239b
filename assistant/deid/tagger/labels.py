"""What the tagger may call a token, and how labels become findings."""

from typing import TYPE_CHECKING

from assistant.deid.spans import Found
from assistant.deid.tagger.tokens import Tokens

if TYPE_CHECKING:
    import numpy as np

KINDS = ("NAME", "ADDRESS", "LOCATION", "ORGANIZATION", "DATE", "CONTACT", "ID", "STATE", "COUNTRY")
LABELS = ("O", *(f"{prefix}-{kind}" for kind in KINDS for prefix in "BI"))
"""Label 0 is "no identifier", 2k + 1 begins kind k, 2k + 2 continues it."""

TYPES = {"CONTACT": "PHONE"}
"""The tagger's kinds are coarse: the policy's type, where it has another name."""


def findings(tokens: Tokens, chances: "np.ndarray", *, least: float) -> list[Found]:
    """Runs of tokens that are identifiers with a chance of at least `least`.

    `chances`: (tokens, labels), each row sums to 1. A finding's score is the mean chance of its tokens.
    """
    if not len(tokens):
        return []
    identifier = 1.0 - chances[:, 0]
    begins, continues = chances[:, 1::2], chances[:, 2::2]
    kinds = (begins + continues).argmax(axis=1)
    found: list[Found] = []
    first, total = -1, 0.0
    for index in range(len(tokens) + 1):
        inside = index < len(tokens) and identifier[index] >= least
        if first >= 0 and (
            not inside
            or kinds[index] != kinds[index - 1]
            or begins[index, kinds[index]] > continues[index, kinds[index]]
        ):
            kind = KINDS[int(kinds[first])]
            score = float(total / (index - first))
            found.append(
                Found(tokens.starts[first], tokens.ends[index - 1], TYPES.get(kind, kind), score, guessed=True)
            )
            first, total = -1, 0.0
        if inside:
            first = index if first < 0 else first
            total += identifier[index]
    return found
