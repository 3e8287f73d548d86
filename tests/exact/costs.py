"""Moving average landed costs in fractions, and what they make of a quantity in millionths."""

from bisect import bisect_right
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd

from tests import random_company as company
from tests.exact.keys import MICRO

# The engine's averages are binary numbers: each receipt rounds four times by at most 1.1e-16 of
# the value. Twelve receipts make 1e-14; of the largest amount here, below 1e10 millionths, that is
# 1e-4 millionths. Costs are kept in whole millionths: only where the exact cost lies that close to
# a half could the engine's be rounded the other way.
BINARY = Fraction(1, 10_000)


class Averages:
    """The moving average landed cost of the purchased products."""

    def __init__(self, sales: pd.DataFrame) -> None:
        """Replay receipts and sales, day by day; on a day receipts come first."""
        bought = pd.DataFrame(company.purchases())
        sold = sales[sales["line_kind"] == "product"]
        out = sold.groupby(["product_id", "date"])["quantity"].sum()
        self._days: dict[str, list[date]] = {}
        self._costs: dict[str, list[Fraction]] = {}
        for product, receipts in bought.groupby("product_id"):
            left = {day: int(quantity) for day, quantity in out[product].items()}
            self._replay(str(product), left, {r.date: r for r in receipts.itertuples()})

    def _replay(self, product: str, left: dict[date, int], incoming: dict[date, Any]) -> None:
        stock, average = 0, None
        days, costs = self._days.setdefault(product, []), self._costs.setdefault(product, [])
        for day in sorted({*left, *incoming}):
            if day in incoming:
                r = incoming[day]
                paid = Fraction(r.quantity * r.unit_cost + r.freight_in + r.duty)
                if average is None or stock <= 0:
                    average = paid / r.quantity
                else:
                    average = (stock * average + paid) / (stock + r.quantity)
                stock += r.quantity
            stock -= left.get(day, 0)
            if average is not None:
                days.append(day)
                costs.append(average)

    def on(self, product: str, day: date) -> Fraction | None:
        """Return the average of a day, None before the first receipt."""
        place = bisect_right(self._days.get(product, []), day)
        return self._costs[product][place - 1] if place else None

    def cost(self, product: str, day: date, quantity: int) -> int | None:
        """Return a quantity's cost in whole millionths; it must be clear how to round it."""
        average = self.on(product, day)
        if average is None:
            return None
        exact = quantity * average * MICRO
        found = round(exact)
        assert abs(abs(exact - found) - Fraction(1, 2)) > BINARY, "may be rounded either way"
        return found
