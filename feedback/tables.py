"""The rows of feedback. Append-only: a later rating or edit is another row, and nothing is ever overwritten.

Two exceptions: a conversation can be deleted as a whole, with everything said in it; and words that are masked later
are taken out of all of its texts.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from assistant.database import EncryptedText, UtcTime

# SQLite would give the id of a deleted row to the next one, and a forgotten window could correct a stranger's answer.
_IDS_ARE_NEVER_REUSED = {"sqlite_autoincrement": True}


def _now() -> datetime:
    return datetime.now(UTC)


def _parent(table: str) -> sa.ForeignKey:
    return sa.ForeignKey(f"{table}.id", ondelete="CASCADE")


class ConversationRow(SQLModel, table=True):
    """A clinician's conversation about at most one report, and the earlier one it is compared with."""

    __tablename__ = "conversation"  # type: ignore[assignment]
    __table_args__ = _IDS_ARE_NEVER_REUSED

    id: int | None = Field(default=None, primary_key=True)
    rater: str = Field(index=True)
    title: str = Field(sa_type=EncryptedText, repr=False)
    report: str | None = Field(default=None, sa_type=EncryptedText, repr=False)
    """JSON of the de-identified report: it need not be in the library."""
    earlier: str | None = Field(default=None, sa_type=EncryptedText, repr=False)
    report_id: str | None = None
    created_at: datetime = Field(default_factory=_now, sa_type=UtcTime)


class TurnRow(SQLModel, table=True):
    """A question and its answer as shown."""

    __tablename__ = "turn"  # type: ignore[assignment]
    __table_args__ = _IDS_ARE_NEVER_REUSED

    id: int | None = Field(default=None, primary_key=True)
    conversation_id: int = Field(sa_column=sa.Column(sa.Integer, _parent("conversation"), nullable=False, index=True))
    rater: str
    mode: str
    question: str = Field(sa_type=EncryptedText, repr=False)
    answer: str = Field(sa_type=EncryptedText, repr=False)
    """JSON of text, sentences, support, citations, sources and their texts."""
    messages: str = Field(sa_type=EncryptedText, repr=False)
    """JSON of the prompt: what a training example is rebuilt from."""
    model_id: str = Field(index=True)
    prompt_version: str
    timings_ms: str
    """JSON, by stage."""
    fallback: bool
    stopped: bool
    report_id: str | None = None
    patient: str | None = None
    alternative_of: int | None = Field(
        default=None, sa_column=sa.Column(sa.Integer, _parent("turn"), nullable=True, index=True)
    )
    created_at: datetime = Field(default_factory=_now, sa_type=UtcTime, index=True)


class RatingRow(SQLModel, table=True):
    """A thumb and why. The latest of a rater holds."""

    __tablename__ = "rating"  # type: ignore[assignment]
    __table_args__ = _IDS_ARE_NEVER_REUSED

    id: int | None = Field(default=None, primary_key=True)
    turn_id: int = Field(sa_column=sa.Column(sa.Integer, _parent("turn"), nullable=False, index=True))
    rater: str
    thumbs: int
    reason: str | None = None
    comment: str = Field(sa_type=EncryptedText, repr=False)
    created_at: datetime = Field(default_factory=_now, sa_type=UtcTime, index=True)


class EditRow(SQLModel, table=True):
    """A corrected answer."""

    __tablename__ = "edit"  # type: ignore[assignment]
    # Two windows that saw the same text cannot both save over it: the database lets one of them through.
    __table_args__ = (
        sa.UniqueConstraint("turn_id", "based_on", name="uq_edit_turn_id_based_on"),
        _IDS_ARE_NEVER_REUSED,
    )

    id: int | None = Field(default=None, primary_key=True)
    turn_id: int = Field(sa_column=sa.Column(sa.Integer, _parent("turn"), nullable=False, index=True))
    rater: str
    edited_answer: str = Field(sa_type=EncryptedText, repr=False)
    reason: str | None = None
    based_on: int = 0
    """Id of the edit that was on the screen; 0 for the answer itself (NULLs would all count as different)."""
    created_at: datetime = Field(default_factory=_now, sa_type=UtcTime, index=True)


class ChoiceRow(SQLModel, table=True):
    """One of two answers to the same question was chosen."""

    __tablename__ = "choice"  # type: ignore[assignment]
    __table_args__ = _IDS_ARE_NEVER_REUSED

    id: int | None = Field(default=None, primary_key=True)
    chosen_turn_id: int = Field(sa_column=sa.Column(sa.Integer, _parent("turn"), nullable=False, index=True))
    rejected_turn_id: int = Field(sa_column=sa.Column(sa.Integer, _parent("turn"), nullable=False, index=True))
    rater: str
    created_at: datetime = Field(default_factory=_now, sa_type=UtcTime, index=True)


class DecisionRow(SQLModel, table=True):
    """What somebody decided about something that was said. The latest of each kind holds; no text is in it."""

    __tablename__ = "pair_decision"  # type: ignore[assignment]
    __table_args__ = _IDS_ARE_NEVER_REUSED

    id: int | None = Field(default=None, primary_key=True)
    turn_id: int = Field(sa_column=sa.Column(sa.Integer, _parent("turn"), nullable=False, index=True))
    """A turn it is about: the decision goes when that goes."""
    key: str = Field(index=True)
    """As in `feedback.items`."""
    ruling: str
    rater: str
    created_at: datetime = Field(default_factory=_now, sa_type=UtcTime)
