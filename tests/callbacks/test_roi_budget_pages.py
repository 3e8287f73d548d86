"""The pages of the return on investment and the budget, and the bridge on Margins."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.services.application import Application
from tests.desk import Visitor, demo_application, texts


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    opened = demo_application(tmp_path_factory.mktemp("roi") / "home")
    yield opened
    opened.close()


def test_returns_are_ranked_and_cumulated(visitor: Visitor) -> None:
    shown = visitor.page("roi", "?period=all&compare=none")
    figure = shown["roi-countries-body"]["figure"]
    (bars,) = figure["data"]
    assert bars["x"] == sorted(bars["x"])
    assert len(bars["x"]) == 10  # countries that investments name
    assert figure["layout"]["yaxis"]["ticktext"][-1] == "Belgium  <b>403%</b>"
    lines = shown["roi-cumulated-body"]["figure"]["data"]
    assert [line["name"] for line in lines] == ["Contribution, cumulated", "Investment, cumulated"]
    assert all(b >= a for a, b in zip(lines[1]["y"], lines[1]["y"][1:], strict=False))
    assert "invested" in texts(shown["roi-notes"]["children"])


def test_a_country_without_investment_says_so(visitor: Visitor) -> None:
    shown = visitor.page("roi", "?period=all&compare=none")
    rows = {row["country"]: row for row in shown["roi-by-body"]["rowData"]}
    assert rows["Italy"]["status"] == "No investment recorded"
    assert rows["Italy"]["roi"] is None
    both = visitor.page("roi", "?period=all&split=country_product")["roi-by-body"]
    assert {"country", "product_name"} <= {c["field"] for c in both["columnDefs"]}


def test_the_budget_page_compares_finished_months(visitor: Visitor) -> None:
    shown = visitor.page("budget", "?period=last_campaign&split=channel")
    tiles = texts(shown["budget-kpis-body"]["children"])
    assert "Net sales" in tiles
    assert "No comparison" not in tiles
    marks = [t for t in shown["budget-monthly-body"]["figure"]["data"] if t["type"] == "scatter"]
    assert marks
    (rows,) = [shown["budget-by-body"]["rowData"]]
    assert all(row["net_sales_change_rate"] is not None for row in rows)
    heads = [c["headerName"] for c in shown["budget-by-body"]["columnDefs"][1]["children"]]
    assert heads == ["Value", "Budget", "Variance", "Variance in %"]


def test_the_bridge_on_margins(visitor: Visitor) -> None:
    shown = visitor.page("margins", "?period=last_campaign&bridge=country")
    bars, steps = shown["margins-bridge-body"]["figure"]["data"]
    ends = [start + amount for start, amount in zip(bars["base"], bars["y"], strict=True)]
    assert ends[-2] == pytest.approx(ends[-1], abs=0.01)  # the last effect ends at the new level
    assert len(steps["x"]) == 3 * (len(bars["y"]) - 1)
    rows = shown["margins-bridge_members-body"]["rowData"]
    assert {row["country"] for row in rows} >= {"France", "Germany"}
    assert "Gross margin went from" in texts(shown["margins-notes"]["children"])
    alone = visitor.page("margins", "?period=all")
    assert "is-absent" in alone["margins-bridge-frame"]["className"]


def test_bridge_and_returns_are_exported(visitor: Visitor) -> None:
    csv = visitor.client.get("/export/margins/bridge.csv?period=last_campaign&bridge=channel")
    assert csv.status_code == 200
    assert "Volume" in csv.text
    with visitor.client.get("/export/roi/by_country.xlsx?period=all") as book:
        assert book.status_code == 200
        assert book.data.startswith(b"PK")


def described(visitor: Visitor, search: str) -> Any:
    answer = visitor.call("filter-described.data", {"url.search": search, "data-version.data": 1})
    return answer.json["response"]["filter-described"]["data"]


def test_the_filter_bar_offers_the_budget(visitor: Visitor) -> None:
    found = described(visitor, "?compare=budget")
    offered = [option["value"] for option in found["options"]["filter-compare"]]
    assert offered == ["year", "previous", "budget", "none"]
    assert found["values"]["filter-compare"] == "budget"
