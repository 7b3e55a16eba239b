"""Names beside a role, a nickname or another name; all people are invented."""

import pytest

from assistant.deid.names_roles import find_names_by_role
from tests.assistant.deid.marking import marked_by

FOUND = [
    pytest.param("called at 0412 by RN ⟦Summer Prewitt⟧", id="a role in capitals before a word that is a name"),
    pytest.param("Our social worker ⟦Patience Moyole⟧ visits.", id="a role in words"),
    pytest.param("case mgr ⟦Leanne⟧ to ring", id="an abbreviated role"),
    pytest.param("Mr and Mrs ⟦Okaforde⟧ attended.", id="a couple"),
    pytest.param("Drs. ⟦Leedom⟧ and ⟦Rothay⟧ agree.", id="one title for two"),
    pytest.param('⟦CARL "CHALKY" WHITE⟧ in cell 4', id="a nickname within a name"),
    pytest.param('⟦Dela Paz, Rogelio "Boy" M.⟧, 71/M', id="a nickname behind the given name"),
    pytest.param("née ⟦Delaney⟧; goes by ⟦Bud⟧", id="former and preferred names"),
    pytest.param("Kuya ⟦Jun⟧ and tannie ⟦Elsa⟧ helped.", id="what families call each other"),
    pytest.param("his buddy, BM1 ⟦Fisher⟧", id="a rank"),
]
KEPT = [
    "Nurse Visit Note. Physio Initial Ax. RN Visit. GP Letter. PCP Follow up.",
    "Chief Complaint: pain. Consultant Surgeon agreed. Fellow Travellers Home.",
    'he said "No" and Patient "Refused" Treatment',
    "The social worker will call; the nurse Monday; interpreter Spanish.",
    "known as Hashimoto disease; formerly Wegener granulomatosis",
]


@pytest.mark.parametrize("case", FOUND)
def test_people_beside_their_role_go(case: str) -> None:
    assert marked_by(find_names_by_role)(case) == case


@pytest.mark.parametrize("case", KEPT)
def test_roles_alone_stay(case: str) -> None:
    assert marked_by(find_names_by_role)(case) == case
