"""Columns of dates and months: native, serial or written, with the order of day and month."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import dates
from .dates import DAY_FIRST, MONTH_FIRST, DateText
from .raw import RawColumn
from .typed import Context, TextCells, Typed

_LAST_SERIAL = 2_958_465  # 9999-12-31
_PACKED = (19_000_101, 21_991_231)  # 20250331 as a number
_OVERWHELMING = 20  # dates that prove an order, for each that contradicts it: a slip of the hand
_CLEARER = 2  # a span twice as long tells the wrong order


def decide_order(
    columns: list[DateText], stated: str | None, today: int, turns: Sequence[DateText] = ()
) -> tuple[str | None, bool]:
    """Return the order of day and month for these columns, and whether it had to be assumed.

    Args:
        columns: the texts, taken apart; columns of one file share their order.
        stated: the order a person stated.
        today: days since 1970.
        turns: those of them that hold days on which something changes: first days of months
            mostly, years apart, some of them to come.

    Returns:
        `dmy` or `mdy`, or None when the columns prove both. A few dates that contradict many are
        slips: they do not make all the others doubtful.
    """
    if stated:
        return stated, False
    proofs = {order: _proofs(columns, order) for order in (DAY_FIRST, MONTH_FIRST)}
    fewer, more = sorted(proofs, key=lambda order: proofs[order])
    if proofs[more]:
        return (more if proofs[more] >= _OVERWHELMING * proofs[fewer] else None), False
    written = [column for column in columns if column.numeric.any()]
    if not written:
        return DAY_FIRST, False
    firsts = {column.first_of_month for column in turns} - {None}
    if len(firsts) == 1:
        return firsts.pop(), True
    events = [column for column in written if not any(column is turn for turn in turns)]
    return (_likelier(events, today) if events else DAY_FIRST), True


def _proofs(columns: list[DateText], order: str) -> int:
    """Return how many different dates prove an order."""
    found = [column.proven(order) for column in columns]
    return len(np.unique(np.concatenate(found))) if found else 0


def _likelier(columns: list[DateText], today: int) -> str:
    """Prefer the order without dates to come, then the one that keeps the dates together."""
    later = {order: max(c.latest(order) for c in columns) for order in (DAY_FIRST, MONTH_FIRST)}
    if (later[DAY_FIRST] > today) != (later[MONTH_FIRST] > today):
        return MONTH_FIRST if later[DAY_FIRST] > today else DAY_FIRST
    spans = {order: sum(c.span(order) for c in columns) for order in (DAY_FIRST, MONTH_FIRST)}
    shorter = spans[MONTH_FIRST] * _CLEARER < spans[DAY_FIRST]
    return MONTH_FIRST if shorter else DAY_FIRST


def take_apart(cells: TextCells, context: Context, *, months: bool) -> DateText:
    """Take the texts of a column of dates apart."""
    return dates.take_apart(
        cells.texts.values, context.zone, epoch_1904=context.epoch_1904, months=months
    )


def type_date(
    column: RawColumn,
    parts: DateText | None,
    cells: TextCells | None,
    order: str | None,
    context: Context,
) -> Typed:
    """Return a column of dates.

    Args:
        column: as read.
        parts: its texts taken apart, with `cells`; None for a native column.
        cells: its text cells.
        order: order of day and month, None when both are proven.
        context: zone, today and calendar.
    """
    data = column.data
    if pa.types.is_timestamp(data.type) or pa.types.is_date(data.type):
        return Typed(_days_of(data.combine_chunks()))
    if not pa.types.is_string(data.type) or parts is None or cells is None:
        if pa.types.is_boolean(data.type):
            data = data.cast(pa.int8())  # no serial number: rejected below
        return _serials(data.cast(pa.float64(), safe=False).combine_chunks(), context)
    typed = _written(parts, cells, order)
    if column.numbers is not None and column.numbers.any():
        only = pc.if_else(pa.array(column.numbers), data, pa.scalar(None, pa.string()))
        native = _serials(only.cast(pa.float64()).combine_chunks(), context)
        for code, rows in native.problems.items():
            typed.reject(code, rows)
        typed.values = pc.coalesce(typed.values, native.values)
    if column.moments is not None:
        typed.values = pc.coalesce(typed.values, _days_of(column.moments))
    return typed


def _days_of(moments: pa.Array) -> pa.Array:
    return moments.cast(pa.date32(), safe=False)


def _serials(cells: pa.Array, context: Context) -> Typed:
    """Read native numbers: 45747 as a serial date, 20250331 as its digits."""
    filled = cells.fill_null(0).to_numpy(zero_copy_only=False)
    filled = np.where(np.isfinite(filled), filled, 0)
    whole = np.floor(np.clip(filled, 0, 1e9)).astype(np.int64)
    packed = (filled == whole) & (whole >= _PACKED[0]) & (whole <= _PACKED[1])
    serial = (filled >= 1) & (filled <= _LAST_SERIAL)
    days = dates.serial_days(whole, epoch_1904=context.epoch_1904)
    digits = dates.to_days(whole // 10_000, whole // 100 % 100, whole % 100)
    days = np.where(packed, digits, days)
    good = (serial | (packed & (digits > np.iinfo(np.int64).min))) & cells.is_valid().to_numpy(
        zero_copy_only=False
    )
    typed = Typed(dates.date_array(days, good))
    wrong = ~good & cells.is_valid().to_numpy(zero_copy_only=False)
    typed.reject("not_a_date", np.flatnonzero(wrong))
    return typed


def _written(parts: DateText, cells: TextCells, order: str | None) -> Typed:
    typed = Typed(pa.nulls(0))
    for code, rows in cells.faults.items():
        typed.reject(code, rows)
    days, good, ambiguous = parts.read(order)
    contrary = parts.contrary(order)
    wrong = ~good & ~ambiguous & ~parts.missing & ~contrary
    typed.reject("contrary_date", cells.texts.rows_of(contrary & cells.usable))
    typed.reject("ambiguous_date", cells.texts.rows_of(ambiguous & cells.usable))
    typed.reject("not_a_date", cells.texts.rows_of(wrong & cells.usable))
    typed.values = cells.texts.spread(dates.date_array(days, good & cells.usable))
    return typed


def first_of_month(typed: Typed) -> None:
    """Cut dates to the first day of their month."""
    typed.values = pc.floor_temporal(typed.values, unit="month").cast(pa.date32())
