"""Every format, and tables that do not begin in the first cell."""

import datetime as dt
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from tests.unit.ingest_home import HEADERS, Desk, line, write_csv, write_xlsx

ROWS = [
    line(1, Invoice="007", Date=dt.date(2025, 3, 31)),
    line(2, Date=dt.date(2025, 4, 1), Quantity=-1, Country="EIRE"),
    line(3, **{"Date": dt.date(2025, 4, 2), "Unit price": 1234.56, "Customer": None}),
]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "home")
    yield found
    found.close()


def with_openpyxl(path: Path, rows: list[list[Any]]) -> None:
    write_xlsx(path, rows)


def with_xlsxwriter(path: Path, rows: list[list[Any]]) -> None:
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet("Ventes")
        for number, cells in enumerate([list(HEADERS), *rows]):
            for place, cell in enumerate(cells):
                sheet.write(number, place, cell)


def with_xlwt(path: Path, rows: list[list[Any]]) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Ventes")
    dated = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for number, cells in enumerate([list(HEADERS), *rows]):
        for place, cell in enumerate(cells):
            style = dated if isinstance(cell, dt.date) else xlwt.Style.default_style
            sheet.write(number, place, cell, style)
    book.save(str(path))


def with_odfpy(path: Path, rows: list[list[Any]]) -> None:
    book = OpenDocumentSpreadsheet()
    sheet = Table(name="Ventes")
    for cells in [list(HEADERS), *rows]:
        row = TableRow()
        for cell in cells:
            if isinstance(cell, dt.date):
                made = TableCell(valuetype="date", datevalue=cell.isoformat())
            elif isinstance(cell, (int, float)):
                made = TableCell(valuetype="float", value=str(cell))
            elif cell is None:
                made = TableCell()
            else:
                made = TableCell(valuetype="string")
                made.addElement(P(text=cell))
            row.addElement(made)
        sheet.addElement(row)
    book.spreadsheet.addElement(sheet)
    book.save(str(path))


def as_text(path: Path, rows: list[list[Any]], separator: str, encoding: str) -> None:
    write_csv(path, rows, separator=separator, encoding=encoding)


