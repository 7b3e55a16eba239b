"""What goes and what stays."""

import pytest

from assistant.deid.policy import OPTIONS, SPARSE_ZIP3, TYPES, Option, is_direct, options_on, removes
from assistant.settings import DeidSettings


def test_every_safe_harbor_item_but_the_photograph_has_a_type() -> None:
    assert {kind.item for kind in TYPES} >= set("ABCDEFGHIJKLMNOPR")


@pytest.mark.parametrize("kind", ["AGE", "YEAR", "STATE", "COUNTRY"])
def test_what_safe_harbor_leaves_stays(kind: str) -> None:
    assert not removes(kind)


def test_a_type_that_nobody_listed_goes() -> None:
    assert removes("SOMETHING_A_MODEL_INVENTED")


def test_numbers_are_direct_and_names_are_not() -> None:
    assert is_direct("SSN")
    assert not is_direct("NAME")


def test_seventeen_sparse_prefixes() -> None:
    listed = (
        "036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893"  # the Department of Health's guidance
    )
    assert set(listed.split()) == SPARSE_ZIP3
    assert len(SPARSE_ZIP3) == 17


def test_no_option_is_on_by_default() -> None:
    assert options_on(DeidSettings()) == ()


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: f"{option.setting} = {option.value}")
def test_an_option_is_a_value_of_a_setting(option: Option) -> None:
    assert options_on(DeidSettings(**{option.setting: option.value})) == (option,)


def test_shifted_dates_alone_leave_safe_harbor_and_say_so() -> None:
    assert [option.setting for option in OPTIONS if not option.safe_harbor] == ["dates"]
    assert all(
        "not Safe Harbor" in text
        for option in OPTIONS
        if not option.safe_harbor
        for text in (option.short, option.about)
    )
