"""RFM scores of the customers of one history, at its cut-off or at an earlier day."""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from core.models.rfm import SegmentRule
from core.repository.sql import run
from core.repository.warehouse import Cursor
from core.repository.warehouse.rfm import Scale, Scales, read_scales, score_values, scores_sql

__all__ = ["PURCHASE_DAYS", "Scale", "Scales", "customer_scores", "scales_of"]

# The purchase days of one history (see `core.repository.customers.days`).
PURCHASE_DAYS = "(SELECT customer_key, date, net_sales FROM customer_days WHERE bought)"


def customer_scores(
    cursor: Cursor, rules: Sequence[SegmentRule], cut_off: date, days: str = PURCHASE_DAYS
) -> pa.Table:
    """Return scores and segments of the customers that bought up to a day.

    The same SQL gives the warehouse its `rfm_segment`.

    Args:
        cursor: of an open history, or of any connection that knows `days`.
        rules: in force; the first that takes a customer's scores gives the segment.
        cut_off: last day that is looked at.
        days: relation with one row per customer and purchase day: customer_key, date, net_sales.

    Returns:
        The columns of `scores_sql`, ordered by customer_key.
    """
    sql = f"{scores_sql(days)} ORDER BY customer_key"
    return run(cursor, sql, score_values(rules, cut_off))


def scales_of(
    cursor: Cursor, rules: Sequence[SegmentRule], cut_off: date, days: str = PURCHASE_DAYS
) -> Scales:
    """Return how many levels each scale has at a day; fewer than five are to be said openly."""
    return read_scales(cursor, f"({scores_sql(days)})", score_values(rules, cut_off))
