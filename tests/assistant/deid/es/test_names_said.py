"""Names by title and header, all invented."""

from collections.abc import Callable

import pytest

TITLED = [
    pytest.param("Remitida por la ⟦Dra. Eulalia Montferrer⟧.", id="a title with its name"),
    pytest.param("⟦D. Jacinto Olmedilla Recuero⟧, de 78 años.", id="D. before a given name"),
    pytest.param("Déficit de vitamina D. Se inicia tratamiento.", id="D. at the end of a sentence is a vitamin"),
    pytest.param("La ⟦Sra. Echániz⟧ y ⟦doña Fuensanta⟧ esperan.", id="señora and doña"),
    pytest.param("Los ⟦Dres. Peñalver⟧, ⟦Ochotorena⟧ y ⟦de la Rúa⟧ firman.", id="several after one title"),
    pytest.param("Visto por el ⟦Dr. Crohn Valdés⟧.", id="a title overrides the eponym"),
    pytest.param("Comentado con el ⟦Dr. Ossorio⟧.", id="a surname that ends like a word"),
    pytest.param("la ⟦dra. Mendizábal⟧ y el ⟦doctor Uribarri⟧", id="lower-case titles"),
    pytest.param("⟦Dra. Cristina Grueso Caja⟧. Servicio de Urología.", id="surnames that are words"),
    pytest.param("⟦Dr. Ruiz Sanz⟧ Servicio de Medicina Interna", id="the department is no part of the name"),
    pytest.param("El doctor indicó reposo. La señora mejoró.", id="titles without a name"),
    pytest.param("⟦Dra. M.ª Ángeles Fdez. Quintanilla⟧", id="shortened names"),
]
HEADERS = [
    pytest.param("Nombre: ⟦Blanca⟧.\nApellidos: ⟦Calvo Rojo⟧.", id="in a name field a word is a name"),
    pytest.param("APELLIDOS Y NOMBRE: ⟦URRUTIKOETXEA SANZ, MARÍA PILAR⟧", id="capitals, surnames first"),
    pytest.param("Nombre: ⟦Ana⟧ Apellidos: ⟦Ruiz Peña⟧ Sexo: M", id="fields on one line"),
    pytest.param("Nombre:⟦José Luis⟧ .\nSexo: H.", id="no space after the colon"),
    pytest.param("Médico: ⟦Iñaki Goyenechea Ruiz⟧  NºCol: ⟦48 48 71123⟧.", id="the physician and the number behind"),
    pytest.param("Remitido por: ⟦Dr. Fermín Altolaguirre⟧. Servicio de Urgencias.", id="referred by"),
    pytest.param("Responsable clínico: ⟦Lourdes Cabezudo de Paz⟧", id="responsible clinician"),
    pytest.param("Fdo.: ⟦Dra. Nerea Oyarzo⟧", id="signed"),
    pytest.param("Fdo.: ⟦Ana SorianoCorreo⟧ electrónico: ⟦as@ejemplo.es⟧", id="a label glued to the name"),
    pytest.param("Madre: ⟦Consuelo Arnáiz⟧. Padre: sano.", id="a mother with a name, a father without"),
    pytest.param("Madre: diabetes. Padre: Mayor de 80 años. Hermanos: sanos.", id="family history stays"),
    pytest.param("Informe del paciente: Presentamos un varón de 40 años.", id="a sentence after the label paciente"),
    pytest.param("Tratamiento: Reposo. Diagnóstico: Neumonía. Evolución: Buena.", id="clinical headings stay"),
]


@pytest.mark.parametrize("case", TITLED)
def test_titles(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case


@pytest.mark.parametrize("case", HEADERS)
def test_headers(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case
