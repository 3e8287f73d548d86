"""Pareto/NBD (Schmittlein, Morrison and Colombo 1987; Fader and Hardie 2005, 2014).

Purchases come at a rate λ ~ Gamma(r, α) during a lifetime that ends at a rate μ ~ Gamma(s, β).
The likelihood of (x, t_x, T) is

    Γ(r+x)/Γ(r) α^r β^s · [(α+T)^−(r+x) (β+T)^−s + s ∫ (α+τ)^−(r+x) (β+τ)^−(s+1) dτ],

the integral over the possible times of leaving, t_x to T. Its textbook form by hypergeometric
functions loses all digits for frequent buyers. With k = r+s+x and v = (α+τ)^−k the integrand
becomes ((α+τ)/(β+τ))^(s+1) / k, which is smooth: Gauss–Legendre with a few nodes.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import digamma, expit, gammaln

from core.services.methods.purchases.cells import Cells, Floats
from core.services.methods.purchases.family import Future, power_gain

NODES = 16  # enough for usual parameters
MANY_NODES = 64  # for very uneven customers; what a fit is checked with
_CHUNK = 1 << 15  # cells at once: the work arrays stay in the processor's cache


@dataclass(frozen=True)
class Pareto:
    """The model, with the number of nodes its integrals are computed with."""

    nodes: int = NODES
    names: tuple[str, str, str, str] = ("r", "alpha", "s", "beta")
    timed: tuple[bool, bool, bool, bool] = (False, True, False, True)

    def finer(self) -> "Pareto":
        """Return the model with more nodes."""
        return replace(self, nodes=MANY_NODES)

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
        k = r + s + x
        log_start = np.log(alpha + t_x)
        log_range = k * (np.log(alpha + end) - log_start)
        low = np.exp(-log_range)
        # The integrand is monotonic in τ: its larger end keeps every exponential below 1.
        peak = np.maximum(log_start - np.log(beta + t_x), np.log((alpha + end) / (beta + end)))
        shape = np.broadcast_shapes(np.shape(k), np.shape(peak), np.shape(low))
        total, log_a, log_b, one_a, one_b = (np.zeros(shape) for _ in range(5))
        points, weights = np.polynomial.legendre.leggauss(self.nodes)
        for point, weight in zip((points + 1) / 2, weights / 2, strict=True):
            la = log_start - np.log(low + (1 - low) * point) / k
            a = np.exp(la)
            b = a + (beta - alpha)
            lb = np.log(b)
            here = weight * np.exp((s + 1) * (la - lb - peak))
            total += here
            log_a += here * la
            log_b += here * lb
            one_a += here / a
            one_b += here / b
        with np.errstate(divide="ignore"):
            log_width = np.log(-np.expm1(-log_range))
        found = np.log(s / k) - k * log_start + log_width + (s + 1) * peak + np.log(total)
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
