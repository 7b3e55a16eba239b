"""How good and how fast de-identification is, on public development data. `python -m tests.benchmarks.bench_deid`

Scored without regard to type, on letters and digits: a span is found only when all of its characters are covered, a
document leaks when any character of any span is left. Ages up to 89 and bare years are no identifiers. The
rules were corrected on the errors of one half of ASQ-PHI (by hash), never on the other's. Neither half is unseen: the
labelled values of the whole set were read before the rules and lists were written, so that both figures flatter.
Baseline: Presidio's own English pattern recognizers, without NER (its NER models cannot be downloaded offline).
"""

import argparse
import hashlib
import json
import random
import re
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.deid.engine import Deidentifier
from assistant.deid.lexicon import english
from assistant.deid.words.build import in_word_list
from assistant.settings import DeidSettings

DATA = Path(__file__).parents[3] / "shared" / "data"
NOT_IDENTIFYING = frozenset(
    "AGE CONDITION MEDICATION LAB_TEST GENDER CREDIT_CARD_ISSUER AMOUNT CURRENCY BODY_SITE PROCEDURE TITLE".split()
)
"""Label types that no policy removes. A TITLE of `presidio_generated` is a profession."""
Spans = list[tuple[int, int]]
Find = Callable[[str], Spans]


@dataclass
class Score:
    documents: int = 0
    leaking: int = 0
    clean: int = 0
    clean_touched: int = 0
    spans: int = 0
    covered: int = 0
    gold_chars: int = 0
    hit_chars: int = 0
    found_chars: int = 0
    right_chars: int = 0
    by_type: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    leaks: list[bool] = field(default_factory=list)
    misses: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)

    def add(self, text: str, gold: Sequence[dict], found: Spans) -> None:
        covered = bytearray(len(text))
        for start, end in found:
            covered[start:end] = b"\1" * (end - start)
        wanted = bytearray(len(text))
        for span in gold:
            wanted[span["start"] : span["end"]] = b"\1" * (span["end"] - span["start"])
        signs = [at for at, character in enumerate(text) if character.isalnum()]
        self.documents += 1
        self.gold_chars += sum(wanted[at] for at in signs)
        self.hit_chars += sum(wanted[at] and covered[at] for at in signs)
        self.found_chars += sum(covered[at] for at in signs)
        leak = False
        for span in gold:
            whole = all(covered[at] for at in range(span["start"], span["end"]) if text[at].isalnum())
            self.spans += 1
            self.covered += whole
            self.by_type[span["type"]][0] += 1
            self.by_type[span["type"]][1] += whole
            if not whole:
                leak = True
                self.misses[f"{span['type']}: {text[max(0, span['start'] - 25) : span['start']]}⟦{span['v']}⟧"] += 1
        self.leaking += leak
        if gold:
            self.leaks.append(leak)
        else:
            self.clean += 1
            self.clean_touched += bool(found)
        for start, end in found:
            if not any(wanted[start:end]):
                self.alarms[f"{text[max(0, start - 25) : start]}⟦{text[start:end]}⟧{text[end : end + 15]}"] += 1

    def line(self, name: str) -> str:
        low, high = interval(self.leaks)
        return (
            f"{name:34} {self.documents:5d}  {percent(self.leaking, len(self.leaks))} [{low:4.1f}, {high:4.1f}]  "
            f"{percent(self.covered, self.spans)}  {percent(self.hit_chars, self.gold_chars)}  "
            f"{percent(self.hit_chars, self.found_chars)}  {percent(self.clean_touched, self.clean)}"
        )


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:6.1f}" if whole else "     –"


def interval(leaks: Sequence[bool], rounds: int = 500) -> tuple[float, float]:
    """95 % bootstrap interval of the share of leaking documents, in percent."""
    if not leaks:
        return 0.0, 0.0
    chance = random.Random(7)
    shares = sorted(100 * sum(chance.choices(leaks, k=len(leaks))) / len(leaks) for _ in range(rounds))
    return shares[int(rounds * 0.025)], shares[int(rounds * 0.975)]


def is_identifying(span: dict) -> bool:
    value = span["v"].strip()
    if span["type"] in NOT_IDENTIFYING:
        age = re.fullmatch(r"\d+", value)
        return span["type"] == "AGE" and age is not None and int(value) > 89
    return not re.fullmatch(r"(?:19|20)\d\d", value)


