"""Which source answers what, and that every source that could answer gives the same numbers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.query import Compare, Filter, MetricQuery, Operator, Period, Scope
from core.models.result import ResultTable
from core.repository.sql import Request, explain
from core.repository.sql.sources import split_months
from core.repository.warehouse import WarehouseInfo
from core.services.metric_answer import Answer
from core.services.metric_request import question
from tests.storehouse import Storehouse, sale

FIRST = date(2024, 1, 20)
LINES = 1200
TODAY = date(2024, 6, 1)
METRICS = ("net_sales", "gross_margin", "units", "orders", "customers", "products", "aov")
VALUES = {
    "country": ("FR", "DE"), "category": ("C0", "C1", "C2"), "supplier": ("S0", "S1"),
    "product": ("P0", "P4"), "customer": ("c1", "c2"), "channel": ("web",), "segment": ("large",),
}  # fmt: skip
LARGE = 10_000


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    """Return lines of orders that mix products, suppliers and categories."""
    chance = np.random.default_rng(3)
    order = chance.integers(0, LINES // 4, LINES)
    product = chance.integers(0, 6, LINES)
    orders = pd.DataFrame({
        "date": [FIRST + timedelta(days=int(d)) for d in chance.integers(0, 100, LINES // 4)],
        "customer_id": [f"c{i}" for i in chance.integers(0, 12, LINES // 4)],
        "country": chance.choice(["FR", "DE", "IT"], LINES // 4),
        "channel": chance.choice(["web", "shop"], LINES // 4),
    })  # fmt: skip
    frame = orders.loc[order].reset_index(drop=True)
    frame["invoice_id"] = [f"i{i}" for i in order]
    frame["product"] = [f"P{i}" for i in product]
    frame["category"] = [f"C{i % 3}" for i in product]
    frame["supplier"] = [f"S{i % 2}" for i in product]
    frame["quantity"] = chance.integers(-2, 9, LINES)
    return frame


@pytest.fixture(scope="module")
def house(lines: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = Storehouse(tmp_path_factory.mktemp("planner") / "home")
    found.add("sales", [
        sale(
            r.invoice_id, r.date.isoformat(), r.product, r.quantity, 2.5, country=r.country,
            channel=r.channel, customer_id=r.customer_id,
        )
        for r in lines.itertuples()
    ])  # fmt: skip
    found.add("products", [
        {"product_id": f"P{i}", "category": f"C{i % 3}", "supplier_id": f"S{i % 2}",
         "standard_cost": 1 + i / 10}
        for i in range(6)
    ])  # fmt: skip
    found.add("customers", [
        {"customer_id": f"c{i}", "segment": "large" if i % 2 else "small"} for i in range(12)
    ])  # fmt: skip
    yield found
    found.close()


def answer(house: Storehouse, query: MetricQuery, info: WarehouseInfo) -> ResultTable:
    with house.warehouse.reading() as (cursor, _):
        return Answer(query, Scope(), cursor, info, 10, TODAY, {}).table()


def only(info: WarehouseInfo, table: str) -> WarehouseInfo:
    """Leave one source beside the lines, which seem very many: it is taken wherever it is able."""
    base = replace(info.sources[0], rows=10**12)
    return replace(info, sources=(base, *(s for s in info.sources[1:] if s.table == table)))


def request(query: MetricQuery) -> Request:
    return question(query, Scope(), 10).request


def read(info: WarehouseInfo, query: MetricQuery) -> list[str]:
    """Return the sources of a question's statements."""
    return [found.statement.source for found in explain(request(query), info)]


def grown(info: WarehouseInfo) -> WarehouseInfo:
    """Return the facts of a larger company: as many months, products and countries."""
    many = ("lines", "product_lines", "order_values", "day_all")
    return replace(
        info,
        keys={**info.keys, "orders": info.keys["orders"] * LARGE},
        sources=tuple(
            replace(s, rows=s.rows * LARGE) if s.table.startswith(many) else s for s in info.sources
        ),
    )


