"""How well "not supported" is told from "supported", by code alone, against three simple ways of telling.

    python -m tests.benchmarks.bench_grounding [--notes 150]

Sets (development data beside the checkout):
- MEDEC: the corrected text is the source, the text with its one wrong sentence the answer, and the other way round. The
  wrong sentence must be flagged, the others must not; they are asked verbatim and reworded.
- MTS-Dialog: machine summaries of dialogues, judged by people. A summary with factual precision below 1 or a hallucination
  rate above 0 must have a flagged sentence, the others none.
- Sentences of MTSamples notes, falsified one kind at a time, and reworded.

"Flagged" is anything but `supported`. All texts are split into a tuning and a held half by a hash of their id; thresholds of
the baselines come from the tuning half, where they reach their best F1.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random

from assistant.grounding import ground
from assistant.schema import AnswerSentence, Source, Support
from assistant.sentences import split_sentences
from tests.benchmarks.grounding_corruptions import CORRUPTIONS, reword

DATA = Path(__file__).parents[2].parent / "shared" / "data"
SUSPICION = {Support.SUPPORTED: 0.0, Support.PARTIAL: 0.6, Support.UNSUPPORTED: 1.0}


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence, the text it is checked against, and whether it must be flagged."""

    held: bool
    kind: str
    source: str
    sentence: str
    wrong: bool


def is_held(identity: object) -> bool:
    return sha256(str(identity).encode()).digest()[0] % 2 == 1


