"""Which mode a question asks for when none was picked, and what a mode asks when no question was typed."""

import re

from assistant.schema import Mode

_STANDARD = {
    Mode.SUMMARIZE: "Summarise this report.",
    Mode.QUESTION: "What is the diagnosis?",
    Mode.ABNORMAL: "What is abnormal in this report?",
    Mode.COMPARE: "What changed since the earlier report?",
}
_COMPARE = re.compile(
    r"\b(?:compare[ds]?|comparison|chang(?:e|es|ed)|differen(?:t|ce|ces)|since (?:the )?(?:last|previous|earlier|prior)"
    r"|progress(?:ed|ion)|better or worse|new since|what(?:'s| is) new)\b",
    re.IGNORECASE,
)
_SUMMARIZE = re.compile(
    r"\b(?:summar(?:y|i[sz]e[ds]?|i[sz]ing)|overview|brief me|in short|tl;?dr|key points|main points|gist|recap)\b",
    re.IGNORECASE,
)
_ABNORMAL = re.compile(
    r"\b(?:abnormal(?:it(?:y|ies))?|out of range|outside (?:the|its) (?:normal |reference )?range|pathologic(?:al)?"
    r"|(?:significant|positive|concerning|worrying|remarkable) (?:findings?|results?|values?)|red flags?)\b",
    re.IGNORECASE,
)


def infer_mode(question: str, *, has_earlier: bool = False) -> Mode:
    """Read the mode off the question's words. A comparison is inferred only where there is something to compare with."""
    if has_earlier and _COMPARE.search(question):
        return Mode.COMPARE
    if _SUMMARIZE.search(question):
        return Mode.SUMMARIZE
    if _ABNORMAL.search(question):
        return Mode.ABNORMAL
    return Mode.QUESTION


def standard_question(mode: Mode) -> str:
    """The question that a mode's button asks."""
    return _STANDARD[mode]
