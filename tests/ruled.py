"""A company with rules about who sees which rows, and the figures of the visible lines."""

import random
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from core.models.query import NO_VALUE
from core.services.access import Access
from tests.storehouse import Storehouse, sale

COUNTRIES = ("FR", "IT", "DE", None)
RULES: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "anna": (("country", ("FR",)),),
    "ben": (("country", ("FR", "IT")), ("channel", ("web",))),
    "cleo": (("customer", (NO_VALUE, "C1", "C2")),),
    "dora": (("country", (NO_VALUE,)),),
    "emil": (("category", ("oil",)), ("salesperson", ("S1",))),
    "nobody": (("country", ("XX",)),),
}


def company() -> list[dict[str, Any]]:
    chance = random.Random(20250101)
    rows = []
    for n in range(400):
        day = date(2024 + n % 2, chance.randint(1, 12), chance.randint(1, 28))
        customer = f"C{chance.randint(1, 9)}"
        rows.append(
            dict(
                sale(
                    f"I{n // 2}", day.isoformat(), f"P{chance.randint(1, 6)}",
                    chance.choice((1, 2, 3, 5, -1)), chance.randint(100, 9900) / 100,
                    unit_cost=chance.randint(50, 4000) / 100,
                    customer_id=customer if chance.random() < 0.8 else None,
                    country=chance.choice(COUNTRIES), channel=chance.choice(("web", "shop")),
                    salesperson=chance.choice(("S1", "S2")),
                )
            )
        )  # fmt: skip
    return rows


def products() -> list[dict[str, Any]]:
    return [
        {"product_id": f"P{n}", "name": f"Product {n}", "category": ("oil", "soap")[n % 2]}
        for n in range(1, 7)
    ]


def open_ruled(home: Path) -> Storehouse:
    """Open a home with the company and its rules."""
    found = Storehouse(home)
    found.add("sales", company())
    found.add("products", products())
    access = Access(found.catalogue, found.metrics)
    for user, rules in RULES.items():
        for dimension, values in rules:
            access.allow(user, dimension, values)
    return found


def lines_of() -> pd.DataFrame:
    """Return the lines with their categories, net amounts and margins."""
    frame = pd.DataFrame(company())
    named = {row["product_id"]: row["category"] for row in products()}
    frame["category"] = frame["product_id"].map(named)
    frame["customer"] = frame["customer_id"]
    amounts = [
        Decimal(str(q)) * Decimal(str(p))
        for q, p in zip(frame["quantity"], frame["unit_price"], strict=True)
    ]
    frame["net"] = amounts
    frame["margin"] = [
        a - Decimal(str(q)) * Decimal(str(c))
        for a, q, c in zip(amounts, frame["quantity"], frame["unit_cost"], strict=True)
    ]
    return frame


def visible(lines: pd.DataFrame, user: str) -> pd.DataFrame:
    """Return the lines a user may see, from the rules as they are written above."""
    kept = lines
    for dimension, values in RULES[user]:
        named = kept[dimension].isin([v for v in values if v != NO_VALUE])
        kept = kept[named | (kept[dimension].isna() & (NO_VALUE in values))]
    return kept


def figures(part: pd.DataFrame) -> dict[str, Any]:
    """Compute the metrics below as the definitions say; unknown where no line matches."""
    if part.empty:
        return dict.fromkeys(("net_sales", "gross_margin", "margin_rate", "orders", "customers"))
    sold = part[part["quantity"] > 0]
    net, margin = sum(part["net"]), sum(part["margin"])
    return {
        "net_sales": net,
        "gross_margin": margin,
        "margin_rate": float(margin / net) if net else None,
        "orders": sold["invoice_id"].nunique(),
        "customers": sold["customer_id"].nunique(),
    }


METRICS = ("net_sales", "gross_margin", "margin_rate", "orders", "customers")


def same(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    for key, value in expected.items():
        if value is None or found[key] is None:
            if value is not found[key] and (value or found[key]):
                return False
        elif abs(float(found[key]) - float(value)) > 1e-6:
            return False
    return True
