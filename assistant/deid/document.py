"""A text with its words, made once and read by every rule."""

import re
from dataclasses import dataclass, field

from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME, Lexicon

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
        """Whether there is medicine in it. In a text without any, a capital that no word list knows is a name."""
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
    kind_of, known = lexicon.kinds, {}
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
            kind = known[lower] = _kind(lower, kind_of)
        if shapes[-1] == UPPER and not word.isupper() and not kind & (GIVEN | SURNAME):
            kind |= COMMON  # NSAIDs, FiO, EndoGIA
        kinds.append(kind)
    return Document(text, _numeric(text), starts, ends, words, lowers, shapes, kinds, lexicon)


def _kind(lower: str, kind_of: dict[str, int]) -> int:
    """What a word may be: by the lists, by its parts, by its ending."""
    kind = kind_of.get(lower)
    if kind is not None:
        return kind
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
    return COMMON if len(lower) > 5 and _WORD_ENDING.search(lower) else 0


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
    # drugs by their stems (WHO's list of international nonproprietary names)
    r"flozin|gliptin|umab|zumab|ximab|mab|tinib|ciclib|parib|vastatin|statin|pril|sartan|olol|conazole|azole|cillin|mycin|micin|floxacin|cycline|"
    r"navir|tegravir|buvir|ciclovir|vir|triptan|setron|prazole|tidine|dipine|azosin|parin|xaban|gatran|glutide|glitazone|thiazide|semide|caine|"
    r"azepam|zolam|barbital|codone|morphone|fentanil|oxetine|triptyline|apine|idone|peridol|profen|coxib|asone|olone|lukast|terol|tropium|phylline|"
    r"dronate|platin|rubicin|taxel|tecan|mustine|abine|tabine|limus|cept|kinra|tide|dopa|giline|capone|zide|oxin|amide|formin|azine|zepine|bital|"
    r"idine|amine|phrine|nidazole|quine|quin|tinide|cef|sulfa|ovir|stim|poetin|cillins|statins)$|^(?:cef|sulf|dextro|levo(?=th|fl|ce|do))"
)


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
_SCANNED = re.compile(r"(?<![A-Za-z0-9])[0-9OolISB|][0-9OolISB|/.\-]{5,20}(?![A-Za-z0-9])")
_FOR_DIGITS = str.maketrans("OolISB|", "0011581")


def _numeric(text: str) -> str:
    """Only where at least half of the characters are digits and a separator stands: `O3/l5/2023` → `03/15/2023`."""

    def corrected(match: re.Match[str]) -> str:
        piece = match.group()
        digits = sum(character.isdigit() for character in piece)
        letters = sum(character.isalpha() or character == "|" for character in piece)
        return (
            piece.translate(_FOR_DIGITS)
            if letters and digits >= 4 and digits > letters and re.search(r"[/.-]", piece)
            else piece
        )

    return _SCANNED.sub(corrected, text)
