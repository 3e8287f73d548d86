"""Sums over all days: asked only where days do not matter, equal to the lines, kept by deltas."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from core.models.query import Compare, Filter, MetricQuery, Operator, Period, Scope
from core.repository.warehouse import WarehouseInfo
from core.repository.warehouse.verify import verify
from core.services.metric_answer import Answer
from tests.growing import Pair
from tests.storehouse import Storehouse, sale

EVER = "ever_customer"
FIRST, DAYS, CUSTOMERS = date(2024, 1, 1), 360, 5
ALL = Period(FIRST, FIRST + timedelta(days=DAYS - 1))
BY_CUSTOMER = MetricQuery(("net_sales", "orders", "units"), ("customer",), (), ALL)


def lines(days: range, first: date = FIRST) -> list[dict[str, Any]]:
    """Return one order a day, of two lines, customers in turn; every seventh is a return."""
    return [
        sale(
            f"i{first:%m}-{day}", (first + timedelta(days=day)).isoformat(), product,
            -1 if day % 7 == 0 else 2, 10 + day % 3, line_no=number, country="FR",
            channel="shop", customer_id=f"c{day % CUSTOMERS}",
        )
        for day in days
        for number, product in enumerate(("A", "B"), 1)
    ]  # fmt: skip


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    found = Pair(tmp_path_factory.mktemp("ever") / "home")
    found.add("sales", lines(range(DAYS)))
    found.add("investments", [{"date": date(2030, 1, 5), "amount": 70, "country": "FR"}])
    yield found
    found.close()


def answer(house: Storehouse, query: MetricQuery, info: WarehouseInfo | None = None) -> Any:
    with house.warehouse.reading() as (cursor, own):
        return Answer(query, Scope(), cursor, info or own, 10, ALL.end, {}).table()


def by_hand(rows: list[dict[str, Any]]) -> dict[str, tuple[float, int]]:
    """Return net sales and orders (with a sold line) of each customer."""
    found: dict[str, tuple[float, set[str]]] = {}
    for row in rows:
        amount, orders = found.setdefault(row["customer_id"], (0.0, set()))
        amount += float(row["quantity"]) * float(row["unit_price"])
        if row["quantity"] > 0:
            orders.add(row["invoice_id"])
        found[row["customer_id"]] = (amount, orders)
    return {key: (amount, len(orders)) for key, (amount, orders) in found.items()}


def seen(table: Any) -> dict[str, tuple[float, int]]:
    return {r["customer"]: (float(r["net_sales"]), int(r["orders"])) for r in table.rows()}


def test_customers_over_all_days_read_one_row_each(house: Storehouse) -> None:
    found = answer(house, BY_CUSTOMER)
    assert found.source == EVER
    assert seen(found) == by_hand(lines(range(DAYS)))
    with house.warehouse.reading() as (_cursor, info):
        plain = replace(info, sources=info.sources[:1])
    assert answer(house, BY_CUSTOMER, plain).rows() == found.rows()
    assert answer(house, replace(BY_CUSTOMER, period=None)).source == EVER
    wider = Period(ALL.start - timedelta(days=9), ALL.end + timedelta(days=9))
    assert answer(house, replace(BY_CUSTOMER, period=wider)).source == EVER


@pytest.mark.parametrize(
    "change",
    [
        {"period": Period(ALL.start + timedelta(days=1), ALL.end)},
        {"by": ("customer", "month")},
        {"metrics": ("net_sales", "investment")},
        {"compare": Compare.PREVIOUS, "period": Period(date(2024, 7, 1), ALL.end)},
        {"where": (Filter("month", ("2024-03-01",), Operator.IN),)},
    ],
)
def test_where_days_matter_they_are_read(house: Storehouse, change: dict[str, Any]) -> None:
    query = replace(BY_CUSTOMER, **change)
    found = answer(house, query)
    assert EVER not in found.source
    with house.warehouse.reading() as (_cursor, info):
        plain = replace(info, sources=info.sources[:1])
    assert answer(house, query, plain).rows() == found.rows()


def test_new_lines_beside_the_old_count_too(house: Pair) -> None:
    house.warehouse.ensure()
    later = lines(range(10), ALL.end + timedelta(days=1))
    house.add("sales", later)
    period = Period(ALL.start, ALL.end + timedelta(days=10))
    found = answer(house, replace(BY_CUSTOMER, period=period))
    assert house.deltas() == 1
    assert found.source == EVER
    assert seen(found) == by_hand(lines(range(DAYS)) + later)
    assert EVER not in answer(house, BY_CUSTOMER).source  # no longer all days


def test_the_self_check_finds_a_wrong_sum(house: Storehouse) -> None:
    with house.warehouse.reading() as (cursor, info):
        assert verify(cursor, info, months=2).differences == ()
    house.close()
    with duckdb.connect(max(house.settings.warehouse.glob("v*.duckdb"))) as connection:
        connection.execute(f"UPDATE {EVER} SET net_sales = net_sales + 1")
    with house.warehouse.reading() as (cursor, info):
        found = verify(cursor, info, months=2).differences
    assert {(one.table, one.measure) for one in found} == {(EVER, "net_sales")}
