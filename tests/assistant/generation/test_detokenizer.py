"""Text from tokens, one at a time, with the tiny model's byte-level tokenizer. The texts are invented."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.generation.detokenizer import Detokenizer


@pytest.fixture(scope="module")
def tokenizer(tiny_model: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_model)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd"), max_size=40))
def test_pieces_make_up_the_text_and_hold_no_half_character(tokenizer: Any, text: str) -> None:
    detokenizer = Detokenizer(tokenizer)
    ids = tokenizer.encode(text, add_special_tokens=False)
    pieces = [detokenizer.push(token_id) for token_id in ids]
    assert all("\ufffd" not in piece for piece in pieces)
    assert "".join([*pieces, detokenizer.close()]) == tokenizer.decode(ids, skip_special_tokens=True)


def test_a_character_that_is_never_completed_is_left_out(tokenizer: Any) -> None:
    detokenizer = Detokenizer(tokenizer)
    ids = tokenizer.encode("ok ☂", add_special_tokens=False)[:-1]
    assert "".join([*(detokenizer.push(token_id) for token_id in ids), detokenizer.close()]) == "ok "


def test_invalid_bytes_are_not_waited_for_without_end(tokenizer: Any) -> None:
    detokenizer = Detokenizer(tokenizer)
    broken = tokenizer.encode("☂", add_special_tokens=False)[0]
    assert any(detokenizer.push(broken) for _ in range(20))
