"""From a recognised sheet to rows that are accepted, set aside or already there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from core.models.schema import TABLES

from .amounts import derive_purchases, derive_sales
from .checks import check_required, warn_sales
from .columns import TypedTable, type_columns
from .existing import find_overlap
from .furniture import pass_over_furniture
from .kinds import set_line_kinds
from .quarantine import count_reasons, first_problems
from .raw import Mask, RawTable
from .recognise import Sheet
from .typed import Context

Stored = Callable[[str], list[Path]]


@dataclass(frozen=True)
class Engine:
    """Means for comparing: threads and megabytes."""

    threads: int
    memory_mb: int


@dataclass(frozen=True)
class Prepared:
    """A sheet ready to be stored.

    Attributes:
        sheet: as recognised.
        table: its typed rows.
        accepted: rows to store.
        already_there: rows that are stored already.
        first: per row, the place of its first problem in `table.problems`.
        reasons: rows set aside, by first reason.
    """

    sheet: Sheet
    table: TypedTable
    accepted: Mask
    already_there: Mask
    first: np.ndarray
    reasons: dict[str, int]

    @property
    def raw(self) -> RawTable:
        """The cells as read."""
        return self.sheet.raw

    @property
    def read(self) -> int:
        """Rows read; blank rows, totals and repeated titles are none."""
        return self.table.height

    @property
    def quarantined(self) -> int:
        """Rows set aside."""
        return sum(self.reasons.values())

    @property
    def warnings(self) -> dict[str, int]:
        """Counts by warning, those of the reading included."""
        return {**self.raw.warnings, **self.table.warnings}


def prepare(sheet: Sheet, context: Context, stored: Stored, engine: Engine) -> Prepared:
    """Type, derive, check and compare the rows of a sheet.

    Args:
        sheet: as recognised.
        context: zone and day.
        stored: returns the visible files of a table that the rows are compared with.
        engine: for the comparison.

    Raises:
        PicholineError: the mapping does not fit the sheet.
    """
    raw, mapping = sheet.raw, sheet.mapping
    if raw.date_1904:
        context = Context(context.zone, context.today, epoch_1904=True)
    table = type_columns(raw, mapping, context)
    lines = pass_over_furniture(raw, table, mapping.table)
    if not lines.all():
        passed_over = {
            code: count
            for code, count in table.warnings.items()
            if code in {"total_rows", "repeated_headers"}
        }
        raw.keep(lines)
        table = type_columns(raw, mapping, context)
        table.warnings.update(passed_over)
    _warn_empty_columns(raw, table)
    if mapping.table == "sales":
        derive_sales(table, mapping, raw)
        set_line_kinds(table)
    elif mapping.table == "purchases":
        derive_purchases(table)
    check_required(table, mapping.table)
    return _compare(sheet, table, stored, engine)


def _warn_empty_columns(raw: RawTable, table: TypedTable) -> None:
    """A titled column without any value may be a formula nobody calculated."""
    faulty = {fault.column for fault in raw.faults}
    empty = [
        place
        for place in set(table.places.values())
        if place not in faulty and raw.height and _is_empty(raw, place)
    ]
    table.warn("empty_columns", len(empty))


def _is_empty(raw: RawTable, place: int) -> bool:
    data = raw.columns[place].data
    if data.null_count == len(data):
        return True
    return (
        pa.types.is_string(data.type) and data.null_count == 0 and data.unique().to_pylist() == [""]
    )


def _compare(sheet: Sheet, table: TypedTable, stored: Stored, engine: Engine) -> Prepared:
    key = sheet.mapping.table
    _, bad = first_problems(table.problems, table.height)
    files = [] if sheet.options.replace else stored(key)
    found = find_overlap(table, key, ~bad, files, engine.threads, engine.memory_mb)
    for code, rows, column in found.rejected:
        table.reject(code, rows, column)
    table.warn("repeated_key", found.repeated)
    first, bad = first_problems(table.problems, table.height)
    there = np.zeros(table.height, dtype=bool)
    there[found.already_there] = True
    accepted = ~bad & ~there
    reasons = count_reasons(table.problems, first)
    if key == "sales":
        warn_sales(table, ~bad)
    counted = int(accepted.sum()) + sum(reasons.values()) + int(there.sum())
    if counted != table.height or (bad & there).any():
        message = f"{table.height} rows were read, {counted} are accounted for"
        raise AssertionError(message)
    return Prepared(sheet, table, accepted, there, first, reasons)


def stored_rows(prepared: Prepared) -> pa.Table:
    """Return the accepted rows as they will be stored, with their sheet and row."""
    defined = TABLES[prepared.sheet.mapping.table]
    schema = defined.arrow_schema()
    table, raw = prepared.table, prepared.raw
    columns = {
        field.key: table.columns[field.key].cast(schema.field(field.key).type)
        for field in defined.fields
        if field.key in table.columns
    }
    columns["_sheet"] = pa.repeat(raw.sheet, raw.height)
    columns["_row"] = pa.array(raw.rows)
    rows = pa.table(columns)
    return rows if prepared.accepted.all() else rows.filter(pa.array(prepared.accepted))
