"""What a build computes: costs, spread investments, flags, roll-ups."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.catalogue import PARTS
from core.models.query import Filter, MetricQuery, Period
from core.repository.warehouse import ORDER_FLAGS
from core.repository.warehouse.costs import moving_averages
from tests.storehouse import Storehouse, sale


def rows_of(house: Storehouse, sql: str) -> list[Any]:
    with house.warehouse.read() as cursor:
        return cursor.execute(sql).fetchall()


Event = tuple[int, int, int]


def by_the_book(events: list[Event]) -> list[float | None]:
    """One product's averages, line by line, as a stock-keeper writes them down."""
    stock, average = 0.0, None
    found = []
    for received, value, sold in events:
        if received > 0:
            if stock <= 0 or average is None:
                average = value / received
            else:
                average = (stock * average + value) / (stock + received)
        found.append(average)
        stock += received - sold
    return found


event = st.tuples(
    st.one_of(st.just(0), st.integers(1, 50)), st.integers(1, 500), st.integers(-20, 60)
)


@given(st.lists(st.lists(event, min_size=1, max_size=12), max_size=6))
def test_moving_averages_follow_the_book(products: list[list[Event]]) -> None:
    events = [(key, *one) for key, history in enumerate(products) for one in history]
    columns = list(zip(*events, strict=True)) if events else [(), (), (), ()]
    keys, received, value, sold = (np.array(column, dtype=float) for column in columns)
    value = np.where(received > 0, value, 0.0)
    found = moving_averages(keys.astype(np.int64), received, value, sold)
    expected = [x for history in products for x in by_the_book(history)]
    assert len(found) == len(expected)
    for got, wanted in zip(found, expected, strict=True):
        if wanted is None:
            assert np.isnan(got)
        else:
            assert got == pytest.approx(wanted, rel=1e-9)


def investment(amount: float, start: str, end: str | None = None, **more: Any) -> dict[str, Any]:
    first = date.fromisoformat(start)
    last = date.fromisoformat(end) if end else None
    return {"amount": amount, "from_date": first, "to_date": last, **more}


def test_days_share_an_amount_to_the_last_micro_unit(house: Storehouse) -> None:
    house.add("investments", [
        investment(100, "2025-01-30", "2025-02-05"),  # seven days: 14.285714 and two of …15
        investment(-1, "2025-01-01", "2025-01-03", kind="refund"),
    ])  # fmt: skip
    spread = rows_of(house, "SELECT date, investment FROM lines WHERE investment > 0 ORDER BY date")
    assert [amount for _, amount in spread] == [Decimal("14.285715")] * 2 + [
        Decimal("14.285714")
    ] * 5
    assert sum(amount for _, amount in spread) == Decimal(100)
    assert spread[0][0] == date(2025, 1, 30)
    back = rows_of(house, "SELECT sum(investment), count(*) FROM lines WHERE investment < 0")
    assert back == [(Decimal(-1), 3)]


@settings(max_examples=20)
@given(
    st.decimals("-9999999", "9999999", places=2).filter(bool),
    st.integers(1, 400),
    st.lists(st.integers(0, 10_000), max_size=6),
)
def test_nothing_of_an_amount_is_lost(
    tmp_path_factory: pytest.TempPathFactory, amount: Decimal, days: int, sold: list[int]
) -> None:
    house = Storehouse(tmp_path_factory.mktemp("spread") / "home")
    start = date(2025, 1, 1)
    house.add("sales", [
        sale(str(i), (start + timedelta(days=i % days)).isoformat(), "A", 1, price, country=c)
        for i, price in enumerate(sold)
        for c in ("FR", "DE", None)
    ])  # fmt: skip
    row = {"amount": amount, "from_date": start, "to_date": start + timedelta(days=days - 1)}
    house.add("investments", [{**row, "spread": "days"}, {**row, "spread": "net_sales"}])
    found = rows_of(house, "SELECT row, sum(investment) FROM lines WHERE line_kind = 'investment' "
                    "GROUP BY row ORDER BY row")  # fmt: skip
    house.close()
    assert found == [(2, amount), (3, amount)]


