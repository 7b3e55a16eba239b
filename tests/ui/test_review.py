"""What a reviewer's steps do to a report, over real de-identification. All people are invented."""

from collections.abc import Callable

import pytest

from ui.desk import Desk, LoadedReport
from ui.review import Review
from ui.wiring import Parts

NOTE = """Patient: Ottilie Brannigan, MRN 8812-4471

HISTORY: Her beekeeper drove her; the beekeeper's van broke down. BEEKEEPER and cough. Mrs. Brannigan coughs.
Brannigan rests, and Brannigan's van is lent.

PLAN: Rest."""


@pytest.fixture
def desk(parts: Parts) -> Desk:
    return parts.desk


@pytest.fixture
def review(desk: Desk) -> Review:
    return Review(desk)


@pytest.fixture
def loaded(desk: Desk) -> LoadedReport:
    return desk.load_text(NOTE)


def at(text: str, words: str, number: int = 0) -> tuple[int, int]:
    start = -1
    for _ in range(number + 1):
        start = text.index(words, start + 1)
    return start, start + len(words)


def originals(loaded: LoadedReport) -> list[str]:
    return [loaded.original[span.start : span.end] for span in loaded.masked.spans]


def test_a_miss_is_masked_and_what_is_like_it_is_told(review: Review, loaded: LoadedReport) -> None:
    after, said = review.mask(loaded, at(NOTE, "beekeeper"))
    assert originals(after).count("beekeeper") == 1
    assert said == "1 place masked. “a” masks 2 more like it."


def test_all_like_it_are_masked_in_one_step(review: Review, loaded: LoadedReport) -> None:
    after, said = review.mask_alike(loaded, at(NOTE, "beekeeper"))
    assert said == "3 places masked."
    assert "beekeeper" not in after.report.text.casefold()
    assert after.report.text.count("[OTHER_1]") == 3
    assert "[OTHER_1]'s van" in after.report.text
    again, said = review.mask_alike(after, at(NOTE, "BEEKEEPER"))
    assert again is after
    assert said == "Every place like it is masked already."


def test_only_the_places_that_show_are_counted(review: Review, loaded: LoadedReport) -> None:
    one, _ = review.mask(loaded, at(NOTE, "beekeeper"))
    assert review.mask_alike(one, at(NOTE, "beekeeper"))[1] == "2 places masked."


def test_a_false_alarm_is_unmasked_alone_or_with_all_like_it(review: Review, loaded: LoadedReport) -> None:
    alone, said = review.unmask(loaded, at(NOTE, "Brannigan", 2))
    assert "Brannigan rests" in alone.report.text
    assert "Brannigan's" not in alone.report.text
    assert said == "1 place unmasked. “A” unmasks 1 more like it."
    every, said = review.unmask_alike(loaded, at(NOTE, "Brannigan", 2))
    assert said == "2 places unmasked."
    assert "Brannigan rests, and Brannigan's" in every.report.text
    assert "Ottilie Brannigan" in originals(every), "a longer name is another one"


@pytest.mark.parametrize(
    ("steps", "keep", "add"),
    [
        pytest.param(["unmask MRN"], ["8812-4471"], [], id="a false alarm is kept as text"),
        pytest.param(["mask Rest", "unmask Rest"], [], [], id="one's own mask is taken away, not kept as text"),
        pytest.param(["unmask MRN", "mask MRN"], [], [], id="a false alarm that was none is its recognizer's again"),
        pytest.param(["mask Rest"], [], ["Rest"], id="a miss is masked"),
        pytest.param(["mask Rest", "revert Rest"], [], [], id="a mask by hand is reverted"),
        pytest.param(["unmask MRN", "revert MRN"], [], [], id="an unmasked span is reverted"),
        pytest.param(["mask_alike bee", "revert bee"], [], [], id="what was done to all is reverted for all"),
        pytest.param(["mask_alike bee", "unmask_alike bee"], [], [], id="all like it, and all of them back"),
    ],
)
def test_what_is_decided(
    review: Review, loaded: LoadedReport, steps: list[str], keep: list[str], add: list[str]
) -> None:
    spans = {"MRN": at(NOTE, "8812-4471"), "Rest": at(NOTE, "Rest"), "bee": at(NOTE, "beekeeper")}
    for step in steps:
        name, _, where = step.partition(" ")
        do: Callable[[LoadedReport, tuple[int, int]], tuple[LoadedReport, str]] = getattr(review, name)
        loaded, _ = do(loaded, spans[where])
    assert [NOTE[a:b] for a, b in loaded.keep] == keep
    assert [NOTE[a:b] for a, b in loaded.add] == add


