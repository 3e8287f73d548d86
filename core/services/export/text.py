"""CSV for people: opens right in a spreadsheet of the reader's language, never as a formula."""

import csv
import io
from collections.abc import Iterator
from datetime import date

from core.i18n import use_language
from core.models.result import ResultTable
from core.services.export.machine import plain_number
from core.services.export.rows import rows_of
from core.services.export.shown import Native, shown_columns

BOM = "\ufeff"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_text(table: ResultTable, language: str) -> str:
    """Return a table as CSV for a spreadsheet.

    French: semicolons and decimal commas; English: commas and decimal points. Both start with a
    byte-order mark. Dates are ISO, rates are fractions, differences of rates are points, unknown
    values are empty. There is no total row: rows are data.
    """
    return "".join(csv_lines(table, language))


def csv_lines(table: ResultTable, language: str) -> Iterator[str]:
    """Yield the CSV in pieces, for files too large to hold."""
    french = language == "fr"
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if french else ",", lineterminator="\r\n")
    with use_language(language):
        columns = shown_columns(table)
    buffer.write(BOM)
    writer.writerow([safe_text(column.header) for column in columns])
    for row in rows_of(table, columns, language):
        writer.writerow([_cell(value, comma=french) for value, _kind in row])
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def safe_text(text: str) -> str:
    """Return a text no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _cell(value: Native, *, comma: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, date):
        return value.isoformat()
    text = plain_number(value)
    return text.replace(".", ",") if comma else text
