"""Small tables whose every figure was worked out on paper from the definitions page."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import PicholineError
from core.models.catalogue import DIMENSIONS, METRICS
from core.models.formats import Format
from core.models.query import (
    NO_VALUE,
    Compare,
    Filter,
    MetricQuery,
    Operator,
    Period,
    Scope,
    Top,
)
from core.repository.sql import STOCK_COLUMNS
from core.services.metric_stock import is_stocked
from core.services.metrics import OTHERS, Metrics
from tests.storehouse import Storehouse, sale

JANUARY = Period(date(2025, 1, 1), date(2025, 1, 31))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Storehouse]:
    found = Storehouse(tmp_path / "home")
    yield found
    found.close()


def total(metrics: Metrics, *keys: str, **options: object) -> dict[str, object]:
    return dict(metrics.ask(MetricQuery(keys, **options)).total or {})  # type: ignore[arg-type]


def texts(metrics: Metrics, *keys: str, **options: object) -> list[str]:
    return [str(c) for c in metrics.ask(MetricQuery(keys, **options)).caveats]  # type: ignore[arg-type]


@pytest.fixture
def shop(house: Storehouse) -> Storehouse:
    """Three orders, one return, one postage line; costs known for product A only.

    Line by line: 10 × 20 − 10 %; 5 × 8 − 3.00; 2 × 20; postage 12; return of 2 × 20 − 10 %.
    """
    house.add(
        "sales",
        [
            sale("1", "2025-01-05", "A", 10, 20, discount_rate=0.1, unit_cost=12,
                 customer_id="c1", country="FR", freight_out=4, fees=1),
            sale("1", "2025-01-05", "B", 5, 8, discount_amount=3, customer_id="c1", country="FR"),
            sale("2", "2025-01-09", "A", 2, 20, unit_cost=12, customer_id="c2", country="DE"),
            sale("2", "2025-01-09", "POST", 1, 12, customer_id="c2", country="DE",
                 line_kind="postage"),
            sale("3", "2025-01-20", "A", -2, 20, discount_rate=0.1, unit_cost=12,
                 customer_id="c1", country="FR"),
            sale("4", "2025-01-21", "B", 1, 8, country="FR"),
        ],
    )  # fmt: skip
    return house


def test_sales_and_returns(shop: Storehouse) -> None:
    found = total(shop.metrics, "gross_sales", "discounts", "returns", "net_sales", "return_rate")
    assert found["gross_sales"] == Decimal(300)  # 200 + 40 + 40 + 12 + 8
    assert found["discounts"] == Decimal(23)  # 20 + 3
    assert found["returns"] == Decimal(36)  # 40 − 10 %
    assert found["net_sales"] == Decimal(241)
    assert found["return_rate"] == pytest.approx(36 / 277)


def test_counts_take_lines_sold_only(shop: Storehouse) -> None:
    found = total(shop.metrics, "orders", "customers", "products", "aov", "units")
    assert found["orders"] == 3  # invoice 3 only takes back
    assert found["customers"] == 2  # invoice 4 has none
    assert found["products"] == 2  # postage is no product
    assert found["aov"] == pytest.approx(241 / 3)
    assert found["units"] == Decimal(16)  # 10 + 5 + 2 − 2 + 1


def test_margins_cover_lines_with_a_cost_only(shop: Storehouse) -> None:
    found = total(
        shop.metrics, "cogs", "gross_margin", "margin_rate", "markup_rate", "cost_coverage",
        "variable_costs", "contribution", "price_per_unit",
    )  # fmt: skip
    assert found["cogs"] == Decimal(120)  # 12 × (10 + 2 − 2)
    assert found["gross_margin"] == Decimal(64)  # 180 + 40 − 36 − 120
    assert found["margin_rate"] == pytest.approx(64 / 184)
    assert found["markup_rate"] == pytest.approx(64 / 120)
    assert found["cost_coverage"] == pytest.approx(184 / 229)  # of product lines: 241 − 12
    assert found["variable_costs"] == Decimal(5)
    assert found["contribution"] == Decimal(59)
    assert found["price_per_unit"] == pytest.approx(229 / 16)
    (caveat,) = texts(shop.metrics, "margin_rate")
    assert "80.3%" in caveat  # 184 ÷ 229 = 0.8035


def test_rows_and_total_by_country(shop: Storehouse) -> None:
    answer = shop.metrics.ask(MetricQuery(("net_sales", "margin_rate", "orders"), ("country",)))
    france, germany = answer.rows()
    assert (france["country"], france["net_sales"], france["orders"]) == ("FR", Decimal(189), 2)
    assert (germany["country"], germany["net_sales"], germany["orders"]) == ("DE", Decimal(52), 1)
    assert france["margin_rate"] == pytest.approx(48 / 144)  # 180 − 36 − 12 × 8
    assert germany["margin_rate"] == pytest.approx(16 / 40)
    assert answer.total is not None
    # The total is the ratio of the totals, not the mean of the rows.
    assert answer.total["margin_rate"] == pytest.approx(64 / 184)
    assert answer.column("country").format is Format.COUNTRY


def test_a_group_without_any_cost_has_no_margin(shop: Storehouse) -> None:
    rows = shop.metrics.ask(
        MetricQuery(("cogs", "gross_margin", "margin_rate"), ("product",))
    ).rows()
    b = next(row for row in rows if row["product"] == "B")
    assert (b["cogs"], b["gross_margin"], b["margin_rate"]) == (None, None, None)


def test_zero_denominators_are_unknown(house: Storehouse) -> None:
    house.add("sales", [sale("1", "2025-01-05", "A", 1, 0, unit_cost=0)])
    found = total(house.metrics, "margin_rate", "markup_rate", "return_rate", "roi", "net_margin")
    assert found == {
        "margin_rate": None,
        "markup_rate": None,
        "return_rate": None,
        "roi": None,
        "net_margin": Decimal(0),
    }


def test_no_rows_are_unknown_not_zero(shop: Storehouse) -> None:
    answer = shop.metrics.ask(
        MetricQuery(("net_sales", "orders"), ("country",), (Filter("country", ("IT",)),))
    )
    assert answer.rows() == []
    assert answer.total == {"net_sales": None, "orders": None}
    assert [str(c) for c in answer.caveats] == ["No lines match."]
    later = MetricQuery(("net_sales",), period=Period(date(2026, 1, 1), date(2026, 1, 31)))
    assert shop.metrics.ask(later).rows() == [{"net_sales": None}]
    assert "There are no data from" in texts(shop.metrics, "net_sales", period=later.period)[0]


def test_filters(shop: Storehouse) -> None:
    def sales(*where: Filter) -> object:
        return total(shop.metrics, "net_sales", where=where)["net_sales"]

    assert sales(Filter("country", ("DE", "IT"))) == Decimal(52)
    assert sales(Filter("country", ("DE",), Operator.NOT_IN)) == Decimal(189)
    assert sales(Filter("customer", (NO_VALUE,))) == Decimal(8)
    assert sales(Filter("customer", (NO_VALUE, "c2"))) == Decimal(60)
    assert sales(Filter("customer", (NO_VALUE,), Operator.NOT_IN)) == Decimal(233)
    # What is not c1 includes the lines without a customer.
    assert sales(Filter("customer", ("c1",), Operator.NOT_IN)) == Decimal(60)
    assert sales(Filter("line_kind", ("postage",))) == Decimal(12)
    assert sales(Filter("day", ("2025-01-09",))) == Decimal(52)
    assert sales(Filter("month", ("2025-01",)), Filter("country", ("FR",))) == Decimal(189)
    assert sales(Filter("country", ())) is None


def test_a_scope_holds_whatever_is_asked(shop: Storehouse) -> None:
    scope = Scope("ann", (Filter("country", ("DE",)),))
    query = MetricQuery(("net_sales",), ("country",), (Filter("country", ("FR", "DE")),))
    everyone = shop.metrics.ask(query)
    hers = shop.metrics.ask(query, scope)
    assert [row["country"] for row in everyone.rows()] == ["FR", "DE"]
    assert hers.rows() == [{"country": "DE", "net_sales": Decimal(52)}]
    assert [m.value for m in shop.metrics.members("country", scope)] == ["DE"]
    only_others = MetricQuery(("net_sales",), where=(Filter("country", ("FR",)),))
    assert shop.metrics.ask(only_others, scope).total == {"net_sales": None}


def test_values_are_bound_never_read_as_sql(shop: Storehouse) -> None:
    nasty = "FR') OR 1=1 --"
    query = MetricQuery(("net_sales",), where=(Filter("country", (nasty, "DE")),))
    answer = shop.metrics.ask(query)
    assert answer.total == {"net_sales": Decimal(52)}
    assert nasty not in answer.sql


def test_unknown_keys_name_the_nearest(shop: Storehouse) -> None:
    with pytest.raises(PicholineError, match="net_sales") as metric:
        shop.metrics.ask(MetricQuery(("net_sale",)))
    assert metric.value.code == "query.metric"
    with pytest.raises(PicholineError, match="country") as dimension:
        shop.metrics.ask(MetricQuery(("net_sales",), ("countri",)))
    assert dimension.value.code == "query.dimension"
    with pytest.raises(PicholineError, match="net_sales"):
        shop.metrics.ask(MetricQuery(("net_sales",), ("country",), order="-orders"))
    with pytest.raises(PicholineError, match="four dimensions"):
        shop.metrics.ask(MetricQuery((), ("country",)))


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


def able(*by: str) -> tuple[str, ...]:
    """Return all metrics that these dimensions split: those of stock know no country."""
    strange = {DIMENSIONS[key].column for key in by} - STOCK_COLUMNS
    return tuple(k for k, m in METRICS.items() if not (strange and is_stocked(m)))


def test_an_empty_home_answers(house: Storehouse) -> None:
    status = house.metrics.status()
    assert (status.lines, status.span, status.data_version) == (0, None, 0)
    for by in ((), ("country",), ("month", "product")):
        answer = house.metrics.ask(
            MetricQuery(able(*by), by, period=JANUARY, compare=Compare.PREVIOUS)
        )
        assert answer.total is not None
        assert set(answer.total.values()) == {None}
        assert answer.caveats
    assert house.metrics.members("country") == []


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_metric_by_every_dimension(shop: Storehouse, dimension: str) -> None:
    keys = able(dimension)
    answer = shop.metrics.ask(
        MetricQuery(keys, (dimension,), period=JANUARY, compare=Compare.PREVIOUS)
    )
    whole = shop.metrics.ask(MetricQuery(keys, period=JANUARY))
    assert answer.total is not None
    for key in keys:
        assert answer.total[key] == (whole.total or {})[key]
    assert sum(row["gross_sales"] for row in answer.rows()) == Decimal(300)
    assert tuple(c.key for c in answer.columns) == tuple(answer.data.column_names)
