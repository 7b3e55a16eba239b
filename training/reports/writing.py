"""Invented reports, alone and in pairs of one patient. Needs nothing but the standard library and our own reading."""

import random
from collections.abc import Sequence
from dataclasses import replace

from training.reports.catalogue import Specialty, load_specialty, specialties
from training.reports.chance import Chance, Later
from training.reports.drafting import Draft, draft_report
from training.reports.identities import Identity
from training.reports.layouts import LAYOUTS, MERGED, Layout, lay_out
from training.reports.schema import Changes, InventedReport, InventedSection, Role, Statement
from training.reports.styles import Style

_STYLES = (Style.FULL, Style.FULL, Style.FULL, Style.TELEGRAM, Style.TELEGRAM, Style.SHORT, Style.BOTH)
_NEVER_MISSING = frozenset({"findings", "diagnosis", "results", "examination", "operative", "microscopic"})
_COMPARED = frozenset({"diagnosis", "findings", "results", "examination", "vitals", "medications", "plan"})
_MISSING = 0.15
"""Share of the other sections that a report does without."""


def write_report(
    rng: random.Random, *, specialty: str | None = None, identifiers: bool = False, layout: str | None = None
) -> InventedReport:
    """Invent a report. The same state of `rng` gives the same report, with identifiers or with placeholders for them.

    `specialty` and `layout` are drawn where they are not given (`catalogue.specialties`, `layouts.LAYOUTS`).
    """
    chosen = load_specialty(specialty or rng.choice(specialties()))
    patient = Chance(rng.getrandbits(48))
    conditions = _conditions(rng, chosen)
    looks = _layout(rng, layout)
    return _write(chosen, conditions, patient, patient, looks, visit_number=0, shown=identifiers)[0]


def write_pair(
    rng: random.Random, *, specialty: str | None = None, identifiers: bool = False
) -> tuple[InventedReport, InventedReport, Changes]:
    """Invent two reports of one patient: the earlier, the later, and what differs."""
    chosen = load_specialty(specialty or rng.choice(specialties()))
    patient = Chance(rng.getrandbits(48))
    visit = Later(rng.getrandbits(48), patient)
    before = _conditions(rng, chosen)
    kept = [name for name in before if rng.random() < 0.6]
    fresh = [name for name in chosen.conditions if name not in before]
    after = kept + rng.sample(fresh, min(len(fresh), rng.choice((0, 1, 1, 2)) if kept else 1))
    looks = _layout(rng, None)
    earlier, first = _write(chosen, before, patient, patient, looks, visit_number=0, shown=identifiers)
    if rng.random() < 0.3:
        looks = _layout(rng, None)
    later, second = _write(chosen, after, patient, visit, looks, visit_number=1, shown=identifiers)
    return earlier, later, _changes(first, second)


def _conditions(rng: random.Random, specialty: Specialty) -> list[str]:
    count = min(rng.choice((0, 1, 1, 1, 2, 2, 3)), len(specialty.conditions))
    return rng.sample(list(specialty.conditions), count or (0 if specialty.healthy else 1))


def _layout(rng: random.Random, name: str | None) -> Layout:
    return rng.choice([layout for layout in LAYOUTS if name in (None, layout.name)])


def _write(
    specialty: Specialty,
    conditions: Sequence[str],
    patient: Chance,
    visit: Chance,
    layout: Layout,
    *,
    visit_number: int,
    shown: bool,
) -> tuple[InventedReport, list[Statement]]:
    identity = _identity(specialty, patient, visit_number, shown)
    style = patient.pick("style", _STYLES)
    draft = draft_report(specialty, conditions, identity=identity, patient=patient, visit=visit, style=style)
    stops = style in (Style.FULL, Style.SHORT) or patient.happens("stops", 0.4)
    sections = _ordered(specialty, draft, patient)
    body, marked = lay_out(sections, layout, chance=patient, form=draft.form, stops=stops)
    headed = layout.gap != " "
    text = identity.resolve(f"{_head(specialty, patient)}{body}{_foot(patient)}" if headed else body)
    # After the text, so that placeholders are numbered as they appear in it.
    written = tuple(_resolved(section, identity) for section in marked)
    statements = [statement for section in written for statement in section.statements]
    texts = {statement.key: statement.text for statement in statements}
    plain = {s.text: texts[s.key] for group in draft.statements.values() for s in group if s.key in texts}
    values = tuple(replace(v, sentence=plain[v.sentence]) for v in draft.values if v.sentence in plain)
    report = InventedReport(
        text=text,
        specialty=specialty.name,
        layout=layout.name,
        style=style.value,
        patient=identity.name if shown else None,
        sections=written,
        values=values,
    )
    return report, statements


