"""The sentences of a report that answer a question, or none.

A question may name a topic ("What medications …?"), something within it ("Is she on aspirin?"), or both. A named topic
alone is answered by its section; anything more specific by the sentences that speak of it, and by nothing where they
do not: a word that the report never uses counts most.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.generation.passages import Block, Passage, quote
from assistant.generation.selection import NOT_IN_SOURCES, NOT_STATED, Line, Material, distinct, within
from assistant.generation.topics import evidence, is_early, question_topics
from assistant.generation.words import STOPWORDS, content_stems, stem, stems, synonym_groups
from assistant.reading.values import find_measurements, known_quantities
from assistant.schema import Section, Source

_EMPTY = frozenset(
    stem(word)
    for word in (
        "report note record say says said show shows mention mentioned mentions tell give given list listed describe "
        "described know known find found finding findings value values level levels result results current currently "
        "present presently now history evidence sign signs problem problems issue issues information anything something "
        "else much many take takes taking took get getting use uses using receive receiving evaluate happen happened "
        "according based please include included state stated quote explain discuss document documented main any ever "
        "documentation still yet case detail details kind type sort name named did read reading new old regarding noted "
        "need needs needed undergo underwent carried out exist exists available experience experiencing make made "
        "person male female there like big large small size sized measure measures measured measuring long wide high "
        "low normal elevated abnormal stable bad better worse range today exact exactly "
    ).split()
)
"""Words of a question that name nothing to look for."""
_YES_NO = re.compile(
    r"^\W*(?:is|are|was|were|does|do|did|has|have|had|can|could|will|would|should|any|no)\b", re.IGNORECASE
)
_ASKS_WHAT = re.compile(r"^\W*(?:what|how (?:high|low|much))\b", re.IGNORECASE)
_WANTS_NUMBER = re.compile(
    r"\bhow (?:much|many|big|large|long|high|low|old)\b|\b(?:level|value|count|rate|pressure|size|dose)\b",
    re.IGNORECASE,
)
_MIN_COVERAGE = 0.6
"""Share of the question's weight that a sentence must speak of; chosen on two thirds of the notes of the bench."""
_HEADING_BONUS, _TOPIC_BONUS, _NUMBER_BONUS, _FAMILY_MALUS = 0.4, 0.25, 0.15, 0.5
_MAX_LINES, _MAX_WORDS = 12, 220
_MAX_EVIDENCE, _MAX_SPECIFIC, _MAX_HEADED = 4, 4, 10
_LIST_OF_VALUES = 3


@dataclass(frozen=True, slots=True)
class _Want:
    """Something the question speaks of: padded phrases that all mean it, and how much it weighs."""

    phrases: tuple[str, ...]
    weight: float


def select_answer(material: Material, question: str, *, breadth: int = 1) -> list[Line]:
    """Lines that answer `question`; `NOT_STATED` where the report says nothing on it. Linear in the report."""
    named, hinted, rest = question_topics(question[:2_000])
    wanted = _wants(material, rest)
    if wanted:
        lines = _specific(material, wanted, named, hinted, question, breadth)
    else:
        lines = _whole_topic(material, named or hinted, question, breadth)
    return distinct(lines) or [Line(text=NOT_STATED)]


def names_anything(question: str) -> bool:
    """Whether the question names a topic or a word that could be looked for."""
    named, hinted, rest = question_topics(question[:2_000])
    return bool(named or hinted or [word for word in content_stems(rest) if word not in _EMPTY])


def _whole_topic(material: Material, topics: tuple[str, ...], question: str, breadth: int) -> list[Line]:
    lines: list[Line] = []
    for topic in topics[:3]:
        blocks = _prefer(material.about(topic), question)
        if blocks:
            quoted = [line for block in blocks for line in _block_lines(material, block)]
            lines += within(quoted, max_words=_MAX_WORDS * breadth, max_lines=_MAX_LINES * breadth)
        else:
            lines += _evidence_lines(material, topic, breadth)
    return lines


