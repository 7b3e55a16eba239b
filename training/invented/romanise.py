"""Cyrillic, Greek, Georgian and Armenian names in Latin letters, roughly as passports write them."""

_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґњљћђџјќѓѕ",
        "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya yo i yi ye g nj lj c dj dz j k g dz".split(),
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
        "a v g d e z i th i k l m n x o p r s s t y f ch ps o a e i i o y o i y i y".split(),
        strict=True,
    )
)
_GEORGIAN = dict(
    zip(
        "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
        "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h".split(),
        strict=True,
    )
)
_ARMENIAN = dict(
    zip(
        "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
        "a b g d e z e y t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts v p k o f ev".split(),
        strict=True,
    )
)
_LATIN = {
    letter: "" if written == "-" else written
    for table in (_CYRILLIC, _GREEK, _GEORGIAN, _ARMENIAN)
    for letter, written in table.items()
}
_PAIRS = {"ου": "ou", "ού": "ou", "γκ": "g", "μπ": "b", "ντ": "nt", "ու": "u", "ʼ": "", "’": ""}


def romanised(name: str) -> str:
    """The name in Latin letters, its words capitalised; other letters stay, apostrophes that mark softness go."""
    lowered = name.lower()
    for pair, written in _PAIRS.items():
        lowered = lowered.replace(pair, written)
    letters = "".join(_LATIN.get(letter, letter) for letter in lowered)
    return "-".join(" ".join(word.capitalize() for word in part.split()) for part in letters.split("-"))
