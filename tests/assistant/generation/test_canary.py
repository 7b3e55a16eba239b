"""The canary of an adapter: it proves which weights answer. All prompts are invented."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import AdapterBroken
from assistant.generation.canary import CANARY_FILE, check_canary, make_canary, read_canary, write_canary
from assistant.generation.loading import LoadedModel, add_adapter, load_model
from tests.assistant.generation.tiny_model import make_tiny_adapter


@pytest.fixture(scope="module")
def loaded(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    """A tiny model with the adapters `one` and `two`, and `none`, whose weights are zero."""
    import torch

    folder = tmp_path_factory.mktemp("adapters")
    loaded = load_model(str(tiny_model))
    for seed, name in enumerate(("one", "two", "none")):
        loaded = add_adapter(loaded, str(make_tiny_adapter(folder / name, tiny_model, seed=seed)), name=name)
    with torch.no_grad():
        for name, weight in loaded.model.named_parameters():
            if ".none." in name:
                weight.zero_()
    return loaded


def test_an_adapter_writes_something_else_than_its_base_the_same_each_time(loaded: LoadedModel) -> None:
    canary = make_canary(loaded, adapter="one")
    song = check_canary(loaded, canary, adapter="one")
    assert song.differs
    assert song.as_judged


def test_another_adapter_differs_but_not_as_judged(loaded: LoadedModel) -> None:
    song = check_canary(loaded, make_canary(loaded, adapter="one"), adapter="two")
    assert song.differs
    assert not song.as_judged


def test_another_machine_s_rounding_is_told_and_no_reason_to_refuse(loaded: LoadedModel) -> None:
    canary = replace(make_canary(loaded, adapter="one"), adapter="0" * 64)
    song = check_canary(loaded, canary, adapter="one")
    assert song.differs
    assert not song.as_judged


def test_an_adapter_that_changes_nothing_has_no_canary(loaded: LoadedModel) -> None:
    with pytest.raises(AdapterBroken, match="what its base model writes"):
        make_canary(loaded, adapter="none")
    assert not check_canary(loaded, make_canary(loaded, adapter="one"), adapter="none").differs


def test_asking_leaves_the_adapter_on(loaded: LoadedModel) -> None:
    make_canary(loaded, adapter="two")
    assert loaded.model.active_adapter == "two"


def test_it_is_kept_beside_the_weights_without_the_answers(loaded: LoadedModel, tmp_path: Path) -> None:
    canary = make_canary(loaded, adapter="one")
    assert read_canary(tmp_path) is None
    write_canary(canary, tmp_path)
    assert read_canary(tmp_path) == canary
    assert len(canary.base) == len(canary.adapter) == 64


@pytest.mark.parametrize("text", ["", "[]", "{", '{"prompt": "x"}'])
def test_a_damaged_canary_is_said(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "r1"
    folder.mkdir()
    (folder / CANARY_FILE).write_text(text)
    with pytest.raises(AdapterBroken, match="'r1'"):
        read_canary(folder)
    shutil.rmtree(folder)
