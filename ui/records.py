"""Values as plain records, the JSON that the terminal prints and the HTTP interface answers: one shape for both."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from assistant.schema import Answer, AnswerSentence, Citation, Hit, MaskedText, Report, Section

if TYPE_CHECKING:
    from assistant.deid.residual import Residual
    from assistant.ingest import IngestResult
    from assistant.library import ReportSummary
    from feedback.queue import ReviewItem
    from feedback.schema import Conversation
    from training.schema import Run
    from ui.loop_values import LoopStatus


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


def run_record(run: "Run") -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(run).items()}


def status_record(status: "LoopStatus") -> dict[str, Any]:
    return {
        "model_id": status.model_id,
        "trainable": status.trainable,
        "adapter": status.adapter,
        "live_since": status.live_since.isoformat() if status.live_since else None,
        "previous": status.previous,
        "problem": status.problem,
        "quoting": status.quoting,
        "new_feedback": status.floor.new,
        "needed": status.floor.needed,
        "scheduled": status.scheduled,
        "paused": status.paused,
        "next_run_at": status.next_run_at.isoformat() if status.next_run_at else None,
        "under_way": status.under_way.name if status.under_way else None,
    }


def entry_record(item: "ReviewItem") -> dict[str, Any]:
    """An entry of the review queue; `name` is what decisions are about."""
    return {
        "name": item.name,
        "turn_id": item.turn.id,
        "report_id": item.turn.report_id,
        "question": item.turn.question,
        "original": item.original,
        "better": item.better,
        "source": item.source,
        "rater": item.rater,
        "said_at": item.said_at.isoformat(),
        "reasons": list(item.reasons),
        "sentences": list(item.sentences),
        "waits": item.waits,
        "teaches": item.teaches,
        "withdrawn": item.standing.withdrawn,
        "ruling": item.standing.ruling,
    }
