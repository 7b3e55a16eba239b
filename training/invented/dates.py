"""Dates in the layouts that clinicians write: numeric, written out, partial, abbreviated, mistyped, and holidays."""

import random
from datetime import date, timedelta

from training.invented.markup import Tagged

MONTHS = "January February March April May June July August September October November December".split()
_SHORT = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_HOLIDAYS = (
    "Christmas", "Christmas Day", "Christmas Eve", "Thanksgiving", "Thanksgiving Day", "Easter", "Easter Sunday", "Easter Monday", "Good Friday", "Labor Day", "Memorial Day",
    "Independence Day", "the Fourth of July", "Fourth of July", "4th of July", "Halloween", "Valentine's Day", "New Year's Day", "New Year's Eve", "New Year's", "St. Patrick's Day",
    "Mother's Day", "Father's Day", "Veterans Day", "Presidents' Day", "Columbus Day", "Martin Luther King Day", "MLK Day", "Boxing Day", "Ash Wednesday", "Palm Sunday", "Whit Monday",
    "Ramadan", "Eid", "Eid al-Fitr", "Diwali", "Hanukkah", "Passover", "Rosh Hashanah", "Yom Kippur", "Juneteenth", "Cinco de Mayo", "Mardi Gras", "Bastille Day", "Anzac Day",
    "Canada Day", "Groundhog Day", "All Saints' Day", "Lunar New Year", "Chinese New Year", "Guy Fawkes Night", "Midsummer", "Pentecost", "Xmas", "X-mas", "Nowruz", "Day of the Dead",
)  # fmt: skip


def draw_day(rng: random.Random, anchor: date) -> date:
    """Mostly within some weeks of `anchor`, now and then years before it."""
    if rng.random() < 0.8:
        return anchor + timedelta(days=rng.randrange(-90, 60))
    return anchor - timedelta(days=rng.randrange(100, 32000))


def draw_anchor(rng: random.Random) -> date:
    """The day about which a text's other dates lie."""
    return date(1990, 1, 1) + timedelta(days=rng.randrange(14600))


def numeric(rng: random.Random, day: date) -> str:
    separator = rng.choice("////--.")
    first, second = (day.month, day.day) if rng.random() < 0.7 else (day.day, day.month)
    padded = rng.random() < 0.5
    parts = [f"{part:02d}" if padded else str(part) for part in (first, second)]
    parts.append(str(day.year) if rng.random() < 0.6 else f"{day.year % 100:02d}")
    return separator.join(parts) if rng.random() < 0.97 else f"{separator} ".join(parts)


def iso(rng: random.Random, day: date) -> str:
    return day.strftime(rng.choice(("%Y-%m-%d", "%Y-%m-%d", "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d")))


def written(rng: random.Random, day: date) -> str | Tagged:
    """Month as a word, with day and mostly the year."""
    month, number, year = _month(rng, day), _day_number(rng, day), day.year
    layouts: tuple[str, ...] = (
        f"{month} {number}, {year}", f"{month} {number}, {year}", f"{month} {number} {year}", f"{number} {month} {year}", f"{day.day} {month} {year}", f"{month} {number}",
        f"{_ordinal(day.day)} of {month}", f"{_ordinal(day.day)} of {month}, {year}", f"{_ordinal(day.day)} of {month} {year}", f"{month}. {day.day}, {year}",
        f"{day.day:02d}-{_SHORT[day.month - 1].upper()}-{year}", f"{day.day}-{_SHORT[day.month - 1]}-{year % 100:02d}", f"{day.day:02d}{_SHORT[day.month - 1].upper()}{year}",
        f"{_DAYS[day.weekday()]}, {month} {number}, {year}", f"{_DAYS[day.weekday()]} {month} {number}", f"{_DAYS[day.weekday()][:3]} {day.day} {month} {year}",
        f"{day.day}/{_SHORT[day.month - 1]}/{year}", f"{month} the {_ordinal(day.day)}", f"{day.day}. {month} {year}", f"{month}-{day.day}-{year}", f"{month} {number}, '{year % 100:02d}",
        f"{month} {_WORDS[day.day - 1]}", f"{_SHORT[day.month - 1]}.{day.day}.{year}", f"{month[:3].upper()} {day.day} {year}", f"{day.day}th {month}" if 3 < day.day < 21 else f"{day.day} {month}",
    )  # fmt: skip
    layout = rng.choice(layouts)
    return _before("the ", layout) if " of " in layout and rng.random() < 0.7 else layout


