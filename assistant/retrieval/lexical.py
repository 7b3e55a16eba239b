"""The words' side of the ranking: BM25 over postings in memory.

Report text is encrypted at rest, so its words are never written to disk: the index is rebuilt from the database at
start. Ready-made BM25 libraries (bm25s, rank_bm25) build once and cannot add or remove a document, and a clinic adds
reports all day; hence our own.
"""

import math
import threading
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from assistant.retrieval.terms import split_terms

if TYPE_CHECKING:
    import numpy as np

K1 = 1.5
"""Saturation of repeated words."""
B = 0.75
"""Share of length normalisation."""
_MIN_DEAD_SLOTS = 1_000
"""Renumbering is worth its pause only beyond this many removed chunks."""


class LexicalIndex:
    """BM25 (Robertson & Zaragoza 2009, with Lucene's never negative idf) with incremental add and remove.

    Each document has a slot, a number that only grows, so postings stay sorted by it. Removal deletes the
    document's postings at once. Safe to use from many threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forget every document."""
        with self._lock:
            self._vocabulary: dict[str, int] = {}
            self._slots: list[array[int]] = []  # by term: documents that hold it, ascending
            self._counts: list[array[int]] = []  # by term: how often, parallel to `_slots`
            self._ids: list[str] = []  # by slot
            self._lengths: array[int] = array("I")  # by slot, in terms; 0 once removed
            self._terms: dict[str, array[int]] = {}  # by id: its distinct terms
            self._slot_of: dict[str, int] = {}
            self._total_length = 0

    def __len__(self) -> int:
        return len(self._slot_of)

    def __contains__(self, document_id: str) -> bool:
        return document_id in self._slot_of

    def ids(self) -> list[str]:
        """Every document's id."""
        with self._lock:
            return list(self._slot_of)

    def add(self, documents: Iterable[tuple[str, str]]) -> None:
        """Add `(id, text)` documents; one that is already there is replaced."""
        for document_id, text in documents:
            counts = Counter(split_terms(text))
            with self._lock:
                self._remove(document_id)
                self._add(document_id, counts)

    def remove(self, document_ids: Iterable[str]) -> None:
        """Remove documents; unknown ids are left alone."""
        with self._lock:
            for document_id in document_ids:
                self._remove(document_id)
            if len(self._ids) > 2 * len(self._slot_of) + _MIN_DEAD_SLOTS:
                self._renumber()

    def score(self, query: str) -> "LexicalScores":
        """Score every document against `query`."""
        counts = Counter(split_terms(query))
        with self._lock:
            # A function of its own: numpy's views of the postings must be gone before the lock is, since an array
            # that is viewed cannot grow.
            scores, query_weight = self._score(counts)
            return LexicalScores(scores, query_weight, self._ids, self._slot_of)

    def _score(self, counts: Counter[str]) -> "tuple[np.ndarray, float]":
        import numpy as np

        scores, query_weight = np.zeros(len(self._ids), np.float32), 0.0
        if not self._slot_of:
            return scores, query_weight
        n_documents = len(self._slot_of)
        lengths = np.frombuffer(self._lengths, np.uint32)
        mean_length = max(self._total_length / n_documents, 1.0)
        for term, repeats in counts.items():
            number = self._vocabulary.get(term)
            if number is None or not self._slots[number]:
                continue
            slots = np.frombuffer(self._slots[number], np.uint32)
            tf = np.frombuffer(self._counts[number], np.uint16).astype(np.float32)
            idf = math.log(1 + (n_documents - len(slots) + 0.5) / (len(slots) + 0.5))
            query_weight += repeats * idf
            norm = K1 * (1 - B + B * lengths[slots].astype(np.float32) / np.float32(mean_length))
            scores[slots] += np.float32(repeats * idf * (K1 + 1)) * tf / (tf + norm)
        return scores, query_weight

    def _add(self, document_id: str, counts: Counter[str]) -> None:
        slot = len(self._ids)
        terms: array[int] = array("I")
        vocabulary, slots, tallies = self._vocabulary, self._slots, self._counts  # this loop is most of the start
        for term, count in counts.items():
            number = vocabulary.setdefault(term, len(slots))
            if number == len(slots):
                slots.append(array("I"))
                tallies.append(array("H"))
            slots[number].append(slot)
            tallies[number].append(count if count < 65_536 else 65_535)
            terms.append(number)
        length = counts.total()
        self._ids.append(document_id)
        self._lengths.append(length)
        self._total_length += length
        self._terms[document_id] = terms
        self._slot_of[document_id] = slot

    def _remove(self, document_id: str) -> None:
        slot = self._slot_of.pop(document_id, None)
        if slot is None:
            return
        for number in self._terms.pop(document_id):
            place = bisect_left(self._slots[number], slot)
            del self._slots[number][place], self._counts[number][place]
        self._total_length -= self._lengths[slot]
        self._ids[slot], self._lengths[slot] = "", 0

    def _renumber(self) -> None:
        """Close the gaps that removals left in the slots."""
        import numpy as np

        new_slots = np.zeros(len(self._ids), np.uint32)
        slots = np.fromiter(self._slot_of.values(), np.int64, len(self._slot_of))
        slots.sort()
        new_slots[slots] = np.arange(len(slots), dtype=np.uint32)
        for number, old in enumerate(self._slots):
            self._slots[number] = array("I", new_slots[old].tobytes())
        # New objects, not changed ones: scores that were handed out still look things up in the old.
        self._ids = [self._ids[slot] for slot in slots]
        self._lengths = array("I", (self._lengths[slot] for slot in slots))
        self._slot_of = {document_id: slot for slot, document_id in enumerate(self._ids)}


class LexicalScores:
    """One query's BM25 scores. Documents added or removed meanwhile score 0."""

    def __init__(self, scores: "np.ndarray", query_weight: float, ids: list[str], slot_of: dict[str, int]) -> None:
        self._scores, self._ids, self._slot_of = scores, ids, slot_of
        self.query_weight = query_weight
        """Sum of the idf of the query's terms, each as often as it stands there."""

    def top(self, *, limit: int, allowed: Callable[[str], bool] = lambda _: True) -> list[tuple[str, float]]:
        """The best `limit` documents with a word of the query, `(id, score)`, best first."""
        import numpy as np

        found = np.flatnonzero(self._scores)
        if not len(found):
            return []
        # Sorting everything that shares a word with the query costs more than sorting the best few; where many of
        # those are not allowed, ever more are looked at.
        depth = min(4 * limit, len(found))
        while True:
            part = found[np.argpartition(self._scores[found], len(found) - depth)[len(found) - depth :]]
            part = part[np.argsort(-self._scores[part], kind="stable")]
            best = [(name, float(self._scores[slot])) for slot in part if (name := self._ids[slot]) and allowed(name)]
            if len(best) >= limit or depth == len(found):
                return best[:limit]
            depth = min(8 * depth, len(found))

    def of(self, document_ids: Sequence[str]) -> list[float]:
        """The scores of these documents; 0 for unknown ones."""
        slots = [self._slot_of.get(document_id, -1) for document_id in document_ids]
        return [float(self._scores[slot]) if 0 <= slot < len(self._scores) else 0.0 for slot in slots]
