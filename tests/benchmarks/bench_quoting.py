"""How good answers without a language model are: `python -m tests.benchmarks.bench_quoting [--show N]`.

Notes with `sha1(id) % 3 < 2` were looked at while tuning; the remaining third is printed apart. The baseline is the
note's first three sentences. Reads public development data beside the checkout; prints figures, and with `--show` whole
answers to some of these public notes.
"""

import argparse
import hashlib
import json
import math
import re
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.generation.quoting import compose, select
from assistant.generation.selection import FIXED_PHRASES, NOT_STATED, NOTHING_ABNORMAL, Line
from assistant.reading.sections import find_sections
from assistant.schema import Mode, Prompt, Report
from assistant.sentences import split_sentences

DATA = Path(__file__).parents[3] / "shared" / "data"
CONCLUSION = re.compile(r"\b(?:impression|assessment|conclusion|diagnos[ei]s|diagnostic impression)\b", re.IGNORECASE)
EARLY = re.compile(r"\bpre-?\s?(?:op|proc)|\badmi(?:ssion|tting)\b|\bdifferential\b|\bplan\b", re.IGNORECASE)
QUESTIONS = {
    "medications": (
        re.compile(r"\bmed(?:s|ications?)\b", re.IGNORECASE),
        re.compile(r"\b(?:mg|mcg|medications?|meds|tablets?|taking|takes|prescribed|daily)\b", re.IGNORECASE),
        ("What medications is the patient taking?", "List the current meds.", "Which drugs is she on?", "Is he on any medication?"),
    ),
    "allergies": (
        re.compile(r"\ballerg", re.IGNORECASE),
        re.compile(r"\ballerg|\bnkd?a\b", re.IGNORECASE),
        ("Any drug allergies?", "What is the patient allergic to?", "Does she have allergies to medications?", "Allergies?"),
    ),
    "diagnosis": (
        CONCLUSION,
        re.compile(r"\bdiagnos|\bimpression\b|\bassessment\b|\bconsistent with\b|\blikely\b|\bcompatible\b", re.IGNORECASE),
        ("What is the diagnosis?", "What was she diagnosed with?", "What is wrong with the patient?", "Give me the impression."),
    ),
    "plan": (
        re.compile(r"\bplans?\b|\brecommend|\bdisposition\b|\bfollow-?\s?up\b|\binstructions?\b|\btreatment\b", re.IGNORECASE),
        re.compile(r"\b(?:will|should|recommend\w*|follow|plan\w*|schedul\w+|return|advis\w+|instruct\w+|discharg\w+)\b", re.IGNORECASE),
        ("What is the plan?", "What are the next steps?", "What follow-up is recommended?", "How should the patient be managed?"),
    ),
}  # fmt: skip
"""Per topic: its headings, words that make an answer from elsewhere plausible, and the questions."""


SPECIFIC = {
    "Is the patient on {}?": (
        "aspirin",
        "lisinopril",
        "metformin",
        "prednisone",
        "insulin",
        "lasix",
        "albuterol",
        "zoloft",
    ),
    "Does the patient have {}?": (
        "hypertension",
        "asthma",
        "pneumonia",
        "anemia",
        "hepatitis",
        "arthritis",
        "gout",
        "glaucoma",
    ),
    "Any {}?": ("vomiting", "rash", "cough", "edema", "chills", "murmur", "tremor", "palpitations"),
}
"""Questions about one thing, and things without everyday synonyms, so that the note's own words tell whether it is there."""


@dataclass(frozen=True)
class Note:
    id: str
    text: str
    truth: tuple[tuple[str, int, int], ...]
    """Heading, where it starts, where its section ends: as the source's markup has them."""

    @property
    def held_out(self) -> bool:
        return _held_out(self.id)


def _held_out(identifier: str) -> bool:
    return int(hashlib.sha1(identifier.encode()).hexdigest(), 16) % 3 == 2


