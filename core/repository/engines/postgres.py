"""Questions answered by a PostgreSQL server that holds the published lines."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import psycopg
import pyarrow as pa

from core import log
from core.errors import PicholineError
from core.i18n import msg
from core.repository.engines.dialects import translate
from core.repository.engines.publish import LINES

_BLOCK = 1 << 20
_AMOUNT = pa.decimal128(38, 6)
# Object numbers of PostgreSQL's own types are part of its protocol.
_TYPES: Mapping[int, pa.DataType] = {
    16: pa.bool_(), 20: pa.int64(), 21: pa.int64(), 23: pa.int64(), 25: pa.string(),
    701: pa.float64(), 1043: pa.string(), 1082: pa.date32(), 1700: _AMOUNT,
}  # fmt: skip


class PostgresEngine:
    """A server with one schema per published data version."""

    name = "postgresql"

    def __init__(self, url: str) -> None:
        """Connect on the first question."""
        self._url = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._idle: SimpleQueue[psycopg.Connection[Any]] = SimpleQueue()
        self._loaded: set[str] = set()

    def run(self, sql: str, values: Mapping[str, Any], lines: Path) -> pa.Table | None:
        """Answer one statement; None where PostgreSQL could not mean the same by it.

        Args:
            sql: compiled for DuckDB.
            values: by name.
            lines: the published file; loaded when the server does not have it yet.

        Raises:
            PicholineError: the server cannot be reached or refuses.
        """
        text = translate(sql, "postgres")
        if text is None:
            return None
        schema = "picholine_" + lines.parent.name.replace("-", "_")
        with self._connected() as connection:
            if schema not in self._loaded:
                _load(connection, schema, lines)
                self._loaded = {schema}
            connection.execute(f"SET search_path TO {schema}".encode())
            # Values are put in by the driver, not by the server: a grouped expression with
            # numbered parameters would not be recognised as the one that is selected.
            found = psycopg.ClientCursor(connection).execute(text.encode(), _bound(values))
            return _as_table(found)

    def close(self) -> None:
        """Close the idle connections."""
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return

    @contextmanager
    def _connected(self) -> Generator[psycopg.Connection[Any]]:
        try:
            try:
                connection = self._idle.get_nowait()
            except Empty:
                connection = psycopg.connect(self._url, autocommit=True)
            yield connection
        except psycopg.Error as error:
            log.failure("engine.postgresql")
            raise PicholineError(
                "engine.unavailable",
                msg("The server of the lines did not answer: {why}.", why=_reason(error)),
                msg("Check PICHOLINE_ENGINE_URL and the server, or set PICHOLINE_ENGINE=duckdb."),
                status=503,
            ) from error
        self._idle.put(connection)


def _bound(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with lists as the driver writes arrays; a tuple would be a row."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


def _reason(error: psycopg.Error) -> str:
    """Return why, without the address, which may hold a password."""
    return (error.diag.message_primary or type(error).__name__).strip()


def _load(connection: psycopg.Connection[Any], schema: str, lines: Path) -> None:
    """Load a published file in one transaction, unless it is there; drop the older ones."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('picholine lines'))")
        found = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'picholine\\_v%'"
        ).fetchall()
        if (schema,) in found:
            return
        connection.execute(f"CREATE SCHEMA {schema}".encode())
        _copy(connection, schema, lines)
        for (old,) in found:
            connection.execute(f"DROP SCHEMA {old} CASCADE".encode())
    connection.execute(f"ANALYZE {schema}.{LINES}".encode())


def _copy(connection: psycopg.Connection[Any], schema: str, lines: Path) -> None:
    # Both sides read and write CSV much faster than rows could pass through here.
    with TemporaryDirectory(prefix="picholine-lines-") as folder, duckdb.connect() as reader:
        names = reader.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(lines)]).fetchall()
        columns = ", ".join(f'"{name}" {_column_type(kind)}' for name, kind, *_ in names)
        connection.execute(f"CREATE TABLE {schema}.{LINES} ({columns})".encode())
        text = Path(folder) / "lines.csv"
        reader.execute(
            f"COPY (SELECT * FROM read_parquet(?)) TO '{text}' (HEADER false, NULLSTR '\\N')",  # noqa: S608
            [str(lines)],
        )
        command = f"COPY {schema}.{LINES} FROM STDIN (FORMAT csv, NULL '\\N')".encode()
        with text.open("rb") as source, connection.cursor().copy(command) as target:
            while block := source.read(_BLOCK):
                target.write(block)
    connection.execute(f"CREATE INDEX ON {schema}.{LINES} (date)".encode())


def _column_type(kind: str) -> str:
    if kind.startswith(("ENUM", "VARCHAR")):
        return 'text COLLATE "C"'  # texts compare by their bytes, as in DuckDB
    return {"DOUBLE": "double precision", "HUGEINT": "numeric", "UBIGINT": "numeric"}.get(
        kind, "integer" if kind in {"TINYINT", "UTINYINT", "USMALLINT"} else kind
    )


def _as_table(found: psycopg.Cursor[Any]) -> pa.Table:
    rows = found.fetchall()
    columns = found.description or []
    arrays = [
        pa.array([row[i] for row in rows], _TYPES[column.type_code])
        for i, column in enumerate(columns)
    ]
    return pa.table(arrays, names=[column.name for column in columns])
