"""Every customer's scores and segment on two days, and what each brought: read once per run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.models.query import Period
from core.models.rfm import NO_PURCHASE, SegmentRule
from core.repository.customers.amounts import count_without_purchase, customer_amounts
from core.repository.customers.rfm import Scales, customer_scores, scales_of
from core.services.customers import History

YEAR = timedelta(days=365)
NOT_YET = "not_yet"  # no purchase up to the day to compare with
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class People:
    """All customers with a purchase, one row each, in the order of their keys.

    Attributes:
        table: customer, customer_name, country, channel, first_day, last_day; recency, frequency,
            monetary, r, f, m, segment on the day of the scores; previous (segment on the day to
            compare with, or `NOT_YET`); net_sales_ever, net_sales_before and active_before (of
            the year up to the day to compare with), and net_sales, gross_margin,
            covered_net_sales, active of the year up to the day of the scores.
        rules: in force, in their order.
        window: first day known and the day of the scores.
        before: the day to compare with.
        scales: how many levels each score has.
        strangers: customers that never bought, only gave back.
    """

    table: pa.Table
    rules: Sequence[SegmentRule]
    window: Period
    before: date
    scales: Scales
    strangers: int

    @property
    def count(self) -> int:
        """How many customers there are."""
        return self.table.num_rows

    @property
    def keys(self) -> list[str]:
        """Keys of the segments, in the rules' order."""
        return [rule.key for rule in self.rules]

    @property
    def had_customers(self) -> bool:
        """Whether anybody had bought up to the day to compare with."""
        return any(key != NOT_YET for key in set(self.texts("previous")))

    def numbers(self, name: str) -> Numbers:
        """Return a column as floats, shape (n,); unknown values are NaN."""
        column = self.table.column(name).cast(pa.float64()).combine_chunks()
        return column.to_numpy(zero_copy_only=False)

    def texts(self, name: str) -> list[Any]:
        """Return a column's values; unknown ones are None."""
        return self.table.column(name).to_pylist()

    def places(self, name: str, keys: Sequence[str]) -> NDArray[np.int64]:
        """Return each customer's position in `keys`; `len(keys)` where it is none of them."""
        rank: Mapping[Any, int] = {key: i for i, key in enumerate(keys)}
        return np.array([rank.get(v, len(keys)) for v in self.texts(name)], dtype=np.int64)


def read_people(history: History, rules: Sequence[SegmentRule], before: date) -> People:
    """Return every customer of a history with scores on its cut-off and on an earlier day.

    Args:
        history: open; read on its cursor.
        rules: of the segments.
        before: the earlier day.
    """
    cut_off = history.cut_off
    now = customer_scores(history.cursor, rules, cut_off)
    earlier = customer_scores(history.cursor, rules, before)
    amounts = customer_amounts(history.cursor, cut_off - YEAR, before - YEAR, before)
    # All three hold the customers that ever bought, in the order of their keys.
    base = history.customers
    columns = {
        "customer": base.column("customer_id"),
        "customer_name": base.column("name"),
        **{name: base.column(name) for name in ("country", "channel", "first_day")},
        **{
            name: now.column(name)
            for name in ("last_day", "recency", "frequency", "monetary", "r", "f", "m")
        },
        "segment": now.column("rfm_segment"),
        "previous": _previous(now.column("customer_key"), earlier),
        **{name: amounts.column(name) for name in amounts.column_names if name != "customer_key"},
    }
    return People(
        table=pa.table(columns),
        rules=rules,
        window=history.window,
        before=before,
        scales=scales_of(history.cursor, rules, cut_off),
        strangers=count_without_purchase(history.cursor),
    )


def _previous(keys: pa.ChunkedArray, earlier: pa.Table) -> pa.Array:
    """Return each customer's segment in an earlier table; both are sorted by customer key."""
    known = dict(
        zip(
            earlier.column("customer_key").to_pylist(),
            earlier.column("rfm_segment").to_pylist(),
            strict=True,
        )
    )
    found = [known.get(key, NOT_YET) or NO_PURCHASE for key in keys.to_pylist()]
    return pa.array(found, pa.string())
