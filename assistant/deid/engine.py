"""The door to de-identification: normalise → recognize (Presidio, our recognizers) → guard → propagate → policy → mask.

Nothing here writes, logs or sends a word of the text.
"""

import hashlib
import hmac
import re
import secrets
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.deid.mask import PLACEHOLDER, Placeholders, apply_masks
from assistant.deid.normalise import normalise
from assistant.deid.policy import TYPES, removes
from assistant.deid.spans import Found, resolve
from assistant.deid.windows import windows
from assistant.errors import DeidError, UnknownValue
from assistant.schema import IdentifierSpan, MaskedText
from assistant.settings import DeidSettings

if TYPE_CHECKING:
    from assistant.deid.presidio import Analyzer

_PSEUDONYM_HEX = 10
"""40 bits: with a million patients of one installation, two share a pseudonym with a chance of about 0.4."""
_WINDOW_CHARS, _OVERLAP_CHARS = 6_000, 300
"""Long texts are read in windows: Presidio compares every finding with every other, which is quadratic."""
_NEVER_NEEDED = ("torch", "transformers", "stanza", "tensorflow", "jax", "cupy")


class Deidentifier:
    """Finds and masks identifiers. Build one and share it: it is safe to use from several threads.

    Making one is instant; Presidio and the word lists are loaded at the first call (a few seconds).
    """

    def __init__(self, settings: DeidSettings, *, key: bytes | None = None) -> None:
        """`key` makes pseudonyms; without one they hold for this object's life only."""
        self._settings = settings
        self._key = key if key is not None else secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._analyzer: Analyzer | None = None

    def warm(self) -> None:
        """Load Presidio and the word lists now rather than at the first text. Takes about two seconds."""
        self._ready()

    def find(self, text: str) -> list[IdentifierSpan]:
        """Identifier spans in `text`, after policy: sorted, not overlapping, offsets in `text` itself.

        Raises:
            UnknownValue: no rules for the language of the settings.
            DeidModelNotFound, DeidModelBroke: with `DeidSettings.model` only.
        """
        if not text.strip():
            return []
        analyzer = self._ready()
        clean = normalise(text)
        protected = [match.span() for match in PLACEHOLDER.finditer(clean.text)]
        founds = [
            found
            for found in self._recognize(analyzer, clean.text)
            if found.score >= self._settings.min_score and removes(found.type)
        ]
        spans: list[IdentifierSpan] = []
        for found in resolve(clean.text, founds, protected):
            start, end = clean.span(found.start, found.end)
            spans.append(IdentifierSpan(start=start, end=end, type=found.type, score=round(found.score, 3)))
        return spans

    def _recognize(self, analyzer: "Analyzer", text: str) -> list[Found]:
        from assistant.deid.propagate import propagate

        founds: list[Found] = []
        document = None
        for start, end in windows(text, size=_WINDOW_CHARS, overlap=_OVERLAP_CHARS):
            document, found = analyzer.analyze(text[start:end])
            founds += (
                found if not start else [Found(f.start + start, f.end + start, f.type, f.score, f.sure) for f in found]
            )
        if document is None or len(document.text) != len(text):
            document = analyzer.read(text)
        return founds + list(propagate(document, founds))

    def _ready(self) -> "Analyzer":
        if self._analyzer is None:
            with self._lock:
                if self._analyzer is None:
                    self._analyzer = self._build()
        return self._analyzer

    def _build(self) -> "Analyzer":
        from assistant.deid.languages import LANGUAGES
        from assistant.deid.quiet_import import without

        language = LANGUAGES.get(self._settings.language)
        if language is None:
            raise UnknownValue(name="language", value=self._settings.language, known=tuple(LANGUAGES))
        entities = [kind.name for kind in TYPES]
        if self._settings.model:
            from assistant.deid.ner import token_classifier
            from assistant.deid.presidio import Analyzer

            model = token_classifier(self._settings.model, language=language.code, entities=entities)
            return Analyzer(language, entities=entities, extra=[model])
        with without(*_NEVER_NEEDED):
            from assistant.deid.presidio import Analyzer
        return Analyzer(language, entities=entities)

    def mask(
        self,
        text: str,
        *,
        placeholders: Placeholders | None = None,
        keep: Sequence[tuple[int, int]] = (),
        add: Sequence[tuple[int, int]] = (),
    ) -> MaskedText:
        """Replace identifiers by placeholders.

        `keep` are spans that the reviewer unmasked, `add` spans that the reviewer masked (offsets in `text`); where
        they meet, masking wins. Texts that share `placeholders` share `[NAME_1]`.

        Raises:
            DeidError: a span of `keep` or `add` outside the text.
        """
        for start, end in (*keep, *add):
            if not 0 <= start < end <= len(text):
                raise DeidError(f"span {start}–{end} lies outside the text ({len(text)} characters); select it again")
        found = [Found(span.start, span.end, span.type, span.score) for span in self.find(text)]
        masked = resolve(text, found, _union(keep)) + [Found(start, end, "OTHER", 1.0) for start, end in _union(add)]
        spans = [
            IdentifierSpan(start=found.start, end=found.end, type=found.type, score=found.score)
            for found in resolve(text, masked, [match.span() for match in PLACEHOLDER.finditer(text)])
        ]
        return apply_masks(text, spans, placeholders if placeholders is not None else Placeholders())

    def residual(self, text: str, *, kept: Sequence[str] = ()) -> list[IdentifierSpan]:
        """What still looks like an identifier in a masked text. Anything here means: a person looks before it is stored.

        `kept` are the pieces of text that a reviewer unmasked on purpose, as they stood. A finding that one of them
        covers in part is left with the rest.
        """
        pieces = sorted({re.escape(piece.strip()) for piece in kept if piece.strip()}, key=len, reverse=True)
        allowed = re.compile(rf"(?<!\w)(?:{'|'.join(pieces)})(?!\w)", re.IGNORECASE) if pieces else None
        left = [match.span() for match in allowed.finditer(text)] if allowed else []
        found = [Found(span.start, span.end, span.type, span.score) for span in self.find(text)]
        return [
            IdentifierSpan(start=found.start, end=found.end, type=found.type, score=found.score)
            for found in resolve(text, found, left)
        ]

    def pseudonym(self, patient: str) -> str:
        """`P-7f3a9c21d0`: the same for the same patient and key, irreversible without the key."""
        name = " ".join(patient.casefold().split())
        if not name:
            raise DeidError(
                "a pseudonym needs a patient id or name; leave the patient out instead of giving an empty one"
            )
        return "P-" + hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()[:_PSEUDONYM_HEX]


def _union(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted, with those that touch joined."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
