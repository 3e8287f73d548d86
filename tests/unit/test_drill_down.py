"""Drilling down: levels, what is kept between them, the places cells stand in."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from core.models.query import Filter, Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import get_analysis
from core.services.hierarchies import HIERARCHIES, LEVEL_NAMES, ROOTS, place_of
from core.services.member_names import member_name
from tests.storehouse import Storehouse, sale

ME = Scope()
LINES = (
    ("I1", "2025-01-10", "FR", "C1", "P1", 100),
    ("I1", "2025-01-10", "FR", "C1", "P2", 50),
    ("I2", "2025-03-02", "FR", "C1", "P1", 30),
    ("I3", "2025-03-05", "FR", "C2", "P2", 20),
    ("I4", "2025-03-09", "DE", "C3", "P1", 70),
    ("I5", "2025-03-09", "DE", None, "P1", 5),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    opened = Storehouse(tmp_path_factory.mktemp("drill"))
    opened.add(
        "sales",
        [
            sale(invoice, day, product, 1, price, country=country, customer_id=customer)
            for invoice, day, country, customer, product, price in LINES
        ],
    )
    yield opened
    opened.close()


def run(house: Storehouse, *pairs: tuple[str, str], scope: Scope = ME) -> AnalysisResult:
    analysis = get_analysis("drill")
    assert analysis.run
    return analysis.run(house.metrics, analysis.params_from([("period", "all"), *pairs]), scope)


def level(result: AnalysisResult, key: str) -> dict[Any, float]:
    return {row[key]: float(row["net_sales"]) for row in result.tables["level"].rows()}


def test_from_countries_to_customers_to_invoices(house: Storehouse) -> None:
    assert level(run(house), "country") == {"FR": 200, "DE": 75}
    france = ("cell", "country:FR")
    assert level(run(house, france), "customer") == {"C1": 180, "C2": 20}
    found = run(house, france, ("cell", "customer:C1"))
    assert level(found, "invoice") == {"I1": 150, "I2": 30}
    days = [row["day"] for row in found.tables["level"].rows()]
    assert days == [date(2025, 3, 2), date(2025, 1, 10)]
    assert "customer" not in found.tables["level"].data.column_names  # it is in the breadcrumbs


def test_from_categories_to_products(house: Storehouse) -> None:
    found = run(house, ("along", "product"), ("cell", "product:P2"))
    assert level(found, "invoice") == {"I1": 50, "I3": 20}
    assert {row["customer"] for row in found.tables["level"].rows()} == {"C1", "C2"}


def test_lines_without_a_member_are_a_member(house: Storehouse) -> None:
    germany = ("cell", "country:DE")
    assert level(run(house, germany), "customer") == {"C3": 70, None: 5}
    assert level(run(house, germany, ("cell", "customer:")), "invoice") == {"I5": 5}


def test_a_month_inside_narrows_the_period(house: Storehouse) -> None:
    found = run(house, ("cell", "country:FR"), ("cell", "month:2025-03-01"))
    assert level(found, "customer") == {"C1": 30, "C2": 20}
    assert found.tables["kpis"].rows()[0]["value"] == 50


def test_filters_only_and_without_are_kept(house: Storehouse) -> None:
    assert level(run(house, ("country", "DE")), "country") == {"DE": 75}
    assert level(run(house, ("without", "product:P1")), "country") == {"FR": 70}
    assert level(run(house, ("only", "customer:C1"), ("only", "customer:C3")), "country") == {
        "FR": 180, "DE": 70,
    }  # fmt: skip


def test_nobody_drills_into_rows_of_others(house: Storehouse) -> None:
    mine = Scope("anna", (Filter("country", ("DE",)),))
    assert level(run(house, scope=mine), "country") == {"DE": 75}
    assert level(run(house, ("cell", "country:FR"), scope=mine), "customer") == {}
    assert member_name(house.metrics, "country", "FR", mine) == "FR"
    assert member_name(house.metrics, "country", "DE", mine) == "Germany"


def test_the_path_ends_where_a_level_is_open() -> None:
    place = place_of("country", (("month", "2025-03-01"), ("customer", "C1"), ("country", "FR")))
    assert place.path == (("country", "FR"), ("customer", "C1"))
    assert place.inside == (("month", "2025-03-01"),)
    assert place.level == "invoice"
    gap = place_of("country", (("customer", "C1"),))
    assert (gap.path, gap.inside, gap.level) == ((), (("customer", "C1"),), "country")


def test_every_level_has_its_names() -> None:
    assert set(ROOTS) == set(HIERARCHIES)
    assert {level for levels in HIERARCHIES.values() for level in levels} == set(LEVEL_NAMES)


def test_a_cell_of_no_dimension_is_refused(house: Storehouse) -> None:
    with pytest.raises(Exception, match="contry"):
        run(house, ("cell", "contry:FR"))
