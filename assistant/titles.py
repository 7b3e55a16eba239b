"""A few words that tell a report from the others in a list."""

import re

_MAX_TITLE = 80
_PLACEHOLDER = re.compile(r"\[[A-Z0-9_]{1,40}\]")


def make_title(masked: str) -> str:
    """The first words of a masked text that say something, at most 80 characters."""
    lines = (" ".join(line.split()) for line in masked[:2_000].splitlines())
    title = ""
    for line in lines:
        # "[NAME_1]" alone, or a line of dashes, tells nothing.
        if not any(character.isalnum() for character in _PLACEHOLDER.sub("", line)):
            continue
        title = f"{title} · {line}" if title else line
        if len(title) >= _MAX_TITLE // 3:
            break
    if len(title) <= _MAX_TITLE:
        return title
    return title[: _MAX_TITLE - 1].rsplit(" ", 1)[0].rstrip(" ·,;:") + "…"
