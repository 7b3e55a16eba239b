"""The invented people of a report, written out or as the placeholders that masking puts there.

Texts are drafted with marks (`⟦doctor⟧`). They are filled as the report is written, so that `[NAME_1]` is the first to appear.
"""

import re
from dataclasses import dataclass, field

from training.reports.chance import Chance

_MARK = re.compile(r"⟦(\w+)⟧")
_WOMEN = (
    "Adaeze Alma Amina Beatriz Bronwen Carmela Chiara Dagny Delphine Dorothea Edith Eleni Farida Fiona Greta Hanako Harriet Ilse Imogen "
    "Ingrid Jadwiga Kalinda Leonie Lucinda Mairead Marisol Mei Nadia Noor Odile Oksana Paloma Priya Rosalind Ruta Saoirse Sunniva Tamsin "
    "Thandiwe Ursula Valentina Winifred Xiomara Yasmin Zofia"
).split()
_MEN = (
    "Abel Alasdair Amadou Anselm Bartholomew Bogdan Cedric Cormac Dimitri Edgar Eero Emeka Fabian Farouk Gareth Giorgio Halvard Hiroshi "
    "Ignacio Ivo Jarek Joaquin Kasper Kwame Leopold Luca Magnus Mateo Nikhil Oleg Otis Pavel Quentin Rafael Rupert Sandeep Silas Tadeusz "
    "Tobias Umberto Viktor Wendell Yannick Yusuf Zoltan"
).split()
_FIRST = "Ash Bar Bell Birch Brack Cald Carn Dun East Fair Fen Glen Gray Hal Hart Hazel Kel Lang Mar Nor Oak Pell Ral Sed Thorn Wal West Wren".split()
_LAST = "berry bourne brook combe croft dale den field ford gate grove ham hurst ley low mere more ridge sby shaw stead ton wick wood worth".split()
_KINDS = {
    "patient": "NAME", "patient_titled": "NAME", "doctor": "NAME", "relative": "NAME", "today": "DATE", "earlier": "DATE",
    "next": "DATE", "birth": "DATE", "mrn": "MRN", "phone": "PHONE", "hospital": "ORGANIZATION", "town": "LOCATION",
}  # fmt: skip
_SAME = {"patient_titled": "patient"}


@dataclass(slots=True)
class Identity:
    """Who a report is about. `shown` writes the invented identifiers out."""

    chance: Chance
    woman: bool
    age: int
    visit: int
    """Number of the report: the second is dated after the first."""
    shown: bool
    numbers: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.original("patient")

    def resolve(self, text: str) -> str:
        """Fill the marks of `text`, in the order in which they are read."""
        if "⟦" not in text:
            return text
        return _MARK.sub(lambda match: self._written(match[1]), text)

    def _written(self, mark: str) -> str:
        if self.shown:
            return self.original(mark)
        kind, same = _KINDS[mark], _SAME.get(mark, mark)
        if same not in self.numbers:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            self.numbers[same] = self.counts[kind]
        return f"[{kind}_{self.numbers[same]}]"

    def original(self, mark: str) -> str:
        if mark not in self.written:
            self.written[mark] = self._invent(mark)
        return self.written[mark]

    def _invent(self, mark: str) -> str:
        draw = self.chance
        match _KINDS[mark]:
            case "NAME":
                if mark == "patient_titled":
                    return f"{'Ms.' if self.woman else 'Mr.'} {self.original('patient').rpartition(' ')[2]}"
                woman = self.woman if mark == "patient" else draw.happens(f"{mark} woman", 0.5)
                title = "Dr. " if mark == "doctor" else ""
                return f"{title}{draw.pick(f'{mark} given', _WOMEN if woman else _MEN)} {self._word(mark)}"
            case "DATE":
                return self._date(mark)
            case "MRN":
                return f"{draw.pick(mark, ('', 'R', 'K-', 'H'))}{1_000_000 + draw.below(f'{mark} digits', 8_999_999)}"
            case "PHONE":
                return f"(555) 01{draw.below('exchange', 10)}-{draw.below('line', 10_000):04}"
            case "ORGANIZATION":
                ends = ("General Hospital", "Medical Center", "Community Hospital", "University Hospital", "Clinic")
                return f"{self._word(mark)} {draw.pick(f'{mark} end', ends)}"
            case _:
                return self._word(mark)

    def _word(self, mark: str) -> str:
        return self.chance.pick(f"{mark} first", _FIRST) + self.chance.pick(f"{mark} last", _LAST)

    def _date(self, mark: str) -> str:
        draw = self.chance
        year = 2026 - self.age if mark == "birth" else 2026
        month = {"earlier": 1, "today": 3, "next": 5, "birth": 1}[mark] + (0 if mark == "birth" else self.visit * 3)
        month += draw.below(f"{mark} month", 11 if mark == "birth" else 2)
        day = 1 + draw.below(f"{mark} day {self.visit}", 28)
        names = "January February March April May June July August September October November December".split()
        match draw.below("date form", 4):
            case 0:
                return f"{month:02}/{day:02}/{year}"
            case 1:
                return f"{names[month - 1]} {day}, {year}"
            case 2:
                return f"{day} {names[month - 1]} {year}"
            case _:
                return f"{year}-{month:02}-{day:02}"
