"""Every planted truth of the demo company is found again in its data, by other means."""

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


def _margins(db: duckdb.DuckDBPyConnection, extra: str = "true") -> dict[str, float]:
    return dict(
        db.execute(f"""select channel, sum(margin) / sum(net) from m
            where cost is not null and {extra} group by 1""").fetchall()
    )


def test_margins_by_channel_stand_in_their_bands(
    db: duckdb.DuckDBPyConnection, truths: dict[str, Any]
) -> None:
    windows = [
        "true",
        *(f"date between '{y}-10-01' and '{y + 1}-09-30'" for y in range(2022, 2026)),
    ]
    for window in windows:
        measured = _margins(db, window)
        for channel, truth in truths["channels"].items():
            low, high = truth["margin_rate_low"], truth["margin_rate_high"]
            assert low <= measured[channel] <= high, (window, channel, measured[channel])


def test_margins_are_near_their_targets_and_squeezed_on_the_way_up(
    db: duckdb.DuckDBPyConnection, truths: dict[str, Any]
) -> None:
    for channel, measured in _margins(db).items():
        assert measured == pytest.approx(
            truths["channels"][channel]["margin_rate_target"], abs=0.01
        )
    rising = _margins(db, "date between '2023-04-01' and '2024-03-31'")
    calm = _margins(db, "date between '2025-10-01' and '2026-09-30'")
    assert all(rising[channel] < calm[channel] for channel in ("bulk", "private label", "web shop"))


def test_costs_come_from_every_step_of_the_cascade(
    db: duckdb.DuckDBPyConnection, truths: dict[str, Any]
) -> None:
    known, own = db.execute("""select sum(net) filter (cost is not null) / sum(net),
        count(*) filter (own_cost is not null) / count(*) from m""").fetchall()[0]
    assert 0.99 < known < 0.9995
    assert 0.03 < own < 0.2
    bought = {p for (p,) in db.execute("select distinct product_id from purchases").fetchall()}
    assert not bought & {*truths["costs"]["standard_only"], *truths["costs"]["unknown"]}
    standard = db.execute("select product_id from products where standard_cost is null").fetchall()
    unknown = {p for (p,) in standard} - set(truths["service_articles"])
    assert unknown == set(truths["costs"]["unknown"])


def test_spanish_price_follows_its_wave(
    db: duckdb.DuckDBPyConnection, truths: dict[str, Any]
) -> None:
    wave = truths["price_wave"]
    paid = db.execute(f"""select date, unit_cost from bought
        where product_id = '{wave["product_id"]}' order by date""").df()
    days = pd.to_datetime([k["date"] for k in wave["knots"]]).astype("datetime64[s]").astype(int)
    usual = np.interp(
        paid.date.astype("datetime64[s]").astype(int),
        days,
        [k["eur_per_kg"] for k in wave["knots"]],
    )
    assert np.abs(paid.unit_cost / usual - 1).max() < 0.04
    by_quarter = paid.set_index("date").unit_cost.resample("QS").mean()
    assert by_quarter.idxmax() == pd.Timestamp("2024-01-01")
    assert by_quarter["2022-10-01"] == pytest.approx(4.2, abs=0.4)
    assert by_quarter.max() > 8.3
    assert by_quarter["2025-04-01":"2025-12-31"].between(3.6, 4.6).all()


def test_seasons(db: duckdb.DuckDBPyConnection, truths: dict[str, Any]) -> None:
    lines = dict(db.execute("select strftime(date, '%m'), count(*) from s group by 1").fetchall())
    high = [lines[month] for month in truths["seasons"]["high"]]
    low = [lines[month] for month in truths["seasons"]["low"]]
    assert min(high) > 1.15 * max(low)
    sundays = dict(
        db.execute("""select channel, count(*) filter (dayofweek(date) = 0) / count(*)
            from s where q > 0 and customer_id is not null group by 1""").fetchall()
    )
    assert all((share > 0.1) == (channel == "web shop") for channel, share in sundays.items())
    assert max(share for channel, share in sundays.items() if channel != "web shop") < 0.03
    gifts = db.execute("""select count(*) filter (month(date) in (11, 12)) / count(*) from s
        where product_id = 'CO-NO-075'""").fetchall()[0][0]
    assert gifts > 0.3  # a sixth without a season


