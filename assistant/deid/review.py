"""Masking with the second look: what is left for a person, in offsets of the original text; or masked where nobody looks."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.deid.mask import Placeholders, apply_masks, name_words
from assistant.errors import DeidError
from assistant.schema import Mask

if TYPE_CHECKING:
    from assistant.deid.engine import Deidentifier
    from assistant.deid.residual import Residual
    from assistant.schema import IdentifierSpan, MaskedText

Range = tuple[int, int]

_ROUNDS = 3
"""What is masked changes what stands beside it. What still is found after so many rounds is left to a person."""
_LEAST_SCORE = {"LOCATION": 0.51, "ORGANIZATION": 0.51}
"""Places masked with less confidence are too often medicine for their words to be looked for everywhere."""
_LEAST_NAME_SCORE = 0.45


def mask_and_look(
    deidentifier: "Deidentifier",
    text: str,
    *,
    placeholders: Placeholders | None = None,
    keep: Sequence[Range] = (),
    add: Sequence[Range] = (),
    confirmed: Sequence[Range] = (),
    patient: str | None = None,
    mask_rest: bool = False,
) -> "tuple[MaskedText, tuple[Residual, ...]]":
    """A masked text, and the places that still look like identifiers and that nobody has looked at, in offsets of `text`.

    Args:
        deidentifier: What masks.
        text: The original.
        placeholders: As in `Deidentifier.mask`, like `keep` and `add`.
        keep: Spans that a reviewer unmasked: they are no findings.
        add: Spans that a reviewer masked.
        confirmed: Spans that a reviewer looked at and found to be no identifiers.
        patient: The patient as the file names them: what of it stands in the text is a finding. Shifted dates are theirs.
        mask_rest: Mask the findings as `OTHER` instead of leaving them to a person.

    Raises:
        DeidError: A span outside the text.
    """
    check_spans(text, confirmed)
    added = list(add)
    for _ in range(_ROUNDS if mask_rest else 0):
        masked = deidentifier.mask(text, placeholders=placeholders, keep=keep, add=added, patient=patient)
        left = _look(deidentifier, text, masked, [*keep, *confirmed], patient)
        if not left:
            return masked, ()
        added += [(place.start, place.end) for place in left]
    masked = deidentifier.mask(text, placeholders=placeholders, keep=keep, add=added, patient=patient)
    return masked, _look(deidentifier, text, masked, [*keep, *confirmed], patient)


def mask_typed(
    deidentifier: "Deidentifier", text: str, *, placeholders: Placeholders | None = None, known: str = ""
) -> "MaskedText":
    """Mask what a person typed: a question, a correction, a comment. What the second look finds is masked too, as `OTHER`.

    Nobody is stopped from asking, and nobody is asked to review one's own sentence: a word too many that is masked costs
    little there, and the text that it is about is unharmed. A report is another matter, it is the source of the answers.

    `known` is text that is kept already (the report asked about, the answer corrected): what stands in it, a person let
    through, and the second look does not hide it here. Nor is a surrogate or a shifted date of it replaced once more.
    """
    placeholders = placeholders if placeholders is not None else Placeholders()
    placeholders.reserve(known)  # the number of somebody in it must not become somebody else's
    stand_ins = _stand_ins_of(deidentifier, text, known)
    keep = [(span.start, span.end) for span in stand_ins]
    masked, left = mask_and_look(deidentifier, text, placeholders=placeholders, keep=keep)
    if not left:
        return _with_masks(masked, text, stand_ins)
    let_through = [(place.start, place.end) for place in left if stands_in(text[place.start : place.end], known)]
    masked, _ = mask_and_look(
        deidentifier, text, placeholders=placeholders, keep=keep, confirmed=let_through, mask_rest=True
    )
    return _with_masks(masked, text, stand_ins)


def check_spans(text: str, spans: Sequence[Range]) -> None:
    """Raises `DeidError` for a span outside the text."""
    for start, end in spans:
        if not 0 <= start < end <= len(text):
            raise DeidError(f"span {start}–{end} lies outside the text ({len(text)} characters); select it again")


def undecided(text: str, places: "Sequence[Residual]", seen: Sequence[Range]) -> "tuple[Residual, ...]":
    """The findings less what a person decided about; of one decided in part, the rest.

    A span that cuts a word decides nothing, unless it is a finding itself: it was meant for another text.
    """
    from assistant.deid.residual import without

    exact = {(place.start, place.end) for place in places}
    return tuple(without(text, places, [span for span in seen if span in exact or not _cuts_word(text, span)]))


def _cuts_word(text: str, span: Range) -> bool:
    return any(0 < edge < len(text) and text[edge - 1].isalnum() and text[edge].isalnum() for edge in span)


def _look(
    deidentifier: "Deidentifier", text: str, masked: "MaskedText", seen: Sequence[Range], patient: str | None
) -> "tuple[Residual, ...]":
    from assistant.deid.residual_remains import PATIENT

    hidden = [
        (span.type, text[span.start : span.end])
        for span in masked.spans
        if span.score >= _LEAST_SCORE.get(span.type, _LEAST_NAME_SCORE)
    ]
    if patient:
        hidden.append((PATIENT, patient))
    # Placeholders, whatever stands there in the text that is kept: an invented name or a shifted date is no finding.
    blank = apply_masks(text, masked.spans, Placeholders())
    found = deidentifier.residual(blank.text, hidden=hidden)
    return undecided(text, [_in_original(place, blank) for place in found], seen)


def _in_original(place: "Residual", masked: "MaskedText") -> "Residual":
    """A finding, which lies between two placeholders, in offsets of the original."""
    before = bisect_right(masked.masks, place.start, key=lambda mask: mask.start)
    shift = masked.masks[before - 1].span.end - masked.masks[before - 1].end if before else 0
    return replace(place, start=place.start + shift, end=place.end + shift)


def _stand_ins_of(deidentifier: "Deidentifier", text: str, known: str) -> "list[IdentifierSpan]":
    """The findings in a typed text that stand in `known` too, of the types that the settings replace by something realistic."""
    if not known or not deidentifier.is_realistic:
        return []
    return [
        span
        for span in deidentifier.find(text)
        if deidentifier.reads_real(span.type) and is_stand_in(text[span.start : span.end], span.type, known)
    ]


def _with_masks(masked: "MaskedText", text: str, stand_ins: "Sequence[IdentifierSpan]") -> "MaskedText":
    """With masks for what stands for identifiers already and was left as it is."""
    masks = list(masked.masks)
    for span in stand_ins:
        start = span.start + _shift_at(masked, span.start)
        written = text[span.start : span.end]
        masks.append(Mask(start=start, end=start + len(written), placeholder=written, span=span, realistic=True))
    return replace(masked, masks=tuple(sorted(masks, key=lambda mask: mask.start)))


def _shift_at(masked: "MaskedText", position: int) -> int:
    """How far a position of the original that no mask covers stands further on in the masked text."""
    before = bisect_right(masked.masks, position, key=lambda mask: mask.span.start)
    return masked.masks[before - 1].end - masked.masks[before - 1].span.end if before else 0


def is_stand_in(piece: str, type_name: str, known: str) -> bool:
    """Whether an identifier of a text is one that stands in `known` already."""
    if type_name != "NAME":
        return stands_in(piece, known)
    words = [word for word in name_words(piece) if len(word) > 1]
    # In any case that it is typed in; but "Young" is not the "young man" of the report.
    name = re.compile(r"(?<!\w)" + r"[\W_]{1,3}".join(map(re.escape, words)) + r"(?!\w)", re.IGNORECASE)
    return bool(words) and any(found.group()[0].isupper() for found in name.finditer(known))


def stands_in(piece: str, known: str) -> bool:
    """Whether these words stand in `known`, whole and as they are written."""
    return bool(known) and re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", known) is not None
