"""Streets: number, words and a word for street; streets of other languages; highways; corners; houses with a name."""

import re
from collections.abc import Iterator

from assistant.deid.document import Document
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.spans import Found

PLAIN = (
    "street|avenue|ave|boulevard|blvd|bvd|bvld|road|rd|lane|ln|drive|parkway|pkwy|highway|hwy|crescent|cres|terrace|tce|terr|turnpike|tpke|"
    "expressway|expy|freeway|fwy|causeway|esplanade|mews|cul-de-sac|chowk|salai|nagar"
)
"""Words that are streets in any letters."""
_WITH_CAPITAL = (
    "St|Av|Dr|Drv|Ct|Crt|Pl|Cir|Sq|Trl|Ter|Way|Court|Circle|Place|Trail|Square|Loop|Alley|Aly|Close|Cl|Row|Plaza|Plz|Route|Rte|Broadway|Commons|Cmns|Crossing|Xing|"
    "Heights|Hts|Hill|Hills|Hollow|Holw|Ridge|Rdg|Run|Walk|Grove|Grv|Gardens|Gdns|Vista|Pike|Point|Pte|Path|Park|Quay|Parade|Pde|Rise|View|Vw|Vale|Green|Grn|Gate|Wharf|Bank|"
    "End|Fields|Field|Meadow|Meadows|Orchard|Brow|Brae|Wynd|Yard|Drove|Promenade|Prom|Passage|Psge|Bypass|Bend|Cove|Cv|Creek|Glen|Landing|Lndg|Mount|Pass|Spur|Villas|Cottages|Cross|"
    "Colony|Layout|Enclave|Marg|Gali|Sector|Estate|Estates|Extension|Extn|Main|Bridge|Chase|Croft|Dene|Downs|Fold|Garth|Gait|Knoll|Lea|Mall|Oval|Reach|Retreat|Strand|Trace|Valley|Village"
)
"""Words that are streets behind a number and capitals only."""
_DIRECTION = r"(?:[NSEW]\.?|[NS][EW]\.?|North|South|East|West|Northeast|Northwest|Southeast|Southwest)"
_NUMBER = r"(?<![\w/.-])(?:[Nn]o\.? ?)?\d{1,6}[A-Za-z]?(?:[-/]\d{1,5}[A-Za-z]?)?,?[ \t]{1,3}"
_CAPITALS = (
    r"(?:[A-ZÀ-Þ][\w.'’-]{0,25}|\d{1,4}(?:st|nd|rd|th|ST|ND|RD|TH)|de|la|le|les|del|du|des|of|the|van|der|and|&)"
)
_STREET = re.compile(
    rf"{_NUMBER}(?:{_DIRECTION}[ \t])?(?P<words>(?:{_CAPITALS}[ \t]){{1,5}}?)"
    rf"(?P<kind>(?i:{PLAIN})|{_WITH_CAPITAL}|{_WITH_CAPITAL.upper()})(?![\w'’-])(?:[ \t](?:(?i:{PLAIN})|{_WITH_CAPITAL})(?![\w'’-]))?\.?(?:[ \t]{_DIRECTION}(?![\w-]))?"
)
_STREET_LOWER = re.compile(
    rf"{_NUMBER}(?P<words>(?:(?:[a-z][a-z.'’-]{{0,25}}|\d{{1,4}}(?:st|nd|rd|th))[ \t]){{1,4}}?)"
    rf"(?P<kind>{PLAIN}|{_WITH_CAPITAL})(?![\w'’-])\.?(?:[ \t]{_DIRECTION}(?![\w-]))?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?<![\w/.-])(?:\d{1,5} {1,2})?(?:[NSEW]\.? )?\d{1,3}(?:st|nd|rd|th) (?:street|avenue|ave|st|rd|road|blvd)(?![\w'’-])\.?(?: (?:clinic|hospital|pharmacy|office)\b)?",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?<![\w'’-])(?P<words>(?:[A-ZÀ-Þ][\w'’-]{1,25} ){1,3})"
    r"(?:Street|Avenue|Boulevard|Road|Lane|Drive|Parkway|Highway|Blvd|Ave|Rd|Crescent|Terrace|St(?=\.? (?:in|near|and|clinic|[Cc]linic)|\.?,))(?![\w'’-])\.?"
)
_LETTER = re.compile(r"(?<![\w/.-])\d{1,6} (?i:avenue|ave|street|road|rd) (?:of the )?[A-Z][a-z']{0,20}(?![\w'’-])")
"""`1200 Avenue M`, `1345 Avenue of the Americas`"""
_THE = re.compile(r"(?<![\w/.-])\d{1,4}[A-Za-z]?,? The (?:[A-Z][a-z]{2,15} ?){1,2}(?=[,\n]|$)")
"""`1 The Green,`"""
_EUROPEAN = re.compile(
    r"(?<![\w'’-])(?:\d{1,5}(?: ?bis|ter)?,? )?(?:[Rr]ue|Calle|Avenida|Via|Viale|Piazza|Rua|Carrer|Ctra\.?|Plaza|Place|Boulevard|Av\.|Allée|Chemin|Largo|Camino|Paseo|Quai|Corso|"
    r"Vicolo|Praça|Travessa|Ulica|ul\.|Aleja|al\.|Strada|Str\.|Bulevardul|Jalan|Jl\.|Sokak|Rruga) "
    r"(?:(?:de|la|le|des|du|del|los|las|dos|das|do|da|di|della|dei|l['’]|d['’])\s?){0,3}[A-ZÀ-Þ][\w.'’-]{1,25}(?: (?:[A-ZÀ-Þ][\w.'’-]{1,25}|de|la|du|del|da|di)){0,3}(?:,? (?:n[°º.]? ?)?\d{1,5}(?:\w|[-/]\d{1,4})?(?![\w.]))?"
    r"|(?<!\w)[A-ZÀ-Þ][\w'’-]{2,30}(?:straße|strasse|str\.|gasse|weg|platz|allee|straat|laan|gracht|plein|singel|kade|dijk|vej|gade|gatan|vägen|veien|vegen|gata|tie|katu|utca|ulica)(?: \d{1,5}\w?(?:[-/]\d{1,4})?)?(?!\w)"
)
"""A word of the street first, or glued to the end; the number behind."""
_ROUTE_KIND = r"(?:(?:Old |State |U\.?S\.? |County |Co\.? |Farm to Market |Indian |Township |Twp\.? |Forest |Provincial |Regional |Concession )?(?:Highway|Hwy|Route|Rte|Rt|Road|Rd|FM|CR|SR)\.?|FM|CR|SR)"
_ROUTE = re.compile(rf"(?<![\w/.-])\d{{1,6}} (?:[NSEW]\.? )?{_ROUTE_KIND} \d{{1,4}}[A-Z]?(?: [NSEW])?(?![\w.])")
_ROUTE_ALONE = re.compile(
    r"\b(?:(?:Indian|State|U\.?S\.?|County|Township|Forest) (?:Route|Rte|Rt|Road|Rd|Highway|Hwy)|Highway|Hwy|Interstate|County Rd|Co\.? Rd|FM)\.? ?-?\d{1,4}[A-Z]?\b"
    r"|\b(?:[Oo]n|[Oo]ff|[Aa]long|[Nn]ear|[Ff]rom|[Tt]ake) (?:the )?(?P<road>(?:Route|Rte|Rt) ?\d{1,3}[A-Z]?|I-\d{1,3}|US-\d{1,3})(?![\w.])"
    r"|\b(?:[Oo]n|[Oo]ff|[Aa]long|[Dd]own|[Nn]ear|[Ff]rom|[Jj]oining|[Uu]p) the (?P<british>(?:[AM]\d{2,4}|A[2-9]|M[2-9]|B\d{3,4})(?:\(M\))?)(?![\w./])(?! (?:segment|artery|region|branch|level|lesion))"
)
_UNIT = re.compile(
    r"[\s,.\-–]{1,4}(?:(?:Apt|Apartment|Suite|Ste|Unit|Room|Rm|Floor|Fl|Flat|Bldg|Building|Lot|Box|PMB|Spc|Space|Trlr|Trailer|Level|Lvl|Tower|Wing|#|№)\.?\s?#?\s?[A-Za-z]?-?\d{0,5}[A-Za-z]?\b"
    r"|\d{1,2}(?:st|nd|rd|th) (?:floor|fl)\b)",
    re.IGNORECASE,
)
_UNIT_BEFORE = re.compile(
    r"(?:\b(?:Apt|Apartment|Suite|Ste|Unit|Flat|Lot|Shop|Level|Floor|Plot|House|Villa|Door)\.? ?(?:[Nn]o\.? ?)?#?[A-Z]?\d{0,5}[A-Za-z]?(?:, ?| ?/ ?| )|\b[A-Z][\w'’]{1,20}(?: [A-Z][\w'’]{1,20})? (?:House|Court|Cottage|Lodge|Tower|Towers|Building|Mansions|Apartments|Flats|Villa|Hall), ?){1,2}$"
)
_CORNER = re.compile(
    r"\b(?:the )?(?:corner|cnr|crnr|intersection|junction|crossing|crossroads)(?: of)? (?P<left>[^\n,;:()]{2,50}?) (?:and|&|/|with) (?P<right>[^\n,;:()]{2,45})",
    re.IGNORECASE,
)
_SIDE = re.compile(
    rf"(?:\d{{1,5}} )?(?:\d{{1,4}}(?:st|nd|rd|th)|[A-ZÀ-ÞΑ-Ω][\w.'’-]{{0,25}})(?: (?:[A-ZÀ-ÞΑ-Ω][\w.'’-]{{0,25}}|(?i:{PLAIN}|st|pl|ct|dr)\b|út|utca|tér|\d{{1,4}}[a-z]?(?![\w-])|de|la|van|der)){{0,4}}\.?"
)
_SIDE_LOWER = re.compile(
    rf"(?:\d{{1,5}} )?(?:[\w.'’-]{{1,25}} ){{1,4}}?(?:{PLAIN}|st|\d{{1,4}}[a-z]?)(?![\w'’-])\.?", re.IGNORECASE
)
_CROSSING = re.compile(
    r"\b(?:at|near|on|by|off) (?P<sides>(?:[A-Z][a-z]{2,20} (?:and|&|/) \d{1,3}(?:st|nd|rd|th)|\d{1,3}(?:st|nd|rd|th) (?:and|&|/) [A-Z][a-z]{2,20})(?: (?i:st|ave|street|avenue)\b)?)"
    r"(?! (?:ribs?|toes?|fingers?|digits?|metatarsals?|metacarpals?|grade|grades|degree|nerves?))"
)
_HOUSE = re.compile(
    r"(?<![\w'’-])(?P<name>(?:[A-ZÀ-Þ][\w'’-]{1,20} ){1,3}(?:Cottage|Farmhouse|Farm|Bungalow|Croft|Vicarage|Rectory|Barn|Villa|House|Lodge|Court|Grange|Manor|Mill|Hall|Towers?|Mansions?|Apartments?|Flats)),(?= ?(?:\n ?)?[A-ZÀ-Þ\d])"
)
_SURE_HOUSE = re.compile(r"(?:Cottage|Farmhouse|Bungalow|Croft|Vicarage|Rectory|Barn)$")
_HOME = re.compile(
    r"(?:\b(?:address|addr|lives? (?:at|in)|living (?:at|in)|resid(?:es|ing) (?:at|in)|home|of|at|R/O|to)[:,]?|,|^|\n)[ \t]{0,4}$",
    re.IGNORECASE,
)
ADDRESS_CUE = re.compile(
    r"(?:\b(?:addr(?:ess)?|lives? (?:at|on|in|near)|living (?:at|on)|resid(?:es?|ing|ent) (?:at|on|of)|residence|home|moved (?:to|from)|house (?:at|on)|staying (?:at|on)|stays (?:at|on)|located (?:at|on)|deliver(?:ed)? to|"
    r"mail(?:ed)? to|sen[dt] to|street|visit(?:ed)? at|found at|collapsed at|at|near|from|R/O|c/o)[:=]?|@|,)[ \t]{0,4}$",
    re.IGNORECASE,
)
_NOT_IN_STREET = frozenset(
    """year years yr yrs yo month months week weeks wk wks day days hour hours hr hrs min mins minute minutes second seconds mg mcg
    g kg ml l dl cm mm m km in inch inches ft feet mile miles times x units unit tablet tablets tab tabs cap caps patient patients pt pts
    people persons men women of and or the a an to from with for on at by per than is was were are be been has had have he she they it
    his her their this that these who which blocks steps stairs degree degrees percent grade stage type phase view views way ways
    level levels seen consultant ward bed room status post s p no not out off down up into over across along through about after before
    during until within when while then if as but because since his/her""".split()
)
_LITTLE = frozenset("of the and de la le les del du des van der &".split())


