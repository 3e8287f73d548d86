"""What is chosen: the chance of each product by channel, taste and week, and repeat favourites."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from . import planted
from .market import Numbers
from .people import TASTES, Customers
from .planted import CHANNELS
from .prices import PriceBook
from .reference import Products
from .timeline import WEEKS, season, stream

FAVOURITES = 5
FAVOURITE_SHARE = 0.45
_TASTE_SPREAD = 0.7
# Christmas and summer hills of a category's share, on top of the seasons of all orders.
_CATEGORY_SEASONS = {
    "Gift sets": (6.0, 0.0), "Soap & care": (0.8, 0.1), "Spreads": (0.3, 0.4),
    "Table olives": (0.2, 0.6), "Olive oil": (0.0, 0.0), "Services": (0.0, 0.0),
}  # fmt: skip


@dataclass(frozen=True)
class Shelf:
    """Products on offer and the chance of each.

    Attributes:
        available: by product and week; listed and in stock.
        ladder: cumulated chances of every (channel, taste, week), one rung after the other.
        favourites: products a customer likes to buy again.
        habitual: whether a product is bought by habit at all.
        partner: product of a basket pair by first product and channel, −1 without one.
        partner_chance: its probability.
    """

    available: NDArray[np.bool_]
    ladder: Numbers
    favourites: NDArray[np.int64]
    habitual: NDArray[np.bool_]
    partner: NDArray[np.int64]
    partner_chance: Numbers

    def choose(
        self,
        channel: NDArray[np.integer],
        taste: NDArray[np.integer],
        week: NDArray[np.integer],
        rng: np.random.Generator,
    ) -> NDArray[np.int64]:
        """Return one product per line, drawn by its chance."""
        row = (channel.astype(np.int64) * TASTES + taste) * WEEKS + week
        # A hair below the top of the rung: rounding must not reach the next one.
        draw = row + rng.random(len(row)) * (1.0 - 1e-9)
        return np.searchsorted(self.ladder, draw, side="right") - row * len(self.available)


def _availability(products: Products) -> NDArray[np.bool_]:
    available = products.on_sale.copy()
    for gap in planted.STOCK_OUTS:
        available[products.index(gap.product), gap.first_week : gap.first_week + gap.weeks] = False
    return available & ~products.is_service[:, None]


def _category_season(products: Products) -> Numbers:
    """Return the seasonal factor on a product's chance by product and week."""
    weekly = {
        name: season(*hills)[np.arange(WEEKS) * 7] for name, hills in _CATEGORY_SEASONS.items()
    }
    return np.stack([weekly[category or ""] for category in products.texts("category")])


def _paired(products: Products) -> NDArray[np.int64]:
    """Return the products of basket pairs: neither taste nor habit may drown the planted lift."""
    codes = [code for pair in planted.PAIRS for code in (pair.first, pair.then)]
    return np.array([products.index(code) for code in codes])


def _chances(
    products: Products, book: PriceBook, available: NDArray[np.bool_], seed: int
) -> Numbers:
    """Return the chances by channel, taste, week and product."""
    rng = stream(seed, 10)
    taste = np.exp(rng.normal(0.0, _TASTE_SPREAD, (TASTES, len(products.ids))))
    taste[:, _paired(products)] = 1.0
    weekly = _category_season(products) * available
    by_channel = products.share[:, :, None] * weekly[:, None, :] * book.more_lines
    weight = by_channel.transpose(1, 2, 0)[:, None] * taste[None, :, None, :]
    return weight / weight.sum(axis=3, keepdims=True)


def fill_shelf(products: Products, book: PriceBook, customers: Customers, seed: int) -> Shelf:
    """Return the shelf of the company."""
    available = _availability(products)
    chances = _chances(products, book, available, seed)
    ladder = np.cumsum(chances, axis=3)
    ladder[..., -1] = 1.0
    rows = np.arange(ladder.size // len(products.ids))
    flat = (ladder.reshape(len(rows), -1) + rows[:, None]).ravel()
    shape = (len(products.ids), len(CHANNELS))
    partner, chance = np.full(shape, -1), np.zeros(shape)
    for pair in planted.PAIRS:
        first = products.index(pair.first)
        partner[first, pair.channel] = products.index(pair.then)
        chance[first, pair.channel] = pair.probability
    habitual = np.full(len(products.ids), fill_value=True)
    habitual[_paired(products)] = False
    nothing = np.zeros((0, FAVOURITES), np.int64)
    shelf = Shelf(available, flat, nothing, habitual, partner, chance)
    rng = stream(seed, 11)
    owner = np.repeat(np.arange(customers.count + 1), FAVOURITES)
    # Favourites come from the first week's shelf, where nothing is promoted or out of stock.
    liked = shelf.choose(customers.main[owner], customers.taste[owner], owner * 0, rng)
    return replace(shelf, favourites=liked.reshape(-1, FAVOURITES))
