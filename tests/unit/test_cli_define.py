"""Defining metrics and dimensions on the command line, and asking for them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dashboard.cli import main
from tests.storehouse import Storehouse, sale


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("company")
    house = Storehouse(home)
    house.add("sales", [
        sale("1", "2025-01-03", "A", 1, 10, customer_id="a", country="FR", unit_cost=4),
        sale("2", "2025-01-04", "A", 2, 10, customer_id="b", country="ES", unit_cost=4),
        sale("3", "2025-02-05", "B", 3, 10, customer_id="b", country="PT", unit_cost=5),
    ])  # fmt: skip
    house.close()
    return home


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch, company: Path) -> None:
    monkeypatch.setenv("PICHOLINE_LANGUAGE", "en")
    monkeypatch.setenv("PICHOLINE_HOME", str(company))


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def told(*arguments: object) -> Any:
    found = call(*arguments, "--json")
    assert found.exit_code == 0, found.stderr
    return json.loads(found.stdout)


def test_a_metric_is_defined_asked_changed_and_taken_back() -> None:
    made = told(
        "define", "metric", "per_customer", "net sales / active customers",
        "--name-en", "Sales per customer", "--name-fr", "CA par client",
    )  # fmt: skip
    assert (made["saved"], made["format"], made["own"]) == (True, "money", True)
    assert made["definition"] == "Net sales ÷ Active customers"
    answer = told("query", "--metrics", "per_customer", "--by", "country")
    assert {row["country"]: row["per_customer"] for row in answer["rows"]} == {
        "FR": 10, "ES": 20, "PT": 30,
    }  # fmt: skip
    assert answer["total"] == {"per_customer": 30}
    tried = told("define", "metric", "per_customer", "net_sales / orders", "--check")
    assert tried["saved"] is False
    assert tried["name"] == "Sales per customer"
    assert told("define", "show", "per_customer")["formula"] == "net_sales ÷ customers"
    told("define", "metric", "per_customer", "net_sales / orders")
    assert told("query", "--metrics", "per_customer")["total"] == {"per_customer": 20}
    told("define", "undo", "per_customer")
    history = told("define", "history", "per_customer")
    assert [(v["edition"], v["formula"]) for v in history] == [
        (3, "net_sales ÷ customers"), (2, "net_sales ÷ orders"), (1, "net_sales ÷ customers"),
    ]  # fmt: skip
    assert "Sales per customer" in call("define").stdout
    told("define", "remove", "per_customer")
    gone = call("query", "--metrics", "per_customer")
    assert gone.exit_code == 1
    assert "(per_customer) was removed from the definitions" in gone.stderr
    told("define", "restore", "per_customer", 2)
    assert told("query", "--metrics", "per_customer")["total"] == {"per_customer": 20}


def test_groups_and_parts_of_the_date_are_defined_and_asked() -> None:
    made = told(
        "define", "dimension", "zone", "--of", "country", "--group", "Iberia=Spain,PT",
        "--rest", "Elsewhere", "--name-en", "Zone",
    )  # fmt: skip
    assert made["groups"] == {"Iberia": ["ES", "PT"]}
    answer = told("query", "--metrics", "net_sales,customers", "--by", "zone")
    assert [list(row.values()) for row in answer["rows"]] == [
        ["Iberia", 50, 1], ["Elsewhere", 10, 1],
    ]  # fmt: skip
    kept = told("query", "--metrics", "net_sales", "--where", "zone=Iberia")
    assert kept["total"] == {"net_sales": 50}
    told("define", "dimension", "half", "--date", "half", "--name-en", "Half-year")
    answer = told("query", "--metrics", "orders", "--by", "half")
    assert [(row["half"], row["orders"]) for row in answer["rows"]] == [("1", 3)]


def test_what_is_wrong_is_said_with_a_remedy() -> None:
    wrong = call("define", "metric", "odd", "net_sales + customers", "--name-en", "Odd", "--json")
    assert wrong.exit_code == 1
    assert json.loads(wrong.stdout)["error"]["code"] == "formula.units"
    for arguments, text in (
        (("metric",), "The key of the definition is missing."),
        (("metric", "odd", "nett_sales * 2", "--name-en", "Odd"), "net_sales"),
        (("dimension", "odd", "--of", "country", "--group", "Iberia"), "name=values"),
        (("remove", "nothing"), "no definition “nothing”"),
    ):
        found = call("define", *arguments)
        assert found.exit_code == 1
        assert text in found.stderr


def test_the_catalogue_is_searched_and_told_in_detail() -> None:
    found = told("metrics", "--search", "panier moyen")
    assert found["metrics"][0]["key"] == "aov"
    one = told("metrics", "margin_rate")
    assert one["parts"] == ["covered_net_sales", "cogs"]
    assert one["unit"] == "percent"
    assert "country" in one["splits"]
    assert one["caveats"]
    text = call("metrics", "margin_rate").stdout
    assert "Formula: (Net sales of product lines with known cost − Cost of goods sold) ÷" in text
    assert "When not to believe it" in text
    every = told("metrics")
    assert {"net_sales", "roi"} <= {entry["key"] for entry in every["metrics"]}
    assert {"weekday", "country"} <= {entry["key"] for entry in every["dimensions"]}
