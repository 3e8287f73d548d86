"""Intervals of the lifetime value by simulating each customer's future.

Drawing parameters alone gives intervals of the average customer like this one, far too narrow for
the one customer. So each draw takes parameters from their uncertainty, the same for everybody;
decides by P(active) whether the customer is still there; draws a personal rate, dropout and level
of value from what the history says of them; and lets the orders of the horizon happen.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array
from scipy.special import expit

from core.services.methods.purchases.cells import Axis, Codes, Floats, distinct, histories, sums
from core.services.methods.purchases.family import Family
from core.services.methods.purchases.lifetime import Customers, Horizon
from core.services.methods.purchases.model import PurchaseModel
from core.services.methods.purchases.value import ValueModel

INSIDE = 0.9  # share of the futures that an interval holds
_TINY = np.finfo(np.float64).tiny
_EVERYBODY = object()  # a label no grouping can have
_AT_ONCE = 1_000_000  # futures, and orders, in memory at a time
_MOST_ORDERS = 10_000  # in one future; more is a draw from parameters the data say nothing of


@dataclass(frozen=True)
class ClvDraws:
    """Simulated lifetime values.

    Attributes:
        low, high: bounds of the 90 % interval of each customer's realised value; NaN where the mean
            of a customer with repeat purchases is unknown, as are then the totals with it.
        total: value of all customers in each draw.
        totals: the same by group: by label, or by (name, label) where several groupings were given.
    """

    low: Floats
    high: Floats
    total: Floats
    totals: Mapping[Hashable, Floats] = field(default_factory=dict[Hashable, Floats])


Groups = Sequence[Hashable] | Mapping[str, Sequence[Hashable]]


def clv_draws(
    model: PurchaseModel,
    value: ValueModel,
    customers: Customers,
    horizon: Horizon,
    draws: int,
    rng: np.random.Generator,
    groups: Groups | None = None,
    report: Callable[[float], None] | None = None,
) -> ClvDraws:
    """Simulate the value of every customer over the horizon.

    Args:
        model: its parameters are drawn once per draw, the same for all customers.
        value: likewise.
        customers: who is simulated.
        horizon: months and discounting; an order counts at the end of its month.
        draws: number of futures; a few hundred.
        rng: source of randomness.
        groups: a label per customer, or several such groupings by name, to be totalled.
        report: told the share that is done, now and then; may raise to stop.

    Raises:
        ModelError: impossible histories.
    """
    x, t_x, end = histories(customers.x, customers.t_x, customers.T)
    mean, orders = (
        np.broadcast_to(np.asarray(column, dtype=np.float64), x.shape)
        for column in (customers.mean, customers.valued)
    )
    theta, worth = model.draw_theta(draws, rng).T, value.draw_theta(draws, rng).T
    simulation = _Simulation(model.family, theta, worth, value.is_heavy, horizon, rng)
    same, place = distinct(x, t_x, end)
    alike = np.argsort(place, kind="stable")  # equal histories lie together: one P(active) each
    labels, members = _members(groups, x.size)
    low, high = np.empty(x.size), np.empty(x.size)
    sums = np.zeros((len(labels), draws))
    step = max(1, _AT_ONCE // draws)
    for start in range(0, x.size, step):
        chosen = alike[start : start + step]
        active = simulation.active(same, place[chosen])
        expected = value.expected(orders[chosen], mean[chosen])
        people = _People(x[chosen], end[chosen], orders[chosen], mean[chosen], expected)
        found = simulation.values(people, active)
        low[chosen], high[chosen] = _interval(found)
        sums += members[:, chosen] @ found
        if report:
            report(min(1.0, (start + step) / x.size))
    return ClvDraws(low, high, sums[0], dict(zip(labels[1:], sums[1:], strict=True)))


def _interval(values: Floats) -> tuple[Floats, Floats]:
    """Return the bounds that leave 5 % of the draws (the second axis) on either side.

    Where nothing at all is likelier than 5 %, nobody can be below: then all 10 % are left above
    (below, for customers who bring losses). Equal tails would make intervals that hold 95 %.
    """
    out = 1 - INSIDE
    shares = (out, out / 2, 1 - out / 2, 1 - out)
    further_low, low, high, nearer_high = np.quantile(values, shares, axis=1)
    return np.where(high == 0, further_low, low), np.where(low == 0, nearer_high, high)


def _members(groups: Groups | None, customers: int) -> tuple[list[Hashable], csc_array]:
    """Return the labels, everybody's first, and who belongs to which (labels, customers)."""
    places: dict[Hashable, int] = {_EVERYBODY: 0}
    codes = [np.zeros(customers, dtype=np.int64)]
    named = groups if isinstance(groups, Mapping) else {None: () if groups is None else groups}
    for name, members in named.items():
        labels = members if name is None else [(name, label) for label in members]
        if len(labels):
            found = (places.setdefault(label, len(places)) for label in labels)
            codes.append(np.fromiter(found, dtype=np.int64, count=customers))
    rows = np.concatenate(codes)
    columns = np.tile(np.arange(customers), len(codes))
    shape = (len(places), customers)
    return list(places), csc_array((np.ones(rows.size), (rows, columns)), shape=shape)


