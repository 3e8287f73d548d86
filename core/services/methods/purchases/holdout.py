"""How well a model foretold purchases it had not seen, in figures a page can show."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.services.methods.purchases.cells import Floats
from core.services.methods.purchases.model import PurchaseModel

TOP_BUCKET = 7  # customers with this many repeat purchases or more stand together


@dataclass(frozen=True)
class HoldoutScores:
    """Errors of a forecast by customer.

    Attributes:
        customers: number of customers compared.
        expected, actual: sums over all of them.
        correlation: Pearson's; None where one side is the same for everybody.
        mae, rmse: mean absolute and root mean squared error per customer.
    """

    customers: int
    expected: float
    actual: float
    correlation: float | None
    mae: float
    rmse: float

    @property
    def bias(self) -> float | None:
        """Return expected ÷ actual − 1; None when nothing happened."""
        return self.expected / self.actual - 1 if self.actual else None


@dataclass(frozen=True)
class Bucket:
    """Customers with `low` to `high` repeat purchases (None: and more), means per customer."""

    low: int
    high: int | None
    customers: int
    expected: float
    actual: float


def holdout_scores(expected: ArrayLike, actual: ArrayLike) -> HoldoutScores:
    """Compare expected with actual purchases, one of each per customer."""
    forecast, happened = np.asarray(expected, dtype=float), np.asarray(actual, dtype=float)
    if not forecast.size:
        return HoldoutScores(0, 0.0, 0.0, None, 0.0, 0.0)
    error = forecast - happened
    varied = np.ptp(forecast) > 0 and np.ptp(happened) > 0
    return HoldoutScores(
        customers=forecast.size,
        expected=float(forecast.sum()),
        actual=float(happened.sum()),
        correlation=float(np.corrcoef(forecast, happened)[0, 1]) if varied else None,
        mae=float(np.abs(error).mean()),
        rmse=float(np.sqrt((error**2).mean())),
    )


def by_frequency(
    x: ArrayLike, expected: ArrayLike, actual: ArrayLike, top: int = TOP_BUCKET
) -> list[Bucket]:
    """Return mean expected and actual purchases by earlier repeat purchases; no empty bucket.

    Args:
        x: repeat purchases in the calibration period.
        expected: purchases foretold per customer for the holdout period.
        actual: those that happened.
        top: from here on all frequencies share a bucket.
    """
    forecast, happened = np.asarray(expected, dtype=float), np.asarray(actual, dtype=float)
    bucket = np.minimum(np.asarray(x, dtype=np.int64), top)
    found: list[Bucket] = []
    for low in np.unique(bucket):
        inside = bucket == low
        high = None if low == top else int(low)
        means = float(forecast[inside].mean()), float(happened[inside].mean())
        found.append(Bucket(int(low), high, int(inside.sum()), *means))
    return found


def capture(score: ArrayLike, actual: ArrayLike, share: ArrayLike = 0.1) -> Floats:
    """Return the share of `actual` that stands with the best-scored share of customers.

    Args:
        score: higher is called first: the model's, or a naive one such as past revenue.
        actual: what was to be captured: orders or margin of the holdout period, per customer.
        share: fractions of the customers, one or several.

    Returns:
        One number per share; NaN when there was nothing to capture. Customers of equal score
        count evenly, whatever their order in the data.
    """
    level, happened = np.asarray(score, dtype=float), np.asarray(actual, dtype=float)
    wanted = np.atleast_1d(np.asarray(share, dtype=float))
    total = happened.sum()
    if not total:
        return np.full(wanted.shape, np.nan)
    _, place = np.unique(-level, return_inverse=True)
    customers = np.concatenate([[0.0], np.cumsum(np.bincount(place))]) / level.size
    captured = np.concatenate([[0.0], np.cumsum(np.bincount(place, weights=happened))]) / total
    return np.interp(wanted, customers, captured)


def tracking(model: PurchaseModel, first_day: ArrayLike, days: ArrayLike) -> Floats:
    """Return the expected cumulative repeat purchases of all customers at each of `days`.

    Args:
        model: fitted in the unit of the days.
        first_day: day of each customer's first purchase, on any clock.
        days: moments on the same clock; customers who came later do not count yet.
    """
    begun, customers = np.unique(np.asarray(first_day, dtype=float), return_counts=True)
    age = np.maximum(np.asarray(days, dtype=float)[:, None] - begun, 0.0)
    lengths, place = np.unique(age, return_inverse=True)
    return model.expected_new(lengths)[place].reshape(age.shape) @ customers
