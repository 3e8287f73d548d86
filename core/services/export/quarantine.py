"""Quarantined rows as a file to correct and import again: the cells as they came, and why not."""

import pyarrow as pa

from core.i18n import Message, msg
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.export.text import csv_text
from core.services.export.workbook import plain_workbook

_NAMES = {
    "_sheet": msg("Sheet"),
    "_row": msg("Row"),
    "_column": msg("Column"),
    "_value": msg("Value"),
    "_reason": msg("Reason"),
    "_remedy": msg("What to do"),
    "_code": msg("Code"),
    "_also": msg("Further reasons"),
}


def quarantine_table(rows: pa.Table) -> ResultTable:
    """Return quarantined rows as a result: texts as they came, marked reasons translated."""
    columns = tuple(
        Column(
            name,
            _NAMES.get(name, Message("{name}", {"name": name})),
            Format.INTEGER if name == "_row" else Format.CODE,
            "dimension",
            translate=name in ("_reason", "_remedy"),
        )
        for name in rows.column_names
    )
    return ResultTable(columns, rows)


def quarantine_workbook(rows: pa.Table, language: str) -> bytes:
    """Return quarantined rows as a workbook."""
    return plain_workbook((msg("Quarantined rows"), quarantine_table(rows)), language)


def quarantine_csv(rows: pa.Table, language: str) -> str:
    """Return quarantined rows as CSV for a spreadsheet."""
    return csv_text(quarantine_table(rows), language)
