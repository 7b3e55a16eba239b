"""Which candidates a run trains, by what the data allow. Every text is invented."""

from datetime import UTC, datetime

import pytest

from assistant.schema import Message, Mode
from feedback.dataset import Dataset, Part
from feedback.demonstrations import Demonstration, Thumb
from feedback.pairs import PreferencePair
from feedback.splits import Split
from training.candidates import example_files, learned_from, plans_for, with_replay
from training.schema import Method

AT = datetime(2026, 11, 1, tzinfo=UTC)
PROMPT = (Message(role="user", content="What is invented?"),)


def demonstrations(count: int, *, source: str = "edit") -> tuple[Demonstration, ...]:
    return tuple(
        Demonstration(
            prompt=PROMPT, completion=f"Effusion {n}.", mode=Mode.QUESTION, report_id=None, patient=None, turn_id=n,
            source=source, rater="dr-a", given_at=AT, key=f"edit-{n}",
        )
        for n in range(count)
    )  # fmt: skip


def pairs(count: int, *, source: str = "edit") -> tuple[PreferencePair, ...]:
    return tuple(
        PreferencePair(
            prompt=PROMPT, chosen=f"Effusion {n}.", rejected="Nothing.", report_id=None, patient=None,
            turn_ids=(n,), source=source, rater="dr-a", given_at=AT, key=f"edit-{n}",
        )
        for n in range(count)
    )  # fmt: skip


def thumbs(up: int, down: int) -> tuple[Thumb, ...]:
    return tuple(
        Thumb(
            prompt=PROMPT, completion=f"Effusion {n}.", label=n < up, mode=Mode.QUESTION, report_id=None, patient=None,
            turn_id=n, rater="dr-a", given_at=AT, key=f"rating-{n}",
        )
        for n in range(up + down)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("method", "train", "plans"),
    [
        pytest.param(
            Method.AUTO,
            Part(demonstrations=demonstrations(20), pairs=pairs(20)),
            (("sft",), ("sft", "dpo")),
            id="corrections allow imitation, and preference after it",
        ),
        pytest.param(Method.AUTO, Part(thumbs=thumbs(10, 10)), (("kto",),), id="thumbs alone allow KTO"),
        pytest.param(Method.AUTO, Part(thumbs=thumbs(30, 2)), (), id="praise alone teaches nothing"),
        pytest.param(Method.AUTO, Part(demonstrations=demonstrations(3)), (), id="a few are not worth a candidate"),
        pytest.param(Method.SFT, Part(demonstrations=demonstrations(3)), (("sft",),), id="who asks for SFT gets it"),
        pytest.param(Method.DPO, Part(demonstrations=demonstrations(9)), (), id="DPO needs pairs"),
        pytest.param(Method.SFT_DPO, Part(pairs=pairs(9)), (), id="SFT + DPO needs both"),
    ],
)
def test_candidates(method: Method, train: Part, plans: tuple[tuple[str, ...], ...]) -> None:
    assert plans_for(method, train) == plans


def test_a_job_is_given_the_files_of_its_stages_and_of_no_eval_set() -> None:
    files = example_files([("sft",), ("sft", "dpo")])
    assert files == {
        "demonstrations": {"train": "train-demonstrations.jsonl", "validation": "validation-demonstrations.jsonl"},
        "preferences": {"train": "train-preferences.jsonl", "validation": "validation-preferences.jsonl"},
    }


@pytest.mark.parametrize(
    ("share", "replayed"),
    [
        pytest.param(0.0, 0, id="none"),
        pytest.param(0.2, 5, id="a fifth of all"),
        pytest.param(0.9, 40, id="no more than there are"),
        pytest.param(1.0, 40, id="everything"),
    ],
)
def test_a_share_of_the_demonstrations_is_from_before(share: float, replayed: int) -> None:
    parts = {split: Part() for split in Split} | {Split.TRAIN: Part(demonstrations=demonstrations(20))}
    dataset = Dataset(parts=parts, replay=demonstrations(40))
    mixed = with_replay(dataset, share=share, seed=1)
    assert len(mixed.train.demonstrations) == 20 + replayed
    assert mixed == with_replay(dataset, share=share, seed=1)
    assert mixed.train.demonstrations[:20] == dataset.train.demonstrations


def test_the_note_is_told_what_was_learned_from() -> None:
    learned = learned_from(
        Part(
            demonstrations=demonstrations(3) + demonstrations(2, source="thumbs"),
            pairs=pairs(3) + pairs(4, source="choice") + pairs(1, source="thumbs"),
            thumbs=thumbs(1, 1),
        )
    )
    assert (learned.corrections, learned.choices, learned.thumbs, learned.accepted) == (3, 4, 3, 2)
