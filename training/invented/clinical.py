"""Clinical filler: drugs, conditions, eponyms, measured values. Nothing here names a person; it teaches what must stay."""

import random

from training.invented.contacts import digits
from training.invented.pools import pool

_POOLED = ("drug", "condition", "eponym", "test", "anatomy", "procedure", "symptom", "kin", "job", "specialty")
# Shapes as `contacts.digits` reads them: `#` is any digit, `~` a digit from 1 to 9.
_SHAPED: dict[str, tuple[str, ...]] = {
    "value": (
        "~.# mg/dL", "1~.# g/dL", "~## mg/dL", "1~# mmol/L", "~.# mEq/L", "~#.# K/uL", "~## x10^3/uL", "0.0~ ng/mL", "~# U/L", "~## U/L", "~.#", "~#.#", "~##", "~#", "~.#%", "~#%", "~#.#%",
        "~# mm", "~.# cm", "~.# x ~.# cm", "~.# x ~.# x ~.# cm", "~## mL", "~.# L", "7.~#", "~# mmol/L", "~# mL/min", "~# seconds", "~/10", "~## pg/mL", "~### ng/mL", "~#.# kg/m2", "~# kg",
        "1## lbs", "1##.# lb", "5'~\"", "3+", "2+", "trace", "~# mmHg", "~#-~#%", "~#/min", "9~% on room air", "9~% on 2 L", "98.~ F", "37.~ °C", "38.~", "10~.~", "1:~##", "1:80", "~# bpm",
        "<0.0~", ">~##", "~#,###", "~##,###", "~.# mIU/L", "~# IU/L", "~## mg/24 h", "~# mm Hg", "~.##", "0.~", "0 to ~ per hpf", "10^~ copies/mL", "10-year risk ~#.#%", "~.# µg/L", "~# mmol/mol",
    ),
    "dose": (
        "~0 mg daily", "~00 mg BID", "~0 mg PO daily", "~ mg/~25 mg q6h PRN", "~# units at bedtime", "~ g IV q24h", "0.~ mg IV x1", "~0 mg PO qAM", "~# mcg daily", "~ puffs q4h prn",
        "1 tab PO TID", "~2.5 mg twice a day", "~ mg IV", "~00 mL bolus", "~## mL/hr", "~000 units/hr", "~0 mg once weekly", "1 gram every 12 hours", "~00 mg nightly", "~.5 mg three times daily",
        "~# mg/kg q12h", "one tablet by mouth every morning", "half a tablet at night", "~00 mg q6h", "~ L NS", "~ L via nasal cannula", "0.4 mg SL prn chest pain", "~/325 q4-6h", "~%", "~.~%",
        "~00 mg qd x ~0 days", "~0 mg po bid #~0", "~0-~0 mg hs", "~# mg/m2", "AUC ~", "~ drops OU bid", "~0 mEq", "~000 IU daily", "~00 mg/~ mL", "taper ~0-~ mg over ~ days", "~ mg q72h patch",
    ),
    "score": (
        "GCS 1~", "GCS ~", "Apgar ~ and ~", "NIHSS ~", "CHA2DS2-VASc ~", "HAS-BLED ~", "MELD ~#", "ECOG ~", "PHQ-9 ~", "PHQ-9 1~", "GAD-7 1~", "MMSE 2~/30", "MoCA 2~/30", "Wells ~.5",
        "CURB-65 ~", "APACHE II ~#", "SOFA ~", "NYHA class III", "NYHA II", "ASA 3", "ASA II", "TIMI ~", "Braden 1~", "Gleason 3+4", "BI-RADS ~", "LI-RADS ~", "ABCD2 ~", "CIWA ~#", "COWS ~",
        "KPS ~0", "Rankin ~", "mRS ~", "HEART score ~", "Child-Pugh A", "Child-Pugh B", "T2N1M0", "pT1bN0", "stage IIIB", "stage IV", "Bishop score ~", "Barthel ~#", "Norton 1~", "Mallampati III",
        "TIRADS ~", "SAPS ~#", "RASS -~", "Katz ~/6", "Lawton ~/8", "VAS ~/10", "AUDIT ~", "Fagerstrom ~", "EPDS ~", "AIMS ~", "FEV1 ~#%", "EF ~#%", "Kellgren-Lawrence ~", "DAS28 ~.~",
    ),
    "count": ("~", "~#", "~##", "~", "~#"),
}  # fmt: skip
KINDS = (*_POOLED, *_SHAPED, "bp")


def filler(rng: random.Random, kind: str) -> str:
    """An entry of one of `KINDS`, measured values with new digits."""
    if kind in _POOLED:
        return rng.choice(pool("clinical", kind))
    if kind == "bp":
        return f"{rng.randrange(80, 220)}/{rng.randrange(40, 120)}"
    return digits(rng, rng.choice(_SHAPED[kind]))
