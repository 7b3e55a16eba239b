"""Record numbers, official numbers, telephones and addresses of the net. All are invented."""

from collections.abc import Callable

import pytest

IDS = [
    pytest.param("NHC: ⟦368503⟧. CIPA: ⟦nhc-150679⟧.", id="record numbers"),
    pytest.param("NASS: ⟦26 63514095 04⟧; afiliación ⟦28/12345678/40⟧", id="social security"),
    pytest.param("NºCol: ⟦28 28 70973⟧; colegiado nº ⟦282870973⟧", id="college numbers"),
    pytest.param("DNI ⟦12345678Z⟧; el número ⟦12.345.678-Z⟧ es suyo.", id="a check letter without a label"),
    pytest.param("Consta 12345678A en el lote.", id="a wrong check letter without a label"),
    pytest.param("NIE: ⟦X1234567L⟧. Pasaporte ⟦AAB123456⟧.", id="foreigners"),
    pytest.param("Tarjeta sanitaria ⟦BBBB801012345678⟧", id="health card"),
    pytest.param("Episodio: ⟦7345609⟧. Póliza de Saludina nº ⟦4455667⟧.", id="episode and policy"),
    pytest.param("CURP ⟦GOMC800101HDFRRN09⟧, RUT ⟦12.345.678-5⟧", id="Mexico and Chile"),
    pytest.param("nº de serie ⟦PJN4471203⟧, expediente ⟦2019/004512⟧", id="serial and file"),
    pytest.param("IBAN ⟦ES91 2100 0418 4502 0005 1332⟧", id="a bank account"),
    pytest.param("Leucocitos 12.300, plaquetas 250.000, CK 12000 U/l.", id="counts stay"),
    pytest.param("Historia de 20 años. Caso 3. Ingreso 5 días. Registro de 24 horas.", id="labels before measures"),
    pytest.param("Valor de referencia 15-100 ng/ml; 100000 UFC/ml.", id="intervals and cultures"),
]
CONTACTS = [
    pytest.param("Tel.: ⟦956 203 145⟧ / ⟦956 203 146⟧. Fax: ⟦956203147⟧", id="labelled, several"),
    pytest.param("Llamar al ⟦612 34 56 78⟧ o al ⟦+34 91 336 81 00⟧.", id="unlabelled"),
    pytest.param("Tfno.⟦948428434⟧ E-mail:⟦ana@ejemplo.es⟧", id="glued to the label"),
    pytest.param("⟦lucia.aranda@salud-ejemplo.es⟧, ⟦laranda (arroba) ejemplo.org⟧", id="mail"),
    pytest.param("⟦m.pérez @ hospital-ejemplo . es⟧", id="mail spaced out, with an accent"),
    pytest.param("Visto en ⟦www.hospital-ejemplo.es/citas⟧ ayer.", id="web"),
    pytest.param("Dosis 600 mg; 900 123 células; PCR 612.", id="numbers that are no telephones"),
]


@pytest.mark.parametrize("case", IDS)
def test_ids(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case


@pytest.mark.parametrize("case", CONTACTS)
def test_contacts(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case
