"""Every format but .xlsx and .csv, and what comes packed."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableProperties
from odf.table import CoveredTableCell, Table, TableCell, TableColumn, TableRow
from odf.text import P

from tests.corpus.case import TITLES, Case, Sheet
from tests.corpus.xlsb import write_xlsb

_HEAD = "Invoice;Date;Product code;Quantity;Unit price\n"
_CSV = (_HEAD + "F1;2025-03-31;P1;2;10.5\n").encode()
_STORED = "F1|2025-03-31|P1|2|10.5"
_PRODUCTS = b"Product code;Product name;Category\nP1;Oil;Extra\n"


def _zip(members: Mapping[str, bytes]) -> Callable[[Path], None]:
    def build(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)

    return build


def _inner() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("sales.csv", _CSV)
    return held.getvalue()


def _book() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Ventes"
    for row in (TITLES, ("F1", dt.date(2025, 3, 31), "P1", 2, 10.5)):
        sheet.append(list(row))
    other = book.create_sheet("Articles")
    for row in (("Code article", "Désignation", "Famille"), ("P1", "Huile", "Extra")):
        other.append(list(row))
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _parquet(path: Path) -> None:
    moment = dt.datetime(2025, 3, 30, 23, 30, tzinfo=dt.UTC)  # the 31st in Paris
    pq.write_table(
        pa.table({
            "Invoice": pa.array(["F1", "F2"]).dictionary_encode(),
            "Date": pa.array([moment, moment], pa.timestamp("us", "UTC")),
            "Product code": pa.array([76, 3760123456789], pa.int64()),
            "Quantity": pa.array([2, None], pa.int16()),
            "Unit price": pa.array([Decimal("10.50"), Decimal("123456789012.123456")],
                                   pa.decimal128(20, 6)),
            "Tags": pa.array([["a"], []], pa.list_(pa.string())),
        }),
        path,
    )  # fmt: skip


def _xls(path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Ventes")
    day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for place, title in enumerate(TITLES):
        sheet.write(2, place, title)
    for place, cell in enumerate(("F1", dt.date(2025, 3, 31), "P1", 2, 10.5)):
        sheet.write(3, place, cell, day if place == 1 else xlwt.Style.default_style)
    sheet.write(4, 0, "Total")
    sheet.write(4, 3, 2)
    book.save(str(path))


def _ods(path: Path) -> None:
    document = OpenDocumentSpreadsheet()
    table = Table(name="Ventes")
    for cells in (TITLES, ("F1", "31/03/2025", "P1", 2, 10.5), ("Total", None, None, 2, 21)):
        row = TableRow()
        for cell in cells:
            number = isinstance(cell, (int, float))
            made = TableCell(valuetype="float", value=str(cell)) if number else TableCell()
            if isinstance(cell, str):
                made = TableCell(valuetype="string")
                made.addElement(P(text=cell))
            row.addElement(made)
        table.addElement(row)
    document.spreadsheet.addElement(table)  # type: ignore[attr-defined]
    document.save(str(path))


def _merged_ods(path: Path) -> None:
    """An invoice merged over two rows, the second of them hidden, and a hidden column."""
    document = OpenDocumentSpreadsheet()
    table = Table(name="Ventes")
    table.addElement(TableColumn(numbercolumnsrepeated="2"))
    table.addElement(TableColumn(visibility="collapse"))
    for number, cells in enumerate((TITLES, ("F1", "2025-03-31", "P1", 2, 10.5),
                                    (None, "2025-03-31", "P2", 1, 4))):  # fmt: skip
        row = TableRow(visibility="collapse") if number == 2 else TableRow()
        for cell in cells:
            spanned = {"numberrowsspanned": "2", "numbercolumnsspanned": "1"}
            if isinstance(cell, (int, float)):
                made = TableCell(valuetype="float", value=str(cell))
            elif cell is None:
                made = CoveredTableCell()
            else:
                made = TableCell(valuetype="string", **(spanned if cell == "F1" else {}))
                made.addElement(P(text=cell))
            row.addElement(made)
        table.addElement(row)
    document.spreadsheet.addElement(table)  # type: ignore[attr-defined]
    document.save(str(path))


_LYING = (TITLES, ("F1", "2025-03-31", "P1", 2, 10.5), (None, "2025-03-31", "P2", 1, 4))


def _merged_xls(path: Path) -> None:
    """The same in the old format, in a sheet that is hidden itself, beside a long text."""
    book = xlwt.Workbook()
    book.add_sheet("Notes").write(0, 0, "Exported for Lyon")
    sheet = book.add_sheet("Ventes été")
    for number, cells in enumerate(_LYING):
        for place, cell in enumerate(cells):
            if cell == "F1":
                sheet.write_merge(number, number + 1, place, place, cell)
            elif cell is not None:
                sheet.write(number, place, cell)
    sheet.row(2).hidden = 1
    sheet.col(2).hidden = 1
    sheet.visibility = 1
    book.save(str(path))


def _old_1904(path: Path) -> None:
    """Days as bare numbers, counted from 1904."""
    book = xlwt.Workbook()
    book.dates_1904 = 1
    sheet = book.add_sheet("Ventes")
    for number, cells in enumerate((TITLES, ("F1", 44285, "P1", 2, 10.5))):
        for place, cell in enumerate(cells):
            sheet.write(number, place, cell)
    book.save(str(path))


def _hidden_ods(path: Path) -> None:
    """A sheet that is hidden."""
    document = OpenDocumentSpreadsheet()
    style = Style(name="hidden", family="table")
    style.addElement(TableProperties(display="false"))
    document.automaticstyles.addElement(style)
    table = Table(name="Ventes", stylename=style)
    for cells in (TITLES, ("F1", "2025-03-31", "P1", 2, 10.5)):
        row = TableRow()
        for cell in cells:
            number = isinstance(cell, (int, float))
            made = (
                TableCell(valuetype="float", value=str(cell))
                if number
                else TableCell(valuetype="string")
            )
            if isinstance(cell, str):
                made.addElement(P(text=cell))
            row.addElement(made)
        table.addElement(row)
    document.spreadsheet.addElement(table)  # type: ignore[attr-defined]
    document.save(str(path))


def _bomb(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("sales.csv", "w") as stream,
    ):
        for _ in range(250):
            stream.write(b"0" * 1_000_000)


CASES = [
    Case(
        "a binary workbook, dates as serial numbers",
        "binary.xlsb",
        lambda path: write_xlsb(path, [TITLES, ["F1", 45747.0, "P1", 2.0, 10.5],
                                       ["F2", 45747.25, "P1", "two", 1.0]]),
        [Sheet([_STORED], name="Ventes", reasons={"not_a_number": 1},
               set_aside=[(3, "not_a_number", "two")], warnings={"missing_customer": 1})],
    ),
    Case(
        "an old workbook that begins in the third row",
        "old.xls",
        _xls,
        [Sheet([_STORED], name="Ventes", warnings={"missing_customer": 1, "total_rows": 1},
               notes=["row 5"])],
    ),
    Case(
        "an OpenDocument sheet with a French date as text",
        "libre.ods",
        _ods,
        [Sheet([_STORED], name="Ventes", warnings={"missing_customer": 1, "total_rows": 1})],
    ),
    Case(
        "an OpenDocument sheet with a merged invoice, a hidden row and a hidden column",
        "merged.ods",
        _merged_ods,
        [Sheet([_STORED, "F1|2025-03-31|P2|1|4"],
               warnings={"missing_customer": 2, "merged_cells": 1, "hidden_rows": 1,
                         "hidden_columns": 1},
               notes=["read like the others: 3", "others: Product code"])],
    ),
    Case(
        "an old workbook with a merged invoice, a hidden sheet, row and column",
        "merged.xls",
        _merged_xls,
        [Sheet([_STORED, "F1|2025-03-31|P2|1|4"], name="Ventes été",
               warnings={"missing_customer": 2, "merged_cells": 1, "hidden_rows": 1,
                         "hidden_columns": 1, "hidden_sheet": 1, "sheet_passed_over": 1},
               notes=["read like the others: 3", "others: Product code"])],
    ),
    Case(
        "a binary workbook with a merged invoice, a hidden sheet, row and column",
        "merged.xlsb",
        lambda path: write_xlsb(path, _LYING, merged=[(1, 2, 0, 0)], hidden_rows=[2],
                                hidden_columns=[2], hidden=True),
        [Sheet([_STORED, "F1|2025-03-31|P2|1|4"], name="Ventes",
               warnings={"missing_customer": 2, "merged_cells": 1, "hidden_rows": 1,
                         "hidden_columns": 1, "hidden_sheet": 1},
               notes=["read like the others: 3", "others: Product code"])],
    ),
    Case(
        "an old workbook whose days are numbers counted from 1904",
        "mac.xls",
        _old_1904,
        [Sheet([_STORED], name="Ventes", warnings={"missing_customer": 1})],
    ),
    Case(
        "a binary workbook whose days are numbers counted from 1904",
        "mac.xlsb",
        lambda path: write_xlsb(path, [TITLES, ("F1", 44285.0, "P1", 2.0, 10.5)], date_1904=True),
        [Sheet([_STORED], name="Ventes", warnings={"missing_customer": 1})],
    ),
    Case(
        "an OpenDocument sheet that is hidden",
        "hidden.ods",
        _hidden_ods,
        [Sheet([_STORED], name="Ventes", warnings={"missing_customer": 1, "hidden_sheet": 1})],
    ),
    Case(
        "Parquet with dictionaries, exact decimals, moments of another zone and lists",
        "sales.parquet",
        _parquet,
        [Sheet(["F1|2025-03-31|76|2|10.5"], name="sales", reasons={"required_missing": 1},
               set_aside=[(2, "required_missing", None)], warnings={"missing_customer": 1},
               notes=["lists or bytes were left out: Tags"])],
    ),
    Case(
        "an archive of two tables beside what a Mac leaves in it",
        "export.zip",
        _zip({"2025/sales.csv": _CSV, "__MACOSX/2025/._sales.csv": b"\0\0", "products.csv":
              _PRODUCTS, "scan.pdf": b"%PDF-1.7"}),
        [Sheet([_STORED], name="2025/sales",
               warnings={"missing_customer": 1, "sheet_passed_over": 1}),
         Sheet(["P1|Oil|Extra"], name="products", table="products",
               fields=("product_id", "name", "category"), warnings={"sheet_passed_over": 1},
               notes=["“scan.pdf” in the archive was passed over"])],
    ),
    Case(
        "an archive with a workbook of two sheets and a text file",
        "mixed.zip",
        _zip({"book.xlsx": _book(), "more.csv": _CSV.replace(b"F1", b"F9")}),
        [Sheet([_STORED], name="book › Ventes", warnings={"missing_customer": 1}),
         Sheet(["P1|Huile|Extra"], name="book › Articles", table="products",
               fields=("product_id", "name", "category")),
         Sheet(["F9|2025-03-31|P1|2|10.5"], name="more", warnings={"missing_customer": 1})],
    ),
    Case(
        "an archive of one table only",
        "one.zip",
        _zip({"sales.csv": _CSV}),
        [Sheet([_STORED], name="sales", warnings={"missing_customer": 1})],
    ),
    Case("a path out of the archive", "slip.zip", _zip({"../../etc/sales.csv": _CSV}),
         refused="file.path"),
    Case("an archive in an archive", "nested.zip", _zip({"inner.zip": _inner()}),
         refused="file.nested"),
    Case("an archive that unpacks to very much", "bomb.zip", _bomb, refused="file.bomb"),
    Case("an archive without a table", "pdf.zip", _zip({"scan.pdf": b"%PDF-1.7"}),
         refused="file.type"),
]  # fmt: skip
