"""What orders are worth: how many lie in which bin, and the amounts at given ranks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any, TypeAlias

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from core.repository.sql.compile import Shape, source_sql, where_sql
from core.repository.sql.execute import run
from core.repository.sql.planner import on_orders
from core.repository.sql.request import Request
from core.repository.sql.sources import Candidate
from core.repository.warehouse import EDGES, FINER, WarehouseInfo

_MICRO = 1_000_000
_SPARSE = 20  # places per key from which sorting the keys is cheaper than leaving gaps
_MICRO_SQL = f"(net_sales * {_MICRO})::BIGINT AS micro"
Whole: TypeAlias = npt.NDArray[np.int64]
Values: TypeAlias = Mapping[str, Any]
# Orders and their sum by step, orders of unknown value, values at the asked ranks, statements.
_Read: TypeAlias = tuple[
    dict[int, int], dict[int, Decimal], int, tuple[Decimal, ...], tuple[str, ...]
]


@dataclass(frozen=True)
class Worth:
    """The values of the orders of a request.

    Attributes:
        orders: number of orders in each step of `EDGES`; the first lies below zero.
        net_sales: their sum in each step.
        unknown: orders with a line whose amount is unknown; they are in no step.
        ranked: values at the asked shares of the sorted orders; empty without orders.
        source: the table that was read.
        sql: the statements.
        candidates: sources that could have answered, the cheapest first.
    """

    orders: tuple[int, ...]
    net_sales: tuple[Decimal, ...]
    unknown: int
    ranked: tuple[Decimal, ...]
    source: str
    sql: tuple[str, ...]
    candidates: tuple[Candidate, ...]


def order_worth(
    cursor: duckdb.DuckDBPyConnection,
    request: Request,
    info: WarehouseInfo,
    shares: Sequence[float],
) -> Worth:
    """Return the distribution of the values of the request's orders.

    An order's value is the net sales of its lines with a positive quantity that lie inside the
    filters and the period; orders without such a line do not count.

    Args:
        cursor: on a warehouse file.
        request: conditions and period; groups and measures play no part.
        info: the file's facts.
        shares: ranks as shares of the orders, 0.5 for the median; between two orders the value is
            in proportion.
    """
    shape, values, reading, candidates = on_orders(request, info)
    read = _stored if reading.source.one_per else _summed
    orders, sums, unknown, ranked, sql = read(cursor, shape, values, shares)
    steps = range(len(EDGES) + 1)
    return Worth(
        orders=tuple(orders.get(step, 0) for step in steps),
        net_sales=tuple(sums.get(step, Decimal(0)) for step in steps),
        unknown=unknown,
        ranked=ranked,
        source=reading.candidate.source,
        sql=sql,
        candidates=candidates,
    )


def _stored(
    cursor: duckdb.DuckDBPyConnection, shape: Shape, values: Values, shares: Sequence[float]
) -> _Read:
    """Count stored bins; only the amounts of the bins that hold the asked ranks are fetched."""
    relation = f"FROM {source_sql(shape)} WHERE " + " AND ".join([*where_sql(shape), "true"])
    counting = (
        f"SELECT bin, count(*) AS orders, sum(net_sales)::DECIMAL(38, 6) AS net_sales {relation} "
        "GROUP BY bin ORDER BY bin NULLS LAST"
    )
    table = run(cursor, counting, values)
    unknown = sum(table.filter(pc.is_null(table.column("bin"))).column("orders").to_pylist())
    table = table.filter(pc.is_valid(table.column("bin")))
    bins = table.column("bin").to_numpy().astype(np.int64)
    counts = table.column("orders").to_numpy()
    orders: dict[int, int] = {}
    sums: dict[int, Decimal] = {}
    for step, count, amount in zip(
        (bins // FINER).tolist(),
        counts.tolist(),
        table.column("net_sales").to_pylist(),
        strict=True,
    ):
        orders[step] = orders.get(step, 0) + count
        sums[step] = sums.get(step, Decimal(0)) + amount
    ranks, weights = _ranks(int(counts.sum()), shares)
    held = np.unique(np.searchsorted(np.cumsum(counts), ranks, side="right"))
    wanted = {f"b{i}": int(bins[place]) for i, place in enumerate(held)}
    names = ", ".join(f"${name}" for name in wanted)
    fetching = f"SELECT {_MICRO_SQL} {relation} AND bin IN ({names})"
    sql = (counting, fetching) if wanted else (counting,)
    if not wanted:
        return orders, sums, unknown, (), sql
    amounts = np.sort(run(cursor, fetching, {**values, **wanted}).column("micro").to_numpy())
    # The fetched amounts stand one after the other; those of bins between them were not fetched.
    skipped = np.cumsum(np.where(np.isin(np.arange(len(bins)), held), 0, counts))
    own = np.searchsorted(np.cumsum(counts), ranks, side="right")
    return orders, sums, unknown, _between(amounts[ranks - skipped[own]], weights), sql


def _summed(
    cursor: duckdb.DuckDBPyConnection, shape: Shape, values: Values, shares: Sequence[float]
) -> _Read:
    """Sum the lines by order here, not in SQL.

    Keys are whole numbers without gaps: a sum is an addition at a place, several times quicker.
    """
    conditions = " AND ".join([*where_sql(shape), "sold_lines <> 0"])
    sql = (
        f"SELECT order_key, {_MICRO_SQL}, sold_lines::TINYINT AS sold "  # noqa: S608 - declared
        f"FROM {source_sql(shape)} WHERE {conditions}"
    )
    table = run(cursor, sql, values)
    micro = table.column("micro")
    places = _places(table.column("order_key").to_numpy())
    size = int(places.max()) + 1 if len(places) else 0
    worth, sold, gaps = (np.zeros(size, np.int64) for _ in range(3))
    np.add.at(worth, places, pc.fill_null(micro, 0).to_numpy())
    np.add.at(sold, places, table.column("sold").to_numpy().astype(np.int64))
    if micro.null_count:
        np.add.at(gaps, places, pc.is_null(micro).to_numpy().astype(np.int64))
    amounts = worth[(sold > 0) & (gaps == 0)]
    steps = np.searchsorted(np.array(EDGES) * _MICRO, amounts, side="right")
    orders = {step: int(count) for step, count in enumerate(np.bincount(steps))}
    totals = np.zeros(len(EDGES) + 1, np.int64)
    np.add.at(totals, steps, amounts)
    sums = {step: Decimal(int(totals[step])) / _MICRO for step in orders}
    ranks, weights = _ranks(len(amounts), shares)
    ranked = _between(np.partition(amounts, ranks)[ranks], weights) if len(ranks) else ()
    return orders, sums, int(((sold > 0) & (gaps > 0)).sum()), ranked, (sql,)


def _places(keys: Whole) -> Whole:
    """Number keys from 0: as they are where they lie close, otherwise without gaps."""
    if not len(keys):
        return keys
    first, last = int(keys.min()), int(keys.max())
    if last - first < _SPARSE * len(keys):
        return keys - first
    return np.unique(keys, return_inverse=True)[1]


def _ranks(orders: int, shares: Sequence[float]) -> tuple[Whole, list[Fraction]]:
    """Return the two ranks around each share, one after the other, and the second one's weight."""
    if not orders:
        return np.zeros(0, np.int64), []
    places = [Fraction(share) * (orders - 1) for share in shares]
    ranks = [rank for place in places for rank in (floor(place), ceil(place))]
    return np.array(ranks, np.int64), [place - floor(place) for place in places]


def _between(amounts: Whole, weights: Sequence[Fraction]) -> tuple[Decimal, ...]:
    """Return the amounts between pairs of neighbours, to the millionth."""
    pairs = zip(amounts[::2].tolist(), amounts[1::2].tolist(), weights, strict=True)
    return tuple(Decimal(round(a + (b - a) * weight)) / _MICRO for a, b, weight in pairs)
