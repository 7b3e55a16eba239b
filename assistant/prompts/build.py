"""Puts a prompt together: rules, then earlier turns, then the sources, the task and the question in one message."""

from collections.abc import Sequence

from assistant.prompts import wording
from assistant.prompts.fencing import make_key, neutralise, neutralise_line
from assistant.prompts.fitting import estimate_message_tokens, estimate_tokens, reduce_report
from assistant.schema import Example, Message, Mode, Prompt, Report, Source

_RESERVE_TOKENS = 96
"""For the key, the notice of what was left out, and the lines between the parts."""
_LEAST_REPORT_TOKENS = 64
"""However long the question is, so much of the report is shown; the generator refuses what it cannot read."""
_EARLIER_SHARE = 1 / 3
"""The earlier report gives way first, down to this share of the room; then this report does."""


def build_prompt(
    *,
    mode: Mode,
    question: str,
    report: Report | None,
    earlier: Report | None,
    sources: Sequence[Source],
    history: Sequence[Message] = (),
    examples: Sequence[Example] = (),
    context_tokens: int,
    max_new_tokens: int,
) -> Prompt:
    """The prompt for one question. A pure function: the same arguments give the same prompt.

    Args:
        sources: Passages of past reports, best first.
        history: Earlier turns, oldest first; other roles than `user` and `assistant` are left out.
        examples: Accepted answers about other reports, best first.
        context_tokens: What the model reads, prompt and answer together.
        max_new_tokens: What of it is kept for the answer.

    Returns:
        A prompt of at most `context_tokens - max_new_tokens` tokens as `fitting` estimates them. To get there, past
        reports are left out first, then examples, then earlier turns (the oldest first), then parts of the earlier
        report, then parts of this one. `trimmed` says so, and so does the prompt itself. A past report that was left
        out is no source either: an answer may rest only on what the model was shown.
    """
    asked = neutralise(question)
    room = context_tokens - max_new_tokens - _RESERVE_TOKENS
    room -= estimate_message_tokens(wording.SYSTEM) + estimate_message_tokens(asked + wording.TASKS[mode])
    trimmed: list[str] = []

    shown: list[tuple[Source, str]] = []
    for source, text, cut in _fit_reports(report, earlier, room=room, mode=mode, question=question):
        shown.append((source, text))
        room -= estimate_tokens(text) + _fence_tokens(source)
        trimmed[:0] = [f"parts of the {source.label.lower().removeprefix('this ')}"] if cut else []
    # Whatever leaves, all that should leave before it has left: nothing small slips in behind it.
    spoken = _turns(history)
    turns, room = _fit_turns(spoken, room=0 if trimmed else room)
    trimmed[:0] = _missing(len(spoken) - len(turns), "earlier turn")
    pairs = [(neutralise(example.question), neutralise(example.answer)) for example in examples]
    costs = [estimate_tokens(wording.EXAMPLE + asked_then + answer) for asked_then, answer in pairs]
    frame = estimate_tokens(wording.EXAMPLES_OPEN + wording.EXAMPLES_CLOSE) + 8 if pairs else 0
    kept_pairs, room = _fit(costs, room=0 if trimmed else room - frame)
    trimmed[:0] = _missing(len(pairs) - kept_pairs, "example")
    past = [(source, neutralise(source.text)) for source in sources]
    costs = [estimate_tokens(text) + _fence_tokens(source) for source, text in past]
    kept_past, room = _fit(costs, room=0 if trimmed else room)
    trimmed[:0] = _missing(len(past) - kept_past, "past report")
    shown += past[:kept_past]

    content = _write(shown, pairs[:kept_pairs], trimmed=trimmed, task=wording.TASKS[mode], question=asked)
    return Prompt(
        version=wording.PROMPT_VERSION,
        mode=mode,
        question=question,
        messages=_merge(
            [Message(role="system", content=wording.SYSTEM), *turns, Message(role="user", content=content)]
        ),
        sources=tuple(source for source, _ in shown),
        report=report,
        earlier=earlier,
        examples=tuple(examples[:kept_pairs]),
        trimmed=tuple(trimmed),
    )


