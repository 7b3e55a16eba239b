"""What the generator gives: a text with the truth about it. Everything in it is invented.

Each sentence stands in the report's text word for word, without its list mark, and `assistant.sentences` cuts the text there.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from assistant.schema import Mode, SectionKind


class Role(StrEnum):
    ABNORMAL = "abnormal"
    NORMAL = "normal"
    PLAIN = "plain"
    """Neither: a history, a drug, a plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One sentence of a report, or one line of it where lines are not closed by full stops."""

    text: str
    topic: str
    """What its section is about, finer than a `SectionKind`: `social`, `surgical`, `results`, `vitals`."""
    about: str = ""
    """The part or quantity that it speaks of: `lungs`, `potassium`. Empty: nothing in particular."""
    role: Role = Role.PLAIN
    key: str = ""
    """Where it comes from: the same in two reports of one patient when both speak of the same matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InventedSection:
    kind: SectionKind
    topic: str
    heading: str
    """As written, without its colon; empty where the layout has no headings."""
    statements: tuple[Statement, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(statement.text for statement in self.statements)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A measured value; `low` and `high` are the limits that decide whether it is out of range."""

    name: str
    value: float
    unit: str
    low: float | None
    high: float | None
    sentence: str
    """Where it stands; in a list of values several share one."""

    @property
    def abnormal(self) -> bool:
        return (self.low is not None and self.value < self.low) or (self.high is not None and self.value > self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class InventedReport:
    text: str = field(repr=False)
    specialty: str
    layout: str
    style: str
    patient: str | None
    """The invented name, or `None` where the text holds placeholders."""
    sections: tuple[InventedSection, ...]
    """In the order of the text."""
    values: tuple[Value, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(statement for section in self.sections for statement in section.statements)

    def about(self, *topics: str) -> tuple[str, ...]:
        """The sentences of the sections about `topics`."""
        return tuple(s.text for s in self.statements if s.topic in topics)

    @property
    def diagnosis(self) -> tuple[str, ...]:
        return self.about("diagnosis")

    @property
    def abnormal(self) -> tuple[str, ...]:
        """Abnormal findings and values out of range; what the diagnosis says again is left to it."""
        return tuple(s.text for s in self.statements if s.role is Role.ABNORMAL)

    @property
    def normal(self) -> tuple[str, ...]:
        return tuple(s.text for s in self.statements if s.role is Role.NORMAL)

    @property
    def social(self) -> tuple[str, ...]:
        return self.about("social")

    @property
    def history(self) -> tuple[str, ...]:
        return self.about("complaint", "illness", "history", "surgical", "family", "symptoms")

    @property
    def plan(self) -> tuple[str, ...]:
        return self.about("plan")

    @property
    def medications(self) -> tuple[str, ...]:
        return self.about("medications")

    @property
    def allergies(self) -> tuple[str, ...]:
        return self.about("allergies")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What differs between two reports of one patient, in diagnoses, findings, values, drugs and plans.

    What was normal and still is, is left out, though its number may differ.
    """

    new: tuple[str, ...]
    """Sentences of the later report without a counterpart."""
    gone: tuple[str, ...]
    """Sentences of the earlier report without a counterpart."""
    changed: tuple[tuple[str, str], ...]
    """Sentences on one matter that differ: `(now, before)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A question and its exact answer."""

    mode: Mode
    question: str
    answer: str
    """One line a sentence; `assistant.generation.selection` has the fixed phrases."""
    sentences: tuple[str, ...]
    """The sentences of the report(s) that the answer quotes; empty for a fixed phrase alone."""
    kind: str
    """What is asked: `summary`, `section`, `part`, `value`, `abnormal`, `changes`, `not stated`."""
