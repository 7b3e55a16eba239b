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
