"""Ways to falsify a true sentence, one kind at a time, and ways to reword it without changing what it says.

Each function returns the changed sentence, or `None` where the kind does not apply. The words used here are listed apart
from the tables of `assistant.grounding` on purpose.
"""

import re
from collections.abc import Callable, Mapping
from random import Random

Change = Callable[[str, Random], str | None]

_NUMBER = re.compile(r"(?<![\w./,-])\d{1,4}(?:\.\d+)?(?![\w./,-]*\d)(?!\s*[.)]\s)")
_DOSE = re.compile(r"(?<=\d)(\s?)(mg|mcg|cm|mm|ml|mL|kg|g|hours|days|weeks|months|years|percent|%)(?![\w/])")
_UNITS = {
    "mg": "mcg", "mcg": "mg", "cm": "mm", "mm": "cm", "ml": "L", "mL": "L", "kg": "g", "g": "mg", "hours": "days",
    "days": "weeks", "weeks": "months", "months": "years", "years": "months", "percent": "mg", "%": " mg",
}  # fmt: skip
_OPPOSITES = {
    "increased": "decreased", "decreased": "increased", "increase": "decrease", "elevated": "reduced", "improved": "worsened",
    "improving": "worsening", "worsening": "improving", "worsened": "improved", "upper": "lower", "lower": "upper",
    "anterior": "posterior", "posterior": "anterior", "medial": "lateral", "lateral": "medial", "proximal": "distal",
    "distal": "proximal", "mild": "severe", "severe": "mild", "acute": "chronic", "chronic": "acute", "normal": "abnormal",
    "benign": "malignant", "positive": "negative", "stable": "unstable", "high": "low", "superior": "inferior",
}  # fmt: skip
_TIMES = {
    "before": "after", "after": "before", "daily": "weekly", "morning": "evening", "yesterday": "today", "twice": "three times",
    "t.i.d.": "b.i.d.", "b.i.d.": "t.i.d.", "q.i.d.": "b.i.d.", "weekly": "daily", "bedtime": "breakfast", "monthly": "daily",
}  # fmt: skip
_DRUG_NAMES = (
    "lisinopril metoprolol aspirin warfarin metformin insulin prednisone amoxicillin ibuprofen atenolol simvastatin lasix "
    "furosemide coumadin plavix lipitor zocor norvasc amlodipine vicodin tylenol morphine levaquin cipro keflex ancef "
    "lidocaine marcaine fentanyl heparin lovenox synthroid prozac zoloft ativan xanax albuterol advair nexium prilosec "
    "protonix gabapentin neurontin topamax dilantin digoxin diltiazem hydrochlorothiazide vancomycin rocephin zofran "
    "epinephrine propofol versed demerol celebrex naproxen percocet"
)
_DRUGS = tuple(_DRUG_NAMES.split())
_DRUG = re.compile(rf"\b(?:{'|'.join(_DRUGS)})\b", re.I)
_NEGATION = re.compile(r"\b(?:no evidence of|denies any|denies|no|not|without)\s+(?=\w)", re.I)
_VERB = re.compile(r"\b(is|was|are|were|has|had)\s+(?!no\b|not\b|been\b|a\b|an\b|the\b)(?=[a-z])")
_SIDE = re.compile(r"\b(left|right)\b", re.I)


def change_number(sentence: str, random: Random) -> str | None:
    found = list(_NUMBER.finditer(sentence))
    if not found:
        return None
    match = random.choice(found)
    value = match.group()
    place = random.randrange(len(value.partition(".")[0]))
    digit = str((int(value[place]) + random.randint(1, 8)) % 9 + 1)
    changed = value[:place] + (digit if digit != value[place] else str(int(digit) % 9 + 1)) + value[place + 1 :]
    return sentence[: match.start()] + changed + sentence[match.end() :]


def swap_numbers(sentence: str, random: Random) -> str | None:
    """Two values of one sentence change places."""
    found = list(_NUMBER.finditer(sentence))
    if len(found) < 2 or found[0].group() == found[1].group():
        return None
    one, other = found[0], found[1]
    return (
        sentence[: one.start()]
        + other.group()
        + sentence[one.end() : other.start()]
        + one.group()
        + sentence[other.end() :]
    )


def change_unit(sentence: str, random: Random) -> str | None:
    match = _DOSE.search(sentence)
    return match and sentence[: match.start(2)] + _UNITS[match.group(2)] + sentence[match.end(2) :]


def change_side(sentence: str, random: Random) -> str | None:
    match = _SIDE.search(sentence)
    return match and sentence[: match.start()] + _other_side(match.group()) + sentence[match.end() :]


