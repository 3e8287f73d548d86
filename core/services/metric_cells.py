"""Groups of an answer: fetched for one or two periods, and matched between them.

A fetched table has the columns `side` (1: the compared period), `is_total`, g0… (keys), n0…
(labels) and the measures; the rows over all groups are among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.repository.sql import DISTINCT_KEYS, Explained, Request, Statement, explain, run
from core.repository.warehouse import Cursor, WarehouseInfo
from core.services import calendar
from core.services.metric_formula import NONE_IS_ZERO
from core.services.metric_values import AMOUNT

Places = npt.NDArray[np.int64]
_MASK = "unit_mask"
_SOLD = "product_net_sales"  # unknown where no product was sold


@dataclass(frozen=True)
class Cells:
    """Fetched rows of both sides, with where they came from."""

    table: pa.Table
    explained: tuple[Explained, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The tables that were read."""
        return tuple(dict.fromkeys(plan.statement.source for plan in self.explained))

    @property
    def sql(self) -> tuple[str, ...]:
        """The statements."""
        return tuple(dict.fromkeys(plan.statement.sql for plan in self.explained))

    def keys(self) -> tuple[pa.Array, ...]:
        """Return the key columns."""
        names = [name for name in self.table.column_names if _is_key(name)]
        return tuple(whole(self.table.column(name)) for name in names)

    def places(self, side: int) -> Places:
        """Return the rows of one side's groups."""
        return self._rows(side, 0)

    def total(self, side: int) -> int:
        """Return the row over all groups of one side; −1 where it has neither lines nor stock."""
        found = self._rows(side, 1)
        names = [n for n in ("line_count", "stock_days") if n in self.table.column_names]
        if not any(self.table.column(n)[int(row)].is_valid for n in names for row in found):
            return -1
        return int(found[0])

    def total_of(self, name: str, side: int = 0) -> float | None:
        """Return a measure over all groups, None where it is unknown."""
        row = self.total(side)
        if row < 0 or name not in self.table.column_names:
            return None
        value = self.table.column(name)[row].as_py()
        return None if value is None else float(value)

    def _rows(self, side: int, is_total: int) -> Places:
        return np.flatnonzero(self._marks == 2 * is_total + side).astype(np.int64)

    @cached_property
    def _marks(self) -> Places:
        sides = whole(self.table.column("side")).to_numpy()
        found: Places = 2 * whole(self.table.column("is_total")).to_numpy() + sides
        return found


def fetch(cursor: Cursor, requests: Sequence[Request], info: WarehouseInfo) -> Cells:
    """Run requests that differ only in period and side, and put their rows together."""
    tables: list[pa.Table] = []
    explained: list[Explained] = []
    for request in requests:
        planned = explain(request, info)
        explained += planned
        found = [_fetch_one(cursor, plan.statement, request) for plan in planned]
        joined = found[0]
        for other in found[1:]:
            joined = _beside(joined, other)
        if request.stock:
            joined = _with_unsold(joined, request, info)
        tables.append(joined)
    return Cells(pa.concat_tables(tables).combine_chunks(), tuple(explained))


def _with_unsold(table: pa.Table, request: Request, info: WarehouseInfo) -> pa.Table:
    """Give rows that hold stock and sold no product sums of nothing, inside the days of sales."""
    span = info.span
    if span is None:
        return table
    unsold = pc.is_null(table.column("line_count"))
    if _SOLD in request.measures:  # a group may have lines and still sell nothing: investments
        priced = pc.equal(pc.fill_null(table.column("unknown_amount"), 0), 0)
        unsold = pc.or_(unsold, pc.and_(pc.is_null(table.column(_SOLD)), priced))
    for place, group in enumerate(request.groups):
        if group.grain and pa.types.is_date(table.column(f"g{place}").type):
            day = table.column(f"g{place}")
            first = calendar.grain_start(span.start, group.grain, request.campaign_offset + 1)
            inside = pc.and_(pc.greater_equal(day, first), pc.less_equal(day, span.end))
            unsold = pc.and_(unsold, pc.fill_null(inside, pa.scalar(value=True)))
    for name in request.measures:
        if name in NONE_IS_ZERO:  # not recorded at all, which is no amount of nothing
            continue
        at = table.column_names.index(name)
        column = table.column(at)
        zero = pa.scalar(0).cast(column.type)
        table = table.set_column(at, name, pc.if_else(unsold, pc.fill_null(column, zero), column))
    return table


