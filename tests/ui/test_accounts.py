"""Sign-in: names, passwords and tokens here are invented."""

import stat
from pathlib import Path

import pytest

from ui.accounts import FIRST_NAME, AccountError, Accounts


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path)


def test_the_first_password_is_given_once(accounts: Accounts) -> None:
    password = accounts.create_first()
    assert password is not None
    assert accounts.check_password(FIRST_NAME, password)
    assert accounts.create_first() is None


def test_passwords_and_tokens_are_not_in_the_file(accounts: Accounts, tmp_path: Path) -> None:
    password = accounts.create_first()
    token = accounts.new_token(FIRST_NAME)
    stored = (tmp_path / "accounts.json").read_text("utf-8")
    assert password is not None
    assert password not in stored
    assert token not in stored
    assert stat.S_IMODE((tmp_path / "accounts.json").stat().st_mode) == 0o600


def test_a_new_token_replaces_the_one_before(accounts: Accounts) -> None:
    accounts.set_password("invented", "long-enough-1")
    first, second = accounts.new_token("invented"), accounts.new_token("invented")
    assert accounts.owner_of(first) is None
    assert accounts.owner_of(second) == "invented"


def test_an_account_without_a_token_is_not_opened_by_an_empty_one(accounts: Accounts) -> None:
    accounts.set_password("invented", "long-enough-1")
    assert accounts.owner_of("") is None


def test_eight_wrong_passwords_lock_the_name_even_for_the_right_one(accounts: Accounts) -> None:
    accounts.set_password("invented", "long-enough-1")
    for _ in range(8):
        assert not accounts.check_password("invented", "wrong")
    assert not accounts.check_password("invented", "long-enough-1")


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        pytest.param("a b", "long-enough-1", "letters", id="a name with a space is refused with the rule"),
        pytest.param("", "long-enough-1", "letters", id="an empty name is refused"),
        pytest.param("invented", "short", "at least 10", id="a short password is refused with the least length"),
    ],
)
def test_rules(accounts: Accounts, name: str, password: str, said: str) -> None:
    with pytest.raises(AccountError, match=said):
        accounts.set_password(name, password)


def test_a_damaged_file_says_what_to_do(accounts: Accounts, tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_text("{", "utf-8")
    with pytest.raises(AccountError, match="restore it"):
        accounts.names()


def test_nobody_gets_a_token_without_an_account(accounts: Accounts) -> None:
    with pytest.raises(AccountError, match="nobody called"):
        accounts.new_token("stranger")
