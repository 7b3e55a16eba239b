"""The line under an answer about the earlier ones that it follows."""

from datetime import UTC, datetime, timedelta, timezone

from assistant.schema import Answer, UsedExample
from ui.render_examples import followed


def test_the_day_is_that_of_the_practice() -> None:
    late = UsedExample(
        turn_id=1, key="k", given_at=datetime(2026, 11, 12, 23, 30, tzinfo=UTC), own=True, corrected=True
    )
    answer = Answer(
        text="No fever.", sentences=(), model_id="quoting", prompt_version="1", timings_ms={}, examples=(late,)
    )
    assert "your correction of 12 Nov." in followed(answer, 2, zone=UTC)
    assert "your correction of 13 Nov." in followed(answer, 2, zone=timezone(timedelta(hours=1)))
