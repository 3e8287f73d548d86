"""Invoice lines before prices: what is on every order, how much of it, and what comes back.

A chunk of orders is drawn twice from the same stream: once to know the demand that purchases
and stocks must cover, once to be priced and written. Nothing but the chunk is held.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from . import planted
from .market import Numbers
from .orders import Orders
from .people import Country, Customers
from .planted import BRAND
from .prices import PriceBook
from .reference import Products
from .shelf import FAVOURITE_SHARE, FAVOURITES, Shelf
from .timeline import DAYS, stream
from .wrong import Wrong

PRODUCT, POSTAGE, FEE, ADJUSTMENT, SAMPLE = range(5)
LINE_KINDS = ("product", "postage", "fee", "adjustment", "sample")
_POSTAGE_SHARE = np.array([0.0, 0.02, 0.12, 0.20, 0.62])
_SAMPLES, _ADJUSTMENTS, _FEES = 0.008, 0.0015, 0.01
_WHOLE_RETURNS = 0.4
_GUEST_ABROAD = 0.35


@dataclass(frozen=True)
class Lines:
    """Lines as arrays; a returned line keeps the day it was sold on beside its own."""

    order: NDArray[np.int64]
    position: NDArray[np.int64]
    day: NDArray[np.int64]
    sold: NDArray[np.int64]
    customer: NDArray[np.int64]
    country: NDArray[np.int64]
    channel: NDArray[np.int64]
    product: NDArray[np.int64]
    quantity: NDArray[np.int64]
    kind: NDArray[np.int64]

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> "Lines":
        """Return some of the lines."""
        return Lines(*(getattr(self, field.name)[index] for field in fields(self)))

    def plus(self, other: "Lines") -> "Lines":
        """Return these lines and then others."""
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return Lines(*(np.concatenate(pair) for pair in pairs))


@dataclass(frozen=True)
class Trade:
    """Everything the lines are drawn from."""

    seed: int
    products: Products
    customers: Customers
    market: Country
    orders: Orders
    book: PriceBook
    shelf: Shelf
    wrong: Wrong
    returns: int


def _chosen(trade: Trade, base: Lines, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the product of each line: favourites, basket pairs, and no product twice."""
    shelf, customers = trade.shelf, trade.customers
    week = base.day // 7
    taste = customers.taste[base.customer]
    product = shelf.choose(base.channel, taste, week, rng)
    liked = shelf.favourites[base.customer, rng.integers(0, FAVOURITES, len(week))]
    again = rng.random(len(week)) < FAVOURITE_SHARE
    again &= (base.channel == customers.main[base.customer]) & shelf.available[liked, week]
    again &= (base.customer < customers.count) & shelf.habitual[liked]
    product = np.where(again, liked, product)
    for order, fixed in zip(trade.wrong.orders, trade.wrong.products, strict=True):
        product[(base.order == order) & (base.position == 0)] = fixed
    before = np.roll(product, 1)
    partner = shelf.partner[before, base.channel]
    follows = (base.position > 0) & (
        rng.random(len(week)) < shelf.partner_chance[before, base.channel]
    )
    follows &= shelf.available[partner, week]
    product = np.where(follows, partner, product)
    for _ in range(3):
        key = base.order * 128 + product
        ranked = np.argsort(key, kind="stable")
        twice = ranked[1:][key[ranked[1:]] == key[ranked[:-1]]]
        product[twice] = shelf.choose(base.channel[twice], taste[twice], week[twice], rng)
    return product


def base_quantities(products: Products) -> Numbers:
    """Return the usual quantity of a line by product and channel: fewer of the big tins."""
    content = products.numbers("content")
    by_size = np.clip((0.75 / np.maximum(content, 0.05)) ** 0.6, 0.35, 1.6)
    by_size = np.where([unit == "each" for unit in products.texts("unit")], by_size, 1.0)
    return by_size[:, None] * np.array(planted.MEAN_QUANTITY)[None, :]


def _fade(customers: Customers, customer: NDArray[np.int64], day: NDArray[np.int64]) -> Numbers:
    """Return the shrinking quantities of the customers who are about to leave."""
    left = np.clip((customers.leaves[customer] - day) / planted.FADE_DAYS, 0.0, 1.0)
    leaving = customers.leaves[customer] < DAYS
    return np.where(leaving, planted.FADE_TO + (1.0 - planted.FADE_TO) * left, 1.0)


