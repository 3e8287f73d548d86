"""The sales lines with their parts: whole millionths of the base currency, hence exact sums."""

from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd

from tests import random_company as company
from tests.exact.costs import Averages
from tests.exact.keys import CENT, MICRO

SUMS = (
    "gross_sales", "discounts", "returns", "net_sales", "product_sales", "covered", "cogs",
    "costs", "units", "weight", "unweighed", "investment", "overhead", "is_sale", "is_product",
    "is_covered", "has_costs", "is_investment", "is_overhead",
)  # fmt: skip
_RATES = ((date(2024, 7, 1), 9), (date(2023, 1, 1), 8))  # of the dollar, in tenths


def dollar(day: date) -> int:
    """Return the latest rate of the dollar on or before a day, in tenths of the base currency."""
    return next(tenths for start, tenths in _RATES if day >= start)


def sold_lines(sales: pd.DataFrame, averages: Averages) -> pd.DataFrame:
    """Return every line with its dimensions and the columns of `SUMS`."""
    people = company.customers().rename(columns={"country": "home", "salesperson": "keeper"})
    f = sales.merge(company.products(), on="product_id").merge(people, on="customer_id", how="left")
    home, keeper = _then(f, "home", "country"), _then(f, "keeper", "salesperson")
    f["country"] = f["country"].where(f["country"].notna(), home)
    f["salesperson"] = f["salesperson"].where(f["salesperson"].notna(), keeper)
    f["category_then"] = _then(f, "category", "category", "product_id")
    f["supplier_then"] = _then(f, "supplier_id", "supplier_id", "product_id")
    f["segment_then"] = _then(f, "segment", "segment")
    f["order"] = f["order_id"].where(f["order_id"].notna(), f["invoice_id"])
    foreign = f["currency"] != "EUR"
    tenths = np.where(foreign, [dollar(d) for d in f["date"]], 10)
    gross = f["quantity"].abs() * f["cents"] * CENT // 10 * tenths
    off = gross * f["off"] // 100
    sold, back = f["quantity"] > 0, f["quantity"] < 0
    f["gross_sales"], f["discounts"] = gross.where(sold, 0), off.where(sold, 0)
    f["returns"] = (gross - off).where(back, 0)
    f["net_sales"] = f["gross_sales"] - f["discounts"] - f["returns"]
    product = f["line_kind"] == "product"
    f["product_sales"] = f["net_sales"].where(product, 0)
    f["costs"] = f["freight_cents"].clip(0) * CENT // 10 * tenths
    f["units"] = (f["quantity"] * MICRO).where(product, 0)
    f["is_sale"], f["is_product"] = 1, product.astype(int)
    f["has_costs"] = (f["freight_cents"] >= 0).astype(int)
    f = _weighed(_costed(f, averages, tenths))
    return f.assign(investment=0, overhead=0, is_investment=0, is_overhead=0)


def _then(f: pd.DataFrame, today: str, attribute: str, key: str = "customer_id") -> pd.Series:
    """Return what each line's product or customer was on its day."""
    lines = zip(f[key], f[today], f["date"], strict=True)
    found = [company.then(member, attribute, value, day) for member, value, day in lines]
    return pd.Series(found, index=f.index, dtype=object)


def _costed(f: pd.DataFrame, averages: Averages, tenths: np.ndarray) -> pd.DataFrame:
    """Add the cost: the line's own, else the moving average of its day, else the standard."""
    product = f["line_kind"] == "product"
    own = f["quantity"] * f["cost_cents"] * CENT // 10 * tenths
    lines = zip(f["product_id"], f["date"], f["quantity"], strict=True)
    found = [averages.cost(product, day, int(quantity)) for product, day, quantity in lines]
    by_average = np.array([cost or 0 for cost in found], np.int64)
    standard = f["quantity"] * f["standard_cents"] * CENT
    known = {
        "own": f["cost_cents"] >= 0, "average": np.array([cost is not None for cost in found]),
        "standard": f["standard_cents"] >= 0,
    }  # fmt: skip
    cost = np.select([*known.values()], [own, by_average, standard], 0)
    source = np.select([*known.values()], [*known], "unknown")
    covered = product & (source != "unknown")
    f["cogs"] = np.where(covered, cost, 0)
    f["covered"] = f["net_sales"].where(covered, 0)
    f["is_covered"] = covered.astype(int)
    f["cost_source"] = pd.Series(source, dtype=object).where(product, None)
    return f


def _weighed(f: pd.DataFrame) -> pd.DataFrame:
    """Add the weight: what has a grade is oil; a litre of anything else has no known weight."""
    known = {
        row.product_id: _grammes(
            row.unit, row.content if isinstance(row.content, str) else None,
            oil=isinstance(row.grade, str),
        )
        for row in company.products().itertuples()
    }  # fmt: skip
    product = f["line_kind"] == "product"
    each = [known[product] for product in f["product_id"]]
    missing = np.array([grammes is None for grammes in each])
    micros = np.array([int((grammes or 0) * (MICRO // 1000)) for grammes in each], np.int64)
    f["unweighed"] = (product & missing).astype(int)
    f["weight"] = (f["quantity"] * micros).where(product, 0)
    return f


def _grammes(unit: str, content: str | None, *, oil: bool) -> Fraction | None:
    """Return what one unit weighs; 0.916 kg per litre of oil, other content in kilograms."""
    if unit == "kg":
        return Fraction(1000)
    litres = "1" if unit == "L" else content
    if litres is None or (unit == "L" and not oil):
        return None
    return Fraction(litres) * (916 if oil else 1000)
