"""Explorer and pages of members through the callback route: what they answer for a URL."""

import csv
import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from core.models.query import Filter, MetricQuery
from core.services.application import Application
from tests.desk import Visitor, demo_application, texts

PAGES = ("products", "customers", "suppliers", "countries")


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Return the services over a small demo company."""
    found = demo_application(tmp_path_factory.mktemp("members"))
    yield found
    found.close()


def rows_of(found: Any, panel: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = found[f"{panel}-body"]["rowData"]
    return rows


def head(visitor: Visitor, page: str, query: str) -> tuple[Any, Any]:
    answer = visitor.call(
        f"{page}-member-head.children",
        {f"{page}-query.data": query, "data-version.data": 1},
        changed=(f"{page}-query.data",),
    ).json["response"]
    return answer[f"{page}-member-head"]["children"], answer[f"{page}-member-count"]["children"]


@pytest.mark.parametrize("page", PAGES)
def test_a_list_leads_to_the_pages_of_its_members(visitor: Visitor, page: str) -> None:
    """Each row knows its member; the member's page draws every panel it has, and hides the list."""
    found = visitor.page(page, "?period=last_year")
    rows = rows_of(found, f"{page}-list")
    assert len(rows) > 3
    assert "is-absent" in found[f"{page}-kpis-frame"]["className"]
    (of,) = rows[0]["_members"]
    linked = [c for c in found[f"{page}-list-body"]["columnDefs"] if c.get("cellRenderer")]
    assert [c["cellRendererParams"] for c in linked] == [
        {"page": page, "of": of, "filters": "period=last_year"}
    ]
    one = visitor.page(page, f"?member={rows[0]['_members'][of]}")
    assert "is-absent" in one[f"{page}-list-frame"]["className"]
    assert not any("has-error" in str(parts.get("className")) for parts in one.values())
    assert "Net sales" in texts(one[f"{page}-kpis-body"]["children"])
    assert one[f"{page}-monthly-body"]["figure"]["data"]
    assert rows_of(one, f"{page}-orders")
    assert texts(one[f"{page}-notes"]["children"]).count("net sales of") == 1


def test_the_numbers_are_those_of_the_metrics(visitor: Visitor, application: Application) -> None:
    """A product's customers are what the metric engine says of them."""
    found = rows_of(visitor.page("products", "?member=MD-EV-500&period=all"), "products-by")
    query = MetricQuery(
        ("net_sales",), by=("customer",), where=(Filter("product", ("MD-EV-500",)),)
    )
    asked = {str(r["customer"]): r["net_sales"] for r in application.metrics.ask(query).rows()}
    drawn = {row["_members"]["customer"]: row["net_sales"] for row in found}
    assert drawn == pytest.approx({key: float(value) for key, value in asked.items()})


def test_a_heading_names_the_member_and_the_ways_on(visitor: Visitor) -> None:
    shown, count = head(visitor, "countries", "?member=FR&channel=brand")
    assert "France" in texts(shown)
    assert count is None
    links = [node["props"]["href"] for node in _links(shown)]
    assert links == [
        "/countries?channel=brand",
        "/overview?channel=brand&country=FR",
        "/lines?channel=brand&cell=country%3AFR",
    ]  # fmt: skip
    nothing, count = head(visitor, "products", "?q=huile")
    assert nothing is None
    assert "rows" in count


def _links(node: Any) -> Iterator[Any]:
    if isinstance(node, list):
        for part in node:
            yield from _links(part)
    elif isinstance(node, dict):
        if node.get("type") == "Link":
            yield node
        yield from _links(node["props"].get("children"))


def test_everything_can_be_filtered_to_a_product(visitor: Visitor) -> None:
    """The heading's link narrows every page; the chip says the product's name."""
    shown, _count = head(visitor, "products", "?member=MD-EV-500")
    link = next(n["props"]["href"] for n in _links(shown) if "overview" in n["props"]["href"])
    query = link.removeprefix("/overview")
    assert parse_qsl(query[1:]) == [("own.product", "MD-EV-500")]
    drawn = visitor.page("overview", query)["overview-products-body"]["figure"]
    assert len(drawn["data"][0]["x"]) == 1
    described = visitor.call(
        "filter-chips.children",
        {"url.search": query, "data-version.data": 1},
        changed=("url.search",),
    ).json["response"]
    assert "bidon 5 L" in texts(described["filter-chips"]["children"])


def test_an_unknown_member_is_said(visitor: Visitor) -> None:
    found = visitor.page("customers", "?member=NOBODY")
    notice = texts(found["customers-list-notice"]["children"])
    assert "There is no “NOBODY” under “Customers”" in notice


