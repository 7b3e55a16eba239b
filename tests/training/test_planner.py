"""What serving and training take, whether it fits, and what is said about it."""

import re
from typing import Any

import pytest

from training.planner import Plan, Wish, changes, fitting, instead, plan
from training.planning import advice
from training.planning.catalogue import find_model
from training.planning.duration import UTILISATION, training_time
from training.planning.gpus import read_gpu
from training.planning.memory import activation_bytes, head_bytes, serving, split_problem, training
from training.settings import TrainingSettings
from training.trainer import together_for


def planned(model: str, gpu: str = "24GB", **wish: Any) -> Plan:
    return plan(find_model(model), Wish(gpu=read_gpu(gpu), **wish))


# ── the formulas ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("model", "bf16", "nf4", "kv_kib", "qlora", "lora"),
    [
        pytest.param("mistral-7b", 14.5, 4.1, 128, 6, 17, id="Mistral-7B"),
        pytest.param("llama-3.1-8b", 16.1, 5.7, 128, 10, 20, id="Llama-3.1-8B"),
        pytest.param("qwen3-32b", 65.5, 19.2, 256, 26, 72, id="Qwen3-32B"),
        pytest.param("llama-3.3-70b", 141, 39.5, 320, 49, 150, id="Llama-3.3-70B"),
    ],
)
def test_the_formulas_give_the_table_that_was_computed_by_hand(
    model: str, bf16: float, nf4: float, kv_kib: int, qlora: float, lora: float
) -> None:
    """GB; r = 16 on all linear layers, 2,048 tokens, batch 1, a plain head."""
    shape = find_model(model).shape
    rest = 16 * shape.lora_parameters(16) + activation_bytes(shape, 2048) + head_bytes(shape, 2048, in_tiles=False)
    assert shape.weight_bytes("bf16") / 1e9 == pytest.approx(bf16, rel=0.005)
    assert shape.weight_bytes("nf4") / 1e9 == pytest.approx(nf4, rel=0.015)
    assert shape.kv_bytes(1) == kv_kib * 1024
    assert (shape.weight_bytes("nf4") + rest) / 1e9 == pytest.approx(qlora, abs=0.8)
    assert (shape.weight_bytes("bf16") + rest) / 1e9 == pytest.approx(lora, abs=0.8)


def test_an_engine_quantises_experts_and_the_trainer_does_not() -> None:
    shape = find_model("mixtral").shape
    assert shape.kv_bytes(1) == 128 * 1024
    assert shape.weight_bytes("bf16") / 1e9 == pytest.approx(93.4, abs=0.1)
    assert shape.weight_bytes("nf4") / 1e9 == pytest.approx(24.5, abs=0.1)
    assert shape.weight_bytes("nf4", experts=False) / 1e9 == pytest.approx(91.4, abs=0.1)
    found = planned("mixtral", "80GB")
    assert found.served is not None
    assert found.way is None


def test_a_token_goes_through_the_chosen_experts_only() -> None:
    assert find_model("mixtral").shape.active_parameters / 1e9 == pytest.approx(12.8, abs=0.2)
    assert find_model("qwen3-30b").shape.active_parameters / 1e9 == pytest.approx(3.3, rel=0.1)


def test_layers_with_a_window_keep_the_window() -> None:
    medgemma = find_model("medgemma-4b").shape
    full = [window for window in medgemma.windows if window is None]
    assert len(full) == 5
    a_layer = 2 * 4 * 256 * 2
    assert medgemma.kv_bytes(8192) == a_layer * (5 * 8192 + 29 * 1024)
    zephyr = find_model("zephyr").shape
    assert zephyr.kv_bytes(8192) == zephyr.kv_bytes(4096)


def test_a_window_that_is_switched_off_is_none() -> None:
    assert set(find_model("qwen1.5-72b").shape.windows) == {None}


