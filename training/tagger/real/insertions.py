"""Names, dates and numbers put into real prose where a clinician might have written them.

A rule is a pattern, what may stand in its place, and how often. Rules read only what stands outside slots.
"""

import random
import re
from collections.abc import Sequence

_SLOTS = re.compile(r"(\{[\w.]+\})")

_KIN = "wife|husband|mother|father|daughter|son|brother|sister|aunt|uncle|partner|grandmother|grandfather|girlfriend|boyfriend|fiancee|roommate|mom|dad|grandson|niece|nephew"
_CLINICIANS = (
    "primary care (?:physician|provider|doctor)|primary (?:physician|doctor)|family (?:doctor|physician)|PCP|cardiologist|oncologist|neurologist|urologist|psychiatrist|"
    "dermatologist|pediatrician|gastroenterologist|nephrologist|surgeon|neurosurgeon|orthopedist|ophthalmologist|pulmonologist|rheumatologist|endocrinologist|"
    "attending|hospitalist|therapist|psychologist|GP|obstetrician|anesthesiologist|radiologist|pathologist|nurse practitioner"
)
_STUDIES = (
    "MRI|CT(?: scan)?|CAT scan|x-ray|ultrasound|echocardiogram|colonoscopy|mammogram|EKG|ECG|EEG|biopsy|catheterization|PET scan|bone scan|chest film|"
    "urinalysis|Pap smear|stress test|surgery|operation|admission|visit|labs|follow-up|followup|appointment|accident|injury|fall"
)

