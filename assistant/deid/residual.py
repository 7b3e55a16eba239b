"""The second look: what still looks like an identifier in a text whose identifiers were masked, and why.

It is wider than the rules that mask, because it costs a person a glance and not the text its content. It masks nothing,
decides nothing, and reports nothing that stands inside a placeholder. Linear in the text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from assistant.deid.document import Document
from assistant.deid.mask import PLACEHOLDER
from assistant.deid.residual_beside import beside_masks
from assistant.deid.residual_names import names
from assistant.deid.residual_numbers import numbers
from assistant.deid.residual_remains import remains
from assistant.deid.residual_signs import signs
from assistant.deid.spans import Found, resolve

RULES = "rules"
"""The rules that mask find it now: what stands around it has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """A place that still looks like an identifier."""

    start: int
    end: int
    type: str
    """What it may be, as in `assistant.deid.policy`."""
    reason: str
    """`rules`, `beside a mask`, `part of a masked name`, `masked elsewhere`, `after a title`, `two names`, `a name alone`,
    `digits`, `date`, `code`, `postal code`, `address sign`, `field of a message`, `scanned word`, `name in brackets`."""


def second_look(
    document: Document, *, by_rules: Iterable[Found], hidden: Sequence[tuple[str, str]] = ()
) -> list[Residual]:
    """Everything that looks like an identifier in a masked text: sorted, without overlap, outside its placeholders.

    Args:
        document: The masked text, normalised.
        by_rules: What the rules find in it.
        hidden: What was masked in it, as type and text: remains of it are looked for.
    """
    placeholders = [match.span() for match in PLACEHOLDER.finditer(document.text)]
    looks = chain(
        ((RULES, found) for found in by_rules),
        numbers(document),
        signs(document),
        remains(document, hidden),
        beside_masks(document, placeholders),
        names(document),
    )
    found = [
        Residual(start=found.start, end=found.end, type=found.type, reason=reason)
        for reason, found in looks
        if found.start < found.end
    ]
    return without(document.text, found, placeholders)


def without(text: str, residual: Iterable[Residual], stretches: Sequence[tuple[int, int]]) -> list[Residual]:
    """Sorted and without overlap, less the `stretches` of `text`. Of a finding that lies partly in one, the rest is left."""
    # The reason travels through `resolve` as part of the type: where findings overlap, both are those of the longest.
    founds = [Found(found.start, found.end, f"{found.type}:{found.reason}", 1.0) for found in residual]
    return [
        Residual(start=found.start, end=found.end, type=kind, reason=reason)
        for found in resolve(text, founds, _joined(stretches))
        for kind, _, reason in [found.type.partition(":")]
    ]


def _joined(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted; those that overlap are one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
