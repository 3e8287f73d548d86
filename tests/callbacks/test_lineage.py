"""From every figure of every page to lines or rows: the ways are walked, not listed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from flask import g

from callbacks.lines import about as page_about
from core.models.lines import parse_lines
from core.models.query import Scope
from core.models.result import AnalysisResult, ResultTable
from core.services.analytics.base import get_analysis
from core.services.application import Application
from core.services.studies import answer
from dashboard.drill import address, way
from dashboard.page import Page, Panel, View, pages
from tests.callbacks.test_lines_page import links, nodes
from tests.desk import Visitor, demo_application

ME = Scope()
FIGURES = ("metric", "compared", "change", "change_rate", "extra")
MEMBERS = {"products": "product", "customers": "customer", "suppliers": "supplier",
           "countries": "country"}  # fmt: skip
# Panels of words and settings: what they hold are no figures of the data, but how these are made.
OF_WORDS = {"model_card", "facts", "master"}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    opened = demo_application(tmp_path_factory.mktemp("lineage"), 3000)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def results(server: Any, application: Application) -> list[tuple[Page, AnalysisResult, Any]]:
    """Return every analysis page with what it shows, pages of members with a member too."""
    found = []
    for page in (page for page in pages() if page.analysis):
        for pairs in _questions(application, page):
            analysis = get_analysis(page.analysis or "")
            params = analysis.params_from(pairs)
            result = answer(application, analysis, params, ME, lambda _done, _step: None)
            found.append((page, result, params.filters))
    return found


def _questions(application: Application, page: Page) -> list[list[tuple[str, str]]]:
    period = [("period", "last_campaign")]
    if page.key not in MEMBERS:
        return [period]
    first = application.metrics.members(MEMBERS[page.key], ME, limit=1)[0]
    return [period, [*period, ("member", first.value)]]


def shown(results: Any) -> Iterator[tuple[str, Panel, View]]:
    for page, result, filters in results:
        for panel in page.panels:
            options = panel.choice.options if panel.choice else [""]
            for key in dict.fromkeys(panel.table.format(choice=option) for option in options):
                table = result.tables.get(key)
                if table is not None and table.columns and key not in OF_WORDS:
                    view = View(result, table, filters, "light", "en", "EUR")
                    yield f"{page.key}/{panel.id}/{key}", panel, view


def opened(server: Any, application: Application, found: str) -> int:
    """Return how many lines or rows stand behind an address of the page “Lines”."""
    path, _sign, query = found.partition("?")
    assert path == "/lines"
    state = parse_lines(parse_qsl(query))
    if state.table:
        return application.stored_rows.page(state, ME, limit=0).total
    return about(server, state).lines


def about(server: Any, state: Any) -> Any:
    with server.app_context():
        g.scope = ME
        return page_about(state)[0]


def test_every_numeric_column_of_every_panel_leads_somewhere(results: Any) -> None:
    lost = [
        f"{name}: {column.key}"
        for name, panel, view in shown(results)
        if panel.kind != "html"
        for column in view.table.columns
        if column.role in FIGURES and not way(view.table, view).column(column)
    ]
    assert not lost
    assert len({name.split("/")[0] for name, *_ in shown(results)}) >= 13


def test_the_ways_end_at_lines_or_rows(server: Any, application: Application, results: Any) -> None:
    """One cell of every panel is opened: its address is understood, and something stands there."""
    walked: dict[tuple[str, str], str] = {}
    for name, panel, view in shown(results):
        table = view.table
        if panel.kind == "html" or not table.data.num_rows:
            continue
        found = way(table, view)
        for column in (c for c in table.columns if c.role in FIGURES):
            # A row that was only planned has a budget, and no lines.
            sold = column.metric if column.metric in table.data.column_names else column.key
            rows = [r for r in table.rows() if r[column.key] and r[sold or ""]]
            rows = [row for row in rows if found.row(row) is not None]
            if rows:
                walked.setdefault((name, column.role), found.address(rows[0], column) or "")
    assert len(walked) > 60
    addresses = dict.fromkeys(walked.values())
    empty = {a for a in addresses if not opened(server, application, a)}
    assert not {key: a for key, a in walked.items() if a in empty}


def test_every_tile_of_every_page_is_a_link(results: Any) -> None:
    for name, panel, view in shown(results):
        if panel.id not in {"kpis", "stock"} or not view.table.data.num_rows:
            continue
        drawn = [n.to_plotly_json() for n in panel.view(view)[0]]
        figures = [n for n in _all(drawn) if "tile-value" in str(n["props"].get("className"))]
        assert figures, name
        assert all(n["type"] == "A" and n["props"]["href"] for n in figures), name


def _all(node: Any) -> Iterator[Any]:
    if isinstance(node, list):
        for part in node:
            yield from _all(part)
    elif hasattr(node, "to_plotly_json"):
        yield from _all(node.to_plotly_json())
    elif isinstance(node, dict) and "props" in node:
        yield node
        yield from _all(node["props"].get("children"))


def result_of(results: Any, key: str) -> tuple[AnalysisResult, Any]:
    return next((result, filters) for page, result, filters in results if page.key == key)


def test_a_cell_of_a_triangle_opens_the_lines_of_its_customers_in_that_month(
    server: Any, results: Any
) -> None:
    result, filters = result_of(results, "cohorts")
    table = result.tables["triangle"]
    view = View(result, table, filters, "light", "en", "EUR")
    rows = [r for r in table.rows() if r["active"] and r["age"] in (1, 2, 7)][:6]
    for row in rows:
        found = way(table, view).address(row, table.column("net_sales"))
        state = parse_lines(parse_qsl(str(found).partition("?")[2]))
        lines = about(server, state)
        assert float(lines.value) == pytest.approx(row["net_sales"], abs=0.005)
    wide = result.tables["wide_customers"]
    view = View(result, wide, filters, "light", "en", "EUR")
    first = next(r for r in wide.rows() if r["cohort"] == rows[0]["cohort"])
    found = way(wide, view).address(first, wide.column(f"age_{rows[0]['age']}"))
    state = parse_lines(parse_qsl(str(found).partition("?")[2]))
    assert float(about(server, state).value) == pytest.approx(rows[0]["net_sales"], abs=0.005)


def test_segments_open_the_lines_of_their_customers(server: Any, results: Any) -> None:
    result, filters = result_of(results, "segments")
    for key, figure in (("segments", "net_sales_ever"), ("segments", "net_sales"),
                        ("grid", "net_sales"), ("customers", "net_sales_ever")):  # fmt: skip
        table = result.tables[key]
        view = View(result, table, filters, "light", "en", "EUR")
        for row in [r for r in table.rows() if r[figure]][:3]:
            found = way(table, view).address(row, table.column(figure))
            state = parse_lines(parse_qsl(str(found).partition("?")[2]))
            value = float(about(server, state).value)
            assert value == pytest.approx(float(row[figure]), abs=0.01), (key, row)


def test_lifetime_value_by_campaign_opens_the_customers_it_won(
    application: Application, results: Any
) -> None:
    result, filters = result_of(results, "clv")
    table: ResultTable = result.tables["acquisition_country"]
    view = View(result, table, filters, "light", "en", "EUR")
    row = max(table.rows(), key=lambda r: r["customers"])
    found = str(way(table, view).address(row, table.column("customers")))
    state = parse_lines(parse_qsl(found.partition("?")[2]))
    group = application.customer_sets.find(state.filters, state.of, ME)
    assert len(group.where.values) == row["customers"]


def test_a_budget_and_a_target_open_their_rows(application: Application, results: Any) -> None:
    result, filters = result_of(results, "budget")
    table = result.tables["by_country"]
    view = View(result, table, filters, "light", "en", "EUR")
    row = next(r for r in table.rows() if r["country"] == "FR")
    found = way(table, view).address(row, table.column("net_sales_compared"))
    state = parse_lines(parse_qsl(str(found).partition("?")[2]))
    rows = application.stored_rows.page(state, ME)
    assert float(rows.sums["value"]) == pytest.approx(float(row["net_sales_compared"]), abs=0.01)
    line = rows.table.rows()[0]
    assert (line["metric"], line["country"]) == ("net_sales", "FR")
    assert line["row"] > 0
    assert line["file"]


def test_rows_of_a_table_stand_on_the_page_with_file_and_row(
    application: Application, visitor: Visitor
) -> None:
    query = "table=budgets&metric=net_sales&period=last_campaign&cell=country%3AFR"
    values = {"lines-query.data": query, "data-version.data": 1}
    found = visitor.call("lines-asked.data", values, changed=("lines-query.data",)).json["response"]
    assert found["lines-count"]["children"].startswith("Budgets · ")
    assert "Sums of these rows: Value" in found["lines-sums"]["children"]
    part: Any = visitor.client.get(
        f"/lines/rows?{query}&start=0&end=20&sort=value&direction=desc"
    ).json
    values = [row["value"] for row in part["rows"]]
    assert values == sorted(values, reverse=True)
    assert part["total"] == found["lines-asked"]["data"]["total"] > 0
    assert part["rows"][0]["_from"]["row"] == int(part["rows"][0]["row"])
    book = visitor.client.get(f"/lines/export.csv?{query}")
    assert book.text.count("\n") == part["total"] + 1
    assert visitor.client.get(f"/lines/export.xlsx?{query}").status_code == 200
    stock = visitor.call(
        "lines-asked.data",
        {"lines-query.data": "table=stock_counts&period=all", "data-version.data": 1},
        changed=("lines-query.data",),
    ).json["response"]
    beside = links(stock["lines-notice"]["children"], "")
    assert any("table=stock_moves" in link for link in beside)
    assert list(nodes(stock["lines-chips"]["children"]))


def test_groups_that_nobody_belongs_to_say_so(application: Application, visitor: Visitor) -> None:
    day = application.metrics.span().end + timedelta(days=400)  # type: ignore[union-attr]
    query = f"of=first%3Amonth%3A{day.replace(day=1).isoformat()}"
    values = {"lines-query.data": query, "data-version.data": 1}
    found = visitor.call("lines-asked.data", values, changed=("lines-query.data",)).json["response"]
    assert "No customer belongs to this group" in str(found["lines-notice"])
    assert address("a=b") == "/lines?a=b"
