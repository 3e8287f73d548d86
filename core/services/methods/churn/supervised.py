"""Churn without contracts, learnt from the past: who did not buy within the horizon, and why.

Customers are looked at on several past days (slices). The model may only learn from slices whose
label window was over on the day it is used: `learn` leaves the others out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.services.methods.churn.scores import Labels, Numbers, has_both
from core.services.methods.churn.trees import MIN_ROWS, Trees, TreeSettings, sigmoid

SETTINGS = TreeSettings(rounds=150, rate=0.04, leaf=20.0)
YEAR_DAYS = 365
# More rows than this make the model slower, not better: trees of depth 3 are learnt by then.
MAX_ROWS = 300_000
_WIDEST_SHIFT = 20.0


@dataclass(frozen=True)
class Slices:
    """Customers as known on several days, one row per customer and day.

    Attributes:
        features: keys of the columns of `values`.
        values: shape (rows, features), NaN where unknown; known on the row's day at the latest.
        day: the row's day as an ordinal, shape (rows,).
        left: whether the customer bought nothing in the horizon after that day, shape (rows,).
            Of no meaning where the horizon is not over yet.
    """

    features: tuple[str, ...]
    values: Numbers
    day: NDArray[np.int64]
    left: Labels

    def at(self, day: int) -> "Slices":
        """Return the rows of one day."""
        return self.where(self.day == day)

    def where(self, chosen: NDArray[np.bool_]) -> "Slices":
        """Return some rows."""
        return replace(
            self, values=self.values[chosen], day=self.day[chosen], left=self.left[chosen]
        )


@dataclass(frozen=True)
class SeasonShift:
    """What the same season a year before says about the level of the probabilities.

    Attributes:
        day: ordinal of the day a year before.
        customers: on that day.
        predicted: mean probability without the shift.
        observed: share that left.
        log_odds: added to every log-odds, so that the first becomes the second.
    """

    day: int
    customers: int
    predicted: float
    observed: float
    log_odds: float


@dataclass(frozen=True)
class ChurnModel:
    """A fitted model with what it learnt from.

    Attributes:
        trees: the model.
        horizon: days without a purchase that count as leaving.
        days: ordinals of the slices it learnt from, oldest first.
        rows: of these slices.
        shift: of the season, None where the data does not reach back far enough.
    """

    trees: Trees
    horizon: int
    days: tuple[int, ...]
    rows: int
    shift: SeasonShift | None = None

    def probability(self, values: Numbers) -> Numbers:
        """Return the probability of no purchase within the horizon, shape (rows,)."""
        shift = self.shift.log_odds if self.shift else 0.0
        return sigmoid(self.trees.log_odds(values) + shift)

    def without_shift(self) -> "ChurnModel":
        """Return the model as it was before the season was looked at."""
        return replace(self, shift=None)

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON can carry."""
        return {
            "trees": self.trees.as_dict(),
            "horizon": self.horizon,
            "days": list(self.days),
            "rows": self.rows,
            "shift": dict(vars(self.shift)) if self.shift else None,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "ChurnModel":
        """Return the model `as_dict` described."""
        shift = SeasonShift(**data["shift"]) if data["shift"] else None
        trees = Trees.from_dict(data["trees"])
        return cls(trees, int(data["horizon"]), tuple(data["days"]), int(data["rows"]), shift)


def learn(
    slices: Slices, used_on: int, horizon: int, settings: TreeSettings = SETTINGS
) -> ChurnModel:
    """Learn from the slices whose label window was over when the model is used.

    Args:
        slices: customers on past days; later ones are left out, never looked at.
        used_on: ordinal of the day for which the model will answer.
        horizon: days of the label window after each slice's day.
        settings: how the trees are grown.

    Raises:
        CannotLearnError: too few customers, or nearly all left or stayed.
    """
    past = slices.where(slices.day + horizon <= used_on)
    learnt = _thinned(past, settings.seed)
    trees = Trees.fit(past.features, learnt.values, learnt.left, settings)
    model = ChurnModel(trees, horizon, tuple(np.unique(past.day).tolist()), len(learnt.left))
    year_ago = past.at(used_on - YEAR_DAYS)
    return replace(model, shift=season_shift(trees, year_ago))


def season_shift(trees: Trees, year_ago: Slices) -> SeasonShift | None:
    """Return the shift that makes the mean probability a year before equal what came.

    A horizon before Christmas sees fewer customers leave than one after it; features do not say
    so, the year before does. None where that slice is too small or has one class only.
    """
    from scipy.optimize import brentq

    if len(year_ago.left) < MIN_ROWS or not has_both(year_ago.left):
        return None
    log_odds, observed = trees.log_odds(year_ago.values), float(year_ago.left.mean())

    def gap(shift: float) -> float:
        return float(sigmoid(log_odds + shift).mean()) - observed

    found = float(brentq(gap, -_WIDEST_SHIFT, _WIDEST_SHIFT))  # type: ignore[arg-type]
    predicted = gap(0.0) + observed
    return SeasonShift(int(year_ago.day[0]), len(year_ago.left), predicted, observed, found)


def _thinned(slices: Slices, seed: int) -> Slices:
    if len(slices.left) <= MAX_ROWS:
        return slices
    chosen = np.zeros(len(slices.left), bool)
    chosen[np.random.default_rng(seed).choice(len(chosen), MAX_ROWS, replace=False)] = True
    return slices.where(chosen)