_RULES: tuple[tuple[str, float, tuple[str, ...]], ...] = (
    # Who the text is about
    (
        r"(?:^|(?<=[.:] )|(?<=\.  )|(?<=\n))(?:This is an?|The patient is an?|Patient is an?|An?) (?=\d{1,2}[- ]?(?:year|yr|y)|pleasant|very pleasant)",
        0.6,
        ("{patient} is a ", "{patient.full} is a ", "Mr. {patient.surname} is a ", "Ms. {patient.surname} is a ", "{patient.full}, a ", "Pt {patient.listed} is a ", "Patient {patient.initials} is a "),
    ),
    (
        r"(?:^|(?<=[.:] )|(?<=\.  )|(?<=\n))The patient(?= [a-z])",
        0.4,
        (
            "{patient}", "{patient.full}", "Mr. {patient.surname}", "Ms. {patient.surname}", "Mrs. {patient.surname}", "{patient.given}", "{patient.surname}", "Pt {patient.given}", "{patient.initials}",
            "The patient, {patient.full},", "The patient ({patient.initials})", "Patient {patient.surname}", "{patient.nick}", "{patient.initial}",
        ),
    ),
    (r"\bthe patient\b(?! (?:who|that|was (?:then|placed)))", 0.22, ("{patient.given}", "Mr. {patient.surname}", "Ms. {patient.surname}", "{patient.full}", "{patient.initials}", "Mrs {patient.surname}")),
    (r"(?:^|(?<=\. )|(?<=\.  ))(?:She|He) (?=(?:is|was|has|had|denies|reports|states|presents|returns|takes|lives)\b)", 0.18, ("{patient.given} ", "{patient.surname} ", "Mr. {patient.surname} ", "Ms. {patient.surname} ")),
    # Relatives and clinicians
    (rf"\b([Hh]is|[Hh]er|[Tt]heir|[Mm]y) ({_KIN})\b(?!['’-])", 0.4, (r"\1 \2 {relative.given}", r"\1 \2, {relative.full},", r"\1 \2 {relative.full}", r"\1 \2 ({relative.given}, {phone})", r"\1 \2 {relative.nick}", r"\1 \2 Mrs. {relative.surname}")),
    (rf"\b(the|his|her|their|my|your) ({_CLINICIANS})\b(?![-'’s])", 0.4, (r"\1 \2, Dr. {doctor.surname},", r"\1 \2 Dr. {doctor.surname}", r"\1 \2, {doctor.full}", r"\1 \2 ({doctor.full})", "Dr. {doctor.surname}", "Dr {doctor.full}", r"\1 \2, Dr. {doctor.full} of {practice},", r"\1 \2 {doctor.given} {doctor.surname}")),
    (r"\b(nurse|social worker|case manager|interpreter|physical therapist|resident|technician)\b(?=[.,;]| (?:was|is|will|called|at|who|and|has)\b)", 0.3, (r"\1 {nurse.given}", r"\1 {nurse.full}", r"\1, {nurse.initial},")),
    (r"\b(was|were) (seen|evaluated|examined|referred|discharged|consulted|contacted|notified)\b", 0.2, (r"\1 \2 by Dr. {doctor.surname}", r"\1 \2 on {date}", r"\1 \2 by {doctor.full}", r"\1 \2 on {date} by Dr. {doctor.full}", r"\1 \2 by {nurse.given}")),
    (r"\b([Dd]iscussed|[Rr]eviewed|[Ee]xplained|[Ss]poke) (with|to)\b", 0.25, (r"\1 \2 {doctor.full} and", r"\1 \2 {relative.given} and", r"\1 \2 Dr. {doctor.surname} and")),
    # Places
    (r"\bwas (admitted|transferred|taken|brought)\b(?! to)", 0.35, (r"was \1 to {hospital} on {date}", r"was \1 on {date}", r"was \1 to {hospital}", r"was \1 from {town}")),
    (r"\bto the (hospital|emergency (?:room|department)|ER|ED|clinic)\b", 0.3, (r"to {hospital}", r"to the \1 at {hospital}", r"to the {hospital} \1", r"to the \1 on {date}", r"to the \1 in {town}")),
    (r"\b(?:an|the) outside (?:hospital|facility)\b|\banother hospital\b|\bthe nursing home\b", 0.5, ("{hospital}", "{hospital} in {town}", "{practice}")),
    (r"\b(lives|resides|living|lived)\b(?= (?:alone|with|at home|by|independently))", 0.5, (r"\1 in {town}", r"\1 at {address.line}", r"\1 at {street}", r"\1 in {quarter}", r"\1 in {town}, {state},")),
    (r"\b(works|worked|working|employed|retired) as (an?|the) (\w+)\b(?=[.,;]| (?:and|who|but|at|in|for|until|since)\b)", 0.5, (r"\1 as \2 \3 at {employer}", r"\1 as \2 \3 for {employer} in {town}", r"\1 as \2 \3 in {town}")),
    (r"\b([Tt]raveled|[Tt]ravelled|[Mm]oved|[Tt]ravel|recent trip|was born|grew up)\b(?! (?:to|in|from))", 0.4, (r"\1 to {country}", r"\1 to {town}", r"\1 from {state}")),
    # Time
    (rf"\b({_STUDIES})\b(?![-'’]|s\b| (?:of|on|from|dated|\{{))", 0.15, (r"\1 of {date}", r"\1 on {date}", r"\1 ({date.numeric})", r"\1 from {date}", r"\1 dated {date}", r"\1 in {date.partial}", r"\1 at {hospital}")),
    (r"\b(days|weeks|months|years) ago\b", 0.2, (r"\1 ago, on {date},", r"\1 ago ({date})", r"\1 ago in {date.partial}", r"\1 ago at {hospital}")),
    (r"\b(?:yesterday|last week|last month|last year|earlier this week|this morning)\b", 0.35, ("on {date}", "{date.numeric}", "in {date.partial}", "on {date} at {time}", "since {date}")),
    (r"\b(today|tomorrow)\b(?!['’])", 0.15, (r"\1, {date},", r"\1 ({date})", "on {date}")),
    (r"\b(in|since) (?:19|20)\d\d\b", 0.4, (r"\1 {date.partial}", r"\1 {date}", r"\1 {date.written}")),
    (r"\b([Ff]ollow(?: |-)?up|[Rr]eturn|[Ss]cheduled|[Rr]echeck)\b(?= (?:in|with|for|to)\b)", 0.2, (r"\1 on {date}", r"\1 with Dr. {doctor.surname}", r"\1 at {practice}")),
    # Numbers
    (r"\b([Cc]all|[Cc]ontact|[Pp]hone) (the office|the clinic|us|your doctor|me)\b", 0.6, (r"\1 \2 at {phone}", r"\1 \2 ({phone})", r"\1 {doctor.full} at {phone}", r"\1 {practice}")),
    (r"\b(pacemaker|implant|prosthesis|stent|mesh|intraocular lens|defibrillator)\b(?!s)", 0.1, (r"\1 (serial {serial})", r"\1, S/N {serial},", r"\1 by {employer}")),
    (r"\b(specimen|sample)\b(?!s)", 0.1, (r"\1 {accession}", r"\1 ({accession})")),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern), share, replacements) for pattern, share, replacements in _RULES)

