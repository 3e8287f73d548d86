"""Customer lifetime value: expected orders month by month × expected order, discounted."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from core.services.methods.purchases.cells import Floats, distinct, histories
from core.services.methods.purchases.model import PurchaseModel
from core.services.methods.purchases.value import ValueModel

DAYS_PER_MONTH = 365.25 / 12
MONTHS_PER_YEAR = 12


class Customers(NamedTuple):
    """What is known of each customer, in arrays of equal length.

    Attributes:
        x: repeat purchases.
        t_x: time from first to last purchase.
        T: time from first purchase to the end of the observation.
        mean: average value of the purchases it is known of; any number where there are none.
        orders: how many these are; the x repeat purchases, as in the papers, when None.
    """

    x: ArrayLike
    t_x: ArrayLike
    T: ArrayLike
    mean: ArrayLike
    orders: ArrayLike | None = None

    @property
    def valued(self) -> ArrayLike:
        """Return the number of purchases behind each mean."""
        return self.x if self.orders is None else self.orders


@dataclass(frozen=True)
class Horizon:
    """The months ahead whose orders count, and what a later euro is worth.

    Attributes:
        months: how many, at least 1.
        annual_rate: discount rate per year, .10 for 10 %.
        month: length of a month in the time unit of the model; the product counts in days.
    """

    months: int
    annual_rate: float = 0.0
    month: float = DAYS_PER_MONTH

    @property
    def ends(self) -> Floats:
        """Return the end of each month as time from now."""
        return np.arange(1, self.months + 1, dtype=np.float64) * self.month

    @property
    def factors(self) -> Floats:
        """Return what 1 at the end of each month is worth today, (1 + rate)^(−t/12)."""
        years = np.arange(1, self.months + 1) / MONTHS_PER_YEAR
        return np.asarray((1 + self.annual_rate) ** -years, dtype=np.float64)


def monthly_expected(
    model: PurchaseModel,
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,  # noqa: N803
    months: int,
    days_per_month: float = DAYS_PER_MONTH,
) -> Floats:
    """Return the expected orders of each customer in each month ahead (customers, months)."""
    return _per_customer(model, (x, t_x, T), Horizon(months, month=days_per_month), np.eye(months))


def discounted_orders(
    model: PurchaseModel,
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,  # noqa: N803
    horizon: Horizon,
) -> Floats:
    """Return Σ over the months of expected orders × discount factor, per customer."""
    return _per_customer(model, (x, t_x, T), horizon, horizon.factors[:, None])[:, 0]


def clv(model: PurchaseModel, value: ValueModel, customers: Customers, horizon: Horizon) -> Floats:
    """Return the lifetime value of each customer over the horizon.

    Σ over months t of expected orders in t × expected value per order ÷ (1 + annual rate)^(t/12).
    The value is that of the means given: margin where margins are.

    Raises:
        ModelError: impossible histories (see `cells.histories`).
    """
    orders = discounted_orders(model, customers.x, customers.t_x, customers.T, horizon)
    return orders * value.expected(customers.valued, customers.mean)


def _per_customer(
    model: PurchaseModel,
    history: tuple[ArrayLike, ArrayLike, ArrayLike],
    horizon: Horizon,
    weights: Floats,
) -> Floats:
    """Return orders per month (months) times weights (months, n), per customer (customers, n)."""
    x, t_x, end = histories(*history)
    # As long as somebody is active, t_x does not matter: few distinct (x, T) carry all customers.
    same, place = distinct(x, end)
    counts, lengths = (axis.column[:, None] for axis in same)
    until = model.family.expected_if_active(model.theta, counts, lengths, horizon.ends)
    monthly = np.diff(until, axis=1, prepend=0.0)
    alive = expit(-model.family.log_odds_gone(model.theta, x, t_x, end))
    return alive[:, None] * (monthly @ weights)[place]
