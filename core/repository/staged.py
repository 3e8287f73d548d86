"""Rows on their way into a table: a written segment nothing refers to yet, asked where it lies.

What a sheet of ordinary size answers from memory, a large file answers from its segment.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.models.schema import TABLES
from core.repository.visible import day_sql, quoted

ROW = "_n"
_BATCH = 122_880
Rows = NDArray[np.int64]
Span = tuple[str, tuple[str, ...]]  # a column of values, and those that make the groups
SPAN = ("n", "low", "high")


@dataclass(frozen=True)
class Staged:
    """The rows of a segment, without some of them.

    Attributes:
        table: key of the business schema.
        path: of the segment; it has every column of the table, and the number of each row.
        rows: how many there are, without those that are gone.
        filled: columns with a value in some row.
        given: columns the file has.
        spill: folder for what does not fit into the memory allowed.
        threads, memory_mb: for questions.
        gone: numbers of rows that are left out, ascending.
        spans: groups with the count, smallest and largest of their values, maybe of more rows.
        besides, twice: numbers of all rows that may equal another in every column but some; None
            where they were not looked for.
    """

    table: str
    path: Path
    rows: int
    filled: frozenset[str]
    given: tuple[str, ...]
    spill: Path
    threads: int
    memory_mb: int
    gone: Rows = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    spans: Mapping[Span, pa.Table] = field(default_factory=dict)
    besides: frozenset[str] | None = None
    twice: Rows = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return self.rows

    @property
    def column_names(self) -> list[str]:
        """Columns that are asked, and that of the number."""
        return [*self.given, ROW]

    def without(self, gone: Rows) -> "Staged":
        """Return the rows without those of these numbers."""
        fewer = np.union1d(self.gone, gone)
        left = self.rows - (len(fewer) - len(self.gone))
        return replace(self, gone=fewer, rows=left)

    def whole(self) -> "Staged":
        """Return the rows with every column of their table."""
        return replace(self, given=tuple(f.key for f in TABLES[self.table].fields))

    def bring(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        """Make a view of the columns that are asked; the number of a row is `_n`."""
        self.limit(connection)
        columns = ", ".join(f'"{column}"' for column in self.given)
        source = f"SELECT {columns}, _row AS {ROW} FROM read_parquet({quoted(self.path)})"  # noqa: S608
        if len(self.gone):
            connection.execute(f"CREATE TEMP TABLE {name}_gone ({ROW} BIGINT)")
            connection.register(f"{name}_numbers", pa.table({ROW: self.gone}))
            connection.execute(f"INSERT INTO {name}_gone FROM {name}_numbers")
            source = f"FROM ({source}) ANTI JOIN {name}_gone USING ({ROW})"
        connection.execute(f"CREATE TEMP VIEW {name} AS {source}")

    def limit(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Let a connection take as much memory as is allowed, and no more."""
        connection.execute(f"SET temp_directory = {quoted(self.spill)}")
        connection.execute(f"SET memory_limit = '{self.memory_mb}MB'")
        connection.execute(f"SET threads = {self.threads}")

    def batches(self) -> Generator[pa.Table]:
        """Return the rows part by part, in their order."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(_BATCH):
                part = pa.Table.from_batches([batch])
                kept = ~np.isin(part["_row"].to_numpy(), self.gone)
                yield part if kept.all() else part.filter(pa.array(kept))

    def days(self) -> pa.Array:
        """Return the different days the rows belong to."""
        with duckdb.connect(":memory:") as connection:
            self.whole().bring(connection, "f")
            found = connection.sql(f"SELECT DISTINCT {day_sql(self.table)} AS day FROM f")  # noqa: S608
            return found.to_arrow_table()["day"].combine_chunks()

    def within(self, first: date, last: date) -> int:
        """Return how many rows belong to a day of a period, both ends included."""
        with duckdb.connect(":memory:") as connection:
            self.whole().bring(connection, "f")
            day = day_sql(self.table)
            found = connection.execute(
                f"SELECT count(*) FROM f WHERE {day} BETWEEN ? AND ?",  # noqa: S608
                [first, last],
            ).fetchone()
        return int(found[0]) if found else 0

    def repeats(self, key: Sequence[str]) -> int:
        """Return how many rows share their complete key with an earlier one."""
        keys = ", ".join(key)
        complete = " AND ".join(f"{k} IS NOT NULL" for k in key)
        with duckdb.connect(":memory:") as connection:
            self.whole().bring(connection, "f")
            found = connection.execute(
                f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM f "  # noqa: S608
                f"WHERE {complete} GROUP BY {keys})"
            ).fetchone()
        return int(found[0]) if found else 0


Incoming = pa.Table | Staged


def bring(connection: duckdb.DuckDBPyConnection, name: str, rows: Incoming) -> None:
    """Let a connection ask incoming rows under a name."""
    if isinstance(rows, Staged):
        rows.bring(connection, name)
    else:
        connection.register(name, rows)


def is_filled(rows: Incoming, column: str) -> bool:
    """Return whether a column of incoming rows holds any value."""
    if isinstance(rows, Staged):
        return column in rows.filled
    return rows[column].null_count < rows.num_rows


def frequency_sql(key: str, attributes: Sequence[str], times: str = "count(*)") -> str:
    """Return the question `most_frequent` asks of a relation `lines`; `times` counts them."""
    parts = "".join(
        f""" LEFT JOIN (
            SELECT {key}, "{a}" FROM (
                SELECT {key}, "{a}", {times} AS times FROM lines
                WHERE "{a}" IS NOT NULL AND {key} IS NOT NULL GROUP BY ALL)
            QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY times DESC, "{a}") = 1
        ) USING ({key})"""  # noqa: S608 - columns of the schema
        for a in attributes
    )
    chosen = ", ".join([key, *(f'"{a}"' for a in attributes), "_row"])
    return (
        f"SELECT {chosen} FROM (SELECT {key}, min(_row) AS _row FROM lines "  # noqa: S608
        f"WHERE {key} IS NOT NULL GROUP BY 1){parts} ORDER BY {key}"
    )


@dataclass(frozen=True)
class Summary:
    """A column in short: cells without a value, different values, the smallest and largest."""

    missing: int
    distinct: int
    low: Any
    high: Any


def summaries(staged: Staged, seen: Path) -> dict[str, Summary]:
    """Return every column of a file in short, by name.

    Args:
        staged: tells how much memory may be used.
        seen: the file.
    """
    found: dict[str, Summary] = {}
    with duckdb.connect(":memory:") as connection:
        staged.limit(connection)
        source = f"read_parquet({quoted(seen)})"
        for name, *_ in connection.execute(f"DESCRIBE FROM {source}").fetchall():
            row = connection.execute(
                f'SELECT count(*) - count("{name}"), count(DISTINCT "{name}"), min("{name}"), '  # noqa: S608
                f'max("{name}") FROM {source}'
            ).fetchone()
            if row:
                found[name] = Summary(*row)
    return found


def valueless(seen: Path, column: str, rows: Rows) -> int:
    """Return how many of some rows have no value in a column of a file with `_row`."""
    with duckdb.connect(":memory:") as connection:
        connection.register("asked", pa.table({"_row": rows}))
        found = connection.execute(
            f"SELECT count(*) FROM read_parquet({quoted(seen)}) SEMI JOIN asked USING (_row) "  # noqa: S608
            f'WHERE "{column}" IS NULL'
        ).fetchone()
    return int(found[0]) if found else 0
