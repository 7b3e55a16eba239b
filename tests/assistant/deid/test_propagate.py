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
    pytest.param("PT: ⟦GARZA, ELENA⟧\nShe is stable. ⟦Garza⟧ walks.", id="from capitals to lower case"),
]


@pytest.mark.parametrize("case", CASES)
def test_propagation(case: str, marked: Callable[[str], str]) -> None:
    assert marked(case) == case
