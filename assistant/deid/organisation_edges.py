"""Where the name of an organisation begins and ends: without the words before it, with the town behind it."""

import re
from bisect import bisect_left

from assistant.deid.document import LOWER, UPPER, Document
from assistant.deid.lexicon import COMMON, GIVEN, SURNAME
from assistant.deid.towns import STATE, TOWN, listed

_OF_TOWN = re.compile(rf" of (?:the )?{TOWN}")
_IN_TOWN = re.compile(r"(,? (?:in |- )?)(?=[A-Z])")
GENERIC = frozenset(
    """the a an our your this that at in to from of and for with by on her his their my its pain wound urgent primary family outpatient inpatient emergency
    eye dental medical medicine cancer care health general surgery surgical day night acute intensive same local outside another private public rural urban
    mental behavioral coumadin anticoagulation diabetes diabetic heart chest hypertension fertility sleep travel allergy asthma
    dermatology cardiology neurology oncology urology gynecology psychiatry orthopedic orthopedics pediatric pediatrics endocrine
    gi ent ob gyn obgyn prenatal antenatal womens women's men's well children child baby free mobile walk-in follow-up followup
    clinic hospital center brief history past social current electronic teaching tertiary referring admitting discharge skilled
    home nursing rehab rehabilitation physical occupational speech long-term term assisted living hospice national american international association
    world society college institute federal united states department division office unit school elementary high middle university
    patient patients per if when while after before she he they we it as is was were has had seen went good excellent fair poor overall
    his/her allied environmental sexual reproductive maternal occupational vascular memory stroke headache epilepsy ms hiv std sti
    spine foot hand breast pre-op preop post-op postop preoperative postoperative lipid weight bariatric renal dialysis transplant hepatology liver kidney
    infectious disease rheumatology pulmonary hematology radiology physician physicians associates no new old other both each every any some general-surgery er ed""".split()
)


def without_lead(document: Document, start: int, end: int) -> int | None:
    """`start` moved past words that begin no name ("At", "The", "Seen"), or `None` if nothing is left."""
    index = bisect_left(document.starts, start)
    while index < len(document.starts) and document.starts[index] < end:
        kind = document.kinds[index]
        if document.lowers[index] not in GENERIC and not (
            kind & COMMON
            and not kind & (GIVEN | SURNAME)
            and document.starts_sentence(index)
            and index + 1 < len(document.words)
            and document.starts[index + 1] < end
        ):
            return document.starts[index]
        index += 1
    return None


def place_at(document: Document, position: int) -> bool:
    index = bisect_left(document.starts, position)
    while index < len(document.words) and document.lowers[index] in ("in", "of", "the"):
        index += 1
    return (
        index < len(document.words)
        and document.lowers[index] in document.lexicon.places
        and document.shapes[index] != LOWER
    )


def with_place(document: Document, end: int) -> int:
    """Takes in ` of Philadelphia`, `, San Diego`, ` in Chicago`, ` Boston`: the town is found as a place anyway, the join goes too."""
    match = _OF_TOWN.match(document.text, end)
    if match:
        end = match.end()
    match = _IN_TOWN.match(document.text, end)
    if match and (place_at(document, match.end(1)) or re.match(STATE, document.text[match.end(1) : match.end(1) + 20])):
        index = bisect_left(document.starts, match.end(1))
        length = listed(document, index)[0] or 1
        end = document.ends[index + length - 1]
        state = re.compile(rf",? {STATE}").match(document.text, end)
        end = state.end() if state else end
    return end


def is_camel(document: Document, index: int) -> bool:
    """`MetroWest`, `ShannonCare`: capitals within a word that no list has. Written so, it is nobody's word."""
    word = document.words[index]
    return not word.isupper() and document.shapes[index] == UPPER and not document.lexicon.kind(document.lowers[index])
