"""How likely a model finds given answers: the log-probability of a text after a prompt, token by token, summed.

Tokens are those that training sees and the chat continues (`training.examples.tokenise`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.errors import PromptTooLong
from assistant.generation.decoding import our_errors
from assistant.generation.loading import LoadedModel
from assistant.schema import Message
from training.examples import tokenise

if TYPE_CHECKING:
    import torch

_MAX_BATCH_TOKENS = 4096
"""Padded tokens of one pass."""
_MAX_BATCH_LOGITS = 2**26
"""Logits of one pass: 256 MB in float32, whatever the vocabulary."""


@dataclass(frozen=True, slots=True)
class TextLikelihood:
    nats: float
    """The log-probability of all tokens of the text and of the end after them."""
    tokens: int

    @property
    def nats_per_token(self) -> float:
        return self.nats / self.tokens


@dataclass(frozen=True, slots=True)
class _Row:
    place: int
    ids: list[int]
    prompt_tokens: int

    @property
    def completion_tokens(self) -> int:
        return len(self.ids) - self.prompt_tokens


Likelihood = Callable[[Sequence[tuple[Sequence[Message], str]]], list[TextLikelihood]]
"""`(messages, text)` pairs → the likelihood of each text as the answer, in order."""


def likelihood_of(loaded: LoadedModel) -> Likelihood:
    """The likelihood function of a loaded model, with whatever adapter is active on it."""
    return lambda pairs: text_likelihoods(loaded, pairs)


def text_likelihoods(loaded: LoadedModel, pairs: Sequence[tuple[Sequence[Message], str]]) -> list[TextLikelihood]:
    """Score each text as the answer to its messages. How pairs are put into batches changes nothing but rounding.

    Raises:
        PromptTooLong: a prompt and its text are longer than what the model reads.
        ModelBroke, ModelOutOfMemory
        TrainingError: the chat template writes a prompt differently once an answer follows.
    """
    rows = [_row(loaded, place, messages, text) for place, (messages, text) in enumerate(pairs)]
    results: dict[int, TextLikelihood] = {}
    for batch in _batches(rows, vocabulary=len(loaded.tokenizer)):
        with our_errors(loaded):
            scored = _nats(loaded.model, batch)
        for row, nats in zip(batch, scored, strict=True):
            results[row.place] = TextLikelihood(nats, row.completion_tokens)
    return [results[place] for place in range(len(rows))]


def _row(loaded: LoadedModel, place: int, messages: Sequence[Message], text: str) -> _Row:
    prompt, completion = tokenise(loaded.tokenizer, messages, text)
    ids = prompt + completion
    if len(ids) > loaded.context_tokens:
        raise PromptTooLong(tokens=len(ids), limit=loaded.context_tokens)
    return _Row(place, ids, len(prompt))


def _batches(rows: Sequence[_Row], *, vocabulary: int) -> Iterator[list[_Row]]:
    """Rows of similar length together: little padding, and few prompt positions through the head."""
    batch: list[_Row] = []
    for row in sorted(rows, key=lambda row: (row.prompt_tokens, len(row.ids))):
        grown = [*batch, row]
        if batch and (
            len(grown) * max(len(one.ids) for one in grown) > _MAX_BATCH_TOKENS
            or len(grown) * _kept_positions(grown) * vocabulary > _MAX_BATCH_LOGITS
        ):
            yield batch
            grown = [row]
        batch = grown
    if batch:
        yield batch


def _kept_positions(batch: Sequence[_Row]) -> int:
    """The last positions whose logits are needed: from the one that predicts the first answer token on."""
    return max(len(row.ids) for row in batch) - min(row.prompt_tokens for row in batch) + 1


def _nats(model: Any, batch: Sequence[_Row]) -> "list[float]":
    """Summed log-probability of each completion. Padded on the right, so that positions count from the prompt's start."""
    import torch

    length = max(len(row.ids) for row in batch)
    ids = torch.zeros((len(batch), length), dtype=torch.long)
    mask = torch.zeros((len(batch), length), dtype=torch.long)
    for place, row in enumerate(batch):
        ids[place, : len(row.ids)] = torch.tensor(row.ids)
        mask[place, : len(row.ids)] = 1
    device = model.get_input_embeddings().weight.device
    ids, mask = ids.to(device), mask.to(device)
    kept = _kept_positions(batch)
    was_training = model.training
    model.eval()  # dropout would make every score another one
    with torch.inference_mode():
        logits = model(input_ids=ids, attention_mask=mask, use_cache=False, logits_to_keep=kept).logits[:, -kept:]
        totals = [_row_nats(logits[place], ids[place], row, first=length - kept) for place, row in enumerate(batch)]
    model.train(was_training)
    return totals


def _row_nats(logits: "torch.Tensor", ids: "torch.Tensor", row: _Row, *, first: int) -> float:
    """`logits`: (kept, vocabulary), of the positions from `first` on; `ids`: (length,)."""
    import torch

    wanted = ids[row.prompt_tokens : len(row.ids)].to(logits.device)
    start = row.prompt_tokens - 1 - first
    predicted = logits[start : start + len(wanted)].float()
    scores = predicted.gather(-1, wanted[:, None])[:, 0] - torch.logsumexp(predicted, dim=-1)
    return float(scores.double().sum())
