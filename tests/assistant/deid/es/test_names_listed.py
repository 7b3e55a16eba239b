"""Names without title or header, their later forms, and the medicine that looks like them. All people are invented."""

from collections.abc import Callable

import pytest

NAMES = [
    pytest.param("Acude con su hija ⟦Rosalía⟧.", id="a relative"),
    pytest.param("Comentado con ⟦Maite Etxeberria Zuloaga⟧ ayer.", id="given name and two surnames"),
    pytest.param("Ingresa ⟦María de los Ángeles Ruiz-Tagle⟧.", id="particles and hyphens"),
    pytest.param("Firman ⟦Teresa Olmos⟧ y ⟦Juan Carlos Vela⟧.", id="two people joined by y"),
    pytest.param("Autor: ⟦Ortega y Gasset, José⟧", id="y within a surname"),
    pytest.param("llama ⟦lucía fernández⟧ para pedir cita", id="lower case"),
    pytest.param("El paciente ⟦García⟧ refiere dolor. ⟦García⟧ mejora.", id="a surname after paciente"),
    pytest.param("Informa ⟦J. M. Aguirre⟧. Firmado ⟦M. Quintanar⟧.", id="initials and a surname"),
    pytest.param("Déficit de vitamina D. Aguirre et al.".replace("Aguirre", "⟦Aguirre⟧"), id="a letter of a vitamin"),
    pytest.param("Acompaña su esposa ⟦Mª Luz⟧.", id="a shortened name before a word"),
    pytest.param("Nombre: ⟦Iker⟧.\nAyer ⟦Iker⟧ comió. ⟦IKER⟧ duerme.", id="later forms of a known name"),
    pytest.param("Apellidos: ⟦Blanco Paz⟧.\nFlujo blanco, en paz.", id="a later word in lower case is a word"),
]
CLEAN = [
    pytest.param("Su hermano padece enfermedad de Crohn y su madre síndrome de Sjögren.", id="diseases"),
    pytest.param("Sonda Foley, maniobra de Valsalva, signos de Kernig y Brudzinski.", id="devices and signs"),
    pytest.param("Test de Mini-Mental 24/30, Barthel 90, Glasgow 15, Gleason 4+3.", id="scores"),
    pytest.param("Se pauta Seguril, Sintrom, Nolotil y Augmentine.", id="brands"),
    pytest.param("Cultivo: Escherichia coli, Candida albicans.", id="organisms"),
    pytest.param("Exploración: Blumberg negativo, Babinski ausente.", id="signs without their noun"),
    pytest.param("Derivación en Y de Roux según técnica de Hartmann.", id="operations"),
    pytest.param("Ingresa en la UCI. En Urgencias, afebril. Consulta con Neurología.", id="departments"),
    pytest.param("Rx de tórax: Sin hallazgos. ECG: Ritmo sinusal. ELISA y ANA positivos.", id="tests"),
    pytest.param("Diálisis los lunes, miércoles y viernes. Profesión: Agricultor.", id="weekdays and work"),
]


@pytest.mark.parametrize("case", NAMES)
def test_names(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case


@pytest.mark.parametrize("case", CLEAN)
def test_medicine_stays(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case
