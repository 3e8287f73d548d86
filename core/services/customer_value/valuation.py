"""What each customer is worth: expected orders, their value, and simulated intervals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.services.customer_value.check import Check
from core.services.customer_value.data import Floats, Purchases
from core.services.methods.purchases import (
    Customers,
    Horizon,
    PurchaseModel,
    ValueModel,
    clv_draws,
    discounted_orders,
)

SEED = 20_240_101  # the same data give the same intervals
_FUTURES = 20_000_000  # simulated at most, unless that leaves too few draws: a minute on one core
_FEWEST = 60  # draws of each customer: three beyond each end of the interval
_SAMPLED = 20_000  # customers whose interval is held against the holdout
_LOW, _HIGH = 0.05, 0.95


@dataclass(frozen=True)
class Estimate:
    """A sum of lifetime values with its 90 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Valuation:
    """The value of each customer, in the order of the purchases' keys.

    Attributes:
        p_alive: P(still active at the cut-off).
        orders: expected purchase days within the horizon.
        per_order: expected value of one of them.
        clv: discounted value within the horizon.
        low, high: 90 % of each customer's realised values lie between, the expected one as well.
        total: of all customers.
        groups: (grouping, code) → draws of the group's total.
        draws: number of simulated futures of each customer.
    """

    p_alive: Floats
    orders: Floats
    per_order: Floats
    clv: Floats
    low: Floats
    high: Floats
    total: Estimate
    groups: Mapping[tuple[str, int], Floats]
    draws: int

    @property
    def margin(self) -> Floats:
        """Expected value within the horizon, not discounted."""
        return self.orders * self.per_order

    def estimate(self, grouping: str, code: int, value: float) -> Estimate:
        """Return a group's value with the interval of its draws."""
        return interval(value, self.groups[grouping, code])


def interval(value: float, draws: Floats) -> Estimate:
    """Return a value with the 90 % interval of its draws, widened to hold the value."""
    low, high = np.quantile(draws, (_LOW, _HIGH))
    return Estimate(value, min(float(low), value), max(float(high), value))


def draws_for(customers: int, wanted: int) -> int:
    """Return how many futures are simulated per customer: as wanted, fewer for very many."""
    return min(wanted, max(_FEWEST, _FUTURES // max(customers, 1)))


def value_customers(
    model: PurchaseModel,
    worth: ValueModel,
    purchases: Purchases,
    horizon: Horizon,
    draws: int,
    groupings: Mapping[str, Sequence[int]],
    report: Callable[[float], None],
) -> Valuation:
    """Value every customer.

    Args:
        model: of the purchases.
        worth: of their value.
        purchases: the customers.
        horizon: months and discount rate.
        draws: simulated futures per customer.
        groupings: a code per customer, by name, whose totals are wanted.
        report: told the share that is simulated; may raise to stop.
    """
    per_order = worth.expected(purchases.days, purchases.mean)
    clv = discounted_orders(model, *purchases.history, horizon) * per_order
    found = clv_draws(
        model,
        worth,
        as_customers(purchases),
        horizon,
        draws,
        np.random.default_rng(SEED),
        groupings,
        report,
    )
    return Valuation(
        p_alive=model.p_alive(*purchases.history),
        orders=model.expected(*purchases.history, horizon.months * horizon.month),
        per_order=per_order,
        clv=clv,
        # A customer who has probably left has an interval of nothing to nothing, though the
        # expected value is a little more: it stays inside.
        low=np.minimum(found.low, clv),
        high=np.maximum(found.high, clv),
        total=interval(float(clv.sum()), found.total),
        groups={key: sums for key, sums in found.totals.items() if isinstance(key, tuple)},
        draws=draws,
    )


def as_customers(purchases: Purchases) -> Customers:
    """Return the histories as the simulation takes them."""
    return Customers(*purchases.history, purchases.mean, purchases.days)


def coverage(check: Check, key: str, draws: int) -> float | None:
    """Return the share of customers whose value in the holdout lay inside their 90 % interval.

    At most 20,000 customers are simulated. None where the value model could not be fitted.
    """
    if check.value is None:
        return None
    chosen = np.zeros(check.known.count, dtype=bool)
    chosen[:: 1 + check.known.count // _SAMPLED] = True
    chosen &= ~np.isnan(check.later.value)
    if not chosen.any():
        return None
    found = clv_draws(
        check.fitted.models[key],
        check.value,
        as_customers(check.known.pick(chosen)),
        Horizon(1, month=float(check.later.days)),
        draws,
        np.random.default_rng(SEED),
    )
    happened = check.later.value[chosen]
    return float(np.mean((found.low <= happened) & (happened <= found.high)))
