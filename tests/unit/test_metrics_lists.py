"""Top lists, orders, lists of values, and data that change: small tables worked out on paper."""

from datetime import date
from decimal import Decimal

import pytest

from core.models.query import (
    NO_VALUE,
    Filter,
    MetricQuery,
    Period,
    Top,
)
from core.services.metrics import OTHERS
from tests.hand_shop import total
from tests.storehouse import Storehouse, sale


def test_top_with_others(shop: Storehouse) -> None:
    shop.add("sales", [
        sale("5", "2025-01-22", "C", 1, 5, customer_id="c1", country="IT"),
        sale("6", "2025-01-22", "C", 1, 4, customer_id="c1", country="ES"),
        sale("7", "2025-01-22", "C", 1, 3, customer_id="c4", country="ES", unit_cost=1),
    ])  # fmt: skip
    answer = shop.metrics.ask(
        MetricQuery(
            ("net_sales", "orders", "customers", "margin_rate"),
            ("country",),
            top=Top(2, "net_sales", others=True),
        )
    )
    france, germany, others = answer.rows()
    assert (france["country"], germany["country"]) == ("FR", "DE")
    assert (others["country"], others["net_sales"]) == (OTHERS, Decimal(12))
    # c1 bought in Italy and Spain, and is one customer.
    assert (others["orders"], others["customers"]) == (3, 2)
    assert others["margin_rate"] == pytest.approx(2 / 3)
    assert answer.total is not None
    assert answer.total["customers"] == 3
    best = shop.metrics.ask(MetricQuery(("orders",), ("country",), top=Top(1, "net_sales"))).rows()
    assert best == [{"country": "FR", "orders": 2}]


def test_top_groups_keep_all_their_months(shop: Storehouse) -> None:
    shop.add("sales", [
        sale("8", "2025-02-02", "A", 1, 30, country="DE"),
        sale("9", "2025-02-02", "A", 1, 500, country="IT"),
        sale("10", "2025-03-02", "A", 1, 1, country="ES"),
    ])  # fmt: skip
    answer = shop.metrics.ask(
        MetricQuery(("net_sales",), ("month", "country"), top=Top(2, "net_sales", others=True))
    )
    found = [(r["month"].month, r["country"], r["net_sales"]) for r in answer.rows()]
    assert sorted(found) == [
        (1, "FR", 189), (1, OTHERS, 52), (2, "IT", 500), (2, OTHERS, 30), (3, OTHERS, 1),
    ]  # fmt: skip


def test_others_when_every_group_fits(shop: Storehouse) -> None:
    rows = shop.metrics.ask(
        MetricQuery(("net_sales",), ("country",), top=Top(9, "net_sales", others=True))
    ).rows()
    assert [row["country"] for row in rows] == ["FR", "DE"]


def test_order(shop: Storehouse) -> None:
    def countries(order: str | None) -> list[str]:
        query = MetricQuery(("net_sales", "orders"), ("country",), order=order)
        return [row["country"] for row in shop.metrics.ask(query).rows()]

    assert countries(None) == ["FR", "DE"]
    assert countries("net_sales") == ["DE", "FR"]
    assert countries("-country") == ["FR", "DE"]
    assert countries("country") == ["DE", "FR"]


def test_members(shop: Storehouse) -> None:
    shop.add("customers", [{"customer_id": "c1", "name": "Épicerie fine"}])
    members = shop.metrics.members("customer")
    assert [(m.value, m.label, m.lines) for m in members] == [
        ("c1", "Épicerie fine", 3), ("c2", "c2", 2), (NO_VALUE, "No customer", 1),
    ]  # fmt: skip
    assert [m.value for m in shop.metrics.members("customer", search="epicerie")] == ["c1"]
    assert [m.value for m in shop.metrics.members("country", search="germ")] == ["DE"]
    assert [m.value for m in shop.metrics.members("country", limit=1)] == ["FR"]
    ninth = Period(date(2025, 1, 9), date(2025, 1, 9))
    assert [m.value for m in shop.metrics.members("country", period=ninth)] == ["DE"]
    french = (Filter("country", ("FR",)),)
    assert [m.value for m in shop.metrics.members("product", where=french)] == ["A", "B"]


def test_undo_and_replace_change_the_answer(shop: Storehouse) -> None:
    before = total(shop.metrics, "net_sales", "orders")
    more = shop.add("sales", [sale("9", "2025-01-25", "A", 1, 59)])
    assert total(shop.metrics, "net_sales")["net_sales"] == Decimal(300)
    shop.undo(more)
    assert total(shop.metrics, "net_sales", "orders") == before
    shop.add("sales", [sale("1", "2025-01-25", "A", 1, 7)], replace=True)
    assert total(shop.metrics, "net_sales")["net_sales"] == Decimal(7)


def test_status(shop: Storehouse) -> None:
    status = shop.metrics.status()
    assert (status.lines, status.demo) == (6, False)
    assert status.span == Period(date(2025, 1, 5), date(2025, 1, 21))
    shop.add("suppliers", [{"supplier_id": "S"}], demo=True)
    assert shop.metrics.status().demo
    assert shop.metrics.status().data_version == status.data_version + 1
