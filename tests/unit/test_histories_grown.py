"""Histories that come import by import: files built on files, random ones, and real intake."""

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.models.query import Filter, MetricQuery, Period
from core.repository.warehouse import verify
from core.services.metrics import Metrics
from tests.growing import Pair
from tests.moving_shop import by_key, open_moving_shop
from tests.storehouse import Row, Storehouse, sale

THEN = ("category", "supplier", "segment")
STORED = {"category": "category", "supplier": "supplier_id", "segment": "segment"}
START = date(2025, 1, 1)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    found = Pair(tmp_path / "home")
    yield found
    found.close()


def check(pair: Pair) -> None:
    """Assert that grown files answer as one that is built at once, and hold what lines hold."""
    splits = [(dimension, f"{dimension}_then", "month") for dimension in THEN]
    for by in (("segment_then",), *splits):
        query = MetricQuery(("net_sales", "cogs", "orders", "customers", "investment"), by)
        found, wanted = (m.ask(query, cached=False) for m in (pair.metrics, pair.truth))
        assert sorted(map(str, found.rows())) == sorted(map(str, wanted.rows()))
        assert found.total == wanted.total
        assert found.caveats == wanted.caveats
    with pair.warehouse.reading() as (cursor, info):
        assert verify(cursor, info).differences == ()


def test_new_lines_are_added_beside_a_history(pair: Pair) -> None:
    pair.add("investments", [
        {"from_date": START, "to_date": date(2025, 4, 30), "amount": 100, "product_id": "A",
         "spread": "net_sales"},
    ])  # fmt: skip
    pair.add("sales", [
        sale(f"m{n}", "2025-03-02", "A", 1, 1, customer_id="c1") for n in range(40)
    ])  # fmt: skip
    open_moving_shop(pair)
    assert pair.deltas() == 0
    before = pair.warehouse.info().changed
    assert before == {"category": 1, "supplier_id": 1, "segment": 1, "country": 1}
    pair.add("sales", [
        sale("1", "2025-01-31", "C", 4, 10, customer_id="c1", channel="shop"),
        sale("7", "2025-01-15", "A", 4, 10, customer_id="c1"),
        sale("8", "2025-04-01", "A", 3, 10, customer_id="c3"),
    ])  # fmt: skip
    assert pair.deltas() == 1
    assert pair.warehouse.info().changed == before
    answer = pair.metrics.ask(MetricQuery(("net_sales",), ("category_then",)))
    found = by_key(answer.rows(), "category_then", "net_sales")
    assert found == {"Oil": (160,), "Gifts": (130,), "Soap": (3,), None: (70,)}
    assert answer.source == "month_then"
    check(pair)


CHANGES: tuple[tuple[str, Row], ...] = (
    ("products", {"product_id": "B", "category": "Gifts", "valid_from": date(2025, 2, 1)}),
    ("products", {"product_id": "Z", "category": "New"}),
    ("customers", {"customer_id": "c2", "segment": "Chain", "valid_from": date(2025, 2, 1)}),
    ("suppliers", {"supplier_id": "S1", "name": "Olivar y Hijos"}),
    ("sales", sale("9", "2026-01-02", "A", 1, 1)),
)


def test_what_changes_a_history_is_built_as_a_whole(pair: Pair) -> None:
    open_moving_shop(pair)
    for table, row in CHANGES:
        pair.add(table, [row])
        assert pair.deltas() == 0, row
    check(pair)


def test_the_first_history_is_built_as_a_whole(pair: Pair) -> None:
    pair.add("products", [{"product_id": "A", "category": "Oil"}])
    pair.add("sales", [sale("1", "2025-01-10", "A", 1, 10), sale("2", "2025-02-10", "A", 1, 5)])
    assert pair.deltas() == 0
    pair.add("products", [
        {"product_id": "A", "category": "Gifts", "valid_from": date(2025, 2, 1)}
    ])  # fmt: skip
    assert pair.deltas() == 0
    check(pair)


# Any history ---------------------------------------------------------------------------------


