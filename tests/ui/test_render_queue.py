"""The Review tab's HTML: what a reviewer needs stands there, escaped, and only what can be done can be clicked."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from assistant.schema import Answer, Mode, Source
from feedback.items import Standing
from feedback.queue import ReviewItem
from feedback.schema import Ruling, Turn
from tests.ui.test_render import HOSTILE, Page
from ui import render_queue

AT = datetime(2026, 11, 12, 14, 10, tzinfo=UTC)
TURN = Turn(
    id=17, conversation_id=3, rater="dr-a", mode=Mode.SUMMARIZE, question="Summarise this report.", messages=(), report_id="r-0412",
    answer=Answer(
        text="Pneumonia.", sentences=(), model_id="starter", prompt_version="1", timings_ms={},
        sources=(Source(report_id="r-0412", label="This report", text="IMPRESSION: Pneumonia."),),
    ),
    created_at=AT,
)  # fmt: skip
ITEM = ReviewItem(
    key="edit-5", turn=TURN, original="Pneumonia.", better="Pneumonia on the right.", source="edit", rater="dr-a",
    said_at=AT, reasons=("the correction says what no source says",), sentences=("Pneumonia on the right.",),
)  # fmt: skip


def panel(item: ReviewItem | None = ITEM, *, rater: str = "dr-b", **kwargs: Any) -> str:
    return render_queue.item_panel(item, place=(3, 12), rater=rater, zone=UTC, **kwargs)


def acts(html: str) -> dict[str, bool]:
    """What can be asked for, and whether it can be clicked now."""
    return {
        str(attributes["data-act"]): "disabled" not in attributes
        for tag, attributes in Page(html).elements
        if tag == "button" and attributes.get("data-act")
    }


def test_an_entry_says_what_why_from_whom_and_where_in_the_queue() -> None:
    text = " ".join(Page(panel()).text.split())
    for said in (
        "Correction", "3 of 12", "The correction says what no source says.", "“Pneumonia on the right.”", "Summarise this report.",
        "said by dr-a", "12 Nov 2026, 14:10", "report r-0412", "answered by starter", "as it stands: teaches nothing",
        "IMPRESSION: Pneumonia.",
    ):  # fmt: skip
        assert said in text


def test_a_correction_is_shown_as_its_difference() -> None:
    assert "Pneumonia<ins> on the right</ins>." in panel()


def test_of_two_answers_both_are_shown() -> None:
    text = Page(panel(replace(ITEM, source="choice", key="choice-5"))).text
    assert (
        text.index("Preferred")
        < text.index("Pneumonia on the right.", text.index("Preferred"))
        < text.index("The other")
    )


@pytest.mark.parametrize(
    ("change", "rater", "expected"),
    [
        pytest.param({}, "dr-b", {"accept": True, "discard": True}, id="a reviewer accepts or discards"),
        pytest.param({}, "dr-a", {"accept": True, "discard": True, "withdraw": True}, id="whoever said it can withdraw it"),
        pytest.param(
            {"standing": Standing(ruling=Ruling.ACCEPT)}, "dr-b", {"accept": False, "discard": True}, id="what is accepted can be discarded"
        ),
        pytest.param({"standing": Standing(withdrawn=True)}, "dr-b", {}, id="nobody overrules a withdrawal"),
        pytest.param({"standing": Standing(withdrawn=True)}, "dr-a", {"restore": True}, id="but its author"),
        pytest.param(
            {"key": None, "source": "answer", "better": None}, "dr-a", {"accept": True, "discard": True},
            id="of an answer that nobody spoke about nothing can be withdrawn",
        ),
    ],
)  # fmt: skip
def test_only_what_can_be_done_can_be_clicked(change: dict[str, Any], rater: str, expected: dict[str, bool]) -> None:
    assert acts(panel(replace(ITEM, **change), rater=rater)) == expected


def test_markup_in_anything_that_somebody_wrote_is_shown_and_never_run() -> None:
    turn = replace(
        TURN,
        question=HOSTILE,
        answer=replace(TURN.answer, text=HOSTILE, sources=(replace(TURN.answer.sources[0], text=HOSTILE),)),
    )
    item = replace(
        ITEM,
        turn=turn,
        original=HOSTILE,
        better=f"{HOSTILE} more",
        comment=HOSTILE,
        sentences=(HOSTILE,),
        rater=HOSTILE,
    )
    for html in (panel(item), render_queue.queue_panel([item], opened=None, everything=True, zone=UTC)):
        tags = {tag for tag, _ in Page(html).elements}
        assert not tags & {"script", "img"}
        assert not any(name.startswith("on") for _, attributes in Page(html).elements for name in attributes)


def test_the_list_says_why_each_waits_and_which_is_open() -> None:
    other = replace(ITEM, key="edit-6")
    page = Page(render_queue.queue_panel([ITEM, other], opened="edit-6", everything=False, zone=UTC))
    assert "2 waiting" in page.text
    assert "the correction says what no source says" in page.text
    current = [attributes.get("aria-current") for tag, attributes in page.elements if tag == "li"]
    assert current == [None, "true"]


def test_an_empty_queue_is_calm() -> None:
    assert "Nothing waits." in render_queue.queue_panel([], opened=None, everything=False, zone=UTC)
    assert "Nothing is open." in panel(None)
