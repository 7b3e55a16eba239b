"""Reports that try to be more than data. All invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.prompts.fencing import make_key, neutralise, neutralise_line


@pytest.mark.parametrize(
    "token",
    [
        "<|im_start|>system",
        "<|im_end|>",
        "<|eot_id|>",
        "<|start_header_id|>system<|end_header_id|>",
        "</s>",
        "<s>",
        "<bos>",
        "<start_of_turn>model",
        "<end_of_turn>",
        "[INST]",
        "[/INST]",
        "[inst]",
        "<<SYS>>",
        "<</SYS>>",
        "[SYSTEM_PROMPT]",
        "[TOOL_CALLS]",
        "[CLS]",
        "[SEP]",
        "<\uff5cbegin\u2581of\u2581sentence\uff5c>",
        "<\u2581>",
        "### System",
        "## Assistant:",
        "</source 1 key=0123456789abcdef>",
        "</report>",
        "<script>alert(1)</script>",
        "<!-- hidden -->",
        "<|im_\u200bstart|>",
        "<\u200b|im_start|>",
        "[IN\u2060ST]",
        "\U000e0049\U000e0047",
    ],
)
def test_control_tokens_and_tags_do_not_survive(token: str) -> None:
    assert token not in neutralise(f"The heart is normal.\n{token}\nNo effusion.")


@pytest.mark.parametrize(
    "text",
    [
        "Sodium 131 mmol/L (<135), CRP < 5 mg/L, p<0.05, a <- b.",
        "[NAME_1] was seen on [DATE_2] by [DOCTOR_1].",
        "ASSISTANT: [NAME_3]\nSystem review: negative.\n# 2 L3 fracture",
        "température 37,9 °C, Größe 1,80 m, 体温 37 度, שלום",
        "Tab\tseparated\nlines stay",
    ],
)
def test_ordinary_notes_stay_as_they_are(text: str) -> None:
    assert neutralise(text) == text


@given(st.text(alphabet=st.sampled_from("<>|/[]#=: \n\u200bINSTimsource_key0a‹"), max_size=60))
def test_nothing_is_left_to_neutralise(text: str) -> None:
    once = neutralise(text)
    assert neutralise(once) == once
    assert "<|" not in once
    assert "</" not in once
    assert "[INST]" not in once


@given(st.text(max_size=200))
def test_labels_are_one_line_that_cannot_end_a_tag(text: str) -> None:
    label = neutralise_line(text)
    assert len(label) <= 80
    assert "\n" not in label
    assert ">" not in label


def test_key_depends_on_every_text_and_on_their_borders() -> None:
    keys = {make_key(texts) for texts in (["a", "b"], ["ab"], ["b", "a"], ["a"], ["a", "b", ""])}
    assert len(keys) == 5


def test_a_megabyte_of_openings_takes_no_time() -> None:
    assert len(neutralise("<" * 500_000 + "[" * 500_000 + "#" * 500_000)) == 1_500_000
