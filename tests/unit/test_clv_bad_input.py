"""Odd histories: an explanation instead of a number, never a crash or a silent zero."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from core.errors import PicholineError
from tests.clv_shop import DAYS, FIRST, ask_about, facts, kpi, said, simulated_sales
from tests.storehouse import Row, sale


def buy(customer: str | None, day: date, price: float = 10.0, **more: object) -> Row:
    when = day.isoformat()
    return sale(f"{customer}-{when}", when, "P", 1, price, customer_id=customer, **more)


def on(days: int) -> date:
    return FIRST + timedelta(days=days)


def refusal(home: Path, rows: list[Row], **pairs: str) -> PicholineError:
    with pytest.raises(PicholineError) as caught:
        ask_about(home, rows, **pairs)
    assert str(caught.value.title).endswith(".")
    assert len(str(caught.value.remedy)) > 20
    return caught.value


def test_nobody_named(home: Path) -> None:
    assert refusal(home, [buy(None, FIRST)]).code == "customers.nobody"


def test_one_customer(home: Path) -> None:
    error = refusal(home, [buy("A", on(n)) for n in range(0, 400, 20)])
    assert (error.code, str(error.title)) == (
        "purchases.few_customers",
        "There is only one customer with a purchase history.",
    )


def test_one_purchase_each(home: Path) -> None:
    error = refusal(home, [buy(f"C{n}", on(n)) for n in range(200)])
    assert error.code == "purchases.nobody_returned"


@pytest.mark.parametrize("model", ["auto", "pareto"])
def test_all_on_one_day(home: Path, model: str) -> None:
    error = refusal(home, [buy(f"C{n}", FIRST) for n in range(200)], model=model)
    assert error.code == "purchases.no_time"


def test_everything_sold_below_its_cost(home: Path) -> None:
    rows = [buy(f"C{n}", on(n + k * 50), unit_cost=20.0) for n in range(30) for k in range(4)]
    error = refusal(home, rows)
    assert error.code == "purchases.few_values"


def test_only_goods_sent_back(home: Path) -> None:
    back = [sale(f"R{n}", on(n).isoformat(), "P", -1, 10.0, customer_id=f"C{n}") for n in range(30)]
    assert refusal(home, back).code == "customers.nobody"


def test_future_sales_are_not_read(home: Path) -> None:
    later = date.today() + timedelta(days=400)  # noqa: DTZ011 - far from midnight either way
    error = refusal(home, [buy(f"C{n}", later) for n in range(50)])
    assert error.code == "customers.nobody"
    rows = simulated_sales(60)
    result = ask_about(
        home.with_name("other"), [*rows, *(buy(f"C{n:04d}", later) for n in range(9))]
    )
    assert max(row["last_purchase"] for row in result.tables["customers"].rows()) < later
    assert kpi(result, "customers")["value"] == 60


def test_without_costs_values_are_net_sales_and_say_so(home: Path) -> None:
    result = ask_about(home, simulated_sales(150, unit_cost=None), model="bgnbd")
    assert "No cost is known for these sales: values are net sales, not margin." in said(result)
    assert facts(result)["Value"] == "Net sales"
    assert result.outcome.model["value_source"] == "net_sales"


def test_costs_of_few_sales_are_not_taken_for_all(home: Path) -> None:
    rows = simulated_sales(150)
    some = [row | {"unit_cost": None} if n % 4 else row for n, row in enumerate(rows)]
    result = ask_about(home, some, model="bgnbd", holdout="0")
    assert "Costs are known for only 2" in said(result)
    most = [row if n % 4 else row | {"unit_cost": None} for n, row in enumerate(rows)]
    result = ask_about(home.with_name("most"), most, model="bgnbd", holdout="0")
    assert facts(result)["Value"] == "Gross margin"
    assert "the margin of the rest is not counted" in said(result)
    unknown = [row for row in result.tables["customers"].rows() if row["value_so_far"] is None]
    assert f"No cost is known for anything {len(unknown)} customers bought" in said(result)
    assert all(row["clv"] > 0 for row in unknown)


def test_customers_who_cost_more_than_they_bring(home: Path) -> None:
    rows = simulated_sales(150)
    losing = {f"C{n:04d}" for n in range(0, 150, 30)}
    rows = [
        r | {"unit_cost": round(r["unit_price"] * 3, 2)} if r["customer_id"] in losing else r
        for r in rows
    ]
    result = ask_about(home, rows, model="bgnbd", holdout="0")
    assert "5 customers with a value of zero or less per order were left out" in said(result)
    by_code = {row["customer"]: row for row in result.tables["customers"].rows()}
    assert all(by_code[code]["value_so_far"] < 0 for code in losing)
    assert all(by_code[code]["clv"] is not None for code in losing)


def test_few_accounts_are_to_be_looked_at_by_hand(home: Path) -> None:
    result = ask_about(home, simulated_sales(40, seed=9))
    assert "Only 40 customers: the intervals are wide" in said(result)
    assert "came back: the forecast is" in said(result)


def test_no_attributes(home: Path) -> None:
    result = ask_about(home, simulated_sales(120, country=None, channel=None), holdout="0")
    for split in ("country", "channel", "segment"):
        assert result.tables[f"by_{split}"].data.num_rows == 0
        assert "None of these customers has" in str(result.tables[f"by_{split}"].caveats[0])
    assert "These sales name no" in str(result.tables["acquisition_channel"].caveats[0])


def test_a_holdout_that_leaves_too_little(home: Path) -> None:
    rows = simulated_sales(120)
    for days in (DAYS - 3, DAYS + 100):
        result = ask_about(home.with_name(f"home{days}"), rows, holdout=str(days))
        assert "There is no holdout check" in said(result)
        assert result.tables["capture"].data.num_rows == 0
        assert {row["part"] for row in result.tables["tracking"].rows()} == {"Calibration"}
        assert kpi(result, "clv")["value"] > 0


def test_nothing_after_the_calibration(home: Path) -> None:
    rows = [row for row in simulated_sales(150) if row["date"] < on(500)]
    rows.append(buy(None, on(700)))
    result = ask_about(home, rows, holdout="150")
    assert "Nobody ordered in the check" in said(result)
    assert [row["bias"] for row in result.tables["models"].rows()] == [None] * 4
    assert "no ranking to compare" in str(result.tables["capture"].caveats[0])
