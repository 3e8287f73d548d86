"""The plan of all orders: who orders when, through which channel, and how many lines.

Purchases follow BG/NBD (Fader, Hardie, Lee 2005) in *season time*: a customer's clock runs
faster before Christmas and stands still on Sundays, so the company has seasons while the
purchase model keeps the rates and dropouts that were drawn.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from . import planted
from .people import Customers
from .planted import WEB
from .timeline import DAYS, MONTH_OF_DAY, order_intensity, stream

_BLOCK = 4096
_SECOND_CHANNEL = 0.08
_CUSTOMER_BITS = 32
_CUSTOMER_MASK = (1 << _CUSTOMER_BITS) - 1
_MAX_LINES = np.array([4, 30, 60, 60, 30])
_CHUNK_LINES = 400_000
_BASE_LINES = 200_000 / 1500


@dataclass(frozen=True)
class Orders:
    """All orders by day. Six to thirteen bytes an order, also for a hundred million lines.

    Attributes:
        key: day and customer in one number, ascending.
        channel: channel of the order.
        lines: number of lines.
        alpha: scale of the purchase rates, in days.
        first_day: first purchase of each customer.
        alive: share of the regular customers who still buy at the end.
    """

    key: NDArray[np.int64]
    channel: NDArray[np.int8]
    lines: NDArray[np.uint8]
    alpha: float
    first_day: NDArray[np.int64]
    alive: float

    def day(self, part: slice) -> NDArray[np.int64]:
        """Return the days of some orders."""
        return self.key[part] >> _CUSTOMER_BITS

    def customer(self, part: slice) -> NDArray[np.int64]:
        """Return the customers of some orders; the last number is the guests'."""
        return self.key[part] & _CUSTOMER_MASK

    def chunks(self) -> Iterator[slice]:
        """Yield runs of orders of about the same number of lines."""
        total = int(self.lines.sum(dtype=np.int64))
        pieces = -(-total // _CHUNK_LINES)
        ends = np.cumsum(self.lines, dtype=np.int64)
        cuts = np.searchsorted(ends, np.arange(1, pieces) * total / pieces)
        edges = [0, *cuts.tolist(), len(ends)]
        for first, last in pairwise(edges):
            yield slice(first, last)


def _clock(*, shop: bool) -> NDArray[np.float64]:
    """Return season time at the start of each day, and at the end of the last."""
    return np.concatenate([[0.0], np.cumsum(order_intensity(shop=shop))])


def solve_alpha(customers: Customers, orders: float) -> float:
    """Return the scale that makes the expected number of orders come out, by bisection."""
    span = (1.0 - customers.arrival[:-1]) * np.minimum(customers.leaves[:-1], DAYS)
    gamma, dropout = customers.gamma[:-1], customers.dropout[:-1]
    low, high = 1e-3, 1e6
    for _ in range(80):
        alpha = np.sqrt(low * high)
        exposure = gamma / alpha * span
        stop = np.maximum(dropout, 1e-9)
        expected = float(np.sum(1.0 - np.expm1(-exposure * stop) / stop))
        low, high = (alpha, high) if expected > orders else (low, alpha)
    return float(np.sqrt(low * high))


def _one_a_day(key: NDArray[np.int64], customers: Customers) -> NDArray[np.int64]:
    """Return order keys with one order per customer and day: a second one waits for a free day.

    Dropping it instead would take a tenth of the purchases from the model's most frequent buyers.
    """
    limit = np.minimum(customers.leaves, DAYS - 1)
    for _ in range(6):
        twice = np.flatnonzero(key[1:] == key[:-1]) + 1
        if not len(twice):
            break
        day, who = key[twice] >> _CUSTOMER_BITS, key[twice] & _CUSTOMER_MASK
        # Day 0 is a Saturday; the trade does not order on the Sunday after it.
        day += np.where((day % 7 == 0) & (customers.main[who] != WEB), 2, 1)
        key[twice] = np.minimum(day, limit[who]) << _CUSTOMER_BITS | who
        key.sort()
    return np.unique(key)


def _purchases(
    customers: Customers, block: slice, alpha: float, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the order keys of a block of customers, and who still buys at the end."""
    shop = customers.main[block] == WEB
    clocks = np.stack([_clock(shop=False), _clock(shop=True)])
    end = clocks[shop.astype(int), np.minimum(customers.leaves[block], DAYS)]
    start = customers.arrival[block] * end
    events = rng.poisson(customers.gamma[block] / alpha * (end - start))
    owner = np.repeat(np.arange(len(events)), events)
    share = np.sort(owner + rng.random(len(owner))) - owner
    last = np.where(
        customers.dropout[block] > 0,
        rng.geometric(np.clip(customers.dropout[block], 1e-12, 1.0)),
        np.iinfo(np.int64).max,
    )
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(events) - events, events)
    keep = rank < last[owner]
    owner, share = owner[keep], share[keep]
    # A growing customer's rate rises on a line from 2/(1+k) to 2k/(1+k) times its mean.
    low = 2.0 / (1.0 + planted.GROWTH_RATIO)
    rising = (np.sqrt(low**2 + 4.0 * (1.0 - low) * share) - low) / (2.0 * (1.0 - low))
    share = np.where(customers.growing[block][owner], rising, share)
    owner = np.concatenate([np.arange(len(events)), owner])
    share = np.concatenate([np.zeros(len(events)), share])
    moment = start[owner] + share * (end - start)[owner]
    by_shop = shop[owner]
    day = np.where(
        by_shop,
        np.searchsorted(clocks[1], moment, side="right"),
        np.searchsorted(clocks[0], moment, side="right"),
    )
    day = np.minimum(day - 1, DAYS - 1)
    key = np.sort((day << _CUSTOMER_BITS) | (owner + block.start))
    return _one_a_day(key, customers), events < last


def _all_keys(customers: Customers, alpha: float, seed: int, guests: int) -> tuple[
    NDArray[np.int64], float
]:  # fmt: skip
    """Return the ascending keys of all orders, guests among them."""
    parts, alive = [], []
    for number, first in enumerate(range(0, customers.count, _BLOCK)):
        block = slice(first, min(first + _BLOCK, customers.count))
        keys, still = _purchases(customers, block, alpha, stream(seed, 7, number))
        parts.append(keys)
        alive.append(still[~customers.is_planted[block]])
    clock = _clock(shop=True)
    moments = stream(seed, 8).random(guests) * clock[-1]
    days = np.minimum(np.searchsorted(clock, moments, side="right") - 1, DAYS - 1)
    parts.append((days << _CUSTOMER_BITS) | customers.count)
    keys = np.concatenate(parts)
    parts.clear()
    keys.sort()
    return keys, float(np.concatenate(alive).mean())


def _order_lines(
    channel: NDArray[np.int8], day: NDArray[np.int64], total: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Return lines per order that add up to the total: first by chance, then to the unit."""
    extra = np.array(planted.LINES_PER_ORDER)[channel] - 1.0
    festive = np.isin(MONTH_OF_DAY % 12, (1, 2))  # November and December: months 1, 2 of a campaign
    extra *= np.where(festive, 1.2, 1.0)[day]
    scale = (total - len(channel)) / extra.sum()
    most = _MAX_LINES.astype(np.uint8)[channel]
    lines = np.minimum(1 + rng.poisson(extra * scale), most).astype(np.uint8)
    while missing := total - int(lines.sum(dtype=np.int64)):
        room = np.flatnonzero(lines < most) if missing > 0 else np.flatnonzero(lines > 1)
        chosen = rng.choice(room, min(abs(missing), len(room)), replace=False)
        lines[chosen] = lines[chosen] + 1 if missing > 0 else lines[chosen] - 1
    return lines


def plan_orders(customers: Customers, lines: int, seed: int) -> Orders:
    """Return all orders, whose lines and later returns add up to `lines`."""
    sold = lines - round(lines * planted.RETURN_RATE)
    # More lines than the default: longer orders first, then more of them (and more customers).
    longer = max(1.0, lines / customers.count / _BASE_LINES) ** 0.35
    orders = sold / (3.0 * longer)
    guests = round(orders * planted.GUEST_SHARE)
    alpha = solve_alpha(customers, orders - guests)
    keys, alive = _all_keys(customers, alpha, seed, guests)
    rng = stream(seed, 9)
    who = keys & _CUSTOMER_MASK
    second = rng.random(len(keys), dtype=np.float32) < _SECOND_CHANNEL
    by_customer = np.stack([customers.main, customers.second]).astype(np.int8)
    channel = by_customer[second.view(np.int8), who]
    day = keys >> _CUSTOMER_BITS
    first_day = np.full(customers.count + 1, DAYS)
    np.minimum.at(first_day, who, day)
    per_order = _order_lines(channel, day, sold, rng)
    return Orders(keys, channel, per_order, alpha, first_day[:-1], alive)