def rows(name: str) -> list[dict]:
    with (DATA / "deid" / name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def tuned_on(row: dict) -> bool:
    return int(hashlib.sha256(row["id"].encode()).hexdigest(), 16) % 2 == 0


def score(texts: Sequence[dict], find: Find) -> Score:
    result = Score()
    for row in texts:
        result.add(row["text"], [span for span in row["spans"] if is_identifying(span)], find(row["text"]))
    return result


def stock_presidio() -> Find:
    """Presidio's own English recognizers, all patterns and checks, no NER."""
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Blank(SpacyNlpEngine):
        def load(self) -> None:
            self.nlp = {"en": spacy.blank("en")}

    import tldextract

    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    engine = Blank()
    engine.load()
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"])
    registry.remove_recognizer("SpacyRecognizer")
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
    return lambda text: [(result.start, result.end) for result in analyzer.analyze(text, "en", score_threshold=0.4)]


def speed(find: Find, notes: Sequence[str]) -> tuple[float, float, float]:
    """Notes a second, median and 95th percentile in ms."""
    times = []
    for note in notes:
        begun = time.perf_counter()
        find(note)
        times.append(1000 * (time.perf_counter() - begun))
    times.sort()
    return 1000 * len(times) / sum(times), statistics.median(times), times[int(len(times) * 0.95)]


def touched(find: Find, notes: Sequence[str]) -> tuple[float, float, Counter[str]]:
    """Findings per 1,000 words and per cent of characters covered, in notes that were de-identified before."""
    words = chars = covered = count = 0
    alarms: Counter[str] = Counter()
    for note in notes:
        words += len(note.split())
        chars += len(note)
        for start, end in find(note):
            # "Dr. X", "Mr. ABC", "XYZ Hospital", "MM/DD/YYYY" stand for identifiers.
            if re.search(r"\b(?:[A-Z]|ABC|XYZ|XXXX?|ABCD|ABD|XYZ\w?)\b", note[start:end]) and not re.search(
                r"\d", note[start:end]
            ):
                continue
            count += 1
            covered += end - start
            alarms[note[start:end].replace("\n", " ")] += 1
    return 1000 * count / words, 100 * covered / chars, alarms


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--misses", type=int, default=20, help="how many misses and false alarms to list")
    arguments.add_argument("--no-baseline", action="store_true")
    arguments.add_argument("--notes", type=int, default=200, help="notes of MTSamples for speed and false alarms")
    options = arguments.parse_args()
    if not DATA.is_dir():
        print(f"the development data ({DATA}) is not beside this checkout")
        return
    deidentifier = Deidentifier(DeidSettings())
    deidentifier.find("warm up")

    def ours(text: str) -> Spans:
        return [(span.start, span.end) for span in deidentifier.find(text)]

    asq = rows("asq_phi_dev.jsonl")
    general = rows("presidio_generated_large.jsonl")
    countries = {" ".join(words) for group in english().countries.values() for words in group}
    kept = [row | {"spans": [span for span in row["spans"] if span["v"].lower() not in countries]} for row in general]
    sets = {
        "ASQ-PHI, errors looked at": [row for row in asq if tuned_on(row)],
        "ASQ-PHI, errors not looked at": [row for row in asq if not tuned_on(row)],
        "Presidio generated, general text": general,
        "… without countries and states": kept,
        "OpenMed golden": rows("openmed_golden_en.jsonl"),
    }
    with (DATA / "mtsamples" / "mtsamples_dev.jsonl").open(encoding="utf-8") as lines:
        clinical = [row for row in map(json.loads, lines) if not in_word_list(row["note_id"])]
    notes = [row["text"] for row in clinical[: options.notes]]
    around_2500 = [note for note in notes if 2000 <= len(note) <= 3000][:60]
    finders: dict[str, Find] = {"Curbside": ours}
    if not options.no_baseline:
        finders["Presidio's patterns (baseline)"] = stock_presidio()
    print("per cent                            docs    leak   [95 %]       spans  char R  char P  clean touched")
    for system, find in finders.items():
        print(system)
        for name, texts in sets.items():
            result = score(texts, find)
            print(result.line(f"  {name}"))
            if system == "Curbside":
                print(
                    "     by type: "
                    + ", ".join(
                        f"{kind} {100 * hit / n:.0f} ({n})" for kind, (n, hit) in sorted(result.by_type.items())
                    )
                )
                if not name.startswith(("ASQ-PHI, errors not", "…")):
                    for title, list_ in (("missed", result.misses), ("false alarm", result.alarms)):
                        for example, count in list_.most_common(options.misses):
                            print(f"       {title} {count}x {example!r}")
    print("\nMTSamples (de-identified before; half not used for the word list)")
    rates = {}
    for system, find in finders.items():
        per_thousand, share, alarms = touched(find, notes)
        rates[system], median, late = speed(find, around_2500)
        _queries, query_median, query_late = speed(find, [row["text"] for row in asq[:200]])
        print(
            f"  {system:32} {per_thousand:5.2f} spans per 1,000 words, {share:.2f} % of characters; notes of 2.5 kB: {rates[system]:.0f}/s, "
            f"median {median:.1f} ms, p95 {late:.1f} ms; queries: median {query_median:.2f} ms, p95 {query_late:.2f} ms"
        )
        if system == "Curbside":
            for example, count in alarms.most_common(options.misses):
                print(f"       touched {count}x {example!r}")
    if len(rates) == 2:
        first, second = rates.values()
        print(f"  speed, Curbside / baseline: {first / second:.1f}")


if __name__ == "__main__":
    main()
