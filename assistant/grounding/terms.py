"""The clinical language that grounding knows: small tables of our own, read once when the first answer is checked.

Two words that mean the same share a key (`hypertension`, `high blood pressure`, `HTN`); words that exclude each other
share a group (`left`, `right`). The tables are short on purpose: a word that is missing here costs a sentence its mark of
support, never gives one.
"""

from functools import cache, lru_cache
from typing import NamedTuple

_SAME_MEANING = """
bp: blood pressure | bp
htn: hypertension | high blood pressure | elevated blood pressure | htn | hypertensive
hypotension: hypotension | low blood pressure | hypotensive
dm: diabetes | dm | diabetic | diabetes mellitus | high blood sugar
hyperlipidemia: hyperlipidemia | high cholesterol | hypercholesterolemia | dyslipidemia | elevated cholesterol
hr: heart rate | hr | pulse | pulse rate
rr: respiratory rate | rr | respirations
temperature: temperature | temp
wbc: white blood cell count | wbc | white count | leukocyte count | white blood cell | white cell count
rbc: red blood cell | rbc
leukocytosis: leukocytosis | high white blood cell | elevated white count
hgb: hemoglobin | hgb | hb
hct: hematocrit | hct
plt: platelet | plt | platelet count
creatinine: creatinine | cr
glucose: glucose | blood sugar | sugar
mi: myocardial infarction | mi | heart attack
cad: coronary artery disease | cad | coronary heart disease | coronary disease
chf: congestive heart failure | chf | heart failure
afib: atrial fibrillation | afib | a fib
stroke: stroke | cva | cerebrovascular accident
tia: transient ischemic attack | tia | mini stroke
copd: chronic obstructive pulmonary disease | copd | emphysema
dyspnea: dyspnea | shortness of breath | short of breath | sob | difficulty breathing | trouble breathing | breathlessness | breathing difficulty | breathing problem | hard to breathe
apnea: sleep apnea | osa
uri: upper respiratory infection | uri | cold
uti: urinary tract infection | uti
dvt: deep vein thrombosis | deep venous thrombosis | dvt
pe: pulmonary embolism | pulmonary embolus
gerd: gastroesophageal reflux disease | gerd | reflux | acid reflux | heartburn
ra: rheumatoid arthritis | ra
oa: osteoarthritis | degenerative joint disease | djd
ckd: chronic kidney disease | ckd | chronic renal disease | chronic renal insufficiency
kidney: kidney | renal | nephric
liver: liver | hepatic
heart: heart | cardiac | cardiovascular
lung: lung | pulmonary | respiratory
stomach: stomach | gastric | tummy
belly: abdomen | belly | abdominal
brain: brain | cerebral | intracranial
skull: head | cranial
skin: skin | cutaneous | dermatologic
stool: stool | feces | fecal | poop | bowel movement
bowel: bowel | intestine | intestinal
urine: urine | urinary | urinate | urination | pee | peeing | void
breast: breast | mammary
chest: chest | thorax | thoracic
leg: leg | lower extremity
arm: arm | upper extremity
extremity: extremity | limb
toe: toe | digit of foot
eye: eye | ocular | ophthalmic
vision: vision | visual | sight | eyesight | seeing
ear: ear | otic
nose: nose | nasal
throat: throat | pharynx | pharyngeal
mouth: mouth | oral cavity
tooth: tooth | teeth | dental
neck: neck | cervical
armpit: axilla | axillary | armpit | underarm
groin: groin | inguinal
nerve: nerve | neural
muscle: muscle | muscular
joint: joint | articular
bone: bone | osseous
back: back
shoulderblade: scapula | shoulder blade
collarbone: clavicle | collar bone | collarbone
kneecap: patella | kneecap
shin: tibia | shin
fever: fever | febrile | pyrexia
emesis: vomiting | vomit | emesis | throwing up | throw up | threw up
nausea: nausea | nauseous | nauseated | sick to stomach | queasy
dizzy: dizziness | dizzy | lightheaded | lightheadedness | light headed | vertigo
faint: syncope | fainting | faint | passing out | pass out | passed out | loss of consciousness | lost consciousness | knocked out
headache: headache | cephalgia | head pain | migraine
otalgia: otalgia | ear pain | earache
backpain: back pain | backache
pain: pain | painful | hurt | ache | sore | soreness | discomfort | painfully | bother
swelling: swelling | swollen | edema | edematous | swell | puffy
itch: itching | itch | itchy | pruritus | pruritic
rash: rash | eruption
bruise: bruise | bruising | ecchymosis | ecchymoses
numb: numbness | numb | paresthesia
tingle: tingling | tingle | paresthesia
weak: weakness | weak
tired: fatigue | tired | tiredness | exhausted | exhaustion | fatigued
palpitation: palpitation | heart racing | racing heart | irregular heart beat | irregular heartbeat
sweat: sweat | sweating | diaphoresis | diaphoretic
anorexia: anorexia | loss of appetite | poor appetite | decreased appetite
dysphagia: dysphagia | difficulty swallowing | trouble swallowing
insomnia: insomnia | trouble sleeping | difficulty sleeping
seizure: seizure | convulsion | convulse
bleed: bleed | bleeding | blood | hemorrhage | hemorrhagic
melena: melena | black stool | tarry stool
hematuria: hematuria | blood in urine
hematochezia: hematochezia | blood in stool | bloody stool
dysuria: dysuria | painful urination | burning urination | pain while urinating | burning with urination
frequency: frequency | frequent
cancer: cancer | carcinoma | malignancy | malignant | ca
tumor: tumor | neoplasm
fracture: fracture | broken bone | fx | broke | broken
gallstone: gallstone | cholelithiasis
kidneystone: kidney stone | nephrolithiasis | renal stone | renal calculus
cholecystectomy: cholecystectomy | gallbladder removed | gallbladder removal | gallbladder surgery | gallbladder taken out
appendectomy: appendectomy | appendicectomy | appendix removed | appendix removal | appendix taken out
hysterectomy: hysterectomy | uterus removed | removal of uterus
tonsillectomy: tonsillectomy | tonsil removed | tonsil taken out
csection: cesarean section | c section | cesarean
surgery: surgery | surgical | operation | operate | operative
medicine: medicine | medication | drug | med | pill
antibiotic: antibiotic | antibacterial
prescribe: prescribe | prescription | rx
prednisone: prednisone
acetaminophen: acetaminophen | tylenol | paracetamol
ibuprofen: ibuprofen | advil | motrin
aspirin: aspirin | asa
alcohol: alcohol | alcoholic | etoh | drink | drinking | beer | wine
smoke: smoke | smoking | smoker | tobacco | cigarette | cig | nicotine
illicit: illicit | recreational | street
cocaine: cocaine | coke
asthma: asthma | asthmatic
allergy: allergy | allergic
eczema: eczema | atopic dermatitis
hernia: hernia | herniation
depression: depression | depressed | depressive
anxiety: anxiety | anxious
thought: thought | ideation | idea
suicidal: suicidal | suicide | kill himself | kill herself
died: died | die | death | deceased | dead | passed away | expired | passed
born: born | birth | delivery | delivered
pregnant: pregnant | pregnancy | gestation
father: father | dad
mother: mother | mom
brother: brother
sister: sister
sibling: sibling | brother | sister
parent: parent | mother | father | mom | dad
child: child | kid | children | son | daughter
spouse: spouse | wife | husband
grandparent: grandmother | grandfather | grandma | grandpa
male: male | man | gentleman | boy | sir | mister
female: female | woman | lady | girl | ma'am | miss | missus
infant: infant | baby | newborn | neonate
doctor: doctor | physician | dr | provider | doc
hospital: hospital | admission | admit | hospitalize | hospitalization
emergency: emergency room | er | emergency department | emergency
xray: x ray | xray | radiograph | film
ct: ct | computed tomography | cat scan | ct scan
mri: mri | magnetic resonance imaging
us: ultrasound | ultrasonography | sonogram | sonography
ecg: ecg | ekg | electrocardiogram
eeg: eeg | electroencephalogram
echo: echocardiogram | echocardiography | echo
lp: lumbar puncture | spinal tap
csf: csf | cerebrospinal fluid
pt: physical therapy | pt
ot: occupational therapy
iv: iv | intravenous | intravenously
po: po | oral | orally | by mouth
im: intramuscular | intramuscularly
sc: subcutaneous | subcutaneously | subq
qd: daily | qd | once a day | once daily | every day | each day
bid: bid | twice daily | twice a day | two times a day | two times daily
tid: tid | three times a day | three times daily | thrice daily
qid: qid | four times a day | four times daily
prn: prn | as needed
hs: at bedtime | qhs | hs | before bed | nightly
weekly: weekly | once a week | every week
normal: normal | unremarkable | within normal limit | wnl | fine | okay | negative | good
healthy: healthy | well | fine
unchanged: unchanged | no change | stable | no significant change | same
increase: increase | elevated | elevation | raised | high | rise | rising | higher
decrease: decrease | reduced | reduction | low | decline
improve: improve | improvement | better | resolving
worsen: worse | worsen | worsening | deteriorate | deterioration | exacerbation | exacerbated
resolved: resolved | gone | resolution | subsided | went away
start: start | begin | began | begun | initiate | onset | commence
stop: stop | discontinue | cease | quit
severe: severe | severely | bad
mild: mild | mildly | slight | slightly | minor
obese: obesity | obese
overweight: overweight
big: enlarged | enlargement | large
walk: walk | ambulate | ambulation | ambulatory | walking
tender: tender | tenderness
erythema: erythema | redness | erythematous | red
bilateral: bilateral | bilaterally | both side | both
followup: follow up | followup
unknown: unknown
noncontributory: noncontributory | non contributory
injury: injury | injure | trauma | traumatic | hurt
marijuana: marijuana | weed | cannabis | pot
anemia: anemia | anemic
laceration: laceration | cut
sinus: sinus | sinusitis
vaccine: vaccine | vaccination | immunization | shot | immunized | immunize
work: work | occupation | job | employed
retired: retired | retirement
married: married | marriage
single: single
live: live | reside | lives | stay
virus: virus | viral
germ: bacteria | bacterial
diarrhea: diarrhea | loose stool
constipation: constipation | constipated
biopsy: biopsy | biopsied
swallow: swallow | swallowing
cough: cough | coughing
chill: chill | chills
wheeze: wheeze | wheezing
oriented: oriented | orientation
"""

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


