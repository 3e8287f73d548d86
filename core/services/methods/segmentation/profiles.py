"""What a group is like, in levels a reader's language has words for."""

from dataclasses import dataclass

import numpy as np

from .clusters import Labels
from .features import FEATURES, Floats

# Standard deviations of the logarithm from the mean of all customers.
_MARKED, _STRONG = 0.4, 1.2


@dataclass(frozen=True)
class Profile:
    """One group.

    Attributes:
        label: position of the group, from 0.
        customers: how many.
        share: of all customers.
        medians: of recency (days), frequency (purchase days) and amount.
        levels: −2 far below … 0 usual … +2 far above the customers' mean, by feature.
    """

    label: int
    customers: int
    share: float
    medians: dict[str, float]
    levels: dict[str, int]


def profiles(labels: Labels, values: Floats, centres: Floats) -> list[Profile]:
    """Describe every group.

    Args:
        labels: group of each customer, shape (n,).
        values: recency, frequency and amount in their own units, shape (n, 3).
        centres: in standardised logarithms, shape (k, 3).
    """
    found: list[Profile] = []
    for label, centre in enumerate(centres):
        own = values[labels == label]
        middle = np.median(own, axis=0) if len(own) else np.full(len(FEATURES), np.nan)
        found.append(
            Profile(
                label,
                len(own),
                len(own) / len(labels),
                dict(zip(FEATURES, middle.tolist(), strict=True)),
                {name: level(float(z)) for name, z in zip(FEATURES, centre, strict=True)},
            )
        )
    return found


def level(z: float) -> int:
    """Return −2 … +2 for a distance from the mean in standard deviations."""
    size = 2 if abs(z) >= _STRONG else 1 if abs(z) >= _MARKED else 0
    return size if z > 0 else -size