@pytest.mark.parametrize(
    ("model", "gpus", "problem"),
    [
        pytest.param("llama-3.1-8b", 2, None, id="32 heads among 2"),
        pytest.param("llama-3.1-8b", 3, "32 heads", id="32 heads among 3"),
        pytest.param("phi-4", 4, "10 heads of keys", id="40 heads among 4, but 10 of keys and values"),
        pytest.param("llama-3.1-8b", 16, None, id="8 heads of keys and values are repeated among 16"),
    ],
)
def test_heads_must_divide_among_gpus(model: str, gpus: int, problem: str | None) -> None:
    found = split_problem(find_model(model).shape, gpus)
    assert (found is None) == (problem is None)
    assert found is None or (problem or "") in found


def test_keys_and_values_are_divided_as_far_as_there_are_heads() -> None:
    shape, gpu = find_model("llama-3.1-8b").shape, read_gpu("H100")
    of = {
        n: serving(shape, gpu, gpus=n, precision="bf16", context=4096, chats=1, rank=16).kv_of_a_chat
        for n in (1, 2, 8, 16)
    }
    assert of[1] == shape.kv_bytes(4096) == 2 * of[2] == 8 * of[8] == 8 * of[16]


def test_training_takes_as_many_examples_at_once_as_the_trainer_would() -> None:
    settings = TrainingSettings()
    fit = training(
        find_model("qwen3-4b").shape, read_gpu("H100"), gpus=1, stage="sft", placement="one", settings=settings
    )
    assert fit.tokens_at_once == 8192
    assert fit.together == together_for([1024] * 100, batch=8, limit=8192) == 8
    less = training(
        find_model("mistral-7b").shape, read_gpu("24GB"), gpus=1, stage="dpo", placement="one", settings=settings
    )
    assert less.fits
    assert less.tokens_at_once < 8192


def test_preferences_take_more_than_demonstrations_and_four_bits_less_than_sixteen() -> None:
    found = planned("llama-3.1-8b", "H100")
    lora, qlora = found.ways
    assert lora.dpo.total > lora.sft.total
    assert qlora.sft.total < lora.sft.total
    assert lora.dpo_time.seconds > 2 * lora.sft_time.seconds
    assert qlora.sft_time.seconds > lora.sft_time.seconds


def test_parts_over_several_gpus_take_less_of_each() -> None:
    copies, parts, _ = planned("llama-3.3-70b", "80GB", gpus=4).ways
    assert not copies.fits
    assert parts.fits
    assert parts.sft.weights == copies.sft.weights // 4


def test_time_is_flops_over_the_assumed_share_of_the_peak() -> None:
    shape, gpu, settings = find_model("llama-3.1-8b").shape, read_gpu("H100"), TrainingSettings(epochs=1)
    fit = training(shape, gpu, gpus=1, stage="sft", placement="one", settings=settings)
    found = training_time(shape, gpu, fit, gpus=1, pairs=1000, settings=settings)
    assert found.tokens == 1_024_000
    assert found.flops == 6 * shape.active_parameters * found.tokens
    assert found.seconds == pytest.approx(found.flops / (989e12 * UTILISATION))