WRITERS: dict[str, Callable[[Path, list[list[Any]]], None]] = {
    "a.xlsx": with_openpyxl,
    "b.xlsx": with_xlsxwriter,
    "c.xls": with_xlwt,
    "d.ods": with_odfpy,
    "e.csv": lambda path, rows: as_text(path, rows, ",", "utf-8"),
    "f.csv": lambda path, rows: as_text(path, rows, ";", "utf-8-sig"),
    "g.tsv": lambda path, rows: as_text(path, rows, "\t", "utf-16"),
    "h.txt": lambda path, rows: as_text(path, rows, "|", "cp1252"),
    "wrong-ending.dat": with_openpyxl,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_rows(desk: Desk, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    WRITERS[name](path, ROWS)
    report = desk.run(path)
    assert (report.read, report.accepted, report.quarantined) == (3, 3, 0)
    found = desk.stored()
    assert [row["invoice_id"] for row in found] == ["007", "F002", "F003"]
    assert [row["date"] for row in found] == [dt.date(2025, 3, 31), dt.date(2025, 4, 1),
                                              dt.date(2025, 4, 2)]  # fmt: skip
    assert [row["quantity"] for row in found] == [2, -1, 2]
    assert [row["unit_price"] for row in found] == [10.5, 10.5, Decimal("1234.56")]
    assert [row["customer_id"] for row in found] == ["C1", "C1", None]
    assert [row["country"] for row in found] == ["FR", "IE", "FR"]
    assert [row["_row"] for row in found] == [2, 3, 4]


def test_titles_and_logos_above_blank_rows_and_columns(desk: Desk, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["C3"] = "Maison Picholine"
    sheet["C4"] = "Ventes mars 2025"
    for place, title in enumerate(HEADERS):
        sheet.cell(7, 3 + place, title)
    for number in (8, 9, 12):
        for place, cell in enumerate(line(number)):
            sheet.cell(number, 3 + place, cell)
    path = tmp_path / "logo.xlsx"
    book.save(path)
    report = desk.run(path)
    assert (report.read, report.accepted, report.warnings["blank_rows"]) == (3, 3, 2)
    assert desk.column("_row") == [8, 9, 12]


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_row_numbers_are_those_of_the_sheet(desk: Desk, tmp_path: Path, kind: str) -> None:
    """A blank first row must not shift what a person is sent to."""
    path = tmp_path / f"shifted.{kind}"
    rows: list[list[Any]] = [list(HEADERS), line(1), line(2, Quantity="two")]
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for number, cells in enumerate(rows, start=2):
            for place, cell in enumerate(cells, start=1):
                book.active.cell(number, place, cell)  # type: ignore[union-attr]
        book.save(path)
    elif kind == "xls":
        old = xlwt.Workbook()
        sheet = old.add_sheet("A")
        for number, cells in enumerate(rows, start=1):
            for place, cell in enumerate(cells):
                sheet.write(number, place, cell)
        old.save(str(path))
    else:
        document = OpenDocumentSpreadsheet()
        table = Table(name="A")
        for cells in [[], *rows]:
            row = TableRow()
            for cell in cells:
                number_type = isinstance(cell, (int, float))
                made = TableCell(valuetype="float" if number_type else "string",
                                 **({"value": str(cell)} if number_type else {}))  # fmt: skip
                made.addElement(P(text=str(cell)))
                row.addElement(made)
            table.addElement(row)
        document.spreadsheet.addElement(table)
        document.save(str(path))
    report = desk.run(path)
    assert desk.column("_row") == [3]
    assert [row["_row"] for row in desk.quarantined(report)] == [4]


def test_every_sheet_that_fits_is_imported(desk: Desk, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "Readme"
    first.append(["This workbook holds the sales of March."])
    for title, rows in (
        ("Sales", [HEADERS, line(1), line(2)]),
        ("Products", [("Product code", "Product name", "Category"), ("P1", "Oil", "Extra virgin")]),
    ):
        sheet = book.create_sheet(title)
        for cells in rows:
            sheet.append(list(cells))
    hidden = book.create_sheet("Customers")
    hidden.sheet_state = "hidden"
    for cells in (("Customer code", "Customer name", "Segment"), ("C1", "Épicerie", "Grocery")):
        hidden.append(list(cells))
    path = tmp_path / "three.xlsx"
    book.save(path)
    reports = desk.intake.run(path)
    assert [report.table for report in reports] == ["sales", "products", "customers"]
    assert "Readme" in str(reports[0].notes[-1])
    assert reports[2].warnings["hidden_sheet"] == 1
    assert desk.column("name", "products") == ["Oil"]
    assert [report.table for report in desk.intake.run(path)] == ["sales", "products", "customers"]
    assert {report.already_there for report in desk.intake.run(path)} == {2, 1}


def test_windows_1252_and_french_titles(desk: Desk, tmp_path: Path) -> None:
    headers = ["N° facture", "Date de facture", "Référence", "Quantité", "Prix unitaire HT (€)",
               "Désignation", "Pays"]  # fmt: skip
    rows = [["F1", "31/03/2025", "00123", "1,5", "1 234,56 €", "Huile « dorée » – 5 €", "Grèce"]]
    report = desk.run(write_csv(tmp_path / "f.csv", rows, headers, encoding="cp1252"))
    assert report.accepted == 1
    (row,) = desk.stored()
    assert (row["product_id"], row["quantity"], row["country"]) == ("00123", Decimal("1.5"), "GR")
    assert row["unit_price"] == Decimal("1234.56")
    assert desk.column("name", "products") == ["Huile « dorée » – 5 €"]


def test_rows_of_another_width(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "ragged.csv"
    sound = ";".join(str(cell) for cell in line(1))
    lines = [";".join(HEADERS), sound, "F002;2025-03-31;P1;2;10", f"{line(3)[0]};{sound[5:]};extra",
             "", sound.replace("F001", "F004")]  # fmt: skip
    lines = [*lines, *(sound.replace("F001", f"F1{n:03}") for n in range(500))]
    path.write_text("\n".join(lines), encoding="utf-8")
    report = desk.run(path)
    assert (report.read, report.quarantined, report.warnings["blank_rows"]) == (504, 1, 1)
    assert report.reasons == {"too_many_cells": 1}
    (row,) = desk.quarantined(report)
    assert (row["_row"], row["_value"], row["Invoice"]) == (4, "extra", "F003")
    assert desk.column("_row")[:4] == [2, 3, 6, 7]


def test_separators_line_breaks_and_quotes_inside_cells(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "quoted.csv"
    text = "sep=;\nInvoice;Date;Product code;Quantity;Unit price;Description\n"
    text += 'F1;2025-03-31;"A;1";2;3,50;"Oil ""first""\ncold"\nF2;2025-03-31;A2;1;4,00;12" tin\n'
    path.write_text(text, encoding="utf-8")
    assert desk.run(path).accepted == 2
    assert desk.column("product_id") == ["A;1", "A2"]
    names = sorted(desk.column("name", "products"))
    assert names == ['12" tin', 'Oil "first"\ncold']


def test_the_decimal_sign_follows_the_file_when_the_column_is_silent(
    desk: Desk, tmp_path: Path
) -> None:
    rows = [line(1, **{"Unit price": "1,250", "Quantity": "2"})]
    report = desk.run(write_csv(tmp_path / "a.csv", rows))
    assert report.warnings["number_style_assumed"] == 1
    assert desk.column("unit_price") == [Decimal("1.25")]
    assert "Unit price" in str(report.notes[0])


def test_readers_say_nothing_on_their_own(tmp_path: Path) -> None:
    """What a library prints is no message of ours: stderr stays clean."""
    path = tmp_path / "both.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Sales")
        sheet.write_row(0, 0, [*HEADERS, "Nothing"])
        sheet.write_row(1, 0, line(1))
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Sales!$D$2:$D$2"})
        book.add_chartsheet("Chart").set_chart(chart)
    code = (
        "from pathlib import Path; from tests.unit.ingest_home import Desk; import sys; "
        "d = Desk(Path(sys.argv[1])); d.intake.run(Path(sys.argv[2]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "home"), str(path)],
        capture_output=True, text=True, check=False, timeout=60,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("serial", [45747, 45747.35])
def test_serial_numbers_of_the_1904_calendar(desk: Desk, tmp_path: Path, serial: float) -> None:
    path = tmp_path / "mac.xlsx"
    with xlsxwriter.Workbook(path, {"date_1904": True}) as book:
        sheet = book.add_worksheet("Sales")
        sheet.write_row(0, 0, HEADERS)
        sheet.write_row(1, 0, line(1, Date=serial - 1462))
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(2, 0, line(2))
        sheet.write_datetime(2, 1, dt.date(2025, 3, 31), day)
    assert desk.run(path).accepted == 2
    assert desk.column("date") == [dt.date(2025, 3, 31)] * 2


def test_text_that_ends_in_half_a_sign_is_read_as_western(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "half.csv"
    text = ";".join(HEADERS) + "\n" + ";".join(map(str, line(1)))
    path.write_bytes(text.encode() + b"\nF2;2025-03-31;P1;2;5;C1;\xc3")
    report = desk.run(path)
    assert (report.read, report.accepted) == (2, 2)
    assert desk.column("country") == ["FR", "unknown: Ã"]
