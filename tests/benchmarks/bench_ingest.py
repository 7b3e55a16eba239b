"""How fast reports come in, and where the time goes. `python -m tests.benchmarks.bench_ingest [--reports 200]`

MTSamples notes (public), a random sample with a fixed seed. First each stage alone over the whole sample, then the real
ingest over the same notes, on the same machine. Shares are of processor time, which other programs on the machine
disturb less than the clock. Baselines in the same run: one stage after the other (their sum), and, for the store, one
commit a report and SQLite's `synchronous=NORMAL`. What the second look finds holds a report back, as it does in the
product; such reports are counted as read, not as kept.
"""

import argparse
import json
import os
import random
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import event

from assistant.database import Database, open_database
from assistant.deid.engine import Deidentifier
from assistant.ingest import Ingest
from assistant.ingest_results import HELD
from assistant.keys import load_key
from assistant.library import Library
from assistant.reading import Columns, read_file
from assistant.reading.sections import find_sections
from assistant.retrieval.dense import Embedder
from assistant.retrieval.index import ReportIndex
from assistant.schema import Chunk, RawReport, Report
from assistant.settings import DeidSettings, ReadingSettings, RetrievalSettings, StorageSettings
from ui.migrations import upgrade

if TYPE_CHECKING:
    import numpy as np

NOTES = Path(__file__).parents[3] / "shared" / "data" / "mtsamples" / "mtsamples_dev.jsonl"
BATCH = 32
T = TypeVar("T")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--reports", type=int, default=200)
    if not NOTES.is_file():
        print("skipped: the development data (../shared/data) is not beside this checkout")
        return
    with tempfile.TemporaryDirectory(prefix="bench-ingest-") as folder:
        _run(Path(folder), arguments.parse_args().reports)


def _run(folder: Path, wanted: int) -> None:
    lines = NOTES.read_text("utf-8").splitlines()
    sample = random.Random(7).sample(lines, min(wanted, len(lines)))
    path = folder / "sample.jsonl"
    path.write_text("\n".join(sample) + "\n", "utf-8")
    words = sum(len(json.loads(line)["text"].split()) for line in sample)
    print(
        f"{len(sample)} notes, {words / len(sample):.0f} words each; memory before: {_memory()}; load {os.getloadavg()[0]:.1f}"
    )

    deidentifier, embedder = Deidentifier(DeidSettings(), key=bytes(32)), Embedder()
    started = time.perf_counter()
    deidentifier.mask("Warm up.")
    print(f"de-identification loads in {time.perf_counter() - started:.1f} s, memory {_memory()}")
    started = time.perf_counter()
    embedder.embed(["warm up"])
    print(f"the embedding model loads in {time.perf_counter() - started:.1f} s, memory {_memory()}\n")

    stages = _stages(folder, path, deidentifier, embedder)
    total, total_cpu = (sum(times) for times in zip(*stages.values(), strict=True))
    print(f"{'stage':<28}{'reports/s':>10}{'ms/report':>11}{'CPU ms':>9}{'share':>8}")
    for stage, (spent, cpu) in stages.items():
        rate, each = len(sample) / spent, 1000 * spent / len(sample)
        print(f"{stage:<28}{rate:>10.1f}{each:>11.2f}{1000 * cpu / len(sample):>9.2f}{cpu / total_cpu:>8.1%}")
    print(
        f"{'sum of the stages (baseline)':<28}{len(sample) / total:>10.1f}{1000 * total / len(sample):>11.2f}", end=""
    )
    print(f"{1000 * total_cpu / len(sample):>9.2f}")

    ingest, library, index = _installation(folder / "whole", deidentifier, embedder)
    started, started_cpu = time.perf_counter(), time.process_time()
    results = list(ingest.ingest_paths([path], columns=Columns(id="note_id")))
    spent, cpu = time.perf_counter() - started, time.process_time() - started_cpu
    held = sum(result.state == HELD for result in results)
    assert len(results) == len(sample)
    assert all(result.indexed or result.state == HELD for result in results)
    assert index.count == len(list(library.all_chunks()))
    print(f"{'whole ingest':<28}{len(sample) / spent:>10.1f}{1000 * spent / len(sample):>11.2f}", end="")
    print(
        f"{1000 * cpu / len(sample):>9.2f}   {total_cpu / cpu:.2f} × the baseline by CPU; {index.count / spent:.0f} chunks/s; peak memory {_peak()}"
    )
    started = time.perf_counter()
    list(ingest.ingest_paths([path], columns=Columns(id="note_id")))
    spent = time.perf_counter() - started
    print(f"{'the same again (unchanged)':<28}{len(sample) / spent:>10.1f}{1000 * spent / len(sample):>11.2f}")
    print(
        f"held for a person: {held} of {len(sample)} reports ({held / len(sample):.1%}); all times are over all of them"
    )
    _print_sizes(folder / "whole", len(sample) - held)
    _store(folder, list(library.all_reports()))


