"""The clinical language that grounding knows: small tables of our own, read once when the first answer is checked.

Two words that mean the same share a key (`hypertension`, `high blood pressure`, `HTN`); words that exclude each other
share a group (`left`, `right`). The tables are short on purpose: a word that is missing here costs a sentence its mark of
support, never gives one.
"""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from assistant.grounding.stems import stem

_EXCLUSIVE = """
side: left | right | bilateral
level: upper | lower | superior | inferior
face: anterior | posterior
depth: medial | lateral
reach: proximal | distal
change: increase | decrease
course: improve | worsen
switch: start | stop
severity: mild | moderate | severe
pace: acute | chronic
finding: normal | abnormal
result: positive | negative
growth: benign | malignant
when: before | after
day: today | yesterday | tomorrow
daytime: morning | afternoon | evening
rhythm: qd | bid | tid | qid | weekly | monthly | hourly
route: po | iv | im | sc | topical | rectal
sex: male | female
kin: father | mother | brother | sister | son | daughter | wife | husband | aunt | uncle
stability: stable | unstable
amount: more | less
tilt: hyper | hypo
tone: tachycardia | bradycardia
pressure: htn | hypotension
presence: present | absent
agreement: agree | refuse
entry: admitted | discharged
"""
"""Words that exclude each other. A member that the source lacks while it has another one is a contradiction."""

GROUP_REASONS = {
    "side": "side differs",
    "level": "the place differs",
    "face": "the place differs",
    "depth": "the place differs",
    "reach": "the place differs",
    "change": "the direction of change differs",
    "course": "the direction of change differs",
    "severity": "the severity differs",
    "when": "the time differs",
    "day": "the time differs",
    "daytime": "the time differs",
    "pace": "the time differs",
    "rhythm": "how often differs",
    "route": "the route differs",
    "sex": "another person is meant",
    "kin": "another person is meant",
}
"""What is told to people; groups that are not named here say `OPPOSITE`."""
OPPOSITE = "the source says the opposite"


def words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP = words_of("""th st nd rd patient patients a an the and or of in on at to for from by with as is are was were be been being am it its this that these those
    he she they his her hers their theirs him them we i you my your our me us who whom whose which what where there here
    has have had having do does did done will would shall should can could may might must if then than so such into onto
    about around over under up down out off while during when whenever since until till also too very just only
    still again both each every any some all other another own more most much many few several lot lots bit well
    yes yeah yep okay ok um uh oh hm hmm mm ah hi hello thanks thank please sure right-away sir s t re ve ll d m
    s/p w per via upon within between among through throughout because due however but although though thus therefore
    not no nor without never neither none denies denied deny denying nope nothing n't
    really actually currently now then today's mr mrs ms miss mister dr one ones thing things way get got gets getting go
    going goes went come comes came let lets see even though ever""")
"""Words that state nothing by themselves."""

SOFT = words_of("""pt well same feel feels felt feeling feelings know think year old month age aged history past medical present presents presented presenting presentation
    report reports reported state states stated say says said tell tells told note notes noted show shows showed shown reveal
    reveals revealed demonstrate demonstrates demonstrated indicate indicates indicated find finds found finding findings
    see seen examine examined exam examination evaluate evaluated evaluation assess assessed assessment complain complains
    complained complaining complaint complaints describe describes described mention mentions mentioned include includes
    included including involve involves involving involved consist consistent suggest suggests suggestive suggested
    evidence significant significantly remarkable unremarkable appear appears appeared seem seems seemed visit visits
    office clinic today time times day days week weeks month months year years hour hours minute minutes ago prior previous
    previously recent recently new current currently additional further associated association related relation
    regarding concern concerns concerned problem problems issue issues condition conditions symptom symptoms sign signs
    sided side area region site level perform performs performed obtain obtained undergo undergoes underwent undergone
    receive receives received give gives given take takes taking took taken use uses used using need needs needed want wants
    require requires required make makes made made plan plans planned recommend recommends recommended recommendation advise
    advises advised instruct instructs instructed discuss discussed discussion continue continues continued follow follows
    followed following return returns returned help helps helped able unable known unknown likely possible possibly probable
    probably possibility suspect suspected suspicion diagnose diagnosed diagnosis impression conclusion summary
    multiple various certain different general generally otherwise well good great fine
    section review reviewed system systems test tests tested testing lab labs laboratory study studies result results
    measure measured value values range document documented documentation record records add added addition
    experience experiences experienced experiencing develop develops developed occur occurs occurred start starts started
    begin began begun bring brings brought keep keeps kept put puts go goes first second third last next
    male female man woman gentleman lady person people individual family member members negative positive status post
    remain remains remained become becomes became consider considered considering treat treated treatment therapy
    manage management managed care provide provides provided specific specifically approximately about almost nearly
    name named call called list listed contain contains stated statement mainly primarily overall
    answer question source sources information available data detail details according based""")
"""Words of reporting and of everyday use. Their absence from the source is weak evidence."""

NEGATIONS = words_of("""unable inability no not without denies denied deny denying never neither nor cannot n't non absence lack lacks lacking nope
    fails failed nothing none neg""")