STOP = words_of("""patient patients a an the and or of in on at to for from by with as is are was were be been being am it its this that these those
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

_IRREGULAR_FORMS = """children=child feet=foot teeth=tooth men=man women=woman took=take taken=take lives=live wives=wife
    began=begin begun=begin gave=give given=give fell=fall fallen=fall felt=feel broke=break broken=break
    diagnoses=diagnos diagnosis=diagnos diagnosed=diagnos metastases=metastas metastasis=metastas biopsies=biops
    surgery=surg surgeries=surg surgical=surg surgically=surg swollen=swell ran=run broken=break bled=bleed slept=sleep drank=drink
    thought=think worse=worsen worst=worsen best=better dying=die dies=die crises=crisis vertebrae=vertebr vertebra=vertebr
    nuclei=nucleus bacteria=bacteri stable=stable unstable=unstable position=position positions=position positioned=position"""
_IRREGULAR: dict[str, str] = {
    form: root for form, _, root in (pair.partition("=") for pair in _IRREGULAR_FORMS.split())
}
_ENDINGS = """izations ization ations ation ically itions ition ments ment ingly ences ence ances ance ious ness ally ating ated ates ions ings ible able ists ing ion ive ate ous ity ies ist ics ers ed es ly al ic er or s y e"""
_SUFFIXES = tuple(_ENDINGS.split())
_KEEP = (
    "itis",
    "osis",
    "oma",
    "emia",
    "uria",
    "algia",
    "sis",
    "us",
    "ss",
    "ology",
    "olol",
    "ine",
    "one",
    "ide",
    "pril",
)


class Group(NamedTuple):
    name: str
    member: str


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Cut the endings of inflection. Words of disease and of drugs keep theirs: `cholecystitis` is no `cholecystectomy`."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or not word.isascii():
        return word
    if word.endswith(_KEEP):
        return word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= (3 if len(suffix) <= 3 else 4):
            if suffix == "s" or suffix == "es":
                shorter = word[:-1]
                if shorter.endswith(_KEEP):
                    return shorter
                return stem(shorter) if len(shorter) > 3 else shorter
            cut = word[: -len(suffix)]
            if suffix in ("ing", "ed", "er") and len(cut) > 3 and cut[-1] == cut[-2] and cut[-1] not in "sl":
                cut = cut[:-1]
            return cut[:-1] if cut.endswith("e") and len(cut) > 4 else cut
    return word


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
    for line in _SAME_MEANING.strip().splitlines():
        name, _, forms = line.partition(": ")
        for form in forms.split(" | "):
            first, *rest = (stem(part) for part in form.split())
            if rest:
                phrases.setdefault(first, []).append((tuple(rest), f"={name}"))
            else:
                words.setdefault(first, []).append(f"={name}")
    names = {line.partition(": ")[0] for line in _SAME_MEANING.strip().splitlines()}
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
