"""Customers by when they first bought, and what they did after it, as SQL over `customer_days`.

Every statement reads the temporary tables of one history (see `core.repository.customers.days`):
nothing after its cut-off is in them.
"""

from datetime import date

import pyarrow as pa

from core.repository.sql import run
from core.repository.sql.compile import grain_sql
from core.repository.warehouse import Cursor

GRAIN_MONTHS = {"month": 1, "quarter": 3, "campaign": 12}
# Where a customer came from, not where most was bought later: groups are fixed at the start, as
# who stays longer has more time to change them.
SPLIT_COLUMNS = {"country": "first_country", "channel": "first_channel", "segment": "segment"}

_CELLS = """
WITH member AS (
    SELECT customer_key, first_day, {cohort} AS cohort, {split} AS member FROM customer_base
), cell AS (
    SELECT member, cohort, date_diff('month', cohort, {bucket}) // $months AS age,
        count(DISTINCT customer_key) FILTER (bought) AS active,
        sum(net_sales) AS net_sales, sum(gross_margin) AS gross_margin,
        sum(covered_net_sales) AS covered_net_sales
    FROM customer_days JOIN member USING (customer_key)
    WHERE date >= first_day GROUP BY ALL
), cohort AS (
    SELECT member, cohort, count(*) AS customers,
        date_diff('month', cohort, {last}) // $months AS oldest
    FROM member GROUP BY ALL
), grid AS (
    SELECT member, cohort, customers, unnest(range(oldest + 1)) AS age FROM cohort
)
SELECT g.member, g.cohort, g.customers::BIGINT AS customers, g.age::BIGINT AS age,
    (g.cohort + to_months(((g.age + 1) * $months)::INTEGER))::DATE - 1 <= $cut_off AS finished,
    coalesce(c.active, 0)::BIGINT AS active,
    CASE WHEN c.cohort IS NULL THEN 0 ELSE c.net_sales END AS net_sales,
    CASE WHEN c.cohort IS NULL THEN 0 ELSE c.gross_margin END AS gross_margin,
    coalesce(c.covered_net_sales, 0)::DOUBLE AS covered_net_sales
FROM grid g LEFT JOIN cell c
    ON c.member IS NOT DISTINCT FROM g.member AND c.cohort = g.cohort AND c.age = g.age
ORDER BY g.member NULLS LAST, g.cohort, g.age
"""

_GAPS = """
SELECT quantile_disc(gap, $share)::INTEGER, count(gap)
FROM (
    SELECT lead(date) OVER (PARTITION BY customer_key ORDER BY date) - date AS gap
    FROM customer_days WHERE bought
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
SELECT {split} AS member, {cohort} AS cohort,
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
        (of the cohort), age, finished, active, net_sales, gross_margin (NULL where no cost is
        known), covered_net_sales.
    """
    sql = _CELLS.format(
        cohort=grain_sql(grain, "first_day"),
        bucket=grain_sql(grain),
        last=grain_sql(grain, "$cut_off::DATE"),
        split=_split(split),
    )
    values = {"cut_off": cut_off, "months": GRAIN_MONTHS[grain]}
    if grain == "campaign":
        values["campaign"] = campaign_offset
    return run(cursor, sql, values)


def gap_days(cursor: Cursor, share: float) -> tuple[int | None, int]:
    """Return the days within which a share of all repeat purchases came, and their number.

    The smallest number of days that at least this share of the gaps between a purchase day and
    the next one of the same customer does not exceed; None where nobody bought twice.
    """
    row = cursor.execute(_GAPS, {"share": share}).fetchone()
    return (row[0], int(row[1])) if row else (None, 0)


def customer_spans(
    cursor: Cursor,
    cut_off: date,
    gap: int,
    grain: str,
    campaign_offset: int,
    split: str | None = None,
) -> pa.Table:
    """Return for each customer the days that survival curves are made of.

    Args:
        cursor: of an open history.
        cut_off: last day of the history.
        gap: days without a purchase after which a customer counts as lapsed.
        grain: a key of `GRAIN_MONTHS`, for the cohort.
        campaign_offset: months between January and the campaign's first month.
        split: a key of `SPLIT_COLUMNS`, or None.

    Returns:
        In days after the first purchase: second (the second purchase day, NULL if none yet),
        active (the last purchase before the first pause of more than `gap` days, or the last
        one), watched (the cut-off). Also member, cohort, and came_back: whether the customer
        bought again after such a pause.
    """
    sql = _SPANS.format(cohort=grain_sql(grain, "s.first_day"), split=_split(split))
    values = {"cut_off": cut_off, "gap": gap}
    if grain == "campaign":
        values["campaign"] = campaign_offset
    return run(cursor, sql, values)


def _split(split: str | None) -> str:
    return SPLIT_COLUMNS[split] if split else "NULL::VARCHAR"
