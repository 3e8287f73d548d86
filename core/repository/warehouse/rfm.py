"""RFM scores of customers at a day, and the segments that rules make of them.

One SQL path for the build and for every comparison of dates (`core.repository.customers.rfm`): it
reads a relation of purchase days, so that filters and rights are the caller's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from core.models.rfm import SegmentRule, segments_by_score

# The mean is taken of whole millionths: equal means are equal numbers, and tie.
_FACTS = """
SELECT customer_key, min(date) AS first_day, max(date) AS last_day, count(*) AS frequency,
    round(sum(net_sales)::DOUBLE * 1000000) / count(net_sales) AS micro
FROM {days} WHERE date <= $cut_off GROUP BY customer_key
"""
# ceil(5 × percentage rank), the rank of ties being their average: with r rows before the tie of
# t rows among n, that is ceil(5 × (2r + t + 1) ÷ 2n), in whole numbers.
_SCORED = """
WITH fact AS ({facts}), ranked AS (
    SELECT *,
        2 * rank() OVER (ORDER BY last_day) + count(*) OVER (PARTITION BY last_day) - 1 AS r2,
        2 * rank() OVER (ORDER BY frequency) + count(*) OVER (PARTITION BY frequency) - 1 AS f2,
        2 * rank() OVER (ORDER BY micro NULLS LAST) + count(*) OVER (PARTITION BY micro) - 1 AS m2,
        count(*) OVER () AS n, count(micro) OVER () AS known
    FROM fact
), scored AS (
    SELECT customer_key, first_day, last_day, ($cut_off::DATE - last_day)::BIGINT AS recency,
        frequency::BIGINT AS frequency, micro / 1000000 AS monetary,
        ((5 * r2 + 2 * n - 1) // (2 * n))::INTEGER AS r,
        ((5 * f2 + 2 * n - 1) // (2 * n))::INTEGER AS f,
        CASE WHEN micro IS NOT NULL THEN ((5 * m2 + 2 * known - 1) // (2 * known))::INTEGER END AS m
    FROM ranked
)
SELECT *, list_extract($segments, 1 + 36 * r + 6 * f + coalesce(m, 0)) AS rfm_segment FROM scored
"""
_SCALES = """
SELECT count(*), count(DISTINCT recency), count(DISTINCT r), count(DISTINCT frequency),
    count(DISTINCT f), count(DISTINCT monetary), count(DISTINCT m)
FROM {scored}
"""


@dataclass(frozen=True)
class Scale:
    """How many levels one scale has.

    Attributes:
        values: distinct values among the customers.
        scores: distinct scores they lead to; ties share one, so there may be fewer than five.
    """

    values: int
    scores: int


@dataclass(frozen=True)
class Scales:
    """The three scales of one day; `customers` of them have scores."""

    customers: int
    recency: Scale
    frequency: Scale
    monetary: Scale

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Scales":
        """Read JSON values."""
        scales = (Scale(**stored[name]) for name in ("recency", "frequency", "monetary"))
        return cls(stored["customers"], *scales)


def scores_sql(days: str) -> str:
    """Return a query of scores and segments; its values are those of `score_values`.

    Columns: customer_key, first_day, last_day, recency (days since the last purchase day),
    frequency (purchase days), monetary (mean net sales per purchase day in base currency, NULL
    where no amount is known), r, f, m (1–5; the most recent, frequent and valuable fifth has 5;
    m NULL where monetary is), rfm_segment (key of the first rule that takes the scores).

    Args:
        days: a relation with one row per customer and purchase day: customer_key, date,
            net_sales. Days after the cut-off play no part.
    """
    return _SCORED.format(facts=_FACTS.format(days=days))


def score_values(rules: Sequence[SegmentRule], cut_off: date) -> dict[str, Any]:
    """Return the values of `scores_sql`."""
    return {"cut_off": cut_off, "segments": segments_by_score(rules)}


def read_scales(
    cursor: duckdb.DuckDBPyConnection, scored: str, values: Mapping[str, Any] | None = None
) -> Scales:
    """Return how many levels the scales have in a relation with the columns of `scores_sql`.

    Args:
        cursor: knows the relation.
        scored: its name, or a query in parentheses.
        values: of the query's parameters.
    """
    row = cursor.execute(_SCALES.format(scored=scored), dict(values or {})).fetchone()
    customers, *levels = (int(value) for value in row or [0] * 7)
    pairs = zip(levels[::2], levels[1::2], strict=True)
    recency, frequency, monetary = (Scale(*pair) for pair in pairs)
    return Scales(customers, recency, frequency, monetary)
