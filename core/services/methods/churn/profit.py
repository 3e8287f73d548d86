"""What contacting the top of the list earns, and where to stop."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Labels = NDArray[np.bool_]


@dataclass(frozen=True)
class Offer:
    """What it takes to keep a customer.

    Attributes:
        contact_cost: of contacting one customer, in base currency, whether they leave or not.
        success_rate: share of the contacted leavers who stay after all, in (0, 1].
    """

    contact_cost: float
    success_rate: float


@dataclass(frozen=True)
class ProfitCurve:
    """Profit of contacting the first k customers of a ranking.

    Attributes:
        contacted: k, from 0 to n.
        profit: base currency, shape of `contacted`; 0 at k = 0.
        best: the k of the largest profit (the smallest one where several are equal).
        threshold: the score of the last customer contacted there; None where nobody is.
    """

    contacted: NDArray[np.int64]
    profit: Numbers
    best: int
    threshold: float | None

    @property
    def best_profit(self) -> float:
        """Profit at the best k."""
        return float(self.profit[self.best])

    def thinned(self, points: int) -> list[int]:
        """Return about `points` places of the curve to draw, always with its ends and its best."""
        spread = np.linspace(0, len(self.contacted) - 1, points + 1).round().astype(np.int64)
        return [int(k) for k in np.unique(np.append(spread, self.best))]


def expected_profit(probability: Numbers, value: Numbers, offer: Offer) -> Numbers:
    """Return probability × success rate × value − contact cost per customer, before it is known.

    Args:
        probability: of leaving, shape (n,).
        value: what a kept customer is worth over the months to come, base currency, shape (n,).
        offer: cost and success of a contact.
    """
    return probability * offer.success_rate * value - offer.contact_cost


def break_even(value: float, offer: Offer) -> float | None:
    """Return the probability above which contacting a customer of this value pays.

    None where no probability does: the value is not positive or the cost exceeds what it saves.
    """
    saved = value * offer.success_rate
    if saved <= 0 or offer.contact_cost > saved:
        return None
    return offer.contact_cost / saved


def profit_curve(left: Labels, score: Numbers, value: Numbers, offer: Offer) -> ProfitCurve:
    """Return the profit of contacting the first k by score, measured on what came.

    Args:
        left: who left, shape (n,).
        score: ranking, highest contacted first, shape (n,).
        value: what a kept customer is worth, base currency, shape (n,); negative values count 0.
        offer: cost and success of a contact.
    """
    each = np.where(left, np.maximum(value, 0.0), 0.0) * offer.success_rate - offer.contact_cost
    order = np.argsort(-score, kind="stable")
    # Customers of equal score are contacted in no order: each is worth the mean of them.
    ranked, (_, group) = score[order], np.unique(-score[order], return_inverse=True)
    means = np.bincount(group, weights=each[order]) / np.maximum(np.bincount(group), 1)
    profit = np.concatenate([[0.0], np.cumsum(means[group])])
    best = int(np.argmax(profit))
    threshold = float(ranked[best - 1]) if best else None
    return ProfitCurve(np.arange(len(profit)), profit, best, threshold)