_SENTENCES = (
    "Discussed with {relative.given} by phone ({phone}).", "Seen with Dr. {doctor2.surname}.", "{patient.given} agrees with the plan.", "Results were faxed to {practice} at {fax}.",
    "{nurse.given} will call on {date}.", "Next visit {date}.", "Transferred from {hospital} on {date}.", "He is followed by Dr. {doctor.surname} at {practice}.", "Her MRN is {mrn}.",
    "Last seen {date}.", "MRN {mrn}.", "Contact is {relative.full}, {kin}, {phone}.", "The family, {relative.given} and {relative2.given}, was at the bedside.", "Records from {hospital} were reviewed.",
    "Consent was obtained from {patient.full}.", "Case discussed with {doctor.full} and {doctor2.full}.", "Lives at {address.line}.", "Insurance: {insurer}, {plan}.", "Interpreter {other.full} assisted.",
    "{patient.surname} will be moved to {room}.", "Spoke with {doctor2.full}, who knows {patient.given} well.", "Case no. {id}.", "Originally from {town}, {country}.", "Works at {employer}.",
    "Mr. {patient.surname} thanked the staff.", "Admitted {date}, discharged {date}.", "Date of birth {date}.", "Pharmacy: {practice}, {phone}.", "{doctor.surname} aware.", "d/w {doctor.surname}, {date}",
)  # fmt: skip
_HEADERS = (
    "{patient.listed}  MRN {mrn}  DOB {date.numeric}", "Patient: {patient}\nDOB: {date}\nDate: {date}", "RE: {patient.full}\nDOB: {date.numeric}", "NAME: {patient.listed}   MR#: {mrn}",
    "{hospital.full}\n{patient.listed}\n{date.numeric}", "Dear Dr. {doctor.surname},\n\nRe: {patient.full}, born {date}", "Dear {doctor.given},\nThank you for referring {patient.full}.", "Date of service: {date}",
    "ATTENDING: {doctor.full}, MD", "{date} {time}", "Patient Name: {patient.full}\nReferring: {doctor.full}, {practice}", "{patient.initials}, {age}", "{date.numeric} - {doctor.initials}", "{town}, {date}",
    "From: {nurse.full}\nTo: {doctor.full}\nRe: {patient.surname}", "Visit {account}  {patient.upper}  {room}", "Surgeon: {doctor.full}\nDate of operation: {date}", "Question about {patient.full}:",
)  # fmt: skip
_SIGNATURES = (
    "{doctor.full}, MD", "Electronically signed by {doctor.full}, MD, {date.numeric} {time}", "Dr. {doctor.surname}", "{doctor.initials}/{other.initials}  D: {date.numeric}  T: {date.numeric}",
    "cc: {doctor2.full}, MD; {practice}", "Sincerely,\n{doctor.full}, M.D.\n{hospital}", "-- {nurse.given}, RN", "Dictated by {doctor.full}, {date}", "{doctor.full}\n{practice}\n{address.lines}\n{phone}",
    "Thanks, {doctor.given}", "Signed: {doctor.initial}", "Reviewed {date}, {doctor.surname}", "{nurse.initials} {date.numeric} {time}", "Thank you\n{other.full}, {town}",
)  # fmt: skip


def with_identifiers(template: str, rng: random.Random) -> str:
    """The template with slots put into its prose by the rules, each place by its own chance."""
    for pattern, share, replacements in _COMPILED:
        pieces = _SLOTS.split(template)
        pieces[::2] = [_applied(pattern, share, replacements, piece, rng) for piece in pieces[::2]]
        template = "".join(pieces)
    return template


def framed(sentences: Sequence[str], rng: random.Random) -> list[str]:
    """The sentences with a further one among them, a header before and a signature behind, each now and then."""
    lines = list(sentences)
    if rng.random() < 0.4:
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(_SENTENCES))
    if rng.random() < 0.25:
        lines.insert(0, rng.choice(_HEADERS) + "\n")
    if rng.random() < 0.2:
        lines.append("\n" + rng.choice(_SIGNATURES))
    return lines


def _applied(
    pattern: re.Pattern[str], share: float, replacements: tuple[str, ...], piece: str, rng: random.Random
) -> str:
    return pattern.sub(
        lambda found: found.expand(rng.choice(replacements)) if rng.random() < share else found[0], piece
    )
