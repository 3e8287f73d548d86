"""A shop with two years of orders, for pages whose figures are counted again with pandas."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd

from core.models.query import Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import get_analysis
from tests.storehouse import Storehouse, sale

PERIOD = {"from": "2025-01-01", "to": "2025-12-31"}
PRODUCTS = [f"P{n:02d}" for n in range(12)]
CUSTOMERS = [f"C{n:02d}" for n in range(9)]


def lines() -> list[dict[str, Any]]:
    """Return two years of orders of one to four lines, some of them taken back."""
    random, found = Random(11), []
    for number in range(260):
        ends = {0: 0, 1: 730}  # the first and the last day have orders
        day = date(2024, 1, 1) + timedelta(days=ends.get(number, random.randrange(731)))
        customer = random.choice([*CUSTOMERS, None])
        country = random.choice(["FR", "DE", "ES"])
        for product in random.sample(PRODUCTS, random.randrange(1, 5)):
            back = random.random() < 0.06
            found.append(
                {
                    "invoice": f"{'R' if back else 'F'}{number:04d}",
                    "day": day.isoformat(),
                    "product": product,
                    "quantity": (-1 if back else 1) * random.randrange(1, 20),
                    "price": random.randrange(2, 40),
                    "customer": customer,
                    "country": country,
                    "cost": random.randrange(1, 20),
                }
            )
    return found


LINES = lines()


def open_shop(home: Path) -> Storehouse:
    """Fill a home with the lines and their products."""
    found = Storehouse(home)
    found.add("products", [
        {"product_id": code, "name": f"Huile nº {code}", "category": "Oil", "list_price": 12.5}
        for code in PRODUCTS
    ])  # fmt: skip
    found.add("products", [{"product_id": "P00", "name": "Huile dorée", "category": "Oil"}])
    found.add("products", [{"product_id": "NEVER", "name": "Not sold yet"}])
    found.add("sales", [
        sale(one["invoice"], one["day"], one["product"], one["quantity"], one["price"],
             customer_id=one["customer"], country=one["country"], unit_cost=one["cost"])
        for one in LINES
    ])  # fmt: skip
    return found


def ask(house: Storehouse, key: str, scope: Scope | None = None, **pairs: str) -> AnalysisResult:
    analysis = get_analysis(key)
    assert analysis.run
    params = analysis.params_from([*PERIOD.items(), *pairs.items()])
    return analysis.run(house.metrics, params, scope or Scope())


def frame(**only: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the lines of 2025 and of 2024, of a member."""
    data = pd.DataFrame(LINES)
    data["net"] = data["quantity"] * data["price"]
    data["margin"] = data["net"] - data["quantity"] * data["cost"]
    data["year"] = data["day"].str[:4]
    for column, value in only.items():
        data = data[data[column] == value]
    return data[data["year"] == "2025"], data[data["year"] == "2024"]
