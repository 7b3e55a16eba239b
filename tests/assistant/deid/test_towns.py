"""Towns, and clinical terms with a town in them."""

from collections.abc import Callable

import pytest

CASES = [
    pytest.param("Aneurysm of the circle of Willis; flow from the LICA; sphincter of Oddi.", id="anatomy stays"),
    pytest.param("Placed in Allen stirrups; a Hall drill; Austin osteotomy; Philadelphia collar.", id="devices stay"),
    pytest.param("A farmer from Texas who visited Mexico.", id="states and countries stay"),
    pytest.param("Glasgow Coma Scale 15; Milwaukee brace; Ottawa ankle rules; Boston brace.", id="towns in terms stay"),
    pytest.param("Reflux oesophagitis, Los Angeles grade C; Los Angeles (LA) grade B.", id="towns before a grade stay"),
    pytest.param("Moved to ⟦Los Angeles⟧ for school.", id="a town without a grade goes"),
    pytest.param("LV EF 18 % by biplane Simpson.", id="a method with a surname stays"),
    pytest.param("Mayo scissors and Stanford type A dissection; Duke criteria.", id="institutions in terms stay"),
]


@pytest.mark.parametrize("case", CASES)
def test_towns(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case
