"""The short prompt that the starter model reads: the question, then the report, in one message and nothing else.

A model this small follows no rules and reads 1,024 word pieces: rules, keys and labels would only take room. The question
comes first, because a causal model reads the report once and must know by then what it looks for.
"""

from collections.abc import Sequence

from assistant.prompts.fencing import neutralise
from assistant.prompts.fitting import reduce_report
from assistant.prompts.wording import EARLIER_REPORT, THIS_REPORT
from assistant.schema import Message, Mode, Prompt, Report, Source

COMPACT_VERSION = "starter-1"
COMPACT_CONTEXT = 1_024
"""What the starter reads, prompt and answer together, in word pieces."""
COMPACT_ANSWER = 192
"""What is kept of it for the answer: seven sentences or so."""

_CHARACTERS_PER_PIECE = 3.0
"""Of WordPiece in dense notes. A guess on the safe side; the generator counts exactly and refuses what is too long."""
_FITTING_CHARACTERS = 3.5
"""What `fitting` takes for a token."""
_FRAME_PIECES = 16
"""For the marks of the turns and the titles of the texts."""
_LEAST_REPORT_PIECES = 64
_EARLIER_SHARE = 0.4
"""Of the room, for the earlier report where both do not fit."""
_LONGEST_QUESTION = 600


def build_compact(
    *,
    mode: Mode,
    question: str,
    report: Report | None,
    earlier: Report | None,
    sources: Sequence[Source] = (),
    context_tokens: int,
    max_new_tokens: int,
) -> Prompt:
    """The prompt for one question, of at most `context_tokens - max_new_tokens` word pieces as estimated here.

    Sources are shown only where there is no report: the model quotes from one text. What was left out stands in `trimmed`.
    """
    asked = " ".join(neutralise(question).split())[:_LONGEST_QUESTION]
    room = context_tokens - max_new_tokens - _FRAME_PIECES - _pieces(asked)
    reports = (report, earlier if report and mode is Mode.COMPARE else None)
    given = [one for one in reports if one is not None]
    trimmed: list[str] = []
    texts: list[str] = []
    for one, pieces in zip(given, _shares([_pieces(one.text) for one in given], room), strict=True):
        tokens = int(max(pieces, _LEAST_REPORT_PIECES) * _CHARACTERS_PER_PIECE / _FITTING_CHARACTERS)
        text, cut = reduce_report(one, tokens=tokens, mode=mode, question=question)
        texts.append(text.strip())
        trimmed += ["parts of the report" if one is report else "parts of the earlier report"] if cut else []
    shown = [_as_source(one, label) for one, label in zip(given, (THIS_REPORT, EARLIER_REPORT), strict=False)]
    if report is not None:
        content = compact_text(mode, asked, texts[0], earlier=texts[1] if len(texts) > 1 else "")
    else:
        passages, shown = _fit(sources, room)
        missing = len(sources) - len(shown)
        trimmed += [f"{missing} past report" + ("s" if missing > 1 else "")] if missing else []
        content = compact_text(mode, asked, "\n\n".join(passages))
    return Prompt(
        version=COMPACT_VERSION,
        mode=mode,
        question=question,
        messages=(Message(role="user", content=content),),
        sources=tuple(shown),
        report=report,
        earlier=earlier,
        trimmed=tuple(trimmed),
    )


def compact_text(mode: Mode, question: str, report: str, *, earlier: str = "") -> str:
    """The message's words. Training writes its prompts with this too, so that both always read the same.

    `report` is the text to quote from: past passages, where there is no report, are read as one.
    """
    parts = [f"{mode.value}: {question}"]
    parts += [f"{EARLIER_REPORT}\n{earlier}"] if earlier else []
    parts += [f"{THIS_REPORT}\n{report}"] if report else []
    return "\n\n".join(parts)


def _pieces(text: str) -> int:
    return int(len(text.encode("utf-8", "surrogatepass")) / _CHARACTERS_PER_PIECE) + 1


def _shares(need: Sequence[int], room: int) -> list[int]:
    """Room for this report and, if there is one, the earlier report, which gives way first."""
    if len(need) < 2:
        return [room] * len(need)
    earlier = min(need[1], max(room - need[0], int(room * _EARLIER_SHARE)))
    return [room - earlier, earlier]


def _as_source(report: Report, label: str) -> Source:
    return Source(report_id=report.id, label=label, text=report.text, sections=report.sections)


def _fit(sources: Sequence[Source], room: int) -> tuple[list[str], list[Source]]:
    """The first passages that fit."""
    passages: list[str] = []
    for source in sources:
        text = neutralise(source.text).strip()
        room -= _pieces(text) + 2
        if room < 0:
            break
        passages.append(text)
    return passages, list(sources[: len(passages)])
