"""Questions answered by ClickHouse, embedded, which reads the published lines in place."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow as pa

from core import log
from core.errors import PicholineError
from core.i18n import msg
from core.repository.engines.dialects import translate
from core.repository.engines.publish import LINES

# What other databases do anyway: NULL keys in grouping sets, sums of nothing unknown, names of
# columns before names of results.
_SETTINGS = (
    "group_by_use_nulls = 1",
    "aggregate_functions_null_for_empty = 0",
    "prefer_column_name_to_alias = 1",
    "enable_extended_results_for_datetime_functions = 1",
    "output_format_arrow_string_as_string = 1",
    "schema_inference_make_columns_nullable = 1",
)
_PLACE = re.compile(r"\{(\w+): \}")


class ClickhouseEngine:
    """One embedded ClickHouse per process, as its library allows."""

    name = "clickhouse"

    def __init__(self) -> None:
        """Load the library on the first question."""
        self._lock = Lock()
        self._connection: Any = None
        self._view: Path | None = None

    def run(self, sql: str, values: Mapping[str, Any], lines: Path) -> pa.Table | None:
        """Answer one statement; None where ClickHouse could not mean the same by it.

        Args:
            sql: compiled for DuckDB.
            values: by name.
            lines: the published file.

        Raises:
            PicholineError: the library is missing, or ClickHouse refuses.
        """
        text = translate(sql, "clickhouse")
        if text is None:
            return None
        bound = _PLACE.sub(lambda place: _literal(values[place[1]]), text)
        with self._lock:
            try:
                return _as_table(self._opened(lines).query(bound, "ArrowTable"))
            except RuntimeError as error:
                log.failure("engine.clickhouse")
                raise PicholineError(
                    "engine.unavailable",
                    msg("ClickHouse did not answer: {why}.", why=str(error).splitlines()[0]),
                    msg("Set PICHOLINE_ENGINE=duckdb and report this."),
                    status=503,
                ) from error

    def close(self) -> None:
        """Release the library's connection."""
        with self._lock:
            connection, self._connection, self._view = self._connection, None, None
            if connection is not None:
                connection.close()

    def _opened(self, lines: Path) -> Any:
        if self._connection is None:
            self._connection = _connect()
            for setting in _SETTINGS:
                self._connection.query(f"SET {setting}")
        if self._view != lines:
            path = _literal(lines.as_posix())
            self._connection.query(
                f"CREATE OR REPLACE VIEW {LINES} AS SELECT * FROM file({path}, 'Parquet')"  # noqa: S608
            )
            self._view = lines
        return self._connection


def _connect() -> Any:
    try:
        import chdb
    except ImportError as error:
        raise PicholineError(
            "engine.missing",
            msg("ClickHouse is not installed."),
            msg("Install it with pip install 'picholine[engines]'."),
            status=503,
        ) from error
    return chdb.connect(":memory:")


def _literal(value: Any) -> str:
    """Return a value as ClickHouse writes it."""
    if isinstance(value, bool) or value is None:
        return "NULL" if value is None else str(int(value))
    if isinstance(value, str):
        text = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{text}'"
    if isinstance(value, date):
        return f"toDate32('{value.isoformat()}')"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_literal(item) for item in value)}]"
    return repr(value)


def _as_table(found: pa.Table) -> pa.Table:
    """Return the columns with the types DuckDB gives them."""
    columns = []
    for column in found.columns:
        kind = column.type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        if pa.types.is_binary(kind) or pa.types.is_large_string(kind):
            kind = pa.string()
        elif pa.types.is_integer(kind):
            kind = pa.int64()
        elif pa.types.is_decimal(kind):
            kind = pa.decimal128(38, 6)
        columns.append(column.cast(kind))
    return pa.table(columns, names=found.column_names)
