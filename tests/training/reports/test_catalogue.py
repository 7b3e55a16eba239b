"""The lists that reports are made of: every slot can be filled, every value is known, every heading exists."""

import random

import pytest

from training.reports.catalogue import load_specialty, specialties
from training.reports.chance import Chance, Later
from training.reports.layouts import headings
from training.reports.measures import VITALS, measure
from training.reports.slots import Scope
from training.reports.writing import write_report


@pytest.mark.parametrize("name", specialties())
def test_every_condition_of_a_specialty_can_be_written(name: str) -> None:
    specialty = load_specialty(name)
    assert specialty.conditions
    for order in specialty.settings["orders"]:
        assert set(order.split()) <= set(headings())
    for condition in specialty.conditions.values():
        for quantity, direction in condition.values.items():
            measure(quantity.replace("_", " "), direction, words=Chance(1), numbers=Chance(2))
        topics = {line.topic for line in condition.lines}
        assert topics <= {topic for order in specialty.settings["orders"] for topic in order.split()}
    for seed in range(40):
        assert "{" not in write_report(random.Random(seed), specialty=name).text


def test_a_slot_keeps_what_it_chose() -> None:
    scope = Scope(Chance(1), Chance(2), {"side": ("left", "right")})
    first = scope.fill("A {a;b} mass of {size=10..90} mm on the {side}.", "one")
    assert scope.fill("{size} mm, {side}", "two") == f"{scope.kept['size']} mm, {scope.kept['side']}"
    assert f"of {scope.kept['size']} mm on the {scope.kept['side']}" in first


def test_an_unknown_slot_is_named() -> None:
    with pytest.raises(KeyError, match="flavour"):
        Scope(Chance(1), Chance(2), {}).fill("A {flavour} mass.", "one")


def test_numbers_stay_within_their_range_and_keep_their_decimals() -> None:
    written = [Scope(Chance(0), Chance(seed), {}).fill("{1.2..3.4}", "one") for seed in range(200)]
    assert all(1.2 <= float(number) <= 3.4 and len(number) == 3 for number in written)
    assert len(set(written)) > 15


def test_a_later_visit_keeps_about_half_of_the_numbers() -> None:
    first = Chance(11)
    later = Later(12, first)
    kept = sum(later.number(f"value {n}") == first.number(f"value {n}") for n in range(400))
    assert 140 < kept < 260


@pytest.mark.parametrize(("direction", "flags"), [("", {""}), ("+", {"H"}), ("-", {"L"})])
def test_values_lie_where_they_should(direction: str, flags: set[str]) -> None:
    drawn = {measure("potassium", direction, words=Chance(n), numbers=Chance(n)).flag for n in range(50)}
    assert drawn == flags
    assert "blood pressure" in VITALS
