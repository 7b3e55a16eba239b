"""The shape of the project: the README's tree, who may import whom, and what starting costs."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from ui.settings import Settings

ROOT = Path(__file__).parents[1]
PACKAGES = ("assistant", "feedback", "training", "ui")
HEAVY = (
    "torch",
    "transformers",
    "gradio",
    "chromadb",
    "presidio_analyzer",
    "spacy",
    "sentence_transformers",
    "sqlalchemy",
)


def _tree_in_readme() -> set[str]:
    """Paths drawn in the README's trees, the short one and every module: a line is `indent name[ name …]  what it does`."""
    section = re.search(r"^## The tree\n(.*?)^## ", (ROOT / "README.md").read_text("utf-8"), re.S | re.M)
    assert section is not None, "the README has no `## The tree`"
    found: set[str] = set()
    folders: list[tuple[int, str]] = []
    for line in "\n".join(re.findall(r"^```\n(.*?)^```", section.group(1), re.S | re.M)).splitlines():
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        folders = [(depth, name) for depth, name in folders if depth < indent]
        names = re.split(r"\s{2,}", line.strip(), maxsplit=1)[0].split()
        for name in names:
            found.add("".join(folder for _, folder in folders) + name)
        if names[0].endswith("/"):
            folders.append((indent, names[0]))
    return {path for path in found if not path.endswith("/")}


def test_the_readme_draws_every_module() -> None:
    on_disk = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name != "__init__.py" and "versions" not in path.parts and "__pycache__" not in path.parts
    }
    drawn = {path for path in _tree_in_readme() if path.endswith(".py") and path.split("/")[0] in PACKAGES}
    assert on_disk - drawn == set(), "modules that the README's tree leaves out"
    assert drawn - on_disk == set(), "modules that the README's tree invents"


def test_the_readme_names_every_setting_and_no_other() -> None:
    listed = set(re.findall(r"^\| `(CURBSIDE_[A-Z0-9_]+)` \|", (ROOT / "README.md").read_text("utf-8"), re.M))
    assert listed == {
        f"CURBSIDE_{group}__{name}".upper()
        for group, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        for name in field.annotation.model_fields
    }


def test_every_path_in_the_readme_tree_exists() -> None:
    missing = {path for path in _tree_in_readme() if not (ROOT / path).exists()}
    assert missing == set()


def _loaded_by(statement: str) -> set[str]:
    """Top-level modules in a fresh interpreter after `statement`."""
    code = f"import sys, json\n{statement}\nprint(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(result.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "module",
    [
        pytest.param("ui.cli", id="curbside --help loads nothing heavy"),
        pytest.param("ui.settings", id="reading settings loads nothing heavy"),
        pytest.param("ui.wiring", id="wiring loads nothing heavy before a part is asked for"),
        pytest.param("assistant.reading", id="reading files loads no parser at import"),
        pytest.param("assistant.reading.sections", id="sectioning loads nothing heavy"),
        pytest.param("assistant.deid.engine", id="importing de-identification does not load Presidio"),
        pytest.param("assistant.generation.quoting", id="quoting needs no language model"),
        pytest.param("assistant.grounding", id="grounding needs no language model"),
    ],
)
def test_importing_is_light(module: str) -> None:
    assert _loaded_by(f"import {module}") & set(HEAVY) == set()


@pytest.mark.parametrize("module", ["assistant.chat", "feedback.pairs"])
def test_importing_the_pipeline_loads_no_model_library(module: str) -> None:
    assert _loaded_by(f"import {module}") & {"torch", "transformers", "gradio", "presidio_analyzer", "spacy"} == set()


def test_help_prints_every_verb_and_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom typer.testing import CliRunner\nimport ui.cli\n"
        "result = CliRunner().invoke(ui.cli.app, ['--help'])\nassert result.exit_code == 0\n"
        f"assert not {set(HEAVY)!r} & set(sys.modules)\nprint(result.output)"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for verb in ("serve", "ingest", "ask", "search", "deidentify", "sections", "feedback", "doctor"):
        assert re.search(rf"^\s+{verb}\s", shown, re.M), verb


def test_imports_go_one_way_only() -> None:
    result = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout


def test_no_tests_folder_is_a_package() -> None:
    # With an `__init__.py`, pytest would import `tests/assistant` as `assistant`, and the real package would vanish.
    assert list((ROOT / "tests").rglob("__init__.py")) == []
