"""Rates, costs, names and units of small tables, worked out on paper from the definitions page."""

from datetime import date
from decimal import Decimal

from core.models.query import (
    MetricQuery,
)
from tests.hand_shop import total
from tests.storehouse import Storehouse, sale


def test_dated_rates(house: Storehouse) -> None:
    house.add("sales", [
        sale("1", "2025-01-05", "A", 1, 100, currency="USD", unit_cost=40),
        sale("2", "2025-01-10", "A", 1, 100, currency="USD", unit_cost=40),
        sale("3", "2025-01-12", "A", 1, 100, currency="EUR", unit_cost=40),
        sale("4", "2025-01-12", "A", 1, 100),
        sale("5", "2025-01-03", "A", 1, 100, currency="USD"),
        sale("6", "2025-01-12", "A", 1, 100, currency="GBP"),
    ])  # fmt: skip
    house.add("fx_rates", [
        {"date": date(2025, 1, 4), "currency": "USD", "rate_to_base": "0.9"},
        {"date": date(2025, 1, 10), "currency": "USD", "rate_to_base": "0.95"},
    ])  # fmt: skip
    answer = house.metrics.ask(MetricQuery(("net_sales", "cogs", "orders"), ("currency",)))
    rows = {row["currency"]: row for row in answer.rows()}
    assert rows["USD"]["net_sales"] == Decimal(185)  # 90 + 95; 3 January has no rate yet
    assert rows["USD"]["cogs"] == Decimal(74)  # 36 + 38
    assert rows["EUR"]["net_sales"] == Decimal(200)
    assert rows["GBP"]["net_sales"] is None  # never a rate of 1
    assert answer.total is not None
    assert (answer.total["net_sales"], answer.total["orders"]) == (Decimal(385), 6)
    found = [str(c) for c in answer.caveats]
    assert any("1 line has no rate for GBP" in text for text in found)
    assert any("1 line has no rate for USD" in text for text in found)


def test_a_later_rate_replaces_an_earlier_one(house: Storehouse) -> None:
    house.add("sales", [sale("1", "2025-01-05", "A", 1, 100, currency="USD")])
    rate = {"date": date(2025, 1, 1), "currency": "USD"}
    house.add("fx_rates", [{**rate, "rate_to_base": "0.5"}])
    assert total(house.metrics, "net_sales")["net_sales"] == Decimal(50)
    house.add("fx_rates", [{**rate, "rate_to_base": "0.8"}])
    assert total(house.metrics, "net_sales")["net_sales"] == Decimal(80)


def test_the_cost_cascade(house: Storehouse) -> None:
    house.add("products", [
        {"product_id": "A", "standard_cost": 7},
        {"product_id": "B", "standard_cost": 5},
        {"product_id": "C"},
    ])  # fmt: skip
    house.add("purchases", [
        # 100 at 4.00 + 50 freight + 10 duty: 4.60 landed.
        {"purchase_id": "p1", "date": date(2025, 1, 1), "supplier_id": "s", "product_id": "A",
         "quantity": 100, "unit_cost": 4, "freight_in": 50, "duty": 10},
        # 60 left at 4.60 and 40 at 6.10: (276 + 244) ÷ 100 = 5.20.
        {"purchase_id": "p2", "date": date(2025, 1, 10), "supplier_id": "s", "product_id": "A",
         "quantity": 40, "unit_cost": 6.1},
    ])  # fmt: skip
    house.add("sales", [
        sale("1", "2024-12-31", "A", 1, 10),  # before any receipt: standard, 7.00
        sale("2", "2025-01-05", "A", 40, 10),  # average 4.60; one more was sold before: stock 59
        sale("3", "2025-01-10", "A", 10, 10),
        sale("4", "2025-01-11", "A", 1, 10, unit_cost=3),  # its own
        sale("5", "2025-01-11", "B", 2, 10),  # standard
        sale("6", "2025-01-11", "C", 2, 10),  # unknown
    ])  # fmt: skip
    rows = house.metrics.ask(MetricQuery(("cogs",), ("cost_source", "invoice"))).rows()
    cogs = {row["invoice"]: (row["cost_source"], row["cogs"]) for row in rows}
    assert cogs["1"] == ("standard", Decimal(7))
    # Stock is −1 when the first receipt comes, so the receipt sets the average: 4.60.
    assert cogs["2"] == ("average", Decimal(184))
    # 59 at 4.60 and 40 at 6.10: (271.40 + 244) ÷ 99 = 5.206060…
    assert cogs["3"] == ("average", Decimal("52.060606"))
    assert cogs["4"] == ("own", Decimal(3))
    assert cogs["5"] == ("standard", Decimal(10))
    assert cogs["6"] == ("unknown", None)


