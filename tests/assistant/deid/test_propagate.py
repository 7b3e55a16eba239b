"""Later forms of a name; all people are invented."""

from collections.abc import Callable

import pytest

CASES = [
    pytest.param(
        "⟦Mr. John Featherstone⟧ came. ⟦Featherstone⟧ left; ⟦featherstone⟧ agreed.", id="surname and lower case"
    ),
    pytest.param("⟦Dr. Anaya Quillfeather⟧ saw him. ⟦Quillfeather⟧'s note agrees.", id="possessive"),
    pytest.param("⟦Mary Kowalczyk⟧ is well. ⟦M.K.⟧ was told.", id="initials"),
    pytest.param("⟦Mr. Brown⟧ has brown stool. I told ⟦Brown⟧ so.", id="a word stays a word"),
    pytest.param("⟦Dr. Wilson⟧ excluded Wilson's disease.", id="an eponym stays an eponym"),
    pytest.param("Mr. ⟦Hill⟧ fell on a hill.".replace("Mr. ⟦", "⟦Mr. "), id="a name in lower case that is a word"),
    pytest.param("⟦Dr. Foley⟧ removed the Foley. ⟦Foley⟧ said so.", id="a device is no person"),
    pytest.param("⟦Mr. Okaforde⟧ slept. The ⟦Okafordes⟧ agreed.", id="the family"),
    pytest.param("⟦Mrs Wirra-Clarkson⟧ came. ⟦Clarkson⟧ agreed.", id="half of a double name"),
    pytest.param("Patient: ⟦Joan Toddmer⟧\n⟦JT⟧: seen. The JT interval.", id="bare initials where a person stands"),
    pytest.param("⟦Mrs Delacroix⟧ slept. ⟦Delacr0ix⟧ ate.", id="a digit for a letter"),
    pytest.param("⟦Ms Vandermeer⟧. ⟦Vandermer⟧ came late.", id="a letter missing"),
    pytest.param("⟦Mr. Okaforde⟧, ⟦Okaforde⟧MRN unknown", id="a label glued to the name"),
    pytest.param(
        "Seen at ⟦Larkfield Family Practice⟧. ⟦Larkfield⟧ rang. ⟦LFP⟧ sent it.", id="short forms of an organisation"
    ),
    pytest.param("From ⟦Rosewood Lodge Nursing Home⟧. Back at the ⟦Lodge⟧, by the lodge.", id="the Lodge"),
    pytest.param("PT: ⟦GARZA, ELENA⟧\nShe is stable. ⟦Garza⟧ walks.", id="from capitals to lower case"),
]


@pytest.mark.parametrize("case", CASES)
def test_propagation(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case
