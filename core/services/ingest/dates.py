"""Dates written as text; the order of day and month is decided over the whole column."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from .numbers import MISSING
from .raw import Mask

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
_TIME = r"(?:[T ,]+\d{1,2}[:hH.]\d{2}.*)?$"
_YEAR_FIRST = r"^(?P<y>\d{4})[-/. ](?P<m>\d{1,2})[-/. ](?P<d>\d{1,2})" + _TIME
_PACKED = r"^(?P<y>(?:19|20|21)\d{2})(?P<m>\d{2})(?P<d>\d{2})$"
_NUMERIC = r"^(?P<a>\d{1,2})[-/. ](?P<b>\d{1,2})[-/. ](?P<y>\d{4}|\d{2})" + _TIME
_SERIAL = r"^(?P<n>[1-9]\d{4})(?:[.,]\d+)?$"
_MONTH_FIRST_ONLY = r"^(?P<y>\d{4})[-/.](?P<m>\d{1,2})$"
_MONTH_LAST_ONLY = r"^(?P<m>\d{1,2})[-/.](?P<y>\d{4})$"
_DAY_NAME = re.compile(
    r"^(\w+[,.]?)\s+(?P<d>\d{1,2})(?:er|st|nd|rd|th|\.)?[\s\-/.]+(?P<m>[^\W\d]+)\.?,?"
    r"[\s\-/.]+(?P<y>\d{4}|\d{2})\b"
)
_NAMED = re.compile(
    r"^(?P<d>\d{1,2})(?:er|st|nd|rd|th|\.)?[\s\-/.]+(?:de |of )?(?P<m>[^\W\d]+)\.?,?"
    r"[\s\-/.]+(?P<y>\d{4}|\d{2})\b"
)
_NAMED_FIRST = re.compile(
    r"^(?:\w+,\s+)?(?P<m>[^\W\d]+)\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})\b"
)
_NAMED_MONTH = re.compile(r"^(?P<m>[^\W\d]+)\.?[\s\-/.]+(?P<y>\d{4}|\d{2})$")
_AWARE = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*(?:Z|[+-]\d{2}:?\d{2})$"
_CENTURY, _PIVOT = 100, 70
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv janvier",
            "feb february fev fevr fevrier",
            "mar march mars",
            "apr april avr avril",
            "may mai",
            "jun june juin",
            "jul july juil juillet",
            "aug august aou aout",
            "sep sept september septembre",
            "oct october octobre",
            "nov november novembre",
            "dec december decembre",
        ),
        start=1,
    )
    for name in names.split()
}
ACCENTS = str.maketrans("éèêûùôàâ", "eeeuuoaa")
_NOT = np.iinfo(np.int64).min
Days = NDArray[np.int64]


@dataclass
class DateText:
    """Distinct texts, taken apart.

    Attributes:
        days: days since 1970 of the texts that read in one way only.
        known: which those are.
        first, second, year: parts of the texts with two numbers before the year.
        numeric: which those are.
        missing: which state that there is no value.
    """

    days: Days
    known: Mask
    first: Days
    second: Days
    year: Days
    numeric: Mask
    missing: Mask

    def proofs(self, order: str) -> Mask:
        """Return which texts can only be read in this order."""
        day, month = (self.first, self.second) if order == DAY_FIRST else (self.second, self.first)
        return self.numeric & (day > 12) & (month <= 12)  # noqa: PLR2004 - months of a year

    def proven(self, order: str) -> Days:
        """Return the different dates that can only be read in this order, as numbers."""
        chosen = self.proofs(order)
        packed = (self.year[chosen] * 100 + self.first[chosen]) * 100 + self.second[chosen]
        return np.unique(packed)

    def contrary(self, order: str | None) -> Mask:
        """Return which texts are dates in the other order only."""
        if order is None:
            return np.zeros_like(self.known)
        own, other = (
            self._numeric_days(o) for o in (order, MONTH_FIRST if order == DAY_FIRST else DAY_FIRST)
        )
        return ~self.known & (own == _NOT) & (other != _NOT)

    @property
    def first_of_month(self) -> str | None:
        """The order in which all texts are first days of months, if only one makes them so."""
        first, second = (
            bool((part[self.numeric] == 1).all()) for part in (self.first, self.second)
        )
        if first == second or not self.numeric.any():
            return None
        return DAY_FIRST if first else MONTH_FIRST

    def span(self, order: str) -> int:
        """Return the days between the first and last date when read in this order."""
        days = self._numeric_days(order)
        read = days[days != _NOT]
        return int(read.max() - read.min()) if len(read) else 0

    def latest(self, order: str) -> int:
        """Return the last day when read in this order."""
        return int(self._numeric_days(order).max(initial=_NOT))

    def _numeric_days(self, order: str) -> Days:
        day, month = (self.first, self.second) if order == DAY_FIRST else (self.second, self.first)
        return np.where(self.numeric, to_days(self.year, month, day), _NOT)

    def read(self, order: str | None) -> tuple[Days, Mask, Mask]:
        """Read all texts.

        Args:
            order: `dmy`, `mdy`, or None to leave what reads both ways unread.

        Returns:
            Days since 1970, which texts are dates, and which are ambiguous.
        """
        one, other = self._numeric_days(DAY_FIRST), self._numeric_days(MONTH_FIRST)
        if order is None:
            both = (one != _NOT) & (other != _NOT) & (one != other)
            numeric = np.where(one != _NOT, one, other)
            good = self.known | ((numeric != _NOT) & ~both)
            return np.where(self.known, self.days, numeric), good, both & ~self.known
        chosen = one if order == DAY_FIRST else other
        good = self.known | (chosen != _NOT)
        return np.where(self.known, self.days, chosen), good, np.zeros_like(good)


def to_days(year: Days, month: Days, day: Days) -> Days:
    """Return days since 1970; the smallest integer where there is no such day."""
    sound = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)  # noqa: PLR2004
    sound &= (year >= 1) & (year <= 9999)  # noqa: PLR2004
    months = (np.where(sound, year, 1970) - 1970) * 12 + np.where(sound, month, 1) - 1
    start = months.astype("datetime64[M]")
    offset = np.where(sound, day - 1, 0).astype("timedelta64[D]")
    days = start.astype("datetime64[D]") + offset
    sound &= days.astype("datetime64[M]") == start
    return np.where(sound, days.astype(np.int64), _NOT)


def _parts(values: pa.Array, pattern: str) -> tuple[dict[str, Days], Mask]:
    """Return the named numbers of the texts that match, and which match."""
    found = pc.extract_regex(values, pattern)
    matched = found.is_valid().to_numpy(zero_copy_only=False)
    parts: dict[str, Days] = {}
    for name in _names(found.type):
        texts = pc.if_else(pa.array(matched), pc.struct_field(found, name), "0").fill_null("0")
        parts[name] = texts.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return parts, matched


def _names(kind: pa.StructType) -> list[str]:
    return [kind.field(place).name for place in range(kind.num_fields)]


def _full_year(year: Days) -> Days:
    short = year < _CENTURY
    return np.where(short, np.where(year < _PIVOT, year + 2000, year + 1900), year)


def take_apart(values: pa.Array, zone: str, *, epoch_1904: bool, months: bool) -> DateText:
    """Take the distinct texts of a column apart.

    Args:
        values: distinct trimmed texts, no nulls.
        zone: the company's zone; moments with an offset are cut to its date.
        epoch_1904: serial numbers count from 1904.
        months: also read texts that name a month only, as its first day.
    """
    size = len(values)
    days = np.full(size, _NOT, dtype=np.int64)
    for pattern in (_YEAR_FIRST, _PACKED, *((_MONTH_FIRST_ONLY, _MONTH_LAST_ONLY) * months)):
        parts, matched = _parts(values, pattern)
        day = parts.get("d", np.ones(size, dtype=np.int64))
        days = np.where(matched & (days == _NOT), to_days(parts["y"], parts["m"], day), days)
    parts, matched = _parts(values, _SERIAL)
    days = np.where(matched & (days == _NOT), serial_days(parts["n"], epoch_1904=epoch_1904), days)
    numeric, both = _parts(values, _NUMERIC)
    both &= days == _NOT
    lowered = pc.utf8_lower(values)
    missing = pc.is_in(lowered, pa.array(MISSING)).to_numpy(zero_copy_only=False)
    _spelled_out(lowered, days, (days == _NOT) & ~both & ~missing, months=months)
    aware = pc.match_substring_regex(values, _AWARE).to_numpy(zero_copy_only=False)
    _cut_to_zone(values, days, aware, ZoneInfo(zone))
    return DateText(
        days, days != _NOT, numeric["a"], numeric["b"], _full_year(numeric["y"]), both, missing
    )


def serial_days(serial: Days, *, epoch_1904: bool) -> Days:
    """Turn spreadsheet serial numbers into days since 1970."""
    origin = date(1904, 1, 1) if epoch_1904 else date(1899, 12, 30)
    return serial + (origin - date(1970, 1, 1)).days


def _spelled_out(values: pa.Array, days: Days, wanted: Mask, *, months: bool) -> None:
    """Read texts with the name of a month, in English and French."""
    for place in np.flatnonzero(wanted):
        text = values[int(place)].as_py()
        found = _NAMED.match(text) or _DAY_NAME.match(text) or _NAMED_FIRST.match(text)
        if found is None and months:
            found = _NAMED_MONTH.match(text)
        month = MONTHS.get(found["m"].translate(ACCENTS)) if found else None
        if found is None or month is None:
            continue
        day = int(found.groupdict().get("d") or 1)
        year = int(_full_year(np.array([int(found["y"])]))[0])
        days[place] = to_days(np.array([year]), np.array([month]), np.array([day]))[0]


def _cut_to_zone(values: pa.Array, days: Days, wanted: Mask, zone: ZoneInfo) -> None:
    """Replace the day of moments with an offset by the company's own day."""
    for place in np.flatnonzero(wanted):
        try:
            moment = datetime.fromisoformat(values[int(place)].as_py())
        except ValueError:
            continue
        local = moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=UTC)
        days[place] = (local.date() - date(1970, 1, 1)).days


def date_array(days: Days, good: Mask) -> pa.Array:
    """Return days since 1970 as dates, null where not good."""
    bounded = np.where(good, days, 0).astype(np.int32)
    return pa.array(bounded, mask=~good).cast(pa.date32())
