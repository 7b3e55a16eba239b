"""A record of keys and filled values, written as JSON, XML, YAML and other notations; and pieces of FHIR. For `forms`."""

from collections.abc import Callable

from training.invented.markup import Tagged

Record = list[tuple[str, Tagged]]


def _lines(record: Record, before: str, between: str, after: str, separator: str) -> Tagged:
    """Each entry as before, key, between, value, after."""
    return Tagged.join(
        [Tagged.join((Tagged(f"{before}{key}{between}"), value, Tagged(after))) for key, value in record], separator
    )


def _pretty_json(record: Record) -> Tagged:
    return Tagged.join((Tagged("{\n"), _lines(record, '  "', '": "', '"', ",\n"), Tagged("\n}")))


def _compact_json(record: Record) -> Tagged:
    return Tagged.join((Tagged("{"), _lines(record, '"', '":"', '"', ","), Tagged("}")))


def _dictionary(record: Record) -> Tagged:
    return Tagged.join((Tagged("{"), _lines(record, "'", "': '", "'", ", "), Tagged("}")))


def _xml(record: Record) -> Tagged:
    parts = [Tagged.join((Tagged(f"  <{key}>"), value, Tagged(f"</{key}>"))) for key, value in record]
    return Tagged.join((Tagged("<record>"), *parts, Tagged("</record>")), "\n")


def _attributes(record: Record) -> Tagged:
    return Tagged.join((Tagged("<patient "), _lines(record, "", '="', '"', " "), Tagged("/>")))


def _cells(record: Record) -> Tagged:
    return _lines(record, "<tr><td>", "</td><td>", "</td></tr>", "\n")


def _yaml(record: Record) -> Tagged:
    return _lines(record, "", ": ", "", "\n")


def _listed(record: Record) -> Tagged:
    return _lines(record, "- ", ": ", "", "\n")


def _logged(record: Record) -> Tagged:
    return _lines(record, "", "=", "", " ")


def _query(record: Record) -> Tagged:
    return _lines(record, "", "=", "", "&")


STYLES: tuple[Callable[[Record], Tagged], ...] = (
    _pretty_json,
    _pretty_json,
    _compact_json,
    _dictionary,
    _xml,
    _attributes,
    _cells,
    _yaml,
    _listed,
    _logged,
    _query,
)
"""The notations, JSON most often."""

FHIR: tuple[str, ...] = (
    '{{"resourceType": "Patient", "id": "{id}", "name": [{{"use": "official", "family": "{patient.surname}", "given": ["{patient.given}"]}}], "gender": "female", "birthDate": "{date.iso}"}}',
    '"identifier": [{{"type": {{"text": "MRN"}}, "system": "{url}", "value": "{mrn}"}}, {{"type": {{"text": "SSN"}}, "value": "{ssn}"}}]',
    '"address": [{{"use": "home", "line": ["{street}"], "city": "{town}", "state": "{state.code}", "postalCode": "{zip}", "country": "{country}"}}]',
    '"telecom": [\n  {{"system": "phone", "value": "{phone}", "use": "home"}},\n  {{"system": "email", "value": "{email}"}}\n]',
    '"contact": [{{"relationship": "{kin}", "name": {{"text": "{relative.full}"}}, "telecom": "{phone}"}}]',
    '"subject": {{"reference": "Patient/{id}", "display": "{patient.full}"}}, "performer": [{{"display": "Dr. {doctor.full}"}}]',
    '{{"resourceType": "Observation", "status": "final", "code": {{"coding": [{{"code": "<loinc>", "display": "{test}"}}]}}, "valueString": "{value}", "effectiveDateTime": "<iso>"}}',
    '{{"resourceType": "Encounter", "period": {{"start": "<iso>", "end": "<iso>"}}, "serviceProvider": {{"display": "{hospital}"}}, "location": "{room}"}}',
    '{{"resourceType": "MedicationRequest", "medication": "{drug} {dose}", "authoredOn": "<iso>", "requester": {{"display": "{doctor.full}"}}, "note": "{condition}"}}',
    '{{"resourceType": "Condition", "code": {{"coding": [{{"code": "<icd>", "display": "{condition}"}}]}}, "clinicalStatus": "active"}}',
    '{{"resourceType": "Practitioner", "identifier": "{npi}", "name": "{doctor.full}", "qualification": "MD"}}',
    '{{"resourceType": "Device", "serialNumber": "{serial}", "manufacturer": "{employer}", "lotNumber": "{serial}", "expirationDate": "{date.iso}"}}',
    '[{{"name": "{patient.full}", "dob": "{date.iso}"}}, {{"name": "{patient2.full}", "dob": "{date.iso}"}}, {{"name": "{patient3.full}", "dob": "{date.iso}"}}]',
    '<name use="L"><given>{patient.given}</given><family>{patient.surname}</family></name>\n<birthTime value="<day>"/>\n<addr>{street}, {town}, {state.code} {zip}</addr>',
    '<author><time value="<stamp>"/><assignedPerson>{doctor.full}</assignedPerson><representedOrganization>{hospital.full}</representedOrganization></author>',
    '<observation code="<loinc>" displayName="{test}"><value>{value}</value><effectiveTime value="<stamp>"/></observation>',
)
"""Templates for `forms`, with its codes in `<...>`; doubled braces stand for single ones."""
