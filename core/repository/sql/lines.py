"""Single lines behind a number: a page of them in an order, all of them, their count and sums."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa

from core.repository.sql.compile import Shape, source_sql, where_sql
from core.repository.sql.execute import run
from core.repository.sql.planner import on_lines
from core.repository.sql.request import Request
from core.repository.warehouse import WarehouseInfo

_SPENT = ("investment", "overhead")
# What is shown of a line → how it is read from the table of lines.
LINE_COLUMNS: Mapping[str, str] = {
    "day": "date",
    "invoice": "invoice_id",
    "line_no": "line_no",
    "product": "product_id",
    "product_name": "product_name",
    "customer": "customer_id",
    "customer_name": "customer_name",
    "country": "country",
    "channel": "channel",
    "supplier": "supplier_id",
    "supplier_name": "supplier_name",
    "category": "category",
    "quantity": "quantity",
    "unit_price": "unit_price",
    "gross_sales": "gross_sales",
    "discounts": "discounts",
    "returns": "returns",
    "net_sales": "net_sales",
    "cogs": "cogs",
    "gross_margin": "covered_net_sales - cogs",
    "cost_source": "cost_source",
    "variable_costs": "variable_costs",
    "currency": "currency",
    "rate": "rate",
    "line_kind": "line_kind",
    "import_id": "import_id",
    "sheet": "sheet",
    "row": "row",
}
_STORED = (
    *(name for name in LINE_COLUMNS.values() if name.isidentifier()),
    *(
        "covered_net_sales",
        "investment",
        "overhead",
        "product_net_sales",
        "units",
        "weight_kg",
        "sold_lines",
    ),
)
_CHOSEN = (
    " JOIN (SELECT unnest($at_import_id::BIGINT[]) AS at_import,"
    " unnest($at_row::BIGINT[]) AS at_row, unnest($at_date::DATE[]) AS at_date,"
    " unnest($at_country::VARCHAR[]) AS at_country) AS chosen"
    " ON import_id = at_import AND row = at_row AND date = at_date"
    " AND country IS NOT DISTINCT FROM at_country"
)
Days: TypeAlias = tuple[date, date]
_FIRST_DAYS, _WIDER = 7, 8  # how many days are looked at first, and how much further each time
# Together they tell every line from all others: a spread investment has one row and many days.
_TIES = ("import_id", "row", "date", "country")
# The lines a part is summed or counted over; `net_sales` is known of every line that is a sale.
_SOLD = "sold_lines > 0"
_BEHIND: Mapping[str, str] = {
    "gross_sales": _SOLD,
    "discounts": f"{_SOLD} AND discounts <> 0",
    "returns": "quantity < 0",
    "net_sales": "line_kind <> 'investment'",
    "product_net_sales": "line_kind = 'product'",
    "covered_net_sales": "covered_net_sales IS NOT NULL",
    "cogs": "cogs IS NOT NULL",
    "variable_costs": "variable_costs <> 0",
    "investment": "line_kind = 'investment' AND overhead IS NULL",
    "overhead": "overhead IS NOT NULL",
    "units": "line_kind = 'product'",
    "weight_kg": "line_kind = 'product'",
    "orders": _SOLD,
    "customers": f"{_SOLD} AND customer_id IS NOT NULL",
    "products": f"{_SOLD} AND line_kind = 'product'",
}


@dataclass(frozen=True)
class LineSet:
    """Lines: which ones, and what is read of them.

    Attributes:
        shape: where they are read, and their conditions.
        values: bound to the conditions.
        behind: which of them stand behind the metric; "": all.
        columns: what is read, name → expression over the lines.
        days: the first and the last day of all lines, where they are known: pages by day are
            quicker then.
    """

    shape: Shape
    values: Mapping[str, Any]
    behind: str
    columns: Mapping[str, str]
    days: Days | None = None


@dataclass(frozen=True)
class LineOrder:
    """An order of lines; lines that are equal in it are told apart by where they came from."""

    column: str
    descending: bool = False


def behind_sql(parts: Iterable[str]) -> str:
    """Return which lines the parts of a metric rest on; "" where no line is left out."""
    found = [part for part in dict.fromkeys(parts) if part in _BEHIND]
    if "net_sales" in found:  # every sale: only what was spent is beside it
        found = ["net_sales", *(part for part in found if part in _SPENT)]
    if found == ["net_sales", *_SPENT]:
        return ""
    return " OR ".join(f"({text})" for text in dict.fromkeys(_BEHIND[part] for part in found))


def are_summed(parts: Iterable[str]) -> bool:
    """Tell whether any of a metric's parts is summed or counted over lines."""
    return any(part in _BEHIND for part in parts)


