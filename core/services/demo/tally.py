"""What all lines add up to: the demand purchases must cover, the value investments earn."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .lines import PRODUCT, SAMPLE, draw
from .market import Numbers
from .people import WAREHOUSES
from .planted import CHANNELS
from .sales import Pricing
from .timeline import MONTH_OF_DAY, MONTHS


@dataclass(frozen=True)
class Tally:
    """Sums over all lines.

    Attributes:
        demand: units that left by month, warehouse and product (returns come back).
        net: net sales of goods in EUR by month, country and channel.
        margin: gross margin in EUR over goods of known cost, by the same.
        contribution: margin less freight and fees in EUR, by the same.
    """

    demand: NDArray[np.int64]
    net: Numbers
    margin: Numbers
    contribution: Numbers


def tally(pricing: Pricing) -> Tally:
    """Return the sums, in one pass over the drawn lines."""
    trade = pricing.trade
    goods, places = len(trade.products.ids), len(trade.market.codes)
    demand = np.zeros(MONTHS * len(WAREHOUSES) * goods)
    sums = np.zeros((3, MONTHS * places * len(CHANNELS)))
    known = ~trade.products.cost_source("none")
    for lines in draw(trade):
        month = MONTH_OF_DAY[lines.day]
        moved = (lines.kind == PRODUCT) | (lines.kind == SAMPLE)
        shelf = (month * len(WAREHOUSES) + pricing.warehouse(lines)) * goods + lines.product
        demand += np.bincount(shelf, lines.quantity * moved, len(demand))
        terms = pricing.terms(lines)
        sold = lines.kind == PRODUCT
        net = lines.quantity * terms.price * (1.0 - terms.discount) * sold
        cost = lines.quantity * pricing.buying.basis[lines.product, month]
        margin = (net - cost) * (sold & known[lines.product])
        cell = (month * places + lines.country) * len(CHANNELS) + lines.channel
        left = margin - terms.freight - terms.fees
        for row, values in enumerate((net, margin, left)):
            sums[row] += np.bincount(cell, values, sums.shape[1])
    shape = (MONTHS, places, len(CHANNELS))
    return Tally(
        np.rint(demand).astype(np.int64).reshape(MONTHS, len(WAREHOUSES), goods),
        *(row.reshape(shape) for row in sums),
    )
