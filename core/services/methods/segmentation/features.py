"""What clusters and outliers are measured on: logarithms of recency, frequency and amount."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEATURES = ("recency", "frequency", "monetary")
RECENCY, FREQUENCY, MONETARY = range(3)
# Zero and below have no logarithm, and to groups a cent more or less must not be a world apart.
FLOOR_QUANTILE = 0.005


@dataclass(frozen=True)
class Scaling:
    """Mean and spread of the logarithms; a feature without spread takes no part.

    Attributes:
        mean: of each feature's logarithm, shape (3,).
        spread: standard deviation, shape (3,); 0 where all customers are alike.
        floor: smallest amount told apart, in the unit of the amounts.
        raised: customers whose amount was below the floor.
    """

    mean: Floats
    spread: Floats
    floor: float
    raised: int

    @property
    def used(self) -> tuple[str, ...]:
        """Names of the features that tell customers apart."""
        return tuple(name for name, s in zip(FEATURES, self.spread, strict=True) if s > 0)

    def standardise(self, logs: Floats) -> Floats:
        """Return the logarithms with mean 0 and spread 1, shape (n, 3); constant ones are 0."""
        return (logs - self.mean) / np.where(self.spread > 0, self.spread, 1.0)


def log_features(
    recency: Floats, frequency: Floats, monetary: Floats, floor_quantile: float = FLOOR_QUANTILE
) -> tuple[Floats, Scaling]:
    """Return logarithms of the three features, and how to standardise them.

    Args:
        recency: days since the last purchase, ≥ 0, shape (n,).
        frequency: purchase days, ≥ 1, shape (n,).
        monetary: mean net sales of a purchase day, in any currency, any sign, shape (n,).
        floor_quantile: of the positive amounts; smaller ones are raised to it.

    Returns:
        Shape (n, 3): log(1 + days), log(purchase days), log(amount, at least the floor).
    """
    positive = monetary[monetary > 0]
    floor = float(np.quantile(positive, floor_quantile)) if positive.size else 1.0
    logs = np.column_stack(
        [
            np.log1p(np.maximum(recency, 0.0)),
            np.log(np.maximum(frequency, 1.0)),
            np.log(np.maximum(monetary, floor)),
        ]
    )
    spread = logs.std(axis=0)
    # Rounding leaves a trace of spread where there is none.
    spread[np.ptp(logs, axis=0) == 0.0] = 0.0
    return logs, Scaling(logs.mean(axis=0), spread, floor, int((monetary < floor).sum()))
