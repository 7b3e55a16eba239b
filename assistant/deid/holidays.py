"""Feasts and public holidays: each is a day or a few days of one year, so each is a date."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.spans import Found

_ANY_CASE = (
    # Christian and of the calendar
    r"christmas(?: (?:eve|day|morning|night|week|weekend|dinner|lunch|party|break|holidays?))?",
    r"x-?mas(?: (?:eve|day|morning|week|dinner))?",
    r"new year'?s?'?(?: (?:eve|day|weekend))?",
    r"(?:good friday|ash wednesday|palm sunday|maundy thursday|holy (?:week|thursday|saturday)|shrove tuesday|fat tuesday|mardi gras|pancake day|whit (?:sunday|monday)|whitsun|"
    r"all saints'?s?'? day|all souls'?s?'? day|mothering sunday|remembrance (?:day|sunday)|armistice day|boxing day|bonfire night|guy fawkes(?: night)?|burns night)",
    r"easter(?: (?:sunday|monday|saturday|day|weekend|week|eve|morning|break|holidays?))?",
    r"(?:pentecost|epiphany|michaelmas|candlemas|hogmanay|halloween|hallowe'en|thanksgiving(?: (?:eve|day|weekend|week|dinner|break))?|juneteenth|kwanzaa)(?: (?:day|night|weekend))?",
    r"(?:labou?r|memorial|veterans?'?s?'?|columbus|presidents?'?s?'?|indigenous peoples?'?s?'?|mlk|martin luther king(?: jr\.?)?|independence|valentine'?s?'?|groundhog|mother'?s'?|father'?s'?|"
    r"canada|victoria|australia|anzac|waitangi|heritage|freedom|republic|bastille|st\.? ?patrick'?s?|saint patrick'?s|paddy'?s|st\.? ?stephen'?s|st\.? ?david'?s|st\.? ?george'?s|st\.? ?andrew'?s|"
    r"st\.? ?brigid'?s|st\.? ?nicholas|april fools?'?s?'?|melbourne cup|flag|patriots?'?|earth|leap|election|lady|st\.? ?swithin'?s|three kings'?|commonwealth|pearl harbor|armed forces|national|nurses'?|midsummer'?s?|bastille|europe|schools?) (?:day(?: weekend)?)",
    r"(?:fourth|4th) of july",
    r"(?:nye|nyd|crimbo|mlk weekend|turkey day)",
    r"(?:super ?bowl sunday|cinco de mayo|day of the dead|d[ií]a de (?:los )?muertos|st\.? ?valentine'?s|valentine'?s)",
    r"(?:king|queen)'s birthday(?: weekend)?",
    r"(?:(?:spring|summer|august|may|easter|early may|late august|christmas|june|october|may day) bank holiday(?: (?:monday|weekend|friday))?|bank holiday (?:monday|weekend(?!s)|friday))",
    # Hindu, Sikh, Muslim, Jewish, Chinese, Persian
    r"(?:diwali|deepavali|divali|navarathri|navaratri|navratri|dussehra|dasara|vijayadashami|durga (?:puja|pooja)|ganesh chaturthi|janmashtami|raksha bandhan|makar sankranti|sankranti|pongal|"
    r"onam|ugadi|gudi padwa|bihu|lohri|maha navami|ram navami|holika dahan|bhai dooj|akshaya tritiya|buddha purnima|mahavir jayanti|baisakhi|vaisakhi|karva chauth|maha ?shivratri|maha ?shivaratri|guru nanak jayanti|gurpurab|gandhi jayanti|chhath(?: puja)?)(?: day)?",
    r"eid(?:[ -](?:al|ul|ul-|al-)[ -]?(?:fitr|adha))?(?: (?:day|holidays?|celebrations?|weekend))?",
    r"(?:ramadan|ramadhan|ramzan|muharram|ashura|mawlid|bakr-?id|bakri ?eid|laylat al-qadr)(?: \d{4})?",
    r"(?:rosh ha-?shanah?|yom kippur|sukkot|simchat torah|ch?anuk+ah?|hanukkah|purim|passover|pesach|shavuot|tisha b'?av|erev [a-z]{4,9})(?: (?:eve|week|seder))?",
    r"(?:lunar|chinese|persian|jewish|tamil|islamic|orthodox) (?:new year|christmas|easter)",
    r"(?:(?:winter|summer) solstice|(?:spring|autumn|vernal|autumnal|fall) equinox|midsummer(?:'s)?(?: eve| day)?|lammas|nollaig na mban|sinterklaas|carnival|carnaval)",
    r"(?:nowruz|norooz|navroz|songkran|vesak|mid-autumn festival|matariki)",
)
_CAPITALISED = (
    r"Holi(?: festival)?",
    r"Lent",
    r"Advent(?: Sunday)?",
    r"Tet",
    r"Youth Day",
    r"Women's Day",
    r"Human Rights Day",
    r"Day of (?:Reconciliation|Goodwill)",
    r"Family Day",
    r"Civic Holiday",
    r"Workers'? Day",
    r"May Day",
    r"Europe Day",
    r"Ascension(?: Day)?",
    r"Assumption(?: Day)?",
    r"Corpus Christi",
    r"Black Friday",
    r"Twelfth Night",
    r"Rakhi",
)
_NEEDS_PREPOSITION = frozenset(
    {
        "lent",
        "advent",
        "tet",
        "ascension",
        "assumption",
        "corpus",
        "holi",
        "epiphany",
        "eid",
        "flag",
        "earth",
        "leap",
        "rakhi",
    }
)
_YEAR = r"(?:,?\s(?:of\s)?(?:19\d\d|20[0-4]\d)(?!\d)|\s?'\d\d(?!\d))?"
_NOT_A_DAY = re.compile(
    r"(?:'s)?[\s-](?:disease|factors?|tree|island|islands|cactus|cards?|eggs?|rose|lily|lilies|seals?|hospital|university|medical|clinic|church|school|texas|tx|road|street|bells|sweater)\b|-[A-Z]",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"\b(?:on|at|since|last|before|after|around|over|by|until|till?|this|next|during|for|in|of|from|through|every|post|pre|celebrat\w+|observ\w+|fast(?:ing|s)?|near|between|past|because of|throughout|and)[\s-](?:the\s)?$",
    re.IGNORECASE,
)


_SOME_DAY = re.compile(
    rf"\b(?:[Oo]n|[Ss]ince|[Bb]efore|[Aa]fter|[Uu]ntil|[Bb]y|[Oo]ver|[Dd]uring|[Aa]round|[Ff]or|[Tt]ill) (?:the )?(?P<day>(?:(?:St\.?|Saint|Feast of|All) )?(?P<first>[A-Z][a-z]{{2,14}})(?:'s?|s')?(?: [A-Z][a-z]{{2,14}}(?:'s?|s')?)? (?:Day|Eve|Sunday){_YEAR})(?![A-Za-z])"
)
""""On Commonwealth Day": what is no word of the calendar but stands like one."""
_NO_FEAST = frozenset(
    "First Last Next Same Every Rest Study Birth Post Pre Each Any Sick Clinic Surgery Operation Operative Admission Discharge Treatment Training Work School Off Day Visit One Two".split()
)
_FIRST_WORDS = frozenset(
    """christmas xmas x x-mas new good ash palm maundy holy shrove fat mardi pancake whit whitsun all mothering remembrance armistice boxing bonfire guy burns easter pentecost epiphany
    michaelmas candlemas hogmanay halloween hallowe'en thanksgiving juneteenth kwanzaa labor labour memorial veteran veterans columbus president presidents indigenous mlk martin
    independence valentine valentines groundhog mother mothers father fathers canada victoria australia anzac waitangi heritage freedom republic bastille st saint patrick patricks paddy
    april melbourne flag patriot patriots earth leap fourth th super superbowl cinco day día dia king queen winter vernal autumn autumnal fall midsummer lammas nollaig sinterklaas carnaval election lady three commonwealth pearl armed national nurses nurse nye nyd crimbo turkey bank spring summer august early late june october diwali deepavali divali navarathri navaratri navratri dussehra dasara vijayadashami
    durga ganesh janmashtami raksha makar sankranti pongal onam ugadi baisakhi vaisakhi karva maha mahashivratri guru gudi bihu lohri ram holika bhai akshaya buddha mahavir gurpurab gandhi chhath eid eid-al-fitr eid-al-adha eid-ul-fitr
    eid-ul-adha ramadan ramadhan ramzan muharram ashura mawlid bakrid bakr-id bakri laylat rosh yom sukkot simchat hanukkah hanukah chanukah chanukkah purim passover pesach shavuot tisha erev lunar
    chinese persian jewish tamil islamic orthodox nowruz norooz navroz songkran vesak mid-autumn matariki holi lent advent tet youth women human family civic workers worker may europe
    ascension assumption corpus black twelfth rakhi""".split()
)
"""What a pattern below can begin with, in lower case: most words of a note need no further look."""
_AS_WRITTEN = tuple(
    re.compile(rf"(?:{'|'.join(sources)}){_YEAR}(?![A-Za-z])", flags)
    for flags, sources in ((re.IGNORECASE, _ANY_CASE), (0, _CAPITALISED))
)


def find_holidays(document: Document) -> Iterator[Found]:
    """Holidays with their eve and year. "Christmas disease" and "Easter lily" stay."""
    text = document.text
    for start, lower, word in zip(document.starts, document.lowers, document.words, strict=True):
        if lower not in _FIRST_WORDS:
            continue
        if lower == "th":  # "4th of July"
            start -= 1
        for pattern in _AS_WRITTEN:
            if (match := pattern.match(text, start)) and _is_holiday(text, match, word):
                yield Found(*match.span(), "DATE", 0.75)
                break
    for match in _SOME_DAY.finditer(text):
        if match["first"] not in _NO_FEAST:
            yield Found(*match.span("day"), "DATE", 0.6)


def _is_holiday(text: str, match: re.Match[str], word: str) -> bool:
    if _NOT_A_DAY.match(text, match.end()) or match.group() == "EID":
        return False  # EID: early infant diagnosis
    before = text[max(0, match.start() - 24) : match.start()]
    first = word.lower()
    if first in _NEEDS_PREPOSITION and " " not in match.group().strip():
        return bool(_PREPOSITION.search(before))
    if word.islower() and first in (
        "new",
        "labor",
        "labour",
        "mother",
        "father",
        "flag",
        "earth",
        "holy",
        "good",
        "leap",
    ):
        # "a new year", "day 2 of labor day care"
        return bool(_PREPOSITION.search(before))
    return True
