"""Numbers with check digits check out, and no pool is empty."""

import random

import pytest

from training.invented import numbers, syllables
from training.invented.pools import sections


def test_dea_numbers_carry_the_check_digit() -> None:
    rng = random.Random(1)
    for _ in range(50):
        found = [int(digit) for digit in numbers.dea(rng)[2:]]
        assert (found[0] + found[2] + found[4] + 2 * (found[1] + found[3] + found[5])) % 10 == found[6]


def test_full_card_numbers_pass_luhn() -> None:
    rng = random.Random(1)
    for _ in range(80):
        written = numbers.card(rng)
        found = [int(sign) for sign in reversed(written) if sign.isdigit()]
        if len(found) == 16:
            assert (sum(found[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in found[1::2])) % 10 == 0


@pytest.mark.parametrize("name", ["names", "places", "organisations", "clinical"])
def test_every_section_of_a_pool_holds_entries(name: str) -> None:
    for title, entries in sections(name).items():
        assert len(entries) >= 5, title


@pytest.mark.parametrize("flavour", syllables.FLAVOURS)
def test_invented_words_are_capitalised_and_varied(flavour: str) -> None:
    rng = random.Random(1)
    words = {syllables.invented_word(rng, flavour) for _ in range(500)}
    assert len(words) > 250
    assert all(word[0].isupper() for word in words)
