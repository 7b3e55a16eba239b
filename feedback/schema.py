"""The values of feedback: what was asked and answered, and what clinicians said about it. Frozen, free of I/O.

Texts are left out of `repr`, as in `assistant.schema`. Times are aware, UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from assistant.schema import Answer, Message, Mode, Report


class Reason(StrEnum):
    """Why an answer was rated or corrected."""

    WRONG = "wrong"
    NOT_IN_REPORT = "not_in_report"
    MISSING = "missing"
    UNSAFE = "unsafe"
    TOO_LONG = "too_long"
    STYLE = "style"
    OTHER = "other"


Thumbs = Literal[1, -1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A thumb. The latest one of a rater holds; the earlier ones stay."""

    id: int
    turn_id: int
    rater: str
    thumbs: Thumbs
    reason: Reason | None = None
    comment: str = field(default="", repr=False)
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A corrected answer. `based_on` is the edit that was on the screen, or `None` for the answer itself."""

    id: int
    turn_id: int
    rater: str
    edited_answer: str = field(repr=False)
    reason: Reason | None = None
    based_on: int | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of two answers to the same question was chosen."""

    id: int
    chosen_turn_id: int
    rejected_turn_id: int
    rater: str
    created_at: datetime


class Ruling(StrEnum):
    """What can be decided about something that was said."""

    ACCEPT = "accept"
    """It teaches, although screening had doubts."""
    DISCARD = "discard"
    """It teaches nothing."""
    WITHDRAW = "withdraw"
    """Whoever said it takes it back."""
    RESTORE = "restore"
    """Whoever said it stands by it after all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A ruling on something that was said. `key` as in `feedback.items`."""

    id: int
    key: str
    ruling: Ruling
    rater: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question and its answer as shown, with all that is needed to learn from it."""

    id: int
    conversation_id: int
    rater: str
    mode: Mode
    question: str = field(repr=False)
    """De-identified."""
    answer: Answer
    messages: tuple[Message, ...]
    """The prompt as the model read it."""
    report_id: str | None = None
    patient: str | None = None
    """Pseudonym: decides the split, so that one patient never straddles train and test."""
    alternative_of: int | None = None
    """The turn to whose question this is a second answer."""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedTurn:
    """A turn as its conversation shows it."""

    turn: Turn
    rating: Rating | None = None
    """The latest rating of the conversation's owner."""
    edit: Edit | None = None
    """The latest edit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationSummary:
    """A conversation as a line in the sidebar."""

    id: int
    rater: str
    title: str = field(repr=False)
    report_id: str | None = None
    created_at: datetime
    turns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A conversation with all its turns, oldest first. The reports are de-identified."""

    id: int
    rater: str
    title: str = field(repr=False)
    report: Report | None = None
    earlier: Report | None = None
    created_at: datetime
    turns: tuple[RatedTurn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackCounts:
    """What has come in, since a point in time or ever."""

    conversations: int
    turns: int
    thumbs_up: int
    thumbs_down: int
    edits: int
    """Answers that were corrected, however often."""
    choices: int
    reasons: Mapping[Reason, int]
    """Reasons given with thumbs and edits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFeedback:
    """What came in that counts towards the floor of a run."""

    corrections: int
    preferences: int
    """Choices between two answers, and opposite thumbs on them."""

    @property
    def total(self) -> int:
        return self.corrections + self.preferences


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was deleted, and that nothing is left. Ids and counts only."""

    reports: tuple[str, ...] = ()
    """Ids of the reports that were forgotten with all that was said about them."""
    conversations: int = 0
    turns: int = 0
    ratings: int = 0
    edits: int = 0
    choices: int = 0
    decisions: int = 0
    prompts: int = 0
    """Prompts of other answers that held a copy: emptied, so that these answers teach nothing any more."""
    left: int = 0
    """Rows in which a second look still finds any of it: 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """Everything that was said, for `feedback.pairs`."""

    turns: tuple[Turn, ...]
    ratings: tuple[Rating, ...]
    edits: tuple[Edit, ...]
    choices: tuple[Choice, ...]
