"""Customers' purchase days and the RFM segment each customer has at a day."""

from collections.abc import Sequence
from datetime import date

import duckdb

from core.models.rfm import NO_PURCHASE, SegmentRule
from core.repository.warehouse.rfm import Scales, read_scales, score_values, scores_sql

# Days with returns only are kept too: a later import may bring a purchase of the same day.
_NEW_DAYS = """
SELECT k.customer_key, s.date, sum(s.net_sales)::DECIMAL(38, 6) AS net_sales,
    max(s.quantity) > 0 AS bought
FROM sale s JOIN customer_keys k USING (customer_id) GROUP BY ALL
"""
_ALL_DAYS = f"CREATE TABLE customer_day AS {_NEW_DAYS} ORDER BY date, customer_key"
# A day that was known already is stored whole again: the newest file's row counts.
_MERGED_DAYS = f"""
CREATE TABLE customer_day AS
WITH fresh AS MATERIALIZED ({_NEW_DAYS}), both_ AS (
    SELECT * FROM fresh
    UNION ALL BY NAME SELECT w.* FROM was_customer_day w SEMI JOIN fresh USING (customer_key, date)
)
SELECT customer_key, date, sum(net_sales)::DECIMAL(38, 6) AS net_sales, bool_or(bought) AS bought
FROM both_ GROUP BY ALL ORDER BY date, customer_key
"""  # noqa: S608 - put together from this module's own texts
_DAYS_OF = "SELECT customer_key, date, net_sales FROM {days} WHERE bought"
_KNOWN_DAYS = (
    "was_customer_day w ANTI JOIN customer_day n "
    "ON n.customer_key = w.customer_key AND n.date = w.date"
)


def stage_days(connection: duckdb.DuckDBPyConnection, *, parent: bool) -> None:
    """Create `customer_day` (one row per customer and day with any line) and `purchase_day`.

    Args:
        connection: of a build; `sale` and `customer_keys` stand.
        parent: days of an earlier file stand as `was_customer_day`.
    """
    connection.execute(_MERGED_DAYS if parent else _ALL_DAYS)
    days = _DAYS_OF.format(days="customer_day")
    if parent:
        days += (
            f" UNION ALL SELECT w.customer_key, w.date, w.net_sales FROM {_KNOWN_DAYS} "  # noqa: S608
            "WHERE w.bought"
        )
    connection.execute(f"CREATE TEMP VIEW purchase_day AS {days}")


def score_buyers(
    connection: duckdb.DuckDBPyConnection,
    rules: Sequence[SegmentRule],
    scored_on: date,
    *,
    parent: bool,
) -> Scales:
    """Create `buyer_segment`, every customer's RFM segment on a day; return the scores' scales."""
    connection.execute(
        "CREATE TEMP TABLE rfm AS " + scores_sql("purchase_day"), score_values(rules, scored_on)
    )
    known = "SELECT customer_key FROM stored_customers"
    if parent:
        known += " UNION ALL SELECT customer_key FROM was_stored_customers"
    connection.execute(
        "CREATE TABLE buyer_segment AS SELECT k.customer_key, "  # noqa: S608
        f"coalesce(r.rfm_segment, $nothing) AS rfm_segment FROM ({known}) k "
        "LEFT JOIN rfm r USING (customer_key) ORDER BY customer_key",
        {"nothing": NO_PURCHASE},
    )
    return read_scales(connection, "rfm")