def _fetch_one(cursor: Cursor, statement: Statement, request: Request) -> pa.Table:
    table = run(cursor, statement.sql, statement.values)
    table = pa.table([_plain(column) for column in table.columns], names=table.column_names)
    if not request.groups:
        return table.set_column(1, "is_total", pa.array([1] * table.num_rows, pa.int64()))
    if request.totals and not statement.has_total and table.num_rows:
        table = pa.concat_tables([table, _totals(table, statement.measures)])
    return table


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return amounts in one width and texts as texts, whichever table they were read from."""
    if pa.types.is_decimal(column.type):
        return column.cast(AMOUNT)
    kind = column.type
    return column.cast(kind.value_type) if pa.types.is_dictionary(kind) else column


def _totals(table: pa.Table, measures: Sequence[str]) -> pa.Table:
    """Return the sums over all groups of each side; additive, hence exact."""
    summed = [name for name in measures if name != _MASK]
    rows = table.group_by("side", use_threads=False).aggregate([(name, "sum") for name in summed])
    columns: dict[str, pa.Array] = {
        "side": whole(rows.column("side")),
        "is_total": pa.array([1] * rows.num_rows, pa.int64()),
    }
    for name in summed:
        columns[name] = whole(rows.column(f"{name}_sum"))
    if _MASK in measures:
        columns[_MASK] = _masks(table, columns["side"])
    arrays = [
        columns[f.name].cast(f.type) if f.name in columns else pa.nulls(rows.num_rows, f.type)
        for f in table.schema
    ]
    return pa.table(arrays, schema=table.schema)


def _masks(table: pa.Table, sides: pa.Array) -> pa.Array:
    found = []
    for side in sides.to_pylist():
        rows = table.filter(pc.equal(table.column("side"), side)).column(_MASK).drop_null()
        bits = rows.to_numpy()
        found.append(int(np.bitwise_or.reduce(bits)) if len(bits) else None)
    return pa.array(found, pa.int64())


def _beside(left: pa.Table, right: pa.Table) -> pa.Table:
    """Join the measures of two statements over the same groups."""
    by = ["side", "is_total", *(name for name in left.column_names if _is_key(name))]
    keys, mine, theirs = align(
        [whole(left.column(name)) for name in by], [whole(right.column(name)) for name in by]
    )
    first, second = left.take(_indices(mine)), right.take(_indices(theirs))
    for name, key in zip(by, keys, strict=True):
        first = first.set_column(first.column_names.index(name), name, key)
    for place, name in enumerate(first.column_names):
        first = first.set_column(place, name, _counted(name, first.column(name), mine))
    for name in second.column_names:
        if name not in first.column_names:
            first = first.append_column(name, _counted(name, second.column(name), theirs))
    return first


def _counted(name: str, column: pa.ChunkedArray, places: Places) -> pa.ChunkedArray:
    """Count nothing, rather than leave unknown, where the source of a count has no row at all.

    A source of product lines has no row for a group that only investments make.
    """
    if name not in DISTINCT_KEYS:
        return column
    return pc.if_else(pa.array(places < 0), pc.coalesce(column, 0), column)


def _is_key(name: str) -> bool:
    return name.startswith("g") and name[1:].isdigit()


def _indices(places: Places) -> pa.Array:
    return pa.array(places, mask=places < 0)


def whole(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array."""
    if column.num_chunks == 1:
        return column.chunk(0)
    found = column.combine_chunks()
    return found.chunk(0) if isinstance(found, pa.ChunkedArray) else found


def take(values: pa.Array, places: Places) -> pa.Array:
    """Return the values at these places; −1 gives an unknown value."""
    return values.take(_indices(places))


def align(
    left: Sequence[pa.Array], right: Sequence[pa.Array]
) -> tuple[tuple[pa.Array, ...], Places, Places]:
    """Match two lists of keys; empty values match each other.

    Returns:
        The keys of the left list followed by those only the right one has, and for each of them
        its place in the left and in the right list, −1 where it is missing.
    """
    size = len(left[0])
    both = [pa.concat_arrays([a, b.cast(a.type)]) for a, b in zip(left, right, strict=True)]
    codes = _codes(both)
    mine, theirs = codes[:size], codes[size:]
    known = np.full(int(codes.max()) + 1 if len(codes) else 0, -1, np.int64)
    known[theirs] = np.arange(len(theirs))
    seen = np.zeros(len(known), bool)
    seen[mine] = True
    extra = np.flatnonzero(~seen[theirs])
    left_places = np.r_[np.arange(size), np.full(len(extra), -1)].astype(np.int64)
    right_places = np.r_[known[mine], extra].astype(np.int64)
    order = pa.array(np.r_[np.arange(size), size + extra].astype(np.int64))
    return tuple(key.take(order) for key in both), left_places, right_places


def _codes(keys: Sequence[pa.Array]) -> Places:
    """Number the distinct combinations of several key columns from 0."""
    codes: Places = np.zeros(len(keys[0]), np.int64)
    for place, key in enumerate(keys):
        encoded = key.dictionary_encode(null_encoding="encode")
        found = encoded.indices.to_numpy().astype(np.int64)
        if place == 0:
            codes = found
            continue
        mixed = codes * (len(encoded.dictionary) + 1) + found
        codes = np.unique(mixed, return_inverse=True)[1].astype(np.int64)
    return codes
