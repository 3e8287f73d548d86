"""Kaplan–Meier curves with log-log intervals, the median and the restricted mean they imply.

Kaplan and Meier (1958), "Nonparametric estimation from incomplete observations"; intervals on
the log(−log) scale as in Kalbfleisch and Prentice (2002), The Statistical Analysis of Failure
Time Data, section 1.4.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri
from scipy.stats import CensoredData, ecdf

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A value with its interval; None is what the data do not reach."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Curve:
    """A survival curve: right-continuous steps at the times that were observed.

    Attributes:
        times: ascending distinct times, of events and of censoring.
        survival: share for whom the event comes after each time, 0–1.
        low, high: limits of its interval.
        at_risk: how many were watched just before each time.
        events: how many events happened at each time.
        size: how many were watched at all.
        level: probability content of the intervals.
    """

    times: Floats
    survival: Floats
    low: Floats
    high: Floats
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    size: int
    level: float

    def at(self, times: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return survival with its lower and upper limit at any times ≥ 0.

        Beyond the last observed time the curve is unknown: NaN, unless it had reached 0.
        """
        asked = np.asarray(times, dtype=float)
        place = np.searchsorted(self.times, asked, side="right")
        beyond = (asked > self.times[-1]) & (self.survival[-1] > 0.0)
        limits = (self.survival, self.low, self.high)
        survival, low, high = (
            np.where(beyond, np.nan, np.concatenate(([1.0], steps))[place]) for steps in limits
        )
        return survival, low, high

    def watched(self, times: ArrayLike) -> NDArray[np.int64]:
        """Return how many are still watched just before each of these times."""
        place = np.searchsorted(self.times, np.asarray(times, dtype=float), side="left")
        return np.append(self.at_risk, 0)[place]

    def median(self) -> Estimate:
        """Return the first time at which at most half are left, with its interval.

        The interval holds the times at which ½ lies within the limits of the curve (Brookmeyer
        and Crowley 1982); a limit the curve does not reach is None.
        """
        return Estimate(
            *(self._first_at_most_half(steps) for steps in (self.survival, self.low, self.high))
        )

    def _first_at_most_half(self, steps: Floats) -> float | None:
        reached = np.flatnonzero(steps <= 0.5)  # noqa: PLR2004 - a half is what a median is
        return float(self.times[reached[0]]) if reached.size else None

    def restricted_mean(self, horizon: float) -> Estimate:
        """Return the mean time until the event, counted up to a horizon, with its interval.

        The area under the curve; variance Σ area beyond tᵢ² · dᵢ ÷ (nᵢ (nᵢ − dᵢ)), Klein and
        Moeschberger (2003), section 4.5. Unknown where the curve ends before the horizon.

        Args:
            horizon: in the unit of the times, > 0.
        """
        if self.times[-1] < horizon and self.survival[-1] > 0.0:
            return Estimate(None, None, None)
        inside = self.times < horizon
        edges = np.concatenate(([0.0], self.times[inside], [horizon]))
        steps = np.concatenate(([1.0], self.survival[inside]))
        areas = np.diff(edges) * steps
        mean = float(areas.sum())
        beyond = mean - np.cumsum(areas)[:-1]
        hazard = _hazard_variance(self.events[inside], self.at_risk[inside])
        spread = float(np.sqrt(np.sum(beyond**2 * hazard)))
        z = float(ndtri(0.5 + self.level / 2))
        return Estimate(mean, max(mean - z * spread, 0.0), min(mean + z * spread, horizon))


def kaplan_meier(durations: ArrayLike, observed: ArrayLike, level: float = 0.95) -> Curve:
    """Estimate the share for whom an event is still to come, from right-censored times.

    Args:
        durations: shape (n,), n ≥ 1, time until the event or until watching ended, ≥ 0.
        observed: shape (n,), whether the event was seen.
        level: probability content of the intervals.

    Returns:
        The curve. Its limits follow log(−log S) ± z·se. That formula has no value where no event
        has happened yet: there the upper limit is 1 and the lower the exact binomial one of those
        still watched. Nor has it where the curve is 0: there the lower limit is 0 and the upper
        stays where it was, or is the exact binomial one if all events fall on one time.

    Raises:
        ValueError: nothing is given, or a time is negative or not finite.
    """
    time = np.asarray(durations, dtype=float)
    seen = np.asarray(observed, dtype=bool)
    if time.size == 0 or time.shape != seen.shape:
        raise ValueError("a curve needs at least one duration and as many observations")
    if not np.all(np.isfinite(time)) or time.min() < 0.0:
        raise ValueError("durations must be finite and not negative")
    steps = ecdf(CensoredData(uncensored=time[seen], right=time[~seen])).sf
    times = np.asarray(steps.quantiles, dtype=float)
    survival = np.asarray(steps.probabilities, dtype=float)
    at_risk = time.size - np.searchsorted(np.sort(time), times, side="left")
    ended = np.searchsorted(np.sort(time[seen]), times, side="right")
    events = np.diff(ended, prepend=0)
    low, high = _limits(survival, events, at_risk, level)
    return Curve(times, survival, low, high, at_risk, events, time.size, level)


def _limits(
    survival: Floats, events: NDArray[np.int64], at_risk: NDArray[np.int64], level: float
) -> tuple[Floats, Floats]:
    z = float(ndtri(0.5 + level / 2))
    tail = (1.0 - level) / 2
    inner = (survival > 0.0) & (survival < 1.0)
    log_survival = np.log(np.where(inner, survival, 0.5))
    error = np.sqrt(np.cumsum(_hazard_variance(events, at_risk)))
    factor = np.exp(z * error / -log_survival)
    low = np.where(inner, np.exp(log_survival * factor), 0.0)
    high = np.where(inner, np.exp(log_survival / factor), 1.0)
    untouched = survival == 1.0
    low[untouched] = tail ** (1.0 / np.maximum(at_risk, 1)[untouched])
    if survival[-1] == 0.0:  # only the last step can be: nobody is left after it
        high[-1] = high[-2] if survival.size > 1 else 1.0 - tail ** (1.0 / at_risk[-1])
    return low, high


def _hazard_variance(events: NDArray[np.int64], at_risk: NDArray[np.int64]) -> Floats:
    """Return Greenwood's terms d ÷ (n (n − d)); 0 where nobody is left and nothing follows."""
    survivors = at_risk - events
    return np.where(survivors > 0, events / (at_risk * np.maximum(survivors, 1)), 0.0)
