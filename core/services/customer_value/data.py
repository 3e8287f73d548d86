"""The purchase histories of one selection as arrays, and the amount that counts as value."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.formats import shown
from core.i18n import N_, Message, msg, msg_n
from core.models.formats import Format
from core.repository.customers.purchases import (
    purchase_histories,
    purchases_between,
    weekly_repeats,
)
from core.services.customers import History

Floats = NDArray[np.float64]
Keys = NDArray[np.int64]
Flags = NDArray[np.bool_]

SOURCES = {
    "gross_margin": N_("Gross margin"),
    "contribution": N_("Contribution"),
    "net_sales": N_("Net sales"),
}
_ENOUGH = 0.5  # of product sales with a known cost; below, margins by customer say too little
_FULL = 0.9995  # reads 100 %


@dataclass(frozen=True)
class Purchases:
    """What is known of each customer at the end of a day; arrays in the order of `keys`.

    Attributes:
        until: that day.
        keys: customer keys, ascending.
        first_day, last_day: days of the first and the last purchase.
        x: purchase days after the first one.
        t_x, t: days from the first purchase to the last one, and to `until`.
        days: purchase days on which the value is known.
        mean: value per such day; 0 where there is none.
        value: sum of the chosen amount since the first purchase; NaN where it is unknown.
        covered: share of the net sales of products whose cost is known; NaN without products.
    """

    until: date
    keys: Keys
    first_day: NDArray[np.datetime64]
    last_day: NDArray[np.datetime64]
    x: Floats
    t_x: Floats
    t: Floats
    days: Floats
    mean: Floats
    value: Floats
    covered: float

    @property
    def count(self) -> int:
        """Number of customers."""
        return self.keys.size

    @property
    def valued(self) -> Flags:
        """Whether the value of a customer's purchases is known."""
        return self.days > 0

    @property
    def history(self) -> tuple[Floats, Floats, Floats]:
        """(x, t_x, T), as the purchase models take it."""
        return self.x, self.t_x, self.t

    def pick(self, chosen: Flags) -> "Purchases":
        """Return some of the customers."""
        arrays = {
            name: getattr(self, name)[chosen]
            for name in ("keys", "first_day", "last_day", "x", "t_x", "t", "days", "mean", "value")
        }
        return Purchases(until=self.until, covered=self.covered, **arrays)


@dataclass(frozen=True)
class Later:
    """What customers known at `since` bought in (since, until], in the order of their keys.

    Attributes:
        bought: purchase days.
        value: the chosen amount, 0 for who bought nothing; NaN where it is unknown.
    """

    since: date
    until: date
    bought: Floats
    value: Floats

    @property
    def days(self) -> int:
        """Length of the window."""
        return (self.until - self.since).days


def read_purchases(history: History, until: date, source: str) -> Purchases:
    """Read the histories up to a day, with one of `SOURCES` as their value."""
    table = purchase_histories(history.cursor, until, source)
    days = numbers(table, "valued_days")
    sold = numbers(table, "product_net_sales").sum()
    return Purchases(
        until=until,
        keys=table["customer_key"].to_numpy().astype(np.int64),
        first_day=table["first_day"].to_numpy().astype("datetime64[D]"),
        last_day=table["last_day"].to_numpy().astype("datetime64[D]"),
        x=numbers(table, "x"),
        t_x=numbers(table, "t_x"),
        t=numbers(table, "t"),
        days=days,
        mean=np.where(days > 0, numbers(table, "mean_value"), 0.0),
        value=numbers(table, "value"),
        covered=float(numbers(table, "covered_net_sales").sum() / sold) if sold > 0 else np.nan,
    )


def read_later(history: History, since: date, source: str) -> Later:
    """Read what was bought after a day, up to the cut-off, by those known on that day."""
    table = purchases_between(history.cursor, since, history.cut_off, source)
    return Later(since, history.cut_off, numbers(table, "purchase_days"), numbers(table, "value"))


def read_weeks(history: History, acquired: date) -> Floats:
    """Return cumulated repeat purchases at the end of each week since the first purchase.

    Those of customers whose first purchase is not after `acquired`; the last week may be short.
    """
    table = weekly_repeats(history.cursor, history.first, acquired, history.cut_off)
    return numbers(table, "cumulative")


def numbers(table: pa.Table, column: str) -> Floats:
    """Return a column as floats, NaN where it is empty."""
    return np.asarray(table[column].to_numpy(zero_copy_only=False), dtype=np.float64)


def read_with_value(history: History, wanted: str) -> tuple[Purchases, str, list[Message]]:
    """Read all histories with the wanted amount, or with net sales where costs are unknown.

    Returns:
        The histories, the source that was used, and what a reader must know about it.
    """
    found = read_purchases(history, history.cut_off, wanted)
    if wanted == "net_sales":
        return found, wanted, []
    share = shown(found.covered, Format.PERCENT, digits=0)
    if not found.covered >= _ENOUGH:
        why = (
            msg("No cost is known for these sales: values are net sales, not margin.")
            if not found.covered > 0
            else msg(
                "Costs are known for only {share} of product sales: values are net sales, not "
                "margin.",
                share=share,
            )
        )
        return read_purchases(history, history.cut_off, "net_sales"), "net_sales", [why]
    return found, wanted, _partly_known(found)


def _partly_known(found: Purchases) -> list[Message]:
    if found.covered >= _FULL:
        return []
    caveats = [
        msg(
            "Costs are known for {share} of product sales; the margin of the rest is not counted.",
            share=shown(found.covered, Format.PERCENT),
        )
    ]
    unknown = int((~found.valued).sum())
    if unknown:
        caveats.append(
            msg_n(
                "No cost is known for anything {n} customer bought: the average of all "
                "customers stands for its orders.",
                "No cost is known for anything {n} customers bought: the average of all "
                "customers stands for their orders.",
                unknown,
            )
        )
    return caveats


def holdout_start(history: History, days: int | None) -> date | None:
    """Return the last day of the calibration, or None for no check.

    Args:
        history: the whole of it.
        days: length of the holdout; None takes a quarter of the history.
    """
    if days is None:
        days = round(history.window.days / 4)
    since = history.cut_off - timedelta(days=days)
    return since if days > 0 and since > history.first else None