def _fit_reports(
    report: Report | None, earlier: Report | None, *, room: int, mode: Mode, question: str
) -> list[tuple[Source, str, bool]]:
    """`(source, text to show, whether something is missing)` for this report and the earlier one."""
    wanted = [(report, wording.THIS_REPORT), (earlier, wording.EARLIER_REPORT)]
    given = [(one, label) for one, label in wanted if one is not None]
    room -= sum(_fence_tokens(_as_source(one, label)) for one, label in given)
    need = [estimate_tokens(neutralise(one.text)) for one, _ in given]
    if len(given) == 2:
        share = [room, max(room - need[0], int(room * _EARLIER_SHARE))]
        share[0] = room - min(need[1], share[1])
    else:
        share = [room]
    fitted: list[tuple[Source, str, bool]] = []
    for (one, label), tokens in zip(given, share, strict=False):
        least = max(tokens, _LEAST_REPORT_TOKENS)
        text, cut = reduce_report(one, tokens=least, mode=mode, question=question)
        fitted.append((_as_source(one, label), text, cut))
    return fitted


def _as_source(report: Report, label: str) -> Source:
    return Source(report_id=report.id, label=label, text=report.text, sections=report.sections)


def _fence_tokens(source: Source) -> int:
    return estimate_tokens(wording.SOURCE_OPEN + wording.SOURCE_CLOSE + neutralise_line(source.label)) + 8


def _fit(costs: Sequence[int], *, room: int) -> tuple[int, int]:
    """How many of the first fit, and the room that is left."""
    for count, cost in enumerate(costs):
        if cost > room:
            return count, room
        room -= cost
    return len(costs), room


def _turns(history: Sequence[Message]) -> list[Message]:
    """What was said, from the first question on."""
    spoken = [message for message in history if message.role in ("user", "assistant") and message.content.strip()]
    while spoken and spoken[0].role == "assistant":
        spoken.pop(0)
    return [Message(role=message.role, content=neutralise(message.content)) for message in spoken]


def _fit_turns(turns: Sequence[Message], *, room: int) -> tuple[list[Message], int]:
    """The newest turns that fit, beginning with a question: what remains of a cut turn goes too."""
    count, room = _fit([estimate_message_tokens(turn.content) for turn in reversed(turns)], room=room)
    kept = list(turns[len(turns) - count :])
    while kept and kept[0].role == "assistant":
        kept.pop(0)
    return kept, room


def _missing(number: int, noun: str) -> list[str]:
    return [f"{number} {noun}" + ("s" if number > 1 else "")] if number else []


def _write(
    shown: Sequence[tuple[Source, str]],
    pairs: Sequence[tuple[str, str]],
    *,
    trimmed: Sequence[str],
    task: str,
    question: str,
) -> str:
    key = make_key([question, *(text for _, text in shown), *(text for pair in pairs for text in pair)])
    parts = [wording.KEY_LINE.format(key=key)] if shown or pairs else []
    parts += [] if shown else [wording.NO_SOURCES]
    for number, (source, text) in enumerate(shown, start=1):
        opening = wording.SOURCE_OPEN.format(number=number, key=key, label=neutralise_line(source.label))
        parts.append(f"{opening}\n{neutralise(text).strip()}\n{wording.SOURCE_CLOSE.format(number=number, key=key)}")
    if pairs:
        listed = [wording.EXAMPLE.format(question=asked, answer=answer) for asked, answer in pairs]
        closing = wording.EXAMPLES_CLOSE.format(key=key)
        parts.append("\n\n".join([wording.EXAMPLES_OPEN.format(key=key), *listed]) + f"\n{closing}")
    parts += [wording.TRIMMED.format(what=", ".join(trimmed))] if trimmed else []
    parts += [wording.TASK.format(task=task), wording.QUESTION.format(question=question)]
    return "\n\n".join(parts)


def _merge(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Two messages of one role in a row become one: many chat templates insist that roles alternate."""
    merged: list[Message] = []
    for message in messages:
        if merged and merged[-1].role == message.role:
            message = Message(role=message.role, content=f"{merged.pop().content}\n\n{message.content}")
        merged.append(message)
    return tuple(merged)
