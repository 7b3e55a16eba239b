"""The family of real prose: stand-ins become marked identifiers, names and dates are put in, nothing unmarked looks like one. All notes here are invented."""

import itertools
import json
import random
import re
from pathlib import Path

import pytest

from assistant.deid.words.build import in_word_list
from training.invented.cast import Cast
from training.invented.markup import Tagged
from training.tagger.families import real_text
from training.tagger.real.checks import is_clean
from training.tagger.real.insertions import _HEADERS, _RULES, _SENTENCES, _SIGNATURES, with_identifiers
from training.tagger.real.named import People, with_people_as_slots, with_people_as_slots_spoken
from training.tagger.real.slots import with_places_and_dates_as_slots
from training.tagger.real.sources import SOURCES, Raw, read

READ = next(number for number in itertools.count(1) if in_word_list(number))
LEFT = next(number for number in itertools.count(1) if not in_word_list(number))
MEDICINE = (
    "The patient has been well since the last visit and denies chest pain or shortness of breath. The lungs are clear to auscultation. "
    "The abdomen is soft and not tender, and there is no edema of the legs. Continue the current medications and repeat the labs in three months."
)
UNMARKED = re.compile(r"\bDr\. [A-Z]|\bMr\. [A-Z]|\bXYZ\b|MM/DD|\d/\d{1,2}/\d{2}|\{|\}|§")


def written(folder: Path, source: str, file: str, rows: list[dict]) -> None:
    (folder / source).mkdir(parents=True, exist_ok=True)
    (folder / source / file).write_text("\n".join(json.dumps(row) for row in rows) + "\n", "utf-8")


def template(text: str) -> str:
    return with_people_as_slots(with_places_and_dates_as_slots(text), People())


def unmarked(text: Tagged) -> str:
    """What stands outside the spans."""
    letters = list(text.text)
    for start, end, _ in text.spans:
        letters[start:end] = "·" * (end - start)
    return "".join(letters)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    written(
        tmp_path,
        "mtsamples",
        "mtsamples_dev.jsonl",
        [
            {"note_id": READ, "text": f"She was seen by Dr. X on MM/DD/YYYY. {MEDICINE}"},
            {
                "note_id": LEFT,
                "text": "Held out: the zebra stripes on this knee were measured twice and found to be even on both sides.",
            },
        ],
    )
    dialogue = "Doctor: Any cough?\r\nPatient: No, none at all. I sleep well and I eat well, and my knee no longer hurts when I walk up the stairs."
    written(
        tmp_path,
        "mts-dialog",
        "mts_dialog_dev.jsonl",
        [
            {"id": "a", "section_text": MEDICINE, "dialogue": dialogue},
            {
                "id": "b",
                "section_text": "the zebra stripes on this knee were measured twice and found to be even",
                "dialogue": dialogue,
            },
        ],
    )
    note = f"CHIEF COMPLAINT\n\nAnnual exam.\n\nMartha Zebrowski is a 50-year-old female. Ms. Zebrowski feels well. {MEDICINE}"
    spoken = "[doctor] hi , martha . how are you ?\n[patient] i'm doing okay . my knee is better and i can walk up the stairs again without any pain at all .\n"
    written(tmp_path, "aci-bench", "aci_dev.jsonl", [{"note": note, "dialogue": spoken}])
    return tmp_path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Seen by Dr. X today.", "Seen by Dr. {doctor.surname} today.", id="a letter behind a title"),
        pytest.param("Mr. ABC and Dr. Y.", "Mr. {patient.surname} and Dr. {doctor.surname}.", id="patient and doctor"),
        pytest.param("Dr. X called Dr. Y; Dr. X left.", "Dr. {doctor.surname} called Dr. {doctor2.surname}; Dr. {doctor.surname} left.", id="the same letter is the same doctor"),
        pytest.param("Dr. Zebrowski agreed. Zebrowski signed.", "Dr. {doctor.surname} agreed. {doctor.surname} signed.", id="a name is found again without its title"),
        pytest.param("Martha Zebrowski is a 50-year-old.", "{patient.full} is a 50-year-old.", id="a name at the start"),
        pytest.param("Doctor: Any pain? Doctor, I do.", "Doctor: Any pain? Doctor, I do.", id="a title without a name stays"),
        pytest.param("Admitted on MM/DD/YYYY.", "Admitted on {date.numeric}.", id="a stand-in for a date"),
        pytest.param("An X-year-old man.", "An {age}-year-old man.", id="a stand-in for an age"),
        pytest.param("On 3/14/2009 and in June 2008.", "On {date.numeric} and in {date.partial}.", id="dates"),
        pytest.param("BP 120/80, strength 5/5, murmur 2/6.", "BP 120/80, strength 5/5, murmur 2/6.", id="fractions are no dates"),
        pytest.param("Moved from Texas to Norway.", "Moved from {state.name} to {country}.", id="state and country"),
        pytest.param("Sent to XYZ Memorial Hospital.", "Sent to {hospital.full}.", id="a hospital"),
        pytest.param("Seen in the Sleep Clinic.", "Seen in the Sleep Clinic.", id="a department stays"),
        pytest.param("I am [NAME] from [LOCATION].", "I am {patient.full} from {town}.", id="stand-ins in brackets"),
        pytest.param("Barrett esophagus and Wilson's disease.", "Barrett esophagus and Wilson's disease.", id="eponyms stay"),
    ],
)  # fmt: skip
def test_stand_ins_become_slots(text: str, expected: str) -> None:
    assert template(text) == expected


