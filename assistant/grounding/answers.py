"""An answer → its sentences, each with the places in the sources that state it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, zip_longest

from assistant.grounding.index import SourceIndex
from assistant.grounding.statements import Statement, read_statement
from assistant.grounding.terms import OPPOSITE, SOFT, STOP, words_of
from assistant.grounding.tokens import Vocabulary
from assistant.grounding.verdicts import judge, judge_against
from assistant.reading.findings import ABNORMAL, find_findings
from assistant.schema import AnswerSentence, Citation, Source, Support
from assistant.sentences import split_sentences
from assistant.settings import GroundingSettings

_MARKS_BEFORE = re.compile(r"(?:[\s>#*_•·|\-–]|\(?\d{1,2}[.)](?:\s|\Z))*")
_MARK = re.compile(r"\[\d{1,3}(?:,\s?\d{1,3})*\]|\*\*|__|`|</?[a-zA-Z][^<>]{0,200}>")
_NO_CLAIM = re.compile(
    r"(?:(?:this|it|that) is )?not (?:stated|mentioned|documented|recorded|described|found) in (?:this|the|these) "
    r"(?:report|reports|sources?)|(?:this|the) (?:report|sources?) (?:does|do) not (?:state|say|mention) (?:this|that|it)",
    re.I,
)
_NOTHING_ABNORMAL = re.compile(r"no abnormal findings? (?:is|are) stated in (?:this|the) report", re.I)
_NO_DIFFERENCE = re.compile(r"no differences? (?:was |were )?found between the two reports", re.I)
_LABEL = re.compile(r"(?:new|now|before|no longer stated):\s+", re.I)
"""What a comparison puts before a quotation; the quotation is what is checked."""
_TITLE_WORDS = words_of(
    """medications medication medicines allergies allergy plan key abnormal normal overview social surgical family vital
    vitals signs physical procedure procedures chief recommendations recommendation follow-up imaging hospital course
    discharge assessment impression diagnoses other normalities abnormalities differences changes bottom line short"""
)
_YES_NO = re.compile(r"(?:yes|no|none|correct|true|false|maybe)\W*\Z", re.I)
_MAX_TITLE_CHARS = 60

NO_CLAIM = "states nothing that could be checked"
ABSENCE = "an absence cannot be cited"
YES_NO = "a bare yes or no cannot be checked"


def ground(
    answer: str, sources: Sequence[Source], *, settings: GroundingSettings = GroundingSettings()
) -> tuple[AnswerSentence, ...]:
    """Match every sentence of an answer to the sources, by code alone.

    Citations count from the start of the cited report. Sources that come earlier are preferred among equals, so that this
    report is cited before a past one. A sentence that only a past report states counts as supported with that report's
    label on its citation: in a question about past reports this is the answer, and the label shows where it comes from.

    Returns:
        The sentences in order; together they hold all of the answer but white space. A sentence that contradicts its
        nearest passage is `unsupported` and cites that passage, so that a reader can compare.
    """
    vocabulary = Vocabulary()
    index = SourceIndex(sources, vocabulary)
    sentences: list[AnswerSentence] = []
    for start, end in split_sentences(answer):
        support, citations, reason = _check(answer[start:end], index, vocabulary, settings)
        sentences.append(
            AnswerSentence(
                text=answer[start:end], support=support, citations=citations, start=start, end=end, reason=reason
            )
        )
    return tuple(_with_explanation(sentences))


def _with_explanation(sentences: Sequence[AnswerSentence]) -> Iterator[AnswerSentence]:
    """A bare `Yes.` is as good as the sentence that explains it."""
    for sentence, following in zip_longest(sentences, sentences[1:]):
        if (
            sentence.reason == YES_NO
            and following is not None
            and following.support is Support.SUPPORTED
            and following.citations
        ):
            sentence = replace(sentence, support=Support.SUPPORTED, citations=following.citations, reason="")
        yield sentence


def _check(
    sentence: str,
    index: SourceIndex,
    vocabulary: Vocabulary,
    settings: GroundingSettings,
) -> tuple[Support, tuple[Citation, ...], str]:
    claim = _bare(sentence)
    statement = read_statement(vocabulary.tokenize(claim))
    if not claim or _NO_CLAIM.match(claim) or _is_title(claim):
        return Support.SUPPORTED, (), NO_CLAIM
    if _NOTHING_ABNORMAL.match(claim):
        return (Support.UNSUPPORTED, (), OPPOSITE) if _states_abnormal(index) else (Support.SUPPORTED, (), ABSENCE)
    if _NO_DIFFERENCE.match(claim):
        return Support.PARTIAL, (), ABSENCE
    if _YES_NO.match(claim):
        return Support.UNSUPPORTED, (), YES_NO
    quoted = _verbatim(claim, statement, index, settings)
    if quoted is not None:
        return Support.SUPPORTED, (quoted,), ""
    if not any(token.weight for token in statement.tokens):
        return Support.SUPPORTED, (), NO_CLAIM
    verdict = judge(statement, index, settings)
    citations = tuple(index.cite(passage.source, passage.start, passage.end) for passage in verdict.passages)
    return verdict.support, citations, verdict.reason


def _is_title(claim: str) -> bool:
    """Whether it only announces what follows: `Key findings:`."""
    if not claim.endswith(":") or len(claim) > _MAX_TITLE_CHARS:
        return False
    return all(word in _TITLE_WORDS or word in SOFT or word in STOP for word in claim[:-1].lower().split())


def _bare(sentence: str) -> str:
    """The sentence without what only lays it out: bullets, emphasis, tags, a model's own citation numbers."""
    text = _MARK.sub(" ", sentence)
    begin = _MARKS_BEFORE.match(text)
    bare = text[begin.end() if begin else 0 :].rstrip(" \t\n*_|")
    return _LABEL.sub("", bare, count=1) if _LABEL.match(bare) else bare


def _states_abnormal(index: SourceIndex) -> bool:
    """Whether the report asked about, the first source, states a finding that is abnormal."""
    report = index.sources[0] if index.sources else None
    return report is not None and any(
        finding.label == ABNORMAL for finding in find_findings(report.text, report.sections)
    )


def _verbatim(claim: str, statement: Statement, index: SourceIndex, settings: GroundingSettings) -> Citation | None:
    """A citation of exactly these words, if a source has them and they mean there what they mean here.

    `fever` stands word for word in `no fever`: a quote that begins or ends within a sentence is judged against it.
    """
    first: tuple[int, int, int] | None = None
    for found in chain(index.find_verbatim(claim), index.find_verbatim(claim.rstrip(".;,: "))):
        first = first or found
        if (passages := index.passages_within(*found)) and index.is_whole(passages, *found[1:]):
            return index.cite(*found)
    if first is None or not (passages := index.passages_within(*first)):
        return None
    if judge_against(statement, passages, index, settings).support is Support.SUPPORTED:
        return index.cite(*first)
    return None
