"""Small questions about rows that are stored, and rows that are not yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from core.repository.visible import StoredTable, day_sql, quoted


@dataclass(frozen=True)
class Newcomers:
    """Customers and products no stored row names; None where no row of the file names one."""

    customers: int | None
    products: int | None


def days_between(table: StoredTable) -> tuple[date | None, date | None]:
    """Return the first and the last day of a table's rows."""
    with duckdb.connect(":memory:") as connection:
        found = connection.execute(
            f"SELECT min(day), max(day) FROM (SELECT {day_sql(table.table)} AS day "  # noqa: S608
            f"FROM {table.sql()} f)"
        ).fetchone()
    return found or (None, None)


def named_in(path: Path) -> pa.Table:
    """Return the different customers and products of a segment of sales lines, each once."""
    source = f"read_parquet({quoted(path)})"
    with duckdb.connect(":memory:") as connection:
        return connection.sql(
            f"SELECT DISTINCT customer_id, NULL::VARCHAR AS product_id FROM {source} "  # noqa: S608
            f"UNION ALL SELECT DISTINCT NULL, product_id FROM {source}"
        ).to_arrow_table()


def newcomers(lines: pa.Table, stored: Mapping[str, StoredTable]) -> Newcomers:
    """Count the customers and products of sales lines that no stored row names.

    Args:
        lines: `customer_id` and `product_id` of sales lines.
        stored: the tables `sales`, `customers` and `products`.
    """
    with duckdb.connect(":memory:") as connection:
        connection.register("lines", lines)
        return Newcomers(
            _count(connection, "customer_id", stored["sales"], stored["customers"]),
            _count(connection, "product_id", stored["sales"], stored["products"]),
        )


def _count(connection: duckdb.DuckDBPyConnection, key: str, *stored: StoredTable) -> int | None:
    known = " UNION ALL ".join(
        f"SELECT {key} FROM {table.sql()}"  # noqa: S608 - our own files
        for table in stored
        if table
    )
    new = f"SELECT DISTINCT {key} FROM lines WHERE {key} IS NOT NULL"  # noqa: S608
    ((named,),) = connection.execute(f"SELECT count(*) FROM ({new})").fetchall()  # noqa: S608
    if not named or not known:
        return named or None
    ((count,),) = connection.execute(
        f"SELECT count(*) FROM ({new}) n ANTI JOIN ({known}) k USING ({key})"  # noqa: S608
    ).fetchall()
    return int(count)
