"""The word lists, read once: names, places, institutions, and the clinical words that must stay."""

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

GIVEN, SURNAME, COMMON, CLINICAL, HEAD = 1, 2, 4, 8, 16
"""What a word may be; a word is often several ("Grant", "Foley")."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    kinds: dict[str, int]
    """Lower-case word → what it may be."""
    places: dict[str, tuple[tuple[str, ...], ...]]
    """First word, lower case → the names of places that begin with it, each as its words, longest first."""
    institutions: dict[str, tuple[tuple[str, ...], ...]]
    countries: dict[str, tuple[tuple[str, ...], ...]]
    """Countries and states."""
    closing_words: frozenset[str]
    """The last words of places and institutions: "Hopkins", "Francisco"."""

    def kind(self, word: str) -> int:
        return self.kinds.get(word, 0)


@lru_cache(maxsize=1)
def english() -> Lexicon:
    """The English lists. The first call reads about 170 kB."""
    kinds: dict[str, int] = {}
    for name, flag in (
        ("given", GIVEN),
        ("surnames", SURNAME),
        ("common", COMMON),
        ("clinical", CLINICAL),
        ("medical_heads", HEAD),
    ):
        for line in _lines(name):
            for word in line.split():
                kinds[word] = kinds.get(word, 0) | flag
    for word in _RARE_AS_WORDS:
        kinds[word] = kinds.get(word, 0) & ~COMMON
    for word in _EVERYDAY:
        kinds[word] = kinds.get(word, 0) | COMMON
    places, institutions = _phrases("places"), _phrases("institutions")
    closing = frozenset(
        words[-1] for phrases in (places, institutions) for group in phrases.values() for words in group
    )
    return Lexicon(kinds, places, institutions, _phrases("countries"), closing)


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


def _lines(name: str) -> list[str]:
    text = resources.files("assistant.deid.words").joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _phrases(name: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    from assistant.deid.document import WORD

    phrases: dict[str, set[tuple[str, ...]]] = {}
    for line in _lines(name):
        words = tuple(word.lower() for word in WORD.findall(line))
        phrases.setdefault(words[0], set()).add(words)
    return {first: tuple(sorted(found, key=len, reverse=True)) for first, found in phrases.items()}
