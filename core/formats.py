"""How values read: numbers, money, dates and countries in the reader's language.

Charts, grids, sentences and workbooks' texts share these functions, so that a value looks the
same wherever it is shown.
"""

import math
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date as babel_date
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol

from core.i18n import N_, Shown, translate
from core.models.formats import Format

UNKNOWN = "–"
MINUS = "\u2212"
NARROW = "\u202f"  # narrow no-break space, French thousands
NO_BREAK = "\u00a0"
_LOCALES = {"en": "en_GB", "fr": "fr"}  # British English: day before month
_UNKNOWN_COUNTRY = "unknown:"
_STEPS = {
    "en": ((1e9, "B"), (1e6, "M"), (1e3, "k")),
    "fr": ((1e9, "Md"), (1e6, "M"), (1e3, "k")),
}
_SMALL, _HUNDRED, _THOUSAND = 10, 100, 1000
_DECIMALS = {
    Format.MONEY: 2,
    Format.PRICE: 4,
    Format.PERCENT: 1,
    Format.POINTS: 1,
    Format.INTEGER: 0,
    Format.QUANTITY: 0,
    Format.NUMBER: 2,
    Format.SCORE: 3,
}
_DATES = {Format.DATE, Format.MONTH, Format.QUARTER, Format.WEEK, Format.YEAR, Format.CAMPAIGN}


def babel_locale(language: str) -> str:
    """Return Babel's locale of a product language."""
    return _LOCALES.get(language, _LOCALES["en"])


def format_value(
    value: Any,
    kind: Format,
    language: str,
    *,
    compact: bool = False,
    digits: int | None = None,
    signed: bool = False,
    currency: str = "EUR",
) -> str:
    """Return a value as text.

    Args:
        value: a number (fractions for percent and points), a date, a text; None, NaN: unknown.
        kind: how the value is to be read.
        language: `en` or `fr`.
        compact: shorten thousands, millions and billions (k, M, B or Md).
        digits: decimals; by default those of the format.
        signed: write a plus sign before positive numbers.
        currency: ISO 4217 code of amounts.

    Returns:
        The text; an en dash where the value is unknown.
    """
    if value is None or (isinstance(value, (float, Decimal)) and not math.isfinite(value)):
        return UNKNOWN
    if kind is Format.COUNTRY:
        return country_name(str(value), language)
    if kind in _DATES:
        return format_day(value, kind, language)
    if kind not in _DECIMALS or isinstance(value, str):
        return str(value)
    number = float(value)
    text = _unsigned(abs(number), kind, language, digits, currency, compact=compact)
    if not any(c in "123456789" for c in text):
        return text  # rounds to zero: no sign
    sign = MINUS if number < 0 else "+" if signed and number > 0 else ""
    return sign + text


def shown(
    value: float | Decimal | date | str | None,
    kind: Format,
    *,
    digits: int | None = None,
    compact: bool = False,
    signed: bool = False,
    currency: str | None = None,
) -> Shown:
    """Return a value for a place of a message, written when the message is read.

    `msg("{share} of the margin", share=shown(0.123, Format.PERCENT))` reads “12.3% of the margin”
    in English and “12,3 % …” in French, in kept results too. The arguments are those of
    `format_value`.
    """
    given = {"digits": digits, "compact": compact, "signed": signed, "currency": currency}
    settings = {
        key: stated for key, stated in given.items() if stated is not None and stated is not False
    }
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float) and not math.isfinite(value):
        value = None  # JSON knows no NaN; both read as unknown
    if isinstance(value, date):
        value = value.isoformat()[:10]
    return Shown(value, kind.value, settings)


def _unsigned(
    number: float,
    kind: Format,
    language: str,
    digits: int | None,
    currency: str,
    *,
    compact: bool,
) -> str:
    locale = babel_locale(language)
    if digits is None:
        digits = _DECIMALS[kind]
    if kind is Format.PERCENT:
        return format_percent(number, _pattern(digits) + _percent_sign(language), locale=locale)
    if kind is Format.POINTS:
        return f"{_plain(number * _HUNDRED, digits, locale)}{NO_BREAK}{_points(language)}"
    if compact:
        return _compact(number, kind, language, currency)
    if kind is Format.QUANTITY and number < _HUNDRED and number != round(number):
        digits = max(digits, 2 if number < _SMALL else 1)
    if kind in (Format.MONEY, Format.PRICE):
        return _money(number, digits, locale, currency)
    return _plain(number, digits, locale)


