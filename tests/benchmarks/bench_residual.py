"""How often the second look holds a report back: those that need it, and those that do not. `python -m tests.benchmarks.bench_residual`

- Clinical notes that were de-identified before (MTSamples, the half no word list was made from): each one held costs a glance.
- Texts with marked identifiers: of the documents that leak after masking, how many are held; of the clean ones, how many.
- The net alone: one mask is left out at a time, and the rules are not asked again. How many would the second look see?

Prints counts and shares, and of texts that nobody may look at while rules are written nothing else.
"""

import argparse
import itertools
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from assistant.deid.document import read
from assistant.deid.engine import Deidentifier
from assistant.deid.languages import LANGUAGES
from assistant.deid.normalise import normalise
from assistant.deid.residual import second_look
from assistant.deid.review import mask_and_look
from assistant.schema import MaskedText
from assistant.settings import DeidSettings
from tests.benchmarks.bench_deid import clinical_notes, own_sets, public_sets
from tests.benchmarks.deid_scoring import Gold

_NOTES, _LEFT_OUT = 1_000, 1_500
"""Most notes read, and most masks left out in a set."""


def held_notes(deidentifier: Deidentifier, notes: Sequence[str]) -> None:
    reasons: Counter[str] = Counter()
    held, masking, looking = 0, 0.0, 0.0
    for note in notes:
        begun = time.perf_counter()
        deidentifier.mask(note)
        masked = time.perf_counter()
        _, left = mask_and_look(deidentifier, note)
        looking += time.perf_counter() - masked - (masked - begun)
        masking += masked - begun
        held += bool(left)
        reasons.update({place.reason for place in left})
    shown = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
    print(f"MTSamples, {len(notes)} notes: {held} held, {100 * held / len(notes):.1f} % (notes by reason: {shown})")
    print(
        f"  a note: masking {1000 * masking / len(notes):.1f} ms, the second look {1000 * looking / len(notes):.1f} ms"
    )


def leaks(gold: Gold, masked: MaskedText) -> bool:
    covered = bytearray(len(gold.text))
    for span in masked.spans:
        covered[span.start : span.end] = b"\1" * (span.end - span.start)
    return any(gold.text[at].isalnum() and not covered[at] for start, end, _ in gold.spans for at in range(start, end))


def held_leaks(deidentifier: Deidentifier, name: str, golds: Sequence[Gold]) -> None:
    counts: Counter[str] = Counter()
    for gold in golds:
        masked, left = mask_and_look(deidentifier, gold.text)
        group = "clean" if not gold.spans else "leaking" if leaks(gold, masked) else "whole"
        counts[group] += 1
        counts[f"{group} held"] += bool(left)
    cells = [f"{counts[f'{group} held']:4d} of {counts[group]:4d}" for group in ("leaking", "whole", "clean")]
    print(f"  {name:40} {'   '.join(cells)}", flush=True)


def seen_alone(name: str, golds: Sequence[Gold]) -> None:
    """Every identifier is masked by its label but one; the rules do not run."""
    lexicon, tried, seen = LANGUAGES["en"].lexicon(), 0, 0
    kinds: Counter[str] = Counter()
    for text, missed, kind, hidden in _left_out(golds):
        tried += 1
        document = read(normalise(text).text, lexicon)
        found = second_look(document, by_rules=(), hidden=hidden)
        hit = any(left.start < missed[1] and missed[0] < left.end for left in found)
        seen += hit
        kinds[kind] += hit
    if tried:
        best = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common(6) if count)
        print(f"  {name:40} {seen:4d} of {tried:4d}, {100 * seen / tried:3.0f} %   ({best})", flush=True)


def _left_out(golds: Sequence[Gold]) -> Iterator[tuple[str, tuple[int, int], str, list[tuple[str, str]]]]:
    """The masked text with one identifier left in it, its place there, its type, and what is hidden."""
    tried = 0
    for gold in golds:
        spans = sorted(gold.spans)
        if any(before[1] > after[0] for before, after in itertools.pairwise(spans)):
            continue
        for missed in spans:
            tried += 1
            if tried > _LEFT_OUT:
                return
            pieces, done, place = [], 0, (0, 0)
            for number, (start, end, kind) in enumerate(spans, start=1):
                pieces.append(gold.text[done:start])
                if (start, end, kind) == missed:
                    at = sum(map(len, pieces))
                    place = (at, at + end - start)
                    pieces.append(gold.text[start:end])
                else:
                    pieces.append(f"[{_type(kind)}_{number}]")
                done = end
            pieces.append(gold.text[done:])
            hidden = [(_type(kind), gold.text[start:end]) for start, end, kind in spans if (start, end, kind) != missed]
            yield "".join(pieces), place, missed[2], hidden


def _type(label: str) -> str:
    names = {"GEOGRAPHIC_LOCATION": "LOCATION", "MEDICAL_RECORD_NUMBER": "MRN", "PERSON": "NAME"}
    kind = "".join(character for character in label.upper() if character.isalnum() or character == "_")
    return names.get(kind, kind if len(kind) < 16 and kind.count("_") < 3 else "OTHER")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--notes", type=int, default=_NOTES)
    arguments.add_argument("--only", default="", help="sets whose name contains this")
    options = arguments.parse_args()
    deidentifier = Deidentifier(DeidSettings())
    deidentifier.find("warm up")
    if notes := clinical_notes(options.notes):
        held_notes(deidentifier, notes)
    names = [("own ", own_sets()), ("", public_sets())]
    sets = {name: golds for _, group in names for name, golds in group if options.only in name and "…" not in name}
    print(f"{'held':42} {'of those leaking':16}   {'nothing left':12}   of those clean")
    for name, golds in sets.items():
        held_leaks(deidentifier, name, golds[:1500])
    print("one identifier left in, rules not asked: seen by the second look")
    for name, golds in sets.items():
        seen_alone(name, golds)


if __name__ == "__main__":
    main()
