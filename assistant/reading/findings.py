"""Which clauses of a report state something abnormal, and which deny it, call it normal or doubt it.

A clause is judged by its words (`finding_terms.txt`) and its numbers (`values`). Denials reach as in NegEx (Chapman
et al., J Biomed Inform 2001): from the trigger to the end of the sentence, a contrasting word, or a comma that starts
a statement with a verb of its own. Usual ranges are for adults: in a child's report only ranges and flags that the
report itself states count.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.reading.terms import TOKEN, Term, find_terms
from assistant.reading.values import Measurement, find_measurements
from assistant.schema import Section
from assistant.sentences import split_sentences

ABNORMAL, NORMAL, NEGATED, UNCERTAIN = "abnormal", "normal", "negated", "uncertain"
NAMES_DEVICE = "names hardware"
"""The reason of a finding that rests on a catheter, a clip or the like alone."""
WITHIN_RANGE = "within range"
"""The reason of a finding that rests on a value alone."""

_OTHER_PEOPLE = re.compile(r"\bfamily\b|\bfhx?\b|\ballerg|\bimmuniz|\bconsent\b", re.IGNORECASE)
_CHILD = re.compile(
    r"\b(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)[- ](?:day|week|month)s?[- ]old\b"
    r"|\b(?:\d|1[0-5])[- ]years?[- ]old\b|\bnewborn\b|\bneonate\b|\binfant\b",
    re.IGNORECASE,
)
_VERBS = frozenset(
    "is are was were has have had appears appear appeared remains remain remained shows show showed reveals reveal "
    "revealed demonstrates demonstrate demonstrated seems exhibits contains measures measured".split()
)
_JOINS = frozenset({"or", "and", "nor", "as"})
_CONTRASTS = frozenset({"but", "however", "although", "though", "except", "whereas", "yet"})
_LONG_CLAUSE = 25
"""Words; longer clauses are cut at commas that start a statement of their own."""
_MAX_SENTENCE = 4_000
"""Characters; text without any full stop is judged in pieces of this size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A clause that says how something is. Offsets in the report's text."""

    start: int
    end: int
    label: str
    """`abnormal`, `normal`, `negated` or `uncertain`."""
    reason: str
    """Which rule decided, in words without patient text."""


@dataclass(slots=True)
class _Token:
    word: str
    start: int
    end: int


def find_findings(text: str, sections: Sequence[Section] = ()) -> list[Finding]:
    """Return the clauses of `text` that say something normal, abnormal, denied or in doubt, in order.

    Clauses without any such word or value give no finding; nor do sections about relatives and allergies.
    Linear in `len(text)`.
    """
    adult = not _CHILD.search(text, 0, 3_000)
    findings: list[Finding] = []
    for start, end in _bodies(text, sections):
        for first, last in split_sentences(text[start:end]):
            for piece in range(start + first, start + last, _MAX_SENTENCE):
                findings.extend(_judge_sentence(text, piece, min(piece + _MAX_SENTENCE, start + last), adult=adult))
    return findings


def _bodies(text: str, sections: Sequence[Section]) -> Iterator[tuple[int, int]]:
    """What stands between headings, without the headings."""
    start = 0
    for section in sorted(sections, key=lambda s: s.start):
        if section.start > start:
            yield start, section.start
        if not _OTHER_PEOPLE.search(section.heading):
            yield section.body_start, section.end
        start = max(start, section.end)
    if start < len(text):
        yield start, len(text)


def _judge_sentence(text: str, start: int, end: int, *, adult: bool) -> Iterator[Finding]:
    sentence = text[start:end]
    tokens = [_Token(m.group().lower(), m.start(), m.end()) for m in TOKEN.finditer(sentence)]
    terms = find_terms([token.word.replace("’", "'") for token in tokens])
    measurements = [m for m in find_measurements(sentence) if adult or m.basis != "usual range"]
    if not terms and not measurements:
        return
    labels = _label_terms(tokens, terms)
    for first, last in _clauses(tokens, measurements):
        left, right = tokens[first].start, tokens[last].end
        while right < len(sentence) and sentence[right] in ")]%.":
            right += 1
        verdict = _verdict(
            [(labels[i], terms[i]) for i in range(len(terms)) if first <= terms[i].first <= last],
            [m for m in measurements if left <= m.start < right],
        )
        if verdict:
            yield Finding(start=start + left, end=start + right, label=verdict[0], reason=verdict[1])


