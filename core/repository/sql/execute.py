"""Running a compiled statement: parsed once per text, answered as Arrow."""

from collections import OrderedDict
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any, TypeAlias
from warnings import filterwarnings

import duckdb
import pyarrow as pa

# A relation would spare a copy of the rows, and cost more than the whole of a small answer: it is
# bound once to learn its columns and once more to run.
filterwarnings("ignore", "Arrow output on a DB-API result makes an extra copy", UserWarning)
_KEPT_STATEMENTS = 512
Runner: TypeAlias = Callable[[str, Mapping[str, Any]], pa.Table | None]
_engine: ContextVar[Runner | None] = ContextVar("engine", default=None)
_parsed: OrderedDict[str, duckdb.Statement] = OrderedDict()
_lock = Lock()


def run(cursor: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, Any]) -> pa.Table:
    """Run one statement with its bound values; return the rows as Arrow, listed texts as texts."""
    engine = _engine.get()
    answered = engine(sql, values) if engine else None
    if answered is not None:
        return answered
    found: pa.Table = cursor.execute(_statement(cursor, sql), dict(values)).to_arrow_table()
    for place, column in enumerate(found.columns):
        if pa.types.is_dictionary(column.type):
            texts = column.cast(column.type.value_type)
            found = found.set_column(place, found.column_names[place], texts)
    return found


@contextmanager
def answered_by(engine: Runner) -> Generator[None]:
    """Let another engine answer the statements of a block; those it returns None for stay here."""
    before = _engine.set(engine)
    try:
        yield
    finally:
        _engine.reset(before)


def _statement(cursor: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    with _lock:
        found = _parsed.get(sql)
        if found is None:
            (found,) = cursor.extract_statements(sql)
            _parsed[sql] = found
            if len(_parsed) > _KEPT_STATEMENTS:
                _parsed.popitem(last=False)
    return found