def test_judging_loads_the_weights_as_they_were_trained() -> None:
    found = planned("qwen3-14b", "24GB")
    lora, qlora = found.ways
    assert lora.judging > found.model.shape.weight_bytes("bf16") > qlora.judging > found.model.shape.weight_bytes("nf4")
    assert found.way == qlora
    assert "CURBSIDE_TRAINING__QUANTIZE=nf4" in advice.environment(found)
    over_two = planned("qwen3-14b", "24GB", gpus=2).ways
    assert [way.judging_budget // 10**9 for way in over_two] == [48, 48, 24]


# ── the plan ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_weights_are_quantised_no_further_than_needed() -> None:
    served = {gpu: planned("qwen3-14b", gpu).served for gpu in ("H100", "L40S", "24GB")}
    assert {gpu: one and one.precision for gpu, one in served.items()} == {
        "H100": "bf16",
        "L40S": "bf16",
        "24GB": "nf4",
    }


def test_a_context_beyond_the_model_becomes_what_it_reads() -> None:
    found = planned("llama-2-70b", "80GB", gpus=4)
    assert found.wish.context == 4096
    assert "reads 4,096 tokens at most" in found.notes[0]


def test_where_it_does_not_fit_the_changes_make_it_fit() -> None:
    found = planned("qwen3-32b", "24GB")
    assert not found.fits
    said = changes(found)
    gpus = next(int(match[1]) for one in said if (match := re.match(r"take (\d) such GPUs", one)))
    assert planned("qwen3-32b", "24GB", gpus=gpus).fits
    other = instead(found.wish)
    assert other is not None
    assert other.fits
    assert other.model.name in said[-1]
    assert "cannot be served" in advice.sentence(found)
    assert other.model.name in advice.sentence(found)


def test_what_the_catalogue_offers_fits_and_is_the_larger_the_larger_the_gpu() -> None:
    names = {gpu: [one.model.name for one in fitting(Wish(gpu=read_gpu(gpu)))] for gpu in ("16GB", "24GB", "80GB")}
    assert set(names["16GB"]) < set(names["24GB"]) < set(names["80GB"])
    assert not any("BERT" in name for name in names["80GB"])


def test_an_encoder_is_told_what_it_can_and_cannot_be() -> None:
    for name in ("biobert", "clinicalbert"):
        said = advice.sentence(planned(name))
        assert "cannot write an answer" in said
        assert "CURBSIDE_DEID__MODEL" in said


def test_beside_training_the_engine_is_given_no_more_than_it_needs() -> None:
    found = planned("llama-3.2-3b", "H200", context=4096, chats=4)
    assert found.both_at_once
    share = advice.utilisation(found)
    assert share < 0.3
    assert f"--gpu-memory-utilization {share:.2f}" in (advice.vllm(found) or "")
    assert "CURBSIDE_TRAINING__GPU=own" in advice.environment(found)


def test_on_one_gpu_they_take_turns() -> None:
    found = planned("llama-3.1-8b", "RTX 4090")
    assert not found.both_at_once
    assert "take turns" in advice.sentence(found)


def test_without_bf16_a_gemma_that_overflows_is_refused_and_another_model_named() -> None:
    for name in ("medgemma-4b", "medgemma-27b-text", "gemma-2-9b"):
        found = planned(name, "T4", gpus=8)
        assert not found.fits
        assert advice.vllm(found) is None
        assert "overflow in fp16" in advice.sentence(found)
        assert "Qwen" in advice.sentence(found)
    assert planned("medgemma-4b", "L4").fits


def test_tgi_is_offered_where_it_wears_adapters_and_a_note_says_where_not() -> None:
    for name, offered in (
        ("mistral-7b", True),
        ("medgemma-27b-text", True),
        ("medgemma-4b", False),
        ("qwen3-8b", False),
    ):
        found = planned(name, "80GB")
        assert bool(advice.tgi(found)) is offered
        assert any("TGI 3.3.7" in note for note in found.notes) is not offered


def test_vllm_is_started_so_that_it_takes_adapters_while_it_runs() -> None:
    assert (advice.vllm(planned("qwen3-8b")) or "").startswith("VLLM_ALLOW_RUNTIME_LORA_UPDATING=True vllm serve ")


def test_no_more_tokens_go_at_once_than_somebody_set() -> None:
    found = planned("qwen3-4b", "H100", settings=TrainingSettings(tokens_at_once=512))
    assert "CURBSIDE_TRAINING__TOKENS_AT_ONCE=512" in advice.environment(found)


def test_flags_name_lengths_quantisation_and_gpus() -> None:
    found = planned("llama-3.3-70b", "H100", gpus=2)
    vllm, tgi = advice.vllm(found) or "", advice.tgi(found) or ""
    assert "--max-model-len 8192" in vllm
    assert "--quantization fp8" in vllm
    assert "--tensor-parallel-size 2" in vllm
    assert "--max-input-tokens 7680 --max-total-tokens 8192" in tgi
    assert "--quantize fp8" in tgi
    assert "--num-shard 2" in tgi
    assert "--dtype half" in (advice.vllm(planned("qwen3-4b", "T4")) or "")


def test_durations_are_said_in_a_persons_units() -> None:
    assert [advice.duration(seconds) for seconds in (3, 3000, 9000, 260_000)] == [
        "1 minutes",
        "50 minutes",
        "2.5 hours",
        "3.0 days",
    ]
