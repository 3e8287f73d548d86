"""RFM scores and segments against an exact recomputation, written from the definitions."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.i18n import translate, use_language
from core.models.catalogue import METRICS
from core.models.query import NO_VALUE, Filter, MetricQuery, Operator, Period, Scope
from core.models.rfm import ANY, DEFAULT_RULES, SegmentRule
from core.repository.customers.rfm import customer_scores, scales_of
from core.services.export.context import filter_texts
from core.services.export.machine import csv_machine, table_as_dict
from core.services.export.shown import shown_columns
from tests.storehouse import Storehouse, sale

FIRST = date(2024, 1, 1)


def fifths(values: Sequence[Any]) -> list[int]:
    """Percentage rank with the average of ties, times five, rounded up: in exact fractions."""
    found = []
    for value in values:
        below = sum(other < value for other in values)
        same = sum(other == value for other in values)
        rank = below + Fraction(same + 1, 2)
        found.append(ceil(5 * rank / len(values)))
    return found


def by_hand(days: pd.DataFrame, cut_off: date, rules: Sequence[SegmentRule]) -> dict[Any, Any]:
    """Scores per customer from purchase days with exact amounts in cents."""
    known = days[days["date"] <= cut_off]
    rows = []
    for key, part in known.groupby("customer"):
        cents = [int(c) for c in part["cents"]]
        rows.append(
            (key, (cut_off - max(part["date"])).days, len(part), Fraction(sum(cents), len(cents)))
        )
    r = fifths([-row[1] for row in rows])
    f = fifths([row[2] for row in rows])
    m = fifths([row[3] for row in rows])
    found = {}
    for row, *scores in zip(rows, r, f, m, strict=True):
        segment = next(
            rule.key
            for rule in rules
            if all(
                low <= score <= high
                for score, (low, high) in zip(
                    scores, (rule.recency, rule.frequency, rule.monetary), strict=True
                )
            )
        )
        found[row[0]] = (*row[1:3], float(row[3]) / 100, *scores, segment)
    return found


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": "1"}) as found:
        yield found


@settings(max_examples=60)
@given(
    bought=st.dictionaries(
        st.tuples(st.integers(1, 14), st.integers(0, 30)), st.integers(-300, 900), min_size=1
    ),
    cut=st.integers(0, 35),
)
def test_scores_equal_exact_percentage_ranks(
    connection: duckdb.DuckDBPyConnection, bought: dict[tuple[int, int], int], cut: int
) -> None:
    days = pd.DataFrame(
        [(c, FIRST + timedelta(days=d), cents) for (c, d), cents in bought.items()],
        columns=["customer", "date", "cents"],
    )
    cut_off = FIRST + timedelta(days=cut)
    values = ", ".join(
        f"({c}, DATE '{d}', {Decimal(int(cents)) / 100}::DECIMAL(18, 6))"
        for c, d, cents in days.itertuples(index=False)
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE bought AS "
        f"SELECT * FROM (VALUES {values}) AS t(customer_key, date, net_sales)"
    )
    found = customer_scores(connection, DEFAULT_RULES, cut_off, "bought").to_pylist()
    scales = scales_of(connection, DEFAULT_RULES, cut_off, "bought")
    expected = by_hand(days, cut_off, DEFAULT_RULES)
    assert [row["customer_key"] for row in found] == sorted(expected)
    for row in found:
        *facts, r, f, m, segment = expected[row["customer_key"]]
        assert (row["recency"], row["frequency"]) == tuple(facts[:2])
        assert row["monetary"] == pytest.approx(facts[2], abs=1e-9)
        assert (row["r"], row["f"], row["m"], row["rfm_segment"]) == (r, f, m, segment)
    assert scales.customers == len(expected)
    for place, scale in enumerate((scales.recency, scales.frequency, scales.monetary)):
        assert scale.values == len({row[place] for row in expected.values()})
        assert scale.scores == len({row[3 + place] for row in expected.values()})


def test_equal_means_tie_however_they_come_about() -> None:
    """0.30 on three days and 0.10 on one are the same 0.10 a day; floats would differ."""
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE bought AS SELECT * FROM (VALUES (1, DATE '2024-01-01', 0.1), "
            "(1, DATE '2024-01-02', 0.1), (1, DATE '2024-01-03', 0.1), (2, DATE '2024-01-03', 0.1))"
            " AS t(customer_key, date, net_sales)"
        )
        rows = customer_scores(connection, DEFAULT_RULES, FIRST + timedelta(9), "bought")
        scales = scales_of(connection, DEFAULT_RULES, FIRST + timedelta(9), "bought")
    assert rows["m"].to_pylist() == [4, 4]  # both at rank 1.5 of 2: three quarters, rounded up
    assert scales.monetary.values == 1


def test_unknown_amounts_leave_the_money_score_unknown() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE bought AS SELECT * FROM (VALUES (1, DATE '2024-01-01', NULL::DOUBLE), "
            "(2, DATE '2024-01-02', 5.0), (2, DATE '2024-01-03', NULL)) "
            "AS t(customer_key, date, net_sales)"
        )
        rows = customer_scores(connection, DEFAULT_RULES, FIRST + timedelta(9), "bought")
    assert rows["monetary"].to_pylist() == [None, 5.0]
    assert rows["m"].to_pylist() == [None, 5]
    assert all(rows["rfm_segment"].to_pylist())


@pytest.fixture
def shops(house: Storehouse) -> Storehouse:
    """Twenty customers with their own rhythm, one that only returns, lines without a customer."""
    chance = np.random.default_rng(3)
    rows = []
    for c in range(20):
        for k in range(int(chance.integers(1, 12))):
            day = FIRST + timedelta(days=int(chance.integers(0, 300)))
            for _ in range(int(chance.integers(1, 3))):
                cents = int(chance.integers(100, 9000))
                quantity = int(chance.choice([-1, 1, 2, 3]))
                rows.append((f"c{c}", day, f"i{c}-{k}", quantity, cents))
    house.add("sales", [
        *(
            sale(invoice, day.isoformat(), f"P{i % 3}", quantity, cents / 100, customer_id=c,
                 country=["FR", "DE"][i % 2])
            for i, (c, day, invoice, quantity, cents) in enumerate(rows)
        ),
        sale("r", "2024-05-01", "P1", -2, 10, customer_id="returner"),
        sale("x", "2024-10-31", "P1", 3, 10),
    ])  # fmt: skip
    house.lines = pd.DataFrame(rows, columns=["customer", "date", "invoice", "quantity", "cents"])  # type: ignore[attr-defined]
    return house


def purchase_days(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per customer and day with a positive quantity; returns of that day count off."""
    amounts = lines.assign(cents=lines["quantity"] * lines["cents"], sold=lines["quantity"] > 0)
    days = amounts.groupby(["customer", "date"], as_index=False).agg(
        cents=("cents", "sum"), sold=("sold", "max")
    )
    return days[days["sold"]]


