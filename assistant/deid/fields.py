"""Fields of messages between machines: HL7 version 2, JSON and XML. Their names say what stands in them."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.spans import Found

_SEGMENT = re.compile(r"(?m)(?:^|(?<=[\s\r]))(PID|NK1|PV1|OBR|ORC|IN1|GT1|PD1|MRG|SCH|ROL|STF|PRA)\|([^\r\n]{1,4000})")
_HL7: dict[str, dict[int, str]] = {
    "PID": {
        2: "MRN",
        3: "MRN",
        4: "MRN",
        5: "NAME",
        6: "NAME",
        7: "DATE",
        9: "NAME",
        11: "ADDRESS",
        12: "LOCATION",
        13: "PHONE",
        14: "PHONE",
        18: "ACCOUNT",
        19: "SSN",
        20: "LICENSE",
        21: "MRN",
        23: "LOCATION",
        29: "DATE",
    },
    "NK1": {2: "NAME", 4: "ADDRESS", 5: "PHONE", 6: "PHONE", 16: "DATE"},
    "PV1": {5: "MRN", 7: "NAME", 8: "NAME", 9: "NAME", 17: "NAME", 19: "MRN", 44: "DATE", 45: "DATE"},
    "PD1": {4: "NAME"},
    "OBR": {
        2: "ID",
        3: "ID",
        6: "DATE",
        7: "DATE",
        8: "DATE",
        10: "NAME",
        14: "DATE",
        16: "NAME",
        17: "PHONE",
        22: "DATE",
        28: "NAME",
        32: "NAME",
    },
    "ORC": {2: "ID", 3: "ID", 9: "DATE", 10: "NAME", 11: "NAME", 12: "NAME", 14: "PHONE", 15: "DATE"},
    "IN1": {
        2: "HEALTH_PLAN",
        8: "HEALTH_PLAN",
        12: "DATE",
        13: "DATE",
        16: "NAME",
        18: "DATE",
        19: "ADDRESS",
        36: "HEALTH_PLAN",
        49: "HEALTH_PLAN",
    },
    "GT1": {2: "ID", 3: "NAME", 5: "ADDRESS", 6: "PHONE", 7: "PHONE", 8: "DATE", 12: "SSN"},
    "MRG": {1: "MRN", 3: "ACCOUNT", 7: "NAME"},
    "SCH": {1: "ID", 2: "ID", 16: "NAME"},
    "ROL": {4: "NAME"},
    "STF": {1: "ID", 3: "NAME", 6: "DATE", 10: "PHONE", 11: "ADDRESS"},
    "PRA": {1: "ID", 6: "LICENSE"},
}
"""Segment → number of the field → what it holds. Coded fields (sex, race, class) are left out."""
_COMPONENT = re.compile(r"[^^&~]+")
_KEPT = re.compile(r"[A-Z]{2,3}|USA?|UK|[A-Za-z]")

_NAME_KEYS = (
    "patient|patientname|patient_name|fullname|full_name|firstname|first_name|lastname|last_name|middlename|middle_name|given|givenname|given_name|family|familyname|family_name|surname|forename|maidenname|maiden_name|nickname|"
    "mothersmaidenname|contactname|contact_name|nextofkin|next_of_kin|guarantor|subscribername|providername|provider_name|doctor|physician|attending|referrer|referringphysician|orderedby|ordered_by|author|authorname|signedby|signed_by|emergencycontact|relative|guardian"
)
_OTHER_KEYS = (
    (
        "DATE",
        "dob|birthdate|birth_date|birthtime|dateofbirth|date_of_birth|deceaseddatetime|admitdate|admit_date|dischargedate|discharge_date|visitdate|visit_date|servicedate|encounterdate",
    ),
    (
        "ADDRESS",
        "address|street|streetaddressline|street_address|addressline1|addressline2|address1|address2|line|homeaddress|home_address",
    ),
    ("LOCATION", "city|town|county|district|suburb|village|municipality|birthplace"),
    ("ZIP", "zip|zipcode|zip_code|postalcode|postal_code|postcode|pincode"),
    (
        "PHONE",
        "phone|phonenumber|phone_number|telephone|tel|mobile|cell|cellphone|homephone|home_phone|workphone|work_phone|contactnumber|pager",
    ),
    ("FAX", "fax|faxnumber|fax_number"),
    ("EMAIL", "email|emailaddress|email_address|e_mail"),
    (
        "MRN",
        "mrn|patientid|patient_id|medicalrecordnumber|medical_record_number|nhsnumber|nhs_number|chartno|visitnumber|encounterid|encounter_id",
    ),
    ("SSN", "ssn|socialsecuritynumber|social_security_number|nationalid|national_id|aadhaar|sin"),
    (
        "HEALTH_PLAN",
        "memberid|member_id|policynumber|policy_number|subscriberid|subscriber_id|groupnumber|insuranceid|insurance_id",
    ),
    (
        "ID",
        "username|user_name|userid|user_id|login|accession|accessionnumber|accession_number|specimenid|orderid|order_id|device_id|deviceid|serialnumber|serial_number|lotnumber|lot_number|ipaddress|sessionid",
    ),
)
_TYPES = {key: kind for kind, keys in (("NAME", _NAME_KEYS), *_OTHER_KEYS) for key in keys.split("|")}
_JSON = re.compile(r"[\"']([A-Za-z][A-Za-z_]{1,30})[\"']\s{0,3}:\s{0,3}(?:\[\s{0,3})?[\"']([^\"'\n]{1,120})[\"']")
_XML = re.compile(r"<(?:[a-z]{1,8}:)?([A-Za-z][A-Za-z_]{1,30})(?:\s[^<>\n]{0,80})?>([^<>\n]{1,120})</")
_XML_VALUE = re.compile(r"<(?:[a-z]{1,8}:)?([A-Za-z][A-Za-z_]{1,30})\s[^<>\n]{0,60}?value=[\"']([^\"'\n]{1,120})[\"']")
_PAIRS = re.compile(r"(?:^|(?<=[;&?|,\t\n{]))\s{0,2}([A-Za-z][A-Za-z_]{1,30})=([^;&|\n,\t\"]{1,80})")
_NO_VALUE = re.compile(
    r"(?i)\s{0,3}(?:null|none|unknown|n/?a|true|false|male|female|yes|no|other|-+|\d{1,3}|(?:19|20)\d\d|)\s{0,3}"
)


def find_fields(document: Document) -> Iterator[Found]:
    """Values of fields whose names point at a person, in HL7, JSON, XML and `key=value;` text."""
    text = document.text
    if "|" in text:
        yield from _hl7(text)
    if "<" in text or ":" in text or "=" in text:
        for pattern in (_JSON, _XML, _XML_VALUE, _PAIRS):
            for match in pattern.finditer(text):
                key = match[1].lower()
                kind = _TYPES.get(key) or _TYPES.get(key.replace("_", ""))
                if kind is None and key == "name" and pattern is _PAIRS:
                    kind = "NAME"
                if kind and not _NO_VALUE.fullmatch(match[2]):
                    yield Found(*match.span(2), kind, 0.9, sure=True)


def _hl7(text: str) -> Iterator[Found]:
    for segment in _SEGMENT.finditer(text):
        wanted = _HL7[segment[1]]
        at = segment.start(2)
        if segment[2].count("|") < 2:
            continue
        for number, field in enumerate(segment[2].split("|"), start=1):
            kind = wanted.get(number)
            if kind == "NAME" and field.strip():
                yield from _people(field, at)
            elif kind:
                yield from _components(field, at, kind)
            at += len(field) + 1


def _people(field: str, at: int) -> Iterator[Found]:
    """`PETRAKIS^ELENI^M`, also `1234^HOLLOWAY^F`: as one piece."""
    if any(character.isalpha() for character in field):
        yield Found(at, at + len(field), "NAME", 0.9, sure=True)


def _components(field: str, at: int, kind: str) -> Iterator[Found]:
    for index, component in enumerate(_COMPONENT.finditer(field)):
        piece = component.group()
        if kind in ("ADDRESS", "LOCATION") and _KEPT.fullmatch(piece):
            continue  # a state, a country, the use of an address
        if kind not in ("ADDRESS", "LOCATION") and not any(character.isdigit() for character in piece):
            continue
        if kind in ("MRN", "ID", "PHONE") and index and len(piece) < 4:
            continue
        yield Found(at + component.start(), at + component.end(), kind, 0.9, sure=True)