def test_net_sales_share_over_days_and_countries(house: Storehouse) -> None:
    house.add("sales", [
        sale("1", "2025-01-01", "A", 1, 30, country="FR", channel="shop"),
        sale("2", "2025-01-02", "A", 1, 10, country="DE", channel="shop"),
        sale("3", "2025-01-02", "A", 1, 20, country="FR", channel="shop"),
        sale("4", "2025-01-02", "A", 1, 500, country="FR", channel="web"),
        sale("5", "2025-01-09", "A", 1, 500, country="FR", channel="shop"),
    ])  # fmt: skip
    house.add("investments", [
        investment(120, "2025-01-01", "2025-01-05", spread="net_sales", channel="shop")
    ])  # fmt: skip
    assert rows_of(
        house,
        "SELECT date, country, investment FROM lines WHERE investment IS NOT NULL ORDER BY ALL",
    ) == [
        (date(2025, 1, 1), "FR", Decimal(60)),
        (date(2025, 1, 2), "DE", Decimal(20)),
        (date(2025, 1, 2), "FR", Decimal(40)),
    ]


def test_return_on_investment(house: Storehouse) -> None:
    house.add("products", [{"product_id": "A", "category": "Oil"}])
    house.add("sales", [
        sale("1", "2025-01-10", "A", 10, 20, unit_cost=12, freight_out=10, country="FR"),
        sale("2", "2025-01-11", "A", 5, 20, unit_cost=12, country="DE"),
    ])  # fmt: skip
    house.add("investments", [
        investment(50, "2025-01-01", "2025-01-31", country="FR", kind="marketing"),
        investment(20, "2025-01-15", country="IT", kind="fair"),
        investment(7, "2025-01-15", kind="overhead"),
        {"date": date(2025, 1, 20), "amount": 10, "currency": "USD", "country": "FR"},
    ])  # fmt: skip
    house.add("fx_rates", [{"date": date(2025, 1, 20), "currency": "USD", "rate_to_base": "0.8"}])
    answer = house.metrics.ask(
        MetricQuery(("contribution", "investment", "overhead", "net_margin", "roi"), ("country",))
    )
    rows = {row["country"]: row for row in answer.rows()}
    assert rows["FR"]["investment"] == Decimal(58)  # 50 + 10 × 0.8
    assert rows["FR"]["net_margin"] == Decimal(12)  # 80 − 10 − 58
    assert rows["FR"]["roi"] == pytest.approx(12 / 58)
    # No investment recorded: no return on it, neither zero nor infinite.
    assert (rows["DE"]["investment"], rows["DE"]["roi"]) == (None, None)
    assert rows["DE"]["net_margin"] == Decimal(40)
    # Money spent where nothing was sold is lost, not unknown.
    assert (rows["IT"]["net_margin"], rows["IT"]["roi"]) == (Decimal(-20), pytest.approx(-1))
    # Overheads lower the net margin, but are no investment that a return is asked of.
    assert (rows[None]["investment"], rows[None]["overhead"]) == (None, Decimal(7))
    assert (rows[None]["net_margin"], rows[None]["roi"]) == (Decimal(-7), None)
    assert answer.total is not None
    assert answer.total["net_margin"] == Decimal(25)  # 110 − 78 − 7
    assert answer.total["roi"] == pytest.approx((110 - 78) / 78)
    assert any("Country" in str(caveat) for caveat in answer.caveats)
    # Investments never make rows of questions that do not ask for them.
    sales = house.metrics.ask(MetricQuery(("net_sales",), ("country",))).rows()
    assert [row["country"] for row in sales] == ["FR", "DE"]
    kinds = house.metrics.ask(MetricQuery(("net_sales",), ("line_kind",))).rows()
    assert [row["line_kind"] for row in kinds] == ["product"]
    (only,) = house.metrics.ask(
        MetricQuery(("overhead", "investment"), where=(Filter("country", ("FR",)),))
    ).caveats
    assert "left out" in str(only)


def test_lines_are_sorted_and_traceable(house: Storehouse) -> None:
    first = house.add(
        "sales", [sale("2", "2025-03-01", "A", 1, 1), sale("1", "2025-01-01", "A", 1, 1)]
    )
    house.add("sales", [sale("3", "2025-02-01", "A", 1, 1)])
    found = rows_of(house, "SELECT date, invoice_id, import_id, sheet, row FROM sold")
    assert [row[0] for row in found] == sorted(row[0] for row in found)
    assert found[0] == (date(2025, 1, 1), "1", first, "Sheet1", 3)


