"""Oil markets, exchange rates, and what each product costs when it is bought."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .planted import ES_WAVE, LATE_SUPPLIER, MARKETS, SUPPLIER_COLLAPSE
from .reference import Products, read
from .timeline import DAYS, LEAD, MONTH_START, MONTHS, WEEKEND, day_index, stream

CURRENCIES = ("EUR", "USD", "GBP", "CHF", "JPY")
_LEVELS = np.array([1.0, 0.925, 1.165, 1.045, 0.0063])
_PLACES = np.array([0, 4, 4, 4, 7])
KEEP = 0.26
"""Share of the old stock in the moving average when a month's delivery arrives."""

Numbers = NDArray[np.float64]


def exchange_rates(seed: int) -> Numbers:
    """Return EUR per unit of currency, by currency and day from LEAD days before the start."""
    rng = stream(seed, 1)
    days = DAYS + LEAD
    steps = rng.normal(0.0, 0.0033, (len(CURRENCIES), days))
    log_rate = np.zeros_like(steps)
    for day in range(1, days):
        log_rate[:, day] = log_rate[:, day - 1] * 0.992 + steps[:, day]
    log_rate[0] = 0.0
    value = _LEVELS[:, None] * np.exp(log_rate)
    # Markets are closed at weekends: Saturday and Sunday keep Friday's rate.
    weekday = (np.arange(days) - LEAD) % 7
    friday = np.maximum(np.arange(days) - np.where(weekday < WEEKEND, weekday + 1, 0), 0)
    scale = 10.0 ** _PLACES[:, None]
    return np.rint(value[:, friday] * scale) / scale


def spanish_price() -> Numbers:
    """Return the planted price of Spanish extra virgin per day, EUR per kg."""
    knots = [day_index(date) for date, _ in ES_WAVE]
    return np.interp(np.arange(-LEAD, DAYS), knots, [price for _, price in ES_WAVE])


@dataclass(frozen=True)
class Buying:
    """One delivery per product and month, and an opening one before the first (slot 0).

    Attributes:
        ordered: day of the purchase, by product and slot.
        received: day of the delivery.
        due: promised day.
        unit_cost: price paid per unit, in EUR.
        landed: price with freight and duty, in EUR.
        believed: the landed cost selling prices are made from: the collapse is not in it.
        basis: moving average of `landed`, by product and month.
        believed_basis: moving average of `believed`.
    """

    ordered: NDArray[np.int64]
    received: NDArray[np.int64]
    due: NDArray[np.int64]
    unit_cost: Numbers
    landed: Numbers
    believed: Numbers
    basis: Numbers
    believed_basis: Numbers
    freight_rate: Numbers
    duty_rate: Numbers


def moving_average(landed: Numbers) -> Numbers:
    """Return the average cost in stock by month: what is left over, and the new delivery."""
    average = np.empty((len(landed), MONTHS))
    stock = landed[:, 0]
    for month in range(MONTHS):
        stock = KEEP * stock + (1 - KEEP) * landed[:, month + 1]
        average[:, month] = stock
    return average


def _market_cost(products: Products, days: NDArray[np.int64]) -> Numbers:
    """Return the ex-mill cost per unit by product and slot."""
    spain = spanish_price()
    constant = np.array([MARKETS.get(m or "", (0.0, 0.0))[0] for m in products.texts("market")])
    share = np.array([MARKETS.get(m or "", (0.0, 0.0))[1] for m in products.texts("market")])
    price = constant[:, None] + share[:, None] * spain[days + LEAD]
    inflation = 1.0 + 0.03 * days / 365.25
    oil = products.oil_kg * products.numbers("premium")
    return oil[:, None] * price + products.numbers("pack")[:, None] * inflation


def buy(products: Products, seed: int, delays: dict[str, int]) -> Buying:
    """Return dates and costs of all deliveries; quantities follow from the demand.

    Args:
        products: the products.
        seed: seed of the company.
        delays: last day of a planted stock-out by product and slot, as "product:slot".
    """
    rng = stream(seed, 2)
    suppliers = read("suppliers").to_pylist()
    by_id = {row["supplier_id"]: row for row in suppliers}
    rows = [by_id.get(s or "", suppliers[0]) for s in products.texts("supplier_id")]
    lead = np.array([row["lead_time_days"] for row in rows])[:, None]
    shape = (len(rows), MONTHS + 1)
    starts = np.concatenate([[-12], MONTH_START])
    received = starts[None, :] + rng.integers(0, 3, shape)
    for key, day in delays.items():
        product, slot = key.split(":")
        received[products.index(product), int(slot)] = day
    ordered = np.maximum(received - lead - rng.integers(0, 3, shape), -LEAD)
    late = np.array([LATE_SUPPLIER[1] * (row["supplier_id"] == LATE_SUPPLIER[0]) for row in rows])
    due = received - late[:, None] + rng.integers(-1, 2, shape)
    due = np.minimum(due, starts[None, :] + 3)  # after a stock-out the delivery was due long ago
    due = np.maximum(due, ordered + 1)
    believed = _market_cost(products, ordered) * np.exp(rng.normal(0.0, 0.008, shape))
    standard = ~products.cost_source("purchases")
    believed = np.where(standard[:, None], believed.mean(axis=1, keepdims=True), believed)
    believed = np.rint(believed * 1e4) / 1e4
    supplier, since, factor = SUPPLIER_COLLAPSE
    hit = np.array([row["supplier_id"] == supplier for row in rows])
    hit &= products.cost_source("purchases")
    unit_cost = believed * np.where(hit[:, None] & (ordered >= day_index(since)), factor, 1.0)
    freight = np.array([row["freight_rate"] for row in rows])
    duty = np.array([row["duty_rate"] for row in rows])
    load = np.where(standard, 1.0, 1.0 + freight + duty)[:, None]
    return Buying(
        ordered, received, due, unit_cost, unit_cost * load, believed * load,
        moving_average(unit_cost * load), moving_average(believed * load), freight, duty,
    )  # fmt: skip
