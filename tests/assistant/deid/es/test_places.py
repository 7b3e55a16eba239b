"""Streets, postal codes, towns and institutions. Addresses are invented."""

from collections.abc import Callable

import pytest

STREETS = [
    pytest.param("Domicilio: ⟦Cl. Alfareros 12, 3.º izda⟧.\nEdad: 40 años", id="a field"),
    pytest.param("Vive en ⟦C/ Río Alagón, 5, 6.º A⟧.", id="floor and letter"),
    pytest.param("⟦Avda. de los Fueros s/n⟧", id="without a number"),
    pytest.param("Vive en la ⟦calle alfareros 12⟧ con su marido.", id="lower case"),
    pytest.param("⟦Altos de Navarredonda, s/n⟧. ⟦24009⟧ ⟦León⟧", id="no word for street, a postal code behind"),
    pytest.param("⟦Ctra. de Villaverde, km. 12,500⟧", id="a road with kilometre"),
    pytest.param("⟦Carrera 15a # 26-10⟧, ⟦Bogotá⟧", id="Colombia"),
    pytest.param("⟦Apartado de Correos 993⟧", id="a box"),
    pytest.param("Camina por la calle 2 horas; vía oral 500 mg; vía 14 G.", id="streets and ways that are none"),
    pytest.param("Caso nº 3. Figura nº 2. Leucocitos 12000.", id="numbered things"),
]
PLACES = [
    pytest.param("Natural de ⟦Ponferrada⟧, reside en ⟦Getafe⟧ (⟦Madrid⟧).", id="listed towns"),
    pytest.param("Vive sola en ⟦Villatuelda⟧ desde 2010.", id="an unknown town after a cue"),
    pytest.param("CP: ⟦45600⟧", id="a postal code field"),
    pytest.param("⟦45600⟧ ⟦Talavera de la Reina⟧ (⟦Toledo⟧), España", id="postal code, town, province"),
    pytest.param("Localidad/ Provincia: ⟦Villatuelda, Burgos⟧.\nPaís: España.", id="a field holds what it says"),
    pytest.param("Nacido en Colombia, vive en Cataluña; viajó a Marruecos.", id="countries and communities stay"),
    pytest.param("Vive en el País Vasco y en Castilla y León.", id="communities of several words"),
    pytest.param("Fiebre de Malta; escala de Glasgow; bolsa de Bogotá.", id="places that are medicine"),
]
INSTITUTIONS = [
    pytest.param('Visto en el ⟦Hospital Universitario "Marqués de Alcañices"⟧.', id="quotes"),
    pytest.param("del ⟦Centro de Salud Las Eras⟧ y del ⟦CS Las Eras⟧", id="health centres"),
    pytest.param("al ⟦Hospital Comarcal de Valdeorras⟧", id="of a place"),
    pytest.param("al ⟦Hospital Virgen del Romeral⟧. Sin incidencias.", id="a virgin's name"),
    pytest.param("Estudia en la ⟦Universidad de Salamanca⟧.", id="universities"),
    pytest.param("Ingresó en la ⟦Clínica Santa Balbina⟧.", id="clinics"),
    pytest.param("Acude a su centro de salud y al hospital de referencia.", id="without a name"),
    pytest.param("Unidad de Nutrición Clínica y Dietética; historia clínica; Cirugía.", id="clínica as an adjective"),
]


@pytest.mark.parametrize("case", STREETS)
def test_streets(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case


@pytest.mark.parametrize("case", PLACES)
def test_places(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case


@pytest.mark.parametrize("case", INSTITUTIONS)
def test_institutions(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case
