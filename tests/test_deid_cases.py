"""The reader of marked texts, and the shape of the marked notes. Every text is invented."""

from pathlib import Path

import pytest

from tests.deid_cases import BrokenMarkup, Case, read_cases

FOLDER = Path(__file__).parent / "data" / "deid"
SEEN, UNREAD = FOLDER / "notes_seen.txt", FOLDER / "notes_unread.txt"


def read(folder: Path, marked: str) -> list[Case]:
    path = folder / "cases.txt"
    path.write_text(marked, "utf-8")
    return read_cases(path)


def marked_words(case: Case) -> list[tuple[str, str]]:
    return [(case.text[start:end], kind) for start, end, kind in case.spans]


def test_offsets_point_at_the_words_in_the_text_without_markup(tmp_path: Path) -> None:
    (case,) = read(tmp_path, "=== one\nMr. {{NAME:Okonjo}}, seen {{DATE:3/14/2023}}\nat {{LOCATION:Zoë-Bay}}.\n")
    assert case.id == "one"
    assert case.text == "Mr. Okonjo, seen 3/14/2023\nat Zoë-Bay."
    assert marked_words(case) == [("Okonjo", "NAME"), ("3/14/2023", "DATE"), ("Zoë-Bay", "LOCATION")]


def test_cases_keep_their_order_and_lose_their_blank_ends(tmp_path: Path) -> None:
    first, second = read(tmp_path, "\n=== a\n\n\nFine.\n\nWell.\n\n=== b c\n{{NAME:Ng}}\n")
    assert (first.id, first.text, first.spans) == ("a", "Fine.\n\nWell.", ())
    assert (second.id, second.text, second.spans) == ("b c", "Ng", ((0, 2, "NAME"),))


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        pytest.param("{{NAME:A}}{{ID:7}}", [("A", "NAME"), ("7", "ID")], id="spans may touch"),
        pytest.param("x{{ID:7}}y", [("7", "ID")], id="a span may be glued to other letters"),
        pytest.param("{{URL:https://a.example}}", [("https://a.example", "URL")], id="a colon may stand in a span"),
        pytest.param("{{NAME:Ada\nLow}}", [("Ada\nLow", "NAME")], id="a span may run over a line's end"),
        pytest.param("a {b} c", [], id="single braces are text"),
        pytest.param("======\nText", [], id="a longer rule is text"),
    ],
)
def test_markup_allows(tmp_path: Path, marked: str, words: list[tuple[str, str]]) -> None:
    (case,) = read(tmp_path, f"=== one\n{marked}\n")
    assert marked_words(case) == words
    assert "{{" not in case.text


@pytest.mark.parametrize(
    ("marked", "line", "problem"),
    [
        pytest.param("Text\n=== a\nText", 1, "before the first case", id="text before the first case"),
        pytest.param("===\nText", 1, "needs an id", id="a case without an id"),
        pytest.param("=== a\nText\n=== a\nText", 3, "stands twice", id="an id that stands twice"),
        pytest.param("=== a\n\n=== b\nText", 1, "no text", id="a case without text"),
        pytest.param("=== a\n\nx\n{{PERSON:Ng}}", 4, "must be followed by a type", id="an unknown type"),
        pytest.param("=== a\n{{Ng}}", 2, "must be followed by a type", id="no type"),
        pytest.param("=== a\n{{NAME:}}", 2, "is empty", id="an empty span"),
        pytest.param("=== a\n{{NAME: Ng}}", 2, "begins or ends with a blank", id="a blank at a span's edge"),
        pytest.param("=== a\n{{NAME:Ng {{ID:7}}}}", 2, "inside the span that line 2", id="a span in a span"),
        pytest.param(
            "=== a\n{{NAME:Ng\n\n{{ID:7}}", 4, "inside the span that line 2", id="a span left open before one"
        ),
        pytest.param("=== a\nx\n{{NAME:Ng\n", 3, "never closed", id="a span left open at the end"),
        pytest.param("=== a\nNg}}", 2, "closes no span", id="a span that was never opened"),
    ],
)
def test_broken_markup_is_refused(tmp_path: Path, marked: str, line: int, problem: str) -> None:
    with pytest.raises(BrokenMarkup, match=problem) as caught:
        read(tmp_path, marked)
    assert caught.value.line == line
    assert str(caught.value).startswith(f"cases.txt, line {line}: ")
    assert "Ng" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "at_least"),
    [
        pytest.param(SEEN, 50, id="notes that may be read"),
        pytest.param(UNREAD, 30, id="notes that are only counted"),
    ],
)
def test_the_notes_are_enough_long_enough_and_full_of_identifiers(path: Path, at_least: int) -> None:
    cases = read_cases(path)
    assert len(cases) >= at_least
    too_short = [case.id for case in cases if not 100 <= len(case.text.split()) <= 500]
    assert too_short == []
    assert [case.id for case in cases if len(case.spans) < 4] == []


def test_no_note_is_repeated() -> None:
    cases = [*read_cases(SEEN), *read_cases(UNREAD)]
    assert len({case.id for case in cases}) == len(cases)
    # Two notes that share their first words are one note with other names.
    assert len({" ".join(case.text.split()[:8]).lower() for case in cases}) == len(cases)
