"""`quote_only`: a model chooses sentences and writes none. Whatever its weights, every line of an answer is a quote.

A model that is small, or that nobody has judged yet, must not write medicine. So the only tokens it can choose are those
that go on with a sentence of the report, begin another one on a new line, or end the answer. What is handed out is the
report's own text, never what the tokens decode to.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.generation import starter
from assistant.generation.quotable import Quote
from assistant.settings import GenerationSettings

if TYPE_CHECKING:
    import torch

_ANCHOR = "a"
"""Some tokenizers put a space before whatever a text begins with; behind this letter they put none."""


def quotes_only(settings: GenerationSettings) -> bool:
    """What `settings.quote_only` says or, where it says nothing, what suits the model."""
    if settings.quote_only is not None:
        return settings.quote_only
    return settings.model is not None and Path(settings.model).name == starter.NAME


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to write a quote in tokens. `newline`: the line break behind it is part of the last token (`.⏎`)."""

    tokens: tuple[int, ...]
    quote: Quote
    newline: bool = False


class QuoteWalk:
    """Where a model stands among the quotes. `push` takes its tokens and returns the text that became certain.

    A quote is handed out as a whole once no other one can be meant. One that would not fit the budget is not begun.
    """

    def __init__(self, quotes: Sequence[Quote], tokenizer: Any, *, ends: Collection[int], budget: int) -> None:
        """`ends`: the ids that end an answer. `budget`: tokens that may be written."""
        self._ends = frozenset(ends)
        self._left = budget
        ways = _Ways(quotes, tokenizer, forbidden=self._ends)
        self._later, self._behind_newline = ways.later, ways.behind_newline
        self._told: set[int] = set()
        self._handed_out = False
        self._is_first = True
        self._depth = 0
        self._ways = self._open(ways.first)
        self._look()

    @property
    def ended(self) -> bool:
        """Nothing can be written any more."""
        return not self._going_on

    @property
    def allowed(self) -> Collection[int]:
        """The tokens that may come next."""
        return self._going_on | self._ends if self._complete else self._going_on

    @property
    def only_way_on(self) -> int | None:
        """The only token to go on with, where the answer might as well end."""
        return next(iter(self._going_on)) if self._complete and len(self._going_on) == 1 else None

    def push(self, token: int) -> str:
        """Go on with one of the tokens allowed."""
        self._left -= 1
        going_on = [way for way in self._ways if self._depth < len(way.tokens) and way.tokens[self._depth] == token]
        text = ""
        if going_on:
            self._ways = going_on
            self._depth += 1
        else:
            text = self._finish()
            self._ways = [way for way in self._starts if way.tokens[0] == token]
            self._depth = 1
        if self._ways and all(way.quote is self._ways[0].quote for way in self._ways):
            text += self._hand_out(self._ways[0].quote)
        self._look()
        return text

    def close(self) -> str:
        """The last quote, if it was complete; one cut short is dropped."""
        return self._finish()

    def _look(self) -> None:
        """Work out what may come next."""
        self._complete = next((way for way in self._ways if len(way.tokens) == self._depth), None)
        self._starts = self._after(self._complete) if self._complete else []
        self._going_on = {way.tokens[self._depth] for way in self._ways if self._depth < len(way.tokens)}
        self._going_on |= {way.tokens[0] for way in self._starts}

    def _after(self, way: _Way) -> list[_Way]:
        if way.quote.alone:
            return []
        return self._open(self._behind_newline if way.newline else self._later, but=way.quote.sentence)

    def _open(self, ways: Iterable[_Way], but: int = -1) -> list[_Way]:
        told = self._told | {but}
        return [way for way in ways if len(way.tokens) <= self._left and way.quote.sentence not in told]

    def _finish(self) -> str:
        if self._complete is None:
            return ""
        text = self._hand_out(self._complete.quote)
        self._complete, self._handed_out = None, False
        return text

    def _hand_out(self, quote: Quote) -> str:
        if self._handed_out:
            return ""
        self._told.add(quote.sentence)
        text = quote.line if self._is_first else f"\n{quote.line}"
        self._handed_out, self._is_first = True, False
        return text


class _Ways:
    """All ways to write the quotes: as the answer's beginning, on a new line, and behind a token that broke the line."""

    def __init__(self, quotes: Sequence[Quote], tokenizer: Any, *, forbidden: frozenset[int]) -> None:
        self._forbidden = forbidden
        lead = f"{_ANCHOR}\n"
        head = len(_encode(tokenizer, [_ANCHOR])[0])
        newline = _encode(tokenizer, [lead])[0][head:]

        # Tokenizing is what takes time. The letters beside a line break tell whether a tokenizer cuts there.
        last = sorted({quote.text[-1] for quote in quotes})
        pairs = zip(last, _encode(tokenizer, last), _encode(tokenizer, [f"{letter}\n" for letter in last]), strict=True)
        merging = {letter for letter, apart, broken in pairs if broken != apart + newline}
        initial = sorted({quote.text[0] for quote in quotes})
        pairs = zip(initial, _encode(tokenizer, initial), _encode(tokenizer, [lead + x for x in initial]), strict=True)
        changing = {letter for letter, apart, led in pairs if led[head:] != newline + apart}

        written = [(quote, quote.text) for quote in quotes]
        written += [(quote, f"{quote.text}\n") for quote in quotes if quote.text[-1] in merging and not quote.alone]
        first = _encode(tokenizer, [text for _, text in written])
        again = iter(_encode(tokenizer, [lead + text for _, text in written if text[0] in changing]))
        later = [
            next(again)[head:] if text[0] in changing else newline + tokens
            for (_, text), tokens in zip(written, first, strict=True)
        ]
        self.first = self._ways(written, first)
        self.later = [way for way in self._ways(written, later) if not way.quote.alone]
        behind = [way for way in self.later if len(way.tokens) > len(newline) and way.tokens[: len(newline)] == newline]
        self.behind_newline = [_Way(way.tokens[len(newline) :], way.quote, way.newline) for way in behind]

    def _ways(self, written: Iterable[tuple[Quote, str]], tokens: Iterable[tuple[int, ...]]) -> list[_Way]:
        made = [
            _Way(ids, quote, newline=text.endswith("\n")) for (quote, text), ids in zip(written, tokens, strict=True)
        ]
        return [way for way in made if way.tokens and self._forbidden.isdisjoint(way.tokens)]


def _encode(tokenizer: Any, texts: list[str]) -> list[tuple[int, ...]]:
    if not texts:
        return []
    return [tuple(ids) for ids in tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"]]


def only_allowed(walk: QuoteWalk) -> Any:
    """A transformers `LogitsProcessor` for one sequence that leaves only what `walk` allows."""
    import torch
    from transformers import LogitsProcessor

    class OnlyAllowed(LogitsProcessor):
        def __call__(self, input_ids: "torch.Tensor", scores: "torch.Tensor") -> "torch.Tensor":
            ids = torch.tensor(sorted(walk.allowed), device=scores.device)
            # Broken weights give scores that are no numbers; even then nothing else may win, at any usual temperature.
            most = torch.finfo(scores.dtype).max / 1_000
            left = torch.full_like(scores, float("-inf"))
            left[:, ids] = torch.nan_to_num(scores[:, ids], nan=-most, posinf=most, neginf=-most)
            return left

    return OnlyAllowed()
