"""The customers: who they are, where they buy, how often, how much, and until when."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from . import planted
from .arrow import dates, picked, typed_table
from .market import CURRENCIES, Numbers
from .planted import BRAND, BULK, PDO, PRIVATE, SEGMENTS, WEB
from .prices import DISCOUNT_TIERS, TIER_SHARES
from .reference import read
from .timeline import DAYS, stream

_Scalar = TypeVar("_Scalar", bound=np.generic)

TASTES = 6
_FOUNDERS = 0.5  # share of customers who come within the first months
_SEGMENT_SHARES = (0.38, 0.24, 0.18, 0.13, 0.07)
# Main and second channel by segment, each with the share of customers it is the main one for.
_CHANNELS = (
    ((WEB, 1.0), (WEB, 0.0)),
    ((PDO, 0.72), (BRAND, 0.28)),
    ((BRAND, 0.82), (BULK, 0.18)),
    ((BRAND, 0.52), (PRIVATE, 0.48)),
    ((BULK, 0.66), (PRIVATE, 0.34)),
)


@dataclass(frozen=True)
class Country:
    """The markets as arrays in the order of the shipped table."""

    codes: list[str]
    weight: Numbers
    currency: NDArray[np.int64]
    zone: Numbers
    warehouse: NDArray[np.int64]
    language: list[str]


WAREHOUSES = ("Marseille", "Rotterdam", "Lyon")
"""Lyon ships the web shop's parcels; the two others serve the trade, by country."""


def countries() -> Country:
    """Return the markets."""
    table = read("countries").to_pydict()
    return Country(
        table["country"],
        np.array(table["weight"], float),
        np.array([CURRENCIES.index(c) for c in table["currency"]]),
        np.array(table["zone"], float),
        np.array([WAREHOUSES.index(w) for w in table["warehouse"]]),
        table["language"],
    )


@dataclass(frozen=True)
class Customers:
    """Customers as arrays; one more row at the end stands for guests without a customer code.

    Attributes:
        gamma: purchase rate before scaling, Gamma(r, 1).
        dropout: probability to stop after a repeat purchase, Beta(a, b); 0 for planted ones.
        arrival: share of the span's orders before which the first purchase happens.
        leaves: day after which a planted customer buys no more.
        growing: whether the purchase rate rises over the span.
        size: factor on quantities, mean 1, heavy tail.
        tier: row of `DISCOUNT_TIERS`.
        price: factor on list prices.
    """

    segment: NDArray[np.int64]
    country: NDArray[np.int64]
    main: NDArray[np.int64]
    second: NDArray[np.int64]
    gamma: Numbers
    dropout: Numbers
    arrival: Numbers
    leaves: NDArray[np.int64]
    growing: NDArray[np.bool_]
    size: Numbers
    tier: NDArray[np.int64]
    price: Numbers
    salesperson: NDArray[np.int64]
    taste: NDArray[np.int64]

    @property
    def count(self) -> int:
        """Number of customers, without the guests' row."""
        return len(self.segment) - 1

    @property
    def is_planted(self) -> NDArray[np.bool_]:
        """Whether a customer grows or leaves by plan, not by the purchase model."""
        return self.growing | (self.leaves < DAYS)


