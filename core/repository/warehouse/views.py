"""Several warehouse files read as one: a base and what was added to it since.

A question names `lines` or a roll-up and never sees how many files stand behind it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from core.models.catalogue import THEN
from core.repository.warehouse.info import Rollup

Kind = Literal["union", "last", "latest"]
SEGMENTED = "_segmented"  # the same rows with each customer's segment beside them

# How the parts of a table in several files make the whole: rows of all of them; the newest file
# that has the table; or, row by row, the newest file that has the key.
PARTS: dict[str, tuple[Kind, tuple[str, ...]]] = {
    "sold": ("union", ()),
    "stored_orders": ("union", ()),
    "stored_customers": ("union", ()),
    "stored_products": ("union", ()),
    "stock_event": ("union", ()),
    "invested": ("last", ()),
    "inventory": ("last", ()),
    "stock_receipts": ("last", ()),
    "budgets": ("last", ()),
    "buyer_segment": ("last", ()),
    "d_products": ("last", ()),
    "product": ("last", ()),
    "d_suppliers": ("last", ()),
    "customer_day": ("latest", ("customer_key", "date")),
    "d_customers": ("latest", ("customer_id",)),
    "rate_on": ("latest", ("currency", "date")),
    "product_at": ("last", ()),
    "customer_at": ("last", ()),
}
HISTORY_TABLES = {"product_at", "customer_at"}  # only where something has changed


@dataclass(frozen=True)
class Part:
    """An attached file: its name in the connection, and its tables."""

    name: str
    tables: frozenset[str]


def attach_sql(path: Path, name: str) -> str:
    """Return the statement that attaches a file, read-only."""
    quoted = path.as_posix().replace("'", "''")
    return f"ATTACH '{quoted}' AS {name} (READ_ONLY)"


def read_part(connection: duckdb.DuckDBPyConnection, name: str) -> Part:
    """Return an attached file with its tables."""
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = $name", {"name": name}
    ).fetchall()
    return Part(name, frozenset(row[0] for row in rows))


def create_views(
    connection: duckdb.DuckDBPyConnection,
    parts: Sequence[Part],
    place: str,
    sources: Iterable[Rollup] = (),
    *,
    temporary: bool = False,
) -> None:
    """Create one view per table over all files, and those made of them.

    Args:
        connection: the files are attached to it.
        parts: the base first.
        place: prefix of the views' names, such as "memory.r1." or "was_".
        sources: the roll-ups, and `lines`, that are asked; without them the stored tables alone.
        temporary: the views belong to the connection.
    """
    create = "CREATE TEMP VIEW" if temporary else "CREATE VIEW"
    for table, (kind, keys) in PARTS.items():
        if table in HISTORY_TABLES and not any(table in part.tables for part in parts):
            continue
        text = _whole(parts, table, kind, keys)
        connection.execute(f"{create} {place}{table} AS {text}")
    for source in sources:
        text = _asked(parts, place, source)
        connection.execute(f"{create} {place}{source.table} AS {text}")


def lines_sql(sold: str, invested: str) -> str:
    """Return the lines that are asked: those of sales and those of investments."""
    return f"SELECT * FROM {sold} UNION ALL BY NAME SELECT * FROM {invested}"  # noqa: S608


def segmented_sql(table: str, segments: str) -> str:
    """Return a relation with each customer's segment beside its rows."""
    return (
        f"SELECT t.*, b.rfm_segment FROM {table} t "  # noqa: S608
        f"LEFT JOIN {segments} b USING (customer_key)"
    )


def _asked(parts: Sequence[Part], place: str, source: Rollup) -> str:
    if source.table == "lines":
        text = lines_sql(f"{place}sold", f"{place}invested")
        # Where nothing has changed, what held on the day of a line is what holds today.
        same = [f"{now} AS {then}" for then, now in THEN.items() if then not in source.columns]
        return f"SELECT *, {', '.join(same)} FROM ({text})" if same else text  # noqa: S608
    plain = source.table.removesuffix(SEGMENTED)
    if plain != source.table and not any(source.table in part.tables for part in parts):
        return segmented_sql(f"{place}{plain}", f"{place}buyer_segment")
    return _whole(parts, source.table, "union", ())


def _whole(parts: Sequence[Part], table: str, kind: Kind, keys: Sequence[str]) -> str:
    having = [f"{part.name}.main.{table}" for part in parts if table in part.tables]
    if kind == "last":
        return f"SELECT * FROM {having[-1]}"  # noqa: S608
    if kind == "union":
        return " UNION ALL BY NAME ".join(f"SELECT * FROM {name}" for name in having)  # noqa: S608
    text = f"SELECT * FROM {having[0]}"  # noqa: S608
    for name in having[1:]:
        same = " AND ".join(f"n.{key} = w.{key}" for key in keys)
        text = (
            f"SELECT * FROM ({text}) w WHERE NOT EXISTS (SELECT 1 FROM {name} n WHERE {same}) "  # noqa: S608
            f"UNION ALL BY NAME SELECT * FROM {name}"
        )
    return text
