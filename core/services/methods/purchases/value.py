"""Gamma-Gamma (Colombo and Jiang 1999; Fader and Hardie 2013): what an order of a customer brings.

Single orders are Gamma(p, ν) with ν ~ Gamma(q, v) across customers. The mean m of x orders has

    ln f = ln Γ(px+q)/(Γ(px) Γ(q)) + q ln v + (px−1) ln m + px ln x − (px+q) ln(xm+v),

and the expected order of a customer is (pv + pxm) ÷ (px+q−1): the own mean, drawn towards that of
all customers the fewer orders there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma, gammaln

from core.formats import shown
from core.i18n import Message, msg, msg_n
from core.models.formats import Format
from core.services.methods.purchases.cells import MIN_CUSTOMERS, Axis, Floats
from core.services.methods.purchases.errors import ModelError, unreadable
from core.services.methods.purchases.optimise import climb, covariance_of, draw, polish

_HEAVY = 1.05  # q below: the mean over customers hangs on a handful of huge orders, or is infinite
_RELATED = 0.3  # correlation of frequency and value that the model's independence does not bear
_SAMPLE = 4_000  # customers on which the start is found


@dataclass(frozen=True)
class ValueModel:
    """Parameters of the value of orders, in the currency of the means it was fitted on.

    Attributes:
        p, q, v: as in the paper.
        log_likelihood: at the maximum, over all customers used.
        customers: with at least one order and a positive mean.
        left_out: with orders, but a mean of zero or less, which the model cannot hold.
        observed: mean value of all their orders.
        relation: correlation of number and mean value of orders; the model supposes 0.
        covariance: of the logarithms of p, q, v; None where unknown.
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    customers: int
    left_out: int
    observed: float
    relation: float
    covariance: Floats | None

    @property
    def is_heavy(self) -> bool:
        """Whether the mean over customers is infinite, or hangs on a handful of huge orders."""
        return self.q <= _HEAVY

    @property
    def population_mean(self) -> float:
        """Return the expected order of an unknown customer, pv ÷ (q−1).

        The observed mean stands in where the theoretical one is infinite or nearly so.
        """
        if self.is_heavy:
            return self.observed
        return self.p * self.v / (self.q - 1)

    def expected(self, x: ArrayLike, mean: ArrayLike) -> Floats:
        """Return the expected value of the next orders of each customer.

        Args:
            x: orders behind the mean; 0 gives the mean of all customers.
            mean: average value of these orders; may be negative. Unknown (NaN) stays unknown.
        """
        orders, own = np.broadcast_arrays(
            np.asarray(x, dtype=np.float64), np.asarray(mean, dtype=np.float64)
        )
        prior = max(self.q - 1, 0.0)
        own_weight = self.p * orders
        total = own_weight + prior
        with np.errstate(divide="ignore", invalid="ignore"):
            blend = (own_weight * own + prior * self.population_mean) / total
        return np.where(orders > 0, blend, self.population_mean)

    def draw_theta(self, draws: int, rng: np.random.Generator) -> Floats:
        """Return drawn p, q, v (draws, 3)."""
        return draw(np.array([self.p, self.q, self.v]), self.covariance, draws, rng)

    def concerns(self) -> list[Message]:
        """Return what a reader must know before using the figures; empty when all is well."""
        found: list[Message] = []
        if self.left_out:
            found.append(
                msg_n(
                    "One customer with a value of zero or less per order was left out of the "
                    "value model.",
                    "{count} customers with a value of zero or less per order were left out of the "
                    "value model.",
                    self.left_out,
                    count=shown(self.left_out, Format.INTEGER),
                )
            )
        if self.is_heavy:
            found.append(
                msg(
                    "A few very large orders carry the average: what a new customer's order "
                    "brings is uncertain."
                )
            )
        if abs(self.relation) > _RELATED:
            found.append(
                msg(
                    "Customers who order often place orders of a different value (correlation "
                    "{relation}): the model takes the two as independent, so values by customer "
                    "lean to one side.",
                    relation=shown(self.relation, Format.NUMBER, digits=2),
                )
            )
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        stored = {name: getattr(self, name) for name in self.__dataclass_fields__}
        stored["covariance"] = None if self.covariance is None else self.covariance.tolist()
        return stored

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "ValueModel":
        """Return the model that `as_dict` described.

        Raises:
            ModelError: the description is not one of a model of this version.
        """
        try:
            values = {name: stored[name] for name in cls.__dataclass_fields__}
        except KeyError as error:
            raise unreadable() from error
        if values["covariance"] is not None:
            values["covariance"] = np.asarray(values["covariance"], dtype=np.float64)
        return cls(**values)


