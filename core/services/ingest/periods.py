"""Titles that name a period: `2025`, `Jan 2025`, `janv.-25`, `01/2025`, `T1 2025`, a date."""

import re
from dataclasses import dataclass

from .dates import ACCENTS, MONTHS

_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_CENTURY, _MONTHS_A_YEAR = 2000, 12
_YEAR = re.compile(r"^(?:fy|year|annee|exercice|cy)?\s*(?P<y>\d{4})$")
_NAMED = re.compile(r"^(?P<m>[^\W\d_]+)\.?(?:[\s\-/.']+(?P<y>\d{4}|\d{2}))?$")
_YEAR_THEN_NAME = re.compile(r"^(?P<y>\d{4})[\s\-/.]+(?P<m>[^\W\d_]+)\.?$")
_YEAR_FIRST = re.compile(r"^(?P<y>\d{4})[-/.m](?P<m>\d{1,2})(?:[-/.]0?1)?(?:[ t]00:00(?::00)?.*)?$")
_MONTH_FIRST = re.compile(r"^(?:0?1[-/.])?(?P<m>\d{1,2})[-/.](?P<y>\d{4})$")
_QUARTER_WORD = r"(?:q|t|trim(?:estre)?\.?|quarter)"
_QUARTERS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^{_QUARTER_WORD}\s*(?P<q>[1-4])(?:[\s\-/.']+(?P<y>\d{{4}}|\d{{2}}))?$",
        rf"^(?P<q>[1-4])\s*(?:er|e|eme|[snrt][tdh])?\s*{_QUARTER_WORD}(?:[\s\-/.']*(?P<y>\d{{4}}))?$",
        rf"^(?P<y>\d{{4}})[\s\-/.]*{_QUARTER_WORD}\s*(?P<q>[1-4])$",
    )
)
_ANY_YEAR = re.compile(r"(?<!\d)(20\d{2}|199\d)(?!\d)")


@dataclass(frozen=True)
class Period:
    """A year, a month, or a month of a year; a quarter is its first month, and says so."""

    year: int | None = None
    month: int | None = None
    quarter: bool = False


def period_of(text: str) -> Period | None:
    """Return the period a title names; None where it names none."""
    plain = text.strip().lower().translate(ACCENTS)
    if found := _YEAR.match(plain):
        year = int(found["y"])
        return Period(year) if _FIRST_YEAR <= year <= _LAST_YEAR else None
    for pattern in _QUARTERS:
        if found := pattern.match(plain):
            return Period(_full(found["y"]), 3 * int(found["q"]) - 2, quarter=True)
    for pattern in (_NAMED, _YEAR_THEN_NAME):
        if (found := pattern.match(plain)) and found["m"] in MONTHS:
            return Period(_full(found["y"]), MONTHS[found["m"]])
    for pattern in (_YEAR_FIRST, _MONTH_FIRST):
        if found := pattern.match(plain):
            year, month = int(found["y"]), int(found["m"])
            sound = _FIRST_YEAR <= year <= _LAST_YEAR and 1 <= month <= _MONTHS_A_YEAR
            return Period(year, month) if sound else None
    return None


def _full(text: str | None) -> int | None:
    """Return a year of two or four digits."""
    year = int(text) if text else None
    return year + _CENTURY if year is not None and year < _CENTURY // 20 else year


def year_in(texts: list[str]) -> int | None:
    """Return the year the texts name, the nearest first; None where one names several or none."""
    for text in texts:
        years = {int(year) for year in _ANY_YEAR.findall(text)}
        if years:
            return years.pop() if len(years) == 1 else None
    return None
