"""What a spreadsheet can hold: names, lengths, number formats, column widths."""

import re
from collections.abc import Iterable
from datetime import date

from babel.numbers import get_currency_symbol

from core.formats import babel_locale
from core.models.formats import Format
from core.services.export.shown import Native

MAX_NAME = 31
MAX_TEXT = 32_767
MAX_ROWS = 1_048_575  # below the header
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_RESERVED = {"history", "historique"}  # Excel keeps these names for itself
_MIN_WIDTH, _MAX_WIDTH = 9, 60
_PLAIN = {
    Format.PERCENT: "0.0%",
    Format.POINTS: '+0.0" pts";-0.0" pts";0.0" pts"',
    Format.INTEGER: "#,##0",
    Format.QUANTITY: "#,##0.##",
    Format.NUMBER: "#,##0.00",
    Format.SCORE: "0.000",
    Format.DATE: "yyyy-mm-dd",
    Format.WEEK: "yyyy-mm-dd",
    Format.MONTH: "mmm yyyy",
    Format.YEAR: "0",
}
_FRENCH = {
    Format.PERCENT: "0.0\u00a0%",
    Format.POINTS: '+0.0"\u00a0pt";-0.0"\u00a0pt";0.0"\u00a0pt"',
    Format.DATE: "dd/mm/yyyy",
    Format.WEEK: "dd/mm/yyyy",
}


def number_format(kind: Format, language: str, currency: str) -> str:
    """Return the spreadsheet's own number format; separators follow the reader's system.

    Args:
        kind: how values are read.
        language: `en` or `fr`.
        currency: ISO 4217 code of amounts.
    """
    if kind in (Format.MONEY, Format.PRICE):
        digits = "#,##0.00" if kind is Format.MONEY else "#,##0.00##"
        symbol = get_currency_symbol(currency, locale=babel_locale(language))
        if language == "fr":
            return f'{digits}"\u00a0{symbol}"'
        return f'"{symbol}"{digits};-"{symbol}"{digits}'
    french = _FRENCH.get(kind) if language == "fr" else None
    return french or _PLAIN.get(kind, "General")


class SheetNames:
    """Hands out names a workbook accepts, each once."""

    def __init__(self) -> None:
        """Start with no name taken."""
        self._taken: set[str] = set()

    def take(self, wanted: str) -> str:
        """Return `wanted` without forbidden signs, at most 31 characters, unique in any case."""
        cleaned = " ".join(_FORBIDDEN.sub(" ", wanted).split()).strip("' ")
        if not cleaned or cleaned.casefold() in _RESERVED:
            cleaned = f"{cleaned} 1".strip()
        name, n = cut_text(cleaned, MAX_NAME).strip("' "), 1
        while name.casefold() in self._taken:
            n += 1
            suffix = f" ({n})"
            name = cut_text(cleaned, MAX_NAME - len(suffix)).rstrip("' ") + suffix
        self._taken.add(name.casefold())
        return name


def cut_text(text: str, length: int) -> str:
    """Return at most `length` UTF-16 units of a text, the unit spreadsheets count in."""
    if len(text) * 2 <= length:
        return text
    units = text.encode("utf-16-le")
    return text if len(units) // 2 <= length else units[: length * 2].decode("utf-16-le", "ignore")


def width(header: str, values: Iterable[tuple[Native, Format]]) -> int:
    """Return a column width in characters, from the header and some values."""
    longest = max((_length(value, kind) for value, kind in values), default=0)
    # The filter button covers two characters of the header.
    return min(max(len(header) + 3, longest + 2, _MIN_WIDTH), _MAX_WIDTH)


def _length(value: Native, kind: Format) -> int:
    if value is None:
        return 0
    if isinstance(value, str):
        return len(value)
    if isinstance(value, date):
        return 10
    if kind in (Format.PERCENT, Format.POINTS):
        return 9
    if kind in (Format.CODE, Format.TEXT):
        return len(str(value))
    whole = len(f"{abs(value):,.0f}")
    return whole + {Format.MONEY: 6, Format.PRICE: 8}.get(kind, 3)
