"""Day and month in digits, without a year: `3/14`, `14/3`, `12/3-12/9`. Most fractions are something else: a strength, a score, a dose,
a span of time. What stands around decides."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.measures import UNIT_FOLLOWS
from assistant.deid.spans import Found

_FRACTION = r"(\d{1,2}) ?/ ?(\d{1,2})"
_SHORT = re.compile(rf"(?<![\w/.,\-+<>=~±*^]){_FRACTION}(?![\w/%°+^*]|[.,:]\d| ?/ ?\d|-\d{{1,2}}(?![\d/])|-[A-Za-z])")
_RANGE = re.compile(
    rf"(?<![\w/.,+<>=~±*^]){_FRACTION}\s?(?:-{{1,2}}>?|→|>|to|thru|through|until|till|til|&|and)\s?{_FRACTION}(?![\w%°+^*]|[.,:]\d)"
)
_DAYS = re.compile(
    r"(?<![\w/.,\-+<>=])(?:(?P<m1>\d{1,2})/(?P<d1>\d{1,2})-(?P<d2>\d{1,2})|(?P<d3>\d{1,2})\s?[-&]\s?(?P<d4>\d{1,2})/(?P<m2>\d{1,2}))(?![\w/%°+]|[.,:]\d|-\d)"
)
"""`3/14-18`, `14-18/3`."""
_MONTH_YEAR = re.compile(
    r"(?<![\w/.,\-+<>=])(0?[1-9]|1[0-2])/(3[2-9]|4\d|5[013-9]|6[1-9]|[7-9]\d)(?![\w/%°+\-]|[.,:]\d)"
)
_SAYS_MONTH = re.compile(
    r"\b(?:in|since|from|until|till?|dx'?d?|diagnosed|s/p|circa|of|by|before|after|last|surgery|dob|born|[a-z]{3,12}ectomy|cabg|stroke|mi|cva|quit|stopped|started)\s{1,2}(?:in\s|on\s)?$",
    re.IGNORECASE,
)
_DASHED = re.compile(
    r"(?<![\w/.,\-+<>=~])(?:(0\d)-(0[1-9]|[12]\d|3[01])|(\d\d)-(0[1-9]|1[0-2])|(1[0-2])-(1[3-9]|2\d|3[01]))(?![\w/%°+-]|[.,:]\d)"
)
"""`03-14`: only where a word says that a day follows."""

_SAYS_DATE = re.compile(
    r"(?:\b(?:on|dated?|since|until|till?|thru|through|admit(?:ted)?|adm|admission|disch(?:arged?)?|d/?c(?:'?e?d)?|seen|visit(?:ed)?|visits|appts?|appointments?|"
    r"clinic|scheduled?|sched|booked|performed|drawn|collected|sent|received|rec'?d|reported|dictated|typed|signed|surgery|op|dos|d\.o\.s|lmp|edd|edc|dob|d\.o\.b|born|"
    r"start(?:ed|s|ing)?|stopp?(?:ed)?|began|begun|given|done|taken|placed|removed|inserted|removal|effective|eff|as of|w/c|week of|wk of|week commencing|"
    r"due|next|last|labs?|bloods|cultures?|cx|bcx|ucx|ct|mri|mra|cxr|cxray|x-?ray|xr|us|uss|usg|echo|tte|tee|pet|eeg|ekg|ecg|emg|dexa|lp|bx|biopsy|scan|film|films|"
    r"colonoscopy|egd|ogd|cath|mammo(?:gram)?|ebus|session|cycle|repeat(?:ed)?|note|referral|letter|call(?:ed)?|phoned|r/v|review(?:ed)?|rtc|rto|nv|l?ov|f/u|follow-?up|"
    r"transferred|moved|died|expired|fell|fall|onset|noted|updated|faxed|mailed|ordered|refilled|filled|expires?|exp|closed|cleared|out|off|read|work|school|shots?|vaccin\w+|vax|immuni[sz]\w+|tdap|mmr|flu|booster|refill|admit|signed|eval|consult|s/p|hx|d/w|spoke|visit|returns?|returned|rescheduled|"
    r"board|court|meeting|cert|leave|wedding|trip|travel|flight|"
    r"(?:morning|evening|night|afternoon|day) of|wr|pwr|ward round|rounds|mtg|iep|huddle|hearing|presented|planned|expected|decide|log|photos?|culture|swab|asp|mon|tues?|wed|weds|thu|thurs?|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?!scored|rated|graded|decreased|increased|reduced|improved|resolved|reported|worsened|measured|need|speed|bed|led|red|fed)[a-z]{2,12}ed)\b\.?)"
    r"[\s:=(,#\-]{0,3}(?:(?:on|date|for|by|at|in|the|until|to|before|after|from|is|was|of)[\s:]{1,2}){0,2}$",
    re.IGNORECASE,
)
_HINTS = re.compile(r"(?:[(;:]|\b(?:from|by|after|of|to|for|between|around|circa|was|is|were|at)\s)\s?$", re.IGNORECASE)
_STRONGLY = re.compile(
    r"\b(?:on|dated?|since|before|admit(?:ted)?|adm|admission|disch(?:arged?)?|d/?c'?e?d|appts?|appointments?|scheduled|dos|lmp|edd|edc|dob|born|as of|w/c|week of|wk of|"
    r"mon|tues?|wed|weds|thu|thurs?|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b\.?[\s:=(,]{0,3}(?:(?:on|date|for|by|until|to|before|from|is|was)[\s:]{1,2})?$",
    re.IGNORECASE,
)
"""Nothing but a day follows these, whatever the fraction looks like."""
_SCORED = re.compile(
    r"\b(?:pain|strength|power|motor|reflex\w*|dtrs?|murmurs?|sem|scor\w+|scale|gcs|apgars?|mmse|moca|vision|visual|acuity|va|od|os|ou|oriented|orientation|a&o\w*|ao|"
    r"gleason|grade\w*|stage|pulses?|mrc|ratio|tabs?|tablets?|bp|ecog|station|images?|series|block|cores?|nodes?|effort|intensity|severity|rat(?:ed|es|ing)|mg|mcg|units?|level|ln|lns|nodes?|"
    r"edema|oedema|pitting|tendon|quads?|hams\w*|biceps|triceps|deltoids?|grip|ehl|ehf|flexion|extension|flexors?|extensors?|dorsiflexion|plantarflexion|distress|anxiety|mood|depression|"
    r"nrs|vas|ph|iop|slept|aches?|headache|tenderness|sore\w*|nausea|fatigue|discomfort|itch|criteria|qsofa|sirs|bottles|sets?|strips?|films? \d|"
    r"fev1?|ankle jerks?|pupils?|extremit\w+|achilles|patella\w*|bue|ble|rue|lue|rle|lle|monofilament|jerks?|sensation|tone|spasticity|ashworth|likert|answers?|recall|katz|stairs|aggs?|worst|best|trend|stations?|vertebra\w*|lumbar|thoracic|cervical|disc|discs|limb|leg|arm|left|right)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"\b(?:weeks?|wk|cycle|session|fractions?|course|page|pg|part|visit|images?|series|block|day|dose|grade|stage|class)\s(?:no\.?\s|#)?$",
    re.IGNORECASE,
)
"""Right before "3/6": the third of six."""
_SPAN_OF_TIME = re.compile(
    r"(?:\b(?:in|for|x|every|past|over|within|approx|about|another|further|rpt|rv|rev|q|last|next|aged?|repeat|review|f/u|fu|follow-?up|about|nearly|almost|supply|only|ago|tds|bd|od|qds|nocte|y|yrs?|years?)|\dy|[x~\d])[\s:(]{0,2}$",
    re.IGNORECASE,
)
"""Before `6/52`, `3/12`, `5/7`: weeks, months, days in British and Indian notes."""
_BRITISH = re.compile(
    r"(?<![\w/.])(?:\d{1,2} ?/ ?52|[x\-]/(?:7|12|52)|(?:x|for|in|every|after|of|past|last)\s?\d{1,2} ?/ ?(?:7|12)|\d{2} ?/ ?40)(?![\w/])",
    re.IGNORECASE,
)
"""Spans of time written as fractions: then more of them are to be expected."""
_OF_WHAT = re.compile(
    r"\s{0,2}(?:of\b|tabs?\b|tablets?\b|cups?\b|strength|power|murmur|systolic|diastolic|sem\b|vision|pain|cores?\b|nodes?\b|bottles?|doses?|criteria|bilat|throughout|in (?:all|both|the)\b|"
    r"monofilament|full|way|hrs?\b|hourly|reflex|pulses|edema|oedema|pitting|up\b|inch|strips|hpf|positive|pos\b|neg\b|correct|recall|lobes?|disc|stage|grade|severity|intensity|sets|old\b|ago\b|"
    r"history|hx\b|gestation|weeks?|supply)",
    re.IGNORECASE,
)
_LINE_START = re.compile(r"(?:^|\n)[ \t>*•\-]{0,6}$")
_OPENS_ENTRY = re.compile(r"\s?(?:[:)]|-\s|(?:pt|seen|called|s/p|d/w|[A-Z][a-z]+))|\s{2,}|\s[A-Z]{2,}\b")
_HALVES = frozenset({(1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (1, 8), (1, 5)})
_SCORES = frozenset({1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 14, 15, 18, 20, 21, 24, 25, 27, 28, 30})
"""What scores and eye charts end at."""
_TIMES = frozenset({7, 12, 24, 52, 40})
_GOES_ON = re.compile(
    r"\s{0,2}(?:\s|@|at)\s?(?:[01]?\d|2[0-3]):[0-5]\d(?!\d)|\s{0,2}\||\s?(?:am|pm|a\.m|p\.m|morning|evening|night|afternoon)\b|\s(?:ct|mri|cxr|echo|visit|surgery|scan|labs|note|clinic|admission|admit|film|biopsy|appt|appointment|study|pet|ultrasound|us|tte|ecg|ekg|bloods)\b",
    re.IGNORECASE,
)
_CLOCK_FOLLOWS = re.compile(r"\s{0,2}(?:\s|@|at)\s?(?:[01]?\d|2[0-3]):[0-5]\d(?!\d)")
_VERTEBRA = re.compile(r"(?<![\w/])[CTLSDV]\s?$")
_ON = re.compile(r"\bon\s{1,2}$", re.IGNORECASE)
_IN_LIST = re.compile(r"\s?(?:,|;|&|\+|and|or|then|/|,\s?and)\s?")
"""Between the days of a list: "3/14, 3/15 and 3/16"."""
_LEAST = 0.4
_DOUBTFUL = 0.1
_REACH = 60
_PRESSURE = re.compile(
    r"\b(?:ippv|neopuff|pip|peep|cpap|bipap|niv|pressures?|settings?|mixtard|novomix|humulin|novolin|prone|insulin|ratio|lens|rx|bp|targin\w*|suboxone|buprenorphine|oxycodone|amlodipine)\b[^.;]{0,24}$",
    re.IGNORECASE,
)
_FULL = re.compile(r"(?<![\w/.-])(\d{1,2})[/.-](\d{1,2})[/.-](?:19|20)?\d\d(?![\w/-])")


def find_short_dates(document: Document) -> Iterator[Found]:
    """Day and month in digits. Linear: looks a fixed way around each fraction, then once at all that were found.

    A fraction that could be both is a date where the text holds sure dates of the same months.
    """
    text = document.numeric
    british = _BRITISH.search(text) is not None
    taken: set[int] = set()
    sure: list[tuple[int, int]] = []
    for match in _RANGE.finditer(text):
        if _is_range_of_days(text, match):
            taken |= {match.start(1), match.start(3)}
            sure += [(int(match[1]), int(match[2])), (int(match[3]), int(match[4]))]
            yield Found(match.start(1), match.end(2), "DATE", 0.75)
            yield Found(match.start(3), match.end(4), "DATE", 0.75)
    doubtful: list[re.Match[str]] = []
    listed = -1
    for match in _SHORT.finditer(text):
        score = 0 if match.start() in taken else _score(text, match, british=british)
        if score == _DOUBTFUL and _IN_LIST.fullmatch(text, listed, match.start()):
            score = 0.6
        if score >= _LEAST:
            listed = match.end()
        if score == _DOUBTFUL:
            doubtful.append(match)
        elif score:
            sure.append((int(match[1]), int(match[2])))
            yield Found(*match.span(), "DATE", score)
    if doubtful:
        months = _Months([*sure, *((int(full[1]), int(full[2])) for full in _FULL.finditer(text))])
        for one, other in zip(doubtful, [*doubtful[1:], None], strict=True):
            if other and _are_columns(text, one, other):
                yield Found(*one.span(), "DATE", 0.6)
                yield Found(*other.span(), "DATE", 0.6)
            elif one[2] not in ("5", "10") and months.fit(int(one[1]), int(one[2])):
                yield Found(*one.span(), "DATE", 0.5)
    for match in _DAYS.finditer(text):
        if _is_run_of_days(text, match):
            yield Found(*match.span(), "DATE", 0.65)
    for match in _MONTH_YEAR.finditer(text):
        before = _before(text, match.start())
        if _SAYS_MONTH.search(before) and not _SCORED.search(before) and not UNIT_FOLLOWS.match(text, match.end()):
            yield Found(*match.span(), "DATE", 0.6)
    for match in _DASHED.finditer(text):
        before = _before(text, match.start())
        opens = _LINE_START.search(before) and text.startswith(":", match.end())
        if (opens or _SAYS_DATE.search(before)) and not UNIT_FOLLOWS.match(text, match.end()):
            yield Found(*match.span(), "DATE", 0.6)


class _Months:
    """The months of the dates that are sure, and whether the text writes the day or the month first."""

    def __init__(self, dates: list[tuple[int, int]]) -> None:
        self._day_first = sum(first > 12 for first, _ in dates) - sum(second > 12 for _, second in dates)
        self._known = {month for date in dates for month in self._months(*date)}

    def _months(self, first: int, second: int) -> set[int]:
        one = {second} if self._day_first > 0 else {first} if self._day_first < 0 else {first, second}
        return {month for month in one if 1 <= month <= 12}

    def fit(self, first: int, second: int) -> bool:
        near = {(month + step - 1) % 12 + 1 for month in self._months(first, second) for step in (-1, 0, 1)}
        return bool(near & self._known)


def _are_columns(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    """Whether two days stand at the head of columns: "2/7     2/8"."""
    gap = text[one.end() : other.start()]
    if gap.strip(" |\t") or not 0 < len(gap) < 30:
        return False
    steps = (int(other[1]) - int(one[1]), int(other[2]) - int(one[2]))
    return (steps[0] == 0 and 0 < steps[1] < 8) or (steps[1] == 0 and 0 < steps[0] < 8 and int(one[1]) > int(one[2]))


def _before(text: str, position: int) -> str:
    """What stands before, on this line and on the one before it: lines may be broken anywhere."""
    return text[max(0, position - _REACH) : position].rpartition("\n\n")[2]


def _is_day_and_month(one: int, other: int) -> bool:
    return 1 <= min(one, other) <= 12 and 1 <= one <= 31 and 1 <= other <= 31


def _is_range_of_days(text: str, match: re.Match[str]) -> bool:
    first, second, third, fourth = (int(match[group]) for group in range(1, 5))
    if not (_is_day_and_month(first, second) and _is_day_and_month(third, fourth)):
        return False
    if UNIT_FOLLOWS.match(text, match.end()) or _OF_WHAT.match(text, match.end()):
        return False
    before = _before(text, match.start())
    if _STRONGLY.search(before):
        return True
    if {(first, second), (third, fourth)} <= _HALVES or (second == fourth and first <= second and third <= fourth):
        return False
    if "0" in (match[1][0], match[2][0], match[3][0], match[4][0]):
        return True
    return not _SCORED.search(before) and not ({second, fourth} <= _TIMES and _SPAN_OF_TIME.search(before))


def _is_run_of_days(text: str, match: re.Match[str]) -> bool:
    """Whether `3/14-18` or `14-18/3` is a stretch of days, not a strength, a pain, a span of weeks."""
    month = int(match["m1"] or match["m2"])
    first, last = int(match["d1"] or match["d3"]), int(match["d2"] or match["d4"])
    before = _before(text, match.start())
    if (
        not (1 <= month <= 12 and 1 <= first < last <= 31)
        or UNIT_FOLLOWS.match(text, match.end())
        or _OF_WHAT.match(text, match.end())
    ):
        return False
    return bool(_STRONGLY.search(before)) or (
        last > 12 and month not in (7, 12) and not _SCORED.search(before) and not _SPAN_OF_TIME.search(before)
    )


def _score(text: str, match: re.Match[str], *, british: bool) -> float:
    """How sure it is that the fraction is a day and a month; 0 if it is not."""
    first, second = int(match[1]), int(match[2])
    if not _is_day_and_month(first, second) or (first, second) == (24, 7):
        return 0
    before = _before(text, match.start())
    if UNIT_FOLLOWS.match(text, match.end()) or _OF_WHAT.match(text, match.end()) or _VERTEBRA.search(before):
        return 0
    padded = match[1][0] == "0" or match[2][0] == "0"
    strongly = bool(_STRONGLY.search(before))
    if not padded and second in _TIMES and _SPAN_OF_TIME.search(before):
        return 0
    if strongly and not _ON.search(before):
        return 0.75
    scored = first <= second and second in _SCORES
    if not padded and scored and _NUMBERED.search(before):
        return 0
    if _CLOCK_FOLLOWS.match(text, match.end()):
        return 0.7
    if not padded and (_SCORED.search(before) if scored or max(first, second) < 6 else _PRESSURE.search(before)):
        return 0
    if strongly:
        return 0.75
    said = (
        bool(_SAYS_DATE.search(before))
        or bool(_GOES_ON.match(text, match.end()))
        or bool(not scored and _LINE_START.search(before) and _OPENS_ENTRY.match(text, match.end()))
    )
    if padded:
        return 0.7 if said else 0.6
    if (first, second) in _HALVES:
        return _DOUBTFUL if said or (before.endswith("(") and text.startswith(")", match.end())) else 0
    if second in _TIMES and british:
        return _DOUBTFUL
    if said:
        return 0.65 if not scored and second not in _TIMES else 0.6
    if scored or second in _TIMES:
        return _DOUBTFUL
    # "27/6", "11/17": more than any score of that length.
    hinted = bool(_HINTS.search(before)) or text[match.end() : match.end() + 1] in (":", ")")
    return 0.6 if hinted else 0.55 if second > 12 else _DOUBTFUL
