"""What a reviewer does to the masks of a report. Each step gives the report as it is then, and a sentence about it.

Nothing is changed in place, so that a step can be taken back by showing the report as it was. Spans are offsets in the
original text.
"""

from collections.abc import Callable, Iterable, Sequence

from assistant.deid.alike import alike, bare
from ui.desk import Desk
from ui.desk_values import LoadedReport
from ui.ranges import Range, Ranges
from ui.render import count

Reviewed = tuple[LoadedReport, str]
Step = Callable[[LoadedReport, Range], Reviewed]


class Review:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def mask(self, loaded: LoadedReport, span: Range) -> Reviewed:
        """A miss, or a mask that was taken away by mistake."""
        after, masked = self._masked(loaded, [span])
        left = len(_shown(after, alike(after.original, *span)))
        return after, f"{count(masked, 'place')} masked.{_more(left, 'a', 'masks')}"

    def mask_alike(self, loaded: LoadedReport, span: Range) -> Reviewed:
        """These words wherever they stand."""
        places = _shown(loaded, alike(loaded.original, *span))
        if not places:
            return loaded, "Every place like it is masked already."
        after, masked = self._masked(loaded, places)
        return after, f"{count(masked, 'place')} masked."

    def unmask(self, loaded: LoadedReport, span: Range) -> Reviewed:
        """A false alarm, or a mask by hand that was a mistake."""
        after = self._unmasked(loaded, [span])
        if Ranges(_masks(after)).meet(*span):
            return after, "Your mask is gone; what was found there before stays masked."
        left = len(_same_words(after, span, _masks(after)))
        return after, f"1 place unmasked.{_more(left, 'A', 'unmasks')}"

    def unmask_alike(self, loaded: LoadedReport, span: Range) -> Reviewed:
        """Every mask that stands for these words and no others."""
        places = _same_words(loaded, span, _masks(loaded))
        return self._unmasked(loaded, places), f"{count(len(places), 'place')} unmasked."

    def confirm(self, loaded: LoadedReport, span: Range) -> Reviewed:
        """What looked like an identifier is none: it stays as text."""
        after = self._desk.confirm(loaded, span)
        left = len(_same_words(after, span, _open(after)))
        return after, f"Left as text.{_more(left, 'X', 'leaves')}"

    def confirm_alike(self, loaded: LoadedReport, span: Range) -> Reviewed:
        """These words, wherever they look like an identifier."""
        places = _same_words(loaded, span, _open(loaded))
        after = self._load(loaded, confirmed=[*loaded.confirmed, *places])
        return after, f"{count(len(places), 'place')} left as text."

    def revert(self, loaded: LoadedReport, span: Range) -> Reviewed:
        """Take back what was decided by hand about the words of `span`, in all of their places."""
        if span in loaded.keep:
            after, _ = self._masked(loaded, _same_words(loaded, span, loaded.keep))
        elif span in loaded.confirmed:
            back = set(_same_words(loaded, span, loaded.confirmed))
            after = self._load(loaded, confirmed=[place for place in loaded.confirmed if place not in back])
        else:
            after = self._unmasked(loaded, _same_words(loaded, span, loaded.add))
        return after, "Reverted."

    def _masked(self, loaded: LoadedReport, places: Sequence[Range]) -> tuple[LoadedReport, int]:
        """With `places` masked, and how many of them were not masked before."""
        wanted, unmasked = Ranges(places), Ranges(loaded.keep)
        keep = [place for place in loaded.keep if not wanted.meet(*place)]
        confirmed = [place for place in loaded.confirmed if not wanted.meet(*place)]
        # A false alarm that was none: its recognizer masks it again, under its own kind.
        add = [*loaded.add, *(place for place in places if not unmasked.cover(*place))]
        after = self._load(loaded, keep=keep, add=add, confirmed=confirmed)
        again = [*places, *(place for place in loaded.keep if wanted.meet(*place))]
        if missed := [place for place in _shown(after, again) if place not in add]:
            after = self._load(loaded, keep=keep, add=[*add, *missed], confirmed=confirmed)
        return after, len(_shown(loaded, places)) - len(_shown(after, places))

    def _unmasked(self, loaded: LoadedReport, places: Sequence[Range]) -> LoadedReport:
        gone, mine = Ranges(places), set(loaded.add)
        add = [place for place in loaded.add if not gone.meet(*place)]
        # One's own mask is taken away; it is no text to be kept against a recognizer.
        keep = [*loaded.keep, *(place for place in places if place not in mine)]
        return self._load(loaded, keep=keep, add=add)

    def _load(
        self,
        loaded: LoadedReport,
        *,
        keep: Sequence[Range] | None = None,
        add: Sequence[Range] | None = None,
        confirmed: Sequence[Range] | None = None,
    ) -> LoadedReport:
        """The same report; what is not given stays as it was decided."""
        return self._desk.load(
            loaded.raw,
            keep=loaded.keep if keep is None else keep,
            add=loaded.add if add is None else add,
            confirmed=loaded.confirmed if confirmed is None else confirmed,
        )


def _masks(loaded: LoadedReport) -> list[Range]:
    return [(span.start, span.end) for span in loaded.masked.spans]


def _open(loaded: LoadedReport) -> list[Range]:
    return [(place.start, place.end) for place in loaded.residual]


def _same_words(loaded: LoadedReport, span: Range, places: Iterable[Range]) -> list[Range]:
    words = bare(loaded.original[slice(*span)])
    return [place for place in places if bare(loaded.original[slice(*place)]) == words]


def _shown(loaded: LoadedReport, places: Iterable[Range]) -> list[Range]:
    """Those of `places` of which some letter or digit can be read."""
    masks, text = Ranges(_masks(loaded)), loaded.original
    return [place for place in places if any(_readable(text[a:b]) for a, b in masks.without(*place))]


def _readable(piece: str) -> bool:
    return any(character.isalnum() for character in piece)


def _more(left: int, key: str, does: str) -> str:
    """What can still be done about the same words elsewhere, and the key that does it."""
    return f" “{key}” {does} {left} more like it." if left else ""
