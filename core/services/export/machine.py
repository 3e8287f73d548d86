"""JSON and CSV for programs: keys as headers, decimal points, ISO dates, unknown as null."""

import csv
import io
import math
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from core.i18n import DEFAULT_LANGUAGE, translate
from core.models.query import Period
from core.models.result import AnalysisResult, ResultTable


def json_value(value: Any) -> Any:
    """Return a cell as JSON knows it: numbers, ISO dates, null for unknown."""
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date):  # moments too
        return value.isoformat()
    return value


def table_as_dict(table: ResultTable) -> dict[str, Any]:
    """Return the command line's contract: columns, rows, total, caveats, data_version.

    Values marked as texts come out in the current language, as do caveats; keys never change.
    """
    columns = [column.key for column in table.columns]
    texts = {column.key for column in table.columns if column.translate}
    rows = [_row(row, columns, texts) for row in table.rows()]
    total = None if table.total is None else _row(table.total, list(table.total), texts)
    return {
        "columns": columns,
        "rows": rows,
        "total": total,
        "caveats": [str(caveat) for caveat in table.caveats],
        "data_version": table.data_version,
    }


def analysis_as_dict(
    key: str, title: str, result: AnalysisResult, tables: Collection[str] | None = None
) -> dict[str, Any]:
    """Return an analysis as JSON values: headline, notes and its tables (or some of them)."""
    return {
        "key": key,
        "title": translate(title),
        "headline": {name: json_value(value) for name, value in result.headline.items()},
        "notes": [str(note) for note in result.notes],
        "tables": {
            name: {"title": str(result.titles[name]), **table_as_dict(table)}
            for name, table in result.tables.items()
            if tables is None or name in tables
        },
        "caveats": [str(caveat) for caveat in result.caveats],
        "period": _period(result.period),
        "compared": _period(result.compared),
        "data_version": result.data_version,
    }


def _period(period: Period | None) -> dict[str, str] | None:
    if period is None:
        return None
    return {"from": period.start.isoformat(), "to": period.end.isoformat()}


def _row(row: Mapping[str, Any], keys: list[str], texts: set[str]) -> dict[str, Any]:
    return {
        key: translate(row[key]) if key in texts and row[key] else json_value(row[key])
        for key in keys
    }


def json_text(value: Any) -> str:
    """Return JSON on one line, with a line end."""
    import orjson

    return orjson.dumps(value, default=json_value, option=orjson.OPT_APPEND_NEWLINE).decode()


def csv_machine(table: ResultTable) -> str:
    """Return CSV for programs: comma, decimal point, no byte-order mark, texts in English."""
    texts = {column.key for column in table.columns if column.translate}
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([column.key for column in table.columns])
    for row in table.rows():
        writer.writerow(
            [
                translate(row[key], DEFAULT_LANGUAGE)
                if key in texts and row[key]
                else _text(row[key])
                for key in (column.key for column in table.columns)
            ]
        )
    return buffer.getvalue()


def plain_number(value: float | Decimal) -> str:
    """Return a number in full, without exponent and without trailing zeros."""
    text = format(Decimal(repr(value)) if isinstance(value, float) else Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text(value: Any) -> str:
    found = json_value(value)
    if found is None:
        return ""
    if isinstance(value, (float, Decimal)):
        return plain_number(value)
    return str(found)
