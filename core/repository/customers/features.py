"""What is known of each customer on several past days, and whether they bought afterwards.

Every value comes from days up to the row's own cut-off; only `left` looks behind it.
"""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from core.repository.customers.days import ReadLines
from core.repository.sql import run
from core.repository.warehouse import Cursor

FEATURES = (
    "recency_days",
    "tenure_days",
    "purchase_days",
    "purchase_days_30",
    "purchase_days_90",
    "purchase_days_180",
    "purchase_days_365",
    "gap_mean",
    "gap_spread",
    "recency_to_gap",
    "net_sales",
    "net_sales_90",
    "sales_pace",
    "gross_margin",
    "order_value",
    "line_value_change",
    "line_value_trend",
    "products",
    "return_share",
    "discount_share",
    "season_days",
)
"""Columns of `customer_slices` a model may learn from, NULL where unknown.

recency_days, tenure_days: days since the last and the first purchase day.
purchase_days…: days with a purchase, ever and in the last 30, 90, 180 and 365 days.
gap_mean, gap_spread: mean and standard deviation of the days between purchase days; NULL before
    the second and the third purchase day.
recency_to_gap: recency_days ÷ gap_mean.
net_sales, gross_margin: totals in base currency; net_sales_90 of the last 90 days.
sales_pace: net sales of the last 90 days ÷ those of a usual 90 days before them; NULL for customers
    of less than 180 days.
order_value: net sales per purchase day.
line_value_change: net sales per line of the last 90 days ÷ those before, as geometric means over
    purchase days; line_value_trend: the same difference of logarithms in standard errors (of the
    days before), so that a customer of widely varying purchases does not look like one who buys
    less and less. NULL with fewer than three purchase days on either side.
products: different products bought.
return_share, discount_share: of gross sales.
season_days: purchase days in the same season a year before, that is in the horizon that began 365
    days before the cut-off; NULL for customers who were not there yet.
"""

ACTIVE_DAYS = 365
_NEVER = "DATE '9999-12-31'"
_FEWEST = 3  # purchase days on either side of a comparison

# A customer's product counts on the day it was first bought: distinct counts become sums.
_STAGE = """
CREATE OR REPLACE TEMP TABLE spaced_days AS
WITH discovered AS (
    SELECT customer_key, date, count(*) AS new_products FROM (
        SELECT customer_key, product_key, min(date) AS date FROM {relation}
        WHERE {where} AND customer_key IS NOT NULL AND sold_lines > 0 AND product_key IS NOT NULL
        GROUP BY customer_key, product_key
    ) GROUP BY customer_key, date
)
SELECT d.customer_key, d.date, d.bought, d.net_sales, d.gross_margin, d.gross_sales, d.discounts,
    d.returns, coalesce(p.new_products, 0) AS new_products,
    CASE WHEN d.bought THEN d.date - lag(d.date) OVER per_customer END AS gap,
    CASE WHEN d.bought THEN coalesce(lead(d.date) OVER per_customer, {never}) END AS next_date,
    CASE WHEN d.bought AND d.net_sales > 0 THEN ln(d.net_sales / d.sold_lines) END AS line_value
FROM customer_days d LEFT JOIN discovered p USING (customer_key, date)
WINDOW per_customer AS (PARTITION BY d.customer_key, d.bought ORDER BY d.date)
"""

