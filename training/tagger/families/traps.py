"""Sentences made to mislead: medicine that looks like names, and names where medicine would stand.

Most hold no identifier. In a part of them the same words are people: "Foley placed" beside "Ms. Foley placed the call".
"""

import random
from collections.abc import Iterator

from training.invented.cast import Cast
from training.invented.markup import Tagged

_LISTS = {
    "eponym": """Parkinson Alzheimer Crohn Hodgkin Bell Graves Hashimoto Addison Cushing Wilson Paget Raynaud Behcet Meniere Guillain-Barré Kawasaki
    Marfan Ehlers-Danlos Turner Klinefelter Tourette Huntington Wegener Goodpasture Henoch-Schönlein Takayasu Still Reiter Felty Sjögren Whipple
    Barrett Dupuytren Peyronie Osgood-Schlatter Legg-Calvé-Perthes Scheuermann Charcot Charcot-Marie-Tooth Friedreich Gaucher Fabry Pompe Hurler
    Gilbert Crigler-Najjar Budd-Chiari Caroli Mallory-Weiss Boerhaave Zenker Meckel Hirschsprung Ogilvie Fournier Bowen Merkel Kaposi Wilms Ewing
    Burkitt Waldenström Bartter Gitelman Liddle Conn Sheehan Kallmann Asperger Rett Angelman Prader-Willi DiGeorge Noonan Alport Fanconi Diamond-Blackfan
    Brugada Wolff-Parkinson-White Lown-Ganong-Levine Stokes-Adams Tetralogy-of-Fallot Ebstein Eisenmenger Kartagener Loeffler Churg-Strauss Hamman-Rich
    Caplan Pancoast Horner Ramsay-Hunt Miller-Fisher Lambert-Eaton Wernicke Korsakoff Creutzfeldt-Jakob Pick Lewy Todd Jackson Rolando Broca Bartholin""",
    "epnoun": "disease|syndrome|disorder|palsy|lymphoma|thyroiditis|phenomenon|sarcoma|contracture|esophagus|ulcer|anomaly|chorea|encephalopathy",
    "sign": """Babinski Romberg Murphy McBurney Kernig Brudzinski Homans Lachman McMurray Phalen Tinel Hoffmann Lasègue Thessaly Spurling Hawkins Neer Finkelstein
    Trendelenburg Ortolani Barlow Galeazzi Apley Lhermitte Chvostek Trousseau Rovsing Cullen Grey-Turner Kussmaul Cheyne-Stokes Janeway Osler Roth Virchow
    Heberden Bouchard Nikolsky Auspitz Koebner Gower Froment Dix-Hallpike Epley Weber Rinne Levine Beck Battle Courvoisier Carnett Patrick Thomas Ober""",
    "score": """Apgar Glasgow Wells Geneva Ranson Child-Pugh Mallampati Cormack-Lehane Killip Framingham Braden Morse Norton Waterlow Ballard Bishop Gleason
    Clark Breslow Fuhrman Nottingham Karnofsky Lansky Hamilton Beck Montgomery Epworth Barthel Katz Lawton Rankin Boston Paris Kellgren-Lawrence Garden
    Gustilo Salter-Harris Weber Neer Bosniak Balthazar Forrest Rockall Blatchford Glasgow-Imrie Hinchey Fontaine Rutherford Hunt-Hess Fisher Spetzler-Martin
    Tanner Ramsay Richmond Aldrete Rotterdam Amsterdam McGeer Duke Jones Light Centor McIsaac Alvarado Oswestry Harris Lysholm Constant Norberg""",
    "device": """Foley Swan-Ganz Hickman Port-a-Cath Tenckhoff Jackson-Pratt Blake Penrose Hemovac Kocher Kelly Allis Babcock Metzenbaum Mayo Bovie Weitlaner
    Army-Navy Richardson Deaver Balfour Bookwalter Gelpi Senn Adson DeBakey Yankauer Miller Macintosh Bard-Parker Dobhoff Salem Blakemore Minnesota Word
    Steri-Strip Vicryl Monocryl Ethibond Prolene Gore-Tex Medtronic Abbott Stryker Zimmer Smith-Nephew Philips Dräger Omron Dexcom Freestyle Libre Harris
    Gigli Kirschner Steinmann Ilizarov Thomas Bucks Unna Jewett Philadelphia Aspen Miami Boston Charleston Hare Taylor Knight Robert-Jones Velpeau Sager""",
    "brand": """Allegra Yasmin Elavil Mirena Seroquel Zoloft Prozac Paxil Lexapro Celexa Wellbutrin Effexor Cymbalta Abilify Zyprexa Risperdal Geodon Haldol
    Ativan Xanax Valium Klonopin Ambien Lunesta Norco Vicodin Percocet Dilaudid Lasix Bumex Coreg Lopressor Toprol Tenormin Norvasc Cozaar Diovan Benicar
    Lipitor Crestor Zocor Plavix Brilinta Eliquis Xarelto Coumadin Lovenox Synthroid Glucophage Januvia Jardiance Farxiga Ozempic Trulicity Lantus Humalog
    Novolog Levemir Advair Symbicort Spiriva Flovent Singulair Zyrtec Claritin Flonase Nexium Prilosec Protonix Pepcid Zofran Reglan Augmentin Keflex Bactrim
    Cipro Levaquin Zithromax Flagyl Valtrex Tamiflu Humira Enbrel Remicade Stelara Kadcyla Herceptin Avastin Keytruda Opdivo Gleevec Rituxan Neulasta Epogen
    Depakote Keppra Lamictal Dilantin Topamax Tegretol Sinemet Requip Aricept Namenda Fosamax Boniva Prolia Premarin Estrace Ortho Depo-Provera Nuvaring Kyleena
    Mounjaro Wegovy Entresto Lyrica Neurontin Flexeril Zanaflex Mobic Celebrex Toradol Tylenol Motrin Aleve Excedrin Imitrex Maxalt Aimovig Emgality Robaxin Lorcet""",
    "bug": """Staphylococcus Streptococcus Enterococcus Escherichia Klebsiella Pseudomonas Proteus Salmonella Shigella Campylobacter Clostridium Bacteroides Listeria
    Legionella Bordetella Brucella Francisella Bartonella Borrelia Treponema Candida Aspergillus Cryptococcus Histoplasma Strongyloides Giardia Toxoplasma
    Plasmodium Leishmania Trypanosoma Zika Ebola Marburg Lassa Dengue Coxsackie Norwalk Hendra Nipah Hanta West-Nile Epstein-Barr Citrobacter Serratia""",
    "lab": "Na K Cl CO2 BUN Cr Glu Ca Mg Phos WBC Hgb Hct Plt MCV RDW INR PTT PT AST ALT ALP GGT Alb TBili LDH CK CK-MB BNP TSH FT4 CRP ESR A1c LDL HDL TG UA SpO2 FiO2 pH pCO2 HCO3 BE Lac",
    "gene": "BRCA1 BRCA2 TP53 EGFR KRAS BRAF ALK ROS1 HER2 JAK2 CALR MPL BCR-ABL FLT3 NPM1 CFTR HFE MTHFR APOE HLA-B27 Kell Duffy Lewis Kidd Rh MLH1 PTEN NF1 VHL RET",
    "people_words": """Nigerian Irish Polish Somali Vietnamese Korean Mexican Brazilian Filipino Greek Turkish Afghan Syrian Haitian Jamaican Ukrainian Hispanic African-American
    Caucasian Asian Hmong Yoruba Igbo Hausa Tigrinya Amharic Tagalog Cantonese Mandarin Punjabi Urdu Hindi Bengali Tamil Farsi Arabic Swahili Zulu Xhosa Navajo
    Portuguese Spanish French German Italian Dutch Russian Catholic Jewish Muslim Hindu Sikh Buddhist Mormon Baptist Methodist Amish Quaker Presbyterian""",
    "place_words": "Lyme Lassa Ebola Marburg Zika Norwalk Coxsackie Guinea Bornholm Stockholm Rotterdam Paris Boston Geneva Tokyo Amsterdam Vienna Helsinki Barcelona Cincinnati Ottawa Lille",
    "society": """American Heart Association|American College of Cardiology|NICE|the CDC|the WHO|ACOG|the Joint Commission|IDSA|GOLD|ESC|KDIGO|Cochrane|the FDA|AHA/ACC|ADA|USPSTF|SIGN|the NHS|Medicare|Medicaid|ATLS|the New England Journal of Medicine|the Lancet|JAMA|UpToDate|NCCN""",
    "trial": "SPRINT DAPA-HF PARADIGM-HF RECOVERY PROWESS ARISTOTLE EMPA-REG LEADER SUSTAIN ISCHEMIA COURAGE MERIT-HF RALES ALLHAT ACCORD ADVANCE UKPDS DCCT JUPITER HOPE CURE PLATO",
    "unit": "Radiology|Cardiology|the ICU|Ward 4B|Ward 7|Labor and Delivery|the ED|Bed 12|Theatre 2|Interventional Radiology|Oncology|the stroke unit|Recovery|PACU|Outpatients|Endocrinology|Resus|4 West|Bay 3",
    "weekday": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "pet": "Whiskers Biscuit Rex Mittens Rover Coco Bella Shadow Smokey Patches Ginger Oreo",
    "drop": "Metformin Lisinopril Amlodipine Warfarin Aspirin Furosemide Prednisone Melissa Valerian Ginkgo Senna Belladonna Veronica Heparin Digoxin",
    "chem": "Rose bengal|Congo red|Prussian blue|India ink|Wright stain|Giemsa|Gram stain|Ziehl-Neelsen|Lugol|Ringer's|Hartmann's solution|Betadine|Dakin's solution|Burow's solution",
    "anat": "circle of Willis|sphincter of Oddi|ligament of Treitz|Achilles tendon|Bartholin gland|Cowper's glands|islets of Langerhans|Bowman's capsule|loop of Henle|Purkinje fibers|Baker's cyst|Morison's pouch|pouch of Douglas|Hesselbach's triangle|McBurney's point|Eustachian tube|Schlemm's canal|bundle of His|Adam's apple|Peyer's patches",
}  # fmt: skip