def read_jsonl(name: str) -> list[dict[str, object]]:
    with (DATA / name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def sentences_of(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


def check(answer: str, source: str) -> tuple[AnswerSentence, ...]:
    return ground(answer, [Source(report_id="r", label="This report", text=source)])


# Baselines: suspicion of a sentence, 0 to 1 -------------------------------------------------------------------------


def exact_match(sentence: str, source: str) -> float:
    return 0.0 if " ".join(sentence.split()) in " ".join(source.split()) else 1.0


def token_overlap(sentence: str, source: str) -> float:
    """1 − the largest share of the sentence's words that one source sentence has."""
    words = _words(sentence)
    return (
        1 - max((len(set(words) & set(_words(other))) / len(set(words)) for other in sentences_of(source)), default=0)
        if words
        else 0
    )


def rouge_l(sentence: str, source: str) -> float:
    """1 − the best ROUGE-L precision against one source sentence (the five that share most words)."""
    words = _words(sentence)
    others = sorted((_words(other) for other in sentences_of(source)), key=lambda other: -len(set(words) & set(other)))
    return 1 - max((_lcs(words, other) / len(words) for other in others[:5]), default=0.0) if words else 0.0


def _words(text: str) -> list[str]:
    return "".join(character if character.isalnum() else " " for character in text.lower()).split()


def _lcs(one: Sequence[str], other: Sequence[str]) -> int:
    row = [0] * (len(other) + 1)
    for word in one:
        diagonal = 0
        for place, candidate in enumerate(other, start=1):
            diagonal, row[place] = row[place], diagonal + 1 if word == candidate else max(row[place], row[place - 1])
    return row[-1]


def curbside(sentence: str, source: str) -> float:
    return max((SUSPICION[found.support] for found in check(sentence, source)), default=0.0)


METHODS: dict[str, Callable[[str, str], float]] = {
    "curbside": curbside,
    "ROUGE-L": rouge_l,
    "token overlap": token_overlap,
    "exact match": exact_match,
}

# Figures ------------------------------------------------------------------------------------------------------------


def auc(scores: Sequence[float], wrong: Sequence[bool]) -> float:
    """Chance that a wrong one is more suspicious than a right one; ties count half."""
    bad = [score for score, is_wrong in zip(scores, wrong, strict=True) if is_wrong]
    good = [score for score, is_wrong in zip(scores, wrong, strict=True) if not is_wrong]
    wins = sum((one > other) + 0.5 * (one == other) for one in bad for other in good)
    return wins / (len(bad) * len(good)) if bad and good else float("nan")


def precision_recall(flags: Sequence[bool], wrong: Sequence[bool]) -> tuple[float, float, float]:
    hits = sum(flag and is_wrong for flag, is_wrong in zip(flags, wrong, strict=True))
    precision, recall = hits / max(1, sum(flags)), hits / max(1, sum(wrong))
    return precision, recall, 2 * precision * recall / (precision + recall) if hits else 0.0


def best_threshold(scores: Sequence[float], wrong: Sequence[bool]) -> float:
    return max(sorted(set(scores)), key=lambda limit: precision_recall([score >= limit for score in scores], wrong)[2])


def print_table(title: str, rows: Iterable[tuple[bool, bool, dict[str, float]]]) -> None:
    """`rows`: held, wrong, suspicion by method. Ours flags at any suspicion; baselines at their tuned threshold."""
    tuning: list[tuple[bool, dict[str, float]]] = []
    held: list[tuple[bool, dict[str, float]]] = []
    for is_held_row, wrong, scores in rows:
        (held if is_held_row else tuning).append((wrong, scores))
    print(
        f"\n{title}: {len(tuning)} tuning ({sum(w for w, _ in tuning)} wrong), {len(held)} held ({sum(w for w, _ in held)} wrong)"
    )
    print(
        f"  {'':14} {'tuning P':>9} {'R':>6} {'F1':>6} {'AUC':>6}   {'held P':>7} {'R':>6} {'F1':>6} {'AUC':>6} {'false flags':>12}"
    )
    for method in METHODS:
        limit = 0.01 if method == "curbside" else best_threshold([s[method] for _, s in tuning], [w for w, _ in tuning])
        line = f"  {method:14}"
        for part in (tuning, held):
            wrong = [w for w, _ in part]
            scores = [s[method] for _, s in part]
            flags = [score >= limit for score in scores]
            p, r, f = precision_recall(flags, wrong)
            line += f" {p:9.3f} {r:6.3f} {f:6.3f} {auc(scores, wrong):6.3f} "
        good = [flag for flag, is_wrong in zip(flags, wrong, strict=True) if not is_wrong]
        print(f"{line} {sum(good) / max(1, len(good)):12.3f}")


# Sets ---------------------------------------------------------------------------------------------------------------


def medec_cases(*, reworded: bool) -> list[Case]:
    cases: list[Case] = []
    random = Random(7)
    for row in read_jsonl("medec/medec_ms_val.jsonl"):
        if str(row["Error Flag"]) != "1":
            continue
        held = is_held(row["Text ID"])
        false, true = str(row["Error Sentence"]), str(row["Corrected Sentence"])
        for kind, source, sentence in (("error", row["Corrected Text"], false), ("reverse", row["Text"], true)):
            source = str(source)
            if sentence.strip() not in source:
                cases.append(Case(held, kind, source, sentence, True))
            for other in sentences_of(source):
                # Neither version of the changed sentence is a right one.
                if other not in str(row["Text"]) or other not in str(row["Corrected Text"]) or len(_words(other)) < 3:
                    continue
                asked = reword(other, random) if reworded else other
                if asked:
                    cases.append(Case(held, kind, source, asked, False))
    return cases


def note_cases(*, notes: int) -> list[Case]:
    random = Random(3)
    cases: list[Case] = []
    rows = sorted(
        read_jsonl("mtsamples/mtsamples_dev.jsonl"), key=lambda row: sha256(str(row["note_id"]).encode()).hexdigest()
    )
    for row in rows[:notes]:
        source, held = str(row["text"]), is_held(f"note {row['note_id']}")
        sentences = [s for s in sentences_of(source) if 4 <= len(_words(s)) <= 45]
        random.shuffle(sentences)
        for kind, change in CORRUPTIONS.items():
            changed = (c for s in sentences if (c := change(s, random)) and c != s and exact_match(c, source))
            cases.extend(
                Case(held, kind, source, sentence, True) for sentence, _ in zip(changed, range(2), strict=False)
            )
        for sentence in sentences[:12]:
            if again := reword(sentence, random):
                cases.append(Case(held, "reworded", source, again, False))
            cases.append(Case(held, "verbatim", source, sentence, False))
    return cases


def score(cases: Sequence[Case]) -> list[tuple[bool, bool, dict[str, float]]]:
    return [(c.held, c.wrong, {name: method(c.sentence, c.source) for name, method in METHODS.items()}) for c in cases]


def summary_rows() -> list[tuple[bool, bool, dict[str, float], float, bool]]:
    """Held, wrong, suspicion by method (the mean over its sentences), factual precision, and whether one is unsupported."""
    rows: list[tuple[bool, bool, dict[str, float], float, bool]] = []
    for row in read_jsonl("mts-dialog/auto_summaries_manual_scores.jsonl"):
        source, summary = str(row["Dialogue"]), str(row["Automatic Summary"])
        precision = float(str(row["FactualPrecision"]))
        sentences = sentences_of(summary)
        scores = {
            name: sum(method(s, source) for s in sentences) / max(1, len(sentences)) for name, method in METHODS.items()
        }
        wrong = precision < 1 or float(str(row["HallucinationRate"])) > 0
        gross = any(curbside(sentence, source) == 1 for sentence in sentences)
        rows.append((is_held(f"dialogue {row['ID']}"), wrong, scores, precision, gross))
    return rows


def print_by_kind(cases: Sequence[Case], scored: Sequence[tuple[bool, bool, dict[str, float]]]) -> None:
    found: dict[str, list[bool]] = defaultdict(list)
    for case, (_, _, scores) in zip(cases, scored, strict=True):
        if case.held:
            found[case.kind].append(scores["curbside"] > 0)
    print("  flagged by curbside, held half, by kind:")
    for kind, flags in found.items():
        print(f"    {kind:24} {sum(flags):4} of {len(flags):4}  {sum(flags) / len(flags):.3f}")


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's, ties averaged."""
    a, b = _ranks(one), _ranks(other)
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    top = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    return top / ((sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b)) ** 0.5 or 1.0)


def _ranks(values: Sequence[float]) -> list[float]:
    return [sum(v < value for v in values) + sum(v == value for v in values) / 2 for value in values]


def print_speed() -> None:
    """15 sentences against a report of 5 kB and six chunks of 1 kB; a report of 500 kB; beside the ROUGE-L baseline."""
    texts = [str(row["text"]) for row in read_jsonl("mtsamples/mtsamples_dev.jsonl")]
    report = max((text for text in texts if 4500 < len(text) < 5500), key=len)
    chunks = [Source(report_id=str(n), label="Past report", text=text[:1000]) for n, text in enumerate(texts[:6])]
    sentences = [reword(sentence, Random(1)) or sentence for sentence in sentences_of(report)[5:20]]
    sources = [Source(report_id="r", label="This report", text=report), *chunks]
    everything = "\n".join(source.text for source in sources)
    own = _milliseconds(lambda: ground("\n".join(sentences), sources), times=40)
    baseline = _milliseconds(lambda: [rouge_l(sentence, everything) for sentence in sentences], times=3)
    long = [Source(report_id="r", label="", text="\n\n".join(texts)[:500_000])]
    print(
        f"\nTime, ms of processor: {len(sentences)} sentences, {len(everything):,} characters of sources: median {own[0]:.1f}, least"
    )
    print(f"  {own[1]:.1f}; ROUGE-L on the same: {baseline[0]:.0f} ({baseline[0] / own[0]:.1f} times as long)")
    print(
        f"  against a report of 500,000 characters: {_milliseconds(lambda: ground(' '.join(sentences), long), times=2)[1]:.0f}"
    )
    print(
        f"  (a million rounds of an empty loop now: {_milliseconds(lambda: [None for _ in range(1_000_000)], times=3)[1]:.0f})"
    )


def _milliseconds(work: Callable[[], object], *, times: int) -> tuple[float, float]:
    """Median and least."""
    spent: list[float] = []
    for _ in range(times):
        began = time.process_time()
        work()
        spent.append((time.process_time() - began) * 1e3)
    return sorted(spent)[times // 2], min(spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notes", type=int, default=150, help="MTSamples notes to falsify")
    notes = parser.parse_args().notes
    if not DATA.is_dir():
        print(f"the development data is not at {DATA}; nothing measured")
        return
    began = time.perf_counter()
    for reworded in (False, True):
        cases = medec_cases(reworded=reworded)
        scored = score(cases)
        print_table(f"MEDEC sentences, right ones {'reworded' if reworded else 'verbatim'}", scored)
        for kind in ("error", "reverse"):
            part = [s for c, s in zip(cases, scored, strict=True) if c.kind == kind and c.held]
            p, r, _ = precision_recall([s[2]["curbside"] > 0 for s in part], [s[1] for s in part])
            print(f"    curbside, held, {kind:8} precision {p:.3f} recall {r:.3f}")
    rows = summary_rows()
    print_table("MTS-Dialog machine summaries (whole summaries)", [row[:3] for row in rows])
    for name, part in (("tuning", [r for r in rows if not r[0]]), ("held", [r for r in rows if r[0]])):
        p, r, _ = precision_recall([row[4] for row in part], [row[1] for row in part])
        print(
            f"    curbside, summaries with an `unsupported` sentence (not only `partial`), {name}: precision {p:.3f} recall {r:.3f}"
        )
    for method in METHODS:
        for name, part in (("tuning", [r for r in rows if not r[0]]), ("held", [r for r in rows if r[0]])):
            rho = rank_correlation([1 - r[2][method] for r in part], [r[3] for r in part])
            print(f"    rank correlation with factual precision, {name:6} {method:14} {rho:.3f}")
    cases = note_cases(notes=notes)
    scored = score(cases)
    print_table(f"MTSamples sentences of {notes} notes, falsified, reworded, verbatim", scored)
    print_by_kind(cases, scored)
    print_speed()
    print(f"\n{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
