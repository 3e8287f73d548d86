"""Sales that earn too little, by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.models.query import Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import get_analysis
from tests.storehouse import Storehouse, sale


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnalysisResult]:
    home: Path = tmp_path_factory.mktemp("low")
    house = Storehouse(home)
    house.add("sales", [
        sale("1", "2025-01-10", "A", 10, 10, unit_cost=11, country="FR"),  # −10 of 100
        sale("2", "2025-01-10", "A", 10, 10, unit_cost=9.6, country="DE"),  # 4 of 100
        sale("3", "2025-01-10", "B", 100, 10, unit_cost=9.2, country="FR"),  # 80 of 1,000
        sale("4", "2025-01-10", "C", 10, 10, country="FR"),  # no cost is known
        sale("5", "2025-01-10", "D", 10, 10, unit_cost=5, country="FR"),  # 50 of 100
        sale("6", "2025-01-10", "E", 10, 10, unit_cost=9.5, country="FR"),  # 5 of 100: at the limit
        sale("7", "2025-01-10", "P", 1, 10, unit_cost=30, line_kind="postage", country="FR"),
    ])  # fmt: skip
    analysis = get_analysis("margins")
    assert analysis.run
    yield analysis.run(house.metrics, analysis.params_from([("compare", "none")]), Scope())
    house.close()


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("low_loss", [("A", "FR", 10.0)]),
        ("low_under_5", [("A", "FR", 15.0), ("A", "DE", 1.0)]),
        (
            "low_under_10",
            [("A", "FR", 20.0), ("B", "FR", 20.0), ("A", "DE", 6.0), ("E", "FR", 5.0)],
        ),
    ],
)
def test_what_misses_most_comes_first(
    result: AnalysisResult, key: str, expected: list[tuple[str, str, float]]
) -> None:
    found = [(r["product"], r["country"], r["missing"]) for r in result.tables[key].rows()]
    assert sorted(found) == sorted((p, c, pytest.approx(m)) for p, c, m in expected)
    amounts = [row[2] for row in found]
    assert amounts == sorted(amounts, reverse=True)


def test_the_figures_lead_to_their_lines(result: AnalysisResult) -> None:
    asked = result.tables["low_loss"].asked
    assert asked
    assert asked.by == ("product", "country")
