"""What stands for identifiers with each option, on a whole note. All people, places and numbers are invented."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from assistant.deid.engine import Deidentifier
from assistant.deid.mask import PLACEHOLDER, Placeholders
from assistant.deid.review import mask_and_look, mask_typed
from assistant.deid.stand_ins import three_digits
from assistant.settings import DeidSettings

NOTE = (
    "Patient: Ottilie Brannigan\nMRN: 4471882\nDOB: 03/14/1950\nAddress: 12 Quill Street, Boston, MA 02110\n\n"
    "Mrs. Brannigan was seen on Thursday, March 14, 2019 by Dr. A. Okafor at St. Brendan's Hospital. She came back on 04/15/2019. "
    "Next visit in June. Call 212-555-0188.\n"
)


@pytest.fixture(scope="module")
def make() -> Callable[..., Deidentifier]:
    made: dict[str, Deidentifier] = {}

    def make_one(**options: Any) -> Deidentifier:
        return made.setdefault(str(options), Deidentifier(DeidSettings(**options), key=b"a key for tests"))

    return make_one


def test_shifted_dates_keep_their_interval_and_the_rest_is_masked(make: Callable[..., Deidentifier]) -> None:
    masked = make(dates="shift").mask(NOTE, placeholders=Placeholders(scope="P-1"))
    realistic = [mask for mask in masked.masks if mask.realistic]
    assert {mask.span.type for mask in realistic} == {"DATE"}
    assert all(masked.text[mask.start : mask.end] == mask.placeholder for mask in masked.masks)
    assert "2019" in masked.text or "2018" in masked.text
    assert "Thursday, March 14" not in masked.text
    assert "[NAME_1]" in masked.text
    assert "Next visit in [DATE_1]" in masked.text


def test_the_weekday_goes_with_its_date(make: Callable[..., Deidentifier]) -> None:
    masked = make(dates="shift").mask(NOTE, placeholders=Placeholders(scope="P-2"))
    [written] = [mask.placeholder for mask in masked.masks if re.match(r"[A-Z][a-z]+day, ", mask.placeholder)]
    assert written != "Thursday, March 14, 2019"


def test_dates_move_alike_in_all_texts_of_a_patient(make: Callable[..., Deidentifier]) -> None:
    deidentifier = make(dates="shift")
    texts = [
        deidentifier.mask(f"Seen on 2019-03-{day}.", placeholders=Placeholders(scope=scope), patient=patient).text
        for day, scope, patient in (("14", "r-1", "4471882"), ("14", "r-2", "4471882"), ("14", "r-1", None), ("14", "r-1", "77"))
    ]  # fmt: skip
    assert texts[0] == texts[1]
    assert len(set(texts)) == 3


def test_surrogates_leave_no_original_and_are_marked(make: Callable[..., Deidentifier]) -> None:
    masked, residual = mask_and_look(
        make(replace_with="surrogates"), NOTE, placeholders=Placeholders(scope="P-1"), patient="Ottilie Brannigan"
    )
    for original in ("Ottilie", "Brannigan", "Okafor", "Brendan", "4471882", "0188", "Quill", "Boston", "02110"):
        assert original not in masked.text
    assert residual == (), "an invented name is not taken for a miss"
    kinds = {mask.span.type for mask in masked.masks if mask.realistic}
    assert {"NAME", "MRN", "PHONE", "ORGANIZATION"} <= kinds
    assert {mask.span.type for mask in masked.masks if not mask.realistic} == {"DATE"}
    assert PLACEHOLDER.search(masked.text), "dates are masked unless they are shifted"


def test_a_miss_beside_surrogates_is_still_looked_for(make: Callable[..., Deidentifier]) -> None:
    text = "Mrs. Brannigan came with Grant Young. Her record is 4471882."
    start = text.index("Grant Young")
    placeholders = Placeholders(scope="P-1")
    masked, residual = mask_and_look(make(replace_with="surrogates"), text, placeholders=placeholders, keep=[])
    found = {(place.start, place.end) for place in residual} | {(s.start, s.end) for s in masked.spans}
    assert any(low <= start and start + len("Grant Young") <= high for low, high in found)


def test_a_question_goes_on_with_the_report(make: Callable[..., Deidentifier]) -> None:
    deidentifier = make(replace_with="surrogates", dates="shift")
    placeholders = Placeholders(scope="P-1")
    report = deidentifier.mask(NOTE, placeholders=placeholders)
    stands_for = {NOTE[mask.span.start : mask.span.end]: mask.placeholder for mask in report.masks}
    titled = stands_for["Mrs. Brannigan"]
    typed = mask_typed(
        deidentifier, "What did Mrs. Brannigan say on 04/15/2019?", placeholders=placeholders, known=report.text
    )
    assert typed.text == f"What did {titled} say on {stands_for['04/15/2019']}?"
    again = mask_typed(deidentifier, typed.text, placeholders=placeholders, known=report.text)
    assert again.text == typed.text, "what is read on the page is not replaced once more"
    lower = f"did {titled.split()[1].lower()} come back?"
    assert mask_typed(deidentifier, lower, placeholders=placeholders, known=report.text).text == lower


def test_a_name_that_the_report_has_as_a_word_is_no_surrogate(make: Callable[..., Deidentifier]) -> None:
    typed = mask_typed(make(replace_with="surrogates"), "Was Dr. Young there?", known="A young man with asthma.")
    assert "Young" not in typed.text


@pytest.mark.parametrize("options", [{"dates": "shift"}, {"replace_with": "surrogates"}])
def test_a_text_of_nobody_known_gets_placeholders(options: dict[str, str], make: Callable[..., Deidentifier]) -> None:
    assert make(**options).mask(NOTE).text == make().mask(NOTE).text


def test_the_same_text_is_masked_the_same_again(make: Callable[..., Deidentifier]) -> None:
    deidentifier = make(replace_with="surrogates", dates="shift", zip="zip3")
    one, other = (deidentifier.mask(NOTE, placeholders=Placeholders(scope="P-1")) for _ in range(2))
    assert one == other
    assert one.text != deidentifier.mask(NOTE, placeholders=Placeholders(scope="P-2")).text


@pytest.mark.parametrize("options", [{"dates": "shift"}, {"replace_with": "surrogates"}, {"zip": "zip3"}])
def test_what_was_masked_by_hand_has_a_placeholder(options: dict[str, str], make: Callable[..., Deidentifier]) -> None:
    text = "Asked the tall violinist."
    masked = make(**options).mask(text, placeholders=Placeholders(scope="P-1"), add=[(10, 24)])
    assert masked.text == "Asked the [OTHER_1]."


ZIPS = [
    pytest.param("94103", "941**", id="an area with many people"),
    pytest.param("94103-1234", "941**", id="with its four more digits"),
    pytest.param("03601", None, id="an area with few people"),
    pytest.param("89301", None, id="another one"),
    pytest.param("SV19 4KX", None, id="a postal code of another country"),
    pytest.param("941", None, id="three digits already"),
]


@pytest.mark.parametrize(("code", "kept"), ZIPS)
def test_three_digits_stay_where_many_people_live(code: str, kept: str | None) -> None:
    assert three_digits(code) == kept


ZIPS_IN_TEXT = [
    pytest.param("Lives in Boston, MA 02110.", "Lives in [LOCATION_1] 021**.", id="behind a town"),
    pytest.param("Address: 12 Quill Street, Boston, MA 02110", "Address: [ADDRESS_1] 021**", id="at the end of an address"),
    pytest.param("Zip: 94103", "Zip: 941**", id="alone"),
    pytest.param("Lives in Reno, NV 89301.", "Lives in [LOCATION_1].", id="of an area with few people"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "masked"), ZIPS_IN_TEXT)
def test_zip_codes_in_a_text(text: str, masked: str, make: Callable[..., Deidentifier]) -> None:
    assert make(zip="zip3").mask(text).text == masked
    assert "021" not in make().mask(text).text


def test_postal_codes_of_another_country_go_whole(make: Callable[..., Deidentifier]) -> None:
    assert "280" not in make(language="es", zip="zip3").mask("Domicilio: C/ Mayor 12, 28013 Madrid.").text
