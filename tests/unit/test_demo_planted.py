"""What is odd in the demo company is found again: anomalies, gaps, baskets, customers who leave."""

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.told import planted


@pytest.fixture(scope="module")
def db() -> duckdb.DuckDBPyConnection:
    return planted()[0]


@pytest.fixture(scope="module")
def truths() -> dict[str, Any]:
    return planted()[1]


def _purchase_days(db: duckdb.DuckDBPyConnection, truths: dict[str, Any]) -> pd.DataFrame:
    planted = truths["customers"]["growing"]["customer_ids"] + [
        c["customer_id"] for c in truths["customers"]["leaving"]["customers"]
    ]
    days = db.execute("""select customer_id, count(distinct date) - 1 as x,
        date_diff('day', min(date), date '2026-09-30') as age from s
        where customer_id is not null and q > 0 group by 1""").df()
    return days[~days.customer_id.isin(planted)]


def test_repeat_purchases_follow_the_stated_model(
    db: duckdb.DuckDBPyConnection, truths: dict[str, Any]
) -> None:
    days, model = _purchase_days(db, truths), truths["customers"]
    rng = np.random.default_rng(5)
    rate = rng.gamma(model["r"], 1 / model["alpha_days"], (400, len(days)))
    stop = rng.beta(model["a"], model["b"], rate.shape)
    simulated = rng.poisson(rate * days.age.to_numpy())
    simulated = np.minimum(simulated, rng.geometric(np.maximum(stop, 1e-9)))
    assert days.x.mean() == pytest.approx(simulated.mean(), rel=0.12)
    assert (days.x == 0).mean() == pytest.approx((simulated == 0).mean(), abs=0.03)
    for share in (0.25, 0.5, 0.75):
        expected = np.quantile(simulated, share)
        assert days.x.quantile(share) == pytest.approx(expected, rel=0.25, abs=2)


def test_growing_and_leaving_customers(
    db: duckdb.DuckDBPyConnection, truths: dict[str, Any]
) -> None:
    growing = truths["customers"]["growing"]
    db.register("growing", pd.DataFrame({"customer_id": growing["customer_ids"]}))
    orders = [n for (n,) in db.execute("""select count(distinct order_id) from s
        semi join growing using (customer_id) where q > 0
        group by date_diff('month', date '2022-10-01', date) // 12
        order by date_diff('month', date '2022-10-01', min(date)) // 12""").fetchall()]  # fmt: skip
    assert orders == sorted(orders)
    assert 1.8 < orders[-1] / orders[0] < 3.4  # first to last year of a fourfold rate
    leaving = pd.DataFrame(truths["customers"]["leaving"]["customers"])
    assert len(leaving) == 15
    db.register("leaving", leaving)
    late, fading, before = db.execute("""select
        count(*) filter (date > gone_on::date),
        avg(q) filter (date between fades_from::date + 90 and gone_on::date),
        avg(q) filter (date < fades_from::date)
        from s join leaving using (customer_id) where q > 0 and channel = 'brand'""").fetchall()[0]
    assert late == 0
    assert 0.3 < fading / before < 0.75


def test_planted_baskets_have_their_lift(
    db: duckdb.DuckDBPyConnection, truths: dict[str, Any]
) -> None:
    for pair in truths["baskets"]:
        chance, lift = db.execute(
            """with baskets as (
                 select bool_or(product_id = $1)::int as a, bool_or(product_id = $2)::int as b
                 from m where q > 0 and channel = $3 group by order_id)
               select sum(a * b) / sum(a) as chance, chance / avg(b) from baskets""",
            [pair["if"], pair["then"], pair["channel"]],
        ).fetchall()[0]
        assert lift >= pair["min_lift"], pair
        assert chance > 0.15, pair


def test_stock_outs_sell_nothing_and_count_zero(
    db: duckdb.DuckDBPyConnection, truths: dict[str, Any]
) -> None:
    for gap in truths["stock_outs"]:
        values = [gap["product_id"], gap["from"], gap["to"]]
        where = "where product_id = $1 and date between $2::date and $3::date"
        sold = db.execute(f"select count(*) from s {where} and q > 0", values).fetchall()[0][0]
        counted = db.execute(f"select sum(quantity), count(*) from stock_counts {where}", values)
        assert sold == 0
        assert counted.fetchall() == [(0, 3)]
        before = db.execute(
            "select count(*) from s where product_id = $1 and q > 0 "
            "and date between $2::date - 28 and $2::date - 1",
            values[:2],
        ).fetchall()[0][0]
        assert before > 10


