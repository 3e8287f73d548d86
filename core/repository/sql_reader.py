"""Rows of another database as a Parquet file: read-only, streamed, every value exact.

The rows pass through a file of texts first, since a column's type is known only when the last row
has been seen: a column of whole numbers may hold a price at its end.
"""

import os
import re
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import ipc
from sqlalchemy import URL, Connection, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from core.errors import PicholineError
from core.i18n import msg
from core.repository.sql_statement import bare_select

_BATCH = 10_000
_FROM_ENVIRONMENT = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
_SECRET = re.compile(r"pass|pwd|secret|token|key", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"(pwd|password)\s*=", re.IGNORECASE)
_DECIMAL = pa.decimal128(38, 9)
_TYPES = {
    "bool": pa.bool_(),
    "int": pa.int64(),
    "number": _DECIMAL,
    "date": pa.date32(),
    "moment": pa.timestamp("us"),
}
_PLACES = Decimal("0.000000001")
_LARGEST_INTEGER = 1 << 62
_LARGEST_NUMBER = Decimal(10) ** 28
_CONNECT_SECONDS = 15


def check_address(address: str) -> None:
    """Refuse an address that cannot be used, or that holds a password.

    Raises:
        PicholineError: it is no SQLAlchemy address, or holds a secret that would be stored.
    """
    if _FROM_ENVIRONMENT.fullmatch(address):
        return
    url = _parsed(address)
    secret = url.password or any(_SECRET.search(name) for name in url.query)
    if secret or _SECRET_VALUE.search(str(url.query)):
        raise PicholineError(
            "source.password",
            msg("The address holds a password, which Picholine does not store."),
            msg("Put the address into an environment variable and write env:NAME instead."),
        )


def check_query(query: str) -> str:
    """Return a query without its closing semicolon.

    Raises:
        PicholineError: it is not one single SELECT.
    """
    found = bare_select(query)
    if found is None:
        raise PicholineError(
            "source.query",
            msg("The query is not one single SELECT."),
            msg("Write one statement that begins with SELECT or WITH and changes nothing."),
        )
    return found


def read_query(
    address: str,
    query: str,
    target: Path,
    told: Callable[[int], object],
    most: int | None = None,
) -> int:
    """Write the rows of a query to a Parquet file; return how many.

    Args:
        address: an SQLAlchemy address, or `env:NAME` for one in an environment variable.
        query: one SELECT.
        target: the file to write; nothing is left of it when this fails.
        told: called with the number of rows after every batch.
        most: rows after which it stops; None: all.

    Raises:
        PicholineError: the database cannot be reached, or the query fails.
    """
    statement = check_query(query)
    url = _resolved(address)
    spool = target.with_name(f"{uuid4().hex}.part")
    try:
        with _connected(url) as connection:
            result = connection.execution_options(stream_results=True, yield_per=_BATCH).execute(
                text(statement.replace(":", "\\:"))
            )
            names = _distinct(list(result.keys()))
            batches = result.partitions(_BATCH) if most is None else [result.fetchmany(most)]
            kinds, rows = _spool(names, batches, spool, told)
        _settle(names, kinds, spool, target)
    except SQLAlchemyError as error:
        raise _failed(error, url) from error
    finally:
        spool.unlink(missing_ok=True)
    return rows


@contextmanager
def _connected(url: URL) -> Generator[Connection]:
    """Connect for reading; whatever happened is rolled back."""
    try:
        engine = create_engine(url, poolclass=NullPool, **_options(url))
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise PicholineError(
            "source.driver",
            msg("The driver for {name} is not installed.", name=url.drivername),
            msg("Install its Python package beside Picholine, as SQLAlchemy's manual names it."),
        ) from error
    try:
        with engine.connect() as opened:
            connection = opened
            if url.get_backend_name() == "postgresql":
                connection = connection.execution_options(postgresql_readonly=True)
            if url.get_backend_name() == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only = ON")
            try:
                yield connection
            finally:
                connection.rollback()
    finally:
        engine.dispose()


def _options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "postgresql":
        return {"connect_args": {"connect_timeout": _CONNECT_SECONDS}}
    return {}