_SLICES = f"""
WITH cut_off AS (SELECT unnest($days::DATE[]) AS cut_off), known AS (
    SELECT cut_off, customer_key,
        cut_off - max(date) FILTER (bought) AS recency_days,
        cut_off - min(date) FILTER (bought) AS tenure_days,
        count(*) FILTER (bought) AS purchase_days,
        count(*) FILTER (bought AND date > cut_off - 30) AS purchase_days_30,
        count(*) FILTER (bought AND date > cut_off - 90) AS purchase_days_90,
        count(*) FILTER (bought AND date > cut_off - 180) AS purchase_days_180,
        count(*) FILTER (bought AND date > cut_off - 365) AS purchase_days_365,
        count(*) FILTER (bought AND date > cut_off - 365 AND date <= cut_off - 365 + $horizon)
            AS season_days,
        avg(gap) AS gap_mean, stddev_samp(gap) AS gap_spread,
        sum(net_sales) AS net_sales, sum(gross_margin) AS gross_margin,
        coalesce(sum(net_sales) FILTER (date > cut_off - 90), 0) AS net_sales_90,
        sum(net_sales) FILTER (date > cut_off - 365) AS net_sales_365,
        sum(gross_margin) FILTER (date > cut_off - 365) AS gross_margin_365,
        sum(net_sales) FILTER (bought) AS bought_sales,
        count(line_value) FILTER (date > cut_off - 90) AS new_values,
        avg(line_value) FILTER (date > cut_off - 90) AS new_value,
        count(line_value) FILTER (date <= cut_off - 90) AS old_values,
        avg(line_value) FILTER (date <= cut_off - 90) AS old_value,
        stddev_samp(line_value) FILTER (date <= cut_off - 90) AS old_spread,
        sum(new_products) AS products,
        nullif(sum(gross_sales), 0) AS gross_sales,
        sum(returns) AS returns, sum(discounts) AS discounts,
        arg_max(next_date, date) FILTER (bought) AS next_date
    FROM cut_off JOIN spaced_days ON date <= cut_off
    GROUP BY cut_off, customer_key
    HAVING max(date) FILTER (bought) > cut_off - {ACTIVE_DAYS}
), named AS (
    SELECT cut_off, customer_key,
        CASE WHEN cut_off + $horizon <= $known_until
            THEN next_date > cut_off + $horizon END AS "left",
        net_sales_365, gross_margin_365,
        recency_days, tenure_days, purchase_days, purchase_days_30, purchase_days_90,
        purchase_days_180, purchase_days_365, gap_mean, gap_spread,
        recency_days / gap_mean AS recency_to_gap, net_sales, net_sales_90,
        CASE WHEN tenure_days >= 180 AND net_sales - net_sales_90 > 0 THEN
            net_sales_90 / ((net_sales - net_sales_90) / (tenure_days - 90) * 90)
            END AS sales_pace,
        gross_margin, bought_sales / purchase_days AS order_value,
        CASE WHEN least(new_values, old_values) >= {_FEWEST} THEN exp(new_value - old_value)
            END AS line_value_change,
        CASE WHEN least(new_values, old_values) >= {_FEWEST} AND old_spread > 1e-9 THEN
            (new_value - old_value) / (old_spread * sqrt(1 / new_values + 1 / old_values))
            END AS line_value_trend,
        products, returns / gross_sales AS return_share, discounts / gross_sales AS discount_share,
        CASE WHEN tenure_days >= 365 THEN season_days END AS season_days
    FROM known
)
SELECT cut_off, customer_key, "left", net_sales_365::DOUBLE AS net_sales_365,
    gross_margin_365::DOUBLE AS gross_margin_365,
    {", ".join(f"{name}::DOUBLE AS {name}" for name in FEATURES)}
FROM named ORDER BY cut_off, customer_key
"""  # noqa: S608 - put together from this module's own texts

_COUNTS = """
SELECT customer_key, (count(*) - 1)::DOUBLE AS repeats,
    (max(date) - min(date))::DOUBLE AS last_repeat, ($day::DATE - min(date))::DOUBLE AS age
FROM customer_days WHERE bought AND date <= $day GROUP BY customer_key ORDER BY customer_key
"""

_SINCE = """
SELECT b.customer_id, b.customer_key, min(d.date) FILTER (d.bought) AS next_purchase,
    coalesce(sum(d.net_sales), 0)::DOUBLE AS net_sales
FROM customer_base b LEFT JOIN customer_days d
    ON d.customer_key = b.customer_key AND d.date > $day AND d.date <= $until
WHERE b.first_day <= $day
GROUP BY ALL ORDER BY b.customer_key
"""


def stage_spaced_days(cursor: Cursor, lines: ReadLines) -> None:
    """Create `spaced_days`: `customer_days` with gaps, what came next and products first bought.

    Must run before `customer_slices`, on a cursor on which `customer_days` stands.
    """
    sql = _STAGE.format(where=lines.where, relation=lines.relation, never=_NEVER)
    cursor.execute(sql, lines.values)


def customer_slices(
    cursor: Cursor, days: Sequence[date], horizon: int, known_until: date
) -> pa.Table:
    """Return the customers who bought in the 365 days up to each of some days, as known then.

    Args:
        cursor: of an open history, after `stage_spaced_days`.
        days: cut-offs; each is the last day its rows know.
        horizon: days after a cut-off without a purchase that count as leaving.
        known_until: last day of the history; `left` is NULL where the horizon ends after it.

    Returns:
        One row per cut-off and customer: cut_off, customer_key, left (no purchase on the
        `horizon` days after the cut-off), net_sales_365 and gross_margin_365 (of the last 365 days,
        NULL where unknown), and `FEATURES`; ordered by cut-off and key.
    """
    values = {"days": sorted(set(days)), "horizon": horizon, "known_until": known_until}
    return run(cursor, _SLICES, values)


def purchase_counts(cursor: Cursor, day: date) -> pa.Table:
    """Return what purchase models need to know of everybody who bought up to a day.

    Returns:
        customer_key, repeats (purchase days after the first), last_repeat (days from the first
        purchase to the last), age (days from the first purchase to `day`).
    """
    return run(cursor, _COUNTS, {"day": day})


def purchases_since(cursor: Cursor, day: date, until: date) -> pa.Table:
    """Return what the customers of a day did after it.

    Returns:
        customer_id, customer_key, next_purchase (first purchase day in (day, until], else NULL),
        net_sales (in those days, base currency).
    """
    return run(cursor, _SINCE, {"day": day, "until": until})