def line_set(
    request: Request, info: WarehouseInfo, parts: Sequence[str], own: Mapping[str, str]
) -> LineSet:
    """Return the lines of a request that stand behind the parts of a metric.

    Args:
        request: conditions and period; groups play no part.
        info: of the warehouse that is read.
        parts: of the metric.
        own: more columns to read, name → expression.
    """
    shape, values = on_lines(request, info, _STORED)
    return LineSet(shape, values, behind_sql(parts), {**LINE_COLUMNS, **own})


def sum_sql(plus: Sequence[str], minus: Sequence[str]) -> str:
    """Return a signed sum of a line's parts; a part it does not have counts nothing.

    Unknown where it has none of them.
    """
    terms = [f"coalesce({part}, 0)" for part in plus]
    terms += [f"-coalesce({part}, 0)" for part in minus]
    some = ", ".join((*plus, *minus))
    return f"CASE WHEN coalesce({some}) IS NOT NULL THEN {' + '.join(terms)} END"


def totals(
    cursor: duckdb.DuckDBPyConnection, lines: LineSet, sums: Sequence[str]
) -> dict[str, Any]:
    """Return the number of lines as `lines`, and the exact sums of some of their columns."""
    columns = ", ".join(["count(*) AS lines", *(f"sum({lines.columns[c]}) AS {c}" for c in sums)])
    table = run(cursor, f"SELECT {columns} {_from_sql(lines)}", lines.values)
    return table.to_pylist()[0]


def page(
    cursor: duckdb.DuckDBPyConnection,
    lines: LineSet,
    order: LineOrder,
    limit: int,
    after: Sequence[Any] | None = None,
) -> pa.Table:
    """Return lines in an order.

    Args:
        cursor: on the warehouse.
        lines: which ones.
        order: unknown values come last either way.
        limit: at most so many.
        after: begin behind the line with this anchor.
    """
    condition, values = _near(cursor, lines, order, after, limit)
    bound = {**lines.values, **values}
    ordered = f"ORDER BY {_order_sql(lines, order)}"
    columns = ", ".join(f"{sql} AS {name}" for name, sql in lines.columns.items())
    if order.column == "day":
        text = f"SELECT {columns} {_from_sql(lines, condition)} {ordered} LIMIT $limit"
        return run(cursor, text, {**bound, "limit": limit})
    # Sorted by what tells the lines apart; only those of the page are read as a whole.
    ties = ", ".join(_TIES)
    text = f"SELECT {ties} {_from_sql(lines, condition)} {ordered} LIMIT $limit"
    chosen = run(cursor, text, {**bound, "limit": limit})
    places = {f"at_{name}": chosen.column(name).to_pylist() for name in _TIES}
    text = f"SELECT {columns} {_from_sql(lines, join=_CHOSEN)} {ordered}"
    return run(cursor, text, {**lines.values, **places})


def anchor_of(data: pa.Table, order: LineOrder) -> tuple[Any, ...]:
    """Return the anchor of the last line of a page."""
    last = data.slice(data.num_rows - 1).to_pylist()[0]
    return (last[order.column], *(last[name] for name in ("import_id", "row", "day", "country")))


def anchor(
    cursor: duckdb.DuckDBPyConnection,
    lines: LineSet,
    order: LineOrder,
    place: int,
    after: Sequence[Any] | None = None,
) -> tuple[Any, ...] | None:
    """Return what tells the line at a place from all others in this order; None beyond the last.

    Only the columns of the order are read, and a page that begins behind an anchor reads only
    what follows: far pages stay quick.

    Args:
        cursor: on the warehouse.
        lines: which ones.
        order: the order the place counts in.
        place: from 0, counted behind `after`.
        after: an anchor before it.
    """
    keys = _keys(lines, order)
    condition, values = _near(cursor, lines, order, after, place + 1)
    columns = ", ".join(f"{sql} AS k{i}" for i, (sql, _down) in enumerate(keys))
    text = (
        f"SELECT {columns} {_from_sql(lines, condition)} "
        f"ORDER BY {_order_sql(lines, order)} LIMIT 1 OFFSET $offset"
    )
    rows = run(cursor, text, {**lines.values, **values, "offset": place}).to_pylist()
    return tuple(rows[0].values()) if rows else None


def batches(
    cursor: duckdb.DuckDBPyConnection, lines: LineSet, order: LineOrder, size: int
) -> Iterator[pa.Table]:
    """Yield all lines in an order, so many at a time."""
    columns = ", ".join(f"{sql} AS {name}" for name, sql in lines.columns.items())
    text = f"SELECT {columns} {_from_sql(lines)} ORDER BY {_order_sql(lines, order)}"
    reader = cursor.sql(text, params=dict(lines.values)).to_arrow_reader(size)
    for batch in reader:
        yield pa.Table.from_batches([batch])


