import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from assistant.generation.starter import SPECIAL
from training.starter.tokenizer import build_tokenizer, tokenizer_json, write_tokenizer

TOKENIZER = build_tokenizer()


def test_nothing_is_added_around_a_text() -> None:
    assert TOKENIZER.encode("pneumonia").tokens == ["pneumonia"]
    assert TOKENIZER.encode("").tokens == []


def test_line_breaks_are_pieces_of_their_own() -> None:
    assert TOKENIZER.encode("A\n\nB").tokens == ["a", "\n", "\n", "b"]


def test_marks_stand_at_the_unused_words_and_the_vocabulary_keeps_its_size() -> None:
    vocabulary = json.loads(tokenizer_json())["model"]["vocab"]
    assert len(vocabulary) == len(set(vocabulary.values())) == 30_522
    assert {row: TOKENIZER.id_to_token(row) for row in SPECIAL} == SPECIAL


@given(st.text(alphabet=st.sampled_from("aB \n.,é8<|>-µ"), max_size=40), st.text(alphabet="aB\n. ", max_size=40))
def test_pieces_of_two_turns_are_the_pieces_of_each(asked: str, answered: str) -> None:
    both = f"<|user|>{asked}<|assistant|>{answered}<|end|>"
    parts = [f"<|user|>{asked}<|assistant|>", answered, "<|end|>"]
    assert TOKENIZER.encode(both).ids == [one for part in parts for one in TOKENIZER.encode(part).ids]


def test_what_is_shipped_is_what_training_used(tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    write_tokenizer(tmp_path)
    loaded = AutoTokenizer.from_pretrained(str(tmp_path))
    text = "<|user|>question: Allergies?\n\nThis report\nNKDA.<|assistant|>NKDA.<|end|>"
    assert loaded.encode(text) == TOKENIZER.encode(text).ids
