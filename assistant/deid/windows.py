"""Long texts are read in stretches that overlap, so that what one cuts the next holds whole."""

from collections.abc import Iterator


def windows(text: str, *, size: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Stretches of at most `size` characters that begin and end at white space where there is any."""
    start = 0
    while len(text) - start > size:
        end = start + size
        cut = max(text.rfind("\n", end - overlap, end), text.rfind(" ", end - overlap, end))
        end = cut if cut > 0 else end
        yield start, end
        back = text.find(" ", end - overlap, end)
        start = back + 1 if back > 0 else end - overlap
    yield start, len(text)
