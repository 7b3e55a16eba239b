"""Fields of messages between machines, all invented."""

import pytest

from assistant.deid.fields import find_fields
from tests.assistant.deid.marking import marked_by

marked = marked_by(find_fields)

CASES = [
    pytest.param(
        "PID|1||⟦00488123⟧||⟦PETRAKIS^ELENI^M⟧||⟦19610214⟧|F|||⟦77 TULIP WAY⟧^^⟦MOBILE⟧^AL^⟦36602⟧||⟦2515550178⟧\nNK1|1|⟦PETRAKIS^SPIRO⟧|SPO||⟦(251)555-0179⟧",
        id="HL7",
    ),
    pytest.param('{"patient": "⟦Ioana Petrescu⟧", "dob": "⟦1958-07-09⟧", "hb": "10.2", "sex": "female"}', id="JSON"),
    pytest.param(
        "<patient><given>⟦Fatoumata⟧</given><family>⟦Diallo⟧</family><gender>female</gender></patient>", id="XML"
    ),
    pytest.param("name=⟦tobias.lund⟧;dob=⟦1990-08-01⟧;sex=m;bp=141/88", id="pairs"),
    pytest.param(
        "OBX|1|NM|2160-0^Creatinine||1.1|mg/dL; severity=high; <observation>normal</observation>", id="results stay"
    ),
]


@pytest.mark.parametrize("case", CASES)
def test_fields(case: str) -> None:
    assert marked(case) == case
