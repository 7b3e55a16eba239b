"""Numbers of records, plans, licences and devices, all invented."""

from collections.abc import Callable

import pytest

from assistant.deid.engine import Deidentifier

CASES = [
    pytest.param("(MRN: ⟦12345678⟧)", id="a record number"),
    pytest.param("medical record number ⟦SJH-987654⟧", id="a label in words"),
    pytest.param("MRN ⟦4471⟧", id="a short number behind a strong label"),
    pytest.param("SSN: ⟦123-45-6789⟧, also ⟦987-65-4321⟧", id="social security, also without a label"),
    pytest.param("insurance: ⟦HP-789123⟧; Policy Number: ⟦HPN-456789⟧", id="health plan"),
    pytest.param("His insurance number is ⟦987-65-4321⟧.", id="a verb between label and number"),
    pytest.param("Medicare ⟦1EG4-TE5-MK73⟧", id="Medicare's own format"),
    pytest.param("NPI ⟦1234567893⟧, DEA ⟦AB1234563⟧, license no. ⟦CLN-112233⟧", id="licences"),
    pytest.param("VIN ⟦1HGCM82633A004352⟧", id="vehicles"),
    pytest.param("pacemaker serial number ⟦PJN4471182⟧, lot ⟦88A4471⟧", id="devices"),
    pytest.param("card ⟦4111 1111 1111 1111⟧, IBAN ⟦GB82 WEST 1234 5698 7654 32⟧", id="check digits"),
    pytest.param("Accession ⟦S-23-004471⟧", id="accession numbers"),
    pytest.param("seen for cough ⟦JHC-20220410⟧", id="a bare code that looks the part"),
    pytest.param("Vitamin B12, CA19-9, HLA-B27, COVID-19, E11.9, CPT 99213, T2DM, H1N1", id="clinical codes stay"),
    pytest.param("stage 3 CKD, grade 2, 10 mg, case 3, group 2, room air", id="small numbers stay"),
    pytest.param("eGFR is 45, HbA1c 7.2, glucose 110, WBC 12000", id="laboratory values stay"),
    pytest.param(
        "ferritin 9.4 g/dL (12.0-15.5), TIBC 410 mg/dL (1200-4500), lab 135-145", id="reference intervals stay"
    ),
    pytest.param("EXAM: BP150/79, HR77; RBC18550; a sample 2000-calorie plan", id="measures without a space stay"),
    pytest.param("DL: ⟦D1234567⟧, order: ⟦20260511-2299⟧", id="a licence and an order that begins like a date go"),
    pytest.param("NCT01234567 enrolled 250 patients in 2019-2021", id="trials and ranges of years stay"),
]


@pytest.mark.parametrize("case", CASES)
def test_ids(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("MRN: 12345678", "MRN", id="record"),
        pytest.param("SSN 123-45-6789", "SSN", id="social security"),
        pytest.param("Member ID: HP-789123", "HEALTH_PLAN", id="plan"),
        pytest.param("Acct#: SH-456789", "ACCOUNT", id="account"),
        pytest.param("NPI 1234567893", "LICENSE", id="licence"),
        pytest.param("Date of exam: 05/11/2026", "DATE", id="the date of an exam is a date"),
        pytest.param("Date of visit: 2026-04-20 14:30", "DATE", id="with the hour too"),
        pytest.param("Serial number: PJN4471182", "DEVICE", id="device"),
    ],
)
def test_the_label_gives_the_type(text: str, kind: str, deidentifier: Deidentifier) -> None:
    assert [span.type for span in deidentifier.find(text)] == [kind]
