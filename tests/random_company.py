"""A small company with random lines of every kind, for recomputations of any question.

Returns, unknown customers and countries, three currencies, mixed units, costs from every source,
investments of every kind of slice, stock counts and movements, published scores.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.models.tables import ScoreSet
from tests.storehouse import Row, Storehouse

FIRST = date(2023, 11, 20)
DAYS = 500
PRODUCTS = 12
CUSTOMERS = 40
GRADES = ("extra virgin", "virgin", None)
UNITS = ("each", "kg", "L")
SCORES = (
    "clv", "expected_orders", "p_alive", "churn_probability", "expected_margin", "recency",
    "frequency", "monetary",
)  # fmt: skip

CHANGED = FIRST + timedelta(days=200)
# What some products and customers were before.
EARLIER: dict[str, dict[str, str]] = {
    "P1": {"category": "C3", "supplier_id": "S2"}, "P5": {"category": "C9"},
    "P9": {"supplier_id": "S8"}, "c1": {"segment": "small"},
    "c3": {"segment": "middling", "country": "PT"}, "c8": {"salesperson": "Léo"},
}  # fmt: skip


def products() -> pd.DataFrame:
    """Return the products; `standard_cents` is −1 where there is no standard cost."""
    return pd.DataFrame([
        {
            "product_id": f"P{i}",
            "name": f"Product {i}",
            "category": f"C{i % 4}" if i % 4 else None,
            "subcategory": f"U{i % 5}" if i % 5 else None,
            "brand": f"B{i % 2}",
            "grade": GRADES[(i // 3) % 3],
            "origin": ("ES", "GR", None)[i % 3],
            "supplier_id": f"S{i % 3}",
            "unit": UNITS[i % 3],
            "content": "0.75" if i % 3 == 0 and i != 9 else None,  # 9 states none
            "standard_cents": 100 * i if i % 2 == 0 else -1,
        }
        for i in range(PRODUCTS)
    ])  # fmt: skip


def customers() -> pd.DataFrame:
    """Return the customers with the country and the person lines take where they state none."""
    return pd.DataFrame([
        {
            "customer_id": f"c{i}",
            "segment": "large" if i % 2 else "small",
            "country": "ES" if i % 3 == 0 else None,
            "salesperson": "Zoé" if i % 4 == 0 else None,
        }
        for i in range(CUSTOMERS)
    ])  # fmt: skip


def then(member: str | None, attribute: str, today: Any, day: date) -> Any:
    """Return what a product or customer was on a day, given what it is today."""
    return EARLIER.get(member or "", {}).get(attribute, today) if day < CHANGED else today


def _histories(key: str, rows: Sequence[Row]) -> list[Row]:
    """Return members as they were, and from when on they are what they are today."""
    found: list[Row] = []
    for row in rows:
        before = EARLIER.get(row[key], {})
        found.append({**row, **before})
        if before:
            now = {name: row[name] for name in before}
            found.append({key: row[key], "valid_from": CHANGED, **now})
    return found


def sales(lines: int, seed: int = 11) -> pd.DataFrame:
    """Return random sales lines as they are imported; −1 stands for an unknown amount."""
    chance = np.random.default_rng(seed)
    orders = lines // 3
    invoice = np.sort(chance.integers(0, orders, lines))
    heads = pd.DataFrame({
        "date": [FIRST + timedelta(days=int(d)) for d in chance.integers(0, DAYS, orders)],
        "customer_id": chance.choice([*(f"c{i}" for i in range(CUSTOMERS)), None], orders),
        "channel": chance.choice(["shop", "web", "agent"], orders),
        "country": chance.choice(["FR", "DE", "IT", None], orders),
        "currency": chance.choice(["EUR", "EUR", "USD"], orders),
        "warehouse": chance.choice(["Lyon", "Nice"], orders),
        "salesperson": chance.choice(["Ann", "Bob", None], orders),
    })  # fmt: skip
    frame = heads.loc[invoice].reset_index(drop=True)
    frame["invoice_id"] = [f"i{i}" for i in invoice]
    # Two invoices now and then make one order.
    frame["order_id"] = [f"o{i // 2}" if i % 4 < 2 else None for i in invoice]
    frame["product_id"] = [f"P{i}" for i in chance.integers(0, PRODUCTS, lines)]
    frame["promotion"] = chance.choice(["SUMMER", None, None], lines)
    frame["quantity"] = chance.integers(-3, 15, lines)
    frame["cents"] = chance.integers(0, 5000, lines)
    frame["off"] = chance.choice([0, 0, 5, 20], lines)
    frame["cost_cents"] = np.where(chance.random(lines) < 0.5, chance.integers(0, 3000, lines), -1)
    frame["freight_cents"] = np.where(
        chance.random(lines) < 0.5, chance.integers(0, 300, lines), -1
    )
    frame["line_kind"] = chance.choice(["product"] * 9 + ["postage"], lines)
    texts = ["customer_id", "country", "salesperson", "promotion", "order_id"]
    for column in texts:
        known = frame[column].astype(object)
        frame[column] = known.where(known.notna(), None)
    return frame


def rates() -> list[Row]:
    """Return the dated rates of the dollar."""
    return [
        {"date": date(2023, 1, 1), "currency": "USD", "rate_to_base": "0.8"},
        {"date": date(2024, 7, 1), "currency": "USD", "rate_to_base": "0.9"},
    ]


def investments() -> list[dict[str, Any]]:
    """Return investments of whole slices, of single ones, of days and of spans."""

    def of(kind: str, day: int, days: int, amount: int, **more: Any) -> dict[str, Any]:
        start = FIRST + timedelta(days=day)
        end = start + timedelta(days=days - 1)
        return {"kind": kind, "from_date": start, "to_date": end, "amount": amount, **more}

    return [
        of("marketing", 10, 1, 500),
        of("marketing", 40, 90, 9000, country="FR"),
        of("listing fee", 100, 30, 1234, product_id="P4", spread="days"),
        of("samples", 150, 10, 700, product_id="P5", country="DE"),
        of("staff", 0, 400, 12000, channel="web"),
        of("fair", 200, 5, 2500, category="C1", country="GB"),  # where nothing is sold
        of("equipment", 210, 60, 6001, category="C2", spread="net_sales"),
        of("marketing", 300, 45, 3333, spread="net_sales", currency="USD"),
        of("overheads", 0, 500, 25000),
        of("overheads", 320, 7, 70, country="IT"),
    ]


def purchases() -> list[dict[str, Any]]:
    """Return purchases of two products, whose costs are averages then."""
    chance = np.random.default_rng(5)
    return [
        {
            "purchase_id": f"b{product}{i}", "date": FIRST + timedelta(days=int(day)),
            "supplier_id": "S0", "product_id": product, "quantity": int(chance.integers(50, 400)),
            "unit_cost": int(chance.integers(2, 12)), "freight_in": int(chance.integers(0, 90)),
            "duty": 5,
        }
        for product in ("P1", "P6")
        for i, day in enumerate(np.sort(chance.choice(DAYS, 12, replace=False)))
    ]  # fmt: skip


def stock() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return counts and movements of some products in two places."""
    chance = np.random.default_rng(3)
    counts, moves = [], []
    for product in ("P0", "P2", "P4", "P6"):
        for place in ("Lyon", "Nice"):
            key = {"warehouse": place, "product_id": product}
            for day in chance.choice(450, 25, replace=False):
                quantity = int(chance.integers(-20, 30)) or 1
                kind = "receipt" if quantity > 0 else "sale"
                on = FIRST + timedelta(days=20 + int(day))
                moves.append({"date": on, "quantity": quantity, "kind": kind, **key})
            for day in chance.choice(450, 4, replace=False):
                on = FIRST + timedelta(days=20 + int(day))
                counts.append({"date": on, "quantity": int(chance.integers(0, 60)), **key})
    return counts, moves


