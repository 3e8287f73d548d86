"""All lines behind a number as a file: CSV in pieces, however many; a workbook up to its limit."""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import pyarrow as pa

from core.errors import PicholineError
from core.formats import format_value
from core.i18n import current_language, msg
from core.models.formats import Format
from core.models.result import ResultTable
from core.services.export.context import ExportContext
from core.services.export.machine import csv_machine
from core.services.export.sheets import MAX_ROWS
from core.services.export.text import csv_lines
from core.services.export.workbook import write_workbook

EXCEL_LINES = MAX_ROWS  # of one sheet, below the header
PAGE_EXCEL_LINES = 100_000  # of a workbook that somebody waits for: about half a minute


def csv_pieces(tables: Iterable[ResultTable], language: str) -> Iterator[str]:
    """Yield lines as CSV for a spreadsheet of the reader's language; the header stands once."""
    for place, table in enumerate(tables):
        text = "".join(csv_lines(table, language))
        yield text if place == 0 else _below_header(text)


def machine_pieces(tables: Iterable[ResultTable]) -> Iterator[str]:
    """Yield lines as CSV for programs; the header stands once."""
    for place, table in enumerate(tables):
        text = csv_machine(table)
        yield text if place == 0 else _below_header(text)


def _below_header(text: str) -> str:
    """Leave out the first record, whatever its titles hold."""
    stream = io.StringIO(text, newline="")
    next(csv.reader(stream), None)
    return stream.read()


def check_waiting(total: int) -> None:
    """Refuse a workbook that a page would keep somebody waiting for, and a server busy.

    Raises:
        PicholineError: there are too many lines; names what takes them all.
    """
    if total > PAGE_EXCEL_LINES:
        raise PicholineError(
            "lines.waiting",
            msg(
                "A workbook of {n} lines takes too long for a page, which writes up to {most}.",
                n=format_value(total, Format.INTEGER, current_language()),
                most=format_value(PAGE_EXCEL_LINES, Format.INTEGER, current_language()),
            ),
            msg(
                "Export them as CSV, narrow the filters, or write the workbook with "
                "`picholine lines --format xlsx`."
            ),
            status=413,
        )


def check_excel(total: int) -> None:
    """Refuse more lines than a sheet has rows.

    Raises:
        PicholineError: there are too many.
    """
    if total > EXCEL_LINES:
        raise PicholineError(
            "lines.excel",
            msg(
                "{n} lines do not fit an Excel sheet, which ends after {most} rows.",
                n=format_value(total, Format.INTEGER, current_language()),
                most=format_value(EXCEL_LINES + 1, Format.INTEGER, current_language()),
            ),
            msg("Export them as CSV, or narrow the filters."),
            status=413,
        )


def write_lines(
    target: Path | IO[bytes], tables: Iterable[ResultTable], total: int, context: ExportContext
) -> None:
    """Write lines as a workbook with their filters and definitions.

    Raises:
        PicholineError: there are more than a sheet has rows.
    """
    check_excel(total)
    found = list(tables)
    whole = found[0]
    data = pa.concat_tables([table.data for table in found])
    joined = ResultTable(
        columns=whole.columns, data=data, data_version=whole.data_version, period=whole.period
    )
    write_workbook(target, [(msg("Lines"), joined)], context)