def _verdict(terms: list[tuple[str, Term]], measurements: list[Measurement]) -> tuple[str, str] | None:
    for measurement in measurements:
        if measurement.status in {"high", "low"}:
            return ABNORMAL, f"{measurement.name} is {measurement.status} by the {measurement.basis}"
    labels = [label for label, _ in terms]
    if all("device" in term.categories for label, term in terms if label == ABNORMAL) and ABNORMAL in labels:
        return ABNORMAL, NAMES_DEVICE
    for label, reason in ((ABNORMAL, "names an abnormality"), (UNCERTAIN, "names an abnormality in doubt")):
        if label in labels:
            return label, reason
    if NORMAL in labels or any(m.status == "normal" for m in measurements):
        return NORMAL, "calls it normal" if NORMAL in labels else WITHIN_RANGE
    return (NEGATED, "denies an abnormality") if NEGATED in labels else None


def _label_terms(tokens: list[_Token], terms: list[Term]) -> list[str]:
    """For each term its label, or `""` where it is a trigger, neutral, or not said of this patient now."""
    labels = [""] * len(terms)
    breaks = _own_statements(tokens)
    scope, scope_start = "", 0
    segment = 0  # the first term that a denial behind it may still reach
    for i, term in enumerate(terms):
        if scope and bisect_left(breaks, scope_start + 1) < bisect_left(breaks, term.first + 1):
            scope = ""
        kinds = term.categories
        if "end of scope" in kinds:
            scope, segment = "", i + 1
            continue
        if kinds & {"negation after", "doubt after"}:
            label = NEGATED if "negation after" in kinds else UNCERTAIN
            if _reaches_back(breaks, terms, labels, segment, i, label):
                segment = i + 1
                continue
        if "negation before" in kinds:
            scope, scope_start = "negated", term.first
        elif "not stated as present" in kinds:
            scope, scope_start = "elsewhere", term.first
        elif "doubt" in kinds and scope != "negated":
            scope, scope_start = "doubt", term.first
        elif kinds & {"abnormal", "device"}:
            labels[i] = {"": ABNORMAL, "negated": NEGATED, "elsewhere": "", "doubt": UNCERTAIN}[scope]
        if "normal" in kinds and not labels[i]:
            labels[i] = NORMAL if scope != "negated" else ""
    return labels


def _reaches_back(
    breaks: list[int], terms: list[Term], labels: list[str], segment: int, index: int, label: str
) -> bool:
    """Deny or doubt what stands before a trigger such as "is not seen"; false where there is nothing of the kind."""
    statement = breaks[at - 1] if (at := bisect_left(breaks, terms[index].first)) else 0
    reached = False
    for i in range(index - 1, segment - 1, -1):
        if terms[i].first < statement:
            break
        if labels[i] in {ABNORMAL, UNCERTAIN}:
            labels[i], reached = label, True
    return reached


def _own_statements(tokens: list[_Token]) -> list[int]:
    """Token numbers after commas and semicolons where a statement with its own verb begins."""
    marks = [i for i, token in enumerate(tokens) if token.word in {",", ";", "."}] + [len(tokens)]
    breaks = []
    for mark, following in pairwise(marks):
        if mark + 1 >= following:
            continue
        own_verb = tokens[mark + 1].word not in _JOINS and any(t.word in _VERBS for t in tokens[mark + 1 : following])
        if own_verb or tokens[mark].word != ",":
            breaks.append(mark + 1)
    return breaks


def _clauses(tokens: list[_Token], measurements: list[Measurement]) -> Iterator[tuple[int, int]]:
    """First and last token of each clause, both inclusive."""
    starts = set(_own_statements(tokens)) if len(tokens) > _LONG_CLAUSE else set()
    cuts = {0}
    value_ends = [m.end for m in measurements]
    value_starts = [m.start for m in measurements]
    for i, token in enumerate(tokens[:-1]):
        inside = (at := bisect_left(value_ends, token.end)) < len(measurements) and value_starts[at] <= token.start
        if inside:
            continue
        if token.word == ";":
            cuts.add(i + 1)
        elif token.word in _CONTRASTS and i:
            cuts.add(i)
        elif token.word in {",", "."} and (i + 1 in starts or _between_values(token, value_ends, value_starts)):
            cuts.add(i + 1)
    ordered = [*sorted(cuts), len(tokens)]
    for first, after in pairwise(ordered):
        last = after - 1
        while last > first and tokens[last].word in {",", ";", ":"}:
            last -= 1
        while first < last and tokens[first].word in _CONTRASTS | {",", "and"}:
            first += 1
        yield first, last


def _between_values(comma: _Token, ends: list[int], starts: list[int]) -> bool:
    """A comma in a list of values: one value before it and another right behind."""
    after = bisect_left(starts, comma.end)
    return after < len(starts) and starts[after] - comma.end <= 6 and after > 0