def test_an_order_is_flagged_once_and_only_where_it_is_sold(house: Storehouse) -> None:
    house.add("sales", [
        sale("1", "2025-01-01", "A", -1, 1, order_id="o1"),
        sale("2", "2025-01-02", "A", 1, 1, order_id="o1"),
        sale("3", "2025-01-02", "B", 1, 1, order_id="o1"),
        sale("4", "2025-01-03", "A", 1, 1),
        sale("5", "2025-01-03", "A", -1, 1),
    ])  # fmt: skip
    flagged = rows_of(house, "SELECT invoice_id FROM lines WHERE first_of_order = 1 ORDER BY ALL")
    assert flagged == [("2",), ("4",)]
    # Both lines sold under o1 share their date, not their invoice.
    columns = house.warehouse.info().order_columns
    assert "date" in columns
    assert "invoice_id" not in columns
    by_invoice = house.metrics.ask(MetricQuery(("orders",), ("invoice",), order="invoice"))
    assert [row["orders"] for row in by_invoice.rows()] == [0, 1, 1, 1, 0]
    assert by_invoice.total == {"orders": 2}


def test_an_order_over_two_days_and_countries_counts_once(house: Storehouse) -> None:
    house.add("sales", [
        sale("1", "2025-01-31", "A", 1, 1, order_id="o1", country="FR"),
        sale("2", "2025-02-01", "A", 1, 1, order_id="o1", country="DE"),
        sale("3", "2025-02-01", "B", 1, 1, order_id="o2", country="DE"),
    ])  # fmt: skip
    months = house.metrics.ask(MetricQuery(("orders",), ("month",)))
    assert [row["orders"] for row in months.rows()] == [1, 2]
    assert months.total == {"orders": 2}
    february = Period(date(2025, 2, 1), date(2025, 2, 28))
    assert house.metrics.ask(MetricQuery(("orders",), period=february)).total == {"orders": 2}
    german = (Filter("country", ("DE",)),)
    assert house.metrics.ask(MetricQuery(("orders",), where=german)).total == {"orders": 2}


def test_huge_amounts_are_counted_not_guessed(house: Storehouse) -> None:
    house.add("sales", [
        sale("1", "2025-01-01", "A", 999_999_999_999, 999_999_999_999),
        sale("2", "2025-01-01", "A", 1, 5),
    ])  # fmt: skip
    answer = house.metrics.ask(MetricQuery(("net_sales",)))
    assert answer.total == {"net_sales": Decimal(5)}
    assert any("too large" in str(caveat) for caveat in answer.caveats)


def test_rollups_sum_to_the_lines(house: Storehouse) -> None:
    chance = np.random.default_rng(5)
    house.add("products", [
        {"product_id": f"P{i}", "category": f"C{i % 3}", "supplier_id": f"S{i % 2}",
         "standard_cost": i + 1, "unit": ["kg", "L", "each"][i % 3]}
        for i in range(6)
    ])  # fmt: skip
    house.add("sales", [
        sale(
            str(i), (date(2024, 1, 1) + timedelta(days=int(d))).isoformat(), f"P{p}", int(q), 3.35,
            country=["FR", "DE", None][c], channel=["shop", "web"][c % 2], customer_id=f"c{k}",
        )
        for i, (d, p, q, c, k) in enumerate(
            chance.integers((0, 0, -2, 0, 0), (90, 6, 9, 3, 20), size=(4000, 5))
        )
    ])  # fmt: skip
    house.add("investments", [investment(1000, "2024-01-01", "2024-02-10", spread="net_sales")])
    sources = [s for s in house.warehouse.info().sources if s.measures is None]
    assert len(sources) > 3
    sums = ", ".join(f"sum({part})" for part in (*PARTS, *ORDER_FLAGS, "line_count"))
    for split in ("date_trunc('month', date)", "line_kind"):
        sql = f"SELECT {split}, {sums}, bit_or(unit_mask) FROM {{}} GROUP BY 1 ORDER BY 1"
        base = rows_of(house, sql.format("lines"))
        for source in sources[1:]:
            assert rows_of(house, sql.format(source.table)) == base


def test_sales_that_cannot_be_converted_leave_the_return_unknown(house: Storehouse) -> None:
    """Money spent where something was sold, at an amount nobody knows, is not simply lost."""
    house.add("sales", [sale("1", "2025-01-10", "A", 10, 20, currency="USD", country="FR")])
    house.add("investments", [investment(50, "2025-01-01", "2025-01-31", country="FR")])
    answer = house.metrics.ask(MetricQuery(("net_margin", "roi"), ("country",)))
    assert answer.rows() == [{"country": "FR", "net_margin": None, "roi": None}]
