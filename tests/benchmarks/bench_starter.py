"""How well the starter model quotes: `python -m tests.benchmarks.bench_starter [--limit N] [--weights FOLDER]`.

The questions, the notes and what counts as right are those of `bench_quoting`, on the third of the notes that neither
`quoting` nor the starter was tuned or trained on. The starter answers freely and, as the chat lets it, only by quoting.
The last table is about invented reports, whose exact answers are known; their generator made half of the training text.
Prints figures only. Minutes on one processor.
"""

import argparse
import hashlib
import random
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.generation.decoding import write_answer
from assistant.generation.loading import LoadedModel
from assistant.generation.quoting import compose, select
from assistant.generation.selection import FIXED_PHRASES
from assistant.generation.starter import FOLDER, POSITIONS, load_starter
from assistant.modes import standard_question
from assistant.prompts.compact import build_compact
from assistant.reading.sections import find_sections
from assistant.schema import Mode, Prompt, Report
from tests.benchmarks.bench_quoting import CONCLUSION, DATA, EARLY, QUESTIONS, Note, read_notes

ANSWER_TOKENS = 200
Answering = Callable[[Prompt], str]


@dataclass
class Clock:
    """Tokens written and the seconds of one processor that it took, prompts included."""

    tokens: int = 0
    seconds: float = 0.0


def answerers(loaded: LoadedModel, clock: Clock) -> dict[str, Answering]:
    def starter(prompt: Prompt, *, quote_only: bool) -> str:
        started = time.process_time()
        answer = write_answer(loaded, prompt, max_new_tokens=ANSWER_TOKENS, quote_only=quote_only)
        clock.seconds += time.process_time() - started
        clock.tokens += len(loaded.tokenizer(answer)["input_ids"])
        return answer

    return {
        "quoting": lambda prompt: compose(select(prompt), max_words=ANSWER_TOKENS),
        "starter, quotes only": lambda prompt: starter(prompt, quote_only=True),
        "starter, free": lambda prompt: starter(prompt, quote_only=False),
    }


def ask(text: str, mode: Mode, question: str) -> Prompt:
    report = Report(id="bench", text=text, sections=find_sections(text))
    return build_compact(
        mode=mode,
        question=question,
        report=report,
        earlier=None,
        context_tokens=POSITIONS,
        max_new_tokens=ANSWER_TOKENS,
    )


class Places:
    """Finds a line in a note whatever its case and spaces: word pieces keep neither."""

    def __init__(self, text: str) -> None:
        kept = [(letter.lower(), offset) for offset, letter in enumerate(text) if letter.isalnum()]
        self._letters = "".join(letter for letter, _ in kept)
        self._offsets = [offset for (letters, offset) in kept for _ in letters]

    def of(self, line: str) -> list[int]:
        """Where `line` stands; several times, or nowhere."""
        wanted = _letters(line)
        found = [match.start() for match in re.finditer(re.escape(wanted), self._letters)] if wanted else []
        return [self._offsets[at] for at in found]


def bench_sections(notes: list[Note], answering: dict[str, Answering]) -> None:
    print(
        "\nQuestions about a section of real notes: answered from it where there is one, not stated where there is none"
    )
    print(f"{'':12} {'':22} {'asked':>6} {'all lines right':>16} {'some right':>11} {'lacking':>8} {'not stated':>11}")
    for topic, (heading, _, questions) in QUESTIONS.items():
        for name, answer in answering.items():
            has = right = some = lacks = honest = 0
            for number, note in enumerate(notes):
                spans = [(a, b) for head, a, b in note.truth if heading.search(head) and b - a > len(head) + 3]
                if not spans and (not note.truth or heading.search(note.text)):
                    continue
                text = answer(ask(note.text, Mode.QUESTION, questions[number % len(questions)]))
                lines = [line.removeprefix("- ") for line in text.splitlines()]
                quotes = [line for line in lines if not _is_fixed(line)]
                if not spans:
                    lacks += 1
                    honest += not quotes
                    continue
                places = Places(note.text)
                inside = [any(a <= at < b for at in places.of(line) for a, b in spans) for line in quotes]
                has += 1
                right += bool(inside) and all(inside)
                some += any(inside)
            print(
                f"{topic:12} {name:22} {has:6} {right / max(has, 1):16.3f} {some / max(has, 1):11.3f}"
                f" {lacks:8} {honest / max(lacks, 1):11.3f}"
            )


