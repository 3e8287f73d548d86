"""How good a ranking and its probabilities are.

Customers with equal scores cannot be told apart: every measure that cuts the ranking takes them
as shuffled, in expectation, so that the order of the rows never matters.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

Numbers = NDArray[np.float64]
Labels = NDArray[np.bool_]
_SMALLEST = 1e-15
_LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """An estimate and the bounds of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class CalibrationBin:
    """Customers of similar probability: what was predicted and what came.

    Attributes:
        count: customers in the bin.
        predicted: mean probability.
        observed: share that left.
        low: lower bound of the 95 % Wilson interval of that share.
        high: upper bound.
    """

    count: int
    predicted: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True)
class Ranking:
    """Scores and labels, sorted from the highest score down and gathered by equal scores.

    Attributes:
        sizes: customers per distinct score, from the highest.
        hits: of those, how many left.
    """

    sizes: Numbers
    hits: Numbers

    @classmethod
    def of(cls, labels: Labels, score: Numbers) -> "Ranking":
        """Gather customers of equal scores; labels and score have shape (n,), score is finite."""
        _, group = np.unique(-score, return_inverse=True)
        sizes = np.bincount(group).astype(np.float64)
        hits = np.bincount(group, weights=labels, minlength=len(sizes))
        return cls(sizes, hits.astype(np.float64))

    @property
    def total(self) -> float:
        """Number of customers."""
        return float(self.sizes.sum())

    @property
    def left(self) -> float:
        """Number of those that left."""
        return float(self.hits.sum())

    def captured(self, count: Numbers) -> Numbers:
        """Return how many of those that left are expected among the first `count` customers."""
        seen = np.concatenate([[0.0], np.cumsum(self.sizes)])
        found = np.concatenate([[0.0], np.cumsum(self.hits)])
        return np.interp(count, seen, found)


def base_rate(labels: Labels) -> float | None:
    """Return the share that left; None without customers."""
    return float(labels.mean()) if labels.size else None


def has_both(labels: Labels) -> bool:
    """Return whether some left and some stayed, without which a ranking has no quality."""
    return bool(labels.any() and not labels.all())


def auc(labels: Labels, score: Numbers) -> float | None:
    """Return the area under the ROC curve, ties counted half; None where only one class exists.

    Mann and Whitney's U over the number of pairs (Hanley and McNeil 1982). Shapes (n,).
    """
    if not has_both(labels):
        return None
    left = int(labels.sum())
    pairs = left * (labels.size - left)
    above = float(rankdata(score)[labels].sum()) - left * (left + 1) / 2
    return above / pairs


def average_precision(labels: Labels, score: Numbers) -> float | None:
    """Return PR-AUC as Σ (recallₖ − recallₖ₋₁) × precisionₖ over the distinct scores."""
    if not labels.any():
        return None
    ranking = Ranking.of(labels, score)
    found, seen = np.cumsum(ranking.hits), np.cumsum(ranking.sizes)
    return float((ranking.hits * found / seen).sum() / ranking.left)


def brier(labels: Labels, probability: Numbers) -> float | None:
    """Return the mean squared distance of the probabilities from what came (Brier 1950)."""
    return float(((probability - labels) ** 2).mean()) if labels.size else None


def log_loss(labels: Labels, probability: Numbers) -> float | None:
    """Return the mean negative log-likelihood, in nats per customer."""
    if not labels.size:
        return None
    sure = np.clip(probability, _SMALLEST, 1 - _SMALLEST)
    return float(-np.where(labels, np.log(sure), np.log1p(-sure)).mean())


def lift_at(labels: Labels, score: Numbers, share: float) -> float | None:
    """Return how many times more leave among the top `share` than among all.

    Args:
        labels: shape (n,).
        score: shape (n,).
        share: of the customers, in (0, 1]; rounded up to whole customers.
    """
    if not labels.any():
        return None
    ranking = Ranking.of(labels, score)
    count = np.ceil(share * ranking.total)
    found = float(ranking.captured(np.array([count]))[0])
    return (found / count) / (ranking.left / ranking.total)


