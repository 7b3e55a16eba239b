"""One base model with several adapters on it, asked one after the other."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import AdapterBroken
from assistant.schema import Message, Mode, Prompt
from assistant.settings import GenerationSettings
from training.models import Models, Worn
from training.settings import TrainingSettings

PROMPT = Prompt(
    version="1",
    mode=Mode.QUESTION,
    question="What is found?",
    messages=(Message(role="user", content="FINDINGS: enlarged heart.\nWhat is found?"),),
    sources=(),
    report=None,
    earlier=None,
)


@pytest.fixture(scope="module")
def adapters(tiny_decoder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two adapters that change what the model writes, and one that changes nothing."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    made = {}
    for seed, name in enumerate(("sft", "sft+dpo", "nothing")):
        torch.manual_seed(seed)
        base = AutoModelForCausalLM.from_pretrained(tiny_decoder)
        model = get_peft_model(base, LoraConfig(r=4, target_modules=["query", "value", "dense"]))
        if name != "nothing":
            for parameter_name, parameter in model.named_parameters():
                if "lora_B" in parameter_name:
                    torch.nn.init.normal_(parameter)
        made[name] = tmp_path_factory.mktemp("made") / name
        model.save_pretrained(made[name])
    return made


@pytest.fixture
def models(tiny_decoder: Path) -> Models:
    return Models(str(tiny_decoder), GenerationSettings(max_new_tokens=12))


def asked(worn: Worn) -> tuple[str, float]:
    (likely,) = worn.likelihood([(PROMPT.messages, "There is enlarged heart.")])
    return worn.write(PROMPT), likely.nats


def test_each_adapter_answers_as_if_it_were_alone(
    models: Models, tiny_decoder: Path, adapters: dict[str, Path]
) -> None:
    with models.worn(None, name="live") as worn:
        base, named = asked(worn), worn.model_id
    with models.worn(adapters["sft"], name="sft") as worn:
        first = asked(worn)
        assert worn.model_id == f"{named}+sft"
    with models.worn(adapters["sft+dpo"], name="sft+dpo") as worn:
        second = asked(worn)
    assert named == tiny_decoder.name
    assert len({base[1], first[1], second[1]}) == 3
    with models.worn(None, name="live") as worn:
        again = asked(worn)
    assert (again[0], again[1]) == (base[0], pytest.approx(base[1], abs=1e-4))
    with models.worn(adapters["sft"], name="sft") as worn:
        again = asked(worn)
    assert (again[0], again[1]) == (first[0], pytest.approx(first[1], abs=1e-4))
    alone = Models(str(tiny_decoder), GenerationSettings(max_new_tokens=12))
    with alone.worn(adapters["sft+dpo"], name="sft+dpo") as worn:
        text, nats = asked(worn)
    assert text == second[0]
    assert nats == pytest.approx(second[1], abs=1e-4)


def test_what_is_trained_in_four_bits_is_judged_in_four_bits(
    tiny_decoder: Path, adapters: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to the call that needs bitsandbytes and a GPU: both are pretended, and the real model is loaded without."""
    import torch
    from transformers import AutoModelForCausalLM

    asked_for: list[dict[str, Any]] = []
    load = AutoModelForCausalLM.from_pretrained

    def load_plainly(path: str, **options: Any) -> Any:
        asked_for.append(options)
        return load(path)

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", load_plainly)
    monkeypatch.setattr("training.lora.pick_device", lambda: (torch.device("cuda"), torch.bfloat16))
    find_spec = importlib.util.find_spec  # of all modules: what others ask for meanwhile, and keep, must be true
    monkeypatch.setattr(
        "importlib.util.find_spec",
        lambda name, package=None: object() if name == "bitsandbytes" else find_spec(name, package),
    )
    monkeypatch.setattr(torch.cuda, "set_device", lambda device: None)
    models = Models(str(tiny_decoder), GenerationSettings(max_new_tokens=4), TrainingSettings(quantize="nf4"))
    for adapter in (None, adapters["sft"]):
        with models.worn(adapter, name="sft") as worn:
            worn.write(PROMPT)
    (options,) = asked_for
    quantization = options["quantization_config"].to_dict()
    assert (quantization["load_in_4bit"], quantization["bnb_4bit_quant_type"]) == (True, "nf4")
    assert quantization["bnb_4bit_compute_dtype"] == "bfloat16"


def test_a_candidate_gets_a_canary_once_and_one_that_changes_nothing_gets_none(
    models: Models, adapters: dict[str, Path]
) -> None:
    models.leave_canary(adapters["sft"])
    canary = (adapters["sft"] / "canary.json").read_bytes()
    models.leave_canary(adapters["sft"])
    assert (adapters["sft"] / "canary.json").read_bytes() == canary
    with pytest.raises(AdapterBroken, match="writes what its base model writes"):
        models.leave_canary(adapters["nothing"])


def test_fixed_cases_are_asked_as_the_models_chat_asks() -> None:
    short, full = (
        Models(name, GenerationSettings(max_new_tokens=512)).fixed_cases() for name in ("starter", "invented-base")
    )
    assert [case.id for case in short.retention] == [case.id for case in full.retention]
    assert len(short.retention[0].prompt.messages) == 1
    assert len(full.retention[0].prompt.messages) > 1
    assert Models("starter", GenerationSettings(max_new_tokens=512)).max_new_tokens == 192