def customer_count(lines: int) -> int:
    """Return the number of customers for a number of lines.

    1,500 from 30,000 to 1 million lines. Fewer lines: one customer for 20 lines, so that
    repeat purchases stay. More: the number grows with the lines, so that none of them
    becomes an unlikely giant.
    """
    return int(min(1500, max(lines // 20, 40)) * max(1.0, lines / 1_000_000))


def _segments(gamma: Numbers, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return segments so that frequent buyers tend to be trade; the rates stay as drawn."""
    rank = np.argsort(np.argsort(np.log(gamma + 1e-9) + rng.normal(0.0, 0.9, len(gamma))))
    limits = np.cumsum(_SEGMENT_SHARES)[:-1] * len(gamma)
    return np.searchsorted(limits, rank, side="right")


def _channels(
    segment: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    table = np.array([[pair[0][0], pair[1][0]] for pair in _CHANNELS])
    share = np.array([pair[0][1] for pair in _CHANNELS])
    swap = (rng.random(len(segment)) >= share[segment]).astype(np.int64)
    rows = np.arange(len(segment))
    both = table[segment]
    return both[rows, swap], both[rows, 1 - swap]


def _plant(
    segment: NDArray[np.int64], gamma: Numbers, arrival: Numbers, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Choose growing and leaving trade customers; set their rate and an early start."""
    count = len(segment)
    trade = rng.permutation(np.flatnonzero(segment > 0))
    grow, leave = max(1, count // 60), max(1, count // 100)
    chosen = trade[: grow + leave]
    gamma[chosen] = 2.4
    arrival[chosen] = rng.uniform(0.0, 0.03, len(chosen))
    growing = np.zeros(count, bool)
    growing[trade[:grow]] = True
    leaves = np.full(count, DAYS)
    gone = trade[grow : grow + leave]
    leaves[gone] = rng.integers(550, 1250, len(gone))
    return growing, leaves


def _with_guest(values: NDArray[_Scalar], guest: float) -> NDArray[_Scalar]:
    return np.concatenate([values, np.array([guest]).astype(values.dtype)])


def draw_customers(lines: int, seed: int, market: Country) -> Customers:
    """Return the customers of the company."""
    rng = stream(seed, 5)
    count = customer_count(lines)
    shape = planted.BGNBD_SHAPE
    gamma = rng.gamma(shape["r"], 1.0, count)
    dropout = rng.beta(shape["a"], shape["b"], count)
    arrival = np.where(
        rng.random(count) < _FOUNDERS, rng.uniform(0.0, 0.08, count), rng.uniform(0.08, 0.95, count)
    )
    segment = _segments(gamma, rng)
    growing, leaves = _plant(segment, gamma, arrival, rng)
    dropout[growing | (leaves < DAYS)] = 0.0
    main, second = _channels(segment, rng)
    size = 2.7 / rng.gamma(3.7, 1.0, count)
    size = np.where(segment == 0, np.sqrt(size), size)
    country = rng.choice(len(market.codes), count, p=market.weight / market.weight.sum())
    people = read("names")["kind"].to_pylist().count("salesperson")
    price = np.where(main == WEB, 1.0, np.exp(rng.normal(0.0, 0.008, count)))
    return Customers(
        segment=_with_guest(segment, 0),
        country=_with_guest(country, 0),
        main=_with_guest(main, WEB),
        second=_with_guest(second, BRAND),
        gamma=_with_guest(gamma, 0),
        dropout=_with_guest(dropout, 0),
        arrival=_with_guest(arrival, 0),
        leaves=_with_guest(leaves, DAYS),
        growing=_with_guest(growing, 0),
        size=_with_guest(size, 0.9),
        tier=_with_guest(rng.choice(len(DISCOUNT_TIERS), count, p=TIER_SHARES), 0),
        price=_with_guest(price, 1.0),
        salesperson=_with_guest((country * 3 + rng.integers(0, 3, count)) % people, 0),
        taste=_with_guest(rng.integers(0, TASTES, count), 0),
    )


def customer_ids(count: int) -> pa.Array:
    """Return customer codes: C and at least five digits, so leading zeros matter."""
    return pa.array([f"C{number:05d}" for number in range(1, count + 1)], pa.string())


def salespeople() -> list[str]:
    """Return the names of the salespeople."""
    rows = zip(*(read("names")[c].to_pylist() for c in ("kind", "value")), strict=True)
    return [value for kind, value in rows if kind == "salesperson"]


def _names(customers: Customers, market: Country, rng: np.random.Generator) -> list[str]:
    """Return a name per customer in the language of the country, told apart by a number."""
    words: dict[tuple[str, str], list[str]] = {}
    for row in read("names").to_pylist():
        words.setdefault((row["kind"], row["language"] or ""), []).append(row["value"])
    draws = rng.integers(0, 1 << 30, (customers.count, 2))
    seen: dict[str, int] = {}
    names = []
    pairs = zip(customers.segment[:-1], customers.country[:-1], draws, strict=True)
    for segment, country, (one, two) in pairs:
        language = market.language[country]
        surnames = words["surname", language]
        surname = surnames[one % len(surnames)]
        first = words["given" if segment == 0 else SEGMENTS[segment], language]
        chosen = first[two % len(first)]
        name = f"{chosen} {surname}" if segment == 0 else chosen.format(surname)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return names


def customer_table(
    customers: Customers, market: Country, first_day: NDArray[np.int64], seed: int
) -> pa.Table:
    """Return the customers' table.

    Args:
        customers: the customers.
        market: the countries.
        first_day: day of each first purchase; the account was opened up to ten days before.
        seed: seed of the company.
    """
    rng = stream(seed, 6)
    towns = read("cities").to_pydict()
    by_country = [
        np.flatnonzero(np.array([c == code for c in towns["country"]])) for code in market.codes
    ]
    pick = rng.integers(0, 1 << 30, customers.count)
    town = np.array(
        [
            by_country[c][n % len(by_country[c])]
            for c, n in zip(customers.country, pick, strict=False)
        ]
    )
    shop = customers.segment[:-1] == 0
    return typed_table(
        "customers",
        {
            "customer_id": customer_ids(customers.count),
            "name": pa.array(_names(customers, market, rng), pa.string()),
            "segment": picked(SEGMENTS, customers.segment[:-1]),
            "country": picked(market.codes, customers.country[:-1]),
            "city": picked(towns["city"], town),
            "postcode": picked(towns["postcode"], town),
            "since": dates(first_day - rng.integers(0, 11, customers.count)),
            "salesperson": picked(salespeople(), customers.salesperson[:-1], nulls=shop),
            "consent": pa.array(rng.random(customers.count) < np.where(shop, 0.72, 0.9)),
        },
    )