@dataclass(frozen=True)
class _People:
    """Customers of a chunk; `expected` is the value of an order where `mean` allows no draw."""

    x: Floats
    end: Floats
    orders: Floats
    mean: Floats
    expected: Floats


@dataclass(frozen=True)
class _Simulation:
    """Drawn parameters, a column per draw, and the months to simulate.

    `heavy`: the mean value over customers is infinite, or nearly so.
    """

    family: Family
    theta: Floats
    worth: Floats
    heavy: bool
    horizon: Horizon
    rng: np.random.Generator

    def active(self, same: Sequence[Axis], place: Codes) -> NDArray[np.bool_]:
        """Draw who is active (customers, draws), from the distinct histories and who has which."""
        here, which = np.unique(place, return_inverse=True)
        x, t_x, end = (axis.values[axis.codes[here]][:, None] for axis in same)
        p_active = expit(-self.family.log_odds_gone(self.theta, x, t_x, end))
        return self.rng.random((place.size, self.theta.shape[1])) < p_active[which]

    def values(self, people: _People, active: NDArray[np.bool_]) -> Floats:
        """Return the discounted value (customers, draws); 0 where not active."""
        who, draw = np.nonzero(active)
        future = self.family.draw_future(
            self.theta[:, draw], people.x[who], people.end[who], self.rng
        )
        span = np.minimum(future.lifetime, self.horizon.months * self.horizon.month)
        number = self.rng.poisson(np.minimum(future.rate * span, _MOST_ORDERS))
        found = np.zeros(active.shape)
        ordering = np.flatnonzero(number)
        # Cut where the orders so far fill another portion of memory.
        portion = np.cumsum(number[ordering]) // _AT_ONCE
        for part in np.split(ordering, np.flatnonzero(np.diff(portion)) + 1):
            value = self._order_values(people, who[part], draw[part])
            orders = _Orders(number[part], span[part], future.limit[part], value)
            found[who[part], draw[part]] = orders.discounted(self.horizon, self.rng)
        return found

    def _order_values(self, people: _People, who: Codes, draw: Codes) -> "_OrderValues":
        """Draw ν ~ Gamma(q + px, v + xm) for each future.

        Where the mean over customers is infinite, or nearly so, the expected value leans on the
        own mean alone (see `ValueModel.expected`), and v + xm is set so that the draws do, too.
        """
        p, q, v = self.worth[:, draw]
        x, mean, expected = (c[who] for c in (people.orders, people.mean, people.expected))
        seen = np.where((x > 0) & (mean > 0), x, 0.0)
        shape = q + p * seen
        pooled = v + seen * np.where(seen > 0, mean, 0.0)
        steady = (x > 0) & (seen == 0)
        if self.heavy:
            pooled = np.where(shape > 1, expected * (shape - 1) / p, pooled)
            steady |= shape <= 1
        scale = pooled / np.maximum(self.rng.standard_gamma(shape), _TINY)
        return _OrderValues(p, scale, steady, expected)


@dataclass(frozen=True)
class _OrderValues:
    """Single orders of a future are Gamma(p) × scale, or where `steady` always `expected`.

    Steady are customers whose mean is negative, which the model cannot hold, or unknown, and
    those whose value the model has no mean for.
    """

    p: Floats
    scale: Floats
    steady: NDArray[np.bool_]
    expected: Floats

    def draw(self, who: Codes, rng: np.random.Generator) -> Floats:
        """Return a value for each order of the futures `who`."""
        amount = rng.standard_gamma(self.p[who]) * self.scale[who]
        return np.where(self.steady[who], self.expected[who], amount)


@dataclass(frozen=True)
class _Orders:
    """Futures with orders: how many fall in `span`, after how many the customer is gone."""

    number: Codes
    span: Floats
    limit: Floats
    value: _OrderValues

    def discounted(self, horizon: Horizon, rng: np.random.Generator) -> Floats:
        """Let the orders happen; return their discounted value per future."""
        who = np.repeat(np.arange(self.number.size), self.number)
        when = who + rng.random(who.size)
        if np.isfinite(self.limit).any():
            when.sort()  # within each future, since its number is the whole part
            before = np.cumsum(self.number) - self.number
            kept = np.arange(who.size) - before[who] < self.limit[who]
            who, when = who[kept], when[kept]
        month = ((when - who) * self.span[who] / horizon.month).astype(np.int64)
        factors = horizon.factors[np.minimum(month, horizon.months - 1)]
        worth = factors * self.value.draw(who, rng)
        return sums(who, worth, self.number.size)
