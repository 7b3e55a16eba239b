"""Number plates, where a word says that a vehicle or a plate is meant."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.spans import Found

_SHAPES = (
    r"[A-Z]{3}[ -]?\d{2,3}[ -]?[A-Z]{2}",  # Nigeria
    r"[A-Z]{2}\d{2} ?[A-Z]{3}",  # Britain
    r"[A-Z]\d{1,3} ?[A-Z]{3}",
    r"\d{2,3}-[A-Z]{1,2}-\d{1,6}",  # Ireland
    r"[A-Z]{2}[ -]?\d{1,2}[ -]?[A-Z]{1,3}[ -]?(?:[A-Z]{2}[ -]?)?\d{4}",  # India
    r"[A-Z]{2} \d{2} \d{4}",
    r"[A-Z]{2,3} ?\d{3}[ -]\d{3}",  # South Africa
    r"[A-Z]{2,3} ?\d{2,3} ?[A-Z]{2,3} ?(?:GP|EC|NW|MP|L|NC|FS|ZN)",
    r"[A-Z]{2,3}[ -]?\d{3,5}[A-Z]?",  # America, Australia, the Philippines
    r"\d{3,4}[ -]?[A-Z]{2,3}",
    r"\d[A-Z]{2,3}[ -]?\d{2,4}",
    r"\d[A-Z]{2}[ -]?\d[A-Z]{2}",
    r"[A-Z]{4}[ -]?\d{3}",  # Ontario
    r"[A-Z]\d{2}[ -]?[A-Z]{3}",
    r"[A-Z]{2}[ -]\d{2}[ -][A-Z]{2}",
    r"(?:VH|ZK|EI|G|C|N|D|ZS|5N|VT)-[A-Z0-9]{3,4}|N\d{2,5}[A-Z]{0,2}",  # aircraft
    r"[A-Z]-?\d{3,6}",
)
ANY_PLATE = re.compile(
    r"(?=(?:[A-Z \-]{0,9}\d){2})(?=(?:[\d \-]{0,9}[A-Z]){2})[A-Z0-9]{1,5}(?:[ -][A-Z0-9]{1,5}){0,3}(?![A-Za-z0-9])"
)
"""Where a label says that it is one."""
PLATE = re.compile(rf"(?:{'|'.join(_SHAPES)})(?![A-Za-z0-9])")
_ANYWHERE = re.compile(rf"(?<![\w-])(?:{'|'.join(_SHAPES[:-2])})(?![\w-])")
_CODE = re.compile(
    r"(?:CPT|ICD|NDC|GCS|HR|BP|RR|CT|MRI|ISS|AIS|MVA|MVC|RTA|MPH|KMH|KPH|ETOH|BAC|POD|HGB|WBC|PLT|CD|TL|SPO)(?![A-Z])"
)
_VEHICLE = re.compile(
    r"\b(?:cars?|van|truck|lorry|taxi|cab|bus|minibus|motorcycle|motorbike|scooter|vehicles?|pick-?up|ambulance|sedan|suv|driver|driving|bakkie|ute|rickshaw|tractor|trailer|campervan|moped|"
    r"honda|toyota|ford|bmw|volvo|vw|volkswagen|audi|nissan|mazda|hyundai|kia|tesla|chevy|chevrolet|dodge|jeep|subaru|suzuki|vauxhall|corsa|transit|mercedes|skoda|renault|peugeot|hilux|corolla|civic|maruti|tata|bajaj|"
    r"reg|regn|rego|registration|registered|parked)\b[^\n]{0,36}$",
    re.IGNORECASE,
)


def find_plates(document: Document) -> Iterator[Found]:
    """What looks like a plate behind a word for a vehicle on the same line: "the van (BX19 KWF)"."""
    text = document.text
    for match in _ANYWHERE.finditer(text):
        if not _CODE.match(match.group().lstrip("0123456789 -")) and _VEHICLE.search(
            text, max(0, match.start() - 40), match.start()
        ):
            yield Found(*match.span(), "VEHICLE", 0.75)
