"""Both analysis pages through the callback route: what they answer for a URL."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.models.query import MetricQuery
from core.services.application import Application
from tests.desk import Visitor, demo_application, pattern, texts


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Return the services over a small demo company."""
    found = demo_application(tmp_path_factory.mktemp("pages"))
    yield found
    found.close()


def test_overview_fills_every_panel(visitor: Visitor) -> None:
    """Figures have data, tiles have values, nothing is an error."""
    found = visitor.page("overview")
    for panel in ("trend", "countries", "categories", "products"):
        figure = found[f"overview-{panel}-body"]["figure"]
        assert any(trace["type"] == "bar" and len(trace["x"]) > 1 for trace in figure["data"])
    tiles = texts(found["overview-kpis-body"]["children"])
    assert "Net sales" in tiles
    assert "€" in tiles
    assert not any("has-error" in str(parts.get("className")) for parts in found.values())


def test_country_bars_are_the_answers_of_the_metrics(
    visitor: Visitor, application: Application
) -> None:
    """The drawn values are those of the metric engine, largest on top, the rest summed up."""
    figure = visitor.page("overview", "?period=all")["overview-countries-body"]["figure"]
    drawn = list(reversed(figure["data"][0]["x"]))
    asked = application.metrics.ask(
        MetricQuery(("net_sales",), by=("country",), order="-net_sales")
    ).rows()
    expected = [float(row["net_sales"]) for row in asked]
    assert drawn[:-1] == pytest.approx(expected[: len(drawn) - 1])
    assert sum(drawn) == pytest.approx(sum(expected))


def test_filters_narrow_the_numbers(visitor: Visitor) -> None:
    """A country in the URL leaves this country alone, named in the reader's language."""
    figure = visitor.page("overview", "?country=DE")["overview-countries-body"]["figure"]
    assert figure["layout"]["yaxis"]["ticktext"] == ["Germany"]


def test_french_reads_french(server: Any) -> None:
    """Names, amounts and decimal signs follow the language cookie."""
    french = Visitor(server.test_client(), "fr")
    assert '<html lang="fr"' in french.index.text
    found = french.page("overview", "?country=DE")
    assert found["overview-countries-body"]["figure"]["layout"]["yaxis"]["ticktext"] == [
        "Allemagne"
    ]
    tiles = texts(found["overview-kpis-body"]["children"])
    assert "Chiffre d’affaires net" in tiles
    assert "\u202f%" in tiles


def test_unchanged_panels_are_not_sent_again(visitor: Visitor) -> None:
    """With the digests of what is shown, only what differs travels."""
    first = visitor.page("margins")
    again = visitor.page("margins", **{"margins-shown.data": first["margins-shown"]["data"]})
    assert list(again) == ["margins-shown"]
    split = visitor.page(
        "margins", "?split=country", **{"margins-shown.data": first["margins-shown"]["data"]}
    )
    assert "margins-by-body" in split
    assert "margins-matrix-body" not in split


def test_the_split_tab_changes_grid_and_export(visitor: Visitor) -> None:
    """The tab in the URL names the grid's rows and the exported table."""
    found = visitor.page("margins", "?split=channel&country=FR")
    assert found["margins-by-csv"]["href"] == "/export/margins/by_channel.csv"
    fields = [c.get("field") for c in found["margins-by-body"]["columnDefs"]]
    assert "channel" in fields
    rows = found["margins-by-body"]["rowData"]
    sales = [row["net_sales"] for row in rows if row["net_sales"] is not None]
    assert len(sales) >= 3
    assert all(isinstance(value, float) for value in sales)
    assert "Channel" in texts(found["margins-by-choice"]["children"])


def test_margins_show_matrix_and_anomalies(visitor: Visitor) -> None:
    """The matrix has cells, the anomalies say what was found in words."""
    found = visitor.page("margins", "?period=all")
    matrix = found["margins-matrix-body"]["figure"]["data"][0]
    assert matrix["type"] == "heatmap"
    assert any(value is not None for row in matrix["z"] for value in row)
    kinds = {row["kind"] for row in found["margins-anomalies-body"]["rowData"]}
    assert kinds <= {"Sold below cost", "Margin far below usual", "Margin far above usual"}
    assert kinds


def test_a_chart_can_be_read_as_a_table(visitor: Visitor) -> None:
    """The switch of one panel answers its table beside the figure."""
    switch = pattern("n_clicks", page="overview", panel="ALL", type="as-table")
    name = {"type": "as-table", "page": "overview", "panel": "countries"}
    found = visitor.page("overview", "?country=DE", **{switch: [(name, 1)]})
    assert "as-table" in found["overview-countries-frame"]["className"]
    assert "Germany" in texts(found["overview-countries-table"]["children"])
    said = found["overview-products-table"]["children"]  # a chart is told in sentences
    assert said["props"]["className"] == "chart-told"


def test_the_theme_changes_the_charts(visitor: Visitor) -> None:
    """Dark figures have other colours than light ones."""
    light = visitor.page("overview")["overview-trend-body"]["figure"]
    dark = visitor.page("overview", theme="dark")["overview-trend-body"]["figure"]
    assert light["data"][0]["marker"]["color"] != dark["data"][0]["marker"]["color"]


def test_no_rows_are_said_in_the_panel(visitor: Visitor) -> None:
    """Filters that leave nothing give an empty state, not an empty chart."""
    found = visitor.page("overview", "?country=XX")
    assert "No rows for these filters." in texts(found["overview-countries-notice"]["children"])
    assert "is-blank" in found["overview-countries-frame"]["className"]
