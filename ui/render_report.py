"""The report as HTML: where it comes in, the masked text with its masks and quotes, and what stands beside it.

Every piece of text carries its offset in the original, so that a click or a selection on the page is a span there.
"""

import itertools
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from assistant.deid.mask import PLACEHOLDER
from assistant.schema import Citation, IdentifierSpan, Mask, Report, Section
from ui.desk import LoadedReport
from ui.render import attributes, button, count, safe, shorten

IN_DOUBT = 0.6
"""Masked spans below this confidence are marked for a second look. A hunch, to be set once recall is measured."""

Range = tuple[int, int]


def start(examples: Sequence[tuple[str, str]]) -> str:
    """The empty report panel: paste, drop or try an example. `examples`: name and title."""
    cards = "".join(
        f'<button type="button" class="card" data-act="example" data-name="{safe(name)}">{safe(title)}</button>'
        for name, title in examples
    )
    tries = f'<div class="examples"><h3>Try with an example</h3><div class="cards">{cards}</div></div>' if cards else ""
    return (
        '<section class="panel start" aria-label="Report" data-empty><h2>Report</h2>'
        '<form class="paste" data-act="paste">'
        '<label class="sr" for="paste">Paste a report</label>'
        '<textarea id="paste" name="text" data-draft="paste" spellcheck="false" '
        'placeholder="Paste a report here, or drop a file."></textarea>'
        '<div class="row"><button type="submit" class="primary">Read report</button>'
        '<label class="filebutton">Choose a file<input type="file" class="sr" data-file="upload"></label></div>'
        f"</form>{tries}"
        '<p class="hint">Names, dates and numbers that identify people are masked in memory, before anything is kept.</p></section>'
    )


def choose_report(reports: Sequence[LoadedReport]) -> str:
    """A table file holds several reports: one of them is asked about."""
    items = "".join(
        f"<li>{button(loaded.report.title or f'Report {number + 1}', class_='item', data_act='pick', data_number=number)}</li>"
        for number, loaded in enumerate(reports)
    )
    return (
        f'<section class="panel start" aria-label="Report"><h2>Choose one of {count(len(reports), "report")}</h2>'
        f'<ul class="items scroll">{items}</ul>{button("Back", data_act="close_report")}</section>'
    )


def report_panel(
    loaded: LoadedReport | None, stored: Report | None, *, quoted: Citation | None = None, said: str = ""
) -> str:
    """The masked report, its masks, and the quoted span if a citation of it is open."""
    report = loaded.report if loaded else stored
    assert report is not None
    masks = loaded.masked.masks if loaded else ()
    keep = button(
        "Keep", data_act="keep_report", title="Keep the masked report, so that it can be found and compared later"
    )
    return (
        f'<section class="panel report" aria-label="Report"><div class="bar"><h2>Report</h2>'
        f"{keep if loaded else ''}{button('Another report', data_act='close_report')}</div>"
        f'<div class="paper" tabindex="0"{attributes(data_live=loaded is not None, aria_label="Masked report text")}>'
        f"{marked_text(report, loaded=loaded, quoted=quoted)}</div>"
        f"{open_bar(quoted) if quoted else mask_line(masks, loaded, report)}"
        f"{f'<p class=said role=status>{safe(said)}</p>' if said else ''}</section>"
    )


def mask_line(masks: Sequence[Mask], loaded: LoadedReport | None, report: Report) -> str:
    if loaded is None:
        return f'<p class="hint">{count(report.masked_count, "span")} masked · only the masked text was kept</p>'
    doubt = sum(mask.span.score < IN_DOUBT for mask in masks)
    kept = f" · {len(loaded.keep)} unmasked by you" if loaded.keep else ""
    return (
        f'<p class="hint"><b>{count(len(masks), "span")} masked · {doubt} in doubt{kept}</b><br>'
        "Click a masked span to unmask it. Select text to mask it.</p>"
    )


def open_bar(citation: Citation) -> str:
    place = " · ".join(filter(None, (citation.label, citation.section)))
    close = button("Close", data_act="close_source", aria_label="Close the source (Esc)")
    return f'<div class="openbar" role="status"><span>Quoted: <b>{safe(place)}</b></span>{close}</div>'


def source_panel(report: Report, citation: Citation) -> str:
    """Another report that an answer rests on, opened at the quoted span."""
    title = citation.label or report.title
    return (
        f'<section class="panel source" aria-label="Source: {safe(title)}"><div class="bar"><h2 class="name">{safe(title)}</h2>'
        f"{button('Close', data_act='close_source', aria_label='Close the source (Esc)')}</div>"
        f'<div class="paper" tabindex="0" aria-label="Source text">{marked_text(report, quoted=citation)}</div>'
        f'<p class="hint">{safe(citation.section)}</p></section>'
    )