def _outliers(table: pd.DataFrame, groups: list[str], column: str) -> pd.DataFrame:
    """Robust z-score of a logarithm within groups: distance to the median over the MAD."""
    log = np.log(table[column])
    rest = log - log.groupby([table[g] for g in groups]).transform("median")
    spread = rest.abs().median() * 1.4826
    return table[(rest / spread).abs() > 40]


def test_tenfold_prices_and_costs_are_the_only_far_outliers(
    db: duckdb.DuckDBPyConnection, truths: dict[str, Any]
) -> None:
    lines = db.execute("""select invoice_id, line_no, product_id, channel, price, own_cost,
        strftime(date, '%Y-%m') as month from m where q > 0""").df()
    prices = _outliers(lines, ["product_id", "channel", "month"], "price")
    expected = {a["invoice_id"] for a in truths["anomalies"]["wrong_prices"]}
    assert len(expected) == 6
    assert set(prices.invoice_id) == expected
    assert set(prices.line_no) == {1}
    planted = {a["invoice_id"]: a["product_id"] for a in truths["anomalies"]["wrong_prices"]}
    assert dict(zip(prices.invoice_id, prices.product_id, strict=True)) == planted
    stated = lines[lines.own_cost.notna()]
    ratio = stated.own_cost / stated.groupby("product_id").own_cost.transform("median")
    far = stated[ratio > 4]
    assert set(far.invoice_id) == {a["invoice_id"] for a in truths["anomalies"]["wrong_costs"]}
    assert len(far) == 4


def test_product_sold_below_cost(db: duckdb.DuckDBPyConnection, truths: dict[str, Any]) -> None:
    planted = truths["anomalies"]["below_cost"]
    weeks = db.execute(
        """select date_diff('day', date '2022-10-01', date) // 7 as week, min(date) as first,
             sum(margin) / sum(net) as rate from m
           where product_id = ? and channel = 'brand' and q > 0 group by 1 order by 1""",
        [planted["product_id"]],
    ).df()
    spread = (weeks.rate - weeks.rate.median()).abs().median() * 1.4826
    found = weeks[(weeks.rate - weeks.rate.median()) / spread < -8]
    assert (found.rate < 0).all()
    assert len(found) == 5
    assert pd.Timestamp(planted["from"]) <= found["first"].min()
    assert found["first"].max() <= pd.Timestamp(planted["to"])


def test_supplier_whose_margin_collapses(
    db: duckdb.DuckDBPyConnection, truths: dict[str, Any]
) -> None:
    planted = truths["anomalies"]["supplier_collapse"]
    rates = db.execute(
        """select supplier_id, sum(margin) filter (date >= $1::date + 60)
             / sum(net) filter (date >= $1::date + 60)
             - sum(margin) filter (date < $1::date) / sum(net) filter (date < $1::date) as change
           from m join products using (product_id)
           where cost is not null and channel = 'brand' and supplier_id is not null
           group by 1 order by 2""",
        [planted["from"]],
    ).fetchall()
    assert rates[0][0] == planted["supplier_id"]
    assert rates[0][1] < -0.15
    assert rates[1][1] > -0.06


def test_generous_salesperson_and_late_supplier(
    db: duckdb.DuckDBPyConnection, truths: dict[str, Any]
) -> None:
    planted = truths["anomalies"]["generous_salesperson"]
    mean = db.execute(
        """select salesperson, avg(discount) from m where channel = $1 and q > 0
             and date between $2::date and $3::date and salesperson is not null
           group by 1 order by 2 desc""",
        [planted["channel"], planted["from"], planted["to"]],
    ).fetchall()
    assert mean[0][0] == planted["salesperson"]
    assert mean[0][1] > 0.25
    assert mean[1][1] < 0.1
    late = db.execute("""select supplier_id, median(received_on - due_on) from purchases
        group by 1 order by 2 desc""").fetchall()
    supplier = truths["anomalies"]["late_supplier"]
    assert late[0] == (supplier["supplier_id"], supplier["days_late"])
    assert late[1][1] <= 1
