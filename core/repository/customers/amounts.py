"""What each customer brought, in all and lately, as SQL over `customer_days`."""

from datetime import date

import pyarrow as pa

from core.repository.sql import run
from core.repository.warehouse import Cursor

_AMOUNTS = """
SELECT customer_key,
    coalesce(sum(net_sales), 0)::DOUBLE AS net_sales_ever,
    coalesce(sum(net_sales) FILTER (date > $since), 0)::DOUBLE AS net_sales,
    coalesce(sum(net_sales) FILTER (date > $earlier AND date <= $before), 0)::DOUBLE
        AS net_sales_before,
    sum(gross_margin) FILTER (date > $since) AS gross_margin,
    coalesce(sum(covered_net_sales) FILTER (date > $since), 0)::DOUBLE AS covered_net_sales,
    coalesce(bool_or(bought AND date > $since), false) AS active,
    coalesce(bool_or(bought AND date > $earlier AND date <= $before), false) AS active_before
FROM customer_days
GROUP BY customer_key HAVING bool_or(bought) ORDER BY customer_key
"""
_STRANGE = """
SELECT count(*) FROM (
    SELECT customer_key FROM customer_days GROUP BY customer_key HAVING NOT bool_or(bought)
)
"""


def customer_amounts(cursor: Cursor, since: date, earlier: date, before: date) -> pa.Table:
    """Return amounts of every customer that ever bought, in base currency.

    Args:
        cursor: of an open history.
        since: the recent amounts begin the day after.
        earlier: the amounts to compare with begin the day after …
        before: … and end on this day.

    Returns:
        Columns customer_key (ascending), net_sales_ever (since the beginning); net_sales_before
        and active_before (of the days to compare with); net_sales, gross_margin (NULL where no
        cost is known), covered_net_sales (whose cost is known) and active (bought anything),
        these four recent.
    """
    return run(cursor, _AMOUNTS, {"since": since, "earlier": earlier, "before": before})


def count_without_purchase(cursor: Cursor) -> int:
    """Return how many customers have lines and no purchase, such as returns only."""
    ((count,),) = cursor.execute(_STRANGE).fetchall()
    return int(count)
