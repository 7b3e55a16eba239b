"""Marks what some rules find, without the engine: a table of marked texts tests one idea and no other rule's."""

from collections.abc import Callable

from assistant.deid.document import read
from assistant.deid.lexicon import english
from assistant.deid.normalise import normalise
from assistant.deid.spans import Finder, resolve

_LEAST_SCORE = 0.4
"""As in `DeidSettings.min_score`."""


def marked_by(*finders: Finder) -> Callable[[str], str]:
    """A function that takes a text with or without ⟦marks⟧ and gives it back with what `finders` find marked."""

    def mark(case: str) -> str:
        text = case.replace("⟦", "").replace("⟧", "")
        clean = normalise(text)
        document = read(clean.text, english())
        founds = [found for finder in finders for found in finder(document) if found.score >= _LEAST_SCORE]
        for found in reversed(resolve(clean.text, founds)):
            start, end = clean.span(found.start, found.end)
            text = f"{text[:start]}⟦{text[start:end]}⟧{text[end:]}"
        return text

    return mark
