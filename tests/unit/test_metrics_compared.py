"""Comparisons and calendars of small tables, worked out on paper from the definitions page."""

from datetime import date
from decimal import Decimal

import pytest

from core.models.formats import Format
from core.models.query import (
    Compare,
    MetricQuery,
    Period,
)
from tests.hand_shop import JANUARY, texts
from tests.storehouse import Storehouse, sale


def test_comparison_with_the_year_before(shop: Storehouse) -> None:
    shop.add("sales", [
        sale("0", "2024-01-10", "A", 4, 20, unit_cost=10, customer_id="c3", country="IT"),
        sale("00", "2024-01-12", "A", 1, 20, unit_cost=10, customer_id="c1", country="FR"),
    ])  # fmt: skip
    answer = shop.metrics.ask(
        MetricQuery(
            ("net_sales", "orders", "margin_rate"),
            ("country",),
            period=JANUARY,
            compare=Compare.YEAR,
            order="country",
        )
    )
    # The data end on the 21st: the same elapsed days of the year before.
    assert answer.compared == Period(date(2024, 1, 1), date(2024, 1, 21))
    germany, france, italy = answer.rows()
    assert (france["net_sales_compared"], france["net_sales_change"]) == (
        Decimal(20),
        Decimal(169),
    )
    assert france["net_sales_change_rate"] == pytest.approx(8.45)
    assert france["margin_rate_change"] == pytest.approx(48 / 144 - 0.5)
    assert france["margin_rate_change_rate"] is None
    # Nothing sold is zero there and then, since the data cover both periods.
    assert (germany["net_sales_compared"], germany["orders_compared"]) == (Decimal(0), 0)
    assert germany["net_sales_change_rate"] is None
    assert (italy["net_sales"], italy["orders"], italy["margin_rate"]) == (Decimal(0), 0, None)
    assert italy["net_sales_change_rate"] == pytest.approx(-1)
    assert answer.total is not None
    assert answer.total["net_sales_compared"] == Decimal(100)
    assert answer.column("margin_rate_change").format is Format.POINTS
    assert answer.column("net_sales_change").format is Format.MONEY


def test_nothing_is_compared_with_times_before_the_data(shop: Storehouse) -> None:
    query = MetricQuery(("net_sales", "orders"), period=JANUARY, compare=Compare.YEAR)
    (row,) = shop.metrics.ask(query).rows()
    assert row["net_sales"] == Decimal(241)
    assert (row["net_sales_compared"], row["net_sales_change"]) == (None, None)
    assert (row["orders_compared"], row["orders_change_rate"]) == (None, None)
    assert "compared period" in " ".join(str(c) for c in shop.metrics.ask(query).caveats)


def test_buckets_line_up_by_position(house: Storehouse) -> None:
    house.add("sales", [
        sale("1", "2023-12-05", "A", 1, 1), sale("2", "2024-01-31", "A", 1, 2),
        sale("3", "2024-02-28", "A", 1, 4), sale("4", "2024-02-29", "A", 1, 8),
        sale("5", "2025-01-01", "A", 1, 16), sale("6", "2025-02-28", "A", 1, 32),
        sale("7", "2025-03-01", "A", 1, 64),
    ])  # fmt: skip
    year = MetricQuery(
        ("net_sales",), ("month",), period=Period(date(2025, 1, 1), date(2025, 3, 31)),
        compared=Period(date(2024, 1, 1), date(2024, 3, 31)), compare=Compare.YEAR,
    )  # fmt: skip
    rows = house.metrics.ask(year).rows()
    assert [(r["month"].month, r["net_sales"], r["net_sales_compared"]) for r in rows] == [
        (1, 16, 2), (2, 32, 12), (3, 64, 0),
    ]  # fmt: skip
    days = MetricQuery(
        ("net_sales",), ("day",), period=Period(date(2025, 2, 1), date(2025, 2, 28)),
        compare=Compare.YEAR,
    )  # fmt: skip
    # Whole February against whole February: the leap day stands with the 28th.
    (row,) = house.metrics.ask(days).rows()
    assert (row["day"], row["net_sales"], row["net_sales_compared"]) == (date(2025, 2, 28), 32, 12)
    before = MetricQuery(
        ("net_sales",), ("month",), period=Period(date(2024, 2, 1), date(2024, 2, 29)),
        compare=Compare.PREVIOUS,
    )  # fmt: skip
    (row,) = house.metrics.ask(before).rows()
    assert (row["month"], row["net_sales"], row["net_sales_compared"]) == (date(2024, 2, 1), 12, 2)


def test_campaigns_and_weeks(house: Storehouse) -> None:
    house.add("sales", [
        sale("1", "2024-09-30", "A", 1, 1), sale("2", "2024-10-01", "A", 1, 2),
        sale("3", "2025-09-30", "A", 1, 4), sale("4", "2024-12-29", "A", 1, 8),
        sale("5", "2024-12-30", "A", 1, 16),
    ])  # fmt: skip
    rows = house.metrics.ask(MetricQuery(("net_sales",), ("campaign",))).rows()
    assert [(r["campaign"], r["net_sales"]) for r in rows] == [
        (date(2023, 10, 1), 1), (date(2024, 10, 1), 30),
    ]  # fmt: skip
    rows = house.metrics.ask(MetricQuery(("net_sales",), ("week",))).rows()
    weeks = {r["week"]: r["net_sales"] for r in rows}
    assert weeks[date(2024, 12, 23)] == 8
    assert weeks[date(2024, 12, 30)] == 16
    assert weeks[date(2024, 9, 30)] == 3


def test_an_unfinished_period_says_so(shop: Storehouse) -> None:
    assert any("unfinished" in t for t in texts(shop.metrics, "net_sales", by=("month",)))
    first_half = Period(date(2025, 1, 1), date(2025, 1, 15))
    assert not any(
        "unfinished" in t for t in texts(shop.metrics, "net_sales", by=("day",), period=first_half)
    )
