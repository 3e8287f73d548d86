"""Texts of roll-ups as numbers of a list: groups and filters on them compare small integers."""

from collections.abc import Mapping, Sequence

import duckdb

from core.models.catalogue import THEN

# Columns whose values repeat; a list of more values than this would slow down opening a file.
_COLUMNS = (
    "country", "channel", "segment", "category", "subcategory", "supplier_id", "supplier_name",
    "product_id", "product_name", "brand", "grade", "origin", "line_kind", "customer_id",
    "customer_name", "rfm_segment", *THEN,
)  # fmt: skip
_MOST_VALUES = 20_000
_PREFIX = "text_"


def create_types(
    connection: duckdb.DuckDBPyConnection, known: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Create one list type for each text column of `lines` with few values; return their names.

    Args:
        connection: of a file with `lines`.
        known: values that come first, by column: files whose lists are equal compare numbers even
            where they are read together.
    """
    found: dict[str, str] = {}
    there = {row[0] for row in connection.execute("DESCRIBE lines").fetchall()}
    for column in _COLUMNS:
        if column in THEN and column not in there:
            continue
        origin = "buyer_segment" if column == "rfm_segment" else "lines"
        rows = connection.execute(
            f"SELECT DISTINCT {column} FROM {origin} WHERE {column} IS NOT NULL"  # noqa: S608
        ).fetchall()
        first = known.get(column, ())
        values = [*first, *sorted({text for (text,) in rows} - {*first})]
        if not values or len(values) > _MOST_VALUES:
            continue
        name = f"{_PREFIX}{column}"
        texts = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
        connection.execute(f"CREATE TYPE {name} AS ENUM ({texts})")
        found[column] = name
    return found


def text_values(
    connection: duckdb.DuckDBPyConnection, database: str | None = None
) -> dict[str, list[str]]:
    """Return the values of the list types of a file, by column.

    Args:
        connection: of that file, or of another one it is attached to.
        database: its name there; None for the connection's own file.
    """
    rows = connection.execute(
        "SELECT type_name, labels FROM duckdb_types() WHERE starts_with(type_name, $prefix) "
        "AND database_name = coalesce($database, current_database())",
        {"prefix": _PREFIX, "database": database},
    ).fetchall()
    return {name.removeprefix(_PREFIX): labels for name, labels in rows}


def value_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the number of values of each list type, by column."""
    return {column: len(values) for column, values in text_values(connection).items()}
