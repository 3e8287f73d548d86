"""Where the planted typing errors stand: single lines with ten times their price or cost."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import planted
from .orders import Orders
from .people import Country, Customers
from .planted import BRAND, WEB
from .reference import Products
from .timeline import stream


@dataclass(frozen=True)
class Wrong:
    """The first lines of some orders; the first `prices` of them have a wrong price.

    Attributes:
        orders: numbers of the orders.
        products: what is on their first line.
        prices: how many of them have a wrong price; the others have a wrong cost.
    """

    orders: NDArray[np.int64]
    products: NDArray[np.int64]
    prices: int

    @property
    def price_orders(self) -> NDArray[np.int64]:
        """Orders with a tenfold price."""
        return self.orders[: self.prices]

    @property
    def cost_orders(self) -> NDArray[np.int64]:
        """Orders with a tenfold own cost."""
        return self.orders[self.prices :]


def plan_wrong(
    orders: Orders, customers: Customers, market: Country, products: Products, seed: int
) -> Wrong:
    """Return the lines to spoil: spread over the span, for customers billed in the base."""
    in_base = (market.currency == 0)[customers.country]
    in_base[-1] = False  # a guest's country is only drawn with the lines
    found: list[tuple[int, int]] = []
    prices = 0
    for channel, codes in ((BRAND, planted.WRONG_PRICES), (WEB, planted.WRONG_COSTS)):
        rng = stream(seed, 12, channel)
        edges = np.linspace(0, len(orders.key), len(codes) + 1).astype(np.int64)
        for code, first, last in zip(codes, edges[:-1], edges[1:], strict=True):
            middle, half = (first + last) // 2, min(4000, (last - first) // 2)
            near = slice(int(middle - half), int(middle + half))
            fits = (orders.channel[near] == channel) & in_base[orders.customer(near)]
            if fits.any():
                order = near.start + int(rng.choice(np.flatnonzero(fits)))
                found.append((order, products.index(code)))
        prices = prices or len(found)
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return Wrong(pairs[:, 0], pairs[:, 1], prices)
