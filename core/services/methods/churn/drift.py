"""How far a sample moved since an earlier one: PSI by deciles, Kolmogorov–Smirnov."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
# The limits of credit scoring (Siddiqi 2006): under .1 nothing happened, over .25 look at it.
STABLE, SHIFTED = 0.1, 0.25


@dataclass(frozen=True)
class Drift:
    """The distance of a sample from an earlier one.

    Attributes:
        psi: population stability index, 0 where the shares are the same.
        ks: largest distance of the two distribution functions, in [0, 1].
        p_value: of the two-sided Kolmogorov–Smirnov test.
    """

    psi: float
    ks: float
    p_value: float


def drift(earlier: Numbers, now: Numbers) -> Drift | None:
    """Return how far `now` moved from `earlier`; None where one has no known values.

    Missing values (NaN) count as a bin of their own for PSI and are left out for the KS test.
    """
    from scipy.stats import ks_2samp

    before, after = earlier[~np.isnan(earlier)], now[~np.isnan(now)]
    if not before.size or not after.size:
        return None
    # The asymptotic p-value never fails; the exact one gives up on long samples with a warning.
    test: Any = ks_2samp(before, after, method="asymp")
    return Drift(psi(earlier, now), float(test.statistic), float(test.pvalue))


def psi(earlier: Numbers, now: Numbers, bins: int = 10) -> float:
    """Return Σ (nowᵢ − earlierᵢ) × ln(nowᵢ ÷ earlierᵢ) over quantile bins of the earlier sample.

    Half a customer is added to every bin, so that an empty one stays finite. Equal values share a
    bin; missing ones have their own.

    Args:
        earlier: shape (n,), at least one known value.
        now: shape (m,), m > 0.
        bins: by quantiles of `earlier`.
    """
    known = earlier[~np.isnan(earlier)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1]))
    before, after = _shares(earlier, edges), _shares(now, edges)
    return float(((after - before) * np.log(after / before)).sum())


def _shares(values: Numbers, edges: Numbers) -> Numbers:
    missing = np.isnan(values)
    place = np.where(missing, len(edges) + 1, np.searchsorted(edges, values, side="left"))
    counts = np.bincount(place, minlength=len(edges) + 2) + 0.5
    return counts / counts.sum()
