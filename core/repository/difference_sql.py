"""How a file differs from what is stored, document by document and row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from core.repository.intake_sql import ROW, StoredRows

_SAMPLE = 200


@dataclass(frozen=True)
class Differing:
    """What differs between a file and the store, among the keys that stand in both.

    Attributes:
        keys: keys in the file, such as invoices.
        stored: of them, those that are stored.
        changed: of those, the ones with other rows.
        added, altered, removed: rows that only the file has, that both have with other contents,
            and that only the store has.
        rows: the first of them: `kind`, `new` and `old` (None where there is none).
        ids: the changed keys, for tables whose key is one column.
    """

    keys: int
    stored: int
    changed: int
    added: int
    altered: int
    removed: int
    rows: tuple[dict[str, Any], ...]
    ids: pa.Array


class StoredDocuments(StoredRows):
    """The rows of a table that count, compared with a file row by row."""

    def differences(
        self, incoming: pa.Table, key: Sequence[str], pair: Sequence[str], same: Sequence[str]
    ) -> Differing | None:
        """Compare the rows of the keys that stand on both sides; None where no key does.

        Args:
            incoming: rows with their number in `_n`.
            key: what names a document.
            pair: columns that, within a document, tell which row became which; of several rows
                with the same ones the first became the first.
            same: columns that make two rows equal.
        """
        if not self._files or not incoming.num_rows:
            return None
        with self._connection(incoming) as connection:
            keys = ", ".join(key)
            if not self._keep_shared(connection, key):
                return None
            self._match(connection, same)
            self._split(connection, [*key, *pair], same)
            changed = connection.sql(
                f"SELECT DISTINCT {keys} FROM (SELECT {keys} FROM fresh "  # noqa: S608
                f"UNION ALL SELECT {keys} FROM gone) ORDER BY ALL"
            ).to_arrow_table()
            ((keys_, stored, added, altered, removed),) = connection.execute(
                f"SELECT (SELECT count(*) FROM (SELECT DISTINCT {keys} FROM incoming)), "  # noqa: S608
                "(SELECT count(*) FROM known), "
                "count(*) FILTER (gone_place IS NULL), "
                "count(*) FILTER (gone_place IS NOT NULL AND fresh_place IS NOT NULL), "
                "count(*) FILTER (fresh_place IS NULL) FROM paired"
            ).fetchall()
            rows = _sample(connection, key, pair, same)
            ids = changed[key[0]].combine_chunks() if len(key) == 1 else pa.nulls(0)
            return Differing(keys_, stored, changed.num_rows, added, altered, removed, rows, ids)

    def _split(
        self, connection: duckdb.DuckDBPyConnection, pair: Sequence[str], same: Sequence[str]
    ) -> None:
        """Make `fresh` and `gone`, the rows without an equal, and `paired`, which became which."""
        by, columns = ", ".join(pair), ", ".join(same)
        equal = " AND ".join(f"s.{c} IS NOT DISTINCT FROM t.{c}" for c in same)
        connection.execute(
            f"""
            CREATE TEMP TABLE fresh AS
            SELECT *, row_number() OVER (PARTITION BY {by} ORDER BY {ROW}) AS nth
            FROM shared WHERE {ROW} NOT IN (SELECT {ROW} FROM matched)
            """  # noqa: S608 - columns of the schema
        )
        connection.execute(
            f"""
            CREATE TEMP TABLE gone AS
            SELECT *, row_number() OVER (PARTITION BY {by} ORDER BY _place) AS nth FROM (
                SELECT s.*, row_number() OVER (PARTITION BY {_of("s", same)} ORDER BY _place)
                    AS again, t.times
                FROM stored s
                LEFT JOIN (SELECT {columns}, count(*) AS times FROM shared GROUP BY ALL) t
                    ON {equal}
            ) WHERE again > coalesce(times, 0)
            """  # noqa: S608 - columns of the schema
        )
        paired = " AND ".join(f"f.{c} IS NOT DISTINCT FROM g.{c}" for c in [*pair, "nth"])
        connection.execute(
            f"CREATE TEMP TABLE paired AS SELECT f.{ROW} AS fresh_place, g._place AS gone_place "  # noqa: S608
            f"FROM fresh f FULL JOIN gone g ON {paired}"
        )


def _of(row: str, columns: Sequence[str]) -> str:
    return ", ".join(f"{row}.{column}" for column in columns)


def _sample(
    connection: duckdb.DuckDBPyConnection,
    key: Sequence[str],
    pair: Sequence[str],
    same: Sequence[str],
) -> tuple[dict[str, Any], ...]:
    """Return the first rows that differ, ordered by their document."""
    columns = list(dict.fromkeys([*key, *pair, *same]))
    new = ", ".join(f"f.{c} AS new_{c}" for c in columns)
    old = ", ".join(f"g.{c} AS old_{c}" for c in columns)
    order = ", ".join(f"coalesce(f.{c}, g.{c})" for c in [*key, *pair])
    found = connection.sql(
        f"SELECT p.*, {new}, {old}, f._n AS place FROM paired p "  # noqa: S608 - schema columns
        f"LEFT JOIN fresh f ON f.{ROW} = p.fresh_place "
        f"LEFT JOIN gone g ON g._place = p.gone_place "
        f"ORDER BY {order}, fresh_place, gone_place LIMIT {_SAMPLE}"
    ).to_arrow_table()
    return tuple(_row(row, columns) for row in found.to_pylist())


def _row(found: dict[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    def side(name: str) -> dict[str, Any]:
        return {column: found[f"{name}_{column}"] for column in columns}

    new = side("new") if found["fresh_place"] is not None else None
    old = side("old") if found["gone_place"] is not None else None
    kind = "changed" if new and old else "added" if new else "removed"
    return {"kind": kind, "place": found["place"], "new": new, "old": old}
