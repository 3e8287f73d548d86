"""What orders are worth, on the overview: bins, quartiles and the median, counted by hand."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from core.i18n import use_language
from core.models.query import Scope
from core.services.analytics.base import get_analysis
from core.services.application import Application
from core.settings import load_settings
from tests.desk import Visitor, pattern, texts
from tests.storehouse import Storehouse, sale


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Return a shop with orders worth 3, 4, 12, 60 (20 of it in Italy) and a return of 60."""
    home = tmp_path_factory.mktemp("orders")
    house = Storehouse(home)
    house.add("sales", [
        sale("1", "2025-03-01", "A", 1, 3, country="FR"),
        sale("2", "2025-03-02", "A", 2, 2, country="FR"),
        sale("3", "2025-03-03", "A", 4, 3, country="FR"),
        sale("4", "2025-03-04", "A", 4, 10, country="FR"),
        sale("4", "2025-03-04", "B", 2, 10, country="IT", line_no=2),
        sale("5", "2025-03-05", "B", -6, 10, country="FR"),
    ])  # fmt: skip
    house.close()
    found = Application.open(load_settings(home))
    yield found
    found.close()


def drawn(visitor: Visitor, query: str = "?period=all", **values: Any) -> dict[str, Any]:
    shown: dict[str, Any] = visitor.page("overview", query, **values)
    return shown


def test_orders_are_counted_in_their_bins(visitor: Visitor) -> None:
    shown = drawn(visitor)
    bars, first, median, third = shown["overview-order_values-body"]["figure"]["data"]
    # From 2 to below 5: two; 5–10: none; 10–20: one; 20–50: none; 50–100: one.
    assert bars["y"] == [2, 0, 1, 0, 1]
    axis = shown["overview-order_values-body"]["figure"]["layout"]["xaxis"]
    assert [text.strip("€ ") for text in axis["ticktext"]] == ["2", "5", "10", "20", "50", "100"]
    assert "€2 to below €5" in bars["customdata"][0]
    assert "50.0%" in bars["customdata"][0]
    # Of 3, 4, 12, 60: quartiles 3.75 and 24, median 8.
    assert [line["name"] for line in (first, median, third)] == [
        "First quartile", "Median", "Third quartile",
    ]  # fmt: skip
    assert 0 < first["x"][0] < 1 < median["x"][0] < 2
    assert 3 < third["x"][0] < 4
    said = texts(shown["overview-order_values-notice"]["children"])
    assert "4 orders: half of them are worth €4 to €24, the median is €8." in said


def test_filters_cut_orders_and_nothing_is_said_of_none(visitor: Visitor) -> None:
    only = drawn(visitor, "?period=all&country=IT")["overview-order_values-body"]["figure"]
    assert only["data"][0]["y"] == [1]
    assert len(only["data"]) == 4
    none = drawn(visitor, "?from=2025-03-05&to=2025-03-05")
    assert "is-blank" in none["overview-order_values-frame"]["className"]


def test_the_table_and_the_exports_hold_the_same(
    visitor: Visitor, application: Application
) -> None:
    name = {"type": "as-table", "page": "overview", "panel": "order_values"}
    switch = pattern("n_clicks", type="as-table", page="overview", panel="ALL")
    pressed: dict[str, Any] = {switch: [(name, 1)]}
    shown = drawn(visitor, **pressed)
    assert "Share of orders" in texts(shown["overview-order_values-table"]["children"])
    analysis = get_analysis("overview")
    assert analysis.run is not None
    params = analysis.params_from([("period", "all")])
    table = analysis.run(application.metrics, params, Scope()).tables["order_values"]
    assert table.total is not None
    assert table.total["median"] == Decimal(8)
    assert table.total["first_quartile"] == Decimal("3.75")
    assert [row["net_sales"] for row in table.rows()] == [7, 0, 12, 0, 60]
    with use_language("fr"):
        found = visitor.client.get("/export/overview/order_values.csv?period=all").text
    assert found.count("\n") == 6  # header and five bins