def partial(rng: random.Random, day: date) -> str | Tagged:
    """No full date: a month, a month and a year, a day and a month."""
    day = day.replace(day=min(day.day, 27))
    month, year = _month(rng, day), day.year
    return rng.choice(
        (
            month, MONTHS[day.month - 1], f"{month} {year}", f"{month} {year}", f"{month} of {year}", f"{month} '{year % 100:02d}", f"{day.month}/{year}", f"{day.month}/{day.day}",
            f"{day.month:02d}/{day.day:02d}", f"{day.month}/{year % 100:02d}", f"{day.day} {month}", f"{month} {_day_number(rng, day)}", f"{month}, {year}", f"{day.month:02d}-{day.day:02d}",
            f"{day.day:02d}-{_SHORT[day.month - 1]}", f"{_SHORT[day.month - 1]}-{year % 100:02d}", f"{day.month:02d}-{year}", f"{month}/{year}",
            f"{day.month}/{day.day}-{day.month}/{day.day + rng.randrange(1, 4)}", f"{month} {day.day}-{day.day + rng.randrange(1, 4)}",
        )
    )  # fmt: skip


def short(rng: random.Random, day: date) -> str:
    """Day and month in figures, as in a flowsheet: "3/14", "14.3.", "03-14"."""
    separator = rng.choice("////-.")
    first, second = (day.month, day.day) if rng.random() < 0.6 else (day.day, day.month)
    text = f"{first:02d}{separator}{second:02d}" if rng.random() < 0.2 else f"{first}{separator}{second}"
    return text + "." if separator == "." and rng.random() < 0.5 else text


def day_alone(rng: random.Random, day: date) -> str:
    """The day of a month as an ordinal: "14th"."""
    return _WORDS[day.day - 1] if rng.random() < 0.1 else _ordinal(day.day)


def month_alone(rng: random.Random, day: date) -> str:
    return _month(rng, day)


def holiday(rng: random.Random, day: date) -> str | Tagged:
    name = rng.choice(_HOLIDAYS)
    if rng.random() < 0.25:
        return f"{name} {day.year}"
    return _before("the ", name.removeprefix("the ")) if name.startswith("the ") else name


def any_date(rng: random.Random, day: date) -> str | Tagged:
    chance = rng.random()
    if chance < 0.02:
        return _before("the week of ", rng.choice((numeric(rng, day), f"{_month(rng, day)} {_day_number(rng, day)}")))
    if chance < 0.04:
        return _before(rng.choice(("mid-", "early ", "late ")), f"{_month(rng, day)}{rng.choice(('', f' {day.year}'))}")
    if chance < 0.42:
        return numeric(rng, day)
    if chance < 0.50:
        return iso(rng, day)
    if chance < 0.82:
        return written(rng, day)
    return holiday(rng, day) if chance > 0.975 else partial(rng, day)


def clock(rng: random.Random) -> str:
    hour, minute = rng.randrange(24), rng.randrange(60)
    return rng.choice(
        (
            f"{hour:02d}:{minute:02d}",
            f"{hour:02d}{minute:02d}",
            f"{hour % 12 + 1}:{minute:02d} {rng.choice(('AM', 'PM', 'am', 'p.m.'))}",
            f"{hour % 12 + 1} {rng.choice(('am', 'pm'))}",
            f"{hour:02d}:{minute:02d} hrs",
            f"{hour:02d}{minute:02d}h",
        )
    )


def _month(rng: random.Random, day: date) -> str:
    chance = rng.random()
    name = MONTHS[day.month - 1]
    if chance < 0.62:
        return name
    if chance < 0.88:
        return "Sept" if day.month == 9 and chance < 0.75 else _SHORT[day.month - 1]
    if chance < 0.92:
        return _SHORT[day.month - 1] + "."
    if chance < 0.95:
        return name.lower()
    return name.upper() if chance < 0.97 else _mistyped(rng, name)


def _mistyped(rng: random.Random, word: str) -> str:
    at = rng.randrange(1, len(word) - 1)
    return rng.choice(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] * 2 + word[at + 1 :],
        )
    )


def _day_number(rng: random.Random, day: date) -> str:
    chance = rng.random()
    return str(day.day) if chance < 0.6 else _ordinal(day.day) if chance < 0.95 else f"{day.day:02d}"


def _ordinal(number: int) -> str:
    return f"{number}{'th' if 10 < number < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


_WORDS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth "
    "twenty-first twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first"
).split()


def _before(words: str, day: str) -> Tagged:
    """Words such as "the", that name no date, stay unmarked before it."""
    return Tagged.join((Tagged(words), Tagged.whole(day, "DATE")))
