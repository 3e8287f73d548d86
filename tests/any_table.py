"""Any table as people lay it out, written by any writer: what the intake must read back equal."""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P

from tests.corpus.xlsb import write_xlsb

Cell = str | Decimal | dt.date | None
Grid = list[list[Cell]]
FIELDS = ("invoice_id", "date", "product_id", "quantity", "unit_price", "customer_id", "vat_rate",
          "warehouse")  # fmt: skip
TITLES = {
    "en": ("Invoice", "Date", "Product code", "Quantity", "Unit price", "Customer code",
           "VAT rate", "Warehouse"),
    "fr": ("N° facture", "Date", "Code article", "Qté", "Prix unitaire HT", "Code client",
           "Taux TVA", "Entrepôt"),
}  # fmt: skip
WORDS = {
    "en": ("Sales report", "Subtotal", "Grand total", "* prices without VAT", "Document", "Line"),
    "fr": ("Journal des ventes", "Sous-total", "Total général", "* prix hors taxes", "Document",
           "Ligne"),
}  # fmt: skip
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
_FIRST = dt.date(1899, 12, 30)  # day 0 of serial numbers


@dataclass(frozen=True)
class Locale:
    """How values are written as text.

    Attributes:
        language: of titles and months.
        thousands: between groups of three digits.
        date: a pattern of `strftime`, or `words`: 31 mars 2025.
        negative: a pattern with `{}` for the number without sign.
        sign: of the currency after (French) or before (English) prices.
        percent: rates are written as percentages, not as fractions.
    """

    language: str = "en"
    thousands: str = ""
    date: str = "%Y-%m-%d"
    negative: str = "-{}"
    sign: str = ""
    percent: bool = False

    def text(self, cell: Cell, field: str = "") -> str:
        """Return a value as it is written."""
        if isinstance(cell, dt.date):
            if self.date != "words":
                return cell.strftime(self.date)
            month = MONTHS[self.language].split()[cell.month - 1]
            return f"{cell.day} {month} {cell.year}"
        if not isinstance(cell, Decimal):
            return cell or ""
        if field == "vat_rate" and self.percent:
            percent = format((cell * 100).normalize(), "f")
            return f"{self._signs(percent)} %" if self.language == "fr" else f"{percent}%"
        number = self._signs(f"{abs(cell):,f}")
        if field == "unit_price" and self.sign:
            number = f"{number} {self.sign}" if self.language == "fr" else f"{self.sign}{number}"
        return self.negative.format(number) if cell < 0 else number

    def _signs(self, number: str) -> str:
        point = "," if self.language == "fr" else "."
        return number.replace(",", "\0").replace(".", point).replace("\0", self.thousands)


@dataclass(frozen=True)
class Layout:
    """What stands around and between the rows.

    Attributes:
        above: lines of text above the titles, a blank row after them.
        groups: a row of group titles above the titles, their cells merged where there are cells.
        left: blank columns to the left.
        gap: place of a blank column within the table; 0: none.
        blanks: rows before which a blank row stands.
        repeats: rows before which the titles are repeated.
        subtotals: rows before which the sum of those since the last one stands.
        total: the sum of all rows stands at the end.
        note: a remark stands under the table.
    """

    above: int = 0
    groups: bool = False
    left: int = 0
    gap: int = 0
    blanks: frozenset[int] = frozenset()
    repeats: frozenset[int] = frozenset()
    subtotals: frozenset[int] = frozenset()
    total: bool = False
    note: bool = False


@dataclass(frozen=True)
class Laid:
    """A sheet as it will be written: cells with the field each belongs to, and merged cells."""

    cells: Grid
    fields: tuple[str, ...]
    merged: tuple[tuple[int, int, int, int], ...] = ()


def lay_out(rows: Sequence[Sequence[Cell]], layout: Layout, language: str) -> Laid:
    """Return the sheet of a table whose columns are `FIELDS`."""
    report, sub, grand, note, document, line = WORDS[language]
    titles: list[Cell] = [*TITLES[language]]
    grid: Grid = [[f"{report} {n}" if n else report] for n in range(layout.above)]
    grid += [[]] if layout.above else []
    merged = []
    if layout.groups:
        merged = [(len(grid), len(grid), 0, 1), (len(grid), len(grid), 2, 7)]
        grid.append([document, None, line])
    grid.append(titles)
    summed = 0
    for number, row in enumerate(rows):
        if number and number in layout.subtotals:
            grid.append(_sum(rows[summed:number], sub))
            summed = number
        if number and number in layout.blanks:
            grid.append([])
        if number and number in layout.repeats:
            grid.append(titles)
        grid.append([*row])
    if layout.total:
        grid.append(_sum(rows, grand))
    if layout.note:
        grid += [[], [note]]
    fields = [*FIELDS]
    wide = [[*row, *[None] * (len(FIELDS) - len(row))] for row in grid]
    if layout.gap:
        for row in wide:
            row.insert(layout.gap, None)
        fields.insert(layout.gap, "")
    gap, left = layout.gap, layout.left
    cells: Grid = [[*[None] * left, *row] for row in wide]
    moved = tuple(
        (top, bottom, a + left + (0 < gap <= a), b + left + (0 < gap <= b))
        for top, bottom, a, b in merged
    )
    return Laid(cells, (*[""] * left, *fields), moved)


