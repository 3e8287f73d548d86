"""Roll-ups: the same additive columns as the lines, summed over fewer dimensions."""

from dataclasses import dataclass

import duckdb

from core.models.catalogue import PARTS
from core.repository.warehouse.info import Rollup

# A roll-up that keeps more than this share of the lines costs more to store than it saves.
_WORTH_KEEPING = 0.5
COUNTERS = ("weight_missing", "sold_lines", "first_of_order", "unknown_amount", "line_count")
_MARKET = ("country", "channel", "segment")
_SUPPLIER = ("supplier_id", "supplier_name")
_ASSORTMENT = ("category", "subcategory", *_SUPPLIER)
_PRODUCT = ("product_id", "product_name", "product_key", "brand", "grade", "origin", *_ASSORTMENT)
_CUSTOMER = ("customer_id", "customer_name", "customer_key", "rfm_segment")


@dataclass(frozen=True)
class _Plan:
    """A roll-up to build, out of the smallest source that has its columns."""

    table: str
    columns: tuple[str, ...]
    monthly: bool = True


# Finer ones first, so that coarser ones are built out of them.
_PLANS = (
    _Plan("day_all", (*_MARKET, *_ASSORTMENT, "line_kind"), monthly=False),
    _Plan("day_market", (*_MARKET, "line_kind"), monthly=False),
    _Plan("day_assortment", (*_ASSORTMENT, "line_kind"), monthly=False),
    # Segments of customers have a roll-up of their own: in the others they would multiply the rows
    # of every question. Those without them are quickly built out of it.
    _Plan("month_rfm", ("rfm_segment", *_PRODUCT, *_MARKET, "line_kind")),
    _Plan("month_product_market", (*_PRODUCT, *_MARKET, "line_kind")),
    _Plan("month_customer", (*_CUSTOMER, *_MARKET, "line_kind")),
    _Plan("month_all", (*_MARKET, *_ASSORTMENT, "line_kind")),
    _Plan("month_product", (*_PRODUCT, "line_kind")),
    _Plan("month_country_category", ("country", "category", "subcategory", "line_kind")),
    _Plan("month_market", (*_MARKET, "line_kind")),
)


def create_rollups(connection: duckdb.DuckDBPyConnection) -> tuple[Rollup, ...]:
    """Build the roll-ups that are worth it; return the base table and them as sources."""
    columns = [row[0] for row in connection.execute("DESCRIBE lines").fetchall()]
    base = Rollup("lines", frozenset(columns), monthly=False, rows=_count(connection, "lines"))
    sources = [base]
    for plan in _PLANS:
        able = [s for s in sources if set(plan.columns) <= s.columns and s.monthly <= plan.monthly]
        origin = min(able, key=lambda source: source.rows)
        _create(connection, plan, origin.table)
        rows = _count(connection, plan.table)
        if rows > _WORTH_KEEPING * base.rows:
            connection.execute(f"DROP TABLE {plan.table}")
        else:
            sources.append(Rollup(plan.table, frozenset(plan.columns), plan.monthly, rows))
    return tuple(sources)


def _create(connection: duckdb.DuckDBPyConnection, plan: _Plan, origin: str) -> None:
    day = "date_trunc('month', date)::DATE" if plan.monthly else "date"
    columns = ", ".join(plan.columns)
    sums = ", ".join(f"sum({part})::DECIMAL(38, 6) AS {part}" for part in PARTS)
    counts = ", ".join(f"sum({name})::BIGINT AS {name}" for name in COUNTERS)
    connection.execute(
        f"CREATE TABLE {plan.table} AS SELECT {day} AS date, {columns}, {sums}, {counts}, "  # noqa: S608
        f"bit_or(unit_mask) AS unit_mask FROM {origin} GROUP BY ALL ORDER BY 1"
    )


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    return int(row[0]) if row else 0