def _history(chance: random.Random, key: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return dated and undated rows of five members, in the order they are imported."""
    columns = names[:-1]
    return [
        {
            key: f"{key[0]}{chance.randrange(5)}",
            "valid_from": chance.choice([None, START + timedelta(days=chance.randrange(80))]),
            **{name: chance.choice([None, f"{name}1", f"{name}2"]) for name in columns},
            names[-1]: chance.choice([None, "x", "y"]),
        }
        for _ in range(chance.randrange(1, 25))
    ]


def held(rows: Sequence[Row], key: str, attribute: str, member: str | None, day: date) -> Any:
    """Return what the definition says: the latest stated value of the rows valid by a day."""
    known = [
        (row["valid_from"] or date.min, place, row[attribute])
        for place, row in enumerate(rows)
        if row[key] == member and row[attribute] is not None and (row["valid_from"] or day) <= day
    ]
    return max(known)[2] if known else None


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**9))
def test_any_history_is_what_pandas_says(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    chance = random.Random(seed)
    products = _history(chance, "product_id", ("category", "supplier_id"))
    customers = _history(chance, "customer_id", ("segment", "country"))
    sales = [
        dict(sale(
            f"i{n // 2}", (START + timedelta(days=chance.randrange(70))).isoformat(),
            f"p{chance.randrange(6)}", chance.choice([-1, 1, 2, 5]), chance.randrange(1, 999),
            customer_id=chance.choice([None, *(f"c{i}" for i in range(6))]),
            country=chance.choice([None, "AT"]), unit_cost=chance.choice([None, 3]),
        ))
        for n in range(60)
    ]  # fmt: skip
    house = Storehouse(tmp_path_factory.mktemp("any") / "home")
    half = len(products) // 2
    for table, rows in (("products", products[:half]), ("customers", customers),
                        ("products", products[half:]), ("sales", sales)):  # fmt: skip
        if rows:
            house.add(table, rows)
    frame = _recomputed(sales, products, customers)
    oil = frame[frame["category_then"] == "category1"]
    for name in ("category", "supplier", "segment", "category_then", "supplier_then",
                 "segment_then", "country"):  # fmt: skip
        _assert_split(house.metrics, frame, name)
        _assert_split(house.metrics, oil, name, (Filter("category_then", ("category1",)),))
    month = frame[frame["date"].between(START, date(2025, 1, 31))]
    period = Period(START, date(2025, 1, 31))
    _assert_split(house.metrics, month, "segment_then", period=period)
    house.close()


def _recomputed(
    sales: list[dict[str, Any]], products: Sequence[Row], customers: Sequence[Row]
) -> pd.DataFrame:
    frame = pd.DataFrame(sales).astype(object)
    today = max(frame["date"])
    for name, column in STORED.items():
        rows, key = (customers, "customer_id") if name == "segment" else (products, "product_id")
        for suffix, days in (("", [today] * len(frame)), ("_then", list(frame["date"]))):
            frame[name + suffix] = [
                held(rows, key, column, member, day)
                for member, day in zip(frame[key], days, strict=True)
            ]
    frame["country"] = [
        stated if isinstance(stated, str) else held(customers, "customer_id", "country", who, day)
        for stated, who, day in zip(
            frame["country"], frame["customer_id"], frame["date"], strict=True
        )
    ]
    frame["net_sales"] = frame["quantity"] * frame["unit_price"]
    known = frame["unit_cost"].notna()
    frame["gross_margin"] = (frame["net_sales"] - frame["quantity"] * 3).where(known)
    return frame


def _assert_split(
    metrics: Metrics,
    frame: pd.DataFrame,
    name: str,
    where: tuple[Filter, ...] = (),
    period: Period | None = None,
) -> None:
    query = MetricQuery(("net_sales", "gross_margin", "orders"), (name,), where, period)
    found = {
        row[name]: (row["net_sales"], row["gross_margin"], row["orders"])
        for row in metrics.ask(query, cached=False).rows()
    }
    expected = {}
    for value, part in frame.assign(g=frame[name].fillna("∅")).groupby("g"):
        margin = part["gross_margin"].dropna()
        expected[None if value == "∅" else value] = (
            part["net_sales"].sum(),
            margin.sum() if len(margin) else None,
            part.loc[part["quantity"] > 0, "invoice_id"].nunique(),
        )
    assert found == expected
