"""Customers by when they first bought, and what they did after it, as SQL over `customer_days`.

Every statement reads the temporary tables of one history (see `core.repository.customers.days`):
nothing after its cut-off is in them.
"""

from datetime import date

import pyarrow as pa

from core.repository.sql import run
from core.repository.sql.columns import grain_sql
from core.repository.warehouse import Cursor

GRAIN_MONTHS = {"month": 1, "quarter": 3, "campaign": 12}
# Where a customer came from, not where most was bought later: groups are fixed at the start, as
# who stays longer has more time to change them.
SPLIT_COLUMNS = {"country": "first_country", "channel": "first_channel", "segment": "segment"}

# Squares and products of each customer's amounts let a ratio of sums carry its error.
_CELLS = """
WITH member AS (
    SELECT customer_key, first_day, {cohort} AS cohort, {split} AS member FROM customer_base
), visit AS (
    SELECT customer_key, member, cohort,
        date_diff('month', cohort, {bucket}) // $months AS age, bool_or(bought) AS bought,
        sum(net_sales) AS net_sales, sum(gross_margin) AS gross_margin,
        sum(product_net_sales) AS product_net_sales, sum(covered_net_sales) AS covered_net_sales
    FROM customer_days JOIN member USING (customer_key)
    WHERE date >= first_day GROUP BY ALL
), cell AS (
    SELECT v.member, v.cohort, v.age, count(*) FILTER (v.bought) AS active,
        sum(v.product_net_sales) AS product_net_sales,
        sum(v.covered_net_sales) AS covered_net_sales, {amounts}
    FROM visit v JOIN visit f ON f.customer_key = v.customer_key AND f.age = 0 GROUP BY ALL
), cohort AS (
    SELECT member, cohort, count(*) AS customers,
        date_diff('month', cohort, {last}) // $months AS oldest
    FROM member GROUP BY ALL
), grid AS (
    SELECT member, cohort, customers, unnest(range(oldest + 1)) AS age FROM cohort
)
SELECT g.member, g.cohort, g.customers::BIGINT AS customers, g.age::BIGINT AS age,
    (g.cohort + to_months(((g.age + 1) * $months)::INTEGER))::DATE - 1 <= $cut_off AS finished,
    coalesce(c.active, 0)::BIGINT AS active, {known},
    coalesce(c.product_net_sales, 0)::DOUBLE AS product_net_sales,
    coalesce(c.covered_net_sales, 0)::DOUBLE AS covered_net_sales
FROM grid g LEFT JOIN cell c
    ON c.member IS NOT DISTINCT FROM g.member AND c.cohort = g.cohort AND c.age = g.age
ORDER BY g.member NULLS LAST, g.cohort, g.age
"""
_AMOUNTS = ("net_sales", "gross_margin")

_PAUSES = """
SELECT quantile_disc(longest, $share)::INTEGER
FROM (
    SELECT max(pause) AS longest
    FROM (
        SELECT customer_key,
            lead(date) OVER (PARTITION BY customer_key ORDER BY date) - date AS pause
        FROM customer_days WHERE bought
    ) GROUP BY customer_key
)
"""

_SPANS = """
WITH pause AS (
    SELECT customer_key, date, lead(date) OVER (PARTITION BY customer_key ORDER BY date) AS next
    FROM customer_days WHERE bought
), span AS (
    SELECT customer_key, min(date) AS first_day, max(date) AS last_day, min(next) AS second_day,
        min(date) FILTER (coalesce(next, $cut_off) - date > $gap) AS left_on
    FROM pause GROUP BY customer_key
)
SELECT {split} AS member,
    (s.second_day - s.first_day)::DOUBLE AS second,
    (coalesce(s.left_on, s.last_day) - s.first_day)::DOUBLE AS active,
    ($cut_off - s.first_day)::DOUBLE AS watched,
    coalesce(s.left_on < s.last_day, false) AS came_back
FROM span s JOIN customer_base b USING (customer_key)
ORDER BY customer_key
"""


def cohort_cells(
    cursor: Cursor, cut_off: date, grain: str, campaign_offset: int, split: str | None = None
) -> pa.Table:
    """Return what the customers of each cohort did at each age, up to the cut-off's.

    A cohort is the customers whose first purchase falls into one month, quarter or campaign year;
    age 0 is that period itself. Cells after the cut-off do not exist; a cell nobody bought in has
    zeros, which is known. `finished` is false where days of the cell are still to come.

    Args:
        cursor: of an open history.
        cut_off: last day of the history.
        grain: a key of `GRAIN_MONTHS`.
        campaign_offset: months between January and the campaign's first month.
        split: a key of `SPLIT_COLUMNS`, or None for all customers together.

    Returns:
        Columns member (NULL without a split or where unknown), cohort (its first day), customers
        (of the cohort), age, finished, active, product_net_sales, covered_net_sales, net_sales
        and gross_margin (NULL where no cost is known); of these two also `…_squared`, the sum of
        squares over customers, and `…_cross`, that of products with the amount at age 0.
    """
    sql = _CELLS.format(
        cohort=grain_sql(grain, "first_day"),
        bucket=grain_sql(grain),
        last=grain_sql(grain, "$cut_off::DATE"),
        split=_split(split),
        amounts=", ".join(_sums(name) for name in _AMOUNTS),
        known=", ".join(_known(name) for name in _AMOUNTS),
    )
    values = {"cut_off": cut_off, "months": GRAIN_MONTHS[grain]}
    if grain == "campaign":
        values["campaign"] = campaign_offset
    return run(cursor, sql, values)


def usual_pause(cursor: Cursor, share: float) -> int | None:
    """Return the days without a purchase that a share of returning customers never exceeded.

    Each customer counts once, with the longest pause after which they bought again: among all
    single pauses those of the busiest customers would be nearly all there are. None where nobody
    bought twice.
    """
    ((pause,),) = cursor.execute(_PAUSES, {"share": share}).fetchall()
    return pause


def customer_spans(cursor: Cursor, cut_off: date, gap: int, split: str | None = None) -> pa.Table:
    """Return for each customer the days that survival curves are made of.

    Args:
        cursor: of an open history.
        cut_off: last day of the history.
        gap: days without a purchase after which a customer counts as lapsed.
        split: a key of `SPLIT_COLUMNS`, or None.

    Returns:
        In days after the first purchase: second (the second purchase day, NULL if none yet),
        active (the last purchase before the first pause of more than `gap` days, or the last
        one), watched (the cut-off). Also member, and came_back: whether the customer bought again
        after such a pause.
    """
    sql = _SPANS.format(split=_split(split))
    return run(cursor, sql, {"cut_off": cut_off, "gap": gap})


def _split(split: str | None) -> str:
    return SPLIT_COLUMNS[split] if split else "NULL::VARCHAR"


def _sums(amount: str) -> str:
    return (
        f"sum(v.{amount}) AS {amount}, sum(v.{amount} * v.{amount}) AS {amount}_squared, "
        f"sum(v.{amount} * f.{amount}) AS {amount}_cross"
    )


def _known(amount: str) -> str:
    """Return what a cell is worth: nothing where nobody came, unknown where it is not known."""
    names = (amount, f"{amount}_squared", f"{amount}_cross")
    return ", ".join(f"CASE WHEN c.cohort IS NULL THEN 0 ELSE c.{n} END AS {n}" for n in names)
