"""Public texts of which people said which is better, as preference pairs: `bench_loop` learns from some and asks about others.

- MEDEC (clinicians put an error into a note, and the note as it was): the right sentence over the wrong one.
- MEDIQA 2019, task 3 (experts graded answers to consumers' questions 1 to 4): the better graded answer over the other.
"""

import gzip
import hashlib
import itertools
import json
import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.prompts.compact import compact_text
from assistant.schema import Message, Mode
from training.job import ExampleFiles
from training.starter.notes import is_held_out

DATA = Path(__file__).parents[3] / "shared" / "data"
MEDEC = DATA / "medec" / "medec_ms_val.jsonl"
MEDIQA = DATA / "mediqa2019-qa" / "graded_answers_dev.jsonl.gz"

GAP = "[...]"
"""Stands in a note where the sentence in question was."""
_WHICH = "Which sentence belongs here?"
_HELD_OUT, _VALIDATION = 0.3, 0.1
"""Shares of the pairs."""
_ANSWER_WORDS = 120
"""Of an answer of MEDIQA's. Both of a pair are cut there: most are longer than all that the starter reads."""
_PAIRS_A_QUESTION = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    group: str
    """Pairs of one group are never parted, and are resampled together."""
    prompt: Message = field(repr=False)
    chosen: str = field(repr=False)
    rejected: str = field(repr=False)
    lengths: tuple[int, int]
    """Characters of the two before they were cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    train: tuple[Pair, ...]
    validation: tuple[Pair, ...]
    """For early stopping."""
    held_out: tuple[Pair, ...]

    def first(self, count: int) -> "Split":
        """To learn from so many pairs, and ask about at most twice as many."""
        stopping = max(1, round(count * _VALIDATION / (1 - _HELD_OUT - _VALIDATION)))
        return Split(
            train=self.train[:count], validation=self.validation[:stopping], held_out=self.held_out[: 2 * count]
        )

    def __str__(self) -> str:
        parts = {"learnt from": self.train, "for early stopping": self.validation, "held out": self.held_out}
        return ", ".join(f"{len(part)} pairs in {groups(part)} groups {name}" for name, part in parts.items())


def split_medec() -> Split:
    """A group is a note; with an error in it none is there twice (their error-free copies are left out).

    The starter learnt to quote from two thirds of the data's texts: held out are notes of which it read neither sentence.
    """
    rows = [json.loads(line) for line in MEDEC.read_text(encoding="utf-8").splitlines()]
    read = [row["Text"] for row in rows if not is_held_out(row["Text ID"])]
    pairs: list[Pair] = []
    unread: set[str] = set()
    for row in (row for row in rows if row["Error Flag"]):
        wrong, right = row["Error Sentence"], row["Corrected Sentence"]
        prompt = compact_text(Mode.QUESTION, _WHICH, row["Text"].replace(wrong, GAP).strip())
        pairs.append(_pair(row["Text ID"], prompt, right, wrong))
        if not any(wrong in text or right in text for text in read):
            unread.add(row["Text ID"])
    return _split(pairs, held_out=unread)


def split_mediqa() -> Split:
    """Pairs of differently graded answers to one question, three a question drawn by chance.

    Many answers are given to several questions: a group is all questions that share one.
    """
    with gzip.open(MEDIQA, "rt", encoding="utf-8") as file:
        rows = {f"{row['split']}-{row['qid']}": row for row in map(json.loads, file)}
    group = _joined({name: [answer["text"] for answer in row["answers"]] for name, row in rows.items()})
    pairs: list[Pair] = []
    for name, row in sorted(rows.items()):
        prompt = compact_text(Mode.QUESTION, " ".join(row["question"].split()), "")
        graded = [(answer["reference_score"], answer["text"]) for answer in row["answers"]]
        found = [
            _pair(group[name], prompt, better, worse, words=_ANSWER_WORDS)
            for (high, better), (low, worse) in itertools.permutations(graded, 2)
            if high > low
        ]
        found = [pair for pair in found if pair.chosen != pair.rejected]
        pairs += random.Random(name).sample(found, min(len(found), _PAIRS_A_QUESTION))
    return _split(pairs, held_out=_drawn(pairs, _HELD_OUT, "held out"))


SOURCES: Mapping[str, tuple[Path, Callable[[], Split]]] = {
    "medec": (MEDEC, split_medec),
    "mediqa": (MEDIQA, split_mediqa),
}


def groups(pairs: Sequence[Pair]) -> int:
    return len({pair.group for pair in pairs})


def write_examples(parts: Split, folder: Path) -> dict[str, ExampleFiles]:
    """What `training.fit` reads: the pairs, and their better texts as demonstrations, each once."""
    files: dict[str, ExampleFiles] = {}
    for kind in ("demonstrations", "preferences"):
        paths = {name: folder / f"{name}-{kind}.jsonl" for name in ("train", "validation")}
        for name, path in paths.items():
            lines = [json.dumps(_record(pair, kind)) for pair in getattr(parts, name)]
            path.write_text("".join(f"{line}\n" for line in dict.fromkeys(lines)), encoding="utf-8")
        files[kind] = ExampleFiles(train=paths["train"], validation=paths["validation"] if parts.validation else None)
    return files


def _record(pair: Pair, kind: str) -> dict[str, list[dict[str, str]]]:
    prompt = [{"role": pair.prompt.role, "content": pair.prompt.content}]
    chosen, rejected = ([{"role": "assistant", "content": text}] for text in (pair.chosen, pair.rejected))
    if kind == "demonstrations":
        return {"prompt": prompt, "completion": chosen}
    return {"prompt": prompt, "chosen": chosen, "rejected": rejected}


def _split(pairs: Sequence[Pair], *, held_out: Collection[str]) -> Split:
    """In an order drawn by chance, the same on every machine."""
    drawn = sorted(pairs, key=lambda pair: _hash("order", f"{pair.group} {pair.prompt} {pair.chosen} {pair.rejected}"))
    stopping = _drawn([pair for pair in drawn if pair.group not in held_out], _VALIDATION / (1 - _HELD_OUT), "stopping")
    return Split(
        train=tuple(pair for pair in drawn if pair.group not in held_out and pair.group not in stopping),
        validation=tuple(pair for pair in drawn if pair.group in stopping),
        held_out=tuple(pair for pair in drawn if pair.group in held_out),
    )


def _drawn(pairs: Sequence[Pair], share: float, purpose: str) -> set[str]:
    """Groups drawn by chance that have this share of the pairs together."""
    sizes = Counter(pair.group for pair in pairs)
    drawn: set[str] = set()
    for group in sorted(sizes, key=lambda group: _hash(purpose, group)):
        if sum(sizes[one] for one in drawn) < share * len(pairs):
            drawn.add(group)
    return drawn


def _pair(group: str, prompt: str, chosen: str, rejected: str, *, words: int | None = None) -> Pair:
    uncut = [" ".join(text.split()) for text in (chosen, rejected)]
    cut = [" ".join(text.split()[:words]) for text in uncut]
    return Pair(
        group=group,
        prompt=Message(role="user", content=prompt),
        chosen=cut[0],
        rejected=cut[1],
        lengths=(len(uncut[0]), len(uncut[1])),
    )


def _joined(texts: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Name → the first name of those that it shares a text with, directly or through others."""
    joined = {name: name for name in texts}
    first: dict[str, str] = {}
    for name, held in texts.items():
        for text in held:
            one, other = joined[first.setdefault(text, name)], joined[name]
            joined = {key: one if value == other else value for key, value in joined.items()}
    return joined


def _hash(purpose: str, name: str) -> str:
    return hashlib.sha1(f"{purpose} {name}".encode()).hexdigest()
