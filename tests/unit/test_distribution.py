"""Order values against a recomputation with pandas, by every source that can answer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.query import NO_VALUE, Filter, Operator, Period, Scope
from core.models.result import ResultTable
from core.services import distribution
from core.services.metric_filters import conditions
from tests.storehouse import Storehouse, sale

FIRST = date(2024, 1, 15)
LINES = 800
LADDER = [-np.inf, 0, *(m * 10.0**p for p in range(6) for m in (1, 2, 5)), np.inf]


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    """Return lines in cents; an order has one day, country, channel and customer."""
    chance = np.random.default_rng(5)
    order = np.sort(chance.integers(0, LINES // 4, LINES))
    orders = pd.DataFrame({
        "date": [FIRST + timedelta(days=int(d)) for d in chance.integers(0, 100, LINES)],
        "country": chance.choice(["FR", "DE", ""], LINES),
        "channel": chance.choice(["shop", "web"], LINES),
        "customer_id": chance.choice(["a", "b", "c", ""], LINES),
    })  # fmt: skip
    frame = orders.loc[order].reset_index(drop=True)
    frame["invoice_id"] = [f"i{i}" for i in order]
    product = chance.integers(0, 6, LINES)
    frame["product_id"] = [f"P{i}" for i in product]
    frame["category"] = [f"C{i % 3}" for i in product]
    frame["supplier_id"] = [f"S{i % 2}" for i in product]
    frame["quantity"] = chance.integers(-2, 8, LINES)
    frame["cents"] = chance.choice([0, 3, 150, 999, 100_000], LINES)
    frame["off"] = chance.choice([0, 0, 400], LINES)  # more than some lines are worth
    return frame


@pytest.fixture(scope="module")
def house(lines: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = Storehouse(tmp_path_factory.mktemp("orders") / "home")
    found.add("sales", [
        sale(
            r.invoice_id, r.date.isoformat(), r.product_id, r.quantity, r.cents / 100,
            discount_amount=r.off / 100, country=r.country or None, channel=r.channel,
            customer_id=r.customer_id or None,
        )
        for r in lines.itertuples()
    ])  # fmt: skip
    found.add("products", [
        {"product_id": r.product_id, "category": r.category, "supplier_id": r.supplier_id}
        for r in lines.drop_duplicates("product_id").itertuples()
    ])  # fmt: skip
    yield found
    found.close()


def kept(lines: pd.DataFrame, where: tuple[Filter, ...], period: Period | None) -> pd.DataFrame:
    names = {"supplier": "supplier_id", "customer": "customer_id", "product": "product_id"}
    chosen = lines["quantity"] > 0
    for one in where:
        values = ["" if value == NO_VALUE else value for value in one.values]
        found = lines[names.get(one.dimension, one.dimension)].isin(values)
        chosen &= found if one.operator is Operator.IN else ~found
    if period:
        chosen &= (lines["date"] >= period.start) & (lines["date"] <= period.end)
    return lines[chosen]


def check(answer: ResultTable, lines: pd.DataFrame) -> None:
    """Compare bins, sums and quartiles with those of the orders of these lines."""
    worth = (lines["quantity"] * lines["cents"] - lines["off"]).groupby(lines["invoice_id"]).sum()
    assert answer.total is not None
    assert answer.total["orders"] == len(worth)
    if worth.empty:
        assert answer.total["median"] is None
        assert answer.rows() == []
        return
    for key, share in (("first_quartile", 0.25), ("median", 0.5), ("third_quartile", 0.75)):
        assert float(answer.total[key]) == pytest.approx(worth.quantile(share) / 100, abs=1e-6)
    assert answer.total["net_sales"] == Decimal(int(worth.sum())) / 100
    step = pd.cut(worth / 100, LADDER, right=False, labels=LADDER[:-1])
    expected = worth.groupby(step, observed=True).agg(["count", "sum"])
    got = {float(r["low"]) if r["low"] is not None else -np.inf: r for r in answer.rows()}
    assert {low for low, r in got.items() if r["orders"]} == {float(low) for low in expected.index}
    for low, row in expected.iterrows():
        assert got[float(str(low))]["orders"] == row["count"]
        assert got[float(str(low))]["net_sales"] == Decimal(int(row["sum"])) / 100
        assert got[float(str(low))]["share"] == pytest.approx(row["count"] / len(worth))


filters = st.lists(
    st.builds(
        Filter,
        st.just("dimension"),
        st.just(()),
        st.sampled_from([Operator.IN, Operator.IN, Operator.NOT_IN]),
    ).flatmap(
        lambda f: st.sampled_from([
            ("country", ("FR", "DE", NO_VALUE)), ("channel", ("shop", "web")),
            ("category", ("C0", "C1", "C2")), ("supplier", ("S0", "S1")),
            ("customer", ("a", "b", NO_VALUE)), ("product", ("P0", "P3", "P5")),
        ]).flatmap(
            lambda d: st.lists(st.sampled_from(d[1]), min_size=1, max_size=2, unique=True).map(
                lambda values: Filter(d[0], tuple(values), f.operator)
            )
        )
    ),
    max_size=3,
).map(tuple)  # fmt: skip
days = st.integers(0, 120).map(lambda day: FIRST + timedelta(days=day))
periods = st.none() | st.tuples(days, days).map(lambda pair: Period(min(pair), max(pair)))


@settings(max_examples=40, deadline=None)
@given(where=filters, period=periods)
def test_every_source_gives_the_values_that_pandas_gives(
    house: Storehouse, lines: pd.DataFrame, where: tuple[Filter, ...], period: Period | None
) -> None:
    wanted = kept(lines, where, period)
    check(house.metrics.order_values(where, period, cached=False), wanted)
    with house.warehouse.reading() as (cursor, info):
        bound = conditions(where, 10)
        for source in info.sources:
            if source.table in {"lines", "product_lines"}:
                only = replace(info, sources=(source,))
                answer = distribution.order_values(cursor, only, bound, period, 10)
                assert answer.source == source.table
                check(answer, wanted)


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ("order_values", (Filter("country", ("FR",)),)),
        ("order_category_values", (Filter("country", ("FR",)), Filter("category", ("C1",)))),
        ("order_supplier_values", (Filter("country", ("FR",)), Filter("supplier", ("S1",)))),
    ],
)
def test_one_row_per_order_answers_where_filters_keep_it_whole(
    house: Storehouse, table: str, where: tuple[Filter, ...]
) -> None:
    period = Period(FIRST, FIRST + timedelta(days=40))
    with house.warehouse.reading() as (cursor, info):
        ready = next(s for s in info.sources if s.table == table)
        assert "order_key" in ready.one_per
        only = replace(info, sources=(ready,))
        bound = conditions(where, 10)
        stored = distribution.order_values(cursor, only, bound, period, 10)
        summed = distribution.order_values(
            cursor, replace(info, sources=info.sources[:1]), bound, period, 10
        )
    assert stored.source == table
    assert stored.rows() == summed.rows()
    assert stored.total == summed.total


def test_values_within_categories_do_not_answer_for_several(house: Storehouse) -> None:
    with house.warehouse.reading() as (cursor, info):
        only = replace(
            info,
            sources=(
                replace(info.sources[0], rows=10**9),
                *(s for s in info.sources if s.table == "order_category_values"),
            ),
        )
        for where in ((), (Filter("category", ("C0", "C1")),)):
            found = distribution.order_values(cursor, only, conditions(where, 10), None, 10)
            assert found.source == "lines"


def test_rights_and_kept_answers(house: Storehouse, lines: pd.DataFrame) -> None:
    french = Scope("ann", (Filter("country", ("FR",)),))
    for _ in range(2):
        check(house.metrics.order_values(scope=french), kept(lines, french.where, None))
        check(house.metrics.order_values(), kept(lines, (), None))


def test_an_order_on_two_days_has_a_value_on_each(tmp_path: Any) -> None:
    house = Storehouse(tmp_path / "home")
    house.add("sales", [
        sale("1", "2024-01-05", "A", 1, 10, order_id="o"),
        sale("2", "2024-02-05", "A", 1, 30, order_id="o"),
        sale("3", "2024-02-06", "A", -1, 30, order_id="o"),  # a return changes no order's value
        sale("4", "2024-02-06", "A", 1, 7, currency="XXX"),  # without a rate
    ])  # fmt: skip
    whole = house.metrics.order_values()
    assert whole.total is not None
    assert (whole.total["orders"], whole.total["median"]) == (1, Decimal(40))
    assert [str(c) for c in whole.caveats] == ["1 order is in no bin: an amount on it is unknown."]
    january = house.metrics.order_values(period=Period(date(2024, 1, 1), date(2024, 1, 31)))
    assert january.total is not None
    assert january.total["median"] == Decimal(10)
    assert january.caveats == ()
    house.close()
