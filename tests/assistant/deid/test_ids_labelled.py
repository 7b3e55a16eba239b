"""Numbers behind a label, all invented."""

import pytest

from assistant.deid.ids_labelled import find_labelled_ids
from tests.assistant.deid.marking import marked_by

marked = marked_by(find_labelled_ids)

CASES = [
    pytest.param(
        "(MRN: ⟦12345678⟧) MRN#⟦4471-22⟧ MRN ⟦4471⟧, mrn⟦0073391⟧—Hb, pt⟦12345678⟧:seen, M.R.N. ⟦4471⟧, MRN ⟦12 34 56⟧",
        id="record numbers",
    ),
    pytest.param(
        "hosp no.⟦K204418⟧)admitted; Hosp. No ⟦UCTX/10558⟧; OP No: ⟦SV/23/11806⟧; UHID: ⟦KIMS.0045512⟧; Hosp no. ⟦RX 550 117⟧; RiO ⟦1155093⟧",
        id="hospital numbers",
    ),
    pytest.param(
        "NHS no. ⟦780 005 6147⟧; CHI ⟦1403610123⟧; NHI ⟦ZZZ0551⟧; PPSN ⟦1234567TA⟧; SIN ⟦555 019 288⟧; Aadhaar ⟦4679 3014 1424⟧",
        id="national numbers",
    ),
    pytest.param(
        "Medicare ⟦2955 50012 1⟧ ref 2; OHIP ⟦5550-192-883-QK⟧; member ⟦XQH882014773-02⟧, group ⟦0071145⟧; Policy: ⟦ABC/123/45⟧",
        id="plans",
    ),
    pytest.param(
        "acct:⟦99812-K⟧,balance; account ending ⟦5512⟧; invoice ⟦10442⟧; claim ⟦CLM-2290-1187⟧", id="accounts"
    ),
    pytest.param(
        "NPI ⟦1234567893⟧, GMC ⟦7550193⟧, Provider ⟦2555016K⟧, Regd No. TNMC ⟦55581⟧, Driver's licence ⟦D417-5530-8812⟧, CDL ⟦A550 118 204⟧",
        id="licences",
    ),
    pytest.param(
        "plate ⟦KLV 4471⟧, number plate ⟦7ABC123⟧, ambulance ⟦M-417⟧, plate ⟦MH 12 AB 1234⟧, VIN ⟦1HGCM82633A004352⟧",
        id="vehicles",
    ),
    pytest.param(
        "Pacemaker serial ⟦PJN 604418S⟧, S/N:⟦MMT0099812⟧, lot ⟦2238-BX7⟧, head SN ⟦0093 5561⟧",
        id="devices",
    ),
    pytest.param(
        "case no⟦19/04417⟧:histology, encounter_⟦77120934⟧_note, control no. ⟦20-5583⟧, Job ⟦7714093⟧, incident ⟦OPP-E2402-88155⟧, key safe ⟦4471⟧",
        id="cases and the like",
    ),
    pytest.param(
        "voiceprint ⟦VP-118⟧, iris template ⟦IR-5512-A⟧, medical record ⟦five five zero one one eight⟧",
        id="biometrics, and a number read out",
    ),
    pytest.param("serials ⟦5512-AB⟧ and ⟦5512-AC⟧", id="the next number of the same kind"),
    pytest.param("patient ID: ⟦B12 1105⟧, Labs: B12 1105 pg/mL", id="a number that looks like a vitamin"),
    pytest.param('{"mrn": "⟦7719230⟧", "hb": 10.2}, MRN........: ⟦4471⟧', id="machines and forms"),
    pytest.param(
        "stage 3, case 3, group 2, room 5, bed 12, unit 4, visit 3, lab 135-145, exam 2, lot of pain, group A strep, sample size 12000",
        id="small numbers and other meanings stay",
    ),
    pytest.param(
        "patient 3 of 12, policy 2019, record 2021, patients in 2019-2021, account for 10%, serial troponins 0.04, order 1000 mL, heparin 5000 units",
        id="years and measures stay",
    ),
    pytest.param(
        "TIBC 410 mg/dL (1200-4500), CPT code 27759, EXAM: BP150/79, Labs: B12 1050 pg/mL, a sample 2000-calorie plan, plate 12 holes, payment of 412.00",
        id="intervals, codes, sums stay",
    ),
]


@pytest.mark.parametrize("case", CASES)
def test_labelled_ids(case: str) -> None:
    assert marked(case) == case
