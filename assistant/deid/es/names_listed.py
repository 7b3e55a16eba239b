"""People by the lists of names, by initials and kinship, and by two unknown capitals side by side."""

from collections.abc import Iterator

from assistant.deid.document import CAPITAL, INITIAL, LOWER, UPPER, Document
from assistant.deid.es.name_runs import SHORT_NAMES, TITLES, knows, may_be_name, name_end, plainly, run_end
from assistant.deid.es.places import kept_end
from assistant.deid.guard import is_eponym
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME
from assistant.deid.spans import Found

_KIN = frozenset(
    """esposa esposo mujer marido pareja novio novia hijo hija hijos hijas madre padre padres mamá papá hermano
    hermana hermanos hermanas tío tía primo prima sobrino sobrina nieto nieta abuelo abuela abuelos suegro
    suegra cuñado cuñada yerno nuera vecino vecina amigo amiga cuidador cuidadora tutor tutora padrastro
    madrastra gemelo gemela compañero compañera""".split()
)
_INTRODUCE = frozenset(
    "llamado llamada llama llamo paciente niño niña nombre soy varón hembra bebé enfermera enfermero doctor doctora colega".split()
)
_BEFORE_LETTERS = frozenset(
    "vitamina hepatitis tipo tipos grupo clase grado estadio influenza gripe virus plan apartado complejo cepa serotipo".split()
)
_AFTER_NAME = frozenset(
    """refiere niega presenta acude cuenta comenta explica dice vive trabaja ingresó ingresa acudió consulta
    consultó tiene fue es está ha vino falleció refirió explicó pidió solicita solicitó manifiesta""".split()
)
"""Verbs with a person as their subject."""


def find_plain_names(document: Document) -> Iterator[Found]:
    """Names without title or header."""
    index = 0
    while index < len(document.words):
        found = _plain(document, index)
        if found is None:
            index = kept_end(document, index) or index + 1
            continue
        yield found[0]
        index = found[1]


def _plain(document: Document, index: int) -> tuple[Found, int] | None:
    shape, lower = document.shapes[index], document.lowers[index]

    def found(stop: int, score: float) -> tuple[Found, int]:
        return Found(document.starts[index], name_end(document, stop - 1), "NAME", score), stop

    if lower in TITLES or (shape != LOWER and kept_end(document, index)):
        return None
    if shape == LOWER and lower not in SHORT_NAMES:
        return found(stop, 0.55) if (stop := _lower_case(document, index)) else None
    if shape == INITIAL:
        return found(stop, 0.65) if (stop := _initials(document, index)) else None
    if not may_be_name(document, index) or is_eponym(document, index):
        return None
    kind, next_kind = document.kinds[index], document.kinds[index + 1] if index + 1 < len(document.kinds) else 0
    if not kind and next_kind & GIVEN and plainly(next_kind) and document.starts_sentence(index):
        return None  # "Firman Teresa Olmos": the name begins with the next word
    # "Ruiz y Sanz" are two, "José Ortega y Gasset" is one.
    stop = _surname_first(document, index) or run_end(document, index, several=not kind & GIVEN)
    return found(stop, score) if (score := _score(document, index, stop)) else None


def _score(document: Document, index: int, stop: int) -> float:
    """How sure it is that the capitals from `index` to `stop` are a person; 0 where they are not taken for one."""
    kind, begins = document.kinds[index], document.starts_sentence(index)
    kinds = document.kinds[index:stop]
    named = sum(1 for piece in kinds if plainly(piece))
    before = document.lowers[index - 1] if index and document.before(index).strip(" ,:\"'(") == "" else ""
    introduced = before in _KIN or before in _INTRODUCE
    after = document.lowers[stop] if stop < len(document.words) and document.gap(stop - 1) in (" ", ", ") else ""
    shouted = document.shapes[index] == UPPER
    if document.lowers[index] in SHORT_NAMES:
        return 0.7 if any(knows(piece) for piece in kinds) else 0
    if stop - index > 1:
        if kind & GIVEN and named and (named > 1 or not shouted):
            return 0.85 if not kind & COMMON else 0.6
        if named and knows(kind):
            return 0.7 if not shouted or named > 1 else 0
        if introduced and not kind & (COMMON | CLINICAL):
            return 0.65
        if named and not kind & (COMMON | CLINICAL) and not shouted:
            return 0.6
        unknown = all(not piece & (COMMON | CLINICAL | HEAD) for piece in kinds)
        return 0.45 if unknown and not begins and not shouted and not kind else 0
    if kind & GIVEN and not kind & (COMMON | CLINICAL):
        return 0.6 if not shouted else 0
    if introduced and not kind & (COMMON | CLINICAL | HEAD) and not shouted:
        return 0.55
    if plainly(kind) and not shouted:
        return 0.5 if not begins or after in _AFTER_NAME else 0.42
    return 0


def _surname_first(document: Document, index: int) -> int | None:
    """`RUIZ SANZ, ANA MARÍA`: two surnames, a comma, a given name."""
    stop = run_end(document, index)
    if stop >= len(document.words) or document.gap(stop - 1) not in (", ", ","):
        return None
    same = document.shapes[stop] == document.shapes[index] or document.shapes[stop] == CAPITAL
    both = plainly(document.kinds[index]) and document.kinds[index] & SURNAME
    given = document.kinds[stop] & GIVEN and not document.kinds[stop] & (COMMON | CLINICAL)
    return run_end(document, stop) if same and both and given else None


def _initials(document: Document, index: int) -> int | None:
    """`J. M. Ruiz`, `A. de la Peña`; not "vitamina D. Se", not "hepatitis B."."""
    step = index
    while (
        step + 1 < len(document.words)
        and document.shapes[step] == INITIAL
        and step - index < 3
        and document.gap(step) in (". ", ".", ".-")
    ):
        step += 1
    if document.words[step] == "ª" and step + 1 < len(document.words):
        step += 1  # "M.ª Ruiz"
    if step == index or document.shapes[step] == INITIAL or not may_be_name(document, step):
        return None
    known = plainly(document.kinds[step]) and document.kinds[step] & SURNAME
    ends_sentence = (
        index > 0 and document.before(index) == " " and document.gap(index) == ". " and _is_classed(document, index - 1)
    )
    return run_end(document, step) if known and not (ends_sentence and step == index + 1) else None


def _is_classed(document: Document, index: int) -> bool:
    """Whether a letter after this word belongs to it: "vitamina D", "hepatitis B", "Child A"."""
    return document.lowers[index] in _BEFORE_LETTERS or bool(document.kinds[index] & (CLINICAL | HEAD))


def _lower_case(document: Document, index: int) -> int | None:
    """`maría garcía`: a given name and a surname that are no words, side by side."""
    stop = index
    while (
        stop < len(document.words)
        and stop - index < 4
        and document.shapes[stop] == LOWER
        and plainly(document.kinds[stop])
        and (stop == index or document.gap(stop - 1) == " ")
    ):
        stop += 1
    given = document.kinds[index] & GIVEN
    return stop if given and stop - index > 1 else None