_FRAMES = """
No {sign} sign, {sign} negative, gait steady.|{eponym}'s {epnoun} since {year}, stable on {brand}.|{eponym} {epnoun} was ruled out; {eponym} remains possible.
{score} score {n}, {score} {n}, no change since admission.|{score} class {roman}, easy mask ventilation.|{device} catheter in place, draining clear urine.
{device} drain removed on {weekday}.|Used a {device} clamp and two {device} retractors, then closed with {device}.|She takes {brand} and {brand}; {drop} was stopped.
{drop} {n} mg daily, {brand} as needed, no allergies.|{bug} grew in two of two bottles, sensitive to {drop}.|{bug} antigen negative, {bug} IgG pending, {bug} unlikely.
{lab} {n}, {lab} {n}.{d}, {lab} {n}, {lab} {n}.{d}|{lab} {n}  {lab} {n}  {lab} {n}.{d}  {lab} {n}|{gene} positive, {gene} wild type, {gene} not tested.
She is {people_words}, speaks {people_words} and {people_words}.|{people_words} interpreter used throughout.|A {people_words} man in his sixties, {people_words} by faith.
According to {society} guidelines from {year}, start {drop}.|{society} and {society} differ on this; see the {trial} trial.|In {trial} and {trial} mortality fell by {n}%.
Transferred to {unit}, then back to {unit}.|{unit} called with a critical {lab} of {n}.|Seen in {unit} on {weekday}, back on {weekday}.
Her cat {pet} scratched her hand.|His dog {pet} was vaccinated.|{chem} staining showed no {sign} bodies.|Irrigated with {chem}, packed, {device} dressing.
The {anat} was identified and preserved.|{anat}: normal. {anat}: not seen.|You may use {brand} if pain recurs; mark the site and bill the {society}.
Will need a grant of time to heal; may bear weight as tolerated, will follow.|Mark with a pen, will recheck in the morning, may eat.|Hope is to wean; the patient may drive.
{people_words} patients with {eponym}'s {epnoun}: what does {society} recommend?|Is {brand} safe in {eponym} {epnoun}?|Difference between {sign} and {sign}?
Strength {n}/5, {sign} absent, reflexes 2+.|{eponym}, {eponym} and {eponym} were considered.|Consider {eponym}'s or {eponym}'s; check {lab} and {lab}.
{lab}, {lab} and {lab} in the morning, {drop} at bedtime.|Allergies: {drop}, {brand}. Diet: low salt.|{weekday} clinic is full, try {weekday}.
Assessment: {eponym} {epnoun}. Plan: {brand}, {drop}. Disposition: home.|IMPRESSION: NO EVIDENCE OF {EPONYM} DISEASE. {LAB} NORMAL.|MEDICATIONS: {BRAND}, {BRAND}, {DROP}
History of {place_words} disease exposure denied; {place_words} criteria not met.|{place_words} classification grade {n}, {place_words} prep score {n}.
Patient has never been to {country} or {state}.|She moved from {country} as a child.|Born in {state}, raised in {country}, {people_words} passport.
"""
_PEOPLE = """
Ms. {TRAP} placed the call herself.|Dr. {TRAP} reviewed the films.|Seen with Mr. {TRAP} and his wife.|{given} {TRAP} is here for follow-up.|Call {TRAP}, {given} about the result.
Patient: {TRAP}, {given}|Spoke to nurse {given} {TRAP} in {unit}.|{given} {TRAP} ({n} y/o) on {brand} for {eponym}'s {epnoun}.|Signed: {given} {TRAP}, MD|Mrs {TRAP}'s {device} catheter was changed.
Discussed with {given} {TRAP}, {people_words} interpreter present.|{given} {TRAP} takes {drop} and {brand}.|Dr {TRAP} and Dr {TRAP} agree.|Reviewed by {given} {TRAP}; {sign} sign absent.
"""
_NAMES_TOO = "eponym sign score device".split()
_SHARE_WITH_PEOPLE = 0.3


