"""Nothing is kept at the desk while a place still looks like an identifier. All people and reports are invented.

Numbers read out are what only the second look sees.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest

from assistant.errors import DeidError, NeedsReview
from assistant.schema import Mode, RawReport
from ui.desk import Desk
from ui.desk_values import Ask, TurnKept
from ui.wiring import Parts

REPORT = "Read by four seven one nine two six, then told three eight five two nine one.\nIMPRESSION: Right lower lobe pneumonia.\n"
FIRST = (REPORT.index("four seven one nine two six"), REPORT.index("four seven one nine two six") + 27)
SECOND = (REPORT.index("three eight five two nine one"), REPORT.index("three eight five two nine one") + 29)
STRICT: dict[str, str] = {}


@pytest.fixture
def strict(make_parts: Callable[..., Parts]) -> Parts:
    return make_parts(deid=STRICT)


@pytest.fixture
def desk(strict: Parts) -> Desk:
    return strict.desk


def rows(parts: Parts, table: str) -> int:
    """Rows in the database file itself."""
    parts.library.count()  # the database is made when it is first asked for
    with contextlib.closing(sqlite3.connect(parts.data_dir / "curbside.db")) as connection:
        return connection.execute(f"select count(*) from {table}").fetchone()[0]


def open_places(loaded) -> list[str]:
    return [loaded.original[place.start : place.end] for place in loaded.residual]


async def ask(desk: Desk, **asking) -> list:
    return [event async for event in desk.ask(Ask(rater="invented", text="", mode=Mode.SUMMARIZE, **asking))]


def test_keep_is_refused_until_each_place_was_masked_or_confirmed(desk: Desk, strict: Parts) -> None:
    loaded = desk.load_text(REPORT)
    assert open_places(loaded) == ["four seven one nine two six", "three eight five two nine one"]
    with pytest.raises(NeedsReview, match="2 places still look like identifiers"):
        desk.keep_report(loaded)
    loaded = desk.remask(loaded, keep=(), add=[FIRST])
    assert open_places(loaded) == ["three eight five two nine one"]
    with pytest.raises(NeedsReview, match="1 place still looks like an identifier"):
        desk.keep_report(loaded)
    assert rows(strict, "report") == 0
    loaded = desk.confirm(loaded, SECOND)
    assert loaded.residual == ()
    kept = desk.keep_report(loaded)
    assert kept.state == "added"
    assert desk.report(kept.report_id or "").text.startswith(
        "Read by [OTHER_1], then told three eight five two nine one."
    )


def test_what_was_confirmed_stays_confirmed_when_masks_change(desk: Desk) -> None:
    loaded = desk.confirm(desk.load_text(REPORT), SECOND)
    loaded = desk.remask(loaded, keep=(), add=[FIRST])
    assert (loaded.confirmed, loaded.residual) == ((SECOND,), ())
    loaded = desk.remask(loaded, keep=(), add=())
    assert open_places(loaded) == ["four seven one nine two six"]


def test_a_confirmation_of_a_part_leaves_the_rest(desk: Desk) -> None:
    loaded = desk.load_text("IMPRESSION: film four seven one nine two six shown.")
    start = loaded.original.index("four")
    assert open_places(loaded) == ["four seven one nine two six"]
    assert open_places(desk.confirm(loaded, (start, start + 4))) == ["seven one nine two six"]


def test_the_same_place_comes_back_when_the_text_changed(desk: Desk) -> None:
    loaded = desk.confirm(desk.confirm(desk.load_text(REPORT), FIRST), SECOND)
    changed = desk.load_text(f"Addendum. {REPORT}", confirmed=loaded.confirmed)
    assert open_places(changed) == ["four seven one nine two six", "three eight five two nine one"]


def test_a_confirmation_outside_the_text_is_refused(desk: Desk) -> None:
    with pytest.raises(DeidError, match="outside the text"):
        desk.confirm(desk.load_text(REPORT), (5, 500))


def test_everything_open_can_be_masked_at_once(desk: Desk) -> None:
    loaded = desk.mask_residual(desk.load_text(REPORT))
    assert loaded.report.text.startswith("Read by [OTHER_1], then told [OTHER_2].")
    assert desk.keep_report(loaded).state == "added"


def test_a_question_about_an_unreviewed_report_is_not_asked_and_nothing_is_kept(desk: Desk, strict: Parts) -> None:
    loaded = desk.load_text(REPORT)
    with pytest.raises(NeedsReview):
        asyncio.run(ask(desk, loaded=loaded))
    assert rows(strict, "conversation") == 0
    events = asyncio.run(ask(desk, loaded=desk.mask_residual(loaded)))
    assert isinstance(events[-1], TurnKept)
    assert rows(strict, "conversation") == 1


def test_nobody_is_stopped_from_asking_and_what_was_typed_is_masked(desk: Desk) -> None:
    loaded = desk.confirm(desk.mask_residual(desk.load_text(REPORT)), SECOND)

    async def asked() -> str:
        asking = Ask(rater="invented", text="What did nine two two six one four say of the pneumonia?", loaded=loaded)
        events = [event async for event in desk.ask(asking)]
        assert isinstance(events[-1], TurnKept)
        conversation = desk.conversation(events[-1].conversation_id, "invented")
        return conversation.turns[0].turn.question

    assert asyncio.run(asked()) == "What did [OTHER_3] say of the pneumonia?"


def test_corrections_and_comments_are_masked_without_asking(desk: Desk) -> None:
    loaded = desk.confirm(desk.remask(desk.load_text(REPORT), keep=(), add=[FIRST]), SECOND)
    events = asyncio.run(ask(desk, loaded=loaded))
    turn, conversation = events[-1].turn_id, events[-1].conversation_id
    desk.rate(turn, rater="invented", thumbs=-1, comment="nine two two six one four disagrees")
    answer = desk.conversation(conversation, "invented").turns[0].turn.answer.text
    desk.correct(
        turn, rater="invented", text=f"{answer} three eight five two nine one and nine two two six one four agree."
    )
    kept = desk.conversation(conversation, "invented").turns[0]
    assert kept.edit is not None
    assert "nine two two six one four" not in kept.edit.edited_answer
    if "three eight five two nine one" in answer:
        assert "three eight five two nine one" in kept.edit.edited_answer, (
            "what the answer says already is not hidden in its correction"
        )


def test_where_nobody_looks_what_is_in_doubt_is_masked_at_once(make_parts: Callable[..., Parts]) -> None:
    desk = make_parts(deid={**STRICT, "on_residual": "mask"}).desk
    loaded = desk.load_text(REPORT)
    assert loaded.residual == ()
    assert "four seven one nine two six" not in loaded.report.text
    unmasked = desk.remask(loaded, keep=[FIRST], add=())
    assert "four seven one nine two six" in unmasked.report.text, "a person still has the last word"


@pytest.mark.parametrize("name", ["discharge_summary", "follow_up_note", "radiology_report"])
def test_the_example_reports_need_no_review(name: str, parts: Parts, example: Callable[[str], str]) -> None:
    assert parts.desk.load_text(example(name)).residual == ()


def test_a_patient_named_by_the_table_is_looked_for_in_the_text(desk: Desk) -> None:
    loaded = desk.load(RawReport(text="IMPRESSION: pneumonia, repeat zorbick film.", patient="Zorbick, Wendelin"))
    assert open_places(loaded) == ["zorbick"]
    assert open_places(replace(loaded, residual=())) == []
