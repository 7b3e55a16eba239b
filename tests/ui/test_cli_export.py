"""The verbs that take an adapter out, in an installation with a live one. Everything is invented."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import ui.cli
from assistant.adapters import Adapters
from assistant.errors import InputError, NoSuchAdapter
from tests.assistant.generation.tiny_model import make_tiny_adapter, make_tiny_model
from tests.ui.loop_site import run_through, verdict
from training.errors import RunNotFound
from training.export_model import NotExportable
from training.folder import RunFolder
from training.schema import RunState
from training.tables import RunRow

RUN = "2026-11-21-r7"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    base = make_tiny_model(folder / "invented-base")
    made = make_tiny_adapter(folder / "made", base, seed=3)
    (made / "README.md").unlink()  # PEFT's; ours is not written beside the weights
    return folder


@pytest.fixture
def data(models: Path, tmp_path: Path) -> Path:
    """A data folder with an adapter that is live."""
    folder = tmp_path / "data"
    adapters = Adapters(folder / "adapters")
    adapters.install(models / "made", RUN, base_model=str(models / "invented-base"))
    adapters.make_live(RUN)
    (folder / "runs" / RUN).mkdir(parents=True)
    (folder / "runs" / RUN / "MODEL_CARD.md").write_text(f"# An invented run on {models / 'invented-base'}\n")
    return folder


def export(data: Path, *arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(ui.cli.app, ["export", *arguments, "--data", str(data)], input=answer)


def test_the_live_adapter_is_merged(data: Path, tmp_path: Path) -> None:
    result = export(data, "merged", "live", str(tmp_path / "merged"))
    assert result.exit_code == 0, (result.output, result.exception)
    assert "Its logits differ" in result.stdout
    assert "licence of the base" in result.stderr
    assert RUN in (tmp_path / "merged" / "README.md").read_text()


def test_a_run_becomes_gguf(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("gguf")
    result = export(data, "gguf", RUN, str(tmp_path / "m.gguf"), "--type", "q8_0", "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    said = json.loads(result.stdout)
    assert (said["architecture"], said["size_bytes"]) == ("llama", (tmp_path / "m.gguf").stat().st_size)


def test_a_dry_run_lists_what_would_go_and_sends_nothing(data: Path) -> None:
    result = export(data, "hub", "live", "practice/invented", "--dry-run", "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    said = {file["file"]: file["size_bytes"] for file in json.loads(result.stdout)}
    assert set(said) == {"README.md", "adapter_config.json", "adapter_model.safetensors"}
    assert said["README.md"] == len("# An invented run on invented-base\n")  # where it lies on this machine is left out
    assert "Nothing was sent" in result.stderr


def test_nothing_is_sent_without_a_yes(data: Path) -> None:
    result = export(data, "hub", "live", "practice/invented", answer="n\n")
    assert result.exit_code == 1
    assert "leaves the house" in result.stderr
    assert "Aborted" in result.stderr


def test_a_yes_needs_the_hub(data: Path) -> None:
    """The tests run with the hub switched off."""
    assert isinstance(export(data, "hub", "live", "practice/invented", "--yes").exception, NotExportable)


def test_what_was_put_beside_the_weights_does_not_go(data: Path) -> None:
    (data / "adapters" / RUN / "train.jsonl").write_text("The patient was seen.")
    result = export(data, "hub", RUN, "practice/invented", "--dry-run")
    assert isinstance(result.exception, NotExportable)
    assert "must never leave" in str(result.exception)


@pytest.mark.parametrize(
    ("change", "run", "error", "said"),
    [
        pytest.param(lambda adapters: adapters.make_live(None), "live", InputError, "no adapter is live", id="nothing is live"),
        pytest.param(None, "2026-01-01-r1", NoSuchAdapter, RUN, id="no such run"),
        pytest.param(None, "../../etc", NoSuchAdapter, RUN, id="a path"),
    ],
)  # fmt: skip
def test_a_run_that_has_no_adapter_is_said(
    data: Path,
    tmp_path: Path,
    change: Callable[[Adapters], Any] | None,
    run: str,
    error: type[Exception],
    said: str,
) -> None:
    if change:
        change(Adapters(data / "adapters"))
    result = export(data, "merged", run, str(tmp_path / "merged"))
    assert isinstance(result.exception, error)
    assert said in str(result.exception)
    assert not (data / "curbside.db").exists()


def test_a_candidate_that_was_refused_can_be_taken_out_too(models: Path, parts: Any, tmp_path: Path) -> None:
    run = run_through(parts, RunState.REFUSED, chosen="sft", verdict=verdict(promote=False))
    with parts.database.session(write=True) as session:
        session.get(RunRow, run.id).base_model = str(models / "invented-base")
    shutil.copytree(models / "made", RunFolder(parts.data_dir / "runs" / run.name).adapter("sft"))
    result = export(parts.data_dir, "merged", run.name, str(tmp_path / "merged"))
    assert result.exit_code == 0, (result.output, result.exception)


def test_an_unknown_run_of_an_installation_is_said(parts: Any, tmp_path: Path) -> None:
    parts.database  # noqa: B018  an installation
    result = export(parts.data_dir, "merged", "2026-01-01-r1", str(tmp_path / "merged"))
    assert isinstance(result.exception, RunNotFound)
