"""Bringing spreadsheets in on the command line: counts, several files, undo, quarantine."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook, load_workbook

from dashboard.cli import main

HEADER = "invoice_id,date,product_id,quantity,unit_price,customer_id\n"
GOOD = "A1,2025-03-01,P1,2,10.50,C1\nA1,2025-03-01,P2,1,4.25,C1\nA2,2025-04-02,P1,-1,10.50,C1\n"
NET = 2 * 10.5 + 4.25 - 10.5


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("PICHOLINE_LANGUAGE", "en")


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def answer(*arguments: object) -> Any:
    found = call(*arguments, "--json")
    assert found.exit_code == 0, found.stderr
    return json.loads(found.stdout)


def net_sales() -> float | None:
    return json.loads(call("query", "--metrics", "net_sales").stdout)["total"]["net_sales"]


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    path = tmp_path / "sales.csv"
    path.write_text(HEADER + GOOD)
    return path


def test_one_table_is_one_object_with_counts_that_add_up(sales: Path) -> None:
    report = answer("import", sales)
    assert {"import_id", "table", "read", "accepted", "quarantined", "already_there", "reasons",
            "data_version"} <= set(report)  # fmt: skip
    assert (report["table"], report["read"], report["accepted"]) == ("sales", 3, 3)
    assert net_sales() == pytest.approx(NET)


def test_the_same_file_again_adds_nothing(sales: Path) -> None:
    first = answer("import", sales)
    again = answer("import", sales)
    assert (again["accepted"], again["already_there"]) == (0, 3)
    assert again["data_version"] == first["data_version"]
    assert net_sales() == pytest.approx(NET)


def test_people_read_lines(sales: Path) -> None:
    found = call("import", sales)
    assert found.exit_code == 0
    assert "read 3, accepted 3, quarantined 0, already there 0" in found.stdout


def test_a_dry_run_says_how_the_months_change(sales: Path, tmp_path: Path) -> None:
    assert call("import", sales).exit_code == 0
    later = tmp_path / "later.csv"
    later.write_text(
        f"{HEADER.strip()},currency\n"
        "B1,2025-03-09,P1,10,100.50,C1,EUR\nB2,2025-04-09,P1,1,10.50,C1,CHF\n"
    )
    told = call("import", later, "--dry-run").stdout
    assert "Net sales Mar 2025: €25.25 → €1,030.25" in told
    # Of francs without a rate nobody knows what they add.
    assert "Lines Apr 2025: 1 → 2; net sales stay as they are" in told


def test_a_dry_run_stores_nothing(sales: Path) -> None:
    report = answer("import", sales, "--dry-run")
    assert (report["import_id"], report["accepted"], report["dry_run"]) == (None, 3, True)
    assert answer("imports") == []
    assert net_sales() is None


def test_undo_and_redo(sales: Path) -> None:
    number = answer("import", sales)["import_id"]
    undone = answer("undo", number)
    assert undone["status"] == "undone"
    assert net_sales() is None
    assert call("undo", number).exit_code == 1
    assert answer("redo", number)["data_version"] == undone["data_version"] + 1
    assert net_sales() == pytest.approx(NET)
    assert [entry["status"] for entry in answer("imports")] == ["committed"]


def test_replacing_hides_what_was_there(sales: Path, tmp_path: Path) -> None:
    answer("import", sales)
    other = tmp_path / "other.csv"
    other.write_text(HEADER + "B1,2025-05-01,P1,1,100,C2\n")
    answer("import", other, "--replace")
    assert net_sales() == pytest.approx(100)


def test_a_workbook_of_two_tables_is_an_array(tmp_path: Path) -> None:
    book = Workbook()
    lines = (HEADER + GOOD).splitlines()
    first = book.active
    assert first is not None
    first.title = "Sales"
    for row in csv.reader(lines):
        first.append(row)
    second = book.create_sheet("Products")
    for row in (
        ("product_id", "name", "category"),
        ("P1", "Olives", "Jars"),
        ("P2", "Oil", "Oils"),
    ):
        second.append(row)
    path = tmp_path / "both.xlsx"
    book.save(path)
    reports = answer("import", path)
    assert {report["table"] for report in reports} == {"sales", "products"}


def test_a_file_that_fails_leaves_the_others(sales: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(b"%PDF-1.7 not a workbook")
    found = call("import", bad, sales, "--json")
    assert found.exit_code == 1
    failed, good = json.loads(found.stdout)
    assert (failed["file_name"], failed["error"]["code"]) == ("bad.xlsx", "file.type")
    assert good["accepted"] == 3
    assert "bad.xlsx" in found.stderr
    assert net_sales() == pytest.approx(NET)


@pytest.mark.parametrize("name", ["absent.csv", "empty.csv"])
def test_unreadable_files_are_errors(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.csv").write_text("")
    found = call("import", tmp_path / name, "--json")
    assert found.exit_code == 1
    assert "error" in json.loads(found.stdout)
    assert name in found.stderr
    assert "Traceback" not in found.stderr


def test_a_mapping_file_decides(tmp_path: Path) -> None:
    data, mapping = tmp_path / "d.csv", tmp_path / "m.toml"
    data.write_text("a;b;c;d;e\nA1;01/02/2025;P1;2;1,5\n")
    columns = {
        "invoice_id": "a",
        "date": "b",
        "product_id": "c",
        "quantity": "d",
        "unit_price": "e",
    }
    lines = [f'{field} = "{title}"' for field, title in columns.items()]
    mapping.write_text(
        'table = "sales"\ndate_order = "dmy"\ndecimal = ","\n[columns]\n' + "\n".join(lines)
    )
    assert answer("import", data, "--mapping", mapping)["accepted"] == 1
    assert net_sales() == pytest.approx(3.0)
    mapping.write_text('table = "planets"')
    assert call("import", data, "--mapping", mapping).exit_code == 1


def test_quarantined_rows_say_why(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text(HEADER + GOOD + "A3,2025-04-03,P1,many,1,C1\n")
    report = answer("import", path)
    assert report["quarantined"] == 1
    assert sum(report["reasons"].values()) == 1
    number = report["import_id"]
    rows = list(csv.reader(io.StringIO(call("quarantine", number).stdout.removeprefix("\ufeff"))))
    assert len(rows) == 2
    assert "many" in rows[1]
    assert answer("quarantine", number)[0]["_row"] == 5
    out = tmp_path / "q.xlsx"
    assert call("quarantine", number, "--out", out).stdout == ""
    assert "many" in [cell.value for cell in load_workbook(out).worksheets[0][2]]
    assert call("quarantine", number, "--out", tmp_path / "q.pdf").exit_code == 1
    assert call("quarantine", 99).exit_code == 1


def test_an_undo_names_the_imports_that_leaned_on_it(sales: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text(HEADER + GOOD + "A3,2025-05-01,P1,1,1.00,C1\n", encoding="utf-8")
    first = answer("import", sales)["import_id"]
    second = answer("import", more)
    assert (second["accepted"], second["already_there"]) == (1, 3)
    undone = call("undo", first)
    assert undone.exit_code == 0
    assert f"already there: {second['import_id']}." in undone.stderr
    assert "already there" not in call("undo", second["import_id"]).stderr


def test_months_in_columns_become_rows_of_a_stated_year(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_text("Metric;Jan;Feb\nNet sales;5;6\n", encoding="utf-8")
    refused = call("import", path)
    assert refused.exit_code == 1
    assert "name no year" in refused.stderr
    report = answer("import", path, "--year", "2025")
    assert (report["table"], report["accepted"]) == ("budgets", 2)
    assert call("import", path, "--columns-as", "plain").exit_code == 1  # it lacks its month
