"""Values → HTML, pure. Everything that people or files wrote is escaped: markup in a report is shown, never run.

Here are the small parts that every region is made of; `render_report`, `render_answers` and `render_library` draw the
regions. Elements say what a click on them means in `data-act`; `assets/curbside.js` carries it to the server.
"""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from html import escape

from assistant.deid.policy import Option
from feedback.schema import ConversationSummary


def safe(text: object) -> str:
    """Escape for element content and attributes. Carriage returns stay, so that offsets in the page are ours."""
    return escape(str(text)).replace("\r", "&#13;")


def attributes(**values: object) -> str:
    """`data_act="x"` → ` data-act="x"`; `True` gives a bare attribute, `None` and `False` none."""
    pairs = ((name.rstrip("_").replace("_", "-"), value) for name, value in values.items())
    written = [
        f" {name}" if value is True else f' {name}="{safe(value)}"'
        for name, value in pairs
        if value is not None and value is not False
    ]
    return "".join(written)


_ICONS = {
    "up": "M7 11v9H4v-9zM7 11l4-8a2.2 2.2 0 0 1 2.2 2.4L12.6 9H18a2 2 0 0 1 2 2.4l-1.3 6.8A2.2 2.2 0 0 1 16.5 20H7",
    "down": "M17 13V4h3v9zM17 13l-4 8a2.2 2.2 0 0 1-2.2-2.4l.6-3.6H6a2 2 0 0 1-2-2.4l1.3-6.8A2.2 2.2 0 0 1 7.5 4H17",
    "correct": "M4 20l1-4.5L16.5 4a2.1 2.1 0 0 1 3 3L8 18.5zM14.5 6l3.5 3.5",
    "second": "M4 8h15m-4-4 4 4-4 4M20 16H5m4 4-4-4 4-4",
    "copy": "M9 9h11v11H9zM15 9V4H4v11h5",
}
"""Line drawings on a grid of 24: fonts draw 👍 or ⧉ differently on every computer, or not at all."""


def button(label: str, *, icon: str = "", **values: object) -> str:
    """A button; its icon is hidden from screen readers, its label is its name."""
    path = f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{_ICONS[icon]}"/></svg>' if icon else ""
    return f'<button type="button"{attributes(**values)}>{path}{safe(label)}</button>'


def count(number: int, noun: str) -> str:
    """`1 span`, `1,240 reports`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def shorten(text: str, limit: int) -> str:
    """One line of at most `limit` characters, cut at a word."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def sentence_case(message: str) -> str:
    """A message of ours as a sentence; the marks around names of settings are for terminals."""
    message = message.replace("`", "")
    return message[:1].upper() + message[1:] + ("" if message.endswith((".", "?", "…")) else ".")


def problem(message: str) -> str:
    """What went wrong, calmly, beside where it happened."""
    if not message:
        return ""
    return f'<p class="problem" role="alert"><span aria-hidden="true">⚠</span> {safe(sentence_case(message))}</p>'


def notice(message: str | None) -> str:
    """The line above the conversation, for as long as something is away."""
    return f'<p class="notice" role="status">{safe(sentence_case(message))}</p>' if message else ""


def away(reason: str | None) -> str:
    """Why the model did not write the answer, and what Curbside does meanwhile."""
    return notice(f"{sentence_case(reason)} Until then Curbside quotes the reports" if reason else None)


def header(name: str, options: Sequence[Option] = ()) -> str:
    """`options` are those of de-identification that are switched on: nobody may take the texts for what they are not."""
    who = safe(name or "not signed in")
    notes = "".join(
        f'<span class="option"{attributes(title=sentence_case(o.about))}>{safe(o.short)}</span>' for o in options
    )
    return (
        '<div class="brand"><span class="mark" aria-hidden="true"></span>Curbside</div>'
        f"{f'<div class=options>{notes}</div>' if notes else ''}"
        f'<details class="who-menu"><summary aria-label="Signed in as {who}">{who}</summary>'
        '<a href="/logout">Sign out</a></details>'
    )


def when(moment: datetime, zone: tzinfo | None) -> str:
    """A time in the practice's time zone."""
    local = moment.astimezone(zone)
    return f'<time datetime="{local.isoformat(timespec="minutes")}">{local:%d %b %Y, %H:%M}</time>'


def talk_bar(
    conversations: Sequence[ConversationSummary], *, current: int | None, model_id: str, zone: tzinfo | None
) -> str:
    """Above the conversation: earlier ones, a new one, and which model answers."""
    items = "".join(
        f"<li{attributes(aria_current=c.id == current and 'true')}>"
        f'<button type="button" class="item" data-act="open_conversation" data-id="{c.id}">'
        f"{safe(shorten(c.title, 60) or 'Conversation')} <small>{when(c.created_at, zone)}</small></button>"
        f"{button('Delete', class_='quiet', data_act='delete_conversation', data_id=c.id, data_confirm='Delete for good?')}</li>"
        for c in conversations
    )
    menu = (
        f'<div class="menu"><button type="button" data-open="menu" aria-expanded="false">Earlier ({len(conversations)})</button>'
        f'<ul class="items pop" data-panel="menu" hidden>{items}</ul></div>'
    )
    return (
        f"<h2>Conversation</h2>{menu if conversations else ''}{button('New', data_act='new_conversation')}"
        f'<span class="model">{safe("answers by quoting" if model_id == "quoting" else f"model {model_id}")}</span>'
    )
