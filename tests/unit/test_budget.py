"""Comparison with the budget, worked out on paper and against a pandas recomputation."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.errors import PicholineError
from core.models.filters import parse_filters
from core.models.query import Compare, Filter, MetricQuery, Operator, Period, Scope, Top
from core.services.analytics.base import get_analysis
from core.services.metrics import OTHERS
from tests.storehouse import Row, Storehouse, sale

QUARTER = Period(date(2025, 1, 1), date(2025, 3, 31))


def plan(month: str, metric: str, value: float, **slice_: str) -> Row:
    return {"month": date.fromisoformat(f"{month}-01"), "metric": metric, "value": value, **slice_}


@pytest.fixture
def shop(house: Storehouse) -> Storehouse:
    """Data end on 20 March: January and February are finished; 30 are planned for no country."""
    house.add("sales", [
        sale("1", "2025-01-10", "A", 10, 20, unit_cost=15, country="FR", channel="web"),
        sale("2", "2025-02-10", "A", 5, 20, unit_cost=15, country="FR", channel="web"),
        sale("3", "2025-02-11", "A", 4, 20, unit_cost=15, country="DE", channel="web"),
        sale("4", "2025-03-20", "A", 9, 20, unit_cost=15, country="FR", channel="web"),
    ])  # fmt: skip
    house.add("budgets", [
        plan("2025-01", "net_sales", 150, country="FR"),
        plan("2025-02", "CA  net", 120, country="FR"),
        plan("2025-02", "Net sales", 50, country="DE"),
        plan("2025-02", "chiffre d’affaires net", 30),
        plan("2025-03", "net_sales", 500, country="FR"),
        plan("2025-01", "gross_margin", 60, country="FR"),
        plan("2025-02", "Marge brute", 36, country="FR"),
    ])  # fmt: skip
    return house


def ask(house: Storehouse, *keys: str, **more: Any) -> Any:
    query = MetricQuery(keys, **{"period": QUARTER, "compare": Compare.BUDGET, **more})
    return house.metrics.ask(query)


def test_finished_months_against_their_budget(shop: Storehouse) -> None:
    """March has 20 days only: it is left out on both sides."""
    answer = ask(shop, "net_sales", "gross_margin", "margin_rate")
    assert answer.period == answer.compared == Period(date(2025, 1, 1), date(2025, 2, 28))
    total = answer.total
    assert (total["net_sales"], total["net_sales_compared"]) == (380, 350)
    assert (total["net_sales_change"], total["net_sales_change_rate"]) == (
        30,
        pytest.approx(30 / 350),
    )
    assert (total["gross_margin"], total["gross_margin_compared"]) == (95, 96)
    # The planned rate is the ratio of the planned sums.
    assert total["margin_rate_compared"] == pytest.approx(96 / 350)
    assert any("finished months" in str(c) for c in answer.caveats)
    assert str(answer.column("net_sales_compared").name) == "Net sales, budget"


def test_by_month_and_country(shop: Storehouse) -> None:
    months = [(r["month"].month, r["net_sales"], r["net_sales_compared"])
              for r in ask(shop, "net_sales", by=("month",)).rows()]  # fmt: skip
    assert months == [(1, 200, 150), (2, 180, 200)]
    answer = ask(shop, "net_sales", by=("country",))
    rows = {r["country"]: (r["net_sales"], r["net_sales_compared"]) for r in answer.rows()}
    assert rows["FR"] == (300, 270)
    assert rows["DE"] == (80, 50)
    assert rows[None][1] == 30  # planned for no country, and part of the total
    assert answer.total["net_sales_compared"] == 350
    assert any("“Country” and stand apart" in str(c) for c in answer.caveats)
    both = {(r["country"], r["month"].month): r["net_sales_compared"]
            for r in ask(shop, "net_sales", by=("country", "month")).rows()}  # fmt: skip
    assert (both["FR", 1], both["FR", 2], both["DE", 2]) == (150, 120, 50)


def test_filters_take_the_budgets_along(shop: Storehouse) -> None:
    france = ask(shop, "net_sales", where=(Filter("country", ("FR",)),))
    assert (france.total["net_sales"], france.total["net_sales_compared"]) == (300, 270)
    assert any("left out" in str(c) for c in france.caveats)
    others = ask(shop, "net_sales", where=(Filter("country", ("FR",), Operator.NOT_IN),))
    assert others.total["net_sales_compared"] == 80
    month = ask(shop, "net_sales", where=(Filter("month", ("2025-02",)),))
    assert (month.total["net_sales"], month.total["net_sales_compared"]) == (180, 200)
    mine = shop.metrics.ask(
        MetricQuery(("net_sales",), period=QUARTER, compare=Compare.BUDGET),
        Scope("ann", (Filter("country", ("DE",)),)),
    )
    assert (mine.total or {})["net_sales_compared"] == 50


def test_top_lists_keep_the_budget_of_the_others(shop: Storehouse) -> None:
    answer = ask(shop, "net_sales", by=("country",), top=Top(1, "net_sales", others=True))
    rows = {r["country"]: (r["net_sales"], r["net_sales_compared"]) for r in answer.rows()}
    assert rows == {"FR": (300, 270), OTHERS: (80, 80)}


def test_what_budgets_do_not_state_is_refused(shop: Storehouse) -> None:
    for more in (
        {"by": ("product",)}, {"by": ("week",)}, {"by": ("day",)},
        {"where": (Filter("customer", ("c",)),)}, {"where": (Filter("day", ("2025-01-10",)),)},
    ):  # fmt: skip
        with pytest.raises(PicholineError, match="country, category, channel") as refused:
            ask(shop, "net_sales", **more)
        assert refused.value.code == "query.budget"
    with pytest.raises(PicholineError, match="gross_margin") as unplanned:
        ask(shop, "orders")
    assert unplanned.value.code == "query.no_budget"
    with pytest.raises(PicholineError):
        shop.metrics.ask(
            MetricQuery(("net_sales",), period=QUARTER, compare=Compare.BUDGET),
            Scope("ann", (Filter("supplier", ("S",)),)),
        )


def test_metrics_without_a_budget_are_unknown_and_named(shop: Storehouse) -> None:
    answer = ask(shop, "net_sales", "orders")
    assert answer.total["orders"] == 3
    assert answer.total["orders_compared"] is None
    assert any("no budget for: Orders" in str(c) for c in answer.caveats)


def test_a_later_budget_takes_the_place_of_an_earlier_one(shop: Storehouse) -> None:
    shop.add("budgets", [plan("2025-01", "net_sales", 999, country="FR")])
    assert ask(shop, "net_sales").total["net_sales_compared"] == 350 - 150 + 999


def test_without_a_finished_month_nothing_is_compared(shop: Storehouse) -> None:
    answer = ask(shop, "net_sales", period=Period(date(2025, 3, 1), date(2025, 3, 31)))
    assert answer.compared is None
    assert answer.total == {"net_sales": 180}
    assert any("no whole, finished month" in str(c) for c in answer.caveats)


def test_the_filter_bar_resolves_to_finished_months(shop: Storehouse) -> None:
    found = shop.metrics.resolve(parse_filters([("period", "year_to_date"), ("compare", "budget")]))
    assert found.period == found.compared == Period(date(2025, 1, 1), date(2025, 2, 28))
    assert shop.metrics.budgets() == ("net_sales", "gross_margin")


def test_homes_without_budgets(house: Storehouse) -> None:
    house.add("sales", [sale("1", "2025-01-31", "A", 1, 10)])
    found = house.metrics.resolve(parse_filters([("period", "all"), ("compare", "budget")]))
    assert found.compared is None
    with pytest.raises(PicholineError, match="no budgets"):
        ask(house, "net_sales")
    analysis = get_analysis("budget")
    assert analysis.run is not None
    with pytest.raises(PicholineError, match="Import a table"):
        analysis.run(house.metrics, analysis.params_from([]), Scope())


def test_pages_compare_what_can_be_compared(shop: Storehouse) -> None:
    """The overview splits by product too, which no budget states."""
    analysis = get_analysis("overview")
    assert analysis.run is not None
    params = analysis.params_from([("period", "year_to_date"), ("compare", "budget")])
    result = analysis.run(shop.metrics, params, Scope())
    kpis = {row["metric"]: row for row in result.tables["kpis"].rows()}
    assert (kpis["net_sales"]["value"], kpis["net_sales"]["compared"]) == (380, 350)
    assert "net_sales_compared" not in result.tables["products"].data.column_names
    assert any("Not compared" in str(c) for c in result.tables["products"].caveats)
    own = get_analysis("budget")
    assert own.run is not None
    variance = own.run(shop.metrics, own.params_from([("period", "year_to_date")]), Scope())
    rows = {r["country"]: r["net_sales_change"] for r in variance.tables["by_country"].rows()}
    assert (rows["FR"], rows["DE"]) == (30, 30)


def test_equals_pandas(house: Storehouse) -> None:
    chance = np.random.default_rng(8)
    countries, channels = ["FR", "DE", None], ["web", "shop", None]
    months = [date(2024, m, 1) for m in range(1, 13)]
    budgets = pd.DataFrame([
        {"month": m, "country": c, "channel": h, "value": int(chance.integers(1, 1000))}
        for m in months for c in countries for h in channels if chance.random() < 0.8
    ])  # fmt: skip
    house.add("budgets", [
        {k: v for k, v in {**row, "metric": "net_sales"}.items() if v is not None}
        for row in budgets.astype(object).where(budgets.notna(), None).to_dict("records")
    ])  # fmt: skip
    house.add("sales", [
        sale(str(i), (date(2024, 1, 1) + timedelta(int(d))).isoformat(), "A", 1, 10,
             country=str(chance.choice(["FR", "DE"])), channel=str(chance.choice(["web", "shop"])))
        for i, d in enumerate([*chance.integers(0, 366, 60), 365])
    ])  # fmt: skip
    period = Period(date(2024, 2, 10), date(2024, 11, 15))  # whole months: March to October
    inside = budgets[
        (budgets["month"] >= date(2024, 3, 1)) & (budgets["month"] < date(2024, 11, 1))
    ]
    for by in ((), ("country",), ("country", "channel"), ("quarter",), ("month", "channel")):
        answer = house.metrics.ask(
            MetricQuery(("net_sales",), by, period=period, compare=Compare.BUDGET)
        )
        assert (answer.total or {})["net_sales_compared"] == Decimal(int(inside["value"].sum()))
        for row in answer.rows() if by else ():
            part = inside
            for key in by:
                if key in ("month", "quarter"):
                    size = 3 if key == "quarter" else 1
                    start = [
                        d.replace(month=(d.month - 1) // size * size + 1) for d in part["month"]
                    ]
                    part = part[np.array([s == row[key] for s in start], bool)]
                else:
                    part = part[part[key].isna() if row[key] is None else part[key] == row[key]]
            expected = Decimal(int(part["value"].sum())) if len(part) else None
            assert row["net_sales_compared"] == expected, (by, row)


def test_key_figures_carry_their_target(shop: Storehouse) -> None:
    """380 sold in the finished months, 350 planned; no budget of orders."""
    analysis = get_analysis("overview")
    asked = [("from", "2025-01-01"), ("to", "2025-03-31"), ("compare", "none")]
    assert analysis.run
    result = analysis.run(shop.metrics, analysis.params_from(asked), Scope())
    found = {row["metric"]: row for row in result.tables["kpis"].rows()}
    assert found["net_sales"]["value"] == 560
    assert (found["net_sales"]["target"], found["net_sales"]["attained"]) == (350, 380 / 350)
    assert found["orders"]["target"] is None
    assert found["margin_rate"]["attained"] is None


def test_without_a_budget_no_target_is_shown(house: Storehouse) -> None:
    house.add("sales", [sale("1", "2025-01-10", "A", 10, 20)])
    analysis = get_analysis("overview")
    assert analysis.run
    result = analysis.run(house.metrics, analysis.params_from([]), Scope())
    assert "target" not in result.tables["kpis"].data.column_names
