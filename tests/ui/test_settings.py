"""The one reader of the environment."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from assistant.errors import InputError
from ui.settings import as_environment, load_settings, unknown_variables

DATABASE = "CURBSIDE_STORAGE__DATABASE_URL"


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


def test_a_secret_may_be_given_as_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, text in (("url", "postgresql://curbside:p%40ss@postgres/curbside\n"), ("key", "sk-invented\n")):
        (tmp_path / name).write_text(text)
    monkeypatch.setenv(f"{DATABASE}_FILE", str(tmp_path / "url"))
    monkeypatch.setenv("CURBSIDE_GENERATION__API_KEY_FILE", str(tmp_path / "key"))
    settings = load_settings(data_dir=tmp_path, generation={"max_new_tokens": 9})
    assert settings.storage.database_url == "postgresql://curbside:p%40ss@postgres/curbside"
    assert settings.generation.api_key is not None
    assert settings.generation.api_key.get_secret_value() == "sk-invented"
    assert unknown_variables() == []
    assert "sk-invented" not in repr(settings)


def test_a_process_that_is_started_from_here_gets_the_value(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(f"{DATABASE}_FILE", str(tmp_path / "gone by then"))
    monkeypatch.setenv(DATABASE, "postgresql://postgres/curbside")
    assert as_environment(load_settings())[DATABASE] == "postgresql://postgres/curbside"


def test_a_secret_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(f"{DATABASE}_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(
        InputError, match=rf"{DATABASE}_FILE names .*nowhere, which cannot be read \(FileNotFoundError\)"
    ):
        load_settings()


def test_an_empty_file_variable_names_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{DATABASE}_FILE", "")
    assert load_settings().storage.database_url is None


def test_a_mistyped_file_variable_is_refused_or_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://postgres/curbside")
    monkeypatch.setenv("CURBSIDE_STORE__DATABASE_URL_FILE", str(tmp_path / "url"))
    assert unknown_variables() == ["CURBSIDE_STORE__DATABASE_URL_FILE"]
    monkeypatch.setenv("CURBSIDE_STORAGE__DATABASE_ULR_FILE", str(tmp_path / "url"))
    with pytest.raises(ValidationError, match="database_ulr"):
        load_settings()
