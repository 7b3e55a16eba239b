"""What the server counts, in Prometheus text: durations and numbers, never a word of a report."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from assistant.chat import Event, Finished, Waiting
from assistant.schema import Answer

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """The counters of one server; its own registry, so that two servers in one process do not meet."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._answers = Counter("curbside_answers", "Answers given", ["model_id", "fallback"], registry=self._registry)
        self._sentences = Counter("curbside_sentences", "Answer sentences", ["support"], registry=self._registry)
        self._stages = Histogram(
            "curbside_stage_seconds", "Time of an answer by stage", ["stage"], registry=self._registry, buckets=_SECONDS
        )
        self._feedback = Counter("curbside_feedback", "Feedback received", ["kind"], registry=self._registry)
        self._errors = Counter("curbside_errors", "Requests that failed", ["error"], registry=self._registry)
        self._reports = Gauge("curbside_reports", "Reports in the library", registry=self._registry)
        self._open = Gauge("curbside_answers_in_progress", "Answers being written", registry=self._registry)
        self._queue = Gauge(
            "curbside_questions_waiting", "Questions in the queue before the model servers", registry=self._registry
        )
        self._waits = Histogram(
            "curbside_wait_seconds",
            "Time in that queue, of those that had to wait",
            registry=self._registry,
            buckets=_SECONDS,
        )

    @contextmanager
    def asking(self) -> Iterator[Callable[[Event], None]]:
        """While a question is answered; the function is to be told each event."""
        waits_since: float | None = None

        def leave() -> None:
            nonlocal waits_since
            if waits_since is not None:
                self._queue.dec()
                self._waits.observe(time.monotonic() - waits_since)
                waits_since = None

        def saw(event: Event) -> None:
            nonlocal waits_since
            if not isinstance(event, Waiting):
                leave()
            elif waits_since is None:
                self._queue.inc()
                waits_since = time.monotonic()
            if isinstance(event, Finished):
                self._answered(event.answer)

        self._open.inc()
        try:
            yield saw
        finally:
            leave()
            self._open.dec()

    def _answered(self, answer: Answer) -> None:
        self._answers.labels(answer.model_id, "yes" if answer.fallback else "no").inc()
        for sentence in answer.sentences:
            self._sentences.labels(sentence.support.value).inc()
        for stage, ms in answer.timings_ms.items():
            self._stages.labels(stage).observe(ms / 1000)

    def feedback(self, kind: str) -> None:
        self._feedback.labels(kind).inc()

    def failed(self, error: Exception) -> None:
        self._errors.labels(type(error).__name__).inc()

    def text(self, *, reports: int) -> bytes:
        self._reports.set(reports)
        return generate_latest(self._registry)