def marked_text(report: Report, *, loaded: LoadedReport | None = None, quoted: Citation | None = None) -> str:
    """The masked text with headings, masks, unmasked spans and the quoted span marked.

    Each element carries the offset of its first character in the original text (`data-o`), so that a selection on the
    page can be masked.
    """
    text = report.text
    masks = list(loaded.masked.masks) if loaded else _placeholders(text)
    headings = [(section.start, section.body_start) for section in report.sections if section.heading]
    quotes = [(quoted.start, quoted.end)] if quoted else []
    kept = [_to_masked(span, masks) for span in loaded.keep] if loaded else []
    by_start = {mask.start: mask for mask in masks}
    inside_mask = _cover((mask.start + 1, mask.end) for mask in masks)
    edges = (edge for ranges in (headings, quotes, kept) for span in ranges for edge in span)
    # A placeholder is one thing: a quote that begins or ends within it does not cut it.
    cuts = {0, len(text), *(edge for edge in edges if edge <= len(text) and not inside_mask(edge))}
    cuts.update(edge for mask in masks for edge in (mask.start, mask.end))
    covers = {name: _cover(ranges) for name, ranges in (("h", headings), ("quoted", quotes), ("kept", kept))}
    shift, pieces = 0, []
    for start, end in itertools.pairwise(sorted(cuts)):
        mask = by_start.get(start)
        names = [name for name, within in covers.items() if within(start) or (mask and within(end - 1))]
        if mask is not None:
            pieces.append(_mask(mask, loaded, names))
            shift = mask.span.end - mask.end
        else:
            pieces.append(_plain(text[start:end], offset=start + shift, names=names, live=loaded is not None))
    return "".join(pieces)


def _plain(text: str, *, offset: int, names: list[str], live: bool) -> str:
    if "kept" in names:
        start, end = offset, offset + len(text)
        label = f"{text}: not masked. Press to mask it again"
        act = attributes(
            role="button", tabindex="0", data_act="remask", data_start=start, data_end=end, aria_label=label
        )
        return f'<span class="{" ".join(names)}" data-o="{offset}"{act}>{safe(text)}</span>'
    tag = "mark" if "quoted" in names else "span"
    return f"<{tag}{attributes(class_=' '.join(names) or None, data_o=offset if live else None)}>{safe(text)}</{tag}>"


def _mask(mask: Mask, loaded: LoadedReport | None, names: list[str]) -> str:
    classes = " ".join(["mask", *names])
    if loaded is None:
        return f'<span class="{classes}">{safe(mask.placeholder)}</span>'
    span = mask.span
    doubt = span.score < IN_DOUBT
    original = loaded.original[span.start : span.end]
    kind = span.type.lower().replace("_", " ")
    label = f"{mask.placeholder}: {kind}{', in doubt' if doubt else ''}. Press to unmask"
    act = attributes(
        role="button", tabindex="0", data_act="unmask", data_start=span.start, data_end=span.end, data_o=span.start,
        data_original=f"{kind}: {original}", data_doubt=doubt, aria_label=label,
    )  # fmt: skip
    return f'<span class="{classes}"{act}>{safe(mask.placeholder)}</span>'


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


def _to_masked(span: Range, masks: Sequence[Mask]) -> Range:
    """An unmasked span of the original, in offsets of the masked text. Masks are in order and do not overlap it."""
    before = bisect_right([mask.span.start for mask in masks], span[0])
    shift = masks[before - 1].end - masks[before - 1].span.end if before else 0
    return span[0] + shift, span[1] + shift


def _cover(ranges: Iterable[Range]) -> Callable[[int], bool]:
    """Whether a position lies in one of the ranges, which do not overlap."""
    ordered = sorted(ranges)
    starts = [start for start, _ in ordered]

    def covers(position: int) -> bool:
        at = bisect_right(starts, position) - 1
        return at >= 0 and position < ordered[at][1]

    return covers


def beside_report(
    report: Report | None, *, earlier: Report | None, choices: Sequence[tuple[str, str]], sources: Sequence[Citation]
) -> str:
    """The earlier report to compare with, and the sources of the latest answer. `choices`: ids and titles."""
    if report is None:
        return ""
    listed = list(choices)
    if earlier and earlier.id not in dict(listed):
        listed.insert(0, (earlier.id, earlier.title or earlier.id))
    options = "".join(
        f"<option{attributes(value=id, selected=earlier is not None and id == earlier.id)}>{safe(shorten(title, 60))}</option>"
        for id, title in listed
    )
    empty = "no earlier report" if listed else "no earlier report yet: keep or ingest one"
    compare = (
        '<div class="compare"><label for="compare">Compare with</label>'
        f'<select id="compare" data-change="compare"{attributes(disabled=not listed)}><option value="">{empty}</option>{options}</select></div>'
    )
    return f"{compare}{source_list(sources)}"


def source_list(sources: Sequence[Citation]) -> str:
    if not sources:
        return ""
    items = "".join(
        f'<li><button type="button" data-act="source" data-number="{number}"><span class="n">{number}</span>'
        f"<span><b>{safe(citation.label)}{' · ' if citation.section else ''}{safe(citation.section)}</b> "
        f"“{safe(shorten(citation.quote, 90))}”</span></button></li>"
        for number, citation in enumerate(sources, 1)
    )
    return f'<h2 id="sources-title">Sources</h2><ol class="sources" aria-labelledby="sources-title">{items}</ol>'


def section_names(sections: Sequence[Section]) -> str:
    return "".join(
        f"<li><b>{safe(s.heading or 'Opening')}</b> <small>{safe(s.kind.value)}</small></li>" for s in sections
    )
