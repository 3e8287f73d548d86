"""Small tables whose every figure was worked out on paper from the definitions page."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from core.errors import PicholineError
from core.models.catalogue import DIMENSIONS, METRICS
from core.models.formats import Format
from core.models.query import (
    NO_VALUE,
    Compare,
    Filter,
    MetricQuery,
    Operator,
    Period,
    Scope,
)
from core.repository.sql import STOCK_COLUMNS
from core.services.metric_stock import is_stocked
from tests.hand_shop import JANUARY, open_shop, texts, total
from tests.storehouse import Storehouse, sale


def test_sales_and_returns(shop: Storehouse) -> None:
    found = total(shop.metrics, "gross_sales", "discounts", "returns", "net_sales", "return_rate")
    assert found["gross_sales"] == Decimal(300)  # 200 + 40 + 40 + 12 + 8
    assert found["discounts"] == Decimal(23)  # 20 + 3
    assert found["returns"] == Decimal(36)  # 40 − 10 %
    assert found["net_sales"] == Decimal(241)
    assert found["return_rate"] == pytest.approx(36 / 277)


def test_counts_take_lines_sold_only(shop: Storehouse) -> None:
    found = total(shop.metrics, "orders", "customers", "products", "aov", "units")
    assert found["orders"] == 3  # invoice 3 only takes back
    assert found["customers"] == 2  # invoice 4 has none
    assert found["products"] == 2  # postage is no product
    assert found["aov"] == pytest.approx(241 / 3)
    assert found["units"] == Decimal(16)  # 10 + 5 + 2 − 2 + 1


def test_margins_cover_lines_with_a_cost_only(shop: Storehouse) -> None:
    found = total(
        shop.metrics, "cogs", "gross_margin", "margin_rate", "markup_rate", "cost_coverage",
        "variable_costs", "contribution", "price_per_unit",
    )  # fmt: skip
    assert found["cogs"] == Decimal(120)  # 12 × (10 + 2 − 2)
    assert found["gross_margin"] == Decimal(64)  # 180 + 40 − 36 − 120
    assert found["margin_rate"] == pytest.approx(64 / 184)
    assert found["markup_rate"] == pytest.approx(64 / 120)
    assert found["cost_coverage"] == pytest.approx(184 / 229)  # of product lines: 241 − 12
    assert found["variable_costs"] == Decimal(5)
    assert found["contribution"] == Decimal(59)
    assert found["price_per_unit"] == pytest.approx(229 / 16)
    (caveat,) = texts(shop.metrics, "margin_rate")
    assert "80.3%" in caveat  # 184 ÷ 229 = 0.8035


def test_rows_and_total_by_country(shop: Storehouse) -> None:
    answer = shop.metrics.ask(MetricQuery(("net_sales", "margin_rate", "orders"), ("country",)))
    france, germany = answer.rows()
    assert (france["country"], france["net_sales"], france["orders"]) == ("FR", Decimal(189), 2)
    assert (germany["country"], germany["net_sales"], germany["orders"]) == ("DE", Decimal(52), 1)
    assert france["margin_rate"] == pytest.approx(48 / 144)  # 180 − 36 − 12 × 8
    assert germany["margin_rate"] == pytest.approx(16 / 40)
    assert answer.total is not None
    # The total is the ratio of the totals, not the mean of the rows.
    assert answer.total["margin_rate"] == pytest.approx(64 / 184)
    assert answer.column("country").format is Format.COUNTRY


def test_a_group_without_any_cost_has_no_margin(shop: Storehouse) -> None:
    rows = shop.metrics.ask(
        MetricQuery(("cogs", "gross_margin", "margin_rate"), ("product",))
    ).rows()
    b = next(row for row in rows if row["product"] == "B")
    assert (b["cogs"], b["gross_margin"], b["margin_rate"]) == (None, None, None)


def test_zero_denominators_are_unknown(house: Storehouse) -> None:
    house.add("sales", [sale("1", "2025-01-05", "A", 1, 0, unit_cost=0)])
    found = total(house.metrics, "margin_rate", "markup_rate", "return_rate", "roi", "net_margin")
    assert found == {
        "margin_rate": None,
        "markup_rate": None,
        "return_rate": None,
        "roi": None,
        "net_margin": Decimal(0),
    }


def test_no_rows_are_unknown_not_zero(shop: Storehouse) -> None:
    answer = shop.metrics.ask(
        MetricQuery(("net_sales", "orders"), ("country",), (Filter("country", ("IT",)),))
    )
    assert answer.rows() == []
    assert answer.total == {"net_sales": None, "orders": None}
    assert [str(c) for c in answer.caveats] == ["No lines match."]
    later = MetricQuery(("net_sales",), period=Period(date(2026, 1, 1), date(2026, 1, 31)))
    assert shop.metrics.ask(later).rows() == [{"net_sales": None}]
    assert "There are no data from" in texts(shop.metrics, "net_sales", period=later.period)[0]


def test_filters(shop: Storehouse) -> None:
    def sales(*where: Filter) -> object:
        return total(shop.metrics, "net_sales", where=where)["net_sales"]

    assert sales(Filter("country", ("DE", "IT"))) == Decimal(52)
    assert sales(Filter("country", ("DE",), Operator.NOT_IN)) == Decimal(189)
    assert sales(Filter("customer", (NO_VALUE,))) == Decimal(8)
    assert sales(Filter("customer", (NO_VALUE, "c2"))) == Decimal(60)
    assert sales(Filter("customer", (NO_VALUE,), Operator.NOT_IN)) == Decimal(233)
    # What is not c1 includes the lines without a customer.
    assert sales(Filter("customer", ("c1",), Operator.NOT_IN)) == Decimal(60)
    assert sales(Filter("line_kind", ("postage",))) == Decimal(12)
    assert sales(Filter("day", ("2025-01-09",))) == Decimal(52)
    assert sales(Filter("month", ("2025-01",)), Filter("country", ("FR",))) == Decimal(189)
    assert sales(Filter("country", ())) is None


def test_a_scope_holds_whatever_is_asked(shop: Storehouse) -> None:
    scope = Scope("ann", (Filter("country", ("DE",)),))
    query = MetricQuery(("net_sales",), ("country",), (Filter("country", ("FR", "DE")),))
    everyone = shop.metrics.ask(query)
    hers = shop.metrics.ask(query, scope)
    assert [row["country"] for row in everyone.rows()] == ["FR", "DE"]
    assert hers.rows() == [{"country": "DE", "net_sales": Decimal(52)}]
    assert [m.value for m in shop.metrics.members("country", scope)] == ["DE"]
    only_others = MetricQuery(("net_sales",), where=(Filter("country", ("FR",)),))
    assert shop.metrics.ask(only_others, scope).total == {"net_sales": None}


def test_values_are_bound_never_read_as_sql(shop: Storehouse) -> None:
    nasty = "FR') OR 1=1 --"
    query = MetricQuery(("net_sales",), where=(Filter("country", (nasty, "DE")),))
    answer = shop.metrics.ask(query)
    assert answer.total == {"net_sales": Decimal(52)}
    assert nasty not in answer.sql


def test_unknown_keys_name_the_nearest(shop: Storehouse) -> None:
    with pytest.raises(PicholineError, match="net_sales") as metric:
        shop.metrics.ask(MetricQuery(("net_sale",)))
    assert metric.value.code == "query.metric"
    with pytest.raises(PicholineError, match="country") as dimension:
        shop.metrics.ask(MetricQuery(("net_sales",), ("countri",)))
    assert dimension.value.code == "query.dimension"
    with pytest.raises(PicholineError, match="net_sales"):
        shop.metrics.ask(MetricQuery(("net_sales",), ("country",), order="-orders"))
    with pytest.raises(PicholineError, match="four dimensions"):
        shop.metrics.ask(MetricQuery((), ("country",)))


def able(*by: str) -> tuple[str, ...]:
    """Return all metrics that these dimensions split: those of stock know no country."""
    strange = {DIMENSIONS[key].column for key in by} - STOCK_COLUMNS
    return tuple(k for k, m in METRICS.items() if not (strange and is_stocked(m)))


def test_an_empty_home_answers(house: Storehouse) -> None:
    status = house.metrics.status()
    assert (status.lines, status.span, status.data_version) == (0, None, 0)
    for by in ((), ("country",), ("month", "product")):
        answer = house.metrics.ask(
            MetricQuery(able(*by), by, period=JANUARY, compare=Compare.PREVIOUS)
        )
        assert answer.total is not None
        assert set(answer.total.values()) == {None}
        assert answer.caveats
    assert house.metrics.members("country") == []


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    """The shop for questions only."""
    found = open_shop(Storehouse(tmp_path_factory.mktemp("shop") / "home"))
    yield found
    found.close()


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_metric_by_every_dimension(unchanged: Storehouse, dimension: str) -> None:
    keys = able(dimension)
    answer = unchanged.metrics.ask(
        MetricQuery(keys, (dimension,), period=JANUARY, compare=Compare.PREVIOUS)
    )
    whole = unchanged.metrics.ask(MetricQuery(keys, period=JANUARY))
    assert answer.total is not None
    for key in keys:
        assert answer.total[key] == (whole.total or {})[key]
    assert sum(row["gross_sales"] for row in answer.rows()) == Decimal(300)
    assert tuple(c.key for c in answer.columns) == tuple(answer.data.column_names)
