"""Curves and bars as SVG: what is drawn, and what it says to those who do not see it."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.render_curves import Chart, Line, bars, chart, number

LOSS = Chart("Loss", [Line("training", [(1, 2.0), (2, 1.5), (3, 0.41234)]), Line("validation", [(2, 1.75), (3, 0.5)])])


def drawn(html: str) -> ElementTree.Element:
    """The figure as a tree: it is well-formed, or this raises."""
    return ElementTree.fromstring(html)


def test_two_lines_are_told_apart_without_colour_and_named_with_their_latest_value() -> None:
    figure = drawn(chart(LOSS))
    assert [line.get("class") for line in figure.iter("polyline")] == ["curve solid", "curve dashed"]
    caption = figure.find("figcaption")
    assert caption is not None
    assert "".join(caption.itertext()) == "Loss training 0.412validation 0.5"


def test_it_is_told_in_words_to_those_who_do_not_see_it() -> None:
    (svg,) = [svg for svg in drawn(chart(LOSS)).iter("svg") if svg.get("role") == "img"]
    label = "Loss: training from 2 to 0.412 at step 3; validation from 1.75 to 0.5 at step 3"
    assert svg.get("aria-label") == label


def test_one_point_is_a_dot_and_no_point_is_nothing() -> None:
    assert 'class="dot solid"' in chart(Chart("Loss", [Line("training", [(1, 2.0)])]))
    assert chart(Chart("Loss", [Line("training", [])])) == ""


def test_a_loss_that_blew_up_leaves_the_rest_of_the_curve() -> None:
    html = chart(Chart("Loss", [Line("training", [(1, 2.0), (2, float("nan")), (3, float("inf")), (4, 1.0)])]))
    assert "nan" not in html
    assert "inf" not in html
    assert "from 2 to 1 at step 4" in html


def test_a_long_curve_is_thinned_and_keeps_its_latest_point() -> None:
    html = chart(Chart("Loss", [Line("training", [(step, 1 / step) for step in range(1, 5001)])]))
    (curve,) = drawn(html).iter("polyline")
    assert len((curve.get("points") or "").split()) <= 300
    assert "at step 5,000" in html


@given(st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=2, max_size=30), st.booleans())
def test_whatever_the_values_every_point_lies_within_the_axes(values: list[float], from_zero: bool) -> None:
    line = Line("training", list(enumerate(values, start=1)))
    figure = drawn(chart(Chart("Any", [line], from_zero=from_zero)))
    (curve,) = figure.iter("polyline")
    heights = [float(grid.get("y1") or "") for grid in figure.iter("line") if grid.get("class") == "grid"]
    for point in (curve.get("points") or "").split():
        x, y = map(float, point.split(","))
        assert 46 <= x <= 312
        assert min(heights) - 0.11 <= y <= max(heights) + 0.11
    assert 2 <= len(heights) <= 6


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param(0.0, "0", id="zero"),
        pytest.param(0.41234, "0.412", id="three digits"),
        pytest.param(0.5, "0.5", id="no empty decimals"),
        pytest.param(0.0000871, "0.0000871", id="a learning rate, without powers of ten"),
        pytest.param(5000, "5,000", id="many steps"),
        pytest.param(-1.25, "-1.25", id="a negative margin"),
    ],
)
def test_numbers_are_short(value: float, written: str) -> None:
    assert number(value) == written


def test_bars_grow_with_their_number_and_the_present_week_stands_out() -> None:
    (_, low, high, now) = drawn(bars([0, 2, 8, 4], name="Corrections")).iter("rect")
    assert float(high.get("height") or 0) > float(now.get("height") or 0) > float(low.get("height") or 0)
    assert now.get("class") == "bar now"
    assert "Corrections a week, the latest last: 0, 2, 8, 4" in bars([0, 2, 8, 4], name="Corrections")


def test_weeks_without_anything_are_a_line_at_the_bottom() -> None:
    heights = {bar.get("height") for bar in drawn(bars([0, 0, 0], name="Choices")).iter("rect")}
    assert heights == {"1.5"}
