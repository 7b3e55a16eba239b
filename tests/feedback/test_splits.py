"""No patient, no report and no text is ever in two splits. Every text is invented."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.schema import Answer, Mode, Source
from feedback.schema import Turn
from feedback.splits import Split, split_of, split_turns

KEY = bytes(range(32))
ORDER = list(Split)
PINNED = "tttttttttttttttttettttettttvtttttvettttt"


def turn(id: int, conversation_id: int, report_id: str | None, patient: str | None, *sources: Source) -> Turn:
    answer = Answer(text="A", sentences=(), model_id="m", prompt_version="1", timings_ms={}, sources=sources)
    return Turn(
        id=id,
        conversation_id=conversation_id,
        rater="dr-a",
        mode=Mode.QUESTION,
        question="q",
        answer=answer,
        messages=(),
        report_id=report_id,
        patient=patient,
        created_at=datetime(2026, 11, 1, tzinfo=UTC),
    )


def source(report_id: str, label: str = "This report", text: str = "short") -> Source:
    return Source(report_id=report_id, label=label, text=text)


@st.composite
def turns(draw: st.DrawFn) -> list[Turn]:
    rows = st.tuples(
        st.integers(1, 12),
        st.one_of(st.none(), st.sampled_from([f"r-{n}" for n in range(12)])),
        st.one_of(st.none(), st.sampled_from([f"P-{n}" for n in range(8)])),
        st.one_of(st.none(), st.sampled_from([f"r-{n}" for n in range(12)])),
    )
    return [
        turn(id, conversation, report, patient, *([source(earlier, "Earlier report")] if earlier else []))
        for id, (conversation, report, patient, earlier) in enumerate(draw(st.lists(rows, max_size=25)), 1)
    ]


@given(turns())
def test_nothing_straddles(given_turns: list[Turn]) -> None:
    split = split_turns(KEY, given_turns)
    where: dict[str, set[Split]] = {}
    for one in given_turns:
        reports = {one.report_id, *(s.report_id for s in one.answer.sources)} - {None}
        for name in (one.patient, f"conversation {one.conversation_id}", *reports):
            if name:
                where.setdefault(name, set()).add(split[one.id])
    assert [name for name, splits in where.items() if len(splits) > 1] == []


@given(turns(), st.randoms())
def test_order_decides_nothing(given_turns: list[Turn], random) -> None:
    shuffled = list(given_turns)
    random.shuffle(shuffled)
    assert split_turns(KEY, shuffled) == split_turns(KEY, given_turns)


@given(turns(), st.integers(0, 25))
def test_what_comes_later_never_moves_anything_from_training_to_judging(given_turns: list[Turn], n: int) -> None:
    before, after = split_turns(KEY, given_turns[:n]), split_turns(KEY, given_turns)
    assert all(ORDER.index(after[id]) <= ORDER.index(split) for id, split in before.items())


def test_most_train_a_tenth_stops_and_a_tenth_judges() -> None:
    counts = Counter(split_of(KEY, f"P-{n}", None) for n in range(5000))
    assert counts[Split.TRAIN] == pytest.approx(4000, abs=120)
    assert counts[Split.VALIDATION] == pytest.approx(500, abs=80)
    assert counts[Split.EVAL] == pytest.approx(500, abs=80)


def test_it_is_the_same_for_ever_and_another_for_another_installation() -> None:
    # Pinned: another answer here would judge models on what they were trained on.
    assert "".join(split_of(KEY, f"P-{n}", None)[0] for n in range(40)) == PINNED
    other = "".join(split_of(bytes(32), f"P-{n}", None)[0] for n in range(40))
    assert other != PINNED


def test_the_patient_decides_before_the_report_and_the_report_before_the_conversation() -> None:
    patient = next(f"P-{n}" for n in range(99) if split_of(KEY, f"P-{n}", None) is Split.EVAL)
    report = next(f"r-{n}" for n in range(99) if split_of(KEY, None, f"r-{n}") is Split.VALIDATION)
    assert split_of(KEY, patient, report, conversation_id=1) is Split.EVAL
    assert split_of(KEY, None, report, conversation_id=1) is Split.VALIDATION
    assert split_turns(KEY, [turn(1, 1, report, patient), turn(2, 2, "r-x", patient)]) == {1: Split.EVAL, 2: Split.EVAL}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(("r-1", None), ("r-1", "P"), id="a report with and without its patient"),
        pytest.param(("r-1", "P-0"), ("r-2", "P-0"), id="two reports of a patient"),
        pytest.param(("r-1", None, "long"), ("r-2", None, "long"), id="one text under two ids"),
    ],
)
def test_what_belongs_together_stays_together(first: tuple, second: tuple) -> None:
    text = "An invented report of some length, long enough to be told from any other one that there is."
    for seed in range(40):
        made = [
            turn(id, id, f"{report}-{seed}", patient, source(f"{report}-{seed}", text=text if long else "short"))
            for id, (report, patient, *long) in enumerate((first, second), 1)
        ]
        assert len(set(split_turns(KEY, made).values())) == 1


def test_the_library_may_know_whose_report_it_is() -> None:
    for n in range(40):
        made = [turn(1, 1, f"r-{n}", None), turn(2, 2, f"s-{n}", f"P-{n}")]
        assert len(set(split_turns(KEY, made, patients={f"r-{n}": f"P-{n}"}).values())) == 1


def test_a_passage_of_a_past_report_joins_nobody() -> None:
    made = [turn(n, n, f"r-{n}", None, source("past", label="Past report past")) for n in range(60)]
    assert len(set(split_turns(KEY, made).values())) == 3