filters = st.lists(
    st.sampled_from(sorted(VALUES)).flatmap(
        lambda key: st.builds(
            Filter,
            st.just(key),
            st.lists(st.sampled_from(VALUES[key]), min_size=1, max_size=2, unique=True).map(tuple),
            st.sampled_from([Operator.IN, Operator.IN, Operator.NOT_IN]),
        )
    ),
    max_size=2,
).map(tuple)
periods = st.sampled_from([
    None, Period(date(2024, 2, 1), date(2024, 3, 31)), Period(date(2024, 2, 10), date(2024, 4, 9)),
])  # fmt: skip
splits = st.lists(st.sampled_from([*sorted(VALUES), "month", "week"]), max_size=2, unique=True)
tables = st.sampled_from([
    "product_lines", "month_customer", "month_product_market", "month_product", "month_all",
    "day_all", "day_market", "day_assortment", "month_country_category", "month_channel_category",
    "month_market", "month_rfm",
])  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(by=splits.map(tuple), where=filters, period=periods, table=tables)
def test_every_able_source_gives_the_answer_of_the_lines(
    house: Storehouse, by: tuple[str, ...], where: tuple[Filter, ...], period: Period | None,
    table: str,
) -> None:  # fmt: skip
    info = house.warehouse.info()
    for metrics in (METRICS, ("net_sales", "gross_margin"), ("orders",), ("customers",)):
        query = MetricQuery(metrics, by, where, period)
        plain = answer(
            house, query, replace(info, sources=info.sources[:1], order_flags=frozenset())
        )
        found = answer(house, query, only(info, table))
        assert found.rows() == plain.rows()
        assert found.total == plain.total


@pytest.mark.parametrize(
    ("by", "where", "mark"),
    [
        ((), (), "first_of_order"),
        (("country",), (), "first_of_order"),
        ((), (Filter("category", ("C1",)),), "first_of_category"),
        (("supplier",), (), "first_of_supplier"),
        (("supplier",), (Filter("category", ("C1",)),), "first_of_category_supplier"),
        (("supplier", "category", "month"), (), "first_of_category_supplier"),
        (("product",), (), "first_of_product"),
        (("product",), (Filter("category", ("C0", "C1")),), "first_of_product"),
        ((), (Filter("category", ("C0", "C1")),), ""),
        ((), (Filter("supplier", ("S0",), Operator.NOT_IN),), ""),
        ((), (Filter("line_kind", ("product",)),), ""),
    ],
)
def test_orders_are_counted_by_marks_where_that_is_exact(
    house: Storehouse,
    lines: pd.DataFrame,
    by: tuple[str, ...],
    where: tuple[Filter, ...],
    mark: str,
) -> None:
    query = MetricQuery(("orders",), by, where, totals=False)
    (found,) = explain(request(query), house.warehouse.info())
    assert (
        "DISTINCT" not in found.statement.sql and "bitstring" not in found.statement.sql
    ) == bool(mark)
    assert not mark or f"sum({mark})" in found.statement.sql
    sold = lines[lines["quantity"] > 0].assign(line_kind="product")
    for one in where:
        chosen = sold[one.dimension].isin(one.values)
        sold = sold[chosen if one.operator is Operator.IN else ~chosen]
    sold = sold.assign(month=[d.replace(day=1) for d in sold["date"]])
    rows = house.metrics.ask(query, cached=False).rows()
    if not by:
        assert rows[0]["orders"] == sold["invoice_id"].nunique()
        return
    expected = sold.groupby(list(by))["invoice_id"].nunique()
    got = {tuple(row[k] for k in by): row["orders"] for row in rows if row["orders"]}
    assert got == {k if isinstance(k, tuple) else (k,): n for k, n in expected.items()}


def test_the_total_of_marked_orders_is_counted_by_its_own_mark(
    house: Storehouse, lines: pd.DataFrame
) -> None:
    found = house.metrics.ask(MetricQuery(("orders", "net_sales"), ("supplier",)), cached=False)
    assert found.total is not None
    sold = lines[lines["quantity"] > 0]
    assert found.total["orders"] == sold["invoice_id"].nunique()
    assert sum(row["orders"] for row in found.rows()) > found.total["orders"]