def gain_curve(labels: Labels, score: Numbers, points: int = 100) -> tuple[Numbers, Numbers]:
    """Return (share of customers contacted, share of leavers among them), `points` + 1 each.

    The lift curve is the second divided by the first. Empty arrays where nobody left.
    """
    if not labels.any():
        return np.empty(0), np.empty(0)
    ranking = Ranking.of(labels, score)
    contacted = np.linspace(0.0, 1.0, points + 1)
    return contacted, ranking.captured(contacted * ranking.total) / ranking.left


def lift_curve(labels: Labels, score: Numbers, points: int = 100) -> tuple[Numbers, Numbers]:
    """Return (share of customers contacted, lift there), `points` values each; none at 0."""
    contacted, captured = gain_curve(labels, score, points)
    return contacted[1:], captured[1:] / contacted[1:]


def calibration(labels: Labels, probability: Numbers, bins: int = 10) -> list[CalibrationBin]:
    """Return predicted against observed shares in bins of (nearly) equal size.

    Equal probabilities always share a bin, so there may be fewer bins than asked for.
    """
    if not labels.size:
        return []
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, bins + 1)[1:-1]))
    place = np.searchsorted(edges, probability, side="left")
    found: list[CalibrationBin] = []
    for number in np.unique(place):
        inside = place == number
        count, observed = int(inside.sum()), float(labels[inside].mean())
        low, high = wilson(observed, count)
        found.append(CalibrationBin(count, float(probability[inside].mean()), observed, low, high))
    return found


def wilson(share: float, count: int, level: float = _LEVEL) -> tuple[float, float]:
    """Return Wilson's (1927) interval of a share observed on `count` customers."""
    z = float(norm.ppf(0.5 + level / 2))
    centre = share + z * z / (2 * count)
    spread = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(float((centre - spread) / scale), 0.0), min(float((centre + spread) / scale), 1.0)


def auc_intervals(
    labels: Labels,
    scores: Mapping[str, Numbers],
    draws: int = 200,
    level: float = _LEVEL,
    seed: int = 0,
) -> dict[str, Interval]:
    """Return each ranking's AUC with its bootstrap interval; empty where one class is missing.

    Customers are drawn again within each class, so that every draw has both, and the same draws
    serve all rankings: `auc_gain` compares them pairwise.
    """
    found = _drawn(labels, scores, draws, seed)
    return {key: _interval(auc(labels, scores[key]), drawn, level) for key, drawn in found.items()}


def auc_gain(
    labels: Labels,
    better: Numbers,
    baseline: Numbers,
    draws: int = 200,
    level: float = _LEVEL,
    seed: int = 0,
) -> Interval | None:
    """Return AUC(better) − AUC(baseline) with its paired bootstrap interval."""
    found = _drawn(labels, {"better": better, "baseline": baseline}, draws, seed)
    if not found:
        return None
    value = (auc(labels, better) or 0.0) - (auc(labels, baseline) or 0.0)
    return _interval(value, found["better"] - found["baseline"], level)


def _interval(value: float | None, drawn: Numbers, level: float) -> Interval:
    low, high = np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2])
    return Interval(value if value is not None else float("nan"), float(low), float(high))


def _drawn(
    labels: Labels, scores: Mapping[str, Numbers], draws: int, seed: int
) -> dict[str, Numbers]:
    if not has_both(labels):
        return {}
    rng = np.random.default_rng(seed)
    left, stayed = np.flatnonzero(labels), np.flatnonzero(~labels)
    groups = {key: np.unique(score, return_inverse=True)[1] for key, score in scores.items()}
    found = {key: np.empty(draws) for key in scores}
    for draw in range(draws):
        hits = left[rng.integers(0, left.size, left.size)]
        others = stayed[rng.integers(0, stayed.size, stayed.size)]
        for key, group in groups.items():
            size = int(group.max()) + 1
            gone = np.bincount(group[hits], minlength=size)
            kept = np.bincount(group[others], minlength=size)
            below = np.cumsum(kept) - kept / 2
            found[key][draw] = (gone * below).sum() / (left.size * stayed.size)
    return found
