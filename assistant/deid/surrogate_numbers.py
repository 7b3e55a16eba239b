"""Invented numbers, codes and addresses of the net: the layout of the original, other digits and letters.

Where there are numbers that belong to nobody, those are taken: telephone numbers with 555, social security numbers with 9, names
under example.org, the addresses that are set aside for documentation. Of any other code, nobody can promise that it is unused.
"""

import re
import string
from collections.abc import Callable, Iterator

from assistant.deid.surrogate_draw import Draw, bare
from assistant.deid.surrogate_lists import ALL_SURNAMES

_ATTEMPTS = 200
_SHORT = 4
"""Codes below this length point at nobody, and there are too few for each to be another: house numbers, extensions."""
_EXTENSION = re.compile(r"\s{0,3}[,;(]?\s{0,2}(?:ext(?:ension|n)?|x|#)\.?\s{0,2}[:#]?\s{0,2}\d{1,6}\)?$", re.IGNORECASE)
_AREAS = [str(area) for area in range(201, 990) if area % 100 != 11]
_LINES = [f"55501{line:02}" for line in range(100)]
"""Set aside for films and books."""
_FOUR = [f"{net}.{host}" for net in ("192.0.2", "198.51.100", "203.0.113") for host in range(1, 255)]
_SIX = [f"2001:db8::{host:x}" for host in range(1, 4096)]
"""Set aside for documentation."""
_SCHEME = re.compile(r"(?:https?://)?(?:www\.)?", re.IGNORECASE)


class Numbers:
    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._values: dict[tuple[str, str], str] = {}

    def code(self, kind: str, value: str) -> str | None:
        """Letters for letters, digits for digits; the same code in another layout gets the same surrogate."""
        signs = bare(value)
        if 0 < len(signs) < _SHORT:
            return _poured(value, next((new for new in self._codes(kind, signs, "") if new != signs), signs))
        lead = "9" if kind == "SSN" else ""
        new = self._once(kind, signs, lambda: self._codes(kind, signs, lead))
        return _poured(value, new) if new else None

    def phone(self, value: str) -> str | None:
        """`(212) 555-0188 ext. 12` → another area, 555, another extension. Numbers in words have no surrogate."""
        tail = _EXTENSION.search(value)
        main, extension = (value[: tail.start()], tail.group()) if tail else (value, "")
        digits = "".join(filter(str.isdecimal, main))
        if not digits or any(sign.isalpha() for sign in main):
            return None
        if extension:
            other = self.code("EXTENSION", "".join(filter(str.isdecimal, extension)))
            if other is None:
                return None
            extension = _poured_digits(extension, other)
        new = self._phone(digits, international=main.lstrip("( ").startswith(("+", "00")))
        return _poured_digits(main, new) + extension if new else None

    def _phone(self, digits: str, *, international: bool) -> str | None:
        size = len(digits)
        if size in (7, 10) or (size == 11 and digits[0] == "1"):
            line = self._once("PHONE", digits[-7:], lambda: self._lines(digits[-7:]))
            area = digits[-10:-7]
            new_area = self._once("AREA", area, lambda: self._draw.walk(_AREAS, "area", area)) if area else ""
            new = None if line is None or new_area is None else digits[:-10] + new_area + line
            return None if new is None or self._draw.is_original(new) else new
        # The country would tell: 999 is none.
        lead = "999" if international else ("0555" if digits[0] == "0" else "555") if size > 6 else ""
        return self._once("PHONE", digits, lambda: self._codes("PHONE", digits, lead))

    def email(self, value: str) -> str | None:
        new = self._once("EMAIL", value.casefold(), lambda: self._words("email", value))
        return f"{new}@example.org" if new else None

    def url(self, value: str) -> str | None:
        new = self._once("URL", value.casefold(), lambda: self._words("url", value))
        scheme = _SCHEME.match(value)
        return f"{scheme.group() if scheme else ''}example.org/{new}" if new else None

    def ip(self, value: str) -> str | None:
        addresses = _SIX if ":" in value else _FOUR
        return self._once("IP", value.casefold(), lambda: self._draw.walk(addresses, "ip", value))

    def _once(self, kind: str, value: str, candidates: Callable[[], Iterator[str]]) -> str | None:
        """The surrogate that a value had before, or the first free candidate."""
        if (kind, value) not in self._values:
            new = self._draw.first_free(candidates()) if value else None
            if new is None:
                return None
            self._values[kind, value] = new
        return self._values[kind, value]

    def _codes(self, kind: str, signs: str, lead: str) -> Iterator[str]:
        for attempt in range(_ATTEMPTS):
            stream = self._draw.stream(len(signs), kind, signs, str(attempt))
            new = "".join(map(_other_sign, signs, stream))
            yield (lead + new[len(lead) :])[: len(signs)]

    def _lines(self, digits: str) -> Iterator[str]:
        yield from self._draw.walk(_LINES, "line", digits)
        yield from self._codes("LINE", digits, "555")

    def _words(self, kind: str, value: str) -> Iterator[str]:
        for number in self._draw.walk(range(10, 1000), kind, value):
            name = next(self._draw.walk(ALL_SURNAMES, kind, value, str(number)))
            yield f"{name.lower()}{number}"


def _other_sign(sign: str, byte: int) -> str:
    """Another digit for a digit, another letter for a letter. A zero in front stays one, and no other digit becomes one."""
    if sign.isdigit():
        return "123456789"[byte % 9] if sign != "0" else "0123456789"[byte % 10]
    return string.ascii_lowercase[byte % 26]


def _poured(layout: str, signs: str) -> str:
    """`signs` in place of the letters and digits of `layout`, in its case."""
    rest = iter(signs)
    return "".join(
        (sign.upper() if old.isupper() else sign)
        if old.isalnum() and (sign := next(rest, ""))
        else ("" if old.isalnum() else old)
        for old in layout
    )


def _poured_digits(layout: str, digits: str) -> str:
    rest = iter(digits)
    return "".join(next(rest, "") if old.isdecimal() else old for old in layout)
