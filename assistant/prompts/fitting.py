"""Makes a prompt fit what the model reads: how long a text is in tokens, and which parts of a report go first."""

import re
from collections.abc import Sequence

from assistant.prompts import wording
from assistant.prompts.fencing import neutralise, neutralise_line
from assistant.schema import Mode, Report, SectionKind

_BYTES_PER_TOKEN = 3.5
"""Notes in English have about 4 characters a token with today's tokenizers, dense ones (numbers, abbreviations) fewer.
In UTF-8 bytes the same figure holds for scripts with a token or more a character. A guess on the safe side; the
generator counts exactly."""
_MESSAGE_TOKENS = 8
"""What a chat template puts around one message."""
_LEAST_CUT_TOKENS = 24
"""A section is not cut to less than this, but left out."""
_NOTICE_TOKENS = 64
"""The longest notice about a gap, with two headings in it."""
_WORD = re.compile(r"\w{4,40}")

_K = SectionKind
_KEPT_LONGEST = {
    Mode.SUMMARIZE: (_K.DIAGNOSIS, _K.FINDINGS, _K.PLAN, _K.RESULTS, _K.SYMPTOMS, _K.EXAMINATION, _K.MEDICATIONS),
    Mode.QUESTION: (_K.DIAGNOSIS, _K.FINDINGS, _K.RESULTS, _K.PLAN, _K.MEDICATIONS, _K.EXAMINATION, _K.SYMPTOMS),
    Mode.ABNORMAL: (_K.FINDINGS, _K.RESULTS, _K.EXAMINATION, _K.DIAGNOSIS, _K.SYMPTOMS, _K.PLAN, _K.MEDICATIONS),
    Mode.COMPARE: (_K.DIAGNOSIS, _K.FINDINGS, _K.RESULTS, _K.EXAMINATION, _K.MEDICATIONS, _K.PLAN, _K.SYMPTOMS),
}
"""By mode, the kinds of sections to keep, most needed first; all others follow."""


def estimate_tokens(text: str) -> int:
    """Tokens of one message's text, rounded up."""
    return int(len(text.encode("utf-8", "surrogatepass")) / _BYTES_PER_TOKEN) + 1


def estimate_message_tokens(text: str) -> int:
    """The same with the template's words around it."""
    return estimate_tokens(text) + _MESSAGE_TOKENS


def reduce_report(report: Report, *, tokens: int, mode: Mode, question: str) -> tuple[str, bool]:
    """The report's text within about `tokens`, and whether something is missing. What is missing is said where it stood.

    Whole sections are kept by what the mode needs; for a question, those named in it come first. Without sections, the
    beginning and the end are kept: reports conclude at the end.
    """
    whole = neutralise(report.text)
    if estimate_tokens(whole) <= tokens:
        return whole, False
    pieces = _pieces(report)
    if len(pieces) < 2:
        return _head_and_tail(whole, tokens=tokens), True
    order = sorted(range(len(pieces)), key=lambda i: _rank(pieces[i], mode=mode, question=question))
    kept: dict[int, str] = {}
    room = tokens - _NOTICE_TOKENS  # one gap, from the first piece to the last
    for index in order:
        text = neutralise(pieces[index][2])
        gaps = sum(0 <= beside < len(pieces) and beside not in kept for beside in (index - 1, index + 1)) - 1
        left = room - gaps * _NOTICE_TOKENS - 1
        need = estimate_tokens(text)
        if need > left:
            if left - _NOTICE_TOKENS < _LEAST_CUT_TOKENS:
                continue
            start = _cut(text, tokens=left - _NOTICE_TOKENS - 1)
            text, need = f"{start} {_notice(len(text) - len(start))}", left
        kept[index] = text
        room = left - need
    return _join(pieces, kept), True


def _pieces(report: Report) -> list[tuple[SectionKind, str, str]]:
    """`(kind, heading, text)` in order: what stands before the first section, then each section to the next."""
    starts = [section.start for section in report.sections]
    bounds = [*starts, len(report.text)]
    pieces = [(SectionKind.OTHER, "", report.text[: bounds[0]])] if report.text[: bounds[0]].strip() else []
    for section, end in zip(report.sections, bounds[1:], strict=True):
        pieces.append((section.kind, section.heading, report.text[section.start : end]))
    return pieces


def _rank(piece: tuple[SectionKind, str, str], *, mode: Mode, question: str) -> tuple[bool, int]:
    kind, heading, _ = piece
    asked = {word.lower() for word in _WORD.findall(question)} if mode is Mode.QUESTION else set()
    named = any(word.lower() in asked for word in _WORD.findall(heading)) or kind.value in asked
    order = _KEPT_LONGEST[mode]
    return not named, order.index(kind) if kind in order else len(order)


def _join(pieces: Sequence[tuple[SectionKind, str, str]], kept: dict[int, str]) -> str:
    parts: list[str] = []
    gap: list[tuple[SectionKind, str, str]] = []
    for index, piece in enumerate(pieces):
        if index not in kept:
            gap.append(piece)
            continue
        parts += [_gap_notice(gap)] if gap else []
        parts.append(kept[index].rstrip() + "\n")
        gap = []
    parts += [_gap_notice(gap)] if gap else []
    return "\n".join(parts)


def _gap_notice(gap: Sequence[tuple[SectionKind, str, str]]) -> str:
    headings = [neutralise_line(heading, limit=20) for _, heading, _ in gap if heading.strip()]
    named = ", ".join(headings[:2]) + (f" and {len(headings) - 2} more" if len(headings) > 2 else "")
    return _notice(sum(len(text) for _, _, text in gap), named)


def _notice(count: int, headings: str = "") -> str:
    return wording.LEFT_OUT.format(count=count, headings=f", {headings}" if headings else "")


def _head_and_tail(text: str, *, tokens: int) -> str:
    room = max(tokens - _NOTICE_TOKENS, _LEAST_CUT_TOKENS)
    head = _cut(text, tokens=int(room * 0.6))
    tail = _cut(text[len(head) :], tokens=room - int(room * 0.6), from_end=True)
    return f"{head}\n{_notice(len(text) - len(head) - len(tail))}\n{tail}"


def _cut(text: str, *, tokens: int, from_end: bool = False) -> str:
    """The beginning (or end) of `text` that fits, not in the middle of a word where there is one to spare."""
    data = text.encode("utf-8", "surrogatepass")
    size = max(0, int(tokens * _BYTES_PER_TOKEN))
    if size >= len(data):
        return text
    if from_end:
        piece = data[len(data) - size :].decode("utf-8", "ignore")
        space = piece.find(" ", 0, 60)
        return piece[space + 1 :]
    piece = data[:size].decode("utf-8", "ignore")
    space = piece.rfind(" ", max(0, len(piece) - 60))
    return piece[:space] if space > 0 else piece
