"""Values of the business schema as texts, in the preview of a file."""

from decimal import Decimal, InvalidOperation
from typing import Any

from core.formats import UNKNOWN, format_value
from core.i18n import _, current_language
from core.models.formats import Format
from core.models.schema import Kind

NUMBERS = {Kind.AMOUNT, Kind.QUANTITY, Kind.RATE}
_FORMATS = {
    Kind.DATE: Format.DATE,
    Kind.MONTH: Format.MONTH,
    Kind.COUNTRY: Format.COUNTRY,
    Kind.FRACTION: Format.PERCENT,
}


def cell_text(value: Any, kind: Kind) -> str:
    """Return a stored value as text; an unknown one as a dash."""
    if value is None:
        return UNKNOWN
    if kind is Kind.BOOLEAN:
        return _("yes") if value else _("no")
    if kind in NUMBERS or kind is Kind.FRACTION:
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            return str(value)
        if kind is Kind.FRACTION:
            return format_value(number, Format.PERCENT, current_language())
        exponent = number.normalize().as_tuple().exponent
        least = 2 if kind is Kind.AMOUNT else 0
        digits = max(-exponent, least) if isinstance(exponent, int) else least
        return format_value(number, Format.NUMBER, current_language(), digits=digits)
    return format_value(value, _FORMATS.get(kind, Format.TEXT), current_language())
