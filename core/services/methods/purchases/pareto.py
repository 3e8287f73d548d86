"""Pareto/NBD (Schmittlein, Morrison and Colombo 1987; Fader and Hardie 2005, 2014).

Purchases come at a rate λ ~ Gamma(r, α) during a lifetime that ends at a rate μ ~ Gamma(s, β).
The likelihood of (x, t_x, T) is

    Γ(r+x)/Γ(r) α^r β^s · [(α+T)^−(r+x) (β+T)^−s + s ∫ (α+τ)^−(r+x) (β+τ)^−(s+1) dτ],

the integral over the possible times of leaving, t_x to T. Its textbook form by hypergeometric
functions loses all digits for frequent buyers. The usual substitution v = (α+τ)^−(r+s+x) does so
where β is far above α. With τ = t_x + c (e^w − 1), c being the time in which the integrand falls
to 1/e at first, everything that happens to it happens within a few units of w, whatever the
parameters; where it has fallen to e^−40 it is cut. Gauss–Legendre in w needs few nodes.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, expit, gammaln

from core.services.methods.purchases.cells import Cells, Floats
from core.services.methods.purchases.family import Future, power_gain

_NODES = 16  # the integral is then right to some 1e−7 even for parameters of .03 beside 1,000
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(_NODES)
_NEGLIGIBLE = 40.0  # e^−40 of the integrand's start no longer matters
_CHUNK = 1 << 15  # cells at once: the work arrays stay in the processor's cache


@dataclass(frozen=True)
class Pareto:
    """The model."""

    names: tuple[str, str, str, str] = ("r", "alpha", "s", "beta")
    timed: tuple[bool, bool, bool, bool] = (False, True, False, True)

    def score(self, theta: Floats, cells: Cells) -> tuple[float, Floats]:
        """Return log likelihood of the cells and its gradient."""
        of_x = cells.x.sums(cells.weight)
        value = float(of_x @ self.log_constant(theta, cells.x.values))
        r, alpha, s, beta = theta
        everybody = of_x.sum()
        by_r = of_x @ (digamma(r + cells.x.values) - digamma(r)) + everybody * np.log(alpha)
        gradient = np.array(
            [by_r, everybody * r / alpha, everybody * np.log(beta), everybody * s / beta]
        )
        for start in range(0, cells.weight.size, _CHUNK):
            part = slice(start, start + _CHUNK)
            x, t_x, end = (a.values[a.codes[part]] for a in (cells.x, cells.t_x, cells.end))
            more, slope = self._mixture(theta, (x, t_x, end), cells.weight[part])
            value += more
            gradient += slope
        return value, gradient

    def _mixture(
        self, theta: Floats, history: tuple[Floats, Floats, Floats], weight: Floats
    ) -> tuple[float, Floats]:
        r, alpha, s, beta = theta
        x, t_x, end = history
        log_active = self.log_active(theta, x, end)
        log_gone, means = self._integral(theta, x, t_x, end)
        log_odds = log_gone - log_active
        value = weight @ (log_active + np.logaddexp(0.0, log_odds))
        gone = weight * expit(log_odds)
        active = weight - gone
        log_a, log_b, one_a, one_b = means
        slope = np.array([
            -active @ np.log(alpha + end) - gone @ log_a,
            -active @ ((r + x) / (alpha + end)) - gone @ ((r + x) * one_a),
            -active @ np.log(beta + end) + gone @ (1 / s - log_b),
            -active @ (s / (beta + end)) - gone @ ((s + 1) * one_b),
        ])  # fmt: skip
        return float(value), slope

    def log_constant(self, theta: Floats, x: Floats) -> Floats:
        """Return ln Γ(r+x)/Γ(r) α^r β^s."""
        r, alpha, s, beta = theta
        found: Floats = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        return found

    def log_active(self, theta: Floats, x: Floats, end: Floats) -> Floats:
        """Return −(r+x) ln(α+T) − s ln(β+T)."""
        r, alpha, s, beta = theta
        return -(r + x) * np.log(alpha + end) - s * np.log(beta + end)

    def log_odds_gone(self, theta: Floats, x: Floats, t_x: Floats, end: Floats) -> Floats:
        """Return the logarithm of the integral over the likelihood of being active."""
        return self._integral(theta, x, t_x, end)[0] - self.log_active(theta, x, end)

    def _integral(
        self, theta: Floats, x: Floats, t_x: Floats, end: Floats
    ) -> tuple[Floats, tuple[Floats, Floats, Floats, Floats]]:
        """Return ln of s ∫ …, and means over the possible times of leaving τ.

        The means are those of ln(α+τ), ln(β+τ), 1/(α+τ) and 1/(β+τ), for the gradient. Where T =
        t_x the integral is 0 (ln −inf), the means those of that moment.
        """
        r, alpha, s, beta = theta
        n, m = r + x, s + 1
        a_start, b_start = alpha + t_x, beta + t_x
        log_a_start, log_b_start = np.log(a_start), np.log(b_start)
        scale = 1 / (n / a_start + m / b_start)
        reach = np.minimum(_until(n, a_start), _until(m, b_start))
        width = np.log1p(np.minimum(end - t_x, reach) / scale)
        shape = np.broadcast_shapes(np.shape(width), np.shape(scale))
        total, log_a, log_b, one_a, one_b = (np.zeros(shape) for _ in range(5))
        for point, weight in zip((_POINTS + 1) / 2, _WEIGHTS / 2, strict=True):
            w = width * point
            gap = scale * np.expm1(w)
            a, b = a_start + gap, b_start + gap
            la, lb = np.log(a), np.log(b)
            here = weight * np.exp(w - n * (la - log_a_start) - m * (lb - log_b_start))
            total += here
            log_a += here * la
            log_b += here * lb
            one_a += here / a
            one_b += here / b
        with np.errstate(divide="ignore"):
            found = np.log(width)
        found = found + np.log(s * scale * total) - n * log_a_start - m * log_b_start
        return found, (log_a / total, log_b / total, one_a / total, one_b / total)

    def expected_if_active(self, theta: Floats, x: Floats, end: Floats, horizon: Floats) -> Floats:
        """Return (r+x)(β+T)/((α+T)(s−1)) [1 − ((β+T)/(β+T+t))^(s−1)]."""
        r, alpha, s, beta = theta
        gain = power_gain(s - 1, np.log1p(horizon / (beta + end)))
        return (r + x) * (beta + end) / (alpha + end) * gain

    def expected_new(self, theta: Floats, time: Floats) -> Floats:
        """Return the same of a customer whose observation begins."""
        nothing = np.zeros(())
        return self.expected_if_active(theta, nothing, nothing, time)

    def draw_future(
        self, theta: Floats, x: Floats, end: Floats, rng: np.random.Generator
    ) -> Future:
        """Draw λ ~ Gamma(r+x, α+T), μ ~ Gamma(s, β+T) and the remaining lifetime."""
        r, alpha, s, beta = theta
        rate = rng.standard_gamma(r + x) / (alpha + end)
        ending = rng.standard_gamma(s, size=rate.shape) / (beta + end)
        with np.errstate(divide="ignore", over="ignore"):
            lifetime = rng.standard_exponential(rate.shape) / ending
        return Future(rate, lifetime, np.full(rate.shape, np.inf))


def _until(exponent: Floats, start: Floats) -> Floats:
    """Return the time after which (start + time)^−exponent has become negligible."""
    return start * np.expm1(np.minimum(_NEGLIGIBLE / exponent, _NEGLIGIBLE))
