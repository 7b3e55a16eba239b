"""What goes over the desk: a report on the screen, a question, what was kept. Values only."""

import asyncio
from dataclasses import dataclass, field

from assistant.deid.mask import Placeholders
from assistant.deid.residual import Residual
from assistant.schema import MaskedText, Mode, RawReport, Report
from ui.ranges import Ranges


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedReport:
    """A report on the screen. The original text and the placeholders live here, in memory, and nowhere else."""

    raw: RawReport = field(repr=False)
    """As it was read: what is masked anew keeps its id, patient and date."""
    masked: MaskedText
    report: Report
    placeholders: Placeholders = field(repr=False)
    keep: tuple[tuple[int, int], ...] = ()
    """Spans that the reviewer unmasked, in original offsets."""
    add: tuple[tuple[int, int], ...] = ()
    """Spans that the reviewer masked, in original offsets."""
    confirmed: tuple[tuple[int, int], ...] = ()
    """Spans that the reviewer looked at and found to be no identifiers, in original offsets."""
    residual: tuple[Residual, ...] = ()
    """Places that still look like identifiers and that nobody has looked at, in original offsets. While there are any,
    the report is kept nowhere."""

    @property
    def original(self) -> str:
        return self.raw.text

    def masked_since(self, before: "LoadedReport") -> list[tuple[str, str]]:
        """What could be read in the same report as it was `before` and is masked now: type and words."""
        hidden = Ranges((span.start, span.end) for span in before.masked.spans)
        readable = (
            (span.type, self.original[start:end])
            for span in self.masked.spans
            for start, end in hidden.without(span.start, span.end)
        )
        return [(kind, piece) for kind, piece in readable if any(character.isalnum() for character in piece)]


@dataclass(frozen=True, slots=True)
class TurnKept:
    """The turn is in the store under this id; it can be rated and corrected from now on."""

    turn_id: int
    conversation_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question at the desk."""

    rater: str
    text: str = field(repr=False)
    mode: Mode | None = None
    conversation_id: int | None = None
    """`None` starts a new conversation."""
    loaded: LoadedReport | None = None
    report: Report | None = None
    """Instead of `loaded`: a report that is de-identified already (from the library, or after a reload)."""
    earlier: Report | None = None
    alternative_of: int | None = None
    """Turn id: this answer is a second one to the same question."""
    stop: asyncio.Event | None = field(default=None, repr=False)
    """Set it to end the answer where it is; what was written is kept, marked as stopped."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction that was kept, and what becomes of it."""

    edit_id: int
    message: str
