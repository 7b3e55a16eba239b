"""How good and how fast de-identification is. `make bench-deid` or `python -m tests.benchmarks.bench_deid`

Sets: our own notes and hard sentences (tests/data/deid; *unread*: never looked at by those who wrote rules or training
text), and public development data. Ages up to 89 and bare years are no identifiers. ASQ-PHI's labelled
values were read before the first rules were written, so both of its halves flatter; nothing else of it was trained on.
Baselines: Presidio's own English patterns (its NER models cannot be downloaded here), and, for speed alone, Presidio with
its transformer recognizer on a network of the shape of its default model (BERT base, random weights).
"""

import argparse
import hashlib
import json
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from assistant.deid.engine import Deidentifier
from assistant.deid.lexicon import english
from assistant.deid.words.build import in_word_list
from assistant.settings import DeidSettings
from tests.benchmarks.deid_scoring import COLUMNS, Find, Gold, Score, Spans, examples, score
from tests.deid_cases import read_cases

DATA = Path(__file__).parents[3] / "shared" / "data"
OWN = Path(__file__).parents[1] / "data" / "deid"
NOT_IDENTIFYING = frozenset(
    "AGE CONDITION MEDICATION LAB_TEST GENDER CREDIT_CARD_ISSUER AMOUNT CURRENCY BODY_SITE PROCEDURE TITLE PREFIX".split()
)
"""Label types that no policy removes. A TITLE of `presidio_generated` is a profession, a PREFIX is "Dr."."""
_LONGEST_RUN_S = 20


def is_identifying(kind: str, value: str) -> bool:
    if kind in NOT_IDENTIFYING:
        return kind == "AGE" and re.fullmatch(r"\d+", value.strip()) is not None and int(value) > 89
    return not re.fullmatch(r"(?:19|20)\d\d", value.strip())


