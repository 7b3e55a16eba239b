"""What goes and what stays."""

import pytest

from assistant.deid.policy import SPARSE_ZIP3, TYPES, is_direct, removes


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
    assert len(SPARSE_ZIP3) == 17
