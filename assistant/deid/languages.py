"""The languages that Curbside can de-identify: a new one is a new entry here, with its rules and word lists."""

from collections.abc import Callable
from dataclasses import dataclass

from assistant.deid import contacts, dates, ids, names, places
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
            places.find_addresses,
            places.find_facilities,
            places.find_places,
            names.find_titled_names,
            names.find_header_names,
            names.find_plain_names,
        ),
    ),
}
