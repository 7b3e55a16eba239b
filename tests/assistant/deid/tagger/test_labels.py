"""How chances become findings."""

import numpy as np
import pytest

from assistant.deid.lexicon import english
from assistant.deid.tagger.labels import LABELS, findings
from assistant.deid.tagger.tokens import split


def chances(*labels: str, of: float = 0.9) -> np.ndarray:
    rows = np.full((len(labels), len(LABELS)), (1 - of) / (len(LABELS) - 1), np.float32)
    for row, label in zip(rows, labels, strict=True):
        row[LABELS.index(label)] = of
    return rows


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        pytest.param(("O", "B-NAME", "I-NAME", "O"), [("b c", "NAME")], id="a run is one finding"),
        pytest.param(("B-NAME", "B-NAME", "O", "O"), [("a", "NAME"), ("b", "NAME")], id="two people side by side are two"),
        pytest.param(("O", "I-NAME", "O", "O"), [("b", "NAME")], id="a continuation without beginning counts"),
        pytest.param(("B-NAME", "B-DATE", "I-DATE", "O"), [("a", "NAME"), ("b c", "DATE")], id="another kind is another finding"),
        pytest.param(("O", "O", "O", "B-ID"), [("d", "ID")], id="the last token counts"),
        pytest.param(("B-CONTACT", "O", "O", "O"), [("a", "PHONE")], id="coarse kinds get the policy's name"),
        pytest.param(("O", "O", "O", "O"), [], id="nothing is nothing"),
    ],
)  # fmt: skip
def test_findings(labels: tuple[str, ...], expected: list[tuple[str, str]]) -> None:
    text = "a b c d"
    found = findings(split(text, english()), chances(*labels), least=0.5)
    assert [(text[one.start : one.end], one.type) for one in found] == expected


def test_chances_of_several_kinds_add_up() -> None:
    rows = np.zeros((1, len(LABELS)), np.float32)
    rows[0, [0, LABELS.index("B-NAME"), LABELS.index("B-ORGANIZATION")]] = (0.4, 0.35, 0.25)
    (found,) = findings(split("Larkmoor", english()), rows, least=0.5)
    assert (found.type, round(found.score, 2)) == ("NAME", 0.6)


def test_an_empty_text_has_none() -> None:
    assert findings(split("", english()), np.zeros((0, len(LABELS)), np.float32), least=0.5) == []
