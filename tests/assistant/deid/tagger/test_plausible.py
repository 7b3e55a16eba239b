"""What the tagger says and may not: the marked stretch is its finding. People are invented."""

import pytest

from assistant.deid.document import read
from assistant.deid.lexicon import english
from assistant.deid.spans import Found
from assistant.deid.tagger.plausible import is_plausible

FINDINGS = [
    pytest.param(
        "Hgb 12.8 g/dL (reference ⟦12.0-16.0⟧).", "ID", False, id="a reference range is no number of a person"
    ),
    pytest.param("Hb 9.9 g/dL (reference 12⟦.0⟧-16.0).", "DATE", False, id="part of a reference range is no date"),
    pytest.param("Seen ⟦3.5-5.1⟧ by the team.", "DATE", True, id="days with full stops are dates"),
    pytest.param("CA ⟦19-9⟧ was 1250 U/mL", "DATE", False, id="the number in a tumour marker's name"),
    pytest.param("Omega ⟦3-6-9⟧ 1200 mg", "DATE", False, id="fatty acids"),
    pytest.param("Start D5 ⟦1/2NS⟧ at 75", "DATE", False, id="half-strength saline"),
    pytest.param("Seen ⟦1/2⟧ by the team", "DATE", True, id="a day without a year"),
    pytest.param("94 % on ⟦2-3 L⟧, weaning", "DATE", False, id="litres of oxygen a minute"),
    pytest.param("MRI ⟦2-3⟧ L knee", "DATE", True, id="a day before a side"),
    pytest.param("Seen ⟦1/2⟧ NS consult", "DATE", True, id="a day before a department"),
    pytest.param("Influenza vaccination in ⟦autumn⟧", "DATE", False, id="a season stays"),
    pytest.param("Lives with ⟦Autumn⟧ Quillfort", "NAME", True, id="a person named after a season"),
    pytest.param("| ⟦Troponin I⟧ | 3.44 | ng/mL |", "NAME", False, id="what was measured, in a table"),
    pytest.param("| ⟦Na⟧ | 140 | mmol/L |", "NAME", False, id="a symbol that was measured"),
    pytest.param("| ⟦Okaforde⟧ | 140 | Ward 3 |", "NAME", True, id="a person in a table"),
    pytest.param("- ⟦Noradrenaline⟧ was started.", "NAME", False, id="a drug"),
    pytest.param("COURSE:\n⟦Noradrenaline⟧ started", "ORGANIZATION", False, id="a drug taken for an organisation"),
    pytest.param("| ⟦D⟧-dimer | 2440 | ng/mL |", "NAME", False, id="part of what was measured"),
    pytest.param("HISTORY - ⟦Haemoptysis⟧.", "NAME", False, id="a finding behind a dash"),
    pytest.param("⟦Pericardiocentesis⟧ to be discussed.", "NAME", False, id="a procedure by its ending"),
    pytest.param("4. ⟦Mobilise⟧ on day of surgery", "NAME", False, id="an order in British spelling"),
    pytest.param("**Clinical History:** ⟦Haematuria⟧ and colic", "NAME", False, id="a finding in British spelling"),
    pytest.param("1. ⟦Multinodular goitre⟧.", "NAME", False, id="a finding of two words"),
    pytest.param("Reason: ⟦Fall⟧ w/ head injury", "NAME", False, id="a reason at the start"),
    pytest.param("Handed over to ⟦Fall⟧ at noon", "NAME", True, id="a capital that says something"),
    pytest.param("⟦Fall⟧, Aminata", "NAME", True, id="a surname before a given name"),
    pytest.param("- ⟦Small⟧ left pneumothorax present", "NAME", False, id="a size before its finding"),
    pytest.param("- ⟦Small⟧ left pleural effusion", "NAME", False, id="a size before its finding with its place"),
    pytest.param("- ⟦Small⟧ left the ward", "NAME", True, id="a person who leaves"),
    pytest.param("- ⟦Small⟧ left AMA", "NAME", True, id="a person who leaves against advice"),
    pytest.param("**⟦Gross⟧ Findings:** Brown macule", "NAME", False, id="within a heading"),
    pytest.param("**Gross Findings:** ⟦Gross⟧ was told", "NAME", True, id="behind a heading"),
    pytest.param("## ⟦SH⟧\n\n- Alcohol", "NAME", False, id="a heading of two letters"),
    pytest.param("4. ⟦FH⟧\n- Father had a stroke", "ORGANIZATION", False, id="a numbered heading"),
    pytest.param("- ⟦FH⟧ to call back", "NAME", True, id="initials in a line"),
    pytest.param("Course in ⟦Hospital⟧\nHe did well", "ORGANIZATION", False, id="the last word of a heading"),
    pytest.param("⟦Quillfort Hospital⟧\nHe did well", "ORGANIZATION", True, id="a hospital on a line of its own"),
    pytest.param("⟦Politis⟧ seen today", "NAME", True, id="a person whose name ends like an inflammation"),
]


@pytest.mark.parametrize(("case", "kind", "expected"), FINDINGS)
def test_what_may_stand(case: str, kind: str, expected: bool) -> None:
    before, _, rest = case.partition("⟦")
    found, _, after = rest.partition("⟧")
    document = read(before + found + after, english())
    assert is_plausible(document, Found(len(before), len(before + found), kind, 0.9, guessed=True)) is expected