def test_returns(db: duckdb.DuckDBPyConnection, truths: dict[str, Any]) -> None:
    share = db.execute("select count(*) filter (q < 0) / count(*) from s").fetchall()[0][0]
    assert share == pytest.approx(truths["returns"]["line_share"], abs=1e-4)
    rates = (
        db.execute("""select product_id, count(*) filter (q < 0) / count(*) filter (q > 0) as rate
        from m group by 1 having count(*) > 1000""")
        .df()
        .set_index("product_id")
        .rate
    )
    assert rates.idxmax() == truths["returns"]["fragile_product"]
    assert 2.8 < rates.max() / rates.median() < 5.2


def test_quantities_answer_to_prices(db: duckdb.DuckDBPyConnection, truths: dict[str, Any]) -> None:
    for channel, truth in truths["channels"].items():
        if channel == "web shop":
            continue  # single bottles: rounding hides the effect
        cells = db.execute(
            """select product_id, date_diff('day', date '2022-10-01', date) // 7 as week,
                 avg(ln(q)) as q, avg(ln(price)) as p, count(*) as n from m
               where q > 0 and promotion is null and channel = ? group by all""",
            [channel],
        ).df()
        for column in ("q", "p"):
            mean = cells.groupby("product_id")[column].transform("mean")
            cells[column] -= mean
        slope = (cells.n * cells.q * cells.p).sum() / (cells.n * cells.p**2).sum()
        assert slope == pytest.approx(truth["elasticity"], abs=0.15), channel


def test_promotions_lift_what_is_sold(
    db: duckdb.DuckDBPyConnection, truths: dict[str, Any]
) -> None:
    uplifts = []
    for promotion in truths["promotions"]:
        inside, around, discount = db.execute(
            """with days as (
                 select date, sum(q) as q, min(discount) as d from m
                 where q > 0 and product_id in (select unnest($1))
                   and channel in (select unnest($2))
                   and date between $3::date - 28 and $4::date + 28 group by 1)
               select avg(q) filter (date between $3::date and $4::date),
                 avg(q) filter (not date between $3::date and $4::date),
                 min(d) filter (date between $3::date and $4::date) from days""",
            [promotion[key] for key in ("products", "channels", "from", "to")],
        ).fetchall()[0]
        assert discount >= promotion["discount_rate"] - 1e-9
        uplifts.append(inside / around)
        assert uplifts[-1] > promotion["min_uplift"], promotion["code"]
    assert 1.6 < np.median(uplifts) < 3.0


def test_return_on_investment_by_country(
    db: duckdb.DuckDBPyConnection, truths: dict[str, Any]
) -> None:
    measured = db.execute("""
        with paid as (
          select country, sum(amount::double * coalesce(rate_to_base::double, 1)) as paid
          from (select *, coalesce(date, from_date) as day from investments) i
          asof left join fx_rates f on i.currency = f.currency and i.day >= f.date
          where country is not null group by 1)
        select country, (sum(margin - selling) - any_value(paid)) / any_value(paid)
        from m join paid using (country) where cost is not null
        group by 1 order by 2 desc""").fetchall()
    planted = truths["roi"]["by_country"]
    assert [c for c, _ in measured] == sorted(planted, key=planted.get, reverse=True)
    for country, roi in measured:
        assert roi == pytest.approx(planted[country], abs=truths["roi"]["tolerance"])
    assert len(truths["roi"]["without_investment"]) + len(planted) == truths["countries"]


def test_budgets_are_biased_where_planted(
    db: duckdb.DuckDBPyConnection, truths: dict[str, Any]
) -> None:
    missed = dict(
        db.execute("""
        with plan as (select country, sum(value::double) as plan from budgets
          where metric = 'net_sales' group by 1)
        select country, any_value(plan) / sum(net) from m join plan using (country) group by 1
        """).fetchall()
    )
    for country, ratio in missed.items():
        bias = truths["budgets"]["bias_by_country"].get(country, 1.0)
        assert ratio == pytest.approx(1.02 * bias, abs=0.04), country


def test_shares_of_the_trade(db: duckdb.DuckDBPyConnection, truths: dict[str, Any]) -> None:
    guests, largest, countries = db.execute("""select
        count(*) filter (customer_id is null) / count(*),
        (select max(n) / sum(n) from (select sum(net) as n from m group by customer_id)),
        count(distinct country) from s""").fetchall()[0]
    assert 0.015 < guests < 0.04
    assert largest < 0.08
    assert countries == truths["countries"] > 20
    top = db.execute("""select sum(n) filter (rank <= 0.2) / sum(n) from
        (select sum(net) as n, percent_rank() over (order by sum(net) desc) as rank from m
         where customer_id is not null group by customer_id)""").fetchall()[0][0]
    assert top > 0.6  # heavy tail
