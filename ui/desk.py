"""What a person can do at Curbside, whichever door they come in by: browser, HTTP and terminal all call this.

The desk joins the assistant (which answers) and the feedback store (which remembers). It knows no widget, no route and
no option; it takes and gives values.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from assistant.chat import ChatService, Event, Finished, Question
from assistant.deid.engine import Deidentifier
from assistant.deid.mask import Placeholders
from assistant.errors import EmptyFile, NothingToAnswer, ReportNotFound
from assistant.ingest import Ingest
from assistant.library import Library
from assistant.retrieval.index import ReportIndex
from assistant.schema import Hit, IdentifierSpan, MaskedText, Message, Mode, RawReport, Report
from feedback.store import FeedbackStore
from ui.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedReport:
    """A report on the screen. The original text and the placeholders live here, in memory, and nowhere else."""

    original: str = field(repr=False)
    masked: MaskedText
    report: Report
    placeholders: Placeholders = field(repr=False)
    keep: tuple[tuple[int, int], ...] = ()
    """Spans that the reviewer unmasked, in original offsets."""
    add: tuple[tuple[int, int], ...] = ()
    """Spans that the reviewer masked, in original offsets."""


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
