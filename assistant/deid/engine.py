"""The door to de-identification: normalise → recognize (Presidio, our recognizers) → guard → propagate → policy → mask.

Nothing here writes, logs or sends a word of the text.
"""

import hashlib
import hmac
import re
import secrets
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.deid.alike import bare
from assistant.deid.mask import PLACEHOLDER, Placeholders, apply_masks, name_words
from assistant.deid.normalise import normalise
from assistant.deid.policy import TYPES, options_on, removes
from assistant.deid.spans import Found, resolve
from assistant.deid.windows import windows
from assistant.errors import DeidError, TaggerNotFound, UnknownValue
from assistant.schema import IdentifierSpan, MaskedText
from assistant.settings import DeidSettings

if TYPE_CHECKING:
    from assistant.deid.languages import Language
    from assistant.deid.presidio import Analyzer
    from assistant.deid.residual import Residual
    from assistant.deid.stand_ins import StandIns
    from assistant.deid.tagger.tagger import Tagger

_PSEUDONYM_HEX = 10
"""40 bits: with a million patients of one installation, two share a pseudonym with a chance of about 0.4."""
_WINDOW_CHARS, _OVERLAP_CHARS = 6_000, 300
"""Long texts are read in windows: Presidio compares every finding with every other, which is quadratic."""
_LEAST_SECOND_SCORE = 0.6
"""From this score on a rule's finding in a masked text wants a person's look."""
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
            TaggerNotFound: the installation is broken.
            DeidModelNotFound, DeidModelBroke: with `DeidSettings.model` only.
        """
        if not text.strip():
            return []
        clean = normalise(text)
        protected = [match.span() for match in PLACEHOLDER.finditer(clean.text)]
        founds = [
            found
            for found in self._recognize(clean.text)
            if found.score >= self._settings.min_score and removes(found.type)
        ]
        spans: list[IdentifierSpan] = []
        for found in resolve(clean.text, founds, protected):
            start, end = clean.span(found.start, found.end)
            spans.append(IdentifierSpan(start=start, end=end, type=found.type, score=round(found.score, 3)))
        return spans

    def _recognize(self, text: str, *, by_rules_alone: bool = False) -> list[Found]:
        from assistant.deid.propagate import propagate

        analyzer = self._ready()
        founds: list[Found] = []
        document = None
        for start, end in windows(text, size=_WINDOW_CHARS, overlap=_OVERLAP_CHARS):
            document, found = analyzer.analyze(text[start:end], by_rules_alone=by_rules_alone)
            founds += (
                found if not start else [replace(one, start=one.start + start, end=one.end + start) for one in found]
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
        tagger = self._tagger(language)
        if self._settings.model:
            from assistant.deid.ner import token_classifier
            from assistant.deid.presidio import Analyzer

            model = token_classifier(self._settings.model, language=language.code, entities=entities)
            return Analyzer(language, entities=entities, tagger=tagger, extra=[model])
        with without(*_NEVER_NEEDED):
            from assistant.deid.presidio import Analyzer
        return Analyzer(language, entities=entities, tagger=tagger)

    def _tagger(self, language: "Language") -> "Tagger | None":
        from safetensors import SafetensorError

        from assistant.deid.tagger.tagger import Tagger, shipped

        if not language.has_tagger:
            return None
        try:
            return Tagger(shipped(language.code), language.lexicon())
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise TaggerNotFound(language=language.code, problem=type(error).__name__) from error

    def mask(
        self,
        text: str,
        *,
        placeholders: Placeholders | None = None,
        keep: Sequence[tuple[int, int]] = (),
        add: Sequence[tuple[int, int]] = (),
        patient: str | None = None,
    ) -> MaskedText:
        """Replace identifiers by placeholders, or by what the settings want instead (see `stand_ins`).

        `keep` are spans that the reviewer unmasked, `add` spans that the reviewer masked (offsets in `text`); where
        they meet, masking wins. Texts that share `placeholders` share `[NAME_1]`. `patient`, as the file names them, decides
        how far dates are shifted where they are.

        Raises:
            DeidError: a span of `keep` or `add` outside the text.
        """
        for start, end in (*keep, *add):
            if not 0 <= start < end <= len(text):
                raise DeidError(f"span {start}–{end} lies outside the text ({len(text)} characters); select it again")
        found = [Found(span.start, span.end, span.type, span.score) for span in self.find(text)]
        masked = resolve(text, found, _union(keep))
        known = {bare(text[one.start : one.end]): one.type for one in masked}
        people = {
            word.casefold() for one in masked if one.type == "NAME" for word in name_words(text[one.start : one.end])
        }
        for start, end in _union(add):
            # What a person marks is mostly another form of what was found: it gets the same placeholder.
            words = name_words(text[start:end])
            is_person = bool(words) and all(word.casefold() in people for word in words)
            kind = "NAME" if is_person else known.get(bare(text[start:end]), "OTHER")
            masked.append(Found(start, end, kind, 1.0))
        spans = [
            IdentifierSpan(start=found.start, end=found.end, type=found.type, score=found.score)
            for found in resolve(text, masked, [match.span() for match in PLACEHOLDER.finditer(text)])
        ]
        placeholders = placeholders if placeholders is not None else Placeholders()
        if not options_on(self._settings):
            return apply_masks(text, spans, placeholders)
        calendar = self.pseudonym(patient) if patient and patient.strip() else None
        spans, instead = placeholders.stand_ins(self._stand_ins).for_text(text, spans, patient=calendar)
        return apply_masks(text, spans, placeholders, instead)

    def _stand_ins(self, scope: str) -> "StandIns":
        from assistant.deid.languages import LANGUAGES
        from assistant.deid.lexicon import GIVEN, SURNAME
        from assistant.deid.stand_ins import StandIns

        lexicon = LANGUAGES[self._settings.language].lexicon()
        key = hmac.digest(self._key, b"stand-ins", hashlib.sha256)
        return StandIns(
            self._settings, key, scope, is_given=lambda word: lexicon.kind(word) & (GIVEN | SURNAME) == GIVEN
        )

    def alone(self, text: str) -> Placeholders:
        """Placeholders for a text of its own, of no known patient or report: what stands in it instead is keyed by the text."""
        digest = hmac.digest(self._key, b"text/" + text.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return Placeholders(scope=f"T-{digest.hex()[:_PSEUDONYM_HEX]}")

    @property
    def is_realistic(self) -> bool:
        """Whether the settings want something else than placeholders for some type."""
        return bool(options_on(self._settings))

    def reads_real(self, type_name: str) -> bool:
        """Whether the settings let identifiers of this type be replaced by what looks like one."""
        from assistant.deid.stand_ins import reads_real

        return reads_real(self._settings, type_name)

    def residual(
        self, text: str, *, kept: Sequence[str] = (), hidden: Sequence[tuple[str, str]] = ()
    ) -> "list[Residual]":
        """What still looks like an identifier in a masked text. Anything here means: a person looks before it is stored.

        Args:
            text: The masked text. Offsets count in it.
            kept: Pieces of text that a reviewer unmasked on purpose, as they stood: they vouch for themselves anywhere.
                A finding that one of them covers in part is left with the rest.
            hidden: What was masked in it, as type and text: remains of it are looked for.
        """
        from assistant.deid.residual import second_look, without

        if not text.strip():
            return []
        clean = normalise(text)
        # The tagger is not asked again: it would see placeholders it was never taught. Weak rules were its to decide.
        by_rules = [
            found
            for found in self._recognize(clean.text, by_rules_alone=True)
            if removes(found.type) and found.score >= _LEAST_SECOND_SCORE
        ]
        remains = [(kind, normalise(piece).text) for kind, piece in hidden]
        found = second_look(self._ready().read(clean.text), by_rules=by_rules, hidden=remains)
        spans = [clean.span(left.start, left.end) for left in found]
        there = [replace(left, start=start, end=end) for left, (start, end) in zip(found, spans, strict=True)]
        pieces = sorted({re.escape(piece.strip()) for piece in kept if piece.strip()}, key=len, reverse=True)
        vouched = re.compile(rf"(?<!\w)(?:{'|'.join(pieces)})(?!\w)", re.IGNORECASE) if pieces else None
        return without(text, there, [match.span() for match in vouched.finditer(text)] if vouched else [])

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
