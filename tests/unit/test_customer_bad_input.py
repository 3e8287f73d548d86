"""Customer analyses on data that cannot bear them: an explanation instead of a number.

Every analysis meets every shop. It may refuse with a title and a remedy, or answer; an answer
never holds NaN or infinity, and says what it could not do.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from core.errors import PicholineError
from core.i18n import use_language
from core.models.query import Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import Study, get_analysis
from core.services.customers import CustomerFacts
from tests.storehouse import Row, Storehouse, sale

KEYS = ("rfm", "clv", "cohorts", "churn")
START = date(2025, 1, 6)
Shop = Callable[[], Sequence[Row]]


def day(offset: int) -> str:
    return (START + timedelta(days=offset)).isoformat()


def without_customers() -> list[Row]:
    return [sale(str(i), day(i), "A", 1, 10) for i in range(60)]


def one_customer() -> list[Row]:
    return [sale(str(i), day(7 * i), "A", 1, 10, customer_id="c1") for i in range(40)]


def one_customer_once() -> list[Row]:
    return [sale("1", day(0), "A", 1, 10, customer_id="c1")]


def one_purchase_each() -> list[Row]:
    return [sale(str(i), day(3 * i), "A", 1, 10 + i, customer_id=f"c{i}") for i in range(120)]


def all_on_one_day() -> list[Row]:
    return [sale(str(i), day(0), "A", 1, 10 + i, customer_id=f"c{i % 50}") for i in range(100)]


def negative_totals() -> list[Row]:
    bought = [sale(str(i), day(5 * i), "A", 1, 10, customer_id=f"c{i % 30}") for i in range(120)]
    back = [
        sale(f"r{i}", day(5 * i + 1), "A", -3, 10, customer_id=f"c{i % 30}") for i in range(120)
    ]
    return [*bought, *back]


def only_returns() -> list[Row]:
    return [sale(str(i), day(i), "A", -1, 10, customer_id=f"c{i}") for i in range(30)]


def future_dates() -> list[Row]:
    past = [sale(str(i), day(9 * i), "A", 1, 10, customer_id=f"c{i % 20}") for i in range(60)]
    later = date.today() + timedelta(days=400)  # noqa: DTZ011 - only "far ahead" matters
    future = [
        sale(f"f{i}", (later + timedelta(days=i)).isoformat(), "A", 1, 9e6, customer_id=f"c{i}")
        for i in range(20)
    ]
    return [*past, *future]


def three_customers_per_cohort() -> list[Row]:
    return [
        sale(f"{cohort}-{who}-{again}", day(30 * cohort + who + 37 * again), "A", 1, 10 + who,
             customer_id=f"c{cohort}-{who}")
        for cohort in range(6)
        for who in range(3)
        for again in range(3)
    ]  # fmt: skip


def free_of_charge() -> list[Row]:
    return [sale(str(i), day(4 * i), "A", 1, 0, customer_id=f"c{i % 25}") for i in range(100)]


SHOPS = (
    without_customers,
    one_customer,
    one_customer_once,
    one_purchase_each,
    all_on_one_day,
    negative_totals,
    only_returns,
    future_dates,
    three_customers_per_cohort,
    free_of_charge,
)


@pytest.fixture(scope="module", params=SHOPS, ids=lambda shop: shop.__name__)
def shop(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Storehouse]:
    house = Storehouse(tmp_path_factory.mktemp("shop") / "home")
    house.add("sales", request.param())
    yield house
    house.close()


def study(house: Storehouse, key: str) -> AnalysisResult | PicholineError:
    """Return what an analysis answers, or the error it refuses with."""
    analysis = get_analysis(key)
    assert analysis.study is not None
    asked = Study(
        metrics=house.metrics,
        customers=CustomerFacts(house.metrics),
        params=analysis.params_from([("period", "all")]),
        scope=Scope(),
        report=lambda _fraction, _step: None,
    )
    try:
        return analysis.study(asked)
    except PicholineError as error:
        return error


@pytest.mark.parametrize("key", KEYS)
def test_an_explanation_instead_of_a_number(shop: Storehouse, key: str) -> None:
    found = study(shop, key)
    if isinstance(found, PicholineError):
        for language in ("en", "fr"):
            with use_language(language):
                assert str(found.title)
                assert str(found.remedy)
        return
    assert spoiled(found) == []
    assert found.caveats or any(table.caveats for table in found.tables.values())


@pytest.mark.parametrize("key", KEYS)
def test_sales_to_nobody_are_refused_with_the_way_out(tmp_path: Path, key: str) -> None:
    house = Storehouse(tmp_path / "home")
    house.add("sales", without_customers())
    found = study(house, key)
    house.close()
    assert isinstance(found, PicholineError)
    assert found.code == "customers.nobody"
    assert "customer column" in str(found.remedy)


def spoiled(result: AnalysisResult) -> list[str]:
    """Return the cells that are no numbers, with their place."""
    found = []
    for key, table in result.tables.items():
        for name in table.data.column_names:
            column = table.data.column(name)
            if pa.types.is_floating(column.type):
                values = [v for v in column.to_pylist() if v is not None]
                found += [f"{key}.{name}: {v}" for v in values if not math.isfinite(v)]
        for name, value in (table.total or {}).items():
            if isinstance(value, float) and not math.isfinite(value):
                found.append(f"{key}.{name} in total: {value}")
    return found
