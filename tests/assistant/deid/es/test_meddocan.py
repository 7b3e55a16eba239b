"""MEDDOCAN: what was promised of the third that nobody looked at, and that the word list knows nothing of it."""

from pathlib import Path

from assistant.deid.engine import Deidentifier
from assistant.deid.es.words.build import common_words
from assistant.deid.lexicon import read_lines
from tests.benchmarks.bench_deid_es import golds
from tests.benchmarks.deid_scoring import score


def test_the_held_third_is_found_and_little_else(shared_data: Path, spanish_deidentifier: Deidentifier) -> None:
    def find(text: str) -> list[tuple[int, int]]:
        return [(span.start, span.end) for span in spanish_deidentifier.find(text)]

    shares = score(golds(held=True), find).shares()
    assert shares["spans"][0] >= 97
    assert shares["precision"][0] >= 97


def test_the_list_of_common_words_is_what_its_module_makes(shared_data: Path) -> None:
    listed = [word for line in read_lines("assistant.deid.es.words", "common") for word in line.split()]
    assert listed == common_words(shared_data)
