"""The page “Drill down”, its breadcrumbs and menus' words; the dialogue that explains a change."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from core.services.application import Application
from tests.desk import Visitor, demo_application, texts

FRANCE = "?period=all&cell=country%3AFR"


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    opened = demo_application(tmp_path_factory.mktemp("drill") / "home")
    yield opened
    opened.close()


def head(visitor: Visitor, query: str) -> Any:
    answer = visitor.call("drill-head.children", {"drill-query.data": query})
    return answer.json["response"]["drill-head"]["children"]


def links(node: Any) -> list[tuple[str, str]]:
    """Return text and address of every link of a tree, in its order."""
    if isinstance(node, dict):
        props = node.get("props", {})
        own = [(texts(node), props["href"])] if props.get("href") else []
        return own or links(props.get("children"))
    return [link for part in node for link in links(part)] if isinstance(node, list) else []


def test_names_lead_one_level_down(visitor: Visitor) -> None:
    shown = visitor.page("drill", "?period=all")
    grid = shown["drill-level-body"]
    first = grid["rowData"][0]
    assert grid["columnDefs"][0]["cellRenderer"] == "PcDrill"
    assert parse_qsl(urlsplit(first["_down"]).query) == [("period", "all"), ("cell", "country:FR")]
    customers = visitor.page("drill", FRANCE)["drill-level-body"]["rowData"]
    below = dict(parse_qsl(urlsplit(customers[0]["_down"]).query)[-1:])
    assert below["cell"].startswith("customer:C")
    invoices = visitor.page("drill", f"{FRANCE}&cell={below['cell']}")
    rows = invoices["drill-level-body"]["rowData"]
    assert {"day", "invoice", "net_sales", "gross_margin"} <= set(rows[0])
    assert rows[0]["_down"].startswith("/lines?period=all&cell=country")
    assert f"invoice%3A{rows[0]['invoice']}" in rows[0]["_down"]
    assert "is-absent" in invoices["drill-ranked-frame"]["className"]


def test_the_levels_add_up(visitor: Visitor) -> None:
    for query in ("?period=all", FRANCE, "?period=all&along=category&cell=category%3AOlive+oil"):
        shown = visitor.page("drill", query)
        tile = texts(shown["drill-kpis-body"]["children"][0])
        rows = shown["drill-level-body"]["rowData"]
        assert rows, query
        assert tile.startswith("Net sales"), query
    countries = visitor.page("drill", "?period=all")["drill-level-body"]["rowData"]
    france = visitor.page("drill", FRANCE)["drill-level-body"]["rowData"]
    expected = next(row["net_sales"] for row in countries if row["country"] == "France")
    assert sum(row["net_sales"] for row in france) == pytest.approx(expected)


def test_breadcrumbs_lead_back(visitor: Visitor) -> None:
    query = "?period=all&category=Olive+oil&cell=country%3AFR&cell=customer%3AC00290"
    crumbs, inside, starts = head(visitor, query)
    way = links(crumbs)
    assert [text for text, _href in way] == ["All countries", "France"]
    assert parse_qsl(urlsplit(way[0][1]).query) == [
        ("period", "all"), ("category", "Olive oil"), ("along", "country"),
    ]  # fmt: skip
    assert ("cell", "country:FR") in parse_qsl(urlsplit(way[1][1]).query)
    assert texts(crumbs).endswith("Invoices")
    assert inside is None
    assert [text for text, _href in links(starts)][:3] == ["Countries", "Categories", "Suppliers"]


def test_what_else_restricts_can_be_taken_away(visitor: Visitor) -> None:
    _crumbs, inside, _starts = head(visitor, f"{FRANCE}&cell=month%3A2026-03-01")
    ((text, href),) = links(inside)
    assert "Mar 2026" in text
    assert "month" not in href
    assert "country%3AFR" in href


def test_the_words_of_the_menus(visitor: Visitor) -> None:
    layout = json.dumps(visitor.client.get("/_dash-layout").json)
    assert '\\"country\\": [\\"country\\", \\"customer\\", \\"invoice\\"]' in layout
    assert "Explain the change" in layout


def explained(visitor: Visitor, query: str) -> Any:
    answer = visitor.press("explain-told", "explain-body.children", query=query)
    return answer.json["response"]["explain-body"]["children"]


def test_a_change_is_explained_with_ways_to_its_lines(visitor: Visitor) -> None:
    body = explained(visitor, "metric=gross_margin&cell=country%3AFR")
    told = texts(body)
    assert told.startswith("Gross margin  · France")
    assert "Gross margin went from" in told
    assert "Through what" in told
    assert "All together" in told
    found = [href for _text, href in links(body)]
    assert any("cell=category%3A" in href and "side=compared" in href for href in found)
    assert all(href.startswith("/lines?cell=country%3AFR&metric=") for href in found)


def test_an_error_stays_in_the_dialogue(visitor: Visitor) -> None:
    assert "no earlier period" in texts(explained(visitor, "compare=none"))
    assert "price_per_unit" not in texts(explained(visitor, "metric=price_per_unit"))
    assert "no sum of parts" in texts(explained(visitor, "metric=price_per_unit"))


def test_key_figures_offer_to_explain_their_change(visitor: Visitor) -> None:
    tiles = visitor.page("overview", "")["overview-kpis-body"]["children"]
    assert "/lines?metric=net_sales" in json.dumps(tiles)
    assert json.dumps(tiles).count('"data-explain"') == 8
    alone = visitor.page("overview", "?compare=none")["overview-kpis-body"]["children"]
    assert '"data-explain"' not in json.dumps(alone)


def test_anomalies_by_clustering_have_reasons(visitor: Visitor) -> None:
    shown = visitor.page("margins", "?period=all&unusual=clusters")
    rows = shown["margins-anomalies-body"]["rowData"]
    assert rows
    assert all("usually" in row["reasons"] for row in rows)
    assert "Compared: " in texts(shown["margins-anomalies-notice"]["children"])
    few = visitor.page("margins", "?unusual=clusters&country=JP&category=Spreads")
    assert "Too few months" in texts(few["margins-anomalies-notice"]["children"])
