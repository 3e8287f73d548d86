"""Cohorts of odd histories: an explanation instead of a number, never a crash or a silent zero."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import PicholineError
from core.models.query import Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import Study, get_analysis
from core.services.customers import CustomerFacts
from tests.storehouse import Row, Storehouse, sale

PERIOD = {"period": "all"}


def ask(home: Path, rows: Sequence[Row], **pairs: str) -> AnalysisResult:
    house = Storehouse(home)
    try:
        house.add("sales", rows)
        return asked(house, **pairs)
    finally:
        house.close()


def asked(house: Storehouse, **pairs: str) -> AnalysisResult:
    analysis = get_analysis("cohorts")
    return analysis.study(
        Study(
            metrics=house.metrics,
            customers=CustomerFacts(house.metrics),
            params=analysis.params_from({**PERIOD, **pairs}.items()),
            scope=Scope(),
            report=lambda _share, _step: None,
        )
    )


def kpi(result: AnalysisResult, key: str) -> dict[str, Any]:
    return {row["metric"]: row for row in result.tables["kpis"].rows()}[key]


def buy(customer: str | None, day: str, price: float = 10.0, **more: Any) -> Row:
    return sale(f"{customer}-{day}", day, "P", 1, price, customer_id=customer, **more)


def said(result: AnalysisResult) -> str:
    tables = [str(c) for table in result.tables.values() for c in table.caveats]
    return " ".join([*(str(c) for c in result.caveats), *tables])


def test_sales_to_nobody_are_refused_with_what_to_do(home: Path) -> None:
    with pytest.raises(PicholineError) as caught:
        ask(home, [buy(None, "2025-01-01")])
    assert caught.value.code == "customers.nobody"


def test_one_customer_with_one_purchase(home: Path) -> None:
    result = ask(home, [buy("A", "2025-01-10"), buy(None, "2025-03-31")])
    assert kpi(result, "customers")["value"] == 1
    # A month later nobody came back, and that is known; how little, the interval says.
    assert kpi(result, "retention_1")["value"] == 0.0
    assert kpi(result, "retention_1")["high"] > 0.7
    assert kpi(result, "retention_12")["value"] is None
    assert kpi(result, "second")["value"] is None
    assert result.tables["survival_lapse"].data.num_rows == 0
    assert "Nobody has bought twice yet" in said(result)
    assert [row["remark"] is not None for row in result.tables["split"].rows()] == [True]


def test_one_purchase_each_with_a_limit_that_was_chosen(home: Path) -> None:
    first = date(2025, 1, 1)
    rows = [buy(f"C{i}", (first + timedelta(days=i)).isoformat()) for i in range(60)]
    result = ask(home, rows, lapse="20")
    assert kpi(result, "repeat_rate")["value"] == 0.0
    assert kpi(result, "stay")["value"] == 0  # all who could be seen to leave did so at once
    assert kpi(result, "lapse")["value"] == 20
    assert result.tables["survival_lapse"].data.num_rows == 1
    assert "21 customers first bought too recently" in said(result)


def test_all_on_one_day(home: Path) -> None:
    result = ask(home, [buy(f"C{i}", "2025-01-15") for i in range(30)])
    assert kpi(result, "retention_1")["value"] is None
    assert result.tables["curve_customers"].data.num_rows == 0
    assert "No cohort has finished a period after its first one yet" in said(result)
    (cell,) = result.tables["triangle"].rows()
    assert (cell["age"], cell["unfinished"], cell["active"]) == (0, "Unfinished", 30)
    assert result.tables["survival_second"].rows()[0]["share"] == 0.0


def test_negative_totals_compare_to_nothing(home: Path) -> None:
    rows = [buy(f"C{i}", "2025-01-15") for i in range(3)]
    rows += [
        sale(f"R{i}", "2025-01-20", "P", -1, 30.0, customer_id=f"C{i}", order_id=f"R{i}")
        for i in range(3)
    ]
    rows += [buy(f"C{i}", "2025-02-28") for i in range(3)]
    result = ask(home, rows)
    assert kpi(result, "retention_1")["value"] == 1.0
    assert result.tables["curve_net_sales"].data.num_rows == 0
    assert "worth nothing, or less" in said(result)
    assert "No cost is known" in said(result)
    assert all(row["rate_net_sales"] is None for row in result.tables["triangle"].rows())


def test_tiny_cohorts_are_flagged(home: Path) -> None:
    rows = [buy(f"C{i}", "2025-01-15") for i in range(3)] + [buy("C0", "2025-02-15")]
    rows += [buy(f"D{i}", "2025-03-31") for i in range(25)]
    result = ask(home, rows)
    remarks = [row["remark"] for row in result.tables["wide_customers"].rows()]
    assert "customers: read with care" in remarks[0]
    assert remarks[1] is None
    assert "1 cohort has fewer than 20 customers" in said(result)


def test_a_customer_who_only_sent_back_is_nobody_to_follow(home: Path) -> None:
    rows = [buy("A", "2025-01-15"), buy("A", "2025-02-28")]
    rows.append(sale("R", "2025-01-20", "P", -1, 10.0, customer_id="B", order_id="R"))
    result = ask(home, rows)
    assert kpi(result, "customers")["value"] == 1


def test_days_to_come_are_not_followed(home: Path) -> None:
    future = (date.today() + timedelta(days=400)).isoformat()  # noqa: DTZ011
    result = ask(home, [buy("A", "2025-01-15"), buy("A", "2025-02-20"), buy("A", future)])
    assert result.period.end <= date.today() + timedelta(days=1)  # noqa: DTZ011
    assert {row["cohort"] for row in result.tables["triangle"].rows()} == {date(2025, 1, 1)}
    assert kpi(result, "repeat_rate")["value"] == 1.0


def test_a_limit_longer_than_the_history_is_explained(home: Path) -> None:
    result = ask(home, [buy("A", "2025-01-15"), buy("A", "2025-02-28")], lapse="400")
    assert result.tables["survival_lapse"].data.num_rows == 0
    assert "Nobody has been known for longer than 400 days" in said(result)


@pytest.mark.parametrize("value", ["-1", "4000", "1.5", "soon"])
def test_impossible_limits_are_refused(home: Path, value: str) -> None:
    with pytest.raises(PicholineError) as caught:
        ask(home, [buy("A", "2025-01-15")], lapse=value)
    assert caught.value.code == "option.value"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    """Return fifty customers over four years, some without a country, none with a channel."""
    found = Storehouse(tmp_path_factory.mktemp("choices"))
    rows = [
        buy(f"C{i}", f"20{22 + i % 4}-0{1 + i % 9}-10", country="DE" if i % 3 else None)
        for i in range(50)
    ]
    found.add("sales", rows + [buy(f"C{i}", f"2025-1{i % 3}-28") for i in range(50)])
    yield found
    found.close()


@pytest.mark.parametrize("split", ["none", "channel", "country", "segment"])
@pytest.mark.parametrize("grain", ["month", "quarter", "campaign"])
def test_every_choice_answers(house: Storehouse, grain: str, split: str) -> None:
    result = asked(house, grain=grain, split=split)
    assert sum(row["customers"] for row in result.tables["split"].rows()) == 50
    assert result.tables["wide_customers"].column("cohort").format.value == grain
