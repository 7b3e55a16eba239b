"""Spanish dates and ages, all invented."""

from collections.abc import Callable

import pytest

DATES = [
    pytest.param("Visto el ⟦12/12/2016⟧, el ⟦3-5-16⟧ y el ⟦2016-12-12⟧.", id="numeric"),
    pytest.param("Fecha de nacimiento: ⟦12/04 /1951⟧", id="a blank within"),
    pytest.param("El ⟦3 de mayo de 2015⟧ y el ⟦1º de marzo⟧.", id="written"),
    pytest.param("Del ⟦3 al 5 de mayo del 2015⟧.", id="a range of days"),
    pytest.param("En ⟦Mayo de 2015⟧, ⟦junio 04⟧ y ⟦ago-2016⟧.", id="months with a year"),
    pytest.param("En ⟦abril⟧ y a finales de ⟦octubre⟧.", id="months alone"),
    pytest.param("En ⟦Mayo⟧, en ⟦Mayo 2003⟧. Trasladado a Mayo Clinic.", id="months that are names too"),
    pytest.param("Revisión el ⟦14/03⟧ a las 10 h.", id="day and month with a cue"),
    pytest.param("Operado en ⟦verano de 2011⟧, alta en ⟦Navidad⟧.", id="seasons of a year and feasts"),
    pytest.param("Ingresa el martes ⟦14 de junio⟧.", id="the weekday stays"),
    pytest.param("Diagnosticado en 2010, en el año 2004.", id="a year alone stays"),
    pytest.param("TA 120/80, 1/2 comprimido, FEVI 55%, hasta 2/3 del espesor.", id="fractions stay"),
    pytest.param("Desde hace 3 meses; cada 8 horas; 12-15 años.", id="spans of time stay"),
]
AGES = [
    pytest.param("Mujer de ⟦93 años⟧, ⟦nonagenaria⟧.", id="over 89 goes"),
    pytest.param("Edad: ⟦104⟧ Sexo: M", id="a field"),
    pytest.param("Tiene ⟦noventa y dos años⟧.", id="in words"),
    pytest.param("Varón de 89 años, fumador durante 40 años.", id="up to 89 stays"),
    pytest.param("Peso 92 kg, 95 mg, saturación 97%.", id="other numbers stay"),
]


@pytest.mark.parametrize("case", DATES)
def test_dates(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case


@pytest.mark.parametrize("case", AGES)
def test_ages(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case
