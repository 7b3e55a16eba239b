"""What Gradio keeps of the page's events."""

from ui.app import build_app
from ui.wiring import Parts


def test_no_statistics_of_events_are_kept_or_computed(parts: Parts) -> None:
    queue = build_app(parts.desk, parts.loop_desk, parts.review_desk, settings=parts.settings)._queue
    assert queue.ANALYTICS_MAX_EVENTS == 1
    queue.events_recorded = 1_000_000
    event = {"time": 0.0, "status": "success", "process_time": 0.1, "function": "ask", "session_hash": "invented"}
    assert queue.compute_analytics_summary([event]) == {"functions": {}}
