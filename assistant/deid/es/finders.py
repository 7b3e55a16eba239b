"""The Spanish rules, in no order: what overlaps is resolved later."""

from assistant.deid.es import (
    addresses,
    contacts,
    dates,
    facilities,
    fields,
    ids,
    names_listed,
    names_said,
    places,
)
from assistant.deid.spans import Finder

FINDERS: tuple[Finder, ...] = (
    contacts.find_contacts,
    fields.find_fields,
    ids.find_labelled_ids,
    ids.find_bare_ids,
    dates.find_dates,
    dates.find_ages,
    addresses.find_addresses,
    facilities.find_facilities,
    places.find_places,
    names_said.find_titled_names,
    names_said.find_header_names,
    names_listed.find_plain_names,
)
