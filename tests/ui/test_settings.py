"""The one reader of the environment."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from ui.settings import load_settings, unknown_variables


def test_a_nested_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURBSIDE_RETRIEVAL__TOP_K", "8")
    assert load_settings().retrieval.top_k == 8


def test_an_argument_wins_over_the_environment_and_keeps_the_rest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CURBSIDE_STORAGE__DATABASE_URL", "postgresql://nobody@localhost/none")
    settings = load_settings(data_dir=tmp_path)
    assert settings.storage.data_dir == tmp_path
    assert settings.storage.database_url == "postgresql://nobody@localhost/none"


def test_a_mistyped_field_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURBSIDE_RETRIEVAL__TOP_KK", "8")
    with pytest.raises(ValidationError, match="top_kk"):
        load_settings()


def test_a_mistyped_group_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURBSIDE_RETREIVAL__TOP_K", "8")
    monkeypatch.setenv("CURBSIDE_RETRIEVAL__TOP_K", "8")
    assert unknown_variables() == ["CURBSIDE_RETREIVAL__TOP_K"]


def test_settings_do_not_change(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path)
    with pytest.raises(ValidationError):
        settings.retrieval.top_k = 3  # type: ignore[misc]
