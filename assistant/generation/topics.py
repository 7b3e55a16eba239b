"""What a section is about and what a question asks for, in finer grain than section kinds: allergies and family
history are sections of their own to whoever asks about them."""

import re
from dataclasses import dataclass
from functools import cache

from assistant.deid.mask import PLACEHOLDER
from assistant.schema import Section, SectionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """`asks` names the topic itself in a question; `hints` are words that belong to it but name something in it."""

    name: str
    heading: str
    asks: str
    hints: str = ""
    evidence: str = ""
    """What a sentence about it says where the report has no such section."""
    kind: SectionKind | None = None


_TOPICS = (
    Topic(
        name="allergies",
        heading=r"\ballerg|\bnkd?a\b|adverse (?:drug )?reaction|\bintoleranc|\bsensitivit",
        asks=r"\b(?:known |drug |medication )*(?:allerg(?:y|ies|ic|ens?)|intoleran(?:t|ces?))(?: to)?(?: any)?"
        r"(?: (?:drugs?|medications?|medicines?|meds))?\b|\bnkda\b",
        evidence=r"\ballerg(?:y|ies|ic to)\b|\bnkd?a\b|\bintoleran(?:t|ces?) (?:to|of)\b",
    ),
    Topic(
        name="medications",
        heading=r"\bmed(?:s|ications?|icines?)\b|\bdrugs?\b(?! use| abuse)|\bprescriptions?\b|\brx\b",
        asks=r"\b(?:medications?|medicines?|meds|drugs|prescriptions?|prescribed|pills|drug list|tablets|pharmac\w+)\b",
        hints=r"\b(?:taking|takes?|dos(?:e|es|age)|on)\b",
        evidence=r"\b(?:takes|is taking|was taking|has been taking|currently (?:on|taking)|maintained on|was prescribed"
        r"|(?:home|current|outpatient|prescribed|other) med(?:ication|icine)s?|no (?:current )?medications"
        r"|medications? (?:include|are|were|list|at home)|on no medications?)\b"
        r"|\b\d+(?:\.\d+)? ?(?:mg|mcg|units?)\b.{0,40}\b(?:daily|b\.?i\.?d|t\.?i\.?d|q\.?[dh\d]|every|at bedtime|twice)",
        kind=SectionKind.MEDICATIONS,
    ),
    Topic(
        name="diagnosis",
        heading=r"\bdiagnos(?:is|es)\b|diagnostic impression|\bdx\b|\bimpressions?\b|\bassessments?\b|\bconclusions?\b"
        r"|\b(?:problem list|(?:active|medical|current) problems|problems?/diagnos)\w*|\baxis\b|\bopinion\b",
        asks=r"\b(?:diagnos(?:is|es|ed|e)|dx|impressions?|assessments?|conclusions?|problem list|interpretation)\b"
        r"|\bwhat(?:'s| is| was| could be)? (?:the )?(?:wrong|problem|matter|main problem)\b"
        r"|\b(?:what|which) (?:illness|disease|condition|disorder)s?\b|\bwhat does (?:the patient|he|she|this patient) have\b"
        r"|\bsuffer(?:s|ing)? from\b",
        evidence=r"\b(?:diagnos(?:is|ed|es)|assessment)\b|\bconsistent with\b|\bimpression\b|\bsuggestive of\b|\bcompatible with\b"
        r"|\bmost likely\b|\bfindings suggest\b",
        kind=SectionKind.DIAGNOSIS,
    ),
    Topic(
        name="plan",
        heading=r"\bplans?\b|\brecommend|\bdisposition\b|\bfollow[- ]?up\b|\binstructions?\b|\btreatment\b|(?<!pain )\bmanagement\b",
        asks=r"\b(?:plans?|planned|recommend(?:ed|ations?|s)?|follow[- ]?up|next steps?|disposition|manage(?:d|ment)?|advice"
        r"|advised|instructions?|treatment(?: plan)?|treated)\b"
        r"|\bwhat (?:should|will|needs? to|is to) (?:we |i |be |happen|the patient )?(?:do|done|next)?\b|\bwhat(?:'s| is) next\b",
        evidence=r"\b(?:will|should(?! be (?:mentioned|noted))|recommend\w*|follow[- ]?up|plan(?:s|ned)? (?:to|is|for)|scheduled|return (?:to|in|for)"
        r"|advised|instructed|discharged?)\b",
        kind=SectionKind.PLAN,
    ),
    Topic(
        name="family",
        heading=r"\bfamily\b|\bfhx?\b|\bfh\b",
        asks=r"\bfamily(?: medical)?(?: history)?\b|\brelatives\b|\bhereditary\b|\bruns? in\b",
        hints=r"\b(?:mother|father|parents?|siblings?|brothers?|sisters?|children|grand\w+)\b",
        evidence=r"\bfamily history\b|\b(?:mother|father|brother|sister)s?\b",
    ),
    Topic(
        name="social",
        heading=r"\bsocial\b|\bshx?\b|\bsh\b|\bhabits\b|\bpersonal history\b|\btobacco\b|\balcohol\b|\boccupation",
        asks=r"\bsocial(?: history| situation)?\b|\bhabits\b|\blifestyle\b|\bliving situation\b",
        hints=r"\b(?:smok\w+|tobacco|cigarettes?|alcohol|drinks?|drinking|illicit|recreational|drug (?:use|abuse)|married"
        r"|job|occupation|lives?|work|works|retired)\b",
        evidence=r"\b(?:smok\w+|tobacco|alcohol|married|lives (?:with|alone|in)|retired|illicit)\b",
    ),
    Topic(
        name="surgical history",
        heading=r"\bsurgical history\b|\bpsh\b|\bpast surg|\b(?:previous|prior) (?:operations?|surger)|\bsurgeries\b",
        asks=r"\b(?:past |prior |previous |any )*surgical history\b|\b(?:past|prior|previous|earlier) (?:operations?|surger(?:y|ies))\b"
        r"|\bany surgeries\b",
        evidence=r"\bstatus post\b|\bs/p\b|\bunderwent\b|\bhistory of \w+ectomy\b",
    ),
    Topic(
        name="medical history",
        heading=r"\bpast (?:\w+ )?(?:medical|history|illness)|\bpmhx?\b|\bmedical history\b|\brisk factors\b|\bpast history\b",
        asks=r"\b(?:past |previous |prior )?medical history\b|\bpast history\b|\bpmh\b|\bcomorbidit\w+|\bco-morbid\w+"
        r"|\b(?:chronic|past|previous|other|underlying) (?:conditions?|illness(?:es)?|diseases?)\b|\bmedical (?:problems|conditions)\b",
        evidence=r"\bhistory of\b|\bpast medical history\b|\bh/o\b",
        kind=SectionKind.HISTORY,
    ),
    Topic(
        name="complaint",
        heading=r"\bchief complaint|\bcc\b|\bpresenting\b|\breasons? for\b|\bcomplaints?\b|\bindications?\b|\bproblems?$",
        asks=r"\b(?:chief |main |presenting )?complaints?\b|\breason for\b(?: \w+)?|\bindications?\b(?: for)?(?: \w+)?"
        r"|\bwhy (?:is|was|were|did|does|has)\b.{0,40}?\b(?:here|come|came|seen|admitted|present(?:ed)?|visit|referred|performed"
        r"|done|consult(?:ed)?|in hospital)\b|\bwhat brought\b.{0,30}|\bcomplain(?:s|ed|ing)?(?: of)?\b",
        evidence=r"\b(?:presents?|presented|complain(?:s|ed|ing)|referred|admitted|comes in|seen for)\b",
    ),
    Topic(
        name="present illness",
        heading=r"\bpresent(?:ing)? illness\b|\bhpi\b|\bsubjective\b|\binterval history\b|^(?:brief |clinical )?history$",
        asks=r"\b(?:history of (?:the )?)?present(?:ing)? illness\b|\bhpi\b|\bwhat happened\b|\bclinical history\b|\bthe history\b"
        r"|\bhow did (?:it|this|the \w+) (?:start|begin|happen)\b",
        kind=SectionKind.HISTORY,
    ),
    Topic(
        name="symptoms",
        heading=r"\breview of systems\b|\bros\b|\bsystems? review\b|\bsymptoms\b",
        asks=r"\breview of systems\b|\bros\b|\bsymptoms?\b",
        evidence=r"\b(?:complain\w*|reports?|admits|denies|symptoms?)\b",
        kind=SectionKind.SYMPTOMS,
    ),
    Topic(
        name="vital signs",
        heading=r"\bvitals?\b|\bvs\b",
        asks=r"\bvitals?(?: signs)?\b",
        hints=r"\b(?:blood pressure|bp|pulse|heart rate|temperature|respirat\w+|saturation|weight|height|bmi)\b",
        evidence=r"\bvital signs\b|\b(?:blood pressure|bp)\b.{0,30}\d",
    ),
    Topic(
        name="examination",
        heading=r"\bphysical\b|\bexam(?:ination)?\b|\bobjective\b|^pe\b|\bmental status\b",
        asks=r"\b(?:physical )?exam(?:ination)?s?\b(?: findings| show| reveal)*|\bon physical\b",
        evidence=r"\bon (?:physical )?exam(?:ination)?\b",
        kind=SectionKind.EXAMINATION,
    ),
    Topic(
        name="laboratory",
        heading=r"\blabs?\b|\blaborator|\bblood (?:work|tests?)\b|\bchemistr|\bhematology\b|\btest results\b|^results?\b"
        r"|\bpathology\b|\bdiagnostic data\b",
        asks=r"\blab(?:s|oratory)?\b(?: (?:data|results?|values?|tests?|findings|work|studies))?|\bblood (?:tests?|work|results?)\b"
        r"|\btest results?\b",
        evidence=r"\b(?:labs?|laborator\w+|hemoglobin|sodium|potassium|creatinine|white count|wbc)\b",
        kind=SectionKind.RESULTS,
    ),
    Topic(
        name="imaging",
        heading=r"\bx-?rays?\b|\bradiolog|\bradiograph|\bimaging\b|\bct\b|\bmri\b|\bultraso|\becho|\bekg\b|\becg\b"
        r"|\bdiagnostic (?:studies|data|tests)\b|\bstudies\b|\bfilms?\b",
        asks=r"\bimaging\b(?: (?:show|results?|findings))?|\bradiolog\w+|\bdiagnostic (?:studies|tests)\b|\bscans?\b",
        evidence=r"\b(?:x-?rays?|ct|mri|ultrasound|echocardiogram|ekg|films?|radiographs?)\b",
        kind=SectionKind.FINDINGS,
    ),
    Topic(
        name="findings",
        heading=r"\bfindings\b",
        asks=r"\bfindings?\b|\bwhat (?:was|were|is|are) (?:found|seen)\b",
        evidence=r"\b(?:found|noted|seen|revealed|showed|identified)\b",
        kind=SectionKind.FINDINGS,
    ),
    Topic(
        name="procedure",
        heading=r"\bprocedures?\b|\boperations?\b|\boperative (?:procedure|technique|note)\b|\bsurgery\b|\btechnique\b",
        asks=r"\b(?:procedures?|operations?|surger(?:y|ies)|technique)\b(?: (?:was|were|been|performed|done))*"
        r"|\bwhat was (?:done|performed)\b|\boperated\b",
        evidence=r"\b(?:underwent|performed|procedure|surgery)\b",
    ),
    Topic(
        name="complications",
        heading=r"\bcomplications?\b",
        asks=r"\bcomplications?\b(?: (?:occur(?:red)?|during|of the|after))*",
        evidence=r"\bcomplications?\b",
    ),
    Topic(name="age", heading=r"^age\b", asks=r"\bhow old\b|\bage\b|\bage and (?:sex|gender)\b", evidence=r"\byears?[- ]old\b|\baged? \d"),
    Topic(name="course", heading=r"\bcourse\b", asks=r"\b(?:hospital |emergency |clinical )?course\b"),
)  # fmt: skip
_BODY_PART = re.compile(
    r"^(?:general(?: appearance)?|constitutional|skin|head|heent|eyes?|ears?|nose|mouth|throat|neck|chest|lungs?|respiratory"
    r"|breasts?|heart|cardiac|cardiovascular|cv|abdomen|gi|gastrointestinal|gu|genitourinary|genitalia|pelvic|rectal|back"
    r"|spine|extremit(?:y|ies)|musculoskeletal|neuro\w*|psych\w*|lymph\w*|endocrine|integument\w*|vascular|hematologic\w*"
    r"|mental status|gyn\w*|locomotor|ent)\b[\w ,/]*$",
    re.IGNORECASE,
)
_BODY_TOPICS = frozenset({"symptoms", "examination"})


