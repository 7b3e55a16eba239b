"""What a report says, before anybody decided how it looks: conditions → sentences by topic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.reports.catalogue import Condition, LineTemplate, Pool, Specialty
from training.reports.chance import Chance
from training.reports.identities import Identity
from training.reports.measures import VITALS, Form, measure, word_values
from training.reports.schema import Role, Statement, Value
from training.reports.slots import Scope
from training.reports.styles import Style, restyle

_OBJECTIVE = frozenset({"examination", "findings", "operative", "gross", "microscopic", "results"})
_ONCE = frozenset({"indication", "complaint", "comparison", "technique"})
"""Topics where a second sentence about the same would contradict the first."""
_LEFT_OUT = (0.05, 0.2, 0.35, 0.55)
"""Share of the normal sentences that a report does without: some authors say little."""


@dataclass(frozen=True, slots=True)
class Draft:
    statements: Mapping[str, Sequence[Statement]]
    values: Sequence[Value]
    form: Form
    """How the laboratory values are set."""
    conditions: tuple[str, ...]


def draft_report(
    specialty: Specialty, conditions: Sequence[str], *, identity: Identity, patient: Chance, visit: Chance, style: Style
) -> Draft:
    """Say what `conditions` make of this patient. `patient` decides words and habits, `visit` numbers."""
    scope = Scope(patient, visit, specialty.slots, _pronouns(identity))
    present = [specialty.conditions[name] for name in conditions]
    by_topic: dict[str, list[Statement]] = {}

    def say(line: LineTemplate, objective: Role) -> None:
        role = objective if line.topic in _OBJECTIVE and not line.plain else Role.PLAIN
        text = restyle(scope.fill(patient.pick(line.key, line.wordings), line.key), style)
        statement = Statement(text=text, topic=line.topic, about=line.about, role=role, key=line.key)
        said = by_topic.setdefault(line.topic, [])
        once = line.topic in _ONCE and any(line.about == other.about for other in said)
        if not once and all(text != other.text for other in said):
            said.append(statement)

    for condition in present:
        for line in condition.lines:
            if not (line.optional and patient.happens(f"optional {line.key}", 0.5)):
                say(line, Role.ABNORMAL)
    if not present:
        for line in specialty.healthy:
            say(line, Role.NORMAL)
    said_by_conditions = {topic: {s.about for s in said} for topic, said in by_topic.items()}
    leave_out = patient.pick("leave out", _LEFT_OUT)
    for line in specialty.normal:
        taken = said_by_conditions.get(line.topic, set())
        share = 0.6 if line.optional else leave_out
        if line.about not in taken and not patient.happens(f"leave out {line.key}", share):
            say(line, Role.NORMAL)
    for pool in specialty.pools.values():
        if any(pool.topic in order.split() for order in specialty.settings["orders"]):
            for line in _drawn(pool, patient):
                say(line, Role.PLAIN)
    for topic, said in by_topic.items():
        if topic in _OBJECTIVE:
            order = {line.about: place for place, line in enumerate(specialty.normal) if line.topic == topic}
            said.sort(key=lambda statement: order.get(statement.about, -1))
    values, form = _add_values(by_topic, specialty, present, patient, visit)
    return Draft(by_topic, values, form, tuple(conditions))


def _pronouns(identity: Identity) -> dict[str, str]:
    woman = identity.woman
    child = identity.age < 16
    return {
        "he": "she" if woman else "he", "He": "She" if woman else "He", "his": "her" if woman else "his",
        "His": "Her" if woman else "His", "him": "her" if woman else "him",
        "man": ("girl" if woman else "boy") if child else "woman" if woman else "man",
        "age": str(identity.age), "patient": "⟦patient_titled⟧", "doctor": "⟦doctor⟧", "earlier": "⟦earlier⟧",
        "next": "⟦next⟧", "today": "⟦today⟧", "hospital": "⟦hospital⟧", "relative": "⟦relative⟧", "phone": "⟦phone⟧",
    }  # fmt: skip


def _drawn(pool: Pool, patient: Chance) -> list[LineTemplate]:
    count = pool.least + patient.below(f"pool {pool.topic}", pool.most - pool.least + 1)
    return patient.sample(f"pool {pool.topic}", pool.lines, count)


def _add_values(
    by_topic: dict[str, list[Statement]],
    specialty: Specialty,
    present: Sequence[Condition],
    patient: Chance,
    visit: Chance,
) -> tuple[list[Value], Form]:
    directions: dict[str, str] = {}
    for condition in present:
        for name, direction in condition.values.items():
            directions.setdefault(name.replace("_", " "), direction)
    panel = [name.strip() for name in specialty.settings.get("panel", ("",))[0].split(",") if name.strip()]
    names = [name for name in panel if name in directions or patient.happens(f"measured {name}", 0.6)]
    names += [name for name in directions if name not in names and (name not in VITALS or panel)]
    form = patient.pick("form of values", list(Form))
    ranges, flags = patient.happens("ranges", 0.6), patient.happens("flags", 0.4)
    values: list[Value] = []
    for topic, wanted in (("vitals", True), ("results", False)):
        drawn = [
            measure(name, directions.get(name, ""), words=patient, numbers=visit)
            for name in names
            if (name in VITALS) is wanted
        ]
        how = form if not wanted else patient.pick("form of vitals", (Form.SENTENCES, Form.RUN, Form.LINES))
        statements, found = word_values(
            drawn, how, topic=topic, chance=patient, ranges=ranges and not wanted, flags=flags and not wanted
        )
        values += found
        target = by_topic.setdefault("examination" if wanted else "results", [])
        target[:0] = statements
    return values, form
