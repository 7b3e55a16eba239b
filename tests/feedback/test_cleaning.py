"""What is trained on is de-identified again, and nothing that was masked before suffers. Every name is invented."""

import re
from typing import cast

import pytest

from assistant.deid.engine import Deidentifier
from assistant.deid.mask import Placeholders
from assistant.deid.residual import Residual
from assistant.errors import DeidModelBroke, TaggerNotFound
from assistant.prompts import build_prompt
from assistant.schema import IdentifierSpan, Message, Mode, Report, Source
from assistant.settings import DeidSettings
from feedback.cleaning import Cleaner
from tests.feedback.made import ANSWER, BETTER, TEXT


def prompt_about(text: str, *, question: str = "What is found?", past: tuple[Source, ...] = ()) -> tuple:
    prompt = build_prompt(
        mode=Mode.QUESTION, question=question, report=Report(id="r-1", text=text), earlier=None, sources=past,
        context_tokens=4096, max_new_tokens=256,
    )  # fmt: skip
    return prompt.messages, prompt.sources


def test_what_is_masked_already_stays_as_it_is(deidentifier: Deidentifier) -> None:
    past = (Source(report_id="0412", label="Past report 0412, 2020", text="IMPRESSION: Clear lungs.", offset=40),)
    messages, sources = prompt_about(TEXT, past=past)
    cleaned = Cleaner(deidentifier).clean(messages, (BETTER, ANSWER), sources)
    assert cleaned is not None
    assert (cleaned.prompt, cleaned.answers, cleaned.masked) == (messages, (BETTER, ANSWER), 0)


@pytest.mark.parametrize(
    ("answer", "gone", "masked"),
    [
        pytest.param("Effusion, seen by Dr. Thandiwe Mbeki.", "Mbeki", "Effusion, seen by [NAME_3].", id="a name that a model wrote"),
        pytest.param("CT on 14 March 2024.", "March", "CT on [DATE_1].", id="a date"),
        pytest.param("Call 555-201-8834 for the CT.", "8834", "Call [PHONE_1] for the CT.", id="a telephone number"),
    ],
)  # fmt: skip
def test_what_an_answer_says_about_somebody_is_masked(
    answer: str, gone: str, masked: str, deidentifier: Deidentifier
) -> None:
    messages, sources = prompt_about(TEXT)
    cleaned = Cleaner(deidentifier).clean(messages, (answer, ANSWER), sources)
    assert cleaned is not None
    assert cleaned.answers == (masked, ANSWER)
    assert cleaned.prompt == messages
    assert gone not in repr(cleaned)


def test_one_person_is_one_placeholder_in_prompt_and_answers(deidentifier: Deidentifier) -> None:
    text = TEXT.replace("[NAME_2]", "Dr. Thandiwe Mbeki")
    messages, sources = prompt_about(text)
    cleaned = Cleaner(deidentifier).clean(messages, ("Told by Dr. Mbeki.", "Told by Thandiwe Mbeki."), sources)
    assert cleaned is not None
    assert "Mbeki" not in "".join([*cleaned.answers, *(message.content for message in cleaned.prompt)])
    assert "was told by [NAME_2]." in cleaned.prompt[-1].content
    assert cleaned.answers == ("Told by [NAME_2].", "Told by [NAME_2].")


def test_a_name_found_in_one_text_is_taken_out_of_all(deidentifier: Deidentifier) -> None:
    text = TEXT.replace("[NAME_2]", "Dr. Zorbickova")
    messages, sources = prompt_about(text)
    cleaned = Cleaner(deidentifier).clean(messages, ("zorbickova told her.",), sources)
    assert cleaned is not None
    assert "orbickova" not in cleaned.answers[0] + cleaned.prompt[-1].content


class Doubting:
    """A de-identifier whose rules find nothing and whose second look asks about one thing, wherever it stands."""

    is_realistic = False

    def __init__(self, doubtful: str) -> None:
        self._doubtful = re.compile(doubtful)

    def warm(self) -> None: ...

    def find(self, text: str) -> list[IdentifierSpan]:
        return []

    def residual(self, text: str, **_more: object) -> list[Residual]:
        return [
            Residual(start=found.start(), end=found.end(), type="ID", reason="code")
            for found in self._doubtful.finditer(text)
        ]


def cleaned_by(deidentifier: object, prompt: str, answer: str) -> str | None:
    cleaned = Cleaner(cast("Deidentifier", deidentifier)).clean((Message(role="user", content=prompt),), (answer,))
    return cleaned.answers[0] if cleaned else None


def test_what_a_person_let_through_in_the_report_may_be_said() -> None:
    assert cleaned_by(Doubting("XR-4"), "Stent XR-4 was placed. Which?", "Stent XR-4.") == "Stent XR-4."
    assert cleaned_by(Doubting("XR-4"), "Which stent was placed?", "Stent XR-4.") == "Stent [ID_1]."


def test_an_answer_in_which_something_is_found_again_and_again_is_left_out() -> None:
    assert cleaned_by(Doubting(r"\w"), "q", "Stent XR-4.") is None


def test_surrogates_and_shifted_dates_of_the_prompt_stay_and_others_do_not() -> None:
    realistic = Deidentifier(DeidSettings(replace_with="surrogates", dates="shift"), key=bytes(32))
    original = "Mr. Kofi Amankwah was seen on 14 March 2024. Small left pleural effusion. Dr. Thandiwe Mbeki will call."
    text = realistic.mask(original, placeholders=Placeholders(scope="P-1")).text
    assert "Amankwah" not in text
    messages, sources = prompt_about(text)
    stand_in = text.split(" was seen")[0]
    answer = f"{stand_in} has a small left pleural effusion. Mr. Ignatius Quillfeather agrees."
    cleaned = Cleaner(realistic).clean(messages, (answer,), sources)
    assert cleaned is not None
    assert cleaned.prompt == messages
    assert cleaned.answers[0].startswith(f"{stand_in} has a small left pleural effusion.")
    assert "Quillfeather" not in cleaned.answers[0]
    assert cleaned.answers[0].endswith("[NAME_2] agrees.")


class Broken:
    """A de-identifier whose model fails on some texts."""

    is_realistic = False

    def __init__(self, error: Exception, *, at_once: bool = False) -> None:
        self._error, self._at_once = error, at_once

    def warm(self) -> None:
        if self._at_once:
            raise self._error

    def find(self, text: str) -> list[IdentifierSpan]:
        raise self._error


def test_what_cannot_be_masked_is_left_out() -> None:
    broken = cast("Deidentifier", Broken(DeidModelBroke(problem="invented")))
    assert Cleaner(broken).clean((Message(role="user", content="q"),), ("a",)) is None


def test_where_nothing_can_be_masked_nobody_goes_on() -> None:
    broken = cast("Deidentifier", Broken(TaggerNotFound(language="en", problem="gone"), at_once=True))
    with pytest.raises(TaggerNotFound):
        Cleaner(broken).clean((Message(role="user", content="q"),), ("a",))


def test_a_report_is_read_once_however_much_is_asked_about_it(
    deidentifier: Deidentifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    find = deidentifier.find
    monkeypatch.setattr(deidentifier, "find", lambda text: (read.append(len(text)), find(text))[1])
    cleaner = Cleaner(deidentifier)
    for question in ("What is found?", "Is there an effusion?", "What is the plan?"):
        messages, sources = prompt_about(TEXT, question=question)
        assert cleaner.clean(messages, (ANSWER,), sources) is not None
    assert sum(length >= len(TEXT) for length in read) == 2, "the rules and the report, once each"
