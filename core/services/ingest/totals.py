"""Sums of a file compared with what it, or a person, says they should be."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from core.formats import shown
from core.i18n import msg
from core.models.formats import Format
from core.models.schema import Kind

from . import numbers
from .columns import TypedTable
from .judging import Refusal
from .options import Mapping as ColumnMapping
from .raw import Mask, RawColumn, RawTable, Rows, name_list
from .targets import targets
from .typed import text_cells, type_number
from .vocabulary import plain_header

_SUMS = {Kind.AMOUNT, Kind.QUANTITY}
# A total row may hold the mean of these, but never their sum.
_NO_SUMS = frozenset(
    {
        "unit_price", "unit_price_incl_vat", "unit_cost", "standard_cost", "list_price", "price",
        "rating", "content", "minimum_order",
    }
)  # fmt: skip
_CENT = Decimal("0.005")
CODE = "control_total"
_TOLD = 5


def compare_totals(raw: RawTable, table: TypedTable, key: str, totals: Rows, lines: Mask) -> None:
    """Warn where a total row does not say what the lines above it add up to.

    A total is right when it is the sum of all lines above it, or of those since any earlier total,
    to the cent: so subtotals, totals of groups and grand totals all hold.

    Args:
        raw: the sheet, total rows included.
        table: its typed rows; gets the warning and a note for each of the first differences.
        key: of the business schema.
        totals: which rows are totals.
        lines: which rows are lines.
    """
    told: list[tuple[int, str, Decimal, Decimal]] = []
    for name, place in table.places.items():
        kind = targets(key)[name].kind
        if kind not in _SUMS or name in _NO_SUMS or name not in table.columns:
            continue
        header = raw.headers[place]
        told += [
            (int(raw.rows[row]), header, said, found)
            for row, said, found in _differences(table.columns[name], totals, lines)
        ]
    table.warn("total_differs", len(told))
    for row, header, said, found in told[:_TOLD]:
        table.notes.append(
            msg(
                "Row {row} gives {said} as the total of “{name}”; the lines add up to {found}: "
                "a difference of {difference}.",
                row=row,
                name=header,
                said=_number(said),
                found=_number(found),
                difference=_number(said - found),
            )
        )


def _differences(values: pa.Array, totals: Rows, lines: Mask) -> list[tuple[int, Decimal, Decimal]]:
    """Return the total rows that fit no sum above them: row, what it says, the nearest sum."""
    kept = pc.if_else(pa.array(lines), values, pa.scalar(None, values.type))
    reached, start = Decimal(0), 0
    last, begun = Decimal(0), {Decimal(0)}
    found = []
    for row in totals.tolist():
        part = pc.sum(kept.slice(start, row - start)).as_py()
        reached, start = reached + (part or 0), row + 1
        said = values[row].as_py()
        if said is not None:
            since_last = reached - last
            nearest = min(reached, since_last, key=lambda total: abs(total - said))
            if abs(nearest - said) > _CENT and round(reached - said, 2) not in begun:
                found.append((row, said, nearest))
        last = reached
        begun.add(round(reached, 2))
    return found


def check_controls(
    raw: RawTable, table: TypedTable, mapping: ColumnMapping, stated: Mapping[str, str]
) -> list[Refusal]:
    """Return why a sheet is refused: a column's sum is not the control total a person typed.

    Args:
        raw: the sheet, without total rows.
        table: its typed rows, before anything is derived from them.
        mapping: for the decimal sign.
        stated: title, letter or field of a column → its control total as typed.
    """
    found = []
    for name, text in stated.items():
        place = _place(raw, table, name)
        if place is None:
            found.append(_no_column(raw, name))
            continue
        keys = {held: key for key, held in table.places.items()}
        values = table.columns.get(keys.get(place, ""))
        if values is None or not pa.types.is_decimal(values.type):
            values = _numbers(raw, place, mapping)
        wanted = control_number(text, mapping.decimal)
        total = pc.sum(values).as_py() or Decimal(0)
        if wanted is None:
            found.append(_no_number(text))
        elif abs(total - wanted) > _CENT:
            found.append(_refusal(raw.headers[place] or name, wanted, total, values))
    return found


def _refusal(name: str, wanted: Decimal, total: Decimal, values: pa.Array) -> Refusal:
    return Refusal(
        CODE,
        msg(
            "“{name}” adds up to {found}; the control total is {wanted}: a difference of "
            "{difference}.",
            name=name,
            found=_number(total),
            wanted=_number(wanted),
            difference=_number(total - wanted),
        ),
        msg(
            "Nothing is imported. Rows may be missing or doubled; {rows} rows have a number in "
            "this column. Correct the file or the control total.",
            rows=len(values) - values.null_count,
        ),
    )


def _no_column(raw: RawTable, name: str) -> Refusal:
    return Refusal(
        CODE,
        msg("There is no column “{name}” for the control total.", name=name),
        msg("Its columns are: {names}.", names=name_list(raw.headers)),
    )


def _no_number(text: str) -> Refusal:
    return Refusal(
        CODE,
        msg("“{text}” cannot be read as a control total.", text=text),
        msg("Write it with two decimals, for example 1234.50 or 1 234,50."),
    )


def _place(raw: RawTable, table: TypedTable, name: str) -> int | None:
    """Return the place of a column by its title, its letter or the field it became."""
    for same in (
        lambda column: column.header == name,
        lambda column: plain_header(column.header) == plain_header(name),
        lambda column: column.letter == name,
    ):
        for place, column in enumerate(raw.columns):
            if same(column):
                return place
    return table.places.get(name)


def _numbers(raw: RawTable, place: int, mapping: ColumnMapping) -> pa.Array:
    """Return the numbers of a column that is not imported."""
    raw.sharpen([place])
    column = raw.columns[place]
    if not pa.types.is_string(column.data.type):
        return type_number(column, Kind.AMOUNT, None, None).values
    cells = text_cells(column)
    parts = numbers.take_apart(cells.texts.values)
    style = mapping.decimal or parts.style or raw.decimal_hint or "."
    return type_number(column, Kind.AMOUNT, cells, style).values


def control_number(text: str, decimal: str | None = None) -> Decimal | None:
    """Return a control total as a person typed it, in the English or the French way.

    None where it is no number, or can be read in two ways and `decimal` does not decide.
    """
    column = RawColumn("", "", pa.chunked_array([pa.array([text], pa.string())]))
    cells = text_cells(column)
    style = numbers.take_apart(cells.texts.values).style or decimal
    found: Decimal | None = type_number(column, Kind.AMOUNT, cells, style).values[0].as_py()
    return found


def _number(value: Decimal) -> Any:
    return shown(float(value), Format.NUMBER, digits=2)
