"""Slips in numbers and dates: what a cell that is no value was probably meant to be."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import permutations

import pyarrow as pa
from rapidfuzz.distance import OSA

from core.i18n import Message, msg
from core.services.ingest.numbers import read_numbers, take_apart

Found = tuple[str, Message, float]
_SURE_LETTERS = str.maketrans("OolI|", "00111")
_ALL_LETTERS = str.maketrans("OolI|SsBZz", "0011155822")
_TWICE = re.compile(r"([.,])\1+")
_NUMBER = re.compile(r"[-+]?\d[\d\u00a0\u202f .,]*")
_PARTS = re.compile(r"^(\d{1,4})\D+(\d{1,2})\D+(\d{1,4})(?:\D.*)?$")
_PLAIN = re.compile(r"^[-+]?\d{1,12}(?:[.,]\d{1,6})?$")
_KEPT = 20_000  # answers: the same slip is often made many times
_SHIFTS = (1, 2, 3, -1, -2, -3)
_MUCH_NEARER = 3  # times as near as the other reading
_FAR, _NEAR, _CLOSE = 5, 2, Decimal("1.25")  # times the usual price
_LONG_YEAR = 4
_CENTURY = 2000


@lru_cache(maxsize=_KEPT)
def number_slip(text: str) -> Found | None:
    """Return the number a text was probably meant to be, as `(text, why, how sure)`."""
    for table, sure in ((_SURE_LETTERS, 0.95), (_ALL_LETTERS, 0.6)):
        read = text.translate(table)
        if read != text and _is_number(read):
            return read.strip(), msg("Letters were typed for digits (O for 0, l for 1)."), sure
    once = _TWICE.sub(r"\1", text)
    if once != text and _is_number(once):
        return once.strip(), msg("A sign was typed twice."), 0.85
    inside = [found.strip(" .,") for found in _NUMBER.findall(text)]
    if len(inside) == 1 and _is_number(inside[0]):
        return inside[0], msg("The only number in the text; the words around it are left out."), 0.6
    return None


def two_readings(text: str, usual: Decimal | None) -> Found | None:
    """Return the reading of a number such as 1,234 that suits the usual price.

    Without a price the thousands are proposed, and that this is not sure.
    """
    digits = text.strip().replace(" ", "")
    sign = next((found for found in ",." if found in digits), "")
    if not sign:
        return None
    whole, broken = digits.replace(sign, ""), digits.replace(sign, ".")
    try:
        large, small = Decimal(whole), Decimal(broken)
    except InvalidOperation:
        return None
    if usual:
        far = [abs(value / usual - 1) for value in (large, small)]
        chosen = whole if far[0] < far[1] else broken
        why = msg("Read in this way it is near the usual price ({price}).", price=_short(usual))
        return chosen, why, 0.85
    return whole, msg("The sign taken for one of thousands; look at the file."), 0.4


def shifted(value: Decimal, usual: Decimal) -> Found | None:
    """Return a price with its decimal sign moved to where the usual price has it."""
    if not value or not usual or 1 / Decimal(_FAR) < abs(value / usual) < _FAR:
        return None
    moved = [(value.scaleb(by), by) for by in _SHIFTS]
    best, by = min(moved, key=lambda pair: abs(abs(pair[0] / usual).ln()))
    ratio = abs(best / usual)
    if not 1 / Decimal(_NEAR) <= ratio <= _NEAR:
        return None
    sure = 0.85 if 1 / _CLOSE <= ratio <= _CLOSE else 0.6
    return (
        format(best.normalize(), "f"),
        msg("The usual price is {price}: the decimal sign stands {n} places off.",
            price=_short(usual), n=abs(by)),
        sure,
    )  # fmt: skip


@lru_cache(maxsize=_KEPT)
def date_slip(text: str, span: tuple[date, date] | None) -> Found | None:  # noqa: PLR0911 - one slip after the other
    """Return the day a text was probably meant to be, as ISO text.

    Args:
        text: the cell.
        span: first and last day of the rows of its file that were accepted.
    """
    read = text.strip().translate(_SURE_LETTERS)
    parts = _PARTS.match(read)
    if parts is None:
        return None
    numbers = [int(part) for part in parts.groups()]
    year_first = len(parts[1]) == _LONG_YEAR
    year, one, two = numbers if year_first else (numbers[2], numbers[1], numbers[0])
    year += _CENTURY if year < 100 else 0  # noqa: PLR2004 - two digits of a year
    usual, swapped = _day(year, one, two), _day(year, two, one)
    if usual is None and swapped is None:
        return _past_the_end(year, one, two)
    if read != text.strip() and _within(usual or swapped, span):
        return _iso(usual or swapped), msg("Letters were typed for digits (O for 0, l for 1)."), 0.9
    if usual and swapped and usual != swapped:
        return _either(usual, swapped, span)
    if usual is None and _within(swapped, span):
        return _iso(swapped), msg("There is no month {n}: day and month are swapped.", n=one), 0.9
    if usual and _within(usual, span) and usual.year != numbers[0 if year_first else 2]:
        return _iso(usual), msg("The century of the year is missing."), 0.85
    return _other_year(usual or swapped, span)


def _either(usual: date, swapped: date, span: tuple[date, date] | None) -> Found | None:
    fits = [day for day in (usual, swapped) if _within(day, span)]
    if span and len(fits) == 1:
        why = msg("Of the two ways to read it, only this day lies among the file’s other days.")
        return _iso(fits[0]), why, 0.85
    if fits:
        return _iso(usual), msg("The day first, as the file may mean it; look at it."), 0.4
    return _other_year(usual, span) or _nearer(usual, swapped, span)


def _nearer(usual: date, swapped: date, span: tuple[date, date] | None) -> Found | None:
    """Return the reading that lies nearer to the days of the file, if it is much nearer."""
    if span is None:
        return None
    far, farther = sorted((_away(usual, span), _away(swapped, span)))
    if not 0 < far * _MUCH_NEARER <= farther:
        return None
    found = usual if _away(usual, span) == far else swapped
    why = msg("Of the two ways to read it, this day is nearer to the file’s other days.")
    return _iso(found), why, 0.7


def _away(day: date, span: tuple[date, date]) -> int:
    """Return the days between a day and the nearest one of the file."""
    return max((span[0] - day).days, (day - span[1]).days, 0)


def _other_year(day: date | None, span: tuple[date, date] | None) -> Found | None:
    """Return the day in a year of the file whose digits are those of a slip."""
    if day is None or span is None or _within(day, span):
        return None
    written = f"{day.year:04}"
    near = [
        year
        for year in _years(span)
        if year != day.year
        and (OSA.distance(written, str(year)) == 1 or _same_digits(written, str(year)))
    ]
    days = [found for year in near if (found := _day(year, day.month, day.day))]
    fits = [found for found in days if _within(found, span)] or days
    if not fits:
        return None
    why = msg("The file’s other days lie in {year}: its digits were mixed up.", year=fits[-1].year)
    return _iso(fits[-1]), why, 0.75 if len(fits) == 1 else 0.5


def _past_the_end(year: int, month: int, day: int) -> Found | None:
    """Return the last day of a month that is shorter than it was written."""
    if not 1 <= month <= 12 or not 29 <= day <= 31:  # noqa: PLR2004 - months and their ends
        return None
    last = next(found for end in (30, 29, 28) if (found := _day(year, month, end)))
    return _iso(last), msg("The month has {n} days only: its last one.", n=last.day), 0.5


def _is_number(text: str) -> bool:
    if _PLAIN.match(text.strip()):
        return True
    parts = take_apart(pa.array([text.strip()], pa.string()))
    if parts.missing.any() or not parts.body[0].is_valid:
        return False
    return bool(read_numbers(parts, parts.style or ".").values[0].is_valid)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _within(day: date | None, span: tuple[date, date] | None) -> bool:
    return day is not None and (span is None or span[0] <= day <= span[1])


def _years(span: tuple[date, date]) -> Iterable[int]:
    return range(span[0].year, span[1].year + 1)


def _same_digits(one: str, other: str) -> bool:
    return other in {"".join(order) for order in permutations(one)}


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _short(value: Decimal) -> str:
    return format(value.quantize(Decimal("0.01")).normalize(), "f")
