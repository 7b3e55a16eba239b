"""What the server says of unexpected errors. The report here is invented."""

import logging
import sys

import pytest

from ui.server import _without_messages, quieten_logs


def test_a_traceback_keeps_its_places_and_type_and_loses_its_message() -> None:
    try:
        raise ValueError("Patient: Ottilie Brannigan")
    except ValueError:
        record = logging.LogRecord(
            "uvicorn.error", logging.ERROR, __file__, 1, "Exception in %s", ("x",), sys.exc_info()
        )
    assert _without_messages(record)
    written = logging.Formatter().format(record)
    assert "Ottilie" not in written
    assert "ValueError" in written
    assert "test_server.py" in written


def test_no_package_writes_the_message_of_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [logging.StreamHandler(sys.stderr)])
    quieten_logs()
    error = ValueError("Patient: Ottilie Brannigan")
    logging.getLogger("asyncio").error("Task exception was never retrieved\n%r", error, exc_info=error)
    written = capsys.readouterr().err
    assert "Ottilie" not in written
    assert "ValueError" in written
