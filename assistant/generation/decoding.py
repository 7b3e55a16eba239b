"""Runs a loaded model: a prompt becomes tokens, tokens become text. The chat, the evaluation of a candidate and the canary
all come through here, so that what was judged is what answers."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from assistant.errors import ModelBroke, ModelOutOfMemory, PromptTooLong
from assistant.generation.detokenizer import Detokenizer
from assistant.generation.jump_forward import jump_forward
from assistant.generation.loading import LoadedModel, is_out_of_memory
from assistant.generation.quotable import find_quotes
from assistant.generation.quote_only import QuoteWalk, only_allowed
from assistant.generation.rendering import render
from assistant.schema import Message, Prompt

if TYPE_CHECKING:
    import torch

_LEAST_ANSWER_TOKENS = 64
"""A prompt that leaves less room than this (or than was asked for) is too long."""


def write_answer(
    loaded: LoadedModel, prompt: Prompt, *, max_new_tokens: int, quote_only: bool, adapter: str | None = None
) -> str:
    """The whole greedy answer, as `LocalGenerator` would stream it.

    Args:
        adapter: PEFT's name of a loaded adapter. `None`: the model as it stands (see `wearing` for the base alone).

    Raises:
        PromptTooLong, ModelBroke, ModelOutOfMemory
    """
    pieces: list[str] = []
    with wearing(loaded.model, adapter) if adapter is not None else contextlib.nullcontext():
        stream_answer(loaded, prompt, max_new_tokens=max_new_tokens, quote_only=quote_only, send=pieces.append)
    return "".join(pieces).strip()


def stream_answer(
    loaded: LoadedModel,
    prompt: Prompt,
    *,
    max_new_tokens: int,
    quote_only: bool,
    send: Callable[[str], None],
    stop: threading.Event | None = None,
    context_tokens: int | None = None,
    temperature: float = 0.0,
) -> None:
    """Send the answer piece by piece, until it ends or `stop` is set.

    Args:
        context_tokens: Prompt and answer together, where fewer are wanted than the model takes.
        temperature: 0 is greedy; above, the prompt's `variant` is the seed.

    Raises:
        PromptTooLong: before the first piece.
        ModelBroke, ModelOutOfMemory
    """
    with our_errors(loaded):
        ids = render(loaded.tokenizer, prompt.messages)
        limit = min(loaded.context_tokens, context_tokens or loaded.context_tokens)
        least = min(max_new_tokens, _LEAST_ANSWER_TOKENS)
        if limit - len(ids) < least:
            raise PromptTooLong(tokens=len(ids), limit=max(0, limit - least))
        budget = min(max_new_tokens, limit - len(ids))
        walk = None
        if quote_only:
            walk = QuoteWalk(find_quotes(prompt), loaded.tokenizer, ends=_ends(loaded), budget=budget)
        options = _options(temperature, seed=prompt.variant)
        _generate(loaded, ids, budget=budget, options=options, walk=walk, send=send, stop=stop or threading.Event())


def continue_greedily(loaded: LoadedModel, messages: Sequence[Message], *, tokens: int) -> list[int]:
    """The ids of the next `tokens` tokens at most, free of any rule.

    Raises:
        ModelBroke, ModelOutOfMemory
    """
    import torch

    with our_errors(loaded), torch.inference_mode():
        inputs = torch.tensor([render(loaded.tokenizer, messages)], device=loaded.model.device)
        output = loaded.model.generate(
            input_ids=inputs,
            attention_mask=torch.ones_like(inputs),
            max_new_tokens=tokens,
            pad_token_id=_padding(loaded),
            **_options(0.0, seed=0),
        )
        return output[0, inputs.shape[1] :].tolist()


@contextlib.contextmanager
def wearing(model: Any, adapter: str | None) -> Iterator[None]:
    """Let the PEFT adapter `adapter` write meanwhile; `None` is the base model alone."""
    if adapter is not None:
        if model.active_adapter != adapter:
            model.set_adapter(adapter, inference_mode=True)
        yield
    elif hasattr(model, "disable_adapter"):
        with model.disable_adapter():
            yield
    else:
        yield


def _generate(
    loaded: LoadedModel,
    ids: list[int],
    *,
    budget: int,
    options: dict[str, Any],
    walk: QuoteWalk | None,
    send: Callable[[str], None],
    stop: threading.Event,
) -> None:
    import torch
    from transformers import LogitsProcessorList, StoppingCriteria, StoppingCriteriaList

    text = walk or Detokenizer(loaded.tokenizer)
    ends = _ends(loaded)

    def read(token: int) -> bool:
        if delta := text.push(token):
            send(delta)
        return stop.is_set() or token in ends or (walk is not None and walk.ended)

    # Not a streamer: on some devices transformers hands those a token one step late, when the next is chosen already.
    class Reading(StoppingCriteria):
        done = False

        def __call__(self, input_ids: "torch.Tensor", scores: object, **_: Any) -> Any:
            self.done = self.done or read(int(input_ids[0, -1]))
            return torch.full((input_ids.shape[0],), self.done, device=input_ids.device, dtype=torch.bool)

    if walk is None:
        how: dict[str, Any] = {"stopping_criteria": StoppingCriteriaList([Reading()])}
    else:
        how = {
            "logits_processor": LogitsProcessorList([only_allowed(walk)]),
            "custom_generate": jump_forward(walk, read),
        }
    if walk is None or not walk.ended:
        inputs = torch.tensor([ids], device=loaded.model.device)
        with torch.inference_mode():
            loaded.model.generate(
                input_ids=inputs,
                attention_mask=torch.ones_like(inputs),
                max_new_tokens=budget,
                pad_token_id=_padding(loaded),
                **how,
                **options,
            )
    if rest := text.close():
        send(rest)


def _options(temperature: float, *, seed: int) -> dict[str, Any]:
    """A model folder's own taste is overruled."""
    if not temperature:
        return {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
    import torch

    torch.manual_seed(seed)
    return {"do_sample": True, "temperature": temperature, "top_p": 0.95, "top_k": 0}


def _ends(loaded: LoadedModel) -> frozenset[int]:
    """The ids that end an answer: what the model folder says, which may be several, and the tokenizer's own."""
    configured = loaded.model.generation_config.eos_token_id
    several = configured if isinstance(configured, list) else [configured]
    return frozenset(token for token in (*several, loaded.tokenizer.eos_token_id) if token is not None)


def _padding(loaded: LoadedModel) -> int:
    candidates = (loaded.tokenizer.pad_token_id, loaded.tokenizer.eos_token_id, 0)
    return next(token for token in candidates if token is not None)


@contextlib.contextmanager
def our_errors(loaded: LoadedModel) -> Iterator[None]:
    """Turn what torch and transformers raise into our errors; their words may hold the prompt."""
    try:
        yield
    except (RuntimeError, ValueError, IndexError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise ModelBroke(problem=type(error).__name__) from error
        device = loaded.model.device.type
        if device == "cuda":
            import torch

            with contextlib.suppress(RuntimeError):
                torch.cuda.empty_cache()
        raise ModelOutOfMemory(device=device) from error
