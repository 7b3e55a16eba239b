"""The word lists, read once: names, places, institutions, and the clinical words that must stay."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.deid.document import Document

GIVEN, SURNAME, COMMON, CLINICAL, HEAD = 1, 2, 4, 8, 16
"""What a word may be; a word is often several ("Grant", "Foley")."""
SHORT, WORDY = 32, 64
"""In the lists only, for `document.read` to decide by how the word is written: `SHORT` is clinical unless it looks like a
name ("ROS", not "Ros"), `WORDY` is a name and in lower case an ordinary word ("hill")."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The lists of one language, and what of its grammar the rules of every language ask for."""

    kinds: dict[str, int]
    """Lower-case word → what it may be."""
    places: dict[str, tuple[tuple[str, ...], ...]]
    """First word, lower case → the names of places that begin with it, each as its words, longest first."""
    institutions: dict[str, tuple[tuple[str, ...], ...]]
    countries: dict[str, tuple[tuple[str, ...], ...]]
    """Countries and states."""
    closing_words: frozenset[str]
    """The last words of places and institutions: "Hopkins", "Francisco"."""
    unlisted: Callable[[str, Mapping[str, int]], int]
    """What a word may be that is not in the lists given with it: by its parts and its ending."""
    is_eponym: Callable[["Document", int], bool]
    """Whether the word at this index names a disease, a sign, a device rather than a person: see `guard`."""
    titles: frozenset[str]
    """Words before a name that are no part of it: "dr", "mrs"."""
    particles: frozenset[str]
    """Words within a name that alone are none: "van", "de", "la"."""
    staying: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    """First word, lower case → terms of several words that are medicine though their words are names: "Miller Fisher"."""
    departments: frozenset[str] = frozenset()
    """Words of which departments and kinds of institution are made: "Respiratory Medicine", "outpatient clinic"."""
    findings: frozenset[str] = frozenset()
    """Words with which lines of reports begin, so that their capital says nothing: "Thirst", "Mobilize"."""

    def kind(self, word: str) -> int:
        return self.kinds.get(word, 0)


@lru_cache(maxsize=1)
def english() -> Lexicon:
    """The English lists. The first call reads about 170 kB."""
    from assistant.deid.document import kind_by_ending
    from assistant.deid.guard import is_english_eponym
    from assistant.deid.name_runs import PARTICLES, TITLES

    kinds: dict[str, int] = {}
    for name, flag in (
        ("given", GIVEN),
        ("surnames", SURNAME),
        ("common", COMMON),
        ("everyday", COMMON),
        ("clinical", CLINICAL),
        ("medical_heads", HEAD),
    ):
        for line in read_lines(_FOLDER, name):
            for word in line.split():
                kinds[word] = kinds.get(word, 0) | flag
    staying = _read_terms(kinds)
    for word in _entries("name_words"):
        kinds[word] = kinds.get(word, 0) | WORDY
    for word in _RARE_AS_WORDS:
        kinds[word] = kinds.get(word, 0) & ~COMMON
    for word in _EVERYDAY:
        kinds[word] = kinds.get(word, 0) | COMMON
    places, institutions = read_phrases(_FOLDER, "places"), read_phrases(_FOLDER, "institutions")
    closing = frozenset(
        words[-1] for phrases in (places, institutions) for group in phrases.values() for words in group
    )
    return Lexicon(
        kinds,
        places,
        institutions,
        read_phrases(_FOLDER, "countries"),
        closing,
        unlisted=kind_by_ending,
        is_eponym=is_english_eponym,
        titles=TITLES,
        particles=PARTICLES,
        staying=staying,
        departments=frozenset(_entries("departments")),
        findings=frozenset(word for line in read_lines(_FOLDER, "findings") for word in line.split()),
    )


def _read_terms(kinds: dict[str, int]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """What stays: single words go into `kinds`, those of several words come back by their first word."""
    from assistant.deid.document import WORD

    phrases: dict[str, set[tuple[str, ...]]] = {}
    for name, flag in (*((name, CLINICAL) for name in _TERMS), ("abbreviations", SHORT)):
        for entry in _entries(name):
            words = tuple(WORD.findall(entry))
            if len(words) == 1:
                kinds[words[0]] = kinds.get(words[0], 0) | flag
            elif words:
                phrases.setdefault(words[0], set()).add(words)
    return _longest_first(phrases)


def _entries(name: str) -> list[str]:
    """What stands between the commas of a list."""
    return [entry.strip() for entry in " ".join(read_lines(_FOLDER, name)).split(",")]


_TERMS = ("peoples", "organisms", "eponyms", "brands", "public_bodies")
_FOLDER = "assistant.deid.words"
_RARE_AS_WORDS = "nick frank grant brady vera crystal dawn bill ora pilar moody singleton lima"
"""Names first and words second: a capital decides. (A string, split below, to keep the table readable.)"""
_RARE_AS_WORDS = tuple(_RARE_AS_WORDS.split())

_EVERYDAY = tuple(
    """hello hi hey dear thanks thank sir madam please cheers yes no ok okay sincerely regards welcome sorry goodbye bye
    monsieur madame mr mrs ms dr the this that these those his her their our your my its he she they we you it i and or
    but if so then when where who whom whose what which why how not nor can could should would will shall may might must
    is are was were be been being am do does did has have had get got go went gone come came let make made take took see
    saw seen give gave find found tell told ask asked use used said say says know knew think thought new old great little
    own other another such only just also very even back well still way because any each few more most some all both
    today tomorrow yesterday tonight now here there inc llc ltd corp company street avenue road drive apt suite box
    phone tel telephone mobile fax email address city state zip country name date birth male female patient doctor nurse hospital clinic
    song songs album band concert list movie film comedy account bank card credit debit loan mortgage transfer wire
    portfolio stock market website online customer service manager boss lawyer driver license passport ticket hotel
    query rec guideline guidelines recommendations management best latest current effectiveness contraindications
    efficacy prognosis considerations safety approach risks asap faq thai weekly entertainment wisdom discipline devil""".split()
)


def read_lines(folder: str, name: str) -> list[str]:
    """The lines of a list in this package, without its comments."""
    text = resources.files(folder).joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def read_phrases(folder: str, name: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    """A list of names of several words: first word, lower case → the names, each as its words, longest first."""
    from assistant.deid.document import WORD

    phrases: dict[str, set[tuple[str, ...]]] = {}
    for line in read_lines(folder, name):
        words = tuple(word.lower() for word in WORD.findall(line))
        phrases.setdefault(words[0], set()).add(words)
    return _longest_first(phrases)


def _longest_first(phrases: dict[str, set[tuple[str, ...]]]) -> dict[str, tuple[tuple[str, ...], ...]]:
    return {first: tuple(sorted(found, key=len, reverse=True)) for first, found in phrases.items()}
