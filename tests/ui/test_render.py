"""The page's HTML: everything is escaped, and offsets on the page are offsets in the text. All people are invented."""

import re
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.deid.mask import Placeholders, apply_masks
from assistant.deid.residual import Residual
from assistant.schema import (
    Answer,
    AnswerSentence,
    Citation,
    IdentifierSpan,
    RawReport,
    Report,
    Section,
    SectionKind,
    Support,
)
from ui import render, render_answers, render_library, render_marks, render_report
from ui.desk_values import LoadedReport
from ui.visit import ShownTurn

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"' onclick=alert(3) ${alert(4)} {{alert(5)}} `"


class Page(HTMLParser):
    """What a browser would see: the elements, and the text with the `data-o` it stands under."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.offsets: list[tuple[int, str]] = []
        self._open: list[dict[str, str | None]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._open and (offset := self._open[-1].get("data-o")) is not None:
            self.offsets.append((int(offset), data))

    def of_class(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for _, attrs in self.elements if name in (attrs.get("class") or "").split()]


def loaded_report(
    text: str, spans: Sequence[tuple[int, int]], keep: Sequence[tuple[int, int]] = (), score: float = 0.9
) -> LoadedReport:
    placeholders = Placeholders()
    found = [IdentifierSpan(start=a, end=b, type="NAME", score=score) for a, b in spans]
    masked = apply_masks(text, found, placeholders)
    report = Report(id="r1", text=masked.text, masked_count=len(found))
    return LoadedReport(
        raw=RawReport(text=text), masked=masked, report=report, placeholders=placeholders, keep=tuple(keep)
    )


def answer(*sentences: tuple[str, Support, tuple[Citation, ...]], reason: str = "") -> Answer:
    text, made = "", []
    for said, support, citations in sentences:
        made.append(
            AnswerSentence(
                text=said,
                support=support,
                citations=citations,
                start=len(text),
                end=len(text) + len(said),
                reason=reason,
            )
        )
        text += said + "\n"
    return Answer(text=text.strip(), sentences=tuple(made), model_id="quoting", prompt_version="1", timings_ms={})


def citation(start: int = 0, end: int = 5, *, report_id: str = "r1", label: str = "This report") -> Citation:
    return Citation(report_id=report_id, section="PLAN", quote="x" * (end - start), start=start, end=end, label=label)


# ── nothing that people wrote becomes markup ──────────────────────────────────────────────────────────────────────────


def hostile_pages() -> list[str]:
    report = Report(
        id=HOSTILE,
        text=HOSTILE,
        title=HOSTILE,
        sections=(Section(heading=HOSTILE, kind=SectionKind.OTHER, start=0, body_start=4, end=len(HOSTILE)),),
    )
    cited = Citation(report_id=HOSTILE, section=HOSTILE, quote=HOSTILE, start=0, end=9, label=HOSTILE)
    said = answer((HOSTILE, Support.SUPPORTED, (cited,)), (HOSTILE, Support.PARTIAL, (cited,)), reason=HOSTILE)
    turn = ShownTurn(question=HOSTILE, answer=said, turn_id=7, problem=HOSTILE)
    return [
        render_marks.marked_text(report, quoted=cited),
        render_marks.marked_text(
            loaded_report(HOSTILE, [(3, 20)], keep=[(30, 40)]).report,
            loaded=loaded_report(HOSTILE, [(3, 20)], keep=[(30, 40)]),
        ),
        render_report.report_panel(None, report, quoted=cited, said=HOSTILE),
        render_report.report_panel(
            replace(
                loaded_report(HOSTILE, [(3, 20)]),
                residual=(Residual(start=30, end=50, type=HOSTILE, reason=HOSTILE),),
                confirmed=((60, 70),),
            ),
            None,
        ),
        render_report.report_panel(
            loaded_report(HOSTILE, [(3, 20)], keep=[(30, 40)], score=0.2), None, said=HOSTILE, undoable=True
        ),
        render_report.source_panel(report, cited),
        render_report.beside_report(report, earlier=report, choices=[(HOSTILE, HOSTILE)], sources=[cited]),
        render.problem(HOSTILE),
        render.notice(HOSTILE),
        render.header(HOSTILE),
        render_answers.conversation([turn], conversation_id=1, ready=True),
        render_answers.live(HOSTILE, stage=HOSTILE, detail=HOSTILE, text=HOSTILE),
        render_answers.difference(HOSTILE, HOSTILE[::-1]),
        render_library.ingest_panel(done=1, total=2, rows=[(HOSTILE, HOSTILE, 1, 2, HOSTILE)], message=HOSTILE),
        render_library.library_panel([], total=0, query=HOSTILE, hits=[], message=HOSTILE),
        render_library.opened_panel(report, said=HOSTILE),
    ]


@pytest.mark.parametrize("html", hostile_pages(), ids=lambda _: "markup in a report is text")
def test_markup_is_never_rendered(html: str) -> None:
    page = Page(html)
    assert not {tag for tag, _ in page.elements} & {"script", "img", "iframe", "object", "style"}
    for _, attrs in page.elements:
        assert not [name for name in attrs if name.startswith("on")]


@given(st.text(max_size=60))
def test_any_text_comes_back_out_of_the_page(text: str) -> None:
    assert unescape(render.safe(text).replace("&#13;", "\r")) == text.replace("\x00", "\x00")


# ── the report ────────────────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]], list[tuple[int, int]], tuple[int, int]]:
    text = draw(st.text(alphabet="ab \n<&\"'é😀\r", min_size=1, max_size=60))
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = list(zip(edges[::2], edges[1::2], strict=False))
    which = draw(st.lists(st.booleans(), min_size=len(spans), max_size=len(spans)))
    masked = [span for span, mask in zip(spans, which, strict=True) if mask]
    kept = [span for span, mask in zip(spans, which, strict=True) if not mask]
    quote = tuple(sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text))))))
    return text, masked, kept, quote  # type: ignore[return-value]


@given(texts_with_spans())
def test_the_page_shows_the_masked_text_and_knows_where_each_piece_stood(
    drawn: tuple[str, list[tuple[int, int]], list[tuple[int, int]], tuple[int, int]],
) -> None:
    text, spans, kept, quote = drawn
    loaded = loaded_report(text, spans, keep=kept)
    end = min(quote[1], len(loaded.report.text))
    html = render_marks.marked_text(loaded.report, loaded=loaded, quoted=citation(min(quote[0], end), end))
    page = Page(html.replace("&#13;", "\r"))
    assert page.text == loaded.masked.text
    placeholders = {mask.span.start: mask.placeholder for mask in loaded.masked.masks}
    for offset, piece in page.offsets:
        assert piece == placeholders.get(offset, text[offset : offset + len(piece)])


def test_a_mask_shows_its_original_and_can_be_undone() -> None:
    loaded = loaded_report("Seen: Ada Quill, 61.", [(6, 15)])
    [mask] = Page(render_marks.marked_text(loaded.report, loaded=loaded)).of_class("mask")
    assert mask["data-original"] == "name: Ada Quill"
    assert (mask["data-act"], mask["data-start"], mask["data-end"]) == ("unmask", "6", "15")
    assert mask["aria-label"] == "[NAME_1]: name Ada Quill, 90 % sure. Press to unmask"
    assert (mask["role"], mask["tabindex"]) == ("button", "-1")  # one stop of the Tab key for the text; n walks in it


def test_a_span_in_doubt_is_marked_and_counted() -> None:
    loaded = loaded_report("Seen: Ada Quill, 61.", [(6, 15)], score=0.45)
    page = Page(render_report.report_panel(loaded, None))
    assert "1 span masked · 1 in doubt" in page.text
    assert page.of_class("mask")[0]["data-state"] == "doubt"
    assert page.of_class("mask")[0]["data-sure"] == "45 % sure, in doubt"


def test_after_a_reload_no_original_is_on_the_page() -> None:
    report = loaded_report("Seen: Ada Quill, 61.", [(6, 15)]).report
    html = render_report.report_panel(None, report)
    assert "Quill" not in html
    assert "data-original" not in html
    assert Page(html).of_class("mask")


def test_an_unmasked_span_that_a_heading_cuts_is_one_place_to_walk_to() -> None:
    text = "PLAN: Rest. Fluids."
    loaded = loaded_report(text, [], keep=[(0, 10)])
    report = replace(
        loaded.report, sections=(Section(heading="PLAN", kind=SectionKind.PLAN, start=0, body_start=6, end=19),)
    )
    pieces = Page(render_marks.marked_text(report, loaded=loaded)).of_class("kept")
    assert [("data-spot" in piece, piece["data-o"]) for piece in pieces] == [(True, "0"), (False, "6")]
    assert {(piece["data-start"], piece["data-end"]) for piece in pieces} == {("0", "10")}


def test_what_is_in_doubt_and_what_was_changed_is_listed() -> None:
    loaded = loaded_report("Seen: Ada Quill, 61, at Mill Lane.", [(6, 15)], keep=[(24, 33)], score=0.45)
    html = render_report.report_panel(loaded, None, undoable=True)
    page = Page(html)
    assert "In doubt: 1 of 1" in page.text
    assert "Ada Quill name [NAME_1] 45 %" in " ".join(page.text.split())
    assert "Changed by you: 1" in page.text
    assert [attrs["data-go"] for attrs in page.of_class("go")] == ["6", "24"]
    [revert] = [attrs for _, attrs in page.elements if attrs.get("data-act") == "revert"]
    assert (revert["data-start"], revert["data-end"]) == ("24", "33")


def test_what_is_to_be_checked_is_framed_named_and_keeps_the_report_from_being_kept() -> None:
    loaded = loaded_report("Seen: Ada Quill, and Odell.", [(6, 15)])
    loaded = replace(loaded, residual=(Residual(start=21, end=26, type="NAME", reason="beside a mask"),))
    page = Page(render_report.report_panel(loaded, None))
    [residual] = page.of_class("residual")
    assert residual["aria-label"] == "Odell, to check: name? beside a mask. Press to mask"
    assert (residual["data-state"], residual["data-act"], residual["data-start"]) == ("check", "mask", "21")
    assert "Keep (1 to check)" in page.text
    assert not [attrs for _, attrs in page.elements if attrs.get("data-act") == "keep_report"]
    assert "1 to check · 1 span masked" in page.text
    assert "To check: 1" in page.text


def test_undo_is_offered_once_there_is_something_to_undo() -> None:
    loaded = loaded_report("Seen: Ada Quill, 61.", [(6, 15)])
    for undoable in (True, False):
        html = render_report.report_panel(loaded, None, undoable=undoable)
        [undo] = [attrs for _, attrs in Page(html).elements if attrs.get("data-act") == "undo"]
        assert ("disabled" in undo) is not undoable


def test_a_citation_marks_exactly_its_quote() -> None:
    report = Report(id="r1", text="PLAN: Rest. Fluids.")
    html = render_marks.marked_text(report, quoted=citation(6, 11))
    assert re.findall(r"<mark[^>]*>(.*?)</mark>", html) == ["Rest."]


# ── answers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_sentence_shows_its_support_in_words_and_numbers() -> None:
    first, second = citation(0, 5), citation(9, 14, report_id="p2", label="Past report 2")
    said = answer(
        ("Pneumonia.", Support.SUPPORTED, (first, second)),
        ("CRP 18.", Support.PARTIAL, (first,)),
        ("Viral.", Support.UNSUPPORTED, ()),
    )
    page = Page(render_answers.sentences(said, 7))
    marks = page.of_class("cite")
    assert [mark["data-number"] for mark in marks] == ["1", "2", "1"]
    assert marks[1]["aria-label"] == "Source 2: Past report 2, PLAN"
    assert "✓1" in page.text
    assert "◐1" in page.text
    assert "⚠ no source says this" in page.text


def test_what_the_model_was_not_shown_is_said_under_its_answer() -> None:
    said = answer(("Pneumonia.", Support.UNSUPPORTED, ()))
    turn = ShownTurn(question="?", answer=replace(said, trimmed=("2 past reports", "parts of the report")), turn_id=7)
    line = "Not shown to the model, which reads no more: 2 past reports, parts of the report."
    assert line in Page(render_answers.conversation([turn], conversation_id=1, ready=True)).text
    turn = ShownTurn(question="?", answer=said, turn_id=7)
    assert "Not shown" not in Page(render_answers.conversation([turn], conversation_id=1, ready=True)).text


def test_list_items_hang_from_bullets_and_keep_their_words() -> None:
    text = "- CRP 184 mg/L.\n2. Rest.\n\nDone."
    page = Page(render_answers.plain(text))
    assert [attrs["class"] for attrs in page.of_class("item")] == ["line item", "line item"]
    assert page.text == "•CRP 184 mg/L.2.Rest.Done."


@given(st.text(alphabet="ab .,\n<&é", max_size=40), st.text(alphabet="ab .,\n<&é", max_size=40))
def test_a_difference_holds_both_texts(before: str, after: str) -> None:
    html = render_answers.difference(before, after)
    old = unescape(re.sub(r"<ins>.*?</ins>", "", html, flags=re.DOTALL).replace("<del>", "").replace("</del>", ""))
    new = unescape(re.sub(r"<del>.*?</del>", "", html, flags=re.DOTALL).replace("<ins>", "").replace("</ins>", ""))
    assert (old, new) == (before, after)


def test_two_answers_do_not_say_which_model_wrote_which() -> None:
    first = ShownTurn(question="?", answer=answer(("A.", Support.UNSUPPORTED, ())), turn_id=1)
    first.other = ShownTurn(question="?", answer=answer(("B.", Support.UNSUPPORTED, ())), turn_id=2)
    html = render_answers.conversation([first], conversation_id=1, ready=True)
    assert "quoting" not in html
    assert Page(html).text.count("This one is better") == 2


def test_a_stopped_answer_that_was_not_kept_cannot_be_rated() -> None:
    turn = ShownTurn(question="?", answer=answer(("A.", Support.UNSUPPORTED, ())))
    assert 'data-act="rate"' not in render_answers.conversation([turn], conversation_id=None, ready=True)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        pytest.param(1, "1 span", id="one has no plural"),
        pytest.param(0, "0 spans", id="none has a plural"),
        pytest.param(1240, "1,240 spans", id="thousands are set apart"),
    ],
)
def test_counts_are_words(number: int, words: str) -> None:
    assert render.count(number, "span") == words
