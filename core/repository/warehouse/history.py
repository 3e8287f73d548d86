"""What products and customers were on a day, where their master data say from when they hold.

A value on a day is that of the latest stated row valid by then; rows without `valid_from` hold
from the beginning of time, and of rows valid from the same day the one that came last counts.
Today is the last day with sales: what is valid from a later day does not count yet, so that the
same data always make the same warehouse.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb

from core.models.catalogue import THEN

# Table of the schema → where its intervals stand, its key, the attributes lines show as they were.
HISTORIES = {
    "products": ("product_at", "product_id", ("category", "supplier_id")),
    "customers": ("customer_at", "customer_id", ("segment", "country", "salesperson")),
}
# One row per interval, [from_day, to_day), of each member that was not always what it is today.
_INTERVALS = """
CREATE TABLE {target} AS
WITH valid AS (
    SELECT {key}, coalesce(valid_from, '-infinity'::DATE) AS from_day, ord, {attributes}
    FROM s_{table}
    WHERE (valid_from IS NULL OR valid_from <= $today)
        AND {key} IN (SELECT {key} FROM s_{table} WHERE valid_from <= $today)
), known AS (
    SELECT {key}, from_day, ord, {filled} FROM valid
    WINDOW earlier AS (PARTITION BY {key} ORDER BY ord ROWS UNBOUNDED PRECEDING)
    QUALIFY row_number() OVER (PARTITION BY {key}, from_day ORDER BY ord DESC) = 1
), whole AS (
    SELECT {key}, from_day, {attributes} FROM known
    UNION ALL BY NAME
    SELECT {key}, '-infinity'::DATE AS from_day FROM known
    GROUP BY {key} HAVING min(from_day) > '-infinity'::DATE
), turns AS (
    SELECT * FROM whole QUALIFY row({attributes}) IS DISTINCT FROM
            lag(row({attributes})) OVER (PARTITION BY {key} ORDER BY from_day)
        OR from_day = '-infinity'::DATE
)
SELECT *, coalesce(lead(from_day) OVER (PARTITION BY {key} ORDER BY from_day), 'infinity'::DATE)
    AS to_day
FROM turns QUALIFY count(*) OVER (PARTITION BY {key}) > 1
"""
_CHANGES = """
SELECT {counts} FROM (SELECT {key}, {differ} FROM {target} GROUP BY {key})
"""


@dataclass(frozen=True)
class Histories:
    """Which attributes were not always what they are today.

    Attributes:
        changed: attribute → number of products or customers it has had several values of.
        next_change: the first day after today from which other values will hold.
    """

    changed: dict[str, int] = field(default_factory=dict)
    next_change: date | None = None


def last_sale(connection: duckdb.DuckDBPyConnection) -> date | None:
    """Return the last day with sales of the staged lines, which is their today."""
    row = connection.execute("SELECT max(date) FROM s_sales").fetchone()
    return row[0] if row else None


def stage_histories(connection: duckdb.DuckDBPyConnection, today: date | None) -> Histories:
    """Create the intervals of what has changed; tables without changes get none.

    Args:
        connection: of a build; the tables of `HISTORIES` are loaded.
        today: the last day with sales; None without any.
    """
    changed: dict[str, int] = {}
    for table in HISTORIES if today else ():
        changed |= _stage(connection, table, today)
    row = connection.execute(
        "SELECT min(valid_from) FROM (SELECT valid_from FROM s_products "
        "UNION ALL SELECT valid_from FROM s_customers) WHERE valid_from > $today",
        {"today": today},
    ).fetchone()
    return Histories(changed, row[0] if row else None)


def _stage(connection: duckdb.DuckDBPyConnection, table: str, today: date | None) -> dict[str, int]:
    target, key, attributes = HISTORIES[table]
    if not is_dated(connection, table):
        return {}
    texts = {
        "target": target,
        "table": table,
        "key": key,
        "attributes": ", ".join(attributes),
        "filled": ", ".join(
            f"last_value({a} IGNORE NULLS) OVER earlier AS {a}" for a in attributes
        ),
        # Not being known yet is another value too, but nothing anybody has changed.
        "differ": ", ".join(
            f"count(DISTINCT {a}) > 1 AS {a}_changed, "
            f"count(DISTINCT {a}) + (count({a}) < count(*))::INTEGER > 1 AS {a}_differs"
            for a in attributes
        ),
        "counts": ", ".join(
            f"count(*) FILTER ({a}_changed), coalesce(bool_or({a}_differs), false)"
            for a in attributes
        ),
    }
    connection.execute(_INTERVALS.format(**texts), {"today": today})
    row = connection.execute(_CHANGES.format(**texts)).fetchone() or ()
    found = {a: int(row[2 * i]) for i, a in enumerate(attributes) if row[2 * i + 1]}
    if not found:
        connection.execute(f"DROP TABLE {target}")
    return found


def is_dated(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Tell whether any loaded row of a table says from when it is valid."""
    row = connection.execute(
        f"SELECT count(*) FROM s_{table} WHERE valid_from IS NOT NULL"  # noqa: S608 - a declared name
    ).fetchone()
    return bool(row and row[0])


# Lines ---------------------------------------------------------------------------------------


def value_then(attribute: str, changed: Collection[str]) -> str:
    """Return an attribute on the day of a line, over `p`, `c` and the joins of `then_sql`."""
    today, then = ("p", "pt") if attribute in HISTORIES["products"][2] else ("c", "ct")
    if attribute not in changed:
        return f"{today}.{attribute}"
    return f"CASE WHEN {then}.from_day IS NULL THEN {today}.{attribute} ELSE {then}.{attribute} END"


def then_sql(
    changed: Collection[str], line: str, day: str, *, stated: Mapping[str, str] | None = None
) -> tuple[str, str, str]:
    """Return what lets lines keep what held on their day: columns, joins, names of the columns.

    The texts of columns and names end with a comma; all are empty where nothing has changed.

    Args:
        changed: attributes that have a history.
        line: name of the relation with the keys of a line.
        day: expression of its day.
        stated: attribute → what the line itself says of it; then its lines have no customer.
    """
    told = stated or {}
    columns: list[str] = []
    for column, attribute in THEN.items():
        if attribute in changed and not (told and attribute == "segment"):
            known = value_then(attribute, changed)
            value = f"coalesce({told[attribute]}, {known})" if attribute in told else known
            columns.append(f"{value} AS {column}")
    joined: list[str] = []
    for table, alias in (("products", "pt"), ("customers", "ct")):
        target, key, attributes = HISTORIES[table]
        if {*attributes} & {*changed} and not (told and table == "customers"):
            joined.append(
                f"LEFT JOIN {target} {alias} ON {alias}.{key} = {line}.{key} "
                f"AND {day} >= {alias}.from_day AND {day} < {alias}.to_day"
            )
    if "supplier_id" in changed:
        columns.append("ut.name AS supplier_name_then")
        supplier = value_then("supplier_id", changed)
        joined.append(f"LEFT JOIN d_suppliers ut ON ut.supplier_id = {supplier}")
    names = [column.rsplit(" ", 1)[1] for column in columns]
    return (
        "".join(f" {column}," for column in columns),
        " ".join(joined),
        "".join(f" {name}," for name in names),
    )
