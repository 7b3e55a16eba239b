"""What error messages say, and what they must not."""

from assistant.errors import IndexUnavailable


def test_an_address_is_named_without_the_password_in_it() -> None:
    error = str(IndexUnavailable(url="http://anna:invented@chroma:8000", problem="ConnectError"))
    assert "chroma:8000" in error
    assert "invented" not in error
