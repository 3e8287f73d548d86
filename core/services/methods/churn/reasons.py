"""Why a probability is high: what each feature adds to the log-odds of leaving."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from core.services.methods.churn.scores import Numbers


@dataclass(frozen=True)
class Reason:
    """One feature's part in one customer's probability.

    Attributes:
        feature: its key.
        value: of this customer; None where unknown.
        contribution: to the log-odds, positive where it raises the probability.
    """

    feature: str
    value: float | str | None
    contribution: float


@dataclass(frozen=True)
class Driver:
    """One feature's part in the probabilities of all customers.

    Attributes:
        feature: its key.
        weight: mean |contribution| to the log-odds.
        share: of the weights of all features.
        direction: correlation of the contribution with the value: +1 where high values raise the
            probability, −1 where they lower it; None where either never changes.
    """

    feature: str
    weight: float
    share: float
    direction: float | None


def gathered(contributions: Numbers, owner: NDArray[np.int64], owners: int) -> Numbers:
    """Return contributions summed over the columns that belong together.

    Args:
        contributions: shape (rows, columns).
        owner: number of each column's group, shape (columns,).
        owners: number of groups.

    Returns:
        Shape (rows, owners). Contributions add up, so the sum is the group's own.
    """
    belongs = np.zeros((contributions.shape[1], owners))
    belongs[np.arange(len(owner)), owner] = 1.0
    return contributions @ belongs


def top_reasons(
    contributions: Numbers,
    features: Sequence[str],
    values: Numbers,
    count: int = 3,
) -> list[list[Reason]]:
    """Return for each customer the features that raise the probability most, strongest first.

    Args:
        contributions: shape (rows, features).
        features: keys of the columns.
        values: shape (rows, features), NaN where unknown.
        count: reasons per customer; fewer where fewer raise the probability.
    """
    order = np.argsort(-contributions, axis=1, kind="stable")[:, :count]
    found: list[list[Reason]] = []
    for row, places in enumerate(order):
        parts = contributions[row, places]
        found.append(
            [
                Reason(features[int(place)], _known(values[row, place]), float(part))
                for place, part in zip(places, parts, strict=True)
                if part > 0
            ]
        )
    return found


def drivers(
    contributions: Numbers, features: Sequence[str], values: Numbers | None = None
) -> list[Driver]:
    """Return the features by mean |contribution|, strongest first; shapes as in `top_reasons`."""
    weights = np.abs(contributions).mean(axis=0)
    total = float(weights.sum())
    found = [
        Driver(
            feature,
            float(weights[place]),
            float(weights[place]) / total if total else 0.0,
            None if values is None else _direction(contributions[:, place], values[:, place]),
        )
        for place, feature in enumerate(features)
    ]
    return sorted(found, key=lambda driver: -driver.weight)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _direction(parts: Numbers, values: Numbers) -> float | None:
    known = ~np.isnan(values)
    parts, values = parts[known], values[known]
    if len(values) < 2 or np.ptp(parts) == 0 or np.ptp(values) == 0:  # noqa: PLR2004
        return None
    # Spearman's: one giant customer must not decide the direction.
    return float(np.corrcoef(rankdata(parts), rankdata(values))[0, 1])