def has_row(
    cursor: duckdb.DuckDBPyConnection, lines: LineSet, import_id: int, sheet: str | None, row: int
) -> bool:
    """Tell whether one of the lines came from this row of a file."""
    same = "import_id = $import_id AND row = $row AND sheet IS NOT DISTINCT FROM $sheet"
    values = {**lines.values, "import_id": import_id, "row": row, "sheet": sheet}
    table = run(cursor, f"SELECT 1 {_from_sql(lines, same)} LIMIT 1", values)
    return table.num_rows > 0


def _near(
    cursor: duckdb.DuckDBPyConnection,
    lines: LineSet,
    order: LineOrder,
    after: Sequence[Any] | None,
    wanted: int,
) -> tuple[str, dict[str, Any]]:
    """Return the condition that lines stand behind an anchor, with its bound values.

    By day it also names days that hold all the wanted lines, so that only their blocks are read:
    lines lie sorted by day, but several files of them are not sorted as a whole.
    """
    condition, values = _after_sql(_keys(lines, order), after)
    days = _days(lines)
    if order.column != "day" or days is None:
        return condition, values
    first, last = days
    edge = after[0] if after else (last if order.descending else first)
    reach = timedelta(days=_FIRST_DAYS)
    while True:
        low, high = (edge - reach, edge) if order.descending else (edge, edge + reach)
        if low <= first and high >= last:
            break
        near = " AND ".join(t for t in (condition, "date BETWEEN $low AND $high") if t)
        found = {**values, "low": low, "high": high}
        text = f"SELECT count(*) AS n FROM (SELECT 1 {_from_sql(lines, near)} LIMIT $wanted)"  # noqa: S608
        rows = run(cursor, text, {**lines.values, **found, "wanted": wanted})
        if rows.column("n")[0].as_py() >= wanted:
            return near, found
        if low <= first if order.descending else high >= last:
            break
        reach *= _WIDER
    return condition, values


def extent(cursor: duckdb.DuckDBPyConnection, lines: LineSet) -> Days | None:
    """Return the first and the last day of all lines there are; None without any."""
    row = run(cursor, f"SELECT min(date), max(date) FROM {source_sql(lines.shape)}", {})  # noqa: S608
    first, last = (column[0].as_py() for column in row.columns)
    return None if first is None else (first, last)


def _days(lines: LineSet) -> Days | None:
    """Return the first and the last day there may be lines of."""
    if lines.days is None:
        return None
    first, last = lines.days
    start, end = lines.values.get("r0_start", first), lines.values.get("r0_end", last)
    return max(first, start), min(last, end)


def _from_sql(lines: LineSet, more: str = "", join: str = "") -> str:
    found = where_sql(lines.shape)
    found += [f"({text})" for text in (lines.behind, more) if text]
    where = f" WHERE {' AND '.join(found)}" if found else ""
    return f"FROM {source_sql(lines.shape)}{join}{where}"


def _keys(lines: LineSet, order: LineOrder) -> list[tuple[str, bool]]:
    """Return the expressions a line is placed by, with whether each descends."""
    return [(lines.columns[order.column], order.descending), *((tie, False) for tie in _TIES)]


def _order_sql(lines: LineSet, order: LineOrder) -> str:
    return ", ".join(
        f"{sql} {'DESC' if down else 'ASC'} NULLS LAST" for sql, down in _keys(lines, order)
    )


def _after_sql(
    keys: Sequence[tuple[str, bool]], after: Sequence[Any] | None
) -> tuple[str, dict[str, Any]]:
    """Return the condition that lines stand behind an anchor, with its bound values."""
    if after is None:
        return "", {}
    ways: list[str] = []
    for place, ((sql, down), value) in enumerate(zip(keys, after, strict=True)):
        if value is None:
            continue  # unknown values come last: nothing stands behind them by this column
        same = [f"{s} IS NOT DISTINCT FROM $k{i}" for i, (s, _d) in enumerate(keys[:place])]
        beyond = f"({sql} {'<' if down else '>'} $k{place} OR {sql} IS NULL)"
        ways.append(" AND ".join([*same, beyond]))
    text = "(" + " OR ".join(f"({way})" for way in ways) + ")"
    (first, down), value = keys[0], after[0]
    if value is not None:  # lets whole blocks of lines be skipped
        text = f"({first} {'<=' if down else '>='} $k0 OR {first} IS NULL) AND {text}"
    else:
        text = f"{first} IS NULL AND {text}"
    used = {f"k{i}": value for i, value in enumerate(after)}
    return text, {name: value for name, value in used.items() if f"${name}" in text}
