"""Which places of a report a reviewer can walk to. All people are invented."""

from dataclasses import replace

from assistant.deid.mask import Placeholders, apply_masks
from assistant.deid.residual import RULES, Residual
from assistant.schema import IdentifierSpan, RawReport, Report
from ui.desk_values import LoadedReport
from ui.spots import State, find_changes, find_spots, in_words

TEXT = "Quill met Odell. Quill's cough; QUILL rests at Mill Lane."


def at(words: str, number: int = 0) -> tuple[int, int]:
    start = -1
    for _ in range(number + 1):
        start = TEXT.index(words, start + 1)
    return start, start + len(words)


def reviewed() -> LoadedReport:
    """Two masks of one name (one in doubt), one by hand, one unmasked."""
    spans = [
        IdentifierSpan(start=start, end=end, type=kind, score=score)
        for (start, end), kind, score in (
            (at("Quill"), "NAME", 0.95),
            (at("Quill", 1), "NAME", 0.5),
            (at("cough"), "OTHER", 1.0),
        )
    ]
    placeholders = Placeholders()
    masked = apply_masks(TEXT, spans, placeholders)
    return LoadedReport(
        raw=RawReport(text=TEXT), masked=masked, report=Report(id="r1", text=masked.text), placeholders=placeholders,
        keep=(at("Mill Lane"),), add=(at("cough"),),
    )  # fmt: skip


def test_every_place_has_its_state_in_the_order_of_the_text() -> None:
    spots = find_spots(reviewed())
    assert [spot.state for spot in spots] == [State.SURE, State.DOUBT, State.YOURS, State.UNMASKED]
    assert [spot.told for spot in spots] == ["95 % sure", "50 % sure, in doubt", "masked by you", "unmasked by you"]
    assert [(spot.start, spot.end) for spot in spots] == [at("Quill"), at("Quill", 1), at("cough"), at("Mill Lane")]


def test_places_with_the_same_words_know_how_many_they_are() -> None:
    assert [spot.alike for spot in find_spots(reviewed())] == [2, 2, 1, 1]


def test_where_masks_and_unmasked_words_meet_the_mask_wins() -> None:
    start, end = at("Quill")
    spots = find_spots(replace(reviewed(), keep=((start, end + 4),)))
    assert [TEXT[spot.start : spot.end] for spot in spots if spot.state is State.UNMASKED] == [" met"]


def test_what_is_to_be_checked_says_what_it_may_be_and_why() -> None:
    (start, end), (left, right) = at("Odell"), at("QUILL")
    residual = (
        Residual(start=start, end=end, type="NAME", reason="beside a mask"),
        Residual(start=left, end=right, type="MRN", reason=RULES),
    )
    spots = [spot for spot in find_spots(replace(reviewed(), residual=residual)) if spot.state is State.CHECK]
    assert [spot.original for spot in spots] == ["Odell", "QUILL"]
    assert [spot.told for spot in spots] == ["to check: name? beside a mask", "to check: MRN? the rules find it now"]
    assert [spot.alike for spot in spots] == [1, 1], "a mask of the same words is another matter"


def test_what_was_left_as_text_can_be_walked_to_and_is_listed() -> None:
    loaded = replace(reviewed(), confirmed=(at("Odell"),))
    assert State.LEFT in [spot.state for spot in find_spots(loaded)]
    assert ("Odell", State.LEFT) in [(change.original, change.state) for change in find_changes(loaded)]


def test_changes_by_hand_are_listed_once_for_the_same_words() -> None:
    loaded = replace(reviewed(), add=(at("QUILL"), at("Quill"), at("cough")))
    listed = [(change.original, change.state, change.places) for change in find_changes(loaded)]
    assert listed == [("Quill", State.YOURS, 2), ("cough", State.YOURS, 1), ("Mill Lane", State.UNMASKED, 1)]


def test_kinds_are_words() -> None:
    assert [in_words(kind) for kind in ("HEALTH_PLAN", "MRN", "NAME")] == ["health plan", "MRN", "name"]


def test_a_spot_shows_no_text_in_its_name() -> None:
    assert "Quill" not in repr(find_spots(reviewed()))
    assert "Mill" not in repr(find_changes(reviewed()))
