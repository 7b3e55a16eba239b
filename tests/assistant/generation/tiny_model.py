"""A Llama-style model of 60,000 parameters with random weights, its tokenizer, and an adapter. It writes nonsense, but
by the same code as a real one. The text it learnt its word pieces from is invented."""

from pathlib import Path

_TEXT = (
    "The heart is enlarged and the lungs are clear. There is no pleural effusion on the left or the right side. "
    "Sodium was 131 mmol/L and the temperature 37.9 °C. The patient takes aspirin 81 mg daily. Naïve café 体温."
)
_TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
STRICT_TEMPLATE = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}" + _TEMPLATE
)


def make_tiny_model(folder: Path, *, template: str | None = _TEMPLATE, context: int = 1024, seed: int = 0) -> Path:
    """Write model and tokenizer into `folder`. The model never writes its end token, so that answers have no end."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    special = ["<s>", "</s>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator([_TEXT] * 4, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, bos_token="<s>", eos_token="</s>", pad_token="</s>")
    tokenizer.chat_template = template

    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=context,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
        initializer_range=0.2,
        tie_word_embeddings=False,
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        model.lm_head.weight[: len(special)] = 0.0  # logit 0 for every special token: some other one is always better
    model.save_pretrained(folder)
    tokenizer.save_pretrained(str(folder))
    return folder


def make_tiny_adapter(folder: Path, base: Path, *, seed: int) -> Path:
    """Write a LoRA adapter with random weights: what it answers differs from the base and from other seeds."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_pretrained(base)
    config = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj", "down_proj"], init_lora_weights=False)
    get_peft_model(model, config).save_pretrained(str(folder))
    return folder