def find_streets(document: Document) -> Iterator[Found]:
    """Streets with and without number, without the town behind them."""
    text = document.text
    for match in _STREET.finditer(text):
        if _is_street(document, match):
            yield Found(_with_unit_before(text, match.start()), unit_end(text, match.end()), "ADDRESS", 0.9)
    for match in _STREET_LOWER.finditer(text):
        if _is_street_in_lower_case(document, match):
            yield Found(match.start(), unit_end(text, match.end()), "ADDRESS", 0.6)
    for pattern, score in ((_NUMBERED, 0.7), (_LETTER, 0.7), (_THE, 0.55), (_EUROPEAN, 0.6), (_ROUTE, 0.8)):
        for match in pattern.finditer(text):
            yield Found(_with_unit_before(text, match.start()), unit_end(text, match.end()), "ADDRESS", score)
    for match in _NAMED.finditer(text):
        words = match.group("words").lower().split()
        if words[0] in ("the", "on", "at") and len(words) < 2:
            continue
        if any(document.lexicon.kind(word) & CLINICAL for word in words):
            continue
        yield Found(match.start(), match.end(), "ADDRESS", 0.6)
    for match in _ROUTE_ALONE.finditer(text):
        group = next((name for name in ("road", "british") if match.group(name)), 0)
        yield Found(*match.span(group), "LOCATION", 0.6)
    yield from _corners(document)
    yield from _houses(document)


