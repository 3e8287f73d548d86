"""What the three models share: the parts from which everything a page shows is put together.

A history is either that of a customer who is still active at its end, or of one who left after
the last purchase. Each model gives both likelihoods; P(alive), forecasts and simulated futures
follow from them.
"""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from core.services.methods.purchases.cells import Cells, Floats


class Future(NamedTuple):
    """Drawn behaviour of customers who are active now.

    Attributes:
        rate: purchases per unit of time while active.
        lifetime: time from now after which the customer is gone; inf when purchases end it.
        limit: the purchase, counted from now, after which the customer is gone; inf when time
            ends it.
    """

    rate: Floats
    lifetime: Floats
    limit: Floats


class Family(Protocol):
    """One model.

    `theta` are its four parameters; for `log_active`, `log_odds_gone` and `draw_future` each may
    be an array that broadcasts with the histories.
    """

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters in the papers."""
        ...

    @property
    def timed(self) -> tuple[bool, ...]:
        """Which of them are measured in units of time."""
        ...

    def score(self, theta: Floats, cells: Cells) -> tuple[float, Floats]:
        """Return log likelihood of the cells and its gradient in the four parameters."""
        ...

    def log_constant(self, theta: Floats, x: Floats) -> Floats:
        """Return the part of the log likelihood that depends on x alone."""
        ...

    def log_active(self, theta: Floats, x: Floats, end: Floats) -> Floats:
        """Return the log likelihood of the history of a customer still active at `end`."""
        ...

    def log_odds_gone(self, theta: Floats, x: Floats, t_x: Floats, end: Floats) -> Floats:
        """Return ln of P(gone) ÷ P(active) at `end`; −inf for those who cannot have left."""
        ...

    def expected_if_active(self, theta: Floats, x: Floats, end: Floats, horizon: Floats) -> Floats:
        """Return expected purchases in (end, end + horizon] of a customer active at `end`."""
        ...

    def expected_new(self, theta: Floats, time: Floats) -> Floats:
        """Return expected repeat purchases of a new customer within `time`."""
        ...

    def draw_future(
        self, theta: Floats, x: Floats, end: Floats, rng: np.random.Generator
    ) -> Future:
        """Draw behaviour from what the history says of a customer active at `end`."""
        ...


def power_gain(exponent: Floats, log_ratio: Floats) -> Floats:
    """Return (1 − e^(−exponent × log_ratio)) ÷ exponent; log_ratio itself where exponent is 0."""
    small = np.abs(exponent) < np.finfo(float).tiny
    safe = np.where(small, 1.0, exponent)
    found: NDArray[np.float64] = np.where(small, log_ratio, -np.expm1(-safe * log_ratio) / safe)
    return found
