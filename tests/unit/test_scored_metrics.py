"""Scores of customers as metrics: by hand on a few lines, and against pandas on many."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.query import Compare, Filter, MetricQuery, Period, Scope, Top
from core.models.tables import ScoreSet
from core.services.metrics import OTHERS
from tests.storehouse import Storehouse, sale

KEYS = ("clv", "p_alive", "churn_probability")
Scores = dict[str, dict[str, Any]]


def publish(house: Storehouse, scores: Scores, version: int | None = None, run: int = 1) -> None:
    """Register scores as the run store does."""
    columns = sorted({name for found in scores.values() for name in found})
    file = house.settings.runs / str(run) / "scores.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    table = {"customer_id": list(scores)} | {
        name: pa.array([found.get(name) for found in scores.values()], pa.float64())
        for name in columns
    }
    pq.write_table(pa.table(table), file)
    with house.catalogue.session() as session:
        session.add(ScoreSet(
            run_id=run, analysis="clv", columns=columns, file=f"{run}/scores.parquet",
            data_version=house.catalogue.current_version() if version is None else version,
        ))  # fmt: skip
        session.commit()


@pytest.fixture
def shop(house: Storehouse) -> Storehouse:
    """Two countries share customer a; d has no score; e only returns; one line has no customer."""
    house.add("sales", [
        sale("1", "2024-01-05", "A", 1, 10, customer_id="a", country="FR"),
        sale("2", "2024-01-09", "A", 1, 10, customer_id="b", country="FR"),
        sale("3", "2025-01-05", "A", 1, 10, customer_id="a", country="FR"),
        sale("4", "2025-01-06", "A", 2, 10, customer_id="a", country="DE"),
        sale("5", "2025-01-07", "A", 1, 10, customer_id="b", country="DE"),
        sale("6", "2025-01-20", "B", 1, 10, customer_id="d", country="DE"),
        sale("7", "2025-01-31", "B", 1, 10, country="FR"),
        sale("8", "2025-01-10", "B", -1, 10, customer_id="e", country="FR"),
    ])  # fmt: skip
    return house


@pytest.fixture
def scored(shop: Storehouse) -> Storehouse:
    publish(shop, {
        "a": {"clv": 100.25, "p_alive": 0.9}, "b": {"clv": 50, "p_alive": 0.5},
        "e": {"clv": 7, "p_alive": 0.1}, "nobody": {"clv": 1000, "p_alive": 1},
        "d": {"clv": None, "p_alive": None},
    })  # fmt: skip
    return shop


JANUARY = Period(date(2025, 1, 1), date(2025, 1, 31))


def total(house: Storehouse, *keys: str, **options: Any) -> dict[str, Any]:
    return dict(house.metrics.ask(MetricQuery(keys, **options)).total or {})


def texts(house: Storehouse, *keys: str, **options: Any) -> list[str]:
    return [str(c) for c in house.metrics.ask(MetricQuery(keys, **options)).caveats]


def test_nothing_published_is_unknown_and_says_where_to_go(shop: Storehouse) -> None:
    answer = shop.metrics.ask(MetricQuery((*KEYS, "net_sales"), ("country",)))
    assert all(row[key] is None for row in answer.rows() for key in KEYS)
    assert answer.total is not None
    assert [answer.total[key] for key in KEYS] == [None] * 3
    found = [str(c) for c in answer.caveats]
    assert sum("“Lifetime value”" in text and "not computed yet" in text for text in found) == 2
    assert any("“Churn”" in text for text in found)
    assert total(shop, "clv") == {"clv": None}


def test_a_customer_counts_once_in_each_group_and_once_in_the_total(scored: Storehouse) -> None:
    answer = scored.metrics.ask(
        MetricQuery(("clv", "p_alive", "customers"), ("country",), period=JANUARY)
    )
    rows = {row["country"]: row for row in answer.rows()}
    assert rows["FR"]["clv"] == Decimal("100.25")
    assert rows["DE"]["clv"] == Decimal("150.25")  # a and b; d has no score
    assert rows["FR"]["p_alive"] == pytest.approx(0.9)
    assert rows["DE"]["p_alive"] == pytest.approx(0.7)
    assert answer.total is not None
    assert answer.total["clv"] == Decimal("150.25")  # not 250.50
    assert answer.total["p_alive"] == pytest.approx(0.7)
    assert answer.total["customers"] == 3
    (clv, alive) = [str(c) for c in answer.caveats if "known for" in str(c)]
    assert "known for 2 of 3 customers" in clv
    assert "these data (version 1)" in clv
    assert "Probability of being active" in alive


def test_filters_choose_the_customers(scored: Storehouse) -> None:
    assert total(scored, "clv") == {"clv": Decimal("150.25")}
    assert total(scored, "clv", where=(Filter("product", ("B",)),)) == {"clv": None}
    assert total(scored, "clv", where=(Filter("customer", ("b",)),)) == {"clv": Decimal(50)}


def test_who_sees_a_part_of_the_lines_sees_no_score(scored: Storehouse) -> None:
    """A score rests on all sales of a customer, also on those outside a person's rights."""
    french = Scope("ann", (Filter("country", ("FR",)),))
    answer = scored.metrics.ask(MetricQuery(("clv",), ("customer",), period=JANUARY), french)
    assert {row["customer"]: row["clv"] for row in answer.rows()} == {
        "a": None,
        "e": None,
        None: None,
    }
    assert answer.total == {"clv": None}
    assert any("Customer lifetime value" in str(caveat) for caveat in answer.caveats)


