import pytest

from assistant.encoder.minilm import default_folder, load_weights
from assistant.generation.starter import END_ID, LINE_ID, POSITIONS, USER_ID
from training.starter.warm_start import extend, warm_start


def test_the_layers_are_those_of_minilm() -> None:
    import torch

    weights = load_weights(default_folder() / "model.safetensors")
    model = warm_start()
    state = model.bert.state_dict()
    layers = [name for name in state if name.startswith("encoder.")]
    assert len(layers) == 6 * 16
    assert all(state[name].equal(torch.tensor(weights[name])) for name in layers)


def test_it_reads_like_minilm_until_it_learns_to_look_back_only() -> None:
    """With the mask taken away it gives MiniLM's own vectors: positions, token types and layers are in their places."""
    import torch
    from transformers import BertModel

    ids = torch.tensor([[101, 7592, 2088, 2003, 3376, 102]])
    encoder = BertModel.from_pretrained(str(default_folder()), add_pooling_layer=False).eval()
    decoder = warm_start().eval()
    for layer in decoder.bert.encoder.layer:
        layer.attention.self.is_causal = False
    everything = torch.zeros(1, 1, 6, 6)
    with torch.inference_mode():
        wanted = encoder(input_ids=ids).last_hidden_state
        found = decoder.bert(input_ids=ids, attention_mask=everything, use_cache=False).last_hidden_state
    assert torch.allclose(wanted, found, atol=1e-4)


def test_a_later_word_changes_nothing_before_it() -> None:
    import torch

    model = warm_start().eval()
    with torch.inference_mode():
        one = model(input_ids=torch.tensor([[2, 7592, 2088, 3]])).logits
        other = model(input_ids=torch.tensor([[2, 7592, 2088, 4]])).logits
    assert torch.allclose(one[:, :3], other[:, :3], atol=1e-5)
    assert not torch.allclose(one[:, 3], other[:, 3], atol=1e-3)


def test_word_vectors_are_frozen_and_shared_and_marks_borrow_theirs() -> None:
    from torch.nn.functional import cosine_similarity

    model = warm_start()
    words = model.bert.embeddings.word_embeddings.weight
    assert not words.requires_grad
    assert model.lm_head.decoder.weight is words
    assert model.lm_head.bias.requires_grad
    assert model.lm_head.decoder.bias is model.lm_head.bias
    assert words[USER_ID].equal(words[3160])  # "question"
    for mark, word in ((END_ID, 103), (LINE_ID, 102)):
        assert cosine_similarity(words[mark], words[word], dim=0) > 0.999
        assert words[mark].norm() > words.norm(dim=1).mean()  # long enough that the head can be sure of it


@pytest.mark.parametrize("length", [512, 700, POSITIONS], ids=lambda n: f"{n} positions")
def test_old_positions_stay_and_new_ones_keep_the_same_steps(length: int) -> None:
    import torch

    old = torch.randn(512, 8)
    new = extend(old, length)
    assert new.shape == (length, 8)
    assert new[:512].equal(old)
    assert torch.allclose(new[513:].diff(dim=0), old[1 : length - 512].diff(dim=0), atol=1e-5)
