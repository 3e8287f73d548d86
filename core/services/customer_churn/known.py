"""What is known of the customers on several past days, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.repository.customers.features import (
    FEATURES,
    customer_slices,
    purchase_counts,
    stage_spaced_days,
)
from core.services.customer_churn.settings import MONTHS_A_YEAR, ChurnSettings, ordinal
from core.services.customers import History
from core.services.methods.churn.scores import Numbers
from core.services.methods.churn.supervised import YEAR_DAYS, Slices

STEP = 30  # days between slices
LEAST_HISTORY = 90  # days a slice must know: on fewer, everybody looks new
MONTHLY_SLICES = 12


@dataclass(frozen=True)
class Plan:
    """The days on which customers are looked at.

    Attributes:
        cut_off: the last day known; the customers of this day are scored.
        test: one horizon earlier: the last day whose outcome is known. None where the history
            before it is too short.
        days: all of them, the cut-off included.
    """

    cut_off: date
    test: date | None
    days: tuple[date, ...]

    @classmethod
    def of(cls, first: date, cut_off: date, horizon: int) -> "Plan":
        """Choose the days: monthly back from the test day, and the same season a year before.

        A year of slices whose horizon was over on the test day, so that every season is learnt.
        """
        earliest = first + timedelta(days=LEAST_HISTORY)
        test = cut_off - timedelta(days=horizon)
        if test < earliest:
            return cls(cut_off, None, (cut_off,))
        count = MONTHLY_SLICES + -(-horizon // STEP)
        monthly = [test - timedelta(days=STEP * place) for place in range(count)]
        seasons = [day - timedelta(days=YEAR_DAYS) for day in (test, cut_off)]
        days = sorted({day for day in (*monthly, *seasons) if day >= earliest} | {cut_off})
        return cls(cut_off, test, tuple(days))


@dataclass(frozen=True)
class Counts:
    """Repeat purchases of everybody on one day, and which of them are still active customers.

    Attributes:
        repeats, last_repeat, age: as `core.repository.customers.features.purchase_counts`.
        active: places of the day's active customers, in the order of their slice.
    """

    repeats: Numbers
    last_repeat: Numbers
    age: Numbers
    active: NDArray[np.int64]


@dataclass(frozen=True)
class Known:
    """Customers as known on several days.

    Attributes:
        slices: features and outcome.
        keys: customer keys, one per row of the slices.
        sales: net sales of the last 365 days, NaN where unknown.
        margin: gross margin of the last 365 days, NaN where unknown.
    """

    slices: Slices
    keys: NDArray[np.int64]
    sales: Numbers
    margin: Numbers

    @classmethod
    def read(cls, history: History, days: Sequence[date], horizon: int) -> "Known":
        """Read the active customers of these days."""
        stage_spaced_days(history.cursor, history.lines)
        table = customer_slices(history.cursor, days, horizon, history.cut_off)
        day = table["cut_off"].cast(pa.int32()).to_numpy().astype(np.int64)
        left = table["left"].fill_null(False).to_numpy().astype(bool)  # noqa: FBT003
        values = np.column_stack([floats(table, name) for name in FEATURES])
        keys = table["customer_key"].to_numpy().astype(np.int64)
        slices = Slices(FEATURES, values, day, left)
        return cls(slices, keys, floats(table, "net_sales_365"), floats(table, "gross_margin_365"))

    def at(self, day: date) -> "Known":
        """Return the customers of one day."""
        chosen = self.slices.day == ordinal(day)
        return Known(
            self.slices.where(chosen), self.keys[chosen], self.sales[chosen], self.margin[chosen]
        )

    def margin_known(self) -> bool:
        """Return whether any customer's margin is known."""
        return bool((~np.isnan(self.margin)).any())

    def value(self, settings: ChurnSettings) -> Numbers:
        """Return what each customer is worth over the months that count, base currency.

        The last 365 days go on. Where a customer's margin is unknown, it is their sales times the
        margin rate of all customers whose margin is known. Never below 0; NaN where unknown.
        """
        yearly = self.sales if settings.basis == "sales" else self._margins()
        return np.maximum(yearly, 0.0) * (settings.months / MONTHS_A_YEAR)

    def _margins(self) -> Numbers:
        known = ~np.isnan(self.margin) & ~np.isnan(self.sales)
        sales = float(self.sales[known].sum())
        rate = float(self.margin[known].sum()) / sales if sales > 0 else np.nan
        return np.where(np.isnan(self.margin), self.sales * rate, self.margin)


def counts_on(history: History, day: date, known: Known) -> Counts:
    """Return the purchase counts of a day, and where its active customers stand among them."""
    table = purchase_counts(history.cursor, day)
    keys = table["customer_key"].to_numpy().astype(np.int64)
    repeats, last_repeat, age = (floats(table, name) for name in ("repeats", "last_repeat", "age"))
    return Counts(repeats, last_repeat, age, np.searchsorted(keys, known.keys))


def floats(table: pa.Table, name: str) -> Numbers:
    """Return a column as floats, NaN where unknown."""
    return table[name].cast(pa.float64()).to_numpy().astype(np.float64)
