"""Logistic regression on splines: a smooth, readable model to hold the trees against."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.services.methods.churn.scores import Labels, Numbers
from core.services.methods.churn.trees import check_enough, sigmoid

_KNOTS = 6
_FEWEST_KNOTS = 3
_STEPS = 1000


@dataclass(frozen=True)
class SplineLogit:
    """A fitted model.

    Attributes:
        medians: per matrix column, in place of unknown numbers.
        knots: per matrix column the knots of its cubic spline; none where it stays as it is.
        weights: per column of the widened matrix.
        intercept: of the log-odds.
    """

    medians: tuple[float, ...]
    knots: tuple[tuple[float, ...], ...]
    weights: tuple[float, ...]
    intercept: float

    @classmethod
    def fit(cls, values: Numbers, left: Labels) -> "SplineLogit":
        """Fit by penalised maximum likelihood (L2, C = 1).

        Args:
            values: shape (rows, columns), NaN where unknown.
            left: shape (rows,).

        Raises:
            CannotLearnError: fewer than 200 rows or 30 of either class.
        """
        from sklearn.linear_model import LogisticRegression

        check_enough(left)
        known = [column[~np.isnan(column)] for column in values.T]
        medians = tuple(float(np.median(column)) if column.size else 0.0 for column in known)
        blank = cls(medians, tuple(_knots(column) for column in known), (), 0.0)
        found = LogisticRegression(max_iter=_STEPS).fit(blank.widened(values), left)
        weights = tuple(float(weight) for weight in found.coef_[0])
        return cls(blank.medians, blank.knots, weights, float(found.intercept_[0]))

    def widened(self, values: Numbers) -> Numbers:
        """Return splines of the numbers, and whether each was unknown, shape (rows, …)."""
        from sklearn.preprocessing import SplineTransformer

        parts: list[Numbers] = []
        for place, column in enumerate(values.T):
            missing = np.isnan(column)
            filled = np.where(missing, self.medians[place], column)[:, None]
            if not self.knots[place]:
                parts.append(filled)
                continue
            knots = np.array(self.knots[place])[:, None]
            # Given knots, the transformer learns nothing from the rows it is fitted on.
            basis: Any = SplineTransformer(
                knots=knots,  # type: ignore[arg-type]
                extrapolation="constant",
            )
            parts += [basis.fit_transform(filled), missing[:, None].astype(float)]
        return np.hstack(parts)

    def probability(self, values: Numbers) -> Numbers:
        """Return the probability of leaving, shape (rows,)."""
        return sigmoid(self.widened(values) @ np.array(self.weights) + self.intercept)

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON can carry."""
        return {
            "medians": list(self.medians),
            "knots": [list(found) for found in self.knots],
            "weights": list(self.weights),
            "intercept": self.intercept,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "SplineLogit":
        """Return the model `as_dict` described."""
        knots = tuple(tuple(found) for found in data["knots"])
        return cls(tuple(data["medians"]), knots, tuple(data["weights"]), data["intercept"])


def _knots(column: Numbers) -> tuple[float, ...]:
    """Return distinct quantiles as knots; none where there are too few values for a curve."""
    if not column.size:
        return ()
    found = np.unique(np.quantile(column, np.linspace(0, 1, _KNOTS)))
    return tuple(found.tolist()) if len(found) >= _FEWEST_KNOTS else ()