def test_the_build_scores_at_the_last_day_with_sales(shops: Storehouse) -> None:
    lines = shops.lines  # type: ignore[attr-defined]
    expected = by_hand(purchase_days(lines), date(2024, 10, 31), DEFAULT_RULES)
    assert shops.warehouse.info().scored_on == date(2024, 10, 31)
    rows = shops.metrics.ask(MetricQuery(("net_sales",), ("customer", "rfm_segment"))).rows()
    found = {row["customer"]: row["rfm_segment"] for row in rows}
    never = {c for c in set(lines["customer"]) if c not in expected}
    assert found == {
        **{c: facts[-1] for c, facts in expected.items()},
        **dict.fromkeys(never, "no_purchase"),
        "returner": "no_purchase",
        None: None,
    }
    assert len(set(found.values())) > 5


def test_a_split_by_segment_adds_up_and_reads_in_both_languages(shops: Storehouse) -> None:
    query = MetricQuery(("net_sales", "customers", "orders"), ("rfm_segment",))
    answer = shops.metrics.ask(query)
    rows = answer.rows()
    assert answer.total is not None
    assert sum(row["net_sales"] for row in rows) == answer.total["net_sales"]
    assert sum(row["customers"] for row in rows) == answer.total["customers"]
    by_customer = shops.metrics.ask(
        MetricQuery(("net_sales", "orders"), ("customer", "rfm_segment"))
    ).rows()
    for row in rows:
        own = [r for r in by_customer if r["rfm_segment"] == row["rfm_segment"]]
        assert sum(r["net_sales"] for r in own) == row["net_sales"]
        assert sum(r["orders"] for r in own) == row["orders"]
    names = {row["rfm_segment"]: translate(row["rfm_segment_name"] or "") for row in rows}
    assert names["loyal"] == "Loyal customers"
    assert names["no_purchase"] == "No purchase"
    assert "loyal,Loyal customers," in csv_machine(answer)
    assert {"rfm_segment": "loyal", "rfm_segment_name": "Loyal customers"}.items() <= next(
        row for row in table_as_dict(answer)["rows"] if row["rfm_segment"] == "loyal"
    ).items()
    # People read names, never keys.
    assert [c.key for c in shown_columns(answer)][:2] == ["rfm_segment_name", "net_sales"]
    members = shops.metrics.members("rfm_segment")
    assert {m.value: m.label for m in members}["loyal"] == "Loyal customers"
    assert {m.value: m.label for m in members}[NO_VALUE] == "No customer"
    assert [m.value for m in shops.metrics.members("rfm_segment", search="LOYAL C")] == ["loyal"]
    chosen = [Filter("rfm_segment", ("loyal", NO_VALUE))]
    assert filter_texts(chosen, shops.metrics.segment_names()) == [
        ("RFM segment", "Loyal customers, No customer")
    ]


