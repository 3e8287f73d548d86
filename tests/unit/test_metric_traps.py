"""Traps that make numbers wrong without an error, on paper.

docs/metrics.md says which test proves which trap; those proven elsewhere are not repeated here.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.models.query import (
    NO_VALUE,
    Compare,
    Extra,
    Filter,
    MetricQuery,
    Operator,
    Period,
    Top,
)
from core.models.result import ResultTable
from core.services.metrics import OTHERS
from tests.storehouse import Storehouse, sale

JANUARY = Period(date(2025, 1, 1), date(2025, 1, 31))
QUARTER = Period(date(2025, 1, 1), date(2025, 3, 31))


def ask(house: Storehouse, *keys: str, **more: Any) -> ResultTable:
    return house.metrics.ask(MetricQuery(keys, **more))


def total(house: Storehouse, *keys: str, **more: Any) -> dict[str, Any]:
    return dict(ask(house, *keys, **more).total or {})


def test_four_facts_in_one_question_multiply_nothing(house: Storehouse) -> None:
    """Three lines, two investments, two budgets and four records of stock of one product."""
    house.add("products", [{"product_id": "A", "category": "Oil", "standard_cost": 6}])
    house.add("sales", [
        sale("1", "2025-01-10", "A", 10, 10), sale("2", "2025-01-20", "A", 5, 10),
        sale("3", "2025-01-31", "A", 1, 10),
    ])  # fmt: skip
    spent = {"product_id": "A", "kind": "marketing"}
    house.add("investments", [
        {"date": date(2025, 1, 5), "amount": 20, **spent},
        {"date": date(2025, 1, 6), "amount": 12, **spent},
    ])  # fmt: skip
    month = {"month": date(2025, 1, 1), "metric": "net_sales", "category": "Oil"}
    house.add("budgets", [
        {**month, "value": 100, "country": "FR"}, {**month, "value": 50, "country": "DE"},
    ])  # fmt: skip
    at = {"warehouse": "Lyon", "product_id": "A"}
    house.add("stock_counts", [{"date": date(2025, 1, 1), "quantity": 30, **at}])
    house.add("stock_moves", [
        {"date": date(2025, 1, 10), "quantity": -10, "kind": "sale", **at},
        {"date": date(2025, 1, 20), "quantity": -5, "kind": "sale", **at},
        {"date": date(2025, 1, 31), "quantity": -1, "kind": "sale", **at},
    ])  # fmt: skip
    keys = ("net_sales", "gross_margin", "investment", "roi", "average_inventory", "orders")
    # 9 days × 30, 10 × 20, 11 × 15, 1 × 14, at 6.00: 649 × 6 ÷ 31.
    stock = pytest.approx(Decimal(649 * 6) / 31, abs=Decimal("0.000001"))
    for by in ((), ("category",), ("product",), ("category", "product")):
        (row,) = ask(house, *keys, by=by, period=JANUARY).rows()
        assert (row["net_sales"], row["gross_margin"], row["orders"]) == (160, 64, 3)
        assert (row["investment"], row["roi"]) == (32, 1)  # (64 − 32) ÷ 32
        assert row["average_inventory"] == stock
    (planned,) = ask(
        house, "net_sales", "investment", by=("category",), period=JANUARY, compare=Compare.BUDGET
    ).rows()
    assert (planned["net_sales"], planned["net_sales_compared"]) == (160, 150)
    assert planned["investment"] == 32


def test_customers_of_months_are_no_sum(house: Storehouse) -> None:
    house.add("sales", [
        sale("1", "2025-01-10", "A", 1, 10, customer_id="ann"),
        sale("2", "2025-02-10", "A", 1, 10, customer_id="ann"),
        sale("3", "2025-02-11", "A", 1, 10, customer_id="bob"),
        sale("4", "2025-03-11", "A", 1, 10, customer_id="ann"),
    ])  # fmt: skip
    answer = ask(house, "customers", "orders", by=("month",), period=QUARTER)
    assert [(row["customers"], row["orders"]) for row in answer.rows()] == [(1, 1), (2, 2), (1, 1)]
    assert answer.total == {"customers": 2, "orders": 4}


def test_one_order_in_several_groups_is_one_order(house: Storehouse) -> None:
    """An order of two categories, invoiced twice in two months."""
    house.add("products", [
        {"product_id": "A", "category": "Oil"}, {"product_id": "B", "category": "Soap"},
    ])  # fmt: skip
    house.add("sales", [
        sale("i1", "2025-01-31", "A", 1, 30, order_id="o1"),
        sale("i1", "2025-01-31", "B", 1, 10, order_id="o1"),
        sale("i2", "2025-02-01", "A", 1, 20, order_id="o1"),
        sale("i3", "2025-02-02", "B", 1, 40, order_id="o2"),
    ])  # fmt: skip
    for key, expected in (
        ("category", {"Oil": (1, 50), "Soap": (2, 25)}),
        ("month", {date(2025, 1, 1): (1, 40), date(2025, 2, 1): (2, 30)}),
    ):
        answer = ask(house, "orders", "aov", by=(key,), period=QUARTER)
        assert {row[key]: (row["orders"], row["aov"]) for row in answer.rows()} == expected
        assert answer.total == {"orders": 2, "aov": 50}  # 100 ÷ 2: no mean and no sum of the rows


def test_returns_lie_on_their_own_date(house: Storehouse) -> None:
    """Ten sold at 20.00 in January, four of them taken back in February, at a cost of 12.00."""
    house.add("sales", [
        sale("1", "2025-01-20", "A", 10, 20, unit_cost=12, customer_id="ann"),
        sale("1R", "2025-02-10", "A", -4, 20, unit_cost=12, customer_id="ann"),
    ])  # fmt: skip
    keys = ("net_sales", "returns", "cogs", "gross_margin", "return_rate", "orders", "customers")
    answer = ask(house, *keys, by=("month",), period=QUARTER)
    january, february = ([row[key] for key in keys] for row in answer.rows())
    assert january == [200, 0, 120, 80, 0, 1, 1]
    assert february == [-80, 80, -48, -32, None, 0, 0]  # nothing sold: no rate of returns
    assert answer.total is not None
    assert [answer.total[key] for key in keys] == [120, 80, 72, 48, pytest.approx(0.4), 1, 1]


def test_shares_of_a_total_with_negative_rows(house: Storehouse) -> None:
    """Net sales of 150, −50 and 20 make 120: shares are above one and below zero, and add to 1."""
    house.add("sales", [
        sale("1", "2025-01-10", "A", 15, 10, country="FR"),
        sale("2", "2025-01-11", "A", -5, 10, country="DE"),
        sale("3", "2025-01-12", "A", 2, 10, country="IT"),
    ])  # fmt: skip
    share = (Extra("share", "net_sales"),)
    answer = ask(house, "net_sales", by=("country",), extras=share)
    (name,) = [column.key for column in answer.columns if column.role == "extra"]
    found = {row["country"]: row[name] for row in answer.rows()}
    assert found == {
        "FR": pytest.approx(1.25), "DE": pytest.approx(-5 / 12), "IT": pytest.approx(1 / 6),
    }  # fmt: skip
    assert sum(found.values()) == pytest.approx(1)
    house.add("sales", [sale("4", "2025-01-13", "A", -12, 10, country="GB")])
    nothing = ask(house, "net_sales", by=("country",), extras=share)
    assert {row[name] for row in nothing.rows()} == {None}  # of a total of zero


def test_filters_that_contradict_each_other_find_nothing(house: Storehouse) -> None:
    house.add("sales", [sale("1", "2025-01-10", "A", 1, 10, country="FR", customer_id="ann")])
    france, germany = Filter("country", ("FR",)), Filter("country", ("DE",))
    for where in (
        (france, germany),
        (france, Filter("country", ("FR",), Operator.NOT_IN)),
        (Filter("customer", (NO_VALUE,)), Filter("customer", (NO_VALUE,), Operator.NOT_IN)),
        (Filter("month", ("2025-01",)), Filter("month", ("2025-02",))),
    ):
        answer = ask(house, "net_sales", "orders", "margin_rate", by=("country",), where=where)
        assert answer.rows() == []
        assert answer.total == {"net_sales": None, "orders": None, "margin_rate": None}


def test_the_53rd_week_stands_with_the_week_before(house: Storehouse) -> None:
    """ISO year 2020 has 53 weeks; the last one begins on 28 December and ends in 2021."""
    house.add("sales", [
        sale("1", "2019-12-30", "A", 1, 1), sale("2", "2020-12-27", "A", 1, 2),
        sale("3", "2020-12-28", "A", 1, 4), sale("4", "2021-01-03", "A", 1, 8),
        sale("5", "2021-01-04", "A", 1, 16),
    ])  # fmt: skip
    rows = ask(house, "net_sales", by=("week",)).rows()
    assert {row["week"]: row["net_sales"] for row in rows} == {
        date(2019, 12, 30): 1, date(2020, 12, 21): 2, date(2020, 12, 28): 12,
        date(2021, 1, 4): 16,
    }  # fmt: skip
    last = Period(date(2020, 12, 28), date(2021, 1, 3))
    (week,) = ask(house, "net_sales", by=("week",), period=last, compare=Compare.PREVIOUS).rows()
    assert (week["week"], week["net_sales"], week["net_sales_compared"]) == (
        date(2020, 12, 28), 12, 2,
    )  # fmt: skip


def test_unfinished_months_are_compared_day_for_day(house: Storehouse) -> None:
    """Data end on 10 March: its ten days stand against ten days of March a year before."""
    house.add("sales", [
        sale("1", "2024-03-05", "A", 1, 10), sale("2", "2024-03-10", "A", 1, 20),
        sale("3", "2024-03-11", "A", 1, 1000), sale("4", "2025-03-10", "A", 1, 45),
    ])  # fmt: skip
    march = Period(date(2025, 3, 1), date(2025, 3, 31))
    answer = ask(house, "net_sales", by=("month",), period=march, compare=Compare.YEAR)
    (row,) = answer.rows()
    assert (row["net_sales"], row["net_sales_compared"]) == (45, 30)
    assert row["net_sales_change_rate"] == pytest.approx(0.5)
    assert answer.compared == Period(date(2024, 3, 1), date(2024, 3, 10))


def test_unassigned_members_are_a_group_and_no_customer(house: Storehouse) -> None:
    house.add("sales", [
        sale("1", "2025-01-10", "A", 1, 10, customer_id="ann"),
        sale("2", "2025-01-11", "A", 1, 30),
        sale("3", "2025-01-12", "A", 1, 50),
    ])  # fmt: skip
    answer = ask(house, "net_sales", "orders", "customers", by=("customer",))
    rows = {row["customer"]: row for row in answer.rows()}
    assert (rows[None]["net_sales"], rows[None]["orders"], rows[None]["customers"]) == (80, 2, 0)
    assert answer.total == {"net_sales": 90, "orders": 3, "customers": 1}
    top = ask(house, "net_sales", by=("customer",), top=Top(1, "net_sales", others=True))
    assert [(row["customer"], row["net_sales"]) for row in top.rows()] == [
        (None, 80), (OTHERS, 10),
    ]  # fmt: skip


def test_what_lies_in_stock_and_is_not_sold_is_the_same_beside_anything(house: Storehouse) -> None:
    """Nothing of B is sold: its margin on stock is 0, whatever else is asked or spent."""
    house.add("products", [{"product_id": p, "standard_cost": 2} for p in "AB"])
    house.add("sales", [sale("1", "2025-01-01", "A", 1, 5), sale("2", "2025-01-31", "A", 1, 5)])
    house.add("stock_counts", [
        {"date": date(2025, 1, d), "warehouse": "Lyon", "product_id": "B", "quantity": 10}
        for d in (1, 31)
    ])  # fmt: skip
    house.add("investments", [{"date": date(2025, 1, 9), "amount": 7, "product_id": "B"}])
    for more in ((), ("investment",), ("net_margin", "overhead")):
        rows = ask(house, "gmroi", "average_inventory", *more, by=("product",)).rows()
        b = next(row for row in rows if row["product"] == "B")
        assert (b["gmroi"], b["average_inventory"]) == (0, 20)
        assert [b[key] for key in more] == {0: [], 1: [7], 2: [-7, None]}[len(more)]