def _other_side(side: str) -> str:
    other = "right" if side.lower() == "left" else "left"
    return other.upper() if side.isupper() else other.capitalize() if side[0].isupper() else other


def swap_sides(sentence: str, random: Random) -> str | None:
    """Left becomes right and right becomes left, in a sentence that has both."""
    found = {match.group().lower() for match in _SIDE.finditer(sentence)}
    return _SIDE.sub(lambda match: _other_side(match.group()), sentence) if len(found) == 2 else None


def drop_negation(sentence: str, random: Random) -> str | None:
    match = _NEGATION.search(sentence)
    if match is None or (following := sentence[match.end() :]).lower().startswith(("significant change", "change")):
        return None
    stand_in = "has " if match.group().lower().startswith("den") else ""
    return (sentence[: match.start()] + stand_in + following).strip()


def add_negation(sentence: str, random: Random) -> str | None:
    if _NEGATION.search(sentence):
        return None
    match = _VERB.search(sentence)
    if match is None:
        return None
    word = "no " if match.group(1) in ("has", "had") else "not "
    return sentence[: match.end()] + word + sentence[match.end() :]


def swap_drug(sentence: str, random: Random) -> str | None:
    match = _DRUG.search(sentence)
    if match is None:
        return None
    other = random.choice([drug for drug in _DRUGS if drug != match.group().lower()])
    return (
        sentence[: match.start()]
        + (other.capitalize() if match.group()[0].isupper() else other)
        + sentence[match.end() :]
    )


def _replace(sentence: str, table: Mapping[str, str]) -> str | None:
    words = "|".join(re.escape(word) for word in table)
    match = re.search(rf"(?<![\w-])(?:{words})(?![\w-])", sentence)
    return match and sentence[: match.start()] + table[match.group()] + sentence[match.end() :]


def say_opposite(sentence: str, random: Random) -> str | None:
    return _replace(sentence, _OPPOSITES)


def change_time(sentence: str, random: Random) -> str | None:
    return _replace(sentence, _TIMES)


CORRUPTIONS: dict[str, Change] = {
    "a number changed": change_number,
    "two numbers swapped": swap_numbers,
    "a unit changed": change_unit,
    "left for right": change_side,
    "left and right swapped": swap_sides,
    "a negation dropped": drop_negation,
    "a negation added": add_negation,
    "another drug": swap_drug,
    "the opposite word": say_opposite,
    "another time": change_time,
}

_SMALL_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve"
_SMALL = tuple(_SMALL_NUMBERS.split())
_PHRASES = (
    ("blood pressure", "BP"), ("shortness of breath", "dyspnea"), ("hypertension", "high blood pressure"),
    ("twice a day", "b.i.d."), ("emergency department", "ER"), ("emergency room", "ED"), ("physical examination", "examination"),
    ("heart rate", "pulse"), ("white blood cell count", "WBC"), ("x-ray", "radiograph"), ("kidney", "renal"),
    ("because of", "due to"), ("comes to", "presents to"), ("was brought to", "was taken to"), (" is a ", " was a "),
    ("reveals", "shows"), ("shows", "demonstrates"), ("was noted to have", "had"), ("underwent", "had"),
    ("medications", "drugs"), ("myocardial infarction", "heart attack"), ("surgical", "operative"), ("removed", "taken out"),
)  # fmt: skip


def reword(sentence: str, random: Random) -> str | None:
    """Say the same with other words: abbreviations, small numbers in letters, glued units, `The patient` for a pronoun,
    another order of two clauses. `None` if nothing could be changed."""
    changed = sentence
    for one, other in _PHRASES:
        changed = changed.replace(one, other, 1) if one in changed else changed
    changed = re.sub(r"(?<![\w.,/-])([2-9]|1[0-2])(?= (?:days|weeks|months|years|times|hours)\b)", _in_letters, changed)
    changed = re.sub(r"(?<=\d) (?=(?:mg|cm|mm|mL|ml)\b)", "", changed)
    changed = re.sub(r"^(?:He|She) (?=[a-z])", "The patient ", changed)
    changed = re.sub(r"^(?:The|A|An) (?!patient)", "", changed)
    head, comma, tail = changed.rstrip(". ").partition(", and ")
    if comma and len(tail) > 12 and "," not in head and not re.search(r"\b(?:no|not|denies|without)\b", head + tail):
        changed = f"{tail[0].upper()}{tail[1:]}, and {head[0].lower()}{head[1:]}."
    return changed if changed != sentence else None


def _in_letters(match: re.Match[str]) -> str:
    return _SMALL[int(match.group())]