def test_filters_and_scopes_take_segments(shops: Storehouse) -> None:
    def net(*where: Filter, scope: Scope | None = None) -> Any:
        query = MetricQuery(("net_sales",), where=where)
        return (shops.metrics.ask(query, scope).total or {})["net_sales"]

    loyal = Filter("rfm_segment", ("loyal",))
    others = Filter("rfm_segment", ("loyal",), Operator.NOT_IN)
    rows = shops.metrics.ask(MetricQuery(("net_sales",), ("rfm_segment",))).rows()
    wanted = {row["rfm_segment"]: row["net_sales"] for row in rows}
    assert net(loyal) == wanted["loyal"]
    assert net(loyal) + net(others) == net()
    assert net(Filter("rfm_segment", (NO_VALUE,))) == Decimal(30)
    assert net(scope=Scope("ann", (loyal,))) == wanted["loyal"]
    only = shops.metrics.members("rfm_segment", Scope("ann", (loyal,)))
    assert [m.value for m in only] == ["loyal"]


def test_every_source_agrees_on_the_segments(shops: Storehouse) -> None:
    with shops.warehouse.reading() as (cursor, info):
        able = [s for s in info.sources if "rfm_segment" in s.columns and s.measures is None]
        sql = "SELECT rfm_segment, sum(net_sales), sum(line_count) FROM {} GROUP BY 1 ORDER BY 1"
        answers = [cursor.execute(sql.format(s.table)).fetchall() for s in able]
    assert answers
    assert all(found == answers[0] for found in answers)


def test_days_to_come_give_no_score(house: Storehouse) -> None:
    later = (date.today() + timedelta(days=400)).isoformat()  # noqa: DTZ011 - a day far off
    house.add("sales", [
        sale("1", "2024-01-05", "A", 1, 10, customer_id="old"),
        sale("2", later, "A", 1, 10, customer_id="future"),
    ])  # fmt: skip
    info = house.warehouse.info()
    assert abs((info.scored_on - house.metrics.today()).days) <= 1
    rows = house.metrics.ask(MetricQuery(("orders",), ("customer", "rfm_segment"))).rows()
    found = {row["customer"]: row["rfm_segment"] for row in rows}
    assert found["future"] == "no_purchase"
    assert found["old"] in {rule.key for rule in DEFAULT_RULES}


def test_scales_that_collapse_are_said_openly(house: Storehouse) -> None:
    house.add("sales", [
        sale("1", "2024-01-05", "A", 1, 10, customer_id="a"),
        sale("2", "2024-01-05", "A", 1, 20, customer_id="b"),
    ])  # fmt: skip
    answer = house.metrics.ask(MetricQuery(("net_sales",), ("rfm_segment",)))
    found = " ".join(str(c) for c in answer.caveats)
    assert "RFM segments are those of" in found
    assert "“Recency” has 1 value for all customers" in found
    assert "“Amount per purchase day” has only 2 different values" in found
    plain = house.metrics.ask(MetricQuery(("net_sales",)))
    assert not any("RFM" in str(c) for c in plain.caveats)


def test_no_customers_at_all(house: Storehouse) -> None:
    house.add("sales", [sale("1", "2024-01-05", "A", 1, 10)])
    rows = house.metrics.ask(MetricQuery(("net_sales",), ("rfm_segment",))).rows()
    assert [(r["rfm_segment"], r["rfm_segment_name"], r["net_sales"]) for r in rows] == [
        (None, None, Decimal(10))
    ]
    assert house.warehouse.info().scales.customers == 0


def test_an_empty_home_answers(house: Storehouse) -> None:
    assert house.metrics.ask(MetricQuery(("net_sales",), ("rfm_segment",))).rows() == []
    assert house.metrics.members("rfm_segment") == []


def test_default_rules_reach_every_segment() -> None:
    keys = [rule.key for rule in DEFAULT_RULES]
    assert len(set(keys)) == len(keys) == 11
    assert DEFAULT_RULES[-1].is_catch_all()
    with use_language("fr"):
        assert str(DEFAULT_RULES[0].shown_name())
    assert ANY == (1, 5)
    assert Period(FIRST, FIRST).reached(FIRST + timedelta(3)) == FIRST
    assert "rfm_segment" not in METRICS
