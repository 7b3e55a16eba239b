"""The languages that Curbside can de-identify: a new one is a new entry here, with its rules and word lists."""

from collections.abc import Callable
from dataclasses import dataclass

from assistant.deid import addresses, contacts, dates, facilities, ids, names_listed, names_said, towns
from assistant.deid.lexicon import Lexicon, english
from assistant.deid.spans import Finder


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    """As in `DeidSettings.language`."""
    lexicon: Callable[[], Lexicon]
    """Reads the word lists; cached."""
    finders: tuple[Finder, ...]


LANGUAGES: dict[str, Language] = {
    "en": Language(
        "en",
        english,
        (
            contacts.find_contacts,
            ids.find_labelled_ids,
            ids.find_bare_ids,
            dates.find_dates,
            dates.find_ages,
            addresses.find_addresses,
            facilities.find_facilities,
            towns.find_places,
            names_said.find_titled_names,
            names_said.find_header_names,
            names_listed.find_plain_names,
        ),
    ),
}
