"""Return on investment by slice: payback, marginal return and honest gaps."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.query import Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import get_analysis
from core.services.methods.payback import Flow, Payback, marginal_roi, payback, standings
from core.services.roi import STATUS
from tests.storehouse import Row, Storehouse, sale


def flow(month: int, investment: float | None, contribution: float | None) -> Flow:
    def exact(value: float | None) -> Decimal | None:
        return None if value is None else Decimal(str(value))

    return Flow(date(2025, month, 1), exact(investment), exact(contribution))


def test_payback_by_hand() -> None:
    """100 + 50 put in; earned 40, 60, 60: made up for in March, the third month."""
    flows = [flow(1, 100, 40), flow(2, 50, 60), flow(3, None, 60)]
    assert payback(flows) == Payback(date(2025, 3, 1), 3)
    assert [(s.invested, s.earned) for s in standings(flows)] == [(100, 40), (150, 100), (150, 160)]


def test_payback_begins_with_the_first_investment() -> None:
    flows = [flow(1, None, 500), flow(2, 100, 30), flow(3, None, 70), flow(5, None, 1)]
    assert payback(flows) == Payback(date(2025, 3, 1), 2)


def test_payback_is_unknown_where_it_is_not_reached() -> None:
    assert payback([]) is None
    assert payback([flow(1, None, 10)]) is None
    assert payback([flow(1, 100, 20), flow(2, None, None)]) is None
    assert payback([flow(1, 100, 100)]) == Payback(date(2025, 1, 1), 1)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(-20, 60)), min_size=1, max_size=12))
@settings(max_examples=60)
def test_payback_is_the_first_crossing(amounts: list[tuple[int, int]]) -> None:
    flows = [flow(i + 1, put, earned) for i, (put, earned) in enumerate(amounts)]
    first = next((i for i, (put, _) in enumerate(amounts) if put > 0), None)
    expected = None
    if first is not None:
        for i in range(first, len(amounts)):
            if sum(e for _, e in amounts[first : i + 1]) >= sum(
                p for p, _ in amounts[first : i + 1]
            ):
                expected = Payback(date(2025, i + 1, 1), i - first + 1)
                break
    assert payback(flows) == expected


def test_marginal_return() -> None:
    ten, more = (Decimal(10), Decimal(30)), (Decimal(20), Decimal(55))
    assert marginal_roi(ten, more) == pytest.approx((25 - 10) / 10)
    assert marginal_roi((None, Decimal(30)), ten) == pytest.approx(-1)
    assert marginal_roi(more, ten) is None  # less was invested
    assert marginal_roi(ten, ten) is None
    assert marginal_roi((Decimal(1), None), more) is None


def invested(amount: float, day: str, **more: Any) -> Row:
    return {"date": date.fromisoformat(day), "amount": amount, **more}


@pytest.fixture
def shop(house: Storehouse) -> Storehouse:
    """Every unit earns 8. Germany never had an investment, Italy never sold anything."""
    house.add("sales", [
        sale("1", "2024-01-02", "A", 5, 20, unit_cost=12, country="FR"),
        sale("2", "2025-01-10", "A", 10, 20, unit_cost=12, country="FR"),
        sale("3", "2025-02-10", "A", 10, 20, unit_cost=12, country="FR"),
        sale("4", "2025-02-11", "A", 5, 20, unit_cost=12, country="DE"),
        sale("5", "2025-02-12", "B", 5, 20, country="ES"),
        sale("6", "2025-03-31", "A", 1, 20, unit_cost=12, country="SE"),
    ])  # fmt: skip
    house.add("investments", [
        invested(20, "2024-01-01", country="FR"), invested(100, "2025-01-05", country="FR"),
        invested(9, "2025-01-05", country="IT"), invested(5, "2025-02-05", country="ES"),
        invested(3, "2025-02-05"), invested(50, "2025-01-05", kind="overhead", country="DE"),
        invested(8, "2025-01-05", country="SE"), invested(1, "2025-03-31", country="SE"),
    ])  # fmt: skip
    return house


def run(house: Storehouse, **pairs: str) -> AnalysisResult:
    analysis = get_analysis("roi")
    assert analysis.run is not None
    return analysis.run(house.metrics, analysis.params_from(pairs.items()), Scope())


def by_country(result: AnalysisResult) -> dict[str | None, dict[str, Any]]:
    return {row["country"]: row for row in result.tables["by_country"].rows()}


def test_by_country(shop: Storehouse) -> None:
    rows = by_country(run(shop, period="year_to_date"))
    france = rows["FR"]
    assert (france["investment"], france["contribution"]) == (100, 160)
    assert france["roi"] == pytest.approx(0.6)
    assert (france["payback_month"], france["payback_months"]) == (date(2025, 2, 1), 2)
    assert france["status"] == STATUS["paid"]
    assert france["marginal_roi"] == pytest.approx((160 - 40 - 80) / 80)


def test_gaps_are_named_never_zero_or_infinite(shop: Storehouse) -> None:
    rows = by_country(run(shop, period="year_to_date"))
    germany = rows["DE"]
    assert (germany["roi"], germany["payback_months"], germany["status"]) == (
        None, None, STATUS["none"],
    )  # fmt: skip
    assert (germany["overhead"], germany["net_margin"]) == (50, -10)  # an overhead is no investment
    assert (rows["IT"]["roi"], rows["IT"]["status"]) == (pytest.approx(-1), STATUS["unsold"])
    assert (rows["ES"]["roi"], rows["ES"]["status"]) == (None, STATUS["unknown"])
    assert rows[None]["status"] == STATUS["apart"]
    # 8 were made up for in March, where 9 were in.
    assert rows["SE"]["payback_months"] is None
    assert rows["SE"]["status"] == STATUS["open"]


def test_overtaken_by_new_investment(house: Storehouse) -> None:
    house.add("sales", [
        sale("1", "2025-01-10", "A", 10, 20, unit_cost=12, country="FR"),
        sale("2", "2025-02-28", "A", 1, 20, unit_cost=12, country="FR"),
    ])  # fmt: skip
    house.add("investments", [
        invested(50, "2025-01-10", country="FR"), invested(500, "2025-02-05", country="FR"),
    ])  # fmt: skip
    row = by_country(run(house, period="all"))["FR"]
    assert (row["payback_months"], row["status"]) == (1, STATUS["overtaken"])


def test_over_time_and_in_words(shop: Storehouse) -> None:
    result = run(shop, period="year_to_date")
    sums = [
        (row["month"].month, row["investment_cumulated"], row["contribution_cumulated"])
        for row in result.tables["cumulated"].rows()
    ]
    assert sums == [(1, 117, 80), (2, 125, 200), (3, 126, 208)]
    note, more = map(str, result.notes)
    assert "Feb 2025" in note
    # 126 after 20 of the year before, 208 after 40: (168 − 106) ÷ 106.
    assert more.startswith("€106 more were invested")
    assert "+€168" in more
    assert "58.5%" in more
    assert set(result.tables) == set(result.titles)


def test_without_any_investment(house: Storehouse) -> None:
    house.add("sales", [sale("1", "2025-01-31", "A", 1, 20, unit_cost=12, country="FR")])
    result = run(house, period="all")
    assert by_country(result)["FR"]["status"] == STATUS["none"]
    assert "No investment" in str(result.notes[0])
