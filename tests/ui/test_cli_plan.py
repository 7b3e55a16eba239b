"""`curbside plan`: what it prints, and that what it prints can be used."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import ui.cli
from assistant.errors import CurbsideError, InputError
from training.planner import Wish, plan
from training.planning import advice
from training.planning.catalogue import catalogue
from training.planning.gpus import read_gpu
from ui.settings import load_settings, unknown_variables

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(ui.cli.app, ["plan", *arguments])


def test_a_plan_shows_memory_time_a_recommendation_and_settings() -> None:
    shown = run("--model", "mistral-7b", "--gpu", "24GB").stdout
    assert re.search(r"^bf16 +14\.5", shown, re.M)
    assert re.search(r"^LoRA SFT +14\.5 .* (minutes|hours)", shown, re.M)
    assert "Apache-2.0" in shown
    assert "71 TFLOP/s in 16 bits assumed" in shown
    assert "not measured on a GPU" in shown
    assert "serving and training take turns" in shown
    assert "CURBSIDE_TRAINING__QUANTIZE=none" in shown
    assert "vllm serve mistralai/Mistral-7B-Instruct-v0.3" in shown
    assert "text-generation-launcher --model-id mistralai/Mistral-7B-Instruct-v0.3" in shown


def test_without_a_model_it_lists_what_fits_with_licences() -> None:
    shown = run("--gpu", "24GB").stdout
    assert re.search(r"^medgemma-4b-it +4\.3 B +bf16", shown, re.M)
    assert "medgemma-4b-it (Health AI Developer Foundations terms, gated)" in shown
    assert "Llama-3.3-70B" not in shown


def test_a_gpu_too_small_for_everything_says_so() -> None:
    assert "Nothing of the catalogue" in run("--gpu", "2GB").stdout


def test_machines_get_json() -> None:
    found = json.loads(run("--model", "llama-3.1-8b", "--gpu", "H100", "--gpus", "2", "--json").stdout)
    assert found["parameters"] == 8_030_261_248
    assert found["fits"]
    assert found["measured"] is False
    assert found["settings"]["CURBSIDE_TRAINING__ACCELERATE_CONFIG"] == "multi-gpu"
    listed = json.loads(run("--gpu", "H100", "--json").stdout)
    assert {one["model"] for one in listed} >= {"Qwen/Qwen3-14B", "google/medgemma-27b-it"}


def test_a_plan_of_an_encoder_has_no_settings() -> None:
    shown = run("--model", "clinicalbert", "--gpu", "24GB").stdout
    assert "cannot write an answer" in shown
    assert "Settings:" not in shown


def test_a_config_of_ones_own_is_planned(tmp_path: Path) -> None:
    entry = next(
        one for one in json.loads((ROOT / "training/planning/catalogue.json").read_text()) if "phi" in one["name"]
    )
    folder = tmp_path / "my phi"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(entry["config"]))
    shown = run("--model", str(folder / "config.json"), "--gpu", "48GB").stdout
    assert "14.7 B parameters" in shown
    line = next(line.strip() for line in shown.splitlines() if "GENERATION__MODEL" in line)
    assert shlex.split(line) == [f"CURBSIDE_GENERATION__MODEL={folder}"]


def test_the_settings_of_a_run_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURBSIDE_TRAINING__LORA_RANK", "64")
    found = json.loads(run("--model", "qwen3-4b", "--gpu", "24GB", "--json").stdout)
    assert found["settings"]["CURBSIDE_TRAINING__LORA_RANK"] == "64"
    assert "--max-lora-rank 64" in found["vllm"]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--model", "unheard-of", "--gpu", "24GB"], id="an unknown model"),
        pytest.param(["--model", "mistral-7b", "--gpu", "abacus"], id="an unknown GPU"),
    ],
)
def test_what_is_not_known_is_one_sentence(arguments: list[str]) -> None:
    result = run(*arguments)
    assert isinstance(result.exception, InputError)
    assert isinstance(result.exception, CurbsideError)
    assert result.exception.exit_code == 2


@pytest.mark.parametrize("gpu", ["T4", "24GB", "80GB", "H200"])
@pytest.mark.parametrize("gpus", [1, 2, 4])
def test_every_printed_setting_is_one_and_has_an_allowed_value(
    gpu: str, gpus: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for model in catalogue():
        lines = advice.environment(plan(model, Wish(gpu=read_gpu(gpu), gpus=gpus)))
        with monkeypatch.context() as environment:
            for line in lines:
                name, _, value = line.partition("=")
                environment.setenv(name, value)
            assert unknown_variables() == []
            settings = load_settings()
            if lines:
                assert settings.generation.model == model.name
                assert settings.generation.max_new_tokens < settings.generation.context_tokens
                config = settings.training.accelerate_config
                assert config is None or (ROOT / "training" / "accelerate" / f"{config}.yaml").is_file()


def test_planning_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom typer.testing import CliRunner\nimport ui.cli\n"
        "result = CliRunner().invoke(ui.cli.app, ['plan', '--model', 'mistral-7b', '--gpu', '24GB'])\n"
        "assert result.exit_code == 0, result.output\n"
        "heavy = {'torch', 'transformers', 'peft', 'trl', 'gradio', 'chromadb'} & set(sys.modules)\nassert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
