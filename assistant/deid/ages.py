"""Ages over 89, in figures and in words. Younger ages are no identifiers."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.lexicon import CLINICAL, COMMON, HEAD
from assistant.deid.measures import UNIT_FOLLOWS
from assistant.deid.policy import OLDEST_AGE_KEPT
from assistant.deid.spans import Found

_OLDEST = 125
_FIGURE = re.compile(
    r"(?<![\d.,+<±~$€£#])(?<![^MFmf]/)(?<![A-DF-Za-df-z-]-)(?<!\b[A-EG-LN-Z])0?(?:9\d|1[0-2]\d)(?!\d|[.,/]\d)"
)
_KIN = (
    r"mother|father|mum|mom|ma|dad|pa|wife|husband|spouse|partner|sister|brother|aunt|auntie|uncle|gran|grandma|granny|grandad|grandpa|grandmother|grandfather|nan|nana|nanna|"
    r"mother-in-law|father-in-law|mgm|mgf|pgm|pgf|neighbou?r|friend|carer|great-\w+"
)
_TITLE = (
    r"mr|mrs|ms|miss|mx|dr|prof|rev|fr|sr|mev|mnr|mme|frau|herr|sra|mevrouw|meneer|signora|lady|sir|father|pastor|chief"
)
_PERSON = rf"both|twins?|i|you|he|she|they|who|pt|patient|client|resident|lady|gentleman|man|woman|person|now|{_KIN}"

_YEARS = re.compile(
    r"\s?(?:ans|años|jaar|anni|jahre)\b|\+?(?:\s|-){0,2}(?:(?:years?|yrs?|y)\.?(?:[\s-]{0,2}(?:olds?|o(?![a-z])|young|of\sage)|(?=\s(?:m|f|male|female|man|woman|lady|gentleman|gent|caucasian|white|black|hispanic|asian|african)\b)|(?=[,.;)]|\sand\s\d))"
    r"|y\.?/?o\.?(?![a-z])|yo[mf](?![a-z])|(?:yrs?|y)(?![a-z])|yr?s?\d{1,2}m)",
    re.IGNORECASE,
)
_SEX = re.compile(
    r"(?: ?[/-]? ?|,)[MF](?![\w/'-]|\.\w|\s?\d)|\s(?:male|female|woman|man|lady|gentleman)\b|[mf](?=\s(?:with|w/|w|from|adm\w*|on|c/o|p/w|presents|presenting|hx|pmh|bib\w*|found|fell|lives|who|s/p)\b)"
)
_TEMPERATURE = re.compile(
    r"(?:\bt|\btemp\w*|\btm(?:ax)?|fevers?|febrile|\bof|\bto|\bwas|\bwalk\w*|plt|platelets)\s?[:=]?\s?$", re.IGNORECASE
)
"""Before "101F" or "100 M"."""
_SEX_BEFORE = re.compile(r"(?<![\w.])[MF]\s?[/,]\s?$|\b(?:male|female)[,\s]{1,2}(?:aged?\s)?$", re.IGNORECASE)
_LABEL = re.compile(
    r"(?<![a-z])(?:aged?|ages|aet\.?|aetat\.?|age\s?/\s?sex|sex\s?/\s?age|age\s?\(y(?:ea)?rs?\))['\"]?(?:\s(?:of|is|was|at\sdeath|at\sdiagnosis|now|about|over|approx\.?)){0,2}[\s:=\"'(>|≥-]{0,6}$",
    re.IGNORECASE,
)
_IS = re.compile(
    rf"(?<![\w-])(?:(?:{_PERSON})|(?:{_TITLE})\.?(?:\s[\w'-]{{2,20}}){{1,3}})(?:'s|'m|'re|'ll be|'d be|,? also|,? then|\s(?:is|was|am|are|were|would be|would have been|must be|has\s(?:just\s)?turned|just\sturned|turned|turns|will\sbe|aged|at))\s(?:now\s|nearly\s|almost\s|just\s|over\s|about\s|only\s|already\s){{0,2}}$",
    re.IGNORECASE,
)
_AT_START = re.compile(
    r"(?:^|[\n.;:(]\s{0,2}|\bat\s|\b(?:pushing|past|nearly|almost|over|knocking on|coming up to|approaching)\s)$",
    re.IGNORECASE,
)
_LIVES = re.compile(
    r",?\s(?:she|he|they|and still|lives|living|widow\w*|retired|lady|gent\w*|female|male|woman|man|white|from|nursing|resident|independent|bedbound|frail|fit|with (?:dementia|af|copd|chf)|hx|pmh|known|admitted|found)\b|\s?[♀♂]|,?\s?[MF],",
    re.IGNORECASE,
)
_NAMED_IS = re.compile(
    r"(?<![\w-])([A-Z][a-z]{2,20})\s(?:is|was|turned|turns|will be|is now)\s(?:now\s|almost\s|nearly\s|just\s)?$"
)
_PUSHING = re.compile(
    r"\b(?:rising|just shy of|(?:alone|independent|independently|living|lives|driving|drives|working|works|active|mobile|still \w{3,12}) at|pushing|knocking on|coming up to|approaching)\s$",
    re.IGNORECASE,
)
_OF = re.compile(
    r"\b(?:man|woman|lady|gentleman|widow\w*|nun|priest|veteran|farmer|teacher|male|female|great-\w+)\sof\s$",
    re.IGNORECASE,
)
_LIVED = re.compile(
    r"(?<![\w-])(?:lived?\s(?:un)?to(?:\sbe|\sage)?|lived?\suntil(?:\sage)?|died\s(?:at|aged)(?:\sage)?|dead\sat|passed(?:\saway)?\sat|survived\sto|d\.|turn(?:s|ed|ing)?|reach(?:ed|es|ing)?|celebrat\w+\s(?:her|his)|alive(?:\sand\swell)?(?:\sat)?|"
    r"well\sat|at\sage|(?:old\s)?age\sof|until\sage)\s$",
    re.IGNORECASE,
)
_APPOSED = re.compile(
    rf"(?<![\w-])(?:{_KIN}|(?:{_TITLE})\.?(?:\s[\w'-]{{1,20}}){{1,3}}|patient|pt|(?P<name>[A-Z][\w'-]{{1,20}}))(?i:,\s(?:now\s|aged?\s|also\s|currently\s)?|\s?\(\s?(?:now\s|aged?\s)?)$",
    re.IGNORECASE,
)
_AFTER_APPOSED = re.compile(
    r"\s?(?:[,);.\n]|$)|\s(?:and|who|with|was|is|has|had|from|lives|admitted|fell|seen|in|on)\b"
)
_BIRTHDAY = re.compile(r"(?:st|nd|rd|th)(?=\s(?:birthday|b-?day|year)\b)", re.IGNORECASE)
_DECADE_BEFORE = re.compile(
    r"\b(?:his|her|their|my|(?:man|woman|lady|gentleman|female|male|patient|pt)\sin\s(?:the\s)?)\s?(?:early\s|mid[\s-]|late\s)?$",
    re.IGNORECASE,
)
_DECADE = re.compile(r"'?s(?!\w)")
_ENDING = re.compile(r"'?s(?!\w)|(?:st|nd|rd|th)(?!\w)")
"""What belongs to the number: "90s", "102nd"."""
_KIN_BEFORE = re.compile(
    rf"(?<![\w-])(?:{_KIN})\s?[:,-]?\s(?:d\.?\s|dec(?:eased)?\.?\s|died\s|still\salive\s|alive\s|age\s|lived\s|now\s)?$",
    re.IGNORECASE,
)
_STARTS_ENTRY = re.compile(r"(?:^|[\n.;]|\b(?:pt|patient|an?|this|bed \w{1,3})[:.]?)\s{0,3}$", re.IGNORECASE)
_SMALL_SEX = re.compile(r"[mf](?=[\s,;])")
_GROUP_OF_PEOPLE = re.compile(
    r"\b(?:patients|adults|people|persons|men|women|those|individuals|subjects|participants|elderly|population|veterans|residents|cohorts?|volunteers)\s(?:who\sare\s|were\s)?(?:aged\s|age\s|ages\s)?(?:over|above|older\sthan|"
    r"under|below|younger\sthan|up\sto|[<>≥≤]=?|aged|ages|from|between|at\sleast)\s{0,2}(?:the\sage\sof\s)?(?:\d{1,2}\s?(?:-|to|and)\s?)?$",
    re.IGNORECASE,
)
_READING = re.compile(
    r"\s?(?:%|on\s(?:ra|room|air|\d|nc|o2|cpap)|/\s?\d|bpm|beats|systolic|percent|degrees|kg|lbs?|pounds|cm|over\s\d)",
    re.IGNORECASE,
)

_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_IN_WORDS = re.compile(
    rf"(?<![a-z-])(?:(?P<ordinal>(?:ninetieth|ninety[\s-](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|(?:(?:one|a)[\s-])?hundred(?:th|[\s-](?:and[\s-])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth))))"
    rf"|(?P<decade>nineties)|(?P<sure>ninety-(?:{_ONES}))|(?P<number>ninety(?:\s(?:{_ONES}))?|(?:(?:an?|one)[\s-])?hundred(?:[\s-](?:and[\s-])?(?:{_ONES}|{_TEENS}))?)|(?P<old>(?:super-?)?centenarians?|nonagenarians?|(?:tenth|eleventh|10th|11th)\sdecade(?=\sof\slife)))(?![a-z])",
    re.IGNORECASE,
)
_YEARS_IN_WORDS = re.compile(
    r"[\s-]{1,2}(?:years?|yrs?|yr)(?:[\s-]{1,2}(?:olds?|young|of\sage))?(?![a-z])|[\s-]?(?:y\.?o\.?|y/o)(?![a-z])",
    re.IGNORECASE,
)
_PLAIN_YEARS = re.compile(r"[\s-]{1,2}(?:years?|yrs?)(?![a-z]|[\s-]{1,2}(?:old|young|of\sage))", re.IGNORECASE)
_SAID_IN_WORDS = re.compile(
    r"(?:\b(?:aged?|is|was|turn(?:s|ed|ing)?|reach(?:ed|ing)?|nearly|almost|now|lived\sto(?:\sbe)?|died\sat|age\sof|at|of|am|are|over|past|pushing|approaching|and|be)|'s|'m|'re)\s(?:now\s|nearly\s|almost\s|just\s|over\s|about\s|a\sspry\s){0,2}$",
    re.IGNORECASE,
)
_AGED = re.compile(r"\b(?:aged?|age\sof)\s$", re.IGNORECASE)
_OWN = re.compile(r"\b(?:his|her|their|my)\s(?:early\s|mid[\s-]|late\s)?$", re.IGNORECASE)
_CLAUSE_ENDS = re.compile(
    r"\s?(?:[,.;)]|$)|\s(?:and|but|still|with|who|man|woman|lady|gentleman|next|this|in|now|then|when|years)\b|-(?:odd|something|plus)\b",
    re.IGNORECASE,
)
_NOT_YEARS = re.compile(
    r"[\s-]{0,2}(?:percent|per\scent|%|degrees?|minutes?|mins?|seconds?|hours?|days?|weeks?|months?|times|miles?|beats|milligrams?|mg|mil\w*|micrograms?|units?|pounds?|lbs?|kilo\w*|kg|dollars|patients|people|"
    r"over|systolic|thousand|million|on\s(?:room|ra|oxygen|\d)|out\sof|yards|feet|metres|meters|steps|tablets|capsules|and\s(?:ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety))\b",
    re.IGNORECASE,
)
_REACH = 70


def find_ages(document: Document) -> Iterator[Found]:
    """Ages over 89: the number alone, or the word. Ages of groups ("patients over 90 years") stay."""
    text = document.numeric
    for match in _FIGURE.finditer(text):
        if OLDEST_AGE_KEPT < int(match.group()) <= _OLDEST and (score := _score(document, match)):
            ending = _ENDING.match(text, match.end())
            yield Found(match.start(), ending.end() if ending else match.end(), "AGE_OVER_89", score)
    text = document.text
    for match in _IN_WORDS.finditer(text):
        if score := _score_in_words(text, match):
            yield Found(*match.span(), "AGE_OVER_89", score)


def _score(document: Document, match: re.Match[str]) -> float:
    text, end = document.numeric, match.end()
    before, after = text[max(0, match.start() - _REACH) : match.start()], text[end : end + _REACH]
    if _GROUP_OF_PEOPLE.search(before) or (before[-1:] in ("=", ">", "-") and not _LABEL.search(before)):
        return 0
    if _YEARS.match(after) or _BIRTHDAY.match(after):
        return 0.9
    if _SEX.match(after) and not _TEMPERATURE.search(before):
        return 0.9
    if _SMALL_SEX.match(after) and _STARTS_ENTRY.search(before):
        return 0.75
    if match.group() == "90" and _DECADE.match(after) and _DECADE_BEFORE.search(before):
        return 0.85
    if after[:1].isalpha() or after[:1] in ("%", "°") or _READING.match(after):
        return 0
    if _LABEL.search(before):
        return 0.9
    if _SEX_BEFORE.search(before):
        return 0.85
    if UNIT_FOLLOWS.match(after):
        return 0
    if _IS.search(before) or _LIVED.search(before) or _KIN_BEFORE.search(before) or _OF.search(before):
        return 0.8
    named = _NAMED_IS.search(before)
    if named and _is_name(document, named[1]):
        return 0.7
    if _PUSHING.search(before) and _CLAUSE_ENDS.match(after):
        return 0.7
    if _AT_START.search(before) and _LIVES.match(after):
        return 0.75
    if re.search(r"\bwas\s$", before) and re.match(r"\s(?:when|at the time)\b", after):
        return 0.75
    apposed = _APPOSED.search(before)
    if apposed is None or not _AFTER_APPOSED.match(after):
        return 0
    name = apposed["name"]
    if name is None:
        return 0.75
    return 0.65 if name[0].isupper() and not name.isupper() and _is_name(document, name) else 0


def _is_name(document: Document, word: str) -> bool:
    return not document.lexicon.kinds.get(word.lower(), 0) & (COMMON | CLINICAL | HEAD)


def _score_in_words(text: str, match: re.Match[str]) -> float:
    before, after = text[max(0, match.start() - _REACH) : match.start()], text[match.end() : match.end() + _REACH]
    if match["old"]:
        return 0.8
    if match["decade"]:
        return 0.85 if _OWN.search(before) or _DECADE_BEFORE.search(before) else 0
    if match["ordinal"]:
        return 0.85 if _OWN.search(before) or re.match(r"\s(?:birthday|b-?day|year)\b", after, re.IGNORECASE) else 0
    if _GROUP_OF_PEOPLE.search(before) or _NOT_YEARS.match(after):
        return 0
    said = _SAID_IN_WORDS.search(before) is not None
    if _YEARS_IN_WORDS.match(after):
        return 0.9 if said or not _PLAIN_YEARS.match(after) else 0
    if said and (match["sure"] or _AGED.search(before) or _CLAUSE_ENDS.match(after)):
        return 0.85
    return 0.65 if match["sure"] and _CLAUSE_ENDS.match(after) else 0
