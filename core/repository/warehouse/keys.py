"""Numbers of orders, customers and products, so that distinct counts compare integers."""

import duckdb

_SOURCES = {
    "orders": (
        "order_id",
        "order_key",
        "SELECT DISTINCT coalesce(order_id, invoice_id) AS order_id FROM s_sales",
    ),
    "customers": (
        "customer_id",
        "customer_key",
        "SELECT DISTINCT customer_id FROM s_sales WHERE customer_id IS NOT NULL",
    ),
    "products": (
        "product_id",
        "product_key",
        "SELECT product_id FROM s_sales UNION SELECT product_id FROM s_purchases",
    ),
}

_FIRST = """
CREATE TABLE stored_{kind} AS
SELECT {id}, row_number() OVER (ORDER BY {id})::INTEGER AS {key} FROM ({source})
"""
# Keys already given stay; the new ones follow, so that a key means the same in every file.
_KNOWN = """
CREATE TEMP TABLE known_{kind} AS
SELECT w.{id}, w.{key} FROM was_stored_{kind} w SEMI JOIN ({source}) n ON n.{id} = w.{id}
"""
_NEXT = """
CREATE TABLE stored_{kind} AS
SELECT {id}, ($given + row_number() OVER (ORDER BY {id}))::INTEGER AS {key}
FROM ({source}) ANTI JOIN known_{kind} USING ({id})
"""


def number_keys(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `stored_<kind>` and the working relations `<key>s` of a full build."""
    for kind, (name, key, source) in _SOURCES.items():
        connection.execute(_FIRST.format(kind=kind, id=name, key=key, source=source))
        connection.execute(f"CREATE TEMP VIEW {key}s AS SELECT * FROM stored_{kind}")  # noqa: S608


def number_new_keys(connection: duckdb.DuckDBPyConnection, given: dict[str, int]) -> None:
    """Create the same for new lines.

    `stored_<kind>` holds the new keys only, `<key>s` all that the new lines use.

    Args:
        connection: with the parent's keys as `was_stored_<kind>`.
        given: number of keys of each kind the parent has.
    """
    for kind, (name, key, source) in _SOURCES.items():
        texts = {"kind": kind, "id": name, "key": key, "source": source}
        connection.execute(_KNOWN.format(**texts))
        connection.execute(_NEXT.format(**texts), {"given": given[kind]})
        connection.execute(
            f"CREATE TEMP VIEW {key}s AS SELECT * FROM known_{kind} "  # noqa: S608
            f"UNION ALL SELECT * FROM stored_{kind}"
        )


def key_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the number of keys of each kind this file adds."""
    counts = ", ".join(f"(SELECT count(*) FROM stored_{kind})" for kind in _SOURCES)  # noqa: S608
    row = connection.execute(f"SELECT {counts}").fetchone()
    return dict(zip(_SOURCES, row or (0, 0, 0), strict=True))