def _sum(rows: Sequence[Sequence[Cell]], label: str) -> list[Cell]:
    quantity = sum((row[3] for row in rows if isinstance(row[3], Decimal)), Decimal(0))
    return [label, None, None, quantity, None, None, None, None]


def lay_months(
    metrics: Sequence[str],
    first: dt.date,
    cells: Sequence[Sequence[Cell]],
    locale: Locale,
    *,
    year_above: bool,
    total: bool,
) -> Laid:
    """Return a plan with months as columns.

    Args:
        metrics: one for each row.
        first: month of the first column.
        cells: the plan, one row for each metric.
        locale: language of the months.
        year_above: the years stand in a row of their own above the months, each over its first.
        total: a column and a row hold the sums.
    """
    names = MONTHS[locale.language].split()
    months = [dt.date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1)
              for n in range(len(cells[0]))]  # fmt: skip
    years: list[Cell] = [
        str(m.year) if n == 0 or m.month == 1 else None for n, m in enumerate(months)
    ]
    head: list[Cell] = [names[m.month - 1] + ("" if year_above else f" {m.year}") for m in months]
    label = "Metric" if locale.language == "en" else "Indicateur"
    grid: Grid = [[None, *years], [label, *head]] if year_above else [[label, *head]]
    grid += [[name, *row] for name, row in zip(metrics, cells, strict=True)]
    if total:
        for row in grid[len(grid) - len(cells) :]:
            row.append(sum((c for c in row if isinstance(c, Decimal)), Decimal(0)))
        for row in grid[: len(grid) - len(cells)]:
            row.append("Total" if row[0] else None)
        columns = zip(*(row[1:] for row in grid[-len(cells) :]), strict=True)
        sums = [
            sum((c for c in column if isinstance(c, Decimal)), Decimal(0)) for column in columns
        ]
        grid.append(["Total", *sums])
    return Laid(grid, tuple("value" for _ in grid[0]))


@dataclass(frozen=True)
class Text:
    """How a text file is written."""

    delimiter: str = ";"
    quoting: int = csv.QUOTE_MINIMAL
    encoding: str = "utf-8"
    end: str = "\r\n"


def written(laid: Laid, locale: Locale) -> list[list[str]]:
    """Return every cell as text."""
    return [
        [locale.text(cell, field) for cell, field in zip(row, laid.fields, strict=True)]
        for row in laid.cells
    ]


def write_text(path: Path, laid: Laid, locale: Locale, form: Text) -> None:
    """Write a text table."""
    held = io.StringIO()
    writer = csv.writer(
        held, delimiter=form.delimiter, quoting=form.quoting, lineterminator=form.end  # type: ignore[arg-type]
    )  # fmt: skip
    writer.writerows(written(laid, locale))
    path.write_bytes(held.getvalue().encode(form.encoding))


def write_zip(path: Path, laid: Laid, locale: Locale, form: Text) -> None:
    """Write a text table into an archive."""
    inner = path.with_suffix(".csv")
    write_text(inner, laid, locale, form)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inner, "export/ventes.csv")


def as_texts(laid: Laid, locale: Locale) -> Laid:
    """Return the sheet with every cell as text, as exports for the eye have it."""
    texts: Grid = [[text or None for text in row] for row in written(laid, locale)]
    return replace(laid, cells=texts)


def _plain(cell: Cell) -> Any:
    return float(cell) if isinstance(cell, Decimal) else cell


