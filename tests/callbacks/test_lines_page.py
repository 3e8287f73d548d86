"""The page “Lines”: its head equals the number it was opened from; rows, exports, sources."""

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from openpyxl import load_workbook

from core.formats import format_value
from core.models.filters import parse_filters
from core.models.formats import Format
from core.models.lines import LinesState, parse_lines
from core.models.query import NO_VALUE, Filter, MetricQuery, Scope
from core.services.application import Application
from core.services.export import lines as line_export
from dashboard.page import pages
from tests.desk import Visitor, demo_application, texts

ASKED = "lines-asked.data"
PICKED = "lines-picked.data"


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    opened = demo_application(tmp_path_factory.mktemp("lines"), 3000)
    yield opened
    opened.close()


def shown(visitor: Visitor, query: str) -> Any:
    """Return what the page shows for a query."""
    values = {"lines-query.data": query, "data-version.data": 1}
    answer = visitor.call(ASKED, values, changed=("lines-query.data",))
    assert answer.status_code == 200, answer.text
    return answer.json["response"]


def count(found: Any) -> str:
    return str(found["lines-count"]["children"])


def rows(visitor: Visitor, query: str) -> Any:
    answer = visitor.client.get(f"/lines/rows?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json


def nodes(node: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every component of a tree."""
    if isinstance(node, list):
        for part in node:
            yield from nodes(part)
    elif isinstance(node, Mapping) and "props" in node:
        yield node
        yield from nodes(node["props"].get("children"))


def links(node: Any, name: str) -> list[str]:
    return [
        n["props"]["href"]
        for n in nodes(node)
        if name in str(n["props"].get("className")) and n["props"].get("href")
    ]


def money(value: Any) -> str:
    return format_value(value, Format.MONEY, "en", digits=0, currency="EUR")


def test_every_tile_opens_the_lines_it_is_made_of(visitor: Visitor) -> None:
    tiles = visitor.page("overview", "?period=all")["overview-kpis-body"]["children"]
    addresses = links(tiles, "tile-value")
    assert len(addresses) == 8
    figures = [n["props"] for n in nodes(tiles) if "tile-value" in str(n["props"].get("className"))]
    for address, figure in zip(addresses, figures, strict=True):
        assert address.startswith("/lines?period=all&metric=")
        full = figure["title"].split(" · ")[0]
        value = money(float(full[1:].replace(",", ""))) if full.startswith("€") else full
        assert count(shown(visitor, urlsplit(address).query)).endswith(f" {value}")


@pytest.mark.parametrize("split", ["product", "country", "supplier", "rfm_segment"])
def test_every_cell_of_a_split_opens_lines_of_its_own_sum(visitor: Visitor, split: str) -> None:
    body = visitor.page("margins", f"?period=last_campaign&split={split}")["margins-by-body"]
    columns = [c for group in body["columnDefs"] for c in group.get("children", [group])]
    ways = {c["field"]: c["context"] for c in columns if "context" in c}
    assert {"net_sales", "gross_margin", "net_margin", "margin_rate"} <= set(ways)
    assert "net_sales_change_rate" in ways
    names = [c["field"] for c in columns if c["field"] not in ways]
    assert len(names) == 1  # only the members' names have no lines
    for row in (body["rowData"][0], body["rowData"][-1]):
        for key in ("net_sales", "gross_margin"):
            head = count(shown(visitor, f"{ways[key]['lines']}&{row['_lines']}"))
            assert head.endswith(f" {money(row[key])}"), (head, row)
        then = row["net_sales_change_rate"]
        before = shown(visitor, f"{ways['net_sales']['compared']}&{row['_lines']}")
        assert count(before)
        if then is not None:
            sum_before = rows(visitor, f"{ways['net_sales']['compared']}&{row['_lines']}&end=500")
            total = sum(line["net_sales"] for line in sum_before["rows"])
            if sum_before["total"] <= 500:
                assert row["net_sales"] / total - 1 == pytest.approx(then)


def test_products_leave_postage_out_as_their_page_does(visitor: Visitor) -> None:
    body = visitor.page("margins", "?period=all&split=product")["margins-by-body"]
    column = next(c for g in body["columnDefs"] for c in g.get("children", [g]) if "context" in c)
    assert ("without", "line_kind:postage") in parse_qsl(column["context"]["lines"])


def test_charts_shown_as_tables_link_each_figure(visitor: Visitor) -> None:
    switch = '{"page":"overview","panel":["ALL"],"type":"as-table"}.n_clicks'
    chosen = ({"page": "overview", "panel": "countries", "type": "as-table"}, 1)
    values: dict[str, Any] = {switch: [chosen]}
    table = visitor.page("overview", "?period=all", **values)
    found = links(table["overview-countries-table"]["children"], "drill-link")
    assert len(found) > 20
    first = parse_lines(parse_qsl(urlsplit(found[0]).query))
    assert first.metric == "net_sales"
    assert first.cell[0][0] == "country"


def test_points_of_charts_know_their_rows(visitor: Visitor) -> None:
    figure = visitor.page("overview", "?period=all")["overview-countries-body"]["figure"]
    bars = figure["data"][0]
    cells = bars["meta"]["lines"]["cells"]
    assert len(cells) == len(bars["x"])
    for cell, value in zip(cells, bars["x"], strict=True):
        if cell is not None:  # the bar of others stands for several rows
            head = count(shown(visitor, f"{bars['meta']['lines']['lines']}&{cell}"))
            assert head.endswith(money(value))
    heat = visitor.page("margins", "?period=all")["margins-matrix-body"]["figure"]["data"][0]
    assert len(heat["meta"]["lines"]["cells"]) == len(heat["z"])
    assert len(heat["meta"]["lines"]["cells"][0]) == len(heat["z"][0])


def test_anomalies_lead_to_the_month_they_speak_of(visitor: Visitor) -> None:
    body = visitor.page("margins", "?period=all")["margins-anomalies-body"]
    column = next(c for c in body["columnDefs"] if "context" in c)
    assert body["rowData"]
    for row in body["rowData"][:5]:
        state = parse_lines(parse_qsl(f"{column['context']['lines']}&{row['_lines']}"))
        dimensions = [key for key, _value in state.cell]
        assert dimensions in (["supplier", "month"], ["supplier", "product", "channel", "month"])
        assert not count(
            shown(visitor, f"{column['context']['lines']}&{row['_lines']}")
        ).startswith("0 lines")


def test_rows_come_in_pages_and_in_the_asked_order(visitor: Visitor) -> None:
    first = rows(visitor, "period=all&start=0&end=50&sort=net_sales&direction=desc")
    second = rows(visitor, "period=all&start=50&end=100&sort=net_sales&direction=desc")
    values = [row["net_sales"] for row in (*first["rows"], *second["rows"])]
    assert len(values) == 100
    assert values == sorted(values, reverse=True)
    assert first["total"] == 3000
    assert {"import_id", "sheet", "row"} == set(first["rows"][0]["_from"])
    refused = visitor.client.get("/lines/rows?sort=nothing")
    assert '"query.order"' in refused.text


def test_chips_take_one_choice_away_each(visitor: Visitor) -> None:
    query = "country=FR&cell=product%3AVR-EV-IT&cell=country%3AFR&metric=returns&side=compared"
    found = shown(visitor, f"?{query}")
    chips = found["lines-chips"]["children"]
    assert [texts(chip).split(":")[0].strip() for chip in chips] == [
        "Lines of", "Period", "Product", "Country",
    ]  # fmt: skip
    kept = [parse_qsl(urlsplit(chip["props"]["href"]).query) for chip in chips]
    whole = parse_qsl(query)
    assert [set(whole) - set(pairs) for pairs in kept] == [
        {("metric", "returns")},
        {("side", "compared")},
        {("cell", "product:VR-EV-IT")},
        {("cell", "country:FR")},
    ]


def test_what_has_no_lines_says_why_and_can_be_taken_back(visitor: Visitor) -> None:
    found = shown(visitor, "?metric=nothing&cell=country%3AFR")
    assert "query.metric" in texts(found["lines-notice"]["children"])
    assert found["lines-asked"]["data"] is None
    assert len(found["lines-chips"]["children"]) == 1
    never = shown(visitor, "?period=all&side=compared")
    assert "drill.compared" in texts(never["lines-notice"]["children"])
    nobody = shown(visitor, "?cell=country%3AZZ")
    assert count(nobody).startswith("0 lines")
    assert rows(visitor, "cell=country%3AZZ")["rows"] == []


def test_all_lines_as_csv_and_workbook(visitor: Visitor) -> None:
    query = "period=all&cell=country%3AFR&metric=gross_margin"
    found = shown(visitor, f"?{query}")
    csv = visitor.client.get(f"/lines/export.csv?{query}")
    lines = csv.text.splitlines()
    total = int(count(found).split(" ")[0].replace(",", ""))
    assert len(lines) == total + 1
    assert lines[0].startswith("\ufeffDate,Invoice,")
    book = load_workbook(
        io.BytesIO(visitor.client.get(f"/lines/export.xlsx?{query}", buffered=True).data)
    )
    sheet = book.worksheets[0]
    assert sheet.max_row == total + 1
    titles = [cell.value for cell in sheet[1]]
    place = titles.index("Gross margin")
    values: list[Any] = [row[place] or 0 for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert money(sum(values)) == count(found).split(" ")[-1]


def test_files_hold_the_lines_in_the_order_shown(visitor: Visitor) -> None:
    query = "period=all&cell=country%3AFR&sort=net_sales&direction=desc"
    sheet = load_workbook(
        io.BytesIO(visitor.client.get(f"/lines/export.xlsx?{query}", buffered=True).data)
    ).worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    place = titles.index("Net sales")
    values: list[Any] = [row[place] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert len(values) > 500
    assert values == sorted(values, reverse=True)
    shown_first = rows(visitor, f"{query}&end=1")["rows"][0]["net_sales"]
    assert values[0] == pytest.approx(shown_first)
    text = visitor.client.get(f"/lines/export.csv?{query}").text
    first, second = (line.split(",") for line in text.splitlines()[1:3])
    assert float(first[place]) == pytest.approx(values[0])
    assert float(second[place]) == pytest.approx(values[1])


def test_a_workbook_that_takes_too_long_is_refused(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_export, "PAGE_EXCEL_LINES", 100)
    refused = visitor.client.get("/lines/export.xlsx?period=all")
    assert refused.status_code == 413
    assert '"lines.waiting"' in refused.text
    assert "CSV" in refused.text
    assert visitor.client.get("/lines/export.csv?period=all").status_code == 200


def test_a_line_of_the_demo_has_a_place_and_no_file(visitor: Visitor) -> None:
    line = rows(visitor, "period=all&end=1")["rows"][0]
    picked = {**line["_from"], "file": line["file"], "at": 1}
    answer = visitor.call("lines-source.children", {PICKED: picked}, changed=(PICKED,))
    said = texts(answer.json["response"]["lines-source"]["children"])
    assert "row.demo" in said
    assert str(line["_from"]["row"]) in said


def test_a_restricted_person_sees_own_lines_only(
    visitor: Visitor, application: Application
) -> None:
    rule = application.access.allow("local", "country", ["FR"]).rule
    try:
        found = shown(visitor, "?period=all")
        own = application.metrics.ask(
            MetricQuery(("net_sales",), where=(Filter("country", ("FR",)),)), Scope()
        )
        assert count(found).endswith(money((own.total or {})["net_sales"]))
        assert {r["country"] for r in rows(visitor, "period=all&end=500")["rows"]} == {"France"}
        assert rows(visitor, "period=all&cell=country%3ADE")["total"] == 0
        assert rows(visitor, "period=all&without=country%3AFR")["total"] == 0
        text = visitor.client.get("/lines/export.csv?period=all&cell=country%3ADE").text
        assert len(text.splitlines()) == 1
    finally:
        application.access.remove(rule.id or 0)


def test_addresses_are_read_as_they_are_written() -> None:
    pairs = [
        ("period", "all"), ("country", "FR"), ("metric", "returns"), ("side", "compared"),
        ("cell", "customer:"), ("cell", "promotion:A: B"), ("only", "brand:x"),
        ("without", "line_kind:postage"),
    ]  # fmt: skip
    state = parse_lines(pairs)
    assert state.to_pairs() == pairs
    assert state.cell == (("customer", NO_VALUE), ("promotion", "A: B"))
    assert LinesState(parse_filters([])) == parse_lines([("split", "x")])


def test_the_page_is_in_the_menu_with_the_filters(visitor: Visitor) -> None:
    keys = [page.key for page in pages()]
    assert keys.index("lines") == keys.index("margins") + 1
    layout = json.dumps(visitor.client.get("/_dash-layout").json)
    assert '"key": "lines"' in layout
    french = Visitor(visitor.client.application.test_client(), "fr")
    assert french.client.get("/_dash-layout").status_code == 200


def test_an_empty_home_has_no_lines(tmp_path: Path) -> None:
    from dashboard.app import create_app

    empty = demo_application(tmp_path, 0)
    visitor = Visitor(create_app(empty).test_client())
    values = {"lines-query.data": "", "data-version.data": 0}
    assert visitor.call(ASKED, values, changed=("lines-query.data",)).status_code == 204
    assert rows(visitor, "")["rows"] == []
    empty.close()
