"""Purchases that cover the demand, and the stock they leave: every unit ties to the sales."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from . import planted
from .arrow import dates, decimals, numbered, picked, typed_table
from .market import CURRENCIES, Buying, Numbers
from .people import WAREHOUSES
from .reference import Products, read
from .timeline import DAYS, LEAD, MONTH_OF_DAY, MONTH_START, MONTHS, stream

_SAFETY = 0.35
_LOSS_CHANCE = 0.01
_LOSS_SHARE = 0.02

Units = NDArray[np.int64]


@dataclass(frozen=True)
class Stock:
    """Units by warehouse and product.

    Attributes:
        received: by slot (0: before the first sale, then one a month).
        lost: by month.
        closing: at the end of each month.
    """

    received: Units
    lost: Units
    closing: Units


def stock_out_days(week: int, weeks: int) -> tuple[int, int]:
    """Return the first and last day of a planted stock-out."""
    return week * 7, (week + weeks) * 7 - 1


def delivery_delays() -> dict[str, int]:
    """Return the day on which deliveries end the planted stock-outs, as "product:slot"."""
    delays = {}
    for gap in planted.STOCK_OUTS:
        last = stock_out_days(gap.first_week, gap.weeks)[1]
        delays[f"{gap.product}:{MONTH_OF_DAY[last] + 1}"] = last + 1
    return delays


def _empty_months(products: Products) -> NDArray[np.bool_]:
    """Return the months at whose end a planted stock-out leaves nothing, by product."""
    empty = np.zeros((MONTHS, len(products.ids)), bool)
    for gap in planted.STOCK_OUTS:
        first = stock_out_days(gap.first_week, gap.weeks)[0]
        empty[MONTH_OF_DAY[first], products.index(gap.product)] = True
    return empty


def run_stock(products: Products, demand: Units, seed: int) -> Stock:
    """Return receipts, losses and closing stocks month by month."""
    rng = stream(seed, 14)
    empty = _empty_months(products)
    bought = products.cost_source("purchases")
    received = np.zeros((MONTHS + 1, *demand.shape[1:]), np.int64)
    lost, closing = np.zeros_like(demand), np.zeros_like(demand)
    following = np.concatenate([demand[1:], demand[-1:]])
    received[0] = np.ceil(_SAFETY * np.maximum(demand[0], 0)) * bought
    stock = received[0]
    for month in range(MONTHS):
        target = np.ceil(_SAFETY * np.maximum(following[month], 0)) * ~empty[month]
        need = np.maximum(demand[month] + target - stock, 0).astype(np.int64)
        received[month + 1] = need * bought
        stock = (stock + received[month + 1] - demand[month]) * bought
        unlucky = rng.random(stock.shape) < _LOSS_CHANCE
        loss = np.where(unlucky, np.ceil(stock * _LOSS_SHARE).astype(np.int64), 0)
        lost[month] = np.where(empty[month], stock, loss)
        stock = stock - lost[month]
        closing[month] = stock
    return Stock(received, lost, closing)


def _supplier_currency(products: Products) -> NDArray[np.int64]:
    billed = {row["supplier_id"]: row["currency"] for row in read("suppliers").to_pylist()}
    names = [billed.get(s or "", "EUR") for s in products.texts("supplier_id")]
    return np.array([CURRENCIES.index(name) for name in names])


def purchases(
    products: Products, buying: Buying, stock: Stock, rates: Numbers
) -> tuple[pa.Table, pa.Table]:
    """Return the purchases, and their receipts by warehouse as stock moves."""
    total = stock.received.sum(axis=1)
    slot, product = np.nonzero(total)
    order = np.lexsort((product, buying.ordered[product, slot]))
    slot, product = slot[order], product[order]
    ordered = buying.ordered[product, slot]
    currency = _supplier_currency(products)[product]
    cost = buying.unit_cost[product, slot] / rates[currency, ordered + LEAD]
    cost = np.rint(cost * 1e4) / 1e4
    quantity = total[slot, product]
    lots = [f"L{products.ids[p]}-{s:02d}" for p, s in zip(product, slot, strict=True)]
    table = typed_table(
        "purchases",
        {
            "purchase_id": numbered("AC", np.arange(1, len(slot) + 1)),
            "date": dates(ordered),
            "supplier_id": picked(products.texts("supplier_id"), product),
            "product_id": picked(products.ids, product),
            "quantity": decimals(quantity, 0),
            "unit_cost": decimals(cost, 4),
            "currency": picked(CURRENCIES, currency),
            "freight_in": decimals(cost * quantity * buying.freight_rate[product], 2),
            "duty": decimals(cost * quantity * buying.duty_rate[product], 2),
            "lot": pa.array(lots, pa.string()),
            "due_on": dates(buying.due[product, slot]),
            "received_on": dates(buying.received[product, slot]),
        },
    )
    return table, _receipts(products, buying, stock)


def _moves(products: Products, day: Units, place: Units, product: Units, moved: Units, kind: str,
           lots: list[str] | None = None) -> pa.Table:  # fmt: skip
    """Return one kind of stock moves."""
    nothing: list[str | None] = [None] * len(day)
    return typed_table(
        "stock_moves",
        {
            "date": dates(day),
            "warehouse": picked(WAREHOUSES, place),
            "product_id": picked(products.ids, product),
            "quantity": decimals(moved, 0),
            "kind": pa.array([kind] * len(day), pa.string()),
            "lot": pa.array(lots or nothing, pa.string()),
        },
    )


def _receipts(products: Products, buying: Buying, stock: Stock) -> pa.Table:
    slot, place, product = np.nonzero(stock.received)
    lots = [f"L{products.ids[p]}-{s:02d}" for p, s in zip(product, slot, strict=True)]
    moved = stock.received[slot, place, product]
    return _moves(products, buying.received[product, slot], place, product, moved, "receipt", lots)


def stock_tables(
    products: Products, demand: Units, stock: Stock, receipts: pa.Table
) -> tuple[pa.Table, pa.Table]:
    """Return all stock moves by date, and the counts at the end of each month.

    Sales leave the stock in one move per month, warehouse and product; the lines have the days.
    """
    bought = products.cost_source("purchases")
    month_end = np.append(MONTH_START[1:], DAYS) - 1
    parts = [receipts]
    for kind, units in (("sale", demand * bought), ("loss", stock.lost)):
        month, place, product = np.nonzero(units)
        moved = -units[month, place, product]
        parts.append(_moves(products, month_end[month], place, product, moved, kind))
    moves = pa.concat_tables(parts).sort_by([("date", "ascending"), ("product_id", "ascending")])
    ever = stock.received.sum(axis=1)[: MONTHS + 1].cumsum(axis=0)[1:] > 0
    month, place, product = np.nonzero(np.broadcast_to(ever[:, None, :], demand.shape))
    counts = typed_table(
        "stock_counts",
        {
            "date": dates(month_end[month]),
            "warehouse": picked(WAREHOUSES, place),
            "product_id": picked(products.ids, product),
            "quantity": decimals(stock.closing[month, place, product], 0),
        },
    )
    return moves.combine_chunks(), counts
