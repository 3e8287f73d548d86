"""Slices that only money spent makes: nothing was sold in them, which is known."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from core.models.query import Compare, Filter, MetricQuery, Period, Scope
from core.services.analytics.base import get_analysis
from core.services.definitions.bodies import OwnMetric
from core.services.definitions.service import Definitions
from tests.storehouse import Storehouse, sale

JANUARY = Period(date(2025, 1, 1), date(2025, 1, 31))
BEFORE = Period(date(2024, 1, 1), date(2024, 1, 31))
SUMS = (
    "gross_sales", "discounts", "returns", "net_sales", "units", "cogs", "gross_margin",
    "contribution", "orders", "customers", "products",
)  # fmt: skip
RATIOS = (
    "margin_rate", "markup_rate", "net_margin_rate", "return_rate", "aov", "price_per_unit",
    "cost_coverage",
)  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    """Return sales in France, some last year in Italy, investments in France and Germany."""
    opened = Storehouse(tmp_path_factory.mktemp("spent"))
    opened.add("sales", [
        sale("1", "2025-01-05", "A", 2, 10, country="FR", customer_id="a", unit_cost=6),
        sale("2", "2025-01-31", "A", 1, 10, country="FR", customer_id="a", unit_cost=6),
        sale("3", "2024-01-01", "A", 2, 10, country="IT", customer_id="b", unit_cost=6),
        sale("4", "2025-01-09", "A", 2, 10, country="US", customer_id="c", currency="XAF"),
    ])  # fmt: skip
    opened.add("investments", [
        {"date": date(2025, 1, 5), "amount": 10, "country": "DE"},
        {"date": date(2025, 1, 6), "amount": 5, "country": "FR"},
        {"date": date(2025, 1, 7), "amount": 4, "country": "US"},
        {"date": date(2025, 3, 5), "amount": 8, "country": "DE"},  # after the last sale
    ])  # fmt: skip
    yield opened
    opened.close()


def rows(house: Storehouse, *keys: str, by: tuple[str, ...], **more: Any) -> dict[Any, Any]:
    asked: dict[str, Any] = {"period": JANUARY, **more}
    answer = house.metrics.ask(MetricQuery(keys, by=by, **asked))
    return {tuple(row[key] for key in by): row for row in answer.rows()}


def within(country: str) -> tuple[Filter, ...]:
    return (Filter("country", (country,)),)


def test_sums_are_zero_and_ratios_unknown(house: Storehouse) -> None:
    germany = rows(house, *SUMS, *RATIOS, "investment", "net_margin", "roi", by=("country",))["DE",]
    assert {key: germany[key] for key in SUMS} == dict.fromkeys(SUMS, 0)
    assert {key: germany[key] for key in RATIOS} == dict.fromkeys(RATIOS)
    assert (germany["investment"], germany["net_margin"], germany["roi"]) == (10, -10, -1.0)


def test_the_total_over_such_a_slice_says_the_same(house: Storehouse) -> None:
    only = MetricQuery((*SUMS, "aov", "investment"), where=within("DE"), period=JANUARY)
    total = house.metrics.ask(only).total
    assert total == {**dict.fromkeys(SUMS, 0), "aov": None, "investment": 10}
    nowhere = MetricQuery((*SUMS, "investment"), where=within("PT"), period=JANUARY)
    empty = house.metrics.ask(nowhere).total
    assert empty == dict.fromkeys([*SUMS, "investment"])  # no rows at all: nothing is known


def test_both_sides_of_a_comparison_agree(house: Storehouse) -> None:
    found = rows(house, "net_sales", "investment", by=("country",),
                 compare=Compare.YEAR, compared=BEFORE)  # fmt: skip
    sides = {key[0]: (row["net_sales"], row["net_sales_compared"]) for key, row in found.items()}
    assert sides == {"FR": (30, 0), "IT": (0, 20), "DE": (0, 0), "US": (None, 0)}
    assert found["DE",]["net_sales_change"] == 0
    assert found["DE",]["net_sales_change_rate"] is None


def test_a_sale_of_unknown_worth_is_no_zero(house: Storehouse) -> None:
    """A line without a rate was sold: what it brought is unknown, whatever was invested."""
    assert rows(house, "net_sales", "investment", by=("country",))["US",]["net_sales"] is None


def test_nothing_is_claimed_of_days_without_data(house: Storehouse) -> None:
    found = rows(house, "net_sales", "investment", by=("country", "month"), period=None)
    assert found["DE", date(2025, 1, 1)]["net_sales"] == 0
    assert found["DE", date(2025, 3, 1)]["net_sales"] is None
    assert found["DE", date(2025, 3, 1)]["investment"] == 8


def test_own_metrics_follow(house: Storehouse) -> None:
    definitions = Definitions(house.catalogue, house.metrics)
    definitions.save(OwnMetric("left", "Left", formula="net_sales - investment"))
    assert rows(house, "left", by=("country",))["DE",]["left"] == -10


def test_the_page_of_returns_says_that_nothing_was_sold(house: Storehouse) -> None:
    analysis = get_analysis("roi")
    assert analysis.run is not None
    params = analysis.params_from([("from", "2025-01-01"), ("to", "2025-01-31"), ("compare", "")])
    table = analysis.run(house.metrics, params, Scope()).tables["by_country"]
    status = {row["country"]: row["status"] for row in table.rows()}
    assert status["DE"] == "No net sales in the period"
    assert status["FR"] == "Paid back"  # 12 of margin on 5
    assert status["US"] == "Contribution unknown"
