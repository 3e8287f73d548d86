"""Purchase histories for the lifetime value, as SQL over `customer_days`.

Every statement reads the temporary tables of one history (see `core.repository.customers.days`):
nothing after its cut-off is in them. A purchase is a day with a positive quantity; x of the
purchase models counts the days after the first. What a day without purchase brings (goods sent
back) belongs to the purchases before it.
"""

from datetime import date

import pyarrow as pa

from core.repository.sql import run
from core.repository.warehouse import Cursor

VALUE_COLUMNS = ("contribution", "gross_margin", "net_sales")

# An unknown amount is no zero: days whose cost is not known do not count into a mean.
_HISTORIES = """
WITH first AS (
    SELECT customer_key, min(date) AS first_day FROM customer_days
    WHERE bought AND date <= $until GROUP BY customer_key
)
SELECT customer_key, any_value(first_day) AS first_day, max(date) FILTER (bought) AS last_day,
    count(*) FILTER (bought)::BIGINT AS purchase_days,
    (count(*) FILTER (bought) - 1)::DOUBLE AS x,
    (max(date) FILTER (bought) - any_value(first_day))::DOUBLE AS t_x,
    ($until::DATE - any_value(first_day))::DOUBLE AS t,
    sum(net_sales) AS net_sales, sum(gross_margin) AS gross_margin,
    sum(contribution) AS contribution,
    CASE WHEN sum(product_net_sales) > 0
        THEN sum(covered_net_sales) / sum(product_net_sales) END AS covered_share,
    sum(product_net_sales) AS product_net_sales, sum(covered_net_sales) AS covered_net_sales,
    sum({value}) AS value,
    count({value}) FILTER (bought)::DOUBLE AS valued_days,
    sum({value}) / nullif(count({value}) FILTER (bought), 0) AS mean_value,
    sum({value}) FILTER (date > first_day)
        / nullif(count({value}) FILTER (bought AND date > first_day), 0) AS mean_repeat_value
FROM customer_days JOIN first USING (customer_key)
WHERE date BETWEEN first_day AND $until
GROUP BY customer_key ORDER BY customer_key
"""

_AFTERWARDS = """
WITH known AS (
    SELECT DISTINCT customer_key FROM customer_days WHERE bought AND date <= $since
), later AS (
    SELECT customer_key, count(*) FILTER (bought) AS purchase_days, sum({value}) AS value
    FROM customer_days WHERE date > $since AND date <= $until GROUP BY customer_key
)
SELECT k.customer_key, coalesce(l.purchase_days, 0)::DOUBLE AS purchase_days,
    CASE WHEN l.customer_key IS NULL THEN 0 ELSE l.value END::DOUBLE AS value
FROM known k LEFT JOIN later l USING (customer_key) ORDER BY k.customer_key
"""

_WEEKLY = """
WITH first AS (
    SELECT customer_key, min(date) AS first_day FROM customer_days WHERE bought
    GROUP BY customer_key
), week AS (
    SELECT (date - $start::DATE) // 7 AS week, count(*) AS repeats
    FROM customer_days JOIN first USING (customer_key)
    WHERE bought AND date > first_day AND first_day <= $acquired AND date <= $until GROUP BY 1
)
SELECT w.week::BIGINT AS week, coalesce(repeats, 0)::BIGINT AS repeats,
    sum(coalesce(repeats, 0)) OVER (ORDER BY w.week)::BIGINT AS cumulative
FROM unnest(range(($until::DATE - $start::DATE) // 7 + 1)) AS w(week) LEFT JOIN week USING (week)
ORDER BY w.week
"""


def purchase_histories(cursor: Cursor, until: date, value: str) -> pa.Table:
    """Return what is known of each customer at the end of a day.

    Args:
        cursor: of an open history.
        until: last day that is looked at, not after the history's cut-off.
        value: one of `VALUE_COLUMNS`.

    Returns:
        One row per customer with a purchase, ordered by customer_key: first_day, last_day,
        purchase_days; x (repeat purchase days), t_x and t (days from the first purchase to the
        last one, and to `until`); net_sales, gross_margin, contribution since the first purchase
        (margins NULL where no cost is known), covered_share of the net sales of products with
        its parts; value (the chosen amount), valued_days (purchase days on which it is known),
        mean_value per such day, mean_repeat_value without the first day and its amount.
    """
    return run(cursor, _HISTORIES.format(value=_checked(value)), {"until": until})


def purchases_between(cursor: Cursor, since: date, until: date, value: str) -> pa.Table:
    """Return purchase days and value in (since, until] of each customer known at `since`.

    Columns customer_key (ascending), purchase_days, value: 0 for who bought nothing, NULL where
    something was bought and no cost of it is known.
    """
    sql = _AFTERWARDS.format(value=_checked(value))
    return run(cursor, sql, {"since": since, "until": until})


def weekly_repeats(cursor: Cursor, start: date, acquired: date, until: date) -> pa.Table:
    """Return repeat purchase days by week since `start`, and cumulated.

    Args:
        cursor: of an open history.
        start: first day of week 0.
        acquired: only customers whose first purchase is not after this day.
        until: last day; the last week may have fewer than seven.

    Returns:
        One row per week: week (0, 1, …), repeats, cumulative.
    """
    return run(cursor, _WEEKLY, {"start": start, "acquired": acquired, "until": until})


def _checked(value: str) -> str:
    if value not in VALUE_COLUMNS:
        raise ValueError(value)
    return value
