"""A simulated clinician: corrects summaries of invented reports by a preference that the model is not told.

For the demo and for tests, where it is known what there is to learn. The corrections quote the report as Curbside shows it,
masked; how far an answer is from them is `training.word_distance.edit_distance`.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from training.reports.layouts import whole_sentences
from training.reports.schema import InventedReport
from training.word_distance import words_of

_MOST_PLANS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """What a clinician wants of a summary: the diagnosis, then what is abnormal, then the plan. Nothing else, unless said."""

    diagnosis_first: bool = True
    """Else the order is the report's."""
    abnormal_findings: bool = True
    normal_findings: bool = False
    social_history: bool = False
    plan: bool = True
    """The first two sentences of it."""
    plan_first: bool = False
    """Before everything else: what is to be done, then why."""
    max_sentences: int = 6

    def __str__(self) -> str:
        order = "the diagnosis first" if self.diagnosis_first else "in the report's order"
        findings = "abnormal findings and values only" if self.abnormal_findings else "no findings"
        if self.normal_findings:
            findings = "all findings" if self.abnormal_findings else "normal findings only"
        social = "with the social history" if self.social_history else "no social history"
        plan = "then the plan" if self.plan else "no plan"
        if self.plan and self.plan_first:
            return f"the plan first, then {order.removesuffix(' first')}, {findings}, {social}, at most {self.max_sentences} sentences"
        return f"{order}, {findings}, {social}, {plan}, at most {self.max_sentences} sentences"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """An answer and what the clinician made of it."""

    report: InventedReport = field(repr=False)
    shown: str = field(repr=False)
    """The report's text as Curbside shows it."""
    answer: str = field(repr=False)
    final: str = field(repr=False)


def correct(preference: Preference, report: InventedReport, answer: str, *, shown: str | None = None) -> str:
    """The summary that the clinician makes of `answer`: sentences of the report, one a line.

    Args:
        shown: The report's text after masking; the sentences are quoted from it. Default: the report's own text.

    Returns:
        `answer` itself where it holds the wanted sentences and nothing else, diagnosis before findings before plan;
        otherwise the wanted sentences. Words count, layout does not.
    """
    groups = _wanted(preference, report)
    masked = as_shown(report, report.text if shown is None else shown)
    wanted = [[masked[sentence] for sentence in group] for group in groups]
    return answer if _suits(answer, wanted) else "\n".join(sentence for group in wanted for sentence in group)


def shuffled(corrections: Sequence[Correction], rng: random.Random) -> list[Correction]:
    """The control: corrections from which nothing can be learnt.

    Each corrected answer becomes sentences of its own report, drawn at random and in random order; how many is taken from
    another correction, so that lengths are spread as before. All are true and all are quotes: only the preference is gone.
    What had been left as it was stays so.
    """
    edited = [correction for correction in corrections if correction.final != correction.answer]
    lengths = [len(correction.final.splitlines()) for correction in edited]
    rng.shuffle(lengths)
    count = iter(lengths)
    return [
        replace(correction, final=_at_random(correction, next(count), rng))
        if correction.final != correction.answer
        else correction
        for correction in corrections
    ]


def as_shown(report: InventedReport, shown: str) -> Mapping[str, str]:
    """Each sentence of the truth → how it stands in the masked text.

    Masking changes words within sentences and, in our reports, neither adds nor removes a sentence: so they are matched by
    their place. Where it did, by what is the same before and behind.
    """
    original, masked = list(whole_sentences(report.text)), list(whole_sentences(shown))
    place: dict[str, str] = {}
    for before, after in _side_by_side(original, masked):
        place.setdefault(before, after)
    return {statement.text: _without_heading(statement.text, place) for statement in report.statements}


def _wanted(preference: Preference, report: InventedReport) -> list[list[str]]:
    """The wanted sentences in groups; the order of groups matters."""
    plan = list(report.plan[:_MOST_PLANS]) if preference.plan else []
    findings = [
        statement.text
        for statement in report.statements
        if (preference.abnormal_findings and statement.text in report.abnormal)
        or (preference.normal_findings and statement.text in report.normal)
    ]
    social = list(report.social) if preference.social_history else []
    first = list(report.diagnosis)[: preference.max_sentences]
    left = max(preference.max_sentences - len(first), 0)
    plan = plan[: max(left - 1, 0)] if findings else plan[:left]
    second = list(dict.fromkeys([*findings, *social]))[: left - len(plan)]
    if preference.diagnosis_first:
        return [plan, first, second] if preference.plan_first else [first, second, plan]
    chosen = {*first, *second, *plan}
    return [list(dict.fromkeys(s.text for s in report.statements if s.text in chosen))]


def _suits(answer: str, wanted: Sequence[Sequence[str]]) -> bool:
    """Whether the answer says each group's sentences, in whatever order within the group, and nothing else."""
    said = [words_of(sentence) for sentence in _sentences(answer)]
    at = 0
    for group in wanted:
        part = said[at : at + len(group)]
        if sorted(part) != sorted(words_of(sentence) for sentence in group):
            return False
        at += len(group)
    return bool(said) and at == len(said)


def _sentences(answer: str) -> Iterator[str]:
    for line in answer.splitlines():
        yield from whole_sentences(line)


def _at_random(correction: Correction, count: int, rng: random.Random) -> str:
    sentences = sorted(set(as_shown(correction.report, correction.shown).values()))
    return "\n".join(rng.sample(sentences, min(count, len(sentences))))


def _side_by_side(original: Sequence[str], masked: Sequence[str]) -> Iterator[tuple[str, str]]:
    if len(original) == len(masked):
        yield from zip(original, masked, strict=True)
        return
    matcher = SequenceMatcher(None, original, masked, autojunk=False)
    for _, start, end, other_start, other_end in matcher.get_opcodes():
        yield from zip(original[start:end], masked[other_start:other_end], strict=False)


def _without_heading(sentence: str, place: Mapping[str, str]) -> str:
    """The masked sentence; where a heading stands before it on the line, without that."""
    if sentence in place:
        return place[sentence]
    for before, after in place.items():
        if before.endswith(sentence):
            heading = before[: -len(sentence)]
            return after.removeprefix(heading) if after.startswith(heading) else after.partition(": ")[2] or after
    return sentence
