"""Every planted truth of the demo company is found again in its data, by other means."""

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.services.demo import DemoCompany, generate


@pytest.fixture(scope="module")
def company() -> DemoCompany:
    return generate(200_000)


@pytest.fixture(scope="module")
def truths(company: DemoCompany) -> dict[str, Any]:
    return company.truths


def _moving_average(purchases: pd.DataFrame, leaving: pd.DataFrame) -> pd.DataFrame:
    """Perpetual weighted average of landed costs, event by event, per product."""
    rows = []
    outgoing = dict(iter(leaving.groupby("product_id")))
    for product, bought in purchases.groupby("product_id"):
        events = [(d, 0, q, v) for d, q, v in zip(bought.date, bought.q, bought.v, strict=True)]
        if product in outgoing:
            sold = outgoing[product]
            events += [(d, 1, q, 0.0) for d, q in zip(sold.date, sold.q, strict=True)]
        stock = average = 0.0
        for date, kind, quantity, value in sorted(events, key=lambda e: e[:2]):
            if kind:
                stock -= quantity
                continue
            kept = max(stock, 0.0)
            average = (kept * average + value) / (kept + quantity)
            stock = kept + quantity
            rows.append((product, date, average))
    return pd.DataFrame(rows, columns=["product_id", "date", "average"])


@pytest.fixture(scope="module")
def db(company: DemoCompany) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.register("raw_sales", pa.concat_tables(company.sales_batches()))
    for name, table in company.dimensions.items():
        con.register(name, table)
    con.execute("""
        create table s as
        select r.* exclude (quantity, unit_price, discount_rate, unit_cost, freight_out, fees),
               quantity::double as q, coalesce(f.rate_to_base::double, 1) as fx,
               unit_price::double * fx as price, discount_rate::double as discount,
               q * price * (1 - discount) as net, unit_cost::double * fx as own_cost,
               (freight_out::double + fees::double) * fx as selling
        from raw_sales r asof left join fx_rates f
          on r.currency = f.currency and r.date >= f.date;
        create table bought as
        select p.date, p.product_id, quantity::double as q, unit_cost::double as unit_cost,
               (unit_cost * q + freight_in::double + duty::double)
                 * coalesce(f.rate_to_base::double, 1) as v
        from purchases p asof left join fx_rates f
          on p.currency = f.currency and p.date >= f.date;
    """)
    leaving = con.execute("""select date, product_id, sum(q) as q from s
        where line_kind in ('product', 'sample') group by all""").df()
    con.register("average", _moving_average(con.execute("from bought").df(), leaving))
    con.execute("""
        create table m as
        select s.*, coalesce(own_cost, a.average, p.standard_cost::double) as cost,
               net - q * cost as margin, p.category
        from s asof left join average a on s.product_id = a.product_id and s.date >= a.date
        left join products p on s.product_id = p.product_id
        where line_kind = 'product'
    """)
    return con


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
