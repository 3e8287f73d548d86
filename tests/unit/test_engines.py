"""The same questions on PostgreSQL and on ClickHouse are answered as DuckDB answers them."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from core.errors import PicholineError
from core.models.catalogue import DIMENSIONS, METRICS, Scored
from core.models.query import (
    NO_VALUE,
    Compare,
    Filter,
    Members,
    MetricQuery,
    Operator,
    Period,
    Scope,
    Top,
)
from core.models.result import ResultTable
from core.repository.engines.dialects import translate
from core.services.metrics import Metrics
from tests.storehouse import Storehouse, sale

LINES = 600
FIRST = date(2023, 9, 1)
PERIOD = Period(date(2024, 9, 1), date(2025, 2, 20))
KEYS = tuple(key for key, metric in METRICS.items() if not isinstance(metric.formula, Scored))
LINE_KEYS = (
    "gross_sales", "discounts", "returns", "net_sales", "units", "weight_kg", "cogs",
    "gross_margin", "margin_rate", "markup_rate", "variable_costs", "contribution", "return_rate",
    "orders", "customers", "products", "aov", "price_per_unit", "cost_coverage",
)  # fmt: skip
MONEY = (*LINE_KEYS, "investment", "net_margin", "net_margin_rate", "roi")
PLAIN = [d.key for d in DIMENSIONS.values() if d.grain is None]
GRAINS = [d.key for d in DIMENSIONS.values() if d.grain is not None]


def fill(house: Storehouse) -> None:
    """Add sales with returns, gaps and three currencies, and what they are joined with."""
    dice = Random(5)
    rows = []
    for n in range(LINES):
        order = dice.randrange(LINES // 3)
        day = FIRST + timedelta(days=Random(order).randrange(540))
        rows.append(
            sale(
                f"I{order}", day.isoformat(), f"P{dice.randrange(9)}", dice.randrange(-2, 9),
                dice.randrange(100, 4000) / 100,
                unit_cost=dice.choice([None, dice.randrange(50, 900) / 100]),
                discount_rate=dice.choice([None, "0.05"]),
                customer_id=Random(order).choice([None, "Ç'1", "c2", "b\\3", "B4"]),
                country=dice.choice(["FR", "DE", "IT", None]),
                channel=dice.choice(["web", "shop", None]),
                currency=Random(order).choice(["EUR", "USD", "JPY"]),
                freight_out=dice.choice([None, "1.25"]),
                line_kind=dice.choice(["product"] * 8 + ["postage"]),
                line_no=n,
            )
        )  # fmt: skip
    house.add("sales", rows)
    house.add("products", [
        {"product_id": f"P{n}", "name": f"Huile d'olive {n}", "category": dice.choice(["x", None]),
         "supplier_id": f"S{n % 2}", "unit": "kg" if n % 2 else "each", "standard_cost": n or None}
        for n in range(9)
    ])  # fmt: skip
    house.add("fx_rates", [{"date": date(2023, 1, 1), "currency": "USD", "rate_to_base": "0.9"}])
    house.add("investments", [
        {"from_date": date(2024, 1, 1), "to_date": date(2024, 12, 31), "amount": "1000.01",
         "kind": "marketing", "country": "FR", "spread": "net_sales"},
        {"date": date(2024, 11, 5), "amount": "77", "kind": "fair"},
    ])  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = Storehouse(tmp_path_factory.mktemp("engines") / "home")
    fill(found)
    yield found
    found.close()


@pytest.fixture(scope="module", params=["postgresql", "clickhouse"])
def other(house: Storehouse, request: pytest.FixtureRequest) -> Iterator[Metrics]:
    """Return the same home with its questions answered by another engine."""
    url = ""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").new_database()
    else:
        pytest.importorskip("chdb", reason="ClickHouse's package is not installed")
    settings = house.settings.model_copy(update={"engine": request.param, "engine_url": url})
    metrics = Metrics(settings, house.catalogue, house.warehouse)
    yield metrics
    metrics.close()


Same = Callable[..., ResultTable]


@pytest.fixture
def same(house: Storehouse, other: Metrics) -> Same:
    """Return a function that asks both, and asserts that they agree."""

    def ask(query: MetricQuery, scope: Scope | None = None) -> ResultTable:
        mine = house.metrics.ask(query, scope, cached=False)
        theirs = other.ask(query, scope, cached=False)
        assert {*theirs.source.split(", ")} <= {"lines", "lines_segmented"}, "roll-ups are DuckDB's"
        assert theirs.data.schema == mine.data.schema
        assert theirs.rows() == mine.rows()
        assert theirs.total == mine.total
        assert theirs.caveats == mine.caveats
        return theirs

    return ask


@pytest.mark.parametrize("dimension", PLAIN)
def test_every_metric_by_every_dimension(same: Same, dimension: str) -> None:
    same(MetricQuery(LINE_KEYS if dimension == "invoice" else MONEY, (dimension,)))


@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.parametrize("compare", [None, Compare.YEAR, Compare.PREVIOUS])
def test_every_grain_with_its_comparison(same: Same, grain: str, compare: Compare | None) -> None:
    same(MetricQuery(LINE_KEYS, (grain, "country"), period=PERIOD, compare=compare))


@pytest.mark.parametrize(
    "where",
    [
        (Filter("customer", ("Ç'1", "b\\3", NO_VALUE)),),
        (Filter("country", ("FR", NO_VALUE), Operator.NOT_IN), Filter("channel", ("web",))),
        (Filter("month", ("2024-11",)), Filter("campaign", ("2024",))),
        (Filter("customer", ("B", "c"), Operator.BETWEEN),),
        (Filter("product", ("d'OLIVE 3",), Operator.CONTAINS),),
        (Filter("country", ("XX",)),),
    ],
)
def test_filters(same: Same, where: tuple[Filter, ...]) -> None:
    same(MetricQuery(MONEY, ("product",), where))
    same(MetricQuery(LINE_KEYS, (), where, PERIOD, Compare.YEAR))


def test_top_lists_members_and_subtotals(same: Same) -> None:
    top = Top(2, "net_sales", others=True)
    same(MetricQuery(LINE_KEYS, ("country", "month"), period=PERIOD, top=top))
    picked = (Members("customer", "net_sales", n=2), Members("product", "orders", low=5))
    same(MetricQuery(LINE_KEYS, ("country",), members=picked))
    same(MetricQuery(LINE_KEYS, ("country", "channel"), subtotals=True))


def test_rights_hold_there_too(same: Same) -> None:
    answer = same(
        MetricQuery(("net_sales",), ("country",)), Scope("x", (Filter("country", ("IT",)),))
    )
    assert [row["country"] for row in answer.rows()] == ["IT"]


def test_statements_of_the_lines_are_answered_there(house: Storehouse, other: Metrics) -> None:
    query = MetricQuery(("net_sales", "orders"), ("country", "campaign"), period=PERIOD)
    answer = other.ask(query, cached=False)
    assert answer.source == "lines"
    assert all(translate(answer.sql, dialect) for dialect in ("postgres", "clickhouse"))
    roll_up = house.metrics.ask(query, cached=False)
    assert roll_up.source != "lines"
    assert translate(roll_up.sql, "postgres") is None


def test_new_data_are_published_anew(tmp_path: Path, postgres_url: str) -> None:
    house = Storehouse(tmp_path / "home", engine="postgresql", engine_url=postgres_url)
    for n in (1, 2):
        house.add("sales", [sale(f"i{n}", "2025-01-05", "P1", 1, 10)])
        answer = house.metrics.ask(MetricQuery(("net_sales", "orders")))
        assert (answer.total or {})["orders"] == n
    assert len(list((house.settings.home / "published").glob("v*"))) == 1
    house.metrics.close()
    house.close()


def test_a_server_that_is_not_there_is_said_without_its_address(tmp_path: Path) -> None:
    url = "postgresql://me:s3cret@127.0.0.1:1/nowhere"
    house = Storehouse(tmp_path / "home", engine="postgresql", engine_url=url)
    house.add("sales", [sale("i", "2025-01-05", "P1", 1, 10)])
    with pytest.raises(PicholineError, match="did not answer") as raised:
        house.metrics.ask(MetricQuery(("net_sales",)))
    assert "s3cret" not in f"{raised.value} {raised.value.remedy}"
    house.close()
