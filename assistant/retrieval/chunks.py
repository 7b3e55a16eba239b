"""A report's passages: the unit that is embedded, ranked and quoted."""

from assistant.schema import Chunk, Report


def chunk_report(report: Report, *, max_words: int) -> list[Chunk]:
    """Cut a report into passages of at most `max_words` words, in order; `chunk.text` is `report.text[start:end]`."""
    raise NotImplementedError
