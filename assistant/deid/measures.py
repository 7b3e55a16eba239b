"""Words by which a number is a measurement, a dose, a score: never an identifier."""

import re

UNIT = (
    r"(?:m[gl]|mcg|[µu]g|ng|pg|kg|g|gm|gms|grams?|lbs?|oz|mm|cm|m|km|dl|cc|meq|mmol|[µu]mol|nmol|pmol|iu|miu|units?|u|mmhg|cmh2o|kpa|bpm|rpm|fr|french|gauge|ga|"
    r"hz|khz|mhz|kv|mv|ms|msec|mgy|gy|cgy|sv|msv|db|hu|kcal|cal|calories?|joules?|watts?|volts?|ppm|fps|"
    r"litres?|liters?|l|drops?|gtts?|puffs?|sprays?|tabs?|tablets?|caps?|capsules?|pills?|doses?|vials?|amps?|patch(?:es)?|"
    r"sec(?:ond)?s?|mins?|minutes?|hrs?|hours?|days?|nights?|wks?|weeks?|months?|mos?|yrs?|years?|y/?o|"
    r"cells?|copies|copy|cfu|colonies|platelets|beats|steps|feet|foot|ft|inch(?:es)?|miles?|metres?|meters?|yards?|reps?|sets|times|percent|per\s?cent|%|degrees?|°|x)"
)
"""Of length, mass, time, dose, count, in any case. For use inside a pattern, where a number ends."""
UNIT_FOLLOWS = re.compile(
    rf" {{0,2}}-?(?:{UNIT}(?![A-Za-z])|[%°]|/ ?(?:\d{{0,3}} ?(?:d?l|[mµu]l|kg|m2|mm3|cumm|hpf|lpf|day|d|min|hr?|hour|week|wk|month|dose|sec|s|m|cm|mm))(?![A-Za-z]))",
    re.IGNORECASE,
)
"""`match` it where a number ends."""

WORD_ENDS_CLAUSE = (
    r"(?:and|or|for|at|with|w|when|if|but|then|he|she|they|it|we|i|pt|patient|because|as|by|after|before|until|til|till|from|through|thru|since|"
    r"was|were|is|are|had|has|have|will|can|could|would|should|may|might|must|did|does|do|to|in|on|so|due|via|per|without|without|who|which|while|showed|shows|showing|no|not|normal|neg|negative|positive|"
    r"am|pm|morning|afternoon|evening|night|noon|that|this|the|a|an|his|her|their|re|only|also|again|today|where|plus|still)"
)
"""What may follow a day of the month: never a noun ("the 3rd rib"), never a unit."""

_NUMBER = r"\d{1,5}(?:\.\d{1,3})?"
_RANGE = re.compile(rf"{_NUMBER} ?[-–] ?{_NUMBER}")
_VALUE = re.compile(_NUMBER)
_SIGNS = frozenset("0123456789.-–")
_LONGEST = 16
"""Signs of a range that are looked at on each side: "12345.123-12345" has no more."""
_LABEL = r"(?:reference|ref\.?|normal|nl|target)(?: (?:range|interval|values?|limits))?:? ?"
_LABELLED = re.compile(rf"[(\[|] ?{_LABEL}[<>≤≥]? ?$", re.IGNORECASE)
_UNIT_BEFORE = re.compile(rf"(?:(?<![A-Za-z]){UNIT}|/ ?(?:d?l|[mµu]l|min|h|hpf)) ?[(\[|] ?$", re.IGNORECASE)
_NEXT_CELL = re.compile(r" ?\| ?")
_COUNT_FOLLOWS = re.compile(r" ?(?:[KMT]|x ?10(?:\^|\*|e)?\d{1,2}) ?/ ?[uµmcn]?[Ll]\b")
_CONCENTRATION_FOLLOWS = re.compile(
    rf"(?: ?\| ?|:? ?=? ?(?:(?:was|is|measured|at)\s){{1,2}}|: )[<>≤≥]? ?{_NUMBER}(?:/\d{{1,3}})? ?\|? ?"
    r"(?:(?:[mµunpfk]?(?:g|mol|iu|eq)|iu|u|units|cells)/(?:d?l|[mµu]l|g|mmol)|mmhg)(?![a-z])",
    re.IGNORECASE,
)


def is_measured(text: str, start: int, end: int) -> bool:
    """Whether the digits from `start` to `end` are of a value with its unit, or of the range that is usual for one.

    A range needs its label in brackets ("(reference 7-20)") or a unit before it ("g/dL (12.0-16.0)"): "3.5-5.1" alone may be two days.
    """
    left, right = start, end
    while left and start - left < _LONGEST and text[left - 1] in _SIGNS:
        left -= 1
    while right < len(text) and right - end < _LONGEST and text[right] in _SIGNS:
        right += 1
    while left < right and text[right - 1] in ".-–":
        right -= 1
    number, before = text[left:right], text[max(0, left - 40) : left]
    if _RANGE.fullmatch(number):
        return bool(_LABELLED.search(before)) or ("." in number and bool(_UNIT_BEFORE.search(before)))
    if not _VALUE.fullmatch(number):
        return False
    if _LABELLED.search(before):
        return True
    cell = _NEXT_CELL.match(text, right)
    at = cell.end() if cell else right
    return "." in number and bool(UNIT_FOLLOWS.match(text, at) or _COUNT_FOLLOWS.match(text, at))


def is_quantity(text: str, end: int) -> bool:
    """Whether a word that ends at `end` is followed by a concentration or a pressure: then it says what was measured."""
    return bool(_CONCENTRATION_FOLLOWS.match(text, end))