def unit_end(text: str, end: int) -> int:
    """`end` moved behind an apartment, a suite, a floor."""
    for _ in range(2):
        match = _UNIT.match(text, end)
        if match is None or not (
            any(sign.isdigit() for sign in match.group()) or re.search(r"[\s#][A-Z]$", match.group())
        ):
            break
        end = match.end()
    return end


def _with_unit_before(text: str, start: int) -> int:
    """`Flat 9, 12 Peel Road`, `Rose Cottage, 3 Mill Lane`"""
    before = text[max(0, start - 60) : start]
    match = _UNIT_BEFORE.search(before)
    return start - len(before) + match.start() if match else start


def _is_street(document: Document, match: re.Match[str]) -> bool:
    words, kind = match.group("words").split(), match.group("kind")
    lowers = [word.lower().rstrip(".") for word in words]
    if all(word in _LITTLE for word in lowers) or any(
        word in _NOT_IN_STREET for word in lowers[1:] if word not in _LITTLE
    ):
        return False
    if lowers[0] in _NOT_IN_STREET:
        return False
    if kind.lower() in PLAIN.split("|"):
        return True
    kinds = [document.lexicon.kind(word) for word in lowers]
    if any(one & (CLINICAL | HEAD) for one in kinds):
        return False
    rest = document.text[match.end() : match.end() + 30]
    if (
        kind in ("Dr", "St", "DR", "ST")
        and re.match(r"\.? [A-Z][a-z]+", rest)
        and not re.match(r"\.? (?:Apt|Suite|Unit|#|Ste)", rest)
    ):
        return False  # "Room 5 Consultant Dr Patel"
    following = re.match(r" ([a-z]+)", rest)
    if following and following[1] not in _NOT_IN_STREET:
        before = document.text[max(0, match.start() - 24) : match.start()]
        return bool(ADDRESS_CUE.search(before))  # "3 Point Walk gait"
    if kind.isupper() and len(kind) < 4:
        return not all(one & COMMON for one in kinds) or bool(_UNIT.match(rest)) or bool(re.match(r",? [A-Z]", rest))
    return True


