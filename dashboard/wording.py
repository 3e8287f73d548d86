"""Names and texts of result cells, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from core.formats import UNKNOWN, format_value
from core.i18n import translate
from core.models.catalogue import DIMENSIONS
from core.models.formats import Format
from core.models.result import Column
from dashboard.page import View

MAX_LABEL = 28


def member_name(row: Mapping[str, Any], dimension: str, language: str) -> str:
    """Return the readable name of a row's member: its label, its country, or its code."""
    declared = DIMENSIONS[dimension]
    value = row.get(dimension)
    label = row.get(declared.label) if declared.label else None
    if label:
        return translate(str(label), language) if declared.keyed else str(label)
    if value is None:
        return translate(declared.unknown, language)
    return format_value(value, declared.format, language)


def shorten(text: str, length: int = MAX_LABEL) -> str:
    """Cut the middle of a long label: product names often differ at their end.

    The full text belongs into the hover or title.
    """
    if len(text) <= length:
        return text
    tail = length // 2 - 1
    return f"{text[: length - tail - 1].rstrip()}…{text[-tail:].lstrip()}"


def cell_text(row: Mapping[str, Any], column: Column, view: View, *, compact: bool = False) -> str:
    """Return one cell as text: formatted, translated, unknown members by their name."""
    value = row.get(column.key)
    if _is_keyed(column):
        return member_name(row, column.key, view.language)
    if value is None and (dimension := _dimension_of(column)):
        return member_name(row, dimension, view.language)
    if column.translate and value is not None:
        return translate(str(value), view.language)
    kind = Format(row[column.format_by]) if column.format_by else column.format
    signed = column.role in ("change", "change_rate")
    if column.role == "change" and kind is Format.PERCENT:
        kind = Format.POINTS
    return format_value(
        value, kind, view.language, compact=compact, signed=signed, currency=view.currency
    )


def _dimension_of(column: Column) -> str | None:
    """Return the dimension a column holds the values or the names of."""
    if column.role == "dimension":
        return column.key if column.key in DIMENSIONS else None
    if column.role == "label":
        return next((key for key, d in DIMENSIONS.items() if d.label == column.key), None)
    return None


def _is_keyed(column: Column) -> bool:
    """Whether the column's own values are keys that are read by their names."""
    return column.role == "dimension" and column.key in DIMENSIONS and DIMENSIONS[column.key].keyed


def number(value: Any) -> float | None:
    """Return a decimal or number as float; None stays unknown."""
    return None if value is None else float(value)


def delta_text(row: Mapping[str, Any], kind: Format, view: View) -> str:
    """Return the change of a key figure: relative for amounts, in points for rates."""
    if kind in (Format.PERCENT, Format.POINTS):
        return format_value(row.get("change"), Format.POINTS, view.language, signed=True)
    rate = row.get("change_rate")
    return (
        UNKNOWN if rate is None else format_value(rate, Format.PERCENT, view.language, signed=True)
    )
