"""Values as JSON knows them, exactly."""

from datetime import date
from decimal import Decimal
from typing import Any

LONGEST = 120


def plain(value: Any) -> Any:
    """Return a value for JSON: decimals as text, days as ISO text, long texts cut."""
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, date):
        return value.isoformat()
    return value[:LONGEST] if isinstance(value, str) else value
