"""How good de-identification is in Spanish, on MEDDOCAN. `python -m tests.benchmarks.bench_deid_es`

MEDDOCAN (Marimon et al., IberLEF 2019, CC BY 4.0) is clinical cases with invented identifiers, written into forms and letters.
Two thirds of the documents (by a hash of their id) were looked at while the rules and lists were written, and gave the
list of common words; the other third was only ever scored. All of it was made by one procedure, so that both flatter.

What counts is what the policy removes: not sex, profession, "other", ages up to 89, years alone, countries, Spain's
autonomous communities (its first-level regions, the counterpart of states), nor people described without a name or number
("mother", "infant"). The lines "descriptions counted" say what counting those descriptions would make of it.
"""

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path

from assistant.deid.engine import Deidentifier
from assistant.deid.es.lexicon import spanish
from assistant.deid.es.words.build import SOURCE, is_held
from assistant.settings import DeidSettings
from tests.benchmarks.deid_scoring import COLUMNS, Gold, Spans, examples, score

DATA = Path(__file__).parents[3] / "shared" / "data"
NOT_IDENTIFYING = frozenset(
    "SEXO_SUJETO_ASISTENCIA PROFESION PAIS OTROS_SUJETO_ASISTENCIA EDAD_SUJETO_ASISTENCIA".split()
)
_DESCRIBING = ("FAMILIARES", "ID_SUJETO")
"""Labels under which MEDDOCAN also has descriptions: "dos hermanas", "lactante"."""
_OLD = re.compile(r"(?:9\d|1[01]\d)(?!\d)")
_YEARS_ONLY = re.compile(r"(?:el )?(?:años? )?(?:de )?(?:19|20)\d\d(?:\s?[-/y]\s?(?:19|20)?\d\d)?")


def is_identifying(kind: str, value: str, *, described: bool = False) -> bool:
    if kind.startswith("EDAD"):
        return bool(_OLD.match(value))
    if kind in NOT_IDENTIFYING or (kind == "FECHAS" and _YEARS_ONLY.fullmatch(value)):
        return False
    if kind.startswith(_DESCRIBING) and not described:
        names = [word for word in value.split()[1:] if word.istitle()]
        return bool(names) or (any(character.isdigit() for character in value) and not kind.startswith("FAM"))
    return not (kind == "TERRITORIO" and value.lower() in _kept())


def _kept() -> frozenset[str]:
    """Countries and autonomous communities, lower case."""
    return frozenset(" ".join(words) for group in spanish().countries.values() for words in group)


def golds(*, held: bool, described: bool = False) -> Iterator[Gold]:
    with (DATA / SOURCE).open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if is_held(row["id"]) == held:
                spans = [span for span in row["spans"] if is_identifying(span["type"], span["v"], described=described)]
                yield Gold(row["text"], tuple((span["start"], span["end"], span["type"]) for span in spans))


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--misses", type=int, default=10, help="how many misses and false alarms to list")
    options = arguments.parse_args()
    if not (DATA / SOURCE).is_file():
        print(f"MEDDOCAN is not beside this checkout ({SOURCE}): nothing to score")
        return
    deidentifier = Deidentifier(DeidSettings(language="es"))

    def find(text: str) -> Spans:
        return [(span.start, span.end) for span in deidentifier.find(text)]

    print(COLUMNS)
    for name, held in (("MEDDOCAN, errors looked at", False), ("MEDDOCAN, never looked at", True)):
        result = score(golds(held=held), find)
        print(result.line(name))
        print("     by type: " + result.types())
        if not held:
            for title, counted in (("missed", result.misses), ("false alarm", result.alarms)):
                for example in examples(counted, options.misses):
                    print(f"       {title} {example}")
        print(score(golds(held=held, described=True), find).line("  … descriptions counted"))


if __name__ == "__main__":
    main()
