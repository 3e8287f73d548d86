"""What each customer bought on each day: the tables every customer analysis is computed from.

They are temporary tables of one cursor: the filters are applied once, and no statement after
that can see a line behind the cut-off or outside the reader's rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from core.models.catalogue import columns_of
from core.repository.sql import Condition, run
from core.repository.sql.columns import condition_sql, source_values
from core.repository.warehouse import Cursor

BoundCondition = tuple[Condition, tuple[Any, ...]]

_DAYS = """
CREATE TEMP TABLE customer_days AS
SELECT customer_key, date,
    sum(net_sales)::DOUBLE AS net_sales,
    sum(covered_net_sales - cogs)::DOUBLE AS gross_margin,
    sum(covered_net_sales - cogs - coalesce(variable_costs, 0))::DOUBLE AS contribution,
    coalesce(sum(covered_net_sales), 0)::DOUBLE AS covered_net_sales,
    coalesce(sum(product_net_sales), 0)::DOUBLE AS product_net_sales,
    coalesce(sum(gross_sales), 0)::DOUBLE AS gross_sales,
    coalesce(sum(discounts), 0)::DOUBLE AS discounts,
    coalesce(sum(returns), 0)::DOUBLE AS returns,
    coalesce(sum(units), 0)::DOUBLE AS units,
    sum(first_of_order)::BIGINT AS orders,
    sum(sold_lines)::BIGINT AS sold_lines,
    sum(sold_lines) > 0 AS bought
FROM {relation}
WHERE {where} AND customer_key IS NOT NULL
GROUP BY customer_key, date
ORDER BY customer_key, date
"""

# A customer's country and channel are those of most of what it bought; ties go by name.
_BASE = """
CREATE TEMP TABLE customer_base AS
WITH bought AS (
    SELECT customer_key, count(*)::BIGINT AS purchase_days, min(date) AS first_day,
        max(date) AS last_day
    FROM customer_days WHERE bought GROUP BY customer_key
), places AS (
    SELECT l.customer_key, l.country, l.channel, sum(l.net_sales) AS sales, min(l.date) AS since,
        any_value(l.customer_id) AS customer_id, any_value(l.customer_name) AS name,
        any_value(l.segment) AS segment, any_value(l.salesperson) AS salesperson
    FROM {relation} l WHERE {where} AND l.customer_key IS NOT NULL AND l.sold_lines > 0
    GROUP BY l.customer_key, l.country, l.channel
)
SELECT customer_key, any_value(customer_id) AS customer_id, any_value(name) AS name,
    arg_max(country, (coalesce(sales, 0), country)) AS country,
    arg_max(channel, (coalesce(sales, 0), channel)) AS channel,
    arg_min(country, (since, -coalesce(sales, 0), country)) AS first_country,
    arg_min(channel, (since, -coalesce(sales, 0), channel)) AS first_channel,
    any_value(segment) AS segment, any_value(salesperson) AS salesperson,
    any_value(first_day) AS first_day, any_value(last_day) AS last_day,
    any_value(purchase_days) AS purchase_days
FROM places JOIN bought USING (customer_key)
GROUP BY customer_key ORDER BY customer_key
"""


@dataclass(frozen=True)
class ReadLines:
    """Which lines are read, as SQL with its values: filters, and days to the cut-off.

    Attributes:
        where: the condition.
        values: its parameters.
        relation: `lines`, or with the customers' segments where the condition needs them.
    """

    where: str
    values: dict[str, Any]
    relation: str = "lines"

    @classmethod
    def until(
        cls, cut_off: date, conditions: Sequence[BoundCondition], campaign_offset: int
    ) -> "ReadLines":
        """Return the lines under some filters, none of them after the cut-off."""
        parts = ["line_kind <> 'investment'", "date <= $cut_off"]
        values: dict[str, Any] = {"cut_off": cut_off}
        for place, (condition, chosen) in enumerate(conditions):
            parts.append(condition_sql(condition, place))
            values |= {f"f{place}_{i}": value for i, value in enumerate(chosen)}
            if condition.cut_to in {"campaign", "period_445"}:
                values["campaign"] = campaign_offset
        values |= source_values(
            source for condition, _ in conditions for source in (condition.column, condition.label)
        )
        by_segment = any("rfm_segment" in columns_of(c.column) for c, _ in conditions)
        return cls(" AND ".join(parts), values, "lines_segmented" if by_segment else "lines")


def stage_days(cursor: Cursor, lines: ReadLines) -> None:
    """Create `customer_days` and `customer_base` on this cursor.

    `customer_days`: one row per customer and day with any line (a return too), amounts in base
    currency, margins over the lines whose cost is known (NULL where none is); `bought` where a
    line has a positive quantity, which is what makes a purchase day. `customer_base`: one row per
    customer that ever bought.
    """
    for text in (_DAYS, _BASE):
        cursor.execute(text.format(where=lines.where, relation=lines.relation), lines.values)


def read_customers(cursor: Cursor) -> pa.Table:
    """Return `customer_base`, ordered by customer key."""
    return run(cursor, "SELECT * FROM customer_base ORDER BY customer_key", {})


def count_strangers(cursor: Cursor, lines: ReadLines) -> tuple[int, float, float]:
    """Return the lines without a customer, their net sales, and the net sales of all lines."""
    # Read to the end: another statement on the same cursor would stumble over an open result.
    ((count, strange, total),) = cursor.execute(
        "SELECT count(*) FILTER (customer_key IS NULL), "  # noqa: S608 - compiled from declared columns
        "coalesce(sum(net_sales) FILTER (customer_key IS NULL), 0)::DOUBLE, "
        f"coalesce(sum(net_sales), 0)::DOUBLE FROM {lines.relation} WHERE {lines.where}",
        lines.values,
    ).fetchall()
    return int(count), float(strange), float(total)
