"""The languages that Curbside can de-identify: a new one is a new entry here, with its rules and word lists."""

from collections.abc import Callable
from dataclasses import dataclass

from assistant.deid import (
    addresses,
    ages,
    contacts,
    dates,
    employers,
    facilities,
    fields,
    ids,
    ids_labelled,
    names_context,
    names_listed,
    names_roles,
    names_said,
    names_signed,
    phones,
    plates,
    towns,
)
from assistant.deid.es.finders import FINDERS as SPANISH_FINDERS
from assistant.deid.es.lexicon import spanish
from assistant.deid.lexicon import Lexicon, english
from assistant.deid.spans import Finder


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    """As in `DeidSettings.language`."""
    lexicon: Callable[[], Lexicon]
    """Reads the word lists; cached."""
    finders: tuple[Finder, ...]
    has_tagger: bool = False
    """Whether a tagger's weights come with it: without them nothing is masked at all, rather than worse than promised."""


LANGUAGES: dict[str, Language] = {
    "en": Language(
        "en",
        english,
        (
            contacts.find_contacts,
            phones.find_phones,
            fields.find_fields,
            ids_labelled.find_labelled_ids,
            ids.find_bare_ids,
            plates.find_plates,
            dates.find_dates,
            ages.find_ages,
            addresses.find_addresses,
            facilities.find_facilities,
            employers.find_employers,
            towns.find_places,
            names_said.find_titled_names,
            names_said.find_header_names,
            names_roles.find_names_by_role,
            names_context.find_names_in_context,
            names_signed.find_signatures,
            names_listed.find_plain_names,
        ),
        has_tagger=True,
    ),
    "es": Language("es", spanish, SPANISH_FINDERS),
}