def test_compared_periods_have_customers_of_their_own(scored: Storehouse) -> None:
    (row,) = scored.metrics.ask(
        MetricQuery(
            ("clv", "p_alive"), (), (Filter("country", ("FR",)),), JANUARY, compare=Compare.YEAR
        )
    ).rows()
    assert (row["clv"], row["clv_compared"]) == (Decimal("100.25"), Decimal("150.25"))
    assert row["clv_change"] == Decimal(-50)
    assert row["p_alive_change"] == pytest.approx(0.2)
    assert row["p_alive_change_rate"] is None
    months = scored.metrics.ask(
        MetricQuery(("clv",), ("month",), period=JANUARY, compare=Compare.YEAR)
    ).rows()
    assert [(r["clv"], r["clv_compared"]) for r in months] == [
        (Decimal("150.25"), Decimal("150.25"))
    ]


def test_a_new_run_shows_at_once_and_older_data_are_said(scored: Storehouse) -> None:
    assert total(scored, "clv")["clv"] == Decimal("150.25")
    publish(scored, {"a": {"clv": 1}, "b": {"clv": 2}, "d": {"clv": 4}}, run=2)
    assert total(scored, "clv")["clv"] == Decimal(7)
    # The newer run has no P(alive): the latest that has it still answers.
    assert total(scored, "p_alive")["p_alive"] == pytest.approx(0.7)
    version = scored.catalogue.current_version()
    scored.add("sales", [sale("9", "2025-01-31", "A", 1, 10, customer_id="new")])
    (text,) = [t for t in texts(scored, "clv") if "known for" in t]
    assert "known for 3 of 4 customers" in text
    assert f"older data (version {version}, now {version + 1})" in text
    assert "start a new run on the page “Lifetime value”" in text


def test_a_set_whose_file_is_gone_does_not_count(scored: Storehouse) -> None:
    (scored.settings.runs / "1" / "scores.parquet").unlink()
    assert total(scored, "clv") == {"clv": None}


def test_scores_that_are_no_numbers_are_unknown(shop: Storehouse) -> None:
    publish(shop, {"a": {"clv": float("nan"), "p_alive": float("inf")}, "b": {"clv": 5}})
    assert total(shop, "clv", "p_alive") == {"clv": Decimal(5), "p_alive": None}


def test_top_lists_rank_by_scores_and_others_count_once(scored: Storehouse) -> None:
    answer = scored.metrics.ask(
        MetricQuery(("clv",), ("country",), top=Top(1, "clv", others=True), period=JANUARY)
    )
    assert [(row["country"], row["clv"]) for row in answer.rows()] == [
        ("DE", Decimal("150.25")), (OTHERS, Decimal("100.25"))
    ]  # fmt: skip
    assert answer.total == {"clv": Decimal("150.25")}


def test_questions_without_lines(scored: Storehouse) -> None:
    nobody = Filter("country", ("IT",))
    answer = scored.metrics.ask(MetricQuery(("clv", "p_alive"), ("country",), (nobody,)))
    assert answer.rows() == []
    assert answer.total == {"clv": None, "p_alive": None}


def test_an_empty_home(house: Storehouse) -> None:
    assert total(house, *KEYS) == dict.fromkeys(KEYS)
    publish(house, {"a": {"clv": 1}})
    assert total(house, "clv") == {"clv": None}


LINES = 900
DAYS = 420
BEGIN = date(2023, 12, 10)


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    chance = np.random.default_rng(5)
    return pd.DataFrame({
        "customer": chance.choice([*(f"c{i}" for i in range(60)), None], LINES),
        "date": [BEGIN + timedelta(days=int(d)) for d in chance.integers(0, DAYS, LINES)],
        "country": chance.choice(["FR", "DE", "IT"], LINES),
        "channel": chance.choice(["shop", "web"], LINES),
        "product": chance.choice(["A", "B", "C", "D"], LINES),
        "quantity": chance.choice([-1, 0, 1, 2], LINES),
    })  # fmt: skip


