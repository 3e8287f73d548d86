"""What of an incoming file is already stored, and what its lines say about products and customers.

Rows are compared set-wise over the Parquet segments, and only those whose document or key exists
already: a first import compares nothing.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.repository.staged import ROW, Incoming, bring, frequency_sql
from core.repository.visible import StoredTable

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Compared:
    """Row numbers of the incoming table: those already there, and those stored differently."""

    already_there: Rows
    changed: Rows


def _none() -> Rows:
    return np.empty(0, dtype=np.int64)


class StoredRows:
    """The visible segments of one table, compared with an incoming table of the same columns."""

    def __init__(self, stored: StoredTable, threads: int, memory_mb: int) -> None:
        """Compare with the rows of a table that count.

        Args:
            stored: the table.
            threads: for the comparison.
            memory_mb: for the comparison.
        """
        self._files = [path.as_posix() for path in stored.paths]
        self._table = stored
        self._config: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "memory_limit": f"{memory_mb}MB",
        }

    @contextmanager
    def _connection(self, incoming: Incoming) -> Generator[duckdb.DuckDBPyConnection]:
        connection = duckdb.connect(":memory:", config=self._config)
        try:
            bring(connection, "incoming", incoming)
            yield connection
        finally:
            connection.close()

    def by_document(
        self, incoming: Incoming, document: str, line: str | None, same: Sequence[str]
    ) -> Compared:
        """Compare documents as multisets of rows, and numbered lines by their number.

        Args:
            incoming: rows with their number in `_n`.
            document: column that names the document.
            line: column of the line number within it, if the table has one.
            same: columns that make two rows equal.

        Returns:
            Equal rows are already there. Of the others, numbered lines that are new and rows that
            only add to what is stored are neither; the rest is changed.
        """
        if not self._files:
            return Compared(_none(), _none())
        with self._connection(incoming) as connection:
            if not self._keep_shared(connection, [document]):
                return Compared(_none(), _none())
            self._match(connection, same)
            numbered = f"f.{line} IS NOT NULL" if line else "false"
            same_line = f"k.{line} = f.{line}" if line else "false"
            unnumbered = f"{line} IS NULL" if line else "true"
            changed = _numbers(
                connection,
                f"""
                WITH taken AS (
                    SELECT {document}, count(*) AS rows FROM matched
                    WHERE {unnumbered} GROUP BY 1
                ), held AS (
                    SELECT {document}, count(*) AS rows FROM stored
                    WHERE {unnumbered} GROUP BY 1
                ), altered AS (
                    SELECT {document} FROM held LEFT JOIN taken USING ({document})
                    WHERE held.rows > coalesce(taken.rows, 0)
                )
                SELECT f.{ROW} FROM shared f
                WHERE f.{ROW} NOT IN (SELECT {ROW} FROM matched) AND CASE WHEN {numbered}
                    THEN EXISTS (SELECT 1 FROM stored k
                        WHERE k.{document} = f.{document} AND {same_line})
                        OR f.{document} IN (SELECT {document} FROM altered)
                    ELSE f.{document} IN (SELECT {document} FROM altered) END
                """,  # noqa: S608 - columns of the schema
            )
            return Compared(_numbers(connection, "SELECT _n FROM matched"), changed)

    def whole_documents(self, incoming: pa.Table, document: str, same: Sequence[str]) -> Compared:
        """Compare documents as wholes: equal ones are there, all rows of others are changed.

        A document is equal when the file and the store hold the same rows, each as often.
        """
        if not self._files:
            return Compared(_none(), _none())
        with self._connection(incoming) as connection:
            if not self._keep_shared(connection, [document]):
                return Compared(_none(), _none())
            self._match(connection, same)
            connection.execute(
                f"""
                CREATE TEMP TABLE equal AS
                SELECT {document} FROM (SELECT {document}, count(*) AS n FROM shared GROUP BY 1)
                JOIN (SELECT {document}, count(*) AS n FROM matched GROUP BY 1) m
                    USING ({document}, n)
                JOIN (SELECT {document}, count(*) AS n FROM stored GROUP BY 1) s
                    USING ({document}, n)
                """  # noqa: S608 - columns of the schema
            )
            rows = f"SELECT {ROW} FROM shared {{}} JOIN equal USING ({document})"  # noqa: S608
            return Compared(
                _numbers(connection, rows.format("SEMI")), _numbers(connection, rows.format("ANTI"))
            )

    def by_key(self, incoming: Incoming, key: Sequence[str], same: Sequence[str]) -> Compared:
        """Compare rows that a key makes unique: equal ones are there, others changed."""
        if not self._files:
            return Compared(_none(), _none())
        with self._connection(incoming) as connection:
            if not self._keep_shared(connection, key):
                return Compared(_none(), _none())
            self._match(connection, same)
            changed = _numbers(
                connection,
                "SELECT _n FROM shared WHERE _n NOT IN (SELECT _n FROM matched)",
            )
            return Compared(_numbers(connection, "SELECT _n FROM matched"), changed)

    def by_row(self, incoming: Incoming, same: Sequence[str]) -> Compared:
        """Compare whole rows as a multiset: what is stored as often is already there."""
        if not self._files:
            return Compared(_none(), _none())
        with self._connection(incoming) as connection:
            connection.execute("CREATE TEMP VIEW shared AS SELECT * FROM incoming")
            connection.execute(f"CREATE TEMP VIEW stored AS SELECT * FROM {self._source()}")  # noqa: S608
            self._match(connection, same)
            return Compared(_numbers(connection, "SELECT _n FROM matched"), _none())

    def by_latest(self, incoming: pa.Table, key: Sequence[str], attributes: Sequence[str]) -> Rows:
        """Return the rows whose key would end with the attributes that are stored already.

        The latest stated value of each attribute counts, in the file and in the store.
        """
        if not self._files:
            return _none()
        with self._connection(incoming) as connection:
            if not self._keep_shared(connection, key):
                return _none()
            keys = ", ".join(key)
            latest = ", ".join(f'arg_max("{a}", {{order}}) AS "{a}"' for a in attributes)
            equal = " AND ".join(
                [f"(f.{a} IS NULL OR f.{a} = s.{a})" for a in attributes] or ["true"]
            )
            joined = " AND ".join(f"f.{k} IS NOT DISTINCT FROM s.{k}" for k in key)
            back = " AND ".join(f"i.{k} IS NOT DISTINCT FROM f.{k}" for k in key)
            columns = f", {latest}" if attributes else ""
            return _numbers(
                connection,
                f"""
                WITH f AS (SELECT {keys}{columns.format(order=ROW)} FROM shared GROUP BY ALL),
                s AS (SELECT {keys}{columns.format(order="_place")} FROM stored GROUP BY ALL)
                SELECT i.{ROW} FROM shared i JOIN f ON {back} JOIN s ON {joined} WHERE {equal}
                """,  # noqa: S608 - columns of the schema
            )

    def _source(self) -> str:
        return self._table.sql()

    def _keep_shared(self, connection: duckdb.DuckDBPyConnection, key: Sequence[str]) -> bool:
        """Make `shared` and `stored`: the rows on both sides whose key stands on both sides."""
        files = pa.table({"path": self._files, "age": list(range(len(self._files)))})
        connection.register("files", files)
        keys = ", ".join(key)
        equal = " AND ".join(f"a.{k} IS NOT DISTINCT FROM b.{k}" for k in key)
        connection.execute(
            f"CREATE TEMP TABLE known AS SELECT DISTINCT {keys} FROM {self._source()} a "  # noqa: S608
            f"SEMI JOIN incoming b ON {equal}"
        )
        # Read to the end: a later question would stumble over an open result.
        ((count,),) = connection.execute("SELECT count(*) FROM known").fetchall()
        if not count:
            return False
        connection.execute(
            f"CREATE TEMP TABLE shared AS SELECT a.* FROM incoming a SEMI JOIN known b ON {equal}"  # noqa: S608
        )
        connection.execute(
            "CREATE TEMP TABLE stored AS SELECT a.* EXCLUDE (filename, file_row_number), "  # noqa: S608
            "(files.age::HUGEINT << 40) + a.file_row_number AS _place "
            f"FROM {self._source()} a JOIN files ON files.path = a.filename "
            f"SEMI JOIN known b ON {equal}"
        )
        return True

    def _match(self, connection: duckdb.DuckDBPyConnection, same: Sequence[str]) -> None:
        """Make `matched`: rows of `shared` that are stored, each stored row used once."""
        columns = ", ".join(same)
        equal = " AND ".join(f"f.{c} IS NOT DISTINCT FROM s.{c}" for c in same)
        connection.execute(
            f"""
            CREATE TEMP TABLE matched AS
            WITH f AS (
                SELECT *, row_number() OVER (PARTITION BY {columns} ORDER BY {ROW}) AS again
                FROM shared
            ), s AS (
                SELECT {columns}, count(*) AS times FROM stored GROUP BY ALL
            )
            SELECT f.* EXCLUDE (again) FROM f JOIN s ON {equal} WHERE f.again <= s.times
            """  # noqa: S608 - columns of the schema
        )


def _numbers(connection: duckdb.DuckDBPyConnection, sql: str) -> Rows:
    found = np.asarray(connection.execute(sql).fetchnumpy()[ROW], dtype=np.int64)
    return np.sort(found)


def repeated_in_file(
    incoming: Incoming, key: Sequence[str], same: Sequence[str]
) -> tuple[Rows, Rows]:
    """Return later rows of a key within one file: those equal to the first, and those that differ.

    Args:
        incoming: rows with their number in `_n`; rows without a complete key are left out.
        key: columns that should be unique.
        same: columns that make two rows equal.
    """
    complete = " AND ".join(f"{k} IS NOT NULL" for k in key)
    keys = ", ".join(key)
    connection = duckdb.connect(":memory:")
    try:
        bring(connection, "incoming", incoming)
        connection.execute(
            f"CREATE TEMP TABLE twice AS SELECT {keys} FROM incoming WHERE {complete} "  # noqa: S608
            "GROUP BY ALL HAVING count(*) > 1"
        )
        found = connection.execute(
            f"""
            WITH rows AS (SELECT i.* FROM incoming i SEMI JOIN twice USING ({keys})),
            first AS (SELECT * FROM rows
                QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY {ROW}) = 1)
            SELECT r.{ROW},
                ({" AND ".join(f"r.{c} IS NOT DISTINCT FROM f.{c}" for c in same)}) AS equal
            FROM rows r JOIN first f USING ({keys}) WHERE r.{ROW} <> f.{ROW} ORDER BY 1
            """  # noqa: S608 - columns of the schema
        ).fetchnumpy()
    finally:
        connection.close()
    rows, equal = np.asarray(found[ROW], np.int64), np.asarray(found["equal"], np.bool_)
    return rows[equal], rows[~equal]


def overlap(one: StoredTable, others: StoredTable, same: Sequence[str]) -> int:
    """Return how many different rows of one part of a table also stand in another."""
    if not one or not others:
        return 0
    columns = ", ".join(same)
    with duckdb.connect(":memory:") as connection:
        found = connection.execute(
            f"SELECT count(*) FROM (SELECT {columns} FROM {one.sql()} "  # noqa: S608
            f"INTERSECT SELECT {columns} FROM {others.sql()})"
        ).fetchone()
    return int(found[0]) if found else 0


def most_frequent(lines: pa.Table, key: str, attributes: Sequence[str]) -> pa.Table:
    """Return one row per key with the most frequent non-empty value of each attribute.

    Ties go to the value that comes first in the alphabet, so that the answer never depends on
    the order of rows.

    Args:
        lines: columns `key`, the attributes and `_row`.
        key: column of the key; rows without one are left out.
        attributes: columns to summarise.
    """
    with duckdb.connect(":memory:") as connection:
        connection.register("lines", lines)
        return connection.sql(frequency_sql(key, attributes)).to_arrow_table()
