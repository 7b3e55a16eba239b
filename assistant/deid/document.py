"""A text with its words, made once and read by every rule."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SHORT, SURNAME, WORDY, Lexicon
from assistant.deid.scanned import with_digits

WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")

LOWER, CAPITAL, UPPER, INITIAL = 0, 1, 2, 3
"""How a word is written: `word`, `Word` (also `McCoy`), `WORD`, `W`."""


@dataclass(frozen=True, slots=True)
class Document:
    """Words are runs of letters, with apostrophes and hyphens inside. Parallel lists: a note has thousands of words,
    and an object for each would cost more than all the rules together."""

    text: str = field(repr=False)
    numeric: str = field(repr=False)
    """`text` with letters that a scanner put for digits corrected, where a number stands; of the same length."""
    starts: list[int] = field(repr=False)
    ends: list[int] = field(repr=False)
    """Without a possessive 's."""
    words: list[str] = field(repr=False)
    """As written, without a possessive 's."""
    lowers: list[str] = field(repr=False)
    shapes: list[int] = field(repr=False)
    kinds: list[int] = field(repr=False)
    lexicon: Lexicon = field(repr=False)

    @property
    def is_medical(self) -> bool:
        """Whether there is medicine in it, in English. In a text without any, a capital that no word list knows is a name."""
        medical = sum(
            1
            for kind, word in zip(self.kinds, self.lowers, strict=True)
            if kind & HEAD or word in _MEDICAL or _MEDICAL_ENDING.search(word)
        )
        return medical * _WORDS_PER_TERM > len(self.words) or len(self.words) < _TOO_SHORT_TO_TELL

    def gap(self, index: int) -> str:
        """What stands between word `index` and the next one ("" at the end)."""
        return self.text[self.ends[index] : self.starts[index + 1]] if index + 1 < len(self.starts) else ""

    def before(self, index: int) -> str:
        """What stands between word `index` and the one before it."""
        return self.text[self.ends[index - 1] if index else 0 : self.starts[index]]

    def starts_sentence(self, index: int) -> bool:
        """Whether a capital here says nothing: after a full stop, a line break, a bullet, at the start."""
        if index == 0:
            return True
        before = self.before(index)
        stripped = before.strip(" \"'(*-")
        return (
            "\n" in before
            or (bool(stripped) and stripped[-1] in ".!?:;•>|")
            or (bool(stripped) and stripped[-1].isdigit())
        )


def read(text: str, lexicon: Lexicon) -> Document:
    """Split `text` (normalised) into words. Linear."""
    starts: list[int] = []
    ends: list[int] = []
    words: list[str] = []
    lowers: list[str] = []
    shapes: list[int] = []
    kinds: list[int] = []
    kind_of, unlisted, known = lexicon.kinds, lexicon.unlisted, {}
    for match in WORD.finditer(text):
        word = match.group()
        start, end = match.span()
        if len(word) > 2 and word[-2] == "'" and word[-1] in "sS":
            word, end = word[:-2], end - 2
        lower = word.lower()
        starts.append(start)
        ends.append(end)
        words.append(word)
        lowers.append(lower)
        shapes.append(_shape(word))
        kind = known.get(lower)
        if kind is None:
            kind = kind_of.get(lower)
            known[lower] = kind = unlisted(lower, kind_of) if kind is None else kind
        if shapes[-1] == UPPER and not word.isupper() and not kind & (GIVEN | SURNAME):
            kind |= COMMON  # NSAIDs, FiO, EndoGIA
        if kind & SHORT:
            kind = kind & ~SHORT | (CLINICAL if shapes[-1] != CAPITAL or len(word) > _LONGEST_NICKNAME else 0)
        if kind & WORDY:
            kind = kind & ~WORDY | (COMMON if shapes[-1] == LOWER else 0)
        kinds.append(kind)
    _mark_terms(text, starts, ends, lowers, kinds, lexicon)
    return Document(text, with_digits(text), starts, ends, words, lowers, shapes, kinds, lexicon)


def _mark_terms(
    text: str, starts: list[int], ends: list[int], lowers: list[str], kinds: list[int], lexicon: Lexicon
) -> None:
    """The words of a term that stays become clinical and no names, unless a title stands before them."""
    for index, lower in enumerate(lowers):
        for words in lexicon.staying.get(lower, ()):
            stop = index + len(words)
            if (
                tuple(lowers[index:stop]) == words
                and all(text[ends[at] : starts[at + 1]] in _WITHIN_TERM for at in range(index, stop - 1))
                and not (index and lowers[index - 1] in lexicon.titles)
            ):
                kinds[index:stop] = [kind & ~(GIVEN | SURNAME) | CLINICAL for kind in kinds[index:stop]]
                break


_WITHIN_TERM = frozenset({" ", "-", ". ", "'s ", "' ", "/", " & ", "  "})
_LONGEST_NICKNAME = 4
"""Letters: "Pip" and "Ros" are people, "PIP" and "ROS" are not."""