def test_purchases_convert_at_their_date_and_returns_come_back_at_the_average(
    house: Storehouse,
) -> None:
    house.add("fx_rates", [{"date": date(2025, 1, 1), "currency": "USD", "rate_to_base": "0.5"}])
    purchase = {"supplier_id": "s", "product_id": "A"}
    house.add("purchases", [
        # Ordered on the 2nd, received on the 4th: (10 × 8 + 20) × 0.5 ÷ 10 = 5.00.
        {**purchase, "purchase_id": "p1", "date": date(2025, 1, 2), "received_on": date(2025, 1, 4),
         "quantity": 10, "unit_cost": 8, "freight_in": 20, "currency": "USD"},
        # 4 left at 5.00, and 6 at 10.00: 80 ÷ 10 = 8.00.
        {**purchase, "purchase_id": "p2", "date": date(2025, 1, 8), "quantity": 6, "unit_cost": 10},
    ])  # fmt: skip
    house.add("sales", [
        sale("1", "2025-01-03", "A", 1, 20),  # nothing received yet: unknown
        sale("2", "2025-01-05", "A", 7, 20),  # 5.00
        sale("3", "2025-01-06", "A", -1, 20),  # back at 5.00
        sale("4", "2025-01-09", "A", 1, 20),
    ])  # fmt: skip
    rows = house.metrics.ask(MetricQuery(("cogs",), ("invoice",))).rows()
    cogs = {row["invoice"]: row["cogs"] for row in rows}
    assert cogs["1"] is None
    assert cogs["2"] == Decimal(35)
    assert cogs["3"] == Decimal(-5)
    # Stock before the second receipt: −1 + 10 − 7 + 1 = 3 at 5.00; (15 + 60) ÷ 9 = 8.333…
    assert cogs["4"] == Decimal("8.333333")


def test_dimension_rows(house: Storehouse) -> None:
    house.add("products", [
        {"product_id": "A", "name": "From a sales file", "category": "Derived"},
        {"product_id": "B", "name": "Only derived"},
    ], derived=True)  # fmt: skip
    house.add("products", [{"product_id": "A", "name": "Oil", "supplier_id": "S"}])
    house.add("products", [{"product_id": "A", "name": "Fine oil"}])
    house.add("products", [{"product_id": "A", "name": "Derived later"}], derived=True)
    house.add("suppliers", [{"supplier_id": "S", "name": "Mill"}])
    house.add("customers", [
        {"customer_id": "c1", "name": "Shop", "country": "IT", "segment": "Retail"}
    ])  # fmt: skip
    house.add("sales", [
        sale("1", "2025-01-05", "A", 1, 10, customer_id="c1"),
        sale("2", "2025-01-05", "B", 1, 10, customer_id="c1", country="FR"),
    ])  # fmt: skip
    (row, other) = house.metrics.ask(
        MetricQuery(("net_sales",), ("product", "category", "supplier"), order="product")
    ).rows()
    assert (row["product_name"], row["category"]) == ("Fine oil", "Derived")
    assert (row["supplier"], row["supplier_name"]) == ("S", "Mill")
    assert (other["product_name"], other["supplier"]) == ("Only derived", None)
    countries = house.metrics.ask(MetricQuery(("net_sales",), ("country", "segment"))).rows()
    # The line's own country, else its customer's.
    assert {row["country"] for row in countries} == {"IT", "FR"}
    assert {row["segment"] for row in countries} == {"Retail"}


def test_units_never_mix(house: Storehouse) -> None:
    house.add("products", [
        {"product_id": "BULK", "unit": "kg", "category": "Oil"},
        {"product_id": "CAN", "unit": "L", "grade": "virgin", "category": "Oil"},
        {"product_id": "BOTTLE", "unit": "each", "content": 0.75, "grade": "virgin",
         "category": "Bottles"},
        {"product_id": "OLIVES", "content": 0.2, "category": "Jars"},
        {"product_id": "GIFT", "category": "Gifts"},
    ])  # fmt: skip
    house.add("sales", [
        sale("1", "2025-01-05", "BULK", 100, 5),
        sale("2", "2025-01-05", "CAN", 10, 8),
        sale("3", "2025-01-05", "BOTTLE", 4, 9),
        sale("4", "2025-01-05", "OLIVES", 5, 3),
        sale("5", "2025-01-05", "GIFT", 1, 3),
    ])  # fmt: skip
    answer = house.metrics.ask(
        MetricQuery(("units", "weight_kg", "price_per_unit"), ("category",), order="category")
    )
    rows = {row["category"]: row for row in answer.rows()}
    assert (rows["Oil"]["units"], rows["Oil"]["price_per_unit"]) == (None, None)
    assert rows["Oil"]["weight_kg"] == Decimal("109.16")  # 100 + 10 × 0.916
    assert rows["Bottles"]["units"] == Decimal(4)
    assert rows["Bottles"]["weight_kg"] == Decimal("2.748")  # 4 × 0.75 × 0.916
    assert rows["Jars"]["weight_kg"] == Decimal(1)
    assert rows["Gifts"]["weight_kg"] is None
    assert answer.total == {"units": None, "weight_kg": None, "price_per_unit": None}
    found = " ".join(str(c) for c in answer.caveats)
    assert "never added up" in found
    assert "state no content" in found