def test_a_transcript_in_lower_case_shares_its_people_with_the_note() -> None:
    people = People()
    with_people_as_slots("Martha Zebrowski is a 50-year-old.", people)
    spoken = with_people_as_slots_spoken("hi , martha . dr. smith says hello , ms. zebrowski .", people)
    assert spoken == "hi , {patient.given} . dr. {doctor.surname} says hello , ms. {patient.surname} ."


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("The patient was seen by Dr. {doctor.surname} and sent home.", id="a slot behind a title"),
        pytest.param("A Foley catheter was placed and Murphy's sign was negative.", id="eponyms"),
        pytest.param("She takes Lasix and Lipitor; WBC 7.2, LV function normal.", id="brands and abbreviations"),
        pytest.param("In 2019 he had a stroke at 62.", id="a bare year"),
        pytest.param("May use the inhaler as needed.", id="a verb that is a month"),
    ],
)
def test_medicine_may_be_taught(sentence: str) -> None:
    assert is_clean(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("He saw Dr. Zebrowski.", id="a title with a name"),
        pytest.param("He lives in Bad Zebrow.", id="an unknown word with a capital"),
        pytest.param("Jennifer agrees.", id="a given name"),
        pytest.param("Come back on Friday.", id="a weekday"),
        pytest.param("Come back in March.", id="a month"),
        pytest.param("Seen 3/14.", id="day and month"),
        pytest.param("Call 555-0142.", id="a telephone number"),
        pytest.param("Her name is on file.", id="a name to come"),
        pytest.param("A 94-year-old man.", id="an age over 89"),
        pytest.param("Sent to Community Hospital.", id="a hospital of common words"),
        pytest.param("Signed ______.", id="a blank"),
    ],
)
def test_what_may_be_an_identifier_is_turned_away(sentence: str) -> None:
    assert not is_clean(sentence)


def test_only_known_words_pass_in_lower_case() -> None:
    assert is_clean("[patient] yes , my knee hurts .", spoken=True)
    assert not is_clean("[patient] yes , zebrowski told me .", spoken=True)


def test_the_held_out_half_and_what_repeats_it_is_not_read(data: Path) -> None:
    assert len(read("mtsamples", data)) == 1
    assert [raw.parts[0] for raw in read("mts-dialog", data)] == [MEDICINE]


def test_a_source_that_is_absent_is_passed_over_and_an_empty_folder_is_an_error(data: Path, tmp_path: Path) -> None:
    assert read("medec", data) == []
    with pytest.raises(real_text.NothingToRead, match="mtsamples"):
        next(real_text.texts(random.Random(1), tmp_path / "nothing"))


def test_texts_are_marked_and_leave_nothing_unmarked(data: Path) -> None:
    found = list(itertools.islice(real_text.texts(random.Random(1), data), 400))
    assert any(text.spans for text in found)
    assert any(not text.spans for text in found)
    for text in found:
        assert not re.search(r"zebra|zebrowski", text.text, re.IGNORECASE)
        assert not UNMARKED.search(unmarked(text))


def test_the_same_seed_gives_the_same_texts(data: Path) -> None:
    first, second = (list(itertools.islice(real_text.texts(random.Random(9), data), 60)) for _ in range(2))
    assert first == second


def test_a_bad_sentence_cuts_a_passage_in_two() -> None:
    passages = [sentences for sentences, _ in real_text.passages(Raw((f"{MEDICINE} Call Quibbleby now. {MEDICINE}",)))]
    assert len(passages) == 2
    assert all("Quibbleby" not in sentence for sentences in passages for sentence in sentences)


def test_names_are_put_in_where_they_belong() -> None:
    drawn = {with_identifiers("His wife called. The patient sleeps well.", random.Random(seed)) for seed in range(60)}
    assert any("His wife {relative.given} called." in text for text in drawn)
    assert any(re.search(r"\{patient[.\w]*\},? sleeps", text) for text in drawn)
    assert "His wife called. The patient sleeps well." in drawn


def test_every_rule_and_line_fills() -> None:
    for number, line in enumerate([*_SENTENCES, *_HEADERS, *_SIGNATURES]):
        Cast(random.Random(number)).fill(line)
    for pattern, _, replacements in _RULES:
        for replacement in replacements:
            Cast(random.Random(1)).fill(re.sub(r"\\\d", "word", replacement))
            assert max(map(int, re.findall(r"\\(\d)", replacement)), default=0) <= re.compile(pattern).groups


@pytest.mark.parametrize("source", SOURCES)
def test_the_public_texts_hold_the_promises(source: str, shared_data: Path) -> None:
    raws = read(source, shared_data)
    assert raws, f"{source} is not in the development data"
    rng = random.Random(3)
    count = 0
    for raw in rng.sample(raws, min(20, len(raws))):
        for passage, spoken in real_text.passages(raw):
            text = real_text._text(passage, rng, spoken, plain=0.3)
            count += 1
            last = 0
            for start, end, _ in text.spans:
                assert last <= start < end <= len(text.text)
                assert text.text[start:end].strip() == text.text[start:end]
                last = end
            found = UNMARKED.search(unmarked(text))
            assert found is None, f"a passage of {source} still holds {found.group()!r}"
    assert count > 10
