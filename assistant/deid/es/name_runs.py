"""How far a Spanish name goes: "María de los Ángeles Ruiz-Zorrilla y de la Peña", "M.ª José Glez. Fdez."."""

from assistant.deid.document import CAPITAL, INITIAL, LOWER, UPPER, Document
from assistant.deid.lexicon import CLINICAL, COMMON, GIVEN, HEAD, SURNAME

TITLES = frozenset(
    """dr dra drs dres dras doctor doctora doctores d da dª dn dña dñª don doña sr sra srs sres srta señor señora
    señores señorita prof profª profesor profesora lic licenciado licenciada ldo lda fray sor""".split()
)
PARTICLES = frozenset(
    "de del la las los el y e i da do das dos di du van von der den al ben ibn bin san santa d'".split()
)
SHORT_NAMES = frozenset(
    """mª ª fco fca fdez fdz fernz glez gzlez glz mtnez mtez mnez rguez rdguez rodgz hdez hndez schez lpz gcía gª
    jnez jmnez dguez alvz""".split()
)
"""Names as forms shorten them; a full stop may follow: `Fco. Javier Glez.`."""
STOPS = frozenset(
    """servicio servicios unidad sección departamento dpto depto área hospital hospitales clínica clínico clínicas
    centro complejo fundación instituto universidad facultad escuela ambulatorio consultorio policlínica
    sanatorio residencia especialidad especialista especialistas médico médica medico médicos facultativo
    adjunto adjunta residente mir jefe jefa enfermero enfermera enfermería cirujano cirugía medicina atención
    primaria consulta consultas coordinador director directora catedrático calle avenida avda avd av plaza pza
    plz paseo pso ctra carretera camino travesía ronda glorieta urbanización urb polígono apartado apdo carrer
    rúa rua cl c correo correos email e-mail mail e teléfono telefono tel telf telef tfno tfn tlf tlfno móvil
    fax web colegiado colegiada col nºcol ncol nº núm número nombre apellidos apellido domicilio dirección
    localidad provincia fecha edad sexo país nhc nass cip dni cp hc datos paciente informe historia episodio
    motivo firma fdo remitido responsable asunto tratamiento diagnóstico antecedentes evolución exploración don
    doña""".split()
)
"""Capitals that never belong to the name before them, even after a title: "Dr. Ruiz Servicio de Urología"."""
_LONGEST = 9
_SPACES = (" ", "  ", "-", "'")


def knows(kind: int) -> bool:
    return bool(kind & (GIVEN | SURNAME))


def plainly(kind: int) -> bool:
    """In the lists of names and not also a word or a clinical term."""
    return bool(kind & (GIVEN | SURNAME)) and not kind & (COMMON | CLINICAL)


def may_be_name(document: Document, index: int) -> bool:
    """Whether a capital stands here that a name may have: on a list, or on no list at all."""
    kind, shape, lower = document.kinds[index], document.shapes[index], document.lowers[index]
    if lower in SHORT_NAMES:
        return True
    if shape not in (CAPITAL, UPPER) or lower in TITLES:
        return False
    if (lower,) in document.lexicon.countries.get(lower, ()) and not knows(kind):
        return False
    return knows(kind) or not kind & (COMMON | CLINICAL | HEAD)


def run_end(document: Document, first: int, *, said: bool = False, several: bool = False) -> int:
    """The index after the last word of the name that begins at `first` (already accepted).

    `said`: a title or a header says that this is a name, so that words may be part of it: "Dra. Cristina Grueso Caja".
    `several`: "y" stands between people, "Dres. Ruiz y Sanz"; otherwise within a name too, "Ruiz y Sanz".
    """
    index = first
    while index + 1 < len(document.words) and index - first + 1 < _LONGEST and _joined(document, index):
        following = index + 1
        step = _after_particles(document, following)
        if step is None or (document.lowers[following] in ("y", "e") and (several or _begins_person(document, step))):
            break
        if (may_be_name(document, step) or (said and _may_be_said(document, step))) and not _begins_something_else(
            document, step
        ):
            index = step
            continue
        if step == following and document.shapes[step] == INITIAL and _is_initial(document, step):
            index = step
            continue
        break
    return index + 1


def _may_be_said(document: Document, index: int) -> bool:
    lower, kind = document.lowers[index], document.kinds[index]
    if document.shapes[index] not in (CAPITAL, UPPER) or lower in STOPS or lower in TITLES:
        return False
    if (lower,) in document.lexicon.countries.get(lower, ()) and not knows(kind):
        return False
    return not kind & (CLINICAL | HEAD) and len(lower) > 2


def name_end(document: Document, last: int) -> int:
    """Where the name that ends with word `last` ends: an initial takes its full stop along."""
    end = document.ends[last]
    dotted = document.shapes[last] == INITIAL or document.lowers[last] in SHORT_NAMES
    return end + 1 if dotted and document.text[end : end + 1] == "." else end


def _joined(document: Document, index: int) -> bool:
    gap = document.gap(index)
    if gap in _SPACES:
        return True
    short = document.shapes[index] == INITIAL or document.lowers[index] in SHORT_NAMES
    return short and gap in (". ", ".", ".ª ", "ª ", ".-")


def _after_particles(document: Document, index: int) -> int | None:
    """The first word from `index` on that is no particle; `None` if no capital follows the particles."""
    step = index
    while step < len(document.words) and step - index < 3 and document.lowers[step] in PARTICLES:
        if document.shapes[step] != LOWER and may_be_name(document, step) and document.lowers[step] not in _ARTICLES:
            return step
        if step + 1 >= len(document.words) or document.gap(step) not in (" ", "  ", "'", "-"):
            return None
        step += 1
    if step >= len(document.words) or (step > index and document.shapes[step] not in (CAPITAL, UPPER)):
        return None
    return step


_ARTICLES = frozenset("de del la las los el y e i".split())


def _is_initial(document: Document, index: int) -> bool:
    """`A.` within a name, or `A` before another name; not the `H` of "Sexo H" or the end of a sentence."""
    gap = document.gap(index)
    if gap.startswith("."):
        return index + 1 < len(document.words) and gap in (". ", ".") and may_be_name(document, index + 1)
    return gap == " " and may_be_name(document, index + 1) and knows(document.kinds[index + 1])


def _begins_person(document: Document, index: int) -> bool:
    """After "y": a given name begins the name of somebody else."""
    return bool(document.kinds[index] & GIVEN)


def _begins_something_else(document: Document, index: int) -> bool:
    """Whether the word is the label of the next field: "… López Teléfono: …", "… López Sexo: H"."""
    # "RuizCorreo:" is a name with a label glued to it, and no word of its own.
    label = document.gap(index).lstrip(" ").startswith(":") and document.lowers[index] in document.lexicon.kinds
    return label and bool(document.kinds[index] & (COMMON | CLINICAL))