def fit_value(x: ArrayLike, mean: ArrayLike) -> ValueModel:
    """Fit the Gamma-Gamma model by maximum likelihood.

    Args:
        x: orders behind each mean. The papers use repeat purchases and their mean.
        mean: average value per order. Only customers with x > 0 and mean > 0 are used.

    Raises:
        ModelError: values that are no numbers, or too few customers with a positive one.
    """
    orders, own, left_out = _valued(x, mean)
    unit = float(np.median(own))
    axis = Axis(*np.unique(orders, return_inverse=True))
    scaled = own / unit
    step = 1 + own.size // _SAMPLE
    start = climb(
        lambda theta: _score(theta, Axis(axis.values, axis.codes[::step]), scaled[::step]),
        [np.log([2.0, 3.0, 1.0]), np.log([10.0, 10.0, 1.0])],
    )
    best = polish(lambda theta: _score(theta, axis, scaled), start, own.size)
    p, q, v = np.exp(best.at)
    return ValueModel(
        p=float(p),
        q=float(q),
        v=float(v) * unit,
        log_likelihood=best.value - own.size * float(np.log(unit)),
        customers=own.size,
        left_out=left_out,
        observed=float(orders @ own / orders.sum()),
        relation=_correlation(orders, own),
        covariance=covariance_of(best.information)[0],
    )


def _valued(x: ArrayLike, mean: ArrayLike) -> tuple[Floats, Floats, int]:
    orders, own = np.broadcast_arrays(
        np.atleast_1d(np.asarray(x, dtype=np.float64)),
        np.atleast_1d(np.asarray(mean, dtype=np.float64)),
    )
    bought = orders > 0
    unknown = int((~np.isfinite(orders) | (bought & ~np.isfinite(own))).sum())
    if unknown:
        raise ModelError(
            "unknown_values",
            msg_n(
                "The value per order of one customer is not known.",
                "The value per order of {count} customers is not known.",
                unknown,
                count=shown(unknown, Format.INTEGER),
            ),
            msg("Give the costs that are missing, or use net sales in place of the margin."),
        )
    used: NDArray[np.bool_] = bought & (own > 0)
    n = int(used.sum())
    if n < MIN_CUSTOMERS:
        raise ModelError(
            "few_values",
            msg_n(
                "Only one customer has orders that bring more than they cost.",
                "Only {n} customers have orders that bring more than they cost.",
                n,
            ),
            msg(
                "The value model needs at least {least}: use net sales in place of the margin, or "
                "a wider selection.",
                least=MIN_CUSTOMERS,
            ),
        )
    return orders[used], own[used], int((bought & (own <= 0)).sum())


def _score(theta: Floats, orders: Axis, own: Floats) -> tuple[float, Floats]:
    p, q, v = theta
    x = orders.values
    count = np.bincount(orders.codes, minlength=x.size).astype(np.float64)
    each = orders.spread(x)
    log_own = np.log(own)
    pooled = each * own + v
    log_pooled = np.log(pooled)
    fixed = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v) + p * x * np.log(x)
    shape = p * each
    value = count @ fixed + shape @ (log_own - log_pooled) - log_own.sum() - q * log_pooled.sum()
    of_p = count @ (x * (digamma(p * x + q) - digamma(p * x) + np.log(x)))
    of_p += each @ (log_own - log_pooled)
    of_q = count @ (digamma(p * x + q) - digamma(q) + np.log(v)) - log_pooled.sum()
    of_v = own.size * q / v - ((shape + q) / pooled).sum()
    return float(value), np.array([of_p, of_q, of_v])


def _correlation(first: Floats, second: Floats) -> float:
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])
