"""What the word lists say together; people and places in the texts are invented."""

import pytest

from assistant.deid.document import read
from assistant.deid.lexicon import CLINICAL, GIVEN, SHORT, SURNAME, english


@pytest.mark.parametrize(
    ("text", "word", "clinical"),
    [
        pytest.param("Mallampati 2", "mallampati", True, id="an eponym that is no common surname"),
        pytest.param("the Miller Fisher variant", "fisher", True, id="two surnames that together are an eponym"),
        pytest.param("Dr. Miller Fisher came", "fisher", False, id="a title before the two makes them a person"),
        pytest.param("Mrs Fisher came", "fisher", False, id="one of the two alone"),
        pytest.param("rocky mountain spotted fever", "mountain", True, id="a disease with the name of a place"),
        pytest.param("PIP joint", "pip", True, id="an abbreviation in capitals"),
        pytest.param("Pip came", "pip", False, id="the same letters written like a name"),
        pytest.param("Yoruba at home", "yoruba", True, id="a language"),
    ],
)
def test_terms_that_stay(text: str, word: str, clinical: bool) -> None:
    document = read(text, english())
    kind = document.kinds[document.lowers.index(word)]
    assert bool(kind & CLINICAL) == clinical
    assert not kind & SHORT


def test_no_term_of_one_word_is_a_listed_name() -> None:
    names = GIVEN | SURNAME
    # The older list holds those that medicine says more often than people do: "Foley", "Graves' disease".
    both = [word for word, kind in english().kinds.items() if kind & SHORT and kind & names]
    assert not both
