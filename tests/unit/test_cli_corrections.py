"""Corrections on the command line: counts, suggestions out, corrected rows in, given up."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from dashboard.cli import main
from tests.unit.ingest_home import line, write_csv

NET = 2 * 10.5


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("PICHOLINE_LANGUAGE", "en")


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def answer(*arguments: object) -> Any:
    found = call(*arguments, "--json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def net_sales() -> float:
    return json.loads(call("query", "--metrics", "net_sales").stdout)["total"]["net_sales"]


@pytest.fixture
def number(tmp_path: Path) -> int:
    """Return an import with a sound row and four that were set aside."""
    rows = [
        line(1),
        line(2, Quantity="1O"),
        line(3, Quantity="-x"),
        line(4, Date="soon"),
        line(5, Quantity="5 pcs"),
    ]
    return answer("import", write_csv(tmp_path / "sales.csv", rows))["import_id"]


def test_where_the_rows_are(number: int) -> None:
    assert answer("corrections", number) == {
        "import_id": number, "open": 4, "corrected": 0, "given_up": 0,
        "reasons": {"not_a_number": 3, "not_a_date": 1},
    }  # fmt: skip
    assert "4 set aside = 4 open + 0 corrected + 0 given up" in call("corrections", number).stdout


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_file_goes_out_with_suggestions_and_comes_back_corrected(
    number: int, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"rows.{ending}"
    told = call("corrections", number, "--suggest", "--out", out)
    assert "4 rows saved to" in told.stderr
    assert "2 of them with a suggestion" in told.stderr
    if ending == "xlsx":
        book = load_workbook(out)
        sheet = book.worksheets[0]
        titles = [cell.value for cell in sheet[1]]
        sheet.cell(2, titles.index("_apply") + 1, "x")
        sheet.cell(4, titles.index("Date") + 1, "2025-04-01")
        book.save(out)
    else:
        table = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
        titles = table[0]
        assert table[2][titles.index("Quantity")] == "'-x"  # no formula for a spreadsheet
        table[1][titles.index("_apply")] = "x"
        table[3][titles.index("Date")] = "2025-04-01"
        with out.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(table)
    done = answer("corrections", number, "--apply", out)
    assert (done["passed"], done["open"], done["corrected"], done["refused"]) == (2, 2, 2, [])
    assert net_sales() == pytest.approx(NET + 10 * 10.5 + 2 * 10.5)
    listed = answer("imports")[0]
    assert (listed["import_id"], listed["read"], listed["accepted"]) == (done["import_id"], 2, 2)
    answer("undo", done["import_id"])
    assert net_sales() == pytest.approx(NET)
    assert answer("corrections", number)["open"] == 4


def test_sure_suggestions_are_applied_and_the_rest_is_given_up(number: int) -> None:
    done = answer("corrections", number, "--apply-sure")
    assert (done["passed"], done["open"]) == (1, 3)
    found = answer("corrections", number, "--give-up", "test rows", "--reason", "not_a_number")
    assert (found["open"], found["corrected"], found["given_up"]) == (1, 1, 2)
    found = answer("corrections", number, "--take-back")
    assert (found["open"], found["corrected"], found["given_up"]) == (3, 1, 0)


def test_what_cannot_be_done_is_told(number: int, tmp_path: Path) -> None:
    strange = tmp_path / "strange.csv"
    strange.write_text("a,b\n1,2\n")
    other = tmp_path / "other.csv"
    other.write_text("_place,Quantity\n99,2\n")
    for arguments in (
        ("corrections", 77),
        ("corrections", number, "--suggest", "--take-back"),
        ("corrections", number, "--suggest", "--out", tmp_path / "rows.pdf"),
        ("corrections", number, "--apply", strange),
        ("corrections", number, "--apply", other),
    ):
        found = call(*arguments)
        assert found.exit_code == 1
        assert "Traceback" not in found.output


def test_rows_under_rules_are_refused(number: int) -> None:
    answer("access", "allow", "eve", "country=FR")
    found = call("corrections", number, "--as", "eve")
    assert found.exit_code == 1
    assert "see all rows" in found.output


def test_meanings_are_added_listed_and_taken_back() -> None:
    assert answer("aliases") == []
    (given,) = answer("aliases", "add", "country", "Gde Bretagne du Nord", "Royaume-Uni")
    assert (given["field"], given["written"], given["meant"]) == (
        "country", "Gde Bretagne du Nord", "GB",
    )  # fmt: skip
    assert "Gde Bretagne du Nord → GB" in call("aliases").stdout
    assert answer("aliases", "remove", given["id"]) == []
    for words in (
        ("add", "country", "x"),
        ("remove", "x"),
        ("remove", "9"),
        ("add", "a", "b", "c"),
    ):
        found = call("aliases", *words)
        assert found.exit_code == 1
        assert "Traceback" not in found.output
