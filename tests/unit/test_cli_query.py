"""Questions on the command line, on a small demo company."""

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from core.models.query import NO_VALUE, Filter, Operator
from core.models.query_text import parse_where
from dashboard.cli import main

LINES = 3000


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("company")
    found = CliRunner().invoke(main, ["demo", "--lines", str(LINES), "--home", str(home)])
    assert found.exit_code == 0, found.stderr
    return home


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch, company: Path) -> None:
    monkeypatch.setenv("PICHOLINE_LANGUAGE", "en")
    monkeypatch.setenv("PICHOLINE_HOME", str(company))


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def answer(*arguments: object) -> dict[str, Any]:
    found = call("query", *arguments)
    assert found.exit_code == 0, found.stderr
    return json.loads(found.stdout)


def test_the_answer_keeps_the_contract() -> None:
    found = answer("--metrics", "net_sales,orders", "--by", "country,year")
    assert list(found) == ["columns", "rows", "total", "caveats", "data_version"]
    assert found["columns"] == ["country", "year", "net_sales", "orders"]
    row = found["rows"][0]
    assert isinstance(row["net_sales"], float)
    assert date.fromisoformat(row["year"])
    assert found["data_version"] > 0
    assert found["total"]["net_sales"] == pytest.approx(
        sum(row["net_sales"] for row in found["rows"])
    )


def test_filters_narrow_and_exclude() -> None:
    both = answer("--metrics", "net_sales", "--by", "country", "--where", "country=FR,IT")
    assert {row["country"] for row in both["rows"]} == {"FR", "IT"}
    rest = answer("--metrics", "net_sales", "--by", "country", "--where", "country!=FR,IT")
    assert not {"FR", "IT"} & {row["country"] for row in rest["rows"]}
    whole = answer("--metrics", "net_sales")["total"]["net_sales"]
    assert both["total"]["net_sales"] + rest["total"]["net_sales"] == pytest.approx(whole)
    one = answer("--metrics", "net_sales", "--where", "country=FR", "--where", "channel=brand")
    assert 0 < one["total"]["net_sales"] < both["total"]["net_sales"]


def test_top_keeps_the_largest() -> None:
    every = answer("--metrics", "net_sales", "--by", "product")["rows"]
    top = answer("--metrics", "net_sales", "--by", "product", "--top", 3)["rows"]
    largest = sorted((row["net_sales"] for row in every), reverse=True)[:3]
    assert [row["net_sales"] for row in top] == largest


def test_days_and_comparison() -> None:
    days = ("--from", "2025-01-01", "--to", "2025-06-30")
    found = answer("--metrics", "net_sales,margin_rate", *days, "--compare", "year")
    before = answer("--metrics", "net_sales", "--from", "2024-01-01", "--to", "2024-06-30")
    total = found["total"]
    assert total["net_sales_compared"] == pytest.approx(before["total"]["net_sales"])
    assert total["net_sales_change"] == pytest.approx(
        total["net_sales"] - before["total"]["net_sales"]
    )
    assert total["margin_rate_change_rate"] is None


def test_one_day_alone_opens_the_period() -> None:
    later = answer("--metrics", "orders", "--from", "2026-01-01")["total"]["orders"]
    assert 0 < later < answer("--metrics", "orders")["total"]["orders"]


def test_csv_is_for_programs() -> None:
    found = call("query", "--metrics", "net_sales", "--by", "month", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(found.stdout)))
    assert rows[0].keys() == {"month", "net_sales"}
    assert date.fromisoformat(rows[0]["month"])
    assert float(rows[0]["net_sales"])


def test_files_take_their_form_from_the_name(tmp_path: Path) -> None:
    for name in ("a.json", "a.csv", "a.xlsx"):
        found = call("query", "--metrics", "net_sales", "--by", "country", "--out", tmp_path / name)
        assert (found.exit_code, found.stdout) == (0, "")
    assert json.loads((tmp_path / "a.json").read_text())["columns"] == ["country", "net_sales"]
    assert (tmp_path / "a.csv").read_text().startswith("country,net_sales\n")
    book = load_workbook(tmp_path / "a.xlsx")
    assert len(book.sheetnames) == 2
    rows = {row[0]: row[1] for row in book.worksheets[1].values}
    assert "invented" in str(rows["Demo"])


def test_a_workbook_carries_its_filters(tmp_path: Path) -> None:
    out = tmp_path / "a.xlsx"
    call("query", "--metrics", "net_sales", "--where", "country=FR", "--out", out)
    rows = {row[0]: row[1] for row in load_workbook(out).worksheets[1].values}
    assert rows["Country"] == "France"


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    found = call("query", "--metrics", "net_sales", "--out", tmp_path / "no" / "a.json")
    assert found.exit_code == 1
    assert "a.json" in found.stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--metrics", "nothing"), "nothing"),
        (("--metrics", "net_sales", "--by", "planet"), "planet"),
        (("--metrics", "net_sales", "--where", "planet=Mars"), "planet"),
        (("--metrics", "net_sales", "--where", "country"), "country"),
        (("--metrics", "net_sales", "--from", "31/03/2025"), "31/03/2025"),
        (("--metrics", ","), "metric"),
        (("--metrics", "net_sales", "--others"), "--top"),
        (("--metrics", "net_sales", "--running", "net_sales"), "month"),
        (("--metrics", "net_sales", "--members", "customer net_sales"), "members"),
    ],
)
def test_mistakes_are_named(arguments: tuple[str, ...], word: str) -> None:
    found = call("query", *arguments)
    assert (found.exit_code, found.stdout) == (1, "")
    assert word in found.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("country=FR,IT", Filter("country", ("FR", "IT"))),
        ("country!=FR", Filter("country", ("FR",), Operator.NOT_IN)),
        ("customer=", Filter("customer", (NO_VALUE,))),
        ('category="Oils, bulk",Jars', Filter("category", ("Oils, bulk", "Jars"))),
        ("promotion=A=B", Filter("promotion", ("A=B",))),
    ],
)
def test_filters_are_read(text: str, expected: Filter) -> None:
    assert parse_where(text) == expected


