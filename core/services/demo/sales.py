"""What lines are billed at, and their form as rows of the business schema."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from . import planted
from .arrow import dates, decimals, numbered, picked, typed_table
from .lines import (
    ADJUSTMENT,
    FEE,
    LINE_KINDS,
    POSTAGE,
    PRODUCT,
    SAMPLE,
    Lines,
    Trade,
    draw,
)
from .market import CURRENCIES, Buying, Numbers
from .people import WAREHOUSES, customer_ids, salespeople
from .planted import BRAND, CHANNELS, WEB
from .prices import DISCOUNT_TIERS, TIERED
from .timeline import LEAD, MONTH_OF_DAY, MONTH_START, day_index

_FREIGHT_PER_KG = np.array([0.035, 0.07, 0.20, 0.32, 0.80])
_FREIGHT_PER_LINE = np.array([0.0, 0.0, 0.0, 0.0, 0.6])
_FEE_RATES = np.array([0.002, 0.004, 0.015, 0.012, 0.026])
_POSTAGE, _FEE = 5.90, 4.50


@dataclass(frozen=True)
class Terms:
    """Terms of lines in EUR: price before discount, and the costs of selling."""

    price: Numbers
    discount: Numbers
    promotion: NDArray[np.int64]
    freight: Numbers
    fees: Numbers


@dataclass(frozen=True)
class Pricing:
    """What turns drawn lines into billed ones; `generous` is the salesperson who discounts."""

    trade: Trade
    buying: Buying
    rates: Numbers
    generous: int

    def warehouse(self, lines: Lines) -> NDArray[np.int64]:
        """Return where lines are shipped from."""
        shop = WAREHOUSES.index("Lyon")
        return np.where(lines.channel == WEB, shop, self.trade.market.warehouse[lines.country])

    def _price(self, lines: Lines) -> Numbers:
        trade = self.trade
        price = trade.book.price[lines.product, lines.channel, lines.sold // 7]
        price = price * trade.customers.price[lines.customer]
        postage = np.ceil(_POSTAGE * trade.market.zone[lines.country] * 2) / 2 - 0.1
        goodwill = -(2.0 + 0.75 * (lines.order % 18))
        kinds = [lines.kind == kind for kind in (SAMPLE, POSTAGE, FEE, ADJUSTMENT)]
        return np.select(kinds, [0.0, postage, _FEE, goodwill], price)

    def _discount(self, lines: Lines) -> tuple[Numbers, NDArray[np.int64]]:
        trade, week = self.trade, lines.sold // 7
        goods = lines.kind == PRODUCT
        promotion = trade.book.promotion[lines.product, lines.channel, week].astype(np.int64)
        promotion = np.where(goods, promotion, -1)
        tier = DISCOUNT_TIERS[trade.customers.tier[lines.customer]] * TIERED[lines.channel]
        discount = np.maximum(tier, trade.book.discount[lines.product, lines.channel, week])
        _, first, last, granted = planted.GENEROUS
        by_person = (trade.customers.salesperson[lines.customer] == self.generous) & (
            lines.customer < trade.customers.count
        )
        by_person &= (lines.sold >= day_index(first)) & (lines.sold <= day_index(last))
        by_person &= lines.channel == BRAND
        return np.where(by_person, np.maximum(discount, granted), discount) * goods, promotion

    def terms(self, lines: Lines) -> Terms:
        """Return what lines are billed at in EUR, before the planted typing errors."""
        price = self._price(lines)
        discount, promotion = self._discount(lines)
        sold = (lines.kind == PRODUCT) & (lines.quantity > 0)
        kilos = lines.quantity * self.trade.products.weight_kg[lines.product]
        zone = self.trade.market.zone[lines.country]
        freight = (_FREIGHT_PER_KG[lines.channel] * kilos + _FREIGHT_PER_LINE[lines.channel]) * zone
        fees = _FEE_RATES[lines.channel] * lines.quantity * price * (1.0 - discount)
        return Terms(price, discount, promotion, freight * sold, fees * sold)

    def own_cost(
        self, lines: Lines, currency: NDArray[np.int64]
    ) -> tuple[Numbers, NDArray[np.bool_]]:
        """Return the line's own cost and where there is none: only the web shop states one."""
        stated = (lines.channel == WEB) & (currency == 0) & (lines.kind == PRODUCT)
        stated &= self.trade.products.cost_source("purchases")[lines.product]
        cost = self.buying.basis[lines.product, MONTH_OF_DAY[lines.sold]]
        wrong = np.isin(lines.order, self.trade.wrong.cost_orders) & (lines.position == 0)
        return cost * np.where(wrong, 10.0, 1.0), ~stated

    def billed(self, lines: Lines, terms: Terms) -> tuple[NDArray[np.int64], dict[str, pa.Array]]:
        """Return the currency of each line and the columns that are amounts in it."""
        currency = self.trade.market.currency[lines.country]
        # Lists abroad are fixed at the rate of the first day of the month.
        rate = self.rates[currency, LEAD + MONTH_START[MONTH_OF_DAY[lines.sold]]]
        places = np.where(currency == CURRENCIES.index("JPY"), 1.0, 100.0)
        loose = np.isin(lines.channel, (planted.BULK,)) & (currency != CURRENCIES.index("JPY"))
        places = np.where(loose, 10_000.0, places)
        price = np.rint(terms.price / rate * places) / places
        wrong = np.isin(lines.order, self.trade.wrong.price_orders) & (lines.position == 0)
        cost, unstated = self.own_cost(lines, currency)
        return currency, {
            "unit_price": decimals(price * np.where(wrong, 10.0, 1.0), 4),
            "discount_rate": decimals(terms.discount, 4),
            "unit_cost": decimals(cost, 4, nulls=unstated),
            "freight_out": decimals(terms.freight / rate, 2),
            "fees": decimals(terms.fees / rate, 2),
        }


