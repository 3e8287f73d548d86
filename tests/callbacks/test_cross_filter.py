"""Clicked marks and values that are left out, through the callback route."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

import pytest

from core.services.application import Application
from tests.desk import Visitor, demo_application, texts


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Return the services over a small demo company."""
    found = demo_application(tmp_path_factory.mktemp("clicked"))
    yield found
    found.close()


def figure(found: Mapping[str, Any], panel: str) -> Any:
    return found[f"{panel}-body"]["figure"]


def names(drawn: Any) -> list[str]:
    return list(drawn["layout"]["yaxis"]["ticktext"])


def described(visitor: Visitor, search: str) -> Any:
    values = {"url.search": search, "data-version.data": 1}
    return visitor.call("filter-described.data", values, changed=("url.search",)).json["response"]


def test_the_clicked_tile_keeps_its_bars_and_the_others_follow(visitor: Visitor) -> None:
    """The clicked country stands out among all; every other tile shows what a filter shows."""
    plain = visitor.page("overview")
    clicked = visitor.page("overview", "?cross.country=DE")
    chosen = visitor.page("overview", "?country=DE")
    bars = figure(clicked, "overview-countries")
    assert names(bars) == names(figure(plain, "overview-countries"))
    assert bars["data"][0]["x"] == figure(plain, "overview-countries")["data"][0]["x"]
    assert bars["data"][0]["selectedpoints"] == [names(bars).index("Germany")]
    assert bars["layout"]["dragmode"] == "select"
    for panel in ("categories", "products", "order_values"):
        one, other = (figure(page, f"overview-{panel}")["data"] for page in (clicked, chosen))
        assert [trace.get("x") for trace in one] == [trace.get("x") for trace in other]
        assert not any("selectedpoints" in trace for trace in one)
    tiles = [texts(page["overview-kpis-body"]["children"]) for page in (clicked, chosen, plain)]
    assert tiles[0] == tiles[1] != tiles[2]


def test_lines_of_a_mark_are_those_of_the_figure(visitor: Visitor) -> None:
    """A bar of the clicked tile leads to its own country; other tiles to the clicked one."""
    found = visitor.page("overview", "?cross.country=DE&not.channel=web")
    own, other = (
        dict(parse_qsl(figure(found, f"overview-{panel}")["data"][0]["meta"]["lines"]["lines"]))
        for panel in ("countries", "categories")
    )
    assert "cross.country" not in own
    assert other["cross.country"] == "DE"
    assert own["not.channel"] == other["not.channel"] == "web"


def test_a_heat_map_frames_the_clicked_cell(visitor: Visitor) -> None:
    heat = figure(visitor.page("margins"), "margins-matrix")
    cell = next(c for row in heat["data"][0]["meta"]["lines"]["cells"] for c in row if c)
    pairs = [value.partition(":") for _name, value in parse_qsl(cell)]
    query = "&".join(
        f"cross.{'own.' * (key == 'product')}{key}={value}" for key, _sign, value in pairs
    )
    clicked = figure(visitor.page("margins", f"?{query}"), "margins-matrix")
    assert clicked["data"][0]["z"] == heat["data"][0]["z"]
    assert len(clicked["layout"]["shapes"]) - len(heat["layout"].get("shapes", ())) == 1


def test_the_explorers_table_follows_its_chart(visitor: Visitor) -> None:
    query = "?rows=country&show=bars&period=all&cross.country=DE"
    found = visitor.page("explorer", query)
    assert len(figure(found, "explorer-chart")["data"][0]["y"]) > 5
    (grid,) = found["explorer-pivot-body"]["children"]
    assert len(grid["props"]["rowData"]) == 1


def test_chips_tell_what_is_clicked_and_what_is_left_out(visitor: Visitor) -> None:
    search = "?country=FR&not.channel=web&cross.category=Soap&cross.own.product=P-UNKNOWN"
    found = described(visitor, search)
    links = [c for c in found["filter-chips"]["children"] if "chip" in str(c["props"])]
    chips = {
        c["props"]["className"]: c["props"]["href"] for c in links if c["props"].get("className")
    }
    assert chips["chip chip-without"] == (
        "?country=FR&cross.category=Soap&cross.own.product=P-UNKNOWN"
    )
    assert "not web" in texts(found["filter-chips"]["children"])
    assert {"chip", "chip chip-without", "chip chip-cross"} <= set(chips)
    assert found["status-filters"]["children"] == "4 active filters"
    assert found["filter-described"]["data"]["values"]["filter-channel"] == []


def test_only_quick_pages_are_clicked(visitor: Visitor) -> None:
    layout = visitor.client.get("/_dash-layout").json

    def stores(node: Any) -> Iterator[Any]:
        if isinstance(node, dict):
            if node.get("id") == "shell-pages":
                yield node["data"]
            for child in node.values():
                yield from stores(child)
        elif isinstance(node, list):
            for child in node:
                yield from stores(child)

    pages = {page["key"]: page["cross"] for page in next(stores(layout))}
    assert all(pages[key] for key in ("overview", "margins", "roi", "explorer", "budget"))
    assert not any(pages[key] for key in ("churn", "clv", "cohorts", "segments", "imports"))


def test_a_member_that_is_left_out_says_so(visitor: Visitor) -> None:
    found = visitor.page("countries", "?member=FR&not.country=FR")
    assert "leaves" in str(found)
    found = visitor.page("countries", "?member=FR&cross.country=DE")
    assert "has-error" not in str(found)
    assert "No sales" not in texts(found["countries-kpis-body"]["children"])


def test_exports_say_which_table_shows_everything(visitor: Visitor) -> None:
    query = "cross.country=DE&not.channel=web"
    table = visitor.client.get(f"/export/overview/countries.csv?{query}").text
    assert len(table.splitlines()) > 5
    others = visitor.client.get(f"/export/overview/categories.csv?{query}").text
    chosen = visitor.client.get("/export/overview/categories.csv?country=DE&not.channel=web").text
    assert others == chosen
