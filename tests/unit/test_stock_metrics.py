"""Stock over time: worked out on paper, and day by day in plain Python, from the definitions."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from core.errors import PicholineError
from core.models.query import Compare, Filter, MetricQuery, Period, Scope, Top
from core.services.metrics import OTHERS
from tests.storehouse import Row, Storehouse, sale

JANUARY = Period(date(2025, 1, 1), date(2025, 1, 31))
KEYS = ("average_inventory", "gmroi", "days_of_inventory", "sell_through", "stock_out_rate")


def bought(number: str, day: str, product: str, quantity: float, cost: float) -> Row:
    return {
        "purchase_id": number, "date": date.fromisoformat(day), "supplier_id": "S",
        "product_id": product, "quantity": quantity, "unit_cost": cost,
    }  # fmt: skip


def stock(
    day: str, product: str, quantity: float, kind: str | None = None, place: str = "Lyon"
) -> Row:
    row = {
        "date": date.fromisoformat(day),
        "warehouse": place,
        "product_id": product,
        "quantity": quantity,
    }
    return {**row, "kind": kind} if kind else row  # fmt: skip


@pytest.fixture
def shop(house: Storehouse) -> Storehouse:
    """One product: counted at 100, 40 sold on the 11th, 50 received on the 21st, 5 lost.

    It cost 2.00 each, then 4.00: on the 21st (60 × 2 + 50 × 4) ÷ 110 = 2.909090….
    """
    house.add("products", [
        {"product_id": "A", "category": "Oil", "unit": "each"},
        {"product_id": "B", "category": "Soap", "unit": "each", "standard_cost": 3},
        {"product_id": "C", "category": "Soap", "unit": "each"},
    ])  # fmt: skip
    house.add("purchases", [
        bought("P1", "2024-12-01", "A", 100, 2), bought("P2", "2025-01-21", "A", 50, 4),
    ])  # fmt: skip
    house.add("sales", [
        sale("1", "2025-01-11", "A", 40, 5, country="FR", warehouse="Lyon"),
        sale("2", "2025-01-31", "B", 1, 5, country="FR", warehouse="Nice"),
    ])  # fmt: skip
    house.add("stock_counts", [stock("2025-01-01", "A", 100), stock("2025-01-31", "A", 105)])
    house.add("stock_moves", [
        stock("2025-01-11", "A", -40, "sale"), stock("2025-01-21", "A", 50, "receipt"),
    ])  # fmt: skip
    return house


def total(house: Storehouse, *keys: str, **more: Any) -> dict[str, Any]:
    query = MetricQuery(keys, **{"period": JANUARY, **more})
    return dict(house.metrics.ask(query).total or {})


def test_by_hand(shop: Storehouse) -> None:
    found = total(shop, *KEYS, where=(Filter("product", ("A",)),))
    later = Decimal(320) / 110  # cost per unit from the 21st
    value_days = 10 * 200 + 10 * 120 + 10 * 110 * later + 105 * later
    assert found["average_inventory"] == pytest.approx(value_days / 31, abs=Decimal("0.0001"))
    assert found["gmroi"] == pytest.approx(120 / float(value_days / 31), abs=1e-6)  # 200 − 80
    assert found["days_of_inventory"] == pytest.approx(float(value_days) / 80, abs=1e-6)
    assert found["sell_through"] == pytest.approx(40 / 50)
    assert found["stock_out_rate"] == 0


def test_what_is_sold_without_records_is_said(shop: Storehouse) -> None:
    answer = shop.metrics.ask(
        MetricQuery(("gmroi", "average_inventory"), ("product",), period=JANUARY)
    )
    rows = {row["product"]: row for row in answer.rows()}
    assert (rows["B"]["gmroi"], rows["B"]["average_inventory"]) == (None, None)
    assert any("1 product was sold without a record" in str(c) for c in answer.caveats)


def test_counts_set_the_stock_and_movements_lead_to_the_first_one(house: Storehouse) -> None:
    """B is moved on the 6th and counted on the 16th; C is moved only, from nothing."""
    house.add("products", [{"product_id": p, "standard_cost": 10} for p in "BC"])
    house.add("sales", [sale("1", "2025-01-31", "B", 1, 20)])
    house.add("stock_counts", [stock("2025-01-16", "B", 20), stock("2025-01-26", "B", 0)])
    house.add("stock_moves", [
        stock("2025-01-06", "B", -10, "sale"), stock("2025-01-16", "B", -4, "sale"),
        stock("2025-01-21", "B", 5, "receipt"), stock("2025-01-26", "C", 3, "receipt"),
        stock("2025-01-28", "C", -5, "sale"), stock("2025-01-31", "C", 2, "count"),
    ])  # fmt: skip
    answer = house.metrics.ask(
        MetricQuery(("average_inventory",), ("product", "day"), period=JANUARY)
    )
    found = {(row["product"], row["day"].day): row["average_inventory"] for row in answer.rows()}
    # 20 at the 16th less −4 of that day: 24 from the 6th on.
    expected = {6: 240, 15: 240, 16: 200, 20: 200, 21: 250, 25: 250, 26: 0, 31: 0}
    assert {d: found["B", d] for d in expected} == expected
    assert ("B", 5) not in found
    # Two less than nothing on the 28th is an error of the records: it counts as nothing.
    assert [found["C", d] for d in (26, 27, 28, 30, 31)] == [30, 30, 0, 0, 0]
    assert any("less than no stock" in str(c) for c in answer.caveats)
    assert any("recorded from" in str(c) for c in answer.caveats)


def test_totals_add_products_and_average_days(shop: Storehouse) -> None:
    """Each row by its own days, the total by those of the period: never a sum of months."""
    shop.add("stock_counts", [stock("2025-01-01", "B", 10, place="Nice")])
    answer = shop.metrics.ask(MetricQuery(("average_inventory",), ("product",), period=JANUARY))
    rows = {row["product"]: row["average_inventory"] for row in answer.rows()}
    assert rows["B"] == 30
    assert answer.total is not None
    assert answer.total["average_inventory"] == pytest.approx(
        sum(rows.values()), abs=Decimal("1e-5")
    )
    shop.add("stock_counts", [stock("2025-02-28", "A", 0)])
    both = Period(date(2025, 1, 1), date(2025, 2, 28))
    months = shop.metrics.ask(MetricQuery(("average_inventory",), ("month",), period=both))
    january, february = (row["average_inventory"] for row in months.rows())
    assert months.total is not None
    assert months.total["average_inventory"] == pytest.approx(
        (january * 31 + february * 28) / 59, abs=Decimal("1e-5")
    )


def test_comparison_and_top_lists(shop: Storehouse) -> None:
    shop.add("stock_counts", [stock("2024-01-01", "B", 7), stock("2024-01-31", "A", 4)])
    found = total(
        shop, "average_inventory", compare=Compare.YEAR, where=(Filter("product", ("B",)),)
    )
    assert (found["average_inventory"], found["average_inventory_compared"]) == (21, 21)
    top = MetricQuery(("average_inventory",), ("product",), period=JANUARY,
                      top=Top(1, "average_inventory", others=True))  # fmt: skip
    rows = {row["product"]: row["average_inventory"] for row in shop.metrics.ask(top).rows()}
    assert rows[OTHERS] == 21
    assert set(rows) == {"A", OTHERS}


def test_splits_that_stock_does_not_state_are_refused(shop: Storehouse) -> None:
    for query in (
        MetricQuery(("gmroi",), ("country",)),
        MetricQuery(("average_inventory",), where=(Filter("customer", ("c1",)),)),
    ):
        with pytest.raises(PicholineError, match="warehouse") as refused:
            shop.metrics.ask(query)
        assert refused.value.code == "query.stock"
    with pytest.raises(PicholineError):
        shop.metrics.ask(MetricQuery(("gmroi",)), Scope("ann", (Filter("country", ("FR",)),)))


def test_without_records_it_is_unknown(house: Storehouse) -> None:
    house.add("sales", [sale("1", "2025-01-05", "A", 1, 10, unit_cost=4)])
    answer = house.metrics.ask(MetricQuery((*KEYS, "gross_margin"), ("product",)))
    assert [row["gross_margin"] for row in answer.rows()] == [6]
    assert {row[key] for row in answer.rows() for key in KEYS} == {None}
    assert any("No stock is recorded" in str(c) for c in answer.caveats)


def test_purchases_say_what_came_in_where_movements_do_not(house: Storehouse) -> None:
    house.add("purchases", [bought("P1", "2025-01-02", "A", 8, 2)])
    house.add("sales", [sale("1", "2025-01-05", "A", 6, 10)])
    assert total(house, "sell_through")["sell_through"] == pytest.approx(0.75)


def test_kinds_of_unit_never_mix(house: Storehouse) -> None:
    house.add("products", [{"product_id": "A", "unit": "kg"}, {"product_id": "B", "unit": "each"}])
    house.add("sales", [sale("1", "2025-01-05", "A", 6, 10)])
    house.add("stock_moves", [
        stock("2025-01-01", "A", 10, "receipt"), stock("2025-01-02", "B", 5, "receipt"),
    ])  # fmt: skip
    assert total(house, "sell_through")["sell_through"] is None
    assert total(house, "sell_through", where=(Filter("product", ("A",)),)) == {"sell_through": 0.6}


def test_equals_a_diary(house: Storehouse) -> None:
    """Random counts and movements against a diary kept day by day."""
    chance = np.random.default_rng(3)
    first, days = date(2024, 11, 1), 150
    costs = {"A": 2, "B": 5, "C": 11}
    items = [(p, w) for p in costs for w in ("Lyon", "Nice")]
    moves, counts = [], []
    diary: dict[tuple[str, str], list[float]] = {}
    for product, place in items:
        own = {
            int(d): int(chance.integers(-20, 30)) for d in chance.choice(days, 25, replace=False)
        }
        counted = {
            int(d): int(chance.integers(0, 60)) for d in chance.choice(days, 4, replace=False)
        }
        moves += [
            stock(
                (first + timedelta(d)).isoformat(),
                product,
                q,
                "receipt" if q > 0 else "sale",
                place,
            )
            for d, q in own.items()
            if q
        ]
        counts += [
            stock((first + timedelta(d)).isoformat(), product, q, place=place)
            for d, q in counted.items()
        ]
        begin = min([*(d for d, q in own.items() if q), *counted])
        opening = counted[min(counted)] - sum(q for d, q in own.items() if d <= min(counted))
        level, kept = float(opening), []
        for day in range(days):
            level = counted.get(day, level + own.get(day, 0))
            kept.append(max(level, 0.0) if day >= begin else 0.0)
        diary[product, place] = kept
    house.add("products", [{"product_id": p, "standard_cost": c} for p, c in costs.items()])
    house.add("sales", [sale("1", first.isoformat(), "A", 1, 1)])
    house.add("stock_moves", moves)
    house.add("stock_counts", counts)
    recorded = [row["date"] for row in (*moves, *counts)]
    low, high = (min(recorded) - first).days, (max(recorded) - first).days
    for start, end in ((0, 149), (10, 40), (33, 34), (70, 148)):
        inside = [d for d in range(start, end + 1) if low <= d <= high]
        period = Period(first + timedelta(start), first + timedelta(end))
        answer = house.metrics.ask(
            MetricQuery(("average_inventory",), ("product", "warehouse"), period=period)
        )
        for row in answer.rows():
            if row["average_inventory"] is None:
                continue
            kept = diary[row["product"], row["warehouse"]]
            value = sum(kept[d] for d in inside) * costs[row["product"]] / len(inside)
            assert float(row["average_inventory"]) == pytest.approx(value, abs=1e-5), row
        whole = sum(sum(kept[d] for d in inside) * costs[p] for (p, _), kept in diary.items())
        assert answer.total is not None
        assert float(answer.total["average_inventory"]) == pytest.approx(
            whole / len(inside), abs=1e-5
        )