def rows(name: str) -> list[dict]:
    with (DATA / "deid" / name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def gold(row: dict, kept: frozenset[str] = frozenset()) -> Gold:
    """`kept`: values, lower case, that the policy keeps."""
    spans = [
        (span["start"], span["end"], span["type"])
        for span in row["spans"]
        if is_identifying(span["type"], span["v"]) and span["v"].lower() not in kept
    ]
    return Gold(row["text"], tuple(spans))


def tuned_on(row: dict) -> bool:
    return int(hashlib.sha256(row["id"].encode()).hexdigest(), 16) % 2 == 0


def own_sets() -> Iterator[tuple[str, list[Gold]]]:
    for kind in ("notes", "sentences"):
        for part in ("seen", "unread"):
            path = OWN / f"{kind}_{part}.txt"
            if path.is_file():
                yield f"own {kind}, {part}", [Gold(case.text, case.spans) for case in read_cases(path)]


def public_sets() -> Iterator[tuple[str, list[Gold]]]:
    if not DATA.is_dir():
        print(f"the development data ({DATA.name}) is not beside this checkout: only our own texts are scored")
        return
    asq = rows("asq_phi_dev.jsonl")
    yield "ASQ-PHI, errors looked at", [gold(row) for row in asq if tuned_on(row)]
    yield "ASQ-PHI, errors not looked at", [gold(row) for row in asq if not tuned_on(row)]
    general = rows("presidio_generated_large.jsonl")
    states = frozenset(" ".join(words) for group in english().countries.values() for words in group)
    yield "general text (Presidio generated)", [gold(row) for row in general]
    yield "… without countries and states", [gold(row, states) for row in general]
    yield "OpenMed golden", [gold(row) for row in rows("openmed_golden_en.jsonl")]


def clinical_notes(most: int) -> list[str]:
    """MTSamples, the half that no word list and no training text was made from."""
    path = DATA / "mtsamples" / "mtsamples_dev.jsonl"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as lines:
        return [row["text"] for row in map(json.loads, lines) if not in_word_list(row["note_id"])][:most]


def presidio_patterns() -> Find:
    """Presidio's own English recognizers, all patterns and checks, no NER."""
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Blank(SpacyNlpEngine):
        def load(self) -> None:
            self.nlp = {"en": spacy.blank("en")}

    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    engine = Blank()
    engine.load()
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"])
    registry.remove_recognizer("SpacyRecognizer")
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
    return lambda text: [(result.start, result.end) for result in analyzer.analyze(text, "en", score_threshold=0.4)]


def presidio_transformer(folder: Path) -> Find:
    """Presidio's patterns and its transformer recognizer, on BERT base with random weights: only its time means anything."""
    import torch
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NlpEngineProvider
    from presidio_analyzer.predefined_recognizers.ner import HuggingFaceNerRecognizer, huggingface_ner_recognizer
    from transformers import BertConfig, BertForTokenClassification, BertTokenizerFast, pipeline

    from assistant.encoder.minilm import default_folder

    # Curbside imports Presidio with both hidden.
    huggingface_ner_recognizer.hf_pipeline, huggingface_ner_recognizer.torch = pipeline, torch
    BertForTokenClassification(BertConfig(num_labels=9)).save_pretrained(folder)
    BertTokenizerFast.from_pretrained(str(default_folder())).save_pretrained(folder)
    nothing = {"nlp_engine_name": "no_op", "models": [{"lang_code": "en", "model_name": "no_op"}]}
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"])
    registry.remove_recognizer("SpacyRecognizer")
    registry.add_recognizer(HuggingFaceNerRecognizer(model_name=str(folder), supported_language="en", device="cpu"))
    engine = NlpEngineProvider(nlp_configuration=nothing).create_engine()
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
    return lambda text: [(result.start, result.end) for result in analyzer.analyze(text, "en")]


def speed(find: Find, notes: Sequence[str]) -> tuple[float, float, float]:
    """Notes a second, median and 95th percentile in ms."""
    times: list[float] = []
    for note in notes:
        begun = time.perf_counter()
        find(note)
        times.append(1000 * (time.perf_counter() - begun))
        if sum(times) > 1000 * _LONGEST_RUN_S:
            break
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


def show(name: str, result: Score, most: int) -> None:
    print(result.line(f"  {name}"), flush=True)
    print(f"     by type: {result.types()}")
    # What nobody may look at while rules are written is scored and not shown.
    if "unread" not in name and "not looked" not in name and not name.startswith("…"):
        for title, found in (("missed", result.misses), ("false alarm", result.alarms)):
            for example in examples(found, most):
                print(f"       {title} {example}")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--misses", type=int, default=20, help="how many misses and false alarms to list")
    arguments.add_argument("--no-baseline", action="store_true")
    arguments.add_argument("--notes", type=int, default=200, help="notes of MTSamples for speed and false alarms")
    arguments.add_argument("--only", default="", help="sets whose name contains this")
    options = arguments.parse_args()
    deidentifier = Deidentifier(DeidSettings())
    deidentifier.find("warm up")

    def ours(text: str) -> Spans:
        return [(span.start, span.end) for span in deidentifier.find(text)]

    sets = {name: golds for name, golds in [*own_sets(), *public_sets()] if options.only in name}
    print(COLUMNS)
    print("Curbside")
    for name, golds in sets.items():
        show(name, score(golds, ours), options.misses)
    if not options.no_baseline:
        patterns = presidio_patterns()
        print("Presidio's patterns, without NER (baseline)")
        for name, golds in sets.items():
            print(score(golds, patterns).line(f"  {name}"), flush=True)
    if notes := clinical_notes(options.notes):
        per_thousand, share, alarms = touched(ours, notes)
        print(
            f"\nMTSamples, de-identified before, the half nothing was made from: {per_thousand:.2f} findings per 1,000 words, "
            f"{share:.2f} % of characters"
        )
        for example, count in alarms.most_common(options.misses):
            print(f"       touched {count}x {example!r}")
        around_2500 = [note for note in clinical_notes(400) if 2000 <= len(note) <= 3000][:60]
        rate, median, late = speed(ours, around_2500)
        print(f"notes of 2.5 kB, one at a time: {rate:.1f}/s, median {median:.1f} ms, p95 {late:.1f} ms")
        if not options.no_baseline:
            with tempfile.TemporaryDirectory() as folder:
                theirs, median, late = speed(presidio_transformer(Path(folder)), around_2500)
            print(
                f"Presidio with its transformer recognizer (BERT base): {theirs:.1f}/s, median {median:.0f} ms; "
                f"Curbside / Presidio {rate / theirs:.1f}"
            )


if __name__ == "__main__":
    main()
