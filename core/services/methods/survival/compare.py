"""Whether survival differs between groups: the log-rank test, and Holm's correction for several.

Mantel (1966), "Evaluation of survival data and two new rank order statistics"; for k groups Klein
and Moeschberger (2003), Survival Analysis, section 7.3. Holm (1979), "A simple sequentially
rejective multiple test procedure".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

Floats = NDArray[np.float64]
Group = tuple[ArrayLike, ArrayLike]
_TWO = 2


@dataclass(frozen=True)
class LogRank:
    """A log-rank test.

    Attributes:
        statistic: chi² of the differences.
        freedom: its degrees of freedom, the groups that could be compared less one.
        p_value: probability of differences as large without any difference.
        observed: events of each group.
        expected: events each group would have had without a difference.
    """

    statistic: float
    freedom: int
    p_value: float
    observed: Floats
    expected: Floats


def log_rank(groups: Sequence[Group]) -> LogRank | None:
    """Compare the survival of groups.

    Args:
        groups: for each its durations (≥ 0) and whether the event was seen, shapes (n,).

    Returns:
        None where nothing can be compared: no events, or fewer than two groups under
        observation when events happened.
    """
    times = [np.sort(np.asarray(durations, dtype=float)) for durations, _seen in groups]
    ends = [
        np.sort(np.asarray(durations, dtype=float)[np.asarray(seen, dtype=bool)])
        for durations, seen in groups
    ]
    moments = np.unique(np.concatenate(ends)) if ends else np.empty(0)
    at_risk = np.array(
        [known.size - np.searchsorted(known, moments, side="left") for known in times], dtype=float
    ).reshape(len(groups), moments.size)
    ended = np.sort(np.concatenate(ends)) if ends else moments
    events = np.searchsorted(ended, moments, "right") - np.searchsorted(ended, moments, "left")
    observed = np.array([float(e.size) for e in ends])
    return _tested(observed, at_risk, events.astype(float))


def _tested(observed: Floats, at_risk: Floats, events: Floats) -> LogRank | None:
    """Return the test from the numbers at risk (groups × moments) and events (moments)."""
    total = at_risk.sum(axis=0)
    share = at_risk / total
    expected = (share * events).sum(axis=1)
    # The last one at risk adds no variance: hypergeometric draws of all there are.
    weight = np.where(total > 1, events * (total - events) / np.maximum(total - 1, 1), 0.0)
    covariance = np.diag((share * weight).sum(axis=1)) - (share * weight) @ share.T
    compared = np.flatnonzero(np.diag(covariance) > 0.0)
    if compared.size < _TWO:
        return None
    kept = compared[:-1]  # the differences add up to 0: the last follows from the others
    difference = (observed - expected)[kept]
    inverse = np.linalg.pinv(covariance[np.ix_(kept, kept)], hermitian=True)
    statistic = float(difference @ inverse @ difference)
    freedom = int(np.linalg.matrix_rank(covariance[np.ix_(kept, kept)], hermitian=True))
    return LogRank(statistic, freedom, float(chi2.sf(statistic, freedom)), observed, expected)


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Return p-values corrected for being several, in the order given; None stays None."""
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p, place) in enumerate(known):
        highest = max(highest, min((len(known) - rank) * p, 1.0))
        corrected[place] = highest
    return corrected