def test_a_question_may_carry_everything() -> None:
    found = answer(
        "--metrics", "net_sales,margin_rate", "--by", "country,channel", "--subtotals",
        "--share", "net_sales/country", "--rank", "net_sales", "--where", "month=2024..2025",
        "--where", "product~huile", "--members", "not customer: lowest 3 margin_rate",
        "--having", "net_sales > 0",
    )  # fmt: skip
    assert found["columns"] == [
        "country", "channel", "depth", "net_sales", "net_sales_share_country", "net_sales_rank",
        "margin_rate",
    ]  # fmt: skip
    assert {row["depth"] for row in found["rows"]} == {1, 2}
    assert any("lowest" in caveat for caveat in found["caveats"])


def test_a_pivot_with_averages_and_others() -> None:
    found = answer(
        "--metrics", "net_sales", "--by", "product,year", "--pivot", "year", "--top", 2,
        "--by-metric", "orders", "--others", "--order", "-net_sales",
    )  # fmt: skip
    assert len(found["rows"]) == 3
    years = [key for key in found["columns"] if key.startswith("net_sales[")]
    for row in [*found["rows"], found["total"]]:
        assert sum(row[key] or 0 for key in years) == pytest.approx(row["net_sales"])
    moving = answer("--metrics", "orders", "--by", "month", "--average", "orders:12")["rows"]
    last = [row["orders"] for row in moving[-12:]]
    assert moving[-1]["orders_average"] == pytest.approx(sum(last) / 12)
    assert moving[10]["orders_average"] is None


def test_explain_shows_sources_statements_and_values() -> None:
    asked = ("--metrics", "net_sales,customers", "--by", "country", "--where", "channel=brand",
             "--members", "customer: top 2 net_sales", "--explain")  # fmt: skip
    text = call("query", *asked).stdout
    assert "SELECT" in text
    assert "$f0_0 = brand" in text
    found = json.loads(call("query", *asked, "--json").stdout)
    assert len(found["statements"]) >= 2
    for statement in found["statements"]:
        assert statement["candidates"][0]["rows"] == statement["rows"] > 0
        assert statement["source"] == statement["candidates"][0]["source"]
    assert found["statements"][-1]["values"]["f0_0"] == "brand"


def test_an_empty_home_answers_without_rows(tmp_path: Path) -> None:
    found = answer("--metrics", "net_sales", "--by", "country", "--home", tmp_path / "empty")
    assert found["rows"] == []
    assert found["total"]["net_sales"] is None
    compared = ("--compare", "year", "--from", "2025-01-01")
    assert answer("--metrics", "orders", *compared, "--home", tmp_path / "empty")["caveats"]


def test_an_analysis_prints_its_tables() -> None:
    found = call("analyse", "overview", "--set", "period=all", "--set", "country=FR")
    value = json.loads(found.stdout)
    assert value["key"] == "overview"
    assert {"kpis", "trend", "countries"} <= set(value["tables"])
    assert [row["country"] for row in value["tables"]["countries"]["rows"]] == ["FR"]
    asked = answer("--metrics", "net_sales", "--where", "country=FR")
    assert value["headline"]["net_sales"] == pytest.approx(asked["total"]["net_sales"])


def test_an_analysis_as_files(tmp_path: Path) -> None:
    out = tmp_path / "margins.xlsx"
    assert call("analyse", "margins", "--set", "period=all", "--out", out).exit_code == 0
    book = load_workbook(out)
    assert book.sheetnames[-1] == "Filters and definitions"
    assert len(book.sheetnames) > 5
    several = call("analyse", "margins", "--format", "csv")
    assert several.exit_code == 1
    assert "--table" in several.stderr
    one = call("analyse", "margins", "--format", "csv", "--table", "by_country")
    assert one.stdout.startswith("country,")


@pytest.mark.parametrize(
    "arguments",
    [("nothing",), ("overview", "--table", "nothing"), ("overview", "--set", "nothing")],
)
def test_mistaken_analyses_are_named(arguments: tuple[str, ...]) -> None:
    found = call("analyse", *arguments)
    assert found.exit_code == 1
    assert "nothing" in found.stderr


def test_a_second_demo_replaces_the_first(tmp_path: Path) -> None:
    for seed in (1, 2):
        call("demo", "--lines", 400, "--seed", seed, "--home", tmp_path)
    listed = json.loads(call("imports", "--json", "--home", tmp_path).stdout)
    sales = [entry for entry in listed if entry["table"] == "sales"]
    assert [entry["status"] for entry in sales] == ["committed", "undone"]
    assert all(entry["demo"] and entry["accepted"] == 400 for entry in sales)
    truths = json.loads((tmp_path / "demo_truths.json").read_text())
    assert truths
    assert call("demo", "--lines", 5, "--home", tmp_path).exit_code == 1


def test_the_demo_can_be_set_aside(tmp_path: Path) -> None:
    call("demo", "--lines", 400, "--home", tmp_path)
    removed = json.loads(call("demo", "--remove", "--json", "--home", tmp_path).stdout)
    assert removed["removed"] == 10
    total = json.loads(call("query", "--metrics", "net_sales", "--home", tmp_path).stdout)["total"]
    assert total["net_sales"] is None
    again = json.loads(call("demo", "--remove", "--json", "--home", tmp_path).stdout)
    assert again == {"removed": 0, "data_version": removed["data_version"]}