NEGATIVE_WORDS = {"afebrile": "fever", "asymptomatic": "symptom", "painless": "pain", "nonsmoker": "smoke"}
"""Words that hold their own negation, and what they negate; `non…` is taken apart likewise."""
SCOPE_ENDS = words_of(
    "but however except although though yet which who whom because while whereas until apart besides due secondary owing"
)
FINITE_VERBS = words_of("""is are was were has had have states stated reports reported does did presents presented complains complained notes
    noted admits admitted shows showed reveals revealed takes took uses used feels felt will appears appeared remains lives
    smokes drinks works continues continued developed underwent received""")
BACKWARD_NEGATIONS = words_of("no none negative absent denied denies nil n neg never nope")
AFTER_NOT = words_of("present seen identified noted found observed detected evident appreciated visualized")

_SMALL_NUMBERS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMBER_WORDS = {word: value for value, word in enumerate(_SMALL_NUMBERS.split())} | {
    word: 10 * value for value, word in enumerate(_TENS.split(), start=2)
}
_ORDINALS = "fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
NUMBER_WORDS |= {word: value for value, word in enumerate(_ORDINALS.split(), start=4)}
NUMBER_WORDS |= {f"{word[:-1]}ies": value for word, value in NUMBER_WORDS.items() if word.endswith("ty")}

UNITS: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("mg", "milligram", "milligrams", "mgs"), ("mass", 1.0)),
    **dict.fromkeys(("g", "gm", "gms", "gram", "grams"), ("mass", 1000.0)),
    **dict.fromkeys(("kg", "kilogram", "kilograms", "kilo", "kilos"), ("mass", 1e6)),
    **dict.fromkeys(("mcg", "ug", "µg", "μg", "microgram", "micrograms"), ("mass", 0.001)),
    **dict.fromkeys(("lb", "lbs", "pound", "pounds"), ("pounds", 1.0)),
    **dict.fromkeys(("oz", "ounce", "ounces"), ("ounces", 1.0)),
    **dict.fromkeys(("mm", "millimeter", "millimeters"), ("length", 1.0)),
    **dict.fromkeys(("cm", "centimeter", "centimeters"), ("length", 10.0)),
    **dict.fromkeys(("in", "inch", "inches"), ("inches", 1.0)),
    **dict.fromkeys(("ml", "cc", "milliliter", "milliliters"), ("volume", 1.0)),
    **dict.fromkeys(("l", "liter", "liters"), ("volume", 1000.0)),
    **dict.fromkeys(("dl",), ("volume", 100.0)),
    **dict.fromkeys(("unit", "units", "u", "iu"), ("units", 1.0)),
    **dict.fromkeys(("meq",), ("meq", 1.0)),
    **dict.fromkeys(("mmol",), ("mmol", 1.0)),
    **dict.fromkeys(("%", "percent"), ("percent", 1.0)),
    **dict.fromkeys(("bpm",), ("rate", 1.0)),
    **dict.fromkeys(("mmhg", "hg"), ("pressure", 1.0)),
    **dict.fromkeys(("second", "seconds", "sec", "secs"), ("seconds", 1.0)),
    **dict.fromkeys(("minute", "minutes", "min", "mins"), ("clock", 1.0)),
    **dict.fromkeys(("hour", "hours", "hr", "hrs"), ("clock", 60.0)),
    **dict.fromkeys(("day", "days"), ("calendar", 1.0)),
    **dict.fromkeys(("week", "weeks", "wk", "wks"), ("calendar", 7.0)),
    **dict.fromkeys(("month", "months", "mo", "mos"), ("months", 1.0)),
    **dict.fromkeys(("year", "years", "yr", "yrs"), ("months", 12.0)),
}
"""Unit → what it measures and how many of the smallest unit it is. `second` and `in` are read as units only after digits."""


class Group(NamedTuple):
    name: str
    member: str


class Lexicon(NamedTuple):
    """The tables, in the form in which they are looked up. Keys of meanings start with `=`."""

    words: dict[str, tuple[str, ...]]
    """Stem → keys of meanings."""
    phrases: dict[str, tuple[tuple[tuple[str, ...], str], ...]]
    """First stem → the stems that follow and the key, longest first."""
    groups: dict[str, Group]
    """Stem or key → the group of words that exclude each other."""


@cache
def lexicon() -> Lexicon:
    words: dict[str, list[str]] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    lines = files("assistant.grounding").joinpath("meanings.txt").read_text(encoding="utf-8").splitlines()[1:]
    for line in lines:
        name, _, forms = line.partition(": ")
        for form in forms.split(" | "):
            first, *rest = (stem(part) for part in form.split())
            if rest:
                phrases.setdefault(first, []).append((tuple(rest), f"={name}"))
            else:
                words.setdefault(first, []).append(f"={name}")
    names = {line.partition(": ")[0] for line in lines}
    groups: dict[str, Group] = {}
    for line in _EXCLUSIVE.strip().splitlines():
        name, _, members = line.partition(": ")
        for member in members.split(" | "):
            groups[f"={member}" if member in names else stem(member)] = Group(name, member)
    return Lexicon(
        words={word: tuple(dict.fromkeys(keys)) for word, keys in words.items()},
        phrases={first: tuple(sorted(rows, key=lambda row: -len(row[0]))) for first, rows in phrases.items()},
        groups=groups,
    )