def scores() -> dict[str, list[Any]]:
    """Return published scores of three customers in four."""
    chance = np.random.default_rng(8)
    known = [f"c{i}" for i in range(CUSTOMERS) if i % 4]
    return {"customer_id": known} | {
        name: [int(n) / 64 for n in chance.integers(0, 64, len(known))] for name in SCORES
    }


def fill(house: Storehouse, lines: pd.DataFrame) -> None:
    """Commit everything to a home."""

    def money(cents: int) -> str | None:
        return None if cents < 0 else f"{cents / 100:.2f}"

    house.add("sales", [
        {
            **{key: getattr(r, key) for key in _PLAIN}, "unit_price": money(r.cents),
            "discount_rate": f"{r.off / 100:.2f}", "unit_cost": money(r.cost_cents),
            "freight_out": money(r.freight_cents),
        }
        for r in lines.itertuples()
    ])  # fmt: skip
    about = [{**row, "standard_cost": money(row["standard_cents"])} for row in _rows(products())]
    house.add("products", _histories("product_id", about))
    house.add("customers", _histories("customer_id", _rows(customers())))
    house.add("fx_rates", rates())
    house.add("investments", investments())
    house.add("purchases", purchases())
    counts, moves = stock()
    house.add("stock_counts", counts)
    house.add("stock_moves", moves)
    _publish(house)


_PLAIN = (
    "invoice_id", "order_id", "date", "product_id", "quantity", "currency", "customer_id",
    "channel", "country", "warehouse", "salesperson", "promotion", "line_kind",
)  # fmt: skip


def _rows(frame: pd.DataFrame) -> Sequence[Row]:
    return [
        {str(key): None if pd.isna(value) else value for key, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _publish(house: Storehouse) -> None:
    file = house.settings.runs / "1" / "scores.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(scores()), file)
    with house.catalogue.session() as session:
        session.add(ScoreSet(
            run_id=1, analysis="clv", columns=list(SCORES), file="1/scores.parquet",
            data_version=house.catalogue.current_version(),
        ))  # fmt: skip
        session.commit()
