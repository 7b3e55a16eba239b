"""What a language model is shown. `wording` holds the words, `fencing` keeps data apart from instructions, `fitting`
makes it fit, `build` puts it together."""

from assistant.prompts.build import build_prompt
from assistant.prompts.wording import PROMPT_VERSION

__all__ = ["PROMPT_VERSION", "build_prompt"]
