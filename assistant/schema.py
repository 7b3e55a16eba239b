"""The values that travel through Curbside: frozen, typed, free of logic and of I/O.

Offsets are always Python string offsets (code points), half-open `[start, end)`. Fields that hold patient
text are left out of `repr`, so that a value in a log line or a traceback shows ids and counts only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class SectionKind(StrEnum):
    """What a section is about. The set is small on purpose: questions are asked in these words."""

    HISTORY = "history"
    SYMPTOMS = "symptoms"
    EXAMINATION = "examination"
    FINDINGS = "findings"
    RESULTS = "results"
    MEDICATIONS = "medications"
    DIAGNOSIS = "diagnosis"
    """Diagnosis, impression, assessment, conclusion."""
    PLAN = "plan"
    """Plan, recommendations, disposition, follow-up."""
    OTHER = "other"


class Mode(StrEnum):
    """What the clinician wants done with the report."""

    SUMMARIZE = "summarize"
    QUESTION = "question"
    ABNORMAL = "abnormal"
    COMPARE = "compare"


class Support(StrEnum):
    """Whether the sources state what a sentence of the answer states."""

    SUPPORTED = "supported"
    PARTIAL = "partial"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawReport:
    """A report as read from a file, identifiers and all. Lives in memory only."""

    text: str = field(repr=False)
    source_id: str | None = None
    """The id the file itself gives the report (`--id-field`); becomes the report's id."""
    patient: str | None = field(default=None, repr=False)
    """The patient as the file names them; only a keyed pseudonym of it is ever kept."""
    date: "date | None" = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what stands under it. `start` is the heading's first character, `end` the next heading's start
    or the end of the text."""

    heading: str
    kind: SectionKind
    start: int
    body_start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierSpan:
    """A piece of text that identifies somebody. Offsets in the original text."""

    start: int
    end: int
    type: str
    """`NAME`, `DATE`, `PHONE`, … (`assistant.deid.policy` lists them)."""
    score: float
    """Confidence, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """One placeholder in a masked text and what it stands for."""

    start: int
    end: int
    """Offsets of the placeholder in the masked text."""
    placeholder: str
    """What stands in the masked text: `[NAME_1]`, or something realistic where the settings want it."""
    span: IdentifierSpan
    realistic: bool = False
    """It reads like an original (a surrogate, a shifted date): nothing but this mask tells that it is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedText:
    """A text without its identifiers, and where they stood."""

    text: str = field(repr=False)
    masks: tuple[Mask, ...]

    @property
    def spans(self) -> tuple[IdentifierSpan, ...]:
        """The masked spans, with offsets in the original text."""
        return tuple(mask.span for mask in self.masks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A de-identified report."""

    id: str
    text: str = field(repr=False)
    sections: tuple[Section, ...] = ()
    patient: str | None = None
    """Keyed pseudonym: the same patient has the same one in every report of this installation."""
    day: int | None = None
    """Days on the patient's own shifted calendar: orders and spaces one patient's reports, dates none."""
    year: int | None = None
    title: str = field(default="", repr=False)
    """A few words to tell it from others in a list, taken from the masked text."""
    masked_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A passage of a report, the unit of retrieval. Offsets in the report's (masked) text."""

    id: str
    """`<report id>#<number>`."""
    report_id: str
    heading: str
    kind: SectionKind
    start: int
    end: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A chunk found by a search. `score` is unitless, higher is better, comparable within one search only."""

    chunk: Chunk
    score: float
    year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A text that an answer may rest on: the report asked about (`offset` 0), an earlier one, or a retrieved chunk."""

    report_id: str
    label: str
    """How people call it: `This report`, `Earlier report`, `Past report 0412`."""
    text: str = field(repr=False)
    offset: int = 0
    """Where `text` starts in its report; citations count from the report's start."""
    sections: tuple[Section, ...] = ()
    """The sections of the whole report, in report offsets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    role: str
    """`system`, `user` or `assistant`."""
    content: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An answer that a clinician accepted or corrected, to a similar question about another report."""

    turn_id: int
    key: str
    """The name of what was said, by which it can be switched off."""
    question: str = field(repr=False)
    answer: str = field(repr=False)
    """As the clinician left it."""
    given_at: datetime
    own: bool
    """Whether whoever asks now gave it."""
    corrected: bool
    """Whether it was corrected, or accepted as it was."""
    report: Report | None = None
    """The report that it is about, for `quoting`; language models are shown question and answer only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedExample:
    """Which earlier answer this one follows, as it is shown under the answer."""

    turn_id: int
    key: str
    given_at: datetime
    own: bool
    corrected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """All that a generator is given. Language models read `messages`; `quoting` reads the rest."""

    version: str
    mode: Mode
    question: str = field(repr=False)
    topic: str = field(default="", repr=False)
    """The question with a placeholder also where something realistic stands: what is asked, not about whom. Empty: as `question`."""
    messages: tuple[Message, ...]
    sources: tuple[Source, ...]
    """The report asked about first (if there is one), then the earlier report in `compare`, then retrieved chunks."""
    report: Report | None = None
    earlier: Report | None = None
    examples: tuple[Example, ...] = ()
    """Accepted answers to similar questions, best first, as far as there was room for them."""
    variant: int = 0
    """0: the best answer; 1 and up: another one to the same question, for the clinician to choose from."""
    trimmed: tuple[str, ...] = ()
    """What the messages leave out for lack of room, in words for people: `2 past reports`, `parts of the report`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a source says it. Offsets in the cited report's masked text; `quote` is exactly that slice."""

    report_id: str
    section: str
    quote: str = field(repr=False)
    start: int
    end: int
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSentence:
    """One sentence of an answer, with its support. `start`, `end`: its place in the answer."""

    text: str = field(repr=False)
    support: Support
    citations: tuple[Citation, ...] = ()
    start: int = 0
    end: int = 0
    reason: str = ""
    """Why support is missing, in words without patient text: `a number differs`, `no source says this`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete answer as shown."""

    text: str = field(repr=False)
    sentences: tuple[AnswerSentence, ...]
    model_id: str
    prompt_version: str
    timings_ms: Mapping[str, float]
    """By stage: `deidentify`, `retrieve`, `prompt`, `first_token`, `generate`, `ground`, `total`."""
    sources: tuple[Source, ...] = ()
    stopped: bool = False
    trimmed: tuple[str, ...] = ()
    """What the model was not shown because it reads no more; quoting reads everything."""
    fallback: str | None = None
    """Why the answer was quoted although a model was set, or `None`."""
    examples: tuple[UsedExample, ...] = ()
    """The earlier answers of clinicians that this one follows."""
