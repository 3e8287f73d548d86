"""The explorer: pivots, subtotals, top lists and others counted again with pandas."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from core.errors import PicholineError
from core.models.result import LEVEL
from core.services.analytics.base import get_analysis
from core.services.analytics.explorer import OPTIONS, plan
from core.services.metrics import OTHERS
from tests.member_shop import ask, frame, open_shop
from tests.storehouse import Storehouse


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = open_shop(tmp_path_factory.mktemp("explorer"))
    yield found
    found.close()


def rate(data: pd.DataFrame) -> float | None:
    return data["margin"].sum() / data["net"].sum() if len(data) else None


def orders(data: pd.DataFrame) -> int:
    return int(data.loc[data["quantity"] > 0, "invoice"].nunique())


def test_an_empty_address_shows_countries(house: Storehouse) -> None:
    """Nothing chosen is countries with sales and margins, with their changes."""
    now, then = frame()
    table = ask(house, "explorer").tables["pivot"]
    assert len(table.rows()) == 3
    for row in table.rows():
        mine, before = (data[data["country"] == row["country"]] for data in (now, then))
        assert float(row["net_sales"]) == pytest.approx(mine["net"].sum())
        assert row["margin_rate"] == pytest.approx(rate(mine))
        change = mine["net"].sum() - before["net"].sum()
        assert float(row["net_sales_change"]) == pytest.approx(change)


def test_cells_totals_and_columns_of_a_pivot(house: Storehouse) -> None:
    """Ratios and distinct orders of totals are their own, never sums or means of cells."""
    now, _then = frame()
    now = now.assign(quarter=pd.to_datetime(now["day"]).dt.to_period("Q").dt.start_time)
    table = ask(
        house, "explorer", rows="country", columns="quarter", figures="margin_rate,orders"
    ).tables["pivot"]
    total = table.total or {}
    for day, part in now.groupby("quarter"):
        key = f"[{day:%Y-%m-%d}]"
        assert total[f"margin_rate{key}"] == pytest.approx(rate(part))
        assert total[f"orders{key}"] == orders(part)
        for row in table.rows():
            cell = part[part["country"] == row["country"]]
            assert row[f"margin_rate{key}"] == pytest.approx(rate(cell))
            assert row[f"orders{key}"] == orders(cell)
    assert total["orders"] == orders(now)


def test_subtotals_are_taken_over_their_lines(house: Storehouse) -> None:
    now, _then = frame()
    rows = ask(house, "explorer", rows="country,product", figures="orders").tables["pivot"].rows()
    subtotals = {row["country"]: row["orders"] for row in rows if row[LEVEL] == 1}
    assert subtotals == {country: orders(part) for country, part in now.groupby("country")}
    assert sum(row["orders"] for row in rows if row[LEVEL] == 2) > sum(subtotals.values())
    without = ask(house, "explorer", rows="country,product", figures="orders", subtotals="no")
    assert len(without.tables["pivot"].rows()) == len(rows) - len(subtotals)


def test_a_top_list_sums_up_the_others(house: Storehouse) -> None:
    """The first five by the first figure; the rest is one row, or left out."""
    now, _then = frame()
    sums = now.groupby("product")["net"].sum().sort_values(ascending=False)
    chosen = {"rows": "product", "top": "5", "figures": "net_sales,margin_rate"}
    rows = ask(house, "explorer", **chosen).tables["pivot"].rows()
    assert [row["product"] for row in rows] == [*sums.index[:5], OTHERS]
    rest = now[now["product"].isin(sums.index[5:])]
    assert float(rows[-1]["net_sales"]) == pytest.approx(rest["net"].sum())
    assert rows[-1]["margin_rate"] == pytest.approx(rate(rest))
    assert len(ask(house, "explorer", **chosen, others="no").tables["pivot"].rows()) == 5
    # Calendar periods have no others: nobody has to know that.
    months = ask(house, "explorer", rows="month", top="5").tables["pivot"].rows()
    assert len(months) == 5


def test_rows_are_sorted_by_any_column(house: Storehouse) -> None:
    def values(order: str) -> list[Any]:
        table = ask(house, "explorer", rows="product", order=order).tables["pivot"]
        return [row[order.removeprefix("-")] for row in table.rows()]

    for key in ("margin_rate", "net_sales_change", "product"):
        assert values(key) == sorted(values(key))
        assert values(f"-{key}") == sorted(values(key), reverse=True)
    # A figure that is no longer shown is no order any more, and no error.
    assert ask(house, "explorer", figures="orders", order="-net_sales").tables["pivot"].rows()


@pytest.mark.parametrize(
    ("chosen", "rows", "column"),
    [
        ({}, ("country",), ""),
        ({"show": "lines"}, ("country",), "month"),
        ({"show": "lines", "rows": "month"}, ("month",), ""),
        ({"show": "heat", "rows": "weekday"}, ("weekday",), "month_of_year"),
        ({"show": "multiples", "rows": "product"}, ("product",), "month"),
        ({"show": "multiples", "rows": "month"}, ("month",), "country"),
        ({"rows": "country,month", "columns": "month"}, ("country",), "month"),
    ],
)
def test_charts_get_the_columns_they_need(
    house: Storehouse, chosen: dict[str, str], rows: tuple[str, ...], column: str
) -> None:
    """What is added is said."""
    params = get_analysis("explorer").params_from(chosen.items())
    found = plan(params.chosen, house.metrics.known())
    assert (found.rows, found.column) == (rows, column)
    assert bool(found.notes) == (bool(column) and "columns" not in chosen)


def test_days_of_the_week_and_months_come_in_their_order(house: Storehouse) -> None:
    table = ask(
        house, "explorer", rows="weekday", columns="month_of_year", figures="net_sales", show="heat"
    ).tables["chart"]
    assert [row["weekday"] for row in table.rows()] == sorted({str(n) for n in range(1, 8)})
    months = [column.key for column in table.columns if column.member is not None]
    assert months == [f"net_sales[{n:02d}]" for n in range(1, 13)]


@pytest.mark.parametrize(
    ("chosen", "said", "way_out"),
    [
        ({"figures": "net_seles"}, "no metric “net_seles”", "net_sales"),
        ({"rows": "contry"}, "no dimension “contry”", "country"),
        ({"figures": "average_inventory", "rows": "country"}, "not known by “Country”", "product"),
        (
            {"columns": "product", "figures": "net_sales,orders,aov,products,returns,units"},
            "columns",
            "rows",
        ),
    ],
)
def test_refusals_name_the_way_out(
    house: Storehouse, chosen: dict[str, str], said: str, way_out: str
) -> None:
    with pytest.raises(PicholineError) as refused:
        ask(house, "explorer", **chosen)
    assert said in str(refused.value.title)
    assert way_out in str(refused.value.remedy)


def test_names_of_the_settings_are_no_filters() -> None:
    names = [option.name for option in OPTIONS]
    assert len(set(names)) == len(names)
    assert not any(option.in_bar for option in OPTIONS)
