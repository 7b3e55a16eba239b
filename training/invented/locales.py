"""Faker's generators, one a locale, drawing from our own random numbers. Needs the `dev` extra, as does all training."""

import random
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faker import Generator


@cache
def _loaded(locale: str) -> "Generator":
    try:
        from faker import Factory
    except ImportError as error:
        raise ImportError("inventing training text needs Faker; install the `dev` extra") from error
    return Factory.create(locale)


def fake(rng: random.Random, locale: str, what: str) -> str:
    """One of Faker's inventions, such as `last_name`, `city`, `company`; the same `rng` state gives the same."""
    generator = _loaded(locale)
    generator.random = rng
    return str(getattr(generator, what)()).strip()