def _block_lines(material: Material, block: Block) -> list[Line]:
    return [material.line(passage) for passage in block.passages]


def _prefer(blocks: list[Block], question: str) -> list[Block]:
    """Among several sections on a topic the one the question qualifies: before or after the operation, on discharge."""
    asked = set(stems(question))
    for early, words in (
        (True, {"preoperative", "preop", "admission", "admitt", "before"}),
        (False, {"postoperative", "discharg", "postop"}),
    ):
        if asked & words:
            chosen = [b for b in blocks if is_early(b.heading) is early and (early or _AFTER.search(b.heading))]
            return chosen or blocks
    blocks = [block for block in blocks if not is_early(block.heading)] or blocks
    if all("procedure" in block.topics for block in blocks) and not _ASKS_HOW.search(question):
        return [block for block in blocks if sum(len(p.stems) for p in block.passages) <= _TITLE_WORDS] or blocks
    return blocks


_ASKS_HOW = re.compile(r"\bhow\b|\btechnique\b|\bdetails?\b|\bdescri|\bsteps?\b", re.IGNORECASE)
_TITLE_WORDS = 80
"""A section on a procedure up to this length says what was done; a longer one tells how."""
_AFTER = re.compile(r"\bpost[- ]?(?:op|proc)|\bdischarge\b|\bfinal\b", re.IGNORECASE)


def _evidence_lines(material: Material, topic: str, breadth: int) -> list[Line]:
    """Sentences elsewhere that speak of `topic` by its own words."""
    pattern = evidence(topic)
    if pattern is None:
        return []
    found = [
        passage
        for block in material.blocks
        if topic == "family" or "family" not in block.topics
        for passage in block.passages
        if pattern.search(material.text, passage.start, passage.end)
    ]
    return [material.line(passage) for passage in found[: _MAX_EVIDENCE * breadth]]


def _wants(material: Material, rest: str) -> list[_Want]:
    """The question's own words in groups of equal meaning, weighted by how rare they are in the report."""
    words = [word for word in stems(rest) if word not in _STOP and word not in _EMPTY]
    groups = synonym_groups()
    texts = [_padded(material, passage) for passage in material.passages]
    wants: list[_Want] = []
    index = 0
    while index < min(len(words), 40):
        for length in (3, 2, 1):
            phrase = " ".join(words[index : index + length])
            if length == 1 or (phrase in groups and index + length <= len(words)):
                phrases = tuple(f" {same} " for same in groups.get(phrase, (phrase,)))
                matching = sum(any(p in text for p in phrases) for text in texts)
                wants.append(_Want(phrases, math.log1p((len(texts) + 1) / (matching + 0.5))))
                index += length
                break
    return wants


def _padded(material: Material, passage: Passage) -> str:
    heading = material.block_of(passage).heading_stems
    return f" {' '.join(heading)} | {' '.join(passage.stems)} "