def kind_by_ending(lower: str, kind_of: Mapping[str, int]) -> int:
    """What an English word may be that no list has: by its parts, by its ending."""
    if lower.endswith(_CONTRACTED):
        return COMMON
    if "-" in lower:
        parts = [kind_of.get(part, 0) for part in lower.split("-") if len(part) > 1]
        if len(parts) < 2 or any(part & (COMMON | CLINICAL | HEAD) and not part & (GIVEN | SURNAME) for part in parts):
            return COMMON
        if any(part & (GIVEN | SURNAME) and not part & (COMMON | CLINICAL) for part in parts):
            return SURNAME
        return COMMON if all(parts) else 0
    if len(lower) > 4 and lower.endswith("s") and kind_of.get(lower[:-1], 0) & (COMMON | CLINICAL | HEAD):
        return COMMON
    prefix = _PREFIX.match(lower)
    if prefix and kind_of.get(lower[prefix.end() :], 0) & (COMMON | CLINICAL | HEAD):
        return COMMON
    if len(lower) >= _SHORTEST_DRUG and _DRUG_ENDING.search(lower):
        return COMMON | CLINICAL
    return COMMON if len(lower) > 5 and (_WORD_ENDING.search(lower) or _DRUG_ENDING.search(lower)) else 0


_WORDS_PER_TERM = 40
"""Clinical prose has a term in every eight words or so, letters about accounts and songs have hardly any."""
_TOO_SHORT_TO_TELL = 5
"""Words. A short question ("Was Zorbinex started?") is taken for a clinician's."""
_MEDICAL = frozenset(
    """patient patients pt pts hx dx tx rx mg ml mcg diagnosis diagnosed treatment treated treating symptoms pain blood pressure
    disease history exam therapy surgery surgical medication medications dose daily chronic acute clinical lab labs risk
    diabetes hypertension cancer asthma stroke heart lung kidney liver renal cardiac pulmonary chest abdomen abdominal skin
    wound fever cough allergies allergy vitals admitted discharged follow-up f/u hospitalized denies yo y/o year-old male female
    started stopped taking takes given visit meds medicine scan test tests results allergic bleeding infection
    prescribed prescribing drug drugs dosage tablet tablets mri ct ecg ekg icu copd chf cad ckd hiv vaccine""".split()
)
_MEDICAL_ENDING = re.compile(
    r"(?:itis|osis|emia|oma|ectomy|otomy|plasty|scopy|graphy|pathy|algia|uria|ology|statin|pril|olol|sartan|cillin|mycin|azole|mab|nib|vir|parin|xaban)$"
)
_CONTRACTED = ("'d", "'ll", "'ve", "'m", "'re", "n't")
_WORD_ENDING = re.compile(
    # English and medicine
    r"(?:[aeiou]ment|[tsx]ion|ions|ness|ity|ology|ologist|ologists|ism|ating|izing|ical|ically|ously|ious|ative|itive|ular|ary|ated|ized|"
    r"itis|osis|emia|aemia|oma|omas|ectomy|otomy|ostomy|plasty|scopy|graphy|graph|gram|pathy|algia|uria|penia|plegia|paresis|rrhea|"
    # stems of drugs that names share now and then: Olamide, Jasmine
    r"mab|vir|apine|idone|olone|asone|tide|dopa|capone|zide|oxin|amide|formin|azine|bital|idine|amine|phrine|quin|cef|sulfa|stim|cept)$"
    r"|^(?:cef|sulf|dextro|levo(?=th|fl|ce|do))"
)
_PREFIX = re.compile(
    r"(?:post|pre|peri|intra|inter|trans|anti|non|sub|supra|infra|hyper|hypo|micro|macro|neuro|cardio|gastro|multi|semi|pseudo|poly|ultra|extra|"
    r"retro|para|endo|electro|haemo|hemo|thermo|radio|immuno|psycho)(?=[a-z]{4})"
)
_DRUG_ENDING = re.compile(
    # drugs by their stems (WHO's list of international nonproprietary names)
    r"(?:flozin|gliptin|umab|zumab|ximab|tinib|rasib|ciclib|parib|vastatin|statin|pril|sartan|olol|conazole|azole|cillin|mycin|micin|floxacin|cycline|"
    r"navir|tegravir|buvir|ciclovir|ovir|triptan|setron|prazole|tidine|dipine|azosin|parin|xaban|gatran|glutide|glitazone|thiazide|semide|caine|"
    r"azepam|zolam|barbital|codone|morphone|fentanil|oxetine|triptyline|zapine|tiapine|peridol|profen|coxib|sone|nisolone|lukast|terol|tropium|"
    r"phylline|dronate|platin|rubicin|taxel|tecan|mustine|abine|tabine|limus|kinra|giline|zepine|nidazole|quine|tinide|poetin|cillins|statins)$"
)
_SHORTEST_DRUG = 8
"""Letters: below, "Malone" and "Martine" end like drugs too."""


def _shape(word: str) -> int:
    if not word[0].isupper():
        return LOWER
    if len(word) == 1:
        return INITIAL
    letters = word.replace("'", "").replace("-", "")
    if letters.isupper():
        return UPPER
    inner = sum(letter.isupper() for letter in letters[1:])
    if inner and "-" not in word and (inner > 1 or not _INNER_CAPITAL.match(word)):
        return UPPER
    return CAPITAL


_INNER_CAPITAL = re.compile(r"(?:Mc|Mac|De|Di|Du|La|Le|Van|Von|Fitz|O'?|D'|L'|Al|El|St|Da|Lo|Jo|Mary|Ann)[A-Z][a-z]+$")