def _identities(lines: Lines, returns: int) -> tuple[dict[str, pa.Array], int]:
    """Return invoice, order and line numbers, and the number of returns so far."""
    back = (lines.quantity < 0) & (lines.kind == PRODUCT)
    number = np.where(back, returns + np.cumsum(back), lines.order + 1)
    prefix = picked(["FA", "AV"], back.astype(np.int64))
    return {
        "invoice_id": numbered(prefix, number),
        "line_no": pa.array(np.where(back, 1, lines.position + 1)),
        "order_id": numbered("CM", lines.order + 1),
    }, returns + int(back.sum())


def sales_tables(pricing: Pricing) -> Iterator[pa.Table]:
    """Yield the sales by date as tables of the business schema."""
    trade = pricing.trade
    ids = customer_ids(trade.customers.count)
    codes = pa.array(trade.products.ids, pa.string())
    people = pa.array(salespeople(), pa.string())
    promotions = pa.array([promotion.code for promotion in planted.PROMOTIONS], pa.string())
    returns = 0
    for lines in draw(trade):
        guest = lines.customer == trade.customers.count
        terms = pricing.terms(lines)
        currency, amounts = pricing.billed(lines, terms)
        identities, returns = _identities(lines, returns)
        seller = trade.customers.salesperson[lines.customer]
        columns = {
            **identities,
            **amounts,
            "date": dates(lines.day),
            "product_id": picked(codes, lines.product),
            "quantity": decimals(lines.quantity, 0),
            "currency": picked(CURRENCIES, currency),
            "customer_id": picked(ids, lines.customer, nulls=guest),
            "country": picked(trade.market.codes, lines.country),
            "channel": picked(CHANNELS, lines.channel),
            "warehouse": picked(WAREHOUSES, pricing.warehouse(lines)),
            "salesperson": picked(people, seller, nulls=guest | (lines.channel == WEB)),
            "promotion": picked(promotions, terms.promotion, nulls=terms.promotion < 0),
            "line_kind": picked(LINE_KINDS, lines.kind),
        }
        yield typed_table("sales", columns)
