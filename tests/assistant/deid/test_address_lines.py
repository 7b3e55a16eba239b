"""Streets with what stands behind them, invented."""

import pytest

from assistant.deid.addresses import find_addresses
from tests.assistant.deid.marking import marked_by

CASES = [
    pytest.param("⟦17 Cobblers Rise, Upper Wendle, Harrogate HG3 9ZZ⟧", id="towns and a code"),
    pytest.param("⟦24 Mill Lane\nThornbury\nBristol\nBS35 1AB⟧\nSeen today", id="a block of lines"),
    pytest.param("⟦123 Alder Street\nSpringfield\nIL 62704⟧\nRoutine visit", id="the state inside a block goes"),
    pytest.param("⟦14 Church Rd, Ilkley⟧. She denies pain.", id="a sentence behind is no town"),
    pytest.param("⟦Hauptstraße 5, 10115 Berlin⟧", id="the code before the town"),
    pytest.param("⟦4100 Foothill Trail NW, Calgary, Alberta T3B 0Z9⟧", id="a province between town and code"),
    pytest.param("⟦233 rue des Érables, Hawkesbury⟧, Ont.", id="a province with no code stays"),
    pytest.param("⟦PSC 3 Box 4211, APO AE 09021⟧", id="a military box"),
    pytest.param("⟦Private Bag X5050, Polokwane 0699⟧", id="a private bag"),
    pytest.param("⟦Blk 5 Lot 12 Sampaguita Street, Quezon City 1109⟧", id="block and lot"),
    pytest.param("⟦RR 2 Box 12, Elkton⟧", id="a rural route"),
    pytest.param("⟦240 Alder Street⟧\nReferring physician: none", id="a label on the next line stays"),
]


@pytest.mark.parametrize("case", CASES)
def test_an_address_goes_as_a_whole(case: str) -> None:
    assert marked_by(find_addresses)(case) == case