def read_notes() -> list[Note]:
    notes = []
    for line in (DATA / "mtsamples" / "mtsamples_dev.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        heads = sorted((h["start"], h["heading"]) for h in row["headings"])
        ends = [*(start for start, _ in heads[1:]), len(row["text"])][: len(heads)]
        truth = tuple((heading, start, end) for (start, heading), end in zip(heads, ends, strict=True))
        notes.append(Note(id=str(row["note_id"]), text=row["text"], truth=truth))
    return notes


def ask(text: str, mode: Mode, question: str = "") -> list[Line]:
    report = Report(id="bench", text=text, sections=tuple(find_sections(text)))
    return select(Prompt(version="bench", mode=mode, question=question, messages=(), sources=(), report=report))


def first_three(text: str) -> str:
    return " ".join(text[start:end] for start, end in split_sentences(text)[:3])


def bench_summaries(notes: list[Note]) -> None:
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(["rougeL"], use_stemmer=True)
    rows: dict[tuple[str, bool, str], list[tuple[float, float, int]]] = {}
    for note in notes:
        conclusions = [span for span in note.truth if CONCLUSION.search(span[0])]
        late = [span for span in conclusions if not EARLY.search(span[0])]
        if not late:
            continue
        reference = "\n".join(note.text[start + len(heading) : end].strip(" :\n") for heading, start, end in late)
        if len(reference.split()) < 3:
            continue
        rest = "".join(note.text[start:end] for start, end in _outside(note.text, conclusions))
        for variant, text in (("whole note", note.text), ("section removed", rest)):
            for name, make in SUMMARIES.items():
                answer = make(text)
                score = scorer.score(reference, answer)["rougeL"]
                row = (score.fmeasure, score.recall, len(answer.split()))
                rows.setdefault((variant, note.held_out, name), []).append(row)
    print("\nSummary against the note's own impression/assessment/diagnosis, ROUGE-L")
    print(f"{'':16} {'notes':>14} {'':22} {'F1':>6} {'recall':>7} {'words':>6} {'F1 ratio':>9}")
    for (variant, held_out, name), scores in sorted(rows.items()):
        f1, recall, words = (statistics.mean(column) for column in zip(*scores, strict=True))
        base = statistics.mean(score[0] for score in rows[variant, held_out, "first three sentences"])
        where = f"{len(scores)} {'held out' if held_out else 'tuned'}"
        print(f"{variant:16} {where:>14} {name:22} {f1:6.3f} {recall:7.3f} {words:6.0f} {f1 / base:8.2f}×")


SUMMARIES: dict[str, Callable[[str], str]] = {
    "first three sentences": first_three,
    "quoting": lambda text: compose(ask(text, Mode.SUMMARIZE), max_words=512),
}


def _outside(text: str, spans: list[tuple[str, int, int]]) -> Iterator[tuple[int, int]]:
    at = 0
    for _, start, end in spans:
        yield at, start
        at = end
    yield at, len(text)


def bench_questions(notes: list[Note]) -> None:
    print("\nQuestions about a section: answered from it where the note has it, and what happens where it has none")
    print(
        f"{'':12} {'':>9} {'asked':>6} {'all quotes right':>17} {'some right':>11} {'baseline':>9} {'not stated':>11}",
        end="",
    )
    print(f" {'| lacking':>10} {'not stated':>11} {'plausible':>10} {'false':>6}")
    for topic, (heading, plausible, questions) in QUESTIONS.items():
        for held_out in (False, True):
            has, right, some, base, silent = 0, 0, 0, 0, 0
            lacks, honest, fair = 0, 0, 0
            for number, note in enumerate(n for n in notes if n.held_out is held_out):
                question = questions[number % len(questions)]
                if not note.truth:
                    continue
                spans = [
                    (start, end)
                    for name, start, end in note.truth
                    if heading.search(name) and end - start > len(name) + 3
                ]
                lines = ask(note.text, Mode.QUESTION, question)
                quotes = [line for line in lines if line.start >= 0]
                if spans:
                    has += 1
                    inside = [any(a <= line.start < b for a, b in spans) for line in quotes]
                    right += bool(inside) and all(inside)
                    some += any(inside)
                    silent += not inside
                    base += any(a <= s < b for s, _ in split_sentences(note.text)[:3] for a, b in spans)
                elif not heading.search(note.text):
                    lacks += 1
                    honest += not quotes
                    fair += bool(quotes) and any(plausible.search(line.text) for line in quotes)
            false = lacks - honest - fair
            share = 1 / has if has else math.nan
            where = "held out" if held_out else "tuned"
            print(
                f"{topic:12} {where:>9} {has:6} {right * share:17.3f} {some * share:11.3f} {base * share:9.3f} {silent * share:11.3f}",
                end="",
            )
            print(f" {lacks:10} {honest / lacks:11.3f} {fair / lacks:10.3f} {false / lacks:6.3f}" if lacks else "")


def bench_specific(notes: list[Note]) -> None:
    print("\nQuestions about one thing: quoted where the note has the word, not stated where it has not")
    print(f"{'':28} {'':>9} {'has it':>7} {'quoted':>7} {'has not':>8} {'not stated':>11}")
    for form, things in SPECIFIC.items():
        for held_out in (False, True):
            has = quoted = lacks = honest = 0
            for number, note in enumerate(n for n in notes if n.held_out is held_out):
                present = [thing for thing in things if re.search(rf"\b{thing}\b", note.text, re.IGNORECASE)]
                absent = [thing for thing in things if thing not in note.text.lower()]
                for thing in (present or absent)[number % len(present or absent) :][:1]:
                    lines = ask(note.text, Mode.QUESTION, form.format(thing))
                    if present:
                        has += 1
                        quoted += any(thing in line.text.lower() for line in lines if line.start >= 0)
                    else:
                        lacks += 1
                        honest += all(line.start < 0 for line in lines)
            where = "held out" if held_out else "tuned"
            print(
                f"{form:28} {where:>9} {has:7} {quoted / has if has else math.nan:7.3f} {lacks:8} {honest / lacks if lacks else math.nan:11.3f}"
            )


def bench_abnormal() -> None:
    """Open-i: `Problems` are the readers' own index terms; one counts as kept when a word of it stands in the answer."""
    rows = [json.loads(line) for line in (DATA / "openi" / "openi_dev.jsonl").read_text(encoding="utf-8").splitlines()]
    print("\nAbnormal findings of chest films (Open-i)")
    print(f"{'':9} {'':22} {'terms':>6} {'kept':>6} {'words':>6} {'normal films':>13} {'nothing reported':>17}")
    for held_out in (False, True):
        for name in ("first three sentences", "quoting"):
            terms = kept = normal = silent = 0
            words: list[int] = []
            for row in rows:
                if _held_out(str(row["uid"])) is not held_out or not row["findings"]:
                    continue
                text = f"FINDINGS: {row['findings']}\nIMPRESSION: {row['impression'] or ''}"
                lines = ask(text, Mode.ABNORMAL)
                answer = compose(lines, max_words=512) if name == "quoting" else first_three(row["findings"])
                if row["Problems"] == "normal":
                    normal += 1
                    silent += answer == NOTHING_ABNORMAL
                    continue
                words.append(len(answer.split()))
                for term in set(row["Problems"].split(";")):
                    stems = [
                        w[:5]
                        for w in re.findall(r"[a-z]{4,}", term.lower())
                        if w not in {"disease", "diseases", "pulmonary"}
                    ]
                    if any(stem in text.lower() for stem in stems):  # indexers often use words that the report does not
                        terms += 1
                        kept += any(stem in answer.lower() for stem in stems)
            where = "held out" if held_out else "tuned"
            print(
                f"{where:9} {name:22} {terms:6} {kept / terms:6.3f} {statistics.mean(words):6.0f} {normal:13} {silent / normal:17.3f}"
            )


def bench_speed(notes: list[Note]) -> None:
    print("\nTime for one answer, ms of one processor (median of 5; sections found beforehand)")
    near = min(notes, key=lambda note: abs(len(note.text) - 5_000)).text
    joined = "\n\n".join(note.text for note in notes)
    for name, text in (("5 kB", near), ("50 kB", joined[:50_000]), ("500 kB", joined[:500_000])):
        report = Report(id="bench", text=text, sections=tuple(find_sections(text)))
        for mode, question in (
            (Mode.SUMMARIZE, ""),
            (Mode.QUESTION, "Is the patient on aspirin?"),
            (Mode.ABNORMAL, ""),
            (Mode.COMPARE, ""),
        ):
            prompt = Prompt(
                version="bench", mode=mode, question=question, messages=(), sources=(), report=report, earlier=report
            )
            times = []
            for _ in range(5):
                started = time.process_time()
                select(prompt)
                times.append((time.process_time() - started) * 1_000)
            print(f"{name:8} {mode:10} {statistics.median(times):9.1f}")


def check_verbatim(notes: list[Note]) -> None:
    """Every line of every answer stands in its note, white space aside."""
    lines = wrong = 0
    for note in notes:
        flat = " ".join(note.text.split())
        for mode in (Mode.SUMMARIZE, Mode.ABNORMAL):
            for line in ask(note.text, mode):
                lines += 1
                wrong += line.text not in flat and line.text not in FIXED_PHRASES
    print(f"\nLines that do not stand in the note word for word: {wrong} of {lines}")


def show(notes: list[Note], count: int) -> None:
    for note in sorted(notes, key=lambda n: hashlib.sha1(n.id.encode()).hexdigest())[:count]:
        print(f"\n===== {note.id}\n{note.text}")
        for mode, question in (
            (Mode.SUMMARIZE, ""),
            (Mode.ABNORMAL, ""),
            *((Mode.QUESTION, q[2][0]) for q in QUESTIONS.values()),
        ):
            print(f"\n----- {mode} {question}\n{compose(ask(note.text, mode, question), max_words=512)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", type=int, default=0, help="print the answers to this many notes and stop")
    parser.add_argument("--limit", type=int, default=None, help="judge this many notes only")
    options = parser.parse_args()
    if not DATA.is_dir():
        print("the development data (../shared/data) is not beside this checkout: nothing to measure")
        return
    notes = read_notes()[: options.limit]
    if options.show:
        show(notes, options.show)
        return
    assert NOT_STATED in FIXED_PHRASES
    bench_summaries(notes)
    bench_questions(notes)
    bench_specific(notes)
    bench_abnormal()
    bench_speed(notes)
    check_verbatim(notes)


if __name__ == "__main__":
    main()