def _specific(
    material: Material, wants: list[_Want], named: tuple[str, ...], hinted: tuple[str, ...], question: str, breadth: int
) -> list[Line]:
    total = sum(want.weight for want in wants)
    wants_number = bool(_WANTS_NUMBER.search(question)) or (len(wants) == 1 and not _YES_NO.search(question))
    asks_family = "family" in (*named, *hinted)
    scored: list[tuple[float, Passage]] = []
    for passage in material.passages:
        text = _padded(material, passage)
        coverage = sum(want.weight for want in wants if any(p in text for p in want.phrases)) / total
        if coverage < _MIN_COVERAGE:
            continue
        topics = material.block_of(passage).topics
        score = coverage
        if _covered(material.block_of(passage), wants) >= _MIN_COVERAGE * total:
            score += _HEADING_BONUS
        elif topics & {*named, *hinted}:
            score += _TOPIC_BONUS
        elif named and not asks_family and topics & {"family"}:
            score -= _FAMILY_MALUS
        if "family" in topics and not asks_family:
            score -= _FAMILY_MALUS
        if wants_number and any(word[0].isdigit() for word in passage.stems):
            score += _NUMBER_BONUS
        scored.append((score, passage))
    if _asks_quantity(wants, question):  # "What was the blood pressure?" is not answered by a cuff
        scored = [entry for entry in scored if any(word[0].isdigit() for word in entry[1].stems)]
    if not scored:
        return []
    best = max(score for score, _ in scored)
    limit = (_MAX_HEADED if best > 1 + _TOPIC_BONUS else _MAX_SPECIFIC) * breadth
    chosen = sorted((s for s in scored if s[0] >= best - 0.16), key=lambda s: (-s[0], s[1].start))[:limit]
    lines = [
        line
        for _, passage in sorted(chosen, key=lambda s: s[1].start)
        for line in _lines_in_context(material, passage, wants)
    ]
    return within(lines, max_words=_MAX_WORDS, max_lines=limit)


def _asks_quantity(wants: list[_Want], question: str) -> bool:
    names = known_quantities()
    return (
        len(wants) == 1
        and bool(_ASKS_WHAT.search(question))
        and any(phrase.strip() in names for phrase in wants[0].phrases)
    )


def _covered(block: Block, wants: list[_Want]) -> float:
    heading = f" {' '.join(block.heading_stems)} "
    return sum(want.weight for want in wants if any(phrase in heading for phrase in want.phrases))


def _lines_in_context(material: Material, passage: Passage, wants: list[_Want]) -> list[Line]:
    """Quote the value asked for out of a list of values; otherwise the passage.

    The heading is quoted too where the question's words stand in it alone, or where the section is about relatives.
    """
    own = f" {' '.join(passage.stems)} "
    if "family" in material.block_of(passage).topics or not any(p in own for want in wants for p in want.phrases):
        return [material.line(passage, heading=True)]
    values = find_measurements(material.text[passage.start : passage.end])
    if len(values) >= _LIST_OF_VALUES:
        asked = [v for v in values if any(p in f" {' '.join(stems(v.name))} " for want in wants for p in want.phrases)]
        spans = [(passage.start + value.start, passage.start + value.end) for value in asked]
        if spans:
            return [Line(text=quote(material.text, start, end), start=start, end=end) for start, end in spans]
    return [material.line(passage)]


_STOP = frozenset(stem(word) for word in STOPWORDS)


_PAST = re.compile(
    r"\b(?:past|previous|earlier|prior|other|similar|old|older) (?:\w+ )?(?:reports?|notes?|cases?|patients?|records?)\b",
    re.IGNORECASE,
)


def asks_about_past(question: str) -> bool:
    """Whether the question is about reports other than the one at hand."""
    return bool(_PAST.search(question[:2_000]))


def select_past(sources: Sequence[Source], question: str, *, breadth: int = 1) -> list[Line]:
    """Lines of the retrieved `sources` that answer `question`, best source first; `NOT_IN_SOURCES` where none does."""
    asked = _PAST.sub(" ", question)
    lines: list[Line] = []
    for source in sources:
        material = Material(source.text, _sections_within(source))
        found = select_answer(material, asked, breadth=breadth)
        lines += [line for line in found if line.start >= 0]
    return within(distinct(lines), max_words=_MAX_WORDS, max_lines=6 * breadth) or [Line(text=NOT_IN_SOURCES)]


def _sections_within(source: Source) -> list[Section]:
    """The source's sections in offsets of its own text."""
    end = source.offset + len(source.text)
    return [
        replace(
            section,
            start=max(section.start, source.offset) - source.offset,
            body_start=min(max(section.body_start, source.offset), end) - source.offset,
            end=min(section.end, end) - source.offset,
        )
        for section in source.sections
        if section.start < end and section.end > source.offset
    ]