def _pattern(digits: int) -> str:
    return "#,##0" + (f".{'0' * digits}" if digits else "")


def _percent_sign(language: str) -> str:
    return f"{NARROW}%" if language == "fr" else "%"


def _points(language: str) -> str:
    return "pt" if language == "fr" else "pts"


def _plain(number: float, digits: int, locale: str) -> str:
    return format_decimal(number, _pattern(digits), locale=locale)


def _money(number: float, digits: int, locale: str, currency: str) -> str:
    pattern = _pattern(digits)
    pattern = f"{pattern}{NO_BREAK}¤" if locale == "fr" else f"¤{pattern}"
    return format_currency(number, currency, pattern, locale=locale, currency_digits=False)


def _compact(number: float, kind: Format, language: str, currency: str) -> str:
    """Return three significant digits with k, M, B (French: k, M, Md)."""
    locale = babel_locale(language)
    factor, suffix = 1.0, ""
    for step, name in _STEPS.get(language, _STEPS["en"]):
        if number >= step * 0.9995:  # 999,950 reads 1.00M, not 1,000k
            factor, suffix = step, name
            break
    scaled = number / factor
    money = kind in (Format.MONEY, Format.PRICE)
    fine = suffix or money or kind is Format.NUMBER
    digits = _significant(scaled) if fine else 0
    text = _plain(scaled, digits, locale)
    if not money:
        space = NO_BREAK if language == "fr" and suffix else ""
        return f"{text}{space}{suffix}"
    symbol = get_currency_symbol(currency, locale=locale)
    return f"{text}{NO_BREAK}{suffix}{symbol}" if language == "fr" else f"{symbol}{text}{suffix}"


def _significant(scaled: float) -> int:
    return 2 if scaled < _SMALL * 0.9995 else 1 if scaled < _HUNDRED * 0.9995 else 0


def format_day(value: Any, kind: Format, language: str) -> str:
    """Return a date (the first day of its month, quarter, week, year or campaign) as text."""
    day = _as_date(value)
    if day is None:
        return str(value)
    if kind is Format.MONTH:
        return babel_date(day, "MMM y", locale=babel_locale(language))
    if kind is Format.DATE:
        return babel_date(day, "d MMM y", locale=babel_locale(language))
    if kind is Format.CAMPAIGN:
        return str(day.year) if day.month == 1 else f"{day.year}/{(day.year + 1) % 100:02d}"
    french = language == "fr"
    week = day.isocalendar()
    names = {
        Format.QUARTER: f"{'T' if french else 'Q'}{(day.month + 2) // 3} {day.year}",
        Format.WEEK: f"{week.year}-{'S' if french else 'W'}{week.week:02d}",
    }
    return names.get(kind, str(day.year))


def _as_date(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def format_period(start: date, end: date, language: str) -> str:
    """Return two days as `1 Oct 2024 – 30 Sep 2025`; one day alone stands once."""
    first, last = (format_day(day, Format.DATE, language) for day in (start, end))
    return first if start == end else f"{first} – {last}"


@lru_cache(maxsize=1024)
def country_name(code: str, language: str) -> str:
    """Return the name of an ISO 3166 alpha-2 code; other texts come back as they are."""
    if code.lower().startswith(_UNKNOWN_COUNTRY):
        rest = code[len(_UNKNOWN_COUNTRY) :].strip()
        return translate(N_("Unknown: {text}"), language).format(text=rest)
    names = Locale.parse(babel_locale(language)).territories
    return str(names.get(code.upper(), code)) if len(code) == 2 else code  # noqa: PLR2004


def country_names(language: str) -> dict[str, str]:
    """Return the names of all countries by ISO 3166 alpha-2 code."""
    names = Locale.parse(babel_locale(language)).territories
    return {code: str(name) for code, name in names.items() if len(code) == 2}  # noqa: PLR2004
