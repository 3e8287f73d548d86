"""Customers who buy and leave as the purchase models suppose, simulated order by order.

Written from the stories of the models, not from their formulas: what is fitted on these customers
must find the parameters they were made with, and intervals must hold what they then do.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PARAMETERS: dict[str, dict[str, float]] = {
    "bgnbd": {"r": 0.8, "alpha": 40.0, "a": 0.9, "b": 3.0},
    "mbgnbd": {"r": 0.9, "alpha": 40.0, "a": 0.8, "b": 3.0},
    "pareto": {"r": 0.9, "alpha": 40.0, "s": 0.7, "beta": 200.0},
}
VALUE = {"p": 4.0, "q": 5.0, "v": 60.0}


@dataclass(frozen=True)
class World:
    """Histories up to T (days since the first purchase) and the orders of the days after it.

    Attributes:
        mean: mean value of the x repeat purchases; 0 without any.
        who, when, worth: customer, days after T and value of each later order.
    """

    x: Floats
    t_x: Floats
    T: Floats
    mean: Floats
    who: NDArray[np.int64]
    when: Floats
    worth: Floats

    @property
    def history(self) -> tuple[Floats, Floats, Floats]:
        return self.x, self.t_x, self.T

    def orders(self, until: float) -> Floats:
        """Return the number of orders of each customer within `until` days after T."""
        inside = self.when <= until
        return np.bincount(self.who[inside], minlength=self.x.size).astype(float)


def simulate(
    key: str, customers: int, seed: int, *, longest: float = 700.0, ahead: float = 730.5
) -> World:
    """Simulate customers whose first purchases are spread evenly over `longest` days."""
    rng = np.random.default_rng(seed)
    given = PARAMETERS[key]
    rate = rng.gamma(given["r"], 1 / given["alpha"], customers)
    nu = rng.gamma(VALUE["q"], 1 / VALUE["v"], customers)
    length = np.ceil(rng.uniform(1, longest, customers))
    if key == "pareto":
        leaving = np.zeros(customers)
        life = rng.exponential(1 / rng.gamma(given["s"], 1 / given["beta"], customers))
    else:
        leaving = rng.beta(given["a"], given["b"], customers)
        life = np.full(customers, np.inf)
    x, t_x, total, clock = (np.zeros(customers) for _ in range(4))
    active = np.arange(customers)
    if key == "mbgnbd":
        active = active[rng.random(customers) >= leaving]
    later: list[tuple[NDArray[np.int64], Floats, Floats]] = []
    while active.size:
        clock[active] += rng.exponential(1 / rate[active])
        active = active[clock[active] <= np.minimum(life, length + ahead)[active]]
        worth = rng.gamma(VALUE["p"], 1 / nu[active])
        known = clock[active] <= length[active]
        seen = active[known]
        x[seen] += 1
        t_x[seen] = clock[seen]
        total[seen] += worth[known]
        new = active[~known]
        later.append((new, clock[new] - length[new], worth[~known]))
        active = active[rng.random(active.size) >= leaving[active]]
    who, when, worth = (np.concatenate(column) for column in zip(*later, strict=True))
    mean = np.divide(total, x, out=np.zeros(customers), where=x > 0)
    return World(x, t_x, length, mean, who, when, worth)