def write_openpyxl(path: Path, laid: Laid) -> None:
    """Write a workbook by openpyxl."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for number, row in enumerate(laid.cells, start=1):
        for place, cell in enumerate(row, start=1):
            if cell is not None:
                sheet.cell(number, place, _plain(cell))
                if isinstance(cell, str):
                    sheet.cell(number, place).data_type = "s"
    for top, bottom, left, right in laid.merged:
        sheet.merge_cells(
            start_row=top + 1, end_row=bottom + 1, start_column=left + 1, end_column=right + 1
        )
    book.save(path)


def write_xlsxwriter(path: Path, laid: Laid) -> None:
    """Write a workbook by XlsxWriter, with formats of money and days."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Ventes")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        money = book.add_format({"num_format": '#,##0.00 "€"'})
        for number, row in enumerate(laid.cells):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell)
                elif isinstance(cell, dt.date):
                    sheet.write_datetime(number, place, cell, day)
                elif cell is not None:
                    sheet.write_number(number, place, float(cell), money)
        for top, bottom, left, right in laid.merged:
            sheet.merge_range(top, left, bottom, right, laid.cells[top][left])


def write_xls(path: Path, laid: Laid) -> None:
    """Write an old workbook by xlwt."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Ventes", cell_overwrite_ok=True)
    day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for number, row in enumerate(laid.cells):
        for place, cell in enumerate(row):
            if isinstance(cell, dt.date):
                sheet.write(number, place, cell, day)
            elif cell is not None:
                sheet.write(number, place, _plain(cell))
    for top, bottom, left, right in laid.merged:
        sheet.merge(top, bottom, left, right)
    book.save(str(path))


def write_binary(path: Path, laid: Laid) -> None:
    """Write a binary workbook; its days are numbers without a format."""
    rows = [
        [float((c - _FIRST).days) if isinstance(c, dt.date) else _plain(c) for c in row]
        for row in laid.cells
    ]
    write_xlsb(path, rows, merged=laid.merged)


def write_ods(path: Path, laid: Laid) -> None:
    """Write an OpenDocument sheet."""
    document = OpenDocumentSpreadsheet()
    table = Table(name="Ventes")
    spans = {(top, left): right - left + 1 for top, _, left, right in laid.merged}
    covered = {(top, n) for top, _, left, right in laid.merged for n in range(left + 1, right + 1)}
    for number, row in enumerate(laid.cells):
        made = TableRow()
        for place, cell in enumerate(row):
            if (number, place) in covered:
                made.addElement(CoveredTableCell())
                continue
            said: dict[str, Any] = {}
            if (span := spans.get((number, place), 1)) > 1:
                said = {"numbercolumnsspanned": span, "numberrowsspanned": 1}
            made.addElement(_ods_cell(cell, said))
        table.addElement(made)
    document.spreadsheet.addElement(table)  # type: ignore[attr-defined]
    document.save(str(path))


def _ods_cell(cell: Cell, said: dict[str, Any]) -> Any:
    if cell is None:
        return TableCell(**said)
    if isinstance(cell, Decimal):
        return TableCell(valuetype="float", value=str(cell), **said)
    if isinstance(cell, dt.date):
        return TableCell(valuetype="date", datevalue=cell.isoformat(), **said)
    found = TableCell(valuetype="string", **said)
    found.addElement(P(text=cell))
    return found


def _columns(laid: Laid) -> dict[str, list[Any]]:
    titles, *rows = laid.cells
    return {
        str(title): [row[place] for row in rows]
        for place, title in enumerate(titles)
        if title is not None
    }


def write_parquet(path: Path, laid: Laid) -> None:
    """Write exact decimals and days."""
    pq.write_table(pa.table(_columns(laid)), path)


def write_polars(path: Path, laid: Laid) -> None:
    """Write binary fractions and days."""
    pl.DataFrame({t: [_plain(c) for c in cells] for t, cells in _columns(laid).items()},
                 strict=False).write_parquet(path)  # fmt: skip


def write_pandas(path: Path, laid: Laid) -> None:
    """Write a workbook out of a frame."""
    frame = pd.DataFrame({t: [_plain(c) for c in cells] for t, cells in _columns(laid).items()})
    frame.to_excel(path, index=False, sheet_name="Ventes")


BOOKS: dict[str, tuple[str, Callable[[Path, Laid], None]]] = {
    "openpyxl": (".xlsx", write_openpyxl),
    "xlsxwriter": (".xlsx", write_xlsxwriter),
    "xls": (".xls", write_xls),
    "xlsb": (".xlsb", write_binary),
    "ods": (".ods", write_ods),
}
FRAMES: dict[str, tuple[str, Callable[[Path, Laid], None]]] = {
    "parquet": (".parquet", write_parquet),
    "polars": (".parquet", write_polars),
    "pandas": (".xlsx", write_pandas),
}
