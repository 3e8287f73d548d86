"""Maximum likelihood on the logarithms of positive parameters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from core.services.methods.purchases.cells import Floats

Score = Callable[[Floats], tuple[float, Floats]]

BOUND = np.log(1e6)  # parameters stay within a millionth and a million of the scaled time unit
_STEP = 1e-4  # of a log parameter, for the second derivatives: central differences of gradients
_NEWTON_STEPS = 12
_WIDEST = 1.0  # standard deviation of a log parameter beyond which the data say nothing of it
_CLOSE = 1e-9  # gain in log likelihood per customer at which a Newton step is the last


@dataclass(frozen=True)
class Optimum:
    """The best point found.

    Attributes:
        at: log parameters.
        value: the log likelihood there.
        information: minus the matrix of second derivatives.
    """

    at: Floats
    value: float
    information: Floats


def climb(score: Score, starts: Sequence[Floats]) -> Floats:
    """Return the best of the local maxima reached from the starts (L-BFGS-B).

    Args:
        score: log likelihood and gradient at natural parameters.
        starts: log parameters.
    """
    best, best_value = starts[0], -np.inf

    def downhill(log_theta: Floats) -> tuple[float, Floats]:
        theta = np.exp(log_theta)
        value, gradient = score(theta)
        return -value, -gradient * theta

    for start in starts:
        found = minimize(
            downhill,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=[(-BOUND, BOUND)] * start.size,
            options={"maxiter": 300, "ftol": 1e-10, "gtol": 1e-6},
        )
        if -found.fun > best_value:
            best, best_value = np.asarray(found.x), -float(found.fun)
    return best


def polish(score: Score, start: Floats, customers: float) -> Optimum:
    """Refine a point by Newton steps and return it with the information matrix.

    A step that does not help is halved; directions in which the likelihood is flat are not
    followed further than a unit of the logarithm.
    """
    at = start
    value, gradient = _logged(score, at)
    information = _information(score, at)
    for _ in range(_NEWTON_STEPS):
        # At a bound there is nowhere further to go.
        gradient[(np.abs(at) >= BOUND) & (gradient * at > 0)] = 0.0
        step = _newton(information, gradient)
        gain = float(gradient @ step)
        for _ in range(_NEWTON_STEPS):
            tried = np.clip(at + step, -BOUND, BOUND)
            new_value, new_gradient = _logged(score, tried)
            if new_value >= value:
                at, value, gradient = tried, new_value, new_gradient
                break
            step = step / 2
        else:
            break
        if gain < _CLOSE * customers:
            break
        information = _information(score, at)
    return Optimum(at, value, information)


def _logged(score: Score, log_theta: Floats) -> tuple[float, Floats]:
    theta = np.exp(log_theta)
    value, gradient = score(theta)
    return value, gradient * theta


def _information(score: Score, at: Floats) -> Floats:
    rows: list[Floats] = []
    for index in range(at.size):
        step = np.zeros(at.size)
        step[index] = _STEP
        rows.append((_logged(score, at - step)[1] - _logged(score, at + step)[1]) / (2 * _STEP))
    found = np.array(rows)
    return (found + found.T) / 2


def _newton(information: Floats, gradient: Floats) -> Floats:
    values, vectors = np.linalg.eigh(information)
    along = vectors.T @ gradient
    steps = along / np.maximum(np.abs(values), 1e-12)
    return vectors @ np.clip(steps, -1.0, 1.0)


def covariance_of(information: Floats) -> tuple[Floats | None, bool]:
    """Return the covariance of the log parameters, and whether a direction was flat.

    Where the information is too small to keep a log parameter within ±1, the standard deviation
    is cut there: a likelihood that is flat has no quadratic to extrapolate.
    """
    if not np.all(np.isfinite(information)):
        return None, True
    values, vectors = np.linalg.eigh(information)
    floor = 1 / _WIDEST**2
    return (vectors / np.maximum(values, floor)) @ vectors.T, bool(values.min() < floor)


def draw(theta: Floats, covariance: Floats | None, draws: int, rng: np.random.Generator) -> Floats:
    """Return parameters (draws, n) whose logarithms are normal around those of `theta`.

    Without a covariance all draws are `theta` itself.
    """
    centre = np.log(theta)
    if covariance is None:
        return np.exp(np.tile(centre, (draws, 1)))
    values, vectors = np.linalg.eigh(covariance)
    spread = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.exp(centre + rng.standard_normal((draws, centre.size)) @ spread.T)
