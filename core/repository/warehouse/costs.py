"""Perpetual moving average landed cost per product and day."""

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# Per product and day: what came in with its landed value, and what went out. Goods count from
# their receipt; a purchase without a rate moves stock without moving the average; a negative
# purchase (sent back to the supplier) goes out.
_EVENTS = """
WITH landed AS (
    SELECT k.product_key, coalesce(p.received_on, p.date) AS date, p.quantity,
        TRY_CAST((p.quantity::DOUBLE * p.unit_cost::DOUBLE
            + coalesce(p.freight_in, 0)::DOUBLE + coalesce(p.duty, 0)::DOUBLE)
            * CASE WHEN coalesce(p.currency, $base) = $base THEN 1 ELSE r.rate::DOUBLE END
            AS DECIMAL(18, 6)) AS value
    FROM s_purchases p
    JOIN product_keys k USING (product_id)
    LEFT JOIN rate_on r ON r.currency = p.currency AND r.date = p.date
), moved AS (
    SELECT product_key, date,
        CASE WHEN quantity > 0 AND value IS NOT NULL THEN quantity ELSE 0 END AS received,
        CASE WHEN quantity > 0 AND value IS NOT NULL THEN value ELSE 0 END AS value,
        CASE WHEN quantity > 0 AND value IS NOT NULL THEN 0 ELSE -quantity END AS sold
    FROM landed
    UNION ALL
    SELECT k.product_key, s.date, 0, 0, s.quantity
    FROM s_sales s JOIN product_keys k USING (product_id)
    WHERE k.product_key IN ({landed})
        AND coalesce(s.line_kind, 'product') IN ('product', 'sample')
)
SELECT product_key, date, sum(received)::DECIMAL(38, 6) AS received,
    sum(value)::DECIMAL(38, 6) AS value, sum(sold)::DECIMAL(38, 6) AS sold
FROM moved GROUP BY product_key, date
"""
_LANDED = "SELECT product_key FROM landed"
_LANDED_EVER = "SELECT product_key FROM landed UNION SELECT product_key FROM was_stock_event"
_REPLAY = """
SELECT product_key, date, sum(received)::DOUBLE AS received, sum(value)::DOUBLE AS value,
    sum(sold)::DOUBLE AS sold
FROM ({events}) GROUP BY product_key, date ORDER BY product_key, date
"""
# What comes after all that was known leaves the averages of earlier days alone.
_EARLIER = """
SELECT count(*) FROM stock_event n JOIN (
    SELECT product_key, max(date) AS last FROM was_stock_event GROUP BY product_key
) w USING (product_key)
WHERE n.date < w.last OR (n.date = w.last AND n.received > 0)
"""
_PLACES = 6  # of stored quantities; rounding keeps a stock of zero at zero


def moving_averages(products: Integers, received: Floats, value: Floats, sold: Floats) -> Floats:
    """Return the average landed cost after each day's receipts.

    On a day receipts come before sales. Where the stock is zero or below, the next receipt sets
    the average anew; returns (negative `sold`) go back at the current average.

    Args:
        products: key of each event's product, sorted; the events of a product by day.
        received: quantity received that day, in units.
        value: landed value of what was received, in base currency.
        sold: quantity that left that day.

    Returns:
        Base currency per unit, NaN before a product's first valued receipt.
    """
    averages = np.full(len(products), np.nan)
    if not len(products):
        return averages
    starts = np.flatnonzero(np.r_[True, products[1:] != products[:-1]])
    counts = np.diff(np.r_[starts, len(products)])
    # All products take their k-th event together; the longest histories come first so that the
    # products still going on are always the first ones.
    order = np.argsort(-counts, kind="stable")
    starts, counts = starts[order], counts[order]
    stock = np.zeros(len(starts))
    average = np.full(len(starts), np.nan)
    for k in range(int(counts[0])):
        live = int(np.searchsorted(-counts, -k, side="left"))
        at = starts[:live] + k
        held, cost = stock[:live], average[:live]
        inflow, paid = received[at], value[at]
        fresh = (held <= 0) | np.isnan(cost)
        with np.errstate(invalid="ignore", divide="ignore"):
            mixed = np.where(fresh, paid / inflow, (held * cost + paid) / (held + inflow))
        cost = np.where(inflow > 0, mixed, cost)
        averages[at] = cost
        average[:live] = cost
        stock[:live] = np.round(held + inflow - sold[at], _PLACES)
    return averages


def stage_averages(connection: duckdb.DuckDBPyConnection, base_currency: str) -> None:
    """Create `stock_event` and `average_on` (product_key, date, average as DOUBLE)."""
    sql = _EVENTS.format(landed=_LANDED)
    connection.execute(f"CREATE TABLE stock_event AS {sql} ORDER BY ALL", {"base": base_currency})
    _replay(connection, "average_on", "FROM stock_event")


def stage_new_averages(connection: duckdb.DuckDBPyConnection, base_currency: str) -> None:
    """Create the same for new lines and purchases on top of the parent's `was_stock_event`.

    `stock_event` holds what they add; `average_on` the averages of the products they touch, as
    they are with them; `average_was` as they were without them.
    """
    sql = _EVENTS.format(landed=_LANDED_EVER)
    connection.execute(f"CREATE TABLE stock_event AS {sql} ORDER BY ALL", {"base": base_currency})
    earlier = (
        "SELECT w.product_key, w.date, w.received, w.value, w.sold FROM was_stock_event w "
        "SEMI JOIN stock_event n ON n.product_key = w.product_key"
    )
    _replay(
        connection,
        "average_on",
        f"{earlier} UNION ALL SELECT product_key, date, received, value, sold FROM stock_event",  # noqa: S608
    )
    # Read to the end: the replay would stumble over an open result.
    ((moving,),) = connection.execute(_EARLIER).fetchall()
    if moving:
        _replay(connection, "average_was", earlier)
    else:
        connection.execute("CREATE TEMP VIEW average_was AS SELECT * FROM average_on")


def replay_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Have `average_on` hold the averages of all products, those nothing was added to as well."""
    connection.execute("DROP TABLE average_on")
    columns = "product_key, date, received, value, sold"
    _replay(
        connection,
        "average_on",
        f"SELECT {columns} FROM was_stock_event "  # noqa: S608 - declared names only
        f"UNION ALL SELECT {columns} FROM stock_event",
    )


def _replay(connection: duckdb.DuckDBPyConnection, table: str, events: str) -> None:
    """Create a working table of the averages after each day of some events."""
    days = connection.sql(_REPLAY.format(events=events)).to_arrow_table()
    averages = moving_averages(
        *(days.column(name).to_numpy() for name in ("product_key", "received", "value", "sold"))
    )
    known = pa.array(averages, mask=np.isnan(averages))
    found = days.select(["product_key", "date"]).append_column("average", known)
    connection.register("found_averages", found)
    connection.execute(
        f"CREATE TEMP TABLE {table} AS SELECT * FROM found_averages WHERE average IS NOT NULL"  # noqa: S608
    )
    connection.unregister("found_averages")
