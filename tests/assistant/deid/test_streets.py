"""Streets, corners and houses with a name, all invented; what looks like one and is medicine."""

import pytest

from assistant.deid.streets import find_streets
from tests.assistant.deid.marking import marked_by

FOUND = [
    pytest.param("Lives at ⟦1234 Elm St⟧.", id="number, name, short word"),
    pytest.param("addr: ⟦7 st brides pl #3⟧", id="lower case behind a label, with a unit"),
    pytest.param("⟦Flat 9, 12 Peel Road⟧", id="a flat before the number"),
    pytest.param("⟦400 W 23rd St⟧, apartment block", id="a numbered street with a direction"),
    pytest.param("⟦77 TULIP WAY⟧", id="capitals"),
    pytest.param("⟦1200 Avenue M⟧, top floor", id="an avenue with a letter"),
    pytest.param("⟦1 The Green⟧, Kewthorpe", id="a green"),
    pytest.param("⟦4521 State Route 9⟧", id="a house on a highway"),
    pytest.param("eleven miles off ⟦Indian Route 7⟧", id="a highway"),
    pytest.param("Car v deer on the ⟦A835⟧ south", id="a British road"),
    pytest.param("waits at ⟦the corner of Fulton and 9th⟧", id="a corner of two streets"),
    pytest.param("⟦corner of Auenweg 85 and Kesä Street⟧", id="a corner with a house number"),
    pytest.param("⟦233 rue des Érables⟧ in town", id="a French street"),
    pytest.param("⟦Hauptstraße 5⟧ hinten", id="a German street"),
    pytest.param("Home: ⟦Rose Cottage⟧, Tomhaggard", id="a house with a name"),
    pytest.param("⟦Lower Bridge St⟧, Walsall", id="a street without number before a comma"),
    pytest.param("⟦12 oak street⟧, ring twice", id="lower case without a label"),
]
KEPT = [
    "2 Dr visits and a 3 way stopcock, 1 st degree block, stage 2 Ct, 5 mg.",
    "Room 5 Consultant Dr Patel reviewed the scan.",
    "It sits in the corner of his mouth and nose.",
    "He walked 3 blocks down the street and drove 2 miles on the road.",
    "She did a 6 minute walk and a 10 m walk on 12 lead monitoring.",
    "3 Point Walk gait; 4 Square Step Test; grade 2 Hill sign.",
    "She takes 2 court ordered tests a week.",
    "T2 lesion on the M1 segment, B12 low, vitamin A1.",
    "Cottage Hospital food, cottage cheese, house dust mite.",
    "Pain between the 4th and 5th ribs, at the 2nd and 3rd toes.",
]


@pytest.mark.parametrize("case", FOUND)
def test_streets_go(case: str) -> None:
    assert marked_by(find_streets)(case) == case


@pytest.mark.parametrize("case", KEPT)
def test_what_only_looks_like_a_street_stays(case: str) -> None:
    assert marked_by(find_streets)(case) == case
