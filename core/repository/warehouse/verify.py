"""Whether the stored sums are those of the lines they were made of."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from core.models.catalogue import PARTS
from core.repository.warehouse.info import Rollup, WarehouseInfo
from core.repository.warehouse.ladder import bin_sql
from core.repository.warehouse.lines import ORDER_FLAGS
from core.repository.warehouse.views import SEGMENTED

_COUNTS = ("weight_missing", "sold_lines", "unknown_amount", "line_count", *ORDER_FLAGS)
_ORDERS = ("orders", "sold_lines", "unknown_amount", "net_sales")
_DIMENSIONS = 2  # columns that are compared together


@dataclass(frozen=True)
class Difference:
    """A sum that differs from the lines'.

    Attributes:
        table: where it stands.
        measure: which column was summed.
        group: of which values it is the sum, in words a person can search for.
        stored: what the table says.
        lines: what the lines say.
    """

    table: str
    measure: str
    group: str
    stored: str
    lines: str


@dataclass(frozen=True)
class Verified:
    """What was compared: tables, groups of them, and what differed (a few examples of each)."""

    tables: int
    groups: int
    differences: tuple[Difference, ...]


def verify(
    cursor: duckdb.DuckDBPyConnection,
    info: WarehouseInfo,
    *,
    months: int | None = None,
    seed: int = 0,
) -> Verified:
    """Compare every stored table with the lines, group by group.

    Args:
        cursor: on the data.
        info: their facts.
        months: so many months are drawn and compared; None for all of them.
        seed: of the draw; it also chooses the columns that are compared together.
    """
    chance = random.Random(seed)  # noqa: S311 - which slices are looked at is no secret
    days = _drawn(cursor, info, months, chance)
    groups = 0
    found: list[Difference] = []
    tables = [source for source in info.sources[1:] if _has_sums(source) or _has_orders(source)]
    for source in tables:
        apart = {"date", "order_key"} if _has_orders(source) else {"date"}
        columns = sorted(source.columns - apart)
        chosen = sorted(chance.sample(columns, min(_DIMENSIONS, len(columns))))
        count, differences = _compare(cursor, source, chosen, days)
        groups += count
        found += differences
        if _has_orders(source):
            found += _wrong_bins(cursor, source, days)
    return Verified(len(tables), groups, tuple(found))


def _has_sums(source: Rollup) -> bool:
    """Whether a table is stored and holds sums; the views with segments beside rows are not."""
    return _is_stored(source) and (source.measures is None or "line_count" in source.measures)


def _has_orders(source: Rollup) -> bool:
    """Whether a table is stored and holds what orders are worth."""
    return _is_stored(source) and source.measures is not None and "order_value" in source.measures


def _is_stored(source: Rollup) -> bool:
    return not source.table.endswith(SEGMENTED)


def _drawn(
    cursor: duckdb.DuckDBPyConnection,
    info: WarehouseInfo,
    months: int | None,
    chance: random.Random,
) -> list[date] | None:
    """Return first days of months, None for all."""
    if months is None or info.span is None:
        return None
    rows = cursor.execute(
        "SELECT DISTINCT date_trunc('month', date)::DATE FROM lines ORDER BY 1"
    ).fetchall()
    return sorted(chance.sample([row[0] for row in rows], min(months, len(rows))))


def _compare(
    cursor: duckdb.DuckDBPyConnection,
    source: Rollup,
    columns: Sequence[str],
    days: Sequence[date] | None,
) -> tuple[int, list[Difference]]:
    """Compare one table's sums by month and some columns; return the groups and what differs."""
    wanted = source.measures
    if _has_orders(source):
        measures, both = list(_ORDERS), _orders(source)
    else:
        measures = [m for m in (*PARTS, *_COUNTS) if wanted is None or m in wanted]
        both = (source.table, "lines_segmented" if "rfm_segment" in source.columns else "lines")
    invested = wanted is None or _has_orders(source)  # of orders none are left to be taken out
    if source.undated:
        days = None
    one, other = (
        _sums(table, columns, measures, days, invested=invested, dated=not source.undated)
        for table in both
    )
    keys = [*([] if source.undated else ["month"]), *columns]
    same = " AND ".join(f"a.{key} IS NOT DISTINCT FROM b.{key}" for key in keys)
    values = ", ".join(f"a.{m}, b.{m}" for m in measures)
    names = ", ".join(f"coalesce(a.{key}::VARCHAR, b.{key}::VARCHAR)" for key in keys)
    differ = " OR ".join(f"coalesce(a.{m}, 0) <> coalesce(b.{m}, 0)" for m in measures)
    drawn = {"days": list(days)} if days is not None else {}
    ((count,),) = cursor.execute(f"SELECT count(*) FROM ({other})", drawn).fetchall()  # noqa: S608
    rows = cursor.execute(
        f"SELECT {names}, {values} FROM ({one}) a FULL JOIN ({other}) b ON {same} "  # noqa: S608
        f"WHERE {differ} LIMIT 3",
        drawn,
    ).fetchall()
    return int(count), [d for row in rows for d in _differences(source.table, keys, measures, row)]