def _stages(folder: Path, path: Path, deidentifier: Deidentifier, embedder: Embedder) -> dict[str, tuple[float, float]]:
    """By stage: seconds on the clock, and of the processors."""
    seconds: dict[str, tuple[float, float]] = {}

    def timed(stage: str, work: Callable[[], T]) -> T:
        started, started_cpu = time.perf_counter(), time.process_time()
        result = work()
        seconds[stage] = (time.perf_counter() - started, time.process_time() - started_cpu)
        return result

    columns = Columns(id="note_id")
    raws: list[RawReport] = timed("read", lambda: list(read_file(path, settings=ReadingSettings(), columns=columns)))
    masked = timed("de-identify", lambda: [deidentifier.mask(raw.text) for raw in raws])
    hidden = [
        [(span.type, raw.text[span.start : span.end]) for span in text.spans]
        for raw, text in zip(raws, masked, strict=True)
    ]
    timed(
        "look again",
        lambda: [deidentifier.residual(text.text, hidden=words) for text, words in zip(masked, hidden, strict=True)],
    )
    sections = timed("section", lambda: [tuple(find_sections(text.text)) for text in masked])
    reports = [
        Report(id=raw.source_id or "", text=text.text, sections=found)
        for raw, text, found in zip(raws, masked, sections, strict=True)
    ]
    database = _database(folder / "stages")
    library = Library(database, max_words=RetrievalSettings().chunk_words)
    timed("keep (batches of 32)", lambda: [library.keep_all(batch) for batch in batched_list(reports)])
    chunked: list[list[Chunk]] = timed(
        "chunk", lambda: [[c for r in batch for c in library.chunk(r)] for batch in batched_list(reports)]
    )
    meter = _Meter(embedder)
    index = ReportIndex(path=folder / "stages" / "chroma", chroma_url=None, embedder=meter)
    index.add([Chunk(id="warm#0", report_id="warm", heading="", kind=chunked[0][0].kind, start=0, end=4, text="Warm")])
    meter.spent = (0.0, 0.0)
    timed("add", lambda: [index.add(chunks) for chunks in chunked])
    spent, cpu = seconds.pop("add")
    seconds["embed"] = meter.spent
    seconds["index (Chroma, words)"] = (spent - meter.spent[0], cpu - meter.spent[1])
    timed("mark as indexed", lambda: [library.mark_indexed([r.id for r in batch]) for batch in batched_list(reports)])
    index.close()
    database.close()
    return seconds


class _Meter(Embedder):
    """The same embedder, timed: the index embeds by itself."""

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(embedder.name)
        self._inner = embedder
        self.spent = (0.0, 0.0)

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        started, started_cpu = time.perf_counter(), time.process_time()
        vectors = self._inner.embed(texts)
        spent, cpu = self.spent
        self.spent = (spent + time.perf_counter() - started, cpu + time.process_time() - started_cpu)
        return vectors


def _store(folder: Path, reports: Sequence[Report]) -> None:
    """What batches and `synchronous=FULL` cost or gain."""

    def rate(name: str, size: int, *, normal: bool = False) -> float:
        database = _database(folder / name)
        if normal:
            event.listen(
                database.engine,
                "connect",
                lambda connection, _: connection.execute("PRAGMA synchronous=NORMAL").close(),
            )
            database.close()
        library = Library(database, max_words=160)
        library.count()
        started = time.perf_counter()
        for batch in batched_list(reports, size):
            library.keep_all(batch)
        spent = time.perf_counter() - started
        database.close()
        return len(reports) / spent

    single, single_normal = rate("single", 1), rate("single-normal", 1, normal=True)
    batch, batch_normal = rate("batch", BATCH), rate("batch-normal", BATCH, normal=True)
    print(f"\n{'keeping, reports/s':<28}{'FULL':>10}{'NORMAL':>11}{'FULL costs':>12}")
    print(f"{'one commit a report':<28}{single:>10.0f}{single_normal:>11.0f}{1 - single / single_normal:>12.0%}")
    print(f"{'batches of 32':<28}{batch:>10.0f}{batch_normal:>11.0f}{1 - batch / batch_normal:>12.0%}")


def _installation(data: Path, deidentifier: Deidentifier, embedder: Embedder) -> tuple[Ingest, Library, ReportIndex]:
    database = _database(data)
    library = Library(database, max_words=RetrievalSettings().chunk_words)
    index = ReportIndex(path=data / "chroma", chroma_url=None, embedder=embedder)
    ingest = Ingest(
        deidentifier=deidentifier,
        library=library,
        index=lambda: index,
        keys=database.keys,
        reading=ReadingSettings(),
    )
    return ingest, library, index


def _database(data: Path) -> Database:
    shutil.rmtree(data, ignore_errors=True)
    database = open_database(StorageSettings(data_dir=data), load_key(data))
    upgrade(database)
    return database


def batched_list(items: Sequence[T], size: int = BATCH) -> list[Sequence[T]]:
    return [items[first : first + size] for first in range(0, len(items), size)]


def _print_sizes(data: Path, reports: int) -> None:
    sizes = {
        "database": sum(path.stat().st_size for path in data.glob("curbside.db*")),
        "vectors": sum(path.stat().st_size for path in (data / "chroma").rglob("*") if path.is_file()),
    }
    print("on disk: " + ", ".join(f"{name} {size / reports / 1e3:.1f} kB/report" for name, size in sizes.items()))


def _memory() -> str:
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    return f"{pages * resource.getpagesize() / 1e6:.0f} MB"


def _peak() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB"


if __name__ == "__main__":
    main()
