"""Telephone, fax and pager numbers, all invented."""

import pytest

from assistant.deid.phones import find_phones
from tests.assistant.deid.marking import marked_by

marked = marked_by(find_phones)

CASES = [
    pytest.param(
        "Call ⟦212-555-1234⟧ or ⟦(555) 123-4567 ext. 12⟧, ⟦555.123.4567⟧, ⟦617 555-0142⟧, ⟦617/555-0142⟧, ⟦1-800-555-0133⟧.",
        id="American",
    ),
    pytest.param(
        "⟦+44 20 7946 0958⟧, ⟦+44 (0)7700 900417⟧, ⟦0033 1 99 00 14 77⟧, ⟦+91 90000 55512⟧, ⟦+27(0)71 555 0143⟧, ⟦+1.206.555.0111⟧",
        id="with the code of a country",
    ),
    pytest.param(
        "tel ⟦01632 960147⟧; ⟦0161 4960772⟧; ⟦07700 900123⟧; ⟦(03) 5550 4419⟧; ⟦0491 570 156⟧; ⟦098000 55534⟧",
        id="with a trunk zero",
    ),
    pytest.param(
        "mob. ⟦98000 55534⟧, Ph ⟦044 5550 1218⟧, tel⟦02079460551⟧, his cell is ⟦3125550164⟧ he",
        id="Indian, glued, plain",
    ),
    pytest.param(
        "⟦020 7946 0318⟧ / ⟦0319⟧; ring ⟦555.0186⟧ or ⟦0187⟧ and ask; ⟦617-555-0142⟧, -⟦0143⟧ and -⟦0144⟧",
        id="the end of a second number",
    ),
    pytest.param(
        "Pager ⟦48213⟧, ext ⟦4471⟧, bleep ⟦2281⟧, ext. ⟦4-5521⟧, call x⟦7712⟧, (x⟦5518⟧), contact her on ⟦4471⟧, desk is ⟦4471⟧",
        id="pagers and extensions",
    ),
    pytest.param("Cell ⟦617-555-0142x12⟧, ⟦6175550142 x12⟧, ⟦(133) 539-9710 X245⟧", id="with an extension"),
    pytest.param("⟦1-800-FLOWERS⟧, ⟦1-800-GET-WELL⟧, ⟦0800 REVERSE⟧", id="in letters"),
    pytest.param(
        "Phone ⟦four one five, five five five, oh one two nine⟧; ext ⟦four four seven one⟧; ph ⟦6 1 7 5 5 5 0 1 4 2⟧",
        id="read out",
    ),
    pytest.param("Phone ⟦(2O7) 555- 0l 93⟧; Tel: ⟦6l7-555-Ol42⟧; ph. ⟦785 555 Ol71⟧", id="scanned"),
    pytest.param(
        "call 0330 then seen 0445, page 3 of 12, call 911, ext rotation 45, x 3 days, x10, 400x, call in 2 weeks",
        id="hours, pages, counts stay",
    ),
    pytest.param(
        "BP 120/80, sodium 138, platelets 250,000, INR 2.0-3.0, 138 4.1 102 24 14 0.9, 120 118 122 130, HR 72 88 90",
        id="vitals and labs stay",
    ),
    pytest.param("NDC 0002-8215-01, ICD O73.955B, BENTYL 800 MG, 1000 mL over 8 hours", id="codes and doses stay"),
]


@pytest.mark.parametrize("case", CASES)
def test_phones(case: str) -> None:
    assert marked(case) == case