def _resolved(section: InventedSection, identity: Identity) -> InventedSection:
    return replace(section, statements=tuple(replace(s, text=identity.resolve(s.text)) for s in section.statements))


def _identity(specialty: Specialty, patient: Chance, visit: int, shown: bool) -> Identity:
    youngest, _, oldest = specialty.settings.get("ages", ("24-88",))[0].partition("-")
    return Identity(
        chance=patient,
        woman=patient.happens("woman", 0.5),
        age=int(youngest) + patient.below("age", int(oldest) - int(youngest) + 1),
        visit=visit,
        shown=shown,
    )


def _ordered(specialty: Specialty, draft: Draft, patient: Chance) -> list[tuple[str, Sequence[Statement]]]:
    topics = patient.pick("order", specialty.settings["orders"]).split()
    merged = "diagnosis" in topics and "plan" in topics and patient.happens("merged", 0.12)
    sections: list[tuple[str, Sequence[Statement]]] = []
    for topic in topics:
        statements = draft.statements.get(topic, ())
        if topic not in _NEVER_MISSING and patient.happens(f"missing {topic}", _MISSING):
            continue
        if merged and topic == "diagnosis":
            topic, statements = MERGED, (*statements, *draft.statements.get("plan", ()))
        elif merged and topic == "plan":
            continue
        if statements:
            sections.append((topic, statements))
    return sections


def _head(specialty: Specialty, patient: Chance) -> str:
    if patient.happens("no head", 0.25):
        return ""
    title = patient.pick("title", specialty.settings["title"])
    fields = patient.pick(
        "fields",
        (
            "Patient: ⟦patient⟧        MRN: ⟦mrn⟧\nDate: ⟦today⟧",
            "Name: ⟦patient⟧\nMRN: ⟦mrn⟧\nDate of birth: ⟦birth⟧\nDate of visit: ⟦today⟧",
            "Patient: ⟦patient⟧\nDate of birth: ⟦birth⟧\nPhone: ⟦phone⟧\nPhysician: ⟦doctor⟧",
            "⟦hospital⟧, ⟦town⟧\nPatient: ⟦patient⟧   Record: ⟦mrn⟧   Date: ⟦today⟧",
            "Date of service: ⟦today⟧",
        ),
    )
    return f"{title}\n\n" if patient.happens("title only", 0.2) else f"{title}\n\n{fields}\n\n"


def _foot(patient: Chance) -> str:
    if patient.happens("no foot", 0.6):
        return ""
    return "\n\n" + patient.pick(
        "foot", ("Signed: ⟦doctor⟧", "Electronically signed by ⟦doctor⟧ on ⟦today⟧", "Dictated by ⟦doctor⟧")
    )


def _changes(before: Sequence[Statement], after: Sequence[Statement]) -> Changes:
    old = {statement.key: statement for statement in before if statement.topic in _COMPARED}
    new = {statement.key: statement for statement in after if statement.topic in _COMPARED}
    pairs = [(statement, old[key]) for key, statement in new.items() if key in old]
    fresh = [statement for key, statement in new.items() if key not in old]
    gone = [statement for key, statement in old.items() if key not in new]
    for statement in list(fresh):
        same = next((other for other in gone if _same_matter(statement, other)), None)
        if same:  # the heart was normal and now has a murmur
            fresh.remove(statement)
            gone.remove(same)
            pairs.append((statement, same))
    return Changes(
        new=tuple(s.text for s in fresh if s.role is not Role.NORMAL),
        gone=tuple(s.text for s in gone if s.role is not Role.NORMAL),
        changed=tuple(
            (now.text, was.text)
            for now, was in pairs
            if now.text != was.text and not (now.role is Role.NORMAL and was.role is Role.NORMAL)
        ),
    )


def _same_matter(one: Statement, other: Statement) -> bool:
    """They speak of the same part, or list a value of the same quantity."""
    if one.topic != other.topic:
        return False
    measured = [set(statement.key.partition("/")[2].split("+")) for statement in (one, other)]
    return (one.about == other.about != "") or (one.topic in ("results", "vitals") and bool(measured[0] & measured[1]))
