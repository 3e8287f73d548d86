"""Running a compiled statement: parsed once per text, answered as Arrow."""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

import duckdb
import pyarrow as pa

_KEPT_STATEMENTS = 512
_parsed: OrderedDict[str, duckdb.Statement] = OrderedDict()
_lock = Lock()


def run(cursor: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, Any]) -> pa.Table:
    """Run one statement with its bound values; return the rows as Arrow, listed texts as texts."""
    found = cursor.sql(_statement(cursor, sql), params=dict(values)).to_arrow_table()
    for place, column in enumerate(found.columns):
        if pa.types.is_dictionary(column.type):
            texts = column.cast(column.type.value_type)
            found = found.set_column(place, found.column_names[place], texts)
    return found


def _statement(cursor: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    with _lock:
        found = _parsed.get(sql)
        if found is None:
            (found,) = cursor.extract_statements(sql)
            _parsed[sql] = found
            if len(_parsed) > _KEPT_STATEMENTS:
                _parsed.popitem(last=False)
    return found
