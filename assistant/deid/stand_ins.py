"""What stands for identifiers where the settings want something else than placeholders: shifted dates, surrogates, three digits of a ZIP.

One object for a conversation, in memory only. Texts of which neither patient nor report is known get placeholders: a date moved by
a number of days of its own, or a name invented for a single sentence, would only mislead.
"""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.deid.date_layout import Order
from assistant.deid.policy import SPARSE_ZIP3
from assistant.deid.shift import days_back, orders_in, shift_date, with_weekdays
from assistant.deid.surrogates import Surrogates
from assistant.deid.towns import STATE, ZIP
from assistant.schema import IdentifierSpan
from assistant.settings import DeidSettings

_US_ZIP = re.compile(r"(\d{3})\d{2}(?:-\d{4})?")
_STATE_AND_ZIP = re.compile(rf"(?<![A-Za-z]){STATE}\.?,?\s{{1,3}}({ZIP})$")
_WITH_ZIP = frozenset({"ADDRESS", "LOCATION", "ZIP"})
_LONGEST_STATE = 40


class StandIns:
    """Safe to use from several threads."""

    def __init__(
        self, settings: DeidSettings, key: bytes, scope: str, *, is_given: Callable[[str], bool] = lambda _word: False
    ) -> None:
        """`scope` is a patient's pseudonym or a report's id, empty where none is known; `is_given` as in `Surrogates`."""
        self.scope = scope
        self._settings, self._key = settings, key
        self._surrogates = (
            Surrogates(key, scope, is_given=is_given) if settings.replace_with == "surrogates" and scope else None
        )
        # "28013" is a whole ZIP code by its shape and a quarter of Madrid by its language.
        self._cuts_zips = settings.zip == "zip3" and settings.language == "en"
        self._lock = threading.Lock()
        self._orders: dict[str, set[Order]] = {}

    def for_text(
        self, text: str, spans: Sequence[IdentifierSpan], *, patient: str | None = None
    ) -> tuple[list[IdentifierSpan], list[str | None]]:
        """The spans as they are replaced, and what stands for each; `None` is a placeholder.

        Args:
            text: The original.
            spans: Its identifiers, in order.
            patient: The pseudonym of the patient whose text this is, if it is known: dates move as in their other texts.
        """
        if self._cuts_zips:
            spans = _with_zips_apart(text, spans)
        days = days_back(self._key, patient or self.scope) if self._shifts(patient) else 0
        if days:
            spans = with_weekdays(text, spans)
        values = [text[span.start : span.end] for span in spans]
        orders = self._learned([value for span, value in zip(spans, values, strict=True) if span.type == "DATE"])
        found = [(span.type, value) for span, value in zip(spans, values, strict=True)]
        instead: list[str | None] = [None] * len(found)
        if self._surrogates:
            instead = self._surrogates.for_text(text, found)
        for number, (kind, value) in enumerate(found):
            if kind == "DATE" and days:
                instead[number] = shift_date(value, days, orders=orders)
            elif kind == "ZIP" and self._cuts_zips:
                instead[number] = three_digits(value) or instead[number]
        return list(spans), instead

    def _shifts(self, patient: str | None) -> bool:
        return self._settings.dates == "shift" and bool(patient or self.scope)

    def _learned(self, dates: Sequence[str]) -> dict[str, Order]:
        """Which comes first, day or month, as far as all dates of the conversation agree."""
        with self._lock:
            for separator, orders in orders_in(dates).items():
                self._orders.setdefault(separator, set()).update(orders)
            return {separator: next(iter(orders)) for separator, orders in self._orders.items() if len(orders) == 1}


def reads_real(settings: DeidSettings, type_name: str) -> bool:
    """Whether identifiers of this type may be replaced by what looks like one."""
    if type_name == "DATE":
        return settings.dates == "shift"
    return type_name != "OTHER" and settings.replace_with == "surrogates"


def three_digits(code: str) -> str | None:
    """`94103` → `941**`; `None` for an area with few people, and for what is no US ZIP code."""
    match = _US_ZIP.fullmatch(code)
    return f"{match[1]}**" if match and match[1] not in SPARSE_ZIP3 else None


def _with_zips_apart(text: str, spans: Sequence[IdentifierSpan]) -> list[IdentifierSpan]:
    """The spans, ZIP codes that end an address taken from it: what stands before it goes whole, the code keeps three digits."""
    apart: list[IdentifierSpan] = []
    for span in spans:
        low = max(span.start, span.end - _LONGEST_STATE)
        found = _STATE_AND_ZIP.search(text[low : span.end]) if span.type in _WITH_ZIP else None
        if found is None or three_digits(found[1]) is None:
            apart.append(span)
            continue
        code = low + found.start(1)
        end = len(text[:code].rstrip(" ,.\n\t"))
        apart.append(replace(span, end=end, type="LOCATION" if span.type == "ZIP" else span.type))
        apart.append(replace(span, start=code, type="ZIP"))
    return apart
