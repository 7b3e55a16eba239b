"""Greetings, closings, signatures and initials; all people are invented."""

import pytest

from assistant.deid.names_signed import find_signatures
from tests.assistant.deid.marking import marked_by

FOUND = [
    pytest.param("Dear ⟦Christian⟧,\nThank you", id="a greeting to a name that is a word"),
    pytest.param("Dear ⟦Aoife⟧ and ⟦Tom⟧,\nplease call", id="a greeting to two"),
    pytest.param("Sincerely,\n\n⟦Joy Birdsall⟧, D.O.       /⟦lb⟧", id="a closing and the typist"),
    pytest.param("/s/ ⟦Rohan Deshmakh⟧", id="a signature"),
    pytest.param("— ⟦Priya Ramanan⟧, RN", id="a signature behind a dash"),
    pytest.param("Dictated ⟦RVD⟧   Transcribed ⟦kk⟧   Job 77", id="who dictated and who typed"),
    pytest.param("JOB: 338120  ⟦LMS/gt⟧", id="both with a slash"),
    pytest.param("d/w ⟦ARP⟧ and stable", id="initials of who was asked"),
    pytest.param("Checked ⟦pw⟧", id="initials of who checked"),
    pytest.param("Submitted entirely.\n⟦LT⟧", id="initials in the last line"),
]
KEPT = [
    "Dear Sir or Madam,\n",
    "Dear Colleague,\nHello team, hi all",
    "d/w GI, d/w pt, as per ADA guidelines, per IDSA criteria",
    "Checked BP and given IV; read by CT; seen by ED",
    "BP/hr\nIV/po\nOD/os\n",
    "Kind regards,\nThe team",
    "The wound is clean and dry.\nok",
]


@pytest.mark.parametrize("case", FOUND)
def test_who_wrote_and_who_is_written_to_goes(case: str) -> None:
    assert marked_by(find_signatures)(case) == case


@pytest.mark.parametrize("case", KEPT)
def test_what_is_no_person_stays(case: str) -> None:
    assert marked_by(find_signatures)(case) == case
