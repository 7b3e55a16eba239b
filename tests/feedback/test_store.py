"""Feedback is kept append-only, on both databases. Every text is invented."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from assistant.database import Database
from assistant.errors import ConversationNotFound, EditConflict, TurnNotFound
from assistant.schema import (
    Answer,
    AnswerSentence,
    Citation,
    Message,
    Mode,
    Report,
    Section,
    SectionKind,
    Source,
    Support,
)
from feedback.schema import Reason
from feedback.store import FeedbackStore

REPORT = Report(
    id="r-1",
    text="FINDINGS: Invented effusion.",
    sections=(Section(heading="FINDINGS", kind=SectionKind.FINDINGS, start=0, body_start=9, end=28),),
    patient="P-1",
    day=4,
    year=2024,
    title="Invented",
    masked_count=2,
)
ANSWER = Answer(
    text="An invented effusion.",
    sentences=(
        AnswerSentence(
            text="An invented effusion.",
            support=Support.PARTIAL,
            citations=(Citation(report_id="r-1", section="FINDINGS", quote="Invented effusion.", start=10, end=28),),
            start=0,
            end=21,
            reason="a number differs",
        ),
    ),
    model_id="quoting",
    prompt_version="1",
    timings_ms={"retrieve": 1.25, "total": 9.5},
    sources=(Source(report_id="r-1", label="This report", text=REPORT.text, sections=REPORT.sections),),
    fallback="the invented model server is away",
)
MESSAGES = (Message(role="system", content="Invented rules."), Message(role="user", content="What is invented?"))


@pytest.fixture
def store(database: Database) -> FeedbackStore:
    return FeedbackStore(database)


def start(store: FeedbackStore, rater: str = "dr-a") -> int:
    return store.start_conversation(rater=rater, title="Invented title", report=REPORT)


def add_turn(
    store: FeedbackStore, conversation_id: int, answer: Answer = ANSWER, report: Report = REPORT, **more
) -> int:
    return store.add_turn(
        conversation_id,
        rater="dr-a",
        question="Where is the invented effusion?",
        mode=Mode.QUESTION,
        answer=answer,
        messages=MESSAGES,
        report=report,
        **more,
    )


@pytest.fixture
def turn_id(store: FeedbackStore) -> int:
    return add_turn(store, start(store))


def test_a_conversation_comes_back_after_a_restart_as_it_was_shown(open_again: Callable[[], Database]) -> None:
    store = FeedbackStore(open_again())
    conversation_id = store.start_conversation(rater="dr-a", title="T", report=REPORT, earlier=REPORT)
    turn_id = add_turn(store, conversation_id)
    second = add_turn(store, conversation_id, alternative_of=turn_id)

    found = FeedbackStore(open_again()).conversation(conversation_id, rater="dr-a")
    assert (found.report, found.earlier, found.title) == (REPORT, REPORT, "T")
    first, other = (rated.turn for rated in found.turns)
    assert first.answer == ANSWER
    assert first.messages == MESSAGES
    assert (first.id, first.mode, first.report_id, first.patient) == (turn_id, Mode.QUESTION, "r-1", "P-1")
    assert (other.id, other.alternative_of) == (second, turn_id)
    assert datetime.now(UTC) - first.created_at < timedelta(minutes=5)


def test_the_sidebar_lists_ones_own_conversations_the_latest_first(store: FeedbackStore) -> None:
    first, second = start(store), start(store)
    start(store, rater="dr-b")
    add_turn(store, first)
    assert [(s.id, s.turns) for s in store.conversations("dr-a")] == [(second, 0), (first, 1)]
    assert [s.id for s in store.conversations("dr-a", offset=1, limit=1)] == [first]
    assert store.conversations("nobody") == []


def test_somebody_elses_conversation_is_not_found(store: FeedbackStore) -> None:
    id = start(store)
    for ask in (store.conversation, store.delete_conversation):
        with pytest.raises(ConversationNotFound):
            ask(id, rater="dr-b")
    assert store.conversation(id).rater == "dr-a"


def test_reports_and_title_of_a_conversation_can_be_put_right(store: FeedbackStore) -> None:
    id = start(store)
    store.set_reports(id, report=None, earlier=REPORT)
    store.rename(id, title="Better")
    found = store.conversation(id)
    assert (found.report, found.earlier, found.title) == (None, REPORT, "Better")


def test_a_later_rating_supersedes_and_the_earlier_one_stays(store: FeedbackStore, turn_id: int) -> None:
    store.rate(turn_id, rater="dr-a", thumbs=1)
    store.rate(turn_id, rater="dr-a", thumbs=-1, reason=Reason.WRONG, comment="Invented comment.")
    rating = store.conversation(1).turns[0].rating
    assert rating is not None
    assert (rating.thumbs, rating.reason, rating.comment) == (-1, Reason.WRONG, "Invented comment.")
    assert [r.thumbs for r in store.feedback().ratings] == [1, -1]
    counts = store.counts()
    assert (counts.thumbs_up, counts.thumbs_down, counts.reasons) == (0, 1, {Reason.WRONG: 1})


def test_edits_follow_each_other_and_the_answer_stays_as_shown(store: FeedbackStore, turn_id: int) -> None:
    first = store.edit(turn_id, rater="dr-a", edited_answer="Better.", reason=Reason.STYLE)
    store.edit(turn_id, rater="dr-a", edited_answer="Best.", based_on=first)
    rated = store.conversation(1).turns[0]
    assert rated.edit is not None
    assert (rated.edit.edited_answer, rated.edit.based_on) == ("Best.", first)
    assert rated.turn.answer == ANSWER
    assert [edit.edited_answer for edit in store.edits(turn_id)] == ["Better.", "Best."]


@pytest.mark.parametrize("based_on", [pytest.param(False, id="the answer"), pytest.param(True, id="an older edit")])
def test_a_second_window_does_not_save_over_a_newer_edit(store: FeedbackStore, turn_id: int, based_on: bool) -> None:
    seen = store.edit(turn_id, rater="dr-a", edited_answer="First.") if based_on else None
    newer = store.edit(turn_id, rater="dr-a", edited_answer="From window one.", based_on=seen)
    with pytest.raises(EditConflict, match="still in the editor"):
        store.edit(turn_id, rater="dr-a", edited_answer="From window two.", based_on=seen)
    assert store.edits(turn_id)[-1].edited_answer == "From window one."
    store.edit(turn_id, rater="dr-a", edited_answer="Both.", based_on=newer)


def test_an_edit_cannot_stand_on_one_that_never_was(store: FeedbackStore, turn_id: int) -> None:
    other = add_turn(store, start(store))
    foreign = store.edit(other, rater="dr-a", edited_answer="Elsewhere.")
    with pytest.raises(EditConflict):
        store.edit(turn_id, rater="dr-a", edited_answer="x", based_on=foreign)


def test_of_windows_that_save_at_the_same_moment_one_gets_through(
    open_again: Callable[[], Database], store: FeedbackStore, turn_id: int
) -> None:
    stores = [FeedbackStore(open_again()) for _ in range(4)]
    barrier, outcomes = threading.Barrier(4), []

    def save(store: FeedbackStore, text: str) -> None:
        barrier.wait()
        try:
            store.edit(turn_id, rater="dr-a", edited_answer=text)
            outcomes.append("kept")
        except EditConflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=save, args=(store, f"Window {n}.")) for n, store in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict"] * 3 + ["kept"]
    assert len(store.edits(turn_id)) == 1


def test_what_is_said_about_nothing_is_not_found(store: FeedbackStore, turn_id: int) -> None:
    with pytest.raises(ConversationNotFound):
        add_turn(store, 999)
    for say in (
        lambda: add_turn(store, 1, alternative_of=999),
        lambda: store.rate(999, rater="dr-a", thumbs=1),
        lambda: store.edit(999, rater="dr-a", edited_answer="x"),
        lambda: store.choose(chosen=turn_id, rejected=999, rater="dr-a"),
        lambda: store.choose(chosen=999, rejected=turn_id, rater="dr-a"),
        lambda: store.turn(999),
    ):
        with pytest.raises(TurnNotFound):
            say()
    assert store.counts().turns == 1


def test_a_deleted_conversation_takes_along_all_that_was_said_in_it(store: FeedbackStore, turn_id: int) -> None:
    second = add_turn(store, 1, alternative_of=turn_id)
    store.rate(turn_id, rater="dr-a", thumbs=1)
    store.edit(turn_id, rater="dr-a", edited_answer="x")
    store.choose(chosen=turn_id, rejected=second, rater="dr-a")
    kept = add_turn(store, start(store))
    store.rate(kept, rater="dr-a", thumbs=1)
    store.delete_conversation(1)
    said = store.feedback()
    assert [turn.id for turn in said.turns] == [kept]
    assert (len(said.ratings), said.edits, said.choices) == (1, (), ())
    with pytest.raises(ConversationNotFound):
        store.conversation(1)


def test_the_conversations_about_a_report_are_deleted_with_it_whoever_held_them(store: FeedbackStore) -> None:
    other = replace(REPORT, id="r-2", patient=None)
    mine, theirs = start(store), start(store, rater="dr-b")
    compared = store.start_conversation(rater="dr-a", title="Compared", report=other, earlier=REPORT)
    left = store.start_conversation(rater="dr-a", title="Moved on", report=REPORT)
    add_turn(store, left, report=REPORT)
    store.set_reports(left, report=other)
    kept = store.start_conversation(rater="dr-a", title="Another", report=other)
    for conversation_id in (mine, theirs, compared, kept):
        turn_id = add_turn(store, conversation_id, report=other)
        store.rate(turn_id, rater="dr-a", thumbs=-1, comment="Invented.")
    assert store.count_about("r-1") == 4
    assert store.delete_about("r-1") == 4
    assert (store.count_about("r-1"), store.delete_about("r-1")) == (0, 0)
    assert [summary.id for summary in store.conversations("dr-a")] == [kept]
    assert store.counts().turns == store.counts().thumbs_down == 1


def test_words_masked_later_are_taken_out_of_every_text_and_citations_still_fit(store: FeedbackStore) -> None:
    report = replace(
        REPORT,
        text="FINDINGS: Effusion seen by zorbick.\nPLAN: Ask [NAME_1] or ZORBICK again.",
        sections=(
            Section(heading="FINDINGS", kind=SectionKind.FINDINGS, start=0, body_start=9, end=36),
            Section(heading="PLAN", kind=SectionKind.PLAN, start=36, body_start=41, end=71),
        ),
        title="Seen by Zorbick",
    )
    quote = "Ask [NAME_1] or ZORBICK again."
    cited = replace(ANSWER.sentences[0].citations[0], quote=quote, start=41 + 1, end=42 + len(quote))
    text = "Zorbicky differs. Zorbick asks."
    sentence = replace(ANSWER.sentences[0], text="Zorbick asks.", start=18, end=31, citations=(cited,))
    source = replace(ANSWER.sources[0], text=report.text, sections=report.sections)
    answer = replace(ANSWER, text=text, sentences=(sentence,), sources=(source,))
    number = store.start_conversation(rater="dr-a", title=report.title, report=report, earlier=report)
    turn_id = store.add_turn(
        number, rater="dr-a", question="Who is Zorbick?", mode=Mode.QUESTION, answer=answer, report=report,
        messages=(Message(role="user", content=report.text),),
    )  # fmt: skip
    store.rate(turn_id, rater="dr-a", thumbs=-1, comment="Zorbick?")
    store.edit(turn_id, rater="dr-a", edited_answer="By zorbick.")
    strangers = store.start_conversation(rater="dr-b", title="Zorbick", report=report)
    assert store.scrub("r-1", rater="dr-a", words=[("NAME", " zorbick,")]) == 1
    kept = store.conversation(number)
    assert kept.report is not None
    assert kept.report.text == "FINDINGS: Effusion seen by [NAME_2].\nPLAN: Ask [NAME_1] or [NAME_2] again."
    assert kept.earlier == kept.report
    assert [kept.report.text[s.start : s.body_start] for s in kept.report.sections] == ["FINDINGS:", "PLAN:"]
    (rated,) = kept.turns
    assert rated.turn.answer.text == "Zorbicky differs. [NAME_2] asks."
    (sentence,) = rated.turn.answer.sentences
    assert rated.turn.answer.text[sentence.start : sentence.end] == sentence.text == "[NAME_2] asks."
    (cited,) = sentence.citations
    assert kept.report.text[cited.start : cited.end] == cited.quote == "Ask [NAME_1] or [NAME_2] again."
    assert (kept.title, rated.turn.question) == ("Seen by [NAME_2]", "Who is [NAME_2]?")
    assert rated.turn.messages[0].content == rated.turn.answer.sources[0].text == kept.report.text
    assert rated.rating is not None
    assert rated.edit is not None
    assert (rated.rating.comment, rated.edit.edited_answer) == ("[NAME_2]?", "By [NAME_2].")
    assert store.conversation(strangers).title == "Zorbick", "somebody else's conversation is theirs to change"


def test_a_forgotten_window_never_meets_a_strangers_answer(store: FeedbackStore, turn_id: int) -> None:
    store.delete_conversation(1)
    assert add_turn(store, start(store)) != turn_id


def test_only_turns_that_something_was_said_about_are_learned_from(store: FeedbackStore, turn_id: int) -> None:
    silent = add_turn(store, 1)
    store.edit(turn_id, rater="dr-a", edited_answer="x")
    assert [turn.id for turn in store.feedback().turns] == [turn_id]
    store.choose(chosen=silent, rejected=turn_id, rater="dr-a")
    assert [turn.id for turn in store.feedback().turns] == [turn_id, silent]


def test_counts_can_be_of_this_week(store: FeedbackStore, database: Database, turn_id: int) -> None:
    store.edit(turn_id, rater="dr-a", edited_answer="x", reason=Reason.MISSING)
    store.rate(turn_id, rater="dr-a", thumbs=1)
    store.choose(chosen=turn_id, rejected=add_turn(store, 1), rater="dr-a")
    everything = store.counts()
    assert (everything.conversations, everything.turns, everything.edits, everything.choices) == (1, 2, 1, 1)
    assert everything.thumbs_up == 1
    assert everything.reasons == {Reason.MISSING: 1}
    week_ago = datetime.now(UTC) - timedelta(days=7)
    with database.session(write=True) as session:
        session.execute(sa.text("UPDATE edit SET created_at = :at"), {"at": "2020-01-01 00:00:00+00:00"})
    assert store.counts(since=week_ago).edits == 0
    assert store.counts(since=week_ago).turns == 2


def test_no_text_is_readable_in_the_database(store: FeedbackStore, database: Database, turn_id: int) -> None:
    store.rate(turn_id, rater="dr-a", thumbs=1, comment="Invented comment.")
    store.edit(turn_id, rater="dr-a", edited_answer="Invented edit.")
    stored = b""
    with database.session() as session:
        for table in ("conversation", "turn", "rating", "edit"):
            for row in session.execute(sa.text(f"SELECT * FROM {table}")):
                stored += b"".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row)
    assert len(stored) > 1000
    for word in (b"nvented", b"effusion", b"comment", b"FINDINGS"):
        assert word not in stored


def test_no_text_is_in_repr(store: FeedbackStore, turn_id: int) -> None:
    store.rate(turn_id, rater="dr-a", thumbs=1, comment="Invented comment.")
    store.edit(turn_id, rater="dr-a", edited_answer="Invented edit.")
    shown = repr(store.conversation(1)) + repr(store.feedback()) + repr(store.conversations("dr-a"))
    assert "Invented" not in shown
    assert "dr-a" in shown
