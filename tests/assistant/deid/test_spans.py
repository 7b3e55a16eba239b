"""Findings that overlap."""

from assistant.deid.spans import Found, resolve


def test_overlapping_findings_become_one_over_all_their_characters() -> None:
    text = "call John Smith-Jones now"
    founds = [Found(5, 15, "NAME", 0.6), Found(10, 21, "ORGANIZATION", 0.7), Found(5, 9, "NAME", 0.9)]
    assert resolve(text, founds) == [Found(5, 21, "ORGANIZATION", 0.9)]


def test_a_label_beats_a_longer_guess() -> None:
    founds = [Found(0, 9, "ID", 0.5), Found(1, 9, "MRN", 0.9, True)]
    assert resolve("#44718822", founds)[0].type == "MRN"


def test_neighbours_stay_apart() -> None:
    founds = [Found(0, 3, "NAME", 0.5), Found(3, 6, "NAME", 0.5)]
    assert len(resolve("abcdef", founds)) == 2


def test_protected_text_is_cut_out() -> None:
    assert [(found.start, found.end) for found in resolve("ab [X_1] cd", [Found(0, 11, "NAME", 0.5)], [(3, 8)])] == [
        (0, 2),
        (9, 11),
    ]


def test_ends_are_trimmed_and_empty_findings_dropped() -> None:
    assert [(found.start, found.end) for found in resolve(" ab. ", [Found(0, 5, "LOCATION", 0.5)])] == [(1, 3)]
    assert resolve("a -- b", [Found(2, 4, "NAME", 0.5)]) == []
