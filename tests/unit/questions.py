"""Random lines for questions, and the definitions page in pandas: one small home for several tests.

Returns, unknown customers and countries, missing costs, two currencies, days without sales.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.models.query import MetricQuery
from core.models.result import ResultTable
from tests.storehouse import Storehouse

LINES = 700
FIRST = date(2023, 12, 4)
DAYS = 420
COLUMNS = {
    "country": "country", "channel": "channel", "category": "category", "product": "product_id",
    "customer": "customer_id", "month": "month", "quarter": "quarter", "year": "year",
    "campaign": "campaign", "week": "week",
}  # fmt: skip
NAMES = [
    "Huile vierge extra", "Huile de Provence", "Olives vertes", "Tapenade", "Savon à l'huile",
    "Coffret ÉTÉ", "Bidon", "Vinaigre",
]  # fmt: skip


def make_lines() -> pd.DataFrame:
    """Return lines with amounts in cents of the base currency; `cost` is NaN where unknown."""
    chance = np.random.default_rng(5)
    orders = LINES // 3
    days = chance.integers(0, DAYS, orders)
    days[(days > 120) & (days < 190)] += 80  # ten weeks without any sale
    head = pd.DataFrame({
        "date": [FIRST + timedelta(days=int(d)) for d in days],
        "customer_id": chance.choice([*(f"c{i}" for i in range(15)), None], orders),
        "channel": chance.choice(["shop", "web", "agent"], orders),
        "country": chance.choice(["FR", "DE", "IT", "GB", None], orders),
        "currency": chance.choice(["EUR", "EUR", "USD"], orders),
    })  # fmt: skip
    invoice = np.sort(chance.integers(0, orders, LINES))
    frame = head.loc[invoice].reset_index(drop=True)
    frame["invoice_id"] = [f"i{i}" for i in invoice]
    product = chance.integers(0, len(NAMES), LINES)
    frame["product_id"] = [f"P{i}" for i in product]
    frame["category"] = pd.Series([f"C{i % 3}" if i % 3 else None for i in product], dtype=object)
    for column in ("customer_id", "country"):
        frame[column] = frame[column].astype(object).where(frame[column].notna(), None)
    frame["quantity"] = chance.integers(-3, 12, LINES)
    frame["price"] = 5 * chance.integers(1, 900, LINES)
    frame["unit_cost"] = np.where(chance.random(LINES) < 0.7, 5 * chance.integers(1, 500, LINES), 0)
    rate = np.where(frame["currency"] == "USD", 8, 10)
    frame["net"] = frame["quantity"] * frame["price"] * rate // 10
    known = frame["unit_cost"] > 0
    frame["covered"] = frame["net"].where(known)
    frame["cost"] = (frame["quantity"] * frame["unit_cost"] * rate // 10).where(known)
    stamps = pd.to_datetime(frame["date"])
    frame["month"] = stamps.dt.to_period("M").dt.start_time.dt.date
    frame["quarter"] = stamps.dt.to_period("Q").dt.start_time.dt.date
    frame["year"] = stamps.dt.to_period("Y").dt.start_time.dt.date
    october = [date(d.year - (d.month < 10), 10, 1) for d in frame["date"]]
    frame["campaign"] = october
    frame["week"] = [d - timedelta(days=d.weekday()) for d in frame["date"]]
    return frame


def open_house(home: Path, lines: pd.DataFrame) -> Storehouse:
    """Commit the lines and open a home on them."""
    found = Storehouse(home)
    found.add("sales", [
        {
            "invoice_id": r.invoice_id, "date": r.date, "product_id": r.product_id,
            "quantity": r.quantity, "unit_price": f"{r.price / 100:.2f}",
            "unit_cost": f"{r.unit_cost / 100:.2f}" if r.unit_cost else None,
            "currency": r.currency, "customer_id": r.customer_id, "channel": r.channel,
            "country": r.country,
        }
        for r in lines.itertuples()
    ])  # fmt: skip
    found.add("products", [
        {"product_id": r.product_id, "category": r.category, "name": NAMES[int(r.product_id[1:])]}
        for r in lines.drop_duplicates("product_id").itertuples()
    ])  # fmt: skip
    found.add("fx_rates", [{"date": date(2023, 1, 1), "currency": "USD", "rate_to_base": "0.8"}])
    return found


def figures(part: pd.DataFrame) -> dict[str, Any]:
    """Return metrics of some lines, as the definitions page has them; money in units."""
    sold = part[part["quantity"] > 0]
    known = bool(part["covered"].notna().any())
    covered, cost = part["covered"].sum() / 100, part["cost"].sum() / 100
    margin = covered - cost if known else None
    return {
        "net_sales": part["net"].sum() / 100 if len(part) else None,
        "gross_margin": margin,
        "margin_rate": None if margin is None or not covered else margin / covered,
        "orders": sold["invoice_id"].nunique(),
        "customers": sold["customer_id"].nunique(),
        "aov": part["net"].sum() / 100 / sold["invoice_id"].nunique() if len(sold) else None,
    }


def split(frame: pd.DataFrame, by: Sequence[str]) -> dict[tuple[Any, ...], pd.DataFrame]:
    """Return the lines of every group; a missing value is None."""
    rows: dict[tuple[Any, ...], list[int]] = {}
    for place, key in enumerate(zip(*(frame[COLUMNS[k]] for k in by), strict=True)):
        rows.setdefault(tuple(None if pd.isna(v) else v for v in key), []).append(place)
    return {key: frame.iloc[places] for key, places in rows.items()}


def same(found: Any, expected: Any) -> bool:
    """Compare to a millionth; unknown equals unknown only."""
    if found is None or expected is None:
        return found is None and expected is None
    return abs(float(found) - float(expected)) < 1e-6 * max(1.0, abs(float(expected)))


def ask(house: Storehouse, *metrics: str, **options: Any) -> ResultTable:
    """Ask anew, past the kept answers."""
    return house.metrics.ask(MetricQuery(metrics, **options), cached=False)