@pytest.fixture(scope="module")
def points() -> Scores:
    chance = np.random.default_rng(6)
    return {
        f"c{i}": {
            "clv": round(float(chance.gamma(2, 300)), 2),
            "p_alive": float(chance.random()) if i % 7 else None,
            "churn_probability": float(chance.random()),
        }
        for i in range(60)
        if i % 5
    }


@pytest.fixture(scope="module")
def big(
    lines: pd.DataFrame, points: Scores, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Storehouse]:
    found = Storehouse(tmp_path_factory.mktemp("scored") / "home")
    found.add("sales", [
        sale(f"i{i}", r.date.isoformat(), r.product, r.quantity, 10, country=r.country,
             channel=r.channel, customer_id=r.customer if pd.notna(r.customer) else None)
        for i, r in enumerate(lines.itertuples())
    ])  # fmt: skip
    publish(found, points)
    yield found
    found.close()


def recomputed(part: pd.DataFrame, points: Scores) -> dict[str, Any]:
    """Over the distinct customers with a positive quantity, as the definitions say."""
    buyers = set(part.loc[part["quantity"] > 0, "customer"].dropna())
    values = {
        key: [points[b][key] for b in buyers if b in points and points[b][key] is not None]
        for key in KEYS
    }
    return {
        "clv": sum(Decimal(str(v)) for v in values["clv"]) if values["clv"] else None,
        **{k: float(np.mean(values[k])) if values[k] else None for k in KEYS[1:]},
    }


def same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    for key in KEYS:
        wanted = expected[key]
        if isinstance(wanted, float):
            wanted = pytest.approx(wanted, abs=1e-9)
        assert found[key] == wanted, key


periods = st.one_of(
    st.none(),
    st.tuples(st.integers(0, DAYS), st.integers(0, 200)).map(
        lambda p: Period(BEGIN + timedelta(p[0]), BEGIN + timedelta(sum(p)))
    ),
    st.tuples(st.integers(1, 10), st.integers(0, 2)).map(
        lambda p: Period(date(2024, p[0], 1), date(2024, sum(p) + 1, 1) - timedelta(days=1))
    ),
)
filters = st.lists(
    st.sampled_from([
        Filter("country", ("FR",)), Filter("country", ("DE", "IT")), Filter("channel", ("web",)),
        Filter("product", ("A", "D")),
    ]),
    max_size=2,
    unique=True,
).map(tuple)  # fmt: skip
splits = st.lists(
    st.sampled_from(["country", "channel", "product", "month", "customer"]), max_size=2, unique=True
).map(tuple)


def month_of(lines: pd.DataFrame) -> pd.Series:
    return lines["date"].map(lambda day: day.replace(day=1))


def chosen(lines: pd.DataFrame, where: tuple[Filter, ...], period: Period | None) -> pd.DataFrame:
    part = lines.assign(month=month_of(lines))
    for f in where:
        part = part[part[f.dimension].isin(f.values)]
    if period:
        part = part[(part["date"] >= period.start) & (part["date"] <= period.end)]
    return part


@settings(max_examples=30)
@given(by=splits, where=filters, period=periods)
def test_any_question_equals_the_recomputation(
    big: Storehouse, lines: pd.DataFrame, points: Scores, by: tuple[str, ...],
    where: tuple[Filter, ...], period: Period | None,
) -> None:  # fmt: skip
    answer = big.metrics.ask(MetricQuery((*KEYS, "net_sales"), by, where, period), cached=False)
    part = chosen(lines, where, period)
    assert answer.total is not None
    same(dict(answer.total), recomputed(part, points))
    for row in answer.rows():
        own = part
        for key in by:
            own = own[own[key].isna() if row[key] is None else own[key] == row[key]]
        same(row, recomputed(own, points))


@settings(max_examples=20)
@given(
    by=st.sampled_from([(), ("country",), ("product",)]),
    where=filters,
    start=st.integers(300, 380),
    length=st.integers(0, 60),
    compare=st.sampled_from([Compare.PREVIOUS, Compare.YEAR]),
)
def test_both_periods_equal_the_recomputation(
    big: Storehouse, lines: pd.DataFrame, points: Scores, by: tuple[str, ...],
    where: tuple[Filter, ...], start: int, length: int, compare: Compare,
) -> None:  # fmt: skip
    first = BEGIN + timedelta(start)
    period = Period(first, min(first + timedelta(length), max(lines["date"])))
    answer = big.metrics.ask(MetricQuery(KEYS, by, where, period, compare=compare), cached=False)
    assert answer.compared
    for row in answer.rows():
        for asked, suffix in ((period, ""), (answer.compared, "_compared")):
            own = chosen(lines, where, asked)
            for key in by:
                own = own[own[key] == row[key]]
            same({k: row[f"{k}{suffix}"] for k in KEYS}, recomputed(own, points))