def bench_summaries(notes: list[Note], answering: dict[str, Answering]) -> None:
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(["rougeL"], use_stemmer=True)
    print("\nSummaries of real notes against their own impression, assessment or diagnosis: ROUGE-L")
    print(f"{'':22} {'notes':>6} {'F1':>6} {'recall':>7} {'words':>6}")
    references = {note.id: reference for note in notes if (reference := _conclusion(note))}
    for name, answer in answering.items():
        rows: list[tuple[float, float, int]] = []
        for note in notes:
            if note.id in references:
                text = answer(ask(note.text, Mode.SUMMARIZE, standard_question(Mode.SUMMARIZE)))
                score = scorer.score(references[note.id], text)["rougeL"]
                rows.append((score.fmeasure, score.recall, len(text.split())))
        f1, recall, words = (statistics.mean(column) for column in zip(*rows, strict=True))
        print(f"{name:22} {len(rows):6} {f1:6.3f} {recall:7.3f} {words:6.0f}")


def bench_invented(count: int, answering: dict[str, Answering]) -> None:
    from training.reports.asking import ask as ask_about
    from training.reports.writing import write_report

    rng = random.Random(20_261_121)
    tasks = [(report, ask_about(report, rng)) for report in (write_report(rng) for _ in range(count))]
    print("\nInvented reports, by what is asked: every line right and none missing")
    kinds = sorted({task.kind for _, task in tasks})
    print(f"{'':22} {'all':>6} " + " ".join(f"{kind:>11}" for kind in kinds))
    for name, answer in answering.items():
        exact: dict[str, list[bool]] = {kind: [] for kind in kinds}
        for report, task in tasks:
            text = answer(ask(report.text, task.mode, task.question))
            exact[task.kind].append(
                {_letters(line) for line in text.splitlines()} == {_letters(line) for line in task.answer.splitlines()}
            )
        every = [one for several in exact.values() for one in several]
        print(
            f"{name:22} {statistics.mean(every):6.3f} "
            + " ".join(f"{statistics.mean(exact[kind]):11.3f}" for kind in kinds)
        )


def _conclusion(note: Note) -> str:
    """As `bench_quoting` takes it; empty where there is none worth comparing with."""
    spans = [span for span in note.truth if CONCLUSION.search(span[0]) and not EARLY.search(span[0])]
    text = "\n".join(note.text[start + len(heading) : end].strip(" :\n") for heading, start, end in spans)
    return text if len(text.split()) >= 3 else ""


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _is_fixed(line: str) -> bool:
    return any(_letters(line) == _letters(phrase) for phrase in FIXED_PHRASES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=60, help="judge this many of the held-out notes")
    parser.add_argument(
        "--weights", type=Path, default=FOLDER, help="a folder as `training.starter --package` writes it"
    )
    parser.add_argument("--no-free", action="store_true", help="leave free decoding out")
    options = parser.parse_args()
    model, tokenizer = load_starter(options.weights)
    clock = Clock()
    answering = answerers(LoadedModel(model, tokenizer, POSITIONS), clock)
    if options.no_free:
        del answering["starter, free"]
    if DATA.is_dir():
        notes = sorted((n for n in read_notes() if n.held_out), key=lambda n: hashlib.sha1(n.id.encode()).hexdigest())
        bench_summaries(notes[: options.limit], answering)
        bench_sections(notes[: options.limit], answering)
    else:
        print("the development data (../shared/data) is not beside this checkout: only invented reports are judged")
    bench_invented(options.limit * 2, answering)
    print(f"\n{clock.tokens / max(clock.seconds, 1e-9):.0f} word pieces a second on one processor, prompts included")


if __name__ == "__main__":
    main()