def _orders(source: Rollup) -> tuple[str, str]:
    """Return what orders are worth as relations: as it is stored, and as the lines say.

    An order of several imports may be stored in several rows: they are put together first.
    """
    keys = ", ".join(("date", *sorted(source.columns)))
    rows = (
        (source.table, "count(net_sales) = count(*)", ""),
        (
            "lines",
            "sum(unknown_amount) = 0",
            " WHERE sold_lines <> 0 AND line_kind <> 'investment'",
        ),
    )
    stored, lines = (
        "(SELECT *, 1 AS orders, (net_sales IS NULL)::INTEGER AS unknown_amount FROM ("  # noqa: S608
        f"SELECT {keys}, sum(sold_lines) AS sold_lines, CASE WHEN {known} THEN sum(net_sales) END "
        f"AS net_sales FROM {table}{kept} GROUP BY ALL))"
        for table, known, kept in rows
    )
    return stored, lines


def _wrong_bins(
    cursor: duckdb.DuckDBPyConnection, source: Rollup, days: Sequence[date] | None
) -> list[Difference]:
    """Return months with orders that stand in another bin than their value's."""
    month = "date_trunc('month', date)::DATE"
    drawn = f" AND list_contains($days::DATE[], {month})" if days is not None else ""
    expected = bin_sql("net_sales")
    rows = cursor.execute(
        f"SELECT {month}, min(bin)::VARCHAR, min({expected})::VARCHAR FROM {source.table} "  # noqa: S608
        f"WHERE bin IS DISTINCT FROM {expected}{drawn} GROUP BY 1 ORDER BY 1 LIMIT 3",
        {"days": list(days)} if days is not None else {},
    ).fetchall()
    return [
        Difference(source.table, "bin", f"month {row[0]}", str(row[1]), str(row[2])) for row in rows
    ]


def _sums(
    table: str,
    columns: Sequence[str],
    measures: Sequence[str],
    days: Sequence[date] | None,
    *,
    invested: bool,
    dated: bool = True,
) -> str:
    month = "date_trunc('month', date)::DATE"
    months = [f"{month} AS month"] if dated else []
    groups = ", ".join([*months, *(f"{c}::VARCHAR AS {c}" for c in columns)])
    sums = ", ".join(f"sum({m})::DECIMAL(38, 6) AS {m}" for m in measures)
    where = [f"list_contains($days::DATE[], {month})"] if days is not None else []
    where += [] if invested else ["line_kind <> 'investment'"]
    kept = f" WHERE {' AND '.join(where)}" if where else ""
    return f"SELECT {groups}, {sums} FROM {table}{kept} GROUP BY ALL"  # noqa: S608


def _differences(
    table: str, keys: Sequence[str], measures: Sequence[str], row: Sequence[object]
) -> Iterator[Difference]:
    group = ", ".join(f"{key} {row[i]}" for i, key in enumerate(keys))
    pairs = row[len(keys) :]
    for place, measure in enumerate(measures):
        stored, lines = pairs[2 * place], pairs[2 * place + 1]
        if (stored or 0) != (lines or 0):
            yield Difference(table, measure, group, str(stored), str(lines))
