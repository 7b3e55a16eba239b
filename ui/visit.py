"""What one browser session has on its screen. Lives in memory, and is emptied when the session ends."""

import asyncio
from dataclasses import dataclass, field

from assistant.schema import Answer, Citation, Report
from feedback.schema import Conversation, Edit, RatedTurn, Rating
from ui.desk_values import LoadedReport

_STEPS = 30
"""Changes of masks that can be taken back: enough for any slip, and a long report many times over is still little."""


@dataclass(slots=True)
class ShownTurn:
    """A question and its answer on the screen."""

    question: str = field(repr=False)
    answer: Answer
    turn_id: int | None = None
    """`None` for an answer that was stopped before it was kept: nothing can be said about it."""
    rating: Rating | None = None
    edit: Edit | None = None
    kept: str = ""
    """What became of the correction saved just now; the difference is shown with it."""
    conflict: Edit | None = None
    """Another window's correction, saved while this one was being typed."""
    problem: str = ""
    other: "ShownTurn | None" = None
    """The second answer to the same question."""
    chosen: int | None = None
    """Turn id of the better of the two, once chosen."""
    unfollowed: set[str] = field(default_factory=set)
    """Keys of the earlier answers that were switched off under this one."""


@dataclass(slots=True)
class Visit:
    """One browser session. The original text of the report (in `loaded`) is here and nowhere else."""

    rater: str = ""
    loaded: LoadedReport | None = None
    before: list[LoadedReport] = field(default_factory=list, repr=False)
    """The report as it was before each change of its masks, the latest last."""
    stored: Report | None = None
    """Instead of `loaded`: a report of which only the masked text is known (from the library, or after a reload)."""
    example: str = ""
    """Which of the invented examples is loaded, if one is: it can be compared with the others."""
    waiting: list[LoadedReport] = field(default_factory=list)
    """The reports of a table file, until one of them is chosen."""
    earlier: Report | None = None
    conversation_id: int | None = None
    turns: list[ShownTurn] = field(default_factory=list)
    ingested: list[tuple[str, str, int, int, str]] = field(default_factory=list, repr=False)
    """Per file: name, report id, masked spans, sections, result in words."""
    quoted: Citation | None = None
    """The citation whose source is open."""
    sources_of: int | None = None
    """The turn whose sources are listed; `None` for the latest."""
    run: str | None = None
    """The run that is open in the Training tab; `None` is the latest."""
    review_item: str | None = None
    """The entry that is open in the Review tab."""
    review_all: bool = False
    """Whether the Review tab also lists what does not wait for anybody."""
    loop_shown: dict[str, str] = field(default_factory=dict, repr=False)
    """What the Training tab was sent last, by region: only what differs is sent again."""
    stop: asyncio.Event | None = None
    """Set to stop the answer that is being written; `None` while none is."""
    changing: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False, compare=False)
    """Held while the report's masks change: two quick clicks must not undo each other, and a question that is asked
    right after a mask must see the masked text."""

    @property
    def report(self) -> Report | None:
        return self.loaded.report if self.loaded else self.stored

    def turn(self, turn_id: int) -> ShownTurn:
        """Raises `LookupError` for a turn that is not on this screen."""
        for turn in self.turns:
            for shown in (turn, turn.other):
                if shown is not None and shown.turn_id == turn_id:
                    return shown
        raise LookupError("no such turn on this screen")

    def change(self, loaded: LoadedReport) -> None:
        """Other masks; what was before can be had back."""
        if self.loaded is not None:
            self.before = [*self.before[1 - _STEPS :], self.loaded]
        self.loaded = loaded

    def show(self, conversation: Conversation) -> None:
        """Put a kept conversation on the screen."""
        self.conversation_id = conversation.id
        # The original survives switching between conversations about the report that is loaded.
        if self.loaded is None or conversation.report is None or self.loaded.report.id != conversation.report.id:
            self.loaded, self.stored, self.before = None, conversation.report, []
        self.earlier = conversation.earlier
        self.turns = shown_turns(conversation.turns)

    def of(self, rater: str) -> "Visit":
        """The visit of this person: whoever signs in next in the same browser does not see the last one's report."""
        if self.rater not in ("", rater):
            self.clear()
            self.run, self.loop_shown = None, {}
            self.review_item, self.review_all = None, False
        self.rater = rater
        return self

    def clear_conversation(self) -> None:
        """An answer that is being written belongs to the conversation that is left: it is stopped, and kept there."""
        if self.stop is not None:
            self.stop.set()
        self.conversation_id = self.quoted = self.sources_of = None
        self.turns = []

    def clear(self) -> None:
        """Forget everything, the original text first."""
        self.loaded = self.stored = self.earlier = None
        self.before = []
        self.example = ""
        self.waiting = []
        self.ingested = []
        self.clear_conversation()


def shown_turns(turns: tuple[RatedTurn, ...]) -> list[ShownTurn]:
    """Second answers are placed beside the answers they are alternatives of."""
    shown: dict[int, ShownTurn] = {}
    for rated in turns:
        turn = rated.turn
        entry = ShownTurn(
            question=turn.question, answer=turn.answer, turn_id=turn.id, rating=rated.rating, edit=rated.edit
        )
        first = shown.get(turn.alternative_of) if turn.alternative_of is not None else None
        if first is not None and first.other is None:
            first.other = entry
        else:
            shown[turn.id] = entry
    return list(shown.values())