def texts(rng: random.Random) -> Iterator[Tagged]:
    lists = {name: tuple(values.split("|") if "|" in values else values.split()) for name, values in _LISTS.items()}
    frames = [frame.strip() for frame in _FRAMES.replace("\n", "|").split("|") if frame.strip()]
    people = [frame.strip() for frame in _PEOPLE.replace("\n", "|").split("|") if frame.strip()]
    while True:
        cast = Cast(rng)
        chosen = [rng.choice(people if rng.random() < _SHARE_WITH_PEOPLE else frames) for _ in range(rng.randint(1, 3))]
        yield Tagged.join([_filled(frame, lists, cast, rng) for frame in chosen], " ")


def _filled(frame: str, lists: dict[str, tuple[str, ...]], cast: Cast, rng: random.Random) -> Tagged:
    """Our own slots here, `{country}`, `{state}` and `{year}` by the cast."""
    pieces: list[Tagged] = []
    rest = frame
    while "{" in rest:
        literal, _, rest = rest.partition("{")
        slot, _, rest = rest.partition("}")
        pieces += [Tagged(literal), _slot(slot, lists, cast, rng)]
    return Tagged.join([*pieces, Tagged(rest)])


def _slot(slot: str, lists: dict[str, tuple[str, ...]], cast: Cast, rng: random.Random) -> Tagged:
    if slot == "TRAP":
        return Tagged.whole(rng.choice(lists[rng.choice(_NAMES_TOO)]).split("-")[0], "NAME")
    if slot == "given":
        return cast.fill("{other.given}")
    if slot == "n":
        return Tagged(str(rng.randint(0, 12) if rng.random() < 0.5 else rng.randint(10, 160)))
    if slot == "d":
        return Tagged(str(rng.randint(0, 9)))
    if slot == "roman":
        return Tagged(rng.choice(("I", "II", "III", "IV")))
    if slot in lists:
        return Tagged(rng.choice(lists[slot]))
    if slot.lower() in lists:
        return Tagged(rng.choice(lists[slot.lower()]).upper())
    return cast.fill(f"{{{slot}}}")
