"""What is removed, and what stays: one table, the HIPAA Safe Harbor list (45 CFR 164.514(b)(2)) read as strictly as text allows.

Recognizers find, this module decides. A letter is the item of the Safe Harbor list; `-` means that the list does not
name the type, `+` that we remove more than the list asks for. Safe Harbor also asks that the installation has no actual knowledge that what is left could identify somebody: no
program can promise that, so a person looks at the masked text.

`OPTIONS` are the three ways to have it otherwise. One of them, `dates=shift`, leaves Safe Harbor.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.settings import DeidSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierType:
    name: str
    item: str
    removed: bool
    direct: bool
    """A number or an address that points at one person: no clinical reading of it may veto its removal."""
    about: str


def _type(name: str, item: str, about: str, *, removed: bool = True, direct: bool = False) -> IdentifierType:
    return IdentifierType(name=name, item=item, removed=removed, direct=direct, about=about)


TYPES: tuple[IdentifierType, ...] = (
    _type("NAME", "A", "patients, relatives, clinicians, anybody; with title and initials"),
    _type("ADDRESS", "B", "street, building, room of a home, post box", direct=True),
    _type("LOCATION", "B", "city, town, county, neighbourhood: everything below the state"),
    _type(
        "ZIP",
        "B",
        "postal codes, whole; the first three digits alone only where they are sparse (`SPARSE_ZIP3`)",
        direct=True,
    ),
    _type("ORGANIZATION", "+", "hospitals, practices, schools, employers"),
    _type("DATE", "C", "every date with a day or a month, relative ones that name a month included"),
    _type("AGE_OVER_89", "C", "ages over 89"),
    _type("PHONE", "D", "telephone, pager, extension", direct=True),
    _type("FAX", "E", "fax numbers", direct=True),
    _type("EMAIL", "F", "e-mail addresses", direct=True),
    _type("SSN", "G", "social security numbers", direct=True),
    _type("MRN", "H", "medical record, encounter, accession and specimen numbers", direct=True),
    _type("HEALTH_PLAN", "I", "member, policy, group, Medicare and Medicaid numbers", direct=True),
    _type("ACCOUNT", "J", "account, card and bank numbers", direct=True),
    _type("LICENSE", "K", "NPI, DEA, state licences, driver's licences, passports", direct=True),
    _type("VEHICLE", "L", "plates and vehicle identification numbers", direct=True),
    _type("DEVICE", "M", "serial, lot and model-specific device numbers, IMEI, MAC addresses", direct=True),
    _type("URL", "N", "web addresses", direct=True),
    _type("IP", "O", "internet addresses", direct=True),
    _type("BIOMETRIC", "P", "finger, voice and iris prints referred to by an id", direct=True),
    _type("ID", "R", "any other unique number, key or user name", direct=True),
    _type("OTHER", "R", "what a reviewer masked by hand", direct=True),
    # Full-face photographs (item Q) are not text: images are not stored.
    _type("AGE", "-", "ages up to 89", removed=False),
    _type("YEAR", "-", "a year without day and month", removed=False),
    _type("STATE", "-", "a state alone (with its city it goes)", removed=False),
    _type("COUNTRY", "-", "a country alone", removed=False),
)
BY_NAME = {kind.name: kind for kind in TYPES}

OLDEST_AGE_KEPT = 89

SPARSE_ZIP3 = frozenset("036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893".split())
"""Three-digit ZIP areas with at most 20,000 people (2000 census; the list in the Department of Health's guidance of 2012).

The rule goes by the current census: who relies on `zip=zip3` compares the list with it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A setting of `DeidSettings` that changes what stands for an identifier."""

    setting: str
    value: str
    safe_harbor: bool
    short: str
    """For a heading."""
    about: str
    """For whoever relies on it: what holds and what does not."""


OPTIONS: tuple[Option, ...] = (
    Option(
        setting="dates",
        value="shift",
        safe_harbor=False,
        short="Dates shifted: not Safe Harbor",
        about="Dates are shifted, not removed: this is not Safe Harbor; an expert must determine that the risk is very small, "
        "or the texts stay protected health information",
    ),
    Option(
        setting="replace_with",
        value="surrogates",
        safe_harbor=True,
        short="Surrogates: invented names and numbers",
        about="Invented names and numbers stand for the real ones: a miss looks like one of them, "
        "and a stored text cannot be told from an original",
    ),
    Option(
        setting="zip",
        value="zip3",
        safe_harbor=True,
        short="ZIP codes to three digits",
        about="The first three digits of US ZIP codes stay where more than 20,000 people live, which Safe Harbor allows",
    ),
)


def options_on(settings: "DeidSettings") -> tuple[Option, ...]:
    """The options that an installation has switched on; none by default."""
    return tuple(option for option in OPTIONS if getattr(settings, option.setting) == option.value)


def removes(type_name: str) -> bool:
    """Whether spans of this type are masked. Unknown types are: a recognizer that invents a type must not open a gap."""
    kind = BY_NAME.get(type_name)
    return kind is None or kind.removed


def is_direct(type_name: str) -> bool:
    """Whether no clinical reading may veto the type."""
    kind = BY_NAME.get(type_name)
    return kind is not None and kind.direct
