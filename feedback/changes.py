"""What somebody changed about an answer: only a slip of the pen, only its length, or what the sources do not say. Pure.

All three are careful to say no: a clinician may shorten an answer to a word, and one letter can be another organ.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from assistant.grounding import ground
from assistant.grounding.answers import YES_NO
from assistant.grounding.tokens import Vocabulary
from assistant.schema import Mode, Source, Support
from assistant.settings import GroundingSettings

_TOKEN = re.compile(r"(?:(?<![^\s(])[-−–])?\d+(?:[.,/:×x-]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*|[<>≤≥+±%?°]")
"""Words, numbers with their signs, and the marks that change what is stated."""
_ARTICLE = re.compile(r"\b(?:a|an|the|An|The)\b")
"""Not a capital A: that may be a hepatitis."""
_MAX_TOKENS = 2_000
"""Longer texts are compared for equality only: the comparison is quadratic."""
_MAX_SLIPS = 3
_LEAST_WORD = 5
"""Letters: one letter more or less makes another short word."""

_SHINGLE = 5
_DISTINCT = 0.6
"""Below this share of different five-word pieces a text repeats itself; prose stays above 0.9."""
_LONGER = 1.5
_LONG = 40
_WHOLE_ANSWER = 8
"""Words from which on an answer is more than a word."""
_SHORT_ANSWERS = frozenset(
    "yes no none nothing normal abnormal negative positive absent present unknown stable unchanged".split()
)
_LIST_NUMBER = re.compile(r"^[\s>#*•-]*\(?\d{1,2}[.)]\s+")


def tokens_of(text: str) -> list[str]:
    """The words and numbers of a text, whatever its case, layout and punctuation."""
    return _TOKEN.findall(text.casefold().replace("’", "'"))


def only_typos(before: str, after: str) -> bool:
    """Whether `after` says the same in the same words: other punctuation, case, articles, a misspelling put right.

    Another layout in lines or list items is a matter of style that can be learned, and so no typo.
    """
    if before.strip() == after.strip() or _lines(before) != _lines(after):
        return False
    if tokens_of(before) == tokens_of(after):
        return True
    old, new = _without_slips(before), _without_slips(after)
    if max(len(old), len(new)) > _MAX_TOKENS:
        return False
    slips: list[bool] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            slips += [i2 - i1 == j2 - j1, *map(_is_slip, old[i1:i2], new[j1:j2])]
    return all(slips) and len(slips) <= 2 * _MAX_SLIPS


def _lines(text: str) -> int:
    return sum(1 for line in text.splitlines() if line.strip())


def _without_slips(text: str) -> list[str]:
    """Without articles, and without the second of two words that were typed twice."""
    words = tokens_of(_ARTICLE.sub(" ", text))
    return [word for at, word in enumerate(words) if at == 0 or word != words[at - 1] or not word.isalpha()]


def _is_slip(before: str, after: str) -> bool:
    """Whether one is the other misspelt: a letter too many or too few, or two exchanged, and only one of them is a word.

    A letter exchanged for another may be another organ (ileum, ilium), and two known words always say two things.
    """
    if min(len(before), len(after)) < _LEAST_WORD or not (before + after).isalpha():
        return False
    return _one_letter_apart(before, after) and _is_word(before) != _is_word(after)


def _one_letter_apart(one: str, other: str) -> bool:
    if len(one) == len(other):
        at = next((at for at in range(len(one)) if one[at] != other[at]), len(one))
        return one[:at] + one[at + 1 : at + 2] + one[at : at + 1] + one[at + 2 :] == other
    shorter, longer = sorted((one, other), key=len)
    at = next((at for at in range(len(shorter)) if shorter[at] != longer[at]), len(shorter))
    return longer[:at] + longer[at + 1 :] == shorter


def _is_word(word: str) -> bool:
    from assistant.deid.lexicon import english

    return english().kind(word) != 0


def is_length_game(chosen: str, rejected: str, *, mode: Mode, sources: Iterable[Source] = ()) -> bool:
    """Whether the better text is only longer by repeating itself, or an answer emptied to a word that says nothing."""
    better, worse = tokens_of(chosen), tokens_of(rejected)
    if len(better) >= _LONG and len(better) > _LONGER * len(worse) and _repeats_itself(better):
        return True
    if len(better) > 1 or len(worse) < _WHOLE_ANSWER:
        return False
    if not better or mode in (Mode.SUMMARIZE, Mode.COMPARE):
        return True
    word = better[0]
    if word in _SHORT_ANSWERS or word in worse:
        return False
    return not any(word in tokens_of(source.text) for source in sources)


def _repeats_itself(words: Sequence[str]) -> bool:
    pieces = [tuple(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1)]
    return len(set(pieces)) < _DISTINCT * len(pieces)


def added_facts(
    answer: str, edited: str, sources: Sequence[Source], *, settings: GroundingSettings = GroundingSettings()
) -> tuple[str, ...]:
    """The sentences of a correction that no source supports and that the answer did not have already."""
    return _added_facts(answer, edited, tuple(sources), settings)


@lru_cache(maxsize=512)  # the review queue asks about the same corrections each time it is shown
def _added_facts(answer: str, edited: str, sources: tuple[Source, ...], settings: GroundingSettings) -> tuple[str, ...]:
    before = {tuple(tokens_of(sentence.text)) for sentence in ground(answer, sources, settings=settings)}
    added: list[str] = []
    numbers: set[str] | None = None
    for sentence in ground(edited, sources, settings=settings):
        if sentence.support is Support.SUPPORTED or tuple(tokens_of(sentence.text)) in before:
            continue
        if sentence.support is Support.PARTIAL:
            # What is worded otherwise is partly supported, too; a number that no source has is not a matter of wording.
            if numbers is None:
                numbers = set().union(*(_numbers(source.text) for source in sources))
            if _numbers(_LIST_NUMBER.sub("", sentence.text)) <= numbers:
                continue
        elif sentence.reason == YES_NO:
            continue
        added.append(sentence.text)
    return tuple(added)


def _numbers(text: str) -> set[str]:
    return {token.keys[0] for token in Vocabulary().tokenize(text) if token.number and token.weight}
