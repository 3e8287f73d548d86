"""Who moved net sales: parts that add up to the change, and a sentence that names the largest."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from core.i18n import use_language
from core.models.query import Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import get_analysis
from core.services.analytics.overview import DRIVERS
from tests.storehouse import Storehouse, sale

ME = Scope()
COUNTRY, CHANGE = "drivers_country", "net_sales_change"
# day, country, product, price: net sales go from 500 to 475
LINES = (
    ("2024-11-05", "FR", "P1", 200),
    ("2024-11-06", "DE", "P2", 300),
    ("2025-11-05", "FR", "P1", 350),
    ("2025-11-06", "DE", "P2", 80),
    ("2025-11-07", "ES", "P3", 40),
    ("2025-11-08", "ES", None, 5),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    opened = Storehouse(tmp_path_factory.mktemp("drivers"))
    kinds = {None: "postage"}
    opened.add(
        "sales",
        [
            sale(f"I{n}", day, product or "POST", 1, price, country=country,
                 line_kind=kinds.get(product, "product"))
            for n, (day, country, product, price) in enumerate(LINES)
        ],
    )  # fmt: skip
    yield opened
    opened.close()


def run(house: Storehouse, **pairs: str) -> AnalysisResult:
    analysis = get_analysis("overview")
    asked = {"from": "2025-11-01", "to": "2025-11-30", "compare": "year", **pairs}
    assert analysis.run
    return analysis.run(house.metrics, analysis.params_from(asked.items()), ME)


def moved(result: AnalysisResult, key: str) -> list[tuple[Any, ...]]:
    table = result.tables[f"drivers_{key}"]
    return [(row[key], row[CHANGE], row["net_sales_change_rate"]) for row in table.rows()]


def test_members_by_the_size_of_their_change(house: Storehouse) -> None:
    """FR 200 → 350, DE 300 → 80, ES nothing → 45: −25 in all, ES has no rate."""
    result = run(house)
    assert moved(result, "country") == [
        ("DE", Decimal(-220), pytest.approx(-220 / 300)),
        ("FR", Decimal(150), pytest.approx(0.75)),
        ("ES", Decimal(45), None),
    ]
    total = result.tables[COUNTRY].total or {}
    assert total["net_sales"] == 475
    assert total["net_sales_compared"] == 500
    assert total[CHANGE] == -25
    assert total["net_sales_change_rate"] == pytest.approx(-0.05)


def test_postage_moves_no_product(house: Storehouse) -> None:
    table = run(house).tables["drivers_product"]
    assert {row["product"]: row[CHANGE] for row in table.rows()} == {
        "P2": -220, "P1": 150, "P3": 40,
    }  # fmt: skip
    assert (table.total or {})[CHANGE] == -30


@pytest.mark.parametrize("key", DRIVERS)
def test_parts_add_up(house: Storehouse, key: str) -> None:
    table = run(house).tables[f"drivers_{key}"]
    assert sum(row[CHANGE] for row in table.rows()) == (table.total or {})[CHANGE]


def test_the_sentence_in_both_languages(house: Storehouse) -> None:
    result = run(house)
    with use_language("en"):
        assert str(result.notes[0]) == (
            "Net sales went from €500 to €475 (−€25.0, −5.0%): by country Germany −€220, "
            "France +€150; by product P2 −€220, P1 +€150."
        )
    with use_language("fr"):
        assert "Allemagne −220\N{NO-BREAK SPACE}€" in str(result.notes[0])


def test_nothing_to_compare_names_nobody(house: Storehouse) -> None:
    result = run(house, compare="none")
    assert not result.notes
    assert not [key for key in result.tables if key.startswith("drivers_")]


def test_nothing_moved_is_not_a_finding(house: Storehouse) -> None:
    """Compared with itself: a country without sales in either period."""
    assert not run(house, country="IT").notes
