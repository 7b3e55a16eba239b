"""A report's text as HTML: masks, unmasked words, headings and the quoted passage marked in it.

Every piece of text carries its offset in the original (`data-o`), so that a click or a selection on the page is a span
there. A place that a reviewer can walk to carries what `assets/walk.js` tells about it (`data-spot` and its like).
"""

import itertools
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from assistant.deid.mask import PLACEHOLDER
from assistant.schema import Citation, IdentifierSpan, Mask, Report
from ui.desk_values import LoadedReport
from ui.ranges import Range, Ranges
from ui.render import attributes, safe
from ui.spots import Spot, State, find_spots

_CLASS = {State.CHECK: "residual", State.UNMASKED: "kept", State.LEFT: "kept"}
"""Of the places whose text is shown."""


def marked_text(report: Report, *, loaded: LoadedReport | None = None, quoted: Citation | None = None) -> str:
    """The text of `report` with its marks. With `loaded`, its spots can be walked to and its text can be masked."""
    text = report.text
    masks = list(loaded.masked.masks) if loaded else _placeholders(text)
    spots = find_spots(loaded) if loaded else []
    shown = _in_masked_text((spot for spot in spots if not spot.placeholder), masks)
    marks = {
        "h": [(section.start, section.body_start) for section in report.sections if section.heading],
        "quoted": [(quoted.start, quoted.end)] if quoted else [],
    }
    by_start, by_original = {mask.start: mask for mask in masks}, {spot.start: spot for spot in spots}
    spot_at = _finder(shown)
    covers = {name: Ranges(ranges) for name, ranges in marks.items()}
    shift, pieces = 0, []
    for start, end in itertools.pairwise(
        _cuts(text, masks, [*itertools.chain(*marks.values()), *(r for r, _ in shown)])
    ):
        mask = by_start.get(start)
        names = [name for name, within in covers.items() if within.hold(start) or (mask and within.hold(end - 1))]
        if mask is not None:
            pieces.append(_mask(mask, by_original.get(mask.span.start) if loaded else None, names))
            shift = mask.span.end - mask.end
        else:
            offset = start + shift if loaded else None
            pieces.append(_plain(text[start:end], offset=offset, names=names, spot=spot_at(start)))
    return "".join(pieces)


def _cuts(text: str, masks: Sequence[Mask], ranges: Iterable[Range]) -> list[int]:
    """Where one piece of the text ends and the next begins."""
    # A placeholder is one thing: a quote that begins or ends within it does not cut it.
    inside = Ranges((mask.start + 1, mask.end) for mask in masks)
    cuts = {edge for span in ranges for edge in span if edge <= len(text) and not inside.hold(edge)}
    return sorted({0, len(text), *cuts, *(edge for mask in masks for edge in (mask.start, mask.end))})


def _mask(mask: Mask, spot: Spot | None, names: list[str]) -> str:
    original = spot and f"{spot.kind}: {spot.original}"
    live = attributes(data_o=spot.start, **_spot(spot), data_original=original) if spot else ""
    classes = ["mask", *(["realistic"] if mask.realistic else []), *names]
    return f'<span class="{" ".join(classes)}"{live}>{safe(mask.placeholder)}</span>'


def _plain(text: str, *, offset: int | None, names: list[str], spot: Spot | None) -> str:
    if spot is not None:
        # Cut by a heading or a quote, it is still one place to walk to: its beginning.
        live = attributes(data_o=offset, **_spot(spot) | {"data_spot": offset == spot.start})
        return f'<span class="{" ".join([_CLASS[spot.state], *names])}"{live}>{safe(text)}</span>'
    tag = "mark" if "quoted" in names else "span"
    return f"<{tag}{attributes(class_=' '.join(names) or None, data_o=offset)}>{safe(text)}</{tag}>"


def _spot(spot: Spot) -> dict[str, object]:
    what = f"{spot.placeholder}: {spot.kind} {spot.original}" if spot.placeholder else spot.original
    return {
        "data_spot": True, "data_state": spot.state, "data_start": spot.start, "data_end": spot.end,
        "data_sure": spot.told, "data_alike": spot.alike, "role": "button", "tabindex": -1,
        "data_act": "unmask" if spot.placeholder else "mask",
        "aria_label": f"{what}, {spot.told}. Press to {'unmask' if spot.placeholder else 'mask'}",
    }  # fmt: skip


def _placeholders(text: str) -> list[Mask]:
    """The placeholders of a text whose originals are not known."""
    return [
        Mask(
            start=found.start(),
            end=found.end(),
            placeholder=found.group(),
            span=IdentifierSpan(start=found.start(), end=found.end(), type="", score=1.0),
        )
        for found in PLACEHOLDER.finditer(text)
    ]


def _in_masked_text(spots: Iterable[Spot], masks: Sequence[Mask]) -> list[tuple[Range, Spot]]:
    """Spots whose text is shown, each with where it stands in the masked text. No mask overlaps them."""
    starts = [mask.span.start for mask in masks]
    placed = []
    for spot in spots:
        before = bisect_right(starts, spot.start)
        shift = masks[before - 1].end - masks[before - 1].span.end if before else 0
        placed.append(((spot.start + shift, spot.end + shift), spot))
    return placed


def _finder(placed: Sequence[tuple[Range, Spot]]) -> Callable[[int], Spot | None]:
    """Which of the spots, in order, holds a position of the masked text."""
    starts = [start for (start, _), _ in placed]

    def find(position: int) -> Spot | None:
        at = bisect_right(starts, position) - 1
        return placed[at][1] if at >= 0 and position < placed[at][0][1] else None

    return find
