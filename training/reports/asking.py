"""Questions about invented reports with exact answers, worked out from the truth. No model has a say in them."""

import random
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from assistant.generation.selection import BEFORE, GONE, NEW, NO_DIFFERENCE, NOT_STATED, NOTHING_ABNORMAL, NOW
from assistant.schema import Mode
from training.reports.catalogue import load_specialty, specialties
from training.reports.measures import laboratory_names
from training.reports.schema import Changes, InventedReport, Statement, Task

_KINDS = ("summary", "section", "part", "value", "abnormal", "not stated")
_WEIGHTS = (3, 5, 2, 2, 2, 2)
_OBJECTIVE = frozenset({"examination", "findings", "operative", "gross", "microscopic"})
_UNASKED = frozenset({"general", "reason", "how", "earlier", "clinical"})
_TRACES = {
    "medications": r"\bmg\b|\bmcg\b|medication|\bmeds\b|statin|insulin|antibiotic|tablet|steroid|diure|inhaler|\bstart\b|\bdose",
    "allergies": r"allerg|nkda|intoleran|\bhives\b",
    "social": r"smok|alcohol|\blives\b|\bwork|cigarette|retired|pack-year|tobacco|spouse|drinks|\bschool",
    "family": r"father|mother|brother|sister|family|uncle|parents|relative",
    "surgical": r"ectomy|surg|operat|stent|resect|excis|bypass|replacement|repair|removed",
    "plan": r"follow|f/u|recommend|repeat|refer|plan|advis|suggest|consider|review",
    "immunizations": r"vaccin|immuni",
}
"""What would speak of a topic outside a section of its own: then it cannot be called not stated."""
_MOST = {"diagnosis": 4, "abnormal": 3, "reason": 1, "plan": 2}
"""Sentences of a summary, at most."""


def ask(report: InventedReport, rng: random.Random, *, kind: str | None = None) -> Task:
    """Ask something about `report`: a `kind` of `summary`, `section`, `part`, `value`, `abnormal`, `not stated`, or any.

    A kind that the report cannot serve (no value, no named part) becomes a question about a section.
    """
    match kind or rng.choices(_KINDS, _WEIGHTS)[0]:
        case "summary":
            return _task(Mode.SUMMARIZE, _wording(rng, "summary"), summary(report), "summary")
        case "abnormal":
            question = _wording(rng, "abnormal")
            return _task(Mode.ABNORMAL, question, report.abnormal, "abnormal", instead=NOTHING_ABNORMAL)
        case "part":
            return _ask_part(report, rng) or _ask_section(report, rng)
        case "value":
            return _ask_value(report, rng) or _ask_section(report, rng)
        case "not stated":
            return _ask_absent(report, rng) or _ask_section(report, rng)
        case "section":
            return _ask_section(report, rng)
        case other:
            raise ValueError(f"no kind of question is called {other!r}; there are {', '.join(_KINDS)}")


def ask_changes(changes: Changes, rng: random.Random) -> Task:
    """Ask what changed between the two reports of `writing.write_pair`."""
    lines = [f"{NEW} {sentence}" for sentence in changes.new]
    lines += [f"{GONE} {sentence}" for sentence in changes.gone]
    for now, before in changes.changed:
        lines += [f"{NOW} {now}", f"{BEFORE} {before}"]
    quoted = (*changes.new, *changes.gone, *(sentence for pair in changes.changed for sentence in pair))
    return Task(
        mode=Mode.COMPARE,
        question=_wording(rng, "changes"),
        answer="\n".join(lines) or NO_DIFFERENCE,
        sentences=quoted,
        kind="changes",
    )


def summary(report: InventedReport) -> tuple[str, ...]:
    """What a short summary quotes: diagnoses, abnormal findings, why the patient came, the plan."""
    diagnosis = report.diagnosis[: _MOST["diagnosis"]]
    abnormal = report.abnormal[: _MOST["abnormal"] + (0 if diagnosis else 2)]
    reason = report.about("indication", "complaint", "illness")[: _MOST["reason"]]
    plan = report.plan[: _MOST["plan"]]
    chosen = (*diagnosis, *abnormal, *reason, *plan) or report.normal[:2]
    return tuple(dict.fromkeys(chosen)) or tuple(s.text for s in report.statements[:3])


