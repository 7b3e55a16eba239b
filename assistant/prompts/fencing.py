"""Keeps data from acting as instructions: fences that text cannot close, and text that no chat template takes for its own.

Two defences, each enough alone. The fence carries a key made from all the data it encloses: a text would have to
contain its own hash to close it. And whatever looks like a tag, a control token or a role marker is respelled, so that
no closing line, `<|im_start|>` or `[INST]` survives: tokenizers turn these into single control tokens even inside text.
The key is no random number, so that the same question gives the same prompt, and the same answer, twice.

What stays is prose that asks for something. That is for the system message, and for grounding: an answer that follows
the report's orders has no support in the report.
"""

import hashlib
import re
from collections.abc import Iterable

_TAG = re.compile(r"<(?=[A-Za-z/|!?_<\uff5c\u2581])")
"""`<` before anything but a number or a space: tags and control tokens, not `<5 mg` or `a < b`."""
_CONTROL_WORD = re.compile(
    r"\[(/?(?:INST|SYS|SYSTEM|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|PREFIX|SUFFIX|MIDDLE"
    r"|CLS|SEP|MASK|PAD|UNK|BOS|EOS|gMASK))\]",
    re.IGNORECASE,
)
_ROLE_HEADING = re.compile(
    r"(?<!#)#+(?=[ \t]{0,8}(?:system|user|assistant|human|instructions?|response|input)\b)", re.IGNORECASE
)
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
"""Characters that nobody sees and a tokenizer does: control, direction, zero-width and tag characters."""


def neutralise(text: str) -> str:
    """Respell what a chat template or a fence might take for its own. Reads the same to people; idempotent; linear."""
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _TAG.sub("‹", text)
    text = _CONTROL_WORD.sub(r"(\1)", text)
    return _ROLE_HEADING.sub("", text)


def neutralise_line(text: str, *, limit: int = 80) -> str:
    """The same for a label: one line, at most `limit` characters."""
    return " ".join(neutralise(text).split())[:limit].replace(">", "›")


def make_key(texts: Iterable[str]) -> str:
    """The fence's key: 16 hexadecimal digits of the hash of all that it encloses."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return digest.hexdigest()[:16]
