"""The Spanish lists, endings and eponyms."""

import pytest

from assistant.deid.document import read
from assistant.deid.es.endings import kind_by_ending
from assistant.deid.es.lexicon import spanish, without_accents
from assistant.deid.guard import is_eponym
from assistant.deid.lexicon import COMMON, GIVEN, SURNAME


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        pytest.param("maría", GIVEN, id="a given name"),
        pytest.param("gutierrez", SURNAME, id="a surname without its accent"),
        pytest.param("nuñez", SURNAME, id="without its accent, with its tilde"),
        pytest.param("dolores", GIVEN | COMMON, id="a name that is a word"),
        pytest.param("alicante", SURNAME * 0, id="a town is no word by its ending"),
    ],
)
def test_kinds(word: str, kind: int) -> None:
    assert spanish().kinds[word] & (GIVEN | SURNAME | COMMON) == kind


@pytest.mark.parametrize(
    ("word", "is_word"),
    [
        pytest.param("hepatoesplenomegalia", True, id="a medical ending"),
        pytest.param("rápidamente", True, id="an adverb"),
        pytest.param("dolorosas", True, id="a feminine plural"),
        pytest.param("axitinib", True, id="a drug"),
        pytest.param("olmedilla", False, id="a surname"),
        pytest.param("etxegarai", False, id="a Basque surname"),
    ],
)
def test_endings(word: str, is_word: bool) -> None:
    assert bool(kind_by_ending(word, {}) & COMMON) is is_word


def test_accents_are_taken_off_with_and_without_the_tilde() -> None:
    assert without_accents("ibáñez") == {"ibañez", "ibanez"}
    assert without_accents("ruiz") == set()


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        pytest.param("enfermedad de Whipple", "Whipple", True, id="a disease"),
        pytest.param("signos de Kernig y Brudzinski", "Brudzinski", True, id="the second of two"),
        pytest.param("escala de coma de Glasgow", "Glasgow", True, id="an adjective between"),
        pytest.param("la enfermedad de Ana", "Ana", False, id="a given name is a person"),
        pytest.param("Fin de la enfermedad. Whipple vino", "Whipple", False, id="another sentence"),
    ],
)
def test_eponyms(text: str, word: str, expected: bool) -> None:
    document = read(text, spanish())
    assert is_eponym(document, document.words.index(word)) is expected