def _is_street_in_lower_case(document: Document, match: re.Match[str]) -> bool:
    words, kind = match.group("words").lower().split(), match.group("kind")
    words = [word.rstrip(".") for word in words]
    if kind[0].isupper() and all(word[0].isupper() for word in match.group("words").split()):
        return False  # the other pattern's
    if any(word in _NOT_IN_STREET for word in words):
        return False
    kinds = [document.lexicon.kind(word) for word in words]
    if any(one & (CLINICAL | HEAD) for one in kinds):
        return False
    text = document.text
    cued = bool(ADDRESS_CUE.search(text[max(0, match.start() - 24) : match.start()]))
    unit = unit_end(text, match.end()) > match.end()
    if kind.lower() in PLAIN.split("|"):
        ordinary = all(one & COMMON and not one & (GIVEN | SURNAME) for one in kinds)
        return cued or unit or (len(words) < 3 and not (ordinary and len(words) > 1))
    return (unit and cued) or (
        cued and (words[0] == "st" or any(not one & COMMON or one & (GIVEN | SURNAME) for one in kinds))
    )


def _corners(document: Document) -> Iterator[Found]:
    text = document.text
    for match in _CORNER.finditer(text):
        for side in (_SIDE, _SIDE_LOWER):
            left, right = side.fullmatch(match.group("left")), side.match(match.group("right"))
            if left and right:
                yield Found(match.start(), match.start("right") + right.end(), "ADDRESS", 0.7)
                break
    for match in _CROSSING.finditer(text):
        yield Found(*match.span("sides"), "ADDRESS", 0.6)


def _houses(document: Document) -> Iterator[Found]:
    text = document.text
    for match in _HOUSE.finditer(text):
        words = match.group("name").split()
        kind = document.lexicon.kind(words[0].lower())
        if kind & CLINICAL or words[0].lower() in document.lexicon.departments:
            continue
        if _SURE_HOUSE.search(match.group("name")) and _HOME.search(text[max(0, match.start() - 14) : match.start()]):
            yield Found(*match.span("name"), "ADDRESS", 0.6)
