"""Weekly price lists per channel: what a price is made of, and what it does to demand."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import planted
from .market import Buying, Numbers, spanish_price
from .planted import CHANNELS
from .reference import Products
from .timeline import LEAD, MONTH_OF_WEEK, MONTH_START, WEEKS, stream

DISCOUNT_TIERS = np.array([0.0, 0.02, 0.03, 0.05, 0.08])
TIER_SHARES = np.array([0.45, 0.2, 0.15, 0.12, 0.08])
TIERED = np.array([False, True, True, True, False])
"""Channels in which a customer's discount applies; bulk and the web shop sell at the list."""
_MEAN_DISCOUNT = np.array([0.0, 0.025, 0.041, 0.036, 0.014])
_PASS_ON = (1.0, 0.85, 0.75, 0.70, 0.75)
"""Share of a month's cost change that reaches the list in the same month."""


@dataclass(frozen=True)
class PriceBook:
    """Prices and their effects by product, channel and week.

    Attributes:
        price: list price in EUR, excluding VAT.
        response: factor on quantities from the planted elasticity.
        promotion: number of the promotion in `planted.PROMOTIONS`, −1 without one.
        discount: discount of that promotion.
        more_quantity: factor of that promotion on quantities.
        more_lines: factor of that promotion on the number of lines.
    """

    price: Numbers
    response: Numbers
    promotion: NDArray[np.int8]
    discount: Numbers
    more_quantity: Numbers
    more_lines: Numbers


def _smoothed(basis: Numbers, pass_on: float) -> Numbers:
    """Return the cost a list follows when it takes up only part of each month's change."""
    followed = np.empty_like(basis)
    level = basis[:, 0]
    for month in range(basis.shape[1]):
        level = level + pass_on * (basis[:, month] - level)
        followed[:, month] = level
    return followed


def _wobble(seed: int, products: int) -> Numbers:
    """Return the week-to-week movement of each list price that no cost explains."""
    rng = stream(seed, 3)
    steps = rng.normal(0.0, 1.0, (products, len(CHANNELS), WEEKS))
    for week in range(1, WEEKS):
        steps[:, :, week] = 0.6 * steps[:, :, week - 1] + 0.8 * steps[:, :, week]
    return np.exp(np.array(planted.PRICE_WOBBLE)[None, :, None] * steps)


def _list_prices(products: Products, buying: Buying, seed: int) -> Numbers:
    """Return the price lists before anomalies."""
    rng = stream(seed, 4)
    wave = spanish_price()[LEAD + MONTH_START] / 4.2
    lists = np.empty((len(products.ids), len(CHANNELS), WEEKS))
    for channel, target in enumerate(planted.MARGIN_TARGETS):
        own = rng.uniform(-1, 1, len(products.ids))
        weight = products.share[:, channel]
        own -= np.sum(own * weight) / weight.sum()  # what is popular must not move the channel
        own = target + planted.MARGIN_SPREADS[channel] * own
        squeeze = 1.0 - planted.PEAK_SQUEEZE[channel] * np.maximum(wave - 1.0, 0.0)
        cost = _smoothed(buying.believed_basis, _PASS_ON[channel])
        margin = own[:, None] * squeeze
        monthly = cost / (1.0 - margin) / (1.0 - _MEAN_DISCOUNT[channel])
        lists[:, channel] = monthly[:, MONTH_OF_WEEK]
    return lists * _wobble(seed, len(products.ids))


def _promotions(products: Products, shape: tuple[int, ...]) -> tuple[NDArray[np.int8], Numbers]:
    """Return the promotion's number, and its discount and two factors stacked."""
    number = np.full(shape, -1, np.int8)
    effects = np.stack([np.zeros(shape), np.ones(shape), np.ones(shape)])
    for index, promotion in enumerate(planted.PROMOTIONS):
        weeks = slice(promotion.first_week, promotion.first_week + promotion.weeks)
        for product in map(products.index, promotion.products):
            for channel in promotion.channels:
                number[product, channel, weeks] = index
                effects[0, product, channel, weeks] = promotion.discount
                effects[1, product, channel, weeks] = promotion.more_quantity
                effects[2, product, channel, weeks] = promotion.more_lines
    return number, effects


def price_book(products: Products, buying: Buying, seed: int) -> PriceBook:
    """Return the price lists with promotions and the planted sale below cost."""
    lists = _list_prices(products, buying, seed)
    # A price answers to its own usual level; the planted anomaly below must not move demand,
    # or the elasticity measured from the data would not be the planted one.
    priced = np.where(lists > 0, lists, 1.0)  # services have no list
    usual = np.exp(np.log(priced).mean(axis=2, keepdims=True))
    response = (priced / usual) ** np.array(planted.ELASTICITY)[None, :, None]
    number, effects = _promotions(products, lists.shape)
    below = planted.BELOW_COST
    weeks = slice(below.first_week, below.first_week + below.weeks)
    lists[products.index(below.product), :, weeks] *= below.price_factor
    return PriceBook(lists, response, number, *effects)