def _quantities(
    trade: Trade, base: Lines, product: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return whole packs, rounded up or down by chance so that the mean stays."""
    week = base.day // 7
    wanted = base_quantities(trade.products)[product, base.channel]
    wanted *= trade.customers.size[base.customer]
    wanted *= trade.book.response[product, base.channel, week]
    wanted *= trade.book.more_quantity[product, base.channel, week]
    wanted *= _fade(trade.customers, base.customer, base.day)
    wanted *= rng.lognormal(-0.08, 0.4, len(week))
    pack = np.array(planted.PACK)[base.channel]
    packs = np.floor(wanted / pack + rng.random(len(week))).astype(np.int64)
    return np.maximum(packs, 1) * pack


def _kinds(trade: Trade, base: Lines, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the kind of each line; an order's first line is always a product."""
    count = trade.orders.lines[base.order].astype(np.int64)
    draw = rng.random(len(count))
    kind = np.zeros(len(count), np.int64)
    inner = base.position > 0
    kind[inner & (draw < _SAMPLES)] = SAMPLE
    kind[inner & (draw > 1.0 - _ADJUSTMENTS)] = ADJUSTMENT
    last = base.position == count - 1
    kind[inner & last & (rng.random(len(count)) < _POSTAGE_SHARE[base.channel])] = POSTAGE
    early = (base.position == 1) & ~last
    kind[early & (rng.random(len(count)) < _FEES) & (base.channel < BRAND)] = FEE
    return kind


def _countries(
    trade: Trade, customer: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return the country of each order; guests are mostly at home."""
    weight = trade.market.weight / trade.market.weight.sum()
    guest = rng.choice(len(weight), len(customer), p=weight)
    guest *= rng.random(len(customer)) < _GUEST_ABROAD
    return np.where(customer == trade.customers.count, guest, trade.customers.country[customer])


def _sold_lines(trade: Trade, part: slice, rng: np.random.Generator) -> Lines:
    """Return the lines of some orders, without returns."""
    counts = trade.orders.lines[part].astype(np.int64)
    customer = trade.orders.customer(part)
    country = np.repeat(_countries(trade, customer, rng), counts)
    order = np.repeat(np.arange(part.start, part.stop), counts)
    position = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    day = np.repeat(trade.orders.day(part), counts)
    channel = np.repeat(trade.orders.channel[part].astype(np.int64), counts)
    none = np.zeros(len(order), np.int64)
    base = Lines(
        order, position, day, day, np.repeat(customer, counts), country, channel, none, none, none
    )
    product = _chosen(trade, base, rng)
    quantity = _quantities(trade, base, product, rng)
    kind = _kinds(trade, base, rng)
    service = np.array([trade.products.index(code) for code in ("PORT", "FRAIS", "AJUST")])
    is_service = (kind != PRODUCT) & (kind != SAMPLE)
    product = np.where(is_service, service[np.clip(kind - 1, 0, 2)], product)
    quantity = np.where(kind == PRODUCT, quantity, 1)
    return Lines(
        order, position, day, day, base.customer, country, channel, product, quantity, kind
    )


def _return_weight(days: NDArray[np.integer]) -> Numbers:
    """Return the share of a day's sales whose return still falls inside the span."""
    return np.clip((DAYS - 1 - days) / planted.RETURN_DELAY, 0.0, 1.0)


def _returned(trade: Trade, sold: Lines, count: int, rng: np.random.Generator) -> Lines:
    """Return exactly `count` returns of some lines, on later days; planted errors stay sold."""
    fragile, factor = planted.FRAGILE_PRODUCT
    weight = (
        _return_weight(sold.day) * (sold.kind == PRODUCT) * ~np.isin(sold.order, trade.wrong.orders)
    )
    weight = weight * np.where(sold.product == trade.products.index(fragile), factor, 1.0)
    with np.errstate(divide="ignore"):
        keys = rng.exponential(1.0, len(weight)) / weight  # smallest keys: drawn by weight
    index = np.sort(np.argpartition(keys, count)[:count])
    lines = sold.take(index)
    longest = np.minimum(planted.RETURN_DELAY, DAYS - 1 - lines.day)
    day = lines.day + 1 + np.floor(rng.random(count) * longest).astype(np.int64)
    share = np.where(rng.random(count) < _WHOLE_RETURNS, 1.0, rng.uniform(0.1, 0.9, count))
    quantity = -np.maximum(1, np.rint(lines.quantity * share).astype(np.int64))
    one = np.zeros(count, np.int64)
    return Lines(
        lines.order, one, day, lines.day, lines.customer, lines.country, lines.channel,
        lines.product, quantity, lines.kind,
    )  # fmt: skip


def draw(trade: Trade) -> Iterator[Lines]:
    """Yield all lines by date, chunk by chunk; the same lines at every call."""
    orders = trade.orders
    parts = list(orders.chunks())
    weights = [
        float(np.sum(_return_weight(orders.day(part)) * orders.lines[part])) for part in parts
    ]
    quota = np.rint(np.cumsum(weights) / sum(weights) * trade.returns).astype(np.int64)
    waiting: Lines | None = None
    for number, part in enumerate(parts):
        rng = stream(trade.seed, 13, number)
        sold = _sold_lines(trade, part, rng)
        count = int(quota[number] - (quota[number - 1] if number else 0))
        back = _returned(trade, sold, count, rng)
        back = back if waiting is None else waiting.plus(back)
        last = number == len(parts) - 1
        due = back.day <= (DAYS if last else sold.day[-1])
        waiting = back.take(~due)
        both = sold.plus(back.take(due))
        yield both.take(np.argsort(both.day, kind="stable"))
