"""Workbooks: native numbers and dates, a frozen and filtered header, what the numbers mean."""

import io
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from core.i18n import Message, msg, use_language
from core.models.formats import Format
from core.models.result import ResultTable
from core.services.export.context import ExportContext
from core.services.export.definitions import write_definitions
from core.services.export.rows import Cell, rows_of
from core.services.export.sheets import (
    MAX_ROWS,
    MAX_TEXT,
    SheetNames,
    cut_text,
    number_format,
    width,
)
from core.services.export.shown import Shown, shown_columns, total_values

Sheet = tuple[Message | str, ResultTable]
_STREAMED_FROM_ROWS = 20_000  # beyond, rows go to a temporary file instead of memory
_SAMPLED_ROWS = 200
_NO_CURRENCY = "XXX"
_FIRST_DAY = date(1900, 3, 1)  # before, spreadsheets count a 29 February that never was


def workbook(sheets: Sequence[Sheet], context: ExportContext) -> bytes:
    """Return a workbook of titled tables, with filters and definitions on a sheet of their own."""
    buffer = io.BytesIO()
    write_workbook(buffer, sheets, context)
    return buffer.getvalue()


def write_workbook(
    target: Path | IO[bytes],
    sheets: Sequence[Sheet],
    context: ExportContext,
    *,
    sheet_rows: int = MAX_ROWS,
) -> None:
    """Write a workbook to a file.

    Rates are shares formatted as percent, differences of rates are counted in points, unknown
    values are empty cells, texts are never formulas. Rows beyond `sheet_rows` go on on further
    sheets and texts beyond 32,767 characters are cut; the last sheet says so.

    Args:
        target: a path or a binary file.
        sheets: (title, table) pairs, one sheet each.
        context: filters, period, language and currency.
        sheet_rows: rows a sheet holds below its header.
    """
    with use_language(context.language), _open(target, sheets) as book:
        writer = _Writer(book, context.language, context.base_currency, sheet_rows)
        for title, table in sheets:
            writer.add(str(title), table)
        name = writer.names.take(str(msg("Filters and definitions")))
        write_definitions(book, name, [t for _title, t in sheets], context, writer.notes)


def plain_workbook(sheet: Sheet, language: str) -> bytes:
    """Return a workbook of one table of texts, which needs no definitions."""
    buffer = io.BytesIO()
    title, table = sheet
    with use_language(language), _open(buffer, [sheet]) as book:
        _Writer(book, language, _NO_CURRENCY, MAX_ROWS).add(str(title), table)
    return buffer.getvalue()


def _open(target: Path | IO[bytes], sheets: Sequence[Sheet]) -> Any:
    """Return an open workbook; the end of a `with` block writes it."""
    from xlsxwriter import Workbook

    rows = sum(table.data.num_rows for _title, table in sheets)
    return Workbook(target, {"constant_memory": rows > _STREAMED_FROM_ROWS})


class _Writer:
    """Adds tables to an open workbook."""

    def __init__(self, book: Any, language: str, currency: str, sheet_rows: int) -> None:
        self.names = SheetNames()
        self.notes: list[Message] = []
        self._book = book
        self._language = language
        self._currency = currency
        self._sheet_rows = sheet_rows
        self._header = book.add_format(
            {"bold": True, "bg_color": "#EEF1E6", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self._formats: dict[tuple[Format, bool], Any] = {}

    def add(self, title: str, table: ResultTable) -> None:
        """Write one table, on as many sheets as its rows need."""
        columns = shown_columns(table)
        total = total_values(table, columns)
        capacity = self._sheet_rows - (total is not None)
        rows = rows_of(table, columns, self._language)
        sample = list(islice(rows, _SAMPLED_ROWS))
        rows = chain(sample, rows)
        left, parts = table.data.num_rows, 0
        widths = [width(c.header, (row[i] for row in sample)) for i, c in enumerate(columns)]
        while parts == 0 or left > 0:
            sheet = self._start_sheet(title, columns, widths)
            used = self._write_rows(sheet, islice(rows, capacity))
            left, parts = left - used, parts + 1
            sheet.autofilter(0, 0, max(used, 1), len(columns) - 1)
            if left <= 0 and total is not None:
                kinds = [column.kind for column in columns]
                cells = list(zip(total, kinds, strict=True))
                self._write_row(sheet, used + 1, cells, total=True)
        if parts > 1:
            self.notes.append(
                msg(
                    "“{title}” has {rows} rows and continues on {parts} sheets.",
                    title=title,
                    rows=table.data.num_rows,
                    parts=parts,
                )
            )

    def _start_sheet(self, title: str, columns: Sequence[Shown], widths: Sequence[int]) -> Any:
        sheet = self._book.add_worksheet(self.names.take(title))
        for i, wide in enumerate(widths):
            sheet.set_column(i, i, wide)
        sheet.freeze_panes(1, 0)
        for i, column in enumerate(columns):
            sheet.write_string(0, i, column.header, self._header)
        return sheet

    def _write_rows(self, sheet: Any, rows: Iterator[list[Cell]]) -> int:
        used = 0
        for used, row in enumerate(rows, start=1):
            self._write_row(sheet, used, row)
        return used

    def _write_row(self, sheet: Any, at: int, row: list[Cell], *, total: bool = False) -> None:
        for i, (value, kind) in enumerate(row):
            style = self._format(kind, total=total)
            if value is None:
                if total:
                    sheet.write_blank(at, i, None, style)
            elif isinstance(value, str):
                sheet.write_string(at, i, self._fitting(value), style)
            elif isinstance(value, date):
                if value < _FIRST_DAY:
                    sheet.write_string(at, i, value.isoformat(), style)
                else:
                    sheet.write_datetime(at, i, value, style)
            else:
                sheet.write_number(at, i, float(value), style)

    def _fitting(self, text: str) -> str:
        cut = cut_text(text, MAX_TEXT)
        note = msg("Texts longer than {n} characters were cut.", n=MAX_TEXT)
        if len(cut) < len(text) and note not in self.notes:
            self.notes.append(note)
        return cut

    def _format(self, kind: Format, *, total: bool) -> Any:
        key = (kind, total)
        if key not in self._formats:
            pattern = number_format(kind, self._language, self._currency)
            look = {"num_format": pattern}
            if total:
                look |= {"bold": True, "top": 1}
            self._formats[key] = self._book.add_format(look)
        return self._formats[key]