@cache
def _compiled() -> tuple[tuple[Topic, re.Pattern[str], re.Pattern[str], re.Pattern[str] | None], ...]:
    return tuple(
        (
            topic,
            re.compile(topic.heading, re.IGNORECASE),
            re.compile(topic.asks, re.IGNORECASE),
            re.compile(topic.hints, re.IGNORECASE) if topic.hints else None,
        )
        for topic in _TOPICS
    )


_EARLY = re.compile(r"\bpre[- ]?(?:op|proc)|\badmi(?:ssion|tting)\b|\breferring\b", re.IGNORECASE)


def is_early(heading: str) -> bool:
    """Whether `heading` names what was thought before the operation or on admission."""
    return bool(_EARLY.search(heading)) and "reason" not in heading.lower()


@cache
def evidence(name: str) -> re.Pattern[str] | None:
    """What a sentence on topic `name` says in a report without such a section, or `None` where nothing tells."""
    (topic,) = (topic for topic in _TOPICS if topic.name == name)
    return re.compile(topic.evidence, re.IGNORECASE) if topic.evidence else None


def section_topics(section: Section, before: frozenset[str]) -> tuple[frozenset[str], bool]:
    """What `section` is about, and whether its heading says so (or only its kind).

    A body part (`LUNGS`) continues what stood `before`: examination or symptoms.
    """
    heading = section.heading[:200]
    if _BODY_PART.match(heading):
        return before & _BODY_TOPICS or frozenset({"examination"}), False
    found = {topic.name for topic, pattern, _, _ in _compiled() if pattern.search(heading)}
    if "allergies" in found and "medications" in found and not re.search(r"\band\b|[/&,]", heading, re.IGNORECASE):
        found.discard("medications")  # "allergies to medications" lists no medication
    if found & {"surgical history", "complaint"}:
        found.discard("procedure")
    if found & {"family", "social", "surgical history"}:
        found.discard("present illness")
    if not found:
        return frozenset(topic.name for topic in _TOPICS if topic.kind is section.kind), False
    return frozenset(found), True


def question_topics(question: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Return the topics that `question` names, those it hints at, and the question without the names.

    Placeholders are left out: who is asked about says nothing of what is asked, and finds every header line.
    """
    named: list[str] = []
    hinted: list[str] = []
    question = PLACEHOLDER.sub(" ", question)
    rest = question
    for topic, _, asks, hints in _compiled():
        if asks.search(rest):
            named.append(topic.name)
            rest = asks.sub(" ", rest)
        elif hints and hints.search(question):
            hinted.append(topic.name)
    return tuple(named), tuple(hinted), rest
