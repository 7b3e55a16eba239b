"""Examples → padded batches of word pieces with the places of the answers, similar lengths together."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from assistant.generation.starter import ASSISTANT_ID, END_ID, PAD_ID, POSITIONS, USER_ID
from training.starter.examples import Example

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

_POOL = 96
"""So many examples are sorted by length before they are cut into batches."""


@dataclass(frozen=True, slots=True)
class Encoded:
    ids: list[int]
    answers: list[bool]
    """Of each id, whether the model is to write it."""


@dataclass(frozen=True, slots=True)
class Batch:
    ids: "torch.Tensor"
    """(batch, length) int64, padded at the end. No mask is needed: causal attention never reads what follows."""
    places: "torch.Tensor"
    """(n,) int64 into the flattened ids: where the next piece is the model's."""
    wanted: "torch.Tensor"
    """(n,) int64: that next piece."""


def encode(example: Example, tokenizer: "Tokenizer") -> Encoded:
    ids: list[int] = []
    answers: list[bool] = []
    for said, answer in example.turns:
        asked = [USER_ID, *tokenizer.encode(said).ids, ASSISTANT_ID]
        answered = [*tokenizer.encode(answer).ids, END_ID]
        ids += asked + answered
        answers += [False] * len(asked) + [True] * len(answered)
    return Encoded(ids, answers)


def batches(examples: Iterator[Example], tokenizer: "Tokenizer", rng: random.Random, *, pieces: int) -> Iterator[Batch]:
    """Batches of about `pieces` ids, padding included, in random order. What is longer than the positions is left out."""
    while True:
        encoded = [encode(example, tokenizer) for example in islice(examples, _POOL)]
        fitting = sorted((one for one in encoded if len(one.ids) <= POSITIONS), key=lambda one: len(one.ids))
        groups: list[list[Encoded]] = [[]]
        for one in fitting:
            if groups[-1] and len(one.ids) * (len(groups[-1]) + 1) > pieces:
                groups.append([])
            groups[-1].append(one)
        rng.shuffle(groups)
        yield from (collate(group) for group in groups if group)


def collate(group: list[Encoded]) -> Batch:
    import torch

    length = max(len(one.ids) for one in group)
    ids = torch.full((len(group), length), PAD_ID)
    places: list[int] = []
    wanted: list[int] = []
    for row, one in enumerate(group):
        ids[row, : len(one.ids)] = torch.tensor(one.ids)
        for column in range(1, len(one.ids)):
            if one.answers[column]:
                places.append(row * length + column - 1)
                wanted.append(one.ids[column])
    return Batch(ids, torch.tensor(places), torch.tensor(wanted))
