"""The report's panel as HTML: where a report comes in, the masked one, a source of an answer, and what stands beside."""

from collections.abc import Sequence

from assistant.deid.policy import Option
from assistant.schema import Citation, Report, Section
from ui.desk_values import LoadedReport
from ui.render import attributes, button, count, safe, sentence_case, shorten
from ui.render_marks import marked_text
from ui.render_review import review_bar


def start(examples: Sequence[tuple[str, str]], *, options: Sequence[Option] = ()) -> str:
    """The empty report panel: paste, drop or try an example. `examples`: name and title; `options` as in `report_panel`."""
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
        '<p class="hint">Names, dates and numbers that identify people are masked in memory, before anything is kept.</p>'
        f"{option_lines(options)}</section>"
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
    loaded: LoadedReport | None,
    stored: Report | None,
    *,
    quoted: Citation | None = None,
    said: str = "",
    undoable: bool = False,
    options: Sequence[Option] = (),
) -> str:
    """The masked report, what to know about its masks, and the quoted span if a citation of it is open.

    `options` are those of de-identification that are switched on: each is said in a sentence.
    """
    report = loaded.report if loaded else stored
    assert report is not None
    paper = attributes(data_live=loaded is not None, data_report=report.id, aria_label="Masked report text")
    below = stored_line(report) if loaded is None else review_bar(loaded, said=said, undoable=undoable)
    return (
        f'<section class="panel report" aria-label="Report"><div class="bar"><h2>Report</h2>'
        f"{keep_button(loaded) if loaded else ''}{button('Another report', data_act='close_report')}</div>{option_lines(options)}"
        f'<div class="paper" tabindex="0" role="region"{paper}>{marked_text(report, loaded=loaded, quoted=quoted)}</div>'
        f"{open_bar(quoted) if quoted else below}</section>"
    )


def option_lines(options: Sequence[Option]) -> str:
    said = " ".join(sentence_case(option.about) for option in options)
    return f'<p class="option">{safe(said)}</p>' if said else ""


def keep_button(loaded: LoadedReport) -> str:
    """Kept is what was looked at: while something is open, the button goes there instead."""
    if left := len(loaded.residual):
        return button(
            f"Keep ({left} to check)", data_go=loaded.residual[0].start, title="Go to what is to be checked first"
        )
    return button(
        "Keep", data_act="keep_report", title="Keep the masked report, so that it can be found and compared later"
    )


def stored_line(report: Report) -> str:
    return f'<p class="hint">{count(report.masked_count, "span")} masked · only the masked text was kept</p>'


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
