"""From marked text to tensors. All text is invented."""

import itertools
import random

import pytest
from tokenizers import Tokenizer

from assistant.deid.lexicon import GIVEN, SURNAME, english
from assistant.deid.tagger.labels import LABELS
from assistant.deid.tagger.tokens import split
from assistant.encoder.minilm import default_folder
from training.invented.markup import Tagged
from training.tagger.batches import IGNORED, batches, collate, examples, labels_of

MARKED = Tagged("Seen by Dr. Anne O'Hara today.", ((12, 23, "NAME"),))


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    made = Tokenizer.from_file(str(default_folder() / "tokenizer.json"))
    made.no_padding()
    made.no_truncation()
    return made


@pytest.mark.parametrize(
    ("text", "span", "labelled"),
    [
        pytest.param("Dr. Anne O'Hara", (4, 15), ["O", "O", "B", "I", "I", "I"], id="every token of a span"),
        pytest.param("pt12345678", (2, 10), ["O", "B"], id="digits glued to a word"),
        pytest.param("Okafors came", (0, 6), ["B", "O"], id="a token that a span covers in part"),
        pytest.param("Anne came", (0, 0), ["O", "O"], id="an empty span marks nothing"),
    ],
)
def test_labels(text: str, span: tuple[int, int], labelled: list[str]) -> None:
    labels = labels_of(split(text, english()), [(*span, "NAME")])
    assert [LABELS[label][0] for label in labels] == labelled


def test_a_batch_pads_and_ignores_what_it_padded(tokenizer: Tokenizer) -> None:
    texts = [MARKED, Tagged("No fever.")]
    batch = collate(list(examples(texts, tokenizer, english(), random.Random(1))))
    assert batch.pieces.shape == batch.shapes.shape == batch.attention.shape
    assert batch.labels[1].tolist()[:3] == [0, 0, 0]
    assert set(batch.labels[1].tolist()[3:]) == {IGNORED}
    assert batch.inside[0, 0] == 0
    assert batch.attention[1].sum() < batch.attention[0].sum()


def test_in_some_texts_no_list_knows_the_name(tokenizer: Tokenizer) -> None:
    known = [
        bool(example.kinds[5] & (GIVEN | SURNAME))
        for seed in range(40)
        for example in examples([MARKED], tokenizer, english(), random.Random(seed))
    ]
    assert 5 < sum(not one for one in known) < 25


def test_batches_hold_about_as_many_pieces_as_asked_for(tokenizer: Tokenizer) -> None:
    source = examples(itertools.cycle([MARKED, Tagged("No fever. " * 30)]), tokenizer, english(), random.Random(1))
    for batch in itertools.islice(batches(source, pieces=1024, rng=random.Random(1)), 5):
        assert batch.pieces.numel() <= 1024
