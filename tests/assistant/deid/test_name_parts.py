"""What the words of a name are. All names are invented."""

import pytest

from assistant.deid.name_parts import name_parts

GIVEN = frozenset({"ottilie", "mary", "ann"})

NAMES = [
    pytest.param("Ottilie Brannigan", "given surname", id="given name first"),
    pytest.param("BRANNIGAN, OTTILIE A.", "surname given initial", id="surname first, with a comma"),
    pytest.param("BRANNIGAN^OTTILIE^A", "surname given initial", id="surname first, as HL7 writes it"),
    pytest.param("Dr. J. Brannigan, MD", "title initial surname title", id="title, initial, credential"),
    pytest.param("Mr. and Mrs. Brannigan", "title title title surname", id="a couple"),
    pytest.param("Brannigan", "surname", id="a word that could be either is a surname"),
    pytest.param("Ottilie", "given", id="a given name alone"),
    pytest.param("Miss Ottilie", "title surname", id="a title before one word"),
    pytest.param("Emily R.", "given initial", id="an initial behind it"),
    pytest.param("Mary-Ann", "given given", id="a double given name"),
    pytest.param("Mary-Ann Okafor-Brannigan", "given given surname surname", id="double names"),
    pytest.param("Jan van der Brannigan", "given particle particle surname", id="particles"),
    pytest.param("Van", "surname", id="a particle alone is a name"),
    pytest.param("THI DO", "given surname", id="a surname in capitals that reads like a credential"),
    pytest.param("John Brannigan Jr.", "given surname title", id="junior"),
]


@pytest.mark.parametrize(("name", "roles"), NAMES)
def test_each_word_has_its_role(name: str, roles: str) -> None:
    assert " ".join(part.role for part in name_parts(name, lambda word: word.lower() in GIVEN)) == roles


def test_a_possessive_is_no_part_of_the_word() -> None:
    [part] = name_parts("O'Brannigan's", lambda _word: False)
    assert (part.text, part.end) == ("O'Brannigan", 11)


def test_so_many_words_are_no_name() -> None:
    assert name_parts("Dr. " * 5_000, lambda _word: False) == []
