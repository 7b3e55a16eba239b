"""A token-classification model by setting. The model is tiny, random, and made here."""

import logging
import shutil
import traceback
from pathlib import Path

import pytest

from assistant.deid.engine import Deidentifier
from assistant.deid.policy import removes
from assistant.errors import DeidModelBroke, DeidModelNotFound
from assistant.settings import DeidSettings

TEXT = "the tall violinist zorbinex came on a foley catheter . " * 60


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of 8 dimensions that calls every word a person: its bias sees to that."""
    import torch
    from transformers import BertConfig, BertForTokenClassification, BertTokenizerFast

    folder = tmp_path_factory.mktemp("ner")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted(set(TEXT.split()))]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(words), hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8,
        id2label={0: "O", 1: "B-PER", 2: "I-PER"}, label2id={"O": 0, "B-PER": 1, "I-PER": 2},
    )  # fmt: skip
    model = BertForTokenClassification(config)
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.copy_(torch.tensor([0.0, 9.0, 0.0]))
    model.save_pretrained(folder)
    return folder


def test_a_model_adds_names_and_the_guard_keeps_medicine(model_folder: Path) -> None:
    text = TEXT.strip()
    found = {text[span.start : span.end] for span in Deidentifier(DeidSettings(model=str(model_folder))).find(text)}
    assert "zorbinex" in " ".join(found)
    assert not any("foley" in piece for piece in found)
    assert Deidentifier(DeidSettings()).find(text) == []


def test_long_texts_are_read_to_the_end(model_folder: Path) -> None:
    text = TEXT.strip()
    spans = Deidentifier(DeidSettings(model=str(model_folder))).find(text)
    assert spans[-1].end > len(text) - 40


def test_a_folder_without_a_model_is_named_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(DeidModelNotFound, match=r"nothing-here.*CURBSIDE_DEID__MODEL"):
        Deidentifier(DeidSettings(model=str(tmp_path / "nothing-here"))).find("some text")


def test_what_is_too_long_for_the_model_is_read_in_parts(model_folder: Path) -> None:
    """900 characters of rare letters are more tokens than this model has positions."""
    text = "the tall violinist " + " ".join("zqxvwyzqk"[: 1 + i % 3] for i in range(280)) + " zorbinex"
    spans = Deidentifier(DeidSettings(model=str(model_folder))).find(text)
    assert spans[-1].end == len(text)
    assert spans[0].start == 0


@pytest.fixture
def broken_folder(model_folder: Path, tmp_path: Path) -> Path:
    """The same model with one word vector: it loads, and fails on the text."""
    from transformers import AutoModelForTokenClassification

    shutil.copytree(model_folder, tmp_path / "broken")
    model = AutoModelForTokenClassification.from_pretrained(tmp_path / "broken")
    model.resize_token_embeddings(1)
    model.save_pretrained(tmp_path / "broken")
    return tmp_path / "broken"


def test_a_model_that_fails_leaves_nothing_unmasked_and_tells_nothing(
    broken_folder: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    deidentifier = Deidentifier(DeidSettings(model=str(broken_folder)))
    text = "the violinist zorbinex came ."
    with caplog.at_level(logging.DEBUG), pytest.raises(DeidModelBroke) as caught:
        deidentifier.mask(text)
    told = "".join(traceback.format_exception(caught.value, chain=True)) + caplog.text + "".join(capfd.readouterr())
    assert "IndexError" in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "zorbinex" not in told
    assert "violinist" not in told


def test_labels_of_models_lead_to_our_types() -> None:
    from assistant.deid.ner import LABELS

    assert all(removes(LABELS[label]) for label in ("PER", "HOSPITAL", "CITY", "DATE", "IDNUM"))
