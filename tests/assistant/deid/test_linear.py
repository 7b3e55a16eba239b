"""No pattern may be slow, no input may break the engine. Every compiled pattern of every module is timed on hostile text."""

import importlib
import itertools
import pkgutil
import re
from collections.abc import Iterator

import pytest

import assistant.deid
from assistant.deid.engine import Deidentifier
from assistant.deid.languages import Language
from assistant.deid.mask import PLACEHOLDER
from assistant.settings import DeidSettings
from tests.stopwatch import processor_seconds

_N = 1_500
_FLOOR_S = 0.02
"""Faster than this on the longer text is fast enough, whatever the growth: timers and caches say no more."""
_MOST_PIECES = 10


def _patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for info in pkgutil.walk_packages(assistant.deid.__path__, "assistant.deid."):
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            for number, pattern in enumerate(_inside(value, 3)):
                yield f"{info.name.removeprefix('assistant.deid.')}.{name}[{number}]", pattern


def _inside(value: object, depth: int) -> Iterator[re.Pattern[str]]:
    """Patterns, also in tuples, lists and dictionaries."""
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif depth and isinstance(value, tuple | list | frozenset):
        for item in value:
            yield from _inside(item, depth - 1)
    elif depth and isinstance(value, dict):
        yield from _inside(list(value.values()), depth)


_PATTERNS = dict(_patterns())
_UNITS = (
    *"a A 1 0 . - / : @ _ # , ( ' < |".split(), " ", "\n", "a ", "A ", "1 ", "Aa ", "1.", "1-", "1/", "a.", "a-", "A1", "a@", ": ", "1:", "one ", "the ", "Mr ", "Aa-", "and ", "12 ", "123-", ", A", "1,2", "(1", "May ", "st ", "ninety ", "Day ", "x1",
)  # fmt: skip


def _own_pieces(pattern: re.Pattern[str]) -> list[str]:
    """Literal words of the pattern itself: repeated, they get furthest into it."""
    words = re.findall(r"(?<![\\A-Za-z])[A-Za-z]{2,12}", pattern.pattern)
    longest = sorted(set(words), key=lambda word: (-len(word), word))
    step = max(1, len(longest) // _MOST_PIECES)
    return [f"{word} " for word in longest[::step][:_MOST_PIECES]]


def _seconds(pattern: re.Pattern[str], text: str) -> float:
    def find_all() -> None:
        for _ in pattern.finditer(text):
            pass

    return processor_seconds(find_all, enough=_FLOOR_S)


@pytest.mark.parametrize("name", sorted(_PATTERNS))
def test_time_grows_with_the_text_and_no_faster(name: str) -> None:
    pattern = _PATTERNS[name]
    slow = [unit for unit in (*_UNITS, *_own_pieces(pattern)) if _grows(pattern, unit, times=2, most=3)]
    # On a busy machine linear time doubles threefold now and then. Eightfold, linear and quadratic time are far apart: 8 and 64.
    assert [unit for unit in slow if _grows(pattern, unit, times=8, most=24)] == [], (
        "repeated, these take more than linear time"
    )


def _grows(pattern: re.Pattern[str], unit: str, *, times: int, most: float) -> bool:
    """Whether so many times the text takes more than `most` times as long."""
    text = (unit * _N)[:_N]
    # A last character that nothing expects: what fails late is tried again from every place.
    longer = _seconds(pattern, text * times + "\x00")
    return longer > _FLOOR_S and longer > most * _seconds(pattern, text + "\x00")


_LONG, _TAGGED = 100_000, 20_000
LONG = [
    pytest.param("a", id="one letter"),
    pytest.param("7", id="one digit"),
    pytest.param("- ", id="hyphens"),
    pytest.param("(", id="brackets"),
    pytest.param("12/03/2021 ", id="dates"),
    pytest.param("Mrs Ada Quill saw Dr. Moss, ", id="names"),
    pytest.param("MRN: 4471-22, tel 555-0142 ", id="numbers"),
]
HOSTILE = [
    pytest.param("x", id="one character"),
    pytest.param("1", id="one digit"),
    pytest.param("⟦", id="one sign"),
    pytest.param("📞🩺❤️👩🏽‍⚕️ seen 📅 3/14/2023 ☎ 555-0142 🧑‍⚕️", id="emoji"),
    pytest.param("\u202eseen on 03/14/2023\u202c by \u200fDr. Quill\u200e \u2067MRN 44718822\u2069", id="right-to-left marks"),
    pytest.param("[NAME_1] saw [NAME_2] on [DATE_1], MRN [MRN_1], call [PHONE_1].", id="placeholders already there"),
    pytest.param("MRN: [MRN_1]44718822 [DATE_2]/03/2021 Dr. [NAME_3]Quill 555-[ID_1]-0142", id="placeholders glued to identifiers"),
    pytest.param("https://a.example/dr.quill@b.example/2021-03-14/555-010-0142?mrn=44718822&dob=03/14/1957", id="identifiers within identifiers"),
    pytest.param("\x00\x01\ufffd\ud7ff 03/14/2023 \x7f", id="control characters"),
]  # fmt: skip


class _ByRules(Deidentifier):
    """Without the tagger: on 100 kB it takes its time, which grows with the text; its windows have their own tests."""

    def _tagger(self, language: Language) -> None:
        return None


@pytest.fixture(scope="module")
def by_rules() -> Deidentifier:
    return _ByRules(DeidSettings())


def _check(text: str, deidentifier: Deidentifier) -> None:
    spans = deidentifier.find(text)
    end = 0
    for span in spans:
        assert end <= span.start < span.end <= len(text)
        end = span.end
    for placeholder in PLACEHOLDER.finditer(text):
        assert not any(span.start < placeholder.end() and placeholder.start() < span.end for span in spans)


@pytest.mark.parametrize("text", HOSTILE)
def test_spans_of_hostile_text_are_sorted_and_apart(text: str, deidentifier: Deidentifier) -> None:
    _check(text, deidentifier)


@pytest.mark.parametrize("piece", LONG)
def test_a_line_of_100_kilobytes_is_read_by_the_rules(piece: str, by_rules: Deidentifier) -> None:
    _check((piece * _LONG)[:_LONG], by_rules)


@pytest.mark.parametrize("piece", LONG)
def test_a_long_line_is_read_by_rules_and_tagger(piece: str, deidentifier: Deidentifier) -> None:
    _check((piece * _TAGGED)[:_TAGGED], deidentifier)


def test_ten_thousand_names(by_rules: Deidentifier) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = ["".join(three).capitalize() for three in itertools.product(letters, repeat=3)][:10_000]
    _check(" ".join(f"Dr. Ada {name}quill" for name in names), by_rules)
