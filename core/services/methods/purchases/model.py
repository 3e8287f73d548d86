"""A fitted purchase model: who is still active, and what is expected of whom."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from core.i18n import Message, msg, msg_n
from core.services.methods.purchases.beta_geometric import BetaGeometric
from core.services.methods.purchases.cells import Floats, distinct, histories
from core.services.methods.purchases.errors import unreadable
from core.services.methods.purchases.family import Family
from core.services.methods.purchases.optimise import draw
from core.services.methods.purchases.pareto import Pareto

FAMILIES: Mapping[str, Family] = {
    "bgnbd": BetaGeometric(first_may_end=0),
    "mbgnbd": BetaGeometric(first_may_end=1),
    "pareto": Pareto(),
}
MODELS = tuple(FAMILIES)

FEW_REPEATERS = 100  # fewer, and each parameter is uncertain by a third or more
FEW_LEAVE = 0.02  # share of customers leaving below which dropout is not to be told from none


@dataclass(frozen=True)
class PurchaseModel:
    """Parameters of one model, in the time unit of the histories it was fitted on.

    Attributes:
        key: one of `MODELS`.
        params: by the names of the paper: r, alpha, a, b or r, alpha, s, beta.
        log_likelihood: at the maximum, over all customers.
        customers, repeaters: how many it was fitted on, and how many of them came back.
        covariance: of the logarithms of the parameters (4 × 4); None where unknown. Directions of
            which the data say nothing have a standard deviation of 1.
        longest: longest observation, T, of a customer.
        repeats: repeat purchases per customer who came back.
        flat: whether there was such a direction.
    """

    key: str
    params: Mapping[str, float]
    log_likelihood: float
    customers: int
    repeaters: int
    covariance: Floats | None
    longest: float
    repeats: float
    flat: bool = False

    @property
    def family(self) -> Family:
        """Return the formulas of the model."""
        return FAMILIES[self.key]

    @property
    def theta(self) -> Floats:
        """Return the parameters as an array, in the order of the paper."""
        return np.array([self.params[name] for name in self.family.names])

    def p_alive(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Floats:  # noqa: N803
        """Return P(the customer is still active at T).

        Args:
            x: repeat purchases.
            t_x: time from first to last purchase.
            T: time from first purchase to the end of the observation.
        """
        counts, last, end = histories(x, t_x, T)
        found: Floats = expit(-self.family.log_odds_gone(self.theta, counts, last, end))
        return found

    def expected(
        self,
        x: ArrayLike,
        t_x: ArrayLike,
        T: ArrayLike,  # noqa: N803
        horizon: ArrayLike,
    ) -> Floats:
        """Return E[purchases in (T, T + horizon] | x, t_x, T]; the horizon may be an array."""
        counts, last, end = histories(x, t_x, T)
        ahead = np.asarray(horizon, dtype=np.float64)
        whole = np.broadcast_shapes(counts.shape, ahead.shape)
        per_customer = [np.broadcast_to(c, whole).ravel() for c in (counts, end, ahead)]
        # Many customers share these three, and t_x does not matter to one who is active.
        same, place = distinct(*per_customer)
        ifs = self.family.expected_if_active(self.theta, *(axis.column for axis in same))
        alive = expit(-self.family.log_odds_gone(self.theta, counts, last, end))
        return alive * ifs[place].reshape(whole)

    def expected_new(self, t: ArrayLike) -> Floats:
        """Return E[repeat purchases of a new customer within t]."""
        return self.family.expected_new(self.theta, np.asarray(t, dtype=np.float64))

    def p_none(
        self,
        x: ArrayLike,
        t_x: ArrayLike,
        T: ArrayLike,  # noqa: N803
        horizon: ArrayLike,
    ) -> Floats:
        """Return P(no purchase in (T, T + horizon] | x, t_x, T).

        The likelihood of (x, t_x, T + horizon) over that of (x, t_x, T): whoever buys nothing has
        the same history, observed for longer. Exact for all three models.
        """
        counts, last, end = histories(x, t_x, T)
        later = end + np.asarray(horizon, dtype=np.float64)

        def history(until: Floats) -> Floats:
            odds = self.family.log_odds_gone(self.theta, counts, last, until)
            return self.family.log_active(self.theta, counts, until) + np.logaddexp(0.0, odds)

        return np.exp(np.minimum(history(later) - history(end), 0.0))

    def draw_parameters(self, draws: int, rng: np.random.Generator) -> list["PurchaseModel"]:
        """Return models with parameters drawn from their uncertainty (normal in logarithms)."""
        return [self._with(theta) for theta in self.draw_theta(draws, rng)]

    def draw_theta(self, draws: int, rng: np.random.Generator) -> Floats:
        """Return drawn parameters (draws, 4); the estimate itself where uncertainty is unknown."""
        return draw(self.theta, self.covariance, draws, rng)

    def _with(self, theta: Floats) -> "PurchaseModel":
        params = dict(zip(self.family.names, map(float, theta), strict=True))
        return replace(self, params=params, covariance=None)

    def concerns(self) -> list[Message]:
        """Return what a reader must know before using the figures; empty when all is well."""
        found: list[Message] = []
        if self.repeaters < FEW_REPEATERS:
            found.append(
                msg_n(
                    "Only one customer came back: the forecast is a rough guess.",
                    "Only {n} customers came back: the forecast is rough.",
                    self.repeaters,
                )
            )
        if self._nobody_leaves():
            found.append(
                msg(
                    "These sales do not show customers leaving: the model takes almost everybody "
                    "for active and can promise too many orders. Compare with the holdout check."
                )
            )
        elif self.flat:
            found.append(
                msg(
                    "These sales hardly settle how customers differ: very different parameters "
                    "fit almost as well, and the intervals are wide for that reason."
                )
            )
        return found

    def _nobody_leaves(self) -> bool:
        """Whether hardly anybody leaves within the usual number of purchases, or the history."""
        if self.key == "pareto":
            s, beta = self.params["s"], self.params["beta"]
            left = 1 - (beta / (beta + self.longest)) ** s
        else:
            a, b = self.params["a"], self.params["b"]
            left = 1 - (b / (a + b)) ** self.repeats
        return left < FEW_LEAVE

    def as_dict(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "key": self.key,
            "params": dict(self.params),
            "log_likelihood": self.log_likelihood,
            "customers": self.customers,
            "repeaters": self.repeaters,
            "covariance": None if self.covariance is None else self.covariance.tolist(),
            "longest": self.longest,
            "repeats": self.repeats,
            "flat": self.flat,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "PurchaseModel":
        """Return the model that `as_dict` described.

        Raises:
            ModelError: the description is not one of a model of this version.
        """
        try:
            values: dict[str, Any] = {name: stored[name] for name in cls.__dataclass_fields__}
            names = FAMILIES[values["key"]].names
        except KeyError as error:
            raise unreadable() from error
        if set(values["params"]) != set(names):
            raise unreadable()
        if values["covariance"] is not None:
            values["covariance"] = np.asarray(values["covariance"], dtype=np.float64)
        return cls(**values)