def test_what_is_masked_again_is_masked_whole(review: Review, loaded: LoadedReport) -> None:
    # A mask by hand that runs into a found one is one mask with it.
    start, end = at(NOTE, "Patient: Ottilie Brannigan")
    wide, _ = review.mask(loaded, (start, end - 4))
    assert originals(wide)[0] == "Patient: Ottilie Brannigan"
    bare, _ = review.unmask(wide, (start, end))
    assert "Patient: Ottilie Brannigan" in bare.report.text
    again, said = review.mask(bare, (start, end))
    assert originals(again)[0] == "Patient: Ottilie Brannigan"
    assert said == "1 place masked."


def test_a_mask_by_hand_over_a_found_one_leaves_that_behind(review: Review, loaded: LoadedReport) -> None:
    span = at(NOTE, "Patient: Ottilie Brannigan, MRN")
    over, _ = review.mask(loaded, span)
    after, said = review.unmask(over, span)
    assert "Ottilie Brannigan" in originals(after)
    assert said == "Your mask is gone; what was found there before stays masked."


def test_a_step_changes_nothing_in_place(review: Review, loaded: LoadedReport) -> None:
    before = loaded.report.text
    review.mask_alike(loaded, at(NOTE, "beekeeper"))
    assert loaded.report.text == before
    assert loaded.add == ()


# ── what still looks like an identifier ───────────────────────────────────────────────────────────────────────────────

OPEN = "HISTORY: The number read out was four seven one nine two six last week, then again four seven one nine two six. Rang 555 01722.\n\nPLAN: Rest."


def test_what_is_to_be_checked_can_be_left_or_masked(review: Review, desk: Desk) -> None:
    loaded = desk.load_text(OPEN)
    words = [loaded.original[place.start : place.end] for place in loaded.residual]
    assert words.count("four seven one nine two six") == 2
    one, said = review.confirm(loaded, at(OPEN, "four seven one nine two six"))
    assert len(one.residual) == len(loaded.residual) - 1
    assert said == "Left as text. “X” leaves 1 more like it."
    both, said = review.confirm_alike(loaded, at(OPEN, "four seven one nine two six"))
    assert said == "2 places left as text."
    assert "four seven one nine two six" not in [both.original[place.start : place.end] for place in both.residual]
    masked, _ = review.mask_alike(loaded, at(OPEN, "four seven one nine two six"))
    assert "four seven one nine two six" not in masked.report.text


def test_what_was_left_can_be_reverted_or_masked_after_all(review: Review, desk: Desk) -> None:
    loaded = desk.load_text(OPEN)
    left, _ = review.confirm_alike(loaded, at(OPEN, "four seven one nine two six"))
    back, said = review.revert(left, at(OPEN, "four seven one nine two six"))
    assert back.residual == loaded.residual
    assert (back.confirmed, said) == ((), "Reverted.")
    masked, _ = review.mask(left, at(OPEN, "four seven one nine two six"))
    assert masked.confirmed == (at(OPEN, "four seven one nine two six", 1),)


def test_a_decision_about_a_mask_keeps_what_was_left(review: Review, desk: Desk) -> None:
    left, _ = review.confirm(desk.load_text(OPEN), at(OPEN, "four seven one nine two six"))
    after, _ = review.mask(left, at(OPEN, "Rest"))
    assert after.confirmed == (at(OPEN, "four seven one nine two six"),)
