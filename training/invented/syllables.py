"""Words that no list holds: surnames and town names put together from syllables, so that a reader must learn shape and context."""

import random

_SOUNDS: dict[str, tuple[str, str, str, str]] = {
    # flavour: (onsets, vowels, middles, endings), words between spaces
    "english": (
        "Ash Bar Bex Bran Cald Crom Dun El Fen Gar Had Hal Hol Ken Lang Lock Mar Nor Oak Pem Quil Rad Sel Stan Thorn Tor Ul Wex Whit Win Wych Yar",
        "a e i o er in el ing al",
        "b d f g l m n r s t w th ck",
        "by combe cott dale den field ford gate ham hurst ley low man mere more pole ridge shaw son stead stock ston thorpe ton well wick wood worth",
    ),
    "german": (
        "Al Berg Brand Dorn Eber Eich Fal Gro Hart Hol Kal Klein Kr Lind Mai Neu Ober Pf Reich Rosen Sch Schw St Stein Tr Unter Wald Wein Zw",
        "a e ei au o u ie ä ö ü",
        "b ch ck d f g l ll lt m n nd r rn s st tz",
        "au bach baum berg bauer burg dorf er feld haus heim hofer ing inger ke l mann mayer meier muth ner schmidt stein thal walter wig",
    ),
    "slavic": (
        "Bor Br Cher Dob Dr Gol Gr Hr Jar Kr Kov Kuz Lub Mal Mir Nov Ob Pav Pod Rad Ros Slav Sok Stan Sv Tom Vas Vol Wis Yar Zab Zh Zl",
        "a e i o u y",
        "b ch d g k l m n p r s sh t v z rch lk",
        "ak an chuk cki czyk ek enko ev eva ic ich icz ik in ina ko ov ova owicz ski ska sky uk yn",
    ),
    "latin": (
        "Al Bal Bar Cal Can Car Del Est Fer Gal Gar Leb Mal Man Mar Mon Nav Or Pal Per Quin Ros Sal San Ser Tor Val Var Vil Zam",
        "a e i o u ia ie ue",
        "b c d g l ll m n nd r rr s st t v z",
        "a ada ales ana ano ante ara aro ato edo ella elli es etti ez i ia illo ini ino one oni os osa ro uti zzi",
    ),
    "indian": (
        "Aj An Bal Bh Chand Dh Gan Gop Har Ind Jay Kal Kr Lak Mah Mand Nar Pad Pr Raj Ram Sab Shr Sub Sur Tir Ud Vas Ven Vis Yad",
        "a aa e i u ee",
        "d dh g j k kh l m n nd p r rt s sh t th v y",
        "a am an ani appa ar arajan aswamy ekar i inder ita kar murthy nathan pati rao singh swamy tharan ula wal yya",
    ),
    "african": (
        "Ad Ak Am Ay Ban Bu Ch Dia Dl Ek Fa Ig If Ka Kh Ki Lu Ma Mb Mu Mw Nd Ng Nk Ny Ob Ok Ol On Os Sa Se Tsh U Wa Ye Z",
        "a e i o u aa",
        "b ch d g k l m mb n nd ng nk p r s sh t w y z",
        "a aba ade aki ama ambo ane ara e ele eme emi engi eye i ika ire o obi ogu ola ole osi u uba uka ula unde wale",
    ),
    "eastern": (
        "A Ch D F G H I J K L M N O P Q R S Sh T Tr U V W X Y Z Zh",
        "a ai ao e i ia ie o ou u ue uo",
        "h k m n r s sh t ts w y ng",
        "a an ang awa en eng i iang ima ing ita o ong oto u uan ui un ura",
    ),
    "nordic": (
        "Al Ar As Bj Bl Br Dal Eg Fal Fj Gr Hag Hal Hed Jar Kj Lang Lind Lun Nor Nyg Od Ros Sand Sk Sol St Str Sv Tor Ul Vik West",
        "a e i o u å ø ä ö",
        "b d dr f g gr k l ll m n nd r rg s st t",
        "aas berg blad by dahl gaard gren hagen haug holm kvist land lund nen lainen sen sson stad strand strøm vik",
    ),
    "celtic": (
        "Mac Mc O' Gil Kil Bran Car Con Dev Don Fin Gal Ken Lan Mul Pen Quin Rior Tre Trev Cad Gwyn Llan Mor Ros",
        "a e i o u ea ei",
        "c d g l ll n nn r rr v dd gh",
        "agh an ane an ey in ley lin more nan ney on ran ry thy ty van well wen",
    ),
    "semitic": (
        "Ab Al- Az Bar Ben Bou Dar El- Fa Gh Had Ham Ib Jab Ka Kh Mah Man Nas Qa Ra Sa Shar Tah Wa Ya Zu",
        "a aa e i ou u",
        "b d f h j k kh l m n r s sh t z",
        "a adi ah ali am an ani ar ari ash awi ayed eh em i idi im ine iri oud oun oush",
    ),
}
FLAVOURS = tuple(_SOUNDS)
_PARTS = {flavour: tuple(part.split() for part in parts) for flavour, parts in _SOUNDS.items()}


def invented_word(rng: random.Random, flavour: str | None = None) -> str:
    """A capitalised word of two to four syllables; `flavour` names a family of sounds, else one is drawn."""
    onsets, vowels, middles, endings = _PARTS[flavour or rng.choice(FLAVOURS)]
    word = rng.choice(onsets)
    if word[-1] in "'-":
        word += invented_word(rng, "celtic" if word == "O'" else "latin").lower().replace("'", "").capitalize()
        return word
    for _ in range(rng.choice((0, 0, 1, 1, 1, 2))):
        word += _joined(word, rng.choice(vowels) + rng.choice(middles))
    return word + _joined(word, rng.choice(endings))


def _joined(word: str, syllable: str) -> str:
    # Two vowels or three consonants at a joint read badly.
    vowels = "aeiouyäöüåø"
    if word[-1] in vowels and syllable[0] in vowels:
        return syllable[1:] or "n"
    if word[-1] not in vowels and len(word) > 1 and word[-2].lower() not in vowels and syllable[0] not in vowels:
        return "a" + syllable
    return syllable
