"""Lines and rows on the command line."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from dashboard.cli import main

CSV = "invoice,date,product,quantity,price,country\n" + "".join(
    f"I{i},2025-03-{i % 28 + 1:02d},P{i % 5},{i % 6 - 1},{i}.25,{'FR' if i % 3 else 'IT'}\n"
    for i in range(80)
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lines")
    file = folder / "spring.csv"
    file.write_text(CSV, "utf-8")
    found = CliRunner().invoke(main, ["import", str(file), "--home", str(folder / "home")])
    assert found.exit_code == 0, found.stderr
    file.unlink()
    return folder / "home"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("PICHOLINE_LANGUAGE", "en")
    monkeypatch.setenv("PICHOLINE_HOME", str(home))


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def answer(*arguments: object) -> dict[str, Any]:
    found = call("lines", *arguments)
    assert found.exit_code == 0, found.stderr
    return json.loads(found.stdout)


def test_the_lines_of_a_cell_are_its_number() -> None:
    asked = json.loads(call("query", "--metrics", "net_sales", "--by", "country").stdout)
    for row in asked["rows"]:
        found = answer("--cell", f"country={row['country']}", "--limit", 100)
        assert found["value"] == found["sums"]["net_sales"] == pytest.approx(row["net_sales"])
        assert len(found["rows"]) == found["lines"]
        assert sum(r["net_sales"] for r in found["rows"]) == pytest.approx(row["net_sales"])
    assert len(answer()["rows"]) == 50
    back = answer("--metric", "returns", "--where", "country!=IT", "--from", "2025-03-10")
    expected = [
        r for r in csv.DictReader(io.StringIO(CSV))
        if r["country"] == "FR" and int(r["quantity"]) < 0 and r["date"] >= "2025-03-10"
    ]  # fmt: skip
    assert {r["invoice"] for r in back["rows"]} == {r["invoice"] for r in expected}


def test_members_are_picked_as_in_questions() -> None:
    """The lines of the product with the highest sales, and of all others."""
    sums: dict[str, float] = {}
    for r in csv.DictReader(io.StringIO(CSV)):
        sums[r["product"]] = sums.get(r["product"], 0) + int(r["quantity"]) * float(r["price"])
    best = max(sums, key=lambda product: sums[product])
    found = answer("--members", "product: top 1 net_sales", "--limit", 100)
    assert {row["product"] for row in found["rows"]} == {best}
    assert (found["lines"], found["value"]) == (16, pytest.approx(sums[best]))
    others = answer("--members", "not product: top 1 net_sales")
    assert (others["lines"], others["value"]) == (
        64,
        pytest.approx(sum(sums.values()) - sums[best]),
    )


def test_sorted_paged_and_written_whole(tmp_path: Path) -> None:
    top = answer("--order", "-net_sales", "--limit", 10)["rows"]
    rest = answer("--order", "-net_sales", "--limit", 10, "--offset", 10)["rows"]
    values = [row["net_sales"] for row in (*top, *rest)]
    assert values == sorted(values, reverse=True)
    for name in ("a.csv", "a.json", "a.xlsx"):
        assert call("lines", "--out", tmp_path / name).exit_code == 0
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 81
    assert len(json.loads((tmp_path / "a.json").read_text())["rows"]) == 80
    assert load_workbook(tmp_path / "a.xlsx").worksheets[0].max_row == 81


def test_a_row_of_the_file() -> None:
    line = answer("--cell", "product=P3", "--limit", 1)["rows"][0]
    found = call("row", line["import_id"], line["sheet"], line["row"], "--json")
    value = json.loads(found.stdout)
    cells = {cell["title"]: cell["text"] for cell in value["cells"]}
    assert CSV.splitlines()[line["row"] - 1] == ",".join(cells.values())
    assert value["file"] == "spring.csv"
    assert line["invoice"] in call("row", line["import_id"], line["sheet"], line["row"]).stdout


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("lines", "--cell", "country"), "country"),
        (("lines", "--cell", "planet=Mars"), "planet"),
        (("lines", "--metric", "nothing"), "nothing"),
        (("lines", "--order", "nothing"), "nothing"),
        (("row", 99, "spring", 2), "99"),
        (("row", 1, "spring", 999), "999"),
    ],
)
def test_mistakes_are_named(arguments: tuple[object, ...], word: str) -> None:
    found = call(*arguments)
    assert (found.exit_code, found.stdout) == (1, "")
    assert word in found.stderr
