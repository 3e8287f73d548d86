"""BG/NBD (Fader, Hardie and Lee 2005) and MBG/NBD (Batislam, Denizel and Filiztekin 2007).

Purchases come at a rate λ ~ Gamma(r, α) while the customer is active; after each repeat purchase
the customer leaves with probability p ~ Beta(a, b). In the modified model (MBG) the first
purchase can also be the last. With n = chances to leave that were not taken, x in BG and x + 1 in
MBG, the likelihood is

    Γ(r+x)/Γ(r) α^r · B(a, b+n)/B(a, b) · [(α+T)^−(r+x) + a/(b+n−1) (α+t_x)^−(r+x)],

the second part only where n ≥ 1: so one class serves both.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, digamma, expit, gammaln

from core.services.methods.purchases.cells import Cells, Floats
from core.services.methods.purchases.family import Future
from core.services.methods.purchases.orders_ahead import mean_purchases


@dataclass(frozen=True)
class BetaGeometric:
    """The model with (`first_may_end` = 1) or without (0) dropout after the first purchase."""

    first_may_end: int
    names: tuple[str, str, str, str] = ("r", "alpha", "a", "b")
    timed: tuple[bool, bool, bool, bool] = (False, True, False, False)

    def score(self, theta: Floats, cells: Cells) -> tuple[float, Floats]:
        """Return log likelihood of the cells and its gradient.

        Logarithms and gamma functions are taken once per distinct value; only the mixture of
        active and gone is computed cell by cell.
        """
        r, alpha, a, b = theta
        x, n = cells.x.values, cells.x.values + self.first_may_end
        log_end, log_last = np.log(alpha + cells.end.values), np.log(alpha + cells.t_x.values)
        shape = cells.x.spread(r + x)
        stay = np.where(n > 0, b + n - 1, 1.0)
        leave = np.where(n > 0, np.log(a) - np.log(stay), -np.inf)
        gap = cells.end.spread(log_end) - cells.t_x.spread(log_last)
        log_odds = cells.x.spread(leave) + shape * gap
        of_x = cells.x.sums(cells.weight)
        fixed = of_x @ self.log_constant(theta, x)
        mixture = np.logaddexp(0.0, log_odds)
        mixture -= shape * cells.end.spread(log_end)
        gone = expit(log_odds)
        gone *= cells.weight
        gone_of_x = cells.x.sums(gone)
        gone_total = gone_of_x.sum()
        active_end = cells.end.sums((cells.weight - gone) * shape) @ (
            1 / (alpha + cells.end.values)
        )
        active_last = cells.t_x.sums(gone * shape) @ (1 / (alpha + cells.t_x.values))
        all_gaps = gone @ gap - cells.end.sums(cells.weight) @ log_end
        by_r = of_x @ (digamma(r + x) - digamma(r) + np.log(alpha)) + all_gaps
        by_alpha = of_x.sum() * r / alpha - active_end - active_last
        both = digamma(a + b) - digamma(a + b + n)
        by_a = of_x @ both + gone_total / a
        by_b = of_x @ (both + digamma(b + n) - digamma(b)) - gone_of_x @ (1 / stay)
        value = float(fixed + cells.weight @ mixture)
        return value, np.array([by_r, by_alpha, by_a, by_b])

    def log_constant(self, theta: Floats, x: Floats) -> Floats:
        """Return ln Γ(r+x)/Γ(r) α^r B(a, b+n)/B(a, b)."""
        r, alpha, a, b = theta
        n = x + self.first_may_end
        found: Floats = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        return found + betaln(a, b + n) - betaln(a, b)

    def log_active(self, theta: Floats, x: Floats, end: Floats) -> Floats:
        """Return −(r+x) ln(α+T)."""
        r, alpha, _, _ = theta
        return -(r + x) * np.log(alpha + end)

    def log_odds_gone(self, theta: Floats, x: Floats, t_x: Floats, end: Floats) -> Floats:
        """Return ln a/(b+n−1) ((α+T)/(α+t_x))^(r+x)."""
        r, alpha, a, b = theta
        n = x + self.first_may_end
        ratio = np.log(a) - np.log(np.where(n > 0, b + n - 1, 1.0))
        return np.where(
            n > 0, ratio + (r + x) * (np.log(alpha + end) - np.log(alpha + t_x)), -np.inf
        )

    def expected_if_active(self, theta: Floats, x: Floats, end: Floats, horizon: Floats) -> Floats:
        """Return E[(1 − e^(−λ p t))/p] under the posterior of λ and p."""
        r, alpha, a, b = theta
        return mean_purchases(r + x, alpha + end, a, b + x + self.first_may_end, horizon)

    def expected_new(self, theta: Floats, time: Floats) -> Floats:
        """Return E[X(t)]; in MBG only those who survive their first purchase count."""
        r, alpha, a, b = theta
        survive = b / (a + b) if self.first_may_end else 1.0
        return survive * mean_purchases(r, alpha, a, b + self.first_may_end, time)

    def draw_future(
        self, theta: Floats, x: Floats, end: Floats, rng: np.random.Generator
    ) -> Future:
        """Draw λ ~ Gamma(r+x, α+T), p ~ Beta(a, b+n) and the purchase that ends it."""
        r, alpha, a, b = theta
        rate = rng.standard_gamma(r + x) / (alpha + end)
        leaving = rng.beta(a, b + x + self.first_may_end, size=rate.shape)
        # Inversion: exact, and p = 0 (a below .001) gives "never" where a generator would refuse.
        with np.errstate(divide="ignore", over="ignore"):
            limit = np.ceil(rng.standard_exponential(rate.shape) / -np.log1p(-leaving))
        return Future(rate, np.full(rate.shape, np.inf), np.maximum(limit, 1.0))
