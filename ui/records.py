"""Values as plain records, the JSON that the terminal prints and the HTTP interface answers: one shape for both."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from assistant.schema import Answer, AnswerSentence, Citation, Hit, MaskedText, Report, Section

if TYPE_CHECKING:
    from assistant.deid.residual import Residual
    from assistant.ingest import IngestResult
    from assistant.library import ReportSummary
    from feedback.schema import Conversation


def citation_record(citation: Citation) -> dict[str, Any]:
    return {
        "report_id": citation.report_id,
        "section": citation.section,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "label": citation.label,
    }


def sentence_record(sentence: AnswerSentence) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "support": sentence.support.value,
        "citations": [citation_record(citation) for citation in sentence.citations],
        "reason": sentence.reason,
        "start": sentence.start,
        "end": sentence.end,
    }


def answer_record(answer: Answer) -> dict[str, Any]:
    return {
        "answer": answer.text,
        "sentences": [sentence_record(sentence) for sentence in answer.sentences],
        "model_id": answer.model_id,
        "prompt_version": answer.prompt_version,
        "timings_ms": dict(answer.timings_ms),
        "fallback": answer.fallback,
        "not_shown": list(answer.trimmed),
        "examples": [
            {"key": one.key, "given_at": one.given_at.isoformat(), "own": one.own, "corrected": one.corrected}
            for one in answer.examples
        ],
        "notice": "Supports, never replaces, the clinician's judgement.",
    }


def hit_record(hit: Hit) -> dict[str, Any]:
    chunk = hit.chunk
    return {
        "report_id": chunk.report_id,
        "score": round(hit.score, 6),
        "section": chunk.heading,
        "kind": chunk.kind.value,
        "start": chunk.start,
        "end": chunk.end,
        "text": chunk.text,
        "year": hit.year,
    }


def masked_record(masked: MaskedText, residual: "Iterable[Residual]") -> dict[str, Any]:
    """All offsets are those of the original text."""
    spans = [{"start": s.start, "end": s.end, "type": s.type, "score": round(s.score, 3)} for s in masked.spans]
    return {"text": masked.text, "spans": spans, "residual": [asdict(place) for place in residual]}


def section_records(sections: Iterable[Section]) -> list[dict[str, Any]]:
    return [{"heading": s.heading, "kind": s.kind.value, "start": s.start, "end": s.end} for s in sections]


def report_record(report: Report) -> dict[str, Any]:
    return {
        "report_id": report.id,
        "text": report.text,
        "sections": section_records(report.sections),
        "patient": report.patient,
        "year": report.year,
        "title": report.title,
        "masked_count": report.masked_count,
    }


def summary_record(summary: "ReportSummary") -> dict[str, Any]:
    return {
        "report_id": summary.id,
        "title": summary.title,
        "patient": summary.patient,
        "year": summary.year,
        "masked_count": summary.masked_count,
        "added_at": summary.added_at.isoformat(),
        "indexed": summary.indexed,
    }


def ingested_record(result: "IngestResult") -> dict[str, Any]:
    return {
        "name": result.name,
        "report_id": result.report_id,
        "state": result.state,
        "masked": result.masked,
        "sections": result.sections,
        "problem": result.problem,
    }


def conversation_record(conversation: "Conversation") -> dict[str, Any]:
    return {
        "conversation_id": conversation.id,
        "title": conversation.title,
        "created_at": conversation.created_at.isoformat(),
        "report": report_record(conversation.report) if conversation.report else None,
        "earlier": report_record(conversation.earlier) if conversation.earlier else None,
        "turns": [
            {
                "turn_id": kept.turn.id,
                "mode": kept.turn.mode.value,
                "question": kept.turn.question,
                "alternative_of": kept.turn.alternative_of,
                **answer_record(kept.turn.answer),
                "thumbs": kept.rating.thumbs if kept.rating else None,
                "edit": {"edit_id": kept.edit.id, "text": kept.edit.edited_answer} if kept.edit else None,
            }
            for kept in conversation.turns
        ],
    }
