"""Surrogates by type. All people, places and numbers are invented."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.deid.lexicon import CLINICAL, COMMON, HEAD, english
from assistant.deid.surrogate_lists import ALL_SURNAMES, FEMALE, MALE, NEUTRAL, SURNAMES, TOWNS
from assistant.deid.surrogates import OVER_89, Surrogates
from tests.stopwatch import processor_seconds

KEY = b"a key for tests"


def surrogates(found: Sequence[tuple[str, str]], *, key: bytes = KEY, scope: str = "P-1") -> list[str]:
    """The surrogates of identifiers that stand in one text."""
    given_names = {"ottilie", "emily"}
    made = Surrogates(key, scope, is_given=given_names.__contains__)
    news = made.for_text(" ; ".join(value for _, value in found), found)
    assert None not in news
    return [new or "" for new in news]


def names(*forms: str) -> list[str]:
    return surrogates([("NAME", form) for form in forms])


def test_the_same_person_is_the_same_through_all_forms() -> None:
    full, header, titled, short, lower, owns, plural, initial = names(
        "Ottilie Brannigan", "BRANNIGAN, OTTILIE", "Mrs. Brannigan", "Brannigan", "brannigan", "Brannigan's", "Brannigans", "O. Brannigan"
    )  # fmt: skip
    first, last = full.split()
    assert header == f"{last.upper()}, {first.upper()}"
    assert titled == f"Mrs. {last}"
    assert (short, lower, owns, plural) == (last, last.lower(), f"{last}'s", f"{last}s")
    assert initial == f"{first[0]}. {last}"


def test_initials_fit_before_and_after_the_name() -> None:
    before, full, dotted, plain, three = names("J.S.", "John Adam Smithers", "J. A. S.", "JS", "JAS")
    letters = "".join(word[0] for word in full.split())
    assert before == f"{letters[0]}.{letters[2]}."
    assert dotted == ". ".join(letters) + "."
    assert plain == letters[0] + letters[2]
    assert three == letters


def test_relatives_go_on_sharing_a_surname() -> None:
    one, other = names("Ottilie Brannigan", "Conrad Brannigan")
    assert one.split()[1] == other.split()[1]
    assert one.split()[0] != other.split()[0]


def test_a_gender_is_hinted_at_only_where_it_is_certain() -> None:
    mary, mr, unknown = names("Mary Okafor", "Mr. Kamau Njoroge", "Ottilie Brannigan")
    assert mary.split()[0] in FEMALE[mary[0]]
    assert mr.split()[1] in MALE[mr.split()[1][0]]
    assert unknown.split()[0] in NEUTRAL[unknown[0]]


def test_titles_and_credentials_stay_and_particles_go() -> None:
    titled, married = names("Dr. Ottilie Brannigan, MD", "Jan van der Brannigan")
    assert re.fullmatch(r"Dr\. \w+ \w+, MD", titled)
    assert len(married.split()) == 2


def test_names_of_other_scripts_get_a_name() -> None:
    assert all(re.fullmatch(r"[A-Za-z]+( [A-Za-z]+)?", new) for new in names("Иван Петров", "李明", "Živa Đorđević"))


SHAPES = [
    pytest.param("MRN", "4471882", r"[1-9]{7}", id="a record number"),
    pytest.param("MRN", "MR-0044.71", r"[A-Z]{2}-\d{2}[1-9]{2}\.[1-9]{2}", id="letters, digits and signs"),
    pytest.param("SSN", "123-45-6789", r"9\d\d-\d\d-\d{4}", id="a social security number that nobody can have"),
    pytest.param("PHONE", "(212) 555-0188", r"\(\d{3}\) 555-01\d\d", id="a telephone number of films"),
    pytest.param("PHONE", "+1 212.555.0188 ext. 12", r"\+1 \d{3}\.555\.01\d\d ext\. \d\d", id="with an extension"),
    pytest.param("PHONE", "+44 20 7946 0018", r"\+99 9\d \d{4} \d{4}", id="a country that there is not"),
    pytest.param("FAX", "555-0188", r"555-01\d\d", id="without an area"),
    pytest.param("PHONE", "4471", r"\d{4}", id="an extension alone"),
    pytest.param("EMAIL", "o.brannigan@mail.com", r"[a-z]+\d+@example\.org", id="mail"),
    pytest.param("URL", "https://www.brannigan.com/o", r"https://www\.example\.org/[a-z]+\d+", id="a web address"),
    pytest.param("IP", "10.1.2.3", r"(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}", id="an address of the net"),
    pytest.param("IP", "fe80::1", r"2001:db8::[0-9a-f]+", id="a longer one"),
    pytest.param("ZIP", "62704-1234", r"\d{5}-\d{4}", id="a ZIP code"),
    pytest.param("VEHICLE", "1HGCM82633A004352", r"[1-9][A-Z]{4}[1-9]{5}[A-Z]\d\d[1-9]{4}", id="a vehicle"),
    pytest.param("AGE_OVER_89", "ninety-four", re.escape(OVER_89), id="an age"),
    pytest.param("ORGANIZATION", "St. Brendan's Hospital", r"[A-Z][a-z]+ Hospital", id="a hospital"),
    pytest.param("ORGANIZATION", "BRENDAN CLINIC", r"[A-Z]+ CLINIC", id="a clinic in capitals"),
    pytest.param("ORGANIZATION", "SBH", r"[A-Z]{3}", id="an acronym"),
    pytest.param("LOCATION", "Quillhaven, IL 62704", r"[A-Z][a-z]+", id="a town with its state"),
    pytest.param(
        "ADDRESS", "123 Quill Street, Apt 4B, Quillhaven, IL 62704",
        r"[1-9]{3} [A-Z][a-z]+ Street, Apt \d[A-Z], [A-Z][a-z]+, [A-Z]{2} \d{5}", id="an address",
    ),
    pytest.param("ADDRESS", "36 Court Street", r"\d\d (?!Court)[A-Z][a-z]+ Street", id="a street whose name is a kind of street"),
    pytest.param("ADDRESS", "36 Broadway", r"\d\d (?!Broadway)[A-Z][a-z]+", id="a street without a kind"),
    pytest.param("ORGANIZATION", "Family Medicine Associates", r"[A-Z][a-z]+ Associates", id="a practice named after what it is"),
    pytest.param("ADDRESS", "45 5th Ave", r"\d\d \dth Ave", id="a numbered street"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "pattern"), SHAPES)
def test_a_surrogate_has_the_shape_of_its_kind(kind: str, value: str, pattern: str) -> None:
    [new] = surrogates([(kind, value)])
    assert re.fullmatch(pattern, new), new
    assert new != value


WITHOUT = [
    pytest.param("DATE", "03/14/2019", id="a date"),
    pytest.param("OTHER", "the tall violinist", id="what a reviewer masked"),
    pytest.param("SOMETHING_A_MODEL_INVENTED", "x", id="a type nobody listed"),
    pytest.param("PHONE", "five five five oh one", id="a number in words"),
    pytest.param("NAME", "Dr. " * 100, id="no name"),
    pytest.param("MRN", "---", id="no sign at all"),
]


@pytest.mark.parametrize(("kind", "value"), WITHOUT)
def test_what_has_no_surrogate_keeps_its_placeholder(kind: str, value: str) -> None:
    assert Surrogates(KEY, "P-1").for_text(value, [(kind, value)]) == [None]


def test_one_number_is_one_surrogate_in_every_layout() -> None:
    one, other, without_area = surrogates(
        [("PHONE", "(212) 555-0188"), ("PHONE", "212.555.0188"), ("PHONE", "555-0188")]
    )
    assert re.sub(r"\D", "", one) == re.sub(r"\D", "", other)
    assert one.endswith(without_area)


def test_a_town_and_its_hospital_share_their_name() -> None:
    town, hospital = surrogates([("LOCATION", "Quillhaven"), ("ORGANIZATION", "Quillhaven General Hospital")])
    assert hospital == f"{town} General Hospital"


def test_key_and_scope_decide_and_nothing_else() -> None:
    found = [("NAME", "Ottilie Brannigan"), ("MRN", "4471882"), ("LOCATION", "Quillhaven")]
    assert surrogates(found) == surrogates(found)
    assert surrogates(found) != surrogates(found, scope="P-2")
    assert surrogates(found) != surrogates(found, key=b"another")


def test_a_conversation_goes_on_with_its_surrogates() -> None:
    made = Surrogates(KEY, "P-1")
    [first] = made.for_text("Ottilie Brannigan is ill.", [("NAME", "Ottilie Brannigan")])
    [again] = made.for_text("Is Brannigan ill?", [("NAME", "Brannigan")])
    assert first is not None
    assert again == first.split()[1]


NAME = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=8).map(str.title)


@given(st.lists(NAME, min_size=1, max_size=12, unique=True), st.binary(min_size=1, max_size=8))
def test_no_surrogate_is_an_original_and_no_two_are_alike(people: list[str], key: bytes) -> None:
    found = [("NAME", person) for person in people] + [("LOCATION", f"{person}bury") for person in people]
    news = surrogates(found, key=key)
    originals = {value.lower() for _, value in found}
    lone = {person for person in people if len(person) > 2}
    assert not {new.lower() for new, (_, value) in zip(news, found, strict=True) if value in lone} & originals
    assert len({new.lower() for new in news}) == len(news)


@given(st.lists(st.integers(10_000, 99_999), min_size=1, max_size=30, unique=True), st.binary(min_size=1, max_size=8))
def test_no_number_becomes_another_number_of_the_text(numbers: list[int], key: bytes) -> None:
    news = surrogates([("MRN", str(number)) for number in numbers], key=key)
    assert not set(news) & {str(number) for number in numbers}
    assert len(set(news)) == len(news)


def test_a_word_of_the_text_is_never_a_surrogate() -> None:
    left = [name for name in ALL_SURNAMES if name.endswith("worth")]
    text = " ".join({*ALL_SURNAMES} - {*left}) + " Brannigan"
    assert Surrogates(KEY, "P-1").for_text(text, [("NAME", "Brannigan")])[0] in left


def test_when_no_name_is_left_the_placeholder_stays() -> None:
    text = " ".join(ALL_SURNAMES) + " Brannigan"
    assert Surrogates(KEY, "P-1").for_text(text, [("NAME", "Brannigan")]) == [None]


def test_every_letter_has_names() -> None:
    letters = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert set(FEMALE) == set(MALE) == set(NEUTRAL) == set(SURNAMES) == letters


def test_invented_names_are_no_medicine_and_no_known_place() -> None:
    lexicon = english()
    invented = [
        *ALL_SURNAMES,
        *TOWNS,
        *(name for names in (FEMALE, MALE, NEUTRAL) for group in names.values() for name in group),
    ]
    words = {name.lower() for name in invented}
    assert {word for word in words if lexicon.kind(word) & (CLINICAL | COMMON | HEAD)} == set()
    assert {name.lower() for name in (*ALL_SURNAMES, *TOWNS)} & (
        lexicon.places.keys() | lexicon.institutions.keys()
    ) == set()


def test_ten_thousand_people_get_ten_thousand_names() -> None:
    found = [
        ("NAME", f"{'SJMAB'[n % 5]}{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}el Smithers")
        for n in range(10_000)
    ]
    news: list[str] = []
    assert processor_seconds(lambda: news.extend(surrogates(found)), tries=1) < 60
    assert len(set(news)) == len({value for _, value in found})


def test_repr_shows_nothing() -> None:
    made = Surrogates(KEY, "P-1")
    made.for_text("Brannigan", [("NAME", "Brannigan")])
    assert "rannigan" not in repr(made).lower()
