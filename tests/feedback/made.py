"""Invented feedback, as the chat would keep it: turns with real prompts."""

from typing import Any

from assistant.prompts import build_prompt
from assistant.schema import Answer, Message, Mode, Report, Source
from feedback.store import FeedbackStore

TEXT = (
    "CHEST RADIOGRAPH\n\nPatient: [NAME_1]\n\nFINDINGS: Small left pleural effusion. No pneumothorax. The heart is not enlarged. "
    "There is a nodule of 8 mm in the right upper lobe.\n\nIMPRESSION: Small left pleural effusion. Nodule of 8 mm.\n\n"
    "PLAN: CT of the chest in three months. [NAME_1] was told by [NAME_2]."
)
ANSWER = "There is a small left pleural effusion and no pneumothorax."
BETTER = "Small left pleural effusion. Nodule of 8 mm in the right upper lobe."


def report(id: str, *, patient: str | None = None, text: str = TEXT) -> Report:
    return Report(id=id, text=text, patient=patient)


def add_turn(
    store: FeedbackStore,
    about: Report | None,
    *,
    answer: str = ANSWER,
    rater: str = "dr-a",
    question: str = "What is found?",
    conversation: int | None = None,
    mode: Mode = Mode.QUESTION,
    past: tuple[Source, ...] = (),
    history: tuple[Message, ...] = (),
    **more: Any,
) -> int:
    """A turn as the chat keeps it, with its real prompt; in a conversation of its own unless one is given."""
    prompt = build_prompt(
        mode=mode, question=question, report=about, earlier=None, sources=past, history=history,
        context_tokens=4096, max_new_tokens=256,
    )  # fmt: skip
    if conversation is None:
        conversation = store.start_conversation(rater=rater, title="Invented", report=about)
    kept = Answer(
        text=answer, sentences=(), model_id="m", prompt_version=prompt.version, timings_ms={}, sources=prompt.sources
    )
    return store.add_turn(
        conversation, rater=rater, question=question, mode=mode, answer=kept, messages=prompt.messages, report=about,
        **more,
    )  # fmt: skip
