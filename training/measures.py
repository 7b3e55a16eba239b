"""One answer → the numbers that the gate compares. Pure; `metrics` says what they mean."""

from collections.abc import Iterable, Sequence

from assistant.grounding import ground
from assistant.reading.findings import ABNORMAL, NAMES_DEVICE, find_findings
from assistant.schema import Source, Support
from assistant.settings import GroundingSettings
from training.word_distance import words_of

_LONGEST_RATIO = 4.0
"""A longer answer counts as this long, so that one correction to a single word does not decide for all."""


def unsupported_share(answer: str, sources: Sequence[Source], *, grounding: GroundingSettings) -> float:
    """Share of the answer's sentences that no source supports; 0 of an answer without sentences."""
    sentences = ground(answer, sources, settings=grounding)
    unsupported = sum(sentence.support is Support.UNSUPPORTED for sentence in sentences)
    return unsupported / len(sentences) if sentences else 0.0


def omitted_findings(
    answer: str, final: str, sources: Sequence[Source], *, grounding: GroundingSettings
) -> float | None:
    """Of the abnormal findings that the sources state and the clinician's final text keeps, the share that the answer omits.

    Measured against the final text and not against the report, so that a clinician who wants fewer findings can teach
    that, while a model that goes on leaving out is caught. A finding counts as omitted also where the answer has it with
    another number, on the other side, or denied. What the clinician knew from elsewhere is no omission.

    Returns:
        `None` where the final text keeps no such finding: there is nothing to omit.
    """
    wanted = [
        final[finding.start : finding.end]
        for finding in find_findings(final)
        if finding.label == ABNORMAL and finding.reason != NAMES_DEVICE
    ]
    known = [text for text, stated in zip(wanted, _stated(wanted, sources, grounding), strict=True) if stated]
    if not known:
        return None
    said = Source(report_id="answer", label="answer", text=answer)
    return 1 - sum(_stated(known, [said], grounding)) / len(known)


def length_ratio(answer: str, final: str) -> float:
    """Words of the answer over those of the final text, at most 4. Of an empty final text, as if it had one word."""
    return min(len(words_of(answer)) / max(len(words_of(final)), 1), _LONGEST_RATIO)


def new_identifiers(found: Iterable[str], shown: Iterable[str]) -> int:
    """How many different identifiers stand in none of the texts that the model was shown."""
    known = [_plain(text) for text in shown]
    return sum(not any(one in text for text in known) for one in {_plain(one) for one in found} if one)


def prefers(chosen: float, rejected: float) -> float:
    """1 if the chosen text is the likelier one, 0 if the rejected one is, ½ if neither."""
    return 0.5 if chosen == rejected else float(chosen > rejected)


def _stated(texts: Sequence[str], sources: Sequence[Source], grounding: GroundingSettings) -> list[bool]:
    """For each text, whether the sources state it, or at least a part of it and nothing else in its place."""
    if not texts:
        return []
    flat = [" ".join(text.split()) for text in texts]
    sentences = ground("\n\n".join(flat), sources, settings=grounding)
    stated: list[bool] = []
    start = 0
    for text in flat:
        end = start + len(text)
        within = [sentence for sentence in sentences if sentence.start < end and sentence.end > start]
        stated.append(all(sentence.support is not Support.UNSUPPORTED for sentence in within))
        start = end + 2
    return stated


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
