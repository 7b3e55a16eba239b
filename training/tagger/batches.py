"""Invented texts → tensors: tokens as the tagger will see them, each with its label."""

import random
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assistant.deid.lexicon import COMMON, Lexicon
from assistant.deid.normalise import normalise
from assistant.deid.tagger.labels import LABELS
from assistant.deid.tagger.tagger import word_pieces
from assistant.deid.tagger.tokens import Tokens, split
from assistant.deid.tagger.windows import windows
from training.invented.markup import Tagged

UNLISTED = 0.3
"""Share of texts in which the word lists know no identifier: real names are often in no list."""
_BUFFER = 512
"""Examples that are sorted by length together, so that little is padded."""
IGNORED = -100


@dataclass(frozen=True, slots=True)
class Example:
    pieces: list[int]
    shapes: list[int]
    gaps: list[int]
    kinds: list[int]
    firsts: list[int]
    labels: list[int]


@dataclass(frozen=True, slots=True)
class Batch:
    """(texts, pieces) but for `firsts` and `labels`, which are (texts, tokens)."""

    pieces: Tensor
    shapes: Tensor
    gaps: Tensor
    kinds: Tensor
    inside: Tensor
    attention: Tensor
    firsts: Tensor
    labels: Tensor


def labels_of(tokens: Tokens, spans: Sequence[tuple[int, int, str]]) -> list[int]:
    """The label of each token. A token that a span covers only in part belongs to it."""
    labels = [0] * len(tokens)
    for start, end, kind in spans:
        at = max(0, bisect_right(tokens.ends, start))
        label = LABELS.index(f"B-{kind}")
        while at < len(tokens) and tokens.starts[at] < end:
            labels[at] = label
            label = LABELS.index(f"I-{kind}")
            at += 1
    return labels


def examples(texts: Iterable[Tagged], tokenizer: Any, lexicon: Lexicon, rng: random.Random) -> Iterator[Example]:
    """One example a window."""
    begin, end = tokenizer.encode("").ids
    for tagged in texts:
        clean = normalise(tagged.text).text
        if len(clean) != len(tagged.text):
            continue  # its offsets moved: one text in thousands, with rare signs
        tokens = split(clean, lexicon)
        labels = labels_of(tokens, tagged.spans)
        kinds = tokens.kinds
        if rng.random() < UNLISTED:
            kinds = [kind & COMMON if label else kind for kind, label in zip(kinds, labels, strict=True)]
        for part in windows(word_pieces(tokenizer, tokens.texts), begin=begin, end=end):
            owners = [max(owner, 0) for owner in part.owners]
            yield Example(
                part.pieces,
                [tokens.shapes[owner] for owner in owners],
                [tokens.gaps[owner] for owner in owners],
                [kinds[owner] for owner in owners],
                part.firsts,
                [labels[token] for token in part.tokens],
            )


def batches(source: Iterator[Example], *, pieces: int, rng: random.Random) -> Iterator[Batch]:
    """Batches of about `pieces` word pieces, texts of like length together, batches in random order."""
    while True:
        buffer = sorted((next(source) for _ in range(_BUFFER)), key=lambda example: len(example.pieces))
        groups: list[list[Example]] = [[]]
        for example in buffer:
            if groups[-1] and (len(groups[-1]) + 1) * len(example.pieces) > pieces:
                groups.append([])
            groups[-1].append(example)
        rng.shuffle(groups)
        yield from (collate(group) for group in groups)


def collate(group: Sequence[Example]) -> Batch:
    def padded(rows: Sequence[Sequence[int]], filler: int = 0) -> Tensor:
        longest = max(map(len, rows))
        return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])

    pieces = padded([example.pieces for example in group])
    attention = padded([[1] * len(example.pieces) for example in group])
    inside = padded([[0, *[1] * (len(example.pieces) - 2), 0] for example in group]).float()
    return Batch(
        pieces=pieces,
        shapes=padded([example.shapes for example in group]),
        gaps=padded([example.gaps for example in group]),
        kinds=padded([example.kinds for example in group]),
        inside=inside,
        attention=attention,
        firsts=padded([example.firsts for example in group]),
        labels=padded([example.labels for example in group], IGNORED),
    )
