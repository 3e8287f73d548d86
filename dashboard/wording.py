"""Names and texts of result cells, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from core.formats import UNKNOWN, format_value
from core.i18n import Message, _, translate
from core.models.catalogue import DIMENSIONS
from core.models.formats import Format
from core.models.result import Column
from core.services.metrics import OTHERS
from dashboard.page import View

MAX_LABEL = 28


def member_name(row: Mapping[str, Any], dimension: str, language: str) -> str:
    """Return the readable name of a row's member: its label, its country, or its code."""
    declared = DIMENSIONS[dimension]
    column = Column(
        dimension, Message(declared.name), declared.format, "dimension",
        unknown=declared.unknown, keyed=declared.keyed,
    )  # fmt: skip
    return _member(row, column, language)


def _member(row: Mapping[str, Any], column: Column, language: str) -> str:
    value, label = row.get(column.key), row.get(f"{column.key}_name")
    if value == OTHERS:
        return _("Others")
    if label:
        return translate(str(label), language) if column.keyed else str(label)
    if value is None:
        return translate(column.unknown, language)
    return format_value(value, column.format, language)


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
    if value == OTHERS:
        return _("Others")
    if (declared := _declared(column)) and (declared.keyed or value is None):
        return _member(row, declared, view.language)
    if column.translate and value is not None:
        return translate(str(value), view.language)
    kind = Format(row[column.format_by]) if column.format_by else column.format
    signed = column.role in ("change", "change_rate")
    if column.role == "change" and kind is Format.PERCENT:
        kind = Format.POINTS
    return format_value(
        value, kind, view.language, compact=compact, signed=signed, currency=view.currency
    )


def _declared(column: Column) -> Column | None:
    """Return the dimension's column that a column of values or names belongs to."""
    if column.role not in {"dimension", "label"}:
        return None
    key = column.key.removesuffix("_name") if column.role == "label" else column.key
    shipped = DIMENSIONS.get(key)
    if shipped:
        unknown, keyed = shipped.unknown, shipped.keyed
    elif column.unknown:
        unknown, keyed = column.unknown, column.keyed
    else:
        return None
    kind = shipped.format if shipped else column.format
    keyed = keyed and column.role == "dimension"
    return Column(key, column.name, kind, "dimension", unknown=unknown, keyed=keyed)


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