def test_an_order_on_two_days_is_not_counted_by_a_mark(tmp_path: Any) -> None:
    house = Storehouse(tmp_path / "home")
    house.add("sales", [
        sale("1", "2024-01-31", "A", 1, 10, order_id="o"),
        sale("2", "2024-02-01", "A", 1, 10, order_id="o"),
    ])  # fmt: skip
    query = MetricQuery(("orders",), ("month",))
    found = house.metrics.ask(query)
    assert [row["orders"] for row in found.rows()] == [1, 1]
    assert found.total == {"orders": 1}
    house.close()


def test_the_cheapest_source_is_chosen_and_the_others_are_told(house: Storehouse) -> None:
    info = grown(house.warehouse.info())
    for found in explain(request(MetricQuery(METRICS, ("country",))), info):
        costs = [candidate.cost for candidate in found.candidates]
        assert costs == sorted(costs)
        assert found.candidates[0].source == found.statement.source
    assert "lines" not in read(info, MetricQuery(("net_sales",), ("country",)))
    (wide,) = read(info, MetricQuery(("net_sales",), ("salesperson",)))
    assert wide == "lines"


def test_filters_on_the_assortment_read_the_lines_of_their_products(house: Storehouse) -> None:
    info = grown(house.warehouse.info())
    query = MetricQuery(("customers",), where=(Filter("supplier", ("S0",)),))
    counts = explain(request(query), info)[-1]
    assert counts.statement.source == "product_lines"
    counted = counts.candidates[0]
    assert counted.rows < next(s.rows for s in info.sources if s.table == "product_lines")


def test_counts_are_asked_apart_from_sums_where_that_is_cheaper(house: Storehouse) -> None:
    info = grown(house.warehouse.info())
    query = MetricQuery(("net_sales", "customers"), where=(Filter("supplier", ("S0",)),))
    sums, counts = explain(request(query), info)
    assert "net_sales" in sums.statement.measures
    assert counts.statement.measures == ("customers",)
    assert sums.statement.source != counts.statement.source
    together = explain(request(query), replace(info, sources=info.sources[:1]))
    assert len(together) == 1


def test_days_around_whole_months_are_read_from_a_daily_source(house: Storehouse) -> None:
    info = house.warehouse.info()
    market = replace(
        info,
        sources=tuple(
            s for s in info.sources if s.table in {"lines", "day_market", "month_market"}
        ),
    )
    period = Period(date(2024, 2, 10), date(2024, 4, 9))
    query = MetricQuery(("net_sales",), ("country",), period=period)
    daily = replace(market.sources[1], rows=10**7)
    many = replace(market, sources=(grown(market).sources[0], daily, market.sources[2]))
    assert read(many, query) == ["month_market + day_market"]
    assert read(many, replace(query, by=("week",))) == ["day_market"]
    few = replace(market, sources=(*market.sources[:2], replace(market.sources[2], rows=10**7)))
    assert read(few, query) == ["day_market"]
    assert split_months([period]) == (
        [Period(date(2024, 3, 1), date(2024, 3, 31))],
        [Period(date(2024, 2, 10), date(2024, 2, 29)), Period(date(2024, 4, 1), date(2024, 4, 9))],
    )


def test_both_periods_of_a_comparison_are_one_reading(house: Storehouse) -> None:
    info = house.warehouse.info()
    query = MetricQuery(
        ("orders", "customers"), ("category",), (), Period(date(2024, 3, 1), date(2024, 3, 31)),
        Compare.PREVIOUS,
    )  # fmt: skip
    plain = answer(house, query, replace(info, sources=info.sources[:1], order_flags=frozenset()))
    for table in ("product_lines", "month_product", "day_assortment"):
        found = answer(house, query, only(info, table))
        assert found.rows() == plain.rows()
        assert found.total == plain.total