def _resolved(address: str) -> URL:
    """Return the address to connect to: from the environment, with our driver, read-only."""
    if found := _FROM_ENVIRONMENT.fullmatch(address):
        stated = os.environ.get(found[1], "")
        if not stated:
            raise PicholineError(
                "source.environment",
                msg("The environment variable {name} is not set.", name=found[1]),
                msg("Set it for the program that runs the worker, and start it again."),
            )
        url = _parsed(stated)
    else:
        url = _parsed(address)
    if url.drivername == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        if not url.database or not path.is_file():
            raise PicholineError(
                "source.missing",
                msg("There is no database file {name}.", name=path.name or "–"),
                msg("Check the address: sqlite:////full/path/of/the/file.db"),
            )
        name = quote(path.absolute().as_posix())
        return url.set(database=f"file:{name}", query={"mode": "ro", "uri": "true"})
    return url


def _parsed(address: str) -> URL:
    try:
        return make_url(address)
    except (ArgumentError, ValueError) as error:
        raise PicholineError(
            "source.address",
            msg("The address of the database cannot be read."),
            msg("Write it as SQLAlchemy does, for example postgresql://reader@host/shop."),
        ) from error


def _failed(error: SQLAlchemyError, url: URL) -> PicholineError:
    """Return the driver's own first line, without the password should it hold one."""
    cause = str(getattr(error, "orig", None) or error).strip()
    why = cause.splitlines()[0] if cause else type(error).__name__
    stated = [str(value) for name, value in url.query.items() if _SECRET.search(name)]
    for secret in (url.password, *stated):
        why = why.replace(str(secret), "***") if secret else why
    return PicholineError(
        "source.failed",
        msg("The database did not answer the query: {why}", why=why),
        msg("Check that it runs, that the user may read the tables, and the query itself."),
    )


def _spool(
    names: Sequence[str],
    batches: Iterable[Sequence[Sequence[Any]]],
    spool: Path,
    told: Callable[[int], object],
) -> tuple[list[set[str]], int]:
    """Write the rows as texts; return the kinds of values each column holds, and the rows."""
    kinds: list[set[str]] = [set() for _name in names]
    schema = pa.schema([(name, pa.string()) for name in names])
    rows = 0
    with ipc.new_file(str(spool), schema) as writer:
        for batch in batches:
            columns = []
            for place in range(len(names)):
                texts = [_as_text(row[place], kinds[place]) for row in batch]
                columns.append(pa.array(texts, pa.string()))
            writer.write_batch(pa.record_batch(columns, schema=schema))
            rows += len(batch)
            told(rows)
    return kinds, rows


def _as_text(value: Any, kinds: set[str]) -> str | None:  # noqa: PLR0911 - one kind after the other
    """Return a value as the text its kind is read from again; note the kind."""
    if value is None:
        return None
    if isinstance(value, bool):
        kinds.add("bool")
        return "true" if value else "false"
    if isinstance(value, int):
        kinds.add("int" if abs(value) < _LARGEST_INTEGER else "text")
        return str(value)
    if isinstance(value, (Decimal, float)):
        return _number(value, kinds)
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=None)
        kinds.add("moment" if value.tzinfo is None else "text")
        return (moment if value.tzinfo is None else value).isoformat(sep="T")
    if isinstance(value, date):
        kinds.add("date")
        return value.isoformat()
    kinds.add("text")
    return value.hex() if isinstance(value, (bytes, memoryview)) else str(value)


def _number(value: Decimal | float, kinds: set[str]) -> str | None:
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not number.is_finite():
        return None
    if abs(number) >= _LARGEST_NUMBER:
        kinds.add("text")
        return format(number, "f")
    kinds.add("number")
    return format(number.quantize(_PLACES), "f")


def _settle(names: Sequence[str], kinds: Sequence[set[str]], spool: Path, target: Path) -> None:
    """Write the spooled texts as the types that fit every value of their column."""
    types = [_type(found) for found in kinds]
    schema = pa.schema(list(zip(names, types, strict=True)))
    try:
        with ipc.open_file(str(spool)) as reader, pq.ParquetWriter(target, schema) as writer:
            for place in range(reader.num_record_batches):
                batch = reader.get_batch(place)
                columns = [
                    column.cast(kind) for column, kind in zip(batch.columns, types, strict=True)
                ]
                writer.write_batch(pa.record_batch(columns, schema=schema))
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _type(kinds: set[str]) -> pa.DataType:
    if len(kinds) == 1:
        return _TYPES.get(next(iter(kinds)), pa.string())
    if kinds == {"int", "number"}:
        return _DECIMAL
    return _TYPES["moment"] if kinds == {"date", "moment"} else pa.string()


def _distinct(names: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
