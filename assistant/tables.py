"""The rows of this package. Text, sections and titles are encrypted; ids, years, counts and the patient's pseudonym are
not, so that they can be asked for.
"""

from datetime import datetime

from sqlmodel import Field, SQLModel

from assistant.database import EncryptedText, UtcTime


class InstallationRow(SQLModel, table=True):
    """Which key the data was made with. One row."""

    __tablename__ = "installation"  # type: ignore[assignment]

    id: int = Field(default=1, primary_key=True)
    key_fingerprint: str


class ReportRow(SQLModel, table=True):
    """One de-identified report."""

    __tablename__ = "report"  # type: ignore[assignment]

    id: str = Field(primary_key=True)
    text: str = Field(sa_type=EncryptedText, repr=False)
    sections: str = Field(sa_type=EncryptedText, repr=False)
    title: str = Field(sa_type=EncryptedText, repr=False)
    patient: str | None = Field(default=None, index=True)
    day: int | None = None
    year: int | None = None
    masked_count: int
    content_hash: str
    """Keyed hash of everything above: tells whether a report that comes again has changed."""
    added_at: datetime = Field(sa_type=UtcTime, index=True)
    indexed_at: datetime | None = Field(default=None, sa_type=UtcTime, index=True)
    """`None` until every chunk of this very text is in the index."""


class GpuLeaseRow(SQLModel, table=True):
    """A process that has something on the GPU which answers and training share, or waits to. See `gpu_lease`."""

    __tablename__ = "gpu_lease"  # type: ignore[assignment]

    process: str = Field(primary_key=True)
    """As `holders.this_process` names it."""
    use: str
    name: str = ""
    since: datetime = Field(sa_type=UtcTime)
    seen_at: datetime = Field(sa_type=UtcTime)
    expected_end: datetime | None = Field(default=None, sa_type=UtcTime)
