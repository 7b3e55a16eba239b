"""The Reports tab as HTML: what was ingested, the reports kept so far, and one of them opened."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.schema import Hit, Report
from ui.render import attributes, button, count, problem, safe, shorten
from ui.render_marks import marked_text
from ui.render_report import section_names

if TYPE_CHECKING:
    from assistant.library import ReportSummary


def ingest_panel(
    *, done: int = 0, total: int = 0, rows: Sequence[tuple[str, str, int, int, str]] = (), message: str = ""
) -> str:
    """Choose files or a folder; then a progress bar and one line per file."""
    said = f"Reading {done + 1} of {total}" if done < total else f"{count(total, 'file')} read"
    bar = (
        f'<div class="progress"><progress max="{total}" value="{done}" aria-label="Reading reports"></progress>'
        f'<span role="status">{said}</span></div>'
        if total
        else ""
    )
    return (
        '<section class="panel ingest" aria-label="Add reports"><h2>Add reports</h2>'
        '<div class="row"><label class="filebutton primary">Choose files<input type="file" class="sr" multiple data-file="ingest"></label>'
        '<label class="filebutton">Choose a folder<input type="file" class="sr" webkitdirectory data-file="ingest"></label></div>'
        '<form class="folder" data-act="folder"><label for="folder">or a folder on the computer that runs Curbside</label>'
        '<div class="row"><input type="text" id="folder" name="folder" spellcheck="false" placeholder="/path/to/reports">'
        '<button type="submit">Ingest</button></div></form>'
        '<p class="hint">Text, Markdown, CSV, JSON, Word and PDF. Every report is masked before it is kept.</p>'
        f"{problem(message)}{bar}{_table(rows)}</section>"
    )


def _table(rows: Sequence[tuple[str, str, int, int, str]]) -> str:
    if not rows:
        return ""
    body = "".join(
        f"<tr><td>{safe(name)}</td><td class='number'>{masked}</td><td class='number'>{sections}</td>"
        f"<td>{safe(result)}{f' as <code>{safe(report_id)}</code>' if report_id else ''}</td></tr>"
        for name, report_id, masked, sections, result in reversed(rows)
    )
    return (
        '<div class="tablebox"><table><caption class="sr">What became of each file</caption><thead><tr><th>File</th>'
        f"<th class='number'>Masked</th><th class='number'>Sections</th><th>Result</th></tr></thead><tbody>{body}</tbody></table></div>"
    )


def library_panel(
    summaries: "Sequence[ReportSummary]",
    *,
    total: int,
    query: str = "",
    hits: Sequence[Hit] | None = None,
    opened: str = "",
    message: str = "",
) -> str:
    """The reports kept so far, or what a search found."""
    items = (
        "".join(_hit(hit, opened) for hit in hits)
        if hits is not None
        else "".join(_summary(s, opened) for s in summaries)
    )
    nothing = "Nothing found. Try other words." if hits is not None else "No reports yet. Add some on the left."
    more = ""
    if hits is None and len(summaries) < total:
        more = button(f"Show more ({total - len(summaries):,} left)", data_act="more", data_shown=len(summaries))
    found = f"{count(len(hits), 'passage')} found" if hits is not None else count(total, "report")
    return (
        '<section class="panel library" aria-label="Reports"><h2>Reports</h2>'
        '<form class="search" data-act="search" role="search"><label class="sr" for="search">Search past reports</label>'
        '<input type="search" id="search" name="query" placeholder="Search past reports" data-draft="search">'
        f'<button type="submit">Search</button></form>{problem(message)}'
        f'<p class="hint" role="status">{found}{f" for “{safe(shorten(query, 60))}”" if query else ""}</p>'
        f'<ul class="items scroll">{items or f"<li class=none>{nothing}</li>"}</ul>{more}</section>'
    )


def _summary(summary: "ReportSummary", opened: str) -> str:
    about = " · ".join(
        filter(
            None,
            (
                str(summary.year or ""),
                count(summary.masked_count, "masked span"),
                "" if summary.indexed else "not indexed yet",
            ),
        )
    )
    return _item(summary.id, summary.title or summary.id, about, opened)


def _hit(hit: Hit, opened: str) -> str:
    chunk = hit.chunk
    about = " · ".join(filter(None, (str(hit.year or ""), chunk.heading.strip(" :"))))
    return _item(chunk.report_id, shorten(chunk.text, 120), about, opened)


def _item(report_id: str, title: str, about: str, opened: str) -> str:
    current = attributes(aria_current=report_id == opened and "true")
    act = attributes(data_act="open_report", data_id=report_id)
    return f'<li{current}><button type="button" class="item"{act}>{safe(title)} <small>{safe(report_id)} · {safe(about)}</small></button></li>'


def opened_panel(report: Report | None, *, said: str = "", conversations: int = 0) -> str:
    """One report with its sections. `conversations`: how many go with it when it is deleted."""
    if report is None:
        return (
            '<section class="panel opened" aria-label="Open report">'
            f'<p class="none" role="status">{safe(said)} Choose a report to read it.</p></section>'
        )
    sure = f"Delete with {count(conversations, 'conversation')} for good?" if conversations else "Delete for good?"
    delete = button("Delete", class_="quiet", data_act="delete_report", data_id=report.id, data_confirm=sure)
    return (
        f'<section class="panel opened" aria-label="Open report"><div class="bar"><h2 class="name">{safe(shorten(report.title, 60) or report.id)}</h2>'
        f"{button('Ask about it', data_act='use_report', data_id=report.id)}"
        f"{button('Compare with it', data_act='compare_report', data_id=report.id)}{delete}</div>"
        f'<ol class="sectionlist" aria-label="Sections">{section_names(report.sections)}</ol>'
        f'<div class="paper" tabindex="0" aria-label="Report text">{marked_text(report)}</div></section>'
    )
