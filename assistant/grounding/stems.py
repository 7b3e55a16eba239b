"""Words without their endings, so that `diagnosed` meets `diagnosis` and `cholecystitis` does not meet `cholecystectomy`."""

from functools import lru_cache

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
