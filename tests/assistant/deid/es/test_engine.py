"""Spanish from door to door: the Deidentifier and the terminal. The report is invented."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import ui.cli
from assistant.deid.engine import Deidentifier
from assistant.deid.languages import LANGUAGES
from tests.stopwatch import processor_seconds

REPORT = """Datos del paciente.
Nombre: Begoña.
Apellidos: Zarrabeitia Ochotorena.
NHC: 4471882.
Domicilio: C/ Alfareros 12, 3.º izda.
Localidad/ Provincia: Talavera de la Reina, Toledo.
CP: 45600.
Fecha de nacimiento: 03/05/1958.
País: España.
Edad: 58 años Sexo: M.
Médico: Fermín Altolaguirre Sanz NºCol: 45 45 70973.
Informe clínico: Mujer de 58 años con enfermedad de Crohn. En mayo de 2016 Begoña presentó fiebre; Hb 12,3 g/dl.
Remitido por: Dr. Fermín Altolaguirre Sanz. Hospital Virgen del Romeral. 45600 Talavera de la Reina. Tel.: 925 00 11 22.
"""
GONE = "Begoña Zarrabeitia 4471882 Alfareros Talavera 45600 03/05/1958 Altolaguirre 70973 mayo Romeral 925".split()
KEPT = ("España", "58 años", "Crohn", "2016", "12,3 g/dl", "fiebre")


def test_a_report_is_masked(spanish_deidentifier: Deidentifier) -> None:
    masked = spanish_deidentifier.mask(REPORT)
    assert [piece for piece in GONE if piece in masked.text] == []
    assert [piece for piece in KEPT if piece not in masked.text] == ["2016"]  # it goes with its month


def test_the_same_person_has_the_same_number(spanish_deidentifier: Deidentifier) -> None:
    masked = spanish_deidentifier.mask(REPORT)
    placeholders = {REPORT[mask.span.start : mask.span.end]: mask.placeholder for mask in masked.masks}
    assert placeholders["Fermín Altolaguirre Sanz"] == placeholders["Dr. Fermín Altolaguirre Sanz"]


def test_a_title_is_no_part_of_the_person(spanish_deidentifier: Deidentifier) -> None:
    masked = spanish_deidentifier.mask("Visto por Ana Peñalver Ruiz. La Dra. Peñalver indicó reposo.")
    assert {mask.placeholder for mask in masked.masks} == {"[NAME_1]"}


def test_the_terminal_takes_the_language_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURBSIDE_DEID__LANGUAGE", "es")
    report = tmp_path / "informe.txt"
    report.write_text(REPORT, "utf-8")
    result = CliRunner().invoke(ui.cli.app, ["deidentify", str(report), "--json", "--data", str(tmp_path / "data")])
    assert result.exit_code == 0, (result.output, result.exception)
    masked = json.loads(result.stdout)["text"]
    assert [piece for piece in GONE if piece in masked] == []
    assert "enfermedad de Crohn" in masked


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param("a", id="letters"),
        pytest.param("A", id="capitals"),
        pytest.param("1", id="digits"),
        pytest.param("1 ", id="spaced digits"),
        pytest.param("1-", id="digits and hyphens"),
        pytest.param("1.", id="digits and dots"),
        pytest.param("Calle ", id="the word for street"),
        pytest.param("de la ", id="particles"),
        pytest.param("Ana ", id="given names"),
        pytest.param("Ana y ", id="given names joined"),
        pytest.param("C/ A, 1, ", id="streets"),
        pytest.param("Hospital ", id="hospitals"),
        pytest.param("nombre: ", id="labels"),
        pytest.param("nº ", id="number signs"),
        pytest.param("a@", id="mail signs"),
        pytest.param("a.", id="dots"),
        pytest.param("tel ", id="telephone labels"),
        pytest.param("mayo de ", id="months"),
        pytest.param("Dres. Ruiz, ", id="several after one title"),
        pytest.param("D. ", id="titles after titles"),
        pytest.param(" ", id="blanks"),
    ],
)
def test_time_is_linear(piece: str, spanish_deidentifier: Deidentifier) -> None:
    """Each rule on its own, without the windows that hide what is quadratic."""
    analyzer = spanish_deidentifier._ready()

    def seconds(length: int) -> float:
        documents = iter([analyzer.read(piece * (length // len(piece))) for _ in range(2)])

        def find() -> None:
            document = next(documents)
            for finder in LANGUAGES["es"].finders:
                list(finder(document))

        return processor_seconds(find, tries=2)

    assert seconds(40_000) < max(1.0, 12 * seconds(10_000))
