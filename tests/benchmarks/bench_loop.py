"""What the loop learns, on public judgements and from a simulated clinician: `python -m tests.benchmarks.bench_loop`.

    --part medec|mediqa|same-day   only this
    --pairs N                      learn from so many pairs of each data set, and ask about at most twice as many
    --epochs N, --rate N           of each training, at most; its learning rate (of SFT, of which DPO takes a tenth)

MEDEC and MEDIQA: how often a model finds the text likelier that people found better, on pairs kept apart by note or
question. The starter model before training, after SFT on the better texts, after DPO, and after SFT then DPO; trained as
`curbside train` does it (`python -m training.fit`), so minutes each. Chance and choosing the longer text are in the same
table. Same day: how much a clinician changes in quoted summaries, without and with earlier corrections as examples.

Intervals are of 95 %, by bootstrap over notes, groups of questions or reports. Prints figures only.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

from assistant.generation.quoting import compose, select
from assistant.generation.starter import NAME as STARTER
from assistant.modes import standard_question
from assistant.reading.sections import find_sections
from assistant.schema import Example, Mode, Prompt, Report
from assistant.settings import GenerationSettings
from feedback.recall import Memory, Remembered
from tests.benchmarks.loop_data import SOURCES, Pair, Split, write_examples
from training.bootstrap import Interval, interval_of_mean
from training.clinician import Correction, Preference, correct, shuffled
from training.job import Job, candidate_name, write_job
from training.measures import prefers
from training.models import Models
from training.reports.schema import InventedReport
from training.reports.writing import write_report
from training.settings import TrainingSettings
from training.word_distance import edit_distance

CANDIDATES = {("sft",): "after SFT", ("dpo",): "after DPO", ("sft", "dpo"): "after SFT, then DPO"}
BEFORE = "starter, before training"
TITLES = {
    "medec": "MEDEC: the right sentence over the wrong one, in its place in the note",
    "mediqa": "MEDIQA 2019: the better graded of two answers to a question",
}
REPORTS = 100
PREFERENCES = (
    Preference(),
    Preference(plan_first=True),
    Preference(abnormal_findings=False, plan=False, max_sentences=4),
)
"""What quoting does nearly by itself, another order, and much less than it says."""
WEEK = 24
"""Corrections from which the most alike are recalled."""
_MOST_WORDS = 512
_SEED = 20_261_121


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=(*SOURCES, "same-day"))
    parser.add_argument("--pairs", type=int)
    parser.add_argument("--epochs", type=float, default=TrainingSettings().epochs)
    parser.add_argument("--rate", type=float, default=TrainingSettings().learning_rate)
    options = parser.parse_args()
    settings = TrainingSettings(epochs=options.epochs, learning_rate=options.rate)
    warnings.simplefilter("ignore")  # of libraries, about their own next versions
    for name, (path, read) in SOURCES.items():
        if options.part not in (None, name):
            continue
        if not path.is_file():
            print(f"\n{TITLES[name]}\n  skipped: the development data (../shared/data) is not beside this checkout")
            continue
        parts = read()
        bench_preferences(TITLES[name], parts.first(options.pairs) if options.pairs else parts, settings)
    if options.part in (None, "same-day"):
        bench_same_day()


# Preferences


@dataclass(frozen=True, slots=True)
class Judged:
    """Pair → 1 if the model chose the better text, ½ if neither; and its surprise at the better one."""

    by_token: Mapping[str, float]
    by_text: Mapping[str, float]
    surprise: float
    """Nats a token, mean over the pairs."""


def bench_preferences(title: str, parts: Split, settings: TrainingSettings) -> None:
    print(f"\n{title}\n  {parts}")
    pairs = {str(number): pair for number, pair in enumerate(parts.held_out)}
    with tempfile.TemporaryDirectory() as folder:
        seconds = train(parts, Path(folder), settings)
        print(f"  SFT, DPO, and DPO after SFT in {seconds:.0f} s: {_told(settings)}; {_machine()}")
        judged = judge(pairs, Path(folder))
    before = judged[BEFORE]
    print(f"  {'':26} {'a token':>22} {'points to before':>22} {'the whole text':>22} {'surprise':>9}")
    print(f"  {'chance':26} {'50.0 %':>22}")
    for name, length in LONGER.items():
        chosen = {key: prefers(*length(pair)) for key, pair in pairs.items()}
        if name != "the longer text, uncut" or any(pair.lengths != _characters(pair) for pair in parts.held_out):
            print(f"  {name:26} {_share(chosen, pairs):>22}")
    for name, one in judged.items():
        gain = {key: value - before.by_token[key] for key, value in one.by_token.items()}
        against = "" if one is before else _share(gain, pairs, sign="+")
        columns = f"{_share(one.by_token, pairs):>22} {against:>22} {_share(one.by_text, pairs):>22}"
        print(f"  {name:26} {columns} {one.surprise:9.2f}")


def _characters(pair: Pair) -> tuple[int, int]:
    return len(pair.chosen), len(pair.rejected)


LONGER: Mapping[str, Callable[[Pair], tuple[int, int]]] = {
    "the longer text": _characters,
    "the longer text, uncut": lambda pair: pair.lengths,
}


def train(parts: Split, folder: Path, settings: TrainingSettings) -> float:
    """Seconds of a process of its own, imports counted in. The adapters are below `folder`."""
    job = Job(
        base_model=STARTER,
        candidates=tuple(CANDIDATES),
        data=write_examples(parts, folder),
        settings=settings,
        out=folder / "out",
    )
    write_job(job, folder / "job.json")
    begun = time.perf_counter()
    command = [sys.executable, "-m", "training.fit", str(folder / "job.json")]
    if subprocess.run(command, check=False, env=_quiet()).returncode:
        sys.exit("training failed; what it said stands above")
    return time.perf_counter() - begun


def judge(pairs: Mapping[str, Pair], folder: Path) -> dict[str, Judged]:
    """Every model about the same pairs."""
    models = Models(STARTER, GenerationSettings())
    named: dict[str, Path | None] = {BEFORE: None}
    named |= {title: folder / "out" / "adapters" / candidate_name(plan) for plan, title in CANDIDATES.items()}
    judged: dict[str, Judged] = {}
    for title, adapter in named.items():
        with models.worn(adapter, name=adapter.name if adapter else "base") as worn:
            asked = [((pair.prompt,), text) for pair in pairs.values() for text in (pair.chosen, pair.rejected)]
            found = worn.likelihood(asked)
        both = list(zip(pairs, found[::2], found[1::2], strict=True))
        judged[title] = Judged(
            {key: prefers(better.nats_per_token, worse.nats_per_token) for key, better, worse in both},
            {key: prefers(better.nats, worse.nats) for key, better, worse in both},
            mean(-better.nats_per_token for _, better, _ in both),
        )
    return judged


def _share(values: Mapping[str, float], pairs: Mapping[str, Pair], *, sign: str = "") -> str:
    return _written(_interval(values, {key: pair.group for key, pair in pairs.items()}), sign=sign)


# The same day


def bench_same_day() -> None:
    """Each report has earlier corrections of its own, so that which ones were drawn is in the interval too."""
    for preference in PREFERENCES:
        _bench_preference(preference)
    print(
        "  Measured is `quoting`, which reads the choice of lines from the examples. For language models the examples\n"
        "  stand in the prompt; that is not measured: none of useful size runs here, and the starter's prompt has no room."
    )


def _bench_preference(preference: Preference) -> None:
    rng = random.Random(_SEED)
    distances: dict[str, dict[str, float]] = {}
    kept: dict[str, list[bool]] = {}
    for number in range(REPORTS):
        report = write_report(rng)
        earlier = [corrected(preference, write_report(rng)) for _ in range(WEEK)]
        for name, examples in arms(report, earlier, rng).items():
            answer = quoted(report, examples)
            final = correct(preference, report, answer)
            distances.setdefault(name, {})[str(number)] = edit_distance(answer, final)
            kept.setdefault(name, []).append(answer == final)
    print(f"\nSame day: quoted summaries of {REPORTS} invented reports, corrected by a simulated clinician")
    print(f"  who wants: {preference}")
    print(f"  {'earlier corrections shown':34} {'words changed':>22} {'points to none':>24} {'left as it is':>14}")
    none = next(iter(distances.values()))
    for name, values in distances.items():
        difference = {key: value - none[key] for key, value in values.items()}
        against = "" if values is none else _written(_interval(difference, {}), sign="+")
        print(f"  {name:34} {_written(_interval(values, {})):>22} {against:>24} {mean(kept[name]):14.1%}")


def arms(report: InventedReport, earlier: Sequence[Correction], rng: random.Random) -> dict[str, tuple[Example, ...]]:
    """What is shown beside the question."""
    return {
        "none": (),
        "3, of any reports": recalled(report, earlier[:3], limit=3),
        "6, of any reports": recalled(report, earlier[:6], limit=6),
        f"6, the most alike of {len(earlier)}": recalled(report, earlier, limit=6),
        "6, control: sentences at random": recalled(report, shuffled(earlier[:6], rng), limit=6),
    }


def corrected(preference: Preference, report: InventedReport) -> Correction:
    answer = quoted(report, ())
    return Correction(report=report, shown=report.text, answer=answer, final=correct(preference, report, answer))


def recalled(report: InventedReport, corrections: Sequence[Correction], *, limit: int) -> tuple[Example, ...]:
    """As the chat recalls them, for the one who gave them."""
    question = standard_question(Mode.SUMMARIZE)
    memory = Memory(
        [
            Remembered(
                turn_id=number,
                key=f"edit-{number}",
                rater="clinician",
                mode=Mode.SUMMARIZE,
                question=question,
                answer=one.final,
                given_at=datetime(2026, 11, 21, tzinfo=UTC),
                corrected=one.final != one.answer,
                report=as_read(one.report, f"earlier-{number}"),
            )
            for number, one in enumerate(corrections)
        ]
    )
    read = as_read(report, "now")
    return memory.recall(mode=Mode.SUMMARIZE, question=question, report=read, rater="clinician", limit=limit)


def quoted(report: InventedReport, examples: tuple[Example, ...]) -> str:
    prompt = Prompt(
        version="bench",
        mode=Mode.SUMMARIZE,
        question=standard_question(Mode.SUMMARIZE),
        messages=(),
        sources=(),
        report=as_read(report, "now"),
        examples=examples,
    )
    return compose(select(prompt), max_words=_MOST_WORDS)


def as_read(report: InventedReport, name: str) -> Report:
    return Report(id=name, text=report.text, sections=tuple(find_sections(report.text)))


# Figures


def _interval(values: Mapping[str, float], clusters: Mapping[str, str]) -> Interval:
    return interval_of_mean(values, clusters=clusters, confidence=0.95, resamples=2_000)


def _written(interval: Interval, *, sign: str = "") -> str:
    """A share in per cent; with a sign, a difference of two in points."""
    middle, low, high = (f"{100 * value:{sign}.1f}" for value in (interval.middle, interval.low, interval.high))
    return f"{middle}{'' if sign else ' %'} ({low} to {high})"


def _told(settings: TrainingSettings) -> str:
    return f"at most {settings.epochs:g} epochs, learning rate {settings.learning_rate:g}, batches of {settings.batch_size}"


def _machine() -> str:
    return f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {os.environ.get('OMP_NUM_THREADS', 'all')} thread(s)"


def _quiet() -> dict[str, str]:
    return os.environ | {
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "TQDM_DISABLE": "1",
        "PYTHONWARNINGS": "ignore",
    }


if __name__ == "__main__":
    main()