def test_the_row_of_master_data_is_shown_or_why_not(visitor: Visitor) -> None:
    """The demo company has no file: that is said, with the place all the same."""
    found = visitor.page("products", "?member=MD-EV-500")
    card = found["products-master-body"]["children"]
    assert "Marque distributeur" in texts(card)
    told = {"import_id": 2, "sheet": "", "row": 13, "file": "demo"}
    shown = visitor.press("member-source-told", "member-source.children", **told)
    answer = texts(shown.json["response"]["member-source"]["children"])
    assert "there is no file behind its lines" in answer


def pivot(visitor: Visitor, query: str) -> Any:
    """Return the grid of the explorer."""
    found = visitor.page("explorer", query)["explorer-pivot-body"]["children"]
    return next(part["props"] for part in found if part["type"] == "AgGrid")


def test_cells_of_a_pivot_lead_to_their_lines(visitor: Visitor, application: Application) -> None:
    """The address of a cell counts exactly the lines of its row and column."""
    grid = pivot(visitor, "?rows=country&columns=channel&figures=net_sales&period=all")
    column = next(c for c in grid["columnDefs"] if c["field"] == "net_sales[brand]")
    row = next(r for r in grid["rowData"] if r["country"] == "Germany")
    address = f"?{column['context']['lines']}&{row['_lines']}"
    assert {("cell", "country:DE"), ("cell", "channel:brand")} <= set(parse_qsl(address[1:]))
    lines = visitor.call(
        "lines-count.children",
        {"lines-query.data": address, "data-version.data": 1},
        changed=("lines-query.data",),
    ).json["response"]
    where = (Filter("country", ("DE",)), Filter("channel", ("brand",)))
    answer = application.metrics.ask(MetricQuery(("net_sales",), where=where))
    assert row["net_sales[brand]"] == pytest.approx(float((answer.total or {})["net_sales"]))
    assert f"€{row['net_sales[brand]']:,.0f}" in texts(lines["lines-count"]["children"])


def test_subtotals_others_and_the_total_of_the_grid(visitor: Visitor) -> None:
    """A subtotal leads to its lines, the row of others to none; the total stands below."""
    grid = pivot(visitor, "?rows=category,product&top=5&figures=net_sales")
    subtotal = next(row for row in grid["rowData"] if row["_depth"] == 1)
    assert subtotal["_lines"] == "cell=category%3AOlive+oil"
    assert subtotal["_members"] == {}
    others = grid["rowData"][-1]
    assert others["product_name"] == "Others"
    assert others["_lines"] is None
    (total,) = grid["dashGridOptions"]["pinnedBottomRowData"]
    named = [row["net_sales"] for row in grid["rowData"] if row["_depth"] == 2]
    assert total["net_sales"] == pytest.approx(sum(named))


@pytest.mark.parametrize("show", ["bars", "lines", "multiples", "heat"])
def test_every_chart_is_drawn_and_leads_to_lines(visitor: Visitor, show: str) -> None:
    found = visitor.page("explorer", f"?show={show}&figures=net_sales", theme="dark")
    traces = found["explorer-chart-body"]["figure"]["data"]
    assert traces
    for trace in traces:
        lines = trace["meta"]["lines"]
        cells = lines["cells"][0] if show == "heat" else lines["cells"]
        assert lines["lines"] == "metric=net_sales"
        assert all(cell.startswith("cell=country") for cell in cells)


def test_the_table_alone_hides_the_chart(visitor: Visitor) -> None:
    assert "is-absent" in visitor.page("explorer")["explorer-chart-frame"]["className"]


def test_the_export_is_the_table(visitor: Visitor) -> None:
    query = "?rows=country&columns=channel&figures=net_sales"
    grid = pivot(visitor, query)
    text = visitor.client.get(f"/export/explorer/pivot.csv{query}").get_data(as_text=True)
    table = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    assert len(table) == len(grid["rowData"]) + 1  # the heads
    brand = table[0].index("brand")
    assert float(table[1][brand]) == pytest.approx(grid["rowData"][0]["net_sales[brand]"])


def test_the_builder_follows_the_address(visitor: Visitor) -> None:
    """Chips can be taken away, tabs change the chart; the filters of the address stay."""
    built = visitor.call(
        "explorer-builder.children",
        {"explorer-query.data": "?rows=category,country&country=FR", "data-version.data": 1},
        changed=("explorer-query.data",),
    ).json["response"]["explorer-builder"]["children"]
    links = {texts(node): node["props"]["href"] for node in _links(built)}
    assert links["Category "] == "?country=FR"
    assert links["Heat map"] == "?country=FR&rows=category%2Ccountry&show=heat"
    assert links["Top 20 products"] == "?country=FR&rows=product&show=bars&top=20"