def _task(mode: Mode, question: str, sentences: Sequence[str], kind: str, *, instead: str = NOT_STATED) -> Task:
    quoted = tuple(dict.fromkeys(sentences))
    return Task(mode=mode, question=question, answer="\n".join(quoted) or instead, sentences=quoted, kind=kind)


def _ask_section(report: InventedReport, rng: random.Random) -> Task:
    topic = rng.choice([topic for topic in _topics(report) if topic in _questions()])
    sentences = [s.text for s in report.statements if _is_about(report, s, topic)]
    return _task(Mode.QUESTION, _wording(rng, topic), sentences, "section")


def _topics(report: InventedReport) -> list[str]:
    return list(dict.fromkeys([*(s.topic for s in report.statements), *(section.topic for section in report.sections)]))


def _is_about(report: InventedReport, statement: Statement, topic: str) -> bool:
    """Vital signs are part of the examination where they stand in it."""
    return statement.topic == topic or (topic == "examination" and statement.topic == "vitals")


def _ask_part(report: InventedReport, rng: random.Random) -> Task | None:
    asked_in_words = {about for about in _abouts(report) if f"about {about}" in _questions()}
    parts = {s.about for s in report.statements if s.topic in _OBJECTIVE and s.about} - _UNASKED
    if not parts | asked_in_words:
        return None
    about = rng.choice(sorted(parts | asked_in_words))
    in_words = about in asked_in_words and (about not in parts or rng.random() < 0.5)
    question = _wording(rng, f"about {about}" if in_words else "part", about)
    # A drug of that name is no finding about it.
    topics = {s.topic for s in report.statements if s.about == about} - {"plan", "medications", "diagnosis"}
    said = [s.text for s in report.statements if s.about == about and s.topic in topics]
    return _task(Mode.QUESTION, question, said, "part") if said else None


def _abouts(report: InventedReport) -> set[str]:
    return {s.about for s in report.statements if s.topic not in ("plan", "medications", "diagnosis", "family")}


def _ask_value(report: InventedReport, rng: random.Random) -> Task | None:
    if not report.values:
        return None
    value = rng.choice(report.values)
    sentences = [other.sentence for other in report.values if other.name == value.name]
    return _task(Mode.QUESTION, _wording(rng, "value", _spoken(value.name)), sentences, "value")


def _ask_absent(report: InventedReport, rng: random.Random) -> Task | None:
    text = report.text.lower()
    topics = [t for t, trace in _TRACES.items() if t not in _topics(report) and not re.search(trace, text)]
    words = set(re.findall(r"[a-z0-9]+", text))
    absent = [
        names for names in laboratory_names() if not words & set(re.findall(r"[a-z0-9]+", " ".join(names).lower()))
    ]
    names = [rng.choice(written) for written in absent]
    said = {statement.about for statement in report.statements}
    parts = [part for part in _all_parts() if part not in said and not any(w[:5] in text for w in part.split())]
    questions = [_wording(rng, topic) for topic in topics[:3]]
    questions += [_wording(rng, "value", _spoken(name)) for name in rng.sample(names, min(2, len(names)))]
    questions += [_wording(rng, "part", part) for part in rng.sample(parts, min(1, len(parts)))]
    return _task(Mode.QUESTION, rng.choice(questions), (), "not stated") if questions else None


def _spoken(name: str) -> str:
    """As asked: `potassium`, but `CRP`."""
    return (
        name[0].lower() + name[1:]
        if name[1:2].islower() and not name.startswith(("HbA", "Hb", "Na", "Ca", "Mg"))
        else name
    )


def _wording(rng: random.Random, kind: str, about: str = "") -> str:
    question = rng.choice(_questions()[kind]).replace("{}", about)
    return (
        question[0].upper() + question[1:] if question[1:2].islower() and not question.startswith("tl;") else question
    )


@cache
def _all_parts() -> tuple[str, ...]:
    lines = [line for name in specialties() for line in load_specialty(name).normal]
    return tuple(sorted({line.about for line in lines if line.topic in _OBJECTIVE} - _UNASKED))


@cache
def _questions() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    kind = ""
    for line in (files("training.reports") / "questions.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            kind = line.strip("[] ")
        elif line and not line.startswith("#"):
            found.setdefault(kind, []).extend(wording.strip() for wording in line.split(" | "))
    return found
