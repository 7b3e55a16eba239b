"""One model's answers on the frozen eval set and on fixed cases → its `Scores`. Keeps numbers only, no word of an answer."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from assistant.errors import PromptTooLong
from assistant.generation.quoting import compose, select
from assistant.prompts.wording import EARLIER_REPORT, THIS_REPORT
from assistant.schema import Mode, Prompt, Report, Source
from assistant.settings import GroundingSettings
from feedback.schema import Turn
from training import metrics
from training.likelihood import Likelihood
from training.measures import length_ratio, new_identifiers, omitted_findings, prefers, unsupported_share
from training.schema import Scores
from training.word_distance import edit_distance, rouge_l

log = logging.getLogger(__name__)

_ENOUGH_OF_A_MODE = 3
"""Judged answers, from which on clinicians decide what is good in a mode."""

WriteAnswer = Callable[[Prompt], str]
"""A model's best answer to a prompt, the same one each time (greedy). May raise `GenerationError`."""
FindIdentifiers = Callable[[str], Iterable[str]]
"""The pieces of a text that identify somebody, as written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalItem:
    """A question of a patient kept apart, and what a clinician made of its answer."""

    id: str
    """`turn-17`."""
    prompt: Prompt
    final: str = field(repr=False)
    """The corrected, the chosen or the accepted answer."""
    rejected: str | None = field(default=None, repr=False)
    """What `final` was preferred to."""
    mode: Mode
    patient: str | None = None
    """Pseudonym. Answers about one patient are not independent of each other."""


class _FixedCase(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def prompt(self) -> Prompt: ...


class RetentionCase(_FixedCase, Protocol):
    """A task that the model could do before, with its right answer."""

    @property
    def reference(self) -> str: ...


class HostileCase(_FixedCase, Protocol):
    """A report or a question that tries to give orders."""

    def obeyed(self, answer: str) -> bool: ...


class CanaryCase(_FixedCase, Protocol):
    """A prompt that asks for an identifier that was planted."""

    def came_out(self, answer: str) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedCases:
    """Cases of ours, the same for every model."""

    retention: Sequence[RetentionCase] = ()
    hostile: Sequence[HostileCase] = ()
    canary: Sequence[CanaryCase] = ()


def prompt_of(turn: Turn) -> Prompt:
    """The prompt as the model read it, with the reports that `quoting` reads, from what a turn keeps.

    Earlier answers that stood in it as examples are in its messages only: `quoting` answers without them.
    """
    sources = turn.answer.sources
    return Prompt(
        version=turn.answer.prompt_version,
        mode=turn.mode,
        question=turn.question,
        messages=turn.messages,
        sources=sources,
        report=_report(sources, THIS_REPORT, turn.patient),
        earlier=_report(sources, EARLIER_REPORT, turn.patient),
        trimmed=turn.answer.trimmed,
    )


def patients_of(items: Iterable[EvalItem]) -> dict[str, str]:
    """Item → patient, where it is known: what `gate.judge` needs to count patients and not answers."""
    return {item.id: item.patient for item in items if item.patient is not None}


def write_by_quoting(*, max_words: int) -> WriteAnswer:
    """The baseline that needs no model."""
    return lambda prompt: compose(select(prompt), max_words=max_words)


def evaluate(
    answer: WriteAnswer,
    items: Sequence[EvalItem],
    *,
    model_id: str,
    find_identifiers: FindIdentifiers | None,
    likelihood: Likelihood | None = None,
    fixed: FixedCases = FixedCases(),
    grounding: GroundingSettings = GroundingSettings(),
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Scores:
    """Ask a model everything once, in order, and measure what it says.

    A metric that was not measured (no `likelihood`, no `find_identifiers`) is missing from the scores, and the gate
    refuses what was not measured; one that nothing called for is there without items. A prompt that is too long for the
    model is left out: the gate compares two models on what both answered.

    Args:
        on_progress: Told `(done, total)` before the first item and after each. What it raises ends the evaluation, so
            that a run can be cancelled between two items.

    Raises:
        GenerationError: the model failed, other than by `PromptTooLong`.
        ValueError: two items have one id.
    """
    began = time.perf_counter()
    fixed = replace(fixed, retention=_not_judged(fixed.retention, items))
    steps = [*_turn_steps(items, likelihood, find_identifiers, grounding), *_fixed_steps(fixed)]
    if len({step.id for step in steps}) < len(steps):
        raise ValueError("two eval items have the same id; each turn and each fixed case may stand there once")
    values: dict[str, dict[str, float]] = {
        metric.name: {}
        for metric in metrics.METRICS.values()
        if (likelihood or not metric.by_likelihood) and (find_identifiers or metric.name != metrics.IDENTIFIERS)
    }
    too_long = 0
    on_progress(0, len(steps))
    for done, step in enumerate(steps, start=1):
        try:
            for metric, value in step.measure(answer(step.prompt)).items():
                values[metric][step.id] = value
        except PromptTooLong:
            too_long += 1
        on_progress(done, len(steps))
    seconds = time.perf_counter() - began
    log.info("evaluated model=%s cases=%d too_long=%d seconds=%.1f", model_id, len(steps), too_long, seconds)
    return Scores(model_id=model_id, by_metric=values, seconds=seconds)


def _not_judged(retention: Sequence[RetentionCase], items: Sequence[EvalItem]) -> list[RetentionCase]:
    """The cases that feedback is not about. How summaries should be, say, clinicians decide who correct them: our own answer
    to one would hold a learned style against the candidate. A question has the same right answer in any style."""
    judged = Counter(item.mode for item in items)
    return [
        case for case in retention if case.prompt.mode is Mode.QUESTION or judged[case.prompt.mode] < _ENOUGH_OF_A_MODE
    ]


@dataclass(frozen=True, slots=True)
class _Step:
    """One question, and what is to be measured of its answer."""

    id: str
    prompt: Prompt
    measure: Callable[[str], Mapping[str, float]]


def _turn_steps(
    items: Iterable[EvalItem],
    likelihood: Likelihood | None,
    find_identifiers: FindIdentifiers | None,
    grounding: GroundingSettings,
) -> Iterator[_Step]:
    for item in items:
        yield _Step(item.id, item.prompt, partial(_measure_turn, item, likelihood, find_identifiers, grounding))


def _fixed_steps(fixed: FixedCases) -> Iterator[_Step]:
    for case in fixed.retention:
        yield _Step(case.id, case.prompt, lambda text, case=case: {metrics.RETENTION: rouge_l(text, case.reference)})
    for case in fixed.hostile:
        yield _Step(case.id, case.prompt, lambda text, case=case: {metrics.HOSTILE: float(case.obeyed(text))})
    for case in fixed.canary:
        yield _Step(case.id, case.prompt, lambda text, case=case: {metrics.CANARY: float(case.came_out(text))})


def _measure_turn(
    item: EvalItem,
    likelihood: Likelihood | None,
    find_identifiers: FindIdentifiers | None,
    grounding: GroundingSettings,
    text: str,
) -> dict[str, float]:
    sources = item.prompt.sources
    values = {
        metrics.EDIT_DISTANCE: edit_distance(text, item.final),
        metrics.ROUGE_L: rouge_l(text, item.final),
        metrics.UNSUPPORTED: unsupported_share(text, sources, grounding=grounding),
        metrics.LENGTH: length_ratio(text, item.final),
    }
    omitted = omitted_findings(text, item.final, sources, grounding=grounding)
    if omitted is not None:
        values[metrics.OMITTED] = omitted
    if find_identifiers is not None:
        shown = [item.prompt.question, *(source.text for source in sources)]
        values[metrics.IDENTIFIERS] = new_identifiers(find_identifiers(text), shown)
    if likelihood is not None:
        values |= _likelihoods(item, likelihood)
    return values


def _likelihoods(item: EvalItem, likelihood: Likelihood) -> dict[str, float]:
    texts = [item.final] if item.rejected is None else [item.final, item.rejected]
    final, *others = likelihood([(item.prompt.messages, text) for text in texts])
    values = {metrics.ACCEPTED_NATS: -final.nats_per_token}
    for rejected in others:
        values[metrics.PREFERENCE] = prefers(final.nats_per_token, rejected.nats_per_token)
        values[metrics.PREFERENCE_WHOLE] = prefers(final.nats, rejected.nats)
    return values


def _report(sources: Sequence[Source], label: str, patient: str | None) -> Report | None:
    for source in sources:
        if source.label == label and source.offset == 0:
            return Report(id=source.report_id, text=source.text, sections=source.sections, patient=patient)
    return None
